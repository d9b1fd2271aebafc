#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/ct.h"
#include "base/hex.h"

static void views_never_leave_their_bytes(void **state)
{
	(void)state;
	struct bytes text = BYTES_LIT("conclave");
	assert_int_equal(text.len, 8);
	assert_true(bytes_equal(bytes_slice(text, 3, 2), BYTES_LIT("cl")));
	assert_true(bytes_equal(bytes_slice(text, 6, SIZE_MAX), BYTES_LIT("ve")));
	assert_int_equal(bytes_slice(text, 8, 1).len, 0);
	assert_int_equal(bytes_slice(text, SIZE_MAX, SIZE_MAX).len, 0);
	assert_int_equal(bytes_slice(bytes_of(NULL, 0), 0, 5).len, 0);
	assert_true(bytes_equal(bytes_of(NULL, 0), BYTES_LIT("")));
	assert_false(bytes_equal(text, BYTES_LIT("conclavE")));
	assert_false(bytes_equal(text, BYTES_LIT("conclav")));
}

static void reads_numbers_in_the_order_of_their_names(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct reader reader = reader_of(BYTES_OF(bytes));
	assert_int_equal(read_u8(&reader), 0x01);
	assert_int_equal(read_u16be(&reader), 0x0203);
	assert_int_equal(read_u16le(&reader), 0x0504);
	reader = reader_of(BYTES_OF(bytes));
	assert_int_equal(read_u32be(&reader), 0x01020304);
	assert_int_equal(read_u32le(&reader), 0x08070605);
	assert_int_equal(reader_end(&reader), CONCLAVE_OK);
	reader = reader_of(BYTES_OF(bytes));
	assert_true(read_u64be(&reader) == 0x0102030405060708);
	reader = reader_of(BYTES_OF(bytes));
	assert_true(read_u64le(&reader) == 0x0807060504030201);
	assert_int_equal(load_u16le(bytes), 0x0201);
	assert_int_equal(load_u32le(bytes), 0x04030201);
	assert_true(load_u64le(bytes) == 0x0807060504030201);
	assert_true(load_u64be(bytes) == 0x0102030405060708);
}

static void a_failed_reader_gives_nothing_more(void **state)
{
	(void)state;
	struct reader reader = reader_of(BYTES_LIT("abc"));
	uint8_t copy[4] = {9, 9, 9, 9};
	read_into(&reader, copy, sizeof(copy));
	assert_true(ct_all_zero(copy, sizeof(copy)));
	assert_true(reader.failed);
	/* One byte would have been there, but the first failure is final. */
	assert_int_equal(read_u8(&reader), 0);
	assert_int_equal(read_bytes(&reader, 1).len, 0);
	assert_int_equal(read_lp16(&reader).len, 0);
	assert_int_equal(reader_end(&reader), CONCLAVE_ERROR_TRUNCATED);

	reader = reader_of(BYTES_LIT("abc"));
	read_skip(&reader, 2);
	assert_int_equal(reader_end(&reader), CONCLAVE_ERROR_TRAILING);
	read_skip(&reader, SIZE_MAX);
	assert_int_equal(reader_end(&reader), CONCLAVE_ERROR_TRUNCATED);
}

static void a_length_in_front_is_believed_only_if_the_bytes_are_there(void **state)
{
	(void)state;
	struct reader reader = reader_of(BYTES_LIT("\0\3abc\0\0\0\2de\xff\xff\xff\xffx"));
	assert_true(bytes_equal(read_lp16(&reader), BYTES_LIT("abc")));
	assert_true(bytes_equal(read_lp32(&reader), BYTES_LIT("de")));
	assert_int_equal(read_lp32(&reader).len, 0);
	assert_int_equal(reader_end(&reader), CONCLAVE_ERROR_TRUNCATED);
}

static void writes_numbers_in_the_order_of_their_names(void **state)
{
	(void)state;
	uint8_t space[64];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	write_u8(&writer, 1);
	write_u16be(&writer, 0x0203);
	write_u16le(&writer, 0x0504);
	write_u32be(&writer, 0x06070809);
	write_u32le(&writer, 0x0d0c0b0a);
	write_u64be(&writer, 0x0e0f101112131415);
	write_u64le(&writer, 0x1d1c1b1a19181716);
	write_zeros(&writer, 2);
	write_lp16(&writer, BYTES_LIT("ab"));
	write_lp32(&writer, BYTES_LIT(""));
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	struct bytes written = writer_bytes(&writer);
	assert_int_equal(written.len, 29 + 2 + 4 + 4);
	for (size_t i = 0; i < 29; i++)
		assert_int_equal(written.ptr[i], i + 1);
	assert_true(
		bytes_equal(bytes_slice(written, 29, SIZE_MAX), BYTES_LIT("\0\0\0\2ab\0\0\0\0")));
	uint8_t stored[8];
	store_u64be(stored, 0x0102030405060708);
	assert_true(load_u64le(stored) == 0x0807060504030201);
	store_u64le(stored, 0x0102030405060708);
	assert_true(load_u64be(stored) == 0x0807060504030201);
}

