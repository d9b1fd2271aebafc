/* The cache of collateral when the disk is full, the folder read-only, a file torn, rotten or
 * forged, and when several processes want it at once. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/check.h"
#include "collateral_world.h"
#include "os/file.h"
#include "simulation_keys.h"

static void file_of(char path[256], const struct world *world, const char *name)
{
	(void)snprintf(path, 256, "%s/%s", world->cache, name);
}

static void put_file(const struct world *world, const char *name, struct bytes data)
{
	char path[256];
	file_of(path, world, name);
	assert_int_equal(file_write(path, data, 0600, NULL), CONCLAVE_OK);
}

static struct buffer get_file(const struct world *world, const char *name)
{
	char path[256];
	struct buffer out;
	file_of(path, world, name);
	assert_int_equal(file_read(&out, path, 1 << 20, NULL), CONCLAVE_OK);
	return out;
}

/* Gather again at once, when nothing is due: what is fetched was not believed. */
static enum collateral_state state_again(struct world *world, const char *name)
{
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	return world_note_of(world, name)->state;
}

static void modes_are_private(void **state)
{
	struct world *world = *state;
	struct stat status;
	char path[256];
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(stat(world->cache, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	file_of(path, world, TCB_INFO);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_torn_file_is_fetched_again(void **state)
{
	struct world *world = *state;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	CLEANUP(file_free) struct buffer whole = get_file(world, TCB_INFO);
	for (size_t len = 0; len < whole.len; len += len < 80 ? 1 : 397) {
		put_file(world, TCB_INFO, bytes_of(whole.ptr, len));
		assert_int_equal(state_again(world, TCB_INFO), COLLATERAL_RENEWED);
		assert_int_equal(state_again(world, TCB_INFO), COLLATERAL_FRESH);
	}
}

static void a_rotten_file_is_fetched_again(void **state)
{
	struct world *world = *state;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	CLEANUP(file_free) struct buffer whole = get_file(world, QE_IDENTITY);
	for (size_t at = 0; at < whole.len; at += at < 80 ? 1 : 197) {
		whole.ptr[at] ^= 0x10;
		put_file(world, QE_IDENTITY, bytes_of(whole.ptr, whole.len));
		whole.ptr[at] ^= 0x10;
		assert_int_equal(state_again(world, QE_IDENTITY), COLLATERAL_RENEWED);
	}
}

/* By one who can write the folder, and make a good digest. */
static void a_forged_file_is_not_believed(void **state)
{
	struct world *world = *state;
	static struct forge other;
	struct cache cache;
	struct collateral_item item;
	assert_int_equal(cache_open(&cache, world->cache, NULL), CONCLAVE_OK);
	assert_int_equal(item_parse(&item, TCB_INFO), CONCLAVE_OK);
	forge_init(&other, FORGE_SIMULATION);
	other.tcb_info.key = &simulation_pck_secret;
	forge_make(&other);
	const struct cache_entry forged = {.fetched = FORGE_NOW,
		.renew = FORGE_END,
		.chain = other.info.dcap.tcb_info_issuer_chain,
		.body = other.info.dcap.tcb_info};
	assert_int_equal(cache_write(&cache, &item, &forged, NULL), CONCLAVE_OK);
	assert_int_equal(state_again(world, TCB_INFO), COLLATERAL_RENEWED);

	/* What is genuine, under another name. */
	CLEANUP(file_free) struct buffer whole = get_file(world, QE_IDENTITY);
	put_file(world, TCB_INFO, bytes_of(whole.ptr, whole.len));
	struct cache_entry entry;
	assert_int_equal(cache_read(&entry, &cache, &item, NULL), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(state_again(world, TCB_INFO), COLLATERAL_RENEWED);
}

static void a_full_disk_keeps_nothing_and_stops_nothing(void **state)
{
	struct world *world = *state;
	struct rlimit before, full;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = (struct rlimit){1000, before.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	enum conclave_error error = world_gather(world, FORGE_NOW);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(error, CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_non_null(strstr(world_note_of(world, TCB_INFO)->reason.text, "not kept"));

	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_string_equal(world_note_of(world, TCB_INFO)->reason.text, "");
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	world_all_are(world, COLLATERAL_FRESH);
}

#define NOBODY 65534u

/* For root no folder is read-only. */
static void lose_privilege(const struct world *world)
{
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(world->folder, 0755), 0);
	assert_int_equal(chmod(world->cache, 0755), 0);
	assert_int_equal(setegid(NOBODY), 0);
	assert_int_equal(seteuid(NOBODY), 0);
}

static void regain_privilege(void)
{
	if (getuid() != 0)
		return;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
}

static void a_read_only_folder_is_read(void **state)
{
	struct world *world = *state;
	char path[256];
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	static const char *const names[] = {TCB_INFO, QE_IDENTITY, PCK_CRL, ROOT_CRL};
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		file_of(path, world, names[i]);
		assert_int_equal(chmod(path, 0444), 0);
	}
	assert_int_equal(chmod(world->cache, 0555), 0);
	lose_privilege(world);
	assert_int_equal(chmod(world->cache, 0555), geteuid() == NOBODY ? -1 : 0);
	enum conclave_error fresh = world_gather(world, FORGE_NOW);
	if (fresh == CONCLAVE_OK)
		world_all_are(world, COLLATERAL_FRESH);
	enum conclave_error renewed = world_gather(world, FORGE_NOW + DAY);
	regain_privilege();
	assert_int_equal(chmod(world->cache, 0700), 0);
	assert_int_equal(fresh, CONCLAVE_OK);
	assert_int_equal(renewed, CONCLAVE_OK);
	world_all_are(world, COLLATERAL_RENEWED);
	assert_non_null(strstr(world_note_of(world, TCB_INFO)->reason.text, "not kept"));
}

static void a_file_in_the_way_is_an_error(void **state)
{
	struct world *world = *state;
	struct collateral *none;
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/file", world->folder);
	assert_int_equal(file_write(path, BYTES_LIT("x"), 0600, NULL), CONCLAVE_OK);
	world->options.folder = path;
	assert_int_equal(
		collateral_open(&none, &world->options, &world->report), CONCLAVE_ERROR_IO);
	(void)snprintf(path, sizeof(path), "%s/no/folder", world->folder);
	assert_int_equal(
		collateral_open(&none, &world->options, &world->report), CONCLAVE_ERROR_IO);
}

static void strangers_in_the_folder_are_left_alone(void **state)
{
	struct world *world = *state;
	char path[256];
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	put_file(world, "notes.txt", BYTES_LIT("mine"));
	put_file(world, "intel-sgx-tcb-info-XYZ", BYTES_LIT("mine too"));
	put_file(world, QE_IDENTITY ".a1B2c3", BYTES_LIT("of a writer that died"));
	assert_int_equal(world_renew(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(world->note_count, 4);
	file_of(path, world, "notes.txt");
	assert_int_equal(access(path, F_OK), 0);
	file_of(path, world, QE_IDENTITY ".a1B2c3");
	assert_int_not_equal(access(path, F_OK), 0);
}

/* All of a cache, with no quote to say which chain the root's CRL comes from. */
static void a_damaged_root_crl_is_fetched_by_its_siblings(void **state)
{
	struct world *world = *state;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	put_file(world, ROOT_CRL, BYTES_LIT("?"));
	assert_int_equal(world_renew(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, ROOT_CRL)->state, COLLATERAL_RENEWED);
	assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_FRESH);
}

/* -- several processes -- */

static pid_t gather_in_a_child(struct world *world)
{
	pid_t child = fork();
	assert_int_not_equal(child, -1);
	if (child != 0)
		return child;
	struct collateral *own;
	struct collateral_quote quote;
	enum conclave_error error = collateral_open(&own, &world->options, NULL);
	if (error == CONCLAVE_OK)
		error = collateral_of_quote(
			&quote, own, world->forge.info.dcap.quote, FORGE_NOW, NULL);
	_exit(error == CONCLAVE_OK ? 0 : 1);
}

static void two_processes_ask_once(void **state)
{
	struct world *world = *state;
	pid_t children[4];
	int status;
	world->options.note = NULL;
	for (size_t i = 0; i < ARRAY_COUNT(children); i++)
		children[i] = gather_in_a_child(world);
	for (size_t i = 0; i < ARRAY_COUNT(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(world->service.requests, 4);
}

static void the_lock_of_a_dead_process_is_none(void **state)
{
	struct world *world = *state;
	int status;
	struct service_answer *answer = service_answer(&world->service, SERVICE_QE_IDENTITY);
	answer->manner = SERVICE_SILENT;
	pid_t child = gather_in_a_child(world);
	for (int i = 0; i < 4; i++)
		while (sem_wait(&world->service.heard) != 0)
			;
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	answer->manner = SERVICE_RIGHT;
	assert_int_equal(world_gather(world, FORGE_NOW), CONCLAVE_OK);
	assert_int_equal(world_note_of(world, TCB_INFO)->state, COLLATERAL_FRESH);
	assert_int_equal(world_note_of(world, QE_IDENTITY)->state, COLLATERAL_RENEWED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(modes_are_private),
		TEST(a_torn_file_is_fetched_again),
		TEST(a_rotten_file_is_fetched_again),
		TEST(a_forged_file_is_not_believed),
		TEST(a_full_disk_keeps_nothing_and_stops_nothing),
		TEST(a_read_only_folder_is_read),
		TEST(a_file_in_the_way_is_an_error),
		TEST(strangers_in_the_folder_are_left_alone),
		TEST(a_damaged_root_crl_is_fetched_by_its_siblings),
		TEST(two_processes_ask_once),
		TEST(the_lock_of_a_dead_process_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
