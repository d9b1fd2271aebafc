/* What verbs print with --json has in common. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <jansson.h>

#include "base/bytes.h"

/* Bytes in hexadecimal, lower case. */
#define CLI_JSON_HEX_MAX 1024u
void cli_json_hex(json_t *object, const char *name, struct bytes from);
/* "2026-01-31T12:00:00Z" */
void cli_json_time(json_t *object, const char *name, int64_t seconds);
/* The object, indented, and a line's end, on standard output. */
void cli_json_print(const json_t *object);

#endif
