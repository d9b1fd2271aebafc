/* Whatever fails and whenever the power goes: whole turns, never half of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fault/spool_disk.h"
#include "store_world.h"
#include "temp_folder.h"

#define SEEDS 6

static char path[128];

static enum conclave_error opened(struct store **store)
{
	return store_open_sqlite(store, path, NULL);
}

static uint64_t put(struct store *store, uint64_t route, const char *text)
{
	uint64_t id;
	assert_int_equal(
		store->ops->put(&id, store, route, bytes_of(text, strlen(text))), CONCLAVE_OK);
	return id;
}

/* Three mails, one turn over the first: what all tests start from. */
static struct store *furnished(struct world *before, uint64_t pending[2])
{
	struct store *store;
	disk_init();
	assert_int_equal(opened(&store), CONCLAVE_OK);
	uint64_t first = put(store, 1, "first");
	pending[0] = put(store, 2, "second");
	pending[1] = put(store, 1, "third");
	const struct store_post post = {first, 1, BYTES_LIT("to first")};
	const struct store_turn turn = {&post, 1, &first, 1, 1, BYTES_LIT("delta")};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	assert_int_equal(world_read(before, store), CONCLAVE_OK);
	return store;
}

static enum conclave_error second_turn(
	struct store *store, const uint64_t pending[2], struct bytes delta)
{
	const struct store_post posts[] = {{pending[0], 2, BYTES_LIT("to second")},
		{pending[1], 1, BYTES_LIT("to third")}, {pending[1], 2, BYTES_LIT("copy")}};
	const struct store_turn turn = {posts, 3, pending, 2, 2, delta};
	return store->ops->commit(store, &turn);
}

static void world_after(struct world *after, struct bytes delta)
{
	uint64_t pending[2];
	struct store *store = furnished(after, pending);
	assert_int_equal(second_turn(store, pending, delta), CONCLAVE_OK);
	assert_int_equal(world_read(after, store), CONCLAVE_OK);
	store->ops->close(store);
}

/* One failed operation: the store says so, has done nothing, and can do it when asked again. False
 * once n is past the last operation. */
static bool fail_once(unsigned n, const struct world *after)
{
	static struct world before, seen;
	uint64_t pending[2];
	struct store *store = furnished(&before, pending);
	disk_arm(n, DISK_FAIL_ONCE);
	enum conclave_error error = second_turn(store, pending, BYTES_LIT("delta"));
	bool fired = disk_fired();
	disk_arm(0, DISK_FAIL_ONCE);
	assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
	assert_true(world_equal(&seen, error == CONCLAVE_OK ? after : &before));
	if (error != CONCLAVE_OK) {
		assert_int_equal(error, CONCLAVE_ERROR_IO);
		assert_int_equal(second_turn(store, pending, BYTES_LIT("delta")), CONCLAVE_OK);
		assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
		for (size_t i = 0; i < seen.posts_count; i++)
			seen.posts[i].id = after->posts[i].id; /* numbers may skip */
		assert_true(world_equal(&seen, after));
	}
	store->ops->close(store);
	return fired;
}

static void test_nth_operation_fails(void **state)
{
	static struct world after;
	unsigned n = 1;
	(void)state;
	world_after(&after, BYTES_LIT("delta"));
	while (fail_once(n, &after))
		n++;
	print_message("%u operations\n", n - 1);
	assert_true(n > 5);
}

/* The power goes at an operation of a turn; what comes back is the store before it or after it, and
 * after it for certain when the turn was said to be committed. */
static bool cut_power(unsigned n, uint64_t seed, const struct world *after, struct bytes delta)
{
	static struct world before, seen;
	uint64_t pending[2];
	struct store *store = furnished(&before, pending);
	disk_arm(n, DISK_POWER_CUT);
	enum conclave_error error = second_turn(store, pending, delta);
	bool fired = disk_fired();
	if (!fired)
		disk_arm(1, DISK_POWER_CUT);
	store->ops->close(store);
	disk_power_cut(seed);
	assert_int_equal(opened(&store), CONCLAVE_OK);
	assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
	assert_true(
		world_equal(&seen, after) || (error != CONCLAVE_OK && world_equal(&seen, &before)));
	(void)put(store, 1, "goes on");
	store->ops->close(store);
	return fired;
}

static void cut_everywhere(struct bytes delta, unsigned stride)
{
	static struct world after;
	unsigned n = 1;
	bool fired = true;
	world_after(&after, delta);
	for (; fired; n += stride)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			fired = cut_power(n, seed * 0x9e3779b97f4a7c15u, &after, delta);
	print_message("%u operations\n", n - 1);
}

static void test_power_cut_in_a_turn(void **state)
{
	(void)state;
	cut_everywhere(BYTES_LIT("delta"), 1);
}