static void a_failed_writer_writes_nothing_more(void **state)
{
	(void)state;
	uint8_t space[5] = {0};
	struct writer writer = writer_of((struct buffer){space, 4});
	write_u16be(&writer, 0x0102);
	write_u32be(&writer, 0xffffffff);
	assert_int_equal(writer_end(&writer), CONCLAVE_ERROR_SPACE);
	write_u8(&writer, 0xff); /* would fit */
	assert_int_equal(writer.len, 2);
	static const uint8_t wanted[5] = {1, 2};
	assert_memory_equal(space, wanted, sizeof(space));
}

static void a_measuring_writer_counts(void **state)
{
	(void)state;
	struct writer writer = writer_measure();
	write_lp32(&writer, BYTES_LIT("abc"));
	write_zeros(&writer, 1000);
	assert_int_equal(writer.len, 1007);
	assert_int_equal(writer_bytes(&writer).len, 0);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	/* A text that its own length cannot describe. */
	static const uint8_t longer[UINT16_MAX + 1];
	write_lp16(&writer, BYTES_OF(longer));
	assert_int_equal(writer_end(&writer), CONCLAVE_ERROR_SPACE);
}

static void hexadecimal_goes_both_ways(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {0x00, 0x9a, 0xff};
	char text[7];
	assert_string_equal(hex_encode(text, BYTES_OF(bytes)), "009aff");
	assert_string_equal(hex_encode_upper(text, BYTES_OF(bytes)), "009AFF");
	uint8_t out[3];
	struct buffer space = {out, sizeof(out)};
	assert_int_equal(hex_decode(space, BYTES_LIT("009AfF")), CONCLAVE_OK);
	assert_memory_equal(out, bytes, sizeof(bytes));
	out[0] = 7;
	assert_int_equal(hex_decode(space, BYTES_LIT("009af")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(hex_decode(space, BYTES_LIT("009aff00")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(hex_decode(space, BYTES_LIT("119afg")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(hex_decode(space, BYTES_LIT("119a :")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(out[0], 7); /* written only on success */
}

static void secrets_compare_and_vanish(void **state)
{
	(void)state;
	uint8_t a[33] = {0}, b[33] = {0};
	assert_true(ct_equal(a, b, sizeof(a)) && ct_all_zero(a, sizeof(a)));
	for (size_t i = 0; i < 8 * sizeof(a); i++) {
		a[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(ct_equal(a, b, sizeof(a)));
		assert_false(ct_all_zero(a, sizeof(a)));
		a[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(ct_is_zero(0) == UINT64_MAX);
	assert_true(
		ct_is_zero(1) == 0 && ct_is_zero(1ull << 63) == 0 && ct_is_zero(UINT64_MAX) == 0);
	assert_true(ct_select(UINT64_MAX, 1, 2) == 1 && ct_select(0, 1, 2) == 2);
	memset(a, 0xaa, sizeof(a));
	wipe(a, sizeof(a));
	assert_true(ct_all_zero(a, sizeof(a)));
}

static void every_error_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(conclave_error_name(CONCLAVE_ERROR_MISMATCH), "MISMATCH");
	for (int i = 0; i < 200; i++) {
		const char *name = conclave_error_name((enum conclave_error)i);
		const char *text = conclave_error_text((enum conclave_error)i);
		assert_non_null(name);
		assert_non_null(text);
		assert_true(strlen(name) > 0 && strlen(text) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_never_leave_their_bytes),
		cmocka_unit_test(reads_numbers_in_the_order_of_their_names),
		cmocka_unit_test(a_failed_reader_gives_nothing_more),
		cmocka_unit_test(a_length_in_front_is_believed_only_if_the_bytes_are_there),
		cmocka_unit_test(writes_numbers_in_the_order_of_their_names),
		cmocka_unit_test(a_failed_writer_writes_nothing_more),
		cmocka_unit_test(a_measuring_writer_counts),
		cmocka_unit_test(hexadecimal_goes_both_ways),
		cmocka_unit_test(secrets_compare_and_vanish),
		cmocka_unit_test(every_error_has_a_name_and_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
