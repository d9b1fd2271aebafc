/* Any policy: what is refused is refused in words fit for a terminal; what is read names at least
 * one identity of each platform it names, and every rule lies where it is said to. */
#include "attest/policy.h"
#include "base/check.h"

static void check_words(const struct conclave_report *report)
{
	const char *end = memchr(report->text, '\0', sizeof(report->text));
	ASSERT(end != NULL && end != report->text);
	for (const char *c = report->text; c < end; c++)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy policy;
	struct conclave_report report = {""};
	size_t named = 0;
	if (policy_read(&policy, bytes_of(data, size), &report) != CONCLAVE_OK) {
		check_words(&report);
		return 0;
	}
	for (size_t i = 0; i < CLAIMS_PLATFORM_COUNT; i++) {
		check_platform(&policy, &policy.platforms[i]);
		named += policy.platforms[i].is_named;
	}
	ASSERT(named > 0);
	return 0;
}