/* A turn larger than the log may grow is carried over into the database at once. */
static void test_power_cut_in_a_checkpoint(void **state)
{
	static uint8_t delta[4300000];
	(void)state;
	memset(delta, 0xd5, sizeof(delta));
	cut_everywhere(BYTES_OF(delta), 397);
}

static void test_power_cut_while_opening(void **state)
{
	struct store *store;
	bool fired = true;
	(void)state;
	for (unsigned n = 1; fired; n++) {
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			disk_init();
			disk_arm(n, DISK_POWER_CUT);
			enum conclave_error error = opened(&store);
			fired = disk_fired();
			if (error == CONCLAVE_OK)
				store->ops->close(store);
			disk_power_cut(seed * 0x9e3779b97f4a7c15u);
			assert_int_equal(opened(&store), CONCLAVE_OK);
			(void)put(store, 1, "works");
			store->ops->close(store);
		}
	}
}

/* A mail is kept once put says so. */
static void test_power_cut_in_a_put(void **state)
{
	bool fired = true;
	(void)state;
	for (unsigned n = 1; fired; n++) {
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			static struct world before, seen;
			uint64_t pending[2], id;
			struct store *store = furnished(&before, pending);
			disk_arm(n, DISK_POWER_CUT);
			enum conclave_error error =
				store->ops->put(&id, store, 3, BYTES_LIT("kept"));
			fired = disk_fired();
			if (!fired)
				disk_arm(1, DISK_POWER_CUT);
			store->ops->close(store);
			disk_power_cut(seed * 0x9e3779b97f4a7c15u);
			assert_int_equal(opened(&store), CONCLAVE_OK);
			assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
			assert_true(seen.mails_count == 3 ||
				    (error != CONCLAVE_OK && seen.mails_count == 2));
			store->ops->close(store);
		}
	}
}

/* -- spooled mail -- */

#define LARGE_SIZE (STEP_SIZE + 70000u)
#define STEP_SIZE 0x400000u /* what the spool writes out together */

static uint8_t large[LARGE_SIZE];

/* Written in pieces that do not fall on anything's borders. */
static enum conclave_error spool(uint64_t *id, struct store *store)
{
	struct store_spool *arriving;
	enum conclave_error error = store->ops->spool_begin(&arriving, store);
	if (error != CONCLAVE_OK)
		return error;
	for (size_t at = 0; at < sizeof(large) && error == CONCLAVE_OK; at += 1000003)
		error = store->ops->spool_write(
			arriving, bytes_slice(BYTES_OF(large), at, 1000003));
	if (error == CONCLAVE_OK)
		error = store->ops->spool_put(id, arriving, 3);
	if (error != CONCLAVE_OK)
		store->ops->spool_abandon(arriving);
	return error;
}

static bool is_whole(struct store *store, uint64_t id)
{
	static uint8_t seen[LARGE_SIZE];
	return store->ops->read((struct buffer){seen, sizeof(seen)}, store, id, 0) == CONCLAVE_OK &&
	       memcmp(seen, large, sizeof(large)) == 0;
}

static struct store *spool_furnished(struct world *before, uint64_t pending[2])
{
	char spool_path[160];
	(void)snprintf(spool_path, sizeof(spool_path), "%s-spool", path);
	spool_disk_init(spool_path);
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 2654435761u >> 13);
	return furnished(before, pending);
}

/* A failed operation leaves nothing of the mail, and the next attempt succeeds. */
static bool spool_fails_once(unsigned n)
{
	static struct world before, seen;
	uint64_t pending[2], id = 0;
	struct conclave_report report;
	struct store *store = spool_furnished(&before, pending);
	disk_arm(n, DISK_FAIL_ONCE);
	enum conclave_error error = spool(&id, store);
	bool fired = disk_fired();
	disk_arm(0, DISK_FAIL_ONCE);
	if (error != CONCLAVE_OK) {
		assert_int_equal(error, CONCLAVE_ERROR_IO);
		assert_int_equal(store->ops->spool_size(store), 0);
		assert_int_equal(spool_disk_files(), 0);
		store->ops->trouble(&report, store);
		assert_string_not_equal(report.text, "");
		assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
		assert_true(world_equal(&seen, &before));
		assert_int_equal(spool(&id, store), CONCLAVE_OK);
	}
	assert_true(is_whole(store, id));
	assert_int_equal(spool_disk_files(), 1);
	store->ops->close(store);
	return fired;
}

static void test_nth_operation_of_spooling_fails(void **state)
{
	unsigned n = 1;
	(void)state;
	while (spool_fails_once(n))
		n++;
	print_message("%u operations\n", n - 1);
	assert_true(n > 12);
}

