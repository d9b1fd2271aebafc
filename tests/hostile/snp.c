/* Reports of SEV-SNP that lie, one lie per row: each must be refused, at the check whose business
 * it is. T-41 (all zero), T-43 (certificates), T-49 (platform information), and what real reports
 * do not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "snp_forge.h"

static struct snp_forge forge;
static EVP_PKEY *stranger, *stranger_p256;

static enum conclave_error verify_at(struct snp_claims *claims, enum snp_check *failed, int64_t now)
{
	return snp_verify(claims, failed, NULL, &forge.evidence, &forge.roots, now);
}

static enum conclave_error verify(struct snp_claims *claims, enum snp_check *failed)
{
	return verify_at(claims, failed, SNP_FORGE_NOW);
}

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

/* -- the leaf -- */

static void leaf_of_p256(struct snp_forge *f)
{
	f->leaf.key = stranger_p256;
}
static void leaf_of_rsa(struct snp_forge *f)
{
	f->leaf.key = f->ask;
}
static void leaf_without_name(struct snp_forge *f)
{
	f->leaf.subject = "CN=SEV-VCEK2";
}
static void leaf_without_product(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("2"))->oid = SNP_OID("9");
}
static void leaf_of_no_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x05Milam"));
}
static void leaf_of_longer_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x06Milano"));
}
static void leaf_of_other_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x05Genoa"));
}
static void leaf_of_other_structure(struct snp_forge *f)
{
	snp_forge_set_number(f, SNP_OID("1"), 1);
}
static void leaf_without_microcode(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("3.8"))->oid = SNP_OID("3.10");
}
static void leaf_with_fmc(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("3.9"), BYTES_LIT("\x02\x01\x00"));
}
static void leaf_with_negative_number(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.8"), BYTES_LIT("\x02\x01\xd9"));
}
static void leaf_with_large_number(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.8"), BYTES_LIT("\x02\x02\x01\xd9"));
}
static void leaf_with_two_numbers(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.3"), BYTES_LIT("\x02\x01\x18\x02\x01\x18"));
}
static void leaf_with_number_twice(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("3.8"), BYTES_LIT("\x02\x02\x00\xd9"));
}
static void leaf_with_other_tcb(struct snp_forge *f)
{
	snp_forge_set_number(f, SNP_OID("3.3"), 25);
}
static void leaf_of_other_chip(struct snp_forge *f)
{
	static uint8_t other[64];
	snp_forge_set(f, SNP_OID("4"), BYTES_OF(other));
}
static void leaf_without_chip(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("4"))->oid = SNP_OID("9");
}
static void leaf_with_short_chip(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("4"))->value.len = 8;
}
static void leaf_of_chip_and_fleet(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("5"), BYTES_LIT("\x16\x01x"));
}
static void leaf_is_ca(struct snp_forge *f)
{
	f->leaf.basic_constraints = "critical,CA:TRUE";
}
static void leaf_may_sign_certificates(struct snp_forge *f)
{
	f->leaf.key_usage = "critical,digitalSignature,keyCertSign";
}
static void leaf_may_not_sign(struct snp_forge *f)
{
	f->leaf.key_usage = "critical,keyEncipherment";
}
static void leaf_with_unknown_critical(struct snp_forge *f)
{
	snp_forge_add(f, "2.5.29.127", BYTES_LIT("\x05\x00"));
	snp_forge_find(f, "2.5.29.127")->is_critical = true;
}
static void leaf_with_critical_usage(struct snp_forge *f)
{
	/* serverAuth: a purpose that is not ours, and that asks to be heeded. */
	snp_forge_add(
		f, "2.5.29.37", BYTES_LIT("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"));
	snp_forge_find(f, "2.5.29.37")->is_critical = true;
}
static void leaf_with_40_extensions(struct snp_forge *f)
{
	static char oids[40][32];
	for (size_t i = f->leaf.extension_count; i < SNP_FORGE_EXTENSION_COUNT_MAX; i++) {
		snprintf(oids[i], sizeof(oids[i]), "1.2.3.%zu", i);
		snp_forge_add(f, oids[i], BYTES_LIT("\x05\x00"));
	}
}
static void leaf_by_root(struct snp_forge *f)
{
	f->leaf.issuer_key = f->ark;
}
static void leaf_with_salt_32(struct snp_forge *f)
{
	f->leaf.pss_salt = 32;
}
static void leaf_with_sha256(struct snp_forge *f)
{
	f->leaf.hash = EVP_sha256();
	f->leaf.pss_salt = 32;
}
static void leaf_with_pkcs1(struct snp_forge *f)
{
	f->leaf.is_pkcs1 = true;
}
static void leaf_signs_itself(struct snp_forge *f)
{
	f->leaf.issuer_key = f->vcek;
}
static void leaf_of_other_issuer(struct snp_forge *f)
{
	f->leaf.issuer = "CN=SEV-Milan";
}
static void leaf_expired(struct snp_forge *f)
{
	f->leaf.not_after = SNP_FORGE_NOW - 1;
}
static void leaf_of_the_future(struct snp_forge *f)
{
	f->leaf.not_before = SNP_FORGE_NOW + 1;
}

