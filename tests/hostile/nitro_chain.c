/* Attestation documents whose certificates lie, T-43: each must be refused, at the check whose
 * business it is, and whatever was verified before. */
#include "hostile/nitro_world.h"

#include "attest/memo.h"

static void leaf_is_ca(void)
{
	forge.leaf.basic_constraints = "critical,CA:TRUE";
}
static void leaf_may_sign_certificates(void)
{
	forge.leaf.key_usage = "digitalSignature,keyCertSign";
}
static void leaf_may_not_sign(void)
{
	forge.leaf.key_usage = "critical,keyAgreement";
}
static void leaf_without_usage(void)
{
	forge.leaf.key_usage = NULL;
}
static void lower_is_no_ca(void)
{
	forge.bundle[2].basic_constraints = "critical,CA:FALSE";
}
static void lower_without_constraints(void)
{
	forge.bundle[2].basic_constraints = NULL;
}
static void upper_may_not_sign_certificates(void)
{
	forge.bundle[1].key_usage = "critical,digitalSignature,cRLSign";
}
static void upper_without_usage(void)
{
	forge.bundle[1].key_usage = NULL;
}
static void root_is_no_ca(void)
{
	forge.bundle[0].basic_constraints = NULL;
}
static void root_may_not_sign_certificates(void)
{
	forge.bundle[0].key_usage = "critical,digitalSignature";
}
static void path_of_root_too_short(void)
{
	forge.bundle[0].basic_constraints = "critical,CA:TRUE,pathlen:1";
}
static void path_of_upper_too_short(void)
{
	forge.bundle[1].basic_constraints = "critical,CA:TRUE,pathlen:0";
}
static void leaf_of_another_issuer(void)
{
	forge.leaf.issuer = "upper";
}
static void upper_of_another_issuer(void)
{
	forge.bundle[1].issuer = "upper";
}
static void leaf_signed_by_upper(void)
{
	forge.leaf.issuer_key = forge.keys[2];
}
static void lower_signed_by_leaf(void)
{
	forge.bundle[2].issuer_key = forge.keys[0];
}
static void upper_signed_by_itself(void)
{
	forge.bundle[1].issuer_key = forge.keys[2];
}
static void root_signed_by_upper(void)
{
	forge.bundle[0].issuer_key = forge.keys[2];
}
static void bundle_without_upper(void)
{
	forge.bundle[1] = forge.bundle[2];
	forge.bundle_count = 2;
}
static void bundle_without_lower(void)
{
	forge.bundle_count = 2;
}
static void bundle_in_disorder(void)
{
	struct x509_forge upper = forge.bundle[1];
	forge.bundle[1] = forge.bundle[2];
	forge.bundle[2] = upper;
}
static void upper_twice(void)
{
	forge.bundle[3] = forge.bundle[2];
	forge.bundle[2] = forge.bundle[1];
	forge.bundle_count = 4;
}
static void bundle_without_root(void)
{
	forge.bundle[0] = forge.bundle[1];
	forge.bundle[1] = forge.bundle[2];
	forge.bundle_count = 2;
}
static void bundle_in_reverse(void)
{
	struct x509_forge root = forge.bundle[0];
	forge.bundle[0] = forge.bundle[2];
	forge.bundle[2] = root;
}
static void leaf_alone_is_root(void)
{
	forge.bundle[0] = forge.leaf;
	forge.bundle_count = 1;
}
static void another_root(void)
{
	forge.root.bytes[0] ^= 1;
}
static void unknown_critical_extension(void)
{
	static const struct x509_forge_extension unknown = {
		"2.5.29.127", LITERAL("\x05\x00"), true};
	forge.leaf.extensions = &unknown;
	forge.leaf.extension_count = 1;
}
static void unknown_critical_extension_above(void)
{
	static const struct x509_forge_extension unknown = {
		"2.5.29.30", LITERAL("\x30\x00"), true}; /* name constraints */
	forge.bundle[1].extensions = &unknown;
	forge.bundle[1].extension_count = 1;
}
static void signed_with_sha256(void)
{
	forge.leaf.hash = EVP_sha256();
}
static void signed_with_sha512(void)
{
	forge.bundle[2].hash = EVP_sha512();
}
static void large_certificate(void)
{
	static const uint8_t filling[700];
	static const struct x509_forge_extension large = {
		"1.2.3.4", {filling, sizeof(filling)}, false};
	forge.leaf.extensions = &large;
	forge.leaf.extension_count = 1;
}
static void large_certificate_above(void)
{
	static const uint8_t filling[700];
	static const struct x509_forge_extension large = {
		"1.2.3.4", {filling, sizeof(filling)}, false};
	forge.bundle[1].extensions = &large;
	forge.bundle[1].extension_count = 1;
}
static void long_bundle(void)
{
	for (size_t i = forge.bundle_count; i <= NITRO_CABUNDLE_COUNT_MAX; i++)
		forge.bundle[i] = forge.bundle[2];
	forge.bundle_count = NITRO_CABUNDLE_COUNT_MAX + 1;
}

