/* The turn: what is legal when, what is answered, what is undone. T-05, T-14, T-17, T-20, T-22 of
 * the threat table, on the runtime's own code. */
#include "enclave_world.h"

#include "enclave/guest.h"
#include "enclave/keys.h"
#include "enclave/measured.h"
#include "sgx/sgx.h"

#define BODY(literal) BYTES_LIT(literal)

static void deliver(uint64_t id, char name, const char *topic, uint64_t sequence, struct bytes body)
{
	world_put(FRAME_DELIVER, id, 100 + (uint64_t)name, world_seal(name, topic, sequence, body));
}

/* One mail in a turn of its own. */
static const struct world_answer *send(char name, uint64_t sequence, struct bytes body)
{
	deliver(1, name, "t", sequence, body);
	struct entry_result result = world_turn();
	assert_int_equal(result.status, ENTRY_OK);
	return world_answer(result);
}

/* The sealed reason that came for a refused mail, and the frames around it. */
static enum mail_refusal refusal(const struct world_answer *answer, char name)
{
	assert_int_equal(answer->frames[0].type, FRAME_POST);
	assert_int_equal(answer->frames[0].route, 100 + (uint64_t)name);
	assert_int_equal(answer->frames[1].type, FRAME_REFUSED);
	assert_int_equal(answer->frames[1].payload.len, 4);
	assert_int_equal(load_u32le(answer->frames[1].payload.ptr), REFUSAL_NOT_HANDLED);
	struct mail mail = world_open(name, answer->frames[0].payload);
	assert_int_equal(mail.body.len, 0);
	return mail_refusal_read(mail.private_header);
}

static void assert_reply(const struct world_answer *answer, char name, struct bytes body)
{
	const struct world_frame *post = world_find(answer, FRAME_POST, 1);
	assert_non_null(post);
	struct mail mail = world_open(name, post->payload);
	assert_int_equal(mail.body.len, body.len);
	assert_memory_equal(mail.body.ptr, body.ptr, body.len);
	assert_non_null(world_find(answer, FRAME_ACK, 1));
}

/* -- order of entries -- */

