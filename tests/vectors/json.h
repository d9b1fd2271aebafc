/* Reading test vectors: JSON files with bytes in hexadecimal. For tests: what is missing or
 * malformed fails the test at once; a missing folder of other people's vectors skips it. */
#ifndef TESTS_VECTORS_JSON_H
#define TESTS_VECTORS_JSON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/bytes.h"
#include "base/hex.h"

/* The path of a file below the folder of shared vectors ($CONCLAVE_VECTORS, else next to the
 * source); skips the test when there is none. */
static inline void vectors_path(char path[4096], const char *name)
{
	const char *folder = getenv("CONCLAVE_VECTORS"), *source = getenv("CONCLAVE_SOURCE");
	if (folder != NULL)
		snprintf(path, 4096, "%s/%s", folder, name);
	else
		snprintf(path, 4096, "%s/../shared/vectors/%s", source ? source : ".", name);
	struct stat status;
	if (stat(path, &status) != 0) {
		print_message("skipped: no %s (CONCLAVE_VECTORS names the folder)\n", path);
		skip();
	}
}

static inline json_t *vectors_load(const char *name)
{
	char path[4096];
	vectors_path(path, name);
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	if (root == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

/* A binary file of exactly that size. */
static inline void vectors_file(void *out, size_t size, const char *name)
{
	char path[4096];
	vectors_path(path, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(out, 1, size, file), size);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
}

/* The file below tests/vectors in the source. */
static inline json_t *vectors_own(const char *name)
{
	const char *source = getenv("CONCLAVE_SOURCE");
	char path[4096];
	snprintf(path, sizeof(path), "%s/tests/vectors/%s", source ? source : ".", name);
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	if (root == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

static inline const char *json_text(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));
	if (text == NULL)
		fail_msg("a vector has no text \"%s\"", field);
	return text;
}

/* The bytes of a field, valid until the next vectors_forget; empty when it is null or absent. */
static uint8_t vectors_pool[8u << 20];
static size_t vectors_pool_used;

static inline void vectors_forget(void)
{
	vectors_pool_used = 0;
}

static inline struct bytes json_bytes(const json_t *object, const char *field)
{
	const json_t *value = json_object_get(object, field);
	if (value == NULL || json_is_null(value))
		return (struct bytes){NULL, 0};
	struct bytes text = bytes_of(json_string_value(value), json_string_length(value));
	size_t size = text.len / 2;
	assert_true(size <= sizeof(vectors_pool) - vectors_pool_used);
	struct buffer place = {vectors_pool + vectors_pool_used, size};
	if (hex_decode(place, text) != CONCLAVE_OK)
		fail_msg("the field \"%s\" is not hexadecimal", field);
	vectors_pool_used += size;
	return bytes_of(place.ptr, size);
}

/* The bytes of a field into an object of exactly that size. */
static inline void json_into(void *out, size_t size, const json_t *object, const char *field)
{
	struct bytes value = json_bytes(object, field);
	if (value.len != size)
		fail_msg("the field \"%s\" has %zu bytes, not %zu", field, value.len, size);
	memcpy(out, value.ptr, size);
}

#endif
