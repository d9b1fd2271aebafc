/* The one mail in hand, opened while it is read: all of it is there, or it is asked for piece by
 * piece (docs/spec/frames.md, section 9). What comes out is authentic and in order; whether there
 * is an end to it, and so a mail, only stream_end knows. */
#ifndef ENCLAVE_STREAM_H
#define ENCLAVE_STREAM_H

#include "mail/cache.h"

/* Where a mail comes from: its first bytes, and how many there are to be asked for. */
struct stream_source {
	struct bytes here;
	uint64_t id, elsewhere;
};

/* Read up to the header. mail: its header and sender; they stay where they are until stream_wipe.
 * recipient: for as long as the stream. Errors: those of mail_reader_push, TRUNCATED. */
enum conclave_error stream_begin(
	struct mail *mail, const struct stream_source *source, struct mail_cache *recipient);
/* The next bytes of the body, valid until the next call; none at the end, which is then authentic.
 * Once a call has failed, every further one fails in the same way. Errors: as above. */
enum conclave_error stream_body(struct bytes *out);
/* Read the rest, whatever it is. The mail was whole when this says OK. Errors: as stream_body. */
enum conclave_error stream_end(void);
/* Everything that was read. */
void stream_wipe(void);

#endif
