/* The policy file: what is read, what is refused and in which words; and that the published schema
 * says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "attest/policy.h"
#include "base/check.h"
#include "json_schema.h"
#include "policy_text.h"

static const char *const good[] = {
	SGX(""),
	" {\r\n\t\"version\" : 1 , \"sgx\" : { \"accept\" : [ { \"mrenclave\" : \"" B32
	"\" } ] } } ",
	SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":0,\"min_svn\":0}]"),
	SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":65535,\"min_svn\":65535,"
		   "\"mrenclave\":\"" A32 "\"},{\"mrenclave\":\"" A32 "\"}]"),
	SGX(",\"tcb_statuses\":[\"UpToDate\",\"SWHardeningNeeded\",\"ConfigurationNeeded\","
	    "\"ConfigurationAndSWHardeningNeeded\",\"OutOfDate\",\"OutOfDateConfigurationNeeded\","
	    "\"TDRelaunchAdvised\",\"TDRelaunchAdvisedConfigurationNeeded\"]"),
	SGX(",\"advisories_allowed\":[\"INTEL-SA-00615\",\"INTEL-SA-00657\"]"),
	SGX(",\"min_tcb_evaluation_number\":4294967295,\"grace_period\":\"P90D\""),
	SGX(",\"platform\":{\"required\":[\"smt\"],\"forbidden\":[\"dynamic_platform\","
	    "\"cached_keys\"]}"),
	SGX(",\"report_data\":\"" Z16 Z16 Z16 Z16 "\""),
	TOP(",\"mode\":\"release\""),
	TOP(",\"mode\":\"debug\""),
	TOP(",\"mode\":\"simulation\""),
	TOP(",\"mode\":\"mock\""),
	TOP(",\"max_age\":\"P1Y2M3W4D\",\"skew_seconds\":86400,\"nonce_required\":true"),
	TOP(",\"max_age\":\"P9999D\",\"skew_seconds\":0,\"nonce_required\":false"),
	TOP(",\"$schema\":\"https://example\",\"comment\":\"\\u00e9\""),
	TDX(""),
	TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr0\":\"" A48 "\",\"rtmr1\":\"" A48
		   "\",\"rtmr2\":\"" A48 "\",\"rtmr3\":\"unextended\",\"mrseam\":\"" A48
		   "\",\"mrsignerseam\":\"" Z16 Z16 Z16 "\",\"mrconfigid\":\"" Z16 Z16 Z16
		   "\",\"mrowner\":\"" A48 "\",\"mrownerconfig\":\"" A48 "\",\"mrservicetd\":\"" A48
		   "\"}]"),
	TDX(",\"td_attributes\":{\"mask\":\"ff00000000000000\",\"value\":\"0000000000000000\"}"),
	TDX(",\"xfam\":{\"value\":\"e702060000000000\",\"mask\":\"ffffffffffffffff\"},"
	    "\"report_data\":\"" A64 "\",\"tcb_statuses\":[\"TDRelaunchAdvised\"],"
	    "\"platform\":{\"forbidden\":[\"smt\"]},\"advisories_allowed\":[\"X\"],"
	    "\"min_tcb_evaluation_number\":0,\"grace_period\":\"P1M\""),
	SNP(""),
	SNP_ACCEPT(
		"[{\"id_key_digest\":\"" A48 "\",\"min_guest_svn\":1},{\"author_key_digest\":\"" A48
		"\",\"min_guest_svn\":4294967295},{\"measurement\":\"" A48
		"\",\"host_data\":\"" Z16 Z16 "\",\"family_id\":\"" A16 "\",\"image_id\":\"" A16
		"\"}]"),
	SNP(",\"min_tcb\":{\"Milan\":{\"boot_loader\":4,\"tee\":0,\"snp\":22,\"microcode\":213},"
	    "\"Turin\":{\"fmc\":1}},\"min_committed_tcb\":{\"Genoa\":{\"snp\":255}},"
	    "\"min_launch_tcb\":{\"Genoa\":{\"snp\":0}}"),
	SNP(",\"vmpl\":3,\"vlek_allowed\":[\"cloud.example\",\"b\"],\"crl_required\":true,\"report_"
	    "data\":\"" A64 "\""),
	SNP(",\"guest_policy\":{\"required\":[\"single_socket\"],\"forbidden\":[\"smt\","
	    "\"migrate_ma\",\"cxl\",\"mem_aes_256_xts\",\"rapl_dis\",\"ciphertext_hiding\"]}"),
	SNP(",\"platform_info\":{\"required\":[\"alias_check_complete\",\"ecc\"],\"forbidden\":["
	    "\"smt\",\"tsme\",\"rapl_dis\",\"ciphertext_hiding\"]}"),
	NITRO(""),
	NITRO_ACCEPT("[{\"pcr1\":\"" A48 "\",\"pcr2\":\"" A48
		     "\",\"pcr3\":\"unextended\"},{\"pcr8\":\"" A48 "\",\"pcr31\":\"" A48
		     "\",\"pcr16\":\"unextended\"}]"),
	NITRO(",\"pcrs_allowed\":[0,31,15],\"user_data\":\"00\",\"public_key\":\"" A64 "\""),
};

static const struct {
	const char *text;
	enum conclave_error error;
	const char *says;
	bool is_beyond_schema;
} bad[] = {
	{"", CONCLAVE_ERROR_FORMAT, "the policy is wrong: it is not JSON", false},
	{"{\"version\":1,}", CONCLAVE_ERROR_FORMAT, "it is not JSON", false},
	{"[]", CONCLAVE_ERROR_FORMAT, "the policy is wrong: wanted an object, not []", false},
	{"{}", CONCLAVE_ERROR_FORMAT, "no member \"version\"; it is 1", false},
	{"{\"version\":1}", CONCLAVE_ERROR_ARGUMENT, "it names no platform", false},
	{"{\"version\":2,\"sgx\":{}}", CONCLAVE_ERROR_VERSION, "at version: wanted 1", false},
	{"{\"version\":\"1\"}", CONCLAVE_ERROR_VERSION, "not \"1\"", false},
	{TOP(",\"moed\":\"debug\""), CONCLAVE_ERROR_FORMAT,
		"there is no member \"moed\"; there may be version, sgx, tdx, snp, nitro, mode",
		false},
	{TOP(",\"mode\":\"Release\""), CONCLAVE_ERROR_FORMAT,
		"at mode: wanted one of a few names, not \"Release\"; they are release, debug",
		false},
	{TOP(",\"mode\":[\"release\",\"debug\"]"), CONCLAVE_ERROR_FORMAT, "at mode", false},
	{TOP(",\"mode\":\"debug\",\"mode\":\"release\""), CONCLAVE_ERROR_FORMAT,
		"at mode: it is there twice", false},
	{TOP(",\"skew_seconds\":86401"), CONCLAVE_ERROR_FORMAT,
		"at skew_seconds: wanted an integer from 0, not 86401; the greatest is 86400",
		false},
	{TOP(",\"skew_seconds\":-1"), CONCLAVE_ERROR_FORMAT, "at skew_seconds", false},
	{TOP(",\"skew_seconds\":1.0"), CONCLAVE_ERROR_FORMAT, "at skew_seconds", false},
	{TOP(",\"skew_seconds\":\"60\""), CONCLAVE_ERROR_FORMAT, "at skew_seconds", false},
	{TOP(",\"nonce_required\":1"), CONCLAVE_ERROR_FORMAT,
		"at nonce_required: wanted true or false, not 1", false},
	{TOP(",\"nonce_required\":null"), CONCLAVE_ERROR_FORMAT, "wanted true or false", false},
	{TOP(",\"comment\":1"), CONCLAVE_ERROR_FORMAT, "at comment: wanted a string, not 1", false},
	{TOP(",\"max_age\":\"P\""), CONCLAVE_ERROR_FORMAT,
		"at max_age: wanted a period like \"P30D\" or \"P6M\", not \"P\"", false},
	{TOP(",\"max_age\":\"P0D\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"-P1D\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"P-1D\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"p1d\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"P10000D\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"PT1H\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":\"P1D1M\""), CONCLAVE_ERROR_FORMAT, "at max_age", false},
	{TOP(",\"max_age\":30"), CONCLAVE_ERROR_FORMAT, "at max_age", false},

	/* what names nothing */
	{"{\"version\":1,\"sgx\":{}}", CONCLAVE_ERROR_ARGUMENT,
		"at sgx: no member \"accept\": nothing would be accepted", false},
	{"{\"version\":1,\"sgx\":null}", CONCLAVE_ERROR_FORMAT, "at sgx: wanted an object", false},
	{"{\"version\":1,\"nitro\":{\"pcrs_allowed\":[1]}}", CONCLAVE_ERROR_ARGUMENT,
		"at nitro: no member \"accept\"", false},
	{SGX_ACCEPT("[]"), CONCLAVE_ERROR_ARGUMENT, "at sgx.accept: an empty list", false},
	{SGX_ACCEPT("{}"), CONCLAVE_ERROR_FORMAT, "at sgx.accept: wanted an array", false},
	{SGX_ACCEPT("[{}]"), CONCLAVE_ERROR_ARGUMENT, "at sgx.accept[0]: wanted mrenclave; or",
		false},
	{SGX_ACCEPT("[\"*\"]"), CONCLAVE_ERROR_FORMAT, "at sgx.accept[0]: wanted an object", false},
	{SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":1}]"), CONCLAVE_ERROR_ARGUMENT,
		"min_svn together", false},
	{SGX_ACCEPT("[{\"product_id\":1,\"min_svn\":1}]"), CONCLAVE_ERROR_ARGUMENT,
		"at sgx.accept[0]", false},
	{TDX_ACCEPT("[{\"rtmr0\":\"" A48 "\"}]"), CONCLAVE_ERROR_ARGUMENT,
		"at tdx.accept[0]: wanted mrtd", false},
	{SNP_ACCEPT("[{\"id_key_digest\":\"" A48 "\"}]"), CONCLAVE_ERROR_ARGUMENT,
		"at snp.accept[0]: wanted measurement; or", false},
	{SNP_ACCEPT("[{\"host_data\":\"" A32 "\"}]"), CONCLAVE_ERROR_ARGUMENT, "at snp.accept[0]",
		false},
	{NITRO_ACCEPT("[{\"pcr1\":\"" A48 "\"}]"), CONCLAVE_ERROR_ARGUMENT,
		"at nitro.accept[0]: wanted pcr0", false},
	{NITRO_ACCEPT("[{\"pcr3\":\"" A48 "\"}]"), CONCLAVE_ERROR_ARGUMENT, "at nitro.accept[0]",
		false},

	/* measurements that are none: short, long, zero, a pattern, twice */
	{SGX_ACCEPT("[{\"mrenclave\":\"" A32 "\"},{\"mrenclave\":\"" A16 "\"}]"),
		CONCLAVE_ERROR_FORMAT,
		"at sgx.accept[1].mrenclave: wanted 64 hexadecimal digits, not \"" A16 "\"", false},
	{SGX_ACCEPT("[{\"mrenclave\":\"\"}]"), CONCLAVE_ERROR_FORMAT, "64 hexadecimal digits",
		false},
	{SGX_ACCEPT("[{\"mrenclave\":\"" A48 "\"}]"), CONCLAVE_ERROR_FORMAT,
		"64 hexadecimal digits", false},
	{SGX_ACCEPT("[{\"mrenclave\":\"*\"}]"), CONCLAVE_ERROR_FORMAT, "not \"*\"", false},
	{SGX_ACCEPT("[{\"mrenclave\":null}]"), CONCLAVE_ERROR_FORMAT, "not null", false},
	{SGX_ACCEPT("[{\"mrenclave\":\"" A16 A4 A4 A4 "a1b2c3d?\"}]"), CONCLAVE_ERROR_FORMAT,
		"64 hexadecimal digits", false},
	{SGX_ACCEPT("[{\"mrenclave\":\"" Z16 Z16 "\"}]"), CONCLAVE_ERROR_ARGUMENT,
		"at sgx.accept[0].mrenclave: all zeros", false},
	{SGX_ACCEPT("[{\"mrsigner\":\"" Z16 Z16 "\",\"product_id\":1,\"min_svn\":1}]"),
		CONCLAVE_ERROR_ARGUMENT, "at sgx.accept[0].mrsigner: all zeros", false},
	{TDX_ACCEPT("[{\"mrtd\":\"" Z16 Z16 Z16 "\"}]"), CONCLAVE_ERROR_ARGUMENT, "all zeros",
		false},
	{TDX_ACCEPT("[{\"mrtd\":\"unextended\"}]"), CONCLAVE_ERROR_FORMAT, "96 hexadecimal", false},
	{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr0\":\"" Z16 Z16 Z16 "\"}]"),
		CONCLAVE_ERROR_ARGUMENT, "at tdx.accept[0].rtmr0: all zeros", false},
	{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr4\":\"" A48 "\"}]"), CONCLAVE_ERROR_FORMAT,
		"at tdx.accept[0]: there is no member \"rtmr4\"; there may be mrtd, rtmr0", false},
	{SNP_ACCEPT("[{\"measurement\":\"" Z16 Z16 Z16 "\"}]"), CONCLAVE_ERROR_ARGUMENT,
		"all zeros", false},
	{SNP_ACCEPT("[{\"id_key_digest\":\"" Z16 Z16 Z16 "\",\"min_guest_svn\":1}]"),
		CONCLAVE_ERROR_ARGUMENT, "all zeros", false},
	{NITRO_ACCEPT("[{\"pcr0\":\"" Z16 Z16 Z16 "\"}]"), CONCLAVE_ERROR_ARGUMENT, "all zeros",
		false},
	{NITRO_ACCEPT("[{\"pcr0\":\"unextended\"}]"), CONCLAVE_ERROR_FORMAT,
		"at nitro.accept[0].pcr0", false},
	{NITRO_ACCEPT("[{\"pcr0\":\"" A48 "\",\"pcr32\":\"" A48 "\"}]"), CONCLAVE_ERROR_FORMAT,
		"no member \"pcr32\"", false},
	{NITRO_ACCEPT("[{\"pcr0\":\"" A48 "\",\"pcr0\":\"" A48 "\"}]"), CONCLAVE_ERROR_FORMAT,
		"at nitro.accept[0].pcr0: it is there twice", false},
	{SGX_ACCEPT("[{\"mrenclave\":\"" A32 "\"},{\"mrenclave\":\"" B32 "\"}]"),
		CONCLAVE_ERROR_ARGUMENT, "at sgx.accept[1]: the same as element 0", true},
	{SGX_ACCEPT("[{\"mrenclave\":\"" A32 "\",\"min_svn\":1},{\"min_svn\":1,\"mrenclave\":\"" A32
		    "\"}]"),
		CONCLAVE_ERROR_ARGUMENT, "the same as element 0", true},
	{SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":65536,\"min_svn\":1}]"),
		CONCLAVE_ERROR_FORMAT, "at sgx.accept[0].product_id", false},

	/* Intel's members */
	{SGX(",\"tcb_statuses\":[]"), CONCLAVE_ERROR_ARGUMENT, "at sgx.tcb_statuses: an empty",
		false},
	{SGX(",\"tcb_statuses\":\"UpToDate\""), CONCLAVE_ERROR_FORMAT, "wanted an array", false},
	{SGX(",\"tcb_statuses\":[\"uptodate\"]"), CONCLAVE_ERROR_FORMAT,
		"at sgx.tcb_statuses[0]: wanted a TCB status", false},
	{SGX(",\"tcb_statuses\":[\"NotApplicable\"]"), CONCLAVE_ERROR_FORMAT, "a TCB status",
		false},
	{SGX(",\"tcb_statuses\":[\"UpToDate\",\"Revoked\"]"), CONCLAVE_ERROR_ARGUMENT,
		"at sgx.tcb_statuses[1]: the keys of a revoked platform", false},
	{SGX(",\"tcb_statuses\":[\"UpToDate\",\"UpToDate\"]"), CONCLAVE_ERROR_FORMAT,
		"at sgx.tcb_statuses[1]: it is there twice", false},
	{SGX(",\"advisories_allowed\":[\"INTEL-SA-*\"]"), CONCLAVE_ERROR_FORMAT,
		"at sgx.advisories_allowed[0]: wanted an advisory", false},
	{SGX(",\"advisories_allowed\":[\"\"]"), CONCLAVE_ERROR_FORMAT, "wanted an advisory", false},
	{SGX(",\"advisories_allowed\":[]"), CONCLAVE_ERROR_ARGUMENT, "an empty list", false},
	{SGX(",\"min_tcb_evaluation_number\":4294967296"), CONCLAVE_ERROR_FORMAT,
		"the greatest is 4294967295", false},
	{SGX(",\"grace_period\":\"P0Y\""), CONCLAVE_ERROR_FORMAT, "at sgx.grace_period", false},
	{SGX(",\"platform\":{}"), CONCLAVE_ERROR_ARGUMENT, "at sgx.platform: neither required",
		false},
	{SGX(",\"platform\":{\"required\":[\"SMT\"]}"), CONCLAVE_ERROR_FORMAT,
		"at sgx.platform.required[0]: wanted one of a few names, not \"SMT\"; they are "
		"dynamic_platform, cached_keys, smt",
		false},
	{SGX(",\"platform\":{\"required\":[\"smt\"],\"forbidden\":[\"smt\"]}"),
		CONCLAVE_ERROR_ARGUMENT, "what is required cannot be forbidden too", true},
	{SGX(",\"platform\":{\"required\":[\"smt\",\"smt\"]}"), CONCLAVE_ERROR_FORMAT,
		"at sgx.platform.required[1]: it is there twice", false},
	{SGX(",\"platform\":{\"denied\":[\"smt\"]}"), CONCLAVE_ERROR_FORMAT,
		"there may be required, forbidden", false},
	{SGX(",\"report_data\":\"" A32 "\""), CONCLAVE_ERROR_FORMAT,
		"at sgx.report_data: wanted 128 hexadecimal digits", false},
	{SGX(",\"xfam\":1"), CONCLAVE_ERROR_FORMAT, "no member \"xfam\"", false},
	{TDX(",\"xfam\":{\"mask\":\"ffffffffffffffff\"}"), CONCLAVE_ERROR_FORMAT,
		"at tdx.xfam: wanted both mask and value", false},
	{TDX(",\"xfam\":{\"mask\":\"ff\",\"value\":\"00\"}"), CONCLAVE_ERROR_FORMAT,
		"at tdx.xfam.mask: wanted 16 hexadecimal digits", false},
	{TDX(",\"xfam\":{\"mask\":\"0000000000000000\",\"value\":\"0000000000000000\"}"),
		CONCLAVE_ERROR_ARGUMENT, "at tdx.xfam: the mask must select bits", false},
	{TDX(",\"td_attributes\":{\"mask\":\"0100000000000000\",\"value\":\"0200000000000000\"}"),
		CONCLAVE_ERROR_ARGUMENT, "the value have no others", true},

	/* AMD's */
	{SNP(",\"vmpl\":4"), CONCLAVE_ERROR_FORMAT, "at snp.vmpl", false},
	{SNP(",\"vmpl\":[0]"), CONCLAVE_ERROR_FORMAT, "at snp.vmpl", false},
	{SNP(",\"min_tcb\":{}"), CONCLAVE_ERROR_ARGUMENT, "at snp.min_tcb: no product is named",
		false},
	{SNP(",\"min_tcb\":{\"Rome\":{\"snp\":1}}"), CONCLAVE_ERROR_FORMAT,
		"at snp.min_tcb: there is no member \"Rome\"; there may be Milan, Genoa, Turin",
		false},
	{SNP(",\"min_tcb\":{\"Milan\":{}}"), CONCLAVE_ERROR_ARGUMENT,
		"at snp.min_tcb.Milan: no part of the firmware is named", false},
	{SNP(",\"min_launch_tcb\":{\"Milan\":{\"snp\":256}}"), CONCLAVE_ERROR_FORMAT,
		"at snp.min_launch_tcb.Milan.snp: wanted an integer", false},
	{SNP(",\"guest_policy\":{\"forbidden\":[\"debug\"]}"), CONCLAVE_ERROR_FORMAT,
		"they are smt, migrate_ma", false},
	{SNP(",\"platform_info\":{\"required\":[]}"), CONCLAVE_ERROR_ARGUMENT,
		"at snp.platform_info.required: an empty list", false},
	{SNP(",\"crl_required\":\"yes\""), CONCLAVE_ERROR_FORMAT, "wanted true or false", false},
	{SNP(",\"vlek_allowed\":true"), CONCLAVE_ERROR_FORMAT, "wanted an array, not true", false},
	{SNP(",\"vlek_allowed\":[]"), CONCLAVE_ERROR_ARGUMENT, "an empty list accepts nothing",
		false},
	{SNP(",\"vlek_allowed\":[\"\"]"), CONCLAVE_ERROR_FORMAT,
		"at snp.vlek_allowed[0]: wanted the name that a cloud has", false},

	/* Amazon's */
	{NITRO(",\"pcrs_allowed\":[32]"), CONCLAVE_ERROR_FORMAT, "the greatest is 31", false},
	{NITRO(",\"pcrs_allowed\":[1,1]"), CONCLAVE_ERROR_FORMAT,
		"at nitro.pcrs_allowed[1]: it is there twice", false},
	{NITRO(",\"pcrs_allowed\":[]"), CONCLAVE_ERROR_ARGUMENT, "an empty list", false},
	{NITRO(",\"user_data\":\"\""), CONCLAVE_ERROR_FORMAT,
		"at nitro.user_data: wanted 2 to 1024 hexadecimal digits", false},
	{NITRO(",\"user_data\":\"abc\""), CONCLAVE_ERROR_FORMAT, "2 to 1024", false},
	/* What a terminal should not see, and what is long. */
	{"{\"version\":1,\"\x1b[2J\":1}", CONCLAVE_ERROR_FORMAT, "it is not JSON", false},
	{"{\"version\":1,\"\xc2\x9b\":1}", CONCLAVE_ERROR_FORMAT, "no member \"??\"", false},
	{SGX(",\"report_data\":\"" A64 A64 "\""), CONCLAVE_ERROR_FORMAT, "a1b2c3d4a1b...", false},
};

