/* Real collateral, 2019 to 2026, served as Intel's and AMD's services do at the time it was valid.
 * Not ours: read from the folder of shared vectors, skipped without it. */
#include <ctype.h>
#include <dirent.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "vectors/json.h"

#include "base/check.h"
#include "cli/cli.h"
#include "cli/refresh.h"
#include "collateral/check.h"
#include "collateral_world.h"
#include "os/file.h"

/* Files of one item; freed together. */
struct files {
	char folder[4096];
	struct buffer loaded[16];
	size_t count;
};

static void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		file_free(&files->loaded[i]);
	files->count = 0;
}

static struct bytes load(struct files *files, const char *name)
{
	char path[8192];
	assert_true(files->count < ARRAY_COUNT(files->loaded));
	struct buffer *buffer = &files->loaded[files->count];
	(void)snprintf(path, sizeof(path), "%s/%s", files->folder, name);
	if (file_read(buffer, path, 1 << 20, NULL) != CONCLAVE_OK)
		return (struct bytes){NULL, 0};
	files->count++;
	return bytes_of(buffer->ptr, buffer->len);
}

static void open_files(struct files *files, const char *family, const char *name)
{
	char root[4096];
	vectors_path(root, "evidence");
	files->count = 0;
	assert_true((size_t)snprintf(files->folder, sizeof(files->folder), "%.3000s/%s/%s", root,
			    family, name) < sizeof(files->folder));
}

/* A world without forged answers, a cache of its own for each item. */
static void begin(struct world *world, const char *name)
{
	collateral_close(world->collateral);
	(void)snprintf(world->cache, sizeof(world->cache), "%s/%.30s", world->folder, name);
	world->service.answer_count = 0;
	world->options.roots = NULL;
	world_open(world);
}

/* -- Intel -- */

struct evidence {
	struct bytes quote, pck_crl, pck_crl_chain, root_crl, tcb_info, tcb_info_chain, qe_identity,
		qe_identity_chain;
};

static bool load_evidence(struct evidence *out, struct files *files)
{
	*out = (struct evidence){
		.quote = load(files, "quote.bin"),
		.pck_crl = load(files, "pck_crl.der"),
		.pck_crl_chain = load(files, "pck_crl_chain.pem"),
		.root_crl = load(files, "root_ca_crl.der"),
		.tcb_info = load(files, "tcb_info.json"),
		.tcb_info_chain = load(files, "tcb_info_chain.pem"),
		.qe_identity = load(files, "qe_identity.json"),
		.qe_identity_chain = load(files, "qe_identity_chain.pem"),
	};
	return files->count == 1 + 8; /* meta.json came before */
}

static void serve(struct world *world, const char *path, const char *chain_name, struct bytes chain,
	struct bytes body)
{
	struct service_answer *answer = service_answer(&world->service, path);
	answer->body = body;
	if (chain_name != NULL)
		service_chain(answer, chain_name, chain);
}

static void serve_evidence(
	struct world *world, const struct evidence *evidence, const char *tee, const json_t *meta)
{
	char path[256], fmspc[13] = "";
	const char *ca =
		json_string_value(json_object_get(json_object_get(meta, "pck"), "issuer_cn"));
	(void)snprintf(fmspc, sizeof(fmspc), "%s", json_text(meta, "fmspc"));
	for (char *c = fmspc; *c != '\0'; c++)
		*c = (char)toupper(*c);
	(void)snprintf(path, sizeof(path), "/sgx/certification/v4/pckcrl?ca=%s&encoding=der",
		strstr(ca, "Platform") != NULL ? "platform" : "processor");
	serve(world, path, "SGX-PCK-CRL-Issuer-Chain", evidence->pck_crl_chain, evidence->pck_crl);
	serve(world, SERVICE_ROOT_CRL, NULL, (struct bytes){0}, evidence->root_crl);
	(void)snprintf(path, sizeof(path), "/%s/certification/v4/tcb?fmspc=%s", tee, fmspc);
	serve(world, path, "TCB-Info-Issuer-Chain", evidence->tcb_info_chain, evidence->tcb_info);
	(void)snprintf(path, sizeof(path), "/%s/certification/v4/qe/identity", tee);
	serve(world, path, "SGX-Enclave-Identity-Issuer-Chain", evidence->qe_identity_chain,
		evidence->qe_identity);
}

