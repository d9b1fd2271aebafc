#include "attest/cbor.h"

#define INDEFINITE 31u
#define BREAK 0xffu

/* Simple values (RFC 8949 §3.3). */
#define SIMPLE_FALSE 20u
#define SIMPLE_NULL 22u

void cbor_fail(struct reader *reader)
{
	reader->failed = true;
	reader->rest.len = 0;
}

enum conclave_error cbor_end(const struct reader *reader)
{
	return reader->failed || reader->rest.len != 0 ? CONCLAVE_ERROR_FORMAT : CONCLAVE_OK;
}

bool cbor_next_is(const struct reader *reader, enum cbor_type type)
{
	return !reader->failed && reader->rest.len > 0 && reader->rest.ptr[0] >> 5 == type;
}

/* The argument of a head (§3), in the fewest bytes that hold it (§4.2.1). */
static uint64_t read_argument(struct reader *reader, uint8_t info)
{
	uint64_t value = 0, least = 0;
	switch (info) {
	case 24:
		value = read_u8(reader);
		least = 24;
		break;
	case 25:
		value = read_u16be(reader);
		least = UINT64_C(1) << 8;
		break;
	case 26:
		value = read_u32be(reader);
		least = UINT64_C(1) << 16;
		break;
	case 27:
		value = read_u64be(reader);
		least = UINT64_C(1) << 32;
		break;
	default:
		if (info > 23)
			cbor_fail(reader);
		value = info;
		break;
	}
	if (value < least)
		cbor_fail(reader);
	return reader->failed ? 0 : value;
}

static uint64_t read_head(struct reader *reader, enum cbor_type type)
{
	uint8_t head = read_u8(reader);
	if (head >> 5 != type)
		cbor_fail(reader);
	return read_argument(reader, head & 0x1f);
}

uint64_t cbor_read_unsigned(struct reader *reader, uint64_t max)
{
	uint64_t value = read_head(reader, CBOR_UNSIGNED);
	if (value > max)
		cbor_fail(reader);
	return reader->failed ? 0 : value;
}

/* A size_t holds every length: nothing above the rest of the input is asked for. */
static struct bytes read_string(struct reader *reader, enum cbor_type type)
{
	uint64_t length = read_head(reader, type);
	if (length > reader->rest.len)
		cbor_fail(reader);
	return read_bytes(reader, reader->failed ? 0 : (size_t)length);
}

struct bytes cbor_read_bytes(struct reader *reader)
{
	return read_string(reader, CBOR_BYTES);
}

