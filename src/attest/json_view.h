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

/* Members of one type. Errors: FORMAT, NOT_FOUND. */
enum conclave_error json_view_array(
	struct json_view *out, const struct json_view *object, struct bytes name);
/* A string without escapes. */
enum conclave_error json_view_string(
	struct bytes *out, const struct json_view *object, struct bytes name);
/* Exactly out.len bytes as hexadecimal digits. */
enum conclave_error json_view_hex(
	struct buffer out, const struct json_view *object, struct bytes name);
/* "2021-05-31T20:33:22Z", as seconds since 1970. */
enum conclave_error json_view_time(int64_t *out, const struct json_view *object, struct bytes name);
/* An integer from 0 to max. */
enum conclave_error json_view_number(
	uint32_t *out, uint32_t max, const struct json_view *object, struct bytes name);
/* The text between the quotes of a string value; an integer from 0 to max. Errors: FORMAT. */
enum conclave_error json_view_text(struct bytes *out, const struct json_view *value);
enum conclave_error json_view_integer(uint32_t *out, uint32_t max, const struct json_view *value);

#endif
