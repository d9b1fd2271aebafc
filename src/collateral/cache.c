#include "collateral/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "attest/calendar.h"
#include "base/check.h"
#include "base/report.h"
#include "os/file.h"

#define VERSION 1
#define FILE_SIZE_MAX 0x20000u /* the largest body and chain, with room to spare */

static const uint8_t magic[4] = {'C', 'C', 'O', 'L'};

enum conclave_error cache_open(
	struct cache *out, const char *folder, struct conclave_report *report)
{
	size_t len = strlen(folder);
	if (len == 0 || len >= CACHE_FOLDER_SIZE) {
		report_fill(report, "the cache's folder: a path of 1 to %u bytes",
			CACHE_FOLDER_SIZE - 1);
		return CONCLAVE_ERROR_LIMIT;
	}
	TRY(file_folder(folder, 0700, report));
	memcpy(out->folder, folder, len + 1);
	return CONCLAVE_OK;
}

enum conclave_error cache_lock(int *lock, const struct cache *cache, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];
	TRY(file_path(path, report, "%s/lock", cache->folder));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = fd < 0 ? -1 : 0;
	while (fd >= 0 && (result = flock(fd, LOCK_EX)) != 0 && errno == EINTR)
		continue;
	if (result != 0) {
		report_fill(report, "%.800s: cannot be locked: %s", path, strerror(errno));
		cache_unlock(&fd);
		return CONCLAVE_ERROR_IO;
	}
	*lock = fd;
	return CONCLAVE_OK;
}

void cache_unlock(const int *lock)
{
	if (*lock >= 0)
		close(*lock);
}

void cache_entry_free(struct cache_entry *entry)
{
	free(entry->memory.ptr);
	*entry = (struct cache_entry){0};
}

static enum conclave_error entry_path(char out[FILE_PATH_SIZE], const struct cache *cache,
	const struct collateral_item *item, struct conclave_report *report)
{
	char name[COLLATERAL_NAME_SIZE];
	item_name(name, item);
	return file_path(out, report, "%s/%s", cache->folder, name);
}

/* -- the format -- */

static void write_entry(struct writer *out, const char *name, const struct cache_entry *entry)
{
	write_bytes(out, BYTES_OF(magic));
	write_u8(out, VERSION);
	write_lp16(out, bytes_of(name, strlen(name)));
	write_u64be(out, (uint64_t)entry->fetched);
	write_u64be(out, (uint64_t)entry->not_before);
	write_u64be(out, (uint64_t)entry->renew);
	write_lp16(out, bytes_of(entry->etag, strlen(entry->etag)));
	write_bytes(out, BYTES_OF(entry->source));
	write_lp32(out, entry->chain);
	write_lp32(out, entry->body);
}

/* A time that can be written as a date. */
static int64_t read_time(struct reader *reader)
{
	uint64_t seconds = read_u64be(reader);
	if (seconds > (uint64_t)CALENDAR_SECONDS_MAX)
		reader->failed = true;
	return (int64_t)(seconds & INT64_MAX);
}

static enum conclave_error read_entry(struct cache_entry *out, const char *name, struct bytes whole)
{
	struct cache_entry entry = {0};
	struct reader reader = reader_of(whole);
	struct bytes seen_magic = read_bytes(&reader, sizeof(magic));
	uint8_t version = read_u8(&reader);
	struct bytes seen_name = read_lp16(&reader);
	entry.fetched = read_time(&reader);
	entry.not_before = read_time(&reader);
	entry.renew = read_time(&reader);
	struct bytes etag = read_lp16(&reader);
	read_into(&reader, &entry.source, sizeof(entry.source));
	entry.chain = read_lp32(&reader);
	entry.body = read_lp32(&reader);
	struct bytes digest = read_bytes(&reader, sizeof(struct sha256));
	struct sha256 wanted;
	TRY(reader_end(&reader));
	sha256(&wanted, bytes_slice(whole, 0, whole.len - sizeof(wanted)));
	if (!bytes_equal(digest, BYTES_OF(wanted)) || !bytes_equal(seen_magic, BYTES_OF(magic)) ||
		version != VERSION || !bytes_equal(seen_name, bytes_of(name, strlen(name))) ||
		etag.len >= sizeof(entry.etag))
		return CONCLAVE_ERROR_FORMAT;
	memcpy(entry.etag, etag.ptr, etag.len);
	*out = entry;
	return CONCLAVE_OK;
}

