#include "mail/prologue.h"

/* The size of the character at the start of text, in the one encoding that Java's
 * DataOutput.writeUTF gives it: U+0000 in two bytes, characters above U+FFFF as two surrogates of
 * three bytes each. 0: not one. */
static size_t character_size(struct bytes text)
{
	const uint8_t *c = text.ptr;
	if (c[0] >= 0x01 && c[0] <= 0x7f)
		return 1;
	if (text.len < 2 || (c[1] & 0xc0) != 0x80)
		return 0;
	if ((c[0] == 0xc0 && c[1] == 0x80) || (c[0] >= 0xc2 && c[0] <= 0xdf))
		return 2;
	if (text.len < 3 || (c[2] & 0xc0) != 0x80)
		return 0;
	if ((c[0] == 0xe0 && c[1] >= 0xa0) || (c[0] >= 0xe1 && c[0] <= 0xef))
		return 3;
	return 0;
}

static bool is_modified_utf8(struct bytes text)
{
	for (size_t i = 0; i < text.len;) {
		size_t size = character_size(bytes_slice(text, i, text.len));
		if (size == 0)
			return false;
		i += size;
	}
	return true;
}

static bool is_topic_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c >= 0x80;
}

enum conclave_error mail_topic_check(struct bytes topic)
{
	if (topic.len > MAIL_TOPIC_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	if (topic.len == 0 || !is_modified_utf8(topic))
		return CONCLAVE_ERROR_FORMAT;
	/* U+0000 is the one control character that has no byte below 0x80. */
	for (size_t i = 0; i < topic.len; i++)
		if (!is_topic_byte(topic.ptr[i]) || topic.ptr[i] == 0xc0)
			return CONCLAVE_ERROR_FORMAT;
	return CONCLAVE_OK;
}

void prologue_write(struct writer *out, const struct mail_header *header)
{
	write_u8(out, header->protocol);
	write_u64be(out, header->sequence);
	write_lp16(out, header->topic);
	write_lp16(out, header->envelope);
	write_lp16(out, header->key_derivation);
}

enum conclave_error prologue_read(struct mail_header *out, struct bytes prologue)
{
	struct reader reader = reader_of(prologue);
	struct mail_header header;
	header.protocol = read_u8(&reader);
	header.sequence = read_u64be(&reader);
	header.topic = read_lp16(&reader);
	header.envelope = read_lp16(&reader);
	header.key_derivation = read_lp16(&reader);
	if (header.protocol > MAIL_PROTOCOL)
		return CONCLAVE_ERROR_VERSION;
	if (reader.failed || header.sequence > MAIL_SEQUENCE_MAX || !is_modified_utf8(header.topic))
		return CONCLAVE_ERROR_FORMAT;
	*out = header;
	return CONCLAVE_OK;
}
