/* The one façade over the chosen libraries. No primitive here is our own.
 *
 * Two implementations of this header exist and give the same answers, proved by the same vectors:
 *   crypto_os.c       where there is an operating system: libsodium, libcrypto, libipsec-mb
 *   crypto_enclave.c  freestanding: libsodium's and BearSSL's static objects, RDRAND
 * Functions marked (OS) exist only in the first.
 *
 * Every type that holds a secret has a NAME_wipe for use with CLEANUP. No allocation. All functions
 * may be called from several threads at once, each on its own objects; crypto_init must have
 * returned first. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/bytes.h"
#include "base/check.h"
#include "base/ct.h"

struct sha256 {
	uint8_t bytes[32];
};
struct sha384 {
	uint8_t bytes[48];
};
struct sha512 {
	uint8_t bytes[64];
};

struct x25519_secret {
	uint8_t bytes[32];
};
struct x25519_public {
	uint8_t bytes[32];
};
struct x25519_shared {
	uint8_t bytes[32];
};

struct ed25519_seed {
	uint8_t bytes[32];
};
struct ed25519_public {
	uint8_t bytes[32];
};
struct ed25519_signature {
	uint8_t bytes[64];
};

struct aes128_key {
	uint8_t bytes[16];
};
struct aes256_key {
	uint8_t bytes[32];
};
struct aes_cmac {
	uint8_t bytes[16];
};

/* x || y and r || s, each number 32 bytes big-endian. */
struct p256_public {
	uint8_t bytes[64];
};
struct p256_secret {
	uint8_t bytes[32];
};
struct p256_signature {
	uint8_t bytes[64];
};

/* The same with numbers of 48 bytes. */
struct p384_public {
	uint8_t bytes[96];
};
struct p384_signature {
	uint8_t bytes[96];
};

WIPED_TYPE(sha256, struct sha256)
WIPED_TYPE(x25519_secret, struct x25519_secret)
WIPED_TYPE(x25519_shared, struct x25519_shared)
WIPED_TYPE(ed25519_seed, struct ed25519_seed)
WIPED_TYPE(aes128_key, struct aes128_key)
WIPED_TYPE(aes256_key, struct aes256_key)
WIPED_TYPE(p256_secret, struct p256_secret)

/* Once per process (or enclave), before anything else; once more does no harm. Inside an enclave
 * the CPU cannot be asked what it has: without AES-NI, PCLMULQDQ or RDRAND the first use is an
 * invalid instruction. Errors: UNSUPPORTED (no AES-NI or PCLMULQDQ; outside), RANDOM (RDRAND is
 * broken; inside). */
enum conclave_error crypto_init(void);

/* Fill with randomness fit for keys: RDRAND with the retries Intel's DRNG guide asks for inside an
 * enclave, the kernel's elsewhere. On error `out` is zero and must not be used.
 * Errors: RANDOM. */
enum conclave_error crypto_random(struct buffer out);

/* -- hashes (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869) -- */

struct sha256_state {
	uint64_t opaque[16];
};
WIPED_TYPE(sha256_state, struct sha256_state)
void sha256_init(struct sha256_state *state);
void sha256_update(struct sha256_state *state, struct bytes from);
void sha256_final(struct sha256 *out, struct sha256_state *state);
void sha256(struct sha256 *out, struct bytes from);
void sha512(struct sha512 *out, struct bytes from);
void sha384(struct sha384 *out, struct bytes from); /* (OS) */

void hmac_sha256(struct sha256 *out, struct bytes key, struct bytes from);
/* Errors: ARGUMENT (out.len above 255 * 32). */
enum conclave_error hkdf_sha256(
	struct buffer out, struct bytes salt, struct bytes key, struct bytes info);

/* -- X25519 (RFC 7748) -- */

/* The secret is any 32 bytes; clamping happens inside. */
void x25519_public(struct x25519_public *out, const struct x25519_secret *secret);
/* A secret key with its public one. */
struct x25519_pair {
	struct x25519_secret secret;
	struct x25519_public public;
};
WIPED_TYPE(x25519_pair, struct x25519_pair)
static inline void x25519_pair_init(struct x25519_pair *out, const struct x25519_secret *secret)
{
	out->secret = *secret;
	x25519_public(&out->public, secret);
}
/* Refuses peers that are zero, of low order or not canonical (bit 255 set, or not below 2^255 -
 * 19), and an all-zero result. The refusal depends only on the public key. Errors: KEY. */
enum conclave_error x25519(struct x25519_shared *out, const struct x25519_secret *secret,
	const struct x25519_public *peer);

/* -- Ed25519 (RFC 8032) -- */

void ed25519_public(struct ed25519_public *out, const struct ed25519_seed *seed);
void ed25519_sign(
	struct ed25519_signature *out, const struct ed25519_seed *seed, struct bytes message);
/* Errors: SIGNATURE. */
enum conclave_error ed25519_verify(const struct ed25519_public *key, struct bytes message,
	const struct ed25519_signature *signature);

