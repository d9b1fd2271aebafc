#include "image/json_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Nothing here looks past the terminator, and nothing more is promised for text that is not JSON.
 */
struct cursor {
	const char *at;
	unsigned line;
};

static void step(struct cursor *cursor)
{
	if (*cursor->at == '\n')
		cursor->line++;
	if (*cursor->at != 0)
		cursor->at++;
}

static void skip_space(struct cursor *cursor)
{
	while (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r' ||
		*cursor->at == '\n' || *cursor->at == ',' || *cursor->at == ':')
		step(cursor);
}

static void skip_string(struct cursor *cursor)
{
	step(cursor);
	while (*cursor->at != 0 && *cursor->at != '"') {
		if (*cursor->at == '\\')
			step(cursor);
		step(cursor);
	}
	step(cursor);
}

/* One value of any kind: brackets outside strings are counted. */
static void skip_value(struct cursor *cursor)
{
	size_t depth = 0;
	do {
		skip_space(cursor);
		if (*cursor->at == '"') {
			skip_string(cursor);
			continue;
		}
		if (*cursor->at == '{' || *cursor->at == '[') {
			depth++;
			step(cursor);
		} else if (*cursor->at == '}' || *cursor->at == ']') {
			depth--;
			step(cursor);
		} else {
			while (*cursor->at != 0 && strchr(" \t\r\n,:{}[]\"", *cursor->at) == NULL)
				step(cursor);
		}
	} while (depth > 0 && *cursor->at != 0);
}

static bool key_is(const char *quoted, const char *key)
{
	size_t size = strlen(key);
	return strncmp(quoted + 1, key, size) == 0 && quoted[1 + size] == '"';
}

/* From an object's opening bracket to the value of `key`; gives the key's line, or 0. */
static unsigned find_key(struct cursor *cursor, const char *key)
{
	if (*cursor->at != '{')
		return 0;
	step(cursor);
	for (;;) {
		skip_space(cursor);
		if (*cursor->at != '"')
			return 0;
		const char *quoted = cursor->at;
		unsigned line = cursor->line;
		skip_string(cursor);
		skip_space(cursor);
		if (key_is(quoted, key))
			return line;
		skip_value(cursor);
	}
}

unsigned json_line(const char *text, const char *outer, const char *inner)
{
	struct cursor cursor = {text, 1};
	skip_space(&cursor);
	unsigned outer_line = find_key(&cursor, outer);
	unsigned inner_line = 0;
	if (outer_line != 0 && inner != NULL)
		inner_line = find_key(&cursor, inner);
	if (inner_line != 0)
		return inner_line;
	return outer_line != 0 ? outer_line : 1;
}
