/* Turns with lying hosts, on a real image: T-12 to T-17 and T-20 of the threat table. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hostile_world.h"

#define PAGE 4096u

static uint64_t next_random = 7;

static uint64_t random_word(void)
{
	next_random ^= next_random >> 12;
	next_random ^= next_random << 25;
	next_random ^= next_random >> 27;
	return next_random * 0x2545f4914f6cdd1dull;
}

/* -- every access to host memory, one by one -- */

struct watched {
	unsigned in_accesses, out_accesses;
	bool read_after_write;
	struct hostile_result result;
};

static void guard_arena(int permissions)
{
	assert_int_equal(mprotect(hostile_arena, (size_t)2 * HOSTILE_WINDOW, permissions), 0);
}

/* Run one entry with the arena out of reach. Each access faults; the host notes it, lets exactly
 * one instruction through, and overwrites the word that was just read before the enclave goes on.
 */
static struct watched watch_entry(enum entry_code code)
{
	struct watched seen = {0};
	struct soft_raw raw = {.registers = {.rdi = code, .rsi = hostile_take_put()}};
	struct machine_exception *exception = &seen.result.exception;
	const uint64_t in = (uint64_t)(uintptr_t)hostile_arena;

	guard_arena(PROT_NONE);
	assert_int_equal(soft_enter_raw(&seen.result.exit, exception, hostile_enclave,
				 hostile_tcs(0), &raw, 0),
		CONCLAVE_OK);
	while (seen.result.exit == MACHINE_EXIT_FAULT && exception->vector == 14) {
		bool reading = exception->address < in + HOSTILE_WINDOW;
		seen.read_after_write |= reading && seen.out_accesses != 0;
		guard_arena(PROT_READ | PROT_WRITE);
		raw.single_step = true;
		assert_int_equal(soft_resume_raw(&seen.result.exit, exception, hostile_enclave,
					 hostile_tcs(0), &raw, 0),
			CONCLAVE_OK);
		assert_int_equal(exception->vector, 1);
		if (reading)
			memset(hostile_arena + (size_t)8 * seen.in_accesses++, 0x41, 8);
		else
			seen.out_accesses++;
		guard_arena(PROT_NONE);
		raw.single_step = false;
		assert_int_equal(soft_resume_raw(&seen.result.exit, exception, hostile_enclave,
					 hostile_tcs(0), &raw, 0),
			CONCLAVE_OK);
	}
	guard_arena(PROT_READ | PROT_WRITE);
	seen.result.status = raw.registers.rdi;
	seen.result.size = raw.registers.rsi;
	return seen;
}

/* T-12 and T-13: as many reads as there are words in the frames, as many writes as in the answer,
 * all reads before all writes; and what the host changes behind a read changes nothing. */
