/* What entry.S and C share: offsets are asserted below, because the assembler cannot know them. */
#ifndef MACHINE_SOFT_CONTEXT_H
#define MACHINE_SOFT_CONTEXT_H

#define SOFT_CONTEXT_HOST_RSP 0x00
#define SOFT_CONTEXT_HOST_FS 0x08
#define SOFT_CONTEXT_HOST_GS 0x10
#define SOFT_CONTEXT_ENCLAVE_FS 0x18
#define SOFT_CONTEXT_ENCLAVE_GS 0x20
#define SOFT_CONTEXT_VECTORS 0x28
#define SOFT_CONTEXT_VECTORS_MASK 0x30
#define SOFT_CONTEXT_URSP 0x38
#define SOFT_CONTEXT_REGISTERS 0x40
#define SOFT_CONTEXT_FRAME 0xd0

/* What soft_early says when the signal is not an enclave's. */
#define SOFT_EARLY_FOREIGN 0
#define SOFT_EARLY_IGNORE 1

/* Room for libcrypto under AddressSanitizer, and a power of two: the base is found by masking. */
#define SOFT_SIGNAL_STACK_SIZE 0x40000

/* x87 and SSE and the header, in XSAVE's standard format (SDM 1, 13.4). */
#define SOFT_XSAVE_LEGACY_SIZE 576 /* x87, SSE and the header */
#define SOFT_XSAVE_SIZE 2688	   /* and what SGX_XFRM_AVX512 adds, on every CPU that has it */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* In the order of sgx_gprsgx. */
struct soft_registers {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip;
};

struct soft_context {
	uint64_t host_rsp; /* while inside: where soft_switch left its stack */
	uint64_t host_fs, host_gs, enclave_fs, enclave_gs;
	const uint8_t *vectors; /* XSAVE image to load on the way in, or NULL */
	uint64_t vectors_mask;
	uint8_t *ursp; /* EENTER: where the host's RSP is kept, in the SSA; ERESUME: NULL */
	struct soft_registers registers; /* loaded on the way in */
	struct {
		uint64_t rip, cs, rflags, rsp, ss;
	} frame; /* what iretq takes */
};

#define SOFT_AT(field, offset) \
	_Static_assert(offsetof(struct soft_context, field) == (offset), "entry.S relies on it")
SOFT_AT(host_rsp, SOFT_CONTEXT_HOST_RSP);
SOFT_AT(host_fs, SOFT_CONTEXT_HOST_FS);
SOFT_AT(host_gs, SOFT_CONTEXT_HOST_GS);
SOFT_AT(enclave_fs, SOFT_CONTEXT_ENCLAVE_FS);
SOFT_AT(enclave_gs, SOFT_CONTEXT_ENCLAVE_GS);
SOFT_AT(vectors, SOFT_CONTEXT_VECTORS);
SOFT_AT(vectors_mask, SOFT_CONTEXT_VECTORS_MASK);
SOFT_AT(ursp, SOFT_CONTEXT_URSP);
SOFT_AT(registers, SOFT_CONTEXT_REGISTERS);
SOFT_AT(frame, SOFT_CONTEXT_FRAME);

/* Load everything that context says and jump; returns when the enclave has left, with the host's
 * bases, control words and callee-saved registers as they were. */
void soft_switch(struct soft_context *context);
/* Where EENTER's successor is, and the AEP; the two are one place because the handlers put RIP and
 * RSP there themselves. */
void soft_switch_return(void);
/* Between these two instructions of soft_switch FS may be the enclave's while RIP is not. */
extern const uint8_t soft_window_begin[], soft_window_end[];
/* Every handler of ours begins here; soft_restorer is where it returns. */
void soft_signal_entry(void);
void soft_restorer(void);
/* Whether the kernel lets programs use wrfsbase (AT_HWCAP2 bit 1); else arch_prctl. Set before the
 * first entry; tests set it to false. */
extern uint8_t soft_has_fsgsbase;

#endif
#endif
