#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"

static enum conclave_error io_error(struct conclave_report *report, const char *path)
{
	report_fill(report, "%s: %s", path, strerror(errno));
	return errno == ENOENT ? CONCLAVE_ERROR_NOT_FOUND : CONCLAVE_ERROR_IO;
}

static void close_file(const int *file)
{
	if (*file >= 0)
		close(*file);
}

void file_free(struct buffer *buffer)
{
	free(buffer->ptr);
	*buffer = (struct buffer){0};
}

/* Reads to the end, in steps, so that pipes work too. */
static enum conclave_error read_to_end(struct buffer *out, int file, const char *path,
	size_t size_max, struct conclave_report *report)
{
	CLEANUP(file_free) struct buffer buffer = {0};
	size_t used = 0;
	for (;;) {
		if (used == buffer.len) {
			size_t grown = buffer.len == 0 ? 65536 : buffer.len * 2;
			uint8_t *ptr = realloc(buffer.ptr, grown + 1);
			if (ptr == NULL)
				return CONCLAVE_ERROR_MEMORY;
			buffer = (struct buffer){ptr, grown};
		}
		ssize_t got = read(file, buffer.ptr + used, buffer.len - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return io_error(report, path);
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > size_max)
			return report_fill(report, "%s: larger than the %zu bytes allowed here",
				       path, size_max),
			       CONCLAVE_ERROR_LIMIT;
	}
	buffer.ptr[used] = 0;
	*out = (struct buffer){buffer.ptr, used};
	buffer.ptr = NULL;
	return CONCLAVE_OK;
}

enum conclave_error file_read(
	struct buffer *out, const char *path, size_t size_max, struct conclave_report *report)
{
	if (strcmp(path, "-") == 0)
		return read_to_end(out, STDIN_FILENO, "standard input", size_max, report);
	CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return io_error(report, path);
	return read_to_end(out, file, path, size_max, report);
}

static bool write_all(int fd, struct bytes data)
{
	while (data.len > 0) {
		ssize_t count = write(fd, data.ptr, data.len);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		data = bytes_slice(data, (size_t)count, data.len);
	}
	return true;
}

/* The folder's own record of a new name, so that it survives a power cut. Some file systems
 * cannot; the data itself is safe. */
static void sync_folder(const char *path)
{
	char folder[FILE_PATH_SIZE];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	if (len >= sizeof(folder))
		return;
	memcpy(folder, path, len);
	folder[len] = '\0';
	const char *name = slash == NULL ? "." : len == 0 ? "/" : folder;
	CLEANUP(close_file) int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

/* A device, a pipe, or a name for a descriptor of ours: a file renamed over it would destroy it for
 * everybody. */
static bool is_stream(const char *path)
{
	struct stat status;
	return strncmp(path, "/dev/std", 8) == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
	       strncmp(path, "/proc/", 6) == 0 ||
	       (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

/* -- written piece by piece -- */

static enum conclave_error write_error(const char *path, struct conclave_report *report)
{
	report_fill(report, "%s: cannot write: %s", path, strerror(errno));
	return CONCLAVE_ERROR_IO;
}

/* A new file in the folder of path; beside receives its name. */
static int open_beside(char beside[FILE_PATH_SIZE], const char *path, unsigned mode)
{
	if ((size_t)snprintf(beside, FILE_PATH_SIZE, "%s.XXXXXX", path) >= FILE_PATH_SIZE) {
		beside[0] = '\0';
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, mode) == 0)
		return fd;
	int cause = errno;
	if (fd >= 0) {
		close(fd);
		unlink(beside);
	}
	beside[0] = '\0';
	errno = cause;
	return -1;
}

enum conclave_error file_output_open(
	struct file_output *out, const char *path, unsigned mode, struct conclave_report *report)
{
	out->path = path;
	out->beside[0] = '\0';
	if (strcmp(path, "-") == 0) {
		out->path = "standard output";
		out->file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	} else if (is_stream(path)) {
		out->file = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
	} else {
		out->file = open_beside(out->beside, path, mode);
	}
	return out->file >= 0 ? CONCLAVE_OK : write_error(out->path, report);
}

enum conclave_error file_output_write(
	struct file_output *output, struct bytes data, struct conclave_report *report)
{
	return write_all(output->file, data) ? CONCLAVE_OK : write_error(output->path, report);
}

enum conclave_error file_output_end(struct file_output *output, struct conclave_report *report)
{
	if (output->beside[0] == '\0')
		return CONCLAVE_OK;
	if (fsync(output->file) != 0)
		return write_error(output->path, report);
	if (rename(output->beside, output->path) != 0) {
		report_fill(report, "%s: cannot replace: %s", output->path, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	output->beside[0] = '\0';
	sync_folder(output->path);
	return CONCLAVE_OK;
}

void file_output_close(struct file_output *output)
{
	close_file(&output->file);
	output->file = -1;
	if (output->beside[0] != '\0')
		unlink(output->beside);
}

/* -- at once -- */

enum conclave_error file_write(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report)
{
	CLEANUP(file_output_close) struct file_output output = {.file = -1};
	TRY(file_output_open(&output, path, mode, report));
	TRY(file_output_write(&output, data, report));
	return file_output_end(&output, report);
}

enum conclave_error file_create(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report)
{
	CLEANUP(file_output_close) struct file_output output = {.path = path};
	output.file = open_beside(output.beside, path, mode);
	if (output.file < 0 || !write_all(output.file, data) || fsync(output.file) != 0)
		return write_error(path, report);
	/* link, unlike rename, never replaces. */
	if (link(output.beside, path) != 0) {
		report_fill(report, "%s: %s", path, strerror(errno));
		return errno == EEXIST ? CONCLAVE_ERROR_EXISTS : CONCLAVE_ERROR_IO;
	}
	sync_folder(path);
	return CONCLAVE_OK;
}

enum conclave_error file_folder(const char *path, unsigned mode, struct conclave_report *report)
{
	struct stat status;
	if (mkdir(path, (mode_t)mode) == 0)
		return CONCLAVE_OK;
	if (errno == EEXIST && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return CONCLAVE_OK;
		errno = ENOTDIR;
	}
	report_fill(report, "%s: %s", path, strerror(errno));
	return CONCLAVE_ERROR_IO;
}

enum conclave_error file_path(
	char out[FILE_PATH_SIZE], struct conclave_report *report, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(out, FILE_PATH_SIZE, format, arguments);
	va_end(arguments);
	if (size >= 0 && size < FILE_PATH_SIZE)
		return CONCLAVE_OK;
	report_fill(report, "a path is longer than %d bytes", FILE_PATH_SIZE);
	return CONCLAVE_ERROR_LIMIT;
}
