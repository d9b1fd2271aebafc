/* The façade inside an enclave: no operating system, no allocation, no CPUID. libsodium's portable
 * 25519 curves and SHA-2, BearSSL's P-256, RDRAND; AES-GCM is aes_gcm_small.c or aes_gcm_vaes.c.
 * The libraries' objects are those of enclave_libs.sh, and what these need of a libc is in
 * enclave_support.c. Functions marked (OS) do not exist here. */
#include <bearssl.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_hash_sha512.h>

#include "crypto/crypto.h"
#include "crypto/x25519_check.h"

/* libsodium's own choice among its X25519 codes needs CPUID; this names the portable one. Its
 * private header has exactly this (crypto_scalarmult/curve25519/scalarmult_curve25519.h, 1.0.18).
 */
extern struct crypto_scalarmult_curve25519_implementation {
	int (*mult)(unsigned char *result, const unsigned char *scalar, const unsigned char *point);
	int (*mult_base)(unsigned char *result, const unsigned char *scalar);
} crypto_scalarmult_curve25519_ref10_implementation;

#define X25519 crypto_scalarmult_curve25519_ref10_implementation

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct sha256_state), "the state fits");

/* -- randomness -- */

/* Ten attempts: Intel DRNG Software Implementation Guide §5.2.1; ten failures in a row mean broken
 * hardware (SDM vol. 1 §7.3.17). */
__attribute__((target("rdrnd"))) static bool rdrand(uint64_t *out)
{
	unsigned long long value = 0;
	for (size_t attempt = 0; attempt < 10; attempt++) {
		if (__builtin_ia32_rdrand64_step(&value) == 1) {
			*out = value;
			return true;
		}
	}
	return false;
}

/* AES-NI, PCLMULQDQ and RDRAND cannot be asked for here: without them the first use is an invalid
 * instruction and the enclave is gone. A stuck RDRAND can be seen: some CPUs gave the same number
 * for ever after a suspend, and said it was good. */
enum conclave_error crypto_init(void)
{
	uint64_t first, second;
	if (!rdrand(&first) || !rdrand(&second) || first == second)
		return CONCLAVE_ERROR_RANDOM;
	return CONCLAVE_OK;
}

enum conclave_error crypto_random(struct buffer out)
{
	uint64_t word = 0;
	for (size_t done = 0; done < out.len; done += sizeof(word)) {
		if (!rdrand(&word)) {
			wipe(out.ptr, out.len);
			return CONCLAVE_ERROR_RANDOM;
		}
		size_t left = out.len - done;
		memcpy(out.ptr + done, &word, left < sizeof(word) ? left : sizeof(word));
	}
	wipe(&word, sizeof(word));
	return CONCLAVE_OK;
}

/* -- hashes; libsodium's functions for them cannot fail -- */

static crypto_hash_sha256_state *sha256_context(struct sha256_state *state)
{
	return (void *)state;
}

void sha256_init(struct sha256_state *state)
{
	(void)crypto_hash_sha256_init(sha256_context(state));
}

void sha256_update(struct sha256_state *state, struct bytes from)
{
	if (from.len != 0)
		(void)crypto_hash_sha256_update(sha256_context(state), from.ptr, from.len);
}

void sha256_final(struct sha256 *out, struct sha256_state *state)
{
	(void)crypto_hash_sha256_final(sha256_context(state), out->bytes);
	sha256_state_wipe(state);
}

void sha256(struct sha256 *out, struct bytes from)
{
	struct sha256_state state;
	sha256_init(&state);
	sha256_update(&state, from);
	sha256_final(out, &state);
}

void sha512(struct sha512 *out, struct bytes from)
{
	static const uint8_t nothing[1];
	(void)crypto_hash_sha512(out->bytes, from.len != 0 ? from.ptr : nothing, from.len);
}

/* -- X25519 -- */

void x25519_public(struct x25519_public *out, const struct x25519_secret *secret)
{
	(void)X25519.mult_base(out->bytes, secret->bytes);
}

enum conclave_error x25519(struct x25519_shared *out, const struct x25519_secret *secret,
	const struct x25519_public *peer)
{
	TRY(x25519_check(peer));
	CLEANUP(x25519_shared_wipe) struct x25519_shared shared;
	if (X25519.mult(shared.bytes, secret->bytes, peer->bytes) != 0 ||
		ct_all_zero(shared.bytes, sizeof(shared.bytes)))
		return CONCLAVE_ERROR_KEY;
	*out = shared;
	return CONCLAVE_OK;
}

/* -- ECDSA P-256 -- */

enum conclave_error p256_verify(
	const struct p256_public *key, struct bytes message, const struct p256_signature *signature)
{
	/* BearSSL reports a bad point and a bad signature alike; a multiplication by one tells. */
	uint8_t point[1 + sizeof(key->bytes)] = {4}; /* uncompressed */
	memcpy(point + 1, key->bytes, sizeof(key->bytes));
	const uint8_t one[1] = {1};
	if (br_ec_p256_m31.mul(point, sizeof(point), one, sizeof(one), BR_EC_secp256r1) != 1)
		return CONCLAVE_ERROR_KEY;

	struct sha256 digest;
	sha256(&digest, message);
	const br_ec_public_key public = {BR_EC_secp256r1, point, sizeof(point)};
	if (br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest.bytes, sizeof(digest.bytes), &public,
		    signature->bytes, sizeof(signature->bytes)) != 1)
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}
