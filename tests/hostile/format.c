/* The format of frames on a real image: T-11 (no address ever crosses) and T-16 (one encoding,
 * counts and duplicates) of the threat table. */
#include <stdlib.h>
#include <string.h>

#include "hostile_world.h"

/* -- T-11 -- */

/* Any eight bytes, wherever they lie, that would point into the enclave. Ciphertext does so by
 * chance once in 2^40 bytes. */
static void assert_no_address(const void *where, size_t size)
{
	uint64_t base, range;
	const uint8_t *bytes = where;
	hostile_machine->ops->range(&base, &range, hostile_enclave);
	for (size_t at = 0; at + 8 <= size; at++)
		if (load_u64le(bytes + at) - base < range)
			fail_msg("address %#lx of the enclave at %zu", load_u64le(bytes + at), at);
}

/* Everything that the host can see after an entry: both windows, and the registers. */
static struct hostile_result enter_and_look(uint64_t code, uint64_t a, uint64_t b)
{
	struct hostile_result result = hostile_enter(0, code, a, b);
	const uint64_t registers[] = {result.status, result.size};
	assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
	assert_no_address(hostile_arena, (size_t)2 * HOSTILE_WINDOW);
	assert_no_address(registers, sizeof(registers));
	return result;
}

static void no_address_leaves(void **state)
{
	static const uint8_t target[512];
	const uint64_t arena = (uint64_t)(uintptr_t)hostile_arena;
	(void)state;
	enter_and_look(ENTRY_START, arena + 1, 2 * HOSTILE_WINDOW);
	enter_and_look(ENTRY_START, arena, 2 * HOSTILE_WINDOW);
	hostile_learn_keys();
	/* Replies, refusals of each kind, reports, calls that answer, fail and trap, console text.
	 */
	static const char *const mails[] = {
		"r", "rather more of a reply", "u", "z", "o", "s", "l", "?"};
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		hostile_put(FRAME_REPORT, 1, BYTES_OF(target));
		hostile_put(FRAME_CALL, 2, BYTES_LIT("echo"));
		hostile_put(FRAME_CALL, 3, BYTES_LIT("u"));
		hostile_put(FRAME_DELIVER, 4,
			hostile_seal('A', i, bytes_of(mails[i], strlen(mails[i]))));
		hostile_put(FRAME_DELIVER, 5, hostile_seal('B', i * 2, BYTES_LIT("r")));
		hostile_put(FRAME_DELIVER, 6, BYTES_LIT("not a mail"));
		assert_int_equal(
			enter_and_look(ENTRY_TURN, hostile_take_put(), 0).status, ENTRY_OK);
		assert_int_equal(enter_and_look(ENTRY_TURN, 8, 0).status, ENTRY_REFUSED_FRAME);
	}
	enter_and_look(9, arena, arena);
	enter_and_look(ENTRY_STOP, 0, 0);
}

/* -- T-16 -- */

#define FRAMES_MAX 8u

/* A turn's frames, decoded by the specification alone (docs/spec/frames.md, section 3). */
struct decoded {
	size_t count;
	struct frame_header headers[FRAMES_MAX];
	const uint8_t *payloads[FRAMES_MAX];
};

