#include "amount.h"

#include <stdio.h>
#include <string.h>

/* What is left of a text. */
struct cursor {
	const char *at, *end;
};

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at != 0 &&
		strchr(" \t\r\n", *cursor->at) != NULL)
		cursor->at++;
}

static bool take(struct cursor *cursor, const char *text)
{
	size_t size = strlen(text);
	skip_space(cursor);
	if ((size_t)(cursor->end - cursor->at) < size || memcmp(cursor->at, text, size) != 0)
		return false;
	cursor->at += size;
	return true;
}

static bool take_number(uint64_t *out, struct cursor *cursor)
{
	uint64_t value = 0;
	skip_space(cursor);
	const char *first = cursor->at;
	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
		value = 10 * value + (uint64_t)(*cursor->at++ - '0');
		if (value > AMOUNT_MAX)
			return false;
	}
	size_t digits = (size_t)(cursor->at - first);
	if (digits == 0 || (digits > 1 && *first == '0'))
		return false;
	*out = value;
	return true;
}

bool amount_read(uint64_t *out, const char *text, size_t size)
{
	struct cursor cursor = {text, text + size};
	uint64_t value;
	if (size == 0 || *text < '0' || *text > '9')
		return false;
	if (!take_number(&value, &cursor) || cursor.at != cursor.end)
		return false;
	*out = value;
	return true;
}

bool amount_read_bid(uint64_t *out, const char *json, size_t size)
{
	struct cursor cursor = {json, json + size};
	uint64_t value;
	if (!take(&cursor, "{") || !take(&cursor, "\"amount\"") || !take(&cursor, ":") ||
		!take_number(&value, &cursor) || !take(&cursor, "}"))
		return false;
	skip_space(&cursor);
	if (cursor.at != cursor.end)
		return false;
	*out = value;
	return true;
}

const char *amount_write(char text[AMOUNT_TEXT_SIZE], uint64_t amount)
{
	char digits[AMOUNT_TEXT_SIZE];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)amount);
	char *out = text;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = 0;
	return text;
}
