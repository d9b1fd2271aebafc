/* Reports of SEV-SNP that lie, one lie per row, and what must be accepted beside it. T-41 (all
 * zero), T-49 (platform information), and what real reports do not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "snp_lies.h"

static struct snp_forge forge;
static EVP_PKEY *stranger;

/* -- the report, spoiled before it is signed -- */

static void version_1(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION] = 1;
}
static void version_6(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION] = 6;
}
static void version_with_high_bytes(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION + 3] = 1;
}
static void version_2_with_cpuid(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION] = 2;
}
static void version_3_with_mitigations(struct snp_forge *f)
{
	f->report[SNP_AT_LAUNCH_MITIGATIONS] = 1;
}
static void version_4_with_mitigations(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION] = 4;
	f->report[SNP_AT_CURRENT_MITIGATIONS] = 1;
}
static void version_5_with_more(struct snp_forge *f)
{
	f->report[SNP_AT_VERSION] = 5;
	f->report[0x208] = 1;
}
static void policy_without_its_one(struct snp_forge *f)
{
	f->report[SNP_AT_POLICY + 2] = 1;
}
static void policy_with_unknown_bit(struct snp_forge *f)
{
	f->report[SNP_AT_POLICY + 3] = 4;
}
static void vmpl_4(struct snp_forge *f)
{
	f->report[SNP_AT_VMPL] = 4;
}
static void vmpl_of_the_host(struct snp_forge *f)
{
	memset(f->report + SNP_AT_VMPL, 0xff, 4);
}
static void algorithm_0(struct snp_forge *f)
{
	f->report[SNP_AT_SIGNATURE_ALGORITHM] = 0;
}
static void algorithm_2(struct snp_forge *f)
{
	f->report[SNP_AT_SIGNATURE_ALGORITHM] = 2;
}
static void signed_by_nothing(struct snp_forge *f)
{
	f->report[SNP_AT_FLAGS] = 7u << 2;
}
static void signed_by_reserved(struct snp_forge *f)
{
	f->report[SNP_AT_FLAGS] = 2u << 2;
}
static void unknown_flag(struct snp_forge *f)
{
	f->report[SNP_AT_FLAGS] |= 1u << 5;
}
static void reserved_after_flags(struct snp_forge *f)
{
	f->report[SNP_AT_FLAGS + 4] = 1;
}
static void reserved_after_cpuid(struct snp_forge *f)
{
	f->report[SNP_AT_CPUID + 3] = 1;
}
static void reserved_after_version(struct snp_forge *f)
{
	f->report[0x1eb] = 1;
}
static void signature_number_too_long(struct snp_forge *f)
{
	f->report[SNP_AT_SIGNATURE + 48] = 1;
}
static void bytes_after_signature(struct snp_forge *f)
{
	f->report[SNP_REPORT_SIZE - 1] = 1;
}
static void says_vlek(struct snp_forge *f)
{
	f->report[SNP_AT_FLAGS] = 1u << 2;
}
static void other_family(struct snp_forge *f)
{
	f->report[SNP_AT_CPUID] = 0x17;
}
static void other_model(struct snp_forge *f)
{
	f->report[SNP_AT_CPUID + 1] = 0x11; /* Genoa's */
}
static void venice(struct snp_forge *f)
{
	f->report[SNP_AT_CPUID] = 0x1a;
	f->report[SNP_AT_CPUID + 1] = 0x50;
}
static void other_reported_tcb(struct snp_forge *f)
{
	f->report[SNP_AT_REPORTED_TCB + 7]++;
}
static void reserved_tcb_byte(struct snp_forge *f)
{
	f->report[SNP_AT_REPORTED_TCB + 3] = 1;
}
static void other_chip(struct snp_forge *f)
{
	f->report[SNP_AT_CHIP_ID + 63] ^= 1;
}
static void signed_by_stranger(struct snp_forge *f)
{
	f->report_key = stranger;
}
static void signed_with_sha256(struct snp_forge *f)
{
	f->report_hash = EVP_sha256();
}

