/* A guest that misbehaves in a real image: it is stopped, nothing of it is kept, everyone else goes
 * on. T-60 and T-61 of the threat table, and the whole way of a mail. */
#include "hostile_world.h"

static void assert_echo(void)
{
	struct bytes answer = hostile_call(BYTES_LIT("echo"));
	assert_int_equal(answer.len, 8);
	assert_memory_equal(answer.ptr, "\0\0\0\0echo", 8);
}

static void calls_are_answered(void **state)
{
	(void)state;
	hostile_start();
	assert_echo();
}

static void mail_is_answered(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (uint64_t i = 0; i < 3; i++) {
		hostile_put(FRAME_DELIVER, 2, hostile_seal('A', i, BYTES_LIT("reply to this")));
		struct hostile_result result = hostile_turn();
		struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
		assert_int_equal(mail.header.sequence, i);
		assert_int_equal(mail.body.len, 13);
		assert_memory_equal(mail.body.ptr, "reply to this", 13);
		hostile_answer(result, FRAME_ACK);
		hostile_answer(result, FRAME_CONSOLE);
	}
}

static void misbehaviour_is_contained(void **state)
{
	static const char *const ways[] = {"o", "O", "z", "u", "s", "S", "l", "i", "?"};
	(void)state;
	hostile_start();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct bytes answer = hostile_call(bytes_of(ways[i], 1));
		if (!bytes_equal(answer, BYTES_LIT("\1\0\0\0")))
			fail_msg("'%s' was not stopped", ways[i]);
		assert_echo();
	}
}

static void misbehaviour_is_told_to_its_sender(void **state)
{
	static const struct {
		const char *body;
		enum mail_refusal reason;
	} ways[] = {{"o", MAIL_REFUSAL_TRAPPED}, {"z", MAIL_REFUSAL_TRAPPED},
		{"u", MAIL_REFUSAL_TRAPPED}, {"i", MAIL_REFUSAL_TRAPPED},
		{"s", MAIL_REFUSAL_TRAPPED}, {"S", MAIL_REFUSAL_EXHAUSTED},
		{"l", MAIL_REFUSAL_EXHAUSTED}, {"?", MAIL_REFUSAL_DECLINED}};
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		hostile_put(FRAME_DELIVER, 1, hostile_seal('A', i, bytes_of(ways[i].body, 1)));
		hostile_put(FRAME_DELIVER, 2, hostile_seal('B', i, BYTES_LIT("r")));
		struct hostile_result result = hostile_turn();
		struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
		assert_int_equal(mail_refusal_read(mail.private_header), ways[i].reason);
		assert_int_equal(
			load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_NOT_HANDLED);
		hostile_answer(result, FRAME_ACK); /* B's */
	}
}

/* What the runtime does for a guest is paid as if the guest did it: signatures, randomness, paths.
 * A declined call would say the same, so the console must tell. */
static void work_of_the_runtime_costs_fuel(void **state)
{
	static const char *const ways[] = {"1", "2", "3", "4"};
	static const char said[] = "enclave: the guest was stopped: out of fuel";
	(void)state;
	hostile_start();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		hostile_put(FRAME_CALL, 1, bytes_of(ways[i], 1));
		struct hostile_result result = hostile_turn();
		assert_int_equal(load_u32le(hostile_answer(result, FRAME_RETURN).ptr), 1);
		assert_memory_equal(
			hostile_answer(result, FRAME_CONSOLE).ptr, said, sizeof(said) - 1);
		assert_echo();
	}
	/* Here the console is full of what was printed. */
	assert_int_equal(load_u32le(hostile_call(BYTES_LIT("5")).ptr), 1);
	assert_echo();
}

static struct hostile_result work_at(uint64_t sequence, uint32_t depth)
{
	uint8_t body[5] = "w";
	store_u32le(body + 1, depth);
	hostile_put(FRAME_DELIVER, 1, hostile_seal('A', sequence, BYTES_OF(body)));
	return hostile_turn();
}

static bool was_handled(struct hostile_result result)
{
	struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
	return mail_refusal_read(mail.private_header) == MAIL_REFUSAL_NONE;
}

/* At the deepest place a guest can reach there is stack enough to seal and to sign. */
static void runtime_has_stack_left(void **state)
{
	uint64_t sequence = 0;
	uint32_t low = 0, high = 1u << 20;
	(void)state;
	hostile_start();
	hostile_learn_keys();
	while (low < high) {
		uint32_t middle = (low + high + 1) / 2;
		if (was_handled(work_at(sequence++, middle)))
			low = middle;
		else
			high = middle - 1;
	}
	assert_true(low > 100);
	for (uint32_t depth = low - 3; depth <= low; depth++)
		assert_true(was_handled(work_at(sequence++, depth)));
}

/* As far as the measured heap goes and no further: 1 MiB, less what the module starts with. */
static void memory_is_bounded(void **state)
{
	(void)state;
	hostile_start();
	struct bytes first = hostile_call(BYTES_LIT("g"));
	assert_true(first.len > 4 && first.ptr[4] != '0');
	struct bytes second = hostile_call(BYTES_LIT("g"));
	assert_int_equal(second.len, 5);
	assert_int_equal(second.ptr[4], '0');
	assert_echo();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_are_answered, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(mail_is_answered, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(
			misbehaviour_is_contained, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(
			misbehaviour_is_told_to_its_sender, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(
			work_of_the_runtime_costs_fuel, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(
			runtime_has_stack_left, hostile_load, hostile_unload),
		cmocka_unit_test_setup_teardown(memory_is_bounded, hostile_load, hostile_unload),
	};
	return cmocka_run_group_tests_name("guest", tests, hostile_setup, hostile_teardown);
}
