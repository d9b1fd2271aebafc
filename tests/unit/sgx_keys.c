/* EREPORT and EGETKEY: which requests share a key, and which are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sgx/sgx.h"

static struct sgx_cpu make_cpu(void)
{
	struct sgx_cpu cpu;
	memset(cpu.root_key, 0x11, sizeof(cpu.root_key));
	memset(cpu.cpusvn, 5, sizeof(cpu.cpusvn));
	memset(cpu.owner_epoch, 0x22, sizeof(cpu.owner_epoch));
	memset(cpu.report_keyid, 0x33, sizeof(cpu.report_keyid));
	return cpu;
}

static struct sgx_secs make_secs(uint8_t id)
{
	struct sgx_secs secs = {
		.ssa_frame_pages = 1,
		.attributes = {SGX_FLAG_INIT | SGX_FLAG_MODE64BIT | SGX_FLAG_KSS, SGX_XFRM_LEGACY},
		.isvprodid = 7,
		.isvsvn = 3,
		.configsvn = 2,
	};
	memset(secs.mrenclave, 0x40 + id, sizeof(secs.mrenclave));
	memset(secs.mrsigner, 0x50, sizeof(secs.mrsigner));
	memset(secs.isvfamilyid, 0x60, sizeof(secs.isvfamilyid));
	memset(secs.isvextprodid, 0x70, sizeof(secs.isvextprodid));
	memset(secs.configid, 0x80, sizeof(secs.configid));
	return secs;
}

static struct sgx_keyrequest make_request(enum sgx_key_name name, uint16_t policy)
{
	struct sgx_keyrequest request = {
		.keyname = (uint16_t)name, .keypolicy = policy, .isvsvn = 3,
		/* attributemask 0: INIT and DEBUG count although nobody asked. */
	};
	memset(request.cpusvn, 5, sizeof(request.cpusvn));
	return request;
}

static struct aes128_key key_of(const struct sgx_cpu *cpu, const struct sgx_secs *secs,
	const struct sgx_keyrequest *request)
{
	struct aes128_key key;
	assert_int_equal(sgx_getkey(&key, cpu, secs, request), SGX_GETKEY_OK);
	return key;
}