static const struct snp_lie spoiled[] = {
	SNP_LIE(version_1, VERSION, REPORT),
	SNP_LIE(version_6, VERSION, REPORT),
	SNP_LIE(version_with_high_bytes, VERSION, REPORT),
	SNP_LIE(version_2_with_cpuid, FORMAT, REPORT),
	SNP_LIE(version_3_with_mitigations, FORMAT, REPORT),
	SNP_LIE(version_4_with_mitigations, FORMAT, REPORT),
	SNP_LIE(version_5_with_more, FORMAT, REPORT),
	SNP_LIE(policy_without_its_one, FORMAT, REPORT),
	SNP_LIE(policy_with_unknown_bit, FORMAT, REPORT),
	SNP_LIE(vmpl_4, FORMAT, REPORT),
	SNP_LIE(vmpl_of_the_host, FORMAT, REPORT),
	SNP_LIE(algorithm_0, FORMAT, REPORT),
	SNP_LIE(algorithm_2, FORMAT, REPORT),
	SNP_LIE(signed_by_nothing, FORMAT, REPORT),
	SNP_LIE(signed_by_reserved, FORMAT, REPORT),
	SNP_LIE(unknown_flag, FORMAT, REPORT),
	SNP_LIE(reserved_after_flags, FORMAT, REPORT),
	SNP_LIE(reserved_after_cpuid, FORMAT, REPORT),
	SNP_LIE(reserved_after_version, FORMAT, REPORT),
	SNP_LIE(signature_number_too_long, FORMAT, REPORT),
	SNP_LIE(bytes_after_signature, FORMAT, REPORT),
	SNP_LIE(says_vlek, MISMATCH, SIGNING_KEY),
	SNP_LIE(other_family, MISMATCH, PRODUCT),
	SNP_LIE(other_model, MISMATCH, PRODUCT),
	SNP_LIE(venice, MISMATCH, PRODUCT),
	SNP_LIE(other_reported_tcb, MISMATCH, TCB),
	SNP_LIE(reserved_tcb_byte, MISMATCH, TCB),
	SNP_LIE(other_chip, MISMATCH, CHIP_ID),
	SNP_LIE(signed_by_stranger, SIGNATURE, SIGNATURE),
	SNP_LIE(signed_with_sha256, SIGNATURE, SIGNATURE),
};

static void lies(void **state)
{
	(void)state;
	snp_lies_check(&forge, spoiled, ARRAY_COUNT(spoiled));
}

/* -- and what must be accepted -- */

static void accept_report(struct snp_claims *claims)
{
	enum snp_check failed;
	snp_forge_sign(&forge);
	enum conclave_error error = snp_forge_verify(claims, &failed, &forge);
	if (error != CONCLAVE_OK)
		fail_msg("%s at %s", conclave_error_name(error), snp_check_text(failed));
}

static void accept(struct snp_claims *claims)
{
	snp_forge_make(&forge);
	accept_report(claims);
}

static void every_product_and_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		for (int is_vlek = 0; is_vlek < 2; is_vlek++) {
			struct snp_claims claims;
			snp_forge_init(&forge, (enum snp_product)i, is_vlek);
			accept(&claims);
			assert_int_equal(claims.product, i);
			assert_int_equal(claims.report.is_vlek, is_vlek);
			assert_int_equal(claims.csp_id_size, is_vlek ? 21 : 0);
			assert_int_equal(claims.hardware_id[0], is_vlek ? 0 : 0x5c);
			assert_true(claims.has_crl);
			const struct snp_tcb *tcb = &claims.report.launch_tcb;
			assert_int_equal(tcb->fmc, i == SNP_TURIN ? 3 : 0);
			assert_int_equal(tcb->boot_loader, 4);
			assert_int_equal(tcb->tee, 1);
			assert_int_equal(tcb->snp, 24);
			assert_int_equal(tcb->microcode, 217);
			snp_forge_free(&forge);
		}
	}
}

/* The versions of a report: 2 has no CPUID, 4 is laid out as 3, 5 has mitigations. */
static void versions(void **state)
{
	(void)state;
	for (uint8_t version = 2; version <= 5; version++) {
		struct snp_claims claims;
		snp_forge_init(&forge, SNP_MILAN, false);
		forge.report[SNP_AT_VERSION] = version;
		if (version == 2)
			memset(forge.report + SNP_AT_CPUID, 0, 3);
		if (version == 5)
			memset(forge.report + SNP_AT_LAUNCH_MITIGATIONS, 0x11, 16);
		accept(&claims);
		assert_int_equal(claims.report.version, version);
		assert_int_equal(claims.report.has_cpuid, version >= 3);
		assert_int_equal(claims.report.family, version >= 3 ? 0x19 : 0);
		assert_int_equal(claims.report.has_mitigations, version >= 5);
		assert_int_equal(claims.report.current_mitigations,
			version >= 5 ? UINT64_C(0x1111111111111111) : 0);
		snp_forge_free(&forge);
	}
}

