#include "base/bytes.h"

static void reader_fail(struct reader *reader)
{
	reader->failed = true;
	reader->rest.len = 0;
}

struct bytes read_bytes(struct reader *reader, size_t len)
{
	if (reader->failed || len > reader->rest.len) {
		reader_fail(reader);
		return (struct bytes){reader->rest.ptr, 0};
	}
	struct bytes taken = {reader->rest.ptr, len};
	if (len != 0)
		reader->rest.ptr += len;
	reader->rest.len -= len;
	return taken;
}

void read_into(struct reader *reader, void *out, size_t len)
{
	struct bytes taken = read_bytes(reader, len);
	if (taken.len != len)
		memset(out, 0, len);
	else if (len != 0)
		memcpy(out, taken.ptr, len);
}

void read_skip(struct reader *reader, size_t len)
{
	(void)read_bytes(reader, len);
}

/* Up to eight bytes as a big-endian number: every fixed-size read comes down to this. */
static uint64_t read_number(struct reader *reader, size_t size)
{
	struct bytes taken = read_bytes(reader, size);
	uint64_t value = 0;
	for (size_t i = 0; i < taken.len; i++)
		value = value << 8 | taken.ptr[i];
	return value;
}

uint8_t read_u8(struct reader *reader)
{
	return (uint8_t)read_number(reader, 1);
}

uint16_t read_u16be(struct reader *reader)
{
	return (uint16_t)read_number(reader, 2);
}

uint32_t read_u32be(struct reader *reader)
{
	return (uint32_t)read_number(reader, 4);
}

uint64_t read_u64be(struct reader *reader)
{
	return read_number(reader, 8);
}

uint16_t read_u16le(struct reader *reader)
{
	return __builtin_bswap16(read_u16be(reader));
}

uint32_t read_u32le(struct reader *reader)
{
	return __builtin_bswap32(read_u32be(reader));
}

uint64_t read_u64le(struct reader *reader)
{
	return __builtin_bswap64(read_u64be(reader));
}

struct bytes read_lp16(struct reader *reader)
{
	uint16_t len = read_u16be(reader);
	return read_bytes(reader, len);
}

struct bytes read_lp32(struct reader *reader)
{
	uint32_t len = read_u32be(reader);
	return read_bytes(reader, len);
}

enum conclave_error reader_end(const struct reader *reader)
{
	if (reader->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if (reader->rest.len != 0)
		return CONCLAVE_ERROR_TRAILING;
	return CONCLAVE_OK;
}

/* Space for the next `len` bytes, or NULL when there is none or nothing is to be stored. */
static uint8_t *writer_space(struct writer *writer, size_t len)
{
	if (writer->failed || len > writer->cap - writer->len) {
		writer->failed = true;
		return NULL;
	}
	uint8_t *space = writer->ptr != NULL ? writer->ptr + writer->len : NULL;
	writer->len += len;
	return space;
}

void write_bytes(struct writer *writer, struct bytes from)
{
	uint8_t *space = writer_space(writer, from.len);
	if (space != NULL && from.len != 0)
		memcpy(space, from.ptr, from.len);
}

void write_zeros(struct writer *writer, size_t len)
{
	uint8_t *space = writer_space(writer, len);
	if (space != NULL)
		memset(space, 0, len);
}

static void write_number(struct writer *writer, uint64_t value, size_t size)
{
	uint8_t *space = writer_space(writer, size);
	if (space == NULL)
		return;
	for (size_t i = 0; i < size; i++)
		space[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

void write_u8(struct writer *writer, uint8_t value)
{
	write_number(writer, value, 1);
}

void write_u16be(struct writer *writer, uint16_t value)
{
	write_number(writer, value, 2);
}

void write_u32be(struct writer *writer, uint32_t value)
{
	write_number(writer, value, 4);
}

void write_u64be(struct writer *writer, uint64_t value)
{
	write_number(writer, value, 8);
}

void write_u16le(struct writer *writer, uint16_t value)
{
	write_u16be(writer, __builtin_bswap16(value));
}

void write_u32le(struct writer *writer, uint32_t value)
{
	write_u32be(writer, __builtin_bswap32(value));
}

void write_u64le(struct writer *writer, uint64_t value)
{
	write_u64be(writer, __builtin_bswap64(value));
}

void write_lp16(struct writer *writer, struct bytes from)
{
	if (from.len > UINT16_MAX) {
		writer->failed = true;
		return;
	}
	write_u16be(writer, (uint16_t)from.len);
	write_bytes(writer, from);
}

void write_lp32(struct writer *writer, struct bytes from)
{
	if (from.len > UINT32_MAX) {
		writer->failed = true;
		return;
	}
	write_u32be(writer, (uint32_t)from.len);
	write_bytes(writer, from);
}

struct bytes writer_bytes(const struct writer *writer)
{
	if (writer->ptr == NULL)
		return (struct bytes){NULL, 0};
	return (struct bytes){writer->ptr, writer->len};
}

enum conclave_error writer_end(const struct writer *writer)
{
	return writer->failed ? CONCLAVE_ERROR_SPACE : CONCLAVE_OK;
}
