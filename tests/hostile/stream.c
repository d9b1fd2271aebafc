/* Mail that comes in pieces from a host that lies about them, on a real image: what is half read
 * has no effects. T-12, T-17, T-20, T-22, T-30 and T-31 of the threat table, for streams. */
#include <stdlib.h>
#include <string.h>

#include "hostile_world.h"
#include "mail/packet.h"

#define PIECE FRAME_PIECE_MAX(HOSTILE_WINDOW)
#define BODY_MAX 400000u

static uint8_t body_space[BODY_MAX];

/* A body of this length that begins so. */
static struct bytes body_of(const char *what, size_t size)
{
	for (size_t i = 0; i < size; i++)
		body_space[i] = (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
	memcpy(body_space, what, strlen(what) < size ? strlen(what) : size);
	return bytes_of(body_space, size);
}

static struct bytes seal(uint64_t sequence, const char *what, size_t size)
{
	return hostile_seal_long('A', sequence, body_of(what, size));
}

static void start(void)
{
	hostile_start();
	hostile_learn_keys();
}

/* -- the right thing -- */

/* What the guest says of the bytes behind the first. */
static void assert_digest(struct hostile_result result, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325, got[2];
	for (size_t i = 1; i < size; i++)
		hash = (hash ^ body_space[i]) * 0x100000001b3;
	struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
	hostile_answer(result, FRAME_ACK);
	assert_int_equal(mail_refusal_read(mail.private_header), MAIL_REFUSAL_NONE);
	assert_int_equal(mail.body.len, sizeof(got));
	memcpy(got, mail.body.ptr, sizeof(got));
	assert_int_equal(got[0], size - 1);
	assert_int_equal(got[1], hash);
}

/* Bodies whose mail ends at, before and behind the borders of pieces and packets. */
static void any_size_is_read_whole(void **state)
{
	(void)state;
	start();
	const size_t overhead = seal(0, "h", 1).len - 1;
	const size_t sizes[] = {1, 2, 1000, PIECE - overhead - 1, PIECE - overhead,
		PIECE - overhead + 1, MAIL_PACKET_PAYLOAD_MAX - 5, MAIL_PACKET_PAYLOAD_MAX - 4,
		MAIL_PACKET_PAYLOAD_MAX - 3, 2 * MAIL_PACKET_PAYLOAD_MAX - 4, 2 * PIECE - 400,
		300001};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_digest(hostile_stream(seal(2 * i, "h", sizes[i])), sizes[i]);
		assert_digest(hostile_stream(seal(2 * i + 1, "H", sizes[i])), sizes[i]);
	}
}

/* The bytes of a mail behind its last packet mean nothing, as anywhere (docs/spec/mail.md). */
static void claim_may_be_larger_than_the_mail(void **state)
{
	static uint8_t longer[BODY_MAX + 2 * HOSTILE_WINDOW];
	(void)state;
	start();
	struct bytes mail = seal(0, "h", 100000);
	memset(longer, 0x55, sizeof(longer));
	memcpy(longer, mail.ptr, mail.len);
	assert_digest(hostile_stream(bytes_of(longer, sizeof(longer))), 100000);
}

/* As a C program reads any file, one mail after the other. */
static void stream_is_a_file(void **state)
{
	(void)state;
	start();
	for (uint64_t i = 0; i < 3; i++)
		assert_digest(hostile_stream(seal(i, "F", 70000 * (i + 1))), 70000 * (i + 1));
}

/* -- what is left when it is over -- */

static bool has(struct hostile_result result, enum frame_type type)
{
	const uint8_t *out = hostile_arena + HOSTILE_WINDOW;
	for (size_t at = 0; at < result.size;) {
		if (load_u32le(out + at) == (uint32_t)type)
			return true;
		at += sizeof(struct frame_header) + ((load_u32le(out + at + 4) + 7u) & ~7u);
	}
	return false;
}

