/* Evidence of any kind: told apart by its first bytes, verified with what it takes, at a time that
 * may be a little wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "attest/evidence.h"
#include "attest_forge.h"
#include "base/check.h"

static struct forge forge;
static struct bytes serialised;

static void make(void)
{
	forge.used = 0;
	forge_make(&forge);
	serialised = forge_serialise(&forge);
}

static void detects(void **state)
{
	static const uint8_t vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94,
		0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
	uint8_t quote[28] = {0}, report[SNP_REPORT_SIZE + 24] = {0};
	(void)state;
	assert_int_equal(evidence_detect((struct bytes){NULL, 0}), EVIDENCE_UNKNOWN);
	assert_int_equal(evidence_detect(BYTES_LIT("EI")), EVIDENCE_UNKNOWN);
	assert_int_equal(evidence_detect(BYTES_LIT("EII")), EVIDENCE_INSTANCE_INFO);
	assert_int_equal(evidence_detect(BYTES_LIT("{\"quote\":1}")), EVIDENCE_UNKNOWN);

	memcpy(quote + 12, vendor, sizeof(vendor));
	quote[2] = 2;
	for (uint8_t version = 0; version < 9; version++) {
		quote[0] = version;
		assert_int_equal(evidence_detect(BYTES_OF(quote)),
			version >= 3 && version <= 5 ? EVIDENCE_QUOTE : EVIDENCE_UNKNOWN);
	}
	quote[0] = 4;
	assert_int_equal(evidence_detect(bytes_of(quote, 27)), EVIDENCE_UNKNOWN);
	quote[2] = 3;
	assert_int_equal(evidence_detect(BYTES_OF(quote)), EVIDENCE_UNKNOWN);
	quote[2] = 2;
	quote[27]++;
	assert_int_equal(evidence_detect(BYTES_OF(quote)), EVIDENCE_UNKNOWN);

	assert_int_equal(evidence_detect(BYTES_OF(report)), EVIDENCE_UNKNOWN);
	report[0] = 2;
	report[0x34] = 1;
	assert_int_equal(evidence_detect(BYTES_OF(report)), EVIDENCE_SNP_REPORT);
	assert_int_equal(evidence_detect(bytes_of(report, SNP_REPORT_SIZE)), EVIDENCE_SNP_REPORT);
	assert_int_equal(evidence_detect(bytes_of(report, SNP_REPORT_SIZE - 1)), EVIDENCE_UNKNOWN);

	assert_int_equal(evidence_detect(BYTES_LIT("\x84\x44\xa1")), EVIDENCE_NITRO_DOCUMENT);
	assert_int_equal(evidence_detect(BYTES_LIT("\xd2\x84\x44\xa1")), EVIDENCE_NITRO_DOCUMENT);
	assert_int_equal(evidence_detect(BYTES_LIT("\x84\x64\xa1")), EVIDENCE_UNKNOWN);
	assert_int_equal(evidence_detect(BYTES_LIT("\x83\x44\xa1")), EVIDENCE_UNKNOWN);
	assert_int_equal(evidence_detect(BYTES_LIT("\xd2")), EVIDENCE_UNKNOWN);
}

/* The forged EnclaveInstanceInfo, by any of its roots. */
static enum conclave_error verify(
	struct claims *claims, struct evidence_refusal *refusal, int64_t now, uint32_t skew)
{
	const struct evidence_roots roots = {.intel = &forge.roots};
	const struct evidence evidence = {.kind = evidence_detect(serialised), .from = serialised};
	assert_int_equal(evidence.kind, EVIDENCE_INSTANCE_INFO);
	return evidence_verify(claims, refusal, &evidence, &roots, now, skew);
}

