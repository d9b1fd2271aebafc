/* The option --at: a time to judge as of. */
#ifndef CLI_AT_H
#define CLI_AT_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970, or a date and time in UTC. */
bool cli_parse_time(int64_t *out, const char *text);
#define CLI_TIME_WANTED \
	"--at takes seconds since 1970 or a time like 2026-01-31T12:00:00Z, not '%s'"

#endif
