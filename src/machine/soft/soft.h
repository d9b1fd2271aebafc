/* The inside of the soft machine: a simulated CPU in this process. docs/spec/machine.md.
 *
 *   soft.c     the table of functions, opening and closing
 *   state.c    the state folder
 *   build.c    ECREATE, EADD, EEXTEND, EINIT; memory and its permissions
 *   enter.c    EENTER and ERESUME; what surrounds a stay inside: signals, signal stack, budget
 *   entry.S    the jump in, the way back, the first instructions of every signal handler
 *   early.c    the C that runs while FS may still be the enclave's
 *   trap.c     signals: whose they are; asynchronous exits
 *   enclu.c    EREPORT, EGETKEY, EEXIT
 *   quote.c    the quoting enclave's stand-in
 *
 * Tests reach the registers through soft_enter_raw. */
#ifndef MACHINE_SOFT_SOFT_H
#define MACHINE_SOFT_SOFT_H

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#include "machine/machine.h"
#include "machine/soft/context.h"
#include "machine/soft/state.h"

/* What the CPU remembers of a page (hardware: EPCM). Zero: not there. */
#define SOFT_PAGE_R SGX_PAGE_R
#define SOFT_PAGE_W SGX_PAGE_W
#define SOFT_PAGE_X SGX_PAGE_X
#define SOFT_PAGE_TCS 0x10u
#define SOFT_PAGE_REG 0x20u

struct soft_machine {
	struct machine machine; /* first: the two addresses are one */
	struct soft_state state;
	atomic_size_t enclaves; /* alive */
};

/* A thread control page, kept where the enclave cannot reach it, and what one stay inside needs.
 * It belongs to one thread at a time: the one that set busy. */
struct soft_tcs {
	struct soft_context context; /* first: entry.S and early.c know its address as the TCS's */
	struct machine_enclave *enclave;
	uint64_t rva;
	struct sgx_tcs fields; /* cssa lives here */
	atomic_bool busy;
	void *signal_stack; /* SOFT_SIGNAL_STACK_SIZE bytes, aligned to that; its base points here
			     */

	/* Of the stay that is going on or has just ended. */
	enum machine_exit exit;
	struct machine_exception exception;
	struct soft_raw *raw;
	uint64_t deferred; /* signals sent by others that must wait until we are out */
	_Alignas(64) uint8_t vectors[SOFT_XSAVE_SIZE]; /* what ERESUME loads */

	bool has_timer;
	timer_t timer;
	pid_t timer_thread;
};

struct machine_enclave {
	struct soft_machine *machine;
	struct sgx_secs secs;
	struct sgx_measurement measurement;
	uint8_t *pages;	       /* one byte per page: SOFT_PAGE_* */
	struct soft_tcs **tcs; /* fixed after EINIT */
	size_t tcs_count;
	bool initialised, registered;
};

/* -- entering with every register chosen, for tests of what the enclave does with them -- */

struct soft_raw {
	/* In: all but rax, rbx, rcx and rip, which EENTER defines (ERESUME takes none). rsp 0 means
	 * the host's own. Of rflags the bits a program can set; TF only with single_step. Out: what
	 * the host found in its registers, after EEXIT or an asynchronous exit. */
	struct soft_registers registers;
	/* In: an XSAVE image in standard format, 64-byte aligned, and which components of it to
	 * load before EENTER; NULL: the host's stay. */
	const uint8_t *vectors;
	uint64_t vectors_mask;
	/* Out: the XSAVE image after the exit, as much as fits; NULL: not wanted. */
	struct buffer vectors_out;
	bool single_step; /* an asynchronous exit after each instruction (vector 1) */
};

enum conclave_error soft_enter_raw(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct soft_raw *raw,
	uint32_t budget_ms);
enum conclave_error soft_resume_raw(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct soft_raw *raw,
	uint32_t budget_ms);

/* Rehearse a microcode update or a downgrade: kept in the state folder. Errors: BUSY while an
 * enclave of this machine lives (hardware too changes only with no enclave loaded), IO. */
enum conclave_error soft_set_cpusvn(
	struct machine *machine, const uint8_t cpusvn[16], struct conclave_report *report);

/* -- build.c -- */

enum conclave_error soft_create(struct machine_enclave **out, struct machine *machine,
	uint64_t size, uint32_t ssa_frame_pages, struct sgx_attributes attributes);
enum conclave_error soft_add(struct machine_enclave *enclave, uint64_t rva, const uint8_t *data,
	uint64_t count, uint64_t flags, bool measured);
enum conclave_error soft_init(
	struct machine_enclave *enclave, const struct sgx_sigstruct *sigstruct);
void soft_destroy(struct machine_enclave *enclave);
void soft_range(uint64_t *base, uint64_t *size, const struct machine_enclave *enclave);
/* Whether [rva, rva + len) lies in regular pages that all have `permissions`. len > 0. */
bool soft_accessible(
	const struct machine_enclave *enclave, uint64_t rva, uint64_t len, uint8_t permissions);

/* -- enter.c -- */

enum conclave_error soft_enter(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct machine_registers *registers,
	uint32_t budget_ms);
enum conclave_error soft_resume(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct machine_registers *registers,
	uint32_t budget_ms);
/* The SSA frame that CSSA names next, as a host address. */
uint8_t *soft_ssa_frame(const struct soft_tcs *tcs, uint32_t cssa);

/* -- early.c: also what gdb reads to find enclaves -- */

enum conclave_error soft_register_range(uint64_t base, uint64_t size); /* Errors: MEMORY */
void soft_unregister_range(uint64_t base);

/* -- trap.c -- */

/* Make our handlers the process's, on top of whoever else's, unless they already are. Cheap when
 * they are. Errors: UNSUPPORTED (no real-time signal is free). */
enum conclave_error soft_take_signals(void);
/* Every signal but those a CPU exception raises and the one that ends a budget. */
uint64_t soft_blocked_signals(void);
int soft_budget_signal(void);

/* -- enclu.c -- */

enum soft_enclu {
	SOFT_ENCLU_CONTINUE, /* done; rip is past the instruction */
	SOFT_ENCLU_EXIT,     /* EEXIT to where the host waits */
	SOFT_ENCLU_FAULT,    /* an exception, in tcs->exception */
};
enum soft_enclu soft_enclu(struct soft_tcs *tcs, struct soft_registers *registers);

#endif
