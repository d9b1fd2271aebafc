#include "attest/json_view.h"

#include "attest/calendar.h"
#include "base/check.h"
#include "base/hex.h"

static void fail(struct reader *reader)
{
	reader->failed = true;
	reader->rest.len = 0;
}

static inline uint8_t peek(const struct reader *reader)
{
	return reader->rest.len > 0 ? reader->rest.ptr[0] : 0;
}

/* The character that was peeked at, which is there. */
static inline void advance(struct reader *reader)
{
	reader->rest.ptr++;
	reader->rest.len--;
}

static inline bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline void skip_space(struct reader *reader)
{
	while (is_space(peek(reader)))
		advance(reader);
}

/* The next character after white space, if it is this one. */
static bool accept(struct reader *reader, uint8_t wanted)
{
	skip_space(reader);
	if (peek(reader) != wanted)
		return false;
	advance(reader);
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
	for (uint8_t c; (c = peek(reader)) != '"';) {
		if (c < 0x20) {
			fail(reader); /* also at the end */
			return;
		}
		advance(reader);
		if (c == '\\')
			skip_escape(reader);
	}
	advance(reader);
}

static void skip_digits(struct reader *reader)
{
	if (peek(reader) < '0' || peek(reader) > '9')
		fail(reader);
	while (peek(reader) >= '0' && peek(reader) <= '9')
		advance(reader);
}