/* -- what is above it -- */

static void intermediate_is_no_ca(struct snp_forge *f)
{
	f->intermediate.basic_constraints = "critical,CA:FALSE";
}
static void intermediate_may_not_sign(struct snp_forge *f)
{
	f->intermediate.key_usage = "critical,digitalSignature";
}
static void intermediate_says_nothing(struct snp_forge *f)
{
	f->intermediate.basic_constraints = f->intermediate.key_usage = NULL;
}
static void intermediate_by_stranger(struct snp_forge *f)
{
	f->intermediate.issuer_key = f->ask;
}
static void intermediate_of_p384(struct snp_forge *f)
{
	f->intermediate.key = stranger;
	f->leaf.issuer_key = stranger;
}
static void intermediate_expired(struct snp_forge *f)
{
	f->intermediate.not_after = SNP_FORGE_NOW - 1;
}
static void intermediate_of_genoa(struct snp_forge *f)
{
	f->intermediate.subject = f->leaf.issuer = "CN=SEV-Genoa";
}
static void intermediate_of_vleks(struct snp_forge *f)
{
	f->intermediate.subject = f->leaf.issuer = "CN=SEV-VLEK-Milan";
}
static void root_without_path(struct snp_forge *f)
{
	f->root.basic_constraints = "critical,CA:TRUE,pathlen:0";
}
static void root_not_trusted(struct snp_forge *f)
{
	f->roots = (struct snp_roots){0};
}
static void root_of_another_key(struct snp_forge *f)
{
	f->root.key = f->ask;
	f->root.issuer_key = f->ask;
}
static void root_of_p384(struct snp_forge *f)
{
	f->root.key = stranger;
	f->root.issuer_key = stranger;
}
static void root_signed_by_another(struct snp_forge *f)
{
	f->root.issuer_key = f->ask;
}
static void root_of_genoa(struct snp_forge *f)
{
	f->root.subject = f->root.issuer = f->intermediate.issuer = f->crl.issuer = "CN=ARK-Genoa";
}
/* The key is Genoa's root: Milan's chain below it is another vendor's. */
static void root_trusted_for_genoa(struct snp_forge *f)
{
	f->roots.keys[SNP_GENOA] = f->roots.keys[SNP_MILAN];
	memset(&f->roots.keys[SNP_MILAN], 0, sizeof(struct sha256));
}
static void revoked(struct snp_forge *f)
{
	f->crl.revoked = f->intermediate.serial;
}
static void crl_by_intermediate(struct snp_forge *f)
{
	f->crl.issuer = f->intermediate.subject;
	f->crl.issuer_key = f->ask;
}
static void crl_by_stranger(struct snp_forge *f)
{
	f->crl.issuer_key = f->ask;
}
static void crl_of_p384(struct snp_forge *f)
{
	f->crl.issuer_key = stranger;
}
static void crl_of_root_that_may_not(struct snp_forge *f)
{
	f->root.key_usage = "critical,keyCertSign";
}
static void crl_expired(struct snp_forge *f)
{
	f->crl.next_update = SNP_FORGE_NOW - 1;
}
static void crl_of_the_future(struct snp_forge *f)
{
	f->crl.this_update = SNP_FORGE_NOW + 1;
}

#define ROW(spoil, error, check)                                         \
	{                                                                \
#spoil, spoil, CONCLAVE_ERROR_##error, SNP_CHECK_##check \
	}

