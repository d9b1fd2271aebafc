/* What SEV-SNP reports need, from a service that is right and from one that is wrong: every
 * product, under a root of the tests' own. */
#include "collateral_world.h"

#include "attest/evidence.h"
#include "attest/instance_info.h"
#include "base/check.h"
#include "base/hex.h"
#include "collateral/encoding.h"
#include "snp_forge.h"

#define NOW SNP_FORGE_NOW

struct chip {
	struct world *world;
	struct snp_forge forge;
	const char *product;
	bool is_vlek;
	char chain_path[64], crl_path[64], vcek_path[256];
	uint8_t pem[16384];
	struct bytes chain;
};

static void make_paths(struct chip *chip, enum snp_product product)
{
	const char *kind = chip->is_vlek ? "vlek" : "vcek";
	const uint8_t *report = chip->forge.report, *tcb = report + SNP_AT_REPORTED_TCB;
	size_t chip_size = product == SNP_TURIN ? 8 : 64;
	char id[129], query[96];
	chip->product = snp_product_text(product);
	hex_encode(id, bytes_of(report + SNP_AT_CHIP_ID, chip_size));
	if (product == SNP_TURIN)
		(void)snprintf(query, sizeof(query),
			"fmcSPL=%02u&blSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", tcb[0],
			tcb[1], tcb[2], tcb[3], tcb[7]);
	else
		(void)snprintf(query, sizeof(query),
			"blSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", tcb[0], tcb[1], tcb[6],
			tcb[7]);
	(void)snprintf(chip->chain_path, sizeof(chip->chain_path), "/%s/v1/%s/cert_chain", kind,
		chip->product);
	(void)snprintf(
		chip->crl_path, sizeof(chip->crl_path), "/%s/v1/%s/crl", kind, chip->product);
	(void)snprintf(chip->vcek_path, sizeof(chip->vcek_path), "/vcek/v1/%s/%s?%s", chip->product,
		id, query);
}

/* As KDS writes it: ASK, then ARK. */
static void make_chain(struct chip *chip)
{
	struct writer out = writer_of((struct buffer){chip->pem, sizeof(chip->pem)});
	assert_int_equal(encoding_write_pem(&out, "CERTIFICATE", chip->forge.evidence.intermediate),
		CONCLAVE_OK);
	assert_int_equal(
		encoding_write_pem(&out, "CERTIFICATE", chip->forge.evidence.root), CONCLAVE_OK);
	chip->chain = writer_bytes(&out);
}

/* Sign what is planned and serve it, from a clean service to a clean cache. */
static void chip_serve(struct chip *chip)
{
	struct world *world = chip->world;
	static unsigned count;
	snp_forge_make(&chip->forge);
	make_chain(chip);
	world->service.answer_count = 0;
	service_answer(&world->service, chip->chain_path)->body = chip->chain;
	service_answer(&world->service, chip->crl_path)->body = chip->forge.evidence.crl;
	service_answer(&world->service, chip->vcek_path)->body = chip->forge.evidence.leaf;
	collateral_close(world->collateral);
	(void)snprintf(world->cache, sizeof(world->cache), "%s/chip%u", world->folder, count++);
	world->options.snp_roots = &chip->forge.roots;
	world_open(world);
}

static void chip_begin(
	struct chip *chip, struct world *world, enum snp_product product, bool is_vlek)
{
	*chip = (struct chip){.world = world, .is_vlek = is_vlek};
	snp_forge_init(&chip->forge, product, is_vlek);
	chip->forge.has_crl = true;
	snp_forge_make(&chip->forge);
	make_paths(chip, product);
	chip_serve(chip);
}

static void chip_end(struct chip *chip)
{
	snp_forge_free(&chip->forge);
}

static enum conclave_error chip_gather(struct chip *chip, int64_t now)
{
	CLEANUP(collateral_report_free) struct collateral_report found = {0};
	struct world *world = chip->world;
	world->note_count = 0;
	TRY(collateral_of_report(&found, world->collateral, BYTES_OF(chip->forge.report), NULL, now,
		&world->report));
	assert_true(bytes_equal(found.chain.body, chip->chain));
	assert_true(bytes_equal(found.crl.body, chip->forge.evidence.crl));
	if (!chip->is_vlek)
		assert_true(bytes_equal(found.vcek.body, chip->forge.evidence.leaf));
	return CONCLAVE_OK;
}

static void every_product_is_fetched(void **state)
{
	for (unsigned i = 0; i < 2 * SNP_PRODUCT_COUNT; i++) {
		struct world *world = *state;
		CLEANUP(chip_end) struct chip chip;
		chip_begin(&chip, world, (enum snp_product)(i / 2), i % 2 == 1);
		enum conclave_error error = chip_gather(&chip, NOW);
		if (error != CONCLAVE_OK)
			fail_msg("%s %u: %s", chip.product, i % 2, world->report.text);
		world_all_are(world, COLLATERAL_RENEWED);
		/* No VLEK is asked for: it is its owner's to hand out. */
		assert_int_equal(world->note_count, chip.is_vlek ? 2 : 3);
		assert_int_equal(chip_gather(&chip, NOW + DAY - 1), CONCLAVE_OK);
		world_all_are(world, COLLATERAL_FRESH);
		assert_int_equal(world_renew(world, NOW + 31 * DAY), CONCLAVE_OK);
		world_all_are(world, COLLATERAL_RENEWED);
	}
}