static void assert_refused(struct hostile_result result, enum mail_refusal reason)
{
	assert_int_equal(
		load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_NOT_HANDLED);
	struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
	assert_int_equal(mail_refusal_read(mail.private_header), reason);
	assert_int_equal(mail.body.len, 0);
}

static void assert_unreadable(struct hostile_result result)
{
	assert_int_equal(result.status, ENTRY_OK);
	assert_int_equal(load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_UNREADABLE);
	assert_false(has(result, FRAME_POST));
	assert_false(has(result, FRAME_ACK));
}

/* How often the guest has counted: in its file; in its variables. */
static void assert_counts(
	struct hostile_result result, uint64_t number, unsigned in_file, unsigned in_memory)
{
	assert_true(has(result, FRAME_ACK));
	struct mail mail = hostile_open('A', hostile_answer(result, FRAME_POST));
	assert_int_equal(mail.header.sequence, number);
	assert_int_equal(mail.body.len, 2);
	assert_int_equal(mail.body.ptr[0], in_file);
	assert_int_equal(mail.body.ptr[1], in_memory);
}

/* -- lies about the bytes: T-17 and T-31 -- */

/* Any byte: in the clear header, the handshake, each packet and the last. Numbers in, numbers out,
 * files and variables are as if the mail had never come; the same mail unharmed is handled. */
static void altered_stream_has_no_effects(void **state)
{
	static uint8_t altered[BODY_MAX];
	(void)state;
	start();
	assert_counts(hostile_stream(seal(0, "c", 70000)), 0, 1, 1);
	struct bytes mail = seal(1, "p", 150000);
	const size_t packet = PACKET_SIZE_MAX, first = mail.len - 150004 - 4 * PACKET_OVERHEAD;
	const size_t places[] = {0, 1, 2, 3, 10, 13, 14, first - 1, first - 20, first, first + 1,
		first + 2, first + 100, first + packet - 1, first + packet, first + packet + 30000,
		first + 2 * packet - 1, first + 2 * packet + 1, mail.len - 21, mail.len - 20,
		mail.len - 19, mail.len - 18, mail.len - 17, mail.len - 16, mail.len - 1};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memcpy(altered, mail.ptr, mail.len);
		altered[places[i]] ^= (uint8_t)(1u << i % 8);
		assert_unreadable(hostile_stream(bytes_of(altered, mail.len)));
	}
	assert_counts(hostile_stream(mail), 1, 2, 1); /* it was started afresh */
}

/* Where a packet ends, all that is there is authentic. */
static void cut_stream_has_no_effects(void **state)
{
	(void)state;
	start();
	assert_counts(hostile_stream(seal(0, "c", 70000)), 0, 1, 1);
	struct bytes mail = seal(1, "p", 150000);
	const size_t first = mail.len - 150004 - 4 * PACKET_OVERHEAD;
	const size_t ends[] = {1, 2, 20, first - 1, first, first + 1, first + PACKET_SIZE_MAX - 1,
		first + PACKET_SIZE_MAX, first + PACKET_SIZE_MAX + 1, first + 2 * PACKET_SIZE_MAX,
		mail.len - PACKET_OVERHEAD - 1, mail.len - PACKET_OVERHEAD,
		mail.len - PACKET_OVERHEAD + 2, mail.len - 1};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_unreadable(hostile_stream(bytes_of(mail.ptr, ends[i])));
	assert_counts(hostile_stream(mail), 1, 2, 1);
}

/* Nor do they take places in the table of those who write. */
static void unreadable_stream_takes_no_place(void **state)
{
	(void)state;
	start();
	for (unsigned i = 0; i < 40; i++) {
		struct bytes mail = hostile_seal_long((char)(1 + i), 0, body_of("p", 70000));
		assert_unreadable(hostile_stream(bytes_of(mail.ptr, mail.len - 1)));
	}
	for (unsigned i = 0; i < 16; i++) { /* as many as there are */
		struct bytes mail = hostile_seal_long((char)(100 + i), 0, body_of("n", 70000));
		assert_true(has(hostile_stream(mail), FRAME_ACK));
	}
	assert_refused(hostile_stream(seal(0, "n", 70000)), MAIL_REFUSAL_LIMIT);
}