static bool same(struct aes128_key a, struct aes128_key b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

/* -- uniqueness: 2 enclaves × {REPORT, SEAL} × 8 policies × 4 ISVSVN × 3 CPUSVN × 2 key ids; two
 * keys are equal exactly when everything they depend on is -- */

struct asked {
	struct aes128_key key;
	unsigned enclave, name, policy, isvsvn, cpusvn, keyid;
};

static bool depends_alike(const struct asked *a, const struct asked *b)
{
	bool report = a->name == SGX_KEY_REPORT;
	if (a->name != b->name || a->keyid != b->keyid)
		return false;
	if (report)
		return a->enclave == b->enclave; /* by MRENCLAVE alone */
	return a->policy == b->policy && a->isvsvn == b->isvsvn && a->cpusvn == b->cpusvn &&
	       (a->enclave == b->enclave || (a->policy & SGX_KEYPOLICY_MRENCLAVE) == 0);
}

static struct asked ask(const struct sgx_cpu *cpu, unsigned index)
{
	struct asked asked = {
		.enclave = index % 2,
		.name = index / 2 % 2 == 0 ? SGX_KEY_REPORT : SGX_KEY_SEAL,
		.policy = index / 4 % 8,
		.isvsvn = index / 32 % 4,
		.cpusvn = index / 128 % 3,
		.keyid = index / 384 % 2,
	};
	struct sgx_secs secs = make_secs((uint8_t)asked.enclave);
	struct sgx_keyrequest request =
		make_request((enum sgx_key_name)asked.name, (uint16_t)asked.policy);
	request.isvsvn = (uint16_t)asked.isvsvn;
	memset(request.cpusvn, (int)(3 + asked.cpusvn), sizeof(request.cpusvn));
	memset(request.keyid, (int)asked.keyid, sizeof(request.keyid));
	asked.key = key_of(cpu, &secs, &request);
	return asked;
}

static void keys_are_equal_only_when_their_dependencies_are(void **state)
{
	(void)state;
	enum { COUNT = 2 * 2 * 8 * 4 * 3 * 2 };
	static struct asked all[COUNT];
	struct sgx_cpu cpu = make_cpu();
	for (unsigned i = 0; i < COUNT; i++)
		all[i] = ask(&cpu, i);
	for (unsigned i = 0; i < COUNT; i++)
		for (unsigned j = 0; j < i; j++)
			if (same(all[i].key, all[j].key) != depends_alike(&all[i], &all[j]))
				fail_msg("%u and %u", i, j);
}

/* -- one dependency at a time -- */

/* Change one thing; the SEAL key under MRSIGNER and under every policy must change as told. */
struct change {
	const char *what;
	void (*apply)(struct sgx_cpu *, struct sgx_secs *, struct sgx_keyrequest *);
	bool signer_changes, all_changes, report_changes;
};

#define CHANGE(name, statement)                                                             \
	static void name(                                                                   \
		struct sgx_cpu *cpu, struct sgx_secs *secs, struct sgx_keyrequest *request) \
	{                                                                                   \
		(void)cpu, (void)secs, (void)request;                                       \
		statement;                                                                  \
	}
CHANGE(root_key, cpu->root_key[15] ^= 1)
CHANGE(owner_epoch, cpu->owner_epoch[0] ^= 1)
CHANGE(newer_cpu, cpu->cpusvn[3]++)
CHANGE(boot, cpu->report_keyid[9] ^= 1)
CHANGE(mrenclave, secs->mrenclave[31] ^= 1)
CHANGE(mrsigner, secs->mrsigner[0] ^= 1)
CHANGE(prodid, secs->isvprodid++)
CHANGE(newer_isv, secs->isvsvn++)
CHANGE(family, secs->isvfamilyid[1] ^= 1)
CHANGE(extended, secs->isvextprodid[2] ^= 1)
CHANGE(configid, secs->configid[63] ^= 1)
CHANGE(newer_config, secs->configsvn++)
CHANGE(debug, secs->attributes.flags |= SGX_FLAG_DEBUG)
CHANGE(unmasked_flag, secs->attributes.flags |= SGX_FLAG_PROVISIONKEY)
CHANGE(misc, secs->miscselect = 1)
CHANGE(mask, request->attributemask.flags |= 0x100)
CHANGE(miscmask, request->miscmask = 1)
CHANGE(keyid, request->keyid[31] ^= 1)
CHANGE(older_isv, request->isvsvn--)
CHANGE(older_cpu, request->cpusvn[15]--)
CHANGE(config_asked, request->configsvn = 1)

static const struct change changes[] = {
	{"root key", root_key, true, true, true},
	{"owner epoch", owner_epoch, true, true, true},
	{"CPU's CPUSVN", newer_cpu, false, false, true},
	{"restart", boot, false, false, false},
	{"MRENCLAVE", mrenclave, false, true, true},
	{"MRSIGNER", mrsigner, true, true, false},
	{"ISVPRODID", prodid, true, false, false}, /* all policies: NOISVPRODID among them */
	{"enclave's ISVSVN", newer_isv, false, false, false},
	{"ISVFAMILYID", family, false, true, false},
	{"ISVEXTPRODID", extended, false, true, false},
	{"CONFIGID", configid, false, true, true},
	{"enclave's CONFIGSVN", newer_config, false, false, true},
	{"DEBUG", debug, true, true, true},
	{"an attribute not masked", unmasked_flag, false, false, true},
	{"MISCSELECT not masked", misc, false, false, true},
	{"ATTRIBUTEMASK", mask, true, true, false},
	{"MISCMASK", miscmask, true, true, false},
	{"KEYID", keyid, true, true, true},
	{"ISVSVN asked for", older_isv, true, true, false},
	{"CPUSVN asked for", older_cpu, true, true, false},
	{"CONFIGSVN asked for", config_asked, false, true, false},
};

static bool changes_key(const struct change *change, enum sgx_key_name name, uint16_t policy)
{
	struct sgx_cpu cpu = make_cpu();
	struct sgx_secs secs = make_secs(0);
	struct sgx_keyrequest request = make_request(name, policy);
	struct aes128_key before = key_of(&cpu, &secs, &request);
	change->apply(&cpu, &secs, &request);
	return !same(before, key_of(&cpu, &secs, &request));
}

static void each_key_depends_on_what_the_manual_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
		const struct change *c = &changes[i];
		if (changes_key(c, SGX_KEY_SEAL, SGX_KEYPOLICY_MRSIGNER) != c->signer_changes)
			fail_msg("%s, SEAL by MRSIGNER", c->what);
		if (changes_key(c, SGX_KEY_SEAL, 0x3f) != c->all_changes)
			fail_msg("%s, SEAL by every policy", c->what);
		if (changes_key(c, SGX_KEY_REPORT, 0) != c->report_changes)
			fail_msg("%s, REPORT", c->what);
	}
}

/* -- refusals -- */

