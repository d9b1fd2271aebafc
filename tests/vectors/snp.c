/* Real reports of SEV-SNP, Milan to Turin, with the certificates that AMD issued for them. Not
 * ours: read from the folder of shared vectors, skipped without it. */
#include <dirent.h>

#include "vectors/json.h"

#include "attest/pem.h"
#include "attest/snp.h"
#include "base/check.h"

#define FOLDER "evidence/snp"

struct item {
	struct snp_evidence evidence;
	uint8_t report[SNP_REPORT_SIZE];
	uint8_t pool[1 << 15];
	size_t used;
	uint8_t chain[SNP_CHAIN_SIZE_MAX];
};

/* The contents of a file below FOLDER; empty when there is none. */
static struct bytes load(struct item *item, const char *folder, const char *name)
{
	char root[4096], path[8192];
	vectors_path(root, FOLDER);
	snprintf(path, sizeof(path), "%s/%s/%s", root, folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return (struct bytes){NULL, 0};
	uint8_t *place = item->pool + item->used;
	size_t size = fread(place, 1, sizeof(item->pool) - item->used, file);
	item->used += size;
	fclose(file);
	return bytes_of(place, size);
}

static void load_item(struct item *item, const char *folder)
{
	item->used = 0;
	struct bytes report = load(item, folder, "report.bin");
	assert_int_equal(report.len, sizeof(item->report));
	memcpy(item->report, report.ptr, report.len);
	item->evidence = (struct snp_evidence){
		.report = BYTES_OF(item->report), .leaf = load(item, folder, "leaf.der")};
	struct bytes chain = load(item, folder, "chain.pem");
	struct writer space = writer_of((struct buffer){item->chain, sizeof(item->chain)});
	if (chain.len != 0)
		assert_int_equal(snp_read_chain(&item->evidence, &space, chain), CONCLAVE_OK);
}

static enum conclave_error verify(
	struct snp_claims *claims, enum snp_check *failed, const struct item *item, int64_t at)
{
	return snp_verify(claims, failed, NULL, &item->evidence, NULL, at);
}

static void check_hex(const json_t *meta, const char *field, const void *seen, size_t size)
{
	uint8_t wanted[64];
	json_into(wanted, size, meta, field);
	assert_memory_equal(seen, wanted, size);
}

static void check_tcb(const json_t *meta, const char *field, const struct snp_tcb *seen)
{
	uint8_t raw[8];
	store_u64le(raw, seen->raw);
	check_hex(meta, field, raw, sizeof(raw));
}

static uint64_t number(const json_t *object, const char *field)
{
	const json_t *value = json_object_get(object, field);
	if (json_is_string(value))
		return strtoull(json_string_value(value), NULL, 16);
	return (uint64_t)json_integer_value(value);
}

static void check_policy(const struct snp_policy *policy, const json_t *meta)
{
	const json_t *bits = json_object_get(meta, "policy_bits");
	assert_int_equal(policy->raw, number(meta, "policy"));
	assert_int_equal(policy->abi_minor, number(bits, "abi_minor"));
	assert_int_equal(policy->abi_major, number(bits, "abi_major"));
	assert_int_equal(policy->allows_smt, number(bits, "smt"));
	assert_int_equal(policy->allows_migration_agent, number(bits, "migrate_ma"));
	assert_int_equal(policy->allows_debug, number(bits, "debug"));
	assert_int_equal(policy->is_single_socket, number(bits, "single_socket"));
}

static void check_report(const struct snp_report *report, const json_t *meta)
{
	assert_int_equal(report->version, number(meta, "version"));
	assert_int_equal(report->guest_svn, number(meta, "guest_svn"));
	check_policy(&report->policy, meta);
	assert_int_equal(report->vmpl, number(meta, "vmpl"));
	assert_int_equal(report->platform.raw, number(meta, "platform_info"));
	assert_int_equal(report->has_author_key, number(meta, "author_key_en"));
	assert_int_equal(report->is_chip_key_masked, number(meta, "mask_chip_key"));
	assert_int_equal(report->is_vlek, number(meta, "signing_key") == 1);
	check_hex(meta, "report_data", report->report_data, sizeof(report->report_data));
	check_hex(meta, "measurement", report->measurement, sizeof(report->measurement));
	check_hex(meta, "host_data", report->host_data, sizeof(report->host_data));
	check_hex(meta, "id_key_digest", report->id_key_digest, sizeof(report->id_key_digest));
	check_hex(meta, "author_key_digest", report->author_key_digest,
		sizeof(report->author_key_digest));
	check_hex(meta, "chip_id", report->chip_id, sizeof(report->chip_id));
	check_tcb(meta, "current_tcb", &report->current_tcb);
	check_tcb(meta, "reported_tcb", &report->reported_tcb);
	check_tcb(meta, "committed_tcb", &report->committed_tcb);
	check_tcb(meta, "launch_tcb", &report->launch_tcb);
	const uint8_t cpuid[] = {report->family, report->model, report->stepping};
	json_t *wanted = json_object_get(meta, "fms");
	for (size_t i = 0; i < sizeof(cpuid); i++)
		assert_int_equal(
			cpuid[i], strtoull(json_string_value(json_array_get(wanted, i)), NULL, 16));
	assert_int_equal(report->has_mitigations, report->version >= 5);
}

/* What was found out about who signed it. */
static void check_signer(const struct snp_claims *claims, const json_t *meta)
{
	const json_t *checked = json_object_get(meta, "checked");
	const json_t *tcb = json_object_get(checked, "tcb");
	const json_t *leaf = json_object_get(json_object_get(meta, "leaf"), "ext");
	const char *product = snp_product_text(claims->product);
	assert_memory_equal(json_text(checked, "product"), product, strlen(product));
	bool is_vlek = strcmp(json_text(checked, "signer"), "VLEK") == 0;
	assert_int_equal(claims->report.is_vlek, is_vlek);
	assert_int_equal(claims->report.reported_tcb.boot_loader, number(tcb, "bl"));
	assert_int_equal(claims->report.reported_tcb.tee, number(tcb, "tee"));
	assert_int_equal(claims->report.reported_tcb.snp, number(tcb, "snp"));
	assert_int_equal(claims->report.reported_tcb.microcode, number(tcb, "ucode"));
	assert_int_equal(claims->report.reported_tcb.fmc, number(tcb, "fmc"));
	if (is_vlek) {
		const char *csp = json_text(leaf, "csp");
		assert_int_equal(claims->csp_id_size, strlen(csp));
		assert_memory_equal(claims->csp_id, csp, strlen(csp));
	} else {
		struct bytes id = json_bytes(leaf, "hwid");
		assert_memory_equal(claims->hardware_id, id.ptr, id.len);
		assert_int_equal(claims->csp_id_size, 0);
	}
	assert_false(claims->has_crl);
}

static void check_accepted(const struct item *item, const json_t *meta, int64_t at)
{
	struct snp_claims claims;
	enum snp_check failed;
	enum conclave_error error = verify(&claims, &failed, item, at);
	if (error != CONCLAVE_OK)
		fail_msg("refused: %s at %s", conclave_error_name(error), snp_check_text(failed));
	assert_int_equal(failed, SNP_CHECK_NONE);
	check_report(&claims.report, meta);
	check_signer(&claims, meta);
	const int64_t wrong[] = {
		claims.validity.from - 1, claims.validity.until + 1, 0, INT64_MIN, INT64_MAX};
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		assert_int_equal(verify(&claims, &failed, item, wrong[i]), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(failed, SNP_CHECK_CHAIN);
	}
	assert_int_equal(verify(&claims, &failed, item, claims.validity.from), CONCLAVE_OK);
	assert_int_equal(verify(&claims, &failed, item, claims.validity.until), CONCLAVE_OK);
}

/* One bit in every 37 bytes of the report: no field of any size below that is passed over. */
static void check_flips(struct item *item, int64_t at)
{
	static struct memo memo;
	struct snp_claims claims;
	for (size_t i = 0; i < sizeof(item->report); i += 37) {
		item->report[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(
			snp_verify(&claims, NULL, &memo, &item->evidence, NULL, at), CONCLAVE_OK);
		item->report[i] ^= (uint8_t)(1u << i % 8);
	}
}

static json_t *load_meta(struct item *item, const char *folder)
{
	struct bytes text = load(item, folder, "meta.json");
	json_t *meta = json_loadb((const char *)text.ptr, text.len, 0, NULL);
	assert_non_null(meta);
	return meta;
}

/* The result that its meta.json states; whether it is to be accepted. */
static bool check_item(struct item *item, const char *folder)
{
	json_t *meta = load_meta(item, folder);
	const char *result = json_text(json_object_get(meta, "checked"), "result");
	int64_t at = json_integer_value(json_object_get(meta, "eval_time_unix"));
	bool is_good = strcmp(result, "OK") == 0;
	load_item(item, folder);
	vectors_forget();
	if (is_good) {
		check_accepted(item, meta, at);
		check_flips(item, at);
	} else {
		struct snp_claims claims;
		enum snp_check failed;
		assert_string_equal(result, "NO-KEY");
		assert_int_equal(
			verify(&claims, &failed, item, 1700000000), CONCLAVE_ERROR_NOT_FOUND);
		assert_int_equal(failed, SNP_CHECK_LEAF);
	}
	json_decref(meta);
	return is_good;
}

static bool is_item(const struct dirent *entry)
{
	static const char *const others[] = {"_trust", "azure-vtpm", "trustee-milan-negatives"};
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		if (strcmp(entry->d_name, others[i]) == 0)
			return false;
	return entry->d_name[0] != '.';
}

static void items(void **state)
{
	static struct item item;
	char path[4096];
	size_t good = 0, bad = 0;
	(void)state;
	vectors_path(path, FOLDER);
	DIR *folder = opendir(path);
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (!is_item(entry))
			continue;
		print_message("%s\n", entry->d_name);
		if (check_item(&item, entry->d_name))
			good++;
		else
			bad++;
	}
	closedir(folder);
	assert_int_equal(good, 58);
	assert_int_equal(bad, 5);
}

/* -- AMD's own certificates and CRLs -- */

static struct bytes load_certificate(struct item *item, const char *name)
{
	struct bytes der;
	struct reader pem = reader_of(load(item, "_trust", name));
	struct writer space = writer_of(
		(struct buffer){item->pool + item->used, sizeof(item->pool) - item->used});
	assert_int_equal(pem_next(&der, &space, &pem, BYTES_LIT("CERTIFICATE")), CONCLAVE_OK);
	item->used += der.len;
	return der;
}

/* Every certificate of _trust is issued by the ARK of its product, but for the tampered one. */
static void trust(void **state)
{
	static struct item item;
	static const struct {
		const char *root, *name;
		enum conclave_error wanted;
	} rows[] = {
		{"ARK-Milan-10000-69d063b4.pem", "ARK-Milan-10000-69d063b4.pem", CONCLAVE_OK},
		{"ARK-Milan-10000-69d063b4.pem", "SEV-Milan-10001-67d303bd.pem", CONCLAVE_OK},
		{"ARK-Milan-10000-69d063b4.pem", "SEV-VLEK-Milan-10101-c5e081f5.pem", CONCLAVE_OK},
		{"ARK-Milan-10000-69d063b4.pem", "SEV-Milan-10001-TAMPERED-0903a395.pem",
			CONCLAVE_ERROR_SIGNATURE},
		{"ARK-Genoa-20000-4c6598d1.pem", "ARK-Genoa-20000-4c6598d1.pem", CONCLAVE_OK},
		{"ARK-Genoa-20000-4c6598d1.pem", "SEV-Genoa-20001-54467b96.pem", CONCLAVE_OK},
		{"ARK-Genoa-20000-4c6598d1.pem", "SEV-Genoa-20002-5464738c.pem", CONCLAVE_OK},
		{"ARK-Genoa-20000-4c6598d1.pem", "SEV-VLEK-Genoa-20101-197e6107.pem", CONCLAVE_OK},
		{"ARK-Turin-30000-1f084161.pem", "ARK-Turin-30000-1f084161.pem", CONCLAVE_OK},
		{"ARK-Turin-30000-1f084161.pem", "SEV-Turin-30001-5b77ef5f.pem", CONCLAVE_OK},
		{"ARK-Turin-30000-1f084161.pem", "SEV-VLEK-Turin-30101-104e10a8.pem", CONCLAVE_OK},
		{"ARK-Milan-10000-69d063b4.pem", "SEV-Turin-30001-5b77ef5f.pem",
			CONCLAVE_ERROR_MISMATCH},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct x509_certificate root, certificate;
		item.used = 0;
		assert_int_equal(
			x509_read(&root, load_certificate(&item, rows[i].root)), CONCLAVE_OK);
		assert_int_equal(x509_read(&certificate, load_certificate(&item, rows[i].name)),
			CONCLAVE_OK);
		assert_int_equal(x509_verify(&certificate, &root), rows[i].wanted);
	}
}

/* A report of its time with the certificates and the CRL of AMD's that a row names. */
static void revocation(void **state)
{
	static struct item item;
	static const struct {
		const char *item, *intermediate, *crl;
		int64_t at;
		enum conclave_error wanted;
		enum snp_check failed;
	} rows[] = {
		{"google-milan-2022", NULL, "crl-ARK-Milan-2022-05-09.der", 1664153728, CONCLAVE_OK,
			SNP_CHECK_NONE},
		/* After the CRL's nextUpdate, 2023-05-09T23:00:00Z. */
		{"google-milan-2022", NULL, "crl-ARK-Milan-2022-05-09.der", 1683673201,
			CONCLAVE_ERROR_EXPIRED, SNP_CHECK_CRL},
		{"google-milan-2022", NULL, "crl-ARK-Genoa-2022-10-31.der", 1664153728,
			CONCLAVE_ERROR_MISMATCH, SNP_CHECK_CRL},
		{"google-milan-2022", "SEV-Milan-10001-TAMPERED-0903a395.pem", "", 1664153728,
			CONCLAVE_ERROR_SIGNATURE, SNP_CHECK_CHAIN},
		{"google-milan-2022", "SEV-VLEK-Milan-10101-c5e081f5.pem", "", 1664153728,
			CONCLAVE_ERROR_MISMATCH, SNP_CHECK_CHAIN},
		/* Not on the list, which was of another year. */
		{"ms-tav-genoa-v3", NULL, "crl-ARK-Genoa-2022-10-31.der", 1770429907,
			CONCLAVE_ERROR_EXPIRED, SNP_CHECK_CRL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct snp_claims claims;
		enum snp_check failed;
		load_item(&item, rows[i].item);
		item.evidence.crl = load(&item, "_trust", rows[i].crl);
		if (rows[i].intermediate != NULL)
			item.evidence.intermediate = load_certificate(&item, rows[i].intermediate);
		assert_int_equal(verify(&claims, &failed, &item, rows[i].at), rows[i].wanted);
		assert_int_equal(failed, rows[i].failed);
		if (failed == SNP_CHECK_NONE) {
			assert_true(claims.has_crl);
			assert_int_equal(claims.crl_this_update, 1652116065);
			assert_int_equal(claims.crl_next_update, 1683673200);
		}
	}
}

/* AMD's CRL of 2022 revokes the first of Genoa's ASKs and no other. */
static void revoked_ask(void **state)
{
	static struct item item;
	static const struct {
		const char *name;
		bool is_revoked;
	} rows[] = {
		{"SEV-Genoa-20001-54467b96.pem", true},
		{"SEV-Genoa-20002-5464738c.pem", false},
		{"SEV-VLEK-Genoa-20101-197e6107.pem", false},
	};
	struct x509_certificate certificate;
	struct crl crl;
	(void)state;
	item.used = 0;
	assert_int_equal(
		crl_read(&crl, load(&item, "_trust", "crl-ARK-Genoa-2022-10-31.der")), CONCLAVE_OK);
	assert_int_equal(
		x509_read(&certificate, load_certificate(&item, "ARK-Genoa-20000-4c6598d1.pem")),
		CONCLAVE_OK);
	assert_int_equal(crl_verify(&crl, &certificate), CONCLAVE_OK);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(x509_read(&certificate, load_certificate(&item, rows[i].name)),
			CONCLAVE_OK);
		assert_int_equal(crl_lists(&crl, certificate.serial), rows[i].is_revoked);
	}
}

/* Trustee's negatives: chips' certificates that AMD never issued. */
static void negatives(void **state)
{
	static struct item item;
	static const struct {
		const char *leaf, *report;
		enum conclave_error wanted;
	} rows[] = {
		{"test-vcek.der", "test-report.bin", CONCLAVE_OK},
		{"test-vcek-invalid-legacy.der", "test-report.bin", CONCLAVE_ERROR_SIGNATURE},
		{"test-vcek-invalid-new.der", "test-report.bin", CONCLAVE_ERROR_SIGNATURE},
		{"test-vlek.der", "test-report.bin", CONCLAVE_ERROR_MISMATCH},
		{"test-vcek.der", "test-vlek-report.bin", CONCLAVE_ERROR_MISMATCH},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct snp_claims claims;
		load_item(&item, "google-milan-2022");
		item.evidence.leaf = load(&item, "trustee-milan-negatives", rows[i].leaf);
		item.evidence.report = load(&item, "trustee-milan-negatives", rows[i].report);
		assert_int_equal(verify(&claims, NULL, &item, 1683235339), rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items),
		cmocka_unit_test(trust),
		cmocka_unit_test(revocation),
		cmocka_unit_test(revoked_ask),
		cmocka_unit_test(negatives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
