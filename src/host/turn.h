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
	uint32_t type; /* FRAME_DELIVER, FRAME_STREAM, FRAME_CALL or FRAME_REPORT */
	uint64_t id, route;
	struct bytes input; /* STREAM: its size, as it stands in the frame */
	unsigned crashes;   /* turns with this request in it that crashed */

	/* What the turn made of it. */
	bool answered;		     /* false: deferred, to be asked again */
	enum host_outcome outcome;   /* DELIVER, STREAM */
	enum conclave_error refused; /* CALL: OK or REFUSED */
	struct bytes output;	     /* CALL, REPORT: in the out window */

	/* Who waits for it. */
	host_done *done;	 /* DELIVER, STREAM; may be NULL */
	host_attested *attested; /* REPORT; NULL: as CALL */
	void *context;
	struct writer *out; /* CALL, REPORT */
	enum conclave_error result;
	bool finished;
};

static inline bool request_is_mail(const struct request *request)
{
	return request->type == FRAME_DELIVER || request->type == FRAME_STREAM;
}

/* Where the pieces of a streamed mail come from. */
struct turn_source {
	/* Exactly out.len bytes of mail `id` from `offset`. Any error ends the turn. */
	enum conclave_error (*read)(struct buffer out, void *context, uint64_t id, uint64_t offset);
	void *context;
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

/* Run one turn over a batch (a list that fits the window, with one STREAM at most, its last)
 * through a lane. On success every request, or all but some at the end that the enclave deferred,
 * is answered, and the turn is ready to be committed. now: nanoseconds since 1970. Views stay valid
 * until the next entry. Errors: CRASHED (report says how; nothing happened), MEMORY, the source's;
 * after each of them the instance is of no use any more. */
enum conclave_error turn_run(struct turn *turn, struct instance *instance, uint32_t lane,
	struct request *batch, const struct turn_source *source, uint64_t now,
	struct conclave_report *report);
/* A question alone: what an enclave left in the window, against the request it must be about (NULL:
 * none may ask), how far that is read already, and the size of a window. Errors: FORMAT, TRUNCATED.
 */
enum conclave_error turn_question_read(struct frame_ask *out, struct bytes frames,
	const struct request *stream, uint64_t offset, size_t window_size);
/* The turn's reading alone: what an enclave left in the window, against what was asked. Errors:
 * FORMAT, TRUNCATED, MEMORY. */
enum conclave_error turn_read(struct turn *turn, struct bytes frames, struct request *batch,
	const struct instance_console *console);
void turn_free(struct turn *turn);

#endif
