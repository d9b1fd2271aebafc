/* Certificates and CRLs made to order, by libcrypto, which shares no code with the readers that
 * they are for: of any vendor's scheme, and wrong in any way that a test wants. */
#ifndef TESTS_X509_FORGE_H
#define TESTS_X509_FORGE_H

#include <openssl/evp.h>

#include "base/bytes.h"

/* A key pair of P-256, P-384 ("P-256", "P-384"); the same for the same number, from 1. */
EVP_PKEY *x509_forge_curve_key(const char *curve, unsigned number);
/* One of two RSA-4096 keys, 'a' and 'b', which lie in tests/keys: making one takes seconds. */
EVP_PKEY *x509_forge_rsa_key(char name);
/* x || y of a key on a curve. */
void x509_forge_point(uint8_t *out, size_t size, EVP_PKEY *key);
/* An ECDSA signature as r || s, each of size / 2 bytes. hash: NULL for what goes with the curve. */
void x509_forge_sign(
	uint8_t *out, size_t size, EVP_PKEY *key, const EVP_MD *hash, struct bytes message);

struct x509_forge_extension {
	const char *oid; /* in digits */
	struct bytes value;
	bool is_critical;
};

struct x509_forge {
	/* Common names, under O=Forge, C=US; or whole names, "C=US/CN=name". */
	const char *subject, *issuer;
	EVP_PKEY *key, *issuer_key;
	const EVP_MD *hash; /* NULL: what goes with the issuer's key */
	/* RSA signs with PSS, and with a salt as long as the hash where this is 0. */
	int pss_salt;
	bool is_pkcs1;
	unsigned serial;
	int64_t not_before, not_after;
	/* In the words of openssl's configuration, "critical,CA:TRUE,pathlen:0"; NULL for none. */
	const char *basic_constraints, *key_usage;
	const struct x509_forge_extension *extensions;
	size_t extension_count;
};

struct x509_forge_crl {
	const char *issuer;
	EVP_PKEY *issuer_key;
	int64_t this_update, next_update;
	unsigned revoked; /* a serial number; 0: none */
};

/* In DER. */
void x509_forge_write(struct writer *out, const struct x509_forge *plan);
void x509_forge_write_crl(struct writer *out, const struct x509_forge_crl *plan);

#endif
