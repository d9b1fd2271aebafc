/* Evidence of any kind: which is it, is it genuine, what does it claim. Pure. */
#ifndef ATTEST_EVIDENCE_H
#define ATTEST_EVIDENCE_H

#include "attest/claims.h"

enum evidence_kind {
	EVIDENCE_UNKNOWN,
	EVIDENCE_INSTANCE_INFO, /* EnclaveInstanceInfo, with all that it takes to verify it */
	EVIDENCE_QUOTE,		/* SGX or TDX */
	EVIDENCE_SNP_REPORT,	/* SEV-SNP; a table of certificates may follow */
	EVIDENCE_NITRO_DOCUMENT,
};

/* By its first bytes, and its size. Nothing is verified. */
enum evidence_kind evidence_detect(struct bytes from);
const char *evidence_kind_text(enum evidence_kind kind); /* "an SGX or TDX quote" */

struct evidence {
	enum evidence_kind kind;
	struct bytes from;
	/* What did not come with it; empty where it did. */
	struct quote_collateral collateral;
	struct snp_evidence snp; /* without the report */
};

/* NULL: the vendors' own. */
struct evidence_roots {
	const struct attest_roots *intel;
	const struct snp_roots *snp;
	const struct p384_public *nitro;
};

/* Why evidence was refused. */
struct evidence_refusal {
	const char *check; /* "the PCK certificate chain" */
	bool is_genuine;   /* EXPIRED: nothing is wrong but the time, at that part */
};

/* now: seconds since 1970, from the caller; skew: seconds by which that may be wrong either way:
 * evidence that is valid at some end of that span is taken, and `appraise` remarks on it.
 * The claims point into the evidence. refusal (may be NULL) is filled on an error.
 * Errors: those of attest_verify, quote_verify, snp_verify and nitro_verify; FORMAT (unknown). */
enum conclave_error evidence_verify(struct claims *out, struct evidence_refusal *refusal,
	const struct evidence *evidence, const struct evidence_roots *roots, int64_t now,
	uint32_t skew);

#endif
