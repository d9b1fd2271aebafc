/* Several items in one pass, each with its note to whoever listens. */
#ifndef COLLATERAL_GATHER_H
#define COLLATERAL_GATHER_H

#include "collateral/refresh.h"

/* Lock, until cache_unlock. A cache that cannot be locked cannot be written either, of
 * which each note will speak; what is in it can be used. */
void gather_lock(int *lock, const struct collateral *collateral);

/* refresh_item, and its note. Errors: of a missing item; the report names it. */
enum conclave_error gather_one(struct cache_entry *out, struct collateral *collateral,
	const struct collateral_item *item, const struct refresh_means *means, int64_t now,
	struct conclave_report *report);

struct wanted {
	struct cache_entry *entry; /* empty; filled if the item could be had */
	struct collateral_item item;
};
/* The first brings the chain that others are verified with, the second is the root's CRL. Every
 * item is asked for, even when one before it is missing: the notes are to say all. Errors: the
 * first missing item's. */
enum conclave_error gather_all(struct collateral *collateral, const struct wanted *wanted,
	size_t count, int64_t now, struct conclave_report *report);

#endif