static void instance_info_claims_all(void **state)
{
	struct claims claims;
	(void)state;
	forge_init(&forge, FORGE_INTEL);
	make();
	assert_int_equal(verify(&claims, NULL, FORGE_NOW, 0), CONCLAVE_OK);
	assert_int_equal(claims.platform, CLAIMS_SGX);
	assert_int_equal(claims.mode, ATTEST_RELEASE);
	assert_true(claims.is_signed && claims.has_keys && claims.has_date);
	assert_memory_equal(&claims.signing_key, &forge.info.signing_key, 32);
	assert_memory_equal(&claims.encryption_key, &forge.info.encryption_key, 32);
	assert_memory_equal(claims.quote.platform.fmspc, forge.fmspc, 6);
	/* The same date as R3's rule gives. */
	struct attest_claims r3;
	assert_int_equal(
		attest_verify(&r3, NULL, &forge.info, &forge.roots, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(claims.date, r3.timestamp);
	assert_int_equal(claims_level(&claims), r3.level);

	forge_init(&forge, FORGE_SIMULATION);
	make();
	assert_int_equal(verify(&claims, NULL, FORGE_NOW, 0), CONCLAVE_OK);
	assert_int_equal(claims.mode, ATTEST_SIMULATION);
}

/* A quote alone: genuine whatever its report data says, and only with its collateral. */
static void quote_needs_collateral(void **state)
{
	const struct evidence_roots roots = {.intel = &forge.roots};
	struct evidence_refusal refusal;
	struct claims claims;
	(void)state;
	forge_init(&forge, FORGE_INTEL);
	make();
	const struct dcap_evidence *dcap = &forge.info.dcap;
	struct evidence evidence = {.kind = evidence_detect(dcap->quote),
		.from = dcap->quote,
		.collateral = {.pck_crl_issuer_chain = dcap->pck_crl_issuer_chain,
			.root_ca_crl = dcap->root_ca_crl,
			.pck_crl = dcap->pck_crl,
			.tcb_info_issuer_chain = dcap->tcb_info_issuer_chain,
			.tcb_info = dcap->tcb_info,
			.qe_identity_issuer_chain = dcap->qe_identity_issuer_chain,
			.qe_identity = dcap->qe_identity}};
	assert_int_equal(evidence.kind, EVIDENCE_QUOTE);
	assert_int_equal(
		evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0), CONCLAVE_OK);
	assert_false(claims.has_keys);
	evidence.collateral.tcb_info = (struct bytes){NULL, 0};
	assert_int_equal(evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0),
		CONCLAVE_ERROR_NOT_FOUND);
	assert_non_null(strstr(refusal.check, "TCB info"));
	assert_false(refusal.is_genuine);
	evidence.kind = EVIDENCE_UNKNOWN;
	assert_int_equal(evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0),
		CONCLAVE_ERROR_FORMAT);
}

static void keys_must_be_bound(void **state)
{
	struct evidence_refusal refusal;
	struct claims claims;
	(void)state;
	forge_init(&forge, FORGE_INTEL);
	make();
	forge.info.encryption_key.bytes[0] ^= 1;
	serialised = forge_serialise(&forge);
	assert_int_equal(verify(&claims, &refusal, FORGE_NOW, 3600), CONCLAVE_ERROR_MISMATCH);
	assert_string_equal(refusal.check, attest_check_text(ATTEST_CHECK_REPORT_DATA));
	assert_false(refusal.is_genuine);
}

/* Validity found anywhere within the skew is found, however short it is. */
static void clocks_may_be_wrong(void **state)
{
	static const struct {
		int64_t now;
		uint32_t skew;
		bool is_valid;
	} rows[] = {
		{FORGE_END, 0, true},
		{FORGE_END + 1, 0, false},
		{FORGE_END + 1, 1, true},
		{FORGE_END + 7200, 7200, true},
		{FORGE_END + 7201, 7200, false},
		{FORGE_START - 1, 0, false},
		{FORGE_START - 5000, 5000, true},
		{FORGE_START - 5001, 5000, false},
		{FORGE_END + 86400, 86400, true},
	};
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	make();
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct evidence_refusal refusal = {"", false};
		struct claims claims;
		enum conclave_error error = verify(&claims, &refusal, rows[i].now, rows[i].skew);
		assert_int_equal(error, rows[i].is_valid ? CONCLAVE_OK : CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(refusal.is_genuine, !rows[i].is_valid);
		if (!rows[i].is_valid)
			assert_string_equal(
				refusal.check, attest_check_text(ATTEST_CHECK_PCK_CHAIN));
	}
	/* An hour and a half, half a day away. */
	forge.pck_crl.this_update = FORGE_NOW;
	forge.pck_crl.next_update = FORGE_NOW + 5400;
	make();
	struct claims claims;
	assert_int_equal(verify(&claims, NULL, FORGE_NOW + 43200, 43200), CONCLAVE_OK);
	assert_int_equal(verify(&claims, NULL, FORGE_NOW + 43200, 86400), CONCLAVE_OK);
	assert_int_equal(verify(&claims, NULL, FORGE_NOW - 43200, 86400), CONCLAVE_OK);
	assert_int_equal(verify(&claims, NULL, FORGE_NOW + 43200, 3600), CONCLAVE_ERROR_EXPIRED);
}

/* No clock shows them: nothing is valid then, whatever the skew. */
static void impossible_times_are_refused(void **state)
{
	static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 3600, INT64_MAX};
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	make();
	for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
		struct claims claims;
		assert_int_equal(verify(&claims, NULL, times[i], 86400), CONCLAVE_ERROR_EXPIRED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detects),
		cmocka_unit_test(instance_info_claims_all),
		cmocka_unit_test(quote_needs_collateral),
		cmocka_unit_test(keys_must_be_bound),
		cmocka_unit_test(clocks_may_be_wrong),
		cmocka_unit_test(impossible_times_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
