/* Ed25519 by libsodium: the one part of the façade that is the same with and without an OS. */
#include <sodium/crypto_sign_ed25519.h>

#include "crypto/crypto.h"

void ed25519_public(struct ed25519_public *out, const struct ed25519_seed *seed)
{
	uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
	ASSERT(crypto_sign_ed25519_seed_keypair(out->bytes, secret, seed->bytes) == 0);
	wipe(secret, sizeof(secret));
}

void ed25519_sign(
	struct ed25519_signature *out, const struct ed25519_seed *seed, struct bytes message)
{
	uint8_t public[crypto_sign_ed25519_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
	ASSERT(crypto_sign_ed25519_seed_keypair(public, secret, seed->bytes) == 0);
	ASSERT(crypto_sign_ed25519_detached(out->bytes, NULL, message.ptr, message.len, secret) ==
		0);
	wipe(secret, sizeof(secret));
}

enum conclave_error ed25519_verify(const struct ed25519_public *key, struct bytes message,
	const struct ed25519_signature *signature)
{
	if (crypto_sign_ed25519_verify_detached(
		    signature->bytes, message.ptr, message.len, key->bytes) != 0)
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}