static enum sgx_getkey_status status_of(
	const struct sgx_secs *secs, const struct sgx_keyrequest *request)
{
	struct sgx_cpu cpu = make_cpu();
	struct aes128_key key, untouched;
	memset(&key, 0xaa, sizeof(key));
	untouched = key;
	enum sgx_getkey_status status = sgx_getkey(&key, &cpu, secs, request);
	if (status != SGX_GETKEY_OK)
		assert_true(same(key, untouched));
	return status;
}

static void versions_beyond_ones_own_are_refused(void **state)
{
	(void)state;
	struct sgx_secs secs = make_secs(0);
	struct sgx_keyrequest request = make_request(SGX_KEY_SEAL, SGX_KEYPOLICY_MRSIGNER);
	request.isvsvn = 4;
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_INVALID_ISVSVN);
	request.isvsvn = 3;
	request.configsvn = 3;
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_INVALID_ISVSVN);
	request.configsvn = 2;
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_OK);
	for (size_t i = 0; i < 16; i++) {
		request.cpusvn[i] = 6; /* one component of sixteen is enough */
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_INVALID_CPUSVN);
		request.cpusvn[i] = 5;
	}
	/* A REPORT key has no version to ask for. */
	request = make_request(SGX_KEY_REPORT, 0);
	request.isvsvn = 0xffff;
	memset(request.cpusvn, 0xff, sizeof(request.cpusvn));
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_OK);
}

static void malformed_requests_fault(void **state)
{
	(void)state;
	struct sgx_secs secs = make_secs(0);
	const struct sgx_keyrequest good = make_request(SGX_KEY_SEAL, 0);
	struct sgx_keyrequest request = good;
	request.reserved1 = 1;
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_FAULT);
	for (size_t i = 0; i < sizeof(good.reserved2); i++) {
		request = good;
		request.reserved2[i] = 0x80;
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_FAULT);
	}
	for (unsigned bit = 6; bit < 16; bit++) {
		request = good;
		request.keypolicy = (uint16_t)(1u << bit);
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_FAULT);
	}
	/* Without KSS its policies and CONFIGSVN do not exist. */
	secs.attributes.flags &= ~(uint64_t)SGX_FLAG_KSS;
	for (unsigned bit = 0; bit < 6; bit++) {
		request = good;
		request.keypolicy = (uint16_t)(1u << bit);
		assert_int_equal(
			status_of(&secs, &request), bit < 2 ? SGX_GETKEY_OK : SGX_GETKEY_FAULT);
	}
	request = good;
	request.configsvn = 1;
	assert_int_equal(status_of(&secs, &request), SGX_GETKEY_FAULT);
}

static void privileged_keys_need_their_attribute(void **state)
{
	(void)state;
	static const struct {
		enum sgx_key_name name;
		uint64_t flag;
	} keys[] = {{SGX_KEY_EINITTOKEN, SGX_FLAG_EINITTOKEN_KEY},
		{SGX_KEY_PROVISION, SGX_FLAG_PROVISIONKEY},
		{SGX_KEY_PROVISION_SEAL, SGX_FLAG_PROVISIONKEY}};
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		struct sgx_secs secs = make_secs(0);
		struct sgx_keyrequest request = make_request(keys[i].name, 0);
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_INVALID_ATTRIBUTE);
		secs.attributes.flags |= keys[i].flag;
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_OK);
	}
	struct sgx_secs secs = make_secs(0);
	for (unsigned name = 5; name < 0x10000; name += 0x3ff) {
		struct sgx_keyrequest request = make_request((enum sgx_key_name)name, 0);
		assert_int_equal(status_of(&secs, &request), SGX_GETKEY_INVALID_KEYNAME);
	}
}

/* A provisioning key outlives the owner: that is what it is for. */
static void provisioning_ignores_the_owner(void **state)
{
	(void)state;
	struct sgx_cpu cpu = make_cpu(), sold = make_cpu();
	struct sgx_secs secs = make_secs(0);
	memset(sold.owner_epoch, 0x99, sizeof(sold.owner_epoch));
	secs.attributes.flags |= SGX_FLAG_PROVISIONKEY | SGX_FLAG_EINITTOKEN_KEY;
	struct sgx_keyrequest request = make_request(SGX_KEY_PROVISION, 0);
	assert_true(same(key_of(&cpu, &secs, &request), key_of(&sold, &secs, &request)));
	request.keyname = SGX_KEY_PROVISION_SEAL;
	assert_true(same(key_of(&cpu, &secs, &request), key_of(&sold, &secs, &request)));
	request.keyname = SGX_KEY_EINITTOKEN;
	assert_false(same(key_of(&cpu, &secs, &request), key_of(&sold, &secs, &request)));
}

/* -- reports -- */

