/* EINIT's comparison of a signature with an enclave, and signing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sgx/sgx.h"

static struct rsa3072_secret *signer;

static int read_signer(void **state)
{
	(void)state;
	uint8_t pem[4096];
	char path[512];
	const char *source = getenv("CONCLAVE_SOURCE");
	snprintf(
		path, sizeof(path), "%s/tests/machine/signer_a.pem", source != NULL ? source : ".");
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return 1;
	size_t size = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	return rsa3072_read(&signer, bytes_of(pem, size)) == CONCLAVE_OK ? 0 : 1;
}

static int free_signer(void **state)
{
	(void)state;
	rsa3072_free(signer);
	return 0;
}

static struct sgx_identity make_identity(void)
{
	struct sgx_identity identity = {
		.attributes = {SGX_FLAG_MODE64BIT, SGX_XFRM_LEGACY},
		.attributemask = {UINT64_MAX & ~(uint64_t)SGX_FLAG_DEBUG, UINT64_MAX},
		.miscmask = UINT32_MAX,
		.isvprodid = 0x1234,
		.isvsvn = 9,
		.date = 0x20260102,
	};
	memset(identity.mrenclave, 0x5a, sizeof(identity.mrenclave));
	return identity;
}

static void sign(struct sgx_sigstruct *sigstruct)
{
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], modulus[384], signature[384];
	sgx_sigstruct_material(material, sigstruct);
	rsa3072_modulus(modulus, signer);
	assert_int_equal(rsa3072_sign(signature, signer, BYTES_OF(material)), CONCLAVE_OK);
	assert_int_equal(sgx_sigstruct_complete(sigstruct, modulus, signature), CONCLAVE_OK);
}

static struct sgx_sigstruct make_sigstruct(const struct sgx_identity *identity)
{
	struct sgx_sigstruct sigstruct;
	sgx_sigstruct_fill(&sigstruct, identity);
	sign(&sigstruct);
	return sigstruct;
}

static struct sgx_secs make_secs(void)
{
	struct sgx_secs secs = {.attributes = {SGX_FLAG_MODE64BIT, SGX_XFRM_LEGACY}};
	memset(secs.mrenclave, 0x5a, sizeof(secs.mrenclave));
	return secs;
}

/* What the error says, and that a refusal changes nothing. */
static void expect(
	enum conclave_error wanted, struct sgx_secs secs, const struct sgx_sigstruct *sigstruct)
{
	struct sgx_secs before = secs;
	assert_int_equal(sgx_init(&secs, sigstruct), wanted);
	if (wanted != CONCLAVE_OK)
		assert_memory_equal(&secs, &before, sizeof(secs));
}

static void the_signers_word_becomes_the_identity(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct = make_sigstruct(&identity);
	struct sgx_secs secs = make_secs();
	struct sha256 digest;
	assert_int_equal(sgx_init(&secs, &sigstruct), CONCLAVE_OK);
	assert_int_equal(secs.isvprodid, 0x1234);
	assert_int_equal(secs.isvsvn, 9);
	assert_int_equal(secs.attributes.flags, SGX_FLAG_MODE64BIT | SGX_FLAG_INIT);
	sha256(&digest, BYTES_OF(sigstruct.modulus));
	assert_memory_equal(secs.mrsigner, digest.bytes, 32);
}

static void another_measurement_is_refused(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct = make_sigstruct(&identity);
	struct sgx_secs secs = make_secs();
	secs.mrenclave[31] ^= 1;
	expect(CONCLAVE_ERROR_MISMATCH, secs, &sigstruct);
}

static void debug_is_the_signers_choice(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_secs secs = make_secs();
	secs.attributes.flags |= SGX_FLAG_DEBUG;
	struct sgx_sigstruct either = make_sigstruct(&identity);
	expect(CONCLAVE_OK, secs, &either);
	expect(CONCLAVE_OK, make_secs(), &either);
	identity.attributemask.flags |= SGX_FLAG_DEBUG;
	struct sgx_sigstruct release = make_sigstruct(&identity);
	expect(CONCLAVE_ERROR_DEBUG, secs, &release);
	expect(CONCLAVE_OK, make_secs(), &release);
	identity.attributes.flags |= SGX_FLAG_DEBUG;
	struct sgx_sigstruct debug = make_sigstruct(&identity);
	expect(CONCLAVE_OK, secs, &debug);
	expect(CONCLAVE_ERROR_DEBUG, make_secs(), &debug);
}

