#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"

/* -- what is said when it goes wrong -- */

static bool is_refusal(enum conclave_error error)
{
	return (error >= CONCLAVE_ERROR_CONSTRAINT && error <= CONCLAVE_ERROR_REFUSED) ||
	       error == CONCLAVE_ERROR_AUTH || error == CONCLAVE_ERROR_SIGNATURE ||
	       error == CONCLAVE_ERROR_MISMATCH;
}

int cli_fail(const char *verb, enum conclave_error error, const struct conclave_report *report)
{
	bool silent = report == NULL || report->text[0] == '\0';
	fprintf(stderr, "conclave: %s: %s\n", verb,
		silent ? conclave_error_text(error) : report->text);
	return is_refusal(error) ? CLI_REFUSED : CLI_FAILED;
}

int cli_usage(const char *verb, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "conclave: %s: ", verb);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\nTry 'conclave %s --help'.\n", verb);
	va_end(arguments);
	return CLI_USAGE;
}

/* -- reading -- */

static void close_fd(const int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
}

/* Room for `needed` bytes, doubling up to one more than the limit, which shows an excess. */
static enum conclave_error grow(uint8_t **data, size_t *cap, size_t needed, size_t size_max)
{
	if (needed <= *cap)
		return CONCLAVE_OK;
	size_t larger = *cap < size_max / 2 ? *cap * 2 : size_max + 1;
	uint8_t *moved = realloc(*data, larger);
	if (moved == NULL)
		return CONCLAVE_ERROR_MEMORY;
	*data = moved;
	*cap = larger;
	return CONCLAVE_OK;
}

static enum conclave_error read_all(uint8_t **data, size_t *size, int fd, size_t size_max)
{
	size_t cap = size_max < 4096 ? size_max + 1 : 4096;
	*size = 0;
	*data = malloc(cap);
	if (*data == NULL)
		return CONCLAVE_ERROR_MEMORY;
	for (;;) {
		if (*size > size_max)
			return CONCLAVE_ERROR_LIMIT;
		TRY(grow(data, &cap, *size + 1, size_max));
		ssize_t count = read(fd, *data + *size, cap - *size);
		if (count == 0)
			return CONCLAVE_OK;
		if (count < 0 && errno != EINTR)
			return CONCLAVE_ERROR_IO;
		*size += count > 0 ? (size_t)count : 0;
	}
}

enum conclave_error cli_read_file(uint8_t **out, size_t *size, const char *path, size_t size_max,
	struct conclave_report *report)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	CLEANUP(close_fd) int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		bool absent = errno == ENOENT;
		report_fill(report, "%s: %s", name, strerror(errno));
		return absent ? CONCLAVE_ERROR_NOT_FOUND : CONCLAVE_ERROR_IO;
	}
	uint8_t *data = NULL;
	size_t count = 0;
	enum conclave_error error = read_all(&data, &count, fd, size_max);
	if (error != CONCLAVE_OK) {
		if (error == CONCLAVE_ERROR_LIMIT)
			report_fill(report, "%s: larger than the %zu bytes allowed here", name,
				size_max);
		else if (error == CONCLAVE_ERROR_IO)
			report_fill(report, "%s: %s", name, strerror(errno));
		else
			report_fill(report, "%s: out of memory", name);
		free(data);
		return error;
	}
	*out = data;
	*size = count;
	return CONCLAVE_OK;
}

/* -- writing -- */

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
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	if (len >= sizeof(folder))
		return;
	memcpy(folder, path, len);
	folder[len] = '\0';
	const char *name = slash == NULL ? "." : len == 0 ? "/" : folder;
	CLEANUP(close_fd) int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

/* `beside` receives the name of a synced file with this content in the same folder. */
static bool write_beside(char beside[PATH_MAX], const char *path, struct bytes data, unsigned mode)
{
	if ((size_t)snprintf(beside, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool written = write_all(fd, data) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	int cause = errno;
	close(fd);
	if (!written)
		unlink(beside);
	errno = cause;
	return written;
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

static enum conclave_error write_stream(
	const char *path, struct bytes data, struct conclave_report *report)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && write_all(fd, data))
		return CONCLAVE_OK;
	report_fill(report, "%s: cannot write: %s", path, strerror(errno));
	return CONCLAVE_ERROR_IO;
}

enum conclave_error cli_write_file(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report)
{
	char beside[PATH_MAX];
	if (is_stream(path))
		return write_stream(path, data, report);
	if (!write_beside(beside, path, data, mode)) {
		report_fill(report, "%s: cannot write: %s", path, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	if (rename(beside, path) != 0) {
		report_fill(report, "%s: cannot replace: %s", path, strerror(errno));
		unlink(beside);
		return CONCLAVE_ERROR_IO;
	}
	sync_folder(path);
	return CONCLAVE_OK;
}

enum conclave_error cli_create_file(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report)
{
	char beside[PATH_MAX];
	if (!write_beside(beside, path, data, mode)) {
		report_fill(report, "%s: cannot write: %s", path, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	/* link, unlike rename, never replaces. */
	int linked = link(beside, path);
	int cause = errno;
	unlink(beside);
	if (linked != 0) {
		report_fill(report, "%s: %s", path, strerror(cause));
		return cause == EEXIST ? CONCLAVE_ERROR_EXISTS : CONCLAVE_ERROR_IO;
	}
	sync_folder(path);
	return CONCLAVE_OK;
}

/* -- the SDK -- */

static bool is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

enum conclave_error cli_sdk_folder(const char **out, struct conclave_report *report)
{
	static const char below[] = "/share/conclave";
	static char folder[PATH_MAX];
	const char *chosen = getenv("CONCLAVE_SDK");
	if (chosen != NULL) {
		if (!is_folder(chosen)) {
			report_fill(report, "CONCLAVE_SDK: no folder at '%s'", chosen);
			return CONCLAVE_ERROR_NOT_FOUND;
		}
		*out = chosen;
		return CONCLAVE_OK;
	}
	ssize_t len = readlink("/proc/self/exe", folder, sizeof(folder) - sizeof(below));
	folder[len < 0 ? 0 : len] = '\0';
	for (int i = 0; i < 2; i++) { /* PREFIX/bin/conclave */
		char *slash = strrchr(folder, '/');
		if (slash != NULL)
			*slash = '\0';
	}
	memcpy(folder + strlen(folder), below, sizeof(below));
	if (!is_folder(folder)) {
		report_fill(report,
			"no SDK at %.500s; install conclave whole, or set CONCLAVE_SDK to its "
			"share/conclave folder",
			folder);
		return CONCLAVE_ERROR_NOT_FOUND;
	}
	*out = folder;
	return CONCLAVE_OK;
}