/* -- entries -- */

enum conclave_error cache_read(struct cache_entry *out, const struct cache *cache,
	const struct collateral_item *item, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];
	CLEANUP(file_free) struct buffer memory = {0};
	struct cache_entry entry;
	TRY(entry_path(path, cache, item, report));
	TRY(file_read(&memory, path, FILE_SIZE_MAX, report));
	if (read_entry(&entry, path + strlen(cache->folder) + 1,
		    bytes_of(memory.ptr, memory.len)) != CONCLAVE_OK) {
		report_fill(report, "%.800s: damaged", path);
		return CONCLAVE_ERROR_FORMAT;
	}
	*out = entry;
	out->memory = memory;
	memory.ptr = NULL;
	return CONCLAVE_OK;
}

enum conclave_error cache_write(const struct cache *cache, const struct collateral_item *item,
	const struct cache_entry *entry, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];
	CLEANUP(file_free) struct buffer space = {malloc(FILE_SIZE_MAX), FILE_SIZE_MAX};
	struct sha256 digest;
	TRY(entry_path(path, cache, item, report));
	if (space.ptr == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of(space);
	write_entry(&writer, path + strlen(cache->folder) + 1, entry);
	sha256(&digest, writer_bytes(&writer));
	write_bytes(&writer, BYTES_OF(digest));
	TRY(writer_end(&writer));
	return file_write(path, writer_bytes(&writer), 0600, report);
}

/* -- all of them -- */

/* What file_write makes beside a file, "NAME.XXXXXX", of a writer that died. */
static bool is_leftover(const char *name)
{
	char stem[COLLATERAL_NAME_SIZE];
	struct collateral_item item;
	size_t len = strlen(name);
	if (len < 8 || len >= sizeof(stem) || name[len - 7] != '.')
		return false;
	memcpy(stem, name, len - 7);
	stem[len - 7] = '\0';
	return item_parse(&item, stem) == CONCLAVE_OK;
}

/* What brings a chain, then the roots' CRLs, then what is verified with both. */
static int rank(const struct collateral_item *item)
{
	switch (item->kind) {
	case COLLATERAL_PCK_CRL:
	case COLLATERAL_AMD_CHAIN: return 0;
	case COLLATERAL_ROOT_CRL:
	case COLLATERAL_AMD_CRL: return 1;
	case COLLATERAL_TCB_INFO:
	case COLLATERAL_QE_IDENTITY:
	case COLLATERAL_VCEK: break;
	}
	return 2;
}

static int compare(const void *a, const void *b)
{
	const struct collateral_item *x = a, *y = b;
	char x_name[COLLATERAL_NAME_SIZE], y_name[COLLATERAL_NAME_SIZE];
	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	item_name(x_name, x);
	item_name(y_name, y);
	return strcmp(x_name, y_name);
}

struct list {
	struct collateral_item *items;
	size_t count;
};

static void list_free(struct list *list)
{
	free(list->items);
}

static enum conclave_error list_add(struct list *list, const struct collateral_item *item)
{
	struct collateral_item *moved = reallocarray(list->items, list->count + 1, sizeof(*moved));
	if (moved == NULL)
		return CONCLAVE_ERROR_MEMORY;
	moved[list->count++] = *item;
	list->items = moved;
	return CONCLAVE_OK;
}

static void close_folder(DIR *const *folder)
{
	if (*folder != NULL)
		closedir(*folder);
}

enum conclave_error cache_list(struct collateral_item **items, size_t *count,
	const struct cache *cache, struct conclave_report *report)
{
	CLEANUP(list_free) struct list list = {0};
	CLEANUP(close_folder) DIR *folder = opendir(cache->folder);
	if (folder == NULL) {
		report_fill(report, "%.800s: %s", cache->folder, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	for (const struct dirent *file; (file = readdir(folder)) != NULL;) {
		struct collateral_item item;
		if (item_parse(&item, file->d_name) == CONCLAVE_OK)
			TRY(list_add(&list, &item));
		else if (is_leftover(file->d_name))
			(void)unlinkat(dirfd(folder), file->d_name, 0);
	}
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), compare);
	*items = list.items;
	*count = list.count;
	list.items = NULL;
	return CONCLAVE_OK;
}