static json_t *load_schema(void)
{
	const char *source = getenv("CONCLAVE_SOURCE");
	char path[4096];
	snprintf(path, sizeof(path), "%s/docs/attestation-policy.schema.json",
		source ? source : ".");
	json_error_t error;
	json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (schema == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return schema;
}

/* Text that is not JSON, or names a member twice, meets no schema. */
static bool meets_schema(json_t *schema, const char *text)
{
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	bool accepts = value != NULL && json_schema_accepts(schema, schema, value);
	json_decref(value);
	return accepts;
}

static struct policy policy;

static void reads_what_is_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct conclave_report report = {""};
		if (policy_read(&policy, bytes_of(good[i], strlen(good[i])), &report) !=
			CONCLAVE_OK)
			fail_msg("%s\n%s", good[i], report.text);
	}
}

static void refuses_what_is_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		struct conclave_report report = {""};
		enum conclave_error error =
			policy_read(&policy, bytes_of(bad[i].text, strlen(bad[i].text)), &report);
		if (error != bad[i].error || strstr(report.text, bad[i].says) == NULL)
			fail_msg("%s\nis %s: %s\nnot %s: %s", bad[i].text,
				conclave_error_name(error), report.text,
				conclave_error_name(bad[i].error), bad[i].says);
		/* What was read of it is of no use to anyone. */
		assert_int_equal(policy.modes, 0);
		for (size_t j = 0; j < CLAIMS_PLATFORM_COUNT; j++)
			assert_false(policy.platforms[j].is_named);
	}
}

