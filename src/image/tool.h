/* Running compilers. No shell: a list of arguments, a folder to run in, and an environment of our
 * own (PATH, LC_ALL=C and nothing else), so that who builds, and where, cannot matter. */
#ifndef IMAGE_TOOL_H
#define IMAGE_TOOL_H

#include "base/bytes.h"
#include "base/check.h"

#define TOOL_ARGUMENTS_MAX 640u

/* A command line in the making. Arguments are kept, not copied. One too many makes tool_run fail.
 */
struct tool {
	const char *arguments[TOOL_ARGUMENTS_MAX + 1];
	size_t count;
	bool is_heard; /* what it complains of goes to standard error even when it succeeds */
};

void tool_add(struct tool *tool, const char *argument);
/* Several: tool_add_all(&tool, "-c", "-o", "x.o"). */
#define tool_add_all(tool, ...)                                   \
	tool_add_list((tool), (const char *const[]){__VA_ARGS__}, \
		ARRAY_COUNT(((const char *const[]){__VA_ARGS__})))
void tool_add_list(struct tool *tool, const char *const *arguments, size_t count);

/* Run it in `folder` and wait. output: what it wrote to standard output (file_free), or NULL: to
 * nowhere. On failure report holds the last lines of what it complained.
 * Errors: TOOL (not found, failed, killed), MEMORY, IO, LIMIT. */
enum conclave_error tool_run(struct buffer *output, const struct tool *tool, const char *folder,
	struct conclave_report *report);

#endif
