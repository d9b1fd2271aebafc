/* A machine whose one enclave is a script that speaks frames: for testing what is around an enclave
 * without one, and for enclaves that lie to their host.
 *
 * What a mail begins with says what becomes of it:
 *
 *   echo TEXT     one post TEXT on its route, then acknowledged
 *   twice TEXT    two posts
 *   keep TEXT     acknowledged, no post
 *   unreadable    refused, REFUSAL_UNREADABLE
 *   decline       a post "refusal", then refused, REFUSAL_NOT_HANDLED
 *   fault         the enclave faults, every time
 *   faultonce X   the enclave faults the first time it sees exactly this mail
 *   hang          the budget runs out
 *   gate TEXT     waits for fake_gate_open, then as echo
 *   say TEXT      TEXT goes to the console, then acknowledged
 *   sayno TEXT    TEXT goes to the console, then ENTRY_FAILED
 *   busy N        the first N entries with it are ENTRY_BUSY, then acknowledged
 *   lie N         the N-th way of answering wrongly (fake_lies)
 *
 * A call is answered with its own bytes; "fail" fails and "fault" faults.
 *
 * A streamed mail is asked for whole, and then handled by its first line. One more word is for it:
 *
 *   sum           one post "SIZE SUM" (fake_sum), then acknowledged
 *
 * A mail "ask" that is not streamed makes it ask all the same. */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include <semaphore.h>

#include "image/image.h"
#include "machine/machine.h"

#define FAKE_WINDOW 0x10000u
#define FAKE_SEEN_MAX 4096u

struct fake_machine {
	struct machine machine;
	sem_t gate;	    /* opened by the test */
	sem_t at_gate;	    /* posted when a gate mail begins to wait */
	unsigned loads;	    /* enclaves created so far */
	uint32_t budget_ms; /* of the last turn */
	unsigned starts_to_fail;
	unsigned requests_max; /* mails and calls handled in one turn, the rest deferred; 0: all */
	uint64_t seen[FAKE_SEEN_MAX]; /* ids of mails, in the order in which they were begun */
	size_t seen_count;
	char faulted[16][64]; /* faultonce */
	size_t faulted_count;
	unsigned busy_seen;
	uint64_t clock; /* of the last TICK */

	/* Streamed mail. */
	unsigned gate_at_piece; /* not 0: waits for the gate when it has that piece */
	unsigned
		question_lie; /* not 0: question number question_lie_at is fake_question_lies[it] */
	unsigned question_lie_at;
	uint64_t pieces; /* taken so far, of all mails */
};

void fake_machine_init(struct fake_machine *fake);
/* A hand-made image that this machine runs. mrsigner differs with signer. */
const struct image *fake_image(uint8_t signer);
/* How many ways of lying there are, and what each is, for messages. */
extern const char *const fake_lies[];
extern const size_t fake_lies_count;
extern const char *const fake_question_lies[];
extern const size_t fake_question_lies_count;
/* What becomes of a sum (0 at first) with these bytes. */
uint64_t fake_sum(uint64_t sum, struct bytes bytes);

#endif
