/* Quotes of every version and body, and what must not be taken for one: one lie per row, each
 * refused at the check whose business it is. T-43 and T-44 for TDX and versions 4 and 5; what all
 * quotes share with version 3 (certificates, CRLs) is in hostile/attest.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest_forge.h"
#include "base/check.h"
#include "simulation_keys.h"

static struct forge forge;
static struct quote_claims claims;
static enum attest_check failed;

static enum conclave_error verify_with(struct memo *memo, int64_t now)
{
	return quote_verify(&claims, &failed, memo, forge.info.dcap.quote, &forge.collateral,
		&forge.roots, now);
}

static enum conclave_error verify(void)
{
	return verify_with(NULL, FORGE_NOW);
}

static void plan(uint16_t version, enum quote_body body)
{
	forge_init(&forge, FORGE_INTEL);
	forge_plan_quote(&forge, version, body);
}

static const struct {
	uint16_t version;
	enum quote_body body;
} kinds[] = {
	{3, QUOTE_BODY_SGX},
	{4, QUOTE_BODY_SGX},
	{4, QUOTE_BODY_TD10},
	{5, QUOTE_BODY_SGX},
	{5, QUOTE_BODY_TD10},
	{5, QUOTE_BODY_TD15},
};

/* -- what is claimed -- */

static void check_body(enum quote_body body)
{
	if (body == QUOTE_BODY_SGX) {
		assert_memory_equal(&claims.report, &forge.quote.report, sizeof(claims.report));
		return;
	}
	assert_memory_equal(&claims.td_report, &forge.quote.td_report, sizeof(claims.td_report));
}

static void check_platform(void)
{
	const struct pck_platform *platform = &claims.platform;
	assert_memory_equal(platform->fmspc, forge.fmspc, sizeof(forge.fmspc));
	assert_memory_equal(platform->ppid, "0123456789abcdef", 16);
	assert_memory_equal(platform->components, forge.components, 16);
	assert_int_equal(platform->pcesvn, forge.pcesvn);
	assert_int_equal(platform->sgx_type, PCK_SGX_SCALABLE);
	assert_true(platform->has_instance_id);
	assert_memory_equal(platform->instance_id, "a platform of it", 16);
	assert_int_equal(platform->is_dynamic, PCK_YES);
	assert_int_equal(platform->has_cached_keys, PCK_NO);
	assert_int_equal(platform->has_smt, PCK_YES);
	assert_true(claims.is_platform_ca);
}

static void every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		plan(kinds[i].version, kinds[i].body);
		forge_make(&forge);
		assert_int_equal(verify(), CONCLAVE_OK);
		assert_int_equal(failed, ATTEST_CHECK_NONE);
		assert_int_equal(claims.version, kinds[i].version);
		assert_int_equal(claims.body, kinds[i].body);
		check_body(kinds[i].body);
		check_platform();
		assert_false(claims.is_debug);
		assert_false(claims.is_simulation);
		assert_memory_equal(
			&claims.qe_report, &forge.quote.qe_report, sizeof(claims.qe_report));
		assert_memory_equal(&claims.attestation_key, &forge.quote.attestation_key, 64);
		assert_int_equal(claims.tcb_status, TCB_UP_TO_DATE);
		assert_int_equal(claims.current_tcb_status, TCB_UP_TO_DATE);
		assert_int_equal(claims.has_module_level, kinds[i].body != QUOTE_BODY_SGX);
		assert_int_equal(claims.tcb_evaluation_number, 1);
		assert_int_equal(claims.qe_evaluation_number, 1);
		assert_int_equal(claims.advisories.count, 0);
		assert_int_equal(claims.validity.from, FORGE_START);
		assert_int_equal(claims.validity.until, FORGE_END);
		assert_int_equal(claims.earliest_issue, FORGE_START);
		assert_int_equal(claims.latest_issue, FORGE_START);
	}
}

static void simulation_is_claimed(void **state)
{
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_plan_quote(&forge, 5, QUOTE_BODY_TD15);
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_OK);
	assert_true(claims.is_simulation);
	forge.roots.simulation = NULL;
	assert_int_equal(verify(), CONCLAVE_ERROR_UNTRUSTED);
	assert_int_equal(failed, ATTEST_CHECK_ROOT);
}

/* T-44: one part that is new does not make the others so. The root's CRL does not count: Intel
 * renews it once a year. */
static void knowledge_is_as_old_as_its_oldest_part(void **state)
{
	static const char start[] = "2025-01-01T00:00:00Z", later[] = "2026-01-01T00:00:00Z";
	const int64_t later_time = FORGE_START + INT64_C(365) * 86400;
	(void)state;
	for (unsigned new_parts = 0; new_parts < 16; new_parts++) {
		plan(4, QUOTE_BODY_SGX);
		if ((new_parts & 1) != 0)
			forge.pck_crl.this_update = later_time;
		if ((new_parts & 2) != 0)
			forge_replace(&forge.tcb_info, start, later);
		if ((new_parts & 4) != 0)
			forge_replace(&forge.qe_identity, start, later);
		if ((new_parts & 8) != 0)
			forge.root_crl.this_update = later_time;
		forge_make(&forge);
		assert_int_equal(verify(), CONCLAVE_OK);
		assert_int_equal(
			claims.known_until, (new_parts & 7) == 7 ? later_time : FORGE_START);
		assert_int_equal(claims.latest_issue, new_parts != 0 ? later_time : FORGE_START);
	}
}

