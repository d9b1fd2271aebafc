/* What a constraint says to an enclave, in R3's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/constraint.h"
#include "base/check.h"

#define NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define HASH_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HASH_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define HASH_3 "3333333333333333333333333333333333333333333333333333333333333333"

static struct attest_claims enclave(enum attest_level level)
{
	struct attest_claims claims = {.level = level,
		.product_id = 2,
		.revocation_level = 5,
		.timestamp = NOW - INT64_C(180) * 86400};
	memset(claims.report.mrenclave, 0x11, 32);
	memset(claims.report.mrsigner, 0x22, 32);
	return claims;
}

static enum conclave_error check(
	struct conclave_report *report, enum attest_level level, const char *text)
{
	const struct attest_claims claims = enclave(level);
	struct constraint constraint;
	assert_int_equal(
		constraint_parse(&constraint, bytes_of(text, strlen(text)), report), CONCLAVE_OK);
	report->text[0] = '\0';
	return constraint_check(&constraint, &claims, NOW, report);
}

static void met(void **state)
{
	static const char *const texts[] = {
		"C:" HASH_1,
		"C:" HASH_3 " C:" HASH_1,
		"S:" HASH_2 " PROD:2",
		"C:" HASH_3 " S:" HASH_2 " PROD:2",
		"C:" HASH_1 " S:" HASH_3 " PROD:2",
		"C:" HASH_1 " REVOKE:5",
		"C:" HASH_1 " REVOKE:0",
		"C:" HASH_1 " EXPIRE:P6M",
		"C:" HASH_1 " EXPIRE:P1W180D",
		"C:" HASH_1 " SEC:SECURE",
	};
	struct conclave_report report;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_int_equal(check(&report, ATTEST_SECURE, texts[i]), CONCLAVE_OK);
}

static void not_met(void **state)
{
	static const struct {
		enum attest_level level;
		const char *text, *words;
	} rows[] = {
		{ATTEST_SECURE, "C:" HASH_2 " C:" HASH_3,
			"Enclave code hash does not match any of the acceptable code hashes. "
			"(measurement hash " HASH_1 " vs acceptable " HASH_2 ", " HASH_3 ")"},
		{ATTEST_SECURE, "C:" HASH_1 HASH_1,
			"Enclave code hash does not match any of the acceptable code hashes. "
			"(measurement hash " HASH_1 " vs acceptable " HASH_1 HASH_1 ")"},
		{ATTEST_SECURE, "S:" HASH_1 " PROD:2",
			"Enclave code signer does not match any of the acceptable code signers. "
			"(key hash " HASH_2 " vs acceptable " HASH_1 ")"},
		{ATTEST_SECURE, "C:" HASH_3 " S:" HASH_3 " PROD:2",
			"Enclave does not match any of the acceptable code hashes or code "
			"signers."},
		{ATTEST_SECURE, "S:" HASH_2 " PROD:1",
			"Enclave has a product ID of 2 which does not match the criteria of 1."},
		{ATTEST_SECURE, "C:" HASH_1 " REVOKE:6",
			"Enclave has a revocation level of 5 which is lower than the required "
			"level "
			"of 6."},
		{ATTEST_STALE, "C:" HASH_1 " SEC:SECURE",
			"Enclave has a security level of STALE which is lower than the required "
			"level of SECURE."},
		{ATTEST_INSECURE, "C:" HASH_1,
			"Enclave has a security level of INSECURE which is lower than the required "
			"level of STALE."},
		{ATTEST_SECURE, "C:" HASH_1 " SEC:INSECURE",
			"Enclave has a security level of SECURE which does not match the required "
			"level of INSECURE."},
		{ATTEST_STALE, "C:" HASH_1 " SEC:INSECURE",
			"Enclave has a security level of STALE which does not match the required "
			"level of INSECURE."},
		{ATTEST_SECURE, "C:" HASH_1 " EXPIRE:P5M",
			"Enclave attestation data is out of date with an age that exceeds P5M."},
		{ATTEST_SECURE, "C:" HASH_1 " EXPIRE:P180D",
			"Enclave attestation data is out of date with an age that exceeds P180D."},
		{ATTEST_SECURE, "C:" HASH_1 " EXPIRE:P0D",
			"Enclave attestation data is out of date with an age that exceeds P0D."},
		{ATTEST_SECURE, "C:" HASH_1 " EXPIRE:p+2w-1d",
			"Enclave attestation data is out of date with an age that exceeds P13D."},
	};
	struct conclave_report report;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(
			check(&report, rows[i].level, rows[i].text), CONCLAVE_ERROR_CONSTRAINT);
		assert_string_equal(report.text, rows[i].words);
	}
	assert_int_equal(check(&report, ATTEST_SECURE, "C:" HASH_1 " EXPIRE:P181D"), CONCLAVE_OK);
}

static void parse_errors(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{"A:1 B:2 A:3", "Unknown keys [A, B]"},
		{"C:" HASH_1 " PROD:99999999999", "For input string: \"99999999999\""},
		{"C:" HASH_1 " PROD:-1", "Product ID is negative."},
		{"C:" HASH_1 " PROD:", "For input string: \"\""},
		{"C:" HASH_1 " REVOKE:-2147483649", "For input string: \"-2147483649\""},
		{"C:" HASH_1 " REVOKE:-2147483648", "Min revocation level is negative."},
		{"C:" HASH_1 " REVOKE:2147483648", "For input string: \"2147483648\""},
		{"C:" HASH_1 " REVOKE:1 REVOKE:1", "More than one REVOKE defined"},
		{"C:" HASH_1 " SEC:STALE SEC:STALE", "More than one SEC defined"},
		{"C:" HASH_1 " EXPIRE:P", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:P1D2W", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:P2147483648D", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:P306783379W", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:-P-2147483648D", "Text cannot be parsed to a Period"},
		{"C:" HASH_1 " EXPIRE:1D", "Text cannot be parsed to a Period"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct constraint constraint;
		struct conclave_report report;
		struct bytes text = bytes_of(rows[i].text, strlen(rows[i].text));
		assert_int_equal(
			constraint_parse(&constraint, text, &report), CONCLAVE_ERROR_FORMAT);
		assert_string_equal(report.text, rows[i].words);
		assert_int_equal(constraint_parse(&constraint, text, NULL), CONCLAVE_ERROR_FORMAT);
	}
}

static void limits(void **state)
{
	static char text[CONSTRAINT_TEXT_MAX + 2];
	struct constraint constraint;
	struct conclave_report report;
	size_t len = 0;
	(void)state;
	for (unsigned i = 0; i <= CONSTRAINT_HASHES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "C:%064u ", i);
	assert_int_equal(
		constraint_parse(&constraint, bytes_of(text, len), &report), CONCLAVE_ERROR_LIMIT);
	assert_int_equal(
		constraint_parse(&constraint, bytes_of(text, len - 67), &report), CONCLAVE_OK);
	assert_int_equal(constraint.code_count, CONSTRAINT_HASHES_MAX);
	/* A message too long for its report is cut, and ends. */
	const struct attest_claims claims = enclave(ATTEST_SECURE);
	assert_int_equal(
		constraint_check(&constraint, &claims, NOW, &report), CONCLAVE_ERROR_CONSTRAINT);
	assert_int_equal(strlen(report.text), sizeof(report.text) - 1);
	memset(text, ' ', sizeof(text));
	assert_int_equal(
		constraint_parse_unchecked(&constraint, bytes_of(text, CONSTRAINT_TEXT_MAX), NULL),
		CONCLAVE_OK);
	assert_int_equal(constraint_parse_unchecked(
				 &constraint, bytes_of(text, CONSTRAINT_TEXT_MAX + 1), NULL),
		CONCLAVE_ERROR_LIMIT);
}

/* A constraint that was only parsed unchecked is checked now. */
static void invalid_at_check(void **state)
{
	const struct attest_claims claims = enclave(ATTEST_SECURE);
	struct constraint constraint;
	struct conclave_report report;
	(void)state;
	assert_int_equal(
		constraint_parse_unchecked(&constraint, BYTES_LIT("PROD:2"), NULL), CONCLAVE_OK);
	assert_int_equal(
		constraint_check(&constraint, &claims, NOW, &report), CONCLAVE_ERROR_ARGUMENT);
	assert_string_equal(report.text, "Either a code hash or a code signer must be provided.");
	assert_int_equal(constraint_parse(&constraint, BYTES_LIT("C:" HASH_1), NULL), CONCLAVE_OK);
	assert_int_equal(
		constraint_check(&constraint, &claims, INT64_MIN, NULL), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(
		constraint_check(&constraint, &claims, INT64_MAX, NULL), CONCLAVE_ERROR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(met),
		cmocka_unit_test(not_met),
		cmocka_unit_test(parse_errors),
		cmocka_unit_test(limits),
		cmocka_unit_test(invalid_at_check),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
