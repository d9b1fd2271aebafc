/* Dates of the proleptic Gregorian calendar in UTC, as seconds since 1970. Pure. */
#ifndef ATTEST_CALENDAR_H
#define ATTEST_CALENDAR_H

#include "base/bytes.h"

/* Years 0 to 9999: what the formats that carry dates can say. */
#define CALENDAR_SECONDS_MIN INT64_C(-62167219200)
#define CALENDAR_SECONDS_MAX INT64_C(253402300799)

struct calendar_date {
	int64_t year;
	uint32_t month, day; /* from 1 */
	uint32_t hour, minute, second;
};

/* Whether it names a day that exists; no leap seconds. */
bool calendar_is_valid(const struct calendar_date *date);
int64_t calendar_seconds(const struct calendar_date *date);
void calendar_date(struct calendar_date *out, int64_t seconds);

/* A java.time.Period. */
struct calendar_period {
	int32_t years, months, days;
};

/* seconds minus a period: months first, keeping the day of the month or taking the last
 * that exists, then days. seconds: CALENDAR_SECONDS_MIN to _MAX. Cannot overflow: 2^31 years are
 * below 2^57 seconds. */
int64_t calendar_subtract(int64_t seconds, struct calendar_period period);

/* Exactly "2021-05-31T20:33:22Z". Errors: FORMAT. */
enum conclave_error calendar_parse(int64_t *seconds, struct bytes text);
#define CALENDAR_TEXT_SIZE 20
/* seconds: CALENDAR_SECONDS_MIN to _MAX. */
void calendar_write(struct writer *out, int64_t seconds);

/* `count` decimal digits; fails the reader on anything else. */
uint32_t calendar_read_digits(struct reader *reader, size_t count);

#endif