/* Undesirable, but so: policy's business. */
static void attributes_are_claimed(void **state)
{
	static const struct {
		uint64_t attributes;
		bool is_debug;
	} rows[] = {
		{0, false}, /* without SEPT_VE_DISABLE */
		{TDX_ATTRIBUTE_DEBUG, true},
		{TDX_ATTRIBUTE_SEPT_VE_DISABLE | 0x10, true}, /* TUD: profiling */
		{TDX_ATTRIBUTE_SEPT_VE_DISABLE | 0x80, true},
		{TDX_ATTRIBUTE_SEPT_VE_DISABLE | 0x100, false}, /* reserved */
		{TDX_ATTRIBUTE_PKS | TDX_ATTRIBUTE_KL | TDX_ATTRIBUTE_PERFMON, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		plan(4, QUOTE_BODY_TD10);
		forge.quote.td_report.tdattributes = rows[i].attributes;
		forge_make(&forge);
		assert_int_equal(verify(), CONCLAVE_OK);
		assert_int_equal(claims.td_report.tdattributes, rows[i].attributes);
		assert_int_equal(claims.is_debug, rows[i].is_debug);
	}
}

/* -- statuses -- */

/* TDX components below 4 reach the second level only; the module has levels of its own. */
static void td_statuses(void **state)
{
	static const struct {
		uint8_t svn, version, component;
		uint16_t qe_isvsvn;
		enum attest_tcb_status status;
		size_t advisories;
	} rows[] = {
		{5, 1, 4, 8, TCB_UP_TO_DATE, 0}, {9, 1, 9, 9, TCB_UP_TO_DATE, 0},
		{4, 1, 4, 8, TCB_OUT_OF_DATE, 1}, {3, 1, 4, 8, TCB_OUT_OF_DATE, 1},
		{2, 1, 4, 8, TCB_REVOKED, 0}, {5, 1, 3, 8, TCB_OUT_OF_DATE, 1},
		{3, 1, 2, 7, TCB_OUT_OF_DATE, 3}, /* the platform, the QE and the module */
		{5, 1, 4, 6, TCB_OUT_OF_DATE, 1}, {5, 1, 4, 4, TCB_REVOKED, 0},
		{2, 3, 4, 8, TCB_UP_TO_DATE, 0}, /* another module */
		{4, 0, 4, 8, TCB_OUT_OF_DATE,
			1}, /* version 0: [1] is 0, the level wants 4, then 2 */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		plan(4, QUOTE_BODY_TD10);
		uint8_t *svn = forge.quote.td_report.tee_tcb_svn;
		memset(svn, rows[i].component, 16);
		svn[0] = rows[i].svn;
		svn[1] = rows[i].version;
		forge.quote.qe_report.isvsvn = rows[i].qe_isvsvn;
		if (rows[i].version == 0) /* the second level is to be reached by [1] as well */
			forge_replace(&forge.tcb_info,
				"\"tdxtcbcomponents\":[{\"svn\":2},{\"svn\":2}",
				"\"tdxtcbcomponents\":[{\"svn\":2},{\"svn\":0}");
		forge_make(&forge);
		assert_int_equal(verify(), CONCLAVE_OK);
		assert_int_equal(claims.tcb_status, rows[i].status);
		assert_int_equal(claims.advisories.count, rows[i].advisories);
		assert_int_equal(claims.has_module_level, rows[i].version > 0);
	}
}

/* One advisory in two lists is said once, and its date is the earliest level's (T-44: an UpToDate
 * platform with advisories keeps both). */
static void advisories_are_united(void **state)
{
	(void)state;
	plan(4, QUOTE_BODY_TD10);
	forge.quote.td_report.tee_tcb_svn[0] = 3;
	forge_replace(&forge.tcb_info, "\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\"",
		"\"tcbStatus\":\"UpToDate\",\"advisoryIDs\":[\"INTEL-SA-00003\",\"INTEL-SA-9\"]},"
		"{\"tcb\":{\"sgxtcbcomponents\"");
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_OK);
	assert_int_equal(claims.advisories.count, 2);
	assert_true(bytes_equal(claims.advisories.ids[0], BYTES_LIT("INTEL-SA-00003")));
	assert_true(bytes_equal(claims.advisories.ids[1], BYTES_LIT("INTEL-SA-9")));
	assert_int_equal(claims.tcb_date, INT64_C(1725148800)); /* 2024-09-01 */
	assert_int_equal(claims.latest_level_date, INT64_C(1733011200));

	forge.quote.td_report.tee_tcb_svn[0] = 5;
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_OK);
	assert_int_equal(claims.tcb_status, TCB_UP_TO_DATE);
	assert_int_equal(claims.advisories.count, 2);
}

/* The table of Intel's checkForRelaunch, but for the last two rows. */
static void relaunch(void **state)
{
	static const struct {
		enum attest_tcb_status launch, current, status;
	} rows[] = {
		{TCB_OUT_OF_DATE, TCB_UP_TO_DATE, TCB_TD_RELAUNCH_ADVISED},
		{TCB_OUT_OF_DATE, TCB_SW_HARDENING_NEEDED, TCB_TD_RELAUNCH_ADVISED},
		{TCB_OUT_OF_DATE, TCB_CONFIGURATION_NEEDED,
			TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED},
		{TCB_OUT_OF_DATE, TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
			TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED},
		{TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, TCB_UP_TO_DATE,
			TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED},
		{TCB_OUT_OF_DATE, TCB_OUT_OF_DATE, TCB_OUT_OF_DATE},
		{TCB_OUT_OF_DATE, TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, TCB_OUT_OF_DATE},
		{TCB_UP_TO_DATE, TCB_UP_TO_DATE, TCB_UP_TO_DATE},
		{TCB_UP_TO_DATE, TCB_OUT_OF_DATE, TCB_UP_TO_DATE},
		{TCB_CONFIGURATION_NEEDED, TCB_UP_TO_DATE, TCB_CONFIGURATION_NEEDED},
		{TCB_REVOKED, TCB_UP_TO_DATE, TCB_REVOKED},
		{TCB_OUT_OF_DATE, TCB_REVOKED, TCB_REVOKED},
		{TCB_UP_TO_DATE, TCB_REVOKED, TCB_REVOKED},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_int_equal(tcb_relaunch(rows[i].launch, rows[i].current), rows[i].status);

	plan(5, QUOTE_BODY_TD15);
	forge.quote.td_report.tee_tcb_svn[0] = 3;
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_OK);
	assert_int_equal(claims.tcb_status, TCB_TD_RELAUNCH_ADVISED);
	assert_int_equal(claims.current_tcb_status, TCB_UP_TO_DATE);
	assert_int_equal(claims.module_level.status, TCB_OUT_OF_DATE);
	assert_int_equal(claims.advisories.count, 1);
}

