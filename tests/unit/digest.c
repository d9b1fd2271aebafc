/* The guest that answers with the SHA-256 of a mail, against libsodium's, at every length around
 * its blocks and steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include <mock.h>

#define STEP 65536u

static void assert_digest(int (*mail)(const void *body, size_t size), struct bytes body)
{
	struct sha256 digest;
	char wanted[128], hex[2 * sizeof(digest) + 1];
	sha256(&digest, body);
	hex_encode(hex, BYTES_OF(digest));
	snprintf(wanted, sizeof(wanted), "%s %zu\n", hex, body.len);
	assert_int_equal(mail(body.ptr, body.len), 0);
	assert_string_equal(mock_take("alice")->body, wanted);
}

static int streamed(const void *body, size_t size)
{
	return mock_mail_stream("alice", "t", body, size);
}

static int whole(const void *body, size_t size)
{
	return mock_mail_bytes("alice", "t", body, size, NULL, 0);
}

static void digest_is_that_of_the_body(void **state)
{
	static const size_t around[] = {0, 64, 128, STEP, 2 * STEP, 3 * STEP + 640};
	static uint8_t body[4 * STEP];
	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(mock_start(), 0);
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		size_t first = around[i] < 10 ? 0 : around[i] - 10;
		for (size_t size = first; size < around[i] + 70; size++)
			assert_digest(size % 2 == 0 ? streamed : whole, bytes_of(body, size));
	}
	mock_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(digest_is_that_of_the_body)};
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
