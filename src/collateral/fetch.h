/* One answer of a service, read but not verified (docs/spec/collateral.md §2). */
#ifndef COLLATERAL_FETCH_H
#define COLLATERAL_FETCH_H

#include "collateral/item.h"
#include "http/exchange.h"

#define FETCH_ETAG_SIZE 128u
#define FETCH_CHAIN_SIZE_MAX 16384u
#define FETCH_DELAY_MAX 86400u /* what is believed of Retry-After */

enum fetch_outcome {
	FETCH_BODY,
	FETCH_UNCHANGED, /* 304 */
	FETCH_LATER,	 /* 429, 503: the report has the words */
};

struct fetched {
	enum fetch_outcome outcome;
	struct buffer body, chain;  /* malloc'ed; chain is PEM, empty for items without a header */
	char etag[FETCH_ETAG_SIZE]; /* "" when none was given, or one too long */
	int64_t retry_after, max_age; /* seconds; 0 when it was not said */
};

/* peer: the service; its name in reports is the URL. etag: of what is at hand; "" for nothing.
 * Errors: NETWORK (also any other status), NOT_FOUND (404), TIMEOUT, LIMIT, FORMAT (a chain that is
 * not there or not percent-encoded; a CRL in no known form), MEMORY. */
enum conclave_error fetch_item(struct fetched *out, CURL *curl, const struct http_peer *peer,
	const struct collateral_item *item, const char *url, const char *etag,
	struct conclave_report *report);
/* For CLEANUP. */
void fetched_free(struct fetched *fetched);

#endif