/* The names of others' roots are in their items' names. */
static bool is_genuine(const json_t *meta, const char *name)
{
	const json_t *checked = json_object_get(meta, "checked");
	const char *result = json_string_value(json_object_get(checked, "result"));
	return result != NULL && strcmp(result, "OK") == 0 && strstr(name, "synthetic") == NULL;
}

static void check_parts(
	const struct quote_collateral *parts, const struct evidence *evidence, const char *name)
{
	if (!bytes_equal(parts->tcb_info, evidence->tcb_info) ||
		!bytes_equal(parts->qe_identity, evidence->qe_identity) ||
		parts->root_ca_crl.len > evidence->root_crl.len ||
		parts->pck_crl_issuer_chain.len == 0)
		fail_msg("%s: the parts are not those served", name);
}

/* Whether the item was complete and genuine, so that something was tested. */
static bool check_intel_item(struct world *world, const char *tee, const char *name)
{
	CLEANUP(files_free) struct files files;
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	struct evidence evidence;
	open_files(&files, tee, name);
	struct bytes text = load(&files, "meta.json");
	json_t *meta = json_loadb((const char *)text.ptr, text.len, 0, NULL);
	bool is_tested = is_genuine(meta, name) && load_evidence(&evidence, &files) && text.len > 0;
	if (is_tested) {
		int64_t at = json_integer_value(json_object_get(meta, "eval_time_unix"));
		begin(world, name);
		serve_evidence(world, &evidence, tee, meta);
		world->note_count = 0;
		enum conclave_error error = collateral_of_quote(
			&found, world->collateral, evidence.quote, at, &world->report);
		if (error != CONCLAVE_OK)
			fail_msg("%s: %s", name, world->report.text);
		world_all_are(world, COLLATERAL_RENEWED);
		check_parts(&found.parts, &evidence, name);
	}
	json_decref(meta);
	return is_tested;
}

static unsigned check_intel_items(struct world *world, const char *tee)
{
	char path[4096], name[64];
	unsigned tested = 0;
	vectors_path(path, "evidence");
	(void)snprintf(name, sizeof(name), "evidence/%s", tee);
	vectors_path(path, name);
	DIR *folder = opendir(path);
	assert_non_null(folder);
	for (const struct dirent *item; (item = readdir(folder)) != NULL;)
		if (item->d_name[0] != '.')
			tested += check_intel_item(world, tee, item->d_name);
	closedir(folder);
	return tested;
}

static void sgx(void **state)
{
	assert_true(check_intel_items(*state, "sgx") >= 12);
}

static void tdx(void **state)
{
	assert_true(check_intel_items(*state, "tdx") >= 20);
}

/* Certification data that is no chain names no platform. */
static void encrypted_ppid(void **state)
{
	struct world *world = *state;
	CLEANUP(files_free) struct files files;
	struct collateral_quote found;
	open_files(&files, "sgx", "oasis-v3-eppid-certtype3");
	assert_int_equal(collateral_of_quote(&found, world->collateral, load(&files, "quote.bin"),
				 FORGE_NOW, &world->report),
		CONCLAVE_ERROR_UNSUPPORTED);
	assert_int_equal(world->service.requests, 0);
}

/* -- the verb, at the time of the evidence -- */

time_t __wrap_time(time_t *out);

static int64_t present;

time_t __wrap_time(time_t *out)
{
	(void)out;
	return (time_t)present;
}

/* conclave attestation refresh -o PARTS, a folder of the world's. */
static int refresh(
	struct world *world, const struct files *evidence, const char *name, char parts[256])
{
	char file[8192];
	(void)snprintf(file, sizeof(file), "%s/%s", evidence->folder, name);
	(void)snprintf(parts, 256, "%s/parts", world->folder);
	char words[][12] = {
		"refresh", "--pcs-url", "--kds-url", "--cache", "--product", "milan", "-o"};
	char *argv[] = {words[0], words[1], world->service.url, words[2], world->service.url,
		words[3], world->cache, words[4], words[5], words[6], parts, file, NULL};
	optind = 1;
	return refresh_run((int)ARRAY_COUNT(argv) - 1, argv);
}

