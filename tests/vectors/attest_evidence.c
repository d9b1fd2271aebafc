/* Real evidence of SGX and TDX platforms, 2019 to 2026, with the verdicts of Intel's own library
 * where it has one. Not ours: read from the folder of shared vectors, skipped without it. */
#include <dirent.h>

#include "vectors/json.h"

#include "attest/calendar.h"
#include "attest/dcap.h"
#include "base/check.h"

struct item {
	uint8_t *quote;
	size_t quote_size;
	struct quote_collateral collateral;
	struct attest_roots roots;
	struct p256_public own_root; /* of items made by their own root */
	uint8_t pool[1 << 17];
	size_t used;
};

/* The contents of a file; empty when there is none. */
static struct bytes load(struct item *item, const char *folder, const char *name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return (struct bytes){NULL, 0};
	uint8_t *place = item->pool + item->used;
	size_t size = fread(place, 1, sizeof(item->pool) - item->used, file);
	item->used += size;
	fclose(file);
	return bytes_of(place, size);
}

/* Two of Intel's own samples chain to a root of their own, with Intel's names. */
static void trust_own_root(struct item *item)
{
	static struct chain chain;
	assert_int_equal(chain_read(&chain, item->collateral.pck_chain, 3), CONCLAVE_OK);
	item->own_root = chain_root(&chain)->key.p256;
	item->roots = (struct attest_roots){.dcap = &item->own_root};
}

static void load_item(struct item *item, const char *folder, const char *name)
{
	item->used = 0;
	const struct bytes quote = load(item, folder, "quote.bin");
	item->quote = item->pool;
	item->quote_size = quote.len;
	item->roots = attest_default_roots;
	item->collateral = (struct quote_collateral){
		.pck_crl_issuer_chain = load(item, folder, "pck_crl_chain.pem"),
		.root_ca_crl = load(item, folder, "root_ca_crl.der"),
		.pck_crl = load(item, folder, "pck_crl.der"),
		.tcb_info_issuer_chain = load(item, folder, "tcb_info_chain.pem"),
		.tcb_info = load(item, folder, "tcb_info.json"),
		.qe_identity_issuer_chain = load(item, folder, "qe_identity_chain.pem"),
		.qe_identity = load(item, folder, "qe_identity.json"),
	};
	if (strcmp(name, "intel-qvl-sample-synthetic") == 0) {
		item->collateral.pck_chain = load(item, folder, "pck_chain.pem");
		trust_own_root(item);
	}
}

static enum conclave_error verify(
	struct quote_claims *claims, enum attest_check *failed, const struct item *item, int64_t at)
{
	return quote_verify(claims, failed, NULL, bytes_of(item->quote, item->quote_size),
		&item->collateral, &item->roots, at);
}

/* Fetched quotes lie in larger buffers. Zeros may follow; some have something else there.
 */
static void check_padding(struct item *item, const json_t *meta)
{
	struct quote quote;
	size_t size =
		(size_t)json_integer_value(json_object_get(meta, "quote_len_without_trailing"));
	if (size == 0) /* the one that nobody could parse: version 3 */
		size = 436 + (size_t)load_u32le(item->quote + 432);
	struct bytes whole = bytes_of(item->quote, item->quote_size);
	struct bytes padding = bytes_slice(whole, size, whole.len);
	bool is_zero = true;
	if (size == whole.len)
		return;
	for (size_t i = 0; i < padding.len; i++)
		is_zero = is_zero && padding.ptr[i] == 0;
	assert_int_equal(quote_read(&quote, whole), CONCLAVE_ERROR_TRAILING);
	assert_int_equal(
		quote_read_padded(&quote, whole), is_zero ? CONCLAVE_OK : CONCLAVE_ERROR_TRAILING);
	if (!is_zero)
		item->quote_size = size;
}

/* -- what meta.json states -- */

static void check_status(enum attest_tcb_status status, const char *wanted)
{
	struct bytes seen = tcb_status_text(status);
	if (!bytes_equal(seen, bytes_of(wanted, strlen(wanted))))
		fail_msg("status %.*s, wanted %s", (int)seen.len, (const char *)seen.ptr, wanted);
}

static void check_advisories(const struct quote_advisories *seen, const json_t *wanted)
{
	assert_int_equal(seen->count, json_array_size(wanted));
	for (size_t i = 0; i < seen->count; i++) {
		const json_t *advisory;
		bool is_wanted = false;
		size_t j;
		json_array_foreach(wanted, j, advisory)
		{
			is_wanted = is_wanted || bytes_equal(seen->ids[i],
							 bytes_of(json_string_value(advisory),
								 json_string_length(advisory)));
		}
		assert_true(is_wanted);
	}
}

