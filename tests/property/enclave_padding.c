/* Padding of what the enclave sends: the length of a POST tells no more than the measured policy
 * lets it, a refusal looks like a reply, and what is undone is undone in the policy too. */
#include "enclave_world.h"

#include "base/check.h"
#include "mail/padding.h"

#define LARGE (FRAME_PADDING_MAX(WORLD_WINDOW))

/* A reply of so many bytes; the length of its mail. */
static size_t reply_of(char name, uint64_t number, uint32_t size)
{
	uint8_t body[5] = SAY_BIG;
	store_u32le(body + 1, size);
	world_put(FRAME_DELIVER, 1, 5, world_seal(name, "t", number, BYTES_OF(body)));
	const struct world_answer *answer = world_answer(world_turn());
	assert_non_null(world_find(answer, FRAME_ACK, 1));
	struct bytes sealed = world_find(answer, FRAME_POST, 1)->payload;
	assert_int_equal(world_open(name, sealed).body.len, size);
	return sealed.len;
}

/* The length of what comes for a mail that is refused. */
static size_t refusal_of(char name, uint64_t number, const char *body)
{
	world_put(FRAME_DELIVER, 1, 5, world_seal(name, "t", number, bytes_of(body, 1)));
	const struct world_answer *answer = world_answer(world_turn());
	assert_non_null(world_find(answer, FRAME_REFUSED, 1));
	return world_find(answer, FRAME_POST, 1)->payload.len;
}

static size_t sealed_size(size_t min_size, size_t body_size)
{
	const struct mail_draft draft = {.topic = BYTES_LIT("t"),
		.min_size = min_size,
		.body = bytes_of(world_guest_memory().ptr, body_size)};
	return mail_sealed_size(&draft);
}

static void with_none_the_length_is_the_bodys(void)
{
	world_padding = CONFIG_PADDING_NONE;
	assert_int_equal(world_start(), ENTRY_OK);
	for (uint32_t size = 0; size < 10; size++)
		assert_int_equal(reply_of('A', size, size), sealed_size(0, size));
}

/* Every size up to the figure, every kind of refusal: one length. */
static void with_fixed_every_mail_has_one_length(void)
{
	static const uint32_t sizes[] = {0, 1, 2, 100, 999, 1000};
	static const char failures[] = "dtxo";
	uint64_t n = 0;

	world_padding = CONFIG_PADDING_FIXED;
	world_padding_figure = 1000;
	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++)
		assert_int_equal(reply_of('A', n++, sizes[i]), sealed_size(1000, 0));
	for (size_t i = 0; i < sizeof(failures) - 1; i++)
		assert_int_equal(refusal_of('A', n, &failures[i]), sealed_size(1000, 0));
	assert_int_equal(refusal_of('A', 0, "r"), sealed_size(1000, 0)); /* SEQUENCE */
	for (char name = 'B'; name < 'A' + (char)WORLD_PEERS; name++)
		reply_of(name, 0, 1);
	assert_int_equal(refusal_of('Z', 0, "r"), sealed_size(1000, 0)); /* LIMIT */
	assert_int_equal(reply_of('A', n, 1001), sealed_size(2000, 0));
}

/* The largest figure that may be measured fits, refusals too. */
static void the_largest_figure_fits(void)
{
	world_padding = CONFIG_PADDING_FIXED;
	world_padding_figure = LARGE;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(reply_of('A', 0, 0), sealed_size(LARGE, 0));
	assert_int_equal(reply_of('A', 1, LARGE), sealed_size(LARGE, 0));
	assert_int_equal(refusal_of('A', 2, SAY_DECLINE), sealed_size(LARGE, 0));
}

/* Near the quota there is less padding, never a mail that fails for it. */
static void padding_takes_no_room_from_a_body(void)
{
	uint32_t most = FRAME_QUOTA(WORLD_WINDOW) - 512;

	world_padding = CONFIG_PADDING_POWERS;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(reply_of('A', 0, 0), sealed_size(PADDING_POWER_MIN, 0));
	assert_int_equal(reply_of('A', 1, 257), sealed_size(512, 0));
	size_t below = reply_of('A', 2, most / 2 + 1000);
	assert_int_equal(below, reply_of('A', 3, most - 1000));
	reply_of('A', 4, most);
}

/* A policy that remembers is shared by all, and forgets what was undone. */
static void what_is_undone_does_not_count(void)
{
	uint8_t body[600] = SAY_DECLINE; /* replies with all of it, then declines */

	world_padding = CONFIG_PADDING_LARGEST;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(reply_of('A', 0, 500), sealed_size(500, 0));
	for (unsigned i = 0; i < 2; i++) {
		body[0] = (uint8_t)(SAY_DECLINE SAY_TRAP)[i];
		world_put(FRAME_DELIVER, 1, 5, world_seal('B', "t", 0, BYTES_OF(body)));
		struct entry_result result = world_turn();
		assert_int_equal(world_find(world_answer(result), FRAME_POST, 1)->payload.len,
			sealed_size(500, 0));
		assert_int_equal(reply_of('C', i, 3), sealed_size(500, 0));
	}
	assert_int_equal(reply_of('B', 0, 501), sealed_size(501, 0));
	assert_int_equal(reply_of('A', 1, 0), sealed_size(501, 0));
}

/* A host cannot wear an average down by delivering one mail over and over. */
static void refusals_do_not_move_an_average(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(reply_of('A', 0, 1000), sealed_size(1000, 0));
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(refusal_of('A', 0, "r"), sealed_size(500, 0));
		assert_int_equal(refusal_of('B', 0, SAY_TRAP), sealed_size(500, 0));
	}
	assert_int_equal(reply_of('A', 1, 0), sealed_size(500, 0));
	assert_int_equal(reply_of('B', 0, 0), sealed_size(333, 0));
}

static void an_unknown_policy_does_not_start(void)
{
	world_padding = (enum config_padding)(CONFIG_PADDING_POWERS + 1);
	assert_int_equal(world_start(), ENTRY_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(with_none_the_length_is_the_bodys),
		world_test(with_fixed_every_mail_has_one_length),
		world_test(the_largest_figure_fits),
		world_test(padding_takes_no_room_from_a_body),
		world_test(what_is_undone_does_not_count),
		world_test(refusals_do_not_move_an_average),
		world_test(an_unknown_policy_does_not_start),
	};
	return cmocka_run_group_tests_name("padding", tests, NULL, NULL);
}
