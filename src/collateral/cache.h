/* The folder where items are kept (docs/spec/collateral.md §4). What is in it is not believed: it
 * finds damage, no forgery. */
#ifndef COLLATERAL_CACHE_H
#define COLLATERAL_CACHE_H

#include "collateral/fetch.h"
#include "crypto/crypto.h"

/* Room for the name of the folder. */
#define CACHE_FOLDER_SIZE 3072u

struct cache {
	char folder[CACHE_FOLDER_SIZE];
};

struct cache_entry {
	int64_t fetched, not_before, renew;
	char etag[FETCH_ETAG_SIZE];
	struct sha256 source;	  /* of the URL that not_before and etag come from */
	struct bytes chain, body; /* into memory; body empty: only not_before is remembered */
	struct buffer memory;	  /* malloc'ed */
};

/* Make the folder (0700) if it is not there. Errors: LIMIT, IO. */
enum conclave_error cache_open(
	struct cache *out, const char *folder, struct conclave_report *report);
/* Wait until no other process refreshes. Errors: IO. */
enum conclave_error cache_lock(
	int *lock, const struct cache *cache, struct conclave_report *report);
/* For CLEANUP; a negative one is fine. */
void cache_unlock(const int *lock);

/* Errors: NOT_FOUND, FORMAT (damaged, or of another name), LIMIT, IO, MEMORY. */
enum conclave_error cache_read(struct cache_entry *out, const struct cache *cache,
	const struct collateral_item *item, struct conclave_report *report);
/* Replaces the file as one step. Errors: IO, MEMORY. */
enum conclave_error cache_write(const struct cache *cache, const struct collateral_item *item,
	const struct cache_entry *entry, struct conclave_report *report);
/* For CLEANUP. */
void cache_entry_free(struct cache_entry *entry);

/* The items whose files are there, damaged or not, in the order in which they are best refreshed:
 * what others are verified with comes first. Removes what writers that died have left; so hold the
 * lock. items: malloc'ed. Errors: IO, MEMORY. */
enum conclave_error cache_list(struct collateral_item **items, size_t *count,
	const struct cache *cache, struct conclave_report *report);

#endif
