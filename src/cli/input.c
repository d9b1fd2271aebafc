#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"

#define LOOK_EVERY_MS 1000

static enum conclave_error io_error(const struct input *input, struct conclave_report *report)
{
	report_fill(report, "%s: %s", input->name, strerror(errno));
	return errno == ENOENT ? CONCLAVE_ERROR_NOT_FOUND : CONCLAVE_ERROR_IO;
}

enum conclave_error input_open(
	struct input *out, const char *path, bool shows_progress, struct conclave_report *report)
{
	bool is_standard = strcmp(path, "-") == 0;
	struct stat status;
	struct input input = {
		.file = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC),
		.name = is_standard ? "standard input" : path,
		.progress = {.is_wanted = shows_progress},
	};
	if (input.file < 0)
		return io_error(&input, report);
	if (fstat(input.file, &status) == 0 && S_ISREG(status.st_mode)) {
		input.start = lseek(input.file, 0, SEEK_CUR);
		input.is_file = input.start >= 0;
		input.progress.size_known = input.is_file && status.st_size > input.start;
		if (input.progress.size_known)
			input.progress.size = (uint64_t)(status.st_size - input.start);
	}
	*out = input;
	return CONCLAVE_OK;
}

void input_close(struct input *input)
{
	progress_end(&input->progress);
	if (input->file > STDIN_FILENO)
		close(input->file);
	input->file = -1;
}

/* A pipe may give nothing for a while: meanwhile the line goes on, and a signal is heard. Whether
 * to go on. */
static bool wait_for_input(struct input *input)
{
	struct pollfd readable = {.fd = input->file, .events = POLLIN};
	while (input->progress.has_begun && poll(&readable, 1, LOOK_EVERY_MS) <= 0)
		if (!progress_step(&input->progress, input->progress.done))
			return false;
	return true;
}

static enum conclave_error read_input(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct input *input = context;
	ssize_t got = 0;
	do {
		if (!wait_for_input(input))
			return CONCLAVE_ERROR_CANCELLED;
		got = read(input->file, to, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return io_error(input, report);
	*size = (size_t)got;
	return CONCLAVE_OK;
}

static enum conclave_error rewind_input(void *context, struct conclave_report *report)
{
	const struct input *input = context;
	return lseek(input->file, input->start, SEEK_SET) == input->start ? CONCLAVE_OK
									  : io_error(input, report);
}

static bool step(void *context, uint64_t done)
{
	struct input *input = context;
	return progress_step(&input->progress, done);
}

struct conclave_source input_source(struct input *input)
{
	return (struct conclave_source){
		.context = input,
		.read = read_input,
		.rewind = input->is_file ? rewind_input : NULL,
		.size_known = input->progress.size_known,
		.size = input->progress.size,
		.progress = step,
	};
}
