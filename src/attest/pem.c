#include "attest/pem.h"

#include "attest/der.h"
#include "base/check.h"
#include "base/hex.h"

static bool is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

static void skip_line_ends(struct reader *pem)
{
	while (pem->rest.len > 0 && is_line_end(pem->rest.ptr[0]))
		read_skip(pem, 1);
}

bool pem_at_end(const struct reader *pem)
{
	struct reader rest = *pem;
	skip_line_ends(&rest);
	while (rest.rest.len > 0 && rest.rest.ptr[0] == '\0')
		read_skip(&rest, 1);
	return !rest.failed && rest.rest.len == 0;
}

static void read_literal(struct reader *pem, struct bytes literal)
{
	if (!bytes_equal(read_bytes(pem, literal.len), literal))
		pem->failed = true;
}

/* -----BEGIN CERTIFICATE----- */
static void read_boundary(struct reader *pem, struct bytes begin_or_end, struct bytes label)
{
	read_literal(pem, begin_or_end);
	read_literal(pem, label);
	read_literal(pem, BYTES_LIT("-----"));
}

/* 0 to 63; 64 for anything that is not of the alphabet. Without branches: which letters come next
 * is anyone's guess. */
static inline uint32_t base64_value(uint8_t c)
{
	uint32_t upper = (uint32_t)c - 'A', lower = (uint32_t)c - 'a', digit = (uint32_t)c - '0';
	uint32_t value = c == '+' ? 62 : 64;
	value = c == '/' ? 63 : value;
	value = upper < 26 ? upper : value;
	value = lower < 26 ? lower + 26 : value;
	return digit < 10 ? digit + 52 : value;
}

/* Four characters make three bytes; in the last four, padding takes the place of one or two, and
 * the bits it leaves over must be zero. Returns how many bytes they make; 0 for what is malformed.
 */
static size_t decode_quantum(uint8_t out[3], const uint8_t from[4])
{
	uint32_t padding = from[3] != '=' ? 0 : from[2] != '=' ? 1 : 2;
	uint32_t bits = 0, seen = 0;
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t value = i < 4 - padding ? base64_value(from[i]) : 0;
		bits = bits << 6 | value;
		seen |= value;
	}
	if (seen > 63 || (bits & ((1u << 8 * padding) - 1)) != 0)
		return 0;
	for (uint32_t i = 0; i < 3; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return 3 - padding;
}

/* What is left of the line, in fours. Returns whether more may follow. */
static bool read_line(struct writer *out, struct reader *pem)
{
	const struct bytes rest = pem->rest;
	size_t size = 0;
	while (size < rest.len && !is_line_end(rest.ptr[size]) && rest.ptr[size] != '-')
		size++;
	read_skip(pem, size);
	for (size_t i = 0; i < size; i += 4) {
		uint8_t three[3];
		size_t count = size - i >= 4 ? decode_quantum(three, rest.ptr + i) : 0;
		if (count == 0 || (count < 3 && i + 4 < size))
			pem->failed = true;
		if (pem->failed)
			return false;
		write_bytes(out, bytes_of(three, count));
		if (count < 3)
			return false;
	}
	return true;
}

enum conclave_error pem_next(
	struct bytes *der, struct writer *space, struct reader *pem, struct bytes label)
{
	size_t start = space->len;
	bool more = true;
	skip_line_ends(pem);
	read_boundary(pem, BYTES_LIT("-----BEGIN "), label);
	skip_line_ends(pem);
	while (more && pem->rest.len > 0 && pem->rest.ptr[0] != '-') {
		more = read_line(space, pem);
		skip_line_ends(pem);
	}
	read_boundary(pem, BYTES_LIT("-----END "), label);
	if (pem->failed)
		return CONCLAVE_ERROR_FORMAT;
	TRY(writer_end(space));
	*der = bytes_slice(writer_bytes(space), start, space->len - start);
	return CONCLAVE_OK;
}

static enum conclave_error decode_hex(struct bytes *der, struct writer *space, struct reader *text)
{
	size_t size = text->rest.len;
	while (size > 0 && (text->rest.ptr[size - 1] == 0 || is_line_end(text->rest.ptr[size - 1])))
		size--;
	if (size / 2 > space->cap - space->len)
		return CONCLAVE_ERROR_LIMIT;
	const struct buffer place = {space->ptr + space->len, size / 2};
	TRY(hex_decode(place, read_bytes(text, size)));
	space->len += place.len;
	*der = bytes_of(place.ptr, place.len);
	return CONCLAVE_OK;
}

static enum conclave_error decode_pem(
	struct bytes *der, struct writer *space, struct reader *pem, struct bytes label)
{
	enum conclave_error error = pem_next(der, space, pem, label);
	return error == CONCLAVE_ERROR_SPACE ? CONCLAVE_ERROR_LIMIT : error;
}

/* A SEQUENCE begins with the byte 30, which is "0"; in digits it begins with a "3", in PEM with a
 * dash. */
enum conclave_error pem_decode(
	struct bytes *der, struct writer *space, struct bytes from, struct bytes label)
{
	struct reader reader = reader_of(from);
	struct bytes decoded;
	if (der_next_is(&reader, DER_SEQUENCE))
		decoded = der_read_any(&reader);
	else if (from.len > 0 && from.ptr[0] == '3')
		TRY(decode_hex(&decoded, space, &reader));
	else
		TRY(decode_pem(&decoded, space, &reader, label));
	if (!pem_at_end(&reader))
		return CONCLAVE_ERROR_FORMAT;
	*der = decoded;
	return CONCLAVE_OK;
}
