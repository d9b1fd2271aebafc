/* When everything that was looked at is valid. */
#ifndef ATTEST_WINDOW_H
#define ATTEST_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970; both ends are within. */
struct window {
	int64_t from, until;
};

#define WINDOW_ALWAYS ((struct window){INT64_MIN, INT64_MAX})

static inline void window_narrow(struct window *window, int64_t from, int64_t until)
{
	if (from > window->from)
		window->from = from;
	if (until < window->until)
		window->until = until;
}

static inline bool window_holds(const struct window *window, int64_t now)
{
	return now >= window->from && now <= window->until;
}

#endif
