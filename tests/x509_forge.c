#include "x509_forge.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "crypto/libcrypto.h"

FREED_BY(ASN1_OBJECT, ASN1_OBJECT_free)
FREED_BY(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
FREED_BY(X509, X509_free)
FREED_BY(X509_EXTENSION, X509_EXTENSION_free)

#define POINT_SIZE_MAX 97

/* The secret is a small number, which is all that a test's key must be. */
EVP_PKEY *x509_forge_curve_key(const char *curve, unsigned number)
{
	uint8_t encoded[POINT_SIZE_MAX];
	CLEANUP(BIGNUM_cleanup) BIGNUM *secret = BN_new();
	CLEANUP(EC_GROUP_cleanup)
	EC_GROUP *group = EC_GROUP_new_by_curve_name(EC_curve_nist2nid(curve));
	ASSERT(secret != NULL && group != NULL && BN_set_word(secret, 1000003ul * number) == 1);
	CLEANUP(EC_POINT_cleanup) EC_POINT *point = EC_POINT_new(group);
	ASSERT(EC_POINT_mul(group, point, secret, NULL, NULL, NULL) == 1);
	size_t size = EC_POINT_point2oct(
		group, point, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof(encoded), NULL);

	EVP_PKEY *key = NULL;
	CLEANUP(OSSL_PARAM_BLD_cleanup) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	ASSERT(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1);
	ASSERT(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, encoded, size) ==
		1);
	ASSERT(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1);
	CLEANUP(OSSL_PARAM_cleanup) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	CLEANUP(EVP_PKEY_CTX_cleanup)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	ASSERT(EVP_PKEY_fromdata_init(context) == 1);
	ASSERT(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
	return key;
}

void x509_forge_point(uint8_t *out, size_t size, EVP_PKEY *key)
{
	uint8_t encoded[POINT_SIZE_MAX];
	size_t written;
	ASSERT(EVP_PKEY_get_octet_string_param(
		       key, OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded), &written) == 1);
	ASSERT(written == size + 1 && encoded[0] == POINT_CONVERSION_UNCOMPRESSED);
	memcpy(out, encoded + 1, size);
}

static const EVP_MD *hash_of(const EVP_PKEY *key)
{
	return EVP_PKEY_get_bits(key) == 256 ? EVP_sha256() : EVP_sha384();
}

void x509_forge_sign(uint8_t *out, size_t size, EVP_PKEY *key, struct bytes message)
{
	uint8_t der[128];
	const uint8_t *start = der;
	size_t der_size = sizeof(der);
	int half = (int)size / 2;
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	ASSERT(EVP_DigestSignInit(context, NULL, hash_of(key), NULL, key) == 1);
	ASSERT(EVP_DigestSign(context, der, &der_size, message.ptr, message.len) == 1);
	CLEANUP(ECDSA_SIG_cleanup)
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &start, (long)der_size);
	ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, half) == half);
	ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + half, half) == half);
}

static void add_name_part(X509_NAME *name, const char *type, const char *value)
{
	ASSERT(X509_NAME_add_entry_by_txt(
		       name, type, MBSTRING_UTF8, (const uint8_t *)value, -1, -1, 0) == 1);
}

static void fill_name(X509_NAME *name, const char *common_name)
{
	add_name_part(name, "C", "US");
	add_name_part(name, "O", "Forge");
	add_name_part(name, "CN", common_name);
}

static void add_known(X509 *certificate, int nid, const char *value)
{
	if (value == NULL)
		return;
	CLEANUP(X509_EXTENSION_cleanup)
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	ASSERT(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
}

static void add_raw(X509 *certificate, const struct x509_forge_extension *from)
{
	CLEANUP(ASN1_OBJECT_cleanup) ASN1_OBJECT *oid = OBJ_txt2obj(from->oid, 1);
	CLEANUP(ASN1_OCTET_STRING_cleanup) ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASSERT(ASN1_OCTET_STRING_set(value, from->value.ptr, (int)from->value.len) == 1);
	CLEANUP(X509_EXTENSION_cleanup)
	X509_EXTENSION *extension =
		X509_EXTENSION_create_by_OBJ(NULL, oid, from->is_critical, value);
	ASSERT(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
}

static void sign(X509 *certificate, EVP_PKEY *key, const EVP_MD *hash)
{
	EVP_PKEY_CTX *parameters;
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	ASSERT(EVP_DigestSignInit(
		       context, &parameters, hash != NULL ? hash : hash_of(key), NULL, key) == 1);
	if (EVP_PKEY_is_a(key, "RSA")) {
		ASSERT(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
		ASSERT(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
	}
	ASSERT(X509_sign_ctx(certificate, context) > 0);
}

void x509_forge_write(struct writer *out, const struct x509_forge *plan)
{
	CLEANUP(X509_cleanup) X509 *certificate = X509_new();
	ASSERT(X509_set_version(certificate, X509_VERSION_3) == 1);
	ASSERT(ASN1_INTEGER_set(X509_get_serialNumber(certificate), plan->serial) == 1);
	fill_name(X509_get_subject_name(certificate), plan->subject);
	fill_name(X509_get_issuer_name(certificate), plan->issuer);
	ASSERT(ASN1_TIME_set(X509_getm_notBefore(certificate), plan->not_before) != NULL);
	ASSERT(ASN1_TIME_set(X509_getm_notAfter(certificate), plan->not_after) != NULL);
	ASSERT(X509_set_pubkey(certificate, plan->key) == 1);
	add_known(certificate, NID_basic_constraints, plan->basic_constraints);
	add_known(certificate, NID_key_usage, plan->key_usage);
	for (size_t i = 0; i < plan->extension_count; i++)
		add_raw(certificate, &plan->extensions[i]);
	sign(certificate, plan->issuer_key, plan->hash);

	uint8_t *der = NULL;
	int size = i2d_X509(certificate, &der);
	ASSERT(size > 0);
	write_bytes(out, bytes_of(der, (size_t)size));
	OPENSSL_free(der);
	ASSERT(writer_end(out) == CONCLAVE_OK);
}
