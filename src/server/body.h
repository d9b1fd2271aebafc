/* The body of a request on its way in: in memory while it fits an enclave's window, in the store's
 * spool from the moment that it does not. */
#ifndef SERVER_BODY_H
#define SERVER_BODY_H

#include "server/exchange.h"

/* What the headers alone say against the body; NULL: nothing. */
const struct response_error *body_judge(struct exchange *exchange);
/* From now on it has its time to arrive, whatever the connection is busy with: the headers of a
 * chunk, say, can be longer than the body. */
void body_await(struct exchange *exchange);
/* The next piece. MHD_NO: too slow, or too much of what is not wanted; the connection ends. */
enum MHD_Result body_receive(struct exchange *exchange, struct bytes piece);
/* Nothing of it is left, neither in memory nor on the disk. */
void body_drop(struct exchange *exchange);

#endif