static void check_field(const json_t *object, const char *name, const void *seen, size_t size)
{
	struct bytes wanted = json_bytes(object, name);
	if (!bytes_equal(bytes_of(seen, size), wanted))
		fail_msg("%s differs", name);
	vectors_forget();
}

#define CHECK(object, name, seen) check_field(object, name, &(seen), sizeof(seen))

static void check_number(const json_t *object, const char *name, uint32_t seen)
{
	if (json_integer_value(json_object_get(object, name)) != seen)
		fail_msg("%s differs", name);
}

static void check_enclave(const json_t *body, const struct sgx_report_body *report)
{
	CHECK(body, "cpusvn", report->cpusvn);
	CHECK(body, "miscselect", report->miscselect);
	CHECK(body, "attributes", report->attributes);
	CHECK(body, "mrenclave", report->mrenclave);
	CHECK(body, "mrsigner", report->mrsigner);
	check_number(body, "isvprodid", report->isvprodid);
	check_number(body, "isvsvn", report->isvsvn);
	CHECK(body, "reportdata", report->reportdata);
}

static void check_td(const json_t *body, const struct tdx_report_body *report, bool is_15)
{
	static const uint8_t zeros[48];
	CHECK(body, "teetcbsvn", report->tee_tcb_svn);
	CHECK(body, "mrseam", report->mrseam);
	CHECK(body, "mrsignerseam", report->mrsignerseam);
	CHECK(body, "seamattributes", report->seamattributes);
	CHECK(body, "tdattributes", report->tdattributes);
	CHECK(body, "xfam", report->xfam);
	CHECK(body, "mrtd", report->mrtd);
	CHECK(body, "mrconfigid", report->mrconfigid);
	CHECK(body, "mrowner", report->mrowner);
	CHECK(body, "mrownerconfig", report->mrownerconfig);
	CHECK(body, "rtmr0", report->rtmr[0]);
	CHECK(body, "rtmr1", report->rtmr[1]);
	CHECK(body, "rtmr2", report->rtmr[2]);
	CHECK(body, "rtmr3", report->rtmr[3]);
	CHECK(body, "reportdata", report->reportdata);
	if (is_15) {
		CHECK(body, "teetcbsvn2", report->tee_tcb_svn2);
		CHECK(body, "mrservicetd", report->mrservicetd);
		return;
	}
	assert_memory_equal(report->tee_tcb_svn2, zeros, 16);
	assert_memory_equal(report->mrservicetd, zeros, 48);
}

static void check_platform(const json_t *meta, const struct quote_claims *claims)
{
	const json_t *pck = json_object_get(meta, "pck"), *qe = json_object_get(meta, "qe");
	CHECK(meta, "fmspc", claims->platform.fmspc);
	CHECK(pck, "cpusvn", claims->platform.cpusvn);
	CHECK(pck, "comps", claims->platform.components);
	check_number(pck, "pcesvn", claims->platform.pcesvn);
	CHECK(pck, "pceid", claims->platform.pceid);
	bool is_platform = strstr(json_text(pck, "issuer_cn"), "Platform") != NULL;
	assert_int_equal(claims->is_platform_ca, is_platform);
	assert_int_equal(claims->platform.has_instance_id, is_platform);
	assert_int_equal(claims->platform.has_smt != PCK_UNKNOWN, is_platform);
	CHECK(qe, "mrsigner", claims->qe_report.mrsigner);
	check_number(qe, "isvprodid", claims->qe_report.isvprodid);
	check_number(qe, "isvsvn", claims->qe_report.isvsvn);
}

static void check_claims(const json_t *meta, const struct quote_claims *claims, int64_t at)
{
	const json_t *checked = json_object_get(meta, "checked"),
		     *detail = json_object_get(checked, "detail"),
		     *body = json_object_get(meta, "body");
	check_status(claims->tcb_status, json_text(checked, "tcb_status"));
	check_status(claims->platform_level.status, json_text(detail, "platform"));
	check_status(claims->qe_level.status, json_text(detail, "qe"));
	assert_int_equal(claims->has_module_level, json_object_get(detail, "module") != NULL);
	if (claims->has_module_level)
		check_status(claims->module_level.status, json_text(detail, "module"));
	check_advisories(&claims->advisories, json_object_get(checked, "advisories"));
	if (claims->body == QUOTE_BODY_SGX)
		check_enclave(body, &claims->report);
	else
		check_td(body, &claims->td_report, claims->body == QUOTE_BODY_TD15);
	check_platform(meta, claims);
	assert_int_equal(claims->is_debug, json_is_true(json_object_get(meta, "debug")));
	assert_false(claims->is_simulation);
	assert_true(claims->validity.from <= at && at <= claims->validity.until);
	assert_true(claims->earliest_issue <= claims->latest_issue && claims->latest_issue <= at);
	assert_true(claims->tcb_date <= claims->latest_level_date);
}

