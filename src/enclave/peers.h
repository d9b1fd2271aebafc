/* Who writes to this enclave: for each (sender, topic) the next sequence numbers of both
 * directions, for each sender where replies go. A hash table in the heap, of fixed capacity. */
#ifndef ENCLAVE_PEERS_H
#define ENCLAVE_PEERS_H

#include "crypto/crypto.h"

struct peer {
	uint8_t id[32]; /* keyed digest of what the entry is for; see peers.c */
	uint64_t next_in;
	uint64_t next_out, kept_out; /* as of now; as of the last peers_keep */
	uint32_t changed;	     /* the next entry whose next_out differs from kept_out, +1 */
	uint8_t used, heard;	     /* heard: next_in is known */
	uint8_t unhandled; /* of the mail with the number before next_in: it may come again */
	uint8_t reserved;
};

/* region: zeroed here. Errors: RANDOM. */
enum conclave_error peers_init(struct buffer region, uint64_t peers_max);

/* The entry of a (sender, topic), or NULL. */
struct peer *peers_find(const struct x25519_public *sender, struct bytes topic);
/* The same, made when there is none. Errors: LIMIT. */
enum conclave_error peers_get(
	struct peer **out, const struct x25519_public *sender, struct bytes topic);

/* Where replies to this sender go. Errors: NOT_FOUND. */
enum conclave_error peers_route(uint64_t *route, const struct x25519_public *sender);
/* Remember it; the sender has an entry by peers_get. */
void peers_set_route(const struct x25519_public *sender, uint64_t route);

/* The entries of a (sender, topic) and of the sender, as they are; to put them back, once what was
 * posted since is undone: places that were taken since are given back. */
struct peers_before {
	struct peer pair, sender;
};
void peers_save(struct peers_before *out, const struct x25519_public *sender, struct bytes topic);
void peers_restore(
	const struct peers_before *before, const struct x25519_public *sender, struct bytes topic);

/* Take the next outgoing number; counts once kept, not when undone. */
uint64_t peers_number(struct peer *peer);
void peers_keep(void);
void peers_undo(void);

#endif
