/* The CBOR reader: what it takes, and all that it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attest/cbor.h"
#include "attest/literal.h"
#include "base/check.h"

static bool takes_any(struct bytes from)
{
	struct reader reader = reader_of(from);
	struct bytes item = cbor_read_any(&reader);
	bool is_taken = cbor_end(&reader) == CONCLAVE_OK;
	assert_true(!is_taken || bytes_equal(item, from));
	assert_true(is_taken || item.len <= from.len);
	return is_taken;
}

static void deterministic_items_are_taken(void **state)
{
	(void)state;
	assert_true(takes_any(BYTES_LIT("\x18\x18")));
	assert_true(takes_any(BYTES_LIT("\x1b\xff\xff\xff\xff\xff\xff\xff\xff")));
	assert_true(takes_any(BYTES_LIT("\x38\x22")));
	assert_true(takes_any(BYTES_LIT("\xf4")));
	assert_true(takes_any(BYTES_LIT("\xf6")));
	assert_true(takes_any(BYTES_LIT("\x83\x01\x40\x60")));
	/* Integers before negative ones before bytes before text; 10 before 256. */
	assert_true(
		takes_any(BYTES_LIT("\xa5\x0a\x00\x19\x01\x00\x00\x20\x00\x41\x00\x00\x60\x00")));
}

