#include "crypto/ecdsa_os.h"

#include <openssl/core_names.h>
#include <stdatomic.h>

#define NUMBER_SIZE_MAX 48
/* SEQUENCE of two INTEGERs, each with a byte for its sign. */
#define DER_SIZE_MAX (3 + 2 * (3 + NUMBER_SIZE_MAX))

enum conclave_error ecdsa_key(
	EVP_PKEY **out, const struct ecdsa_curve *curve, const uint8_t *point, const BIGNUM *secret)
{
	uint8_t encoded[1 + 2 * NUMBER_SIZE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
	ASSERT(curve->number_size <= NUMBER_SIZE_MAX);
	memcpy(encoded + 1, point, 2 * curve->number_size);

	CLEANUP(OSSL_PARAM_BLD_cleanup) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(EVP_PKEY_CTX_cleanup)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (builder == NULL || context == NULL ||
		OSSL_PARAM_BLD_push_utf8_string(
			builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) != 1 ||
		OSSL_PARAM_BLD_push_octet_string(
			builder, OSSL_PKEY_PARAM_PUB_KEY, encoded, 1 + 2 * curve->number_size) != 1)
		return CONCLAVE_ERROR_MEMORY;
	if (secret != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret) != 1)
		return CONCLAVE_ERROR_MEMORY;
	CLEANUP(OSSL_PARAM_cleanup) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1)
		return CONCLAVE_ERROR_MEMORY;

	EVP_PKEY *object = NULL;
	int selection = secret != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
	if (EVP_PKEY_fromdata(context, &object, selection, parameters) != 1) {
		EVP_PKEY_free(object);
		return CONCLAVE_ERROR_KEY;
	}
	*out = object;
	return CONCLAVE_OK;
}

static EVP_PKEY *make_parameters(const struct ecdsa_curve *curve)
{
	CLEANUP(OSSL_PARAM_BLD_cleanup) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(EVP_PKEY_CTX_cleanup)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (builder == NULL || context == NULL ||
		OSSL_PARAM_BLD_push_utf8_string(
			builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) != 1)
		return NULL;
	CLEANUP(OSSL_PARAM_cleanup) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *made = NULL;
	if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEY_PARAMETERS, parameters) != 1) {
		EVP_PKEY_free(made);
		return NULL;
	}
	return made;
}

/* A curve without a key, made once per process: libcrypto takes a quarter of a verification's time
 * to make one from its name, and a tenth of that to copy it. NULL: no memory. */
static EVP_PKEY *parameters_of(const struct ecdsa_curve *curve)
{
	EVP_PKEY *known = atomic_load(curve->parameters);
	if (known != NULL)
		return known;
	EVP_PKEY *made = make_parameters(curve);
	if (made == NULL || atomic_compare_exchange_strong(curve->parameters, &known, made))
		return made;
	EVP_PKEY_free(made); /* another thread was faster */
	return known;
}

static enum conclave_error public_key(
	EVP_PKEY **out, const struct ecdsa_curve *curve, const uint8_t *point)
{
	uint8_t encoded[1 + 2 * NUMBER_SIZE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
	ASSERT(curve->number_size <= NUMBER_SIZE_MAX);
	memcpy(encoded + 1, point, 2 * curve->number_size);

	const EVP_PKEY *parameters = parameters_of(curve);
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = EVP_PKEY_new();
	if (parameters == NULL || key == NULL || EVP_PKEY_copy_parameters(key, parameters) != 1)
		return CONCLAVE_ERROR_MEMORY;
	if (EVP_PKEY_set1_encoded_public_key(key, encoded, 1 + 2 * curve->number_size) != 1)
		return CONCLAVE_ERROR_KEY;
	*out = key;
	key = NULL;
	return CONCLAVE_OK;
}

enum conclave_error ecdsa_verify(const struct ecdsa_curve *curve, const uint8_t *point,
	struct bytes first, struct bytes rest, const uint8_t *signature)
{
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = NULL;
	TRY(public_key(&key, curve, point));

	int number_size = (int)curve->number_size;
	CLEANUP(ECDSA_SIG_cleanup) ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, number_size, NULL);
	BIGNUM *s = BN_bin2bn(signature + number_size, number_size, NULL);
	if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return CONCLAVE_ERROR_MEMORY;
	}
	uint8_t der[DER_SIZE_MAX];
	uint8_t *end = der;
	int der_size = i2d_ECDSA_SIG(pair, &end);
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (der_size <= 0 || context == NULL ||
		EVP_DigestVerifyInit(context, NULL, curve->hash(), NULL, key) != 1 ||
		EVP_DigestVerifyUpdate(context, first.ptr, first.len) != 1 ||
		EVP_DigestVerifyUpdate(context, rest.ptr, rest.len) != 1)
		return CONCLAVE_ERROR_MEMORY;
	if (EVP_DigestVerifyFinal(context, der, (size_t)der_size) != 1)
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}
