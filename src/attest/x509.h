/* X.509 certificates (RFC 5280) of the profiles that vendors of confidential hardware use:
 *
 *   Intel  P-256 with SHA-256
 *   AMD    RSA-4096 with PSS and SHA-384; leaves hold P-384 keys and extensions of AMD's
 *   AWS    P-384 with SHA-384
 *
 * Version 3, names of at most six parts. Whatever leaves the profiles is refused. Pure. */
#ifndef ATTEST_X509_H
#define ATTEST_X509_H

#include "attest/der.h"
#include "base/bytes.h"
#include "crypto/crypto.h"

#define X509_SERIAL_SIZE_MAX 20u     /* RFC 5280 §4.1.2.2 */
#define X509_EXTENSION_COUNT_MAX 32u /* AMD's leaves have 11 */

/* A key with the only way it is used. A signature of one scheme is never tried with a key of
 * another. */
enum x509_scheme {
	X509_P256_SHA256,
	X509_P384_SHA384,
	X509_RSA4096_PSS_SHA384, /* MGF1 with SHA-384, salt of 48 bytes, exponent 65537 */
};

struct x509_key {
	enum x509_scheme scheme;
	union {
		struct p256_public p256;
		struct p384_public p384;
		struct bytes rsa4096; /* the modulus, RSA4096_SIZE bytes, big-endian */
	};
};

/* What SIGNED{} wraps (RFC 5280 §4.1.1): the bytes signed, and the signature over them. */
struct x509_signed {
	struct bytes part;
	struct bytes algorithm; /* AlgorithmIdentifier, which `part` must repeat */
	enum x509_scheme scheme;
	union {
		struct p256_signature p256;
		struct p384_signature p384;
		struct bytes rsa4096; /* RSA4096_SIZE bytes */
	};
};

/* Each part at most once, empty when absent. Names are compared by `der`. */
struct x509_name {
	struct bytes der;
	struct bytes common_name, organization, organizational_unit, locality, state, country;
};

#define X509_DIGITAL_SIGNATURE 0x80u
#define X509_KEY_CERT_SIGN 0x04u
#define X509_CRL_SIGN 0x02u

/* Views point into the DER given. */
struct x509_certificate {
	struct bytes der;
	struct x509_signed proof;
	struct bytes serial;
	struct x509_name issuer, subject;
	int64_t not_before, not_after;
	struct x509_key key;
	bool is_ca;
	uint32_t path_length;	 /* UINT32_MAX: no limit */
	uint8_t key_usage;	 /* the first octet of the bits; 0 when absent */
	struct bytes extensions; /* each proved well-formed, none twice */
};

/* Errors: FORMAT. The signature is not verified. */
enum conclave_error x509_read(struct x509_certificate *out, struct bytes der);
/* The value of an extension, the contents of its OCTET STRING; empty when it is absent. oid: the
 * contents of the object identifier. */
struct bytes x509_extension(const struct x509_certificate *certificate, struct bytes oid);

bool x509_key_equal(const struct x509_key *a, const struct x509_key *b);
bool x509_is_self_issued(const struct x509_certificate *certificate);
/* Whether `issuer` issued it: names, CA bit and key usage, signature. Errors: MISMATCH, SIGNATURE,
 * KEY. */
enum conclave_error x509_verify(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer);
/* The first half of that: everything but the signature. Errors: MISMATCH. */
enum conclave_error x509_check_issuer(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer);
/* The second half. Errors: MISMATCH (a signature of another scheme than the key's), SIGNATURE,
 * KEY. */
enum conclave_error x509_verify_signed(const struct x509_signed *proof, const struct x509_key *key);

/* The parts that certificates and CRLs share. Each fails the reader. */
struct reader x509_enter_signed(struct x509_signed *out, struct reader *whole);
/* The AlgorithmIdentifier within the signed part. */
void x509_read_algorithm(struct reader *reader, const struct x509_signed *proof);
void x509_read_name(struct reader *reader, struct x509_name *out);

/* One extension: `value` is the contents of its OCTET STRING. */
struct x509_item {
	struct bytes oid, value;
	bool is_critical;
};
void x509_read_item(struct reader *extensions, struct x509_item *out);

#endif