static void entries_are_legal_in_their_state_only(void)
{
	uint64_t arena = (uint64_t)(uintptr_t)world_arena;

	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(ENTRY_STOP, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(
		turn_enter(ENTRY_START, arena, sizeof(world_arena)).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_OK);
	assert_int_equal(turn_enter(ENTRY_STOP, 1, 0).status, ENTRY_REFUSED_FRAME);
	assert_int_equal(turn_enter(ENTRY_STOP, 0, 0).status, ENTRY_OK);
	assert_int_equal(
		turn_enter(ENTRY_START, arena, sizeof(world_arena)).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(ENTRY_STOP, 0, 0).status, ENTRY_REFUSED_STATE);
}

/* T-05. */
static void unknown_codes_are_refused(void)
{
	for (unsigned started = 0; started < 2; started++) {
		for (uint64_t code = 0; code < 0x10000; code++)
			if (code < ENTRY_START || code > ENTRY_ANSWER)
				assert_int_equal(turn_enter(code, 8, 8).status, ENTRY_REFUSED_CODE);
		assert_int_equal(
			turn_enter((1ull << 32) | ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_CODE);
		if (started == 0)
			assert_int_equal(world_start(), ENTRY_OK);
	}
}

static void stop_wipes_keys_and_memory(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	send('A', 0, BODY("r secret in guest memory"));
	const struct buffer shared = heap_part(HEAP_CACHE);
	assert_false(ct_all_zero(keys(), sizeof(struct keys)));
	assert_false(ct_all_zero(shared.ptr, shared.len));
	struct entry_result result = turn_enter(ENTRY_STOP, 0, 0);
	assert_int_equal(result.status, ENTRY_OK);
	assert_true(ct_all_zero(keys(), sizeof(struct keys)));
	assert_true(ct_all_zero(shared.ptr, shared.len));
	assert_true(ct_all_zero(world_guest_memory().ptr, world_guest_memory().len));
	assert_int_equal(world_answer(result)->frames[0].type, FRAME_CONSOLE);
}

static void guest_that_refuses_to_start_fails_the_enclave(void)
{
	world_guest_refuses = true;
	assert_int_equal(world_start(), ENTRY_FAILED);
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_true(ct_all_zero(keys(), sizeof(struct keys)));
}

/* A guest that cannot be started again after a trap ends the enclave; nothing of the turn leaves.
 */
static void guest_that_cannot_restart_fails_the_enclave(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_guest_refuses = true;
	deliver(1, 'A', "t", 0, BODY(SAY_REPLY));
	deliver(2, 'A', "t", 1, BODY(SAY_TRAP));
	struct entry_result result = world_turn();
	assert_int_equal(result.status, ENTRY_FAILED);
	const struct world_answer *answer = world_answer(result);
	for (size_t i = 0; i < answer->count; i++)
		assert_int_equal(answer->frames[i].type, FRAME_CONSOLE);
}

/* -- malformed frames -- */

struct damage {
	size_t offset;
	uint8_t value;
};

/* Each of these alone makes a good pair of frames (TICK, CALL of 5 bytes) illegal, and neither is
 * acted on: the clock has not moved. */
static void malformed_frames_do_nothing(void)
{
	static const struct damage damages[] = {
		{0, 0}, {0, 5}, {0, FRAME_POST}, {0, FRAME_COMMIT}, {3, 1}, /* type */
		{4, 7}, {4, 9}, {4, 0}, {7, 0xff},			    /* size */
		{8, 0},							    /* id */
		{16, 1},						    /* route of a TICK */
		{24, 1}, {31, 0x80},					    /* reserved */
		{40, 9},						    /* type of the CALL */
		{40 + 4, 14}, {40 + 7, 0x80},				    /* size of the CALL */
		{40 + 8, 0}, {40 + 16, 1}, {40 + 24, 1},		    /* its id, route, … */
		{40 + 32 + 5, 1}, {40 + 32 + 7, 0xff},			    /* its gap */
	};
	uint8_t time[8] = {42};

	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		world_put(FRAME_TICK, 1, 0, BYTES_OF(time));
		world_put(FRAME_CALL, 2, 0, BODY("hello"));
		world_in()[damages[i].offset] = damages[i].value;
		struct entry_result result = world_turn();
		if (result.status != ENTRY_REFUSED_FRAME)
			fail_msg("damage %zu was accepted", i);
		assert_int_equal(result.size, 0);
		assert_int_equal(clock_now(), 0);
	}
	world_put(FRAME_TICK, 1, 0, BYTES_OF(time));
	world_put(FRAME_CALL, 2, 0, BODY("hello"));
	assert_int_equal(world_turn().status, ENTRY_OK);
	assert_int_equal(clock_now(), 42);
}

static void sizes_are_exact(void)
{
	uint8_t report[580] = {0};
	static const uint64_t bad[] = {1, 4, 7, 8, 31, 33, WORLD_WINDOW + 8, 1ull << 32,
		(1ull << 32) + 8, UINT64_MAX - 7, UINT64_MAX, 1ull << 63};

	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(turn_enter(ENTRY_TURN, bad[i], 0).status, ENTRY_REFUSED_FRAME);
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 1).status, ENTRY_REFUSED_FRAME);
	for (size_t size = 504; size <= 580; size++) {
		bool fine = size == 512 || size == 512 + FRAME_NONCE_SIZE;
		world_put(FRAME_REPORT, 1, 0, bytes_of(report, size));
		assert_int_equal(world_turn().status, fine ? ENTRY_OK : ENTRY_REFUSED_FRAME);
	}
	world_put(FRAME_DELIVER, 1, 0, BODY(""));
	assert_int_equal(world_turn().status, ENTRY_REFUSED_FRAME);
	world_put(FRAME_REPORT, 1, 0, bytes_of(report, 512));
	world_put(FRAME_REPORT, 2, 0, bytes_of(report, 512));
	assert_int_equal(world_turn().status, ENTRY_REFUSED_FRAME);
}

/* -- answers -- */

