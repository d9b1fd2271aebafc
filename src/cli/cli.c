#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "os/file.h"

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

/* -- files -- */

enum conclave_error cli_read_file(uint8_t **out, size_t *size, const char *path, size_t size_max,
	struct conclave_report *report)
{
	struct buffer whole;
	TRY(file_read(&whole, path, size_max, report));
	*out = whole.ptr;
	*size = whole.len;
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
