/* SIGSTRUCTs of enclaves that others signed: Intel, Fortanix, Oasis, Gramine, Signal. They are not
 * ours to copy. */
#include "sgx/sgx.h"
#include "vectors/json.h"

static const char *const files[] = {"fortanix-libsgx_pce.sigstruct.bin",
	"fortanix-sig1.sigstruct.bin", "fortanix-test_enclave.sig", "gramine-test.sig",
	"intel-le_prod_css.bin", "oasis-sig1.sigstruct.bin",
	"signal-cdsi-enclave-3ded708c.sigstruct.bin"};

static void read_vector(void *out, size_t size, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "sgx/%s", name);
	vectors_file(out, size, path);
}

static void others_signatures_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		struct sgx_sigstruct sigstruct;
		read_vector(&sigstruct, sizeof(sigstruct), files[i]);
		if (sgx_sigstruct_verify(&sigstruct) != CONCLAVE_OK)
			fail_msg("%s", files[i]);
	}
}

/* q1 and q2 are what completing the same signature again gives. */
static void others_q1_and_q2_are_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		struct sgx_sigstruct theirs, ours;
		read_vector(&theirs, sizeof(theirs), files[i]);
		ours = theirs;
		memset(ours.q1, 0, sizeof(ours.q1));
		memset(ours.q2, 0, sizeof(ours.q2));
		memset(ours.modulus, 0, sizeof(ours.modulus));
		memset(ours.signature, 0, sizeof(ours.signature));
		assert_int_equal(sgx_sigstruct_complete(&ours, theirs.modulus, theirs.signature),
			CONCLAVE_OK);
		assert_memory_equal(&ours, &theirs, sizeof(ours));
	}
}

/* One signature with its intermediate numbers, from Fortanix's tool. Here the numbers are
 * big-endian or little-endian as the tool stores them: as SIGSTRUCT does. */
static void the_arithmetic_alone(void **state)
{
	(void)state;
	uint8_t modulus[384], signature[384], q1[384], q2[384], our_q1[384], our_q2[384];
	read_vector(modulus, sizeof(modulus), "fortanix-sgxs-sig1.key_n.bin");
	read_vector(signature, sizeof(signature), "fortanix-sgxs-sig1.sig.bin");
	read_vector(q1, sizeof(q1), "fortanix-sgxs-sig1.q1.bin");
	read_vector(q2, sizeof(q2), "fortanix-sgxs-sig1.q2.bin");
	assert_int_equal(rsa3072_q1_q2(our_q1, our_q2, modulus, signature), CONCLAVE_OK);
	assert_memory_equal(our_q1, q1, sizeof(q1));
	assert_memory_equal(our_q2, q2, sizeof(q2));
}

/* The key that comes with the samples of Intel's SDK: every policy that refuses development
 * enclaves names this MRSIGNER. */
static void a_known_mrsigner(void **state)
{
	(void)state;
	static const uint8_t known[32] = {0x83, 0xd7, 0x19, 0xe7, 0x7d, 0xea, 0xca, 0x14, 0x70,
		0xf6, 0xba, 0xf6, 0x2a, 0x4d, 0x77, 0x43, 0x03, 0xc8, 0x99, 0xdb, 0x69, 0x02, 0x0f,
		0x9c, 0x70, 0xee, 0x1d, 0xfc, 0x08, 0xc7, 0xce, 0x9e};
	struct sgx_sigstruct sigstruct;
	uint8_t mrsigner[32];
	read_vector(&sigstruct, sizeof(sigstruct), "fortanix-sig1.sigstruct.bin");
	sgx_mrsigner(mrsigner, &sigstruct);
	assert_memory_equal(mrsigner, known, sizeof(known));
}

/* Every byte: signed, or checked against a constant, or part of the key or the arithmetic. */
static void no_byte_can_be_changed(void **state)
{
	(void)state;
	struct sgx_sigstruct sigstruct;
	read_vector(&sigstruct, sizeof(sigstruct), files[0]);
	uint8_t *bytes = (uint8_t *)&sigstruct;
	for (size_t i = 0; i < sizeof(sigstruct); i++) {
		bytes[i] ^= (uint8_t)(1u << i % 8);
		if (sgx_sigstruct_verify(&sigstruct) == CONCLAVE_OK)
			fail_msg("byte %zu", i);
		bytes[i] ^= (uint8_t)(1u << i % 8);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(others_signatures_verify),
	cmocka_unit_test(others_q1_and_q2_are_ours),
	cmocka_unit_test(the_arithmetic_alone),
	cmocka_unit_test(a_known_mrsigner),
	cmocka_unit_test(no_byte_can_be_changed),
};

int main(void)
{
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
