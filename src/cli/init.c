#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/limits.h"
#include "base/check.h"
#include "base/report.h"
#include "cli/cli.h"
#include "os/file.h"

#define TEMPLATE_FILE_SIZE_MAX 0x100000u
#define PLACEHOLDER "@NAME@"
#define LANGUAGES "c"

static const char help[] =
	"conclave init: make a new project.\n"
	"\n"
	"usage: conclave init [--lang LANGUAGE] DIR\n"
	"\n"
	"Makes the folder DIR, which must not exist, with a small enclave that builds, runs and\n"
	"passes its own test at once. It is named after the folder: a letter, then letters,\n"
	"digits, '-' and '_', at most 64.\n"
	"\n"
	"  enclave.json     what is measured besides the code: name, version, memory, arguments\n"
	"  guest/NAME.c     the enclave\n"
	"  test/test.c      its test, which runs natively: no enclave is needed to debug it\n"
	"  client/hello.sh  a client\n"
	"  Makefile         make, make test, make run\n"
	"\n"
	"options:\n"
	"  --lang LANGUAGE  the language of the enclave: c (the default)\n"
	"  --help           this page\n"
	"\n"
	"exit codes: 0 made; 1 it could not be made (nothing is left behind); 2 wrong usage.\n"
	"\n"
	"example:\n"
	"  conclave init my-enclave\n"
	"  make -C my-enclave test\n";

/* What is made: `from` in the SDK becomes `to`, with the name put in. */
struct project {
	const char *name;
	struct conclave_report *report;
};

static enum conclave_error join(
	char out[PATH_MAX], const struct project *project, const char *folder, const char *entry)
{
	if (snprintf(out, PATH_MAX, "%s/%s", folder, entry) < PATH_MAX)
		return CONCLAVE_OK;
	return report_fill(project->report, "%.900s/…: the path is too long", folder),
	       CONCLAVE_ERROR_LIMIT;
}

/* A text with every placeholder replaced, malloc'ed, with a NUL after it. */
static char *put_name(size_t *size, const char *name, struct bytes text)
{
	size_t name_size = strlen(name), mark_size = strlen(PLACEHOLDER);
	char *out = malloc((text.len / mark_size + 1) * name_size + text.len + 1);
	size_t used = 0;

	for (size_t i = 0; out != NULL && i < text.len;) {
		if (text.len - i >= mark_size &&
			memcmp(text.ptr + i, PLACEHOLDER, mark_size) == 0) {
			memcpy(out + used, name, name_size);
			used += name_size;
			i += mark_size;
		} else {
			out[used++] = (char)text.ptr[i++];
		}
	}
	if (out != NULL)
		out[used] = 0;
	*size = used;
	return out;
}

static enum conclave_error make_file(
	const struct project *project, const char *from, const char *to, mode_t mode)
{
	uint8_t *template;
	size_t template_size, size;
	TRY(cli_read_file(
		&template, &template_size, from, TEMPLATE_FILE_SIZE_MAX, project->report));
	char *text = put_name(&size, project->name, bytes_of(template, template_size));
	enum conclave_error error = CONCLAVE_ERROR_MEMORY;
	if (text != NULL)
		error = file_write(to, bytes_of(text, size), mode & 0777, project->report);
	free(text);
	free(template);
	return error;
}

static enum conclave_error make_folder(
	const struct project *project, const char *from, const char *to);

