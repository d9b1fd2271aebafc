#include "attest/message.h"

#include "base/hex.h"

void message_add(struct conclave_report *report, struct bytes text)
{
	if (report == NULL)
		return;
	const char *end = memchr(report->text, '\0', sizeof(report->text));
	size_t used = end != NULL ? (size_t)(end - report->text) : sizeof(report->text) - 1;
	struct bytes part = bytes_slice(text, 0, sizeof(report->text) - 1 - used);
	if (part.len > 0)
		memcpy(report->text + used, part.ptr, part.len);
	report->text[used + part.len] = '\0';
}

void message_begin(struct conclave_report *report, struct bytes text)
{
	if (report != NULL)
		report->text[0] = '\0';
	message_add(report, text);
}

void message_write_decimal(struct writer *out, int64_t value)
{
	uint8_t digits[20];
	size_t count = 0;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		digits[sizeof(digits) - ++count] = (uint8_t)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (value < 0)
		write_u8(out, '-');
	write_bytes(out, bytes_of(digits + sizeof(digits) - count, count));
}

void message_add_decimal(struct conclave_report *report, int64_t value)
{
	uint8_t text[21];
	struct writer writer = writer_of((struct buffer){text, sizeof(text)});
	message_write_decimal(&writer, value);
	message_add(report, writer_bytes(&writer));
}

void message_add_hash(struct conclave_report *report, const uint8_t *hash, size_t size)
{
	char text[2 * 64 + 1];
	hex_encode_upper(text, bytes_of(hash, size));
	message_add(report, bytes_of(text, 2 * size));
}
