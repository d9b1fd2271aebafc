/* R3's constraints say the same as policies that are made of them, about every kind of enclave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "attest/appraisal.h"
#include "claims_sample.h"
#include "property/random.h"

#define ROUNDS 20000

/* Few different ones, so that they meet; zero among them. */
static void random_hash(struct constraint_hash *out)
{
	*out = (struct constraint_hash){.size = random_below(8) == 0 ? 64 : 32};
	memset(out->bytes, (int)random_below(3), out->size);
}

static void random_constraint(struct constraint *out)
{
	*out = (struct constraint){
		.code_count = random_below(3),
		.signer_count = random_below(3),
		.has_revocation = random_below(2) == 0,
		.min_revocation_level =
			random_below(8) == 0 ? INT32_MAX : (uint32_t)random_below(4),
		.has_expiry = random_below(2) == 0,
		.expiry = {0, (int32_t)random_below(3) - 1, (int32_t)random_below(40) - 10},
		.level = (enum attest_level)random_below(3),
	};
	if (out->code_count + out->signer_count == 0)
		out->code_count = 1;
	out->has_product_id = out->signer_count > 0;
	out->product_id = (uint16_t)random_below(3);
	for (size_t i = 0; i < out->code_count; i++)
		random_hash(&out->code[i]);
	for (size_t i = 0; i < out->signer_count; i++)
		random_hash(&out->signer[i]);
	assert_int_equal(constraint_validate(out, NULL), CONCLAVE_OK);
}

static void random_claims(struct claims *out)
{
	claims_sample_sgx(out);
	out->mode = (enum attest_mode)random_below(4);
	out->quote.tcb_status =
		(enum attest_tcb_status)(TCB_UP_TO_DATE + random_below(TCB_REVOKED));
	out->is_signed = random_below(4) > 0 || out->mode < ATTEST_SIMULATION;
	if (!out->is_signed)
		out->quote.tcb_status = TCB_NOT_APPLICABLE;
	memset(out->quote.report.mrenclave, (int)random_below(3), 32);
	memset(out->quote.report.mrsigner, (int)random_below(3), 32);
	out->quote.report.isvprodid = (uint16_t)random_below(3);
	out->quote.report.isvsvn = (uint16_t)random_below(5);
	out->date = SAMPLE_NOW - (int64_t)random_below(50) * SAMPLE_DAY + 10 * SAMPLE_DAY;
}

/* The same as R3's claims. */
static struct attest_claims r3_claims(const struct claims *claims)
{
	const struct sgx_report_body *report = &claims->quote.report;
	return (struct attest_claims){
		.mode = claims->mode,
		.level = claims_level(claims),
		.tcb_status = claims->quote.tcb_status,
		.report = *report,
		.product_id = report->isvprodid,
		.revocation_level = report->isvsvn == 0 ? 0 : report->isvsvn - 1u,
		.timestamp = claims->date,
	};
}

static void constraints_and_policies_agree(void **state)
{
	static struct policy policy;
	static struct constraint constraint;
	size_t met = 0;
	uint64_t seed = random_seed(4);
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct claims claims;
		struct appraisal appraisal;
		struct conclave_report report = {""};
		random_constraint(&constraint);
		random_claims(&claims);
		struct attest_claims r3 = r3_claims(&claims);
		bool is_met =
			constraint_check(&constraint, &r3, SAMPLE_NOW, &report) == CONCLAVE_OK;
		policy_from_constraint(&policy, &constraint);
		appraise(
			&appraisal, NULL, 0, &policy, &claims, (struct bytes){NULL, 0}, SAMPLE_NOW);
		if (is_met != (appraisal.verdict != APPRAISAL_REFUSED))
			fail_msg("seed %llu, round %d: constraint: %s; policy: %s",
				(unsigned long long)seed, round, is_met ? "met" : report.text,
				appraisal_verdict_text(appraisal.verdict));
		met += is_met;
	}
	/* Both answers were asked for often enough to mean something. */
	assert_in_range(met, ROUNDS / 40, ROUNDS / 2);
}

/* The longest constraint there is fits. */
static void longest_constraint_fits(void **state)
{
	static struct policy policy;
	static struct constraint constraint;
	(void)state;
	constraint = (struct constraint){.code_count = CONSTRAINT_HASHES_MAX,
		.signer_count = CONSTRAINT_HASHES_MAX,
		.has_product_id = true,
		.has_revocation = true,
		.min_revocation_level = INT32_MAX};
	policy_from_constraint(&policy, &constraint);
	assert_int_equal(policy.platforms[CLAIMS_SGX].identity_count, POLICY_IDENTITIES_MAX);
	assert_int_equal(policy.platforms[CLAIMS_SGX].common_count, 2);
	assert_int_equal(policy.platforms[CLAIMS_SGX].common[1].number, (uint64_t)INT32_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constraints_and_policies_agree),
		cmocka_unit_test(longest_constraint_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
