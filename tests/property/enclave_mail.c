/* Random mail in random batches, every other one with a stream at its end, against a model of what
 * each sender may expect: numbers both ways, refusals, lengths, all or nothing in files and memory,
 * order under deferral. Seeded; the seed is printed.
 */
#include "enclave_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "mail/padding.h"

#define CLIENTS 4
#define BATCH_MAX 12
#define BODY_MAX 300

struct client {
	uint64_t next;	   /* the number it sends next */
	uint64_t expected; /* the number the enclave will answer with */
	bool known;	   /* has had a mail accepted */
	bool unhandled;	   /* and the last of them failed */
};

/* What ought to come of one mail. */
struct expectation {
	unsigned client;
	uint64_t answer;	  /* the reply's or refusal's number */
	enum mail_refusal reason; /* NONE: handled */
	bool replies;
	bool unreadable; /* streamed, and cut before its end */
	uint8_t body[BODY_MAX];
	size_t body_size;
	size_t mail_size;
};

static struct client clients[CLIENTS];
static unsigned files_count, memory_count;
static struct padding padding;
static uint64_t seed;

static uint64_t random_word(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dull;
}

static char name_of(unsigned client)
{
	return (char)('A' + client);
}

static void expect_counts(struct expectation *expected)
{
	files_count++;
	memory_count++;
	expected->body[0] = (uint8_t)('0' + files_count);
	expected->body[1] = (uint8_t)('0' + memory_count);
	expected->body_size = 2;
}

/* A refusal is as long as an empty reply, and leaves no trace in the policy. */
static size_t padded_size(const struct expectation *expected)
{
	struct padding policy = padding;
	struct mail_draft draft = {.topic = BYTES_LIT("t"),
		.min_size = padding_next(&policy, expected->body_size),
		.body = bytes_of(expected->body, expected->body_size)};
	if (expected->reason == MAIL_REFUSAL_NONE)
		padding = policy;
	return mail_sealed_size(&draft);
}

/* A guest that has seen a mail that was none starts afresh; nothing else has happened. */
static struct expectation expect_nothing(unsigned who, uint64_t number)
{
	if (!clients[who].known || number == clients[who].next)
		memory_count = 0;
	return (struct expectation){.client = who, .unreadable = true};
}

/* The model's view of one action in order. */
static struct expectation expect(unsigned who, struct bytes body, uint64_t number)
{
	char action = (char)body.ptr[0];
	struct client *client = &clients[who];
	struct expectation expected = {.client = who};

	bool again = client->unhandled && number + 1 == client->next;
	if (client->known && number != client->next && !again)
		expected.reason = MAIL_REFUSAL_SEQUENCE;
	else if (action == 'd')
		expected.reason = MAIL_REFUSAL_DECLINED;
	else if (action == 't')
		expected.reason = MAIL_REFUSAL_TRAPPED;
	else if (action == 'x')
		expected.reason = MAIL_REFUSAL_EXHAUSTED;
	if (expected.reason != MAIL_REFUSAL_SEQUENCE) {
		client->known = true;
		client->next = number + 1;
		client->unhandled = expected.reason != MAIL_REFUSAL_NONE;
	}
	if (expected.reason == MAIL_REFUSAL_TRAPPED || expected.reason == MAIL_REFUSAL_EXHAUSTED)
		memory_count = 0;
	if (expected.reason == MAIL_REFUSAL_NONE && action == 'c')
		expect_counts(&expected);
	if (expected.reason == MAIL_REFUSAL_NONE && action == 'r') {
		memcpy(expected.body, body.ptr, body.len);
		expected.body_size = body.len;
	}
	expected.replies = expected.reason != MAIL_REFUSAL_NONE || expected.body_size != 0;
	if (expected.replies) {
		expected.answer = client->expected++;
		expected.mail_size = padded_size(&expected);
	}
	return expected;
}