/* -- lies told before signing -- */

static void unknown_version(struct forge *f)
{
	f->quote.header.version = 6;
}
static void tdx_in_version_3(struct forge *f)
{
	f->quote.header.version = 3;
}
static void unknown_tee(struct forge *f)
{
	f->quote.header.tee_type = 0x82;
}
static void sgx_header_with_td(struct forge *f)
{
	f->quote.header.tee_type = QUOTE_TEE_SGX;
}
static void p384(struct forge *f)
{
	f->quote.header.attestation_key_type = 3;
}
static void vendor(struct forge *f)
{
	f->quote.header.qe_vendor[15] ^= 1;
}
static void ppid_only(struct forge *f)
{
	f->quote.certification = QUOTE_PPID_RSA3072;
}
static void leaf_only(struct forge *f)
{
	f->quote.certification = QUOTE_PCK_LEAF;
}
static void unknown_certification(struct forge *f)
{
	f->quote.certification = (enum quote_certification)7;
}
static void nested_certification(struct forge *f)
{
	f->quote.certification = QUOTE_QE_REPORT;
}
static void sgx_tcb_info(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"TDX\"", "\"SGX\"");
}
static void tcb_info_version_2(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"version\":3", "\"version\":2");
}
static void no_td_components(struct forge *f)
{
	forge_replace(&f->tcb_info, "tdxtcbcomponents", "tdxtcbcomponent");
}
static void fifteen_td_components(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"tdxtcbcomponents\":[{\"svn\":4},", "\"tdxtcbcomponents\":[");
}
static void no_module(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"tdxModule\"", "\"tdxModul\"");
}
static void module_without_levels(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":5}",
		"\"tcbLevel\":[{\"tcb\":{\"isvsvn\":5}");
}
static void module_short_signer(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"mrsigner\":\"00", "\"mrsigner\":\"");
}
static void module_id_too_long(struct forge *f)
{
	forge_replace(&f->tcb_info, "TDX_01", "TDX_001");
}
static void module_id_of_something_else(struct forge *f)
{
	forge_replace(&f->tcb_info, "TDX_01", "QEX_01");
}
static void advisory_is_a_number(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"INTEL-SA-00003\"", "3");
}
static void no_evaluation_number(struct forge *f)
{
	forge_replace(&f->tcb_info, "tcbEvaluationDataNumber", "tcbEvaluationDataNumbe");
}
static void td_relaunch_as_status(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"UpToDate\"", "\"TDRelaunchAdvised\"");
}
static void qe_of_sgx(struct forge *f)
{
	forge_replace(&f->qe_identity, "\"TD_QE\"", "\"QE\"");
}
static void identity_version_1(struct forge *f)
{
	forge_replace(&f->qe_identity, "\"version\":2", "\"version\":1");
}
static void unknown_module(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn[1] = 2;
}
static void no_modules(struct forge *f)
{
	forge_replace(&f->tcb_info, "tdxModuleIdentities", "tdxModuleIdentitie");
}
static void mrsignerseam(struct forge *f)
{
	f->quote.td_report.mrsignerseam[47] = 1;
}
static void seamattributes(struct forge *f)
{
	f->quote.td_report.seamattributes = 1;
}
static void module_attributes(struct forge *f)
{
	char *found = strstr(f->tcb_info.text, "TDX_01");
	found = strstr(found, "\"attributes\":\"0");
	found[sizeof("\"attributes\":\"") - 1] = '1';
}
static void sgx_component_too_low(struct forge *f)
{
	f->components[15] = 2;
}
static void td_component_too_low(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn[15] = 1;
}
static void module_too_old(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn[0] = 1;
}
static void version_0_component_too_low(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn[1] = 0; /* of which the level wants 2 */
}
static void no_levels(struct forge *f)
{
	char *found = strstr(f->tcb_info.text, "\"tcbLevels\":[{\"tcb\":{\"sgxtcb");
	strcpy(found, "\"tcbLevels\":[]}");
}
static void current_module_unknown(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn2[1] = 2;
}
static void current_module_too_old(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn2[0] = 1;
}
static void current_component_too_low(struct forge *f)
{
	f->quote.td_report.tee_tcb_svn2[7] = 1;
}
static void qe_report_of_stranger(struct forge *f)
{
	f->qe_report_key = &simulation_tcb_secret;
}
static void qe_report_data(struct forge *f)
{
	f->keep_qe_report_data = true;
}
static void qe_signer(struct forge *f)
{
	f->quote.qe_report.mrsigner[0] ^= 1;
}
static void qe_product(struct forge *f)
{
	f->quote.qe_report.isvprodid = 2;
}
static void qe_debug(struct forge *f)
{
	f->quote.qe_report.attributes.flags |= SGX_FLAG_DEBUG;
}
static void revoked_pck(struct forge *f)
{
	f->pck_crl.revoked = f->pck.serial;
}
static void revoked_signer(struct forge *f)
{
	f->root_crl.revoked = f->tcb_signing.serial;
}
static void signing_ca(struct forge *f)
{
	f->tcb_signing.is_ca = true;
}
static void other_fmspc(struct forge *f)
{
	f->fmspc[5] ^= 1;
}
static void info_expired(struct forge *f)
{
	forge_replace(&f->tcb_info, "2030-01-01", "2026-01-01");
}
static void info_of_tomorrow(struct forge *f)
{
	forge_replace(&f->tcb_info, "2025-01-01", "2029-01-01");
}
static void identity_expired(struct forge *f)
{
	forge_replace(&f->qe_identity, "2030-01-01", "2026-01-01");
}
static void identity_of_tomorrow(struct forge *f)
{
	forge_replace(&f->qe_identity, "2025-01-01", "2029-01-01");
}
static void crl_expired(struct forge *f)
{
	f->pck_crl.next_update = FORGE_NOW - 1;
}
static void root_crl_of_tomorrow(struct forge *f)
{
	f->root_crl.this_update = FORGE_NOW + 1;
}
static void pck_expired(struct forge *f)
{
	f->pck.not_after = FORGE_NOW - 1;
}
static void root_of_tomorrow(struct forge *f)
{
	f->root.not_before = FORGE_NOW + 1;
}