static void schema_agrees(void **state)
{
	json_t *schema = load_schema();
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		if (!meets_schema(schema, good[i]))
			fail_msg("the schema refuses\n%s", good[i]);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (meets_schema(schema, bad[i].text) != bad[i].is_beyond_schema)
			fail_msg("the schema says otherwise of\n%s", bad[i].text);
	json_decref(schema);
}

/* Every beginning of a policy is refused, and none is read past its end. */
static void refuses_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		size_t size = strlen(good[i]);
		while (size > 0 && good[i][size - 1] == ' ')
			size--;
		for (size_t len = 0; len < size; len++) {
			uint8_t *text = malloc(len + 1);
			assert_non_null(text);
			memcpy(text, good[i], len);
			assert_int_equal(policy_read(&policy, bytes_of(text, len), NULL),
				CONCLAVE_ERROR_FORMAT);
			free(text);
		}
	}
}

static void write_identities(char *text, size_t size, size_t count, const char *more)
{
	size_t used = (size_t)snprintf(text, size, "{\"version\":1,\"sgx\":{\"accept\":[");
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s{\"mrenclave\":\"%064zx\"%s}",
			i == 0 ? "" : ",", i + 1, more);
	snprintf(text + used, size - used, "]}}");
}

static void has_limits(void **state)
{
	static char text[POLICY_SIZE_MAX + 2];
	static const struct {
		size_t count;
		const char *more;
		enum conclave_error error;
	} rows[] = {
		{POLICY_IDENTITIES_MAX, "", CONCLAVE_OK},
		{POLICY_IDENTITIES_MAX + 1, "", CONCLAVE_ERROR_LIMIT},
		{POLICY_IDENTITIES_MAX, ",\"mrsigner\":\"" A32 "\",\"product_id\":1,\"min_svn\":1",
			CONCLAVE_OK},
	};
	struct conclave_report report = {""};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		write_identities(text, sizeof(text), rows[i].count, rows[i].more);
		assert_int_equal(
			policy_read(&policy, bytes_of(text, strlen(text)), &report), rows[i].error);
	}
	assert_int_equal(policy.rule_count, POLICY_RULES_MAX);
	strcpy(text + strlen(text) - 1, ",\"nitro\":{\"accept\":[{\"pcr0\":\"" A48 "\"}]}}");
	assert_int_equal(
		policy_read(&policy, bytes_of(text, strlen(text)), &report), CONCLAVE_ERROR_LIMIT);
	assert_non_null(strstr(report.text, "at nitro.accept[0].pcr0: more than 512 values"));
	memset(text, ' ', sizeof(text));
	assert_int_equal(policy_read(&policy, bytes_of(text, POLICY_SIZE_MAX + 1), &report),
		CONCLAVE_ERROR_LIMIT);
	assert_non_null(strstr(report.text, "larger than 64 KiB"));
}