/* -- lies in answers: T-20 -- */

struct lie {
	const char *what;
	size_t at;
	uint8_t value; /* of that byte of the window */
	int more;      /* bytes of frames, more than there are */
};

static void put_piece(const struct hostile_ask *ask, struct bytes mail)
{
	hostile_put(FRAME_PIECE, ask->id, bytes_slice(mail, ask->offset, ask->size));
}

static void assert_lies_are_refused(const struct hostile_ask *ask, struct bytes mail)
{
	static const struct lie lies[] = {{"type TURN", 0, FRAME_STREAM, 0},
		{"type", 0, FRAME_DELIVER, 0}, {"type", 1, 1, 0}, {"size", 4, 0, 0},
		{"size", 5, 0xfe, 0}, {"size", 7, 0x80, 0}, {"id", 8, 9, 0}, {"id", 15, 1, 0},
		{"route", 16, 1, 0}, {"route", 23, 1, 0}, {"reserved", 24, 1, 0},
		{"reserved", 31, 0x80, 0}, {"short", 0, FRAME_PIECE, -8},
		{"long", 0, FRAME_PIECE, 8}, {"odd", 0, FRAME_PIECE, 1},
		{"nothing", 0, FRAME_PIECE, INT32_MIN}, {"huge", 0, FRAME_PIECE, INT32_MAX}};
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		put_piece(ask, mail);
		uint64_t size = hostile_take_put();
		hostile_arena[lies[i].at] = lies[i].value;
		size += (uint64_t)(int64_t)lies[i].more;
		struct hostile_result result = hostile_enter(0, ENTRY_ANSWER, size, 0);
		if (result.status != ENTRY_REFUSED_FRAME)
			fail_msg("%s: %lu", lies[i].what, result.status);
		assert_int_equal(result.size, 0);
	}
}

