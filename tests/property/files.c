/* Random operations on the guest's file tree, with commits and rollbacks, against a model that is
 * too simple to be wrong: a list of paths with their bytes. After every step that ends a
 * transaction the whole tree is compared. A failing seed is printed; CONCLAVE_SEED repeats it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enclave/files.h"

#define SEEDS 40u
#define STEPS 3000u
#define ENTRIES_MAX 64
#define CONTENT_MAX 40000u
#define PATH_MAX_ 16

struct entry {
	char path[PATH_MAX_]; /* "a", "a/b", "a/b/c" of one-letter names; "" is free */
	bool is_directory;
	size_t size;
	uint8_t content[CONTENT_MAX];
};

struct model {
	struct entry entries[ENTRIES_MAX];
};

static struct model now, committed;
static struct files files;
static uint64_t random_state;
static unsigned refused_for_space, done_ops;

/* xorshift64* */
static uint32_t pick(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 2685821657736338717ull) >> 33) % below;
}

/* -- the model -- */

static struct entry *find(const char *path)
{
	for (int i = 0; i < ENTRIES_MAX; i++) {
		if (*path != 0 && strcmp(now.entries[i].path, path) == 0)
			return &now.entries[i];
	}
	return NULL;
}

static bool has_children(const char *path)
{
	size_t size = strlen(path);
	for (int i = 0; i < ENTRIES_MAX; i++) {
		if (strncmp(now.entries[i].path, path, size) == 0 &&
			now.entries[i].path[size] == '/')
			return true;
	}
	return false;
}

/* OK when every directory on the way to a path is there. */
static enum wasi_errno way_to(const char *path)
{
	char way[PATH_MAX_];
	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		memcpy(way, path, (size_t)(slash - path));
		way[slash - path] = 0;
		const struct entry *entry = find(way);
		if (entry == NULL)
			return WASI_NOENT;
		if (!entry->is_directory)
			return WASI_NOTDIR;
	}
	return WASI_OK;
}

static struct entry *add(const char *path, bool is_directory)
{
	for (int i = 0; i < ENTRIES_MAX; i++) {
		if (now.entries[i].path[0] != 0)
			continue;
		memset(&now.entries[i], 0, sizeof(now.entries[i]));
		strcpy(now.entries[i].path, path);
		now.entries[i].is_directory = is_directory;
		return &now.entries[i];
	}
	fail_msg("the model is too small");
	return NULL;
}

/* -- both -- */

static void random_path(char path[PATH_MAX_])
{
	uint32_t depth = 1 + pick(3);
	for (uint32_t i = 0; i < depth; i++) {
		path[2 * i] = (char)('a' + pick(3));
		path[2 * i + 1] = '/';
	}
	path[2 * depth - 1] = 0;
}

static struct bytes text(const char *from)
{
	return bytes_of(from, strlen(from));
}

/* What growing operations may always say instead; the model then stays as it is. */
static bool is_full(enum wasi_errno got, enum wasi_errno wanted)
{
	if (got != WASI_NOSPC) {
		assert_int_equal(got, wanted);
		done_ops++;
		return got != WASI_OK;
	}
	assert_int_equal(wanted, WASI_OK);
	refused_for_space++;
	return true;
}

static void do_make(const char *path)
{
	enum wasi_errno wanted = way_to(path);
	if (wanted == WASI_OK && find(path) != NULL)
		wanted = WASI_EXIST;
	if (!is_full(files_make_directory(&files, files_root(&files), text(path)), wanted))
		(void)add(path, true);
}

static void do_write(const char *path)
{
	static uint8_t from[CONTENT_MAX];
	struct files_handle file;
	enum wasi_errno wanted = way_to(path);
	if (is_full(files_open(&file, &files, files_root(&files), text(path), FILES_OPEN_CREATE),
		    wanted))
		return;
	struct entry *entry = find(path);
	if (entry == NULL)
		entry = add(path, false);
	size_t offset = pick(CONTENT_MAX), size = pick((uint32_t)(CONTENT_MAX - offset)), count = 0;
	for (size_t i = 0; i < size; i++)
		from[i] = (uint8_t)pick(256);
	wanted = entry->is_directory ? WASI_ISDIR : WASI_OK;
	if (is_full(files_write(&count, &files, file, offset, bytes_of(from, size)), wanted))
		return;
	assert_true(count <= size);
	memcpy(entry->content + offset, from, count);
	if (count > 0 && offset + count > entry->size)
		entry->size = offset + count;
}

