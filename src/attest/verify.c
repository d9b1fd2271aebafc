/* EnclaveInstanceInfo: the keys, and the evidence that vouches for them, by R3's rules
 * (docs/spec/instance-info.md) upon quote_verify. */
#include "attest/attest.h"

#include "attest/literal.h"
#include "base/check.h"

static enum attest_level level_of(enum attest_mode mode, enum attest_tcb_status status)
{
	if (mode != ATTEST_RELEASE || status == TCB_REVOKED)
		return ATTEST_INSECURE;
	return status == TCB_UP_TO_DATE ? ATTEST_SECURE : ATTEST_STALE;
}

static void claim_report(struct attest_claims *out, const struct sgx_report_body *report)
{
	out->report = *report;
	out->product_id = report->isvprodid;
	out->revocation_level = report->isvsvn == 0 ? 0 : report->isvsvn - 1u;
}

static enum attest_mode mode_of(const struct quote_claims *claims)
{
	if (claims->is_simulation)
		return ATTEST_SIMULATION;
	return claims->is_debug ? ATTEST_DEBUG : ATTEST_RELEASE;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void claim_quoted(struct attest_claims *out, const struct quote_claims *quote)
{
	struct attest_claims claims = {.has_quote = true, .mode = mode_of(quote)};
	claim_report(&claims, &quote->report);
	claims.tcb_status = quote->tcb_status;
	claims.level = level_of(claims.mode, claims.tcb_status);
	claims.timestamp = later(quote->validity.from, quote->latest_level_date);
	claims.earliest_expiry = quote->validity.until;
	claims.platform_advisories = quote->platform_level.advisories;
	claims.qe_advisories = quote->qe_level.advisories;
	*out = claims;
}

/* 1.0, 3.0, 3.1 (major in the low half) and 4.0 of Intel's collateral structure. */
static bool is_known_version(struct bytes version)
{
	static const struct bytes known[] = {
		LITERAL("1"), LITERAL("3"), LITERAL("65539"), LITERAL("4")};
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (bytes_equal(version, known[i]))
			return true;
	return false;
}

/* The evidence vouches for the very keys that came with it. */
static enum conclave_error check_report_data(enum attest_check *failed,
	const struct instance_info *info, const struct sgx_report_body *report)
{
	*failed = ATTEST_CHECK_REPORT_DATA;
	return instance_info_check(info, BYTES_OF(report->reportdata));
}

/* R3's form holds quotes of version 3, without padding. */
static enum conclave_error read_quote(struct quote *out, struct bytes from)
{
	struct quote quote;
	TRY(quote_read(&quote, from));
	if (quote.header.version != 3)
		return CONCLAVE_ERROR_VERSION;
	*out = quote;
	return CONCLAVE_OK;
}

static enum conclave_error verify_quoted(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	const struct dcap_evidence *evidence = &info->dcap;
	const struct quote_collateral collateral = {
		.pck_crl_issuer_chain = evidence->pck_crl_issuer_chain,
		.root_ca_crl = evidence->root_ca_crl,
		.pck_crl = evidence->pck_crl,
		.tcb_info_issuer_chain = evidence->tcb_info_issuer_chain,
		.tcb_info = evidence->tcb_info,
		.qe_identity_issuer_chain = evidence->qe_identity_issuer_chain,
		.qe_identity = evidence->qe_identity,
	};
	struct quote_claims claims;
	struct quote quote;
	*failed = ATTEST_CHECK_QUOTE_FORMAT;
	TRY(read_quote(&quote, evidence->quote));
	TRY(check_report_data(failed, info, &quote.report));
	*failed = ATTEST_CHECK_COLLATERAL_VERSION;
	if (!is_known_version(evidence->version))
		return CONCLAVE_ERROR_VERSION;
	TRY(quote_verify(&claims, failed, NULL, evidence->quote, &collateral, roots, now));
	claim_quoted(out, &claims);
	return CONCLAVE_OK;
}

/* R3's unsigned forms prove nothing but that their keys belong together: no better than what the
 * simulation's published keys sign, and refused where that is. */
static enum conclave_error verify_mock(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots)
{
	const struct mock_evidence *mock = &info->mock;
	TRY(check_report_data(failed, info, &mock->report));
	*failed = ATTEST_CHECK_ROOT;
	if (roots->simulation == NULL)
		return CONCLAVE_ERROR_UNTRUSTED;
	*failed = ATTEST_CHECK_NONE;
	*out = (struct attest_claims){
		.mode = mock->is_simulation ? ATTEST_SIMULATION : ATTEST_MOCK,
		.level = ATTEST_INSECURE,
		.tcb_status = TCB_NOT_APPLICABLE,
		.timestamp = mock->epoch_second,
		.timestamp_nanosecond = mock->nanosecond,
	};
	claim_report(out, &mock->report);
	return CONCLAVE_OK;
}

static enum conclave_error verify_any(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	if (info->type == INSTANCE_INFO_DCAP)
		return verify_quoted(out, failed, info, roots, now);
	if (info->type == INSTANCE_INFO_MOCK)
		return verify_mock(out, failed, info, roots);
	*failed = ATTEST_CHECK_FORMAT;
	return CONCLAVE_ERROR_VERSION;
}

enum conclave_error attest_verify(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	struct attest_claims claims;
	enum attest_check check;
	enum conclave_error error = verify_any(&claims, &check, info, roots, now);
	if (failed != NULL)
		*failed = check;
	TRY(error);
	claims.signing_key = info->signing_key;
	claims.encryption_key = info->encryption_key;
	*out = claims;
	return CONCLAVE_OK;
}
