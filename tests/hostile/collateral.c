/* Collateral from a service that is wrong in every way it can be: what is wrong is never kept, what
 * was there stays, and the reason is said. */
#include "base/check.h"
#include "collateral_world.h"

/* The tests' forge signs with the simulation's keys; this is the key of nobody. */
static const struct p256_secret nobody = {{[0] = 0x11, [31] = 0x22}};

static struct service_answer *tcb_answer(struct world *world)
{
	return service_answer(&world->service, SERVICE_TCB_INFO);
}

static void another_fmspc(struct world *world, struct forge *other)
{
	forge_replace(&other->tcb_info, "00C0FFEE0000", "00C0FFEE0001");
	forge_make(other);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

static void another_tee(struct world *world, struct forge *other)
{
	forge_replace(&other->tcb_info, "\"SGX\"", "\"TDX\"");
	forge_make(other);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

static void another_item(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->body = service_answer(&world->service, SERVICE_QE_IDENTITY)->body;
}

static void another_signer(struct world *world, struct forge *other)
{
	other->tcb_info.key = &nobody;
	forge_make(other);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

static void replace_chain(struct world *world, const struct forge *other)
{
	tcb_answer(world)->headers[0] = '\0';
	service_chain(
		tcb_answer(world), "TCB-Info-Issuer-Chain", other->info.dcap.tcb_info_issuer_chain);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

/* A whole hierarchy with the right names. */
static void another_root(struct world *world, struct forge *other)
{
	other->root.key = other->root.issuer_key = other->tcb_signing.issuer_key = &nobody;
	forge_make(other);
	replace_chain(world, other);
}

static void another_chain(struct world *world, struct forge *other)
{
	forge_make(other);
	tcb_answer(world)->headers[0] = '\0';
	service_chain(
		tcb_answer(world), "TCB-Info-Issuer-Chain", other->info.dcap.pck_crl_issuer_chain);
}

static void revoked_signer(struct world *world, struct forge *other)
{
	other->root_crl.revoked = other->tcb_signing.serial;
	forge_make(other);
	service_answer(&world->service, SERVICE_ROOT_CRL)->body = other->info.dcap.root_ca_crl;
}

static void expired(struct world *world, struct forge *other)
{
	forge_replace(&other->tcb_info, "2030-01-01", "2026-12-01");
	forge_make(other);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

static void expired_signer(struct world *world, struct forge *other)
{
	other->tcb_signing.not_after = FORGE_NOW - 1;
	forge_make(other);
	replace_chain(world, other);
}

static void of_the_future(struct world *world, struct forge *other)
{
	forge_replace(&other->tcb_info, "2025-01-01", "2029-01-01");
	forge_make(other);
	tcb_answer(world)->body = other->info.dcap.tcb_info;
}

static void not_json(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->body = BYTES_LIT("{\"tcbInfo\":{},\"signature\":");
}

static void empty(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->body = (struct bytes){NULL, 0};
}

static void silent(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->manner = SERVICE_SILENT;
}

static void cut(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->manner = SERVICE_CUT;
}

static void oversized(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->manner = SERVICE_OVERSIZED;
}

static void set_status(struct world *world, const char *status)
{
	struct service_answer *answer = tcb_answer(world);
	(void)snprintf(answer->status, sizeof(answer->status), "%s", status);
}

static void not_found(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "404 Not Found");
	tcb_answer(world)->body = BYTES_LIT("no \x1b[31mcollateral\x07");
}

static void too_many(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "429 Too Many Requests");
	service_header(tcb_answer(world), "Retry-After", "7200");
}

static void too_many_for_ever(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "429 Too Many Requests");
	service_header(tcb_answer(world), "Retry-After", "99999999999");
}

static void unavailable(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "503 Service Unavailable");
}

static void broken(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "500 Internal Server Error");
}

static void elsewhere(struct world *world, struct forge *other)
{
	(void)other;
	set_status(world, "302 Found");
	service_header(tcb_answer(world), "Location", world->service.url);
}

static void no_chain(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->headers[0] = '\0';
}

static void malformed_chain(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->headers[0] = '\0';
	service_header(tcb_answer(world), "TCB-Info-Issuer-Chain", "-----BEGIN%2");
}

static void chain_with_nul(struct world *world, struct forge *other)
{
	(void)other;
	tcb_answer(world)->headers[0] = '\0';
	service_header(
		tcb_answer(world), "TCB-Info-Issuer-Chain", "%00-----BEGIN%20CERTIFICATE-----");
}