static void do_resize(const char *path)
{
	struct files_handle file;
	const enum wasi_errno way = way_to(path);
	struct entry *entry = way == WASI_OK ? find(path) : NULL;
	enum wasi_errno wanted = way == WASI_OK && entry == NULL ? WASI_NOENT : way;
	if (is_full(files_open(&file, &files, files_root(&files), text(path), 0), wanted))
		return;
	size_t size = pick(4) == 0 ? 0 : pick(CONTENT_MAX);
	wanted = entry->is_directory ? WASI_ISDIR : WASI_OK;
	if (is_full(files_resize(&files, file, size), wanted))
		return;
	if (size < entry->size)
		memset(entry->content + size, 0, entry->size - size);
	entry->size = size;
}

static void do_remove(const char *path, bool directory)
{
	enum wasi_errno wanted = way_to(path), got;
	struct entry *entry = wanted == WASI_OK ? find(path) : NULL;
	if (wanted == WASI_OK && entry == NULL)
		wanted = WASI_NOENT;
	else if (entry != NULL && directory != entry->is_directory)
		wanted = directory ? WASI_NOTDIR : WASI_ISDIR;
	else if (entry != NULL && directory && has_children(path))
		wanted = WASI_NOTEMPTY;
	got = directory ? files_remove_directory(&files, files_root(&files), text(path))
			: files_unlink(&files, files_root(&files), text(path));
	if (!is_full(got, wanted))
		memset(entry, 0, sizeof(*entry));
}

static bool is_under(const char *path, const char *ancestor)
{
	size_t size = strlen(ancestor);
	return strncmp(path, ancestor, size) == 0 && (path[size] == 0 || path[size] == '/');
}

static enum wasi_errno rename_wanted(const char *from, const char *to)
{
	enum wasi_errno wanted = way_to(from);
	if (wanted != WASI_OK)
		return wanted;
	const struct entry *source = find(from), *target = find(to);
	if (source == NULL)
		return WASI_NOENT;
	wanted = way_to(to);
	if (wanted != WASI_OK || source == target)
		return wanted;
	if (is_under(to, from))
		return WASI_INVAL;
	if (target == NULL)
		return WASI_OK;
	if (source->is_directory != target->is_directory)
		return source->is_directory ? WASI_NOTDIR : WASI_ISDIR;
	return target->is_directory && has_children(to) ? WASI_NOTEMPTY : WASI_OK;
}

static void do_rename(const char *from, const char *to)
{
	char moved[2 * PATH_MAX_];
	/* The model's paths are three names deep at most. */
	if (has_children(from) && strlen(to) > 1)
		return;
	enum wasi_errno wanted = rename_wanted(from, to);
	if (is_full(files_rename(
			    &files, files_root(&files), text(from), files_root(&files), text(to)),
		    wanted) ||
		strcmp(from, to) == 0)
		return;
	if (find(to) != NULL)
		memset(find(to), 0, sizeof(struct entry));
	for (int i = 0; i < ENTRIES_MAX; i++) {
		struct entry *entry = &now.entries[i];
		if (entry->path[0] == 0 || !is_under(entry->path, from))
			continue;
		(void)snprintf(moved, sizeof(moved), "%s%s", to, entry->path + strlen(from));
		assert_true(strlen(moved) < PATH_MAX_);
		strcpy(entry->path, moved);
	}
}

/* -- comparing -- */

