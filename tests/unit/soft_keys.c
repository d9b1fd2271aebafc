/* Reports and keys as an enclave on the machine gets them; what lasts, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "machine/tiny.h"

static const struct tiny_options version_3 = {.product_id = 1, .security_version = 3};

struct got {
	uint64_t status, rflags;
	struct aes128_key key;
};

static struct got get_key(struct machine_enclave *enclave, const struct sgx_keyrequest *request)
{
	struct got got = {0};
	struct machine_registers registers =
		tiny_call(enclave, TINY_GETKEY, (uintptr_t)request, (uintptr_t)got.key.bytes);
	got.status = registers.rdi;
	got.rflags = registers.rsi;
	return got;
}

static struct sgx_keyrequest seal_request(uint16_t policy, uint8_t cpusvn)
{
	struct sgx_keyrequest request = {.keyname = SGX_KEY_SEAL,
		.keypolicy = policy,
		.isvsvn = 3}; /* no attribute asked for: DEBUG counts all the same */
	memset(request.cpusvn, cpusvn, sizeof(request.cpusvn));
	return request;
}

static struct aes128_key seal_key(struct machine *machine, const struct tiny_options *options,
	uint16_t policy, uint8_t cpusvn)
{
	struct sgx_keyrequest request = seal_request(policy, cpusvn);
	struct machine_enclave *enclave = tiny_build(machine, options);
	struct got got = get_key(enclave, &request);
	assert_int_equal(got.status, SGX_GETKEY_OK);
	assert_int_equal(got.rflags & 0x8d5, 0); /* all status flags clear */
	soft_destroy(enclave);
	return got.key;
}

#define assert_same_key(a, b) assert_memory_equal((a).bytes, (b).bytes, sizeof((a).bytes))
#define assert_other_key(a, b) assert_memory_not_equal((a).bytes, (b).bytes, sizeof((a).bytes))

static void a_seal_key_outlives_the_process(void **state)
{
	(void)state;
	const uint8_t cpusvn = SOFT_CPUSVN_DEFAULT;
	struct machine *machine = tiny_open_machine();
	struct aes128_key by_signer = seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, cpusvn);
	struct aes128_key by_enclave =
		seal_key(machine, &version_3, SGX_KEYPOLICY_MRENCLAVE, cpusvn);
	assert_other_key(by_signer, by_enclave);
	machine->ops->close(machine);

	machine = tiny_open_machine(); /* the same folder: the same CPU, started again */
	struct aes128_key again = seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, cpusvn);
	assert_same_key(by_signer, again);
	again = seal_key(machine, &version_3, SGX_KEYPOLICY_MRENCLAVE, cpusvn);
	assert_same_key(by_enclave, again);
	tiny_close_machine(machine);

	machine = tiny_open_machine(); /* another folder: another CPU */
	again = seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, cpusvn);
	assert_other_key(by_signer, again);
	tiny_close_machine(machine);
}

static void upgrades_share_the_signers_key(void **state)
{
	(void)state;
	struct machine *machine = tiny_open_machine();
	struct tiny_options upgrade = version_3, other_signer = version_3, debug = version_3;
	upgrade.constant = 1;
	upgrade.security_version = 4;
	other_signer.signer = TINY_SIGNER_B;
	debug.flags = SGX_FLAG_DEBUG;
	const uint16_t signer = SGX_KEYPOLICY_MRSIGNER, enclave = SGX_KEYPOLICY_MRENCLAVE;
	struct aes128_key key = seal_key(machine, &version_3, signer, SOFT_CPUSVN_DEFAULT);
	struct aes128_key own = seal_key(machine, &version_3, enclave, SOFT_CPUSVN_DEFAULT);
	/* The new version asks for the old version's key, by its ISVSVN. */
	assert_same_key(key, seal_key(machine, &upgrade, signer, SOFT_CPUSVN_DEFAULT));
	assert_other_key(own, seal_key(machine, &upgrade, enclave, SOFT_CPUSVN_DEFAULT));
	assert_other_key(key, seal_key(machine, &other_signer, signer, SOFT_CPUSVN_DEFAULT));
	assert_other_key(key, seal_key(machine, &debug, signer, SOFT_CPUSVN_DEFAULT));
	tiny_close_machine(machine);
}