static void each_word_crosses_once(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	size_t in_size = hostile_put(FRAME_DELIVER, 5, hostile_seal('A', 0, BYTES_LIT("r once")));
	in_size = hostile_put(FRAME_CALL, 6, BYTES_LIT("echo"));
	struct watched seen = watch_entry(ENTRY_TURN);

	assert_int_equal(seen.result.exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(seen.result.status, ENTRY_OK);
	assert_int_equal(seen.in_accesses, in_size / 8);
	assert_int_equal(seen.out_accesses, seen.result.size / 8);
	assert_false(seen.read_after_write);
	struct mail mail = hostile_open('A', hostile_answer(seen.result, FRAME_POST));
	assert_memory_equal(mail.body.ptr, "r once", 6);
	assert_memory_equal(hostile_answer(seen.result, FRAME_RETURN).ptr + 4, "echo", 4);
	for (size_t i = 0; i < in_size; i++)
		assert_int_equal(hostile_arena[i], 0x41);
}

/* The same of an answer, and of the questions before and after it. */
static void each_word_of_a_piece_crosses_once(void **state)
{
	static uint8_t body[66000] = "H", copy[70000];
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct bytes mail = hostile_seal_long('A', 0, BYTES_OF(body));
	memcpy(copy, mail.ptr, mail.len);
	struct hostile_result result = hostile_stream_begin(mail.len);
	while (result.status == ENTRY_ASKING) {
		struct hostile_ask ask = hostile_asked(result);
		size_t in_size = hostile_put(FRAME_PIECE, ask.id,
			bytes_slice(bytes_of(copy, mail.len), ask.offset, ask.size));
		struct watched seen = watch_entry(ENTRY_ANSWER);
		result = seen.result;
		assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
		assert_int_equal(seen.in_accesses, in_size / 8);
		assert_int_equal(seen.out_accesses, result.size / 8);
		assert_false(seen.read_after_write);
	}
	assert_int_equal(result.status, ENTRY_OK);
	struct mail reply = hostile_open('A', hostile_answer(result, FRAME_POST));
	assert_int_equal(load_u64le(reply.body.ptr), sizeof(body) - 1);
	hostile_answer(result, FRAME_ACK);
}

/* A refused turn reads its frames once and writes nothing. */
static void refused_turn_writes_nothing(void **state)
{
	(void)state;
	hostile_start();
	size_t size = hostile_put(FRAME_CALL, 0, BYTES_LIT("id 0 is not legal"));
	struct watched seen = watch_entry(ENTRY_TURN);
	assert_int_equal(seen.result.status, ENTRY_REFUSED_FRAME);
	assert_int_equal(seen.in_accesses, size / 8);
	assert_int_equal(seen.out_accesses, 0);
}

/* -- T-14 -- */

static const uint8_t canary[16] = "CANARY-8a7b6c5d";

static void nothing_secret_reaches_host_memory(void **state)
{
	uint8_t body[128] = "";
	(void)state;
	hostile_start();
	hostile_learn_keys();
	memcpy(body + 1, canary, sizeof(canary));
	for (uint64_t i = 0; i < 8; i++) {
		body[0] = (uint8_t) "rzus?rrr"[i];
		hostile_put(FRAME_DELIVER, 1, hostile_seal('A', i, BYTES_OF(body)));
		struct hostile_result result = hostile_turn();
		const uint8_t *out = hostile_arena + HOSTILE_WINDOW;
		assert_null(memmem(out, HOSTILE_WINDOW, canary, sizeof(canary)));
		/* Beyond the longest answer the window is as the host left it. */
		assert_true(result.size < 2048);
		for (size_t at = 2048; at < HOSTILE_WINDOW; at++)
			assert_int_equal(out[at], 0xee);
	}
}

/* -- T-15: sizes, counts and offsets from nowhere -- */

static void random_frames_are_refused_or_answered(void **state)
{
	unsigned refused = 0, answered = 0;
	(void)state;
	hostile_start();
	for (unsigned round = 0; round < 3000; round++) {
		size_t size = 8 * (random_word() % 40);
		for (size_t at = 0; at < size; at += 8)
			store_u64le(hostile_arena + at, random_word());
		/* Half of them nearly right: plausible headers. */
		for (size_t at = 0; round % 2 == 0 && at + 40 <= size; at += 40) {
			struct frame_header header = {
				.type = 1 + random_word() % 4, .size = 8, .id = 1};
			memcpy(hostile_arena + at, &header, sizeof(header));
			if (random_word() % 8 == 0)
				hostile_arena[at + random_word() % 32] ^= (uint8_t)random_word();
		}
		struct hostile_result result = hostile_enter(
			0, ENTRY_TURN, random_word() % 16 == 0 ? random_word() : size, 0);
		assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
		assert_true(result.status == ENTRY_OK || result.status == ENTRY_REFUSED_FRAME);
		refused += result.status == ENTRY_OK ? 0 : 1;
		answered += result.status == ENTRY_OK ? 1 : 0;
	}
	assert_true(refused > 1000 && answered > 100);
	struct bytes answer = hostile_call(BYTES_LIT("echo"));
	assert_memory_equal(answer.ptr, "\0\0\0\0echo", 8);
}

/* -- T-17: every altered byte of a mail has the same answer, and takes no number -- */

static void altered_mail_has_one_answer(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct bytes good = hostile_seal('A', 0, BYTES_LIT("r"));
	uint8_t bad[256], first[80];
	assert_true(good.len <= sizeof(bad));
	for (size_t i = 0; i < good.len; i++) {
		memcpy(bad, good.ptr, good.len);
		bad[i] ^= (uint8_t)(1u << i % 8);
		hostile_put(FRAME_DELIVER, 3, bytes_of(bad, good.len));
		struct hostile_result result = hostile_turn();
		assert_int_equal(result.size, sizeof(first));
		if (i == 0)
			memcpy(first, hostile_arena + HOSTILE_WINDOW, sizeof(first));
		/* All but the version at the end. */
		assert_memory_equal(hostile_arena + HOSTILE_WINDOW, first, sizeof(first) - 8);
	}
	hostile_put(FRAME_DELIVER, 3, good);
	hostile_answer(hostile_turn(), FRAME_ACK);
}

/* -- T-20: any order of entries, against a model of what is legal -- */

struct model {
	enum { NEW, STARTED, ASKING, OVER } state;
	unsigned lane, left; /* which asks, and for how many pieces */
};

/* A prologue of two pieces, of a protocol that nobody speaks. */
#define STREAM_PIECES 2u
#define STREAM_BYTE 0xff

static enum entry_status model_turn(struct model *model, unsigned lane, bool fine, bool streams)
{
	if (model->state != STARTED)
		return ENTRY_REFUSED_STATE;
	if (!fine)
		return ENTRY_REFUSED_FRAME;
	if (!streams)
		return ENTRY_OK;
	*model = (struct model){ASKING, lane, STREAM_PIECES};
	return ENTRY_ASKING;
}

static enum entry_status model_answer(struct model *model, bool fine)
{
	if (model->state != ASKING)
		return ENTRY_REFUSED_STATE;
	if (!fine)
		return ENTRY_REFUSED_FRAME;
	if (--model->left != 0)
		return ENTRY_ASKING;
	model->state = STARTED;
	return ENTRY_OK;
}

static enum entry_status model_step(
	struct model *model, unsigned lane, uint64_t code, bool fine, bool streams)
{
	if (model->state == ASKING && lane != model->lane)
		return ENTRY_BUSY;
	switch (code) {
	case ENTRY_START:
		if (model->state != NEW)
			return ENTRY_REFUSED_STATE;
		model->state = fine ? STARTED : NEW;
		return fine ? ENTRY_OK : ENTRY_REFUSED_ARENA;
	case ENTRY_TURN: return model_turn(model, lane, fine, streams);
	case ENTRY_ANSWER: return model_answer(model, fine);
	case ENTRY_STOP:
		if (model->state != STARTED)
			return ENTRY_REFUSED_STATE;
		model->state = fine ? OVER : STARTED;
		return fine ? ENTRY_OK : ENTRY_REFUSED_FRAME;
	default: return ENTRY_REFUSED_CODE;
	}
}

/* The arguments for this code, and frames in the window if it takes any. */
static void prepare(uint64_t *a, uint64_t *b, uint64_t code, bool streams)
{
	static uint8_t junk[FRAME_PIECE_MAX(HOSTILE_WINDOW)];
	uint8_t size[8];
	*a = *b = 0;
	if (code == ENTRY_START) {
		*a = (uint64_t)(uintptr_t)hostile_arena;
		*b = 2 * HOSTILE_WINDOW;
	}
	store_u64le(size, 3 * sizeof(junk));
	memset(junk, STREAM_BYTE, sizeof(junk));
	if (code == ENTRY_TURN && streams)
		*a = hostile_put(FRAME_STREAM, 9, BYTES_OF(size));
	if (code == ENTRY_ANSWER)
		*a = hostile_put(FRAME_PIECE, 9, BYTES_OF(junk));
	hostile_take_put();
}

static void any_order_of_entries_follows_the_model(void **state)
{
	unsigned asked = 0, answered = 0;
	for (unsigned life = 0; life < 12; life++) {
		struct model model = {.state = NEW};
		for (unsigned step = 0; step < 120; step++) {
			uint64_t code = random_word() % 6, a, b;
			if (code == ENTRY_STOP && random_word() % 8 != 0)
				code = ENTRY_TURN;
			bool fine = random_word() % 3 != 0, streams = random_word() % 2 == 0;
			unsigned lane = (unsigned)(random_word() % 2);
			if (model.state == ASKING && random_word() % 4 == 0) {
				code = ENTRY_ANSWER;
				lane = model.lane;
			}
			prepare(&a, &b, code, streams);
			a += fine ? 0 : 1;
			enum entry_status expected = model_step(&model, lane, code, fine, streams);
			struct hostile_result got = hostile_enter(lane, code, a, b);
			assert_int_equal(got.exit, MACHINE_EXIT_EEXIT);
			assert_int_equal(got.status, expected);
			if (expected == ENTRY_ASKING)
				hostile_asked(got);
			else if (expected != ENTRY_OK)
				assert_int_equal(got.size, 0);
			asked += expected == ENTRY_ASKING ? 1 : 0;
			answered += expected == ENTRY_OK && code == ENTRY_ANSWER ? 1 : 0;
		}
		hostile_unload(state);
		hostile_load(state);
	}
	assert_true(asked > 50 && answered > 20);
}

/* -- keys -- */

/* The same after every restart; others on another machine. */
static void keys_survive_a_restart(void **state)
{
	static const uint8_t target[512];
	uint8_t keys[64];
	for (unsigned life = 0; life < 3; life++) {
		hostile_start();
		hostile_put(FRAME_REPORT, 1, BYTES_OF(target));
		struct bytes reported = hostile_answer(hostile_turn(), FRAME_REPORTED);
		if (life == 0)
			memcpy(keys, reported.ptr + 432, sizeof(keys));
		assert_memory_equal(keys, reported.ptr + 432, sizeof(keys));
		hostile_unload(state);
		hostile_load(state);
	}
	assert_memory_not_equal(keys, keys + 32, 32);
}

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(each_word_crosses_once),
		hostile_test(each_word_of_a_piece_crosses_once),
		hostile_test(refused_turn_writes_nothing),
		hostile_test(nothing_secret_reaches_host_memory),
		hostile_test(random_frames_are_refused_or_answered),
		hostile_test(altered_mail_has_one_answer),
		hostile_test(any_order_of_entries_follows_the_model),
		hostile_test(keys_survive_a_restart),
	};
	return cmocka_run_group_tests_name("turn", tests, hostile_setup, hostile_teardown);
}
