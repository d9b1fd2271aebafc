#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
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

/* -- the spool -- */

/* Files in the spool; -1: there is none. */
static int spool_files(void)
{
	char spool[160];
	(void)snprintf(spool, sizeof(spool), "%s-spool", path);
	DIR *listing = opendir(spool);
	int count = -2;
	if (listing == NULL)
		return -1;
	while (readdir(listing) != NULL)
		count++;
	(void)closedir(listing);
	return count;
}

/* Byte i of a mail that is made as it is written, and known wherever it is read. */
static void pattern(uint8_t *out, size_t size, uint64_t offset)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)((offset + i) * 2654435761u >> 13);
}

#define PIECE 65536u

static uint64_t spool_pattern(struct store *store, uint64_t size)
{
	static uint8_t piece[PIECE];
	struct store_spool *spool;
	uint64_t id;
	assert_int_equal(store->ops->spool_begin(&spool, store), CONCLAVE_OK);
	for (uint64_t at = 0; at < size; at += PIECE) {
		size_t part = size - at < PIECE ? (size_t)(size - at) : PIECE;
		pattern(piece, part, at);
		assert_int_equal(
			store->ops->spool_write(spool, bytes_of(piece, part)), CONCLAVE_OK);
	}
	assert_int_equal(store->ops->spool_put(&id, spool, 1), CONCLAVE_OK);
	return id;
}

static void check_pattern(struct store *store, uint64_t id, uint64_t offset, size_t size)
{
	static uint8_t seen[PIECE], wanted[PIECE];
	assert_int_equal(
		store->ops->read((struct buffer){seen, size}, store, id, offset), CONCLAVE_OK);
	pattern(wanted, size, offset);
	assert_memory_equal(seen, wanted, size);
}

/* In one order with other mail, whole, and gone with its turn. */
static void test_spooled_mail(void **state)
{
	const uint64_t size = (9u << 20) + 12345;
	struct store *store = opened();
	struct world world;
	uint8_t byte;
	(void)state;
	assert_int_equal(spool_files(), -1);
	uint64_t before = put(store, 2, "before"), large = spool_pattern(store, size);
	uint64_t after = put(store, 2, "after");
	assert_true(before < large && large < after);
	assert_int_equal(store->ops->spool_size(store), size);
	for (int opening = 0; opening < 2; opening++) {
		assert_int_equal(spool_files(), 1);
		assert_int_equal(world_read(&world, store), CONCLAVE_OK);
		assert_int_equal(world.mails_count, 3);
		assert_int_equal(world.mails[1].id, large);
		assert_int_equal(world.mails[1].spooled, size);
		check_pattern(store, large, 0, PIECE);
		check_pattern(store, large, (4u << 20) - 7, 1000);
		check_pattern(store, large, size - 1, 1);
		assert_int_equal(store->ops->read((struct buffer){&byte, 1}, store, large, size),
			CONCLAVE_ERROR_TRUNCATED);
		assert_int_equal(
			store->ops->read((struct buffer){&byte, 1}, store, after, 4), CONCLAVE_OK);
		assert_int_equal(byte, 'r');
		assert_int_equal(store->ops->read((struct buffer){&byte, 1}, store, after, 5),
			CONCLAVE_ERROR_TRUNCATED);
		assert_int_equal(store->ops->read((struct buffer){&byte, 1}, store, after, 6),
			CONCLAVE_ERROR_TRUNCATED);
		assert_int_equal(store->ops->read((struct buffer){&byte, 1}, store, after + 1, 0),
			CONCLAVE_ERROR_NOT_FOUND);
		assert_int_equal(store->ops->spool_size(store), size);
		store->ops->close(store);
		store = opened();
	}
	const uint64_t done[] = {before, large};
	const struct store_turn turn = {.done = done, .done_count = 2, .version = 1};
	assert_int_equal(store->ops->commit(store, &turn), CONCLAVE_OK);
	assert_int_equal(spool_files(), 0);
	assert_int_equal(store->ops->spool_size(store), 0);
	assert_int_equal(store->ops->read((struct buffer){&byte, 1}, store, large, 0),
		CONCLAVE_ERROR_NOT_FOUND);
	store->ops->close(store);
}

