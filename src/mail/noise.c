#include "mail/noise.h"

/* The SymmetricState of §5.2, with the key expanded. Pattern X encrypts once under each key, so the
 * nonce within the handshake is always 0. */
struct symmetric {
	struct sha256 h, ck;
	struct aes256_gcm k;
};
WIPED_TYPE(symmetric, struct symmetric)

static const uint8_t NONCE_ZERO[AES_GCM_NONCE_SIZE];

static void mix_hash(struct symmetric *state, struct bytes data)
{
	CLEANUP(sha256_state_wipe) struct sha256_state hash;
	sha256_init(&hash);
	sha256_update(&hash, BYTES_OF(state->h));
	sha256_update(&hash, data);
	sha256_final(&state->h, &hash);
}

/* HKDF with two outputs (§4.3) is RFC 5869 with 64 bytes and no info. */
static void split(
	struct sha256 *first, struct aes256_key *second, const struct sha256 *ck, struct bytes key)
{
	uint8_t both[64] = {0};
	ASSERT(hkdf_sha256((struct buffer){both, sizeof(both)}, BYTES_OF(*ck), key,
		       BYTES_LIT("")) == CONCLAVE_OK);
	memcpy(first, both, 32);
	memcpy(second, both + 32, 32);
	wipe(both, sizeof(both));
}

static void mix_key(struct symmetric *state, const struct x25519_shared *dh)
{
	CLEANUP(aes256_key_wipe) struct aes256_key key;
	split(&state->ck, &key, &state->ck, BYTES_OF(*dh));
	aes256_gcm_init(&state->k, &key);
}

static void encrypt_and_hash(uint8_t *out, struct symmetric *state, struct bytes plaintext)
{
	aes256_gcm_seal(out, &state->k, NONCE_ZERO, BYTES_OF(state->h), plaintext);
	mix_hash(state, bytes_of(out, plaintext.len + AES_GCM_TAG_SIZE));
}

static enum conclave_error decrypt_and_hash(
	uint8_t *out, struct symmetric *state, struct bytes ciphertext)
{
	TRY(aes256_gcm_open(out, &state->k, NONCE_ZERO, BYTES_OF(state->h), ciphertext));
	mix_hash(state, ciphertext);
	return CONCLAVE_OK;
}

/* Protocol name, prologue and the pre-message `<- s`. */
static void initialize(
	struct symmetric *state, struct bytes prologue, const struct x25519_public *recipient)
{
	static const uint8_t name[32] = "Noise_X_25519_AESGCM_SHA256"; /* zero-padded, §5.2 */
	memcpy(&state->h, name, sizeof(name));
	state->ck = state->h;
	mix_hash(state, prologue);
	mix_hash(state, BYTES_OF(*recipient));
}

/* The transport key from the sender to the recipient is Split's first output. */
static void finish(struct aes256_key *transport, const struct symmetric *state)
{
	CLEANUP(sha256_wipe) struct sha256 first;
	CLEANUP(aes256_key_wipe) struct aes256_key unused;
	split(&first, &unused, &state->ck, BYTES_LIT(""));
	memcpy(transport, &first, sizeof(*transport));
}

enum conclave_error noise_x_write(uint8_t *out, struct aes256_key *transport, struct bytes prologue,
	struct bytes payload, struct mail_cache *sender, const struct x25519_public *recipient,
	const struct x25519_pair *ephemeral)
{
	CLEANUP(symmetric_wipe) struct symmetric state;
	CLEANUP(x25519_shared_wipe) struct x25519_shared es_shared;
	CLEANUP(mail_cache_entry_wipe) struct mail_cache_entry statics;

	initialize(&state, prologue, recipient);
	/* e */
	memcpy(out, &ephemeral->public, sizeof(ephemeral->public));
	mix_hash(&state, BYTES_OF(ephemeral->public));
	/* es */
	TRY(x25519(&es_shared, &ephemeral->secret, recipient));
	mix_key(&state, &es_shared);
	/* s */
	encrypt_and_hash(out + 32, &state, BYTES_OF(sender->own.public));
	/* ss */
	TRY(mail_cache_shared(&statics, sender, recipient));
	mix_key(&state, &statics.shared);
	encrypt_and_hash(out + 80, &state, payload);

	mail_cache_keep(sender, &statics);
	finish(transport, &state);
	return CONCLAVE_OK;
}

enum conclave_error noise_x_read(uint8_t *payload, struct aes256_key *transport,
	struct x25519_public *sender, struct bytes prologue, struct mail_cache *recipient,
	struct bytes message)
{
	if (message.len < NOISE_X_OVERHEAD)
		return CONCLAVE_ERROR_TRUNCATED;
	CLEANUP(symmetric_wipe) struct symmetric state;
	CLEANUP(x25519_shared_wipe) struct x25519_shared es_shared;
	CLEANUP(mail_cache_entry_wipe) struct mail_cache_entry statics;
	struct x25519_public e, s;

	initialize(&state, prologue, &recipient->own.public);
	/* e */
	memcpy(&e, message.ptr, sizeof(e));
	mix_hash(&state, BYTES_OF(e));
	/* es */
	TRY(x25519(&es_shared, &recipient->own.secret, &e));
	mix_key(&state, &es_shared);
	/* s */
	TRY(decrypt_and_hash(s.bytes, &state, bytes_of(message.ptr + 32, 48)));
	/* ss */
	TRY(mail_cache_shared(&statics, recipient, &s));
	mix_key(&state, &statics.shared);
	TRY(decrypt_and_hash(payload, &state, bytes_of(message.ptr + 80, message.len - 80)));

	/* Only now is s proved: before, anybody can name any key. */
	mail_cache_keep(recipient, &statics);
	finish(transport, &state);
	*sender = s;
	return CONCLAVE_OK;
}