static const struct {
	const char *name;
	void (*spoil)(struct snp_forge *f);
	enum conclave_error error;
	enum snp_check check;
} spoiled[] = {
	ROW(version_1, VERSION, REPORT),
	ROW(version_6, VERSION, REPORT),
	ROW(version_with_high_bytes, VERSION, REPORT),
	ROW(version_2_with_cpuid, FORMAT, REPORT),
	ROW(version_3_with_mitigations, FORMAT, REPORT),
	ROW(version_4_with_mitigations, FORMAT, REPORT),
	ROW(version_5_with_more, FORMAT, REPORT),
	ROW(policy_without_its_one, FORMAT, REPORT),
	ROW(policy_with_unknown_bit, FORMAT, REPORT),
	ROW(vmpl_4, FORMAT, REPORT),
	ROW(vmpl_of_the_host, FORMAT, REPORT),
	ROW(algorithm_0, FORMAT, REPORT),
	ROW(algorithm_2, FORMAT, REPORT),
	ROW(signed_by_nothing, FORMAT, REPORT),
	ROW(signed_by_reserved, FORMAT, REPORT),
	ROW(unknown_flag, FORMAT, REPORT),
	ROW(reserved_after_flags, FORMAT, REPORT),
	ROW(reserved_after_cpuid, FORMAT, REPORT),
	ROW(reserved_after_version, FORMAT, REPORT),
	ROW(signature_number_too_long, FORMAT, REPORT),
	ROW(bytes_after_signature, FORMAT, REPORT),
	ROW(says_vlek, MISMATCH, SIGNING_KEY),
	ROW(other_family, MISMATCH, PRODUCT),
	ROW(other_model, MISMATCH, PRODUCT),
	ROW(venice, MISMATCH, PRODUCT),
	ROW(other_reported_tcb, MISMATCH, TCB),
	ROW(reserved_tcb_byte, MISMATCH, TCB),
	ROW(other_chip, MISMATCH, CHIP_ID),
	ROW(signed_by_stranger, SIGNATURE, SIGNATURE),
	ROW(signed_with_sha256, SIGNATURE, SIGNATURE),
	ROW(leaf_of_p256, MISMATCH, LEAF),
	ROW(leaf_of_rsa, MISMATCH, LEAF),
	ROW(leaf_without_name, MISMATCH, LEAF),
	ROW(leaf_without_product, FORMAT, LEAF),
	ROW(leaf_of_no_product, FORMAT, LEAF),
	ROW(leaf_of_longer_product, FORMAT, LEAF),
	ROW(leaf_of_other_product, MISMATCH, PRODUCT),
	ROW(leaf_of_other_structure, FORMAT, LEAF),
	ROW(leaf_without_microcode, FORMAT, LEAF),
	ROW(leaf_with_fmc, FORMAT, LEAF),
	ROW(leaf_with_negative_number, FORMAT, LEAF),
	ROW(leaf_with_large_number, FORMAT, LEAF),
	ROW(leaf_with_two_numbers, FORMAT, LEAF),
	ROW(leaf_with_number_twice, FORMAT, LEAF),
	ROW(leaf_with_other_tcb, MISMATCH, TCB),
	ROW(leaf_of_other_chip, MISMATCH, CHIP_ID),
	ROW(leaf_without_chip, FORMAT, LEAF),
	ROW(leaf_with_short_chip, FORMAT, LEAF),
	ROW(leaf_of_chip_and_fleet, FORMAT, LEAF),
	ROW(leaf_is_ca, MISMATCH, CHAIN),
	ROW(leaf_may_sign_certificates, MISMATCH, CHAIN),
	ROW(leaf_may_not_sign, MISMATCH, CHAIN),
	ROW(leaf_with_unknown_critical, FORMAT, LEAF),
	ROW(leaf_with_critical_usage, FORMAT, LEAF),
	ROW(leaf_with_40_extensions, FORMAT, LEAF),
	ROW(leaf_by_root, SIGNATURE, CHAIN),
	ROW(leaf_with_salt_32, FORMAT, LEAF),
	ROW(leaf_with_sha256, FORMAT, LEAF),
	ROW(leaf_with_pkcs1, FORMAT, LEAF),
	ROW(leaf_signs_itself, MISMATCH, CHAIN),
	ROW(leaf_of_other_issuer, MISMATCH, CHAIN),
	ROW(leaf_expired, EXPIRED, VALIDITY),
	ROW(leaf_of_the_future, EXPIRED, VALIDITY),
	ROW(intermediate_is_no_ca, MISMATCH, CHAIN),
	ROW(intermediate_may_not_sign, MISMATCH, CHAIN),
	ROW(intermediate_says_nothing, FORMAT, INTERMEDIATE),
	ROW(intermediate_by_stranger, SIGNATURE, CHAIN),
	ROW(intermediate_of_p384, MISMATCH, CHAIN),
	ROW(intermediate_expired, EXPIRED, VALIDITY),
	ROW(intermediate_of_genoa, MISMATCH, CHAIN),
	ROW(intermediate_of_vleks, MISMATCH, CHAIN),
	ROW(root_without_path, MISMATCH, CHAIN),
	ROW(root_not_trusted, UNTRUSTED, ROOT),
	ROW(root_of_another_key, UNTRUSTED, ROOT),
	ROW(root_of_p384, UNTRUSTED, ROOT),
	ROW(root_signed_by_another, SIGNATURE, CHAIN),
	ROW(root_of_genoa, MISMATCH, CHAIN),
	ROW(root_trusted_for_genoa, MISMATCH, CHAIN),
	ROW(revoked, REVOKED, REVOCATION),
	ROW(crl_by_intermediate, MISMATCH, CRL),
	ROW(crl_by_stranger, SIGNATURE, CRL),
	ROW(crl_of_p384, MISMATCH, CRL),
	ROW(crl_of_root_that_may_not, MISMATCH, CRL),
	ROW(crl_expired, EXPIRED, VALIDITY),
	ROW(crl_of_the_future, EXPIRED, VALIDITY),
};