static void test_abandoned(void **state)
{
	struct store *store = opened();
	struct store_spool *first, *second;
	struct world world;
	uint64_t id;
	(void)state;
	store->ops->spool_abandon(NULL);
	assert_int_equal(store->ops->spool_begin(&first, store), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_begin(&second, store), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_write(first, BYTES_LIT("never mind")), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_write(second, BYTES_LIT("kept")), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_size(store), 14);
	assert_int_equal(spool_files(), 2);
	store->ops->spool_abandon(first);
	assert_int_equal(store->ops->spool_put(&id, second, 1), CONCLAVE_OK);
	assert_int_equal(store->ops->spool_size(store), 4);
	assert_int_equal(spool_files(), 1);
	assert_int_equal(world_read(&world, store), CONCLAVE_OK);
	assert_int_equal(world.mails_count, 1);
	assert_string_equal(world.mails[0].text, "kept");
	store->ops->close(store);
}

static void file_in_spool(const char *name)
{
	char file[200];
	(void)snprintf(file, sizeof(file), "%s-spool/%s", path, name);
	FILE *stream = fopen(file, "w");
	assert_non_null(stream);
	(void)fclose(stream);
}

/* What no mail claims goes when the store is opened; others' mail has no file, whatever is there.
 */
static void test_orphans(void **state)
{
	struct store *store = opened();
	char small[24];
	(void)state;
	uint64_t large = spool_pattern(store, 100);
	(void)snprintf(small, sizeof(small), "%llu", (unsigned long long)put(store, 1, "small"));
	store->ops->close(store);
	file_in_spool("arriving-7");
	file_in_spool("999");
	file_in_spool("01");
	file_in_spool("1x");
	file_in_spool(small);
	assert_int_equal(spool_files(), 6);
	store = opened();
	assert_int_equal(spool_files(), 1);
	assert_int_equal(store->ops->spool_size(store), 100);
	check_pattern(store, large, 0, 100);
	store->ops->close(store);
}

/* Somebody was at the files: said, not made up for. */
static void test_lost_and_torn_files(void **state)
{
	struct store *store = opened();
	char file[200];
	uint8_t all[100];
	(void)state;
	uint64_t id = spool_pattern(store, sizeof(all));
	(void)snprintf(file, sizeof(file), "%s-spool/%llu", path, (unsigned long long)id);
	assert_int_equal(truncate(file, 99), 0);
	assert_int_equal(store->ops->read((struct buffer){all, 100}, store, id, 0),
		CONCLAVE_ERROR_TRUNCATED);
	check_pattern(store, id, 0, 99);
	assert_int_equal(unlink(file), 0);
	store->ops->close(store);
	store = opened();
	assert_int_equal(store->ops->read((struct buffer){all, 100}, store, id, 0),
		CONCLAVE_ERROR_TRUNCATED);
	store->ops->close(store);
}

