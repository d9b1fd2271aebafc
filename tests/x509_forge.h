/* Certificates made to order, by libcrypto: of any vendor's scheme, and wrong in any way that a
 * test wants. */
#ifndef TESTS_X509_FORGE_H
#define TESTS_X509_FORGE_H

#include <openssl/evp.h>

#include "base/bytes.h"

/* A key pair of P-256, P-384 ("P-256", "P-384"); the same for the same number, from 1. */
EVP_PKEY *x509_forge_curve_key(const char *curve, unsigned number);
/* x || y of such a key. */
void x509_forge_point(uint8_t *out, size_t size, EVP_PKEY *key);
/* An ECDSA signature as r || s, each of size / 2 bytes, with the hash that goes with the curve. */
void x509_forge_sign(uint8_t *out, size_t size, EVP_PKEY *key, struct bytes message);

struct x509_forge_extension {
	const char *oid; /* in digits */
	struct bytes value;
	bool is_critical;
};

struct x509_forge {
	const char *subject, *issuer; /* common names, under O=Forge, C=US */
	EVP_PKEY *key, *issuer_key;
	const EVP_MD *hash; /* NULL: what goes with the issuer's key. RSA signs with PSS. */
	unsigned serial;
	int64_t not_before, not_after;
	/* In the words of openssl's configuration, "critical,CA:TRUE,pathlen:0"; NULL for none. */
	const char *basic_constraints, *key_usage;
	const struct x509_forge_extension *extensions;
	size_t extension_count;
};

/* In DER. */
void x509_forge_write(struct writer *out, const struct x509_forge *plan);

#endif