static void other_attributes_must_agree(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct = make_sigstruct(&identity);
	struct sgx_secs secs = make_secs();
	secs.attributes.flags |= SGX_FLAG_PROVISIONKEY;
	expect(CONCLAVE_ERROR_ARGUMENT, secs, &sigstruct);
	secs = make_secs();
	secs.attributes.xfrm = 7;
	expect(CONCLAVE_ERROR_ARGUMENT, secs, &sigstruct);
	secs = make_secs();
	secs.miscselect = 1;
	expect(CONCLAVE_ERROR_ARGUMENT, secs, &sigstruct);
	identity.miscmask = 0;
	sigstruct = make_sigstruct(&identity);
	expect(CONCLAVE_OK, secs, &sigstruct);
}

static void kss_fields_need_kss(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct;
	struct sgx_secs secs = make_secs();
	sgx_sigstruct_fill(&sigstruct, &identity);
	sigstruct.isvfamilyid[3] = 1;
	sigstruct.attributemask.flags &= ~(uint64_t)SGX_FLAG_KSS;
	sign(&sigstruct);
	expect(CONCLAVE_ERROR_FORMAT, secs, &sigstruct);
	secs.attributes.flags |= SGX_FLAG_KSS;
	assert_int_equal(sgx_init(&secs, &sigstruct), CONCLAVE_OK);
	assert_memory_equal(secs.isvfamilyid, sigstruct.isvfamilyid, 16);
}

/* Signed, but not a SIGSTRUCT: constants and reserved fields are checked besides the signature. */
static void constants_are_checked(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	static const size_t places[] = {0, 15, 16, 24, 39, 44, 127};
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		struct sgx_sigstruct sigstruct = make_sigstruct(&identity);
		((uint8_t *)&sigstruct)[places[i]] ^= 0x40;
		uint8_t material[SGX_SIGNING_MATERIAL_SIZE];
		sgx_sigstruct_material(material, &sigstruct);
		assert_int_equal(
			rsa3072_sign(sigstruct.signature, signer, BYTES_OF(material)), CONCLAVE_OK);
		assert_int_equal(rsa3072_q1_q2(sigstruct.q1, sigstruct.q2, sigstruct.modulus,
					 sigstruct.signature),
			CONCLAVE_OK);
		expect(CONCLAVE_ERROR_FORMAT, make_secs(), &sigstruct);
	}
	struct sgx_sigstruct sigstruct = make_sigstruct(&identity);
	sigstruct.exponent = 65537;
	expect(CONCLAVE_ERROR_FORMAT, make_secs(), &sigstruct);
}

static void intel_may_be_the_vendor(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct;
	sgx_sigstruct_fill(&sigstruct, &identity);
	sigstruct.vendor = 0x8086;
	sign(&sigstruct);
	expect(CONCLAVE_OK, make_secs(), &sigstruct);
}

static void a_wrong_signature_does_not_complete(void **state)
{
	(void)state;
	struct sgx_identity identity = make_identity();
	struct sgx_sigstruct sigstruct, before;
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], modulus[384], signature[384];
	sgx_sigstruct_fill(&sigstruct, &identity);
	before = sigstruct;
	sgx_sigstruct_material(material, &sigstruct);
	material[40] ^= 1; /* signed offline for something else */
	rsa3072_modulus(modulus, signer);
	assert_int_equal(rsa3072_sign(signature, signer, BYTES_OF(material)), CONCLAVE_OK);
	assert_int_equal(
		sgx_sigstruct_complete(&sigstruct, modulus, signature), CONCLAVE_ERROR_SIGNATURE);
	assert_memory_equal(&sigstruct, &before, sizeof(sigstruct));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_signers_word_becomes_the_identity),
	cmocka_unit_test(another_measurement_is_refused),
	cmocka_unit_test(debug_is_the_signers_choice),
	cmocka_unit_test(other_attributes_must_agree),
	cmocka_unit_test(kss_fields_need_kss),
	cmocka_unit_test(constants_are_checked),
	cmocka_unit_test(intel_may_be_the_vendor),
	cmocka_unit_test(a_wrong_signature_does_not_complete),
};

int main(void)
{
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, read_signer, free_signer);
}
