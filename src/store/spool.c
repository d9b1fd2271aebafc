#include "store/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/check.h"

/* Bytes that are handed to the disk together: what one sync may have to wait for is two of them. */
#define STEP_SIZE 0x400000u
/* What is left of the disk for the database, whose commits must not fail because strangers send
 * much: all mail that may wait, in its log and in itself. */
#define RESERVE_SIZE 0x8000000u

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static void close_listing(DIR **listing)
{
	if (*listing != NULL)
		(void)closedir(*listing);
}

static void id_name(char name[SPOOL_NAME_SIZE], uint64_t id)
{
	(void)snprintf(name, SPOOL_NAME_SIZE, "%" PRIu64, id);
}

/* The id that a file's name says; 0 when it says none. */
static uint64_t name_id(const char *name)
{
	char same[SPOOL_NAME_SIZE];
	uint64_t id = strtoull(name, NULL, 10);
	id_name(same, id);
	return strcmp(name, same) == 0 ? id : 0;
}

/* -- the folder -- */

/* A new name lasts once its folder is synced. */
static enum conclave_error parent_sync(const char *path)
{
	char parent[PATH_MAX];
	(void)snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	if (slash != NULL)
		slash[slash == parent] = '\0';
	CLEANUP(close_fd)
	int fd = open(slash != NULL ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

static enum conclave_error folder_open(struct spool *spool)
{
	spool->folder = open(spool->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return spool->folder >= 0 ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

static enum conclave_error folder_make(struct spool *spool)
{
	if (spool->folder >= 0)
		return CONCLAVE_OK;
	if (spool->is_temporary)
		return mkdtemp(spool->path) != NULL ? folder_open(spool) : CONCLAVE_ERROR_IO;
	if (mkdir(spool->path, 0700) != 0 && errno != EEXIST)
		return CONCLAVE_ERROR_IO;
	TRY(parent_sync(spool->path));
	return folder_open(spool);
}

enum conclave_error spool_open(struct spool *out, const char *database)
{
	const char *temporary = getenv("TMPDIR");
	*out = (struct spool){.folder = -1, .is_temporary = strcmp(database, ":memory:") == 0};
	int size = out->is_temporary
			   ? snprintf(out->path, sizeof(out->path), "%s/conclave-spool-XXXXXX",
				     temporary != NULL ? temporary : "/tmp")
			   : snprintf(out->path, sizeof(out->path), "%s-spool", database);
	if (size < 0 || (size_t)size >= sizeof(out->path))
		return CONCLAVE_ERROR_LIMIT;
	if (out->is_temporary || folder_open(out) == CONCLAVE_OK || errno == ENOENT)
		return CONCLAVE_OK;
	return CONCLAVE_ERROR_IO;
}

void spool_close(struct spool *spool)
{
	if (spool->folder < 0)
		return;
	if (spool->is_temporary) {
		(void)spool_sweep(spool, NULL, NULL);
		(void)rmdir(spool->path);
	}
	(void)close(spool->folder);
	spool->folder = -1;
}

static enum conclave_error sweep_one(struct spool *spool, const char *name,
	enum conclave_error (*is_kept)(bool *out, void *context, uint64_t id), void *context)
{
	struct stat status;
	uint64_t id = name_id(name);
	bool kept = false;
	if (id != 0 && is_kept != NULL)
		TRY(is_kept(&kept, context, id));
	if (!kept)
		return unlinkat(spool->folder, name, 0) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
	if (fstatat(spool->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return CONCLAVE_ERROR_IO;
	atomic_fetch_add(&spool->size, (uint64_t)status.st_size);
	return CONCLAVE_OK;
}

enum conclave_error spool_sweep(struct spool *spool,
	enum conclave_error (*is_kept)(bool *out, void *context, uint64_t id), void *context)
{
	if (spool->folder < 0)
		return CONCLAVE_OK;
	int fd = openat(spool->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_listing) DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
	if (listing == NULL)
		return CONCLAVE_ERROR_IO;
	for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			TRY(sweep_one(spool, entry->d_name, is_kept, context));
	return CONCLAVE_OK;
}

/* -- a file on its way in -- */

enum conclave_error spool_create(struct spool_file *out, struct spool *spool)
{
	struct spool_file file = {.spool = spool};
	TRY(folder_make(spool));
	(void)snprintf(file.name, sizeof(file.name), "arriving-%" PRIu64, ++spool->arrivals);
	file.fd = openat(spool->folder, file.name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file.fd < 0)
		return CONCLAVE_ERROR_IO;
	*out = file;
	return CONCLAVE_OK;
}

/* Start writing out the step that has become full, and wait for the one before it. An error told
 * here is not told again by fdatasync. */
static enum conclave_error step_out(const struct spool_file *file)
{
	const unsigned whole =
		SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	off_t end = (off_t)(file->size / STEP_SIZE * STEP_SIZE), step = STEP_SIZE;
	int status = sync_file_range(file->fd, end - step, step, SYNC_FILE_RANGE_WRITE);
	if (status == 0 && end > step)
		status = sync_file_range(file->fd, end - 2 * step, step, whole);
	return status == 0 || errno == ENOSYS ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

static enum conclave_error check_reserve(const struct spool *spool)
{
	struct statvfs disk;
	if (fstatvfs(spool->folder, &disk) != 0)
		return CONCLAVE_ERROR_IO;
	if (disk.f_bavail >= RESERVE_SIZE / disk.f_frsize)
		return CONCLAVE_OK;
	errno = ENOSPC;
	return CONCLAVE_ERROR_IO;
}

enum conclave_error spool_append(struct spool_file *file, struct bytes piece)
{
	TRY(check_reserve(file->spool));
	while (piece.len > 0) {
		size_t rest_of_step = STEP_SIZE - (size_t)(file->size % STEP_SIZE);
		struct bytes part = bytes_slice(piece, 0, rest_of_step);
		ssize_t count = write(file->fd, part.ptr, part.len);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return CONCLAVE_ERROR_IO;
		piece = bytes_slice(piece, (size_t)count, piece.len);
		file->size += (uint64_t)count;
		atomic_fetch_add(&file->spool->size, (uint64_t)count);
		if (file->size % STEP_SIZE == 0)
			TRY(step_out(file));
	}
	return CONCLAVE_OK;
}

enum conclave_error spool_sync(struct spool_file *file)
{
	return fdatasync(file->fd) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

enum conclave_error spool_name(struct spool_file *file, uint64_t id)
{
	char name[SPOOL_NAME_SIZE];
	int folder = file->spool->folder;
	id_name(name, id);
	if (renameat(folder, file->name, folder, name) != 0)
		return CONCLAVE_ERROR_IO;
	memcpy(file->name, name, sizeof(name));
	return fsync(folder) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

void spool_end(struct spool_file *file, bool is_kept)
{
	(void)close(file->fd);
	if (is_kept)
		return;
	atomic_fetch_sub(&file->spool->size, file->size);
	(void)unlinkat(file->spool->folder, file->name, 0);
}

/* -- a mail's file -- */

enum conclave_error spool_read(
	struct buffer out, const struct spool *spool, uint64_t id, uint64_t offset)
{
	char name[SPOOL_NAME_SIZE];
	id_name(name, id);
	CLEANUP(close_fd)
	int fd = spool->folder < 0 ? -1
				   : openat(spool->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return spool->folder < 0 || errno == ENOENT ? CONCLAVE_ERROR_NOT_FOUND
							    : CONCLAVE_ERROR_IO;
	for (size_t at = 0; at < out.len;) {
		ssize_t count = pread(fd, out.ptr + at, out.len - at, (off_t)(offset + at));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count == 0 ? CONCLAVE_ERROR_TRUNCATED : CONCLAVE_ERROR_IO;
		at += (size_t)count;
	}
	return CONCLAVE_OK;
}

void spool_remove(struct spool *spool, uint64_t id)
{
	struct stat status;
	char name[SPOOL_NAME_SIZE];
	id_name(name, id);
	if (spool->folder < 0 || fstatat(spool->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (unlinkat(spool->folder, name, 0) == 0)
		atomic_fetch_sub(&spool->size, (uint64_t)status.st_size);
}
