/* Verifying an EnclaveInstanceInfo: is this evidence genuine, what does it claim, how good is it,
 * does it meet a constraint.
 *
 * Pure: bytes and a time come in, claims come out. docs/spec/instance-info.md says every check and
 * its source. */
#ifndef ATTEST_ATTEST_H
#define ATTEST_ATTEST_H

#include "attest/dcap.h"
#include "attest/instance_info.h"

enum attest_mode { ATTEST_RELEASE = 0, ATTEST_DEBUG = 1, ATTEST_SIMULATION = 2, ATTEST_MOCK = 3 };
enum attest_level { ATTEST_INSECURE = 0, ATTEST_STALE = 1, ATTEST_SECURE = 2 };

struct attest_claims {
	struct ed25519_public signing_key;
	struct x25519_public encryption_key;
	enum attest_mode mode;
	enum attest_level level;
	enum attest_tcb_status tcb_status;
	bool has_quote; /* false: R3's unsigned forms */
	struct sgx_report_body report;
	uint16_t product_id;
	uint32_t revocation_level; /* ISVSVN - 1; 0 for an ISVSVN of 0, which R3 never signs */
	int64_t timestamp;	   /* seconds since 1970: R3's rule: the latest issue date of the
				      collateral, or the mock form's own */
	uint32_t timestamp_nanosecond; /* the mock form's own; else 0 */
	int64_t earliest_expiry;       /* of certificates, CRLs, TCB info, QE identity; 0 when there
					  is none */
	/* The advisories of the TCB levels that match the platform and its quoting enclave: JSON
	 * arrays of strings (attest/json_view.h), pointing into the evidence; empty when there are
	 * none. */
	struct bytes platform_advisories, qe_advisories;
};

/* now: seconds since 1970, from the caller. failed (may be NULL) names the check that refused.
 * A Revoked TCB is an accepted verification with level INSECURE, as R3 has it.
 * Errors: those of quote_verify. */
enum conclave_error attest_verify(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now);

#endif
