#include "cli/at.h"

#include <stdlib.h>

#include "attest/calendar.h"

bool cli_parse_time(int64_t *out, const char *text)
{
	char *end;
	if (calendar_parse(out, bytes_of(text, strlen(text))) == CONCLAVE_OK)
		return true;
	*out = strtoll(text, &end, 10);
	return *text != '\0' && *end == '\0' && *out >= 0 && *out <= CALENDAR_SECONDS_MAX;
}
