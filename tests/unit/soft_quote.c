/* The soft machine's quotes, from report to verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "attest/attest.h"
#include "attest/quote.h"
#include "machine/machine.h"
#include "machine/soft/quote.h"

#define NOW INT64_C(1795225492) /* 2026-11-21 */

static char folder[] = "/tmp/conclave-quote.XXXXXX";
static struct soft_state state;
static uint8_t space[MACHINE_EVIDENCE_SIZE_MAX];
static struct instance_info info;

static int open_state(void **unused)
{
	(void)unused;
	memset(info.signing_key.bytes, 0x33, 32);
	memset(info.encryption_key.bytes, 0x44, 32);
	info.type = INSTANCE_INFO_DCAP;
	if (mkdtemp(folder) == NULL)
		return 1;
	return soft_state_open(&state, folder, NULL) != CONCLAVE_OK;
}

static int close_state(void **unused)
{
	static const char *const files[] = {"root-key", "owner-epoch", "cpusvn", "attestation-key"};
	(void)unused;
	soft_state_wipe(&state);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void make_report(struct sgx_report *out, uint64_t flags)
{
	struct sgx_targetinfo target;
	struct sgx_secs secs = {.attributes = {SGX_FLAG_INIT | SGX_FLAG_MODE64BIT | flags, 3},
		.isvprodid = 9,
		.isvsvn = 4};
	uint8_t reportdata[64];
	memset(secs.mrenclave, 0x11, 32);
	memset(secs.mrsigner, 0x22, 32);
	soft_quote_target(&target);
	instance_info_report_data(
		reportdata, &info.signing_key, &info.encryption_key, BYTES_LIT(""));
	sgx_report_make(out, &state.cpu, &secs, &target, reportdata);
}

static struct bytes quote(const struct sgx_report *report)
{
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(soft_quote(&writer, &state, report), CONCLAVE_OK);
	return writer_bytes(&writer);
}

/* Evidence as a client receives it. */
static void receive(struct instance_info *out, struct bytes evidence)
{
	static uint8_t serialised[MACHINE_EVIDENCE_SIZE_MAX + 256];
	struct writer writer = writer_of((struct buffer){serialised, sizeof(serialised)});
	assert_int_equal(instance_info_write(&writer, &info.signing_key, &info.encryption_key,
				 INSTANCE_INFO_DCAP, evidence),
		CONCLAVE_OK);
	assert_int_equal(instance_info_read(out, writer_bytes(&writer)), CONCLAVE_OK);
}

static void verifies(void **unused)
{
	static const uint64_t flags[] = {0, SGX_FLAG_DEBUG};
	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct sgx_report report;
		struct instance_info received;
		struct attest_claims claims;
		enum attest_check failed;
		make_report(&report, flags[i]);
		receive(&received, quote(&report));
		enum conclave_error error =
			attest_verify(&claims, &failed, &received, &attest_default_roots, NOW);
		if (error != CONCLAVE_OK)
			fail_msg("%s at %s", conclave_error_name(error), attest_check_text(failed));
		assert_int_equal(claims.mode, ATTEST_SIMULATION);
		assert_int_equal(claims.level, ATTEST_INSECURE);
		assert_int_equal(claims.tcb_status, TCB_UP_TO_DATE);
		assert_int_equal(claims.product_id, 9);
		assert_int_equal(claims.revocation_level, 3);
		assert_memory_equal(&claims.report, &report.body, sizeof(report.body));
		assert_int_equal(claims.timestamp, 1735689600);	      /* 2025-01-01T00:00:00Z */
		assert_int_equal(claims.earliest_expiry, 4102444799); /* 2099-12-31T23:59:59Z */
	}
}

/* The attestation key is the installation's: made once, kept. */
static void one_attestation_key(void **unused)
{
	struct sgx_report report;
	struct instance_info received;
	struct quote first, second;
	(void)unused;
	make_report(&report, 0);
	receive(&received, quote(&report));
	assert_int_equal(quote_read(&first, received.dcap.quote), CONCLAVE_OK);
	struct p256_public key = first.attestation_key;
	receive(&received, quote(&report));
	assert_int_equal(quote_read(&second, received.dcap.quote), CONCLAVE_OK);
	assert_memory_equal(&key, &second.attestation_key, sizeof(key));
}

/* T-42: a report of another CPU, for another enclave or altered is not quoted. */
static void foreign_reports(void **unused)
{
	struct sgx_report report;
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	(void)unused;
	for (size_t i = 0; i < sizeof(report.body); i += 5) {
		make_report(&report, 0);
		((uint8_t *)&report.body)[i] ^= 1;
		assert_int_equal(soft_quote(&writer, &state, &report), CONCLAVE_ERROR_AUTH);
	}
	make_report(&report, 0);
	report.keyid[0] ^= 1;
	assert_int_equal(soft_quote(&writer, &state, &report), CONCLAVE_ERROR_AUTH);
	state.cpu.root_key[0] ^= 1;
	make_report(&report, 0);
	state.cpu.root_key[0] ^= 1;
	assert_int_equal(soft_quote(&writer, &state, &report), CONCLAVE_ERROR_AUTH);
	assert_int_equal(writer.len, 0);
}

static void no_space(void **unused)
{
	struct sgx_report report;
	struct writer writer = writer_of((struct buffer){space, 8192});
	(void)unused;
	make_report(&report, 0);
	assert_int_equal(soft_quote(&writer, &state, &report), CONCLAVE_ERROR_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies),
		cmocka_unit_test(one_attestation_key),
		cmocka_unit_test(foreign_reports),
		cmocka_unit_test(no_space),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, open_state, close_state);
}