static void wrong_certificates_are_refused(void **state)
{
	static const struct {
		const char *name;
		void (*spoil)(void);
		enum conclave_error error;
		enum nitro_check check;
	} cases[] = {
#define CASE(function, error, check) \
	{#function, function, CONCLAVE_ERROR_##error, NITRO_CHECK_##check}
		CASE(leaf_is_ca, MISMATCH, CHAIN),
		CASE(leaf_may_sign_certificates, MISMATCH, CHAIN),
		CASE(leaf_may_not_sign, MISMATCH, CHAIN),
		CASE(leaf_without_usage, MISMATCH, CHAIN),
		CASE(lower_is_no_ca, MISMATCH, CHAIN),
		CASE(lower_without_constraints, MISMATCH, CHAIN),
		CASE(upper_may_not_sign_certificates, MISMATCH, CHAIN),
		CASE(upper_without_usage, MISMATCH, CHAIN),
		CASE(root_is_no_ca, MISMATCH, CHAIN),
		CASE(root_may_not_sign_certificates, MISMATCH, CHAIN),
		CASE(path_of_root_too_short, MISMATCH, CHAIN),
		CASE(path_of_upper_too_short, MISMATCH, CHAIN),
		CASE(leaf_of_another_issuer, MISMATCH, CHAIN),
		CASE(upper_of_another_issuer, MISMATCH, CHAIN),
		CASE(leaf_signed_by_upper, SIGNATURE, CHAIN),
		CASE(lower_signed_by_leaf, SIGNATURE, CHAIN),
		CASE(upper_signed_by_itself, SIGNATURE, CHAIN),
		CASE(root_signed_by_upper, SIGNATURE, CHAIN),
		CASE(bundle_without_upper, MISMATCH, CHAIN),
		CASE(bundle_without_lower, MISMATCH, CHAIN),
		CASE(bundle_in_disorder, MISMATCH, CHAIN),
		CASE(upper_twice, MISMATCH, CHAIN),
		CASE(bundle_without_root, UNTRUSTED, ROOT),
		CASE(bundle_in_reverse, UNTRUSTED, ROOT),
		CASE(leaf_alone_is_root, UNTRUSTED, ROOT),
		CASE(another_root, UNTRUSTED, ROOT),
		CASE(unknown_critical_extension, FORMAT, CERTIFICATE),
		CASE(unknown_critical_extension_above, FORMAT, CABUNDLE),
		CASE(signed_with_sha256, FORMAT, CERTIFICATE),
		CASE(signed_with_sha512, FORMAT, CABUNDLE),
		CASE(large_certificate, LIMIT, CERTIFICATE),
		CASE(large_certificate_above, LIMIT, CABUNDLE),
		CASE(long_bundle, LIMIT, CABUNDLE),
#undef CASE
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		begin_again();
		cases[i].spoil();
		nitro_forge_make(&forge);
		check_refused(cases[i].name, cases[i].error, cases[i].check);
	}
}

/* A whole chain of another curve, or one such key in it: never tried. */
static void other_curves_are_refused(void **state)
{
	(void)state;
	EVP_PKEY *p256 = x509_forge_curve_key("P-256", 1);
	begin_again();
	forge.leaf.key = p256;
	nitro_forge_make(&forge);
	check_refused("leaf of P-256", CONCLAVE_ERROR_MISMATCH, NITRO_CHECK_CHAIN);

	begin_again();
	forge.bundle[2].key = forge.leaf.issuer_key = p256;
	nitro_forge_make(&forge);
	check_refused("lower of P-256", CONCLAVE_ERROR_MISMATCH, NITRO_CHECK_CHAIN);

	begin_again();
	forge.bundle[0].key = forge.bundle[0].issuer_key = forge.bundle[1].issuer_key = p256;
	nitro_forge_make(&forge);
	check_refused("root of P-256", CONCLAVE_ERROR_UNTRUSTED, NITRO_CHECK_ROOT);
	EVP_PKEY_free(p256);
}

/* The pinned key certifies the leaf itself. */
static void shortest_and_longest_chains(void **state)
{
	struct nitro_claims claims;
	(void)state;
	forge.bundle_count = 1;
	forge.leaf.issuer = "root";
	forge.leaf.issuer_key = forge.keys[3];
	nitro_forge_make(&forge);
	check_accepted("root and leaf", &claims);

	begin_again();
	for (size_t i = 2; i < NITRO_CABUNDLE_COUNT_MAX; i++) {
		forge.bundle[i] = forge.bundle[1];
		forge.bundle[i].issuer = "upper";
		forge.bundle[i].issuer_key = forge.keys[2];
		forge.bundle[i - 1].basic_constraints = "critical,CA:TRUE";
	}
	forge.bundle_count = NITRO_CABUNDLE_COUNT_MAX;
	forge.bundle[NITRO_CABUNDLE_COUNT_MAX - 1].basic_constraints = "critical,CA:TRUE,pathlen:0";
	forge.leaf.issuer = "upper";
	forge.leaf.issuer_key = forge.keys[2];
	nitro_forge_make(&forge);
	check_accepted("ten issuers", &claims);
	assert_int_equal(claims.cabundle_count, NITRO_CABUNDLE_COUNT_MAX);
}

/* -- time -- */

static enum conclave_error verify_at(
	struct nitro_claims *claims, enum nitro_check *failed, int64_t now)
{
	return nitro_verify(claims, failed, forge.document, &forge.root, now, NULL);
}

/* Of whichever certificate is the shortest: its first and last second are good. */
static void every_certificate_has_its_time(void **state)
{
	struct nitro_claims claims;
	enum nitro_check failed;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin_again();
		struct x509_forge *plan = i < 3 ? &forge.bundle[i] : &forge.leaf;
		plan->not_before = NITRO_FORGE_NOW - 7;
		plan->not_after = NITRO_FORGE_NOW + 7;
		nitro_forge_make(&forge);
		assert_int_equal(verify_at(&claims, &failed, NITRO_FORGE_NOW - 7), CONCLAVE_OK);
		assert_int_equal(claims.validity.from, NITRO_FORGE_NOW - 7);
		assert_int_equal(claims.validity.until, NITRO_FORGE_NOW + 7);
		assert_int_equal(verify_at(&claims, &failed, NITRO_FORGE_NOW + 7), CONCLAVE_OK);
		assert_int_equal(
			verify_at(&claims, &failed, NITRO_FORGE_NOW - 8), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(
			verify_at(&claims, &failed, NITRO_FORGE_NOW + 8), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(failed, NITRO_CHECK_CHAIN);
		assert_int_equal(verify_at(&claims, &failed, 0), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(verify_at(&claims, &failed, INT64_MAX), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(verify_at(&claims, &failed, INT64_MIN), CONCLAVE_ERROR_EXPIRED);
	}
}

/* -- what was verified before -- */

/* It saves work, and changes no verdict. */
static void memory_changes_no_verdict(void **state)
{
	struct memo memo = {.count = 0};
	struct nitro_claims claims;
	enum nitro_check failed;
	struct p384_public stranger = forge.root;
	(void)state;
	nitro_forge_make(&forge);
	for (int i = 0; i < 2; i++)
		assert_int_equal(nitro_verify(&claims, &failed, forge.document, &forge.root,
					 NITRO_FORGE_NOW, &memo),
			CONCLAVE_OK);
	assert_int_equal(memo.count, 4);
	assert_int_equal(nitro_verify(&claims, &failed, forge.document, &forge.root,
				 NITRO_FORGE_END + 1, &memo),
		CONCLAVE_ERROR_EXPIRED);
	stranger.bytes[95] ^= 1;
	assert_int_equal(
		nitro_verify(&claims, &failed, forge.document, &stranger, NITRO_FORGE_NOW, &memo),
		CONCLAVE_ERROR_UNTRUSTED);
	forge.pool[forge.used - 1] ^= 1;
	assert_int_equal(
		nitro_verify(&claims, &failed, forge.document, &forge.root, NITRO_FORGE_NOW, &memo),
		CONCLAVE_ERROR_SIGNATURE);

	begin_again();
	forge.leaf.issuer_key = forge.keys[2];
	nitro_forge_make(&forge);
	assert_int_equal(
		nitro_verify(&claims, &failed, forge.document, &forge.root, NITRO_FORGE_NOW, &memo),
		CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(failed, NITRO_CHECK_CHAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_certificates_are_refused),
		TEST(other_curves_are_refused),
		TEST(shortest_and_longest_chains),
		TEST(every_certificate_has_its_time),
		TEST(memory_changes_no_verdict),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