static void check(
	const struct world_answer *answer, uint64_t id, const struct expectation *expected)
{
	const struct world_frame *post = world_find(answer, FRAME_POST, id);
	bool handled = expected->reason == MAIL_REFUSAL_NONE && !expected->unreadable;

	if (expected->unreadable)
		assert_int_equal(load_u32le(world_find(answer, FRAME_REFUSED, id)->payload.ptr),
			REFUSAL_UNREADABLE);
	assert_non_null(world_find(answer, handled ? FRAME_ACK : FRAME_REFUSED, id));
	assert_null(world_find(answer, handled ? FRAME_REFUSED : FRAME_ACK, id));
	assert_int_equal(post != NULL, expected->replies);
	if (post == NULL)
		return;
	assert_int_equal(post->payload.len, expected->mail_size);
	struct mail mail = world_open(name_of(expected->client), post->payload);
	assert_int_equal(mail_refusal_read(mail.private_header), expected->reason);
	assert_int_equal(mail.header.sequence, expected->answer);
	assert_int_equal(mail.body.len, expected->body_size);
	assert_memory_equal(mail.body.ptr, expected->body, expected->body_size);
}

/* One mail in two is cut. The next number: no guest is called for another. */
static struct entry_result end_with_stream(struct expectation *expected, uint64_t id)
{
	static uint8_t body[150000];
	unsigned who = (unsigned)(random_word() % CLIENTS);
	bool is_cut = random_word() % 2 == 0;
	body[0] = (uint8_t) "cnt"[random_word() % 3];
	uint64_t number = clients[who].next & INT64_MAX;
	struct bytes mail = world_seal_long(
		name_of(who), "t", number, bytes_of(body, 1 + random_word() % sizeof(body)));
	*expected = is_cut ? expect_nothing(who, number) : expect(who, bytes_of(body, 1), number);
	return world_stream(id, 100, bytes_of(mail.ptr, mail.len - (is_cut ? 1 : 0)));
}

static void one_turn(void)
{
	static const char actions[] = "rrrncccdtx";
	struct expectation expected[BATCH_MAX + 1];
	size_t count = 1 + random_word() % BATCH_MAX;

	for (size_t i = 0; i < count; i++) {
		unsigned who = (unsigned)(random_word() % CLIENTS);
		uint8_t space[BODY_MAX] = {(uint8_t)actions[random_word() % (sizeof(actions) - 1)]};
		struct bytes body = bytes_of(space, 1 + random_word() % BODY_MAX);
		/* One mail in four is sent again, a replay, a gap or a number from nowhere. */
		uint64_t number = clients[who].next;
		if (random_word() % 4 == 0)
			number += random_word() % 5 - 2;
		number &= INT64_MAX;
		world_put(FRAME_DELIVER, 1 + i, 100, world_seal(name_of(who), "t", number, body));
		expected[i] = expect(who, body, number);
	}
	struct entry_result result;
	if (random_word() % 2 == 0) {
		result = end_with_stream(&expected[count], 1 + count);
		count++;
	} else {
		result = world_turn();
	}
	assert_int_equal(result.status, ENTRY_OK);
	const struct world_answer *answer = world_answer(result);
	assert_int_equal(answer->frames[answer->count - 1].type, FRAME_COMMIT);
	for (size_t i = 0; i < count; i++)
		check(answer, 1 + i, &expected[i]);
}

static void mail_follows_the_model(void)
{
	world_padding = CONFIG_PADDING_LARGEST + seed % 2;
	padding = world_padding == CONFIG_PADDING_LARGEST ? padding_largest() : padding_average();
	assert_int_equal(world_start(), ENTRY_OK);
	for (unsigned turn = 0; turn < 60; turn++)
		one_turn();
}

static void every_seed_follows_the_model(void **state)
{
	const char *chosen = getenv("CONCLAVE_SEED");
	(void)state;
	for (uint64_t i = 1; i <= (chosen == NULL ? 8u : 1u); i++) {
		seed = chosen == NULL ? i * 0x9e3779b97f4a7c15ull : strtoull(chosen, NULL, 0);
		print_message("seed %#lx\n", seed);
		world_run(mail_follows_the_model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed_follows_the_model)};
	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