static void check_written(const char *parts, const char *name, struct bytes wanted)
{
	char path[512];
	CLEANUP(file_free) struct buffer seen = {0};
	(void)snprintf(path, sizeof(path), "%s/%s", parts, name);
	assert_int_equal(file_read(&seen, path, 1 << 20, NULL), CONCLAVE_OK);
	assert_true(bytes_equal(bytes_of(seen.ptr, seen.len), wanted));
}

static void refresh_a_td_quote(void **state)
{
	struct world *world = *state;
	CLEANUP(files_free) struct files files;
	struct evidence evidence;
	char parts[256];
	open_files(&files, "tdx", "flashtestations-v4");
	struct bytes text = load(&files, "meta.json");
	json_t *meta = json_loadb((const char *)text.ptr, text.len, 0, NULL);
	assert_true(load_evidence(&evidence, &files));
	begin(world, "verb");
	serve_evidence(world, &evidence, "tdx", meta);
	present = json_integer_value(json_object_get(meta, "eval_time_unix"));
	json_decref(meta);
	assert_int_equal(refresh(world, &files, "quote.bin", parts), CLI_OK);
	check_written(parts, "tcb_info.json", evidence.tcb_info);
	check_written(parts, "qe_identity.json", evidence.qe_identity);
	check_written(parts, "qe_identity_chain.pem", evidence.qe_identity_chain);
	/* A year later, and nobody to ask. */
	world->service.answer_count = 0;
	present += 365 * DAY;
	assert_int_equal(refresh(world, &files, "quote.bin", parts), CLI_FAILED);
}

/* -- AMD -- */

#define MILAN "google-milan-2022"
#define MILAN_TIME INT64_C(1664153728) /* 2022-09-26T00:55:28Z */
#define MILAN_VCEK "/vcek/v1/Milan/"

/* What KDS answers: ASK, then ARK. */
static struct bytes amd_chain(
	struct files *trust, char space[16384], const char *intermediate, const char *root)
{
	struct bytes ask = load(trust, intermediate);
	struct bytes ark = load(trust, root);
	struct writer out = writer_of((struct buffer){(uint8_t *)space, 16384});
	write_bytes(&out, ask);
	write_bytes(&out, BYTES_LIT("\n"));
	write_bytes(&out, ark);
	assert_int_equal(writer_end(&out), CONCLAVE_OK);
	return writer_bytes(&out);
}

static struct bytes milan_chain(struct files *trust, char space[16384], const char *intermediate)
{
	return amd_chain(trust, space, intermediate, "ARK-Milan-10000-69d063b4.pem");
}

/* The path of the report's own VCEK: chip id, and the firmware versions of reported_tcb. */
static void vcek_path(char path[256], struct bytes report)
{
	char chip[129];
	const uint8_t *tcb = report.ptr + 0x180;
	hex_encode(chip, bytes_of(report.ptr + 0x1a0, 64));
	(void)snprintf(path, 256,
		"/vcek/v1/Milan/%s?blSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", chip, tcb[0],
		tcb[1], tcb[6], tcb[7]);
}

struct milan {
	struct files item, trust;
	char chain_space[16384], other_space[16384], vcek_path[256];
	struct bytes report, leaf, chain, crl;
};

static void milan_free(struct milan *milan)
{
	files_free(&milan->item);
	files_free(&milan->trust);
}

static void milan_load(struct milan *milan, struct world *world)
{
	open_files(&milan->item, "snp", MILAN);
	open_files(&milan->trust, "snp", "_trust");
	milan->report = load(&milan->item, "report.bin");
	milan->leaf = load(&milan->item, "leaf.der");
	milan->chain =
		milan_chain(&milan->trust, milan->chain_space, "SEV-Milan-10001-67d303bd.pem");
	milan->crl = load(&milan->trust, "crl-ARK-Milan-2022-05-09.der");
	vcek_path(milan->vcek_path, milan->report);
	begin(world, "milan");
	serve(world, "/vcek/v1/Milan/cert_chain", NULL, (struct bytes){0}, milan->chain);
	serve(world, "/vcek/v1/Milan/crl", NULL, (struct bytes){0}, milan->crl);
	serve(world, milan->vcek_path, NULL, (struct bytes){0}, milan->leaf);
}

