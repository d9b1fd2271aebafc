/* A request to a host's endpoints and its answer, with the headers of docs/spec/client.md. */
#ifndef CLIENT_HTTP_REQUEST_H
#define CLIENT_HTTP_REQUEST_H

#include <conclave/client.h>

#include "http/exchange.h"

#define HTTP_REPLY_ID_SIZE 20 /* decimal digits of a 64-bit number */

struct http {
	CURL *curl;
	char *base; /* no '/' at its end */
	bool is_loopback;
	long connect_ms, whole_ms;
	/* The host's ids for replies: of the one that came last; of the one it may forget. */
	char offered[HTTP_REPLY_ID_SIZE + 1], taken[HTTP_REPLY_ID_SIZE + 1];
};

struct http_request {
	const char *endpoint;
	const char *correlation_id; /* NULL: a GET */
	const char *prefer;	    /* a preference of RFC 7240, or NULL */
	struct bytes body;
	const struct conclave_source *stream; /* in place of body; NULL: body */
};

/* Errors: http_exchange's, and the stream's. */
enum conclave_error http_ask(struct http_response *response, struct http *http,
	const struct http_request *request, struct conclave_report *report);

#endif
