#include "machine/soft/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/report.h"

#define TEXT_SIZE_MAX (2 * SOFT_SECRET_SIZE_MAX + 2) /* a newline, and one byte to see too much */
#define ATTEMPTS 3

struct path {
	char text[PATH_MAX];
};

static void close_file(const int *file)
{
	if (*file >= 0)
		close(*file);
}

static enum conclave_error io_error(
	struct conclave_report *report, const char *doing, const char *path)
{
	report_fill(report, "soft machine: cannot %s %.500s: %s", doing, path, strerror(errno));
	return CONCLAVE_ERROR_IO;
}

/* name NULL: the folder alone. */
static enum conclave_error join(struct path *out, const char *folder, const char *name)
{
	int size = snprintf(out->text, sizeof(out->text), "%s%s%s", folder, name != NULL ? "/" : "",
		name != NULL ? name : "");
	return size > 0 && (size_t)size < sizeof(out->text) ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

/* -- one file -- */

/* Errors: NOT_FOUND, IO, FORMAT. */
static enum conclave_error read_value(
	struct buffer out, const char *path, struct conclave_report *report)
{
	CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t text[TEXT_SIZE_MAX];
	if (file < 0 && errno == ENOENT)
		return CONCLAVE_ERROR_NOT_FOUND;
	if (file < 0)
		return io_error(report, "open", path);
	ssize_t size = read(file, text, sizeof(text));
	if (size < 0)
		return io_error(report, "read", path);
	struct bytes digits = bytes_of(text, (size_t)size);
	if (digits.len > 0 && digits.ptr[digits.len - 1] == '\n')
		digits.len--;
	enum conclave_error error = hex_decode(out, digits);
	wipe(text, sizeof(text));
	if (error != CONCLAVE_OK)
		report_fill(report, "soft machine: %.500s must hold %zu hexadecimal digits", path,
			2 * out.len);
	return error;
}

static bool write_text(int file, struct bytes text)
{
	return fchmod(file, 0600) == 0 && write(file, text.ptr, text.len) == (ssize_t)text.len &&
	       fsync(file) == 0;
}

/* A new file beside the final one, complete and on disk. */
static enum conclave_error write_beside(struct path *out, const struct soft_state *state,
	const char *name, struct bytes text, struct conclave_report *report)
{
	char pattern[NAME_MAX];
	snprintf(pattern, sizeof(pattern), ".%s.XXXXXX", name);
	TRY(join(out, state->folder, pattern));
	CLEANUP(close_file) int file = mkostemp(out->text, O_CLOEXEC);
	if (file < 0)
		return io_error(report, "make a file in", state->folder);
	if (write_text(file, text))
		return CONCLAVE_OK;
	enum conclave_error error = io_error(report, "write", out->text);
	unlink(out->text);
	return error;
}

static void sync_folder(const char *folder)
{
	CLEANUP(close_file) int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file >= 0)
		(void)fsync(file);
}

static size_t value_text(char text[TEXT_SIZE_MAX + 1], struct bytes value)
{
	size_t size = 2 * value.len + 1;
	hex_encode(text, value);
	text[size - 1] = '\n';
	return size;
}

/* Errors: EXISTS when another process was first. */
static enum conclave_error create_value(const struct soft_state *state, const char *name,
	struct bytes value, struct conclave_report *report)
{
	struct path beside, path;
	char text[TEXT_SIZE_MAX + 1];
	size_t size = value_text(text, value);
	TRY(join(&path, state->folder, name));
	enum conclave_error error =
		write_beside(&beside, state, name, bytes_of(text, size), report);
	wipe(text, sizeof(text));
	TRY(error);
	if (link(beside.text, path.text) != 0)
		error = errno == EEXIST ? CONCLAVE_ERROR_EXISTS
					: io_error(report, "make", path.text);
	unlink(beside.text);
	sync_folder(state->folder);
	return error;
}

static enum conclave_error replace(const struct soft_state *state, const char *name,
	struct bytes text, struct conclave_report *report)
{
	struct path beside, path;
	TRY(join(&path, state->folder, name));
	TRY(write_beside(&beside, state, name, text, report));
	if (rename(beside.text, path.text) != 0) {
		enum conclave_error error = io_error(report, "replace", path.text);
		unlink(beside.text);
		return error;
	}
	sync_folder(state->folder);
	return CONCLAVE_OK;
}

enum conclave_error soft_state_replace(const struct soft_state *state, const char *name,
	struct bytes value, struct conclave_report *report)
{
	char text[TEXT_SIZE_MAX + 1];
	if (value.len > SOFT_SECRET_SIZE_MAX)
		return CONCLAVE_ERROR_ARGUMENT;
	enum conclave_error error =
		replace(state, name, bytes_of(text, value_text(text, value)), report);
	wipe(text, sizeof(text));
	return error;
}

