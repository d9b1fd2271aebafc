/* ECDSA P-256 through libcrypto. */
#include <openssl/obj_mac.h>

#include "crypto/ecdsa_os.h"

#define NUMBER_SIZE 32
#define DER_SIZE_MAX 72 /* SEQUENCE of two INTEGERs of at most 33 bytes */

static _Atomic(EVP_PKEY *) p256_parameters;
static const struct ecdsa_curve p256 = {
	SN_X9_62_prime256v1, NUMBER_SIZE, EVP_sha256, &p256_parameters};

enum conclave_error p256_verify(
	const struct p256_public *key, struct bytes message, const struct p256_signature *signature)
{
	return ecdsa_verify(&p256, key->bytes, message, BYTES_LIT(""), signature->bytes);
}

/* The secret as a number, and its point. Errors: KEY (zero or not below the order), MEMORY. */
static enum conclave_error derive(
	BIGNUM **number, struct p256_public *key, const struct p256_secret *secret)
{
	CLEANUP(BIGNUM_cleanup)
	BIGNUM *scalar = BN_bin2bn(secret->bytes, NUMBER_SIZE, BN_secure_new());
	CLEANUP(EC_GROUP_cleanup)
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	if (scalar == NULL || group == NULL)
		return CONCLAVE_ERROR_MEMORY;
	if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
		return CONCLAVE_ERROR_KEY;
	BN_set_flags(scalar, BN_FLG_CONSTTIME);

	uint8_t point[1 + 2 * NUMBER_SIZE];
	CLEANUP(EC_POINT_cleanup) EC_POINT *product = EC_POINT_new(group);
	if (product == NULL || EC_POINT_mul(group, product, scalar, NULL, NULL, NULL) != 1 ||
		EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point,
			sizeof(point), NULL) != sizeof(point))
		return CONCLAVE_ERROR_MEMORY;
	memcpy(key->bytes, point + 1, sizeof(key->bytes));
	*number = scalar;
	scalar = NULL;
	return CONCLAVE_OK;
}

enum conclave_error p256_public_of(struct p256_public *key, const struct p256_secret *secret)
{
	CLEANUP(BIGNUM_cleanup) BIGNUM *number = NULL;
	return derive(&number, key, secret);
}

enum conclave_error p256_generate(struct p256_secret *secret, struct p256_public *key)
{
	/* A random number is refused with probability 2^-32; so many in a row mean broken
	 * randomness. */
	CLEANUP(p256_secret_wipe) struct p256_secret candidate;
	for (size_t attempt = 0; attempt < 8; attempt++) {
		TRY(crypto_random((struct buffer){candidate.bytes, sizeof(candidate.bytes)}));
		enum conclave_error error = p256_public_of(key, &candidate);
		if (error == CONCLAVE_OK)
			*secret = candidate;
		if (error != CONCLAVE_ERROR_KEY)
			return error;
	}
	return CONCLAVE_ERROR_RANDOM;
}

enum conclave_error p256_sign(
	struct p256_signature *out, const struct p256_secret *secret, struct bytes message)
{
	CLEANUP(BIGNUM_cleanup) BIGNUM *number = NULL;
	struct p256_public key;
	TRY(derive(&number, &key, secret));
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *object = NULL;
	TRY(ecdsa_key(&object, &p256, key.bytes, number));

	uint8_t der[DER_SIZE_MAX];
	size_t der_size = sizeof(der);
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, object) != 1 ||
		EVP_DigestSign(context, der, &der_size, message.ptr, message.len) != 1)
		return CONCLAVE_ERROR_MEMORY;
	const uint8_t *start = der;
	CLEANUP(ECDSA_SIG_cleanup)
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &start, (long)der_size);
	if (pair == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct p256_signature signature;
	ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature.bytes, NUMBER_SIZE) == NUMBER_SIZE);
	ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature.bytes + NUMBER_SIZE, NUMBER_SIZE) ==
		NUMBER_SIZE);
	*out = signature;
	return CONCLAVE_OK;
}