/* -- and what must not be accepted -- */

/* The checks of parts that are valid for a time. */
static bool has_period(enum attest_check check)
{
	static const enum attest_check checks[] = {ATTEST_CHECK_PCK_CHAIN,
		ATTEST_CHECK_PCK_CRL_CHAIN, ATTEST_CHECK_TCB_INFO_CHAIN,
		ATTEST_CHECK_QE_IDENTITY_CHAIN, ATTEST_CHECK_ROOT_CRL, ATTEST_CHECK_PCK_CRL,
		ATTEST_CHECK_TCB_INFO, ATTEST_CHECK_QE_IDENTITY};
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++)
		if (checks[i] == check)
			return true;
	return false;
}

static void check_times(const struct item *item, const json_t *meta)
{
	struct quote_claims claims;
	enum attest_check failed;
	const json_t *row;
	size_t i;
	json_array_foreach(json_object_get(meta, "time_cases"), i, row)
	{
		const char *text = json_text(row, "time");
		int64_t at;
		assert_int_equal(calendar_parse(&at, bytes_of(text, strlen(text))), CONCLAVE_OK);
		enum conclave_error error = verify(&claims, &failed, item, at);
		if (strcmp(json_text(row, "expect"), "ok") == 0) {
			assert_int_equal(error, CONCLAVE_OK);
			check_status(claims.tcb_status, json_text(row, "tcb_status"));
		} else {
			assert_int_equal(error, CONCLAVE_ERROR_EXPIRED);
			assert_true(has_period(failed));
		}
	}
}

/* Exactly the window that the claims state. */
static void check_window(const struct item *item, const struct window *window)
{
	struct quote_claims claims;
	enum attest_check failed;
	const int64_t good[] = {window->from, window->until},
		      bad[] = {window->from - 1, window->until + 1};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(verify(&claims, &failed, item, good[i]), CONCLAVE_OK);
		assert_int_equal(verify(&claims, &failed, item, bad[i]), CONCLAVE_ERROR_EXPIRED);
		assert_true(has_period(failed));
	}
}

/* The offsets that the vector names, where one flipped bit must be refused. */
static void check_flips(struct item *item, const json_t *meta, int64_t at)
{
	const char *name;
	json_t *offset;
	json_object_foreach(json_object_get(meta, "bitflip_spec"), name, offset)
	{
		struct quote_claims claims;
		enum attest_check failed;
		size_t place = (size_t)json_integer_value(offset);
		assert_true(place < item->quote_size);
		item->quote[place] ^= 1;
		enum conclave_error error = verify(&claims, &failed, item, at);
		if (error == CONCLAVE_OK || error == CONCLAVE_ERROR_EXPIRED ||
			failed == ATTEST_CHECK_TCB_LEVEL)
			fail_msg("not refused for a bit of %s flipped", name);
		item->quote[place] ^= 1;
	}
}

static void check_refused(
	const struct item *item, int64_t at, enum conclave_error wanted, enum attest_check check)
{
	struct quote_claims claims;
	enum attest_check failed;
	enum conclave_error error = verify(&claims, &failed, item, at);
	if (error != wanted || failed != check)
		fail_msg("%s at %s", conclave_error_name(error), attest_check_text(failed));
}

/* Every part of the collateral, and the check that misses it. */
static const struct {
	size_t place;
	enum attest_check check;
} parts[] = {
	{offsetof(struct quote_collateral, tcb_info_issuer_chain), ATTEST_CHECK_TCB_INFO_CHAIN},
	{offsetof(struct quote_collateral, qe_identity_issuer_chain),
		ATTEST_CHECK_QE_IDENTITY_CHAIN},
	{offsetof(struct quote_collateral, root_ca_crl), ATTEST_CHECK_ROOT_CRL},
	{offsetof(struct quote_collateral, pck_crl), ATTEST_CHECK_PCK_CRL},
	{offsetof(struct quote_collateral, tcb_info), ATTEST_CHECK_TCB_INFO_SIGNATURE},
	{offsetof(struct quote_collateral, qe_identity), ATTEST_CHECK_QE_IDENTITY_SIGNATURE},
};

