/* What libcrypto takes for the bare signatures of a piece of evidence: a chain of certificates and
 * one message signed with the first one's P-384 key, all of it parsed beforehand. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/check.h"
#include "crypto/crypto.h"

#define BARE_CERTIFICATES_MAX 16

struct bare {
	X509 *certificates[BARE_CERTIFICATES_MAX]; /* leaf first */
	EVP_PKEY *keys[BARE_CERTIFICATES_MAX];
	size_t count;
	struct bytes message;
	uint8_t der[128];
	size_t der_size;
};

static inline void bare_add_certificate(struct bare *bare, struct bytes der)
{
	const uint8_t *start = der.ptr;
	X509 *certificate = d2i_X509(NULL, &start, (long)der.len);
	ASSERT(certificate != NULL && bare->count < BARE_CERTIFICATES_MAX);
	bare->certificates[bare->count] = certificate;
	bare->keys[bare->count++] = X509_get_pubkey(certificate);
}

/* message must stay where it is. */
static inline void bare_set_message(
	struct bare *bare, struct bytes message, const struct p384_signature *signature)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	uint8_t *end = bare->der;
	ASSERT(ECDSA_SIG_set0(pair, BN_bin2bn(signature->bytes, 48, NULL),
		       BN_bin2bn(signature->bytes + 48, 48, NULL)) == 1);
	bare->der_size = (size_t)i2d_ECDSA_SIG(pair, &end);
	bare->message = message;
	ECDSA_SIG_free(pair);
}

static inline void bare_verify_message(void *context)
{
	const struct bare *bare = context;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	ASSERT(EVP_DigestVerifyInit(digest, NULL, EVP_sha384(), NULL, bare->keys[0]) == 1);
	ASSERT(EVP_DigestVerify(digest, bare->der, bare->der_size, bare->message.ptr,
		       bare->message.len) == 1);
	EVP_MD_CTX_free(digest);
}

static inline void bare_verify_all(void *context)
{
	const struct bare *bare = context;
	size_t last = bare->count - 1;
	for (size_t i = 0; i <= last; i++)
		ASSERT(X509_verify(bare->certificates[i], bare->keys[i < last ? i + 1 : last]) ==
			1);
	bare_verify_message(context);
}

static inline void bare_free(struct bare *bare)
{
	for (size_t i = 0; i < bare->count; i++) {
		X509_free(bare->certificates[i]);
		EVP_PKEY_free(bare->keys[i]);
	}
}

#endif