/* -- and after -- */

/* Where version 5 says what its body is. */
static uint8_t *descriptor(struct forge *f)
{
	return (uint8_t *)(uintptr_t)f->info.dcap.quote.ptr + 48;
}
static void body_type_4(struct forge *f)
{
	descriptor(f)[0] = 4;
}
static void body_type_0(struct forge *f)
{
	descriptor(f)[0] = 0;
}
static void body_of_sgx(struct forge *f)
{
	descriptor(f)[0] = QUOTE_BODY_SGX;
}
static void body_called_td10(struct forge *f)
{
	descriptor(f)[0] = QUOTE_BODY_TD10;
}
static void body_size(struct forge *f)
{
	descriptor(f)[2] ^= 1;
}
/* Signature 64, key 64, then what must be of type 6. */
static void outer_type(struct forge *f)
{
	descriptor(f)[6 + 648 + 4 + 128] = QUOTE_PCK_CHAIN;
}
/* A byte more in the signature data, behind the certification data. */
static void more_in_signature_data(struct forge *f)
{
	uint8_t *size = descriptor(f) + 6 + 648, *place = f->pool + f->used;
	const struct bytes quote = f->info.dcap.quote;
	const size_t end = 48 + 6 + 648 + 4 + load_u32le(size);
	store_u32le(size, load_u32le(size) + 1);
	memcpy(place, quote.ptr, end);
	place[end] = 0;
	f->info.dcap.quote = bytes_of(place, end + 1);
}
static void quote_missing(struct forge *f)
{
	f->info.dcap.quote.len = 0;
}
static void quote_doubled(struct forge *f)
{
	const struct bytes quote = f->info.dcap.quote;
	uint8_t *place = f->pool + f->used;
	memcpy(place, quote.ptr, quote.len);
	memcpy(place + quote.len, quote.ptr, quote.len);
	f->info.dcap.quote = bytes_of(place, 2 * quote.len);
}
static void quote_huge(struct forge *f)
{
	static uint8_t space[QUOTE_SIZE_MAX + 1];
	memcpy(space, f->info.dcap.quote.ptr, f->info.dcap.quote.len);
	f->info.dcap.quote = BYTES_OF(space);
}
static void empty_identity(struct forge *f)
{
	f->collateral.qe_identity.len = 0;
}
static void no_root_crl(struct forge *f)
{
	f->collateral.root_ca_crl.len = 0;
}
static void short_chain(struct forge *f)
{
	f->collateral.tcb_info_issuer_chain.len /= 2;
}
static void jsons_swapped(struct forge *f)
{
	f->collateral.qe_identity = f->collateral.tcb_info;
}
static void not_json(struct forge *f)
{
	f->collateral.tcb_info.len--;
}
static void odd_digits(struct forge *f)
{
	f->collateral.pck_crl = BYTES_LIT("308");
}
/* A SEQUENCE of 32 KiB, in DER and in digits. */
static void crl_too_large(struct forge *f)
{
	uint8_t *place = f->pool + f->used;
	memset(place, 0, 32768);
	memcpy(place, "\x30\x82\x7f\xfc", 4);
	f->collateral.pck_crl = bytes_of(place, 32768);
}
static void crl_too_many_digits(struct forge *f)
{
	uint8_t *place = f->pool + f->used;
	memset(place, '0', 32770);
	place[0] = '3';
	f->collateral.pck_crl = bytes_of(place, 32770);
}
static void chain_of_collateral_cut(struct forge *f)
{
	f->collateral.pck_chain = bytes_slice(f->pck_chain, 0, f->pck_chain.len / 2);
}

static void chain_of_four(struct forge *f)
{
	uint8_t *place = f->pool + f->used;
	const struct bytes chain = bytes_slice(f->pck_chain, 0, f->pck_chain.len - 1), /* its NUL */
		more = f->collateral.tcb_info_issuer_chain;
	memcpy(place, chain.ptr, chain.len);
	memcpy(place + chain.len, more.ptr, more.len);
	f->collateral.pck_chain = bytes_of(place, chain.len + more.len);
}
static void certificate_too_large(struct forge *f)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
	uint8_t *place = f->pool + f->used;
	memset(place, 'A', 16384);
	memcpy(place, begin, sizeof(begin) - 1);
	memcpy(place + 16384, "\n-----END CERTIFICATE-----\n", 27);
	f->collateral.pck_chain = bytes_of(place, 16384 + 27);
}

