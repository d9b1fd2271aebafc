/* What lies inside a locked state:
 *
 *   u32 size, R3's save (save.c) | u8 padding is shared | padding |
 *   for each of its topics, in its order: padding | replies |
 *   u32 n | n * ( topic as u16 | u64 number | u8 order | envelope as u16 | body as u32 )
 *
 * padding: u16 size, what padding_write writes, or nothing for a function of the caller's. replies:
 * replies_write. The last: mail kept for the next poll. */
#ifndef CLIENT_CONTENT_H
#define CLIENT_CONTENT_H

#include "client/client.h"

/* A writer that only measures is fine. */
void content_write(struct writer *out, const struct conclave_client *client);
/* Errors: FORMAT, TRUNCATED, TRAILING, VERSION, ARGUMENT, MEMORY. */
enum conclave_error content_read(struct conclave_client **out, struct bytes content);

#endif
