#include "attest/finding.h"

#include "attest/calendar.h"
#include "attest/message.h"
#include "base/hex.h"

static char printable(uint8_t c)
{
	return c >= ' ' && c <= '~' ? (char)c : '?';
}

void finding_add(char *text, size_t size, struct bytes part)
{
	const char *end = memchr(text, '\0', size);
	size_t used = end != NULL ? (size_t)(end - text) : size - 1;
	size_t room = size - 1 - used;
	for (size_t i = 0; i < part.len && i < room; i++)
		text[used + i] = printable(part.ptr[i]);
	text[used + (part.len < room ? part.len : room)] = '\0';
	if (part.len > room)
		memcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

void finding_add_number(char *text, size_t size, int64_t number)
{
	uint8_t digits[21];
	struct writer writer = writer_of((struct buffer){digits, sizeof(digits)});
	message_write_decimal(&writer, number);
	finding_add(text, size, writer_bytes(&writer));
}

void finding_add_hex(char *text, size_t size, struct bytes from)
{
	for (size_t i = 0; i < from.len; i++) {
		char digits[3];
		hex_encode(digits, bytes_of(from.ptr + i, 1));
		finding_add(text, size, bytes_of(digits, 2));
	}
}

void finding_add_time(char *text, size_t size, int64_t seconds)
{
	uint8_t date[CALENDAR_TEXT_SIZE];
	struct writer writer = writer_of((struct buffer){date, sizeof(date)});
	if (seconds < CALENDAR_SECONDS_MIN || seconds > CALENDAR_SECONDS_MAX) {
		finding_add(text, size, BYTES_LIT("ever"));
		return;
	}
	calendar_write(&writer, seconds);
	finding_add(text, size, writer_bytes(&writer));
}
