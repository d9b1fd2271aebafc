#include "image/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "os/file.h"

#define OUTPUT_SIZE_MAX 0x20000000u /* objdump's words on a large guest */

void tool_add(struct tool *tool, const char *argument)
{
	if (tool->count <= TOOL_ARGUMENTS_MAX)
		tool->arguments[tool->count++] = argument;
}

void tool_add_list(struct tool *tool, const char *const *arguments, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tool_add(tool, arguments[i]);
}

/* Both ends of a pipe; -1 when closed. */
struct channel {
	int read, write;
};

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

static void channel_close(struct channel *channel)
{
	close_end(&channel->read);
	close_end(&channel->write);
}

static enum conclave_error channel_open(struct channel *channel)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return CONCLAVE_ERROR_IO;
	*channel = (struct channel){ends[0], ends[1]};
	return CONCLAVE_OK;
}

/* What comes out of a tool, growing. */
struct gathered {
	struct buffer buffer;
	size_t used;
};

static void gathered_free(struct gathered *gathered)
{
	file_free(&gathered->buffer);
}

/* One read; closes the end at end of file. Always leaves room for a NUL. */
static enum conclave_error gather(struct gathered *gathered, int *end)
{
	if (gathered->used + 1 >= gathered->buffer.len) {
		size_t grown = gathered->buffer.len == 0 ? 65536 : gathered->buffer.len * 2;
		if (grown > OUTPUT_SIZE_MAX)
			return CONCLAVE_ERROR_LIMIT;
		uint8_t *ptr = realloc(gathered->buffer.ptr, grown);
		if (ptr == NULL)
			return CONCLAVE_ERROR_MEMORY;
		gathered->buffer.ptr = ptr;
		gathered->buffer.len = grown;
	}
	ssize_t got = read(*end, gathered->buffer.ptr + gathered->used,
		gathered->buffer.len - gathered->used - 1);
	if (got < 0 && errno != EINTR)
		return CONCLAVE_ERROR_IO;
	if (got == 0)
		close_end(end);
	if (got > 0)
		gathered->used += (size_t)got;
	return CONCLAVE_OK;
}

/* Read both until both end, so that neither can fill up and block the tool. */
static enum conclave_error gather_both(
	struct gathered *output, int *output_end, struct gathered *complaint, int *complaint_end)
{
	while (*output_end >= 0 || *complaint_end >= 0) {
		struct pollfd ends[] = {{*output_end, POLLIN, 0}, {*complaint_end, POLLIN, 0}};
		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			return CONCLAVE_ERROR_IO;
		if (ends[0].revents != 0)
			TRY(gather(output, output_end));
		if (ends[1].revents != 0)
			TRY(gather(complaint, complaint_end));
	}
	return CONCLAVE_OK;
}

/* The last of what a tool said: where compilers say how it ended. */
static void report_complaint(struct conclave_report *report, const struct tool *tool,
	const struct gathered *complaint, const char *outcome, int number)
{
	const size_t room = CONCLAVE_REPORT_SIZE - 128;
	const char *text = "";
	if (complaint->used > 0) {
		text = (const char *)complaint->buffer.ptr;
		complaint->buffer.ptr[complaint->used] = 0;
	}
	if (complaint->used > room)
		text += complaint->used - room;
	report_fill(report, "%s %s %d:\n%s", tool->arguments[0], outcome, number, text);
}

static enum conclave_error spawn(pid_t *child, const struct tool *tool, const char *folder,
	const struct channel *output, const struct channel *complaint,
	struct conclave_report *report)
{
	char path[8192] = "PATH=";
	char *const environment[] = {path, (char[]){"LC_ALL=C"}, NULL};
	const char *own_path = getenv("PATH");
	posix_spawn_file_actions_t actions;

	strncat(path, own_path == NULL ? "/usr/bin:/bin" : own_path, sizeof(path) - 6);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return CONCLAVE_ERROR_MEMORY;
	bool ready = posix_spawn_file_actions_addchdir_np(&actions, folder) == 0 &&
		     posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
		     posix_spawn_file_actions_adddup2(&actions, output->write, 1) == 0 &&
		     posix_spawn_file_actions_adddup2(&actions, complaint->write, 2) == 0;
	int trouble = ENOMEM;
	if (ready)
		trouble = posix_spawnp(child, tool->arguments[0], &actions, NULL,
			(char *const *)(uintptr_t)tool->arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (trouble == 0)
		return CONCLAVE_OK;
	report_fill(report, "%s cannot be run: %s; tools/setup.sh installs what is needed",
		tool->arguments[0], strerror(trouble));
	return CONCLAVE_ERROR_TOOL;
}

static enum conclave_error judge(int status, const struct tool *tool,
	const struct gathered *complaint, struct conclave_report *report)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return CONCLAVE_OK;
	if (WIFEXITED(status))
		report_complaint(
			report, tool, complaint, "failed with status", WEXITSTATUS(status));
	else
		report_complaint(report, tool, complaint, "was ended by signal", WTERMSIG(status));
	return CONCLAVE_ERROR_TOOL;
}

enum conclave_error tool_run(struct buffer *output, const struct tool *tool, const char *folder,
	struct conclave_report *report)
{
	CLEANUP(channel_close) struct channel output_pipe = {-1, -1}, complaint_pipe = {-1, -1};
	CLEANUP(gathered_free) struct gathered said = {0}, complaint = {0};
	pid_t child;
	int status;

	if (tool->count > TOOL_ARGUMENTS_MAX)
		return report_fill(report, "%s: too many arguments", tool->arguments[0]),
		       CONCLAVE_ERROR_LIMIT;
	TRY(channel_open(&output_pipe));
	TRY(channel_open(&complaint_pipe));
	TRY(spawn(&child, tool, folder, &output_pipe, &complaint_pipe, report));
	close_end(&output_pipe.write);
	close_end(&complaint_pipe.write);
	enum conclave_error error =
		gather_both(&said, &output_pipe.read, &complaint, &complaint_pipe.read);
	/* If we stopped listening, the tool meets closed pipes and ends. */
	channel_close(&output_pipe);
	channel_close(&complaint_pipe);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return CONCLAVE_ERROR_IO;
	}
	TRY(error);
	TRY(judge(status, tool, &complaint, report));
	if (tool->is_heard && complaint.used > 0)
		fwrite(complaint.buffer.ptr, 1, complaint.used, stderr);
	if (output != NULL) {
		*output = (struct buffer){said.buffer.ptr, said.used};
		if (said.buffer.ptr != NULL)
			said.buffer.ptr[said.used] = 0;
		said.buffer.ptr = NULL;
	}
	return CONCLAVE_OK;
}