static enum conclave_error gather_milan(struct world *world, const struct milan *milan, int64_t now)
{
	static const enum snp_product product = SNP_MILAN;
	CLEANUP(collateral_report_free) struct collateral_report found = {0};
	world->note_count = 0;
	TRY(collateral_of_report(
		&found, world->collateral, milan->report, &product, now, &world->report));
	assert_true(bytes_equal(found.vcek.body, milan->leaf));
	assert_true(bytes_equal(found.chain.body, milan->chain));
	assert_true(bytes_equal(found.crl.body, milan->crl));
	return CONCLAVE_OK;
}

static void snp(void **state)
{
	struct world *world = *state;
	CLEANUP(milan_free) struct milan milan = {0};
	milan_load(&milan, world);
	assert_int_equal(gather_milan(world, &milan, MILAN_TIME), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_int_equal(world->notes[2].renew, MILAN_TIME + 30 * DAY);
	assert_int_equal(gather_milan(world, &milan, MILAN_TIME + DAY - 1), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_FRESH);
	assert_int_equal(world_renew(world, MILAN_TIME + 31 * DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	/* The CRL ended in May 2023. */
	service_answer(&world->service, "/vcek/v1/Milan/crl")->body = BYTES_LIT("?");
	assert_int_equal(gather_milan(world, &milan, MILAN_TIME + 300 * DAY), CONCLAVE_OK);
	assert_int_equal(world->notes[1].state, COLLATERAL_EXPIRED);
	assert_int_equal(world->notes[2].state, COLLATERAL_RENEWED);
}

static void snp_says_no_product(void **state)
{
	struct world *world = *state;
	CLEANUP(milan_free) struct milan milan = {0};
	struct collateral_report found;
	static const enum snp_product turin = SNP_TURIN;
	milan_load(&milan, world);
	assert_int_equal(collateral_of_report(&found, world->collateral, milan.report, NULL,
				 MILAN_TIME, &world->report),
		CONCLAVE_ERROR_ARGUMENT);
	assert_non_null(strstr(world->report.text, "version 2"));
	/* Of later versions another product than theirs. */
	CLEANUP(files_free) struct files later;
	open_files(&later, "snp", "veraison-milan");
	struct bytes report = load(&later, "report.bin");
	assert_int_equal(collateral_of_report(&found, world->collateral, report, &turin, MILAN_TIME,
				 &world->report),
		CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(world->service.requests, 0);
}

static void snp_wrong_answers(void **state)
{
	struct world *world = *state;
	CLEANUP(milan_free) struct milan milan = {0};
	CLEANUP(files_free) struct files other;
	milan_load(&milan, world);
	open_files(&other, "snp", "ravl-milan-aci");
	const struct {
		const char *path;
		struct bytes body;
		size_t note;
		enum conclave_error error;
	} table[] = {
		{milan.vcek_path, load(&other, "leaf.der"), 2, CONCLAVE_ERROR_MISMATCH},
		{milan.vcek_path, milan.crl, 2, CONCLAVE_ERROR_FORMAT},
		{milan.vcek_path, bytes_slice(milan.leaf, 0, milan.leaf.len - 1), 2,
			CONCLAVE_ERROR_FORMAT},
		{"/vcek/v1/Milan/cert_chain",
			milan_chain(&milan.trust, milan.other_space,
				"SEV-Milan-10001-TAMPERED-0903a395.pem"),
			0, CONCLAVE_ERROR_SIGNATURE},
		{"/vcek/v1/Milan/cert_chain", load(&milan.trust, "ARK-Milan-10000-69d063b4.pem"), 0,
			CONCLAVE_ERROR_FORMAT},
		{"/vcek/v1/Milan/crl", load(&milan.trust, "crl-ARK-Genoa-2022-10-31.der"), 1,
			CONCLAVE_ERROR_MISMATCH},
	};
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		struct service_answer *answer = service_answer(&world->service, table[i].path);
		struct bytes right = answer->body;
		char name[8];
		(void)snprintf(name, sizeof(name), "%zu", i);
		collateral_close(world->collateral);
		(void)snprintf(world->cache, sizeof(world->cache), "%s/%s", world->folder, name);
		world_open(world);
		answer->body = table[i].body;
		enum conclave_error error = gather_milan(world, &milan, MILAN_TIME);
		answer->body = right;
		if (error != table[i].error)
			fail_msg("row %zu: %s: %s", i, conclave_error_name(error),
				world->report.text);
		assert_int_equal(world->notes[table[i].note].state, COLLATERAL_MISSING);
	}
}

/* Item by item, what a genuine answer must not be taken for. */
static void snp_is_for_what_was_asked(void **state)
{
	struct world *world = *state;
	CLEANUP(milan_free) struct milan milan = {0};
	milan_load(&milan, world);
	const struct check_means means = {
		.roots = &attest_default_roots, .snp_roots = &snp_default_roots};
	struct collateral_item vcek = {
		.kind = COLLATERAL_VCEK, .family = COLLATERAL_MILAN, .subject_size = 72};
	struct collateral_item chain = {.kind = COLLATERAL_AMD_CHAIN, .family = COLLATERAL_MILAN};
	struct check_dates dates;
	memcpy(vcek.subject, milan.report.ptr + 0x1a0, 64);
	memcpy(vcek.subject + 64, milan.report.ptr + 0x180, 8);
	assert_int_equal(check_item(&dates, &vcek, milan.chain, milan.leaf, &means), CONCLAVE_OK);
	assert_int_equal(dates.issued, INT64_C(1663980928)); /* 2022-09-24T00:55:28Z */
	for (size_t i = 0; i < vcek.subject_size; i++) {
		vcek.subject[i] ^= 1;
		assert_int_equal(check_item(&dates, &vcek, milan.chain, milan.leaf, &means),
			CONCLAVE_ERROR_MISMATCH);
		vcek.subject[i] ^= 1;
	}
	vcek.family = COLLATERAL_GENOA;
	assert_int_equal(check_item(&dates, &vcek, milan.chain, milan.leaf, &means),
		CONCLAVE_ERROR_UNTRUSTED);

	struct bytes none = {NULL, 0};
	assert_int_equal(check_item(&dates, &chain, none, milan.chain, &means), CONCLAVE_OK);
	chain.variant = COLLATERAL_OTHER;
	assert_int_equal(
		check_item(&dates, &chain, none, milan.chain, &means), CONCLAVE_ERROR_MISMATCH);
	static const struct snp_roots no_roots;
	const struct check_means trusting_none = {
		.roots = &attest_default_roots, .snp_roots = &no_roots};
	chain.variant = COLLATERAL_PLAIN;
	assert_int_equal(check_item(&dates, &chain, none, milan.chain, &trusting_none),
		CONCLAVE_ERROR_UNTRUSTED);
}

/* AMD has revoked the first intermediate of Genoa. */
static void snp_revoked_intermediate(void **state)
{
	(void)state;
	CLEANUP(files_free) struct files trust;
	const struct collateral_item chain = {
		.kind = COLLATERAL_AMD_CHAIN, .family = COLLATERAL_GENOA};
	struct check_means means = {
		.roots = &attest_default_roots, .snp_roots = &snp_default_roots};
	struct check_dates dates;
	char space[16384];
	struct bytes none = {NULL, 0};
	open_files(&trust, "snp", "_trust");
	struct bytes pem = amd_chain(
		&trust, space, "SEV-Genoa-20001-54467b96.pem", "ARK-Genoa-20000-4c6598d1.pem");
	assert_int_equal(check_item(&dates, &chain, none, pem, &means), CONCLAVE_OK);
	means.crl = load(&trust, "crl-ARK-Genoa-2022-10-31.der");
	assert_int_equal(check_item(&dates, &chain, none, pem, &means), CONCLAVE_ERROR_REVOKED);
}

static void refresh_a_report(void **state)
{
	struct world *world = *state;
	CLEANUP(milan_free) struct milan milan = {0};
	char parts[256];
	milan_load(&milan, world);
	present = MILAN_TIME;
	assert_int_equal(refresh(world, &milan.item, "report.bin", parts), CLI_OK);
	check_written(parts, "chain.pem", milan.chain);
	check_written(parts, "crl.der", milan.crl);
	check_written(parts, "leaf.der", milan.leaf);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sgx),
		TEST(tdx),
		TEST(encrypted_ppid),
		TEST(refresh_a_td_quote),
		TEST(snp),
		TEST(snp_says_no_product),
		TEST(snp_wrong_answers),
		TEST(snp_is_for_what_was_asked),
		TEST(snp_revoked_intermediate),
		TEST(refresh_a_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
