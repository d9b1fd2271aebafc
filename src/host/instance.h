/* One enclave, loaded and started, with the arena it shares with its host. */
#ifndef HOST_INSTANCE_H
#define HOST_INSTANCE_H

#include "image/image.h"
#include "machine/machine.h"

/* Where the guest's words go, unsafe as they are; text may be NULL. */
struct instance_console {
	void (*text)(void *context, struct bytes text);
	void *context;
};

struct instance {
	struct machine *machine;
	struct machine_enclave *enclave;
	const struct layout *layout;
	uint8_t *arena; /* the in window, then the out window */
	uint32_t budget_ms;
	struct instance_console console;
};

/* Load and START. The caller's storage; instance_close undoes it. Errors: the machine's, MEMORY,
 * CRASHED (it faulted, overran its budget or refused to start; report says which). */
enum conclave_error instance_open(struct instance *out, const struct image *image,
	struct machine *machine, bool debug, uint32_t budget_ms, struct instance_console console,
	struct conclave_report *report);
/* Wipe it from the machine, without a word to the guest: also for one that crashed. */
void instance_close(struct instance *instance);
/* Tell it to stop: it wipes its keys. Nothing may be asked of it afterwards. */
void instance_stop(struct instance *instance, uint32_t lane);

/* Hand the CONSOLE frames at the front of these to a console; the rest is none of its business. */
void instance_console_read(const struct instance_console *console, struct bytes frames);

/* Where frames go, and the most that fits. */
struct buffer instance_in_window(const struct instance *instance);

/* What an entry left in the out window, valid until the next entry. */
struct instance_answer {
	struct bytes frames;
	bool is_asking; /* not the end of the turn: one question, for instance_answer */
};

/* One entry through a lane, with the budget of `requests` requests. Errors: CRASHED: whatever it is
 * that this instance did, it cannot be used any more. */
enum conclave_error instance_turn(struct instance_answer *out, struct instance *instance,
	uint32_t lane, size_t in_size, size_t requests, struct conclave_report *report);
/* The turn goes on, with in_size bytes of the in window and the budget of one request. Errors: the
 * same. */
enum conclave_error instance_answer(struct instance_answer *out, struct instance *instance,
	uint32_t lane, size_t in_size, struct conclave_report *report);

#endif