static const struct {
	const char *name;
	void (*before)(struct forge *), (*after)(struct forge *);
	enum conclave_error error;
	enum attest_check check;
} lies[] = {
#define LIE(function, error, check)                                                     \
	{                                                                               \
#function, function, NULL, CONCLAVE_ERROR_##error, ATTEST_CHECK_##check \
	}
#define SWAP(function, error, check)                                                    \
	{                                                                               \
#function, NULL, function, CONCLAVE_ERROR_##error, ATTEST_CHECK_##check \
	}
	LIE(unknown_version, VERSION, QUOTE_FORMAT),
	LIE(tdx_in_version_3, VERSION, QUOTE_FORMAT),
	LIE(unknown_tee, VERSION, QUOTE_FORMAT),
	LIE(sgx_header_with_td, VERSION, QUOTE_FORMAT),
	LIE(p384, VERSION, QUOTE_FORMAT),
	LIE(vendor, VERSION, QUOTE_FORMAT),
	LIE(unknown_certification, VERSION, QUOTE_FORMAT),
	LIE(nested_certification, VERSION, QUOTE_FORMAT),
	SWAP(body_type_4, VERSION, QUOTE_FORMAT),
	SWAP(body_type_0, VERSION, QUOTE_FORMAT),
	SWAP(body_of_sgx, VERSION, QUOTE_FORMAT),
	SWAP(body_called_td10, FORMAT, QUOTE_FORMAT),
	SWAP(body_size, FORMAT, QUOTE_FORMAT),
	SWAP(outer_type, VERSION, QUOTE_FORMAT),
	SWAP(more_in_signature_data, TRAILING, QUOTE_FORMAT),
	SWAP(quote_missing, TRUNCATED, QUOTE_FORMAT),
	SWAP(quote_doubled, TRAILING, QUOTE_FORMAT),
	SWAP(quote_huge, LIMIT, QUOTE_FORMAT),
	LIE(ppid_only, NOT_FOUND, CERTIFICATION_DATA),
	LIE(leaf_only, NOT_FOUND, CERTIFICATION_DATA),
	SWAP(chain_of_collateral_cut, FORMAT, PCK_CHAIN),
	SWAP(chain_of_four, FORMAT, PCK_CHAIN),
	SWAP(certificate_too_large, LIMIT, PCK_CHAIN),
	LIE(signing_ca, MISMATCH, TCB_INFO_CHAIN),
	SWAP(short_chain, FORMAT, TCB_INFO_CHAIN),
	SWAP(no_root_crl, NOT_FOUND, ROOT_CRL),
	SWAP(odd_digits, FORMAT, PCK_CRL),
	SWAP(crl_too_large, LIMIT, PCK_CRL),
	SWAP(crl_too_many_digits, LIMIT, PCK_CRL),
	LIE(revoked_pck, REVOKED, REVOCATION),
	LIE(revoked_signer, REVOKED, REVOCATION),
	SWAP(not_json, FORMAT, TCB_INFO_SIGNATURE),
	LIE(sgx_tcb_info, VERSION, TCB_INFO),
	LIE(tcb_info_version_2, VERSION, TCB_INFO),
	LIE(no_td_components, FORMAT, TCB_INFO),
	LIE(fifteen_td_components, FORMAT, TCB_INFO),
	LIE(no_module, FORMAT, TCB_INFO),
	LIE(module_without_levels, FORMAT, TCB_INFO),
	LIE(module_short_signer, FORMAT, TCB_INFO),
	LIE(module_id_too_long, FORMAT, TCB_INFO),
	LIE(module_id_of_something_else, FORMAT, TCB_INFO),
	LIE(advisory_is_a_number, FORMAT, TCB_INFO),
	LIE(no_evaluation_number, FORMAT, TCB_INFO),
	LIE(td_relaunch_as_status, FORMAT, TCB_INFO),
	SWAP(jsons_swapped, FORMAT, QE_IDENTITY_SIGNATURE),
	SWAP(empty_identity, NOT_FOUND, QE_IDENTITY_SIGNATURE),
	LIE(qe_of_sgx, VERSION, QE_IDENTITY),
	LIE(identity_version_1, VERSION, QE_IDENTITY),
	LIE(other_fmspc, MISMATCH, FMSPC),
	LIE(unknown_module, MISMATCH, TDX_MODULE),
	LIE(no_modules, MISMATCH, TDX_MODULE),
	LIE(mrsignerseam, MISMATCH, TDX_MODULE),
	LIE(seamattributes, MISMATCH, TDX_MODULE),
	LIE(module_attributes, MISMATCH, TDX_MODULE),
	LIE(qe_report_of_stranger, SIGNATURE, QE_REPORT_SIGNATURE),
	LIE(qe_report_data, MISMATCH, QE_REPORT_DATA),
	LIE(qe_signer, MISMATCH, QE_REPORT),
	LIE(qe_product, MISMATCH, QE_REPORT),
	LIE(qe_debug, MISMATCH, QE_REPORT),
	LIE(sgx_component_too_low, TCB, TCB_LEVEL),
	LIE(td_component_too_low, TCB, TCB_LEVEL),
	LIE(module_too_old, TCB, TCB_LEVEL),
	LIE(version_0_component_too_low, TCB, TCB_LEVEL),
	LIE(no_levels, TCB, TCB_LEVEL),
	LIE(current_module_unknown, TCB, TCB_LEVEL),
	LIE(current_module_too_old, TCB, TCB_LEVEL),
	LIE(current_component_too_low, TCB, TCB_LEVEL),
	LIE(info_expired, EXPIRED, TCB_INFO),
	LIE(info_of_tomorrow, EXPIRED, TCB_INFO),
	LIE(identity_expired, EXPIRED, QE_IDENTITY),
	LIE(identity_of_tomorrow, EXPIRED, QE_IDENTITY),
	LIE(crl_expired, EXPIRED, PCK_CRL),
	LIE(root_crl_of_tomorrow, EXPIRED, ROOT_CRL),
	LIE(pck_expired, EXPIRED, PCK_CHAIN),
	LIE(root_of_tomorrow, EXPIRED, PCK_CHAIN),
#undef LIE
#undef SWAP
};

/* The memory knows the honest platform and whatever of the lies before was signed; it must change
 * no verdict. */
