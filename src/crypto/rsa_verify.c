/* Verifying RSA signatures of others through libcrypto: AMD's certificates (PSS) and what a TPM
 * signs (PKCS#1 v1.5). Their exponent is 65537. */
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "crypto/rsa_os.h"

#define EXPONENT 65537
#define PSS_SALT_SIZE 48

enum conclave_error rsa_public_key(
	EVP_PKEY **out, const BIGNUM *modulus, int bits, unsigned exponent)
{
	CLEANUP(OSSL_PARAM_BLD_cleanup) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	CLEANUP(EVP_PKEY_CTX_cleanup)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (modulus == NULL || builder == NULL || context == NULL)
		return CONCLAVE_ERROR_MEMORY;
	if (BN_num_bits(modulus) != bits || !BN_is_odd(modulus))
		return CONCLAVE_ERROR_KEY;
	if (OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
		OSSL_PARAM_BLD_push_uint(builder, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
		return CONCLAVE_ERROR_MEMORY;
	CLEANUP(OSSL_PARAM_cleanup) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *object = NULL;
	if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &object, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		return CONCLAVE_ERROR_MEMORY;
	*out = object;
	return CONCLAVE_OK;
}

/* EVP_DigestVerify wants no more than the context and the bytes. */
static enum conclave_error finish(EVP_MD_CTX *context, struct bytes message, struct bytes signature)
{
	if (EVP_DigestVerify(context, signature.ptr, signature.len, message.ptr, message.len) != 1)
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}

static enum conclave_error key_of(EVP_PKEY **out, struct bytes modulus, size_t size)
{
	if (modulus.len != size)
		return CONCLAVE_ERROR_KEY;
	CLEANUP(BIGNUM_cleanup) BIGNUM *n = BN_bin2bn(modulus.ptr, (int)size, NULL);
	return rsa_public_key(out, n, (int)(8 * size), EXPONENT);
}

enum conclave_error rsa4096_pss_verify(
	struct bytes modulus, struct bytes message, struct bytes signature)
{
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = NULL;
	TRY(key_of(&key, modulus, RSA4096_SIZE));
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *padding = NULL; /* belongs to context */
	if (context == NULL ||
		EVP_DigestVerifyInit(context, &padding, EVP_sha384(), NULL, key) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) != 1 ||
		EVP_PKEY_CTX_set_rsa_mgf1_md(padding, EVP_sha384()) != 1 ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, PSS_SALT_SIZE) != 1)
		return CONCLAVE_ERROR_MEMORY;
	return finish(context, message, signature);
}

enum conclave_error rsa2048_verify(
	struct bytes modulus, struct bytes message, struct bytes signature)
{
	CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = NULL;
	TRY(key_of(&key, modulus, RSA2048_SIZE));
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) != 1)
		return CONCLAVE_ERROR_MEMORY;
	return finish(context, message, signature);
}
