/* Where images run, behind one table of functions. The loader (src/host) drives every machine
 * through the same sequence:
 *
 *   create → add (each run of pages) → init → enter … → destroy
 *
 * soft/ is a simulated CPU in this process; linux/ will be the kernel's SGX driver. A machine
 * refuses what hardware would. Thread rule: create…init from one thread; then any number of
 * threads, each entering through a TCS of its own. */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "base/bytes.h"
#include "sgx/sgx.h"

struct machine;		/* one place where images run */
struct machine_enclave; /* one enclave there */

/* The registers that cross at entry and exit. Everything else is defined by EENTER and scrubbed by
 * the enclave. */
struct machine_registers {
	uint64_t rdi, rsi, rdx, r8, r9;
};

enum machine_exit {
	MACHINE_EXIT_EEXIT, /* the enclave left by itself; registers hold what it said */
	MACHINE_EXIT_FAULT, /* an exception inside; the TCS holds a saved state and `exception` says
			       what happened */
	MACHINE_EXIT_INTERRUPT, /* the time budget ran out; `resume` goes on where it was */
};

struct machine_exception {
	uint8_t vector; /* 0 #DE, 6 #UD, 13 #GP, 14 #PF, … */
	uint64_t rip;	/* offset in the enclave (the soft machine knows; hardware gives it only for
			   debug enclaves) */
	uint64_t address; /* faulting address for #PF, low 12 bits clear */
};

struct machine_ops {
	const char *name; /* "soft" */

	/* Reserve the range and remember what ECREATE measures. size: power of two, at least two
	 * pages. Errors: ARGUMENT, MEMORY, UNSUPPORTED. */
	enum conclave_error (*create)(struct machine_enclave **out, struct machine *machine,
		uint64_t size, uint32_t ssa_frame_pages, struct sgx_attributes attributes);
	/* EADD `count` pages from rva, EEXTEND them when measured. data: count pages, or NULL for
	 * zeros. Errors: ARGUMENT (outside, unaligned, a page added twice, flags hardware refuses),
	 * STATE (after init), MEMORY. */
	enum conclave_error (*add)(struct machine_enclave *enclave, uint64_t rva,
		const uint8_t *data, uint64_t count, uint64_t flags, bool measured);
	/* EINIT. Errors: as sgx_init. */
	enum conclave_error (*init)(
		struct machine_enclave *enclave, const struct sgx_sigstruct *sigstruct);
	/* EENTER through the TCS at tcs_rva. budget_ms 0: no limit. Blocks asynchronous signals
	 * while inside. Errors: ARGUMENT (not a TCS), BUSY (that TCS is in use), STATE (not
	 * initialised; or no SSA frame left). */
	enum conclave_error (*enter)(enum machine_exit *exit, struct machine_exception *exception,
		struct machine_enclave *enclave, uint64_t tcs_rva,
		struct machine_registers *registers, uint32_t budget_ms);
	/* ERESUME after FAULT or INTERRUPT. Errors: as enter; STATE when there is nothing to
	 * resume. */
	enum conclave_error (*resume)(enum machine_exit *exit, struct machine_exception *exception,
		struct machine_enclave *enclave, uint64_t tcs_rva,
		struct machine_registers *registers, uint32_t budget_ms);
	/* Wait for threads inside to leave is the caller's duty. Wipes and unmaps. NULL is fine. */
	void (*destroy)(struct machine_enclave *enclave);
	/* Where the range lies, for proving that host memory is outside it and for debuggers. */
	void (*range)(uint64_t *base, uint64_t *size, const struct machine_enclave *enclave);

	/* The quoting enclave's TARGETINFO: what a report must be addressed to. */
	enum conclave_error (*quote_target)(struct sgx_targetinfo *out, struct machine *machine);
	/* Turn a report into evidence: a DCAP quote and the collateral that travels with it, ready
	 * to be the attestation part of an EnclaveInstanceInfo of type 1
	 * (src/attest/instance_info.h). out: at least MACHINE_EVIDENCE_SIZE_MAX. Errors: AUTH (the
	 * report was not made here), SPACE. */
	enum conclave_error (*quote)(
		struct writer *out, struct machine *machine, const struct sgx_report *report);

	/* Every enclave must have been destroyed. NULL is fine. */
	void (*close)(struct machine *machine);
};

#define MACHINE_EVIDENCE_SIZE_MAX 65536u

struct machine {
	const struct machine_ops *ops;
	/* Its quotes come without collateral (the parts are there, and empty): who serves them has
	 * to staple it (host_staple). */
	bool needs_collateral;
};

/* The soft machine. state_folder holds the root key, the owner epoch, the settable CPUSVN and the
 * attestation key (made on first use, mode 0600, folder 0700); NULL: $CONCLAVE_STATE, else
 * $XDG_STATE_HOME/conclave, else ~/.local/state/conclave. Errors: IO (with the path in
 * report), FORMAT (a file there holds something else), RANDOM, UNSUPPORTED, MEMORY. report may be
 * NULL. */
enum conclave_error machine_open_soft(
	struct machine **out, const char *state_folder, struct conclave_report *report);

#endif