static void other_encodings_are_refused(void **state)
{
	static const struct bytes refused[] = {
		LITERAL("\x18\x17"),				     /* 23 in two */
		LITERAL("\x19\x00\xff"),			     /* 255 in three */
		LITERAL("\x1a\x00\x00\xff\xff"),		     /* 65535 in five */
		LITERAL("\x1b\x00\x00\x00\x00\xff\xff\xff\xff"),     /* 2^32 - 1 */
		LITERAL("\x1c\x00\x00"),			     /* reserved */
		LITERAL("\x1f"),				     /* reserved */
		LITERAL("\x58\x01\x00"),			     /* one byte */
		LITERAL("\x5f\x41\x00\xff"),			     /* chunks */
		LITERAL("\x7f\x61\x61\xff"),			     /* chunks */
		LITERAL("\x9f\xff"),				     /* streamed */
		LITERAL("\xbf\xff"),				     /* streamed */
		LITERAL("\xff"),				     /* break alone */
		LITERAL("\xc0\x60"),				     /* a tag */
		LITERAL("\xf7"),				     /* undefined */
		LITERAL("\xe0"),				     /* simple(0) */
		LITERAL("\xf8\x16"),				     /* null in two */
		LITERAL("\xf9\x00\x00"),			     /* 0.0 */
		LITERAL("\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00"),     /* 1.0 */
		LITERAL("\xa2\x01\x00\x01\x00"),		     /* 1 twice */
		LITERAL("\xa2\x02\x00\x01\x00"),		     /* unsorted */
		LITERAL("\xa2\x61\x61\x00\x61\x61\x00"),	     /* "a" twice */
		LITERAL("\xa1\x80\x00"),			     /* array as key */
		LITERAL("\xa1\xf6\x00"),			     /* null as key */
		LITERAL("\xa1\x01"),				     /* no value */
		LITERAL("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00"), /* 2^64 - 1 */
		LITERAL("\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x00"), /* of each */
		LITERAL("\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
		LITERAL("\x7b\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
		LITERAL("\x00\x00"), /* two items */
		LITERAL(""),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
		if (takes_any(refused[i]))
			fail_msg("case %zu was taken", i);
}

static void text_is_utf8(void **state)
{
	static const struct {
		struct bytes text;
		bool is_valid;
	} cases[] = {
		{LITERAL("\x62\xc3\xbc"), true},
		{LITERAL("\x63\xe0\xa0\x80"), true},	 /* U+0800 */
		{LITERAL("\x63\xed\x9f\xbf"), true},	 /* U+D7FF */
		{LITERAL("\x63\xef\xbf\xbf"), true},	 /* U+FFFF */
		{LITERAL("\x64\xf0\x90\x80\x80"), true}, /* U+10000 */
		{LITERAL("\x64\xf4\x8f\xbf\xbf"), true}, /* U+10FFFF */
		{LITERAL("\x61\x00"), true},
		{LITERAL("\x61\x80"), false},
		{LITERAL("\x61\xc3"), false},
		{LITERAL("\x62\xc0\x80"), false}, /* NUL in two */
		{LITERAL("\x62\xc1\xbf"), false}, /* DEL in two */
		{LITERAL("\x62\xc3\x28"), false},
		{LITERAL("\x63\xe0\x9f\xbf"), false}, /* U+07FF in three */
		{LITERAL("\x63\xed\xa0\x80"), false}, /* a surrogate */
		{LITERAL("\x63\xe1\x80\x28"), false},
		{LITERAL("\x62\xe1\x80"), false},
		{LITERAL("\x64\xf0\x8f\xbf\xbf"), false}, /* U+FFFF in four */
		{LITERAL("\x64\xf4\x90\x80\x80"), false}, /* U+110000 */
		{LITERAL("\x64\xf5\x80\x80\x80"), false},
		{LITERAL("\x61\xff"), false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct reader reader = reader_of(cases[i].text);
		struct bytes text = cbor_read_text(&reader);
		if ((cbor_end(&reader) == CONCLAVE_OK) != cases[i].is_valid)
			fail_msg("case %zu", i);
		assert_true(!cases[i].is_valid || text.len == cases[i].text.len - 1);
	}
}

/* Arrays within arrays: as many as the bound says, and not one more. */
static void depth_is_bounded(void **state)
{
	uint8_t nested[CBOR_DEPTH_MAX + 1];
	(void)state;
	memset(nested, 0x81, sizeof(nested));
	nested[CBOR_DEPTH_MAX - 1] = 0x80;
	assert_true(takes_any(bytes_of(nested, CBOR_DEPTH_MAX)));
	nested[CBOR_DEPTH_MAX - 1] = 0x81;
	nested[CBOR_DEPTH_MAX] = 0x80;
	assert_false(takes_any(bytes_of(nested, sizeof(nested))));
	nested[CBOR_DEPTH_MAX - 1] = nested[CBOR_DEPTH_MAX] = 0xa0;
	assert_false(takes_any(bytes_of(nested, sizeof(nested))));
}

static void numbers_have_a_limit(void **state)
{
	struct reader reader = reader_of(BYTES_LIT("\x18\x1f\x18\x20"));
	(void)state;
	assert_int_equal(cbor_read_unsigned(&reader, 31), 31);
	assert_false(reader.failed);
	assert_int_equal(cbor_read_unsigned(&reader, 31), 0);
	assert_true(reader.failed);
	reader = reader_of(BYTES_LIT("\x20"));
	assert_int_equal(cbor_read_unsigned(&reader, 31), 0);
	assert_true(reader.failed);
}

static void null_is_not_empty(void **state)
{
	struct reader reader = reader_of(BYTES_LIT("\xf6\x40\x41\x07"));
	(void)state;
	assert_null(cbor_read_bytes_or_null(&reader).ptr);
	struct bytes empty = cbor_read_bytes_or_null(&reader);
	assert_true(empty.ptr != NULL && empty.len == 0);
	assert_int_equal(cbor_read_bytes_or_null(&reader).ptr[0], 7);
	assert_int_equal(cbor_end(&reader), CONCLAVE_OK);
	reader = reader_of(BYTES_LIT("\xf5"));
	(void)cbor_read_bytes_or_null(&reader);
	assert_true(reader.failed);
}

static void tags_are_taken_when_asked_for(void **state)
{
	struct reader reader = reader_of(BYTES_LIT("\xd2\x00"));
	(void)state;
	assert_false(cbor_accept_tag(&reader, 17));
	assert_true(cbor_accept_tag(&reader, 18));
	assert_false(cbor_accept_tag(&reader, 18));
	assert_int_equal(cbor_read_unsigned(&reader, 0), 0);
	assert_int_equal(cbor_end(&reader), CONCLAVE_OK);
	reader = reader_of(BYTES_LIT("\xd8\x12\x00")); /* 18 in two bytes */
	assert_false(cbor_accept_tag(&reader, 18));
	reader = reader_of(BYTES_LIT("\xd8"));
	assert_false(cbor_accept_tag(&reader, 0));
	assert_false(cbor_accept_tag(&reader, 18));
}

/* Reads a map of small numbers; how many members it has, or -1 when it is refused. */
static int count_members(struct bytes from, bool may_stream)
{
	struct reader reader = reader_of(from);
	struct cbor_map map =
		may_stream ? cbor_enter_streamed_map(&reader, 2) : cbor_enter_map(&reader, 2);
	int count = 0;
	while (cbor_next_member(&reader, &map)) {
		(void)cbor_read_unsigned(&reader, 23);
		(void)cbor_read_unsigned(&reader, 23);
		count++;
	}
	return cbor_end(&reader) == CONCLAVE_OK ? count : -1;
}

static void maps_are_read_by_members(void **state)
{
	(void)state;
	assert_int_equal(count_members(BYTES_LIT("\xa0"), false), 0);
	assert_int_equal(count_members(BYTES_LIT("\xa2\x02\x00\x01\x00"), false), 2);
	assert_int_equal(count_members(BYTES_LIT("\xa2\x02\x00\x01\x00"), true), 2);
	assert_int_equal(count_members(BYTES_LIT("\xa3\x02\x00\x01\x00\x03\x00"), true), -1);
	assert_int_equal(count_members(BYTES_LIT("\xa2\x02\x00\x01"), false), -1);
	assert_int_equal(count_members(BYTES_LIT("\xa1\x02\x00\xff"), true), -1);

	assert_int_equal(count_members(BYTES_LIT("\xbf\xff"), true), 0);
	assert_int_equal(count_members(BYTES_LIT("\xbf\x02\x00\x01\x00\xff"), true), 2);
	assert_int_equal(count_members(BYTES_LIT("\xbf\x02\x00\x01\x00\xff"), false), -1);
	assert_int_equal(count_members(BYTES_LIT("\xbf\x02\x00\x01\x00"), true), -1);
	assert_int_equal(count_members(BYTES_LIT("\xbf\x02\xff"), true), -1);
	assert_int_equal(count_members(BYTES_LIT("\xbf\x02\x00\x01\x00\x03\x00\xff"), true), -1);
}

static void arrays_have_a_limit(void **state)
{
	struct reader reader = reader_of(BYTES_LIT("\x84\x83\x9b\xff\xff\xff\xff\xff\xff\xff\xff"));
	(void)state;
	assert_int_equal(cbor_enter_array(&reader, 4), 4);
	assert_int_equal(cbor_enter_array(&reader, 3), 3);
	assert_int_equal(cbor_enter_array(&reader, 3), 0);
	assert_true(reader.failed);
}

/* Around every place where a head grows. */
static void heads_are_written_as_they_are_read(void **state)
{
	static const uint64_t numbers[] = {0, 23, 24, 255, 256, 65535, 65536, UINT32_MAX,
		(uint64_t)UINT32_MAX + 1, UINT64_MAX};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		uint8_t space[9];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		cbor_write_head(&writer, CBOR_UNSIGNED, numbers[i]);
		struct reader reader = reader_of(writer_bytes(&writer));
		assert_int_equal(cbor_read_unsigned(&reader, UINT64_MAX), numbers[i]);
		assert_int_equal(cbor_end(&reader), CONCLAVE_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deterministic_items_are_taken),
		cmocka_unit_test(other_encodings_are_refused),
		cmocka_unit_test(text_is_utf8),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(numbers_have_a_limit),
		cmocka_unit_test(null_is_not_empty),
		cmocka_unit_test(tags_are_taken_when_asked_for),
		cmocka_unit_test(maps_are_read_by_members),
		cmocka_unit_test(arrays_have_a_limit),
		cmocka_unit_test(heads_are_written_as_they_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
