/* Certificate revocation lists (RFC 5280 §5) of the profiles in x509.h: version 2, with CRL number,
 * authority key identifier and nextUpdate. Pure. */
#ifndef ATTEST_CRL_H
#define ATTEST_CRL_H

#include "attest/x509.h"

/* Views point into the DER given. */
struct crl {
	struct x509_signed proof;
	struct x509_name issuer;
	int64_t this_update, next_update;
	struct bytes revoked; /* the entries, each proved well-formed */
};

/* Errors: FORMAT. The signature is not verified. */
enum conclave_error crl_read(struct crl *out, struct bytes der);
/* Whether `issuer` may have signed it: name, CA bit and key usage. Errors: MISMATCH. */
enum conclave_error crl_check_issuer(const struct crl *crl, const struct x509_certificate *issuer);
/* That, and the signature. Errors: MISMATCH (another issuer, or one that may not sign CRLs),
 * SIGNATURE, KEY. */
enum conclave_error crl_verify(const struct crl *crl, const struct x509_certificate *issuer);
/* Whether a certificate's serial number is on the list. */
bool crl_lists(const struct crl *crl, struct bytes serial);

#endif
