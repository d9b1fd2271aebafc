#include "attest/json_view.h"

#include "attest/calendar.h"
#include "base/check.h"
#include "base/hex.h"

static void fail(struct reader *reader)
{
	reader->failed = true;
	reader->rest.len = 0;
}

static uint8_t peek(const struct reader *reader)
{
	return reader->rest.len > 0 ? reader->rest.ptr[0] : 0;
}

static void skip_space(struct reader *reader)
{
	while (peek(reader) == ' ' || peek(reader) == '\t' || peek(reader) == '\n' ||
		peek(reader) == '\r')
		read_skip(reader, 1);
}

/* The next character after white space, if it is this one. */
static bool accept(struct reader *reader, uint8_t wanted)
{
	skip_space(reader);
	if (peek(reader) != wanted)
		return false;
	read_skip(reader, 1);
	return true;
}

static void expect(struct reader *reader, uint8_t wanted)
{
	if (!accept(reader, wanted))
		fail(reader);
}

static bool is_hex_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static void skip_escape(struct reader *reader)
{
	static const char simple[] = "\"\\/bfnrt";
	uint8_t c = read_u8(reader);
	if (c == 'u') {
		for (int i = 0; i < 4; i++)
			if (!is_hex_digit(read_u8(reader)))
				fail(reader);
	} else if (c == 0 || memchr(simple, c, sizeof(simple) - 1) == NULL) {
		fail(reader);
	}
}

static void skip_string(struct reader *reader)
{
	expect(reader, '"');
	for (uint8_t c; !reader->failed && (c = read_u8(reader)) != '"';) {
		if (c < 0x20)
			fail(reader);
		if (c == '\\')
			skip_escape(reader);
	}
}

static void skip_digits(struct reader *reader)
{
	if (peek(reader) < '0' || peek(reader) > '9')
		fail(reader);
	while (peek(reader) >= '0' && peek(reader) <= '9')
		read_skip(reader, 1);
}

static void skip_number(struct reader *reader)
{
	if (peek(reader) == '-')
		read_skip(reader, 1);
	if (peek(reader) == '0')
		read_skip(reader, 1);
	else
		skip_digits(reader);
	if (peek(reader) == '.') {
		read_skip(reader, 1);
		skip_digits(reader);
	}
	if (peek(reader) == 'e' || peek(reader) == 'E') {
		read_skip(reader, 1);
		if (peek(reader) == '+' || peek(reader) == '-')
			read_skip(reader, 1);
		skip_digits(reader);
	}
}

static void skip_word(struct reader *reader, struct bytes word)
{
	if (!bytes_equal(read_bytes(reader, word.len), word))
		fail(reader);
}

static void skip_value(struct reader *reader, unsigned depth);

static void skip_member_name(struct reader *reader)
{
	skip_space(reader);
	skip_string(reader);
	expect(reader, ':');
}

/* An object or an array: `depth` more may be opened. Recursion is bounded by JSON_VIEW_DEPTH_MAX.
 */
static void skip_container(struct reader *reader, uint8_t close, unsigned depth)
{
	if (depth == 0)
		fail(reader);
	read_skip(reader, 1);
	if (accept(reader, close))
		return;
	do {
		if (close == '}')
			skip_member_name(reader);
		skip_value(reader, depth - 1);
	} while (!reader->failed && accept(reader, ','));
	expect(reader, close);
}

static void skip_value(struct reader *reader, unsigned depth)
{
	if (reader->failed)
		return;
	skip_space(reader);
	switch (peek(reader)) {
	case '{': skip_container(reader, '}', depth); break;
	case '[': skip_container(reader, ']', depth); break;
	case '"': skip_string(reader); break;
	case 't': skip_word(reader, BYTES_LIT("true")); break;
	case 'f': skip_word(reader, BYTES_LIT("false")); break;
	case 'n': skip_word(reader, BYTES_LIT("null")); break;
	default: skip_number(reader); break;
	}
}

static struct json_view read_value(struct reader *reader)
{
	skip_space(reader);
	struct bytes from = reader->rest;
	skip_value(reader, JSON_VIEW_DEPTH_MAX);
	return (struct json_view){bytes_slice(from, 0, from.len - reader->rest.len)};
}

