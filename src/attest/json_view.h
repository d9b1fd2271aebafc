/* JSON (RFC 8259) for signed collateral: the exact bytes of every value stay at hand, because that
 * is what was signed. Pure, nothing is copied.
 *
 * json_view_parse proves a whole text well-formed; the rest walks inside what it proved. Names are
 * compared byte by byte (an escaped name equals no other), and one that is asked for must not be
 * there twice. */
#ifndef ATTEST_JSON_VIEW_H
#define ATTEST_JSON_VIEW_H

#include "base/bytes.h"

#define JSON_VIEW_DEPTH_MAX 8u
#define JSON_VIEW_SIZE_MAX 0x10000u

/* One value: its text, from its first character to its last. */
struct json_view {
	struct bytes text;
};

/* Errors: FORMAT (also when nested deeper than JSON_VIEW_DEPTH_MAX), LIMIT (size). */
enum conclave_error json_view_parse(struct json_view *out, struct bytes text);

/* A member of an object. Errors: FORMAT (not an object, or the name is there twice), NOT_FOUND. */
enum conclave_error json_view_member(
	struct json_view *out, const struct json_view *object, struct bytes name);

/* Walk an array: `for (reader = json_view_elements(array); json_view_next(&element, &reader);)`. A
 * value that is not an array has no elements. */
struct reader json_view_elements(const struct json_view *array);
bool json_view_next(struct json_view *element, struct reader *elements);

/* Walk an object the same way. name: as it is written, escapes and all. A value that is not an
 * object has no members. */
struct reader json_view_members(const struct json_view *object);
bool json_view_next_member(struct bytes *name, struct json_view *value, struct reader *members);

/* Members to look for, in one pass: each `value` is left empty when there is no such member, which
 * every reader of a value below reports as NOT_FOUND. Errors: FORMAT (not an object, or a name that
 * is asked for is there twice). */
struct json_view_field {
	struct bytes name;
	struct json_view *value;
};
enum conclave_error json_view_fields(
	const struct json_view_field *fields, size_t count, const struct json_view *object);

/* Values of one type. Errors: FORMAT, NOT_FOUND. */
/* The text between the quotes of a string without escapes. */
enum conclave_error json_view_text(struct bytes *out, const struct json_view *value);
/* A string of exactly 2 * out.len hexadecimal digits. */
enum conclave_error json_view_octets(struct buffer out, const struct json_view *value);
/* "2021-05-31T20:33:22Z", as seconds since 1970. */
enum conclave_error json_view_instant(int64_t *out, const struct json_view *value);
/* An integer from 0 to max. */
enum conclave_error json_view_integer(uint32_t *out, uint32_t max, const struct json_view *value);
enum conclave_error json_view_is_array(const struct json_view *value);

/* Members of one type: the same by name. Errors: FORMAT, NOT_FOUND. */
enum conclave_error json_view_array(
	struct json_view *out, const struct json_view *object, struct bytes name);
enum conclave_error json_view_string(
	struct bytes *out, const struct json_view *object, struct bytes name);
enum conclave_error json_view_hex(
	struct buffer out, const struct json_view *object, struct bytes name);
enum conclave_error json_view_time(int64_t *out, const struct json_view *object, struct bytes name);
enum conclave_error json_view_number(
	uint32_t *out, uint32_t max, const struct json_view *object, struct bytes name);

#endif
