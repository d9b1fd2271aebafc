/* RSA-3072 with exponent 3 through libcrypto: what signs an enclave. SIGSTRUCT's numbers are
 * little-endian; libcrypto's signatures are big-endian and are turned round at this file's edge. */
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/rsa_os.h"

#define RSA3072_BITS 3072
#define RSA3072_EXPONENT 3
#define PEM_SIZE_MAX (1u << 20)

struct rsa3072_secret {
	EVP_PKEY *key;
};

/* The modulus of a key that is what SIGSTRUCT needs. Errors: KEY, MEMORY. */
static enum conclave_error modulus_of(uint8_t modulus[RSA3072_SIZE], const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA") != 1 || EVP_PKEY_get_bits(key) != RSA3072_BITS)
		return CONCLAVE_ERROR_KEY;
	CLEANUP(BIGNUM_cleanup) BIGNUM *n = NULL;
	CLEANUP(BIGNUM_cleanup) BIGNUM *e = NULL;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		return CONCLAVE_ERROR_MEMORY;
	if (!BN_is_word(e, RSA3072_EXPONENT) || BN_num_bits(n) != RSA3072_BITS || !BN_is_odd(n))
		return CONCLAVE_ERROR_KEY;
	ASSERT(BN_bn2lebinpad(n, modulus, RSA3072_SIZE) == RSA3072_SIZE);
	return CONCLAVE_OK;
}

/* Take ownership of key, whatever happens. Errors: KEY, MEMORY. */
static enum conclave_error adopt(struct rsa3072_secret **out, EVP_PKEY *key)
{
	uint8_t modulus[RSA3072_SIZE];
	enum conclave_error error = modulus_of(modulus, key);
	struct rsa3072_secret *secret = error == CONCLAVE_OK ? malloc(sizeof(*secret)) : NULL;
	if (secret == NULL) {
		EVP_PKEY_free(key);
		return error != CONCLAVE_OK ? error : CONCLAVE_ERROR_MEMORY;
	}
	secret->key = key;
	*out = secret;
	return CONCLAVE_OK;
}

/* An encrypted key is refused: without this, libcrypto would ask at the terminal. */
static int no_passphrase(char *text, int size, int for_writing, void *context)
{
	(void)text, (void)size, (void)for_writing, (void)context;
	return -1;
}

enum conclave_error rsa3072_read(struct rsa3072_secret **out, struct bytes pem)
{
	if (pem.len > PEM_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	CLEANUP(BIO_cleanup) BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	if (source == NULL)
		return CONCLAVE_ERROR_MEMORY;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL);
	if (key == NULL)
		return CONCLAVE_ERROR_FORMAT;
	return adopt(out, key);
}

enum conclave_error rsa3072_read_public(uint8_t modulus[RSA3072_SIZE], struct bytes pem)
{
	if (pem.len > PEM_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	CLEANUP(BIO_cleanup) BIO *source = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	if (source == NULL)
		return CONCLAVE_ERROR_MEMORY;
	CLEANUP(EVP_PKEY_cleanup)
	EVP_PKEY *key = PEM_read_bio_PUBKEY(source, NULL, no_passphrase, NULL);
	if (key == NULL)
		return CONCLAVE_ERROR_FORMAT;
	return modulus_of(modulus, key);
}

enum conclave_error rsa3072_generate(struct rsa3072_secret **out)
{
	CLEANUP(EVP_PKEY_CTX_cleanup)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	CLEANUP(BIGNUM_cleanup) BIGNUM *exponent = BN_new();
	EVP_PKEY *key = NULL;
	if (context == NULL || exponent == NULL || BN_set_word(exponent, RSA3072_EXPONENT) != 1 ||
		EVP_PKEY_keygen_init(context) != 1 ||
		EVP_PKEY_CTX_set_rsa_keygen_bits(context, RSA3072_BITS) != 1 ||
		EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) != 1 ||
		EVP_PKEY_keygen(context, &key) != 1)
		return CONCLAVE_ERROR_MEMORY;
	return adopt(out, key);
}

