/* Claims against policies: for every member of a policy what it accepts, what it refuses and in
 * which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "attest/appraisal.h"
#include "base/check.h"
#include "claims_sample.h"
#include "policy_text.h"

#define C32 "c1b2c3d4" A4 A4 A4 A16
#define C48 C32 A16
#define C64 C32 A32

static struct policy policy;
static struct finding findings[APPRAISAL_FINDINGS_MAX];

typedef void make_sample(struct claims *out);
static make_sample *const samples[CLAIMS_PLATFORM_COUNT] = {
	claims_sample_sgx, claims_sample_tdx, claims_sample_snp, claims_sample_nitro};

/* Which platform's sample a policy is held against: the one that it names. */
static enum claims_platform named(void)
{
	for (unsigned i = 0; i < CLAIMS_PLATFORM_COUNT; i++)
		if (policy.platforms[i].is_named)
			return (enum claims_platform)i;
	return CLAIMS_SGX;
}

static void read_policy(const char *text)
{
	struct conclave_report report = {""};
	if (policy_read(&policy, bytes_of(text, strlen(text)), &report) != CONCLAVE_OK)
		fail_msg("%s\n%s", text, report.text);
}

static struct appraisal appraise_sample(const struct claims *claims, struct bytes nonce)
{
	struct appraisal appraisal;
	appraise(&appraisal, findings, ARRAY_COUNT(findings), &policy, claims, nonce, SAMPLE_NOW);
	return appraisal;
}

static const struct finding *find(const struct appraisal *appraisal, const char *field)
{
	for (size_t i = 0; i < appraisal->count; i++)
		if (strcmp(appraisal->findings[i].field, field) == 0)
			return &appraisal->findings[i];
	return NULL;
}

/* Advisories and AMD's silence are remarked on whatever else is wrong: verdicts that these policies
 * take as good. */
static bool is_accepted(const struct appraisal *appraisal)
{
	return appraisal->verdict != APPRAISAL_REFUSED;
}

static void expect(const char *text, const struct appraisal *appraisal, const char *field,
	const char *seen, const char *wanted)
{
	const struct finding *finding = find(appraisal, field);
	if (is_accepted(appraisal) || finding == NULL || !finding->is_refusal)
		fail_msg("%s\nis not refused at %s but %s (%zu findings, the first at %s)", text,
			field, appraisal_verdict_text(appraisal->verdict), appraisal->count,
			appraisal->count > 0 ? appraisal->findings[0].field : "-");
	if (strcmp(finding->seen, seen) != 0 || strcmp(finding->wanted, wanted) != 0)
		fail_msg("%s\n%s: seen \"%s\", wanted \"%s\"\n not: seen \"%s\", wanted \"%s\"",
			text, field, finding->seen, finding->wanted, seen, wanted);
	assert_true(finding->cure[0] != '\0');
}