/* Which CPUs are of which product, at the edges. */
static void cpuids(void **state)
{
	static const struct {
		uint8_t family, first, last;
		int product; /* -1: none that is known */
	} rows[] = {
		{0x17, 0x00, 0xff, -1},
		{0x19, 0x00, 0x0f, SNP_MILAN},
		{0x19, 0x10, 0x1f, SNP_GENOA},
		{0x19, 0x20, 0x9f, -1},
		{0x19, 0xa0, 0xaf, SNP_GENOA},
		{0x19, 0xb0, 0xff, -1},
		{0x1a, 0x00, 0x11, SNP_TURIN},
		{0x1a, 0x12, 0xff, -1},
		{0x1b, 0x00, 0xff, -1},
	};
	struct snp_report report;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		for (unsigned model = rows[i].first; model <= rows[i].last; model++) {
			forge.report[SNP_AT_CPUID] = rows[i].family;
			forge.report[SNP_AT_CPUID + 1] = (uint8_t)model;
			for (int product = 0; product < (int)SNP_PRODUCT_COUNT; product++)
				assert_int_equal(snp_read_report(&report, BYTES_OF(forge.report),
							 (enum snp_product)product),
					product == rows[i].product ? CONCLAVE_OK
								   : CONCLAVE_ERROR_MISMATCH);
		}
	}
	snp_forge_free(&forge);
}

/* T-49: every bit of the policy and of the platform's information is a claim by its name. */
static void bits(void **state)
{
	struct snp_claims claims;
	const struct snp_policy *policy = &claims.report.policy;
	const struct snp_platform *platform = &claims.report.platform;
	(void)state;
	const struct {
		size_t at;
		unsigned bit;
		const bool *claim;
	} rows[] = {
		{SNP_AT_POLICY, 16, &policy->allows_smt},
		{SNP_AT_POLICY, 18, &policy->allows_migration_agent},
		{SNP_AT_POLICY, 19, &policy->allows_debug},
		{SNP_AT_POLICY, 20, &policy->is_single_socket},
		{SNP_AT_POLICY, 21, &policy->allows_cxl},
		{SNP_AT_POLICY, 22, &policy->needs_aes_256_xts},
		{SNP_AT_POLICY, 23, &policy->needs_rapl_disabled},
		{SNP_AT_POLICY, 24, &policy->needs_ciphertext_hiding},
		{SNP_AT_POLICY, 25, &policy->needs_page_swap_disabled},
		{SNP_AT_PLATFORM, 0, &platform->has_smt},
		{SNP_AT_PLATFORM, 1, &platform->has_tsme},
		{SNP_AT_PLATFORM, 2, &platform->has_ecc},
		{SNP_AT_PLATFORM, 3, &platform->is_rapl_disabled},
		{SNP_AT_PLATFORM, 4, &platform->has_ciphertext_hiding},
		{SNP_AT_PLATFORM, 5, &platform->is_alias_check_complete},
		{SNP_AT_PLATFORM, 6, &platform->is_iommu_write_safe},
		{SNP_AT_PLATFORM, 7, &platform->has_tio},
		{SNP_AT_FLAGS, 0, &claims.report.has_author_key},
		{SNP_AT_FLAGS, 1, &claims.report.is_chip_key_masked},
	};
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		for (int value = 0; value < 2; value++) {
			store_u64le(forge.report + SNP_AT_POLICY, 1u << 17);
			store_u64le(forge.report + SNP_AT_PLATFORM, 0);
			store_u32le(forge.report + SNP_AT_FLAGS, 0);
			forge.report[rows[i].at + rows[i].bit / 8] |=
				(uint8_t)(value << rows[i].bit % 8);
			accept_report(&claims);
			for (size_t k = 0; k < ARRAY_COUNT(rows); k++)
				assert_int_equal(*rows[k].claim, k == i && value);
		}
	}
	forge.report[SNP_AT_PLATFORM + 7] = 0x80; /* of firmware to come */
	accept_report(&claims);
	assert_true(platform->raw >> 63 == 1);
	snp_forge_free(&forge);
}