static struct bytes *part_of(struct item *item, size_t i)
{
	return (struct bytes *)(void *)((uint8_t *)&item->collateral + parts[i].place);
}

static void check_missing_parts(struct item *item, int64_t at)
{
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		const struct bytes kept = *part_of(item, i);
		part_of(item, i)->len = 0;
		check_refused(item, at, CONCLAVE_ERROR_NOT_FOUND, parts[i].check);
		*part_of(item, i) = kept;
	}
}

/* Items that lack collateral fail with the name of the first part that is missing. */
static bool check_incomplete(struct item *item, int64_t at)
{
	size_t i = 0;
	while (i < ARRAY_COUNT(parts) && part_of(item, i)->len > 0)
		i++;
	if (i == ARRAY_COUNT(parts))
		return false;
	check_refused(item, at, CONCLAVE_ERROR_NOT_FOUND, parts[i].check);
	return true;
}

/* Items that are wrong in themselves. */
static const struct {
	const char *name;
	enum conclave_error error;
	enum attest_check check;
} wrong[] = {
	{"fortanix-dcap-ql-rawtcb-certtype3", CONCLAVE_ERROR_NOT_FOUND,
		ATTEST_CHECK_CERTIFICATION_DATA},
	{"oasis-v3-eppid-certtype3", CONCLAVE_ERROR_NOT_FOUND, ATTEST_CHECK_CERTIFICATION_DATA},
	{"oe-cert-ec-bad", CONCLAVE_ERROR_MISMATCH, ATTEST_CHECK_PCK_CHAIN},
	{"oe-cert-rsa-bad", CONCLAVE_ERROR_UNTRUSTED, ATTEST_CHECK_ROOT},
	{"oe-report-bad", CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_PCK_CHAIN},
	{"r3-dcap-icelake", CONCLAVE_ERROR_EXPIRED, ATTEST_CHECK_TCB_INFO},
	{"ravl-oe-coffelake", CONCLAVE_ERROR_EXPIRED, ATTEST_CHECK_TCB_INFO},
	{"synthetic-root-v4-trustee", CONCLAVE_ERROR_UNTRUSTED, ATTEST_CHECK_ROOT},
	{"synthetic-root-v5-google", CONCLAVE_ERROR_UNTRUSTED, ATTEST_CHECK_ROOT},
};

static bool check_wrong(const struct item *item, const char *name, int64_t at)
{
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (strcmp(name, wrong[i].name) == 0) {
			check_refused(item, at, wrong[i].error, wrong[i].check);
			return true;
		}
	return false;
}

static void check_accepted(struct item *item, const json_t *meta, int64_t at)
{
	struct quote_claims claims;
	enum attest_check failed;
	enum conclave_error error = verify(&claims, &failed, item, at);
	if (error != CONCLAVE_OK)
		fail_msg(
			"refused: %s at %s", conclave_error_name(error), attest_check_text(failed));
	check_claims(meta, &claims, at);
	check_times(item, meta);
	check_window(item, &claims.validity);
	check_missing_parts(item, at);
}

static size_t accepted, refused;

static void check_item(const char *folder, const char *family, const char *name)
{
	static struct item item;
	json_error_t error;
	char path[8192];
	snprintf(path, sizeof(path), "%s/meta.json", folder);
	json_t *meta = json_load_file(path, 0, &error);
	assert_non_null(meta);
	print_message("%s/%s\n", family, name);
	load_item(&item, folder, name);
	check_padding(&item, meta);

	const json_t *checked = json_object_get(meta, "checked");
	int64_t at = json_integer_value(json_object_get(meta, "eval_time_unix"));
	refused++;
	if (check_wrong(&item, name, at) || check_incomplete(&item, at)) {
		;
	} else if (strcmp(name, "intel-qvl-sample-synthetic") == 0 && family[0] == 't') {
		/* Random component SVNs, most above 255, of which Intel's parser keeps a byte. */
		check_refused(&item, at, CONCLAVE_ERROR_FORMAT, ATTEST_CHECK_TCB_INFO);
	} else if (strcmp(json_text(checked, "tcb_status"), "NotSupported") == 0) {
		check_refused(&item, at, CONCLAVE_ERROR_TCB, ATTEST_CHECK_TCB_LEVEL);
		check_flips(&item, meta, at);
	} else {
		check_accepted(&item, meta, at);
		check_flips(&item, meta, at);
		refused--;
		accepted++;
	}
	json_decref(meta);
}

