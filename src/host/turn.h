/* One turn: a batch of requests goes in, and what the enclave says about each comes out, checked.
 *
 * An enclave is trusted with its senders' secrets, not with its host's memory: whatever it leaves
 * in the out window, turn_run answers with a well-formed turn or with an error, and touches nothing
 * else. */
#ifndef HOST_TURN_H
#define HOST_TURN_H

#include "abi/frames.h"
#include "host/host.h"
#include "host/instance.h"

/* Calls and reports are numbered apart from mails, whose numbers the store gives. */
#define REQUEST_LOCAL_ID 0x8000000000000000u

/* Something asked of the enclave. Requests form lists in the order in which they are asked. */
struct request {
	struct request *next;
	uint32_t type; /* FRAME_DELIVER, FRAME_CALL or FRAME_REPORT */
	uint64_t id, route;
	struct bytes input;
	unsigned crashes; /* turns with this request in it that crashed */

	/* What the turn made of it. */
	bool answered;		     /* false: deferred, to be asked again */
	enum host_outcome outcome;   /* DELIVER */
	enum conclave_error refused; /* CALL: OK or REFUSED */
	struct bytes output;	     /* CALL, REPORT: in the out window */

	/* Who waits for it. */
	host_done *done; /* DELIVER; may be NULL */
	void *context;
	struct writer *out; /* CALL, REPORT */
	enum conclave_error result;
	bool finished;
};

struct turn {
	struct store_post *posts; /* grown as needed, kept from turn to turn */
	size_t posts_count, posts_cap;
	uint64_t *done; /* the same */
	size_t done_count, done_cap;
	uint64_t version;
	struct bytes delta;
};

/* Bytes of the in window that a turn takes before its first request, and that a request takes. */
#define TURN_SIZE_MIN (sizeof(struct frame_header) + 8)
size_t request_size(const struct request *request);

/* Run one turn over a batch (a list that fits the window) through a lane. On success every request,
 * or all but some at the end that the enclave deferred, is answered, and the turn is ready to be
 * committed. now: nanoseconds since 1970. Views stay valid until the next entry. Errors: CRASHED
 * (report says how; nothing happened), MEMORY. */
enum conclave_error turn_run(struct turn *turn, struct instance *instance, uint32_t lane,
	struct request *batch, uint64_t now, struct conclave_report *report);
/* The turn's reading alone: what an enclave left in the window, against what was asked. Errors:
 * FORMAT, TRUNCATED, MEMORY. */
enum conclave_error turn_read(struct turn *turn, struct bytes frames, struct request *batch,
	const struct instance_console *console);
void turn_free(struct turn *turn);

#endif
