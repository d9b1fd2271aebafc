#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/key_file.h"

static const struct x25519_secret key = {{1, 2, 3, 0xfe}};

static void what_is_written_is_read(void **state)
{
	(void)state;
	uint8_t space[512];
	struct x25519_secret read;
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(key_file_write(&writer, &key), CONCLAVE_OK);
	assert_int_equal(key_file_parse(&read, writer_bytes(&writer)), CONCLAVE_OK);
	assert_memory_equal(read.bytes, key.bytes, sizeof(key.bytes));
	struct writer small = writer_of((struct buffer){space, writer.len - 1});
	assert_int_equal(key_file_write(&small, &key), CONCLAVE_ERROR_SPACE);
}

#define HEX "010203fe00000000000000000000000000000000000000000000000000000000"

static void one_key_is_wanted(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum conclave_error expected;
	} rows[] = {
		{HEX, CONCLAVE_OK},
		{HEX "\n", CONCLAVE_OK},
		{"# comment\r\n\r\n" HEX "\r\n# more", CONCLAVE_OK},
		{"", CONCLAVE_ERROR_FORMAT},
		{"# " HEX "\n", CONCLAVE_ERROR_FORMAT},
		{HEX "\n" HEX "\n", CONCLAVE_ERROR_FORMAT},
		{HEX "0", CONCLAVE_ERROR_FORMAT},
		{" " HEX, CONCLAVE_ERROR_FORMAT},
		{"g" HEX, CONCLAVE_ERROR_FORMAT},
		{"-----BEGIN PRIVATE KEY-----\n", CONCLAVE_ERROR_FORMAT},
	};
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct x25519_secret read = {{0}};
		struct bytes text = bytes_of(rows[i].text, strlen(rows[i].text));
		assert_int_equal(key_file_parse(&read, text), rows[i].expected);
		if (rows[i].expected == CONCLAVE_OK)
			assert_memory_equal(read.bytes, key.bytes, sizeof(key.bytes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(one_key_is_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