static struct sgx_targetinfo target_of(const struct sgx_secs *secs)
{
	struct sgx_targetinfo target = {.attributes = secs->attributes,
		.configsvn = secs->configsvn,
		.miscselect = secs->miscselect};
	memcpy(target.mrenclave, secs->mrenclave, sizeof(target.mrenclave));
	memcpy(target.configid, secs->configid, sizeof(target.configid));
	return target;
}

static void a_report_convinces_its_target_alone(void **state)
{
	(void)state;
	struct sgx_cpu cpu = make_cpu(), other_cpu = make_cpu();
	struct sgx_secs prover = make_secs(0), verifier = make_secs(1), debug = make_secs(1);
	struct sgx_targetinfo target = target_of(&verifier);
	uint8_t data[64];
	struct sgx_report report;
	memset(data, 0x77, sizeof(data));
	sgx_report_make(&report, &cpu, &prover, &target, data);
	assert_int_equal(sgx_report_verify(&cpu, &verifier, &report), CONCLAVE_OK);

	assert_memory_equal(report.body.mrenclave, prover.mrenclave, 32);
	assert_memory_equal(report.body.mrsigner, prover.mrsigner, 32);
	assert_memory_equal(report.body.cpusvn, cpu.cpusvn, 16);
	assert_memory_equal(report.body.reportdata, data, 64);
	assert_memory_equal(report.keyid, cpu.report_keyid, 32);
	assert_int_equal(report.body.isvprodid, 7);
	assert_int_equal(report.body.isvsvn, 3);
	assert_int_equal(report.body.attributes.flags, prover.attributes.flags);

	assert_int_equal(sgx_report_verify(&cpu, &prover, &report), CONCLAVE_ERROR_AUTH);
	debug.attributes.flags |= SGX_FLAG_DEBUG;
	assert_int_equal(sgx_report_verify(&cpu, &debug, &report), CONCLAVE_ERROR_AUTH);
	other_cpu.root_key[0] ^= 1;
	assert_int_equal(sgx_report_verify(&other_cpu, &verifier, &report), CONCLAVE_ERROR_AUTH);
	/* Another start of the same CPU still knows it: the key id travels along. */
	other_cpu = make_cpu();
	memset(other_cpu.report_keyid, 0, sizeof(other_cpu.report_keyid));
	assert_int_equal(sgx_report_verify(&other_cpu, &verifier, &report), CONCLAVE_OK);
}

static void every_bit_of_a_report_counts(void **state)
{
	(void)state;
	struct sgx_cpu cpu = make_cpu();
	struct sgx_secs secs = make_secs(0);
	struct sgx_targetinfo target = target_of(&secs);
	const uint8_t data[64] = {0};
	struct sgx_report report;
	sgx_report_make(&report, &cpu, &secs, &target, data);
	uint8_t *bytes = (uint8_t *)&report;
	for (size_t i = 0; i < sizeof(report); i++) {
		bytes[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(sgx_report_verify(&cpu, &secs, &report), CONCLAVE_ERROR_AUTH);
		bytes[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(sgx_report_verify(&cpu, &secs, &report), CONCLAVE_OK);
}

/* The enclave checks the same MAC with the key EGETKEY gives it. */
static void egetkey_gives_the_key_of_the_report(void **state)
{
	(void)state;
	struct sgx_cpu cpu = make_cpu();
	struct sgx_secs secs = make_secs(0), verifier = make_secs(1);
	struct sgx_targetinfo target = target_of(&verifier);
	struct sgx_keyrequest request = make_request(SGX_KEY_REPORT, 0);
	const uint8_t data[64] = {1};
	struct sgx_report report;
	struct aes_cmac mac;
	sgx_report_make(&report, &cpu, &secs, &target, data);
	memcpy(request.keyid, report.keyid, sizeof(request.keyid));
	struct aes128_key key = key_of(&cpu, &verifier, &request);
	aes128_cmac(&mac, &key, BYTES_OF(report.body));
	assert_memory_equal(mac.bytes, report.mac, sizeof(mac.bytes));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(keys_are_equal_only_when_their_dependencies_are),
	cmocka_unit_test(each_key_depends_on_what_the_manual_says),
	cmocka_unit_test(versions_beyond_ones_own_are_refused),
	cmocka_unit_test(malformed_requests_fault),
	cmocka_unit_test(privileged_keys_need_their_attribute),
	cmocka_unit_test(provisioning_ignores_the_owner),
	cmocka_unit_test(a_report_convinces_its_target_alone),
	cmocka_unit_test(every_bit_of_a_report_counts),
	cmocka_unit_test(egetkey_gives_the_key_of_the_report),
};

int main(void)
{
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
