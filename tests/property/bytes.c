/* Whatever is written reads back; whatever is cut short or too long is noticed; no writer leaves
 * its space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/check.h"
#include "property/random.h"

#define FIELDS_MAX 24
#define SPACE_SIZE 2048

enum kind { U8, U16BE, U32BE, U64BE, U16LE, U32LE, U64LE, LP16, LP32, RAW, KIND_COUNT };

struct field {
	enum kind kind;
	uint64_t number;
	struct bytes bytes;
};

struct record {
	struct field fields[FIELDS_MAX];
	size_t count;
	uint8_t pool[FIELDS_MAX * 32];
};

static void record_random(struct record *record)
{
	record->count = 1 + random_below(FIELDS_MAX);
	random_fill(record->pool, sizeof(record->pool));
	for (size_t i = 0; i < record->count; i++)
		record->fields[i] = (struct field){.kind = (enum kind)random_below(KIND_COUNT),
			.number = random_next() >> random_below(64),
			.bytes = bytes_of(record->pool + 32 * i, random_below(33))};
}

static void field_write(struct writer *out, const struct field *field)
{
	switch (field->kind) {
	case U8: write_u8(out, (uint8_t)field->number); break;
	case U16BE: write_u16be(out, (uint16_t)field->number); break;
	case U32BE: write_u32be(out, (uint32_t)field->number); break;
	case U64BE: write_u64be(out, field->number); break;
	case U16LE: write_u16le(out, (uint16_t)field->number); break;
	case U32LE: write_u32le(out, (uint32_t)field->number); break;
	case U64LE: write_u64le(out, field->number); break;
	case LP16: write_lp16(out, field->bytes); break;
	case LP32: write_lp32(out, field->bytes); break;
	case RAW: write_bytes(out, field->bytes); break;
	case KIND_COUNT: break;
	}
}

static bool field_reads_back(struct reader *from, const struct field *field)
{
	switch (field->kind) {
	case U8: return read_u8(from) == (uint8_t)field->number;
	case U16BE: return read_u16be(from) == (uint16_t)field->number;
	case U32BE: return read_u32be(from) == (uint32_t)field->number;
	case U64BE: return read_u64be(from) == field->number;
	case U16LE: return read_u16le(from) == (uint16_t)field->number;
	case U32LE: return read_u32le(from) == (uint32_t)field->number;
	case U64LE: return read_u64le(from) == field->number;
	case LP16: return bytes_equal(read_lp16(from), field->bytes);
	case LP32: return bytes_equal(read_lp32(from), field->bytes);
	case RAW: return bytes_equal(read_bytes(from, field->bytes.len), field->bytes);
	case KIND_COUNT: break;
	}
	return false;
}

static void record_write(struct writer *out, const struct record *record)
{
	for (size_t i = 0; i < record->count; i++)
		field_write(out, &record->fields[i]);
}

static void check_reads_back(const struct record *record, struct bytes written)
{
	struct reader reader = reader_of(written);
	for (size_t i = 0; i < record->count; i++)
		assert_true(field_reads_back(&reader, &record->fields[i]));
	assert_int_equal(reader_end(&reader), CONCLAVE_OK);
}

/* With any byte less the reader says TRUNCATED, and every view it gave lies within the bytes. */
static void check_prefix(const struct record *record, struct bytes written, size_t size)
{
	struct reader reader = reader_of(bytes_of(written.ptr, size));
	for (size_t i = 0; i < record->count; i++) {
		(void)field_reads_back(&reader, &record->fields[i]);
		assert_true(reader.rest.len <= size);
		assert_true(reader.rest.ptr + reader.rest.len <= written.ptr + size);
	}
	assert_int_equal(reader_end(&reader), CONCLAVE_ERROR_TRUNCATED);
}

/* With any byte of space less the writer says SPACE, and what lies behind is untouched. */
static void check_cap(const struct record *record, size_t cap)
{
	uint8_t space[SPACE_SIZE];
	memset(space, 0xc5, sizeof(space));
	struct writer writer = writer_of((struct buffer){space, cap});
	record_write(&writer, record);
	assert_int_equal(writer_end(&writer), CONCLAVE_ERROR_SPACE);
	for (size_t i = cap; i < sizeof(space); i++)
		assert_int_equal(space[i], 0xc5);
}

static void what_is_written_reads_back(void **state)
{
	(void)state;
	print_message("seed 0x%llx\n", (unsigned long long)random_seed(0x636f6e636c617665));
	for (size_t round = 0; round < 200; round++) {
		struct record record;
		record_random(&record);
		uint8_t space[SPACE_SIZE];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		record_write(&writer, &record);
		assert_int_equal(writer_end(&writer), CONCLAVE_OK);
		struct bytes written = writer_bytes(&writer);

		struct writer measure = writer_measure();
		record_write(&measure, &record);
		assert_int_equal(measure.len, written.len);

		check_reads_back(&record, written);
		for (size_t size = 0; size < written.len; size++) {
			check_prefix(&record, written, size);
			check_cap(&record, size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_reads_back)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
