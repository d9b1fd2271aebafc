/* Verifying SGX and TDX quotes by Intel's Data Center Attestation Primitives: is this quote
 * genuine, what does it claim, and how well patched is the platform that made it.
 *
 * Pure: bytes, collateral, roots and a time come in, claims come out. What is refused is what is
 * not authentic, not valid now or not of one piece. What is merely undesirable (debug mode, an old
 * TCB, even a revoked one) is a claim, for the caller's policy to judge. docs/spec/attestation.md
 * says every check and its source. */
#ifndef ATTEST_DCAP_H
#define ATTEST_DCAP_H

#include "attest/chain.h"
#include "attest/memo.h"
#include "attest/pck.h"
#include "attest/qe_identity.h"
#include "attest/quote.h"
#include "attest/roots.h"
#include "attest/tcb.h"

/* What is needed to verify a quote beside itself. Chains are PEM, their certificates in any order;
 * CRLs are DER, PEM or hexadecimal digits. Zero bytes may follow each. */
struct quote_collateral {
	struct bytes pck_chain;		   /* empty: the quote has it */
	struct bytes pck_crl_issuer_chain; /* empty: CA and root of the PCK chain */
	struct bytes root_ca_crl, pck_crl;
	struct bytes tcb_info_issuer_chain, tcb_info;
	struct bytes qe_identity_issuer_chain, qe_identity;
};

#define QUOTE_ADVISORIES_MAX 128u /* Intel's longest list has 28 */

/* Of the levels that matched, each once: "INTEL-SA-00615". */
struct quote_advisories {
	struct bytes ids[QUOTE_ADVISORIES_MAX];
	size_t count;
};

/* Views point into the collateral. */
struct quote_claims {
	/* -- the quote -- */
	uint16_t version;
	enum quote_body body;
	union {
		struct sgx_report_body report;	  /* QUOTE_BODY_SGX */
		struct tdx_report_body td_report; /* the others */
	};
	uint8_t user_data[20]; /* of the header: the quoting enclave's own */
	bool is_debug;	       /* SGX: DEBUG; TDX: any bit of TUD */
	bool is_simulation;    /* chains to the published key: proves nothing */

	/* -- who vouches for it -- */
	struct sgx_report_body qe_report;
	struct p256_public attestation_key;
	struct pck_platform platform;
	bool is_platform_ca; /* else the Processor CA: a platform of one package */

	/* -- how good it is, by Intel's rules (PCS API v4, QuoteLib Reference §4.1.2.5) -- */
	enum attest_tcb_status tcb_status;
	/* What it would be with what the platform runs now; differs from the above only in TD 1.5,
	 * where a TD outlives updates of the TDX module. */
	enum attest_tcb_status current_tcb_status;
	/* The levels that matched, of which the status is made. */
	struct tcb_level platform_level, qe_level, module_level;
	bool has_module_level;	   /* TDX modules of version 1 and later have levels of their own */
	int64_t tcb_date;	   /* the earliest of these levels' */
	int64_t latest_level_date; /* of all levels in the collateral, matching or not */
	uint32_t tcb_evaluation_number, qe_evaluation_number;
	struct quote_advisories advisories;

	/* -- when -- */
	struct window
		validity; /* of everything that was looked at: latest start, earliest expiry */
	int64_t earliest_issue, latest_issue; /* of the CRLs, the TCB info and the QE identity */
	/* The oldest of these without the root's CRL, which Intel issues once a year: of what was
	 * said of the platform later than this, the collateral may keep quiet. */
	int64_t known_until;
};

/* Which check refused, in order of checking; for words and tests. */
enum attest_check {
	ATTEST_CHECK_NONE,
	ATTEST_CHECK_FORMAT,
	ATTEST_CHECK_QUOTE_FORMAT,
	ATTEST_CHECK_REPORT_DATA,
	ATTEST_CHECK_COLLATERAL_VERSION,
	ATTEST_CHECK_CERTIFICATION_DATA, /* the PCK chain is neither in the quote nor with it */
	ATTEST_CHECK_PCK_CHAIN,
	ATTEST_CHECK_ROOT,
	ATTEST_CHECK_PCK_CRL_CHAIN,
	ATTEST_CHECK_TCB_INFO_CHAIN,
	ATTEST_CHECK_QE_IDENTITY_CHAIN,
	ATTEST_CHECK_ROOT_CRL,
	ATTEST_CHECK_PCK_CRL,
	ATTEST_CHECK_REVOCATION,
	ATTEST_CHECK_TCB_INFO_SIGNATURE,
	ATTEST_CHECK_TCB_INFO,
	ATTEST_CHECK_QE_IDENTITY_SIGNATURE,
	ATTEST_CHECK_QE_IDENTITY,
	ATTEST_CHECK_FMSPC,
	ATTEST_CHECK_TDX_MODULE,
	ATTEST_CHECK_QE_REPORT_SIGNATURE,
	ATTEST_CHECK_QE_REPORT_DATA,
	ATTEST_CHECK_QE_REPORT,
	ATTEST_CHECK_QUOTE_SIGNATURE,
	ATTEST_CHECK_TCB_LEVEL,
};

/* quote: at most QUOTE_SIZE_MAX bytes; zero bytes may follow. now: seconds since 1970, from the
 * caller. memo (may be NULL): makes verifying with the same collateral again cheaper. failed (may
 * be NULL) names the check that refused; a part of the collateral that is missing is NOT_FOUND at
 * its own, and EXPIRED says at which it is not the time, and that nothing else is wrong. Errors:
 * FORMAT, TRUNCATED, TRAILING, VERSION, LIMIT, NOT_FOUND, SIGNATURE, KEY, MISMATCH, UNTRUSTED,
 * REVOKED (a certificate), EXPIRED, TCB (no level matches). */
enum conclave_error quote_verify(struct quote_claims *out, enum attest_check *failed,
	struct memo *memo, struct bytes quote, const struct quote_collateral *collateral,
	const struct attest_roots *roots, int64_t now);

/* What a check is, for people: "the PCK certificate chain". */
const char *attest_check_text(enum attest_check check);

#endif
