/* Collateral from a service that is right: what is fetched, kept, renewed, waited for and stapled,
 * and when. */
#include "attest/calendar.h"
#include "base/check.h"
#include "base/hex.h"
#include "collateral/cache.h"
#include "collateral_world.h"

#include "attest/evidence.h"

static void is_fetched_kept_and_renewed(void **state)
{
	struct world *world = *state;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_int_equal(world->note_count, 4);
	assert_int_equal(world->service.requests, 4);
	const struct collateral_note *note = world_note_of(world, TCB_INFO);
	assert_int_equal(note->issued, FORGE_START);
	assert_int_equal(note->valid_until, FORGE_END);
	assert_int_equal(note->renew, FORGE_NOW + DAY);

	assert_int_equal(world_gather(world, FORGE_NOW + DAY - 1), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_FRESH);
	assert_int_equal(world->service.requests, 4);

	assert_int_equal(world_gather(world, FORGE_NOW + DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_int_equal(world->service.requests, 8);

	/* A clock that was ahead once does not keep what it fetched then. */
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);

	assert_int_equal(world_renew(world, FORGE_NOW + 3 * DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_int_equal(world->note_count, 4);
}

/* A quarter of what is left, down to a minute; never later than the end. */
static void is_renewed_sooner_towards_its_end(void **state)
{
	struct world *world = *state;
	static const struct {
		int64_t left, wait;
	} table[] = {{100 * DAY, DAY}, {4 * DAY, DAY}, {2 * DAY, DAY / 2}, {400, 100}, {30, 60}};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int64_t now = FORGE_END - table[i].left;
		assert_int_equal(world_gather(world, now), CONCLAVE_OK);
		assert_int_equal(world_note_of(world, TCB_INFO)->renew, now + table[i].wait);
	}
}

/* What somebody wrote into the cache is not shown as a date that no calendar has, nor believed. */
static void impossible_dates_are_damage(void **state)
{
	struct world *world = *state;
	struct cache cache;
	struct cache_entry entry;
	struct collateral_item item;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(item_parse(&item, TCB_INFO), CONCLAVE_OK);
	assert_int_equal(cache_open(&cache, world->cache, NULL), CONCLAVE_OK);
	assert_int_equal(cache_read(&entry, &cache, &item, NULL), CONCLAVE_OK);
	entry.renew = CALENDAR_SECONDS_MAX + 1;
	assert_int_equal(cache_write(&cache, &item, &entry, NULL), CONCLAVE_OK);
	cache_entry_free(&entry);
	assert_int_equal(cache_read(&entry, &cache, &item, NULL), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_RENEWED);
}

static void max_age_is_advice(void **state)
{
	struct world *world = *state;
	struct service_answer *answer = service_answer(&world->service, SERVICE_TCB_INFO);
	service_header(answer, "Cache-Control", "public, max-age=259200");
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, TCB_INFO)->renew, FORGE_NOW + 3 * DAY);
	/* But not the whole life: half of it at most. */
	assert_int_equal(world_gather(world, FORGE_END - 4 * DAY), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, TCB_INFO)->renew, FORGE_END - 2 * DAY);
}

