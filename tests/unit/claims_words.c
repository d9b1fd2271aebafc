/* What people are told of evidence of each platform: how far to trust it, why, what to do, as of
 * when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "attest/claims_words.h"
#include "base/check.h"
#include "claims_sample.h"

typedef void make_sample(struct claims *out);

static void platforms(void **state)
{
	static const struct {
		make_sample *make;
		const char *reason, *dates;
	} rows[] = {
		{claims_sample_sgx,
			"The quote is genuine: an SGX platform, whose keys Intel vouches for, "
			"signed "
			"it. Intel knows of nothing that is left to update on the platform. "
			"Advisories: INTEL-SA-00615.",
			"Verified as of 2027-01-15T08:00:00Z, by what the vendor knew on "
			"2027-01-05T08:00:00Z (the quote itself has no date); everything known up "
			"to "
			"2026-11-16T08:00:00Z is fixed on it; all that was looked at is valid from "
			"2027-01-05T08:00:00Z to 2027-02-04T08:00:00Z."},
		{claims_sample_tdx,
			"The quote is genuine: a TDX platform, whose keys Intel vouches for, "
			"signed "
			"it. Intel knows of nothing that is left to update on the platform. "
			"Advisories: INTEL-SA-00615.",
			NULL},
		{claims_sample_snp,
			"The report is genuine: a chip of AMD's signed it. What it reports is the "
			"firmware that runs; whether that is current AMD does not say, and only a "
			"policy's minimum can.",
			"Verified as of 2027-01-15T08:00:00Z, by AMD's CRL of 2027-01-04T08:00:00Z "
			"(the report itself has no date); all that was looked at is valid from "
			"2027-01-05T08:00:00Z to 2027-02-04T08:00:00Z."},
		{claims_sample_nitro, "The document is genuine: an AWS Nitro hypervisor signed it.",
			"Verified as of 2027-01-15T08:00:00Z; the document was made at "
			"2027-01-15T07:00:00Z; all that was looked at is valid from "
			"2027-01-15T06:00:00Z to 2027-01-15T09:00:00Z."},
	};
	char text[CLAIMS_WORDS_SIZE];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct claims claims;
		rows[i].make(&claims);
		assert_int_equal(claims_level(&claims), ATTEST_SECURE);
		claims_reason(text, sizeof(text), &claims);
		assert_string_equal(text, rows[i].reason);
		claims_dates(text, sizeof(text), &claims, SAMPLE_NOW);
		if (rows[i].dates != NULL)
			assert_string_equal(text, rows[i].dates);
		claims_remedy(text, sizeof(text), &claims);
		assert_string_equal(text, "");
	}
}

static void statuses(void **state)
{
	static const struct {
		enum attest_tcb_status status;
		enum attest_level level;
		const char *reason, *remedy;
	} rows[] = {
		{TCB_UP_TO_DATE, ATTEST_SECURE, "nothing that is left to update", ""},
		{TCB_SW_HARDENING_NEEDED, ATTEST_STALE, "must be hardened by its author",
			"Ask the author"},
		{TCB_CONFIGURATION_NEEDED, ATTEST_STALE, "not configured as Intel advises",
			"configure the firmware"},
		{TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED, ATTEST_STALE,
			"not configured as Intel advises, and code", "configure the firmware"},
		{TCB_OUT_OF_DATE, ATTEST_STALE, "lacks updates: known attacks", "update BIOS"},
		{TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, ATTEST_STALE, "lacks updates, and is not",
			"update BIOS"},
		{TCB_REVOKED, ATTEST_INSECURE, "its keys may be known", "Do not use"},
		{TCB_TD_RELAUNCH_ADVISED, ATTEST_STALE, "updated after the TD was launched",
			"launch the TD again"},
		{TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, ATTEST_STALE,
			"updated after the TD was launched, which", "launch the TD again"},
	};
	char text[CLAIMS_WORDS_SIZE];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct claims claims;
		claims_sample_tdx(&claims);
		claims.quote.tcb_status = rows[i].status;
		assert_int_equal(claims_level(&claims), rows[i].level);
		claims_reason(text, sizeof(text), &claims);
		assert_non_null(strstr(text, rows[i].reason));
		claims_remedy(text, sizeof(text), &claims);
		assert_non_null(strstr(text, rows[i].remedy));
	}
}

static void modes(void **state)
{
	const struct mock_evidence mock = {.epoch_second = SAMPLE_NOW, .is_simulation = true};
	char text[CLAIMS_WORDS_SIZE];
	struct claims claims;
	(void)state;
	claims_sample_nitro(&claims);
	claims.mode = ATTEST_DEBUG;
	assert_int_equal(claims_level(&claims), ATTEST_INSECURE);
	claims_reason(text, sizeof(text), &claims);
	assert_string_equal(text, "The document is genuine: an AWS Nitro hypervisor signed it. It "
				  "runs in debug mode: its host can read and change its memory.");
	claims_remedy(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "ask for it in release mode"));
	/* A simulated platform's word is worth nothing, and is not praised. */
	claims_sample_sgx(&claims);
	claims.mode = ATTEST_SIMULATION;
	claims_reason(text, sizeof(text), &claims);
	assert_null(strstr(text, "genuine"));
	assert_non_null(strstr(text, "anyone can make such a quote"));
	assert_non_null(strstr(text, "The simulated TCB status is UpToDate."));
	claims_of_mock(&claims, &mock);
	claims_reason(text, sizeof(text), &claims);
	assert_string_equal(
		text, "It says that it runs in simulation mode, and nobody signed that.");
	claims_dates(text, sizeof(text), &claims, SAMPLE_NOW);
	assert_string_equal(text, "Verified as of 2027-01-15T08:00:00Z; it gives itself the date "
				  "2027-01-15T08:00:00Z.");
	claims.mode = ATTEST_MOCK;
	claims_reason(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "mock mode"));
}

static void firmware(void **state)
{
	char text[CLAIMS_WORDS_SIZE];
	struct claims claims;
	(void)state;
	claims_sample_snp(&claims);
	claims.snp.report.committed_tcb.microcode--;
	claims.snp.has_crl = false;
	claims.snp.report.is_vlek = true;
	assert_int_equal(claims_level(&claims), ATTEST_STALE);
	claims_reason(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "a machine of the cloud to which AMD gave this key"));
	assert_non_null(strstr(text, "can go back to the older"));
	claims_remedy(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "commit the firmware that runs"));
	claims_dates(text, sizeof(text), &claims, SAMPLE_NOW);
	assert_non_null(strstr(text, "without AMD's CRL"));
}

/* Whatever the room, the text ends within it. */
static void cuts(void **state)
{
	char whole[CLAIMS_WORDS_SIZE], text[CLAIMS_WORDS_SIZE];
	struct claims claims;
	(void)state;
	claims_sample_sgx(&claims);
	claims_reason(whole, sizeof(whole), &claims);
	for (size_t size = 4; size <= strlen(whole); size++) {
		memset(text, 'x', sizeof(text));
		claims_reason(text, size, &claims);
		assert_int_equal(strlen(text), size - 1);
		assert_string_equal(text + size - 4, "...");
	}
	claims_reason(text, strlen(whole) + 1, &claims);
	assert_string_equal(text, whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms),
		cmocka_unit_test(statuses),
		cmocka_unit_test(modes),
		cmocka_unit_test(firmware),
		cmocka_unit_test(cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
