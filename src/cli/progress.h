/* How far a long transfer is, on one line of a terminal. It is redrawn in its place and erased at
 * the end; where standard error is no terminal nothing is written at all. It also makes ^C an
 * orderly end: the transfer is told to give up, and what it began is cleaned away. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool is_wanted; /* the line; the caller's choice, before the first step */
	bool size_known;
	uint64_t size;

	bool has_begun, is_drawn;
	uint64_t done, rate; /* bytes; bytes in a second, of late */
	int64_t began_ms, drawn_ms, measured_ms;
	uint64_t measured; /* done, when the rate was measured */
};

/* Every text has at most this many bytes, whatever the terminal's width. */
#define PROGRESS_WIDTH_MAX 120

/* As a conclave_source's progress: from the first call on signals are looked for. */
bool progress_step(struct progress *progress, uint64_t done);
/* The transfer is over, well or not; also before the first step. */
void progress_end(struct progress *progress);
/* Whether SIGINT, SIGTERM or SIGHUP came. */
bool progress_is_interrupted(void);
/* Die of the signal that came, as a process does that does not look for it. */
void progress_die(void);

/* The line at a time: fewer than `width` characters, so that the cursor stays on it. */
void progress_text(char out[PROGRESS_WIDTH_MAX + 1], const struct progress *progress,
	int64_t now_ms, size_t width);

#endif