static void assert_report_binds(struct bytes nonce)
{
	struct sgx_targetinfo target = {.mrenclave = {0x11}, .attributes = world_secs.attributes};
	struct sgx_secs verifier = {.mrenclave = {0x11}, .attributes = world_secs.attributes};
	struct sgx_report report;
	uint8_t asked[sizeof(target) + FRAME_NONCE_SIZE];
	uint8_t bound[76 + FRAME_NONCE_SIZE] = {
		0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
	struct sha512 digest;

	memcpy(asked, &target, sizeof(target));
	if (nonce.len != 0)
		memcpy(asked + sizeof(target), nonce.ptr, nonce.len);
	world_put(FRAME_REPORT, 9, 0, bytes_of(asked, sizeof(target) + nonce.len));
	const struct world_answer *answer = world_answer(world_turn());
	assert_int_equal(answer->count, 2);
	assert_int_equal(answer->frames[0].type, FRAME_REPORTED);
	assert_int_equal(answer->frames[0].id, 9);
	assert_int_equal(answer->frames[0].payload.len, sizeof(struct frame_reported));

	memcpy(&report, answer->frames[0].payload.ptr, sizeof(report));
	assert_int_equal(sgx_report_verify(&world_cpu, &verifier, &report), CONCLAVE_OK);
	memcpy(bound + 12, answer->frames[0].payload.ptr + sizeof(report), 64);
	if (nonce.len != 0)
		memcpy(bound + 76, nonce.ptr, nonce.len);
	sha512(&digest, bytes_of(bound, 76 + nonce.len));
	assert_memory_equal(report.body.reportdata, digest.bytes, 64);
	assert_memory_equal(bound + 44, keys()->mail_public.bytes, 32);
}

static void report_binds_both_keys_and_a_nonce(void)
{
	static const uint8_t nonces[2][FRAME_NONCE_SIZE] = {{0}, {0x77, 0x01}};
	assert_int_equal(world_start(), ENTRY_OK);
	assert_report_binds(BYTES_LIT(""));
	assert_report_binds(BYTES_OF(nonces[0]));
	assert_report_binds(BYTES_OF(nonces[1]));
}

static void every_turn_ends_with_the_next_version(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	for (uint64_t version = 1; version < 5; version++) {
		const struct world_answer *answer = world_answer(world_turn());
		assert_int_equal(answer->count, 1);
		assert_int_equal(answer->frames[0].type, FRAME_COMMIT);
		assert_int_equal(load_u64le(answer->frames[0].payload.ptr), version);
		/* Refused turns are not turns. */
		assert_int_equal(turn_enter(ENTRY_TURN, 1, 0).status, ENTRY_REFUSED_FRAME);
	}
}

static void calls_return_what_the_guest_answers(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_CALL, 5, 0, BODY("echo"));
	world_put(FRAME_CALL, 6, 0, BODY(SAY_DECLINE));
	world_put(FRAME_CALL, 7, 0, BODY(SAY_TRAP));
	world_put(FRAME_CALL, 8, 0, BODY(""));
	const struct world_answer *answer = world_answer(world_turn());
	assert_int_equal(world_find(answer, FRAME_RETURN, 5)->payload.len, 8);
	assert_memory_equal(world_find(answer, FRAME_RETURN, 5)->payload.ptr, "\0\0\0\0echo", 8);
	for (uint64_t id = 6; id <= 7; id++) {
		assert_int_equal(world_find(answer, FRAME_RETURN, id)->payload.len, 4);
		assert_memory_equal(
			world_find(answer, FRAME_RETURN, id)->payload.ptr, "\1\0\0\0", 4);
	}
	assert_int_equal(world_find(answer, FRAME_RETURN, 8)->payload.len, 4);
	/* The window where answers are made is wiped. */
	assert_true(ct_all_zero(world_enclave().ptr + 0x2000 + 3 * WORLD_WINDOW, WORLD_WINDOW));
}

static void mail_is_replied_to_and_acknowledged(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	const struct world_answer *answer = send('A', 0, BODY("r hello"));
	assert_int_equal(answer->count, 3);
	assert_int_equal(answer->frames[0].type, FRAME_POST);
	assert_int_equal(answer->frames[0].route, 100 + 'A');
	assert_int_equal(answer->frames[1].type, FRAME_ACK);
	assert_int_equal(answer->frames[1].payload.len, 0);
	assert_reply(answer, 'A', BODY("r hello"));
	assert_reply(send('A', 1, BODY(SAY_PARTS)), 'A', BODY("t|env|1"));
}