static void every_lie(void **state)
{
	static struct memo memo;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
		plan(5, QUOTE_BODY_TD15);
		if (lies[i].before != NULL)
			lies[i].before(&forge);
		forge_make(&forge);
		if (lies[i].after != NULL)
			lies[i].after(&forge);
		enum conclave_error error = verify();
		if (error != lies[i].error || failed != lies[i].check)
			fail_msg("%s: %s at %s", lies[i].name, conclave_error_name(error),
				attest_check_text(failed));
		assert_int_equal(verify_with(&memo, FORGE_NOW), error);
		assert_int_equal(failed, lies[i].check);
	}
}

static void other_versions(void **state)
{
	static const uint16_t versions[] = {0, 1, 2, 6, 7, UINT16_MAX};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(versions); i++) {
		plan(5, QUOTE_BODY_TD15);
		forge_make(&forge);
		store_u16le(descriptor(&forge) - 48, versions[i]);
		assert_int_equal(verify(), CONCLAVE_ERROR_VERSION);
		assert_int_equal(failed, ATTEST_CHECK_QUOTE_FORMAT);
	}
}

/* TCB info and QE identity that their signer should never have signed. Members that nobody knows
 * are passed over, so "other" hides what was there. */
static void signed_and_malformed(void **state)
{
	static const struct {
		const char *from, *to; /* the first place */
	} info[] =
		{
			{"\"version\":3", "\"version\":3,\"version\":3"},
			{"\"version\":3", "\"version\":\"3\""},
			{"\"id\":\"TDX\"", "\"id\":3"},
			{"\"issueDate\":\"2025-01-01T", "\"issueDate\":\"2025-13-01T"},
			{"\"nextUpdate\":\"2030-01-01T", "\"nextUpdate\":\"2030-01-32T"},
			{"\"fmspc\":\"00", "\"fmspc\":\""},
			{"\"fmspc\":\"00", "\"fmspc\":\"0000"},
			{"\"pceId\":\"00", "\"pceId\":\""},
			{"\"tcbEvaluationDataNumber\":1", "\"tcbEvaluationDataNumber\":4294967296"},
			{"\"tcbLevels\":[{\"tcb\":{\"sgx",
				"\"tcbLevels\":1,\"other\":[{\"tcb\":{\"sgx"},
			{"\"tcb\":{\"sgx", "\"tcb\":1,\"other\":{\"sgx"},
			{"\"tcb\":{\"sgx", "\"tcb\":{},\"tcb\":{\"sgx"},
			{"\"sgxtcbcomponents\":[", "\"sgxtcbcomponents\":7,\"other\":["},
			{"\"sgxtcbcomponents\":[", "\"sgxtcbcomponents\":[{\"svn\":7},"},
			{"\"sgxtcbcomponents\":[{\"svn\":7}",
				"\"sgxtcbcomponents\":[{\"svn\":256}"},
			{"\"tdxtcbcomponents\":[", "\"tdxtcbcomponents\":4,\"other\":["},
			{"\"tdxtcbcomponents\":[", "\"tdxtcbcomponents\":[{\"svn\":4},"},
			{"\"pcesvn\":", "\"pcesvn\":1,\"pcesvn\":"},
			{"\"pcesvn\":", "\"pcesvn\":65536,\"other\":"},
			{"\"pcesvn\":", "\"other\":"},
			{"\"tcbDate\":\"2024-12-01", "\"tcbDate\":\"2024-12-1"},
			{"\"tcbStatus\":", "\"tcbStatus\":1,\"other\":"},
			{"\"advisoryIDs\":[", "\"advisoryIDs\":\"INTEL-SA-00001\",\"other\":["},
			{"\"tdxModule\":{", "\"tdxModule\":1,\"other\":{"},
			{"\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":1,\"other\":["},
			{"\"id\":\"TDX_01\"", "\"id\":\"TDX_01\",\"id\":\"TDX_01\""},
			{"\"id\":\"TDX_01\"", "\"id\":1"},
			{"\"attributes\":\"00", "\"attributes\":\""},
			{"\"isvsvn\":2", "\"isvsvn\":65536"},
		},
	  identity[] = {
		  {"\"version\":2", "\"version\":2,\"version\":2"},
		  {"\"version\":2", "\"version\":\"2\""},
		  {"\"id\":\"TD_QE\"", "\"id\":2"},
		  {"\"issueDate\":\"2025-01-01T", "\"issueDate\":\"2025-13-01T"},
		  {"\"nextUpdate\":\"2030-01-01T", "\"nextUpdate\":\"2030-01-32T"},
		  {"\"tcbEvaluationDataNumber\":1", "\"tcbEvaluationDataNumber\":-1"},
		  {"\"miscselect\":\"00", "\"miscselect\":\""},
		  {"\"miscselectMask\":\"FF", "\"miscselectMask\":\""},
		  {"\"attributes\":\"11", "\"attributes\":\""},
		  {"\"attributesMask\":\"FB", "\"attributesMask\":\""},
		  {"\"mrsigner\":\"AB", "\"mrsigner\":\""},
		  {"\"isvprodid\":1", "\"isvprodid\":65536"},
		  {"\"tcbLevels\":[", "\"tcbLevels\":1,\"other\":["},
		  {"\"tcb\":{", "\"tcb\":1,\"other\":{"},
		  {"\"isvsvn\":4", "\"isvsvn\":65536"},
		  {"\"tcbDate\":\"2024-10-01", "\"tcbDate\":\"2024-10-1"},
		  {"\"Revoked\"", "\"revoked\""},
		  {"\"advisoryIDs\":[\"INTEL-SA-00002\"", "\"advisoryIDs\":[2"},
	  };
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(info) + ARRAY_COUNT(identity); i++) {
		bool is_info = i < ARRAY_COUNT(info);
		size_t row = is_info ? i : i - ARRAY_COUNT(info);
		const char *from = is_info ? info[row].from : identity[row].from,
			   *to = is_info ? info[row].to : identity[row].to;
		plan(5, QUOTE_BODY_TD15);
		forge_replace(is_info ? &forge.tcb_info : &forge.qe_identity, from, to);
		forge_make(&forge);
		enum conclave_error error = verify();
		if (error != CONCLAVE_ERROR_FORMAT ||
			failed != (is_info ? ATTEST_CHECK_TCB_INFO : ATTEST_CHECK_QE_IDENTITY))
			fail_msg("%s: %s at %s", to, conclave_error_name(error),
				attest_check_text(failed));
	}
}