static void accepts(void **state)
{
	static const char *const rows[] = {
		SGX(""),
		SGX_ACCEPT("[{\"mrenclave\":\"" C32 "\"},{\"mrenclave\":\"" B32 "\"}]"),
		SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":7,\"min_svn\":5}]"),
		SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":7,\"min_svn\":0,"
			   "\"mrenclave\":\"" A32 "\"}]"),
		SGX(",\"min_tcb_evaluation_number\":17"),
		SGX(",\"report_data\":\"" A64 "\""),
		SGX(",\"platform\":{\"required\":[\"smt\"],\"forbidden\":[\"dynamic_platform\"]}"),
		TOP(",\"mode\":\"release\",\"max_age\":\"P11D\""),
		TDX(""),
		TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr0\":\"" A48 "\",\"rtmr1\":\"" A48
			   "\",\"rtmr2\":\"" A48 "\",\"rtmr3\":\"unextended\",\"mrseam\":\"" A48
			   "\",\"mrsignerseam\":\"" Z16 Z16 Z16 "\",\"mrconfigid\":\"" A48
			   "\",\"mrowner\":\"" A48 "\",\"mrownerconfig\":\"" A48 "\"}]"),
		TDX(",\"td_attributes\":{\"mask\":\"ff00001000000000\",\"value\":"
		    "\"0000001000000000\"}"),
		TDX(",\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e702060000000000\"}"),
		SNP(""),
		SNP_ACCEPT("[{\"id_key_digest\":\"" A48 "\",\"min_guest_svn\":3}]"),
		SNP_ACCEPT("[{\"measurement\":\"" A48 "\",\"host_data\":\"" Z16 Z16
			   "\",\"family_id\":\"" A16 "\",\"image_id\":\"" A16 "\"}]"),
		SNP(",\"min_tcb\":{\"Genoa\":{\"boot_loader\":10,\"tee\":0,\"snp\":25,"
		    "\"microcode\":84}},\"min_committed_tcb\":{\"Genoa\":{\"snp\":1},\"Milan\":{"
		    "\"snp\":255}},\"min_launch_tcb\":{\"Genoa\":{\"microcode\":84}}"),
		SNP(",\"vmpl\":0,\"crl_required\":true,\"report_data\":\"" A64 "\""),
		SNP(",\"guest_policy\":{\"required\":[\"smt\"],\"forbidden\":[\"migrate_ma\"]}"),
		SNP(",\"platform_info\":{\"required\":[\"alias_check_complete\",\"ecc\"],"
		    "\"forbidden\":[\"tsme\"]}"),
		NITRO(",\"pcrs_allowed\":[0,1,2,3,4,16]"),
		NITRO_ACCEPT("[{\"pcr0\":\"" A48 "\",\"pcr16\":\"" A48 "\"}]"),
		NITRO_ACCEPT("[{\"pcr1\":\"" A48 "\",\"pcr2\":\"" A48 "\",\"pcr3\":\"unextended\","
			     "\"pcr16\":\"" A48 "\"}]"),
		NITRO(",\"pcrs_allowed\":[0,1,2,3,4,16],\"user_data\":\"" A16
		      "\",\"public_key\":\"" A64 "\""),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct claims claims;
		read_policy(rows[i]);
		samples[named()](&claims);
		struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
		if (!is_accepted(&appraisal))
			fail_msg("%s\nis refused at %s: seen \"%s\", wanted \"%s\"", rows[i],
				findings[0].field, findings[0].seen, findings[0].wanted);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *policy, *field, *seen, *wanted;
	} rows[] = {
		{SGX_ACCEPT("[{\"mrenclave\":\"" C32 "\"}]"), "sgx.accept[0].mrenclave", A32, C32},
		{SGX_ACCEPT("[{\"mrenclave\":\"" C32 "\"},{\"mrsigner\":\"" A32
			    "\",\"product_id\":7,\"min_svn\":6}]"),
			"sgx.accept[1].min_svn", "5", "at least 6"},
		{SGX_ACCEPT("[{\"mrsigner\":\"" C32 "\",\"product_id\":7,\"min_svn\":5}]"),
			"sgx.accept[0].mrsigner", A32, C32},
		{SGX_ACCEPT("[{\"mrsigner\":\"" A32 "\",\"product_id\":8,\"min_svn\":5}]"),
			"sgx.accept[0].product_id", "7", "8"},
		{SGX_ACCEPT("[{\"mrenclave\":\"" A32 "\",\"min_svn\":6}]"), "sgx.accept[0].min_svn",
			"5", "at least 6"},
		{SGX(",\"tcb_statuses\":[\"SWHardeningNeeded\",\"OutOfDate\"]"), "sgx.tcb_statuses",
			"UpToDate, with everything fixed up to 2026-11-16T08:00:00Z",
			"SWHardeningNeeded, OutOfDate"},
		{SGX(",\"min_tcb_evaluation_number\":18"), "sgx.min_tcb_evaluation_number", "17",
			"at least 18"},
		{SGX(",\"report_data\":\"" C64 "\""), "sgx.report_data", A64, C64},
		{SGX(",\"platform\":{\"required\":[\"dynamic_platform\"],\"forbidden\":[\"smt\","
		     "\"cached_keys\"]}"),
			"sgx.platform", "dynamic_platform not set, cached_keys not said, smt set",
			"dynamic_platform set, cached_keys not set, smt not set"},
		/* What is not said is not denied. */
		{SGX(",\"platform\":{\"forbidden\":[\"cached_keys\"]}"), "sgx.platform",
			"cached_keys not said", "cached_keys not set"},
		{TOP(",\"max_age\":\"P10D\""), "max_age", "2027-01-05T08:00:00Z",
			"later than 2027-01-05T08:00:00Z"},
		{TOP(",\"mode\":\"debug\""), "mode", "release", "debug"},
		{TOP(",\"mode\":\"simulation\""), "mode", "release", "simulation"},
		{TOP(",\"nonce_required\":true"), "nonce_required", "no nonce was asked for",
			"evidence made after a question of yours"},
		{TDX_ACCEPT("[{\"mrtd\":\"" C48 "\"}]"), "tdx.accept[0].mrtd", A48, C48},
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr1\":\"" C48 "\"}]"),
			"tdx.accept[0].rtmr1", A48, C48},
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr2\":\"unextended\"}]"),
			"tdx.accept[0].rtmr2", A48, Z16 Z16 Z16},
		/* All zeros match nothing but the word for it. */
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"rtmr3\":\"" A48 "\"}]"),
			"tdx.accept[0].rtmr3", Z16 Z16 Z16, A48},
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"mrsignerseam\":\"" A48 "\"}]"),
			"tdx.accept[0].mrsignerseam", Z16 Z16 Z16, A48},
		/* TD 1.0 has no such field. */
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"mrservicetd\":\"" Z16 Z16 Z16 "\"}]"),
			"tdx.accept[0].mrservicetd", "nothing: the evidence does not say",
			Z16 Z16 Z16},
		{TDX_ACCEPT("[{\"mrtd\":\"" A48 "\",\"mrowner\":\"" Z16 Z16 Z16 "\"}]"),
			"tdx.accept[0].mrowner", A48, Z16 Z16 Z16},
		{TDX(",\"td_attributes\":{\"mask\":\"0000001000000000\",\"value\":"
		     "\"0000000000000000\"}"),
			"tdx.td_attributes", "0000001000000000", "0000000000000000"},
		{TDX(",\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e718060000000000\"}"),
			"tdx.xfam", "e702060000000000", "e718060000000000"},
		{SNP_ACCEPT("[{\"measurement\":\"" C48 "\"}]"), "snp.accept[0].measurement", A48,
			C48},
		{SNP_ACCEPT("[{\"id_key_digest\":\"" A48 "\",\"min_guest_svn\":4}]"),
			"snp.accept[0].min_guest_svn", "3", "at least 4"},
		/* No author key: its zeros are not a digest. */
		{SNP_ACCEPT("[{\"author_key_digest\":\"" A48 "\",\"min_guest_svn\":0}]"),
			"snp.accept[0].author_key_digest", "nothing: the evidence does not say",
			A48},
		{SNP_ACCEPT("[{\"measurement\":\"" A48 "\",\"host_data\":\"" A32 "\"}]"),
			"snp.accept[0].host_data", Z16 Z16, A32},
		{SNP(",\"min_tcb\":{\"Genoa\":{\"microcode\":85}}"), "snp.min_tcb.Genoa.microcode",
			"84", "at least 85"},
		{SNP(",\"min_committed_tcb\":{\"Genoa\":{\"tee\":1}}"),
			"snp.min_committed_tcb.Genoa.tee", "0", "at least 1"},
		{SNP(",\"min_launch_tcb\":{\"Genoa\":{\"boot_loader\":11}}"),
			"snp.min_launch_tcb.Genoa.boot_loader", "10", "at least 11"},
		{SNP(",\"min_tcb\":{\"Milan\":{\"snp\":0},\"Turin\":{\"snp\":0}}"), "snp.min_tcb",
			"Genoa", "Milan, Turin"},
		{SNP(",\"vmpl\":1"), "snp.vmpl", "0", "1"},
		{SNP(",\"guest_policy\":{\"required\":[\"single_socket\"],\"forbidden\":[\"smt\"]"
		     "}"),
			"snp.guest_policy", "smt set, single_socket not set",
			"smt not set, single_socket set"},
		{SNP(",\"platform_info\":{\"required\":[\"ciphertext_hiding\"],\"forbidden\":["
		     "\"smt\"]}"),
			"snp.platform_info", "smt set, ciphertext_hiding not set",
			"smt not set, ciphertext_hiding set"},
		{"{\"version\":1,\"max_age\":\"P9999Y\",\"snp\":{\"accept\":[{\"measurement\":"
		 "\"" A48 "\"}]}}",
			"max_age", "no date: reports of SEV-SNP have none", "later than ever"},
		{NITRO_ACCEPT("[{\"pcr0\":\"" C48 "\"}]"), "nitro.accept[0].pcr0", A48, C48},
		{NITRO_ACCEPT(
			 "[{\"pcr1\":\"" A48 "\",\"pcr2\":\"" A48 "\",\"pcr4\":\"unextended\"}]"),
			"nitro.accept[0].pcr4", A48, Z16 Z16 Z16},
		{NITRO_ACCEPT("[{\"pcr0\":\"" A48 "\",\"pcr3\":\"" A48 "\"}]"),
			"nitro.accept[0].pcr3", Z16 Z16 Z16, A48},
		{NITRO_ACCEPT("[{\"pcr8\":\"" A48 "\"}]"), "nitro.accept[0].pcr8",
			"nothing: the evidence does not say", A48},
		{NITRO_ACCEPT("[{\"pcr0\":\"" A48 "\",\"pcr5\":\"unextended\"}]"),
			"nitro.accept[0].pcr5", "nothing: the evidence does not say", Z16 Z16 Z16},
		{NITRO(""), "nitro.pcrs_allowed", "pcr16 = " A48,
			"only registers that the policy names or allows"},
		{NITRO(",\"pcrs_allowed\":[0,1,2,3,16]"), "nitro.pcrs_allowed", "pcr4 = " A48,
			"only registers that the policy names or allows"},
		{NITRO(",\"user_data\":\"" A32 "\""), "nitro.user_data", A16, A32},
		{NITRO(",\"public_key\":\"" C64 "\""), "nitro.public_key", A64, C64},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct claims claims;
		read_policy(rows[i].policy);
		samples[named()](&claims);
		struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
		expect(rows[i].policy, &appraisal, rows[i].field, rows[i].seen, rows[i].wanted);
	}
}