enum conclave_error rsa3072_write(struct writer *text, const struct rsa3072_secret *secret)
{
	CLEANUP(BIO_cleanup) BIO *sink = BIO_new(BIO_s_secmem());
	if (sink == NULL ||
		PEM_write_bio_PKCS8PrivateKey(sink, secret->key, NULL, NULL, 0, NULL, NULL) != 1)
		return CONCLAVE_ERROR_MEMORY;
	char *pem = NULL;
	long size = BIO_get_mem_data(sink, &pem);
	write_bytes(text, bytes_of(pem, (size_t)size));
	return writer_end(text);
}

void rsa3072_free(struct rsa3072_secret *secret)
{
	if (secret == NULL)
		return;
	EVP_PKEY_free(secret->key);
	free(secret);
}

void rsa3072_modulus(uint8_t modulus[RSA3072_SIZE], const struct rsa3072_secret *secret)
{
	ASSERT(modulus_of(modulus, secret->key) == CONCLAVE_OK);
}

static void reverse(uint8_t out[RSA3072_SIZE], const uint8_t from[RSA3072_SIZE])
{
	for (size_t i = 0; i < RSA3072_SIZE; i++)
		out[i] = from[RSA3072_SIZE - 1 - i];
}

enum conclave_error rsa3072_sign(
	uint8_t signature[RSA3072_SIZE], const struct rsa3072_secret *secret, struct bytes message)
{
	uint8_t big_endian[RSA3072_SIZE];
	size_t size = sizeof(big_endian);
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL ||
		EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, secret->key) != 1 ||
		EVP_DigestSign(context, big_endian, &size, message.ptr, message.len) != 1)
		return CONCLAVE_ERROR_MEMORY;
	ASSERT(size == RSA3072_SIZE);
	reverse(signature, big_endian);
	return CONCLAVE_OK;
}

enum conclave_error rsa3072_verify(const uint8_t modulus[RSA3072_SIZE], struct bytes message,
	const uint8_t signature[RSA3072_SIZE])
{
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = NULL;
	CLEANUP(BIGNUM_cleanup) BIGNUM *n = BN_lebin2bn(modulus, RSA3072_SIZE, NULL);
	TRY(rsa_public_key(&key, n, RSA3072_BITS, RSA3072_EXPONENT));
	uint8_t big_endian[RSA3072_SIZE];
	reverse(big_endian, signature);
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) != 1)
		return CONCLAVE_ERROR_MEMORY;
	if (EVP_DigestVerify(context, big_endian, RSA3072_SIZE, message.ptr, message.len) != 1)
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}

enum conclave_error rsa3072_q1_q2(uint8_t q1[RSA3072_SIZE], uint8_t q2[RSA3072_SIZE],
	const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE])
{
	CLEANUP(BN_CTX_cleanup) BN_CTX *context = BN_CTX_new();
	CLEANUP(BIGNUM_cleanup) BIGNUM *n = BN_lebin2bn(modulus, RSA3072_SIZE, NULL);
	CLEANUP(BIGNUM_cleanup) BIGNUM *s = BN_lebin2bn(signature, RSA3072_SIZE, NULL);
	CLEANUP(BIGNUM_cleanup) BIGNUM *product = BN_new();
	CLEANUP(BIGNUM_cleanup) BIGNUM *first = BN_new();
	CLEANUP(BIGNUM_cleanup) BIGNUM *second = BN_new();
	CLEANUP(BIGNUM_cleanup) BIGNUM *rest = BN_new();
	if (context == NULL || n == NULL || s == NULL || product == NULL || first == NULL ||
		second == NULL || rest == NULL)
		return CONCLAVE_ERROR_MEMORY;
	/* s below n bounds both quotients by s. */
	if (BN_is_zero(n) || BN_cmp(s, n) >= 0)
		return CONCLAVE_ERROR_FORMAT;
	/* q1 = s^2 / n; s^3 - q1*s*n = s * (s^2 mod n), so q2 = s * rest / n. */
	if (BN_sqr(product, s, context) != 1 || BN_div(first, rest, product, n, context) != 1 ||
		BN_mul(product, rest, s, context) != 1 ||
		BN_div(second, NULL, product, n, context) != 1)
		return CONCLAVE_ERROR_MEMORY;
	ASSERT(BN_bn2lebinpad(first, q1, RSA3072_SIZE) == RSA3072_SIZE);
	ASSERT(BN_bn2lebinpad(second, q2, RSA3072_SIZE) == RSA3072_SIZE);
	return CONCLAVE_OK;
}
