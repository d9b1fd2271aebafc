#include "base/hex.h"

static char *encode(char *text, struct bytes from, const char *digits)
{
	for (size_t i = 0; i < from.len; i++) {
		text[2 * i] = digits[from.ptr[i] >> 4];
		text[2 * i + 1] = digits[from.ptr[i] & 15];
	}
	text[2 * from.len] = '\0';
	return text;
}

char *hex_encode(char *text, struct bytes from)
{
	return encode(text, from, "0123456789abcdef");
}

char *hex_encode_upper(char *text, struct bytes from)
{
	return encode(text, from, "0123456789ABCDEF");
}

static unsigned digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10u;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10u;
	return 16;
}

enum conclave_error hex_decode(struct buffer out, struct bytes text)
{
	if (text.len % 2 != 0 || text.len / 2 != out.len)
		return CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < text.len; i++)
		if (digit_value(text.ptr[i]) > 15)
			return CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < out.len; i++)
		out.ptr[i] = (uint8_t)(digit_value(text.ptr[2 * i]) << 4 |
				       digit_value(text.ptr[2 * i + 1]));
	return CONCLAVE_OK;
}
