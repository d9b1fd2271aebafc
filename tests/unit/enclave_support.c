/* The runtime's own mem* functions against the C library's, at every small size, alignment and
 * overlap, and across the size where they change method. */
#define memcpy support_memcpy
#define memmove support_memmove
#define memset support_memset
#define memcmp support_memcmp
#define __popcountdi2 support_popcount
void *support_memcpy(void *restrict to, const void *restrict from, unsigned long n);
void *support_memmove(void *to, const void *from, unsigned long n);
void *support_memset(void *to, int value, unsigned long n);
int support_memcmp(const void *a, const void *b, unsigned long n);
#include "../../src/enclave/support.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SPACE 512u
#define SIZES 260u

static uint8_t ours[SPACE], theirs[SPACE], source[SPACE];

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < SPACE; i++) {
		source[i] = (uint8_t)(i * 13 + i / 7);
		ours[i] = theirs[i] = (uint8_t)~source[i];
	}
	return 0;
}

static void copies_are_exact(void **state)
{
	for (size_t n = 0; n < SIZES; n++)
		for (size_t to = 0; to < 9; to++)
			for (size_t from = 0; from < 9; from++) {
				fill(state);
				assert_ptr_equal(
					support_memcpy(ours + to, source + from, n), ours + to);
				__builtin_memcpy(theirs + to, source + from, n);
				assert_memory_equal(ours, theirs, SPACE);
			}
}

static void moves_may_overlap(void **state)
{
	for (size_t n = 0; n < SIZES; n++)
		for (size_t to = 100; to < 120; to++) {
			fill(state);
			assert_ptr_equal(support_memmove(ours + to, ours + 110, n), ours + to);
			__builtin_memmove(theirs + to, theirs + 110, n);
			assert_memory_equal(ours, theirs, SPACE);
		}
}

static void fills_are_exact(void **state)
{
	for (size_t n = 0; n < SIZES; n++)
		for (size_t to = 0; to < 9; to++) {
			fill(state);
			int value = (int)(0x1f0 + n);
			assert_ptr_equal(support_memset(ours + to, value, n), ours + to);
			__builtin_memset(theirs + to, value, n);
			assert_memory_equal(ours, theirs, SPACE);
		}
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void comparison_finds_the_first_difference(void **state)
{
	(void)state;
	for (size_t n = 0; n < 40; n++) {
		__builtin_memcpy(ours, source, SPACE);
		assert_int_equal(support_memcmp(ours, source, n), 0);
		for (size_t at = 0; at < n; at++) {
			__builtin_memcpy(ours, source, SPACE);
			ours[at] ^= 0x80;
			ours[at + 1] ^= 0xff;
			assert_int_equal(sign(support_memcmp(ours, source, n)),
				sign(__builtin_memcmp(ours, source, n)));
		}
	}
}

static void bits_are_counted(void **state)
{
	(void)state;
	assert_int_equal(support_popcount(0), 0);
	assert_int_equal(support_popcount(-1), 64);
	for (unsigned bit = 0; bit < 64; bit++)
		assert_int_equal(support_popcount((int64_t)(1ull << bit)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(copies_are_exact, fill),
		cmocka_unit_test_setup(moves_may_overlap, fill),
		cmocka_unit_test_setup(fills_are_exact, fill),
		cmocka_unit_test_setup(comparison_finds_the_first_difference, fill),
		cmocka_unit_test(bits_are_counted),
	};
	return cmocka_run_group_tests_name("support", tests, NULL, NULL);
}