/* What a platform may leave open, and forms in which AMD has issued certificates. */
static void variants(void **state)
{
	struct snp_claims claims;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	memset(forge.report + SNP_AT_CHIP_ID, 0, 64);
	accept(&claims);
	assert_true(claims.report.is_chip_id_masked);
	assert_int_equal(claims.hardware_id[63], 0x5c);
	snp_forge_free(&forge);

	snp_forge_init(&forge, SNP_TURIN, false);
	snp_forge_set(&forge, SNP_OID("4"), BYTES_LIT("\x04\x08\\\\\\\\\\\\\\\\"));
	accept(&claims);
	forge.report[SNP_AT_CHIP_ID + 8] = 1;
	snp_forge_make(&forge);
	assert_int_equal(snp_forge_verify(&claims, NULL, &forge), CONCLAVE_ERROR_MISMATCH);
	snp_forge_free(&forge);

	snp_forge_init(&forge, SNP_GENOA, false);
	forge.has_crl = false;
	forge.leaf.key_usage = "critical,digitalSignature";
	accept(&claims);
	assert_false(claims.has_crl);
	assert_int_equal(claims.crl_next_update, 0);
	assert_int_equal(claims.validity.from, SNP_FORGE_START);
	assert_int_equal(claims.validity.until, SNP_FORGE_END);
	snp_forge_free(&forge);
}

/* -- parts that are missing, swapped, cut or zero -- */

static void parts(void **state)
{
	struct snp_evidence *evidence = &forge.evidence;
	struct snp_claims claims;
	enum snp_check failed;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	const struct snp_evidence whole = forge.evidence;
	struct bytes *const places[] = {
		&evidence->report, &evidence->leaf, &evidence->intermediate, &evidence->root};
	static const enum snp_check checks[] = {
		SNP_CHECK_REPORT, SNP_CHECK_LEAF, SNP_CHECK_INTERMEDIATE, SNP_CHECK_ROOT};
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		places[i]->len = 0;
		assert_int_equal(
			snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_NOT_FOUND);
		assert_int_equal(failed, checks[i]);
		*evidence = whole;
		for (size_t len = 1; len < places[i]->len; len += 1 + len / 16) {
			struct bytes cut = bytes_slice(*places[i], 0, len);
			*places[i] = cut;
			assert_int_equal(
				snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_FORMAT);
			assert_int_equal(failed, checks[i]);
			*evidence = whole;
		}
	}
	evidence->leaf = whole.intermediate;
	assert_int_equal(snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, SNP_CHECK_LEAF);
	*evidence = whole;
	evidence->intermediate = whole.root;
	assert_int_equal(snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, SNP_CHECK_CHAIN);
	*evidence = whole;
	evidence->crl = bytes_slice(whole.crl, 0, whole.crl.len - 1);
	assert_int_equal(snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(failed, SNP_CHECK_CRL);
	snp_forge_free(&forge);
}

/* T-41. A masked chip key leaves the signature zero; so does whoever has none. */
static void zeros(void **state)
{
	static const uint8_t report[SNP_REPORT_SIZE];
	struct snp_claims claims;
	enum snp_check failed;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	forge.evidence.report = BYTES_OF(report);
	assert_int_equal(snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_VERSION);
	forge.evidence.report = BYTES_OF(forge.report);
	memset(forge.report + SNP_AT_SIGNATURE, 0, 144);
	assert_int_equal(snp_forge_verify(&claims, &failed, &forge), CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(failed, SNP_CHECK_SIGNATURE);
	snp_forge_free(&forge);
}

static int setup(void **state)
{
	(void)state;
	stranger = x509_forge_curve_key("P-384", 9);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(stranger);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),
		cmocka_unit_test(every_product_and_key),
		cmocka_unit_test(versions),
		cmocka_unit_test(cpuids),
		cmocka_unit_test(bits),
		cmocka_unit_test(variants),
		cmocka_unit_test(parts),
		cmocka_unit_test(zeros),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