/* SGX quotes with what is TDX's. */
static void sgx_with_td_collateral(void **state)
{
	(void)state;
	plan(4, QUOTE_BODY_TD10);
	forge.quote.header.tee_type = QUOTE_TEE_SGX;
	forge.quote.body = QUOTE_BODY_SGX;
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_ERROR_VERSION);
	assert_int_equal(failed, ATTEST_CHECK_TCB_INFO);
	forge_replace(&forge.tcb_info, "\"TDX\"", "\"SGX\"");
	forge_make(&forge);
	assert_int_equal(verify(), CONCLAVE_ERROR_VERSION);
	assert_int_equal(failed, ATTEST_CHECK_QE_IDENTITY);
}

/* TCB info of version 2: a member for each of the sixteen components, once, in any order. */
static void version_2(void **state)
{
	static const struct {
		const char *last;
		enum conclave_error error;
		enum attest_check check;
	} rows[] = {
		{"\"sgxtcbcomp16svn\":7", CONCLAVE_OK, ATTEST_CHECK_NONE},
		{"\"sgxtcbcomp16svn\":7,\"sgxtcbcomp17svn\":255", CONCLAVE_OK, ATTEST_CHECK_NONE},
		{"\"sgxtcbcomp16svn\":8", CONCLAVE_ERROR_TCB, ATTEST_CHECK_TCB_LEVEL},
		{"\"sgxtcbcomp16svn\":256", CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_TCB_INFO},
		{"\"sgxtcbcomp17svn\":7", CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_TCB_INFO},
		{"\"sgxtcbcomp15svn\":7", CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_TCB_INFO},
		{"\"sgxtcbcomp16svn\":7,\"sgxtcbcomp01svn\":7", CONCLAVE_ERROR_FORMAT,
			ATTEST_CHECK_TCB_INFO},
		{"\"sgxtcbcomp00svn\":7", CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_TCB_INFO},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char tcb[1024];
		int len = 0;
		for (int j = 15; j >= 1; j--)
			len += snprintf(tcb + len, sizeof(tcb) - (size_t)len,
				"\"sgxtcbcomp%02dsvn\":7,", j);
		snprintf(tcb + len, sizeof(tcb) - (size_t)len, "%s", rows[i].last);
		plan(3, QUOTE_BODY_SGX);
		snprintf(forge.tcb_info.text, sizeof(forge.tcb_info.text),
			"{\"version\":2,\"issueDate\":\"2025-01-01T00:00:00Z\",\"nextUpdate\":"
			"\"2030-01-01T00:00:00Z\",\"fmspc\":\"00c0ffee0000\",\"pceId\":\"0000\","
			"\"tcbEvaluationDataNumber\":1,\"tcbLevels\":[{\"tcb\":{%s,\"pcesvn\":11},"
			"\"tcbDate\":\"2024-12-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}",
			tcb);
		forge_make(&forge);
		assert_int_equal(verify(), rows[i].error);
		assert_int_equal(failed, rows[i].check);
	}
}

/* More advisories than there is room for are refused, not dropped. */
static void too_many_advisories(void **state)
{
	(void)state;
	for (int count = QUOTE_ADVISORIES_MAX; count <= (int)QUOTE_ADVISORIES_MAX + 1; count++) {
		static char list[8192];
		int len = snprintf(list, sizeof(list), "\"advisoryIDs\":[");
		for (int i = 0; i < count; i++)
			len += snprintf(list + len, sizeof(list) - (size_t)len, "%s\"SA-%d\"",
				i == 0 ? "" : ",", i);
		snprintf(list + len, sizeof(list) - (size_t)len, "],\"tcbStatus\":\"UpToDate\"");
		plan(3, QUOTE_BODY_SGX);
		forge_replace(&forge.tcb_info, "\"tcbStatus\":\"UpToDate\"", list);
		forge_make(&forge);
		bool fits = count == QUOTE_ADVISORIES_MAX;
		assert_int_equal(verify(), fits ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT);
		assert_int_equal(failed, fits ? ATTEST_CHECK_NONE : ATTEST_CHECK_TCB_LEVEL);
	}
}

/* -- forms of one thing -- */

static void supplied_chain(void **state)
{
	static const enum quote_certification types[] = {QUOTE_PPID_IN_CLEAR, QUOTE_PPID_RSA2048,
		QUOTE_PPID_RSA3072, QUOTE_PCK_LEAF, QUOTE_PCK_CHAIN};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		plan(4, QUOTE_BODY_TD10);
		forge.quote.certification = types[i];
		forge_make(&forge);
		forge.collateral.pck_chain = forge.pck_chain;
		assert_int_equal(verify(), CONCLAVE_OK);
	}
	/* Genuine, and of another platform. */
	static uint8_t other[8192];
	plan(4, QUOTE_BODY_TD10);
	forge.pck.key = &simulation_tcb_secret;
	forge_make(&forge);
	const struct bytes kept = forge.pck_chain;
	memcpy(other, kept.ptr, kept.len);
	plan(4, QUOTE_BODY_TD10);
	forge_make(&forge);
	forge.collateral.pck_chain = bytes_of(other, kept.len);
	assert_int_equal(verify(), CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(failed, ATTEST_CHECK_QE_REPORT_SIGNATURE);
}

static void padding(void **state)
{
	static uint8_t space[8192];
	(void)state;
	plan(5, QUOTE_BODY_TD15);
	forge_make(&forge);
	const struct bytes quote = forge.info.dcap.quote;
	memcpy(space, quote.ptr, quote.len);
	forge.info.dcap.quote = BYTES_OF(space);
	assert_int_equal(verify(), CONCLAVE_OK);
	space[sizeof(space) - 1] = 1;
	assert_int_equal(verify(), CONCLAVE_ERROR_TRAILING);
	assert_int_equal(failed, ATTEST_CHECK_QUOTE_FORMAT);
}

