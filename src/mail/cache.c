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

/* Eight bytes at a time, because every look-up does it for every entry. */
static uint64_t word_at(const void *from, size_t offset)
{
	uint64_t word;
	memcpy(&word, (const uint8_t *)from + offset, sizeof(word));
	return word;
}

static uint64_t same_key(const struct x25519_public *a, const struct x25519_public *b)
{
	uint64_t difference = 0;
	for (size_t i = 0; i < sizeof(*a); i += sizeof(difference))
		difference |= word_at(a, i) ^ word_at(b, i);
	return ct_is_zero(difference);
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
	_Static_assert(sizeof(*to) % sizeof(mask) == 0, "whole words");
	for (size_t i = 0; i < sizeof(*to); i += sizeof(mask)) {
		uint64_t word = ct_select(mask, word_at(from, i), word_at(to, i));
		memcpy((uint8_t *)to + i, &word, sizeof(word));
	}
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
		uint64_t mask = same_key(&entry->peer, peer);
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
		uint64_t is_oldest = ct_is_zero(cache->entries[i].used ^ oldest);
		copy_where(is_oldest, &cache->entries[i], by);
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
