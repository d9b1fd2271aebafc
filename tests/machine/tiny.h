/* The tiny enclave of tiny.S, laid out by hand, and a soft machine in a folder of its own. Aborts
 * the test on anything unexpected. */
#ifndef MACHINE_TINY_H
#define MACHINE_TINY_H

#include "machine/soft/soft.h"
#include "machine/tiny_layout.h"

enum tiny_signer { TINY_SIGNER_A, TINY_SIGNER_B };

/* How one tiny enclave differs from the next. */
struct tiny_options {
	enum tiny_signer signer;
	uint16_t product_id, security_version;
	uint64_t flags;	      /* besides MODE64BIT */
	uint8_t constant;     /* what the measured read-only page is filled with */
	bool debug_forbidden; /* signed so that DEBUG must be off */
	bool avx512;	      /* in XFRM */
};

/* A folder under $TMPDIR; tiny_close_machine removes it, tiny_reopen keeps it. */
struct machine *tiny_open_machine(void);
const char *tiny_folder(void);
void tiny_close_machine(struct machine *machine);

/* Everything up to but without EINIT. */
struct machine_enclave *tiny_add_pages(struct machine *machine, const struct tiny_options *options);
/* A SIGSTRUCT for what tiny_add_pages makes of the same options. */
void tiny_sign(struct sgx_sigstruct *out, const struct tiny_options *options);
struct machine_enclave *tiny_build(struct machine *machine, const struct tiny_options *options);

/* Enter the first TCS with a command and no budget; fails the test unless the exit is as wanted. */
struct machine_registers tiny_call(
	struct machine_enclave *enclave, uint64_t command, uint64_t rsi, uint64_t rdx);
struct machine_exception tiny_fault(
	struct machine_enclave *enclave, uint64_t command, uint64_t rsi, uint64_t rdx);
/* Enter again, in the exception handler, which skips two bytes; then resume to the end. */
struct machine_registers tiny_skip_and_resume(struct machine_enclave *enclave);
uint64_t tiny_base(const struct machine_enclave *enclave);

#endif
