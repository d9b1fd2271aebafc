#include "mail/cache.h"

void mail_cache_init(struct mail_cache *cache, const struct x25519_secret *own,
	struct mail_cache_entry *entries, size_t capacity)
{
	x25519_pair_init(&cache->own, own);
	cache->entries = entries;
	cache->capacity = capacity;
	cache->count = 0;
	cache->clock = 0;
}

void mail_cache_wipe(struct mail_cache *cache)
{
	if (cache->count != 0)
		wipe(cache->entries, cache->count * sizeof(*cache->entries));
	wipe(cache, sizeof(*cache));
}

static uint64_t equal(const void *a, const void *b, size_t len)
{
	return ct_barrier(0 - (uint64_t)ct_equal(a, b, len));
}

/* Both below 2^63, as times are: no process lives to see that many mails. */
static uint64_t less(uint64_t a, uint64_t b)
{
	return ct_barrier(0 - ((a - b) >> 63));
}

/* Where mask is ones, `to` becomes `from`. */
static void copy_where(
	uint64_t mask, struct mail_cache_entry *to, const struct mail_cache_entry *from)
{
	uint8_t *out = (uint8_t *)to;
	const uint8_t *in = (const uint8_t *)from;
	for (size_t i = 0; i < sizeof(*to); i++)
		out[i] = (uint8_t)ct_select(mask, in[i], out[i]);
}

/* The entry of peer, which is used now; or left as it is. This and replace_oldest are functions of
 * their own in the binary too, so that a test of it can tell the branches that must not be from
 * their callers' that must. */
[[gnu::noinline]] static void look_up(
	struct mail_cache_entry *found, struct mail_cache *cache, const struct x25519_public *peer)
{
	cache->clock++;
	for (size_t i = 0; i < cache->count; i++) {
		struct mail_cache_entry *entry = &cache->entries[i];
		uint64_t mask = equal(&entry->peer, peer, sizeof(*peer));
		entry->used = ct_select(mask, cache->clock, entry->used);
		copy_where(mask, found, entry);
	}
}

enum conclave_error mail_cache_shared(
	struct mail_cache_entry *out, struct mail_cache *cache, const struct x25519_public *peer)
{
	CLEANUP(mail_cache_entry_wipe) struct mail_cache_entry found = {.used = 0};
	look_up(&found, cache, peer);
	if (found.used == 0) {
		TRY(x25519(&found.shared, &cache->own.secret, peer));
		found.peer = *peer;
	}
	*out = found;
	return CONCLAVE_OK;
}

/* Times are unique, so this is one entry. */
[[gnu::noinline]] static void replace_oldest(
	struct mail_cache *cache, const struct mail_cache_entry *by)
{
	uint64_t oldest = INT64_MAX;
	for (size_t i = 0; i < cache->count; i++) {
		uint64_t used = cache->entries[i].used;
		oldest = ct_select(less(used, oldest), used, oldest);
	}
	for (size_t i = 0; i < cache->count; i++) {
		uint64_t used = cache->entries[i].used;
		copy_where(equal(&used, &oldest, sizeof(used)), &cache->entries[i], by);
	}
}

void mail_cache_keep(struct mail_cache *cache, const struct mail_cache_entry *entry)
{
	if (entry->used != 0 || cache->capacity == 0)
		return;
	CLEANUP(mail_cache_entry_wipe) struct mail_cache_entry kept = *entry;
	kept.used = cache->clock;
	if (cache->count < cache->capacity)
		cache->entries[cache->count++] = kept;
	else
		replace_oldest(cache, &kept);
}

/* -- ephemeral keys -- */

void ephemeral_stock_init(struct ephemeral_stock *stock, struct x25519_pair *keys, size_t capacity)
{
	*stock = (struct ephemeral_stock){.keys = keys, .capacity = capacity};
}

void ephemeral_stock_wipe(struct ephemeral_stock *stock)
{
	if (stock->count != 0)
		wipe(stock->keys, stock->count * sizeof(*stock->keys));
	stock->count = 0;
}

enum conclave_error ephemeral_put(struct ephemeral_stock *stock, const struct x25519_secret *random)
{
	if (stock->count == stock->capacity)
		return CONCLAVE_ERROR_SPACE;
	x25519_pair_init(&stock->keys[stock->count++], random);
	return CONCLAVE_OK;
}

enum conclave_error ephemeral_take(struct x25519_pair *out, struct ephemeral_stock *stock)
{
	if (stock->count == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	struct x25519_pair *key = &stock->keys[--stock->count];
	*out = *key;
	wipe(key, sizeof(*key));
	return CONCLAVE_OK;
}
