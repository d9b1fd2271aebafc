/* The line that shows how far a transfer is: its words, and that it fits every terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/progress.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static void expect(const struct progress *progress, int64_t now_ms, size_t width, const char *text)
{
	char line[PROGRESS_WIDTH_MAX + 1];
	progress_text(line, progress, now_ms, width);
	assert_string_equal(line, text);
}

static void sizes_rates_and_times_are_told(void **state)
{
	(void)state;
	expect(&(struct progress){.size_known = true, .size = 3 * GIB}, 0, 40,
		"  0%  0 B of 3.0 GiB  0 B/s  ? left");
	expect(&(struct progress){.size_known = true,
		       .size = 3 * GIB,
		       .done = 1234 * MIB,
		       .rate = 57 * MIB + 12345},
		0, 40, " 40%  1.2 GiB of 3.0 GiB  57 MiB/s  0:3");
	expect(&(struct progress){.size_known = true,
		       .size = 3 * GIB,
		       .done = 1234 * MIB,
		       .rate = 57 * MIB + 12345},
		0, 60, "[####.......]  40%  1.2 GiB of 3.0 GiB  57 MiB/s  0:32 left");
	expect(&(struct progress){.size_known = true, .size = 2000, .done = 2000, .rate = 1}, 62000,
		80, "1.9 KiB done; waiting  1:02");
	expect(&(struct progress){.done = 1023, .rate = 1024}, 3723000, 80,
		"1023 B  1.0 KiB/s  1:02:03");
	expect(&(struct progress){.done = 1000 * MIB, .rate = 999 * MIB, .began_ms = 5000}, 5999,
		80, "0.9 GiB  999 MiB/s  0:00");
	expect(&(struct progress){.size_known = true, .size = UINT64_MAX, .done = GIB, .rate = 1},
		0, 60, "[...............]   0%  1.0 GiB of 15 EiB  1 B/s  days left");
}

/* On the last column many terminals begin a new line. */
static void it_fits_every_terminal(void **state)
{
	(void)state;
	static const uint64_t sizes[] = {1, 999, 123456, 3 * GIB, (uint64_t)1 << 48, UINT64_MAX};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t width = 1; width < 300; width++)
			for (unsigned part = 0; part <= 8; part++) {
				struct progress progress = {.size_known = part % 2 == 0,
					.size = sizes[i],
					.done = sizes[i] / 8 * part,
					.rate = sizes[i] / 100};
				char line[PROGRESS_WIDTH_MAX + 1];
				progress_text(line, &progress, 1000000, width);
				assert_true(strlen(line) < width);
				assert_int_equal(strspn(line, "0123456789 .:;%?#[]/"
							      "abcdefghijklmnopqrstuvwxyzBKMGTPEi"),
					strlen(line));
			}
}

static void the_bar_grows(void **state)
{
	size_t longest = 0;
	(void)state;
	for (uint64_t done = 0; done < 1000; done++) {
		char line[PROGRESS_WIDTH_MAX + 1];
		struct progress progress = {.size_known = true, .size = 1000, .done = done};
		progress_text(line, &progress, 0, 80);
		assert_int_equal(line[0], '[');
		size_t len = strspn(line + 1, "#");
		assert_true(len >= longest);
		longest = len;
	}
	assert_true(longest > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_rates_and_times_are_told),
		cmocka_unit_test(it_fits_every_terminal),
		cmocka_unit_test(the_bar_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
