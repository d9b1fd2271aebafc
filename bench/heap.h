/* How much heap a call takes at its peak: only libcrypto has any, and its allocations are counted.
 */
#ifndef BENCH_HEAP_H
#define BENCH_HEAP_H

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/check.h"

static size_t bench_heap_used, bench_heap_peak;

static inline void *bench_heap_count(void *place)
{
	bench_heap_used += place != NULL ? malloc_usable_size(place) : 0;
	if (bench_heap_used > bench_heap_peak)
		bench_heap_peak = bench_heap_used;
	return place;
}

static inline void *bench_heap_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return bench_heap_count(malloc(size));
}

static inline void *bench_heap_realloc(void *place, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	bench_heap_used -= place != NULL ? malloc_usable_size(place) : 0;
	return bench_heap_count(realloc(place, size));
}

static inline void bench_heap_free(void *place, const char *file, int line)
{
	(void)file, (void)line;
	bench_heap_used -= place != NULL ? malloc_usable_size(place) : 0;
	free(place);
}

/* Before anything else of libcrypto. */
static inline void bench_heap_begin(void)
{
	ASSERT(CRYPTO_set_mem_functions(bench_heap_malloc, bench_heap_realloc, bench_heap_free) ==
		1);
}

/* Bytes beyond what was there before. */
static inline size_t bench_heap(void (*call)(void *context), void *context)
{
	size_t before = bench_heap_used;
	bench_heap_peak = before;
	call(context);
	return bench_heap_peak - before;
}

#endif
