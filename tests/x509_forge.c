#include "x509_forge.h"

#include <stdio.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "crypto/libcrypto.h"

FREED_BY(ASN1_OBJECT, ASN1_OBJECT_free)
FREED_BY(ASN1_INTEGER, ASN1_INTEGER_free)
FREED_BY(ASN1_TIME, ASN1_TIME_free)
FREED_BY(AUTHORITY_KEYID, AUTHORITY_KEYID_free)
FREED_BY(X509_CRL, X509_CRL_free)
FREED_BY(X509_NAME, X509_NAME_free)
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

EVP_PKEY *x509_forge_rsa_key(char name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/rsa4096_%c.pem", FORGE_KEYS, name);
	CLEANUP(BIO_cleanup) BIO *source = BIO_new_file(path, "r");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, NULL, NULL);
	ASSERT(key != NULL);
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

/* plan: how, with which key and hash. */
static EVP_MD_CTX *begin_signing(const struct x509_forge *plan)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters;
	const EVP_MD *hash = plan->hash != NULL ? plan->hash : hash_of(plan->issuer_key);
	ASSERT(EVP_DigestSignInit(context, &parameters, hash, NULL, plan->issuer_key) == 1);
	if (EVP_PKEY_is_a(plan->issuer_key, "RSA") && !plan->is_pkcs1) {
		int salt = plan->pss_salt != 0 ? plan->pss_salt : RSA_PSS_SALTLEN_DIGEST;
		ASSERT(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
		ASSERT(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) == 1);
	}
	return context;
}

void x509_forge_sign(
	uint8_t *out, size_t size, EVP_PKEY *key, const EVP_MD *hash, struct bytes message)
{
	uint8_t der[128];
	const uint8_t *start = der;
	size_t der_size = sizeof(der);
	int half = (int)size / 2;
	CLEANUP(EVP_MD_CTX_cleanup)
	EVP_MD_CTX *context = begin_signing(&(struct x509_forge){.issuer_key = key, .hash = hash});
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

static void fill_name(X509_NAME *name, const char *text)
{
	char copy[256];
	char *rest = copy;
	bool is_whole = strchr(text, '=') != NULL;
	snprintf(copy, sizeof(copy), "%s%s", is_whole ? "" : "C=US/O=Forge/CN=", text);
	for (char *part; (part = strsep(&rest, "/")) != NULL;) {
		char *value = strchr(part, '=');
		ASSERT(value != NULL);
		*value = '\0';
		add_name_part(name, part, value + 1);
	}
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

/* What libcrypto allocated. */
static void put(struct writer *out, uint8_t *der, int size)
{
	ASSERT(size > 0);
	write_bytes(out, bytes_of(der, (size_t)size));
	OPENSSL_free(der);
	ASSERT(writer_end(out) == CONCLAVE_OK);
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
	CLEANUP(EVP_MD_CTX_cleanup) EVP_MD_CTX *context = begin_signing(plan);
	ASSERT(X509_sign_ctx(certificate, context) > 0);
	uint8_t *der = NULL;
	int size = i2d_X509(certificate, &der);
	put(out, der, size);
}

static void revoke(X509_CRL *crl, unsigned number, ASN1_TIME *date)
{
	CLEANUP(ASN1_INTEGER_cleanup) ASN1_INTEGER *serial = ASN1_INTEGER_new();
	X509_REVOKED *entry = X509_REVOKED_new(); /* the CRL's, in the end */
	ASSERT(ASN1_INTEGER_set(serial, number) == 1);
	ASSERT(X509_REVOKED_set_serialNumber(entry, serial) == 1);
	ASSERT(X509_REVOKED_set_revocationDate(entry, date) == 1);
	ASSERT(X509_CRL_add0_revoked(crl, entry) == 1);
}

static void add_crl_extensions(X509_CRL *crl)
{
	CLEANUP(ASN1_INTEGER_cleanup) ASN1_INTEGER *number = ASN1_INTEGER_new();
	CLEANUP(AUTHORITY_KEYID_cleanup) AUTHORITY_KEYID *key_id = AUTHORITY_KEYID_new();
	key_id->keyid = ASN1_OCTET_STRING_new();
	ASSERT(ASN1_INTEGER_set(number, 1) == 1);
	ASSERT(ASN1_OCTET_STRING_set(key_id->keyid, (const uint8_t *)"id", 2) == 1);
	ASSERT(X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1);
	ASSERT(X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, key_id, 0, 0) == 1);
}

void x509_forge_write_crl(struct writer *out, const struct x509_forge_crl *plan)
{
	CLEANUP(X509_CRL_cleanup) X509_CRL *crl = X509_CRL_new();
	CLEANUP(X509_NAME_cleanup) X509_NAME *issuer = X509_NAME_new();
	CLEANUP(ASN1_TIME_cleanup) ASN1_TIME *start = ASN1_TIME_set(NULL, plan->this_update);
	CLEANUP(ASN1_TIME_cleanup) ASN1_TIME *end = ASN1_TIME_set(NULL, plan->next_update);
	fill_name(issuer, plan->issuer);
	ASSERT(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	ASSERT(X509_CRL_set_issuer_name(crl, issuer) == 1);
	ASSERT(X509_CRL_set1_lastUpdate(crl, start) == 1);
	ASSERT(X509_CRL_set1_nextUpdate(crl, end) == 1);
	if (plan->revoked != 0)
		revoke(crl, plan->revoked, start);
	add_crl_extensions(crl);
	CLEANUP(EVP_MD_CTX_cleanup)
	EVP_MD_CTX *context = begin_signing(&(struct x509_forge){.issuer_key = plan->issuer_key});
	ASSERT(X509_CRL_sign_ctx(crl, context) > 0);
	uint8_t *der = NULL;
	int size = i2d_X509_CRL(crl, &der);
	put(out, der, size);
}