/* What is not said is the strictest there is. */
static void defaults_are_strict(void **state)
{
	(void)state;
	assert_int_equal(policy_read(&policy, BYTES_LIT(SNP("")), NULL), CONCLAVE_OK);
	assert_int_equal(policy.modes, 1u << ATTEST_RELEASE);
	assert_null(policy.snp.vlek_clouds.text.ptr);
	assert_int_equal(policy.pcrs_allowed, 0xffff);
	assert_false(policy.platforms[CLAIMS_SGX].is_named);
	const struct policy_platform *snp = &policy.platforms[CLAIMS_SNP];
	assert_int_equal(snp->common_count, 2);
	assert_int_equal(snp->common[0].claim, CLAIM_VMPL);
	assert_int_equal(snp->common[0].demand, POLICY_IS);
	assert_int_equal(snp->common[0].number, 0);
	assert_int_equal(snp->common[1].claim, CLAIM_GUEST_POLICY);
	assert_int_equal(snp->common[1].mask, 1u << 18); /* migrate_ma */
	assert_int_equal(snp->common[1].number, 0);
	assert_int_equal(policy_read(&policy, BYTES_LIT(SNP(",\"report_data\":\"" A64 "\"")), NULL),
		CONCLAVE_OK);
	assert_int_equal(snp->common_count, 3);
	assert_int_equal(snp->common[1].claim, CLAIM_VMPL);
	const struct policy_platform *tdx = &policy.platforms[CLAIMS_TDX];
	assert_int_equal(policy_read(&policy, BYTES_LIT(TDX("")), NULL), CONCLAVE_OK);
	assert_int_equal(tdx->common_count, 1);
	assert_int_equal(tdx->common[0].claim, CLAIM_TD_ATTRIBUTES);
	assert_int_equal(policy_read(&policy, BYTES_LIT(SGX("")), NULL), CONCLAVE_OK);
	assert_int_equal(policy.platforms[CLAIMS_SGX].statuses, 1u << TCB_UP_TO_DATE);
	assert_int_equal(policy.platforms[CLAIMS_SGX].advisories_allowed.text.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_good),
		cmocka_unit_test(refuses_what_is_bad),
		cmocka_unit_test(schema_agrees),
		cmocka_unit_test(refuses_prefixes),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(defaults_are_strict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
