/* In which order replies of one topic arrive, and whether one has come before. Pure.
 *
 * Two memories, of 64 mails each. Marks: the beginnings of the ephemeral keys of the last mails.
 * Only the enclave can make another mail, and no two mails share a mark: so a mail whose mark is
 * known is a repetition, whatever else. Numbers: which of the last ones have arrived. They tell
 * what is missing, but not what is a repetition, because a restarted enclave begins again at 0. */
#ifndef CLIENT_REPLIES_H
#define CLIENT_REPLIES_H

#include <conclave/client.h>

#include "base/bytes.h"

#define REPLIES_WINDOW 64u

struct replies {
	bool heard;	  /* any at all since the client or the enclave's key was new */
	uint64_t first;	  /* numbers below it are nobody's loss */
	uint64_t next;	  /* one above the highest */
	uint64_t arrived; /* bit i: the number next - 1 - i */
	uint64_t missing;
	uint64_t marks[REPLIES_WINDOW]; /* a ring; the oldest is replaced */
	uint64_t marks_count;		/* all ever */
};

/* What tells a sealed mail from all others; of one that was opened. */
uint64_t replies_mark(struct bytes sealed);
bool replies_knows(const struct replies *replies, uint64_t mark);
void replies_remember(struct replies *replies, uint64_t mark);
/* sequence: below 2^63. */
enum conclave_order replies_number(struct replies *replies, uint64_t sequence);

#define REPLIES_SAVED_SIZE_MAX (1u + 4 * 8u + 2u + REPLIES_WINDOW * 8u)
void replies_write(struct writer *out, const struct replies *replies);
/* Errors: TRUNCATED, FORMAT. */
enum conclave_error replies_read(struct replies *out, struct reader *from);

#endif
