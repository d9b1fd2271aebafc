/* T-30 of the threat table, exhaustively: every sequence of up to six deliveries that a host can
 * make out of the mail it holds (replay, reorder, drop, duplicate, across topics and senders,
 * reflection), with a guest that takes or fails each. A tree of all sequences is walked; going back
 * up, the table of peers is put back as it was. */
#include "enclave_world.h"

#include <stdlib.h>

#include "abi/layout.h"
#include "enclave/measured.h"
#include "enclave/peers.h"

#define DEPTH_MAX 6u
#define PAIRS 3u
#define PEERS_SIZE (WORLD_PEERS * LAYOUT_PEER_SIZE)

enum pair { AT, AU, BT, NOBODY };
static const struct {
	char name;
	const char *topic;
} pairs[PAIRS] = {[AT] = {'A', "t"}, [AU] = {'A', "u"}, [BT] = {'B', "t"}};

/* What a host can do in one step. */
struct step {
	enum pair pair; /* NOBODY: the mail is no sender's at all */
	uint64_t number;
	bool fails; /* the guest traps on it */
	bool streamed;
	struct bytes mail;
};

/* -- the rule, said over the whole history rather than as a state -- */

struct history {
	size_t count;
	struct {
		const struct step *step;
		bool admitted, handled;
	} past[DEPTH_MAX];
};

static bool admissible(const struct history *history, const struct step *step)
{
	for (size_t i = history->count; i > 0; i--) {
		const struct step *past = history->past[i - 1].step;
		if (past->pair != step->pair || !history->past[i - 1].admitted)
			continue;
		return step->number == past->number + 1 ||
		       (step->number == past->number && !history->past[i - 1].handled);
	}
	return step->pair != NOBODY;
}

/* What the rule is for: of each pair, numbers handled rise, and none comes twice. */
static void check_handled(const struct history *history)
{
	uint64_t above[PAIRS] = {0};
	for (size_t i = 0; i < history->count; i++) {
		const struct step *past = history->past[i].step;
		if (!history->past[i].handled)
			continue;
		assert_true(past->number + 1 > above[past->pair]);
		above[past->pair] = past->number + 1;
	}
}

/* -- the enclave -- */

static void deliver(struct history *history, const struct step *step)
{
	bool admitted = admissible(history, step), handled = admitted && !step->fails;

	struct entry_result result;
	if (step->streamed) {
		result = world_stream(1, 5, step->mail);
	} else {
		world_put(FRAME_DELIVER, 1, 5, step->mail);
		result = world_turn();
	}
	assert_int_equal(result.status, ENTRY_OK);
	const struct world_answer *answer = world_answer(result);
	assert_int_equal(world_find(answer, FRAME_ACK, 1) != NULL, handled);
	assert_int_equal(
		world_find(answer, FRAME_POST, 1) != NULL, step->pair != NOBODY && !handled);
	history->past[history->count].step = step;
	history->past[history->count].admitted = admitted;
	history->past[history->count++].handled = handled;
	check_handled(history);
}

static size_t walk(struct history *history, const struct step *steps, size_t count, size_t depth)
{
	uint8_t before[PEERS_SIZE], *peers = heap_part(HEAP_PEERS).ptr;
	size_t walked = 0;

	memcpy(before, peers, sizeof(before));
	for (size_t i = 0; depth > 0 && i < count; i++) {
		deliver(history, &steps[i]);
		walked += 1 + walk(history, steps, count, depth - 1);
		history->count--;
		memcpy(peers, before, sizeof(before));
	}
	return walked;
}

/* The pairs have their places from the start, so that only their contents change. */
static void start(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < PAIRS; i++) {
		struct peer *peer;
		struct x25519_public key = world_key(pairs[i].name);
		assert_int_equal(peers_get(&peer, &key, bytes_of(pairs[i].topic, 1)), CONCLAVE_OK);
	}
}

static struct step step_of(enum pair pair, uint64_t number, bool fails)
{
	return (struct step){.pair = pair,
		.number = number,
		.fails = fails,
		.mail = world_seal(pairs[pair].name, pairs[pair].topic, number,
			bytes_of(fails ? SAY_TRAP : SAY_NOTHING, 1))};
}

static struct step streamed(struct step step)
{
	step.streamed = true;
	return step;
}

/* Authentic to its last packet, which is not there: nobody's mail, but the guest has seen it. */
static struct step cut(struct step step)
{
	step.streamed = true;
	step.pair = NOBODY;
	step.mail.len--;
	return step;
}

static void one_topic(void)
{
	start();
	const struct step steps[] = {step_of(AT, 0, false), step_of(AT, 0, true),
		step_of(AT, 1, false), step_of(AT, 1, true), step_of(AT, 2, false)};
	struct history history = {0};
	assert_int_equal(walk(&history, steps, 5, DEPTH_MAX), 19530);
}

static void streams_and_what_only_seemed_to_be_one(void)
{
	start();
	struct step next = step_of(AT, 1, false);
	const struct step steps[] = {step_of(AT, 0, false), streamed(step_of(AT, 0, true)),
		streamed(next), cut(next), cut(step_of(AT, 0, true)), next};
	struct history history = {0};
	assert_int_equal(walk(&history, steps, 6, DEPTH_MAX - 1), 9330);
}

/* A mail with its clear topic exchanged, and the enclave's own words sent back to it. */
static struct step altered_topic(struct bytes mail)
{
	static uint8_t altered[512];
	assert_true(mail.len <= sizeof(altered));
	memcpy(altered, mail.ptr, mail.len);
	uint8_t *topic =
		altered + 2 + 1 + 8 + 2; /* prologue length, protocol, number, its length */
	assert_int_equal(*topic, 't');
	*topic = 'u';
	return (struct step){.pair = NOBODY, .fails = true, .mail = bytes_of(altered, mail.len)};
}

static struct step reflection(void)
{
	static uint8_t reply[512];
	world_put(FRAME_DELIVER, 1, 5, world_seal('C', "t", 0, BYTES_LIT(SAY_REPLY)));
	const struct world_frame *post = world_find(world_answer(world_turn()), FRAME_POST, 1);
	assert_non_null(post);
	assert_true(post->payload.len <= sizeof(reply));
	memcpy(reply, post->payload.ptr, post->payload.len);
	return (struct step){
		.pair = NOBODY, .fails = true, .mail = bytes_of(reply, post->payload.len)};
}

static void across_topics_and_senders(void)
{
	start();
	struct step first = step_of(AT, 0, false);
	const struct step steps[] = {first, step_of(AT, 1, true), step_of(AU, 1, false),
		step_of(BT, 0, false), altered_topic(first.mail), reflection()};
	struct history history = {0};
	assert_int_equal(walk(&history, steps, 6, DEPTH_MAX - 1), 9330);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(one_topic),
		world_test(streams_and_what_only_seemed_to_be_one),
		world_test(across_topics_and_senders),
	};
	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