static void test_spool_is_private(void **state)
{
	struct store *store = opened();
	char spool[160], file[200];
	struct stat status;
	(void)state;
	uint64_t id = spool_pattern(store, 1);
	(void)snprintf(spool, sizeof(spool), "%s-spool", path);
	(void)snprintf(file, sizeof(file), "%s/%llu", spool, (unsigned long long)id);
	assert_int_equal(stat(spool, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	store->ops->close(store);
}

/* A store in memory leaves nothing behind. */
static void test_temporary_spool(void **state)
{
	struct store *store;
	struct store_spool *spool;
	(void)state;
	assert_int_equal(setenv("TMPDIR", folder, 1), 0);
	assert_int_equal(store_open_sqlite(&store, ":memory:", NULL), CONCLAVE_OK);
	assert_int_not_equal(rmdir(folder), -1);
	assert_int_equal(mkdir(folder, 0700), 0);
	uint64_t id = spool_pattern(store, PIECE + 1);
	check_pattern(store, id, 1, PIECE);
	assert_int_equal(store->ops->spool_begin(&spool, store), CONCLAVE_OK);
	store->ops->spool_abandon(spool);
	store->ops->close(store);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* What could not be done is said in words. */
static void test_trouble(void **state)
{
	struct store *store = opened();
	struct store_spool *spool;
	struct conclave_report report;
	char name[160];
	(void)state;
	store->ops->trouble(&report, store);
	assert_string_equal(report.text, "");
	(void)snprintf(name, sizeof(name), "%s-spool", path);
	assert_int_equal(symlink("/nonexistent", name), 0);
	assert_int_equal(store->ops->spool_begin(&spool, store), CONCLAVE_ERROR_IO);
	store->ops->trouble(&report, store);
	assert_non_null(strstr(report.text, name));
	store->ops->close(store);
	/* Nor is somebody else's folder swept. */
	assert_int_equal(store_open_sqlite(&store, path, &report), CONCLAVE_ERROR_IO);
	assert_non_null(strstr(report.text, "spool"));
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
	sql("PRAGMA user_version = 3");
	assert_int_equal(store_open_sqlite(&store, path, &report), CONCLAVE_ERROR_VERSION);
	assert_non_null(strstr(report.text, "version 3"));
}

/* As version 1 wrote it, word for word. */
static const char VERSION_1[] =
	"CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), owner BLOB, version INTEGER NOT "
	"NULL) STRICT;"
	"INSERT INTO meta VALUES (1, NULL, 0);"
	"CREATE TABLE route (number INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB NOT NULL UNIQUE) "
	"STRICT;"
	"CREATE TABLE mail (id INTEGER PRIMARY KEY AUTOINCREMENT, route INTEGER NOT NULL, mail "
	"BLOB NOT NULL) STRICT;"
	"CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, route INTEGER NOT NULL, mail_id "
	"INTEGER NOT NULL, mail BLOB NOT NULL) STRICT;"
	"CREATE INDEX post_route ON post (route, id);"
	"CREATE TABLE delta (turn INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, "
	"delta BLOB NOT NULL) STRICT;"
	"PRAGMA application_id = 0x434c5331;"
	"PRAGMA user_version = 1;";

static void test_older_schema(void **state)
{
	struct world world;
	uint64_t number, version, id;
	(void)state;
	sql(VERSION_1);
	sql("UPDATE meta SET owner = x'6f776e6572', version = 41;"
	    "INSERT INTO route (text) VALUES (x'61'), (x'62');"
	    "INSERT INTO mail (route, mail) VALUES (1, x'6f6c64'), (2, x'6f6c646572');"
	    "DELETE FROM mail WHERE id = 1;"
	    "INSERT INTO post (route, mail_id, mail) VALUES (2, 1, x'7265706c79');");
	for (int opening = 0; opening < 2; opening++) {
		struct store *store = opened();
		assert_int_equal(store->ops->claim(store, BYTES_LIT("owner")), CONCLAVE_OK);
		assert_int_equal(store->ops->version(&version, store), CONCLAVE_OK);
		assert_int_equal(version, 41);
		assert_int_equal(
			store->ops->route(&number, store, BYTES_LIT("b"), false), CONCLAVE_OK);
		assert_int_equal(number, 2);
		assert_int_equal(world_read(&world, store), CONCLAVE_OK);
		assert_int_equal(world.mails_count, 1 + opening);
		assert_int_equal(world.mails[0].id, 2);
		assert_int_equal(world.mails[0].spooled, 0);
		assert_string_equal(world.mails[0].text, "older");
		assert_string_equal(world.posts[0].text, "reply");
		if (opening == 0) {
			assert_int_equal(
				world_spool(&id, store, 1, BYTES_LIT("large")), CONCLAVE_OK);
			assert_int_equal(id, 3);
		}
		store->ops->close(store);
	}
	assert_int_equal(world.mails[1].spooled, 5);
	assert_string_equal(world.mails[1].text, "large");
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
		TEST(test_spooled_mail),
		TEST(test_abandoned),
		TEST(test_orphans),
		TEST(test_lost_and_torn_files),
		TEST(test_spool_is_private),
		TEST(test_temporary_spool),
		TEST(test_trouble),
		TEST(test_claim),
		TEST(test_one_host_at_a_time),
		TEST(test_others_cannot_read),
		TEST(test_not_a_store),
		TEST(test_newer_schema),
		TEST(test_older_schema),
		TEST(test_no_such_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