/* An instance info whose report came without its certificates, but for a VLEK, is made whole. */
static void a_bare_report_is_stapled(void **state)
{
	static const struct ed25519_public signing_key = {{1}};
	static const struct x25519_public encryption_key = {{2}};
	for (unsigned i = 0; i < 2 * SNP_PRODUCT_COUNT; i++) {
		struct world *world = *state;
		CLEANUP(chip_end) struct chip chip;
		chip_begin(&chip, world, (enum snp_product)(i / 2), i % 2 == 1);
		instance_info_report_data(chip.forge.report + SNP_AT_REPORT_DATA, &signing_key,
			&encryption_key, BYTES_LIT(""));
		snp_forge_sign(&chip.forge);

		static uint8_t parts[8192], bare[8192], space[16384];
		struct writer attestation = writer_of((struct buffer){parts, sizeof(parts)});
		struct writer info = writer_of((struct buffer){bare, sizeof(bare)});
		struct writer out = writer_of((struct buffer){space, sizeof(space)});
		const struct snp_evidence report = {.report = BYTES_OF(chip.forge.report),
			.leaf = chip.is_vlek ? chip.forge.evidence.leaf : BYTES_LIT("")};
		snp_evidence_write(&attestation, &report);
		assert_int_equal(instance_info_write(&info, &signing_key, &encryption_key,
					 INSTANCE_INFO_SNP, writer_bytes(&attestation)),
			CONCLAVE_OK);
		world->note_count = 0;
		assert_int_equal(collateral_staple(&out, world->collateral, writer_bytes(&info),
					 NULL, NOW, &world->report),
			CONCLAVE_OK);

		const struct evidence_roots roots = {.snp = &chip.forge.roots};
		const struct evidence evidence = {
			.kind = EVIDENCE_INSTANCE_INFO, .from = writer_bytes(&out)};
		struct claims claims;
		assert_int_equal(
			evidence_verify(&claims, NULL, &evidence, &roots, NOW, 0), CONCLAVE_OK);
		assert_true(claims.snp.has_crl);
	}
}

/* A cache whose chain was lost is made whole, though its other items cannot do without. */
static void a_damaged_chain_comes_first(void **state)
{
	struct world *world = *state;
	CLEANUP(chip_end) struct chip chip;
	char path[256];
	chip_begin(&chip, world, SNP_MILAN, false);
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_OK);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/amd-Milan-vcek-%s", world->cache,
			i == 0 ? "chain" : "crl");
		assert_int_equal(truncate(path, 100), 0);
	}
	assert_int_equal(world_renew(world, NOW), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, "amd-Milan-vcek-chain")->state, COLLATERAL_RENEWED);
	assert_int_equal(world_note_of(world, "amd-Milan-vcek-crl")->state, COLLATERAL_RENEWED);
	assert_int_equal(world->notes[2].state, COLLATERAL_FRESH);
}

/* -- wrong answers -- */

static void another_chip(struct snp_forge *forge)
{
	static const uint8_t id[64] = {0x99};
	snp_forge_set(forge, SNP_OID("4"), BYTES_OF(id));
}

static void older_firmware(struct snp_forge *forge)
{
	snp_forge_set_number(forge, SNP_OID("3.8"), 1);
}

static void another_signer(struct snp_forge *forge)
{
	forge->leaf.issuer_key = forge->ark;
}

static void expired_leaf(struct snp_forge *forge)
{
	forge->leaf.not_after = NOW - 1;
}

static void forged_intermediate(struct snp_forge *forge)
{
	forge->intermediate.issuer_key = forge->ask;
}

static void expired_intermediate(struct snp_forge *forge)
{
	forge->intermediate.not_after = NOW - 1;
}

static void revoked_intermediate(struct snp_forge *forge)
{
	forge->crl.revoked = forge->intermediate.serial;
}

static void forged_crl(struct snp_forge *forge)
{
	forge->crl.issuer_key = forge->ask;
}

static void expired_crl(struct snp_forge *forge)
{
	forge->crl.next_update = NOW - 1;
}

