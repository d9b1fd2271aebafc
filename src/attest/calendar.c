#include "attest/calendar.h"

#include "base/check.h"

#define SECONDS_PER_DAY 86400
#define DAYS_PER_ERA 146097	     /* 400 years */
#define DAYS_FROM_ERA_TO_1970 719468 /* from 0000-03-01 */

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t days_in_month(int64_t year, uint32_t month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

bool calendar_is_valid(const struct calendar_date *date)
{
	return date->month >= 1 && date->month <= 12 && date->day >= 1 &&
	       date->day <= days_in_month(date->year, date->month) && date->hour < 24 &&
	       date->minute < 60 && date->second < 60;
}

/* Years are counted from March, so that the day that leap years add comes last; 153 days are the
 * five months March to July, and every five months that follow. Reingold and Dershowitz,
 * "Calendrical Calculations". */
static int64_t days_since_1970(int64_t year, uint32_t month, uint32_t day)
{
	int64_t from_march = month > 2 ? month - 3 : month + 9;
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = floor_divide(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * from_march + 2) / 5 + (int64_t)day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_PER_ERA + day_of_era - DAYS_FROM_ERA_TO_1970;
}

static void date_of_days(struct calendar_date *out, int64_t days_since)
{
	int64_t days = days_since + DAYS_FROM_ERA_TO_1970;
	int64_t era = floor_divide(days, DAYS_PER_ERA);
	int64_t day_of_era = days - era * DAYS_PER_ERA;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;
	out->day = (uint32_t)(day_of_year - (153 * from_march + 2) / 5 + 1);
	out->month = (uint32_t)(from_march < 10 ? from_march + 3 : from_march - 9);
	out->year = year_of_era + era * 400 + (out->month <= 2 ? 1 : 0);
}

int64_t calendar_seconds(const struct calendar_date *date)
{
	int64_t days = days_since_1970(date->year, date->month, date->day);
	return days * SECONDS_PER_DAY + date->hour * 3600 + date->minute * 60 + date->second;
}

void calendar_date(struct calendar_date *out, int64_t seconds)
{
	int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
	uint32_t of_day = (uint32_t)(seconds - days * SECONDS_PER_DAY);
	date_of_days(out, days);
	out->hour = of_day / 3600;
	out->minute = of_day / 60 % 60;
	out->second = of_day % 60;
}

int64_t calendar_subtract(int64_t seconds, struct calendar_period period)
{
	struct calendar_date date;
	calendar_date(&date, seconds);
	int64_t month =
		date.year * 12 + (date.month - 1) - (int64_t)period.years * 12 - period.months;
	date.year = floor_divide(month, 12);
	date.month = (uint32_t)(month - date.year * 12) + 1;
	if (date.day > days_in_month(date.year, date.month))
		date.day = days_in_month(date.year, date.month);
	return calendar_seconds(&date) - (int64_t)period.days * SECONDS_PER_DAY;
}

uint32_t calendar_read_digits(struct reader *reader, size_t count)
{
	uint32_t value = 0;
	for (size_t i = 0; i < count; i++) {
		uint8_t digit = (uint8_t)(read_u8(reader) - '0');
		if (digit > 9)
			reader->failed = true;
		value = value * 10 + digit;
	}
	return reader->failed ? 0 : value;
}

static void read_literal(struct reader *reader, uint8_t wanted)
{
	if (read_u8(reader) != wanted)
		reader->failed = true;
}

enum conclave_error calendar_parse(int64_t *seconds, struct bytes text)
{
	struct reader reader = reader_of(text);
	struct calendar_date date;
	date.year = calendar_read_digits(&reader, 4);
	read_literal(&reader, '-');
	date.month = calendar_read_digits(&reader, 2);
	read_literal(&reader, '-');
	date.day = calendar_read_digits(&reader, 2);
	read_literal(&reader, 'T');
	date.hour = calendar_read_digits(&reader, 2);
	read_literal(&reader, ':');
	date.minute = calendar_read_digits(&reader, 2);
	read_literal(&reader, ':');
	date.second = calendar_read_digits(&reader, 2);
	read_literal(&reader, 'Z');
	if (reader_end(&reader) != CONCLAVE_OK || !calendar_is_valid(&date))
		return CONCLAVE_ERROR_FORMAT;
	*seconds = calendar_seconds(&date);
	return CONCLAVE_OK;
}

static void write_digits(struct writer *out, uint64_t value, uint64_t unit)
{
	for (; unit != 0; unit /= 10)
		write_u8(out, (uint8_t)('0' + value / unit % 10));
}

void calendar_write(struct writer *out, int64_t seconds)
{
	struct calendar_date date;
	ASSERT(seconds >= CALENDAR_SECONDS_MIN && seconds <= CALENDAR_SECONDS_MAX);
	calendar_date(&date, seconds);
	write_digits(out, (uint64_t)date.year, 1000);
	write_u8(out, '-');
	write_digits(out, date.month, 10);
	write_u8(out, '-');
	write_digits(out, date.day, 10);
	write_u8(out, 'T');
	write_digits(out, date.hour, 10);
	write_u8(out, ':');
	write_digits(out, date.minute, 10);
	write_u8(out, ':');
	write_digits(out, date.second, 10);
	write_u8(out, 'Z');
}
