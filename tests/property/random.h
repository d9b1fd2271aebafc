/* Reproducible randomness for property tests: xorshift64*, seeded by CONCLAVE_SEED or a fixed
 * number. A failing test prints its seed. */
#ifndef TESTS_PROPERTY_RANDOM_H
#define TESTS_PROPERTY_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t random_state;

static inline uint64_t random_seed(uint64_t otherwise)
{
	const char *given = getenv("CONCLAVE_SEED");
	random_state = given != NULL ? strtoull(given, NULL, 0) : otherwise;
	if (random_state == 0)
		random_state = 1;
	return random_state;
}

static inline uint64_t random_next(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d;
}

static inline size_t random_below(size_t limit)
{
	return (size_t)(random_next() % limit);
}

static inline void random_fill(void *out, size_t size)
{
	uint8_t *bytes = out;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(random_next() >> 56);
}

#endif