enum conclave_error json_view_parse(struct json_view *out, struct bytes text)
{
	if (text.len > JSON_VIEW_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	struct reader reader = reader_of(text);
	struct json_view value = read_value(&reader);
	skip_space(&reader);
	if (reader.failed || reader.rest.len != 0)
		return CONCLAVE_ERROR_FORMAT;
	*out = value;
	return CONCLAVE_OK;
}

/* Inside a container that begins so; else at an end. */
static struct reader enter(const struct json_view *container, uint8_t open)
{
	struct reader inside = reader_of(container->text);
	if (!accept(&inside, open))
		inside.rest.len = 0;
	return inside;
}

struct reader json_view_members(const struct json_view *object)
{
	return enter(object, '{');
}

bool json_view_next_member(struct bytes *name, struct json_view *value, struct reader *members)
{
	skip_space(members);
	if (members->failed || members->rest.len == 0 || peek(members) == '}')
		return false;
	struct bytes quoted = members->rest;
	skip_string(members);
	quoted.len -= members->rest.len;
	expect(members, ':');
	*value = read_value(members);
	(void)accept(members, ',');
	*name = bytes_slice(quoted, 1, quoted.len - 2); /* a string has both its quotes */
	return !members->failed;
}

enum conclave_error json_view_member(
	struct json_view *out, const struct json_view *object, struct bytes name)
{
	struct json_view found = {{NULL, 0}}, value;
	struct bytes seen;
	if (object->text.len == 0 || object->text.ptr[0] != '{')
		return CONCLAVE_ERROR_FORMAT;
	for (struct reader members = json_view_members(object);
		json_view_next_member(&seen, &value, &members);) {
		if (!bytes_equal(seen, name))
			continue;
		if (found.text.ptr != NULL)
			return CONCLAVE_ERROR_FORMAT;
		found = value;
	}
	if (found.text.ptr == NULL)
		return CONCLAVE_ERROR_NOT_FOUND;
	*out = found;
	return CONCLAVE_OK;
}

struct reader json_view_elements(const struct json_view *array)
{
	return enter(array, '[');
}

bool json_view_next(struct json_view *element, struct reader *elements)
{
	skip_space(elements);
	if (elements->failed || elements->rest.len == 0 || peek(elements) == ']')
		return false;
	*element = read_value(elements);
	(void)accept(elements, ',');
	return !elements->failed;
}

enum conclave_error json_view_array(
	struct json_view *out, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	if (value.text.len == 0 || value.text.ptr[0] != '[')
		return CONCLAVE_ERROR_FORMAT;
	*out = value;
	return CONCLAVE_OK;
}

enum conclave_error json_view_text(struct bytes *out, const struct json_view *value)
{
	if (value->text.len < 2 || value->text.ptr[0] != '"')
		return CONCLAVE_ERROR_FORMAT;
	struct bytes text = bytes_slice(value->text, 1, value->text.len - 2);
	if (text.len > 0 && memchr(text.ptr, '\\', text.len) != NULL)
		return CONCLAVE_ERROR_FORMAT;
	*out = text;
	return CONCLAVE_OK;
}

enum conclave_error json_view_string(
	struct bytes *out, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	return json_view_text(out, &value);
}

enum conclave_error json_view_hex(
	struct buffer out, const struct json_view *object, struct bytes name)
{
	struct bytes text;
	TRY(json_view_string(&text, object, name));
	return hex_decode(out, text);
}

enum conclave_error json_view_time(int64_t *out, const struct json_view *object, struct bytes name)
{
	struct bytes text;
	TRY(json_view_string(&text, object, name));
	return calendar_parse(out, text);
}

enum conclave_error json_view_integer(uint32_t *out, uint32_t max, const struct json_view *value)
{
	uint64_t number = 0;
	/* Ten digits hold 2^32 - 1; the grammar has excluded leading zeros. */
	if (value->text.len > 10)
		return CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < value->text.len; i++) {
		uint8_t digit = (uint8_t)(value->text.ptr[i] - '0');
		if (digit > 9)
			return CONCLAVE_ERROR_FORMAT;
		number = number * 10 + digit;
	}
	if (number > max)
		return CONCLAVE_ERROR_FORMAT;
	*out = (uint32_t)number;
	return CONCLAVE_OK;
}

enum conclave_error json_view_number(
	uint32_t *out, uint32_t max, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	return json_view_integer(out, max, &value);
}
