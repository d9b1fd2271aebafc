/* X.509 certificates (RFC 5280) of the profile that Intel's SGX hierarchy uses: version 3, ECDSA
 * with SHA-256 on P-256, five-part names. Whatever leaves the profile is refused. Pure. */
#ifndef ATTEST_X509_H
#define ATTEST_X509_H

#include "attest/der.h"
#include "base/bytes.h"
#include "crypto/crypto.h"

/* What SIGNED{} wraps (RFC 5280 §4.1.1): the bytes signed, and the signature over them. */
struct x509_signed {
	struct bytes part;
	struct p256_signature signature;
};

/* CN, O, L, ST and C, each exactly once. Names are compared by `der`. */
struct x509_name {
	struct bytes der;
	struct bytes common_name, organization, locality, state, country;
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
	struct p256_public key;
	bool is_ca;
	uint32_t path_length;	    /* UINT32_MAX: no limit */
	uint8_t key_usage;	    /* the first octet of the bits; 0 when absent */
	struct bytes sgx_extension; /* 1.2.840.113741.1.13.1; empty when absent */
};

/* Errors: FORMAT. The signature is not verified. */
enum conclave_error x509_read(struct x509_certificate *out, struct bytes der);
/* Whether `issuer` issued it: names, CA bit and key usage, signature. Errors: MISMATCH, SIGNATURE,
 * KEY. */
enum conclave_error x509_verify(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer);

/* The parts that certificates and CRLs share. Each fails the reader. */
struct reader x509_enter_signed(struct x509_signed *out, struct reader *whole);
void x509_read_algorithm(struct reader *reader);
void x509_read_name(struct reader *reader, struct x509_name *out);

/* One extension: `value` is the contents of its OCTET STRING. */
struct x509_extension {
	struct bytes oid, value;
	bool is_critical;
};
void x509_read_extension(struct reader *extensions, struct x509_extension *out);

#endif
