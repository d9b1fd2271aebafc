/* Secrets: constant-time masks, comparison and wiping. Freestanding.
 *
 * A mask is all ones or all zeros; each is passed through a barrier so that no compiler turns it
 * back into a branch. */
#ifndef BASE_CT_H
#define BASE_CT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The compiler must forget what it knows of `value`. */
static inline uint64_t ct_barrier(uint64_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* All ones when value is zero. value | -value has its top bit set exactly when value is not zero.
 */
static inline uint64_t ct_is_zero(uint64_t value)
{
	return ct_barrier(((value | (0 - value)) >> 63) - 1);
}

/* a where mask is ones, b where it is zeros. */
static inline uint64_t ct_select(uint64_t mask, uint64_t a, uint64_t b)
{
	return b ^ (mask & (a ^ b));
}

/* Whether two secrets of the same length are equal; the time depends on the length only. */
static inline bool ct_equal(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	uint64_t difference = 0;
	for (size_t i = 0; i < len; i++)
		difference |= (uint64_t)(x[i] ^ y[i]);
	return (ct_is_zero(difference) & 1) != 0;
}

/* Whether all bytes are zero; the time depends on the length only. */
static inline bool ct_all_zero(const void *a, size_t len)
{
	const uint8_t *x = a;
	uint64_t bits = 0;
	for (size_t i = 0; i < len; i++)
		bits |= x[i];
	return (ct_is_zero(bits) & 1) != 0;
}

/* Set to zero, and keep the compiler from leaving it out. */
static inline void wipe(void *ptr, size_t len)
{
	memset(ptr, 0, len);
	__asm__ __volatile__("" : : "r"(ptr) : "memory");
}

/* `WIPED struct aes256_key key;` is wiped on every way out of its scope. */
#define WIPED_TYPE(name, type)                       \
	static inline void name##_wipe(type *secret) \
	{                                            \
		wipe(secret, sizeof(*secret));       \
	}

#endif