/* CRLs as PCS versions and Open Enclave hand them out. */
static void forms_of_crls(void **state)
{
	static char hex[4096];
	static uint8_t der[2048];
	(void)state;
	plan(4, QUOTE_BODY_TD10);
	forge_make(&forge);
	const struct bytes made = forge_crl_der(&forge, &forge.pck_crl);
	memcpy(der, made.ptr, made.len);
	for (size_t i = 0; i < made.len; i++)
		snprintf(hex + 2 * i, 3, i % 2 == 0 ? "%02x" : "%02X", made.ptr[i]);
	const struct bytes forms[] = {made, bytes_of(der, made.len + 40),
		bytes_of(hex, 2 * made.len), bytes_of(hex, 2 * made.len + 3)};
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		forge.collateral.pck_crl = forms[i];
		assert_int_equal(verify(), CONCLAVE_OK);
	}
	der[made.len + 39] = 1;
	forge.collateral.pck_crl = forms[1];
	assert_int_equal(verify(), CONCLAVE_ERROR_FORMAT);
	hex[2 * made.len + 1] = 'x';
	forge.collateral.pck_crl = forms[3];
	assert_int_equal(verify(), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(failed, ATTEST_CHECK_PCK_CRL);
}

/* -- bytes -- */

/* One bit of every seventh byte of quotes of every kind, and of every byte of what is signed, with
 * a memory that knows the platform; every prefix. */
static void every_byte(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < ARRAY_COUNT(kinds); kind++) {
		struct memo memo = {.count = 0};
		plan(kinds[kind].version, kinds[kind].body);
		forge_make(&forge);
		const struct bytes quote = forge.info.dcap.quote;
		uint8_t *bytes = (uint8_t *)(uintptr_t)quote.ptr;
		assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_OK);
		for (size_t i = 0; i < quote.len; i += i < 720 ? 1 : 7) {
			bytes[i] ^= (uint8_t)(1u << i % 8);
			if (verify_with(&memo, FORGE_NOW) == CONCLAVE_OK)
				fail_msg("accepted with a bit of byte %zu flipped", i);
			bytes[i] ^= (uint8_t)(1u << i % 8);
		}
		for (size_t len = 0; len < quote.len; len++) {
			struct quote read;
			assert_int_equal(quote_read(&read, bytes_slice(quote, 0, len)),
				CONCLAVE_ERROR_TRUNCATED);
		}
		assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_OK);
	}
}

/* -- the memory -- */

/* It never stands in for the time, for revocation or for a key. */
static void memory(void **state)
{
	struct memo memo = {.count = 0};
	(void)state;
	plan(4, QUOTE_BODY_TD10);
	forge_make(&forge);
	assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_OK);
	const uint32_t known = memo.count;
	assert_true(known >= 8 && known <= 9);
	assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(memo.count, known);
	assert_int_equal(verify_with(&memo, FORGE_END + 1), CONCLAVE_ERROR_EXPIRED);
	assert_int_equal(verify_with(&memo, FORGE_START - 1), CONCLAVE_ERROR_EXPIRED);

	const struct attest_roots roots = forge.roots;
	forge.roots = attest_default_roots;
	forge.roots.simulation = NULL;
	assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_ERROR_UNTRUSTED);
	forge.roots = roots;
	forge.pck_crl.revoked = forge.pck.serial;
	forge_make(&forge);
	assert_int_equal(verify_with(&memo, FORGE_NOW), CONCLAVE_ERROR_REVOKED);
}

/* Full, it forgets the oldest and stays right. */
static void memory_is_bounded(void **state)
{
	struct memo memo = {.count = 0};
	struct p256_public key, other_key;
	struct p256_signature signature;
	(void)state;
	assert_int_equal(p256_public_of(&key, &simulation_pck_secret), CONCLAVE_OK);
	assert_int_equal(p256_public_of(&other_key, &simulation_tcb_secret), CONCLAVE_OK);
	for (uint32_t i = 0; i < MEMO_COUNT + 3; i++) {
		assert_int_equal(
			p256_sign(&signature, &simulation_pck_secret, BYTES_OF(i)), CONCLAVE_OK);
		assert_int_equal(
			memo_p256_verify(&memo, &key, BYTES_OF(i), &signature), CONCLAVE_OK);
		assert_int_equal(memo_p256_verify(&memo, &other_key, BYTES_OF(i), &signature),
			CONCLAVE_ERROR_SIGNATURE);
		const uint32_t other = i + 1;
		assert_int_equal(memo_p256_verify(&memo, &key, BYTES_OF(other), &signature),
			CONCLAVE_ERROR_SIGNATURE);
		signature.bytes[40] ^= 1;
		assert_int_equal(memo_p256_verify(&memo, &key, BYTES_OF(i), &signature),
			CONCLAVE_ERROR_SIGNATURE);
	}
	assert_int_equal(memo.count, MEMO_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(simulation_is_claimed),
		cmocka_unit_test(knowledge_is_as_old_as_its_oldest_part),
		cmocka_unit_test(attributes_are_claimed),
		cmocka_unit_test(td_statuses),
		cmocka_unit_test(advisories_are_united),
		cmocka_unit_test(relaunch),
		cmocka_unit_test(every_lie),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(signed_and_malformed),
		cmocka_unit_test(sgx_with_td_collateral),
		cmocka_unit_test(version_2),
		cmocka_unit_test(too_many_advisories),
		cmocka_unit_test(supplied_chain),
		cmocka_unit_test(padding),
		cmocka_unit_test(forms_of_crls),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(memory),
		cmocka_unit_test(memory_is_bounded),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