static void huge_chain(struct world *world, struct forge *other)
{
	static char chain[12000];
	(void)other;
	memset(chain, 'A', sizeof(chain) - 1);
	tcb_answer(world)->headers[0] = '\0';
	service_header(tcb_answer(world), "TCB-Info-Issuer-Chain", chain);
}

static const struct wrong {
	const char *name;
	void (*spoil)(struct world *world, struct forge *other);
	enum conclave_error error; /* when nothing is cached */
	const char *words;	   /* of the reason */
} wrongs[] = {
	{"another FMSPC", another_fmspc, CONCLAVE_ERROR_MISMATCH, "refused"},
	{"another TEE", another_tee, CONCLAVE_ERROR_VERSION, "refused"},
	{"another item", another_item, CONCLAVE_ERROR_FORMAT, "refused"},
	{"another signer", another_signer, CONCLAVE_ERROR_SIGNATURE, "refused"},
	{"another root", another_root, CONCLAVE_ERROR_UNTRUSTED, "refused"},
	{"another chain", another_chain, CONCLAVE_ERROR_MISMATCH, "refused"},
	{"a revoked signer", revoked_signer, CONCLAVE_ERROR_REVOKED, "refused"},
	{"expired", expired, CONCLAVE_ERROR_EXPIRED, "expired on 2026-12-01T00:00:00Z"},
	{"an expired signer", expired_signer, CONCLAVE_ERROR_EXPIRED, "expired on"},
	{"of the future", of_the_future, CONCLAVE_ERROR_EXPIRED, "not valid before 2029-01-01"},
	{"not JSON", not_json, CONCLAVE_ERROR_FORMAT, "refused"},
	{"nothing", empty, CONCLAVE_ERROR_FORMAT, "refused"},
	{"silent", silent, CONCLAVE_ERROR_TIMEOUT, "no answer in time"},
	{"cut", cut, CONCLAVE_ERROR_NETWORK, "is the service there?"},
	{"oversized", oversized, CONCLAVE_ERROR_LIMIT, "larger than the 65536 bytes"},
	{"not found", not_found, CONCLAVE_ERROR_NOT_FOUND, "404: no ?[31mcollateral?"},
	{"too many", too_many, CONCLAVE_ERROR_BUSY, "asks to wait 7200 s"},
	{"too many for ever", too_many_for_ever, CONCLAVE_ERROR_BUSY, "asks to wait 86400 s"},
	{"unavailable", unavailable, CONCLAVE_ERROR_BUSY, "asks to wait 60 s"},
	{"broken", broken, CONCLAVE_ERROR_NETWORK, "status 500"},
	{"elsewhere", elsewhere, CONCLAVE_ERROR_NETWORK, "redirects (status 302)"},
	{"no chain", no_chain, CONCLAVE_ERROR_FORMAT, "no header TCB-Info-Issuer-Chain"},
	{"a malformed chain", malformed_chain, CONCLAVE_ERROR_FORMAT, "not percent-encoded"},
	{"a chain with a NUL", chain_with_nul, CONCLAVE_ERROR_FORMAT, "refused"},
	{"a huge chain", huge_chain, CONCLAVE_ERROR_FORMAT, "refused"},
};

static void check_reason(const struct world *world, const struct wrong *wrong)
{
	const char *text = world_note_of(world, TCB_INFO)->reason.text;
	if (strstr(text, wrong->words) == NULL)
		fail_msg("%s: no \"%s\" in \"%s\"", wrong->name, wrong->words, text);
}

static void spoil(struct world *world, const struct wrong *wrong)
{
	static struct forge other;
	forge_init(&other, FORGE_SIMULATION);
	service_put_forge(&world->service, &world->forge);
	for (size_t i = 0; i < world->service.answer_count; i++) {
		world->service.answers[i].manner = SERVICE_RIGHT;
		(void)snprintf(world->service.answers[i].status, 64, "200 OK");
	}
	wrong->spoil(world, &other);
}

/* A cache of its own for each wrong, and little patience. */
static void reopen(struct world *world, size_t i)
{
	collateral_close(world->collateral);
	(void)snprintf(world->cache, sizeof(world->cache), "%s/cache%zu", world->folder, i);
	world->options.whole_ms = 300;
	world_open(world);
}

static void is_not_kept(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < ARRAY_COUNT(wrongs); i++) {
		reopen(world, i);
		spoil(world, &wrongs[i]);
		enum conclave_error error = world_gather(world, FORGE_NOW);
		if (error != wrongs[i].error)
			fail_msg("%s: %s: %s", wrongs[i].name, conclave_error_name(error),
				world->report.text);
		assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_MISSING);
		assert_non_null(strstr(world->report.text, TCB_INFO));
		check_reason(world, &wrongs[i]);
		/* The others were had all the same. */
		assert_int_equal(world_note_of(world, PCK_CRL)->state, COLLATERAL_RENEWED);
	}
}

