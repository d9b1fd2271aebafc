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

/* 0 to 63; 64 for anything that is not of the alphabet. */
static uint32_t base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26u;
	if (c >= '0' && c <= '9')
		return c - '0' + 52u;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four characters make three bytes; in the last four, padding takes the place of one or two, and
 * the bits it leaves over must be zero. Returns whether more may follow. */
static bool read_quantum(struct writer *out, struct reader *pem)
{
	uint32_t bits = 0, padding = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t c = read_u8(pem);
		bool is_padding = c == '=' && i >= 2;
		uint32_t value = is_padding ? 0 : base64_value(c);
		if (value > 63 || (padding > 0 && !is_padding))
			pem->failed = true;
		padding += is_padding;
		bits = bits << 6 | value;
	}
	if ((bits & ((1u << 8 * padding) - 1)) != 0)
		pem->failed = true;
	for (uint32_t i = 0; i < 3 - padding; i++)
		write_u8(out, (uint8_t)(bits >> (16 - 8 * i)));
	return padding == 0 && !pem->failed;
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
		more = read_quantum(space, pem);
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