/* T-44: a new CRL beside TCB info from before a recovery. R3's rule, which is the constraints',
 * dates it by the CRL. */
static void age_is_that_of_the_oldest(void **state)
{
	static struct constraint constraint;
	struct claims claims;
	(void)state;
	claims_sample_sgx(&claims);
	claims.date = SAMPLE_NOW;
	read_policy(TOP(",\"max_age\":\"P10D\""));
	struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
	expect("old TCB info", &appraisal, "max_age", "2027-01-05T08:00:00Z",
		"later than 2027-01-05T08:00:00Z");
	const struct bytes text = BYTES_LIT("C:" A32 " EXPIRE:P10D");
	assert_int_equal(constraint_parse(&constraint, text, NULL), CONCLAVE_OK);
	policy_from_constraint(&policy, &constraint);
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_true(is_accepted(&appraisal));
}

/* What a policy does not name is refused, for every pair of platforms. */
static void refuses_other_platforms(void **state)
{
	static const char *const policies[] = {SGX(""), TDX(""), SNP(""), NITRO("")};
	static const char *const names[] = {"sgx", "tdx", "snp", "nitro"};
	struct claims claims;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(policies); i++)
		for (size_t j = 0; j < ARRAY_COUNT(samples); j++) {
			read_policy(policies[i]);
			samples[j](&claims);
			struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
			if (i != j)
				expect(policies[i], &appraisal, names[j],
					"evidence of this platform", "what the policy names");
			else
				assert_null(find(&appraisal, names[j]));
		}
}

