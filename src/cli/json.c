#include "cli/json.h"

#include <stdio.h>

#include "attest/calendar.h"
#include "base/check.h"
#include "base/hex.h"

void cli_json_hex(json_t *object, const char *name, struct bytes from)
{
	char hex[2 * CLI_JSON_HEX_MAX + 1];
	ASSERT(from.len <= CLI_JSON_HEX_MAX);
	json_object_set_new(object, name, json_string(hex_encode(hex, from)));
}

void cli_json_time(json_t *object, const char *name, int64_t seconds)
{
	uint8_t text[CALENDAR_TEXT_SIZE];
	struct writer writer = writer_of((struct buffer){text, sizeof(text)});
	calendar_write(&writer, seconds);
	json_object_set_new(object, name, json_stringn((const char *)text, sizeof(text)));
}

void cli_json_print(const json_t *object)
{
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
}
