/* What every benchmark shares: a clock, a measured loop, and the JSON line of a figure. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Calls per second of `call`, the best of five runs of about `seconds` / 5 each, after a warm-up.
 */
static inline double bench_rate(void (*call)(void *context), void *context, double seconds)
{
	double best = 0;
	call(context);
	for (int run = 0; run < 5; run++) {
		double start = bench_now(), end;
		uint64_t count = 0;
		do {
			call(context);
			count++;
			end = bench_now();
		} while (end - start < seconds / 5);
		double rate = (double)count / (end - start);
		if (rate > best)
			best = rate;
	}
	return best;
}

/* One figure. better: "higher" or "lower". wanted: the aim, or a negative number for none. */
static inline void bench_figure(const char *bench, const char *figure, double value,
	const char *unit, const char *better, double wanted)
{
	printf("{\"bench\":\"%s\",\"figure\":\"%s\",\"value\":%.6g,\"unit\":\"%s\",\"better\":\"%"
	       "s\"",
		bench, figure, value, unit, better);
	if (wanted >= 0)
		printf(",\"wanted\":%.6g", wanted);
	puts("}");
	fflush(stdout);
}

#endif
