/* Whatever fails and whenever the power goes: whole turns, never half of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fault/disk.h"
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
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