static void does_not_replace_what_is_there(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < ARRAY_COUNT(wrongs); i++) {
		reopen(world, i);
		service_put_forge(&world->service, &world->forge);
		if (wrongs[i].spoil == revoked_signer)
			continue; /* what is there is gone as well: below */
		set_status(world, "200 OK");
		tcb_answer(world)->manner = SERVICE_RIGHT;
		assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
		world_all_are(world, COLLATERAL_RENEWED);

		spoil(world, &wrongs[i]);
		assert_int_equal(world_gather(world, FORGE_NOW + DAY), CONCLAVE_OK);
		assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_KEPT);
		assert_int_equal(world_note_of(world, TCB_INFO)->issued, FORGE_START);
		check_reason(world, &wrongs[i]);
	}
}

/* A CRL says nothing of certificates that another CA issued. */
static void the_crl_of_another_ca_is_refused(void **state)
{
	struct world *world = *state;
	static struct forge other;
	forge_init(&other, FORGE_SIMULATION);
	other.ca.common_name = other.hierarchy->processor_ca;
	other.pck_crl.issuer_name = other.hierarchy->processor_ca;
	forge_make(&other);
	struct service_answer *answer = service_answer(&world->service, SERVICE_PCK_CRL);
	answer->body = other.info.dcap.pck_crl;
	answer->headers[0] = '\0';
	service_chain(answer, "SGX-PCK-CRL-Issuer-Chain", other.info.dcap.pck_crl_issuer_chain);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(world_note_of(world, PCK_CRL)->state, COLLATERAL_MISSING);
}

static void a_revoked_signer_spoils_what_is_cached(void **state)
{
	struct world *world = *state;
	static struct forge other;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	forge_init(&other, FORGE_SIMULATION);
	revoked_signer(world, &other);
	assert_int_equal(world_gather(world, FORGE_NOW + DAY), CONCLAVE_ERROR_REVOKED);
	assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_MISSING);
}

static void the_past_is_refused(void **state)
{
	struct world *world = *state;
	static struct forge newer;
	forge_init(&newer, FORGE_SIMULATION);
	forge_replace(&newer.tcb_info, "2025-01-01", "2026-12-24");
	forge_replace(&newer.qe_identity, "2025-01-01", "2026-12-24");
	newer.root_crl.this_update = newer.pck_crl.this_update = FORGE_NOW - DAY;
	forge_make(&newer);
	service_put_forge(&world->service, &newer);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);

	service_put_forge(&world->service, &world->forge);
	assert_int_equal(world_gather(world, FORGE_NOW + DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_KEPT);
	for (size_t i = 0; i < world->note_count; i++) {
		assert_int_not_equal(world->notes[i].issued, FORGE_START);
		assert_non_null(strstr(world->notes[i].reason.text,
			"issued on 2025-01-01T00:00:00Z, before the one in the cache"));
	}
}

/* -- quotes that say nothing -- */

static void a_quote_of_nobody_asks_nothing(void **state)
{
	struct world *world = *state;
	static struct forge other;
	forge_init(&other, FORGE_SIMULATION);
	other.root.key = other.root.issuer_key = other.ca.issuer_key = &nobody;
	forge_make(&other);
	struct collateral_quote quote;
	assert_int_equal(collateral_of_quote(&quote, world->collateral, other.info.dcap.quote,
				 FORGE_NOW, &world->report),
		CONCLAVE_ERROR_UNTRUSTED);
	/* The right root, and a CA that it did not sign. */
	forge_init(&other, FORGE_SIMULATION);
	other.ca.issuer_key = &nobody;
	forge_make(&other);
	assert_int_equal(collateral_of_quote(&quote, world->collateral, other.info.dcap.quote,
				 FORGE_NOW, &world->report),
		CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(
		collateral_of_quote(&quote, world->collateral,
			bytes_slice(other.info.dcap.quote, 0, 400), FORGE_NOW, &world->report),
		CONCLAVE_ERROR_TRUNCATED);
	assert_int_equal(world->service.requests, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_not_kept),
		TEST(does_not_replace_what_is_there),
		TEST(the_crl_of_another_ca_is_refused),
		TEST(a_revoked_signer_spoils_what_is_cached),
		TEST(the_past_is_refused),
		TEST(a_quote_of_nobody_asks_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
