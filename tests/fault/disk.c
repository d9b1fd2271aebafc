#include "fault/disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 8
#define SECTOR 512

struct content {
	uint8_t *data;
	size_t size, cap;
};

/* A write (or, without data, a truncation) that is not safe yet. */
struct unsafe {
	uint8_t *data;
	size_t offset, size;
};

struct file {
	char name[128];
	bool exists, safely_exists;
	struct content now, safe;
	struct unsafe *unsafe;
	size_t unsafe_count, unsafe_cap;
};

struct handle {
	sqlite3_file base;
	struct file *file;
};

static struct file files[FILES_MAX];
static struct {
	unsigned left;
	bool armed, fired;
	enum disk_fault fault;
} plan;

static void content_write(struct content *content, const uint8_t *data, size_t offset, size_t size)
{
	if (size == 0)
		return;
	size_t end = offset + size;
	if (end > content->cap) {
		content->cap = 2 * end;
		content->data = realloc(content->data, content->cap);
	}
	if (end > content->size) {
		memset(content->data + content->size, 0, end - content->size);
		content->size = end;
	}
	memcpy(content->data + offset, data, size);
}

static void content_copy(struct content *to, const struct content *from)
{
	to->size = 0;
	content_write(to, from->data, 0, from->size);
}

static void unsafe_forget(struct file *file)
{
	for (size_t i = 0; i < file->unsafe_count; i++)
		free(file->unsafe[i].data);
	free(file->unsafe);
	file->unsafe = NULL;
	file->unsafe_count = file->unsafe_cap = 0;
}

static void unsafe_add(struct file *file, const void *data, size_t offset, size_t size)
{
	struct unsafe entry = {NULL, offset, size};
	if (data != NULL) {
		entry.data = malloc(size);
		memcpy(entry.data, data, size);
	}
	if (file->unsafe_count == file->unsafe_cap) {
		file->unsafe_cap = 2 * file->unsafe_cap + 16;
		file->unsafe = realloc(file->unsafe, file->unsafe_cap * sizeof(entry));
	}
	file->unsafe[file->unsafe_count++] = entry;
}

static struct file *file_find(const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

/* -- faults -- */

bool disk_fails(void)
{
	if (!plan.armed)
		return false;
	if (plan.fired)
		return plan.fault == DISK_POWER_CUT;
	if (--plan.left > 0)
		return false;
	plan.fired = true;
	return true;
}

void disk_arm(unsigned n, enum disk_fault fault)
{
	plan.armed = n > 0;
	plan.fired = false;
	plan.left = n;
	plan.fault = fault;
}

unsigned disk_fired(void)
{
	return plan.fired;
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void sectors_apply(struct file *file, const struct unsafe *entry, uint64_t *seed)
{
	for (size_t at = 0; at < entry->size; at += SECTOR) {
		size_t size = entry->size - at < SECTOR ? entry->size - at : SECTOR;
		if (next(seed) % 2 == 0)
			content_write(&file->safe, entry->data + at, entry->offset + at, size);
	}
}

/* Seed 0 loses everything that was not synced. */
static void file_power_cut(struct file *file, uint64_t *seed)
{
	for (size_t i = 0; i < file->unsafe_count && *seed != 0; i++) {
		const struct unsafe *entry = &file->unsafe[i];
		if (entry->data != NULL)
			sectors_apply(file, entry, seed);
		else if (next(seed) % 2 == 0 && entry->offset < file->safe.size)
			file->safe.size = entry->offset;
	}
	if (*seed != 0 && file->exists != file->safely_exists && next(seed) % 2 == 0)
		file->safely_exists = file->exists;
	unsafe_forget(file);
	file->exists = file->safely_exists;
	content_copy(&file->now, &file->safe);
}

void disk_power_cut(uint64_t seed)
{
	plan.armed = false;
	for (size_t i = 0; i < FILES_MAX; i++)
		file_power_cut(&files[i], &seed);
}

/* -- files -- */

static int file_close(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int size, sqlite3_int64 offset)
{
	const struct content *now = &((struct handle *)base)->file->now;
	size_t at = (size_t)offset, wanted = (size_t)size;
	size_t there = at < now->size ? now->size - at : 0;
	memset(out, 0, wanted);
	memcpy(out, there > 0 ? now->data + at : (uint8_t *)out, there < wanted ? there : wanted);
	return there < wanted ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int file_write(sqlite3_file *base, const void *from, int size, sqlite3_int64 offset)
{
	struct file *file = ((struct handle *)base)->file;
	if (disk_fails())
		return SQLITE_IOERR_WRITE;
	content_write(&file->now, from, (size_t)offset, (size_t)size);
	unsafe_add(file, from, (size_t)offset, (size_t)size);
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *file = ((struct handle *)base)->file;
	if (disk_fails())
		return SQLITE_IOERR_TRUNCATE;
	if ((size_t)size < file->now.size)
		file->now.size = (size_t)size;
	unsafe_add(file, NULL, (size_t)size, 0);
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
	struct file *file = ((struct handle *)base)->file;
	(void)flags;
	if (disk_fails())
		return SQLITE_IOERR_FSYNC;
	content_copy(&file->safe, &file->now);
	file->safely_exists = true;
	unsafe_forget(file);
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct handle *)base)->file->now.size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
	(void)base, (void)level;
	return SQLITE_OK;
}

static int file_check_lock(sqlite3_file *base, int *out)
{
	(void)base;
	*out = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
	(void)base, (void)operation, (void)argument;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
	(void)base;
	return SECTOR;
}

static int file_characteristics(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static const sqlite3_io_methods METHODS = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

/* -- the VFS -- */

static int disk_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
	struct handle *handle = (struct handle *)base;
	struct file *file = name != NULL ? file_find(name) : NULL;
	(void)vfs;
	handle->base.pMethods = NULL;
	if ((file == NULL || !file->exists) && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	if (file == NULL || !file->exists) {
		if (disk_fails())
			return SQLITE_CANTOPEN;
		file = file != NULL ? file : file_find("");
		if (file == NULL || name == NULL)
			return SQLITE_CANTOPEN;
		(void)strncpy(file->name, name, sizeof(file->name) - 1);
		file->exists = true;
		file->now.size = file->safe.size = 0;
	}
	handle->base.pMethods = &METHODS;
	handle->file = file;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct file *file = file_find(name);
	(void)vfs;
	if (file == NULL || !file->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	if (disk_fails())
		return SQLITE_IOERR_DELETE;
	file->exists = false;
	file->now.size = 0;
	if (sync_folder)
		file->safely_exists = false;
	return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	const struct file *file = file_find(name);
	(void)vfs, (void)flags;
	*out = file != NULL && file->exists;
	return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	(void)sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

void disk_init(void)
{
	static sqlite3_vfs vfs;
	for (size_t i = 0; i < FILES_MAX; i++) {
		unsafe_forget(&files[i]);
		free(files[i].now.data);
		free(files[i].safe.data);
		files[i] = (struct file){0};
	}
	disk_arm(0, DISK_FAIL_ONCE);
	if (vfs.zName != NULL)
		return;
	/* Time, randomness and sleep are the system's. */
	vfs = *sqlite3_vfs_find(NULL);
	vfs.pNext = NULL;
	vfs.zName = "disk";
	vfs.szOsFile = sizeof(struct handle);
	vfs.xOpen = disk_open;
	vfs.xDelete = disk_delete;
	vfs.xAccess = disk_access;
	vfs.xFullPathname = disk_full_path;
	(void)sqlite3_vfs_register(&vfs, 1);
}
