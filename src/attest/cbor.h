/* Concise Binary Object Representation (RFC 8949), read strictly. Pure.
 *
 * Built on the sticky reader: an item of another type, a number or length not in its shortest form,
 * a length beyond the input, text that is not UTF-8, or anything outside the profile fail the
 * reader; the caller asks once, with cbor_end. The profile is what COSE and attestation need:
 * integers, bytes, text, arrays, maps, the tags that a caller asks for, false, true and null. No
 * floating point, no other simple value, no text or bytes in chunks. */
#ifndef ATTEST_CBOR_H
#define ATTEST_CBOR_H

#include "base/bytes.h"

/* Containers within containers that cbor_read_any follows. */
#define CBOR_DEPTH_MAX 8u

/* The major types (RFC 8949 §3.1). */
enum cbor_type {
	CBOR_UNSIGNED,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE,
};

/* Whether the next item is of this type. */
bool cbor_next_is(const struct reader *reader, enum cbor_type type);

/* A number from 0 to max. */
uint64_t cbor_read_unsigned(struct reader *reader, uint64_t max);
struct bytes cbor_read_bytes(struct reader *reader);
/* Without a terminator; may hold NULs. */
struct bytes cbor_read_text(struct reader *reader);
/* Bytes, or null: then ptr is NULL, which it never is for bytes, however few. */
struct bytes cbor_read_bytes_or_null(struct reader *reader);
/* Take this tag, if it comes next. */
bool cbor_accept_tag(struct reader *reader, uint64_t tag);

/* An item of any type, as its encoding: deterministic (§4.2.1), so that no map holds a key twice.
 * Keys are integers, bytes or text; tags are refused. */
struct bytes cbor_read_any(struct reader *reader);

/* How many elements follow; at most max. */
size_t cbor_enter_array(struct reader *reader, size_t max);

/* A map is read member by member, key then value:
 *
 *   for (struct cbor_map map = cbor_enter_map(&reader, 9); cbor_next_member(&reader, &map);)
 *
 * Its order is free, and that no key comes twice is the caller's to see to. */
struct cbor_map {
	uint64_t left;
	bool is_streamed;
};
/* At most max members. */
struct cbor_map cbor_enter_map(struct reader *reader, size_t max);
/* The same, or one of indefinite length (§3.2.2). */
struct cbor_map cbor_enter_streamed_map(struct reader *reader, size_t max);
/* Whether there is another member; false after a failure. */
bool cbor_next_member(struct reader *reader, struct cbor_map *map);

/* The head of an item: its type, and a number, a length or a count in the fewest bytes. */
void cbor_write_head(struct writer *out, enum cbor_type type, uint64_t argument);
void cbor_write_bytes(struct writer *out, struct bytes from);
/* text: UTF-8. */
void cbor_write_text(struct writer *out, struct bytes text);

/* Say that what was read is not what it must be. */
void cbor_fail(struct reader *reader);
/* Errors: FORMAT, also for bytes that are left. */
enum conclave_error cbor_end(const struct reader *reader);

#endif
