/* Posts whose clear part is as long as can be, and longer: in a window that has room for them,
 * which the others' world has not. */
#include "enclave_world.h"

#define ROUTE 9u
#define FIXED 15u /* of the clear part: protocol, number, three lengths */
#define LONGEST (MAIL_PROLOGUE_SIZE_MAX - FIXED - 4) /* beside "news" */

static struct bytes say(char to, uint32_t envelope_size)
{
	static uint8_t body[37] = SAY_ENVELOPE;
	struct x25519_public key = world_key(to);
	memcpy(body + 1, key.bytes, sizeof(key.bytes));
	store_u32le(body + 33, envelope_size);
	return BYTES_OF(body);
}

static const struct world_answer *deliver(char name, uint64_t sequence, struct bytes body)
{
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal(name, "t", sequence, body));
	struct entry_result result = world_turn();
	assert_int_equal(result.status, ENTRY_OK);
	return world_answer(result);
}

/* What the guest was told, in its only POST. */
static uint32_t told(const struct world_answer *answer, char name)
{
	assert_int_equal(answer->frames[1].type, FRAME_ACK);
	return load_u32le(world_open(name, answer->frames[0].payload).body.ptr);
}

/* Every place but that of A's "t" is still there to be taken. */
static void assert_places_are_free(void)
{
	for (char name = 'B'; name < 'A' + (char)WORLD_PEERS; name++)
		assert_non_null(world_find(deliver(name, 0, BYTES_LIT(SAY_NOTHING)), FRAME_ACK, 1));
	assert_non_null(world_find(deliver('Z', 0, BYTES_LIT(SAY_NOTHING)), FRAME_REFUSED, 1));
}

static void longest_envelope_is_posted(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	const struct world_answer *answer = deliver('A', 0, say('A', LONGEST));
	assert_int_equal(answer->frames[0].type, FRAME_POST);
	struct mail mail = world_open('A', answer->frames[0].payload);
	assert_int_equal(mail.header.envelope.len, LONGEST);
	assert_int_equal(mail.header.sequence, 0);
}

/* A post that fails is none: neither a place nor a number is gone. */
static void longer_ones_take_no_place(void)
{
	static const uint32_t sizes[] = {LONGEST + 1, MAIL_PROLOGUE_SIZE_MAX - 4,
		MAIL_PROLOGUE_SIZE_MAX, MAIL_PROLOGUE_SIZE_MAX + 1};
	uint64_t sequence = 0;

	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(told(deliver('A', sequence++, say('A', sizes[i])), 'A'),
			CONCLAVE_ERROR_LIMIT);
	assert_places_are_free();
}

/* Nor when it was tried while a mail was read that turns out to be none. */
static void nor_does_half_a_mail(void)
{
	static uint8_t body[100000];
	struct bytes what = say('A', LONGEST + 1);

	memcpy(body, what.ptr, what.len);
	assert_int_equal(world_start(), ENTRY_OK);
	assert_non_null(world_find(deliver('A', 0, BYTES_LIT(SAY_NOTHING)), FRAME_ACK, 1));
	struct bytes mail = world_seal_long('A', "t", 1, BYTES_OF(body));
	struct entry_result result = world_stream(1, ROUTE, bytes_of(mail.ptr, mail.len - 1));
	assert_non_null(world_find(world_answer(result), FRAME_REFUSED, 1));
	assert_places_are_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(longest_envelope_is_posted),
		world_test(longer_ones_take_no_place),
		world_test(nor_does_half_a_mail),
	};
	return cmocka_run_group_tests_name("enclave_envelope", tests, NULL, NULL);
}