static unsigned compare_folder(struct files_handle folder, const char *prefix)
{
	static uint8_t got[CONTENT_MAX + 1];
	unsigned seen = 0;
	struct files_entry found;
	for (uint64_t cookie = 0; files_next(&found, &files, folder, cookie) == WASI_OK;
		cookie = found.next) {
		char path[2 * PATH_MAX_];
		(void)snprintf(path, sizeof(path), "%s%.*s", prefix, (int)found.name.len,
			(const char *)found.name.ptr);
		const struct entry *entry = find(path);
		assert_non_null(entry);
		assert_int_equal(entry->is_directory, found.type == FILES_DIRECTORY);
		struct files_handle handle;
		assert_int_equal(
			files_open(&handle, &files, files_root(&files), text(path), 0), WASI_OK);
		seen++;
		if (entry->is_directory) {
			strcat(path, "/");
			seen += compare_folder(handle, path);
			continue;
		}
		size_t count;
		struct files_stat stat;
		assert_int_equal(files_stat(&stat, &files, handle), WASI_OK);
		assert_int_equal(stat.size, entry->size);
		assert_int_equal(
			files_read(&count, &files, handle, 0, (struct buffer){got, sizeof(got)}),
			WASI_OK);
		assert_int_equal(count, entry->size);
		assert_memory_equal(got, entry->content, count);
	}
	return seen;
}

static void compare(void)
{
	unsigned wanted = 0;
	for (int i = 0; i < ENTRIES_MAX; i++)
		wanted += now.entries[i].path[0] != 0;
	assert_int_equal(compare_folder(files_root(&files), ""), wanted);
}

static void step(void)
{
	char path[PATH_MAX_], other[PATH_MAX_];
	random_path(path);
	random_path(other);
	switch (pick(12)) {
	case 0:
	case 1: do_make(path); break;
	case 2:
	case 3:
	case 4: do_write(path); break;
	case 5: do_resize(path); break;
	case 6: do_remove(path, false); break;
	case 7: do_remove(path, true); break;
	case 8:
	case 9: do_rename(path, other); break;
	case 10:
		files_commit(&files);
		committed = now;
		compare();
		break;
	default:
		files_rollback(&files);
		now = committed;
		compare();
		break;
	}
}

/* The node table does not shrink: an index block, and a block for each 13 nodes after the first. */
#define TABLE_MAX ((1 + ENTRIES_MAX / 13) * BLOCK_SIZE)

/* Nothing else may be lost: an emptied tree has the space of a new one. */
static void empty_all(uint64_t space)
{
	files_commit(&files);
	for (int pass = 0; pass < 4; pass++) {
		for (int i = 0; i < ENTRIES_MAX; i++) {
			char path[PATH_MAX_];
			strcpy(path, now.entries[i].path);
			if (path[0] != 0 && !has_children(path))
				do_remove(path, now.entries[i].is_directory);
			files_commit(&files);
		}
	}
	compare();
	assert_in_range(files_space(&files), space - TABLE_MAX, space);
}

static void tree_does_what_the_model_does(void **state)
{
	(void)state;
	const char *chosen = getenv("CONCLAVE_SEED");
	uint64_t first = chosen != NULL ? strtoull(chosen, NULL, 0) : 1;
	for (uint64_t seed = first; seed < first + (chosen != NULL ? 1 : SEEDS); seed++) {
		/* Small enough for some seeds to be full all the time, large enough for others
		 * never to be. */
		size_t size = BLOCKS_REGION_MIN + (size_t)(seed % 10) * 24 * BLOCK_SIZE;
		uint8_t *region = malloc(size);
		random_state = seed * 0x9e3779b97f4a7c15ull;
		memset(&now, 0, sizeof(now));
		memset(&committed, 0, sizeof(committed));
		assert_int_equal(files_init(&files, (struct buffer){region, size}), CONCLAVE_OK);
		uint64_t space = files_space(&files);
		print_message("seed %llu\n", (unsigned long long)seed);
		for (unsigned i = 0; i < STEPS; i++)
			step();
		empty_all(space);
		free(region);
	}
	/* Both kinds really happened. */
	assert_true(chosen != NULL || (refused_for_space > 1000 && done_ops > 10000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_does_what_the_model_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
