#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store_world.h"
#include "temp_folder.h"

static char folder[64], path[128];

static int setup(void **state)
{
	(void)state;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static struct store *opened(void)
{
	struct store *store;
	assert_int_equal(store_open_sqlite(&store, path, NULL), CONCLAVE_OK);
	return store;
}

static uint64_t put(struct store *store, uint64_t route, const char *text)
{
	uint64_t id;
	assert_int_equal(
		store->ops->put(&id, store, route, bytes_of(text, strlen(text))), CONCLAVE_OK);
	return id;
}

static void test_routes(void **state)
{
	struct store *store = opened();
	const struct store_ops *ops = store->ops;
	uint64_t a = 0, b = 0, again = 0;
	char text[STORE_ROUTE_SIZE_MAX + 1] = "x";
	(void)state;
	assert_int_equal(ops->route(&a, store, BYTES_LIT("a"), false), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(ops->route(&a, store, BYTES_LIT("a"), true), CONCLAVE_OK);
	assert_int_equal(ops->route(&b, store, BYTES_LIT("b"), true), CONCLAVE_OK);
	assert_int_not_equal(a, 0);
	assert_int_not_equal(a, b);
	assert_int_equal(ops->route(&again, store, BYTES_LIT("a"), true), CONCLAVE_OK);
	assert_int_equal(again, a);
	assert_int_equal(
		ops->route(&a, store, bytes_of(text, sizeof(text)), true), CONCLAVE_ERROR_LIMIT);
	assert_int_equal(ops->route(&a, store, bytes_of(text, 0), true), CONCLAVE_ERROR_LIMIT);
	assert_int_equal(
		ops->route(&a, store, bytes_of(text, sizeof(text) - 1), true), CONCLAVE_OK);
	ops->close(store);
	store = opened();
	assert_int_equal(store->ops->route(&again, store, BYTES_LIT("b"), false), CONCLAVE_OK);
	assert_int_equal(again, b);
	store->ops->close(store);
}

static void test_a_turn(void **state)
{
	struct store *store = opened();
	struct world world;
	(void)state;
	uint64_t first = put(store, 1, "first"), second = put(store, 2, "second");
	uint64_t third = put(store, 1, "");
	assert_true(first < second && second < third);
	const struct store_post posts[] = {{first, 1, BYTES_LIT("to one")},
		{second, 2, BYTES_LIT("to two")}, {first, 1, BYTES_LIT("to one again")},
		{0, 1, BYTES_LIT("from nobody")}};
	const uint64_t done[] = {first, third};
	const struct store_turn turn = {posts, 4, done, 2, 17, BYTES_LIT("delta")};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	store->ops->close(store);
	store = opened();
	assert_int_equal(world_read(&world, store), CONCLAVE_OK);
	assert_int_equal(world.version, 17);
	assert_int_equal(world.mails_count, 1);
	assert_int_equal(world.mails[0].id, second);
	assert_string_equal(world.mails[0].text, "second");
	assert_int_equal(world.posts_count, 4);
	assert_string_equal(world.posts[0].text, "to one");
	assert_string_equal(world.posts[1].text, "to one again");
	assert_string_equal(world.posts[2].text, "from nobody");
	assert_string_equal(world.posts[3].text, "to two");
	store->ops->close(store);
}

static void test_replies(void **state)
{
	struct store *store = opened();
	uint64_t id, first;
	char text[32];
	(void)state;
	const struct store_post posts[] = {
		{5, 1, BYTES_LIT("a")}, {6, 1, BYTES_LIT("b")}, {5, 1, BYTES_LIT("c")}};
	const struct store_turn turn = {.posts = posts, .posts_count = 3};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	struct writer out = writer_of((struct buffer){(uint8_t *)text, sizeof(text)});
	assert_int_equal(store->ops->reply(&first, &out, store, 1, 0, 0), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), BYTES_LIT("a")));
	out.len = 0;
	assert_int_equal(store->ops->reply(&id, &out, store, 1, 6, 0), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), BYTES_LIT("b")));
	out.len = 0;
	assert_int_equal(store->ops->reply(&id, &out, store, 1, 5, first), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), BYTES_LIT("c")));
	struct writer none = writer_of((struct buffer){(uint8_t *)text, 0});
	assert_int_equal(store->ops->reply(&id, &none, store, 1, 0, 0), CONCLAVE_ERROR_SPACE);
	assert_int_equal(store->ops->reply(&id, &out, store, 2, 0, 0), CONCLAVE_OK);
	assert_int_equal(id, 0);
	assert_int_equal(store->ops->remove(store, first), CONCLAVE_OK);
	assert_int_equal(store->ops->remove(store, first), CONCLAVE_OK);
	out.len = 0;
	assert_int_equal(store->ops->reply(&id, &out, store, 1, 0, 0), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), BYTES_LIT("b")));
	store->ops->close(store);
}

