/* Bytes: the one vocabulary for them.
 *
 * struct bytes   a view: someone else's bytes, not owned, passed by value
 * struct buffer  space to fill, passed by value
 * struct reader  a cursor with a sticky error: after a failed read every read gives zero or empty,
 * and the caller checks once, at the end, before it branches on, indexes with or loops over
 * anything it read struct writer  the same for output; `ptr` NULL only measures (`len` grows
 * without limit)
 *
 * Freestanding, no allocation. Numbers have their byte order in the name. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <conclave/error.h>

struct bytes {
	const uint8_t *ptr;
	size_t len;
};

struct buffer {
	uint8_t *ptr;
	size_t len;
};

struct reader {
	struct bytes rest;
	bool failed;
};

struct writer {
	uint8_t *ptr;
	size_t len, cap;
	bool failed;
};

/* Views. BYTES_OF takes an array or a struct lvalue, BYTES_LIT a string literal without its NUL. */
#define BYTES_OF(object) ((struct bytes){(const uint8_t *)&(object), sizeof(object)})
#define BYTES_LIT(literal) ((struct bytes){(const uint8_t *)("" literal ""), sizeof(literal) - 1})

static inline struct bytes bytes_of(const void *ptr, size_t len)
{
	return (struct bytes){ptr, len};
}

/* Equality of public bytes. Anything keyed is compared with ct_equal (ct.h). */
static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The part from `offset` of at most `len` bytes; empty when offset lies past the end. */
static inline struct bytes bytes_slice(struct bytes from, size_t offset, size_t len)
{
	if (offset >= from.len)
		return (struct bytes){from.ptr, 0};
	if (len > from.len - offset)
		len = from.len - offset;
	return (struct bytes){from.ptr + offset, len};
}

/* The first `len` bytes of from, or all there are; from is what follows them. */
static inline struct bytes bytes_take(struct bytes *from, size_t len)
{
	struct bytes taken = bytes_slice(*from, 0, len);
	*from = bytes_slice(*from, taken.len, SIZE_MAX);
	return taken;
}

/* -- reader -- */

static inline struct reader reader_of(struct bytes from)
{
	return (struct reader){from, false};
}

/* The next `len` bytes, as a view into the source; empty after a failure. */
struct bytes read_bytes(struct reader *reader, size_t len);
/* Copy exactly `len` bytes to `out`; zeros after a failure. */
void read_into(struct reader *reader, void *out, size_t len);
void read_skip(struct reader *reader, size_t len);
uint8_t read_u8(struct reader *reader);
uint16_t read_u16be(struct reader *reader);
uint32_t read_u32be(struct reader *reader);
uint64_t read_u64be(struct reader *reader);
uint16_t read_u16le(struct reader *reader);
uint32_t read_u32le(struct reader *reader);
uint64_t read_u64le(struct reader *reader);
/* A u16 or u32 big-endian length, then that many bytes. */
struct bytes read_lp16(struct reader *reader);
struct bytes read_lp32(struct reader *reader);
/* How it ended. TRUNCATED: some read failed; TRAILING: bytes are left. Errors: TRUNCATED, TRAILING.
 */
enum conclave_error reader_end(const struct reader *reader);

/* -- writer -- */

static inline struct writer writer_of(struct buffer space)
{
	return (struct writer){space.ptr, 0, space.len, false};
}

/* Counts what would be written. */
static inline struct writer writer_measure(void)
{
	return (struct writer){NULL, 0, SIZE_MAX, false};
}

void write_bytes(struct writer *writer, struct bytes from);
void write_zeros(struct writer *writer, size_t len);
void write_u8(struct writer *writer, uint8_t value);
void write_u16be(struct writer *writer, uint16_t value);
void write_u32be(struct writer *writer, uint32_t value);
void write_u64be(struct writer *writer, uint64_t value);
void write_u16le(struct writer *writer, uint16_t value);
void write_u32le(struct writer *writer, uint32_t value);
void write_u64le(struct writer *writer, uint64_t value);
/* Length and bytes. A length that does not fit fails the writer. */
void write_lp16(struct writer *writer, struct bytes from);
void write_lp32(struct writer *writer, struct bytes from);
/* What was written so far; empty when measuring. */
struct bytes writer_bytes(const struct writer *writer);
/* Errors: SPACE when anything did not fit. */
enum conclave_error writer_end(const struct writer *writer);

/* -- single numbers at a place that is known to hold them -- */

static inline uint16_t load_u16le(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load_u32le(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64le(const uint8_t *p)
{
	return (uint64_t)load_u32le(p) | (uint64_t)load_u32le(p + 4) << 32;
}

static inline uint64_t load_u64be(const uint8_t *p)
{
	return __builtin_bswap64(load_u64le(p));
}

static inline void store_u16le(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void store_u32le(uint8_t *p, uint32_t value)
{
	store_u16le(p, (uint16_t)value);
	store_u16le(p + 2, (uint16_t)(value >> 16));
}

static inline void store_u64le(uint8_t *p, uint64_t value)
{
	store_u32le(p, (uint32_t)value);
	store_u32le(p + 4, (uint32_t)(value >> 32));
}

static inline void store_u64be(uint8_t *p, uint64_t value)
{
	store_u64le(p, __builtin_bswap64(value));
}

#endif