static void is_confirmed_by_etag(void **state)
{
	struct world *world = *state;
	struct service_answer *answer = service_answer(&world->service, SERVICE_TCB_INFO);
	service_header(answer, "ETag", "\"one\"");
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	answer->body = BYTES_LIT("not sent again");
	assert_int_equal(world_gather(world, FORGE_NOW + DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	/* What has expired cannot be confirmed. */
	assert_int_equal(world_gather(world, FORGE_END + 1), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_EXPIRED);
	assert_non_null(strstr(world_note_of(world, TCB_INFO)->reason.text, "confirms"));
}

static void not_modified_without_being_asked_is_refused(void **state)
{
	struct world *world = *state;
	struct service_answer *answer = service_answer(&world->service, SERVICE_TCB_INFO);
	snprintf(answer->status, sizeof(answer->status), "304 Not Modified");
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_MISSING);
}

/* DER, and hexadecimal as PCCS has it. The forge makes PEM. */
static void crls_come_in_every_form(void **state)
{
	struct world *world = *state;
	static char hex[8192];
	static struct forge again;
	struct bytes der = forge_crl_der(&world->forge, &world->forge.root_crl);
	hex_encode(hex, der);
	strcat(hex, "\n");
	service_answer(&world->service, SERVICE_ROOT_CRL)->body = bytes_of(hex, strlen(hex));
	forge_init(&again, FORGE_SIMULATION);
	service_answer(&world->service, SERVICE_PCK_CRL)->body =
		forge_crl_der(&again, &again.pck_crl);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
}

static void an_older_name_of_the_header_is_known(void **state)
{
	struct world *world = *state;
	struct service_answer *answer = service_answer(&world->service, SERVICE_TCB_INFO);
	answer->headers[0] = '\0';
	service_chain(
		answer, "SGX-TCB-Info-Issuer-Chain", world->forge.info.dcap.tcb_info_issuer_chain);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
}

/* Certificates that outlive their collateral by a year. */
static void make_lasting(struct forge *forge)
{
	forge->root.not_after = forge->ca.not_after = forge->pck.not_after =
		forge->tcb_signing.not_after = FORGE_END + 365 * DAY;
	forge_make(forge);
}

static void stapled_evidence_is_accepted(void **state)
{
	struct world *world = *state;
	static uint8_t space[INSTANCE_INFO_SIZE_MAX];
	static struct forge fresh;
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	struct instance_info stale, stapled;
	struct attest_claims claims;
	const struct attest_roots *roots = &world->forge.roots;
	int64_t now = FORGE_END + DAY;

	make_lasting(&world->forge);
	struct bytes serialised = forge_serialise(&world->forge);
	assert_int_equal(instance_info_read(&stale, serialised), CONCLAVE_OK);
	assert_int_equal(attest_verify(&claims, NULL, &stale, roots, now), CONCLAVE_ERROR_EXPIRED);

	forge_init(&fresh, FORGE_SIMULATION);
	fresh.root_crl.next_update = fresh.pck_crl.next_update = FORGE_END + 300 * DAY;
	forge_replace(&fresh.tcb_info, "2030-01-01", "2030-10-01");
	forge_replace(&fresh.qe_identity, "2030-01-01", "2030-10-01");
	make_lasting(&fresh);
	service_put_forge(&world->service, &fresh);
	assert_int_equal(
		collateral_staple(&out, world->collateral, serialised, NULL, now, &world->report),
		CONCLAVE_OK);
	assert_int_equal(instance_info_read(&stapled, writer_bytes(&out)), CONCLAVE_OK);
	assert_true(bytes_equal(stapled.dcap.quote, stale.dcap.quote));
	assert_true(bytes_equal(stapled.dcap.tcb_info, fresh.info.dcap.tcb_info));
	assert_int_equal(attest_verify(&claims, NULL, &stapled, roots, now), CONCLAVE_OK);
	assert_memory_equal(
		&claims.signing_key, &world->forge.info.signing_key, sizeof(claims.signing_key));

	/* Evidence that was made for one question keeps its nonce, which its quote vouches for. */
	static const uint8_t nonce[INSTANCE_INFO_NONCE_SIZE] = {0x4e};
	static uint8_t asked[INSTANCE_INFO_SIZE_MAX];
	struct writer with_nonce = writer_of((struct buffer){asked, sizeof(asked)});
	write_bytes(&with_nonce, serialised);
	instance_info_write_nonce(&with_nonce, BYTES_OF(nonce));
	out = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(collateral_staple(&out, world->collateral, writer_bytes(&with_nonce), NULL,
				 now, &world->report),
		CONCLAVE_OK);
	assert_int_equal(instance_info_read(&stapled, writer_bytes(&out)), CONCLAVE_OK);
	assert_true(bytes_equal(stapled.nonce, BYTES_OF(nonce)));
}

/* A quote with what it takes to verify it in nine parts, of which none came. */
static void a_bare_quote_is_stapled(void **state)
{
	struct world *world = *state;
	static uint8_t parts[INSTANCE_INFO_SIZE_MAX], bare[INSTANCE_INFO_SIZE_MAX],
		space[INSTANCE_INFO_SIZE_MAX];
	const struct attest_roots *intel = &world->forge.roots;
	const struct evidence_roots roots = {.intel = intel};
	struct writer attestation = writer_of((struct buffer){parts, sizeof(parts)});
	struct writer info = writer_of((struct buffer){bare, sizeof(bare)});
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	struct instance_info made;
	struct claims claims;

	assert_int_equal(instance_info_read(&made, forge_serialise(&world->forge)), CONCLAVE_OK);
	const struct quote_evidence quoted = {.quote = made.dcap.quote};
	quote_evidence_write(&attestation, &quoted);
	assert_int_equal(instance_info_write(&info, &made.signing_key, &made.encryption_key,
				 INSTANCE_INFO_QUOTE, writer_bytes(&attestation)),
		CONCLAVE_OK);
	struct evidence evidence = {.kind = EVIDENCE_INSTANCE_INFO, .from = writer_bytes(&info)};
	assert_int_equal(evidence_verify(&claims, NULL, &evidence, &roots, FORGE_NOW, 0),
		CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(collateral_staple(&out, world->collateral, evidence.from, NULL, FORGE_NOW,
				 &world->report),
		CONCLAVE_OK);
	evidence.from = writer_bytes(&out);
	assert_int_equal(
		evidence_verify(&claims, NULL, &evidence, &roots, FORGE_NOW, 0), CONCLAVE_OK);
	assert_memory_equal(&claims.signing_key, &made.signing_key, sizeof(made.signing_key));
}

static void set_tcb_status(struct world *world, const char *status)
{
	struct service_answer *answer = service_answer(&world->service, SERVICE_TCB_INFO);
	(void)snprintf(answer->status, sizeof(answer->status), "%s", status);
}

static void make_busy(struct world *world)
{
	set_tcb_status(world, "429 Too Many Requests");
	service_header(service_answer(&world->service, SERVICE_TCB_INFO), "Retry-After", "7200");
}

static void make_willing(struct world *world)
{
	set_tcb_status(world, "200 OK");
}

static void a_service_is_not_asked_before_it_wants(void **state)
{
	struct world *world = *state;
	make_busy(world);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_ERROR_BUSY);
	unsigned requests = world->service.requests;
	make_willing(world);
	/* Another process, an hour later. */
	collateral_close(world->collateral);
	world_open(world);
	assert_int_equal(world_gather(world, FORGE_NOW + 7199), CONCLAVE_ERROR_BUSY);
	assert_int_equal(world->service.requests, requests);
	assert_non_null(strstr(world_note_of(world, TCB_INFO)->reason.text, "not to be asked"));
	assert_int_equal(world_gather(world, FORGE_NOW + 7200), CONCLAVE_OK);
	assert_int_equal(world->service.requests, requests + 1);
}

/* What a service wants, and what it calls a thing, is its own business. */
static void another_service_is_asked_at_once(void **state)
{
	struct world *world = *state;
	static struct service other;
	service_header(service_answer(&world->service, SERVICE_QE_IDENTITY), "ETag", "\"one\"");
	make_busy(world);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_ERROR_BUSY);

	service_start(&other);
	service_put_forge(&other, &world->forge);
	collateral_close(world->collateral);
	world->options.pcs_url = other.url;
	world_open(world);
	enum conclave_error at_once = world_gather(world, FORGE_NOW + 1);
	enum conclave_error later = world_gather(world, FORGE_NOW + DAY);
	service_stop(&other);
	assert_int_equal(at_once, CONCLAVE_OK);
	assert_int_equal(later, CONCLAVE_OK);
	/* The last request was for what the first service had given a name. */
	assert_non_null(strstr(other.last_head, SERVICE_QE_IDENTITY));
	assert_null(strcasestr(other.last_head, "If-None-Match"));
}

