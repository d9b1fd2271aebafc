/* Noise_X_25519_AESGCM_SHA256: one message that carries, and proves, the sender's key (The Noise
 * Protocol Framework, revision 34, §7.4 and §12). Pure.
 *
 *   <- s          the recipient's key is known beforehand
 *   -> e, es, s, ss
 *
 * Against R3's use of it, keys of low order or not in canonical form are refused
 * (docs/spec/mail.md). */
#ifndef MAIL_NOISE_H
#define MAIL_NOISE_H

#include "crypto/crypto.h"
#include "mail/cache.h"

/* A message is this much longer than its payload: e, sealed s, tag of the payload. */
#define NOISE_X_OVERHEAD (32u + (32u + AES_GCM_TAG_SIZE) + AES_GCM_TAG_SIZE)

/* out: NOISE_X_OVERHEAD + payload.len bytes. transport: the key of what follows, used with nonces
 * 0, 1, 2, … ephemeral: random, for this message only. Errors: KEY. */
enum conclave_error noise_x_write(uint8_t *out, struct aes256_key *transport, struct bytes prologue,
	struct bytes payload, struct mail_cache *sender, const struct x25519_public *recipient,
	const struct x25519_pair *ephemeral);

/* payload: message.len - NOISE_X_OVERHEAD bytes, not overlapping message. Nothing is written on
 * error but zeros. Errors: TRUNCATED (shorter than NOISE_X_OVERHEAD), KEY, AUTH. */
enum conclave_error noise_x_read(uint8_t *payload, struct aes256_key *transport,
	struct x25519_public *sender, struct bytes prologue, struct mail_cache *recipient,
	struct bytes message);

/* A nonce of AESGCM: four zeros, then the counter big-endian (§12.3). */
static inline void noise_nonce(uint8_t nonce[AES_GCM_NONCE_SIZE], uint64_t counter)
{
	memset(nonce, 0, 4);
	store_u64be(nonce + 4, counter);
}

#endif