static void lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(spoiled); i++) {
		struct snp_claims claims;
		enum snp_check failed;
		snp_forge_init(&forge, SNP_MILAN, false);
		spoiled[i].spoil(&forge);
		snp_forge_make(&forge);
		enum conclave_error error = verify(&claims, &failed);
		if (error != spoiled[i].error || failed != spoiled[i].check)
			fail_msg("%s: %s at %s", spoiled[i].name, conclave_error_name(error),
				snp_check_text(failed));
		snp_forge_free(&forge);
	}
}

/* -- and what must be accepted -- */

static void accept(struct snp_claims *claims)
{
	enum snp_check failed;
	snp_forge_make(&forge);
	enum conclave_error error = verify(claims, &failed);
	if (error != CONCLAVE_OK)
		fail_msg("%s at %s", conclave_error_name(error), snp_check_text(failed));
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
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		for (int value = 0; value < 2; value++) {
			store_u64le(forge.report + SNP_AT_POLICY, 1u << 17);
			store_u64le(forge.report + SNP_AT_PLATFORM, 0);
			store_u32le(forge.report + SNP_AT_FLAGS, 0);
			forge.report[rows[i].at + rows[i].bit / 8] |=
				(uint8_t)(value << rows[i].bit % 8);
			accept(&claims);
			for (size_t k = 0; k < ARRAY_COUNT(rows); k++)
				assert_int_equal(*rows[k].claim, k == i && value);
		}
	}
	forge.report[SNP_AT_PLATFORM + 7] = 0x80; /* of firmware to come */
	accept(&claims);
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
	assert_int_equal(verify(&claims, NULL), CONCLAVE_ERROR_MISMATCH);
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
		assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_NOT_FOUND);
		assert_int_equal(failed, checks[i]);
		*evidence = whole;
		for (size_t len = 1; len < places[i]->len; len += 1 + len / 16) {
			struct bytes cut = bytes_slice(*places[i], 0, len);
			*places[i] = cut;
			assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_FORMAT);
			assert_int_equal(failed, checks[i]);
			*evidence = whole;
		}
	}
	evidence->leaf = whole.intermediate;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, SNP_CHECK_LEAF);
	*evidence = whole;
	evidence->intermediate = whole.root;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, SNP_CHECK_CHAIN);
	*evidence = whole;
	evidence->crl = bytes_slice(whole.crl, 0, whole.crl.len - 1);
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_FORMAT);
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
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_VERSION);
	forge.evidence.report = BYTES_OF(forge.report);
	memset(forge.report + SNP_AT_SIGNATURE, 0, 144);
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(failed, SNP_CHECK_SIGNATURE);
	snp_forge_free(&forge);
}