/* After the power comes back: the mail is whole, or was never promised. */
static void check_after_cut(struct store *store, enum conclave_error promised)
{
	static struct world seen;
	enum conclave_error error = world_read(&seen, store);
	const struct world_entry *last = &seen.mails[2];
	if (promised == CONCLAVE_OK)
		assert_true(seen.mails_count == 3);
	if (seen.mails_count == 3 && error == CONCLAVE_OK) {
		assert_int_equal(last->spooled, LARGE_SIZE);
		assert_true(is_whole(store, last->id));
	} else if (seen.mails_count == 3) {
		assert_int_equal(error, CONCLAVE_ERROR_TRUNCATED);
		assert_int_not_equal(promised, CONCLAVE_OK);
	} else {
		assert_int_equal(seen.mails_count, 2);
		assert_int_equal(spool_disk_files(), 0);
	}
}

static bool cut_spooling(unsigned n, uint64_t seed, enum disk_fault fault)
{
	static struct world before;
	uint64_t pending[2], id;
	struct store *store = spool_furnished(&before, pending);
	disk_arm(n, fault);
	enum conclave_error error = spool(&id, store);
	bool fired = disk_fired();
	disk_arm(1, DISK_POWER_CUT);
	store->ops->close(store);
	disk_power_cut(seed);
	spool_disk_power_cut(seed);
	assert_int_equal(opened(&store), CONCLAVE_OK);
	check_after_cut(store, error);
	assert_int_equal(spool(&id, store), CONCLAVE_OK);
	assert_true(is_whole(store, id));
	store->ops->close(store);
	return fired;
}

static void cut_spooling_everywhere(enum disk_fault fault)
{
	bool fired = true;
	for (unsigned n = 1; fired; n++)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			fired = cut_spooling(n, seed * 0x9e3779b97f4a7c15u, fault);
}

static void test_power_cut_while_spooling(void **state)
{
	(void)state;
	cut_spooling_everywhere(DISK_POWER_CUT);
}

/* The host goes on after an error, and then the power goes. */
static void test_power_cut_after_spooling_failed(void **state)
{
	(void)state;
	cut_spooling_everywhere(DISK_FAIL_ONCE);
}

/* The mail is there, whole, as long as its turn is not; then neither row nor file is. */
static bool cut_spooled_turn(unsigned n, uint64_t seed, enum disk_fault fault)
{
	static struct world before, seen;
	uint64_t pending[2], id;
	struct store *store = spool_furnished(&before, pending);
	assert_int_equal(spool(&id, store), CONCLAVE_OK);
	const struct store_post post = {id, 2, BYTES_LIT("to large")};
	const struct store_turn turn = {&post, 1, &id, 1, 2, {0}};
	disk_arm(n, fault);
	enum conclave_error error = store->ops->commit(store, &turn);
	bool fired = disk_fired();
	assert_true(error == CONCLAVE_OK || is_whole(store, id));
	disk_arm(1, DISK_POWER_CUT);
	store->ops->close(store);
	disk_power_cut(seed);
	spool_disk_power_cut(seed);
	assert_int_equal(opened(&store), CONCLAVE_OK);
	assert_int_equal(world_read(&seen, store), CONCLAVE_OK);
	bool is_done = seen.version == 2;
	assert_true(is_done || error != CONCLAVE_OK);
	assert_int_equal(seen.mails_count, is_done ? 2 : 3);
	assert_int_equal(seen.posts_count, before.posts_count + is_done);
	assert_int_equal(spool_disk_files(), !is_done);
	assert_int_equal(is_whole(store, id), !is_done);
	store->ops->close(store);
	return fired;
}

static void test_power_cut_in_a_spooled_turn(void **state)
{
	const enum disk_fault faults[] = {DISK_POWER_CUT, DISK_FAIL_ONCE};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bool fired = true;
		for (unsigned n = 1; fired; n++)
			for (uint64_t seed = 0; seed < SEEDS; seed++)
				fired = cut_spooled_turn(n, seed * 0x9e3779b97f4a7c15u, faults[i]);
	}
}

static int setup(void **state)
{
	static char folder[64];
	*state = folder;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	return 0;
}

static int teardown(void **state)
{
	disk_init();
	temp_folder_remove(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nth_operation_fails),
		cmocka_unit_test(test_power_cut_in_a_turn),
		cmocka_unit_test(test_power_cut_in_a_checkpoint),
		cmocka_unit_test(test_power_cut_while_opening),
		cmocka_unit_test(test_power_cut_in_a_put),
		cmocka_unit_test(test_nth_operation_of_spooling_fails),
		cmocka_unit_test(test_power_cut_while_spooling),
		cmocka_unit_test(test_power_cut_after_spooling_failed),
		cmocka_unit_test(test_power_cut_in_a_spooled_turn),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
