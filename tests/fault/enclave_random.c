/* T-51: a CPU that gives no randomness. The enclave ends, and nothing of the turn leaves: no mail
 * under a key that is known to be zero. The linker puts __wrap_crypto_random in the place of the
 * CPU's. */
#include "enclave_world.h"

#include "enclave/keys.h"

static bool fails;
static size_t failures;

enum conclave_error __real_crypto_random(struct buffer out);
enum conclave_error __wrap_crypto_random(struct buffer out);

enum conclave_error __wrap_crypto_random(struct buffer out)
{
	if (!fails)
		return __real_crypto_random(out);
	failures++;
	memset(out.ptr, 0, out.len);
	return CONCLAVE_ERROR_RANDOM;
}

static void assert_over(void)
{
	assert_true(failures > 0);
	assert_true(ct_all_zero(keys(), sizeof(struct keys)));
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
}

/* A turn without randomness, of what was put for it. */
static void fail_turn(void)
{
	fails = true;
	struct entry_result result = world_turn();
	assert_int_equal(result.status, ENTRY_FAILED);
	const struct world_answer *answer = world_answer(result);
	for (size_t i = 0; i < answer->count; i++)
		assert_int_equal(answer->frames[i].type, FRAME_CONSOLE);
	assert_over();
}

static void fail_mail(uint64_t sequence, struct bytes body)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_DELIVER, 1, 7, world_seal('A', "t", 0, BYTES_LIT(SAY_NOTHING)));
	world_put(FRAME_DELIVER, 2, 7, world_seal('A', "t", sequence, body));
	fail_turn();
}

static void it_does_not_start(void)
{
	fails = true;
	assert_int_equal(world_start(), ENTRY_FAILED);
	assert_over();
}

static void it_does_not_reply(void)
{
	fail_mail(1, BYTES_LIT(SAY_REPLY "eply"));
}

/* Else its mail would be acknowledged, and never answered. */
static void no_guest_shrugs_it_off(void)
{
	fail_mail(1, BYTES_LIT(SAY_SHRUG));
}

static void it_does_not_refuse(void)
{
	fail_mail(1, BYTES_LIT(SAY_DECLINE));
}

static void it_does_not_say_that_mail_is_missing(void)
{
	fail_mail(5, BYTES_LIT(SAY_REPLY));
}

/* The guest is not told "no randomness", which it might not look at. */
static void no_guest_goes_on(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(world_turn().status, ENTRY_OK); /* keys for replies are there */
	world_put(FRAME_DELIVER, 1, 7, world_seal('A', "t", 0, BYTES_LIT(SAY_RANDOM)));
	fail_turn();
}

static void no_guest_that_is_called_goes_on(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_CALL, 1, 0, BYTES_LIT(SAY_RANDOM));
	fail_turn();
}

/* A turn that brings nothing makes keys ahead. */
static void it_makes_no_keys_ahead(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	fail_turn();
}

/* What was made while there was randomness is good, and lasts for so many mails. */
static void keys_made_ahead_serve_one_mail_each(void)
{
	size_t replies = 0;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(world_turn().status, ENTRY_OK);
	for (uint64_t sequence = 0;; sequence++) {
		world_put(FRAME_DELIVER, 1, 7,
			world_seal('A', "t", sequence, BYTES_LIT(SAY_REPLY "eply")));
		fails = true;
		struct entry_result result = world_turn();
		fails = false;
		if (result.status != ENTRY_OK)
			break;
		const struct world_frame *post = world_find(world_answer(result), FRAME_POST, 1);
		assert_non_null(post);
		(void)world_open('A', post->payload);
		replies++;
	}
	assert_int_equal(replies, 32);
	assert_over();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(it_does_not_start),
		world_test(it_does_not_reply),
		world_test(no_guest_shrugs_it_off),
		world_test(it_does_not_refuse),
		world_test(it_does_not_say_that_mail_is_missing),
		world_test(no_guest_goes_on),
		world_test(no_guest_that_is_called_goes_on),
		world_test(it_makes_no_keys_ahead),
		world_test(keys_made_ahead_serve_one_mail_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