/* The right bytes, but not as an answer to this question. */
static void assert_others_are_refused(const struct hostile_ask *ask, struct bytes mail)
{
	put_piece(ask, mail);
	uint64_t size = hostile_take_put();
	const uint64_t arena = (uint64_t)(uintptr_t)hostile_arena;
	assert_int_equal(hostile_enter(0, ENTRY_ANSWER, size, 1).status, ENTRY_REFUSED_FRAME);
	assert_int_equal(hostile_enter(1, ENTRY_ANSWER, size, 0).status, ENTRY_BUSY);
	assert_int_equal(hostile_enter(0, ENTRY_TURN, size, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(hostile_enter(0, ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(hostile_enter(0, ENTRY_STOP, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(hostile_enter(1, ENTRY_STOP, 0, 0).status, ENTRY_BUSY);
	assert_int_equal(hostile_enter(0, ENTRY_START, arena, 2 * HOSTILE_WINDOW).status,
		ENTRY_REFUSED_STATE);
	put_piece(ask, mail);
	hostile_put(FRAME_PIECE, ask->id, BYTES_LIT("another"));
	assert_int_equal(
		hostile_enter(0, ENTRY_ANSWER, hostile_take_put(), 0).status, ENTRY_REFUSED_FRAME);
}

static void wrong_answers_do_nothing(void **state)
{
	(void)state;
	start();
	assert_int_equal(hostile_enter(0, ENTRY_ANSWER, 40, 0).status, ENTRY_REFUSED_STATE);
	struct bytes mail = seal(0, "h", 200000);
	struct hostile_result result = hostile_stream_begin(mail.len);
	while (result.status == ENTRY_ASKING) {
		struct hostile_ask ask = hostile_asked(result);
		assert_lies_are_refused(&ask, mail);
		assert_others_are_refused(&ask, mail);
		result = hostile_piece(&ask, bytes_slice(mail, ask.offset, ask.size));
	}
	assert_digest(result, 200000);
	assert_int_equal(hostile_enter(0, ENTRY_ANSWER, 40, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(hostile_enter(1, ENTRY_ANSWER, 40, 0).status, ENTRY_REFUSED_STATE);
}

/* The gap behind a piece is zero, like any. */
static void gap_of_an_answer_is_zero(void **state)
{
	(void)state;
	start();
	struct bytes mail = seal(0, "h", 1002);
	assert_true(mail.len % 8 != 0);
	struct hostile_ask ask = hostile_asked(hostile_stream_begin(mail.len));
	put_piece(&ask, mail);
	size_t size = hostile_take_put();
	hostile_arena[size - 1] = 1;
	assert_int_equal(hostile_enter(0, ENTRY_ANSWER, size, 0).status, ENTRY_REFUSED_FRAME);
	assert_digest(hostile_piece(&ask, mail), 1002);
}

/* The last answer once more is taken for the next, and is not the mail's. */
static void double_answer_is_not_authentic(void **state)
{
	(void)state;
	start();
	struct bytes mail = seal(0, "c", 200000);
	struct hostile_result result = hostile_stream_begin(mail.len);
	struct hostile_ask ask = hostile_asked(result);
	result = hostile_piece(&ask, bytes_slice(mail, 0, ask.size));
	result = hostile_piece(&ask, bytes_slice(mail, 0, ask.size));
	assert_unreadable(result);
	assert_counts(hostile_stream(mail), 0, 1, 1);
}

static void questions_go_through_the_mail_once(void **state)
{
	(void)state;
	start();
	struct bytes mail = seal(0, "n", 200000);
	struct hostile_result result = hostile_stream_begin(mail.len);
	uint64_t asked = 0;
	for (; result.status == ENTRY_ASKING; asked += bytes_slice(mail, asked, PIECE).len) {
		struct hostile_ask ask = hostile_asked(result);
		assert_int_equal(ask.id, 3);
		assert_int_equal(ask.offset, asked);
		assert_int_equal(ask.size, bytes_slice(mail, asked, PIECE).len);
		result = hostile_piece(&ask, bytes_slice(mail, ask.offset, ask.size));
	}
	assert_true(has(result, FRAME_ACK));
	assert_int_equal(asked, mail.len);
}

/* What a question leaves in host memory is 48 bytes of it. */
static void questions_say_nothing_else(void **state)
{
	static const char canary[] = "h CANARY-8a7b6c5d";
	(void)state;
	start();
	struct bytes mail = seal(0, canary, 200000);
	memset(hostile_arena, 0xee, (size_t)2 * HOSTILE_WINDOW);
	struct hostile_result result = hostile_stream_begin(mail.len);
	while (result.status == ENTRY_ASKING) {
		const uint8_t *out = hostile_arena + HOSTILE_WINDOW;
		assert_int_equal(result.size, 48);
		assert_null(memmem(out, HOSTILE_WINDOW, canary + 2, sizeof(canary) - 3));
		for (size_t i = result.size; i < HOSTILE_WINDOW; i++)
			assert_int_equal(out[i], 0xee);
		struct hostile_ask ask = hostile_asked(result);
		result = hostile_piece(&ask, bytes_slice(mail, ask.offset, ask.size));
	}
	assert_digest(result, 200000);
}

/* -- the frame that begins it -- */

static void claim_is_a_size(void **state)
{
	static const uint64_t bad[] = {0, 1ull << 63, UINT64_MAX};
	(void)state;
	start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hostile_stream_begin(bad[i]).status, ENTRY_REFUSED_FRAME);
	assert_int_equal(hostile_stream_begin(INT64_MAX).status, ENTRY_ASKING);
}

static void stream_is_the_last_of_its_turn(void **state)
{
	static const uint8_t size[8] = {100};
	(void)state;
	start();
	hostile_put(FRAME_STREAM, 1, BYTES_OF(size));
	hostile_put(FRAME_CALL, 2, BYTES_LIT("echo"));
	assert_int_equal(
		hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0).status, ENTRY_REFUSED_FRAME);
	hostile_put(FRAME_STREAM, 1, BYTES_OF(size));
	assert_int_equal(hostile_stream_begin(100).status, ENTRY_REFUSED_FRAME);
	for (size_t len = 0; len < sizeof(size); len++) {
		hostile_put(FRAME_STREAM, 1, bytes_of(size, len));
		assert_int_equal(hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0).status,
			ENTRY_REFUSED_FRAME);
	}
	hostile_put(FRAME_PIECE, 1, BYTES_OF(size));
	assert_int_equal(
		hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0).status, ENTRY_REFUSED_FRAME);
}

/* Answers to what came before it in the turn wait until the mail is read. */
static void other_requests_come_before(void **state)
{
	(void)state;
	start();
	hostile_put(FRAME_DELIVER, 1, hostile_seal('B', 0, BYTES_LIT("r")));
	hostile_put(FRAME_CALL, 2, BYTES_LIT("echo"));
	struct bytes mail = seal(0, "n", 200000);
	struct hostile_result result = hostile_stream_rest(hostile_stream_begin(mail.len), mail);
	assert_int_equal(result.status, ENTRY_OK);
	hostile_open('B', hostile_answer(result, FRAME_POST));
	assert_memory_equal(hostile_answer(result, FRAME_RETURN).ptr + 4, "echo", 4);
	assert_true(has(result, FRAME_COMMIT));
}

static void stream_is_deferred_for_want_of_room(void **state)
{
	static uint8_t echo[20000] = "e";
	(void)state;
	start();
	struct bytes mail = seal(0, "h", 200000);
	hostile_put(FRAME_CALL, 1, BYTES_OF(echo));
	hostile_put(FRAME_CALL, 2, BYTES_OF(echo));
	struct hostile_result result = hostile_stream_begin(mail.len);
	assert_int_equal(result.status, ENTRY_OK);
	assert_true(has(result, FRAME_DEFERRED));
	assert_false(has(result, FRAME_ACK));
	assert_digest(hostile_stream(mail), 200000);
}

/* -- order: T-30 -- */

static void stream_has_its_place_in_the_order(void **state)
{
	static uint8_t first[BODY_MAX];
	(void)state;
	start();
	struct bytes mail = seal(5, "c", 100000);
	memcpy(first, mail.ptr, mail.len);
	size_t size = mail.len;
	assert_counts(hostile_stream(bytes_of(first, size)), 0, 1, 1);
	for (unsigned i = 0; i < 3; i++)
		assert_refused(hostile_stream(bytes_of(first, size)), MAIL_REFUSAL_SEQUENCE);
	assert_refused(hostile_stream(seal(7, "c", 100000)), MAIL_REFUSAL_SEQUENCE);
	assert_refused(hostile_stream(seal(6, "?", 100000)), MAIL_REFUSAL_DECLINED);
	assert_counts(hostile_stream(seal(6, "c", 100000)), 6, 2, 2);
	hostile_put(FRAME_DELIVER, 3, hostile_seal('A', 7, BYTES_LIT("c")));
	assert_counts(hostile_turn(), 7, 3, 3);
	hostile_put(FRAME_DELIVER, 3, hostile_seal('A', 6, BYTES_LIT("c")));
	assert_refused(hostile_turn(), MAIL_REFUSAL_SEQUENCE);
	assert_counts(hostile_stream(seal(8, "c", 100000)), 9, 4, 4);
}

/* Small enough for DELIVER, and after it. */
static void small_mail_may_be_streamed(void **state)
{
	(void)state;
	start();
	for (uint64_t i = 0; i < 4; i++)
		assert_digest(hostile_stream(seal(i, "h", 1 + i)), 1 + i);
}

/* -- guests -- */

static const struct {
	const char *what;
	enum mail_refusal reason;
	unsigned in_memory; /* what it counts next */
} ways[] = {{"d", MAIL_REFUSAL_DECLINED, 3}, {"u", MAIL_REFUSAL_TRAPPED, 1},
	{"o", MAIL_REFUSAL_TRAPPED, 1}, {"l", MAIL_REFUSAL_EXHAUSTED, 1},
	{"?", MAIL_REFUSAL_DECLINED, 2}};

/* However a handler ends, the mail is read to its end first; then it is as with any mail. */
static void failed_handler_has_no_effects(void **state)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start();
		assert_counts(hostile_stream(seal(0, "c", 100000)), 0, 1, 1);
		struct bytes mail = seal(1, ways[i].what, 200000);
		assert_unreadable(hostile_stream(bytes_of(mail.ptr, mail.len - 1)));
		assert_counts(hostile_stream(seal(1, "c", 100000)), 1, 2, 1);
		mail = seal(2, ways[i].what, 200000);
		assert_refused(hostile_stream(mail), ways[i].reason);
		assert_counts(hostile_stream(seal(3, "c", 100000)), 3, 3, ways[i].in_memory);
		hostile_unload(state);
		hostile_load(state);
	}
}

/* More work than its fuel is for, but in proportion to the mail. */
static void fuel_comes_with_each_piece(void **state)
{
	(void)state;
	start();
	assert_counts(hostile_stream(seal(0, "f", 300000)), 0, 1, 1);
}

/* At the deepest place a guest can reach there is stack enough to read, and to be entered. */
static struct hostile_result read_at(uint64_t sequence, uint32_t depth)
{
	uint8_t *what = body_space;
	(void)body_of("w", 70000);
	store_u32le(what + 1, depth);
	return hostile_stream(hostile_seal_long('A', sequence, bytes_of(what, 70000)));
}

static void runtime_has_stack_left(void **state)
{
	uint64_t sequence = 0;
	uint32_t low = 0, high = 1u << 14;
	(void)state;
	start();
	while (low < high) {
		uint32_t middle = (low + high + 1) / 2;
		if (has(read_at(sequence++, middle), FRAME_ACK))
			low = middle;
		else
			high = middle - 1;
	}
	assert_true(low > 100 && low < 1u << 14);
	for (uint32_t depth = low - 3; depth <= low; depth++)
		assert_true(has(read_at(sequence++, depth), FRAME_ACK));
}

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(any_size_is_read_whole),
		hostile_test(claim_may_be_larger_than_the_mail),
		hostile_test(stream_is_a_file),
		hostile_test(altered_stream_has_no_effects),
		hostile_test(cut_stream_has_no_effects),
		hostile_test(unreadable_stream_takes_no_place),
		hostile_test(wrong_answers_do_nothing),
		hostile_test(gap_of_an_answer_is_zero),
		hostile_test(double_answer_is_not_authentic),
		hostile_test(questions_go_through_the_mail_once),
		hostile_test(questions_say_nothing_else),
		hostile_test(claim_is_a_size),
		hostile_test(stream_is_the_last_of_its_turn),
		hostile_test(other_requests_come_before),
		hostile_test(stream_is_deferred_for_want_of_room),
		hostile_test(stream_has_its_place_in_the_order),
		hostile_test(small_mail_may_be_streamed),
		hostile_test(failed_handler_has_no_effects),
		hostile_test(fuel_comes_with_each_piece),
		hostile_test(runtime_has_stack_left),
	};
	return cmocka_run_group_tests_name("stream", tests, hostile_setup, hostile_teardown);
}