/* How many bytes a character takes whose first byte this is; 0 for none. RFC 3629 §4. */
static size_t character_size(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Of the second bytes, some would make a character that is too long, a surrogate, or none at all
 * above U+10FFFF. */
static bool is_second(uint8_t first, uint8_t second)
{
	uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return second >= low && second <= high;
}

static bool is_utf8(struct bytes text)
{
	size_t size;
	for (size_t i = 0; i < text.len; i += size) {
		const uint8_t *character = text.ptr + i;
		size = character_size(character[0]);
		if (size == 0 || size > text.len - i)
			return false;
		if (size > 1 && !is_second(character[0], character[1]))
			return false;
		for (size_t j = 2; j < size; j++)
			if ((character[j] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

struct bytes cbor_read_text(struct reader *reader)
{
	struct bytes text = read_string(reader, CBOR_TEXT);
	if (!is_utf8(text))
		cbor_fail(reader);
	return text;
}

struct bytes cbor_read_bytes_or_null(struct reader *reader)
{
	if (!cbor_next_is(reader, CBOR_SIMPLE))
		return cbor_read_bytes(reader);
	if (read_head(reader, CBOR_SIMPLE) != SIMPLE_NULL)
		cbor_fail(reader);
	return (struct bytes){NULL, 0};
}

bool cbor_accept_tag(struct reader *reader, uint64_t tag)
{
	struct reader after = *reader;
	if (!cbor_next_is(reader, CBOR_TAG) || read_head(&after, CBOR_TAG) != tag || after.failed)
		return false;
	*reader = after;
	return true;
}

/* -- containers -- */

static uint64_t read_count(struct reader *reader, enum cbor_type type, uint64_t max)
{
	uint64_t count = read_head(reader, type);
	if (count > max)
		cbor_fail(reader);
	return reader->failed ? 0 : count;
}

size_t cbor_enter_array(struct reader *reader, size_t max)
{
	return (size_t)read_count(reader, CBOR_ARRAY, max);
}

struct cbor_map cbor_enter_map(struct reader *reader, size_t max)
{
	return (struct cbor_map){read_count(reader, CBOR_MAP, max), false};
}

struct cbor_map cbor_enter_streamed_map(struct reader *reader, size_t max)
{
	if (reader->rest.len == 0 || reader->rest.ptr[0] != (CBOR_MAP << 5 | INDEFINITE))
		return cbor_enter_map(reader, max);
	read_skip(reader, 1);
	return (struct cbor_map){max, true};
}

bool cbor_next_member(struct reader *reader, struct cbor_map *map)
{
	if (reader->failed)
		return false;
	if (map->is_streamed && reader->rest.len > 0 && reader->rest.ptr[0] == BREAK) {
		read_skip(reader, 1);
		return false;
	}
	if (map->left == 0) {
		if (map->is_streamed)
			cbor_fail(reader);
		return false;
	}
	map->left--;
	return true;
}

/* -- any item -- */

static void skip_any(struct reader *reader, unsigned depth);

/* At the end of the input, one that is refused. */
static enum cbor_type next_type(const struct reader *reader)
{
	return reader->rest.len > 0 ? (enum cbor_type)(reader->rest.ptr[0] >> 5) : CBOR_TAG;
}

static bool is_container(enum cbor_type type)
{
	return type == CBOR_ARRAY || type == CBOR_MAP;
}

static void skip_key(struct reader *reader)
{
	if (next_type(reader) == CBOR_SIMPLE)
		cbor_fail(reader);
	skip_any(reader, 0);
}

/* Whether a comes before b by the bytes of their encodings (§4.2.1). No encoding begins another, so
 * the first byte that differs decides. */
static bool is_before(struct bytes a, struct bytes b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	return common > 0 && memcmp(a.ptr, b.ptr, common) < 0;
}

/* Keys in rising order: sorted, and each once. */
static void skip_map(struct reader *reader, unsigned depth)
{
	struct cbor_map map = cbor_enter_map(reader, reader->rest.len);
	struct bytes last = {NULL, 0};
	while (cbor_next_member(reader, &map)) {
		struct bytes key = reader->rest;
		skip_key(reader);
		key.len -= reader->rest.len;
		if (last.len != 0 && !is_before(last, key))
			cbor_fail(reader);
		last = key;
		skip_any(reader, depth);
	}
}

static void skip_array(struct reader *reader, unsigned depth)
{
	size_t count = cbor_enter_array(reader, reader->rest.len);
	for (size_t i = 0; i < count && !reader->failed; i++)
		skip_any(reader, depth);
}

static void skip_simple(struct reader *reader)
{
	uint64_t value = read_head(reader, CBOR_SIMPLE);
	if (value < SIMPLE_FALSE || value > SIMPLE_NULL)
		cbor_fail(reader);
}

/* `depth` more containers may be opened: recursion is bounded by CBOR_DEPTH_MAX. */
static void skip_any(struct reader *reader, unsigned depth)
{
	enum cbor_type type = next_type(reader);
	if (depth == 0 && is_container(type)) {
		cbor_fail(reader);
		return;
	}
	switch (type) {
	case CBOR_UNSIGNED:
	case CBOR_NEGATIVE: (void)read_head(reader, type); break;
	case CBOR_BYTES: (void)cbor_read_bytes(reader); break;
	case CBOR_TEXT: (void)cbor_read_text(reader); break;
	case CBOR_ARRAY: skip_array(reader, depth - 1); break;
	case CBOR_MAP: skip_map(reader, depth - 1); break;
	case CBOR_SIMPLE: skip_simple(reader); break;
	case CBOR_TAG: cbor_fail(reader); break;
	}
}

struct bytes cbor_read_any(struct reader *reader)
{
	struct bytes from = reader->rest;
	skip_any(reader, CBOR_DEPTH_MAX);
	return bytes_slice(from, 0, reader->failed ? 0 : from.len - reader->rest.len);
}

/* -- writing -- */

void cbor_write_head(struct writer *out, enum cbor_type type, uint64_t argument)
{
	uint8_t major = (uint8_t)(type << 5);
	if (argument < 24) {
		write_u8(out, (uint8_t)(major | argument));
	} else if (argument <= UINT8_MAX) {
		write_u8(out, major | 24);
		write_u8(out, (uint8_t)argument);
	} else if (argument <= UINT16_MAX) {
		write_u8(out, major | 25);
		write_u16be(out, (uint16_t)argument);
	} else if (argument <= UINT32_MAX) {
		write_u8(out, major | 26);
		write_u32be(out, (uint32_t)argument);
	} else {
		write_u8(out, major | 27);
		write_u64be(out, argument);
	}
}

void cbor_write_bytes(struct writer *out, struct bytes from)
{
	cbor_write_head(out, CBOR_BYTES, from.len);
	write_bytes(out, from);
}

void cbor_write_text(struct writer *out, struct bytes text)
{
	cbor_write_head(out, CBOR_TEXT, text.len);
	write_bytes(out, text);
}
