/* A mail that does not fit the window: asked for piece by piece while it is read
 * (docs/spec/frames.md, section 9). One at a time. What it gives out is authentic and in order;
 * whether there is an end to it, and so a mail, only stream_end knows. */
#ifndef ENCLAVE_STREAM_H
#define ENCLAVE_STREAM_H

#include "mail/cache.h"

/* Read up to the header. mail: its header and sender; they stay where they are until stream_wipe.
 * recipient: for as long as the stream. Errors: those of mail_reader_push, TRUNCATED. */
enum conclave_error stream_begin(
	struct mail *mail, uint64_t id, uint64_t size, struct mail_cache *recipient);
/* The next bytes of the body, valid until the next call; none at the end, which is then authentic.
 * Once a call has failed, every further one fails in the same way. Errors: as above; FORMAT (there
 * is more behind the last packet). */
enum conclave_error stream_body(struct bytes *out);
/* Read the rest, whatever it is. The mail was whole when this says OK. Errors: as stream_body. */
enum conclave_error stream_end(void);
/* Everything that was read. */
void stream_wipe(void);

#endif
