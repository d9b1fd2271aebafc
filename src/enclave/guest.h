/* The guest's life, and what imported functions (imports.c, wasi.c) may use of the runtime.
 *
 * A guest address is an offset in the guest's memory: uint32_t, never a pointer. Only guest_range
 * turns one into bytes, and it traps when the range does not lie in that memory. One guest runs at
 * a time, on one thread: nothing it names changes while an import looks at it. */
#ifndef ENCLAVE_GUEST_H
#define ENCLAVE_GUEST_H

#include "abi/config.h"
#include "abi/guest.h"
#include "base/bytes.h"

/* Why a guest stopped before it returned. */
enum guest_trap {
	GUEST_TRAP_NONE = 0,
	GUEST_TRAP_MEMORY,	/* outside its memory, table or a segment */
	GUEST_TRAP_ARITHMETIC,	/* division by zero, overflow, conversion */
	GUEST_TRAP_UNREACHABLE, /* abort, assert */
	GUEST_TRAP_CALL,	/* indirect call: empty slot or another signature */
	GUEST_TRAP_STACK,	/* too deep */
	GUEST_TRAP_FUEL,	/* its measured budget is used up */
	GUEST_TRAP_EXIT,	/* proc_exit */
	GUEST_TRAP_RANDOM,	/* no randomness: never continue */
	GUEST_TRAP_UNREADABLE,	/* the rest of the mail it reads is not authentic */
};

/* -- for imported functions; all of these may trap, that is, not return -- */

/* Fuel for what an import does, in units of about a nanosecond: else a budget would bound a guest's
 * own work only, and one import can be worth a million loops. */
void guest_pay(uint64_t cost);
#define GUEST_FUEL_KEY 100000u /* a signature, or a mail to seal */
#define GUEST_FUEL_RANDOM 16u  /* a byte: RDRAND is slow */

/* The bytes [offset, offset + size) of the guest's memory, which costs what a bulk instruction on
 * them would. Valid until the import returns. */
uint8_t *guest_range(uint32_t offset, uint32_t size);
struct bytes guest_bytes(uint32_t offset, uint32_t size);
/* The same question without the bytes. */
void guest_check(uint32_t offset, uint32_t size);
uint32_t guest_load_u32(uint32_t offset);
void guest_store_u8(uint32_t offset, uint8_t value);
void guest_store_u32(uint32_t offset, uint32_t value);
void guest_store_u64(uint32_t offset, uint64_t value);
/* End the guest's call here. Only while a guest runs. */
_Noreturn void guest_trap(enum guest_trap reason);

/* The measured configuration, and a text of it (without its NUL). */
const struct config_header *config(void);
struct bytes config_text(struct config_text text);
struct bytes config_argument(uint32_t index);	 /* index < config()->argument_count */
struct bytes config_environment(uint32_t index); /* "NAME=value" */

/* The mail in hand, by a number that no other input had; 0: there is none. */
uint64_t mail_in_hand(void);
/* Fill the range with its body, from where the last call ended; less than len only at the end. */
uint32_t mail_read(uint32_t ptr, uint32_t len);

/* Nanoseconds since 1970 as the host claims it; never goes back within an enclave's life; 0 before
 * the first claim. */
uint64_t clock_now(void);
/* Text for the host's console; dropped unless this enclave runs with DEBUG and was configured to
 * speak, and when the turn has said too much already. */
void console_write(struct bytes text);

/* -- for the turn -- */

enum guest_export {
	GUEST_ON_START,
	GUEST_ON_MAIL, /* on_mail_stream, when only that exists */
	GUEST_ON_MAIL_STREAM,
	GUEST_ON_CALL,
	GUEST_ON_STOP,
};

struct guest_result {
	enum guest_trap trap;
	uint32_t value; /* what the export returned; 0 when it does not exist or trapped */
	bool exists;
};

/* Once, before the first start: an empty tree of files. Errors: ARGUMENT (measured region too
 * small).
 */
enum conclave_error guest_init(void);
/* Where the guest must stop growing the stack of this entry. */
void guest_set_stack(uint64_t lowest);
/* The measured budget once more: there is news for it to work on. */
void guest_refuel(void);
/* Zero its memory. */
void guest_wipe(void);

/* Instantiate the module afresh and call its _initialize and conclave_on_start. Errors: REFUSED
 * (trapped, or on_start did not return 0), RANDOM. */
enum conclave_error guest_start(void);
/* Call an export of the running instance with the measured fuel. After a trap the instance is gone:
 * the caller undoes what it did (files_rollback among it) and calls guest_start. */
struct guest_result guest_call(enum guest_export which);

/* The guest's files (files.h): one transaction per input. */
struct files *guest_files(void);

/* wasi.c: forget all descriptors; called before each new instance. */
void wasi_reset(void);

#endif
