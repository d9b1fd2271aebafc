/* A cache, a service that plays Intel's, and evidence of the tests' own: what tests of collateral
 * stand in. */
#ifndef TESTS_COLLATERAL_WORLD_H
#define TESTS_COLLATERAL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collateral/collateral.h"
#include "attest/attest.h"
#include "collateral_service.h"
#include "temp_folder.h"

#define NOTES_MAX 16u
#define DAY INT64_C(86400)

struct world {
	struct service service;
	struct forge forge;
	char folder[64], cache[128];
	struct collateral_options options;
	struct collateral *collateral;
	struct conclave_report report;
	struct collateral_note notes[NOTES_MAX];
	size_t note_count;
};

static void world_note(void *context, const struct collateral_note *note)
{
	struct world *world = context;
	assert_true(world->note_count < NOTES_MAX);
	world->notes[world->note_count++] = *note;
}

static inline void world_open(struct world *world)
{
	assert_int_equal(
		collateral_open(&world->collateral, &world->options, &world->report), CONCLAVE_OK);
}

static inline int world_set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	assert_non_null(world);
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	temp_folder_make(world->folder);
	(void)snprintf(world->cache, sizeof(world->cache), "%s/cache", world->folder);
	service_start(&world->service);
	forge_init(&world->forge, FORGE_SIMULATION);
	forge_make(&world->forge);
	service_put_forge(&world->service, &world->forge);
	world->options = (struct collateral_options){.folder = world->cache,
		.pcs_url = world->service.url,
		.kds_url = world->service.url,
		.roots = &world->forge.roots,
		.whole_ms = 5000,
		.note = world_note,
		.context = world};
	world_open(world);
	*state = world;
	return 0;
}

static inline int world_tear_down(void **state)
{
	struct world *world = *state;
	collateral_close(world->collateral);
	service_stop(&world->service);
	temp_folder_remove(world->folder);
	free(world);
	return 0;
}

/* Gather the collateral of the forge's quote, and let it go. */
static inline enum conclave_error world_gather(struct world *world, int64_t now)
{
	struct collateral_quote quote;
	world->note_count = 0;
	world->report.text[0] = '\0';
	enum conclave_error error = collateral_of_quote(
		&quote, world->collateral, world->forge.info.dcap.quote, now, &world->report);
	if (error == CONCLAVE_OK)
		collateral_quote_free(&quote);
	return error;
}

static inline enum conclave_error world_renew(struct world *world, int64_t now)
{
	world->note_count = 0;
	world->report.text[0] = '\0';
	return collateral_renew(world->collateral, now, &world->report);
}

/* The note of an item in the last pass. */
static inline const struct collateral_note *world_note_of(
	const struct world *world, const char *name)
{
	char seen[COLLATERAL_NAME_SIZE];
	for (size_t i = 0; i < world->note_count; i++) {
		item_name(seen, &world->notes[i].item);
		if (strcmp(seen, name) == 0)
			return &world->notes[i];
	}
	fail_msg("no note of %s", name);
	return NULL;
}

static inline void world_all_are(const struct world *world, enum collateral_state state)
{
	assert_int_not_equal(world->note_count, 0);
	for (size_t i = 0; i < world->note_count; i++)
		if (world->notes[i].state != state)
			fail_msg("note %zu is %s: %s", i,
				collateral_state_text(world->notes[i].state),
				world->notes[i].reason.text);
}

#define TCB_INFO "simulation-sgx-tcb-info-00c0ffee0000"
#define QE_IDENTITY "simulation-sgx-qe-identity"
#define PCK_CRL "simulation-pck-crl-platform"
#define ROOT_CRL "simulation-root-crl"

#endif