static void check_family(const char *family)
{
	char name[64], path[4096], folder[4096 + 256 + 2];
	snprintf(name, sizeof(name), "evidence/%s", family);
	vectors_path(path, name);
	DIR *items = opendir(path);
	assert_non_null(items);
	accepted = refused = 0;
	for (struct dirent *entry; (entry = readdir(items)) != NULL;) {
		/* The last: evidence of another form around a quote. */
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "azure-vtpm") == 0)
			continue;
		snprintf(folder, sizeof(folder), "%s/%s", path, entry->d_name);
		check_item(folder, family, entry->d_name);
	}
	closedir(items);
	print_message("%s: %zu accepted, %zu refused\n", family, accepted, refused);
}

static void every_sgx_item(void **state)
{
	(void)state;
	check_family("sgx");
	assert_true(accepted >= 16 && refused >= 10);
}

static void every_tdx_item(void **state)
{
	(void)state;
	check_family("tdx");
	assert_true(accepted >= 24 && refused >= 10);
}

/* -- the pool -- */

/* The signing chain that was in use at a time. */
static struct bytes load_signing_chain(struct item *item, const char *pool, int64_t at)
{
	char folder[4200];
	snprintf(folder, sizeof(folder), "%s/certs", pool);
	bool is_old = at < 1747822210; /* 2025-05-21 */
	struct bytes signer = load(item, folder,
		is_old ? "Intel_SGX_TCB_Signing-2018-05-21-2025-05-21-ec37d981.pem"
		       : "Intel_SGX_TCB_Signing-2025-05-06-2032-05-06-c0575e76.pem");
	struct bytes root =
		load(item, folder, "Intel_SGX_Root_CA-2018-05-21-2049-12-31-44a0196b.pem");
	return bytes_of(signer.ptr, signer.len + root.len);
}

static void load_row(struct item *item, const char *pool, const json_t *row)
{
	struct quote_collateral *collateral = &item->collateral;
	item->used = 0;
	item->roots = attest_default_roots;
	*collateral = (struct quote_collateral){.pck_chain = {NULL, 0}};
	item->quote = item->pool;
	item->quote_size = load(item, pool, json_text(row, "quote")).len;
	collateral->root_ca_crl = load(item, pool, json_text(row, "root_crl"));
	collateral->pck_crl = load(item, pool, json_text(row, "pck_crl"));
	collateral->tcb_info = load(item, pool, json_text(row, "tcb_info"));
	collateral->qe_identity = load(item, pool, json_text(row, "qe_identity"));
	collateral->tcb_info_issuer_chain = collateral->qe_identity_issuer_chain =
		load_signing_chain(item, pool, json_integer_value(json_object_get(row, "time")));
}

/* One memory for all rows: what it knows must change no verdict. */
static struct memo memo;

static void check_row(const char *pool, const json_t *row)
{
	static struct item item;
	static struct quote_claims claims, remembered;
	enum attest_check failed;
	int64_t at = json_integer_value(json_object_get(row, "time"));
	load_row(&item, pool, row);
	enum conclave_error error = verify(&claims, &failed, &item, at);
	assert_int_equal(
		quote_verify(&remembered, NULL, &memo, bytes_of(item.quote, item.quote_size),
			&item.collateral, &item.roots, at),
		error);
	if (strcmp(json_text(row, "status"), "NotSupported") == 0) {
		assert_int_equal(error, CONCLAVE_ERROR_TCB);
		assert_int_equal(failed, ATTEST_CHECK_TCB_LEVEL);
		return;
	}
	if (error != CONCLAVE_OK)
		fail_msg("%s with %s: %s at %s", json_text(row, "quote"),
			json_text(row, "tcb_info"), conclave_error_name(error),
			attest_check_text(failed));
	assert_memory_equal(&claims, &remembered, sizeof(claims));
	check_status(claims.tcb_status, json_text(row, "status"));
	check_advisories(&claims.advisories, json_object_get(row, "advisories"));
}

/* Quotes and collateral in many combinations: each row says what Intel's library thinks of one. */
static void every_verdict(void **state)
{
	char path[4096], pool[4096], line[4096];
	size_t rows = 0;
	(void)state;
	vectors_path(path, "evidence/pool/verdicts.jsonl");
	vectors_path(pool, "evidence/pool");
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		json_t *row = json_loads(line, 0, NULL);
		assert_non_null(row);
		check_row(pool, row);
		rows++;
		json_decref(row);
	}
	fclose(file);
	assert_int_equal(rows, 549);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sgx_item),
		cmocka_unit_test(every_tdx_item),
		cmocka_unit_test(every_verdict),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
