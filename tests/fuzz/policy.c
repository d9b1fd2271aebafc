/* Any policy: what is refused is refused in words fit for a terminal; what is read names at least
 * one identity of each platform it names, every rule lies where it is said to, and evidence of any
 * platform can be held against it. */
#include "../claims_sample.h"
#include "attest/appraisal.h"
#include "base/check.h"

static void check_words(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);
	ASSERT(end != NULL && end != text);
	for (const char *c = text; c < end; c++)
		ASSERT(*c >= ' ' && *c <= '~');
}

static void check_platform(const struct policy *policy, const struct policy_platform *platform)
{
	ASSERT(platform->is_named == (platform->identity_count > 0));
	ASSERT(platform->identity_count <= POLICY_IDENTITIES_MAX);
	ASSERT(platform->common_count <= POLICY_COMMON_MAX);
	for (size_t i = 0; i < platform->identity_count; i++) {
		const struct policy_rules *rules = &platform->identities[i];
		ASSERT(rules->count > 0 && rules->first <= policy->rule_count &&
			rules->count <= policy->rule_count - rules->first);
	}
}

/* The verdict is what its reasons make it. */
static void check_appraisal(const struct policy *policy, const struct claims *claims)
{
	static struct finding findings[APPRAISAL_FINDINGS_MAX];
	struct appraisal appraisal;
	bool refuses = false;
	appraise(&appraisal, findings, APPRAISAL_FINDINGS_MAX, policy, claims,
		(struct bytes){NULL, 0}, SAMPLE_NOW);
	for (size_t i = 0; i < appraisal.count; i++) {
		check_words(findings[i].field, sizeof(findings[i].field));
		check_words(findings[i].seen, sizeof(findings[i].seen));
		check_words(findings[i].wanted, sizeof(findings[i].wanted));
		check_words(findings[i].cure, sizeof(findings[i].cure));
		refuses |= findings[i].is_refusal;
	}
	ASSERT(appraisal.omitted == 0);
	ASSERT(refuses == (appraisal.verdict == APPRAISAL_REFUSED));
	ASSERT((appraisal.count == 0) == (appraisal.verdict == APPRAISAL_ACCEPTED));
	if (!policy->platforms[claims->platform].is_named)
		ASSERT(refuses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const samples[])(struct claims *) = {
		claims_sample_sgx, claims_sample_tdx, claims_sample_snp, claims_sample_nitro};
	static struct policy policy;
	struct conclave_report report = {""};
	size_t named = 0;
	if (policy_read(&policy, bytes_of(data, size), &report) != CONCLAVE_OK) {
		check_words(report.text, sizeof(report.text));
		return 0;
	}
	for (size_t i = 0; i < CLAIMS_PLATFORM_COUNT; i++) {
		check_platform(&policy, &policy.platforms[i]);
		named += policy.platforms[i].is_named;
	}
	ASSERT(named > 0);
	for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
		struct claims claims;
		samples[i](&claims);
		check_appraisal(&policy, &claims);
	}
	return 0;
}
