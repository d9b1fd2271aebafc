/* Scalar multiplications saved: what two static keys share is kept for the correspondents of late,
 * and ephemeral keys are made ahead, when there is time. Pure; memory is the caller's; one thread
 * at a time.
 *
 *                                mail_cache, correspondent     not known   known
 *     opening  es, ss                                                  2       1
 *     sealing  e, es, ss                                               3       2
 *     sealing with an ephemeral key made ahead: es, ss                 2       1
 *
 * What an observer of time and of memory accesses learns of an encrypted sender: whether it is
 * among the correspondents of late (a multiplication more or less), and not which of them it is:
 * each look-up reads and writes every entry in use. Whoever carries the mail and its reply knows
 * more than that. A sender is kept only when a whole handshake has proved its key, so nobody can
 * put a key into the cache that is not theirs; who owns more keys than there are entries can push
 * the others out, and then a mail costs what it costs without a cache. */
#ifndef MAIL_CACHE_H
#define MAIL_CACHE_H

#include "mail/mail.h"

struct mail_cache_entry {
	struct x25519_public peer;
	struct x25519_shared shared;
	uint64_t used; /* the time of the last use; 0: not kept */
};
WIPED_TYPE(mail_cache_entry, struct mail_cache_entry)

/* One's own key pair, and what it shares with whom. */
struct mail_cache {
	struct x25519_pair own;
	struct mail_cache_entry *entries; /* the first count of capacity are in use */
	size_t capacity, count;
	uint64_t clock; /* of look-ups */
};

/* entries: the caller's, for as long as the cache; with capacity 0 nothing is kept. */
void mail_cache_init(struct mail_cache *cache, const struct x25519_secret *own,
	struct mail_cache_entry *entries, size_t capacity);
/* The entries too. */
void mail_cache_wipe(struct mail_cache *cache);

/* What own and peer share, looked up or computed. Wiped by the caller. Errors: KEY. */
enum conclave_error mail_cache_shared(
	struct mail_cache_entry *out, struct mail_cache *cache, const struct x25519_public *peer);
/* Keep what mail_cache_shared gave last, in place of what was not used for longest. Only for a peer
 * that has proved its key, or that the owner of the cache has chosen. */
void mail_cache_keep(struct mail_cache *cache, const struct mail_cache_entry *entry);

/* As mail_open and mail_seal (mail.h), with the cache of the recipient, and of the sender. */
enum conclave_error mail_open_cached(
	struct mail *out, struct buffer space, struct mail_cache *recipient, struct bytes mail);
enum conclave_error mail_seal_cached(struct writer *out, const struct mail_draft *draft,
	struct mail_cache *sender, const struct x25519_public *recipient,
	const struct x25519_pair *ephemeral);

/* -- ephemeral keys made ahead: never written down, and each given out once. A process that forks
 * wipes the stock in one of the two: a key used for two mails gives both of them away. -- */

struct ephemeral_stock {
	struct x25519_pair *keys; /* the first count of capacity */
	size_t capacity, count;
};

void ephemeral_stock_init(struct ephemeral_stock *stock, struct x25519_pair *keys, size_t capacity);
void ephemeral_stock_wipe(struct ephemeral_stock *stock);
/* Make one. random: fresh random bytes, wiped by the caller. Errors: SPACE (it is full). */
enum conclave_error ephemeral_put(
	struct ephemeral_stock *stock, const struct x25519_secret *random);
/* Take one, for one mail; wiped by the caller. Errors: NOT_FOUND (it is empty). */
enum conclave_error ephemeral_take(struct x25519_pair *out, struct ephemeral_stock *stock);

#endif
