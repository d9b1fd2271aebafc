/* The guest's file tree: each operation, its refusals, and what a full tree can still do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enclave/files.h"

#define REGION (64u * BLOCK_SIZE)

static struct files files;
static uint8_t *region;

static int open_tree(void **state)
{
	(void)state;
	region = malloc(REGION);
	memset(region, 0xa5, REGION); /* it must not need zeros */
	return files_init(&files, (struct buffer){region, REGION}) != CONCLAVE_OK;
}

static int free_tree(void **state)
{
	(void)state;
	free(region);
	return 0;
}

static struct bytes text(const char *from)
{
	return bytes_of(from, strlen(from));
}

static struct files_handle root(void)
{
	return files_root(&files);
}

static struct files_handle open_file(const char *path, unsigned flags)
{
	struct files_handle file;
	assert_int_equal(files_open(&file, &files, root(), text(path), flags), WASI_OK);
	return file;
}

static enum wasi_errno try_open(const char *path, unsigned flags)
{
	struct files_handle file;
	return files_open(&file, &files, root(), text(path), flags);
}

static void put(const char *path, const char *content)
{
	struct files_handle file = open_file(path, FILES_OPEN_CREATE | FILES_OPEN_TRUNCATE);
	size_t count;
	assert_int_equal(files_write(&count, &files, file, 0, text(content)), WASI_OK);
	assert_int_equal(count, strlen(content));
}

static void assert_content(const char *path, const char *content)
{
	char got[256];
	size_t count;
	assert_int_equal(files_read(&count, &files, open_file(path, 0), 0,
				 (struct buffer){(uint8_t *)got, sizeof(got)}),
		WASI_OK);
	assert_int_equal(count, strlen(content));
	assert_memory_equal(got, content, count);
}

static enum wasi_errno move(const char *from, const char *to)
{
	return files_rename(&files, root(), text(from), root(), text(to));
}

static enum wasi_errno make(const char *path)
{
	return files_make_directory(&files, root(), text(path));
}

static enum wasi_errno remove_file(const char *path)
{
	return files_unlink(&files, root(), text(path));
}

static enum wasi_errno remove_directory(const char *path)
{
	return files_remove_directory(&files, root(), text(path));
}