static enum conclave_error make_entry(
	const struct project *project, const char *from, const char *to, const char *entry)
{
	char source[PATH_MAX], target[PATH_MAX];
	struct stat stat;
	size_t size;

	char *name = put_name(&size, project->name, bytes_of(entry, strlen(entry)));
	if (name == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = join(target, project, to, name);
	free(name);
	TRY(error);
	TRY(join(source, project, from, entry));
	if (lstat(source, &stat) != 0)
		return report_fill(project->report, "%.900s: %s", source, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	if (!S_ISDIR(stat.st_mode))
		return make_file(project, source, target, stat.st_mode);
	if (mkdir(target, 0777) != 0)
		return report_fill(project->report, "%.900s: %s", target, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	return make_folder(project, source, target);
}

/* Everything in `from` into `to`, which exists. */
static enum conclave_error make_folder(
	const struct project *project, const char *from, const char *to)
{
	DIR *folder = opendir(from);
	if (folder == NULL)
		return report_fill(project->report, "%.900s: %s", from, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	enum conclave_error error = CONCLAVE_OK;
	struct dirent *entry;
	while (error == CONCLAVE_OK && (entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			error = make_entry(project, from, to, entry->d_name);
	}
	closedir(folder);
	return error;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
	(void)stat, (void)kind, (void)place;
	return remove(path);
}

/* Made beside its place and moved there when it is whole. */
static enum conclave_error make_project(
	const struct project *project, const char *template, const char *target)
{
	char fresh[PATH_MAX];
	if (snprintf(fresh, sizeof(fresh), "%s.XXXXXX", target) >= PATH_MAX)
		return CONCLAVE_ERROR_LIMIT;
	if (mkdtemp(fresh) == NULL)
		return report_fill(project->report, "%.900s: %s", target, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	mode_t mask = umask(0);
	umask(mask);
	enum conclave_error error = make_folder(project, template, fresh);
	if (error == CONCLAVE_OK &&
		(chmod(fresh, 0777 & ~mask) != 0 || rename(fresh, target) != 0)) {
		report_fill(project->report, "%.900s: %s", target, strerror(errno));
		error = CONCLAVE_ERROR_IO;
	}
	if (error != CONCLAVE_OK)
		nftw(fresh, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return error;
}

/* The last part of a path, without slashes at its end, which are cut off. */
static const char *base_name(char *path)
{
	for (size_t size = strlen(path); size > 1 && path[size - 1] == '/'; size--)
		path[size - 1] = 0;
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

/* A name that is a file's, an enclave's and nobody's option. */
static bool name_fits(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "0123456789-_";
	size_t size = strlen(name);
	for (size_t i = 0; i < size; i++) {
		if (strchr(letters, name[i]) == NULL && (i == 0 || strchr(others, name[i]) == NULL))
			return false;
	}
	return size > 0 && size <= ABI_NAME_SIZE_MAX;
}

static enum conclave_error find_template(
	char out[PATH_MAX], const char *language, struct conclave_report *report)
{
	const char *sdk;
	struct stat stat;
	TRY(cli_sdk_folder(&sdk, report));
	if (snprintf(out, PATH_MAX, "%s/guest/template/%s", sdk, language) >= PATH_MAX)
		return CONCLAVE_ERROR_LIMIT;
	if (lstat(out, &stat) == 0 && S_ISDIR(stat.st_mode))
		return CONCLAVE_OK;
	return report_fill(report, "%.900s: no template there: the SDK is not whole", out),
	       CONCLAVE_ERROR_NOT_FOUND;
}

static int init(const char *language, char *target)
{
	struct conclave_report report = {""};
	struct project project = {base_name(target), &report};
	char template[PATH_MAX];
	struct stat stat;

	if (strcmp(language, LANGUAGES) != 0)
		return cli_usage(
			"init", "there is no template for '%s'; there are: " LANGUAGES, language);
	if (!name_fits(project.name))
		return cli_usage("init",
			"'%s' cannot name an enclave: a letter, then letters, digits, '-' and "
			"'_', at most %u",
			project.name, ABI_NAME_SIZE_MAX);
	if (lstat(target, &stat) == 0) {
		report_fill(
			&report, "%.900s exists already; give the name of a new folder", target);
		return cli_fail("init", CONCLAVE_ERROR_EXISTS, &report);
	}
	enum conclave_error error = find_template(template, language, &report);
	if (error == CONCLAVE_OK)
		error = make_project(&project, template, target);
	if (error != CONCLAVE_OK)
		return cli_fail("init", error, &report);
	printf("%s: a new enclave. Next:\n\n  cd %s\n  make test   # its test, natively\n"
	       "  make        # its image\n  make run    # a host for it\n",
		project.name, target);
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"lang", required_argument, NULL, 'l'},
		{NULL, 0, NULL, 0},
	};
	const char *language = LANGUAGES;
	int option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'l')
			return cli_usage("init", "cannot understand '%s'", argv[optind - 1]);
		language = optarg;
	}
	if (argc - optind != 1)
		return cli_usage("init", "needs the name of one new folder");
	return init(language, argv[optind]);
}

const struct cli_verb cli_init = {"init", "make a new project", help, run};
