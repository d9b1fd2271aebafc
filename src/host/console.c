#include "host/console.h"

/* Bytes of the sequence that `first` begins, 0 when it begins none (RFC 3629 §3). */
static size_t sequence_size(uint8_t first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* U+202A to U+202E, U+2066 to U+2069, and the marks U+061C, U+200E, U+200F. */
static bool reorders(uint32_t point)
{
	return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
	       point == 0x061c || point == 0x200e || point == 0x200f;
}

/* Length of the harmless multi-byte character that text begins with; 0 when there is none. */
static size_t character_size(struct bytes text)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = sequence_size(text.ptr[0]);
	if (size == 0 || size > text.len)
		return 0;
	uint32_t point = text.ptr[0] & (0xffu >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((text.ptr[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text.ptr[i] & 0x3fu);
	}
	bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
	if (point < least[size] || point > 0x10ffff || is_surrogate)
		return 0;
	return point < 0xa0 || reorders(point) ? 0 : size;
}

static void write_escaped(struct writer *out, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	write_bytes(out, BYTES_LIT("\\x"));
	write_u8(out, (uint8_t)digits[byte >> 4]);
	write_u8(out, (uint8_t)digits[byte & 15]);
}

void console_clean(struct writer *out, struct bytes text)
{
	while (text.len > 0) {
		uint8_t byte = text.ptr[0];
		size_t size = character_size(text);
		if ((byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t')
			size = 1;
		if (size > 0)
			write_bytes(out, bytes_slice(text, 0, size));
		else
			write_escaped(out, byte);
		text = bytes_slice(text, size > 0 ? size : 1, SIZE_MAX);
	}
}