/* AMD's own roots do not know this chip. */
static void default_roots(void **state)
{
	struct snp_claims claims;
	enum snp_check failed;
	(void)state;
	snp_forge_init(&forge, SNP_TURIN, false);
	snp_forge_make(&forge);
	assert_int_equal(snp_verify(&claims, &failed, NULL, &forge.evidence, NULL, SNP_FORGE_NOW),
		CONCLAVE_ERROR_UNTRUSTED);
	assert_int_equal(failed, SNP_CHECK_ROOT);
	snp_forge_free(&forge);
}

/* What is remembered is a signature, and nothing else. */
static void memory(void **state)
{
	static struct memo memo;
	struct snp_claims claims;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots,
					 SNP_FORGE_NOW),
			CONCLAVE_OK);
		assert_int_equal(memo.count, 4); /* three certificates and a CRL */
	}
	assert_int_equal(
		snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots, SNP_FORGE_END + 1),
		CONCLAVE_ERROR_EXPIRED);
	assert_int_equal(snp_verify(&claims, NULL, &memo, &forge.evidence, NULL, SNP_FORGE_NOW),
		CONCLAVE_ERROR_UNTRUSTED);
	/* The leaf's signature, which ends it, and then a bit of its key. */
	uint8_t leaf[4096];
	memcpy(leaf, forge.evidence.leaf.ptr, forge.evidence.leaf.len);
	leaf[forge.evidence.leaf.len - 1] ^= 1;
	forge.evidence.leaf.ptr = leaf;
	assert_int_equal(
		snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots, SNP_FORGE_NOW),
		CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(memo.count, 4);
	snp_forge_free(&forge);
}

/* -- where the certificates come from -- */

static void put_entry(uint8_t *table, size_t *entries, size_t *used, struct bytes der)
{
	uint8_t *entry = table + 24 * (*entries)++;
	memset(entry, 0xa7, 16);
	store_u32le(entry + 16, (uint32_t)*used);
	store_u32le(entry + 20, (uint32_t)der.len);
	memcpy(table + *used, der.ptr, der.len);
	*used += der.len;
}

static void certificate_table(void **state)
{
	static uint8_t table[16384];
	size_t entries = 0, used = 24 * 6;
	struct snp_evidence read = {0};
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	put_entry(table, &entries, &used, forge.evidence.root);
	put_entry(table, &entries, &used, BYTES_LIT("something of the firmware's"));
	put_entry(table, &entries, &used, forge.evidence.leaf);
	put_entry(table, &entries, &used, forge.evidence.intermediate);
	assert_int_equal(snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_OK);
	assert_true(bytes_equal(read.leaf, forge.evidence.leaf));
	assert_true(bytes_equal(read.intermediate, forge.evidence.intermediate));
	assert_true(bytes_equal(read.root, forge.evidence.root));

	/* Twice, or beyond the end, or without an end. */
	assert_int_equal(
		snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_ERROR_FORMAT);
	read = (struct snp_evidence){0};
	for (size_t len = 0; len < used; len += 7)
		assert_int_equal(snp_read_certificate_table(&read, bytes_of(table, len)),
			CONCLAVE_ERROR_FORMAT);
	store_u32le(table + 16, UINT32_MAX);
	assert_int_equal(
		snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_ERROR_FORMAT);
	memset(table, 1, 24 * 65);
	for (size_t i = 0; i < 65; i++)
		memset(table + 24 * i + 16, 0, 8);
	assert_int_equal(snp_read_certificate_table(&read, BYTES_OF(table)), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(read.leaf.len, 0);
	snp_forge_free(&forge);
}

static int setup(void **state)
{
	(void)state;
	stranger = x509_forge_curve_key("P-384", 9);
	stranger_p256 = x509_forge_curve_key("P-256", 9);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(stranger);
	EVP_PKEY_free(stranger_p256);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),
		cmocka_unit_test(every_product_and_key),
		cmocka_unit_test(versions),
		cmocka_unit_test(bits),
		cmocka_unit_test(variants),
		cmocka_unit_test(parts),
		cmocka_unit_test(zeros),
		cmocka_unit_test(default_roots),
		cmocka_unit_test(memory),
		cmocka_unit_test(certificate_table),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