/* Debug and simulated evidence against a policy for production, and the reverse. */
static void keeps_modes_apart(void **state)
{
	static const char *const modes[] = {"release", "debug", "simulation", "mock"};
	(void)state;
	for (int wanted = ATTEST_RELEASE; wanted <= ATTEST_MOCK; wanted++)
		for (int seen = ATTEST_RELEASE; seen <= ATTEST_MOCK; seen++) {
			char text[512];
			struct claims claims;
			snprintf(text, sizeof(text), TOP(",\"mode\":\"%s\""), modes[wanted]);
			read_policy(text);
			claims_sample_sgx(&claims);
			claims.mode = (enum attest_mode)seen;
			struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
			if (wanted == seen)
				assert_true(is_accepted(&appraisal));
			else
				expect(text, &appraisal, "mode", modes[seen], modes[wanted]);
		}
}

/* Each platform has its own way to say debug. */
static void debug_is_seen_everywhere(void **state)
{
	struct claims claims;
	(void)state;
	claims_sample_sgx(&claims);
	struct quote_claims quote = claims.quote;
	quote.is_debug = true;
	claims_of_quote(&claims, &quote);
	assert_int_equal(claims.mode, ATTEST_DEBUG);
	quote.is_simulation = true;
	claims_of_quote(&claims, &quote);
	assert_int_equal(claims.mode, ATTEST_SIMULATION);
	claims_sample_snp(&claims);
	struct snp_claims snp = claims.snp;
	snp.report.policy.allows_debug = true;
	claims_of_snp(&claims, &snp);
	assert_int_equal(claims.mode, ATTEST_DEBUG);
	assert_int_equal(claims_level(&claims), ATTEST_INSECURE);
	claims_sample_nitro(&claims);
	struct nitro_claims nitro = claims.nitro;
	nitro.is_debug = true;
	claims_of_nitro(&claims, &nitro);
	assert_int_equal(claims.mode, ATTEST_DEBUG);
}