/* -- AES-256-GCM (NIST SP 800-38D), 96-bit nonce, 128-bit tag appended -- */

#define AES_GCM_NONCE_SIZE 12
#define AES_GCM_TAG_SIZE 16

/* An expanded key; made once, used for many messages. */
struct aes256_gcm {
	_Alignas(64) uint8_t opaque[1024];
};
WIPED_TYPE(aes256_gcm, struct aes256_gcm)

void aes256_gcm_init(struct aes256_gcm *gcm, const struct aes256_key *key);
/* out: plaintext.len + 16 bytes; may be the plaintext's own place. plaintext.len below 2^32. */
void aes256_gcm_seal(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes plaintext);
/* out: ciphertext.len - 16 bytes, may be the ciphertext's own place; zeroed when the tag is wrong.
 * Errors: AUTH, TRUNCATED (shorter than a tag). */
enum conclave_error aes256_gcm_open(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes ciphertext);

/* -- AES-128-CMAC (NIST SP 800-38B) -- (OS) for the soft machine's EREPORT and EGETKEY */
void aes128_cmac(struct aes_cmac *out, const struct aes128_key *key, struct bytes from);

/* -- ECDSA P-256 with SHA-256 (FIPS 186-4) -- */

/* Errors: SIGNATURE, KEY (not a point of the curve). */
enum conclave_error p256_verify(const struct p256_public *key, struct bytes message,
	const struct p256_signature *signature);
/* (OS) Errors: KEY (secret is zero or not below the order), RANDOM. */
enum conclave_error p256_generate(struct p256_secret *secret, struct p256_public *key);
enum conclave_error p256_public_of(struct p256_public *key, const struct p256_secret *secret);
enum conclave_error p256_sign(
	struct p256_signature *out, const struct p256_secret *secret, struct bytes message);

/* -- ECDSA P-384 with SHA-384 -- (OS) */

/* Errors: SIGNATURE, KEY (not a point of the curve). */
enum conclave_error p384_verify(const struct p384_public *key, struct bytes message,
	const struct p384_signature *signature);
/* The same of a message in two pieces: what COSE signs does not lie in one place. */
enum conclave_error p384_verify_pieces(const struct p384_public *key, struct bytes first,
	struct bytes rest, const struct p384_signature *signature);

/* -- RSA of others, exponent 65537 -- (OS); numbers are big-endian and as long as the modulus */

#define RSA4096_SIZE 512
#define RSA2048_SIZE 256

/* RSASSA-PSS (RFC 8017 §8.1) with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes: AMD's
 * certificates. Errors: KEY (not a modulus of 4096 bits), SIGNATURE. */
enum conclave_error rsa4096_pss_verify(
	struct bytes modulus, struct bytes message, struct bytes signature);
/* PKCS#1 v1.5 with SHA-256: a TPM's quotes. Errors: KEY (not a modulus of 2048 bits), SIGNATURE. */
enum conclave_error rsa2048_verify(
	struct bytes modulus, struct bytes message, struct bytes signature);

/* -- RSA-3072, exponent 3, PKCS#1 v1.5 with SHA-256: what SIGSTRUCT uses -- (OS); numbers are
 * little-endian, 384 bytes */

#define RSA3072_SIZE 384
struct rsa3072_secret; /* heap object; private key material */

/* Read a PEM private key (PKCS#1 or PKCS#8). Errors: FORMAT, KEY (not 3072 bits with exponent 3),
 * MEMORY. */
enum conclave_error rsa3072_read(struct rsa3072_secret **out, struct bytes pem);
enum conclave_error rsa3072_generate(struct rsa3072_secret **out);
/* PKCS#8 PEM into text. Errors: SPACE. */
enum conclave_error rsa3072_write(struct writer *text, const struct rsa3072_secret *secret);
void rsa3072_free(struct rsa3072_secret *secret);
void rsa3072_modulus(uint8_t modulus[RSA3072_SIZE], const struct rsa3072_secret *secret);
enum conclave_error rsa3072_sign(
	uint8_t signature[RSA3072_SIZE], const struct rsa3072_secret *secret, struct bytes message);
/* Errors: SIGNATURE, KEY. */
enum conclave_error rsa3072_verify(const uint8_t modulus[RSA3072_SIZE], struct bytes message,
	const uint8_t signature[RSA3072_SIZE]);
/* q1 = floor(s^2 / n), q2 = floor((s^3 - q1*s*n) / n): SIGSTRUCT's helpers (SDM 3D, SIGSTRUCT
 * table). Errors: FORMAT. */
enum conclave_error rsa3072_q1_q2(uint8_t q1[RSA3072_SIZE], uint8_t q2[RSA3072_SIZE],
	const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE]);
/* The modulus of a PEM public key (SubjectPublicKeyInfo), for signing offline. Errors: FORMAT, KEY.
 */
enum conclave_error rsa3072_read_public(uint8_t modulus[RSA3072_SIZE], struct bytes pem);

#endif
