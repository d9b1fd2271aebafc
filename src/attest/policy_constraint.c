/* R3's constraints as policies. */
#include "attest/policy.h"

#define STATUSES_ALL UINT32_MAX

static void add_identities(struct policy *out, struct bytes name, enum claim claim,
	const struct constraint_hash *hashes, size_t count)
{
	struct policy_platform *sgx = &out->platforms[CLAIMS_SGX];
	for (size_t i = 0; i < count; i++) {
		sgx->identities[sgx->identity_count++] = (struct policy_rules){out->rule_count, 1};
		out->rules[out->rule_count++] = (struct policy_rule){
			.name = name,
			.claim = claim,
			.demand = POLICY_EQUAL,
			.value = bytes_of(hashes[i].bytes, hashes[i].size),
		};
	}
}

static void add_common(struct policy *out, const struct policy_rule *rule)
{
	struct policy_platform *sgx = &out->platforms[CLAIMS_SGX];
	sgx->common[sgx->common_count++] = *rule;
}

/* INSECURE means exactly that: anything but release mode, or a revoked platform. */
static void set_level(struct policy *out, enum attest_level level)
{
	struct policy_platform *sgx = &out->platforms[CLAIMS_SGX];
	sgx->insecure_statuses = STATUSES_ALL;
	switch (level) {
	case ATTEST_SECURE:
		out->modes = 1u << ATTEST_RELEASE;
		sgx->statuses = 1u << TCB_UP_TO_DATE;
		return;
	case ATTEST_STALE:
		out->modes = 1u << ATTEST_RELEASE;
		sgx->statuses = STATUSES_ALL & ~(1u << TCB_REVOKED);
		return;
	case ATTEST_INSECURE:
		out->modes = 1u << ATTEST_RELEASE | 1u << ATTEST_DEBUG | 1u << ATTEST_SIMULATION |
			     1u << ATTEST_MOCK;
		sgx->statuses = 1u << TCB_REVOKED;
		return;
	}
}

void policy_from_constraint(struct policy *out, const struct constraint *constraint)
{
	*out = (struct policy){
		.has_max_age = constraint->has_expiry,
		.max_age = constraint->expiry,
		.counts_from_latest = true,
	};
	out->platforms[CLAIMS_SGX].is_named = true;
	set_level(out, constraint->level);
	add_identities(out, BYTES_LIT("mrenclave"), CLAIM_MRENCLAVE, constraint->code,
		constraint->code_count);
	add_identities(out, BYTES_LIT("mrsigner"), CLAIM_MRSIGNER, constraint->signer,
		constraint->signer_count);
	if (constraint->has_product_id)
		add_common(out, &(const struct policy_rule){
					.name = BYTES_LIT("product_id"),
					.claim = CLAIM_PRODUCT_ID,
					.demand = POLICY_IS,
					.number = constraint->product_id,
				});
	/* Revocation level n is security version n + 1; nobody is below level 0. */
	if (constraint->has_revocation && constraint->min_revocation_level > 0)
		add_common(out, &(const struct policy_rule){
					.name = BYTES_LIT("min_svn"),
					.claim = CLAIM_SVN,
					.demand = POLICY_AT_LEAST,
					.number = (uint64_t)constraint->min_revocation_level + 1,
				});
}
