#include "attest/der.h"

#include "attest/calendar.h"

void der_fail(struct reader *reader)
{
	reader->failed = true;
	reader->rest.len = 0;
}

/* Definite lengths, in the fewest bytes; up to 2^24 - 1, far above every limit here. */
static size_t read_length(struct reader *reader)
{
	uint8_t first = read_u8(reader);
	if (first < 0x80)
		return first;
	size_t count = first & 0x7f;
	if (count < 1 || count > 3) {
		der_fail(reader);
		return 0;
	}
	size_t length = 0;
	for (size_t i = 0; i < count; i++)
		length = length << 8 | read_u8(reader);
	if (length < 0x80 || length >> 8 * (count - 1) == 0)
		der_fail(reader);
	return length;
}

bool der_next_is(const struct reader *reader, enum der_tag tag)
{
	return !reader->failed && reader->rest.len > 0 && reader->rest.ptr[0] == tag;
}

struct bytes der_read(struct reader *reader, enum der_tag tag)
{
	if (read_u8(reader) != tag)
		der_fail(reader);
	size_t length = read_length(reader);
	return read_bytes(reader, length);
}

struct bytes der_read_any(struct reader *reader)
{
	struct bytes from = reader->rest;
	/* Tags above 30 take more bytes; X.509 has none. */
	if ((read_u8(reader) & 0x1f) == 0x1f)
		der_fail(reader);
	size_t length = read_length(reader);
	read_skip(reader, length);
	return bytes_slice(from, 0, reader->failed ? 0 : from.len - reader->rest.len);
}

struct bytes der_read_whole(struct reader *reader, enum der_tag tag)
{
	if (!der_next_is(reader, tag))
		der_fail(reader);
	return der_read_any(reader);
}

struct reader der_enter(struct reader *reader, enum der_tag tag)
{
	struct reader inner = reader_of(der_read(reader, tag));
	inner.failed = reader->failed;
	return inner;
}

void der_leave(struct reader *reader, const struct reader *inner)
{
	if (inner->failed || inner->rest.len != 0)
		der_fail(reader);
}

bool der_read_boolean(struct reader *reader)
{
	struct bytes value = der_read(reader, DER_BOOLEAN);
	if (value.len != 1 || (value.ptr[0] != 0x00 && value.ptr[0] != 0xff)) {
		der_fail(reader);
		return false;
	}
	return value.ptr[0] == 0xff;
}

struct bytes der_read_integer(struct reader *reader)
{
	struct bytes value = der_read(reader, DER_INTEGER);
	if (value.len == 0 || (value.ptr[0] & 0x80) != 0) {
		der_fail(reader);
		return (struct bytes){value.ptr, 0};
	}
	if (value.len > 1 && value.ptr[0] == 0) {
		if ((value.ptr[1] & 0x80) == 0)
			der_fail(reader);
		value = bytes_slice(value, 1, value.len - 1);
	}
	return value;
}

uint32_t der_read_number(struct reader *reader, uint32_t max)
{
	struct bytes value = der_read_integer(reader);
	uint64_t number = 0;
	if (value.len > 4)
		der_fail(reader);
	for (size_t i = 0; i < value.len && i < 4; i++)
		number = number << 8 | value.ptr[i];
	if (number > max)
		der_fail(reader);
	return reader->failed ? 0 : (uint32_t)number;
}

struct bytes der_read_bit_string(struct reader *reader)
{
	struct reader inner = der_enter(reader, DER_BIT_STRING);
	uint8_t unused_bits = read_u8(&inner);
	struct bytes value = inner.rest;
	if (inner.failed || unused_bits != 0)
		der_fail(reader);
	return value;
}

/* RFC 5280 §4.1.2.5.1: two-digit years from 50 are of the twentieth century. */
static int64_t read_year(struct reader *time, bool has_century)
{
	if (has_century)
		return calendar_read_digits(time, 4);
	int64_t year = calendar_read_digits(time, 2);
	return year >= 50 ? 1900 + year : 2000 + year;
}

int64_t der_read_time(struct reader *reader)
{
	bool is_utc_time = der_next_is(reader, DER_UTC_TIME);
	struct reader time = der_enter(reader, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME);
	struct calendar_date date;
	date.year = read_year(&time, !is_utc_time);
	date.month = calendar_read_digits(&time, 2);
	date.day = calendar_read_digits(&time, 2);
	date.hour = calendar_read_digits(&time, 2);
	date.minute = calendar_read_digits(&time, 2);
	date.second = calendar_read_digits(&time, 2);
	bool is_zulu = read_u8(&time) == 'Z';
	der_leave(reader, &time);
	if (reader->failed || !is_zulu || !calendar_is_valid(&date) ||
		(!is_utc_time && date.year < 2050)) {
		der_fail(reader);
		return 0;
	}
	return calendar_seconds(&date);
}

static void read_scalar(struct reader *reader, uint8_t *out, size_t size)
{
	struct bytes value = der_read_integer(reader);
	memset(out, 0, size);
	if (value.len > size)
		der_fail(reader);
	else if (value.len != 0)
		memcpy(out + size - value.len, value.ptr, value.len);
}

void der_read_ecdsa_signature(struct reader *reader, struct buffer out)
{
	struct reader sequence = der_enter(reader, DER_SEQUENCE);
	read_scalar(&sequence, out.ptr, out.len / 2);
	read_scalar(&sequence, out.ptr + out.len / 2, out.len / 2);
	der_leave(reader, &sequence);
}

enum conclave_error der_end(const struct reader *reader)
{
	return reader->failed || reader->rest.len != 0 ? CONCLAVE_ERROR_FORMAT : CONCLAVE_OK;
}