/* A number that was given out is never given out again, whatever was removed meanwhile. */
static void test_ids_rise_over_restarts(void **state)
{
	struct store *store = opened();
	(void)state;
	uint64_t last = put(store, 1, "x");
	const struct store_turn turn = {.done = &last, .done_count = 1};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	store->ops->close(store);
	store = opened();
	assert_true(put(store, 1, "y") > last);
	store->ops->close(store);
}

static void test_large_mail(void **state)
{
	struct store *store = opened();
	size_t size = 20u << 20;
	uint8_t *large = malloc(size), *back = malloc(size);
	uint64_t id;
	(void)state;
	for (size_t i = 0; i < size; i++)
		large[i] = (uint8_t)(i * 31 >> 3);
	const struct store_post post = {0, 1, {large, size}};
	const struct store_turn turn = {.posts = &post, .posts_count = 1};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	struct writer out = writer_of((struct buffer){back, size});
	assert_int_equal(store->ops->reply(&id, &out, store, 1, 0, 0), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&out), bytes_of(large, size)));
	free(large);
	free(back);
	store->ops->close(store);
}

static void test_claim(void **state)
{
	struct store *store = opened();
	(void)state;
	assert_int_equal(store->ops->claim(store, BYTES_LIT("")), CONCLAVE_ERROR_LIMIT);
	assert_int_equal(store->ops->claim(store, BYTES_LIT("owner")), CONCLAVE_OK);
	assert_int_equal(store->ops->claim(store, BYTES_LIT("owner")), CONCLAVE_OK);
	assert_int_equal(store->ops->claim(store, BYTES_LIT("other")), CONCLAVE_ERROR_MISMATCH);
	store->ops->close(store);
	store = opened();
	assert_int_equal(store->ops->claim(store, BYTES_LIT("other")), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(store->ops->claim(store, BYTES_LIT("owner")), CONCLAVE_OK);
	store->ops->close(store);
}

static void test_one_host_at_a_time(void **state)
{
	struct store *store = opened(), *second;
	struct conclave_report report;
	(void)state;
	assert_int_equal(store_open_sqlite(&second, path, &report), CONCLAVE_ERROR_BUSY);
	assert_non_null(strstr(report.text, "another host"));
	(void)put(store, 1, "still mine");
	assert_int_equal(store_open_sqlite(&second, path, &report), CONCLAVE_ERROR_BUSY);
	store->ops->close(store);
	assert_int_equal(store_open_sqlite(&second, path, &report), CONCLAVE_OK);
	second->ops->close(second);
}

static void test_others_cannot_read(void **state)
{
	struct store *store = opened();
	char wal[160];
	struct stat status;
	(void)state;
	(void)put(store, 1, "secret route");
	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(wal, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	store->ops->close(store);
}

static void sql(const char *text)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_not_a_store(void **state)
{
	struct store *store;
	struct conclave_report report;
	(void)state;
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a database\n", file);
	(void)fclose(file);
	assert_int_equal(store_open_sqlite(&store, path, &report), CONCLAVE_ERROR_FORMAT);
	(void)remove(path);
	sql("CREATE TABLE other (x)");
	assert_int_equal(store_open_sqlite(&store, path, &report), CONCLAVE_ERROR_FORMAT);
	assert_non_null(strstr(report.text, "not one of conclave's"));
}

static void test_newer_schema(void **state)
{
	struct store *store = opened();
	struct conclave_report report;
	(void)state;
	store->ops->close(store);
	sql("PRAGMA user_version = 2");
	assert_int_equal(store_open_sqlite(&store, path, &report), CONCLAVE_ERROR_VERSION);
	assert_non_null(strstr(report.text, "version 2"));
}

static void test_no_such_folder(void **state)
{
	struct store *store;
	struct conclave_report report;
	(void)state;
	assert_int_equal(
		store_open_sqlite(&store, "/nonexistent/mail.sqlite", &report), CONCLAVE_ERROR_IO);
	assert_non_null(strstr(report.text, "/nonexistent/mail.sqlite"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_routes),
		TEST(test_a_turn),
		TEST(test_replies),
		TEST(test_ids_rise_over_restarts),
		TEST(test_large_mail),
		TEST(test_claim),
		TEST(test_one_host_at_a_time),
		TEST(test_others_cannot_read),
		TEST(test_not_a_store),
		TEST(test_newer_schema),
		TEST(test_no_such_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
