/* The façade where there is an operating system: libsodium for the 25519 curves, libipsec-mb for
 * AES-GCM, libcrypto for the rest (its SHA-256 uses the CPU's instructions, libsodium's does not).
 * P-256 is in p256_os.c, RSA in rsa3072.c; Ed25519, HMAC and HKDF are shared with the enclave. */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init…: the only SHA-256 that needs no allocation */

#include <errno.h>
#include <sys/random.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>

#include "crypto/gcm_ipsec.h"
#include "crypto/x25519_check.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256_state), "sha256_state holds SHA256_CTX");

/* The AES-GCM code that libipsec-mb chose for this CPU. */
static struct {
	aes_gcm_pre_t expand;
	aes_gcm_enc_dec_t encrypt, decrypt;
} gcm256;

enum conclave_error crypto_init(void)
{
	if (gcm256.expand != NULL)
		return CONCLAVE_OK;
	if (sodium_init() < 0)
		return CONCLAVE_ERROR_UNSUPPORTED;
	IMB_MGR *manager = alloc_mb_mgr(0);
	if (manager == NULL)
		return CONCLAVE_ERROR_UNSUPPORTED;
	init_mb_mgr_auto(manager, NULL);
	bool usable = imb_get_errno(manager) == 0 && (manager->features & IMB_FEATURE_AESNI) != 0 &&
		      (manager->features & IMB_FEATURE_PCLMULQDQ) != 0;
	if (usable) {
		gcm256.encrypt = manager->gcm256_enc;
		gcm256.decrypt = manager->gcm256_dec;
		gcm256.expand = manager->gcm256_pre;
	}
	free_mb_mgr(manager);
	return usable ? CONCLAVE_OK : CONCLAVE_ERROR_UNSUPPORTED;
}

enum conclave_error crypto_random(struct buffer out)
{
	size_t done = 0;
	while (done < out.len) {
		ssize_t got = getrandom(out.ptr + done, out.len - done, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			wipe(out.ptr, out.len);
			return CONCLAVE_ERROR_RANDOM;
		}
		done += (size_t)got;
	}
	return CONCLAVE_OK;
}

/* -- hashes -- */

static SHA256_CTX *sha256_context(struct sha256_state *state)
{
	return (void *)state;
}

void sha256_init(struct sha256_state *state)
{
	ASSERT(SHA256_Init(sha256_context(state)) == 1);
}

void sha256_update(struct sha256_state *state, struct bytes from)
{
	ASSERT(SHA256_Update(sha256_context(state), from.ptr, from.len) == 1);
}

void sha256_final(struct sha256 *out, struct sha256_state *state)
{
	ASSERT(SHA256_Final(out->bytes, sha256_context(state)) == 1);
	sha256_state_wipe(state);
}

void sha256(struct sha256 *out, struct bytes from)
{
	struct sha256_state state;
	sha256_init(&state);
	sha256_update(&state, from);
	sha256_final(out, &state);
}

void sha384(struct sha384 *out, struct bytes from)
{
	ASSERT(SHA384(from.ptr, from.len, out->bytes) != NULL);
}

void sha512(struct sha512 *out, struct bytes from)
{
	ASSERT(SHA512(from.ptr, from.len, out->bytes) != NULL);
}

/* -- X25519 -- */

void x25519_public(struct x25519_public *out, const struct x25519_secret *secret)
{
	ASSERT(crypto_scalarmult_curve25519_base(out->bytes, secret->bytes) == 0);
}

enum conclave_error x25519(struct x25519_shared *out, const struct x25519_secret *secret,
	const struct x25519_public *peer)
{
	TRY(x25519_check(peer));
	CLEANUP(x25519_shared_wipe) struct x25519_shared shared;
	/* Its only failure is an all-zero result. */
	if (crypto_scalarmult_curve25519(shared.bytes, secret->bytes, peer->bytes) != 0)
		return CONCLAVE_ERROR_KEY;
	*out = shared;
	return CONCLAVE_OK;
}

/* -- AES-256-GCM -- */

void aes256_gcm_init(struct aes256_gcm *gcm, const struct aes256_key *key)
{
	ASSERT(gcm256.expand != NULL); /* crypto_init comes first */
	gcm256.expand(key->bytes, (struct gcm_key_data *)gcm->opaque);
}

void aes256_gcm_seal(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes plaintext)
{
	gcm_ipsec_seal(gcm256.encrypt, out, gcm, nonce, ad, plaintext);
}

enum conclave_error aes256_gcm_open(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes ciphertext)
{
	return gcm_ipsec_open(gcm256.decrypt, out, gcm, nonce, ad, ciphertext);
}

/* -- AES-128-CMAC -- */

void aes128_cmac(struct aes_cmac *out, const struct aes128_key *key, struct bytes from)
{
	size_t size = 0;
	ASSERT(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, key->bytes, sizeof(key->bytes),
		       from.ptr, from.len, out->bytes, sizeof(out->bytes), &size) != NULL);
	ASSERT(size == sizeof(out->bytes));
}