/* Made ahead or not, no two mails have one ephemeral key: behind the prologue and its length. */
static void ephemeral_keys_serve_one_mail_each(void)
{
	static uint8_t seen[100][32];
	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < ARRAY_COUNT(seen); i++) {
		if (i % 45 == 0) {
			(void)world_turn(); /* idle: a stock is made, and used up before the next */
			(void)world_turn();
		}
		const struct world_answer *answer = send('A', i, BODY("r x"));
		struct bytes mail = answer->frames[0].payload;
		size_t prologue_size = (size_t)mail.ptr[0] << 8 | mail.ptr[1];
		struct bytes key = bytes_slice(mail, 2 + prologue_size, 32);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[j], key.ptr, 32);
		memcpy(seen[i], key.ptr, 32);
	}
}

static void posts_go_to_those_who_have_written(void)
{
	uint8_t body[1 + 32 + 4] = "p";
	struct x25519_public bob = world_key('B');

	memcpy(body + 1, bob.bytes, 32);
	memcpy(body + 33, "news", 4);
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(refusal(send('A', 0, BYTES_OF(body)), 'A'), MAIL_REFUSAL_DECLINED);
	send('B', 0, BODY(SAY_NOTHING));
	for (uint64_t n = 0; n < 3; n++) {
		const struct world_answer *answer = send('A', 1 + n, BYTES_OF(body));
		assert_int_equal(answer->frames[0].route, 100 + 'B');
		struct mail mail = world_open('B', answer->frames[0].payload);
		assert_int_equal(mail.header.sequence, n);
		assert_int_equal(mail.header.topic.len, 4);
		assert_memory_equal(mail.body.ptr, "news", 4);
	}
	world_put(FRAME_CALL, 1, 0, BYTES_OF(body));
	const struct world_answer *answer = world_answer(world_turn());
	assert_int_equal(world_open('B', answer->frames[0].payload).header.sequence, 3);
}

static void guest_signs_under_its_own_prefix(void)
{
	uint8_t message[25 + 4];
	struct ed25519_signature signature;

	assert_int_equal(world_start(), ENTRY_OK);
	const struct world_answer *answer = send('A', 0, BODY("sign"));
	memcpy(signature.bytes, world_open('A', answer->frames[0].payload).body.ptr, 64);
	memcpy(message, "conclave guest signature", 25);
	memcpy(message + 25, "sign", 4);
	assert_int_equal(ed25519_verify(&keys()->signing_public, BYTES_OF(message), &signature),
		CONCLAVE_OK);
	assert_int_equal(ed25519_verify(&keys()->signing_public, BODY("sign"), &signature),
		CONCLAVE_ERROR_SIGNATURE);
}

/* -- order of mail -- */