static const struct {
	const char *name;
	void (*spoil)(struct snp_forge *forge);
	size_t note; /* 0: chain, 1: CRL, 2: VCEK */
	enum conclave_error error;
} wrongs[] = {
	{"another chip", another_chip, 2, CONCLAVE_ERROR_MISMATCH},
	{"older firmware", older_firmware, 2, CONCLAVE_ERROR_MISMATCH},
	{"another signer", another_signer, 2, CONCLAVE_ERROR_SIGNATURE},
	{"expired leaf", expired_leaf, 2, CONCLAVE_ERROR_EXPIRED},
	{"forged intermediate", forged_intermediate, 0, CONCLAVE_ERROR_SIGNATURE},
	{"expired intermediate", expired_intermediate, 0, CONCLAVE_ERROR_EXPIRED},
	{"revoked intermediate", revoked_intermediate, 2, CONCLAVE_ERROR_REVOKED},
	{"forged CRL", forged_crl, 1, CONCLAVE_ERROR_SIGNATURE},
	{"expired CRL", expired_crl, 1, CONCLAVE_ERROR_EXPIRED},
};

static void what_is_wrong_is_not_kept(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < ARRAY_COUNT(wrongs); i++) {
		CLEANUP(chip_end) struct chip chip;
		chip_begin(&chip, world, SNP_MILAN, false);
		wrongs[i].spoil(&chip.forge);
		chip_serve(&chip);
		enum conclave_error error = chip_gather(&chip, NOW);
		if (error != wrongs[i].error)
			fail_msg("%s: %s: %s", wrongs[i].name, conclave_error_name(error),
				world->report.text);
		assert_int_equal(world->notes[wrongs[i].note].state, COLLATERAL_MISSING);
	}
}

/* Once its CRL is there, what is cached of a revoked intermediate is worth nothing either. */
static void a_revoked_chain_is_dropped(void **state)
{
	struct world *world = *state;
	CLEANUP(chip_end) struct chip chip;
	chip_begin(&chip, world, SNP_GENOA, false);
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_OK);
	char cache[sizeof(world->cache)];
	(void)snprintf(cache, sizeof(cache), "%s", world->cache);
	revoked_intermediate(&chip.forge);
	chip.forge.crl.this_update = NOW;
	chip_serve(&chip);
	collateral_close(world->collateral);
	(void)snprintf(world->cache, sizeof(world->cache), "%s", cache);
	world_open(world);
	assert_int_equal(chip_gather(&chip, NOW + DAY), CONCLAVE_ERROR_REVOKED);
	assert_int_equal(chip_gather(&chip, NOW + DAY), CONCLAVE_ERROR_REVOKED);
	assert_int_equal(world->notes[0].state, COLLATERAL_MISSING);
	assert_int_equal(world->notes[1].state, COLLATERAL_FRESH);
	assert_int_equal(world->notes[2].state, COLLATERAL_MISSING);
}

static void an_untrusted_root_is_refused(void **state)
{
	struct world *world = *state;
	CLEANUP(chip_end) struct chip chip;
	chip_begin(&chip, world, SNP_TURIN, false);
	chip.forge.roots = (struct snp_roots){0};
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_ERROR_UNTRUSTED);
	world_all_are(world, COLLATERAL_MISSING);
}

/* KDS counts: a second report of the same chip costs nothing, and 429 is heard. */
static void kds_is_spared(void **state)
{
	struct world *world = *state;
	CLEANUP(chip_end) struct chip chip;
	chip_begin(&chip, world, SNP_MILAN, false);
	struct service_answer *answer = service_answer(&world->service, chip.vcek_path);
	(void)snprintf(answer->status, sizeof(answer->status), "429 Too Many Requests");
	service_header(answer, "Retry-After", "10");
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_ERROR_BUSY);
	(void)snprintf(answer->status, sizeof(answer->status), "200 OK");
	unsigned requests = world->service.requests;
	assert_int_equal(chip_gather(&chip, NOW + 9), CONCLAVE_ERROR_BUSY);
	assert_int_equal(world->service.requests, requests);
	assert_int_equal(chip_gather(&chip, NOW + 10), CONCLAVE_OK);
	assert_int_equal(chip_gather(&chip, NOW + 11), CONCLAVE_OK);
	assert_int_equal(world->service.requests, requests + 1);
}

static void reports_that_name_no_chip(void **state)
{
	struct world *world = *state;
	CLEANUP(chip_end) struct chip chip;
	chip_begin(&chip, world, SNP_GENOA, false);
	unsigned requests = world->service.requests;
	chip.forge.report[SNP_AT_VERSION] = 9;
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_ERROR_VERSION);
	chip.forge.report[SNP_AT_VERSION] = 3;
	memset(chip.forge.report + SNP_AT_CHIP_ID, 0, 64);
	assert_int_equal(chip_gather(&chip, NOW), CONCLAVE_ERROR_UNSUPPORTED);
	assert_non_null(strstr(world->report.text, "masked"));
	assert_int_equal(world->service.requests, requests);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_product_is_fetched),
		TEST(a_bare_report_is_stapled),
		TEST(a_damaged_chain_comes_first),
		TEST(what_is_wrong_is_not_kept),
		TEST(a_revoked_chain_is_dropped),
		TEST(an_untrusted_root_is_refused),
		TEST(kds_is_spared),
		TEST(reports_that_name_no_chip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
