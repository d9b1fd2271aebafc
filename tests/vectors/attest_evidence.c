/* Real evidence of SGX platforms, 2019 to 2026, with the verdicts of Intel's own library where it
 * has one. Not ours: read from the folder of shared vectors, skipped without it. */
#include <dirent.h>

#include "vectors/json.h"

#include "attest/attest.h"
#include "attest/quote.h"
#include "attest/tcb.h"

struct item {
	struct dcap_evidence evidence;
	struct attest_roots roots;
	uint8_t *quote;
	size_t quote_size;
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

/* Fetched quotes are often padded; their own length tells where they end. */
static struct bytes trim_quote(struct bytes quote)
{
	if (quote.len < 436)
		return quote;
	return bytes_slice(quote, 0, 436 + (size_t)load_u32le(quote.ptr + 432));
}

/* What follows the first certificate: leaves come first in every chain seen. */
static struct bytes issuers_of(struct bytes chain)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	const uint8_t *found = memmem(chain.ptr, chain.len, end, sizeof(end) - 1);
	if (found == NULL)
		return (struct bytes){NULL, 0};
	size_t skip = (size_t)(found - chain.ptr) + sizeof(end) - 1;
	return bytes_slice(chain, skip, chain.len - skip);
}

static void load_item(struct item *item, const char *folder)
{
	struct dcap_evidence *evidence = &item->evidence;
	struct quote quote;
	item->used = 0;
	struct bytes loaded = trim_quote(load(item, folder, "quote.bin"));
	item->quote = item->pool;
	item->quote_size = loaded.len;
	*evidence = (struct dcap_evidence){.quote = loaded, .version = BYTES_LIT("3")};
	evidence->pck_crl_issuer_chain = load(item, folder, "pck_crl_chain.pem");
	evidence->root_ca_crl = load(item, folder, "root_ca_crl.der");
	evidence->pck_crl = load(item, folder, "pck_crl.der");
	evidence->tcb_info_issuer_chain = load(item, folder, "tcb_info_chain.pem");
	evidence->tcb_info = load(item, folder, "tcb_info.json");
	evidence->qe_identity_issuer_chain = load(item, folder, "qe_identity_chain.pem");
	evidence->qe_identity = load(item, folder, "qe_identity.json");
	if (evidence->pck_crl_issuer_chain.len == 0 && quote_read(&quote, loaded) == CONCLAVE_OK)
		evidence->pck_crl_issuer_chain = issuers_of(quote.pck_chain);
	item->roots = attest_default_roots;
}

static enum conclave_error verify(struct attest_claims *claims, enum attest_check *failed,
	const struct item *item, int64_t at)
{
	return attest_verify_dcap(claims, failed, &item->evidence, &item->roots, at);
}

static bool lists(const struct attest_claims *claims, struct bytes wanted)
{
	const struct json_view arrays[] = {{claims->platform_advisories}, {claims->qe_advisories}};
	struct json_view element;
	struct bytes id;
	for (size_t i = 0; i < 2; i++)
		for (struct reader ids = json_view_elements(&arrays[i]);
			json_view_next(&element, &ids);)
			if (json_view_text(&id, &element) == CONCLAVE_OK && bytes_equal(id, wanted))
				return true;
	return false;
}

static size_t count_of(struct bytes advisories)
{
	const struct json_view array = {advisories};
	struct json_view element;
	size_t count = 0;
	for (struct reader ids = json_view_elements(&array); json_view_next(&element, &ids);)
		count++;
	return count;
}

/* Both lists together are exactly those wanted; one may be in both. */
static void check_advisories(const struct attest_claims *claims, const json_t *wanted)
{
	const json_t *advisory;
	size_t i;
	json_array_foreach(wanted, i, advisory)
	{
		assert_true(lists(claims,
			bytes_of(json_string_value(advisory), json_string_length(advisory))));
	}
	assert_true(count_of(claims->platform_advisories) <= i);
	assert_true(count_of(claims->qe_advisories) <= i);
	assert_true(count_of(claims->platform_advisories) + count_of(claims->qe_advisories) >= i);
}

static void check_status(const struct attest_claims *claims, const char *wanted)
{
	struct bytes seen = tcb_status_text(claims->tcb_status);
	if (!bytes_equal(seen, bytes_of(wanted, strlen(wanted))))
		fail_msg("status %.*s, wanted %s", (int)seen.len, (const char *)seen.ptr, wanted);
}