static void region_is_checked(void **state)
{
	(void)state;
	struct files other;
	assert_int_equal(files_init(&other, (struct buffer){region, BLOCKS_REGION_MIN - 1}),
		CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(files_init(&other, (struct buffer){region + 4, BLOCKS_REGION_MIN}),
		CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(
		files_init(&other, (struct buffer){region, BLOCKS_REGION_MIN}), CONCLAVE_OK);
}

static void paths_stay_inside(void **state)
{
	(void)state;
	assert_int_equal(make("a"), WASI_OK);
	assert_int_equal(make("a/b"), WASI_OK);
	put("a/b/c", "deep");
	assert_content("a/b/c", "deep");
	assert_content("./a//b/./c", "deep");
	assert_content("a/b/../b/c", "deep");
	assert_int_equal(try_open("..", 0), WASI_NOTCAPABLE);
	assert_int_equal(try_open("a/../../a", 0), WASI_NOTCAPABLE);
	assert_int_equal(try_open("/a", 0), WASI_NOTCAPABLE);
	assert_int_equal(try_open("", 0), WASI_INVAL);
	assert_int_equal(try_open("a/b/c/", 0), WASI_NOTDIR);
	assert_int_equal(try_open("a/b/c/d", FILES_OPEN_CREATE), WASI_NOTDIR);
	assert_int_equal(try_open("a/x/c", FILES_OPEN_CREATE), WASI_NOENT);
	assert_int_equal(try_open("x/", FILES_OPEN_CREATE), WASI_NOENT);
	struct files_handle file;
	assert_int_equal(files_open(&file, &files, root(), bytes_of("a\0b", 3), 1), WASI_ILSEQ);
	/* Below a directory that is not the root, ".." ends there too. */
	struct files_handle a = open_file("a", FILES_OPEN_DIRECTORY);
	assert_int_equal(files_open(&file, &files, a, text("b/c"), 0), WASI_OK);
	assert_int_equal(files_open(&file, &files, a, text("b/../.."), 0), WASI_NOTCAPABLE);
	assert_int_equal(files_open(&file, &files, file, text("c"), 0), WASI_NOTDIR);
}

static void names_have_a_limit(void **state)
{
	(void)state;
	char name[FILES_NAME_SIZE_MAX + 2];
	memset(name, 'n', sizeof(name));
	name[FILES_NAME_SIZE_MAX + 1] = 0;
	assert_int_equal(try_open(name, FILES_OPEN_CREATE), WASI_NAMETOOLONG);
	name[FILES_NAME_SIZE_MAX] = 0;
	assert_int_equal(try_open(name, FILES_OPEN_CREATE), WASI_OK);
	assert_int_equal(try_open(name, 0), WASI_OK);
}

static void open_does_what_its_flags_say(void **state)
{
	(void)state;
	assert_int_equal(try_open("f", 0), WASI_NOENT);
	put("f", "content");
	assert_int_equal(try_open("f", FILES_OPEN_CREATE | FILES_OPEN_EXCLUSIVE), WASI_EXIST);
	assert_int_equal(try_open("f", FILES_OPEN_DIRECTORY), WASI_NOTDIR);
	assert_int_equal(try_open("f", FILES_OPEN_CREATE), WASI_OK);
	assert_content("f", "content");
	assert_int_equal(try_open("f", FILES_OPEN_TRUNCATE), WASI_OK);
	assert_content("f", "");
	assert_int_equal(make("d"), WASI_OK);
	assert_int_equal(try_open("d", FILES_OPEN_TRUNCATE), WASI_ISDIR);
	assert_int_equal(try_open("g", FILES_OPEN_CREATE | FILES_OPEN_DIRECTORY), WASI_NOENT);
}

static void directories_are_made_and_removed(void **state)
{
	(void)state;
	assert_int_equal(make("d/"), WASI_OK);
	assert_int_equal(make("d"), WASI_EXIST);
	assert_int_equal(make("."), WASI_EXIST);
	put("d/f", "x");
	assert_int_equal(make("d/f"), WASI_EXIST);
	assert_int_equal(remove_directory("d"), WASI_NOTEMPTY);
	assert_int_equal(remove_directory("d/f"), WASI_NOTDIR);
	assert_int_equal(remove_file("d"), WASI_ISDIR);
	assert_int_equal(remove_file("d/f"), WASI_OK);
	assert_int_equal(remove_file("d/f"), WASI_NOENT);
	assert_int_equal(remove_directory("d/."), WASI_INVAL);
	assert_int_equal(remove_directory("."), WASI_INVAL);
	assert_int_equal(remove_directory("d"), WASI_OK);
	assert_int_equal(remove_directory("d"), WASI_NOENT);
}

static void rename_replaces_and_moves(void **state)
{
	(void)state;
	put("a", "A");
	put("b", "B");
	assert_int_equal(move("a", "b"), WASI_OK);
	assert_content("b", "A");
	assert_int_equal(move("a", "c"), WASI_NOENT);
	assert_int_equal(move("b", "b"), WASI_OK);
	assert_int_equal(make("d"), WASI_OK);
	assert_int_equal(make("d/e"), WASI_OK);
	assert_int_equal(move("b", "d/e/b"), WASI_OK);
	assert_content("d/e/b", "A");
	assert_int_equal(move("d", "d/e/d"), WASI_INVAL);
	assert_int_equal(move("d", "d/x"), WASI_INVAL);
	assert_int_equal(move(".", "x"), WASI_INVAL);
	assert_int_equal(move("d", "."), WASI_INVAL);
	assert_int_equal(move("d/e/b", "d"), WASI_ISDIR);
	assert_int_equal(make("empty"), WASI_OK);
	put("f", "F");
	assert_int_equal(move("empty", "f"), WASI_NOTDIR);
	assert_int_equal(move("f", "new/"), WASI_NOTDIR);
	assert_int_equal(move("empty", "d/e"), WASI_NOTEMPTY);
	assert_int_equal(move("d/e", "empty"), WASI_OK);
	assert_content("empty/b", "A");
	assert_int_equal(move("empty", "again/"), WASI_OK);
	assert_content("again/b", "A");
}

static void handles_to_what_is_gone_are_refused(void **state)
{
	(void)state;
	put("a", "A");
	struct files_handle old = open_file("a", 0);
	struct files_stat stat;
	uint8_t byte;
	size_t count;
	assert_int_equal(remove_file("a"), WASI_OK);
	put("b", "B"); /* takes its place in the table */
	assert_int_equal(open_file("b", 0).node, old.node);
	assert_int_equal(files_stat(&stat, &files, old), WASI_BADF);
	assert_int_equal(files_read(&count, &files, old, 0, (struct buffer){&byte, 1}), WASI_BADF);
	assert_int_equal(files_write(&count, &files, old, 0, text("x")), WASI_BADF);
	assert_int_equal(files_resize(&files, old, 0), WASI_BADF);
	struct files_handle file;
	assert_int_equal(files_open(&file, &files, old, text("x"), 0), WASI_BADF);
	/* And what a rollback takes away never comes back as something else. */
	files_commit(&files);
	put("c", "C");
	old = open_file("c", 0);
	files_rollback(&files);
	assert_int_equal(files_stat(&stat, &files, old), WASI_BADF);
	put("d", "D");
	assert_int_equal(files_stat(&stat, &files, old), WASI_BADF);
}

static void holes_and_cut_ends_read_as_zeros(void **state)
{
	(void)state;
	struct files_handle file = open_file("f", FILES_OPEN_CREATE);
	uint8_t got[16];
	size_t count;
	uint64_t far = 5ull << 20; /* two levels of index */
	assert_int_equal(files_write(&count, &files, file, far, text("end")), WASI_OK);
	assert_int_equal(files_read(&count, &files, file, far - 8, (struct buffer){got, 16}), 0);
	assert_int_equal(count, 11);
	assert_memory_equal(got, "\0\0\0\0\0\0\0\0end", 11);
	assert_int_equal(files_resize(&files, file, far + 1), WASI_OK);
	assert_int_equal(files_resize(&files, file, far + 3), WASI_OK);
	assert_int_equal(files_read(&count, &files, file, far, (struct buffer){got, 16}), 0);
	assert_int_equal(count, 3);
	assert_memory_equal(got, "e\0\0", 3);
	assert_int_equal(files_read(&count, &files, file, far + 3, (struct buffer){got, 16}), 0);
	assert_int_equal(count, 0);
	assert_int_equal(files_read(&count, &files, file, UINT64_MAX, (struct buffer){got, 16}), 0);
	assert_int_equal(count, 0);
	assert_int_equal(files_write(&count, &files, file, FILES_SIZE_MAX, text("x")), WASI_FBIG);
	assert_int_equal(files_write(&count, &files, file, UINT64_MAX, text("x")), WASI_FBIG);
	assert_int_equal(files_resize(&files, file, FILES_SIZE_MAX + 1), WASI_FBIG);
	assert_int_equal(files_resize(&files, file, FILES_SIZE_MAX), WASI_OK);
	assert_int_equal(files_write(&count, &files, root(), 0, text("x")), WASI_ISDIR);
	assert_int_equal(files_resize(&files, root(), 0), WASI_ISDIR);
}

/* Fill the tree with one file; how much went in. */
static uint64_t fill(const char *path)
{
	static const uint8_t block[BLOCK_SIZE] = {1};
	struct files_handle file = open_file(path, FILES_OPEN_CREATE);
	uint64_t total = 0;
	size_t count;
	while (files_write(&count, &files, file, total, BYTES_OF(block)) == WASI_OK)
		total += count;
	return total;
}

static void full_tree_says_so_and_can_be_emptied(void **state)
{
	(void)state;
	put("small", "survives");
	files_commit(&files);
	uint64_t space = files_space(&files);
	uint64_t filled = fill("big");
	assert_true(filled > space / 2);
	assert_int_equal(files_space(&files), 0);
	assert_int_equal(try_open("another", FILES_OPEN_CREATE), WASI_NOSPC);
	assert_int_equal(make("another"), WASI_NOSPC);
	size_t count;
	assert_int_equal(
		files_write(&count, &files, open_file("small", 0), 0, text("x")), WASI_NOSPC);
	files_commit(&files);
	assert_content("small", "survives");
	assert_int_equal(files_resize(&files, open_file("big", 0), filled - 5000), WASI_OK);
	files_commit(&files);
	assert_int_equal(move("big", "small"), WASI_OK);
	files_commit(&files);
	assert_int_equal(remove_file("small"), WASI_OK);
	files_commit(&files);
	assert_true(files_space(&files) >= space);
	assert_true(fill("big") >= filled);
}

static void every_size_of_region_fills_and_empties(void **state)
{
	(void)state;
	for (uint32_t blocks = BLOCKS_REGION_MIN / BLOCK_SIZE; blocks <= 64; blocks++) {
		/* Exactly as large as said, for the address sanitizer to watch. */
		uint8_t *space = malloc(blocks * BLOCK_SIZE);
		assert_int_equal(
			files_init(&files, (struct buffer){space, blocks * BLOCK_SIZE}), 0);
		uint64_t empty = files_space(&files);
		(void)fill("big");
		files_commit(&files);
		assert_int_equal(remove_file("big"), WASI_OK);
		files_commit(&files);
		assert_int_equal(files_space(&files), empty);
		free(space);
	}
}

static void rollback_restores_everything(void **state)
{
	(void)state;
	assert_int_equal(make("d"), WASI_OK);
	put("d/f", "before");
	put("g", "before");
	files_commit(&files);
	uint64_t space = files_space(&files);
	put("d/f", "after");
	assert_int_equal(move("d/f", "h"), WASI_OK);
	assert_int_equal(remove_file("g"), WASI_OK);
	assert_int_equal(remove_directory("d"), WASI_OK);
	(void)fill("big");
	files_rollback(&files);
	assert_content("d/f", "before");
	assert_content("g", "before");
	assert_int_equal(try_open("h", 0), WASI_NOENT);
	assert_int_equal(try_open("big", 0), WASI_NOENT);
	assert_int_equal(files_space(&files), space);
}

static void listing_survives_changes(void **state)
{
	(void)state;
	static const char *const names[] = {"a", "b", "c", "d"};
	for (size_t i = 0; i < 4; i++)
		put(names[i], "");
	assert_int_equal(make("sub"), WASI_OK);
	put("sub/inner", "");
	struct files_entry entry;
	char seen[16] = "";
	for (uint64_t cookie = 0;; cookie = entry.next) {
		enum wasi_errno error = files_next(&entry, &files, root(), cookie);
		if (error == WASI_NOENT)
			break;
		assert_int_equal(error, WASI_OK);
		strncat(seen, (const char *)entry.name.ptr, entry.name.len);
		if (entry.type == FILES_REGULAR) {
			char name[2] = {(char)entry.name.ptr[0], 0};
			assert_int_equal(remove_file(name), WASI_OK);
		}
	}
	assert_string_equal(seen, "abcdsub");
	assert_int_equal(files_next(&entry, &files, root(), UINT64_MAX), WASI_NOENT);
	assert_int_equal(files_next(&entry, &files, open_file("sub/inner", 0), 0), WASI_NOTDIR);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tree, free_tree)
	const struct CMUnitTest tests[] = {
		TEST(region_is_checked),
		TEST(paths_stay_inside),
		TEST(names_have_a_limit),
		TEST(open_does_what_its_flags_say),
		TEST(directories_are_made_and_removed),
		TEST(rename_replaces_and_moves),
		TEST(handles_to_what_is_gone_are_refused),
		TEST(holes_and_cut_ends_read_as_zeros),
		TEST(full_tree_says_so_and_can_be_emptied),
		TEST(every_size_of_region_fills_and_empties),
		TEST(rollback_restores_everything),
		TEST(listing_survives_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
