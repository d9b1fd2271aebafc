/* A file or a pipe as the body of a mail. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <conclave/client.h>

#include "cli/progress.h"

struct input {
	int file;
	const char *name; /* for people; the caller's */
	bool is_file;	  /* it can be read again */
	int64_t start;	  /* of a file: where the body begins */
	struct progress progress;
};

/* path "-": standard input, from where it stands. The size of a regular file is known, unless it
 * says 0, as those of /proc do. Errors: NOT_FOUND, IO. */
enum conclave_error input_open(
	struct input *out, const char *path, bool shows_progress, struct conclave_report *report);
/* For CLEANUP. Also ends its progress. */
void input_close(struct input *input);
/* Valid as long as the input. */
struct conclave_source input_source(struct input *input);

#endif
