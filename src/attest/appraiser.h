/* What the parts of an appraisal share. */
#ifndef ATTEST_APPRAISER_H
#define ATTEST_APPRAISER_H

#include "attest/appraisal.h"
#include "attest/finding.h"

#define APPRAISER_NONE_MATCHED SIZE_MAX

struct appraiser {
	struct appraisal *out;
	const struct policy *policy;
	const struct policy_platform *platform; /* the policy's, of the claims' platform */
	const struct claims *claims;
	size_t identity; /* which matched */
	int64_t now;
	struct finding scratch; /* for what found no room */
};

/* A finding, empty; the verdict changes with it. */
struct finding *appraiser_begin(struct appraiser *a, bool is_refusal);
/* The same, of a member of the platform's section. */
struct finding *appraiser_begin_member(struct appraiser *a, bool is_refusal, struct bytes member);

void appraiser_check_intel(struct appraiser *a);
void appraiser_check_snp(struct appraiser *a);
void appraiser_check_nitro(struct appraiser *a);

#endif
