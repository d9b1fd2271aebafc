/* Dates against the C library's, and periods as java.time takes them off. */
#include <time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/calendar.h"
#include "base/check.h"

static int64_t parse(const char *text)
{
	int64_t seconds;
	assert_int_equal(calendar_parse(&seconds, bytes_of(text, strlen(text))), CONCLAVE_OK);
	return seconds;
}

static void same_as_libc(void **state)
{
	(void)state;
	/* A step that is no multiple of anything, over all years of four digits. */
	for (int64_t seconds = CALENDAR_SECONDS_MIN; seconds <= CALENDAR_SECONDS_MAX;
		seconds += 7654321) {
		struct calendar_date date;
		struct tm wanted;
		time_t libc = (time_t)seconds;
		assert_non_null(gmtime_r(&libc, &wanted));
		calendar_date(&date, seconds);
		assert_int_equal(date.year, wanted.tm_year + 1900);
		assert_int_equal(date.month, wanted.tm_mon + 1);
		assert_int_equal(date.day, wanted.tm_mday);
		assert_int_equal(date.hour, wanted.tm_hour);
		assert_int_equal(date.minute, wanted.tm_min);
		assert_int_equal(date.second, wanted.tm_sec);
		assert_true(calendar_is_valid(&date));
		assert_int_equal(calendar_seconds(&date), seconds);
	}
}

static void text_both_ways(void **state)
{
	static const char *const texts[] = {"0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2100-02-28T23:59:59Z",
		"9999-12-31T23:59:59Z"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		uint8_t space[CALENDAR_TEXT_SIZE];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		calendar_write(&writer, parse(texts[i]));
		assert_int_equal(writer_end(&writer), CONCLAVE_OK);
		assert_memory_equal(space, texts[i], CALENDAR_TEXT_SIZE);
	}
	assert_int_equal(parse(texts[0]), CALENDAR_SECONDS_MIN);
	assert_int_equal(parse(texts[5]), CALENDAR_SECONDS_MAX);
}

static void malformed(void **state)
{
	static const char *const texts[] = {"", "2021-05-31T20:33:22", "2021-05-31T20:33:22z",
		"2021-05-31T20:33:22ZZ", "2021-05-31 20:33:22Z", "2021-5-31T20:33:22Z",
		"2021-00-31T20:33:22Z", "2021-13-01T20:33:22Z", "2021-04-31T20:33:22Z",
		"2021-02-29T20:33:22Z", "2100-02-29T20:33:22Z", "2021-05-00T20:33:22Z",
		"2021-05-31T24:00:00Z", "2021-05-31T20:60:22Z", "2021-05-31T20:33:60Z",
		"-021-05-31T20:33:22Z", "2021-05-31T20:33:22.5Z", "2021-05-3:T20:33:22Z"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		int64_t seconds = 42;
		assert_int_equal(calendar_parse(&seconds, bytes_of(texts[i], strlen(texts[i]))),
			CONCLAVE_ERROR_FORMAT);
		assert_int_equal(seconds, 42);
	}
}

/* java.time.ZonedDateTime.minus(Period), by its documentation. */
static void periods(void **state)
{
	static const struct {
		const char *from;
		struct calendar_period period;
		const char *to;
	} rows[] = {
		{"2021-05-31T20:33:22Z", {0, 0, 0}, "2021-05-31T20:33:22Z"},
		{"2021-05-31T20:33:22Z", {0, 1, 0}, "2021-04-30T20:33:22Z"},
		{"2021-03-31T00:00:00Z", {0, 1, 0}, "2021-02-28T00:00:00Z"},
		{"2020-03-31T00:00:00Z", {0, 1, 0}, "2020-02-29T00:00:00Z"},
		{"2020-02-29T00:00:00Z", {1, 0, 0}, "2019-02-28T00:00:00Z"},
		{"2020-02-29T00:00:00Z", {4, 0, 0}, "2016-02-29T00:00:00Z"},
		{"2021-01-15T01:02:03Z", {1, 13, 0}, "2018-12-15T01:02:03Z"},
		{"2021-03-31T00:00:00Z", {0, 1, 1}, "2021-02-27T00:00:00Z"},
		{"2021-01-01T00:00:00Z", {0, 0, 19}, "2020-12-13T00:00:00Z"},
		{"2021-01-31T00:00:00Z", {0, -1, 0}, "2021-02-28T00:00:00Z"},
		{"2021-01-31T00:00:00Z", {-1, 1, -1}, "2022-01-01T00:00:00Z"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_int_equal(
			calendar_subtract(parse(rows[i].from), rows[i].period), parse(rows[i].to));
	/* The widest periods there are do not overflow. */
	const struct calendar_period least = {INT32_MIN, INT32_MIN, INT32_MIN};
	const struct calendar_period most = {INT32_MAX, INT32_MAX, INT32_MAX};
	assert_true(calendar_subtract(CALENDAR_SECONDS_MAX, least) > CALENDAR_SECONDS_MAX);
	assert_true(calendar_subtract(CALENDAR_SECONDS_MIN, most) < CALENDAR_SECONDS_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_libc),
		cmocka_unit_test(text_both_ways),
		cmocka_unit_test(malformed),
		cmocka_unit_test(periods),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
