/* The answers this server gives, in R3 Conclave's shapes. */
#ifndef SERVER_RESPONSE_H
#define SERVER_RESPONSE_H

#include <microhttpd.h>

#include "base/bytes.h"

/* An error as R3's clients read it: {"error":"…","message":null}. message may be NULL; neither
 * needs escaping. */
struct response_error {
	unsigned status;
	const char *error, *message;
};

extern const struct response_error RESPONSE_TOO_LARGE, RESPONSE_NO_ROOM, RESPONSE_DOWN,
	RESPONSE_BROKEN;

/* 200 with bytes that are no longer needed when this returns. */
enum MHD_Result response_bytes(
	struct MHD_Connection *connection, const char *type, struct bytes body);
/* 200 with bytes of no type; id not 0: they are a reply, which the client acknowledges by it. */
enum MHD_Result response_octets(struct MHD_Connection *connection, struct bytes body, uint64_t id);
/* 202: it is kept, and will be handled. */
enum MHD_Result response_accepted(struct MHD_Connection *connection);
/* allow: the methods of a 405, else NULL. */
enum MHD_Result response_fail(
	struct MHD_Connection *connection, const struct response_error *error, const char *allow);

#endif
