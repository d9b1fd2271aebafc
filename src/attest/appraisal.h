/* Appraisal: claims held against a policy. The verdict comes with its reasons, for people and for
 * programs alike. Pure. */
#ifndef ATTEST_APPRAISAL_H
#define ATTEST_APPRAISAL_H

#include "attest/policy.h"

enum appraisal_verdict {
	APPRAISAL_REFUSED, /* by default */
	APPRAISAL_ACCEPTED_WITH_ADVISORIES,
	APPRAISAL_ACCEPTED,
};

/* One reason. Texts are printable ASCII, terminated, and cut ("...") where they do not fit. */
struct finding {
	bool is_refusal; /* else a remark */
	char field[64];	 /* the member of the policy: "sgx.accept[1].mrenclave" */
	char seen[256], wanted[256], cure[256];
};

#define APPRAISAL_FINDINGS_MAX 160u /* enough for every refusal of the longest policy */

struct appraisal {
	enum appraisal_verdict verdict;
	struct finding *findings; /* the caller's */
	size_t capacity, count;
	size_t omitted; /* that found no room; the verdict is made of all */
};

/* now: seconds since 1970, from the caller. nonce: what the caller asked the evidence to hold; ptr
 * NULL when he asked for nothing.
 * findings: room for `capacity`. The claims must be of evidence that was verified, at a time within
 * the policy's skew of now. */
void appraise(struct appraisal *out, struct finding *findings, size_t capacity,
	const struct policy *policy, const struct claims *claims, struct bytes nonce, int64_t now);

const char *appraisal_verdict_text(enum appraisal_verdict verdict); /* "accepted" */

#endif
