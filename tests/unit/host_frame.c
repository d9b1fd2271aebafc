/* Frames and console text, as the host reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "host/console.h"
#include "host/frame.h"

static void test_frame_there_and_back(void **state)
{
	uint8_t space[128];
	(void)state;
	for (size_t size = 0; size < 20; size++) {
		struct frame frame = {
			7, 0x1122334455667788, 9, {(const uint8_t *)"abcdefghijklmnopqrst", size}};
		struct frame back;
		struct writer out = writer_of((struct buffer){space, sizeof(space)});
		frame_write(&out, &frame);
		assert_int_equal(out.len, frame_size(size));
		assert_int_equal(out.len % 8, 0);
		struct reader in = reader_of(writer_bytes(&out));
		assert_int_equal(frame_read(&back, &in), CONCLAVE_OK);
		assert_int_equal(reader_end(&in), CONCLAVE_OK);
		assert_int_equal(back.type, 7);
		assert_true(back.id == frame.id && back.route == 9);
		assert_true(bytes_equal(back.payload, frame.payload));
		for (size_t cut = 0; cut < out.len; cut++) {
			struct reader part = reader_of(bytes_of(space, cut));
			assert_int_equal(frame_read(&back, &part), CONCLAVE_ERROR_TRUNCATED);
		}
	}
}

static void test_frame_reserved(void **state)
{
	struct frame back;
	(void)state;
	for (size_t at = 24; at < 40; at++) {
		uint8_t space[40] = {[4] = 3, [32] = 'a', [33] = 'b', [34] = 'c'};
		bool is_payload = at >= 32 && at < 35;
		space[at] = 1;
		struct reader in = reader_of(BYTES_OF(space));
		assert_int_equal(
			frame_read(&back, &in), is_payload ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT);
	}
}

static void expect_clean(const char *wanted, struct bytes text)
{
	uint8_t space[256];
	struct writer out = writer_of((struct buffer){space, sizeof(space) - 1});
	console_clean(&out, text);
	assert_int_equal(writer_end(&out), CONCLAVE_OK);
	space[out.len] = '\0';
	assert_string_equal((const char *)space, wanted);
}

static void test_console(void **state)
{
	(void)state;
	expect_clean("", BYTES_LIT(""));
	expect_clean("plain ~ text\n\ttabbed", BYTES_LIT("plain ~ text\n\ttabbed"));
	expect_clean("\\x1b]0;title\\x07", BYTES_LIT("\x1b]0;title\x07"));
	expect_clean("back\\x0d\\x08\\x7f\\x00", BYTES_LIT("back\r\b\x7f\0"));
	expect_clean("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x92",
		BYTES_LIT("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x92"));
	expect_clean("\\xc2\\x9b", BYTES_LIT("\xc2\x9b")); /* CSI */
	expect_clean("\\x9b", BYTES_LIT("\x9b"));
	expect_clean("\\xc0\\xaf", BYTES_LIT("\xc0\xaf")); /* overlong */
	expect_clean("\\xe0\\x80\\xaf", BYTES_LIT("\xe0\x80\xaf"));
	expect_clean("\\xed\\xa0\\x80", BYTES_LIT("\xed\xa0\x80"));	     /* surrogate */
	expect_clean("\\xf4\\x90\\x80\\x80", BYTES_LIT("\xf4\x90\x80\x80")); /* above U+10FFFF */
	expect_clean("\\xe2\\x80\\xae", BYTES_LIT("\xe2\x80\xae"));	     /* right to left */
	expect_clean("\\xe2\\x82", BYTES_LIT("\xe2\x82"));		     /* cut short */
	expect_clean("\\xe2\\x82x", BYTES_LIT("\xe2\x82x"));
}

/* Whatever the bytes: bounded growth, and nothing but what a terminal may see. */
static void test_console_any_bytes(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			uint8_t text[2] = {(uint8_t)a, (uint8_t)b}, space[2 * CONSOLE_GROWTH];
			struct writer out = writer_of((struct buffer){space, sizeof(space)});
			console_clean(&out, BYTES_OF(text));
			assert_int_equal(writer_end(&out), CONCLAVE_OK);
			for (size_t i = 0; i < out.len; i++)
				assert_true(
					space[i] >= 0x20 || space[i] == '\n' || space[i] == '\t');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_there_and_back),
		cmocka_unit_test(test_frame_reserved),
		cmocka_unit_test(test_console),
		cmocka_unit_test(test_console_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