enum conclave_error soft_state_word(char out[SOFT_WORD_SIZE], const struct soft_state *state,
	const char *name, struct conclave_report *report)
{
	struct path path;
	TRY(join(&path, state->folder, name));
	CLEANUP(close_file) int file = open(path.text, O_RDONLY | O_CLOEXEC);
	if (file < 0 && errno == ENOENT)
		return CONCLAVE_ERROR_NOT_FOUND;
	ssize_t size = file < 0 ? -1 : read(file, out, SOFT_WORD_SIZE);
	if (size < 0)
		return io_error(report, "read", path.text);
	const char *end = memchr(out, '\n', (size_t)size);
	if (end == NULL || end != out + size - 1) {
		report_fill(
			report, "soft machine: %.500s must hold one word and a newline", path.text);
		return CONCLAVE_ERROR_FORMAT;
	}
	out[size - 1] = '\0';
	return CONCLAVE_OK;
}

enum conclave_error soft_state_replace_word(const struct soft_state *state, const char *name,
	const char *word, struct conclave_report *report)
{
	char text[SOFT_WORD_SIZE + 1];
	int size = snprintf(text, sizeof(text), "%s\n", word);
	if (size > (int)SOFT_WORD_SIZE)
		return CONCLAVE_ERROR_ARGUMENT;
	return replace(state, name, bytes_of(text, (size_t)size), report);
}

enum conclave_error soft_state_secret(struct buffer out, const struct soft_state *state,
	const char *name, enum conclave_error (*make)(struct buffer out),
	struct conclave_report *report)
{
	uint8_t value[SOFT_SECRET_SIZE_MAX];
	struct path path;
	if (out.len > sizeof(value))
		return CONCLAVE_ERROR_ARGUMENT;
	TRY(join(&path, state->folder, name));
	enum conclave_error error = CONCLAVE_ERROR_EXISTS;
	/* Not there, then there when we make it, then not there again: somebody plays games. */
	for (int i = 0; i < ATTEMPTS && error == CONCLAVE_ERROR_EXISTS; i++) {
		error = read_value((struct buffer){value, out.len}, path.text, report);
		if (error != CONCLAVE_ERROR_NOT_FOUND)
			break;
		error = make((struct buffer){value, out.len});
		if (error == CONCLAVE_OK)
			error = create_value(state, name, bytes_of(value, out.len), report);
	}
	if (error == CONCLAVE_OK)
		memcpy(out.ptr, value, out.len);
	wipe(value, sizeof(value));
	return error == CONCLAVE_ERROR_EXISTS ? CONCLAVE_ERROR_IO : error;
}

/* -- the folder -- */

static enum conclave_error choose_folder(
	struct path *out, const char *folder, struct conclave_report *report)
{
	const char *state = getenv("CONCLAVE_STATE");
	const char *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	if (folder == NULL && state != NULL && state[0] != '\0')
		folder = state;
	if (folder != NULL)
		return join(out, folder, NULL);
	if (xdg != NULL && xdg[0] == '/')
		return join(out, xdg, "conclave");
	if (home == NULL || home[0] == '\0') {
		report_fill(report, "soft machine: neither CONCLAVE_STATE nor HOME says where its "
				    "keys are; set "
				    "one, or name a folder with --state");
		return CONCLAVE_ERROR_IO;
	}
	return join(out, home, ".local/state/conclave");
}

/* Every missing folder on the way, each for its owner alone. */
static enum conclave_error make_folders(const struct path *folder, struct conclave_report *report)
{
	struct path part = *folder;
	for (char *slash = strchr(part.text + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part.text, 0700) != 0 && errno != EEXIST)
			return io_error(report, "make the folder", part.text);
		*slash = '/';
	}
	if (mkdir(part.text, 0700) != 0 && errno != EEXIST)
		return io_error(report, "make the folder", part.text);
	return CONCLAVE_OK;
}

static enum conclave_error default_cpusvn(struct buffer out)
{
	memset(out.ptr, SOFT_CPUSVN_DEFAULT, out.len);
	return CONCLAVE_OK;
}

static enum conclave_error read_cpu(struct soft_state *state, struct conclave_report *report)
{
	struct sgx_cpu *cpu = &state->cpu;
	TRY(soft_state_secret((struct buffer){cpu->root_key, sizeof(cpu->root_key)}, state,
		"root-key", crypto_random, report));
	TRY(soft_state_secret((struct buffer){cpu->owner_epoch, sizeof(cpu->owner_epoch)}, state,
		"owner-epoch", crypto_random, report));
	TRY(soft_state_secret((struct buffer){cpu->cpusvn, sizeof(cpu->cpusvn)}, state, "cpusvn",
		default_cpusvn, report));
	return crypto_random((struct buffer){cpu->report_keyid, sizeof(cpu->report_keyid)});
}

enum conclave_error soft_state_open(
	struct soft_state *out, const char *folder, struct conclave_report *report)
{
	CLEANUP(soft_state_wipe) struct soft_state state = {0};
	struct path path;
	report_fill(report, "soft machine: the path of the state folder is too long");
	TRY(choose_folder(&path, folder, report));
	TRY(make_folders(&path, report));
	state.folder = strdup(path.text);
	if (state.folder == NULL)
		return CONCLAVE_ERROR_MEMORY;
	TRY(read_cpu(&state, report));
	*out = state;
	state.folder = NULL;
	return CONCLAVE_OK;
}

void soft_state_wipe(struct soft_state *state)
{
	free(state->folder);
	wipe(state, sizeof(*state));
}
