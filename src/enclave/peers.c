/* An entry is found by SHA-256 over a random salt, its kind, the sender and the topic: equal
 * digests are equal senders and topics, and nobody outside can aim for long chains.
 *
 * Every (sender, topic) has an entry, and every sender one more for its route: at most twice
 * peers_max. The region holds eight times peers_max, so chains stay short and always end. */
#include "enclave/peers.h"

#include "abi/layout.h"
#include "abi/limits.h"

#define SLOTS_PER_PEER (LAYOUT_PEER_SIZE / sizeof(struct peer))

_Static_assert(sizeof(struct peer) == 64 && SLOTS_PER_PEER >= 4, "the table is at most half full");
_Static_assert(ABI_PEERS_MAX *SLOTS_PER_PEER < UINT32_MAX, "an index fits peer.changed");

enum kind { KIND_TOPIC = 1, KIND_SENDER = 2 };

static struct {
	struct peer *slots;
	uint64_t slot_count, pairs, pairs_max;
	uint32_t changed; /* head of the list, index + 1; 0 is empty */
	uint8_t salt[32];
} table;

enum conclave_error peers_init(struct buffer region, uint64_t peers_max)
{
	TRY(crypto_random((struct buffer){table.salt, sizeof(table.salt)}));
	memset(region.ptr, 0, region.len);
	table.slots = (struct peer *)(void *)region.ptr; /* page aligned */
	table.slot_count = peers_max * SLOTS_PER_PEER;
	table.pairs = 0;
	table.pairs_max = peers_max;
	table.changed = 0;
	return CONCLAVE_OK;
}

static void identify(
	struct sha256 *id, enum kind kind, const struct x25519_public *sender, struct bytes topic)
{
	uint8_t tag = (uint8_t)kind;
	struct sha256_state state;
	sha256_init(&state);
	sha256_update(&state, BYTES_OF(table.salt));
	sha256_update(&state, BYTES_OF(tag));
	sha256_update(&state, BYTES_OF(*sender));
	sha256_update(&state, topic);
	sha256_final(id, &state);
}

/* The entry of such an id, or the free one where it belongs. */
static struct peer *slot_of(
	struct sha256 *id, enum kind kind, const struct x25519_public *sender, struct bytes topic)
{
	identify(id, kind, sender, topic);
	uint64_t i = load_u64le(id->bytes) % table.slot_count;
	while (table.slots[i].used && !ct_equal(table.slots[i].id, id->bytes, sizeof(id->bytes)))
		i = (i + 1) % table.slot_count;
	return &table.slots[i];
}

static struct peer *pair_slot(
	struct sha256 *id, const struct x25519_public *sender, struct bytes topic)
{
	return slot_of(id, KIND_TOPIC, sender, topic);
}

/* A sender's own entry keeps the route where others keep next_in. */
static struct peer *sender_slot(struct sha256 *id, const struct x25519_public *sender)
{
	return slot_of(id, KIND_SENDER, sender, (struct bytes){0});
}

static struct peer *claim(struct peer *slot, const struct sha256 *id)
{
	memcpy(slot->id, id->bytes, sizeof(id->bytes));
	slot->used = 1;
	return slot;
}

struct peer *peers_find(const struct x25519_public *sender, struct bytes topic)
{
	struct sha256 id;
	struct peer *slot = pair_slot(&id, sender, topic);
	return slot->used ? slot : NULL;
}

enum conclave_error peers_get(
	struct peer **out, const struct x25519_public *sender, struct bytes topic)
{
	struct sha256 id;
	struct peer *slot = pair_slot(&id, sender, topic);
	if (!slot->used) {
		if (table.pairs == table.pairs_max)
			return CONCLAVE_ERROR_LIMIT;
		table.pairs++;
		claim(slot, &id);
	}
	*out = slot;
	return CONCLAVE_OK;
}

enum conclave_error peers_route(uint64_t *route, const struct x25519_public *sender)
{
	struct sha256 id;
	const struct peer *slot = sender_slot(&id, sender);
	if (!slot->used)
		return CONCLAVE_ERROR_NOT_FOUND;
	*route = slot->next_in;
	return CONCLAVE_OK;
}

void peers_set_route(const struct x25519_public *sender, uint64_t route)
{
	struct sha256 id;
	struct peer *slot = sender_slot(&id, sender);
	if (!slot->used)
		claim(slot, &id);
	slot->next_in = route;
}

uint64_t peers_number(struct peer *peer)
{
	if (peer->next_out == peer->kept_out) {
		peer->changed = table.changed;
		table.changed = (uint32_t)(peer - table.slots) + 1;
	}
	return peer->next_out++;
}

static struct peer *next_changed(void)
{
	struct peer *peer = table.changed == 0 ? NULL : &table.slots[table.changed - 1];
	if (peer != NULL)
		table.changed = peer->changed;
	return peer;
}

void peers_keep(void)
{
	for (struct peer *peer = next_changed(); peer != NULL; peer = next_changed())
		peer->kept_out = peer->next_out;
}

/* A place that only this input's posts made is given back. The last one made comes first, so no
 * chain of places is ever broken. */
static void undo(struct peer *peer)
{
	peer->next_out = peer->kept_out;
	if (!peer->heard && peer->kept_out == 0) {
		*peer = (struct peer){0};
		table.pairs--;
	}
}

void peers_undo(void)
{
	for (struct peer *peer = next_changed(); peer != NULL; peer = next_changed())
		undo(peer);
}

void peers_save(struct peers_before *out, const struct x25519_public *sender, struct bytes topic)
{
	struct sha256 id;
	out->pair = *pair_slot(&id, sender, topic);
	out->sender = *sender_slot(&id, sender);
}

/* The sender's place was taken after the pair's: it is given back first, and chains stay whole. */
void peers_restore(
	const struct peers_before *before, const struct x25519_public *sender, struct bytes topic)
{
	struct sha256 id;
	*sender_slot(&id, sender) = before->sender;
	struct peer *pair = pair_slot(&id, sender, topic);
	if (pair->used && !before->pair.used)
		table.pairs--;
	*pair = before->pair;
}