static size_t padded(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static bool decode(struct decoded *out, const uint8_t *from, size_t size)
{
	out->count = 0;
	for (size_t at = 0; at < size;) {
		struct frame_header *header = &out->headers[out->count];
		if (size - at < sizeof(*header) || out->count == FRAMES_MAX)
			return false;
		memcpy(header, from + at, sizeof(*header));
		at += sizeof(*header);
		if (padded(header->size) > size - at)
			return false;
		out->payloads[out->count++] = from + at;
		at += padded(header->size);
	}
	return true;
}

/* What a decoder keeps of a frame, put together again. */
static size_t encode(uint8_t *out, const struct decoded *from)
{
	size_t at = 0;
	for (size_t i = 0; i < from->count; i++) {
		const struct frame_header *header = &from->headers[i];
		struct frame_header kept = {.type = header->type,
			.size = header->size,
			.id = header->id,
			.route = header->type == FRAME_DELIVER || header->type == FRAME_POST
					 ? header->route
					 : 0};
		memset(out + at, 0, sizeof(kept) + padded(kept.size));
		memcpy(out + at, &kept, sizeof(kept));
		memcpy(out + at + sizeof(kept), from->payloads[i], kept.size);
		at += sizeof(kept) + padded(kept.size);
	}
	return at;
}

static bool is_request(const struct frame_header *header)
{
	switch (header->type) {
	case FRAME_REPORT: return header->size == 512 || header->size == 512 + FRAME_NONCE_SIZE;
	case FRAME_DELIVER: return header->size != 0;
	case FRAME_CALL: return true;
	case FRAME_TICK: return header->size == 8;
	default: return false;
	}
}

/* Legal is what decodes, encodes to the same bytes, and is in the table. */
static bool legal(const uint8_t *frames, size_t size)
{
	static uint8_t again[HOSTILE_WINDOW];
	struct decoded decoded;
	size_t reports = 0;
	if (size % 8 != 0 || !decode(&decoded, frames, size) || encode(again, &decoded) != size ||
		memcmp(again, frames, size) != 0)
		return false;
	for (size_t i = 0; i < decoded.count; i++) {
		if (!is_request(&decoded.headers[i]) || decoded.headers[i].id == 0)
			return false;
		reports += decoded.headers[i].type == FRAME_REPORT ? 1 : 0;
	}
	return reports <= 1;
}

/* The enclave agrees with the specification, and what it answers is in the one encoding too. */
static bool check_turn(const uint8_t *frames, size_t size)
{
	static uint8_t again[HOSTILE_WINDOW];
	struct decoded answers;
	bool expected = legal(frames, size);

	memcpy(hostile_arena, frames, size);
	struct hostile_result result = hostile_enter(0, ENTRY_TURN, size, 0);
	assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(result.status, expected ? ENTRY_OK : ENTRY_REFUSED_FRAME);
	if (!expected)
		return false;
	const uint8_t *out = hostile_arena + HOSTILE_WINDOW;
	assert_true(decode(&answers, out, result.size));
	assert_int_equal(encode(again, &answers), result.size);
	assert_memory_equal(again, out, result.size);
	return true;
}

static size_t take(uint8_t *out)
{
	size_t size = hostile_take_put();
	memcpy(out, hostile_arena, size);
	return size;
}

/* Each bit of headers and gaps either means something or is refused. */
static void every_bit_means_something(void **state)
{
	uint8_t time[8] = {1}, frames[256], damaged[256];
	unsigned accepted = 0, refused = 0;
	(void)state;
	hostile_start();
	hostile_put(FRAME_TICK, 1, BYTES_OF(time));
	hostile_put(FRAME_CALL, 2, BYTES_LIT("e5678"));
	hostile_put(FRAME_DELIVER, 3, BYTES_LIT("not a mail"));
	size_t size = take(frames);
	assert_true(check_turn(frames, size));
	for (size_t bit = 0; bit < 8 * size; bit++) {
		memcpy(damaged, frames, size);
		damaged[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (check_turn(damaged, size))
			accepted++;
		else
			refused++;
	}
	for (size_t cut = 0; cut < size; cut++)
		check_turn(frames, cut);
	/* 3 ids and a route of 64 bits, payloads, one type that becomes another. */
	assert_true(accepted > 4 * 64 && refused > 300);
}

static uint64_t next_random = 11;

static uint64_t random_word(void)
{
	next_random ^= next_random >> 12;
	next_random ^= next_random << 25;
	next_random ^= next_random >> 27;
	return next_random * 0x2545f4914f6cdd1dull;
}

/* Fields from the edges of their ranges, counts of every kind, the same frame twice. */
static void odd_frames_are_judged_by_the_specification(void **state)
{
	static const uint32_t types[] = {0, 1, 2, 3, 3, 3, 4, 4, 5, 64, 71, UINT32_MAX};
	static const uint32_t sizes[] = {0, 1, 7, 8, 8, 9, 512, 544, 0x7fffffff, UINT32_MAX - 6};
	static const uint64_t ids[] = {1, 1, 1, 2, UINT64_MAX, 0};
	static uint8_t frames[HOSTILE_WINDOW];
	unsigned accepted = 0;
	(void)state;
	hostile_start();
	for (unsigned round = 0; round < 3000; round++) {
		size_t at = 0;
		for (size_t count = random_word() % 5; count > 0; count--) {
			struct frame_header header = {.type = types[random_word() % 12],
				.size = sizes[random_word() % 10],
				.id = ids[random_word() % 6]};
			if (random_word() % 3 != 0 && header.type == FRAME_TICK)
				header.size = 8;
			if (header.type == FRAME_REPORT)
				header.size = 512;
			memcpy(frames + at, &header, sizeof(header));
			at += sizeof(header);
			size_t there = header.size > 1024 ? 8 : padded(header.size);
			memset(frames + at, 0, there);
			at += there;
		}
		accepted += check_turn(frames, at) ? 1 : 0;
	}
	assert_true(accepted > 300 && accepted < 2700);
}

/* As many frames as the limit, one more, and a window full of them. */
static void counts_are_bounded(void **state)
{
	static uint8_t frames[HOSTILE_WINDOW];
	const size_t most = FRAME_REQUESTS_MAX(HOSTILE_WINDOW), all = HOSTILE_WINDOW / 32;
	const size_t counts[] = {0, 1, most, most + 1, all};
	(void)state;
	hostile_start();
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t n = 0; n < counts[i]; n++) {
			struct frame_header header = {.type = FRAME_CALL, .id = 7};
			memcpy(frames + 32 * n, &header, sizeof(header));
		}
		memcpy(hostile_arena, frames, 32 * counts[i]);
		struct hostile_result result = hostile_enter(0, ENTRY_TURN, 32 * counts[i], 0);
		assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
		assert_int_equal(result.status, counts[i] <= most ? ENTRY_OK : ENTRY_REFUSED_FRAME);
	}
}

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(no_address_leaves),
		hostile_test(every_bit_means_something),
		hostile_test(odd_frames_are_judged_by_the_specification),
		hostile_test(counts_are_bounded),
	};
	return cmocka_run_group_tests_name("format", tests, hostile_setup, hostile_teardown);
}
