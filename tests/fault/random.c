/* Randomness that fails, stops short or is interrupted: nobody goes on with what is not there. The
 * linker puts __wrap_getrandom in the place of the kernel's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <sys/random.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static size_t calls, failing_call;

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

/* Interrupted at first, then five bytes at a time; call number failing_call fails for good. */
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
	assert_int_equal(flags, 0);
	calls++;
	if (calls == failing_call) {
		errno = ENOSYS;
		return -1;
	}
	if (calls == 1) {
		errno = EINTR;
		return -1;
	}
	size_t given = size < 5 ? size : 5;
	memset(out, 0x11, given);
	return (ssize_t)given;
}

static void interrupted_and_short_reads_are_made_good(void **state)
{
	(void)state;
	uint8_t out[32], wanted[32];
	memset(wanted, 0x11, sizeof(wanted));
	calls = failing_call = 0;
	assert_int_equal(crypto_random((struct buffer){out, sizeof(out)}), CONCLAVE_OK);
	assert_memory_equal(out, wanted, sizeof(out));
	assert_int_equal(calls, 1 + 7);
}

static void a_failure_leaves_zeros(void **state)
{
	(void)state;
	for (failing_call = 1; failing_call <= 8; failing_call++) {
		uint8_t out[32];
		memset(out, 0xee, sizeof(out));
		calls = 0;
		assert_int_equal(
			crypto_random((struct buffer){out, sizeof(out)}), CONCLAVE_ERROR_RANDOM);
		assert_true(ct_all_zero(out, sizeof(out)));
	}
}

static void no_key_is_made_without_randomness(void **state)
{
	(void)state;
	struct p256_secret secret = {{0xab}};
	struct p256_public key = {{0xab}};
	calls = 0;
	failing_call = 3;
	assert_int_equal(p256_generate(&secret, &key), CONCLAVE_ERROR_RANDOM);
	assert_int_equal(secret.bytes[0], 0xab);
	assert_int_equal(key.bytes[0], 0xab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupted_and_short_reads_are_made_good),
		cmocka_unit_test(a_failure_leaves_zeros),
		cmocka_unit_test(no_key_is_made_without_randomness),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