static void skip_number(struct reader *reader)
{
	if (peek(reader) == '-')
		advance(reader);
	if (peek(reader) == '0')
		advance(reader);
	else
		skip_digits(reader);
	if (peek(reader) == '.') {
		advance(reader);
		skip_digits(reader);
	}
	if (peek(reader) == 'e' || peek(reader) == 'E') {
		advance(reader);
		if (peek(reader) == '+' || peek(reader) == '-')
			advance(reader);
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
	if (depth == 0) {
		fail(reader);
		return;
	}
	advance(reader);
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

enum conclave_error json_view_parse(struct json_view *out, struct bytes text)
{
	if (text.len > JSON_VIEW_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	struct reader reader = reader_of(text);
	skip_space(&reader);
	const struct bytes value = reader.rest;
	skip_value(&reader, JSON_VIEW_DEPTH_MAX);
	size_t left = reader.rest.len;
	skip_space(&reader);
	if (reader.failed || reader.rest.len != 0)
		return CONCLAVE_ERROR_FORMAT;
	*out = (struct json_view){bytes_slice(value, 0, value.len - left)};
	return CONCLAVE_OK;
}

/* -- inside a text that is proved well-formed: to pass over a value, only quotes and brackets
 * matter -- */

/* Where the string that begins at `from` ends. */
static const uint8_t *string_end(const uint8_t *from, const uint8_t *end)
{
	const uint8_t *at = from + 1;
	while (at < end && *at != '"')
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	return at < end ? at + 1 : end;
}

static const uint8_t *container_end(const uint8_t *from, const uint8_t *end)
{
	size_t depth = 0;
	for (const uint8_t *at = from; at < end;) {
		if (*at == '"') {
			at = string_end(at, end);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && --depth == 0)
			return at + 1;
		at++;
	}
	return end;
}

static const uint8_t *scalar_end(const uint8_t *from, const uint8_t *end)
{
	const uint8_t *at = from;
	while (at < end && *at != ',' && *at != ']' && *at != '}' && !is_space(*at))
		at++;
	return at;
}

static const uint8_t *value_end(const uint8_t *from, const uint8_t *end)
{
	if (from == end)
		return end;
	if (*from == '"')
		return string_end(from, end);
	if (*from == '{' || *from == '[')
		return container_end(from, end);
	return scalar_end(from, end);
}

static struct json_view read_value(struct reader *reader)
{
	skip_space(reader);
	const uint8_t *from = reader->rest.ptr;
	const uint8_t *end = value_end(from, from + reader->rest.len);
	size_t size = (size_t)(end - from);
	reader->rest.ptr = end;
	reader->rest.len -= size;
	return (struct json_view){bytes_of(from, size)};
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
	const struct json_view quoted = read_value(members);
	expect(members, ':');
	*value = read_value(members);
	(void)accept(members, ',');
	if (members->failed || quoted.text.len < 2)
		return false;
	*name = bytes_slice(quoted.text, 1, quoted.text.len - 2);
	return true;
}

static const struct json_view_field *find_field(
	const struct json_view_field *fields, size_t count, struct bytes name)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_equal(fields[i].name, name))
			return &fields[i];
	return NULL;
}

enum conclave_error json_view_fields(
	const struct json_view_field *fields, size_t count, const struct json_view *object)
{
	struct json_view value;
	struct bytes name;
	for (size_t i = 0; i < count; i++)
		*fields[i].value = (struct json_view){{NULL, 0}};
	if (object->text.len == 0 || object->text.ptr[0] != '{')
		return CONCLAVE_ERROR_FORMAT;
	for (struct reader members = json_view_members(object);
		json_view_next_member(&name, &value, &members);) {
		const struct json_view_field *field = find_field(fields, count, name);
		if (field == NULL)
			continue;
		if (field->value->text.ptr != NULL)
			return CONCLAVE_ERROR_FORMAT;
		*field->value = value;
	}
	return CONCLAVE_OK;
}

enum conclave_error json_view_member(
	struct json_view *out, const struct json_view *object, struct bytes name)
{
	struct json_view found;
	const struct json_view_field field = {name, &found};
	TRY(json_view_fields(&field, 1, object));
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
	return element->text.len > 0; /* which text that is not proved may leave empty */
}

/* Errors: NOT_FOUND (a member that was not there), FORMAT (another type). */
static enum conclave_error expect_first(const struct json_view *value, uint8_t wanted)
{
	if (value->text.ptr == NULL)
		return CONCLAVE_ERROR_NOT_FOUND;
	if (value->text.len == 0 || value->text.ptr[0] != wanted)
		return CONCLAVE_ERROR_FORMAT;
	return CONCLAVE_OK;
}

enum conclave_error json_view_is_array(const struct json_view *value)
{
	return expect_first(value, '[');
}

enum conclave_error json_view_text(struct bytes *out, const struct json_view *value)
{
	TRY(expect_first(value, '"'));
	if (value->text.len < 2)
		return CONCLAVE_ERROR_FORMAT;
	struct bytes text = bytes_slice(value->text, 1, value->text.len - 2);
	if (text.len > 0 && memchr(text.ptr, '\\', text.len) != NULL)
		return CONCLAVE_ERROR_FORMAT;
	*out = text;
	return CONCLAVE_OK;
}

enum conclave_error json_view_octets(struct buffer out, const struct json_view *value)
{
	struct bytes text;
	TRY(json_view_text(&text, value));
	return hex_decode(out, text);
}

enum conclave_error json_view_instant(int64_t *out, const struct json_view *value)
{
	struct bytes text;
	TRY(json_view_text(&text, value));
	return calendar_parse(out, text);
}

enum conclave_error json_view_integer(uint32_t *out, uint32_t max, const struct json_view *value)
{
	uint64_t number = 0;
	if (value->text.ptr == NULL)
		return CONCLAVE_ERROR_NOT_FOUND;
	/* Ten digits hold 2^32 - 1; the grammar has excluded leading zeros and no digits. */
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

enum conclave_error json_view_array(
	struct json_view *out, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	TRY(json_view_is_array(&value));
	*out = value;
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
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	return json_view_octets(out, &value);
}

enum conclave_error json_view_time(int64_t *out, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	return json_view_instant(out, &value);
}

enum conclave_error json_view_number(
	uint32_t *out, uint32_t max, const struct json_view *object, struct bytes name)
{
	struct json_view value;
	TRY(json_view_member(&value, object, name));
	return json_view_integer(out, max, &value);
}