static void an_outage_is_survived_until_the_end(void **state)
{
	struct world *world = *state;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	collateral_close(world->collateral);
	world->options.pcs_url = "http://127.0.0.1:1";
	world_open(world);
	assert_int_equal(world_gather(world, FORGE_NOW + 2 * DAY), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_KEPT);
	assert_non_null(strstr(world->notes[0].reason.text, "127.0.0.1:1"));
	assert_int_equal(world_gather(world, FORGE_END + 1), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_EXPIRED);
}

static void a_simulation_is_served_by_no_vendor(void **state)
{
	struct world *world = *state;
	collateral_close(world->collateral);
	world->options.pcs_url = NULL;
	world_open(world);
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_ERROR_UNSUPPORTED);
	world_all_are(world, COLLATERAL_MISSING);
}

static void a_base_url_is_one(void **state)
{
	struct world *world = *state;
	static const char *const bad[] = {"", "ftp://a", "http://", "http://a/?b", "file:///etc"};
	struct collateral *none;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		struct collateral_options options = world->options;
		options.pcs_url = bad[i];
		assert_int_equal(collateral_open(&none, &options, NULL), CONCLAVE_ERROR_ARGUMENT);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_fetched_kept_and_renewed),
		TEST(is_renewed_sooner_towards_its_end),
		TEST(impossible_dates_are_damage),
		TEST(max_age_is_advice),
		TEST(is_confirmed_by_etag),
		TEST(not_modified_without_being_asked_is_refused),
		TEST(crls_come_in_every_form),
		TEST(an_older_name_of_the_header_is_known),
		TEST(stapled_evidence_is_accepted),
		TEST(a_bare_quote_is_stapled),
		TEST(a_service_is_not_asked_before_it_wants),
		TEST(another_service_is_asked_at_once),
		TEST(an_outage_is_survived_until_the_end),
		TEST(a_simulation_is_served_by_no_vendor),
		TEST(a_base_url_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