static void a_downgraded_enclave_is_refused_the_new_key(void **state)
{
	(void)state;
	struct machine *machine = tiny_open_machine();
	struct machine_enclave *enclave = tiny_build(machine, &version_3);
	struct sgx_keyrequest request = seal_request(SGX_KEYPOLICY_MRSIGNER, SOFT_CPUSVN_DEFAULT);
	const struct aes128_key none = {0};
	request.isvsvn = 4;
	struct got got = get_key(enclave, &request);
	assert_int_equal(got.status, SGX_GETKEY_INVALID_ISVSVN);
	assert_int_equal(got.rflags & 0x8d5, 0x40); /* ZF and no other */
	assert_same_key(got.key, none);
	request.reserved1 = 1;
	assert_int_equal(
		tiny_fault(enclave, TINY_GETKEY, (uintptr_t)&request, (uintptr_t)&got).vector, 13);
	soft_destroy(enclave);
	tiny_close_machine(machine);
}

/* TCB recovery, rehearsed: after an update old keys can still be had, after a downgrade new ones
 * cannot. */
static void the_cpusvn_is_a_ladder(void **state)
{
	(void)state;
	struct machine *machine = tiny_open_machine();
	struct conclave_report report;
	uint8_t cpusvn[16];
	struct sgx_keyrequest request = seal_request(SGX_KEYPOLICY_MRSIGNER, 3);
	struct aes128_key old =
		seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, SOFT_CPUSVN_DEFAULT);
	struct machine_enclave *enclave = tiny_build(machine, &version_3);
	memset(cpusvn, 3, sizeof(cpusvn));
	assert_int_equal(get_key(enclave, &request).status, SGX_GETKEY_INVALID_CPUSVN);
	assert_int_equal(soft_set_cpusvn(machine, cpusvn, &report), CONCLAVE_ERROR_BUSY);
	soft_destroy(enclave);

	assert_int_equal(soft_set_cpusvn(machine, cpusvn, &report), CONCLAVE_OK);
	struct aes128_key new = seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, 3);
	assert_other_key(old, new);
	assert_same_key(
		old, seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, SOFT_CPUSVN_DEFAULT));
	machine->ops->close(machine);

	machine = tiny_open_machine(); /* it is kept */
	assert_same_key(new, seal_key(machine, &version_3, SGX_KEYPOLICY_MRSIGNER, 3));
	memset(cpusvn, 2, sizeof(cpusvn));
	assert_int_equal(soft_set_cpusvn(machine, cpusvn, &report), CONCLAVE_OK);
	enclave = tiny_build(machine, &version_3);
	assert_int_equal(get_key(enclave, &request).status, SGX_GETKEY_INVALID_CPUSVN);
	soft_destroy(enclave);
	tiny_close_machine(machine);
}

static void a_report_says_who_is_asking(void **state)
{
	(void)state;
	struct machine *machine = tiny_open_machine();
	struct tiny_options verifier_options = version_3;
	verifier_options.constant = 9;
	struct machine_enclave *prover = tiny_build(machine, &version_3);
	struct machine_enclave *verifier = tiny_build(machine, &verifier_options);
	const struct sgx_cpu *cpu = &((const struct soft_machine *)machine)->state.cpu;
	struct sgx_targetinfo target = {.attributes = verifier->secs.attributes};
	memcpy(target.mrenclave, verifier->secs.mrenclave, sizeof(target.mrenclave));

	struct sgx_report report;
	struct machine_registers registers = {
		TINY_REPORT, (uintptr_t)&target, (uintptr_t)&report, 0xa5, 0};
	struct machine_exception exception;
	enum machine_exit exit;
	assert_int_equal(
		soft_enter(&exit, &exception, prover, TINY_TCS, &registers, 0), CONCLAVE_OK);
	assert_int_equal(exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(sgx_report_verify(cpu, &verifier->secs, &report), CONCLAVE_OK);
	assert_int_equal(sgx_report_verify(cpu, &prover->secs, &report), CONCLAVE_ERROR_AUTH);

	struct sgx_sigstruct sigstruct;
	tiny_sign(&sigstruct, &version_3);
	uint8_t mrsigner[32], data[64];
	sgx_mrsigner(mrsigner, &sigstruct);
	memset(data, 0xa5, sizeof(data));
	assert_memory_equal(report.body.mrenclave, sigstruct.enclavehash, 32);
	assert_memory_equal(report.body.mrsigner, mrsigner, 32);
	assert_memory_equal(report.body.reportdata, data, 64);
	assert_int_equal(report.body.isvprodid, 1);
	assert_int_equal(report.body.isvsvn, 3);
	assert_int_equal(report.body.attributes.flags, SGX_FLAG_INIT | SGX_FLAG_MODE64BIT);
	soft_destroy(prover);
	soft_destroy(verifier);
	tiny_close_machine(machine);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_seal_key_outlives_the_process),
	cmocka_unit_test(upgrades_share_the_signers_key),
	cmocka_unit_test(a_downgraded_enclave_is_refused_the_new_key),
	cmocka_unit_test(the_cpusvn_is_a_ladder),
	cmocka_unit_test(a_report_says_who_is_asking),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
