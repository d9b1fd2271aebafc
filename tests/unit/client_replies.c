/* The order of replies, as a client notes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "client/replies.h"

struct step {
	uint64_t sequence;
	enum conclave_order order;
	uint64_t missing;
};

static void follow(const struct step *steps, size_t count)
{
	struct replies replies = {0};
	for (size_t i = 0; i < count; i++) {
		uint8_t space[REPLIES_SAVED_SIZE_MAX];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		assert_int_equal(replies_number(&replies, steps[i].sequence), steps[i].order);
		assert_int_equal(replies.missing, steps[i].missing);
		/* What is saved is the same again, and whatever comes can be saved. */
		replies_remember(&replies, i);
		replies_write(&writer, &replies);
		struct reader reader = reader_of(writer_bytes(&writer));
		struct replies again;
		assert_int_equal(replies_read(&again, &reader), CONCLAVE_OK);
		assert_int_equal(reader_end(&reader), CONCLAVE_OK);
		assert_true(replies_knows(&again, i));
		assert_int_equal(again.next, replies.next);
		replies = again;
	}
}

#define FOLLOW(...)                                        \
	do {                                               \
		const struct step steps[] = {__VA_ARGS__}; \
		follow(steps, ARRAY_COUNT(steps));         \
	} while (0)

static void in_order(void **state)
{
	(void)state;
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {1, CONCLAVE_ORDER_NEXT, 0},
		{2, CONCLAVE_ORDER_NEXT, 0});
	/* A client may begin in the middle. */
	FOLLOW({70, CONCLAVE_ORDER_NEXT, 0}, {71, CONCLAVE_ORDER_NEXT, 0},
		{69, CONCLAVE_ORDER_LATE, 0});
}

static void late_ones_are_not_missing(void **state)
{
	(void)state;
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {3, CONCLAVE_ORDER_GAP, 2}, {1, CONCLAVE_ORDER_LATE, 1},
		{4, CONCLAVE_ORDER_NEXT, 1}, {2, CONCLAVE_ORDER_LATE, 0});
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {64, CONCLAVE_ORDER_GAP, 63},
		{1, CONCLAVE_ORDER_LATE, 62});
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {1000, CONCLAVE_ORDER_GAP, 999},
		{1001, CONCLAVE_ORDER_NEXT, 999}, {999, CONCLAVE_ORDER_LATE, 998});
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {INT64_MAX, CONCLAVE_ORDER_GAP, INT64_MAX - 1});
}

static void restarts_are_seen(void **state)
{
	(void)state;
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {1, CONCLAVE_ORDER_NEXT, 0},
		{0, CONCLAVE_ORDER_RESTART, 0}, {1, CONCLAVE_ORDER_NEXT, 0});
	/* What the old life still owed is forgotten; what the new one owes counts. */
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {9, CONCLAVE_ORDER_GAP, 8},
		{0, CONCLAVE_ORDER_RESTART, 0});
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {1, CONCLAVE_ORDER_NEXT, 0},
		{2, CONCLAVE_ORDER_NEXT, 0}, {1, CONCLAVE_ORDER_RESTART, 1},
		{0, CONCLAVE_ORDER_LATE, 0});
	/* Too late: beyond what is remembered. */
	FOLLOW({0, CONCLAVE_ORDER_NEXT, 0}, {66, CONCLAVE_ORDER_GAP, 65},
		{2, CONCLAVE_ORDER_RESTART, 2});
}

static void the_last_64_marks_are_known(void **state)
{
	struct replies replies = {0};
	(void)state;
	for (uint64_t mark = 1; mark <= 200; mark++) {
		assert_false(replies_knows(&replies, mark));
		replies_remember(&replies, mark);
		for (uint64_t old = 1; old <= mark; old++)
			assert_int_equal(replies_knows(&replies, old), old + 64 > mark);
	}
}

/* A damaged state: every byte to every value is either refused or can go on. */
static void damaged_states_are_harmless(void **state)
{
	struct replies replies = {0};
	uint8_t space[REPLIES_SAVED_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	unsigned refused = 0;
	(void)state;
	(void)replies_number(&replies, 3);
	(void)replies_number(&replies, 8);
	replies_remember(&replies, 1);
	replies_write(&writer, &replies);
	for (size_t i = 0; i < writer.len; i++)
		for (unsigned value = 0; value < 256; value++) {
			uint8_t before = space[i];
			struct replies read;
			space[i] = (uint8_t)value;
			struct reader reader = reader_of(writer_bytes(&writer));
			bool good = replies_read(&read, &reader) == CONCLAVE_OK;
			refused += !good;
			for (uint64_t n = 0; good && n < 70; n++) {
				(void)replies_number(&read, n);
				assert_true(read.missing < read.next);
			}
			space[i] = before;
		}
	assert_true(refused > 1000);
	for (size_t len = 0; len < writer.len; len++) {
		struct reader reader = reader_of(bytes_of(space, len));
		assert_int_equal(replies_read(&replies, &reader), CONCLAVE_ERROR_TRUNCATED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(late_ones_are_not_missing),
		cmocka_unit_test(restarts_are_seen),
		cmocka_unit_test(the_last_64_marks_are_known),
		cmocka_unit_test(damaged_states_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