static void says_three_things(void **state)
{
	struct claims claims;
	struct appraisal appraisal;
	(void)state;
	/* UpToDate is not the whole story. */
	claims_sample_sgx(&claims);
	read_policy(SGX(""));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	assert_int_equal(appraisal.count, 1);
	assert_string_equal(findings[0].field, "sgx.advisories_allowed");
	assert_string_equal(findings[0].seen, "INTEL-SA-00615");
	assert_false(findings[0].is_refusal);
	read_policy(SGX(",\"advisories_allowed\":[\"INTEL-SA-00001\",\"INTEL-SA-00615\"]"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED);
	assert_int_equal(appraisal.count, 0);
	/* A part of a name is not the name. */
	read_policy(SGX(",\"advisories_allowed\":[\"INTEL-SA-0061\",\"INTEL-SA-006155\"]"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	/* A refusal outweighs a remark. */
	read_policy(SGX_ACCEPT("[{\"mrenclave\":\"" C32 "\"}]"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_REFUSED);
	assert_int_equal(appraisal.count, 2);
}

static void grace_ends(void **state)
{
	static const struct {
		enum attest_tcb_status status;
		const char *more;
		enum appraisal_verdict verdict;
	} rows[] = {
		{TCB_OUT_OF_DATE, "", APPRAISAL_REFUSED},
		{TCB_OUT_OF_DATE, ",\"grace_period\":\"P59D\"", APPRAISAL_REFUSED},
		{TCB_OUT_OF_DATE, ",\"grace_period\":\"P60D\"", APPRAISAL_ACCEPTED_WITH_ADVISORIES},
		{TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, ",\"grace_period\":\"P60D\"",
			APPRAISAL_ACCEPTED_WITH_ADVISORIES},
		{TCB_SW_HARDENING_NEEDED, ",\"grace_period\":\"P60D\"", APPRAISAL_REFUSED},
		{TCB_CONFIGURATION_NEEDED, ",\"grace_period\":\"P60D\"", APPRAISAL_REFUSED},
		{TCB_REVOKED, ",\"grace_period\":\"P60D\"", APPRAISAL_REFUSED},
		{TCB_TD_RELAUNCH_ADVISED, ",\"grace_period\":\"P60D\"", APPRAISAL_REFUSED},
		{TCB_TD_RELAUNCH_ADVISED, ",\"tcb_statuses\":[\"TDRelaunchAdvised\"]",
			APPRAISAL_ACCEPTED},
		{TCB_OUT_OF_DATE, ",\"tcb_statuses\":[\"OutOfDate\"]", APPRAISAL_ACCEPTED},
		{TCB_SW_HARDENING_NEEDED, ",\"tcb_statuses\":[\"SWHardeningNeeded\"]",
			APPRAISAL_ACCEPTED},
		{TCB_REVOKED,
			",\"tcb_statuses\":[\"UpToDate\",\"OutOfDate\","
			"\"OutOfDateConfigurationNeeded\"]",
			APPRAISAL_REFUSED},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[512];
		struct claims claims;
		snprintf(text, sizeof(text), SGX("%s"), rows[i].more);
		read_policy(text);
		claims_sample_sgx(&claims);
		claims.quote.tcb_status = rows[i].status;
		claims.quote.advisories.count = 0;
		struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
		if (appraisal.verdict != rows[i].verdict)
			fail_msg("row %zu: %s", i, appraisal_verdict_text(appraisal.verdict));
		if (rows[i].verdict == APPRAISAL_ACCEPTED_WITH_ADVISORIES)
			assert_non_null(find(&appraisal, "sgx.grace_period"));
	}
}

/* Unless a policy says otherwise, attributes that weaken a TD, or may do so, are refused. */
static void td_attributes(void **state)
{
	static const struct {
		const char *more;
		uint64_t attributes;
		bool is_accepted;
	} rows[] = {
		{"", TDX_ATTRIBUTE_SEPT_VE_DISABLE, true},
		{"",
			TDX_ATTRIBUTE_SEPT_VE_DISABLE | TDX_ATTRIBUTE_PKS | TDX_ATTRIBUTE_KL |
				TDX_ATTRIBUTE_LASS | TDX_ATTRIBUTE_PERFMON,
			true},
		{"", 0, false},
		{"", TDX_ATTRIBUTE_SEPT_VE_DISABLE | TDX_ATTRIBUTE_MIGRATABLE, false},
		{"", TDX_ATTRIBUTE_SEPT_VE_DISABLE | UINT64_C(1) << 40, false},
		{",\"td_attributes\":{\"mask\":\"00000020ffffff7f\",\"value\":"
		 "\"0000000000000000\"}",
			0, true},
		/* Whatever else is asked for, migration must be. */
		{",\"td_attributes\":{\"mask\":\"0000001000000000\",\"value\":"
		 "\"0000001000000000\"}",
			TDX_ATTRIBUTE_SEPT_VE_DISABLE | TDX_ATTRIBUTE_MIGRATABLE, false},
		{",\"td_attributes\":{\"mask\":\"0000002000000000\",\"value\":"
		 "\"0000002000000000\"}",
			TDX_ATTRIBUTE_SEPT_VE_DISABLE | TDX_ATTRIBUTE_MIGRATABLE, true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[512];
		struct claims claims;
		snprintf(text, sizeof(text), TDX("%s"), rows[i].more);
		read_policy(text);
		claims_sample_tdx(&claims);
		claims.quote.td_report.tdattributes = rows[i].attributes;
		struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
		if (is_accepted(&appraisal) != rows[i].is_accepted)
			fail_msg("row %zu: %s", i, appraisal_verdict_text(appraisal.verdict));
	}
}

static void amd_remarks(void **state)
{
	struct claims claims;
	struct appraisal appraisal;
	(void)state;
	claims_sample_snp(&claims);
	read_policy(SNP(""));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	assert_non_null(find(&appraisal, "snp.min_tcb"));
	read_policy(SNP(",\"min_tcb\":{\"Genoa\":{\"snp\":25}}"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED);
	assert_int_equal(claims_level(&claims), ATTEST_SECURE);
	/* What runs can be taken back. */
	claims.snp.report.committed_tcb.snp = 24;
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	assert_non_null(find(&appraisal, "snp.firmware"));
	assert_int_equal(claims_level(&claims), ATTEST_STALE);
	claims_sample_snp(&claims);
	claims.snp.has_crl = false;
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	read_policy(SNP(",\"crl_required\":true"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	expect("crl_required", &appraisal, "snp.crl_required",
		"no CRL: whether AMD revoked the certificates was not checked",
		"AMD's CRL of this product");
	/* A fleet's key where a chip's was asked for. */
	claims_sample_snp(&claims);
	claims.snp.report.is_vlek = true;
	memcpy(claims.snp.csp_id, "cloud.example", 13);
	claims.snp.csp_id_size = 13;
	static const char *const others[] = {SNP(""), SNP(",\"vlek_allowed\":[\"cloud.exampl\"]"),
		SNP(",\"vlek_allowed\":[\"cloud.example.\",\"CLOUD.EXAMPLE\",\"*\"]")};
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		read_policy(others[i]);
		appraisal = appraise_sample(&claims, (struct bytes){0});
		expect(others[i], &appraisal, "snp.vlek_allowed",
			"signed by a VLEK, the key of a cloud's whole fleet: cloud.example",
			"a VCEK, the key of one chip, or a VLEK of a cloud that is listed");
	}
	read_policy(SNP(",\"vlek_allowed\":[\"other.example\",\"cloud.example\"]"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_true(is_accepted(&appraisal));
	/* A guest at another level may be in the hands of the one above. */
	claims_sample_snp(&claims);
	claims.snp.report.vmpl = 2;
	read_policy(SNP(""));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	expect("vmpl", &appraisal, "snp.vmpl", "2", "0");
	read_policy(SNP(",\"vmpl\":2"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_true(is_accepted(&appraisal));
	/* A migration agent, which the host chooses, gets the guest's memory: whatever else a
	 * policy says of the guest's, this must be said. */
	static const char *const silent[] = {SNP(""),
		SNP(",\"guest_policy\":{\"required\":[\"smt\"]}"),
		SNP(",\"guest_policy\":{\"forbidden\":[\"cxl\"]}"),
		SNP(",\"guest_policy\":{\"forbidden\":[\"migrate_ma\"]}")};
	claims_sample_snp(&claims);
	claims.snp.report.policy.raw |= 1u << 18;
	for (size_t i = 0; i < ARRAY_COUNT(silent); i++) {
		read_policy(silent[i]);
		appraisal = appraise_sample(&claims, (struct bytes){0});
		expect(silent[i], &appraisal, "snp.guest_policy", "migrate_ma set",
			"migrate_ma not set");
	}
	read_policy(SNP(",\"guest_policy\":{\"required\":[\"migrate_ma\"]}"));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_true(is_accepted(&appraisal));
}

/* A nonce that was asked for must be there, whatever the policy says of it. */
static void nonces(void **state)
{
	static const uint8_t a20[20] = {0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2,
		0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4};
	const struct bytes nonce = BYTES_OF(a20), none = {NULL, 0}, empty = {a20, 0};
	struct claims claims;
	struct appraisal appraisal;
	(void)state;
	for (unsigned i = 0; i < CLAIMS_PLATFORM_COUNT; i++) {
		static const char *const policies[] = {
			SGX(""), TDX(""), SNP(""), NITRO(",\"pcrs_allowed\":[0,1,2,3,4,16]")};
		samples[i](&claims);
		read_policy(policies[i]);
		appraisal = appraise_sample(&claims, none);
		assert_true(is_accepted(&appraisal));
		appraisal = appraise_sample(&claims, empty);
		assert_non_null(find(&appraisal, "nonce"));
		policy.needs_nonce = true;
		appraisal = appraise_sample(&claims, none);
		assert_non_null(find(&appraisal, "nonce_required"));
		/* Nitro's sample has it; of the others' report data it is a part, which is not
		 * enough. */
		appraisal = appraise_sample(&claims, nonce);
		assert_int_equal(is_accepted(&appraisal), i == CLAIMS_NITRO);
		appraisal = appraise_sample(&claims, bytes_slice(nonce, 0, 19));
		assert_false(is_accepted(&appraisal));
		assert_non_null(find(&appraisal, "nonce"));
	}
	claims_sample_snp(&claims);
	memset(claims.snp.report.report_data + sizeof(a20), 0, 64 - sizeof(a20));
	read_policy(SNP(""));
	appraisal = appraise_sample(&claims, nonce);
	assert_true(is_accepted(&appraisal));
	appraisal = appraise_sample(&claims, bytes_of(claims.snp.report.report_data, 65));
	assert_false(is_accepted(&appraisal));
	/* What binds keys has its own place for it, and its report data is no nonce. */
	claims.has_keys = true;
	appraisal = appraise_sample(&claims, nonce);
	assert_string_equal(find(&appraisal, "nonce")->seen, "none");
	claims.nonce = nonce;
	appraisal = appraise_sample(&claims, nonce);
	assert_true(is_accepted(&appraisal));
	appraisal = appraise_sample(&claims, bytes_slice(nonce, 0, 19));
	assert_false(is_accepted(&appraisal));
	claims_sample_nitro(&claims);
	claims.nitro.nonce = none;
	read_policy(NITRO(",\"pcrs_allowed\":[0,1,2,3,4,16]"));
	appraisal = appraise_sample(&claims, nonce);
	assert_string_equal(find(&appraisal, "nonce")->seen, "none");
}

static void clocks(void **state)
{
	static const struct {
		const char *more;
		int64_t now;
		enum appraisal_verdict verdict;
	} rows[] = {
		{"", SAMPLE_NOW + 20 * SAMPLE_DAY, APPRAISAL_ACCEPTED},
		{"", SAMPLE_NOW + 20 * SAMPLE_DAY + 1, APPRAISAL_REFUSED},
		{"", SAMPLE_NOW - 10 * SAMPLE_DAY - 1, APPRAISAL_REFUSED},
		{",\"skew_seconds\":60", SAMPLE_NOW + 20 * SAMPLE_DAY + 60,
			APPRAISAL_ACCEPTED_WITH_ADVISORIES},
		{",\"skew_seconds\":60", SAMPLE_NOW - 10 * SAMPLE_DAY - 60,
			APPRAISAL_ACCEPTED_WITH_ADVISORIES},
		{",\"skew_seconds\":60", SAMPLE_NOW + 20 * SAMPLE_DAY + 61, APPRAISAL_REFUSED},
		{",\"skew_seconds\":60", SAMPLE_NOW - 10 * SAMPLE_DAY - 61, APPRAISAL_REFUSED},
		{"", CALENDAR_SECONDS_MAX + 1, APPRAISAL_REFUSED},
		{"", INT64_MIN, APPRAISAL_REFUSED},
		{"", INT64_MAX, APPRAISAL_REFUSED},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[512];
		struct claims claims;
		struct appraisal appraisal;
		snprintf(text, sizeof(text), TOP("%s"), rows[i].more);
		read_policy(text);
		claims_sample_sgx(&claims);
		claims.quote.advisories.count = 0;
		appraise(&appraisal, findings, ARRAY_COUNT(findings), &policy, &claims,
			(struct bytes){0}, rows[i].now);
		if (appraisal.verdict != rows[i].verdict)
			fail_msg("row %zu: %s", i, appraisal_verdict_text(appraisal.verdict));
	}
}

/* The verdict does not depend on the room that there is for its reasons. */
static void room_changes_nothing(void **state)
{
	struct claims claims;
	struct appraisal appraisal;
	(void)state;
	read_policy(SGX_ACCEPT("[{\"mrenclave\":\"" C32 "\"}]"));
	claims_sample_sgx(&claims);
	appraise(&appraisal, findings, 1, &policy, &claims, (struct bytes){0}, SAMPLE_NOW);
	assert_int_equal(appraisal.verdict, APPRAISAL_REFUSED);
	assert_int_equal(appraisal.count, 1);
	assert_int_equal(appraisal.omitted, 1);
	appraise(&appraisal, NULL, 0, &policy, &claims, (struct bytes){0}, SAMPLE_NOW);
	assert_int_equal(appraisal.verdict, APPRAISAL_REFUSED);
	assert_int_equal(appraisal.omitted, 2);
}

static void unsigned_evidence_is_remarked_on(void **state)
{
	const struct mock_evidence mock = {.epoch_second = SAMPLE_NOW, .is_simulation = false};
	struct claims claims;
	(void)state;
	claims_of_mock(&claims, &mock);
	memset(claims.quote.report.mrenclave, 0, 32);
	read_policy(TOP(",\"mode\":\"mock\""));
	/* Its code hash is all zero, as an enclave's never is. */
	struct appraisal appraisal = appraise_sample(&claims, (struct bytes){0});
	expect("mock", &appraisal, "sgx.accept[0].mrenclave", Z16 Z16, A32);
	struct claims sample;
	claims_sample_sgx(&sample);
	memcpy(claims.quote.report.mrenclave, sample.quote.report.mrenclave, 32);
	appraisal = appraise_sample(&claims, (struct bytes){0});
	assert_int_equal(appraisal.verdict, APPRAISAL_ACCEPTED_WITH_ADVISORIES);
	assert_non_null(find(&appraisal, "signature"));
	read_policy(TOP(""));
	appraisal = appraise_sample(&claims, (struct bytes){0});
	expect("release", &appraisal, "mode", "mock", "release");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(age_is_that_of_the_oldest),
		cmocka_unit_test(refuses_other_platforms),
		cmocka_unit_test(keeps_modes_apart),
		cmocka_unit_test(debug_is_seen_everywhere),
		cmocka_unit_test(says_three_things),
		cmocka_unit_test(grace_ends),
		cmocka_unit_test(td_attributes),
		cmocka_unit_test(amd_remarks),
		cmocka_unit_test(nonces),
		cmocka_unit_test(clocks),
		cmocka_unit_test(room_changes_nothing),
		cmocka_unit_test(unsigned_evidence_is_remarked_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