static void check_accepted(const struct item *item, const json_t *meta, int64_t at)
{
	const json_t *checked = json_object_get(meta, "checked");
	struct attest_claims claims;
	enum attest_check failed;
	enum conclave_error error = verify(&claims, &failed, item, at);
	if (error != CONCLAVE_OK)
		fail_msg(
			"refused: %s at %s", conclave_error_name(error), attest_check_text(failed));
	check_status(&claims, json_text(checked, "tcb_status"));
	check_advisories(&claims, json_object_get(checked, "advisories"));
	bool is_debug = json_is_true(json_object_get(meta, "debug"));
	assert_int_equal(claims.mode, is_debug ? ATTEST_DEBUG : ATTEST_RELEASE);
	assert_true(!is_debug || claims.level == ATTEST_INSECURE);
	assert_true(claims.timestamp <= at && at <= claims.earliest_expiry);
	assert_int_equal(verify(&claims, &failed, item, claims.earliest_expiry), CONCLAVE_OK);
	assert_int_equal(
		verify(&claims, &failed, item, claims.earliest_expiry + 1), CONCLAVE_ERROR_EXPIRED);
}

/* The offsets that the vector names, where one flipped bit must be refused. */
static void check_flips(struct item *item, const json_t *meta, int64_t at)
{
	const char *name;
	json_t *offset;
	json_object_foreach(json_object_get(meta, "bitflip_spec"), name, offset)
	{
		struct attest_claims claims;
		enum attest_check failed;
		size_t place = (size_t)json_integer_value(offset);
		assert_true(place < item->quote_size);
		item->quote[place] ^= 1;
		if (verify(&claims, &failed, item, at) == CONCLAVE_OK)
			fail_msg("accepted with a bit of %s flipped", name);
		item->quote[place] ^= 1;
	}
}

static size_t accepted, refused;

static void check_item(const char *folder, const char *name)
{
	static struct item item;
	struct attest_claims claims;
	enum attest_check failed;
	json_error_t error;
	char path[8192];
	snprintf(path, sizeof(path), "%s/meta.json", folder);
	json_t *meta = json_load_file(path, 0, &error);
	assert_non_null(meta);
	print_message("%s\n", name);
	load_item(&item, folder);

	int64_t at = json_integer_value(json_object_get(meta, "eval_time_unix"));
	bool is_complete = json_array_size(json_object_get(meta, "missing_collateral")) == 0;
	/* Its PCK certificate came another way, which is not one of ours. */
	if (strcmp(name, "intel-qvl-sample-synthetic") == 0)
		is_complete = false;
	const char *result = json_text(json_object_get(meta, "checked"), "result");
	if (is_complete && strcmp(result, "OK") == 0) {
		check_accepted(&item, meta, at);
		check_flips(&item, meta, at);
		accepted++;
	} else {
		assert_int_not_equal(verify(&claims, &failed, &item, at), CONCLAVE_OK);
		print_message("  refused at %s\n", attest_check_text(failed));
		refused++;
	}
	json_decref(meta);
}

static void every_item(void **state)
{
	char path[4096], folder[4096 + 256 + 2];
	(void)state;
	vectors_path(path, "evidence/sgx");
	DIR *items = opendir(path);
	assert_non_null(items);
	for (struct dirent *entry; (entry = readdir(items)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(folder, sizeof(folder), "%s/%s", path, entry->d_name);
		check_item(folder, entry->d_name);
	}
	closedir(items);
	print_message("%zu accepted, %zu refused\n", accepted, refused);
	assert_true(accepted >= 14 && refused >= 8);
}

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
	struct dcap_evidence *evidence = &item->evidence;
	struct quote quote;
	item->used = 0;
	item->roots = attest_default_roots;
	evidence->version = BYTES_LIT("3");
	evidence->quote = trim_quote(load(item, pool, json_text(row, "quote")));
	assert_int_equal(quote_read(&quote, evidence->quote), CONCLAVE_OK);
	evidence->pck_crl_issuer_chain = issuers_of(quote.pck_chain);
	evidence->root_ca_crl = load(item, pool, json_text(row, "root_crl"));
	evidence->pck_crl = load(item, pool, json_text(row, "pck_crl"));
	evidence->tcb_info = load(item, pool, json_text(row, "tcb_info"));
	evidence->qe_identity = load(item, pool, json_text(row, "qe_identity"));
	evidence->tcb_info_issuer_chain = evidence->qe_identity_issuer_chain =
		load_signing_chain(item, pool, json_integer_value(json_object_get(row, "time")));
}

static void check_row(const char *pool, const json_t *row)
{
	static struct item item;
	struct attest_claims claims;
	enum attest_check failed;
	load_row(&item, pool, row);
	enum conclave_error error =
		verify(&claims, &failed, &item, json_integer_value(json_object_get(row, "time")));
	if (error != CONCLAVE_OK)
		fail_msg("%s with %s: %s at %s", json_text(row, "quote"),
			json_text(row, "tcb_info"), conclave_error_name(error),
			attest_check_text(failed));
	check_status(&claims, json_text(row, "status"));
	check_advisories(&claims, json_object_get(row, "advisories"));
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
		if (strstr(json_text(row, "quote"), "-v3-SGX") != NULL) {
			check_row(pool, row);
			rows++;
		}
		json_decref(row);
	}
	fclose(file);
	assert_true(rows > 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item),
		cmocka_unit_test(every_verdict),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
