/* The figures of each policy, R3's overflow of the average, and states that no policy has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "mail/mail.h"
#include "mail/padding.h"

struct step {
	uint64_t body_size, wanted;
};

static void check(struct padding padding, const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(padding_next(&padding, steps[i].body_size), steps[i].wanted);
}
#define CHECK(padding, ...)                                \
	check(padding, (const struct step[]){__VA_ARGS__}, \
		ARRAY_COUNT(((const struct step[]){__VA_ARGS__})))

static uint64_t says(void *context, uint64_t body_size)
{
	(void)body_size;
	return *(uint64_t *)context;
}

static void figures(void **state)
{
	(void)state;
	CHECK((struct padding){0}, {0, 0}, {5, 0});
	CHECK(padding_fixed(0), {0, 0}, {5, 0});
	CHECK(padding_fixed(100), {0, 100}, {100, 100}, {101, 200}, {1, 100}, {1000, 1000});
	CHECK(padding_largest(), {0, 1}, {1, 1}, {7, 7}, {3, 7}, {8, 8}, {0, 8});
	/* Averages 10, 15, 11, 23. */
	CHECK(padding_average(), {10, 10}, {20, 30}, {3, 11}, {60, 69});
	CHECK(padding_average(), {0, 1}, {0, 1}, {2, 2}, {100, 100});
	CHECK(padding_powers(), {0, 256}, {256, 256}, {257, 512}, {70000, 131072});
	uint64_t own = 0;
	CHECK(padding_own(says, &own), {0, 1}, {9, 9});
	own = 40;
	CHECK(padding_own(says, &own), {0, 40}, {41, 80});
	own = UINT64_MAX;
	CHECK(padding_own(says, &own), {5, MAIL_BODY_SIZE_MAX});
}

static void stays_within_what_a_mail_can_be(void **state)
{
	(void)state;
	const uint64_t most = MAIL_BODY_SIZE_MAX;
	CHECK(padding_fixed(UINT64_MAX), {0, most}, {UINT64_MAX, most});
	CHECK(padding_fixed(most - 1), {most, most});
	CHECK(padding_largest(), {UINT64_MAX, most}, {0, most});
	CHECK(padding_average(), {most, most}, {UINT64_MAX, most});
	CHECK(padding_powers(), {most, most}, {most - 1, most}, {UINT64_MAX, most});
}

static void average_overflows_as_r3_does(void **state)
{
	(void)state;
	struct padding padding = {
		.policy = PADDING_AVERAGE, .figure = INT64_MAX - 99, .count = INT64_MAX / 1000 - 1};
	assert_int_equal(padding_next(&padding, 99), 1000);
	assert_int_equal(padding.figure, INT64_MAX);
	/* One more byte is too many: the average 1000 of one body, and this one not added. */
	assert_int_equal(padding_next(&padding, 1), 500);
	assert_int_equal(padding.figure, 1000);
	assert_int_equal(padding.count, 2);
}

static enum conclave_error read_state(uint8_t policy, uint64_t figure, uint64_t count)
{
	uint8_t saved[PADDING_SAVED_SIZE] = {1, policy};
	struct padding padding;
	store_u64be(saved + 2, figure);
	store_u64be(saved + 10, count);
	return padding_read(&padding, BYTES_OF(saved));
}

static void refuses_states_that_no_policy_has(void **state)
{
	(void)state;
	static const struct {
		uint8_t policy;
		uint64_t figure, count;
	} bad[] = {
		{PADDING_NONE, 1, 0},
		{PADDING_NONE, 0, 1},
		{PADDING_FIXED, 0, 0},
		{PADDING_FIXED, MAIL_BODY_SIZE_MAX + 1, 0},
		{PADDING_FIXED, 1, 1},
		{PADDING_LARGEST, MAIL_BODY_SIZE_MAX + 1, 0},
		{PADDING_LARGEST, 1, 1},
		{PADDING_AVERAGE, 1, 0}, /* would divide by zero */
		{PADDING_AVERAGE, 1ull << 63, 1ull << 62},
		{PADDING_AVERAGE, 1, 1ull << 63},
		{PADDING_AVERAGE, INT64_MAX, 1},
		{PADDING_POWERS, 256, 0},
		{PADDING_OWN, 0, 0},
		{6, 0, 0},
		{255, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(read_state(bad[i].policy, bad[i].figure, bad[i].count),
			CONCLAVE_ERROR_FORMAT);
	assert_int_equal(read_state(PADDING_AVERAGE, INT64_MAX, INT64_MAX), CONCLAVE_OK);
	assert_int_equal(read_state(PADDING_NONE, 0, 0), CONCLAVE_OK);
}

static void refuses_other_lengths_and_versions(void **state)
{
	(void)state;
	uint8_t saved[PADDING_SAVED_SIZE + 1] = {1, PADDING_AVERAGE};
	struct padding padding;
	for (size_t len = 0; len < PADDING_SAVED_SIZE; len++)
		assert_int_equal(
			padding_read(&padding, bytes_of(saved, len)), CONCLAVE_ERROR_TRUNCATED);
	assert_int_equal(padding_read(&padding, bytes_of(saved, PADDING_SAVED_SIZE)), CONCLAVE_OK);
	assert_int_equal(padding_read(&padding, BYTES_OF(saved)), CONCLAVE_ERROR_TRAILING);
	saved[0] = 2;
	assert_int_equal(padding_read(&padding, bytes_of(saved, PADDING_SAVED_SIZE)),
		CONCLAVE_ERROR_VERSION);
}

static void own_is_not_saved(void **state)
{
	(void)state;
	uint64_t own = 7;
	uint8_t saved[PADDING_SAVED_SIZE];
	const struct padding padding = padding_own(says, &own);
	struct writer out = writer_of((struct buffer){saved, sizeof(saved)});
	padding_write(&out, &padding);
	assert_int_equal(writer_end(&out), CONCLAVE_ERROR_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures),
		cmocka_unit_test(stays_within_what_a_mail_can_be),
		cmocka_unit_test(average_overflows_as_r3_does),
		cmocka_unit_test(refuses_states_that_no_policy_has),
		cmocka_unit_test(refuses_other_lengths_and_versions),
		cmocka_unit_test(own_is_not_saved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
