/* One item: from the cache, or from its service when it is due (docs/spec/collateral.md §5). */
#ifndef COLLATERAL_REFRESH_H
#define COLLATERAL_REFRESH_H

#include "collateral/check.h"
#include "collateral/collateral.h"

struct collateral {
	struct cache cache;
	struct collateral_options options;
	struct collateral_services services;
	char *pcs_url, *kds_url;   /* without a '/' at their end */
	struct http_peer pcs, kds; /* name unused */
	CURL *curl;
};

/* What was refreshed before it in this pass; each may be empty, and is then looked for in the
 * cache. */
struct refresh_means {
	struct bytes chain; /* for items whose answers bring none */
	struct bytes crl;   /* the root's */
};

/* Writes the note. Hold the cache's lock. Errors: of a missing item, why it could not be had. */
enum conclave_error refresh_item(struct cache_entry *out, struct collateral_note *note,
	struct collateral *collateral, const struct collateral_item *item,
	const struct refresh_means *means, int64_t now);

#endif