static void numbers_rise_by_one_per_sender_and_topic(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_reply(
		send('A', 7, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY)); /* the first counts as is */
	assert_int_equal(refusal(send('A', 7, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_int_equal(refusal(send('A', 9, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_int_equal(refusal(send('A', 0, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_reply(send('A', 8, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
	assert_reply(send('B', 0, BODY(SAY_REPLY)), 'B', BODY(SAY_REPLY));
	deliver(1, 'A', "other", 0, BODY(SAY_REPLY));
	assert_reply(world_answer(world_turn()), 'A', BODY(SAY_REPLY));
}

/* A sender who knows of the refusal goes on with the next number; none of the enclave's is lost. */
static void refused_number_may_be_left_out(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(
		world_open('A', send('A', 0, BODY(SAY_REPLY))->frames[0].payload).header.sequence,
		0);
	const struct world_answer *answer = send('A', 1, BODY(SAY_DECLINE));
	assert_int_equal(refusal(answer, 'A'), MAIL_REFUSAL_DECLINED);
	assert_int_equal(world_open('A', answer->frames[0].payload).header.sequence, 1);
	answer = send('A', 2, BODY(SAY_TRAP));
	assert_int_equal(refusal(answer, 'A'), MAIL_REFUSAL_TRAPPED);
	assert_int_equal(world_open('A', answer->frames[0].payload).header.sequence, 2);
	assert_int_equal(refusal(send('A', 3, BODY(SAY_EXHAUST)), 'A'), MAIL_REFUSAL_EXHAUSTED);
	assert_int_equal(refusal(send('A', 4, BODY(SAY_READ_OUTSIDE)), 'A'), MAIL_REFUSAL_TRAPPED);
	assert_reply(send('A', 5, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
}

/* Whatever the failure, the same number is taken until one with it is handled, and then never
 * again. */
static void refused_mail_can_be_sent_again(void)
{
	static const char failures[] = "dtxod";

	assert_int_equal(world_start(), ENTRY_OK);
	for (uint64_t n = 0; n < 3; n++) {
		for (size_t i = 0; i < sizeof(failures) - 1; i++)
			assert_int_not_equal(refusal(send('A', n, bytes_of(&failures[i], 1)), 'A'),
				MAIL_REFUSAL_SEQUENCE);
		assert_reply(send('A', n, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
		assert_int_equal(
			refusal(send('A', n, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
		assert_int_equal(
			refusal(send('A', n, BODY(SAY_DECLINE)), 'A'), MAIL_REFUSAL_SEQUENCE);
	}
	/* Only the last, and only until the next. */
	send('A', 3, BODY(SAY_DECLINE));
	send('A', 4, BODY(SAY_DECLINE));
	assert_int_equal(refusal(send('A', 3, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_int_equal(refusal(send('A', 6, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_reply(send('A', 5, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
	assert_int_equal(refusal(send('A', 4, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
}

/* Numbers end at 2^63 - 1; the last can be sent again like any other. */
static void last_number_ends_a_topic(void)
{
	const uint64_t last = MAIL_SEQUENCE_MAX;

	assert_int_equal(world_start(), ENTRY_OK);
	send('A', last - 1, BODY(SAY_NOTHING));
	assert_int_equal(refusal(send('A', last, BODY(SAY_TRAP)), 'A'), MAIL_REFUSAL_TRAPPED);
	assert_reply(send('A', last, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
	assert_int_equal(refusal(send('A', last, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
	assert_int_equal(refusal(send('A', 0, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_SEQUENCE);
}

/* Files go back to where they were; memory too after a trap, because the instance is a new one. */
static void failed_mail_leaves_no_trace(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_reply(send('A', 0, BODY(SAY_COUNT)), 'A', BODY("11"));
	send('A', 1, BODY(SAY_DECLINE));
	assert_reply(send('A', 2, BODY(SAY_COUNT)), 'A', BODY("22"));
	send('A', 3, BODY(SAY_TRAP));
	assert_reply(send('A', 4, BODY(SAY_COUNT)), 'A', BODY("31"));
}

static void guest_without_mail_declines(void)
{
	world_guest_has_no_mail = true;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(refusal(send('A', 0, BODY(SAY_REPLY)), 'A'), MAIL_REFUSAL_DECLINED);
}

static void table_of_peers_is_bounded(void)
{
	static const char names[] = "ABCDEFGHIJ";

	assert_int_equal(world_start(), ENTRY_OK);
	for (unsigned i = 0; i < WORLD_PEERS; i++)
		assert_reply(send(names[i], 0, BODY(SAY_REPLY)), names[i], BODY(SAY_REPLY));
	assert_int_equal(refusal(send('I', 0, BODY(SAY_REPLY)), 'I'), MAIL_REFUSAL_LIMIT);
	assert_reply(send('A', 1, BODY(SAY_REPLY)), 'A', BODY(SAY_REPLY));
}

/* T-17: whatever is wrong with a mail, its host reads the same four bytes. */
static void unreadable_mail_has_one_answer(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	struct bytes good = world_seal('A', "t", 0, BODY(SAY_REPLY));
	uint8_t bad[512];
	assert_true(good.len < sizeof(bad));
	for (size_t i = 0; i < good.len; i++) {
		memcpy(bad, good.ptr, good.len);
		bad[i] ^= 1;
		world_put(FRAME_DELIVER, 1, 5, bytes_of(bad, good.len));
		struct entry_result result = world_turn();
		const struct world_answer *answer = world_answer(result);
		assert_int_equal(result.size, 40 + 40);
		assert_int_equal(answer->frames[0].type, FRAME_REFUSED);
		assert_int_equal(load_u32le(answer->frames[0].payload.ptr), REFUSAL_UNREADABLE);
	}
	for (size_t size = 1; size < good.len; size++) {
		world_put(FRAME_DELIVER, 1, 5, bytes_of(good.ptr, size));
		assert_int_equal(world_turn().size, 40 + 40);
	}
	/* None of them took the number. */
	world_put(FRAME_DELIVER, 1, 5, good);
	assert_non_null(world_find(world_answer(world_turn()), FRAME_ACK, 1));
}

/* Authentic mail that no answer could be sealed to, or that names a key we do not have, is
 * unreadable: whoever sends it takes nobody down. */
static void strange_mail_is_unreadable(void)
{
	static uint8_t text[300];
	static const struct {
		const char *topic;
		size_t topic_size, derivation_size;
		uint8_t derivation;
		bool readable;
	} cases[] = {
		{"t", 1, 0, 0, true},
		{"t", 1, 1, 0, true},
		{"t", 1, 5, 0, true},
		{"t", 1, 18, 1, true},
		{"t", 1, 1, 1, false},
		{"t", 1, 17, 2, false},
		{"t", 1, 19, 1, false},
		{"", 0, 0, 0, false},
		{"a b", 3, 0, 0, false},
		{"a\n", 2, 0, 0, false},
		{"\xc0\x80", 2, 0, 0, false},
		{"\xff", 1, 0, 0, false},
		{NULL, 255, 0, 0, true},
		{NULL, 256, 0, 0, false},
	};
	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t derivation[32];
		memset(text, 'a', sizeof(text));
		memset(derivation, cases[i].derivation, sizeof(derivation));
		const void *topic = cases[i].topic == NULL ? (const void *)text : cases[i].topic;
		struct mail_header header = {.protocol = 1,
			.sequence = i,
			.topic = bytes_of(topic, cases[i].topic_size),
			.key_derivation = bytes_of(derivation, cases[i].derivation_size)};
		world_put(FRAME_DELIVER, 1, 5,
			world_seal_strange((char)('A' + i % 4), &header, BODY(SAY_DECLINE)));
		const struct world_answer *answer = world_answer(world_turn());
		const struct world_frame *refused = world_find(answer, FRAME_REFUSED, 1);
		if (load_u32le(refused->payload.ptr) !=
			(cases[i].readable ? REFUSAL_NOT_HANDLED : REFUSAL_UNREADABLE))
			fail_msg("case %zu", i);
	}
	assert_reply(send('Z', 0, BODY(SAY_REPLY)), 'Z', BODY(SAY_REPLY));
}

/* -- room -- */

static struct bytes big(uint32_t size)
{
	static uint8_t body[64][5];
	static unsigned next;
	uint8_t *made = body[next++ % 64];
	made[0] = 'b';
	store_u32le(made + 1, size);
	return bytes_of(made, 5);
}

/* The limit of one mail's output is the same alone and in company. */
static void quota_does_not_depend_on_the_batch(void)
{
	uint32_t fits = 0, low = 0, high = WORLD_WINDOW;
	uint64_t n = 0;

	assert_int_equal(world_start(), ENTRY_OK);
	while (low < high) {
		uint32_t middle = (low + high + 1) / 2;
		if (world_find(send('A', n++, big(middle)), FRAME_ACK, 1) != NULL)
			low = middle;
		else
			high = middle - 1;
	}
	fits = low;
	assert_true(fits > WORLD_WINDOW / 2 - 1024 && fits < WORLD_WINDOW / 2);

	for (uint64_t i = 0; i < 40; i++)
		deliver(1 + i, 'A', "t", n + i, i == 0 ? big(fits) : BODY(SAY_NOTHING));
	const struct world_answer *answer = world_answer(world_turn());
	for (uint64_t i = 0; i < 40; i++)
		assert_non_null(world_find(answer, i == 0 ? FRAME_ACK : FRAME_DEFERRED, 1 + i));
	deliver(1, 'A', "t", n + 1, big(fits + 1));
	assert_int_equal(refusal(world_answer(world_turn()), 'A'), MAIL_REFUSAL_DECLINED);
}

/* What does not fit is put off in order and nothing of it is lost. */
static void deferred_requests_keep_their_order(void)
{
	uint64_t done = 0, turns = 0;

	assert_int_equal(world_start(), ENTRY_OK);
	while (done < 50) {
		for (uint64_t i = done; i < 50; i++)
			deliver(1 + i, 'A', "t", i, big(4000));
		const struct world_answer *answer = world_answer(world_turn());
		uint64_t before = done;
		while (done < 50 && world_find(answer, FRAME_ACK, 1 + done) != NULL)
			done++;
		assert_true(done > before);
		for (uint64_t i = done; i < 50; i++)
			assert_non_null(world_find(answer, FRAME_DEFERRED, 1 + i));
		turns++;
	}
	assert_true(turns >= 4 && turns <= 10);
}

/* As many of the smallest frames as the limit allows, and then one more. */
static void count_of_frames_is_bounded(void)
{
	const size_t most = FRAME_REQUESTS_MAX(WORLD_WINDOW);

	assert_int_equal(world_start(), ENTRY_OK);
	for (size_t extra = 0; extra < 2; extra++) {
		for (size_t i = 0; i < most + extra; i++)
			world_put(FRAME_CALL, 1 + i, 0, BODY(""));
		struct entry_result result = world_turn();
		assert_int_equal(result.status, extra == 0 ? ENTRY_OK : ENTRY_REFUSED_FRAME);
		if (extra == 0)
			assert_int_equal(world_answer(result)->count, most + 1);
	}
}

/* With a report beside it and every other frame there may be, the first mail still has its quota.
 */
static void first_request_is_never_deferred(void)
{
	uint8_t target[512] = {0};

	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_REPORT, 1, 0, BYTES_OF(target));
	world_put(FRAME_CALL, 2, 0, big(WORLD_WINDOW / 2 - 64));
	for (size_t i = 2; i < FRAME_REQUESTS_MAX(WORLD_WINDOW); i++)
		world_put(FRAME_CALL, 1 + i, 0, BODY(""));
	const struct world_answer *answer = world_answer(world_turn());
	assert_int_equal(
		world_find(answer, FRAME_RETURN, 2)->payload.len, WORLD_WINDOW / 2 - 64 + 4);
}

/* -- time and text -- */

static void time_never_goes_back(void)
{
	static const uint64_t claims[] = {5, 3, 0, 9, 8, UINT64_MAX, 1};
	uint64_t latest = 0;

	assert_int_equal(world_start(), ENTRY_OK);
	for (uint64_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		uint8_t claim[8];
		store_u64le(claim, claims[i]);
		world_put(FRAME_TICK, 2, 0, BYTES_OF(claim));
		deliver(1, 'A', "t", i, BODY(SAY_CLOCK));
		latest = claims[i] > latest ? claims[i] : latest;
		uint8_t told[8];
		store_u64le(told, latest);
		assert_reply(world_answer(world_turn()), 'A', BYTES_OF(told));
	}
}

static void console_speaks_in_debug(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	const struct world_answer *answer = send('A', 0, BODY("log this"));
	const struct world_frame *said = world_find(answer, FRAME_CONSOLE, 0);
	assert_non_null(said);
	assert_memory_equal(said->payload.ptr, "log this", 8);
}

static void console_is_silent_without_debug(void)
{
	world_secs.attributes.flags &= ~(uint64_t)SGX_FLAG_DEBUG;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(send('A', 0, BODY("log this"))->count, 2);
	assert_int_equal(send('A', 1, BODY(SAY_TRAP))->count, 3);
	assert_int_equal(turn_enter(ENTRY_STOP, 0, 0).size, 0);
}

static void console_of_a_turn_is_bounded(void)
{
	static uint8_t text[ABI_CONSOLE_SIZE - 10];

	text[0] = 'l';
	assert_int_equal(world_start(), ENTRY_OK);
	deliver(1, 'A', "t", 0, BYTES_OF(text));
	deliver(2, 'A', "t", 1, BYTES_OF(text));
	const struct world_answer *answer = world_answer(world_turn());
	assert_int_equal(world_find(answer, FRAME_CONSOLE, 0)->payload.len, ABI_CONSOLE_SIZE);
	assert_null(world_find(world_answer(world_turn()), FRAME_CONSOLE, 0));
}

/* -- keys -- */

static struct keys keys_with(struct sgx_secs secs, uint8_t cpusvn)
{
	struct sgx_secs before = world_secs;
	world_secs = secs;
	world_cpu.cpusvn[0] = cpusvn;
	assert_int_equal(keys_init(), CONCLAVE_OK);
	world_secs = before;
	return *keys();
}

static void keys_follow_signer_product_and_version(void)
{
	struct sgx_secs other = world_secs;
	const struct keys same = keys_with(world_secs, 1);

	other.mrenclave[5] = 1;
	assert_memory_equal(keys_with(other, 1).mail.bytes, same.mail.bytes, 32);
	assert_memory_equal(keys_with(other, 1).signing.bytes, same.signing.bytes, 32);
	other.isvprodid++;
	assert_memory_not_equal(keys_with(other, 1).mail.bytes, same.mail.bytes, 32);
	other = world_secs;
	other.isvsvn++;
	assert_memory_not_equal(keys_with(other, 1).mail.bytes, same.mail.bytes, 32);
	other = world_secs;
	other.mrsigner[0] ^= 1;
	assert_memory_not_equal(keys_with(other, 1).mail.bytes, same.mail.bytes, 32);
	other = world_secs;
	other.attributes.flags &= ~(uint64_t)SGX_FLAG_DEBUG;
	assert_memory_not_equal(keys_with(other, 1).mail.bytes, same.mail.bytes, 32);
	assert_memory_not_equal(keys_with(world_secs, 2).mail.bytes, same.mail.bytes, 32);
	assert_memory_not_equal(same.mail.bytes, same.signing.bytes, 32);
}

/* -- T-14: nothing secret is left where the host can see it -- */

static const uint8_t canary[16] = "CANARY-0f1e2d3c", planted[16] = "PLANTED-4b5a697";

static bool seen(struct bytes where, struct bytes what)
{
	return memmem(where.ptr, where.len, what.ptr, what.len) != NULL;
}

static void nothing_secret_reaches_the_arena(void)
{
	uint8_t body[64] = "r";

	world_secs.attributes.flags &= ~(uint64_t)SGX_FLAG_DEBUG;
	memset(world_arena, 0xee, sizeof(world_arena));
	/* Whatever leaves without being written first would show it. */
	world_plant(BYTES_OF(planted));
	assert_int_equal(world_start(), ENTRY_OK);
	memcpy(body + 1, canary, sizeof(canary));
	for (uint64_t i = 0; i < 6; i++) {
		body[0] = (uint8_t) "rdtlxs"[i];
		send('A', i, BYTES_OF(body));
	}
	turn_enter(ENTRY_TURN, 3, 3);
	struct bytes out = bytes_of(world_out(), WORLD_WINDOW);
	assert_true(seen(world_guest_memory(), BYTES_OF(canary)));
	assert_false(seen(out, BYTES_OF(canary)));
	for (size_t size = 6; size <= sizeof(planted); size++)
		assert_false(seen(out, bytes_of(planted, size)));
	assert_false(seen(out, BYTES_OF(keys()->mail)));
	assert_false(seen(out, BYTES_OF(keys()->signing)));
	/* Past the longest answer the window is as the host left it. */
	for (size_t i = 4096; i < WORLD_WINDOW; i++)
		assert_int_equal(out.ptr[i], 0xee);
	/* The opened mail is wiped where it lay. */
	assert_false(
		seen(bytes_of(world_enclave().ptr + 0x2000, 4 * WORLD_WINDOW), BYTES_OF(canary)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(entries_are_legal_in_their_state_only),
		world_test(unknown_codes_are_refused),
		world_test(stop_wipes_keys_and_memory),
		world_test(guest_that_refuses_to_start_fails_the_enclave),
		world_test(guest_that_cannot_restart_fails_the_enclave),
		world_test(malformed_frames_do_nothing),
		world_test(sizes_are_exact),
		world_test(report_binds_both_keys_and_a_nonce),
		world_test(every_turn_ends_with_the_next_version),
		world_test(calls_return_what_the_guest_answers),
		world_test(mail_is_replied_to_and_acknowledged),
		world_test(ephemeral_keys_serve_one_mail_each),
		world_test(posts_go_to_those_who_have_written),
		world_test(guest_signs_under_its_own_prefix),
		world_test(numbers_rise_by_one_per_sender_and_topic),
		world_test(refused_number_may_be_left_out),
		world_test(refused_mail_can_be_sent_again),
		world_test(last_number_ends_a_topic),
		world_test(failed_mail_leaves_no_trace),
		world_test(guest_without_mail_declines),
		world_test(table_of_peers_is_bounded),
		world_test(unreadable_mail_has_one_answer),
		world_test(strange_mail_is_unreadable),
		world_test(quota_does_not_depend_on_the_batch),
		world_test(deferred_requests_keep_their_order),
		world_test(count_of_frames_is_bounded),
		world_test(first_request_is_never_deferred),
		world_test(time_never_goes_back),
		world_test(console_speaks_in_debug),
		world_test(console_is_silent_without_debug),
		world_test(console_of_a_turn_is_bounded),
		world_test(keys_follow_signer_product_and_version),
		world_test(nothing_secret_reaches_the_arena),
	};
	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
