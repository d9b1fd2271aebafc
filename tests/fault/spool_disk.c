#include "fault/spool_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 8
#define SECTOR 512

/* A name is "" while there is none. */
struct spooled {
	char now[64], safe[64];
	int fd; /* -1: nobody writes it */
	off_t size, safe_size;
	char stash[256]; /* where its bytes are when it has no name */
};

static struct spooled files[FILES_MAX];
static size_t files_count;
static char folder[160];
static bool folder_is_safe;

int __real_openat(int where, const char *name, int flags, ...);
int __real_mkdir(const char *path, mode_t mode);
ssize_t __real_write(int fd, const void *from, size_t size);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_close(int fd);
int __real_renameat(int from, const char *name, int to, const char *new_name);
int __real_unlinkat(int where, const char *name, int flags);
int __real_sync_file_range(int fd, off_t offset, off_t size, unsigned flags);
int __wrap_openat(int where, const char *name, int flags, ...);
int __wrap_mkdir(const char *path, mode_t mode);
ssize_t __wrap_write(int fd, const void *from, size_t size);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_close(int fd);
int __wrap_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_unlinkat(int where, const char *name, int flags);
int __wrap_sync_file_range(int fd, off_t offset, off_t size, unsigned flags);

static struct spooled *find_name(const char *name)
{
	for (size_t i = 0; i < files_count; i++)
		if (strcmp(files[i].now, name) == 0)
			return &files[i];
	return NULL;
}

static struct spooled *find_fd(int fd)
{
	for (size_t i = 0; i < files_count; i++)
		if (files[i].fd == fd)
			return &files[i];
	return NULL;
}

static int refuse(int cause)
{
	errno = cause;
	return -1;
}

static bool same_place(int fd, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino;
}

/* -- what the store calls -- */

int __wrap_openat(int where, const char *name, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(arguments, int) : 0;
	va_end(arguments);
	if ((flags & O_CREAT) == 0)
		return __real_openat(where, name, flags);
	if (disk_fails() || files_count == FILES_MAX)
		return refuse(ENOSPC);
	int fd = __real_openat(where, name, flags, mode);
	if (fd >= 0) {
		struct spooled *file = &files[files_count++];
		*file = (struct spooled){.fd = fd};
		(void)snprintf(file->now, sizeof(file->now), "%s", name);
	}
	return fd;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return disk_fails() ? refuse(ENOSPC) : __real_mkdir(path, mode);
}

/* A disk that becomes full takes what still fits. */
ssize_t __wrap_write(int fd, const void *from, size_t size)
{
	struct spooled *file = find_fd(fd);
	if (file == NULL)
		return __real_write(fd, from, size);
	if (disk_fails()) {
		ssize_t taken = __real_write(fd, from, size / 2);
		file->size += taken > 0 ? taken : 0;
		return refuse(ENOSPC);
	}
	ssize_t count = __real_write(fd, from, size);
	file->size += count;
	return count;
}

int __wrap_fdatasync(int fd)
{
	struct spooled *file = find_fd(fd);
	if (file == NULL)
		return __real_fdatasync(fd);
	if (disk_fails())
		return refuse(EIO);
	file->safe_size = file->size;
	return 0;
}

int __wrap_fsync(int fd)
{
	char parent[200];
	(void)snprintf(parent, sizeof(parent), "%s/..", folder);
	bool is_folder = same_place(fd, folder), is_parent = same_place(fd, parent);
	if (!is_folder && !is_parent)
		return __real_fsync(fd);
	if (disk_fails())
		return refuse(EIO);
	folder_is_safe = folder_is_safe || is_parent;
	for (size_t i = 0; i < files_count && is_folder; i++)
		memcpy(files[i].safe, files[i].now, sizeof(files[i].now));
	return 0;
}

int __wrap_close(int fd)
{
	struct spooled *file = find_fd(fd);
	if (file != NULL)
		file->fd = -1;
	return __real_close(fd);
}

int __wrap_renameat(int from, const char *name, int to, const char *new_name)
{
	struct spooled *file = find_name(name);
	if (disk_fails())
		return refuse(EIO);
	int status = __real_renameat(from, name, to, new_name);
	if (file != NULL && status == 0)
		(void)snprintf(file->now, sizeof(file->now), "%s", new_name);
	return status;
}

int __wrap_unlinkat(int where, const char *name, int flags)
{
	struct spooled *file = find_name(name);
	if (disk_fails())
		return refuse(EIO);
	if (file == NULL)
		return __real_unlinkat(where, name, flags);
	(void)snprintf(
		file->stash, sizeof(file->stash), "%s.stash-%d", folder, (int)(file - files));
	file->now[0] = '\0';
	return __real_renameat(where, name, AT_FDCWD, file->stash);
}

int __wrap_sync_file_range(int fd, off_t offset, off_t size, unsigned flags)
{
	(void)fd, (void)offset, (void)size, (void)flags;
	return disk_fails() ? refuse(EIO) : 0;
}

/* -- the power goes -- */

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static bool by_chance(uint64_t *seed)
{
	return *seed != 0 && next(seed) % 2 == 0;
}

/* Of what was not synced, a part is there, and not all of that is right. */
static void tear(const char *path, const struct spooled *file, uint64_t *seed)
{
	static const char zeros[SECTOR];
	off_t lost = file->size - file->safe_size;
	off_t size = file->safe_size;
	if (*seed != 0 && lost > 0)
		size += (off_t)(next(seed) % (uint64_t)(lost + 1));
	if (truncate(path, size) != 0)
		abort();
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	for (off_t at = file->safe_size; at + SECTOR <= size; at += SECTOR)
		if (by_chance(seed) && pwrite(fd, zeros, SECTOR, at) != SECTOR)
			abort();
	(void)__real_close(fd);
}

static void file_power_cut(struct spooled *file, uint64_t *seed)
{
	char from[256], to[256];
	const char *name = by_chance(seed) ? file->now : file->safe;
	(void)snprintf(from, sizeof(from), "%s/%s", folder, file->now);
	(void)snprintf(to, sizeof(to), "%s/%s", folder, name);
	const char *bytes = file->now[0] != '\0' ? from : file->stash;
	tear(bytes, file, seed);
	if ((name[0] != '\0' ? rename(bytes, to) : unlink(bytes)) != 0)
		abort();
}

static void folder_remove(void)
{
	char path[512];
	DIR *listing = opendir(folder);
	if (listing == NULL)
		return;
	for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(listing);
	(void)rmdir(folder);
}

void spool_disk_power_cut(uint64_t seed)
{
	for (size_t i = 0; i < files_count; i++)
		file_power_cut(&files[i], &seed);
	files_count = 0;
	if (!folder_is_safe && !by_chance(&seed))
		folder_remove();
	folder_is_safe = true;
}

void spool_disk_init(const char *path)
{
	(void)snprintf(folder, sizeof(folder), "%s", path);
	for (size_t i = 0; i < files_count; i++)
		if (files[i].now[0] == '\0')
			(void)unlink(files[i].stash);
	folder_remove();
	files_count = 0;
	folder_is_safe = false;
}

unsigned spool_disk_files(void)
{
	unsigned count = 0;
	DIR *listing = opendir(folder);
	while (listing != NULL && readdir(listing) != NULL)
		count++;
	if (listing != NULL)
		(void)closedir(listing);
	return count > 2 ? count - 2 : 0;
}
