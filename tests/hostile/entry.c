/* Entering with everything a host can choose, and looking at everything it gets back. T-01 to T-06,
 * T-10 and T-22 of the threat table, on a real image. */
#include <cpuid.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "hostile_world.h"

#define XSAVE_SIZE 4096
#define XSAVE_FCW 0
#define XSAVE_FTW 4
#define XSAVE_MXCSR 24
#define XSAVE_ST 32
#define XSAVE_XMM 160
#define XSAVE_BV 512
#define XSAVE_YMM 576
#define COMPONENT_LEGACY 3u
#define COMPONENT_AVX 4u
#ifdef HOSTILE_VAES /* masks, upper halves of ZMM0-15, ZMM16-31 */
#define COMPONENTS_AVX512 0xe0u
#else
#define COMPONENTS_AVX512 0u
#endif

#define RFLAGS_TF 0x100u
#define RFLAGS_DF 0x400u
#define RFLAGS_NT 0x4000u
#define RFLAGS_AC 0x40000u
#define RFLAGS_CONDITIONS 0x8d5u

static uint64_t next_random = 1;

/* xorshift64*: junk, and the same junk every time. */
static uint64_t random_word(void)
{
	next_random ^= next_random >> 12;
	next_random ^= next_random << 25;
	next_random ^= next_random >> 27;
	return next_random * 0x2545f4914f6cdd1dull;
}

/* A raw entry that must leave by EEXIT. */
static void enter_raw(unsigned lane, struct soft_raw *raw)
{
	enum machine_exit exit;
	struct machine_exception exception = {0};

	assert_int_equal(
		soft_enter_raw(&exit, &exception, hostile_enclave, hostile_tcs(lane), raw, 0),
		CONCLAVE_OK);
	if (exit != MACHINE_EXIT_EEXIT)
		fail_msg("exception %u at %#lx, address %#lx", exception.vector, exception.rip,
			exception.address);
}

/* A turn of what was put, with the rest of raw as the test made it. */
static struct hostile_result turn_raw(struct soft_raw *raw)
{
	raw->registers.rdi = ENTRY_TURN;
	raw->registers.rsi = hostile_take_put();
	raw->registers.rdx = 0;
	enter_raw(0, raw);
	assert_int_equal(raw->registers.rdi, ENTRY_OK);
	return (struct hostile_result){.status = raw->registers.rdi, .size = raw->registers.rsi};
}

/* A call whose answer needs memcpy forwards and backwards, stack, tables and relocated pointers. */
static void assert_works_with(struct soft_raw *raw)
{
	static const char text[] = "echo: a text that is longer than any register";
	hostile_put(FRAME_CALL, 1, BYTES_OF(text));
	struct bytes answer = hostile_answer(turn_raw(raw), FRAME_RETURN);
	assert_int_equal(answer.len, 4 + sizeof(text));
	assert_memory_equal(answer.ptr + 4, text, sizeof(text));
}

/* T-01 */
static void flags_of_the_host_do_not_matter(void **state)
{
	static const uint64_t bits[] = {RFLAGS_DF, RFLAGS_AC, RFLAGS_NT, RFLAGS_CONDITIONS};
	(void)state;
	hostile_start();
	for (unsigned set = 0; set < 16; set++) {
		struct soft_raw raw = {0};
		for (unsigned i = 0; i < 4; i++)
			raw.registers.rflags |= (set >> i & 1) != 0 ? bits[i] : 0;
		assert_works_with(&raw);
		assert_int_equal(raw.registers.rflags & (RFLAGS_DF | RFLAGS_AC | RFLAGS_NT), 0);
	}
}

static _Alignas(64) uint8_t vectors_in[XSAVE_SIZE], vectors_out[XSAVE_SIZE];

/* T-02: all 2^10 settings of MXCSR's masks, rounding, DAZ and FZ, each with another x87 control
 * word: the same bits come out. */
static void control_words_of_the_host_do_not_matter(void **state)
{
	uint8_t expected[12];
	(void)state;
	hostile_start();
	struct bytes answer = hostile_call(BYTES_LIT("f"));
	assert_int_equal(answer.len, sizeof(expected));
	memcpy(expected, answer.ptr, sizeof(expected));

	for (unsigned setting = 0; setting < 1024; setting++) {
		struct soft_raw raw = {.vectors = vectors_in, .vectors_mask = COMPONENT_LEGACY};
		memset(vectors_in, 0, sizeof(vectors_in));
		store_u16le(vectors_in + XSAVE_FCW, (uint16_t)(random_word() & 0x1f3f));
		store_u32le(vectors_in + XSAVE_MXCSR, setting << 6);
		store_u64le(vectors_in + XSAVE_BV, COMPONENT_LEGACY);
		hostile_put(FRAME_CALL, 1, BYTES_LIT("f"));
		struct bytes got = hostile_answer(turn_raw(&raw), FRAME_RETURN);
		assert_int_equal(got.len, sizeof(expected));
		assert_memory_equal(got.ptr, expected, sizeof(expected));
	}
}

/* T-03 */
static void registers_of_the_host_are_not_read(void **state)
{
	(void)state;
	hostile_start();
	for (unsigned i = 0; i < 200; i++) {
		struct soft_raw raw = {0};
		uint64_t *words = (uint64_t *)&raw.registers;
		for (unsigned n = 0; n < 16; n++)
			words[n] = random_word();
		if (i % 2 == 0)
			raw.registers.rsp = (uint64_t)(uintptr_t)hostile_arena + 8;
		struct soft_registers before = raw.registers;
		assert_works_with(&raw);
		assert_int_equal(raw.registers.rsp, before.rsp);
		assert_int_equal(raw.registers.rbp, before.rbp);
	}
}

static bool has_avx(void)
{
	return __builtin_cpu_supports("avx") != 0;
}

/* Where a component lies in an XSAVE image of standard format (SDM 1, 13.4.3). */
static struct buffer component(uint8_t *vectors, unsigned index)
{
	unsigned size, offset, c, d;
	__cpuid_count(0xd, index, size, offset, c, d);
	assert_true(offset + size <= XSAVE_SIZE);
	return (struct buffer){vectors + offset, size};
}

static void plant_vectors(struct soft_raw *raw)
{
	for (size_t i = 0; i < 512; i++)
		vectors_in[i] = (uint8_t)(i >= XSAVE_ST && i < 416 ? 0xc0 + i % 32 : 0);
	memset(vectors_in + XSAVE_BV, 0, 64);
	memset(vectors_in + XSAVE_YMM, 0x5a, 256);
	for (size_t i = 0; i < 8; i++) /* ST0-7: 80 bits each, the rest reserved */
		memset(vectors_in + XSAVE_ST + 16 * i + 10, 0, 6);
	store_u16le(vectors_in + XSAVE_FCW, 0x37f);
	vectors_in[XSAVE_FTW] = 0xff;
	store_u32le(vectors_in + XSAVE_MXCSR, 0x1f80);
	raw->vectors_mask = COMPONENT_LEGACY | COMPONENTS_AVX512 | (has_avx() ? COMPONENT_AVX : 0);
	for (unsigned i = 5; i < 8; i++)
		if ((COMPONENTS_AVX512 >> i & 1) != 0)
			memset(component(vectors_in, i).ptr, 0x5a, component(vectors_in, i).len);
	store_u64le(vectors_in + XSAVE_BV, raw->vectors_mask);
	memset(vectors_out, 0, sizeof(vectors_out));
	raw->vectors = vectors_in;
	raw->vectors_out = (struct buffer){vectors_out, sizeof(vectors_out)};
}

/* All general registers but the result, the leaf, the way out and the host's own two. */
static void assert_registers_scrubbed(const struct soft_registers *after)
{
	assert_int_equal(after->rax, 4);
	assert_int_equal(after->rbx, (uint64_t)(uintptr_t)soft_switch_return);
	assert_int_equal(
		after->rcx, (uint64_t)(uintptr_t)soft_switch_return); /* EEXIT's: the AEP */
	const uint64_t zero[] = {after->rdx, after->r8, after->r9, after->r10, after->r11,
		after->r12, after->r13, after->r14, after->r15};
	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		assert_int_equal(zero[i], 0);
}

/* With XFRM 3 code inside cannot touch the upper halves of vector registers, and they come back as
 * the host set them. With AVX-512 in it, they and the masks are scrubbed. */
static void assert_wide_registers_fit_xfrm(void)
{
	if (COMPONENTS_AVX512 == 0) {
		if (has_avx())
			assert_memory_equal(vectors_out + XSAVE_YMM, vectors_in + XSAVE_YMM, 256);
		return;
	}
	uint64_t in_use = load_u64le(vectors_out + XSAVE_BV);
	for (unsigned i = 2; i < 8; i++) {
		struct buffer part = component(vectors_out, i);
		if (((COMPONENT_AVX | COMPONENTS_AVX512) & in_use) >> i & 1)
			for (size_t at = 0; at < part.len; at++)
				assert_int_equal(part.ptr[at], 0);
	}
}

static void assert_scrubbed(const struct soft_raw *raw)
{
	assert_registers_scrubbed(&raw->registers);
	assert_int_equal(raw->registers.rflags & RFLAGS_CONDITIONS, 0x44); /* ZF and PF, always */
	assert_int_equal(load_u16le(vectors_out + XSAVE_FCW), 0x37f);
	assert_int_equal(vectors_out[XSAVE_FTW], 0);
	assert_int_equal(load_u32le(vectors_out + XSAVE_MXCSR), 0x1f80);
	for (size_t at = XSAVE_ST; at < XSAVE_XMM + 256; at++)
		assert_int_equal(vectors_out[at], 0);
	assert_wide_registers_fit_xfrm();
}

/* T-04: after turns that handled secrets nothing is left in any register. */
static void registers_say_nothing_on_the_way_out(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (unsigned i = 0; i < 3; i++) {
		struct soft_raw raw = {0};
		plant_vectors(&raw);
		hostile_put(FRAME_DELIVER, 1, hostile_seal('A', i, BYTES_LIT("r a secret")));
		hostile_put(FRAME_CALL, 2, BYTES_LIT("f"));
		turn_raw(&raw);
		assert_scrubbed(&raw);
	}
}

/* The same of every way to be refused. */
static void refusals_scrub_too(void **state)
{
	(void)state;
	for (unsigned started = 0; started < 2; started++) {
		for (uint64_t code = 0; code < 8; code++) {
			struct soft_raw raw = {.registers = {.rdi = code, .rsi = 1, .rdx = 1}};
			plant_vectors(&raw);
			enter_raw(code % 2, &raw);
			assert_int_not_equal(raw.registers.rdi, ENTRY_OK);
			assert_int_equal(raw.registers.rsi, 0);
			assert_scrubbed(&raw);
		}
		if (started == 0)
			hostile_start();
	}
}

/* -- the same of questions and answers -- */

/* A mail of several pieces that the guest reads and answers; the turn asks for its first. */
static struct bytes begin_stream(struct soft_raw *raw, uint64_t sequence)
{
	static uint8_t body[200000] = "H a secret";
	uint8_t size[8];
	struct bytes mail = hostile_seal_long('A', sequence, BYTES_OF(body));
	store_u64le(size, mail.len);
	hostile_put(FRAME_STREAM, 3, BYTES_OF(size));
	raw->registers.rdi = ENTRY_TURN;
	raw->registers.rsi = hostile_take_put();
	raw->registers.rdx = 0;
	enter_raw(0, raw);
	return mail;
}

static void put_answer(struct soft_raw *raw, struct bytes mail)
{
	struct hostile_ask ask = hostile_asked((struct hostile_result){.exit = MACHINE_EXIT_EEXIT,
		.status = raw->registers.rdi,
		.size = raw->registers.rsi});
	hostile_put(FRAME_PIECE, ask.id, bytes_slice(mail, ask.offset, ask.size));
	raw->registers.rdi = ENTRY_ANSWER;
	raw->registers.rsi = hostile_take_put();
	raw->registers.rdx = 0;
}

/* T-04 with T-02: the guest's state survives the question, whatever the host loads meanwhile, and
 * the host sees none of it. */
static void questions_scrub_too(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (unsigned i = 0; i < 3; i++) {
		struct soft_raw raw = {0};
		unsigned asked = 0;
		plant_vectors(&raw);
		struct bytes mail = begin_stream(&raw, i);
		for (; raw.registers.rdi == ENTRY_ASKING; asked++) {
			assert_scrubbed(&raw);
			put_answer(&raw, mail);
			plant_vectors(&raw);
			store_u32le(vectors_in + XSAVE_MXCSR, 0x1f80 | asked << 13);
			store_u16le(vectors_in + XSAVE_FCW, 0x07f);
			raw.registers.rflags = RFLAGS_DF | RFLAGS_AC | RFLAGS_NT;
			enter_raw(0, &raw);
		}
		assert_int_equal(raw.registers.rdi, ENTRY_OK);
		assert_int_equal(asked, 4);
		assert_scrubbed(&raw);
		struct hostile_result result = {.size = raw.registers.rsi};
		hostile_answer(result, FRAME_ACK);
	}
}

/* T-03: each exit gives back what its own entry came with, and nothing of it is used. */
static void registers_of_an_answer_are_not_read(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (unsigned i = 0; i < 20; i++) {
		struct soft_raw raw = {0};
		struct bytes mail = begin_stream(&raw, i);
		while (raw.registers.rdi == ENTRY_ASKING) {
			struct soft_registers junk;
			uint64_t *words = (uint64_t *)&junk;
			for (unsigned n = 0; n < 16; n++)
				words[n] = random_word();
			junk.rflags = 0;
			put_answer(&raw, mail);
			junk.rdi = raw.registers.rdi;
			junk.rsi = raw.registers.rsi;
			junk.rdx = raw.registers.rdx;
			raw.registers = junk;
			enter_raw(0, &raw);
			assert_int_equal(raw.registers.rsp, junk.rsp);
			assert_int_equal(raw.registers.rbp, junk.rbp);
		}
		assert_int_equal(raw.registers.rdi, ENTRY_OK);
		struct hostile_result result = {.size = raw.registers.rsi};
		hostile_answer(result, FRAME_ACK);
	}
}

/* What is refused while a turn waits says nothing either, and harms nothing. */
static void refusals_at_a_question_scrub_too(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct soft_raw turn = {0};
	struct bytes mail = begin_stream(&turn, 0);
	put_answer(&turn, mail);
	for (uint64_t code = 0; code < 16; code++) {
		struct soft_raw raw = {.registers = {.rdi = code / 2, .rsi = 1, .rdx = 1}};
		plant_vectors(&raw);
		enter_raw(code % 2, &raw);
		if (code % 2 != 0)
			assert_int_equal(raw.registers.rdi, ENTRY_BUSY);
		assert_int_not_equal(raw.registers.rdi, ENTRY_OK);
		assert_int_not_equal(raw.registers.rdi, ENTRY_ASKING);
		assert_int_equal(raw.registers.rsi, 0);
		assert_scrubbed(&raw);
	}
	for (enter_raw(0, &turn); turn.registers.rdi == ENTRY_ASKING; enter_raw(0, &turn))
		put_answer(&turn, mail);
	assert_int_equal(turn.registers.rdi, ENTRY_OK);
}

/* T-05 */
static void unknown_codes_are_refused(void **state)
{
	(void)state;
	hostile_start();
	for (uint64_t code = 0; code < 0x10000; code += code < 0x400 ? 1 : 0xfd)
		if (code < ENTRY_START || code > ENTRY_ANSWER)
			assert_int_equal(
				hostile_enter(0, code, code, ~code).status, ENTRY_REFUSED_CODE);
	for (unsigned bit = 8; bit < 64; bit++)
		assert_int_equal(hostile_enter(0, 1ull << bit | ENTRY_TURN, 0, 0).status,
			ENTRY_REFUSED_CODE);
	hostile_call(BYTES_LIT("echo"));
}

/* T-06 and the sizes of T-10 */
static void arena_has_one_size(void **state)
{
	static const uint64_t sizes[] = {0, 1, 8, 4096, HOSTILE_WINDOW, 2 * HOSTILE_WINDOW - 4096,
		2 * HOSTILE_WINDOW - 8, 2 * HOSTILE_WINDOW - 1, 2 * HOSTILE_WINDOW + 1,
		2 * HOSTILE_WINDOW + 8, 2 * HOSTILE_WINDOW + 4096, 4 * HOSTILE_WINDOW,
		(1ull << 32) + 2 * HOSTILE_WINDOW, 1ull << 47, 1ull << 63, UINT64_MAX};
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(
			hostile_enter(0, ENTRY_START, (uint64_t)(uintptr_t)hostile_arena, sizes[i])
				.status,
			ENTRY_REFUSED_ARENA);
	hostile_start();
}

/* T-10: every page around both ends of the enclave, and the ends of the address space. */
static void arena_lies_wholly_outside(void **state)
{
	uint64_t base, size;
	const uint64_t arena = 2 * HOSTILE_WINDOW;
	(void)state;
	hostile_machine->ops->range(&base, &size, hostile_enclave);
	const uint64_t odd[] = {0, 1, 4095, base, base + size / 2, base + size - 4096, 1ull << 47,
		(1ull << 47) - arena + 4096, (1ull << 48) - 4096, 1ull << 63,
		UINT64_MAX - arena + 1, UINT64_MAX - 4095, UINT64_MAX,
		(uint64_t)(uintptr_t)hostile_arena + 8, (uint64_t)(uintptr_t)hostile_arena + 2048};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_int_equal(
			hostile_enter(0, ENTRY_START, odd[i], arena).status, ENTRY_REFUSED_ARENA);
	for (uint64_t address = base - arena + 4096; address < base + 4 * arena; address += 4096)
		assert_int_equal(
			hostile_enter(0, ENTRY_START, address, arena).status, ENTRY_REFUSED_ARENA);
	for (uint64_t address = base + size - 4 * arena; address < base + size; address += 4096)
		assert_int_equal(
			hostile_enter(0, ENTRY_START, address, arena).status, ENTRY_REFUSED_ARENA);
	hostile_start();
}

/* The neighbours on both sides, with not a byte between, are outside. */
static void arena_may_touch_the_enclave(void **state)
{
	uint64_t base, size;
	for (unsigned side = 0; side < 2; side++) {
		hostile_machine->ops->range(&base, &size, hostile_enclave);
		uint64_t address = side == 0 ? base - 2 * HOSTILE_WINDOW : base + size;
		struct hostile_result result =
			hostile_enter(0, ENTRY_START, address, 2 * HOSTILE_WINDOW);
		/* Accepted; what lies there need not be memory at all, which is the host's loss. */
		assert_true(result.exit == MACHINE_EXIT_FAULT || result.status == ENTRY_OK);
		hostile_unload(state);
		hostile_load(state);
	}
}

/* T-22: while a turn is interrupted, neither its lane nor another gets in, and it goes on unharmed.
 */
static void entries_do_not_nest(void **state)
{
	enum machine_exit exit;
	struct machine_exception exception;
	(void)state;
	hostile_start();
	size_t size = hostile_put(FRAME_CALL, 1, BYTES_LIT("echo"));
	hostile_take_put();
	struct soft_raw raw = {.registers = {.rdi = ENTRY_TURN, .rsi = size}, .single_step = true};
	assert_int_equal(
		soft_enter_raw(&exit, &exception, hostile_enclave, hostile_tcs(0), &raw, 0),
		CONCLAVE_OK);

	/* Before it has taken the lock and after it has given it back the other lane gets in. */
	unsigned busy = 0;
	for (unsigned step = 0; exit != MACHINE_EXIT_EEXIT; step++) {
		if (step % 97 == 50) {
			assert_int_equal(
				hostile_enter(0, step % 4, 0, 0).status, ENTRY_REFUSED_STATE);
			uint64_t status = hostile_enter(1, 0, 0, 0).status;
			assert_true(status == ENTRY_BUSY || status == ENTRY_REFUSED_CODE);
			busy += status == ENTRY_BUSY ? 1 : 0;
		}
		assert_int_equal(soft_resume_raw(&exit, &exception, hostile_enclave, hostile_tcs(0),
					 &raw, 0),
			CONCLAVE_OK);
	}
	assert_true(busy > 30);
	assert_int_equal(raw.registers.rdi, ENTRY_OK);
	struct hostile_result result = {.size = raw.registers.rsi};
	assert_memory_equal(hostile_answer(result, FRAME_RETURN).ptr, "\0\0\0\0echo", 8);
	assert_int_equal(hostile_enter(1, ENTRY_TURN, 0, 0).status, ENTRY_OK);
}

/* The same of a question: interrupted at any step of the way out or in again, nobody gets in. */
static void questions_do_not_nest(void **state)
{
	enum machine_exit exit;
	struct machine_exception exception;
	unsigned steps = 0;
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct soft_raw raw = {0};
	struct bytes mail = begin_stream(&raw, 0);
	while (raw.registers.rdi == ENTRY_ASKING) {
		put_answer(&raw, mail);
		raw.single_step = true;
		assert_int_equal(
			soft_enter_raw(&exit, &exception, hostile_enclave, hostile_tcs(0), &raw, 0),
			CONCLAVE_OK);
		for (; exit != MACHINE_EXIT_EEXIT; steps++) {
			raw.single_step =
				steps % 4096 < 300; /* the way in, and some of what follows */
			assert_int_equal(
				hostile_enter(0, ENTRY_ANSWER, 0, 0).status, ENTRY_REFUSED_STATE);
			assert_int_equal(hostile_enter(1, ENTRY_ANSWER, 0, 0).status, ENTRY_BUSY);
			assert_int_equal(soft_resume_raw(&exit, &exception, hostile_enclave,
						 hostile_tcs(0), &raw, 0),
				CONCLAVE_OK);
		}
		raw.single_step = false;
	}
	assert_true(steps > 250);
	assert_int_equal(raw.registers.rdi, ENTRY_OK);
	assert_int_equal(hostile_enter(1, ENTRY_TURN, 0, 0).status, ENTRY_OK);
}

/* A fault inside is the end: nothing gets in again by any lane. */
static void assert_nothing_runs(void)
{
	for (uint64_t code = 0; code < 6; code++) {
		assert_int_equal(hostile_enter(0, code, 0, 0).status, ENTRY_REFUSED_STATE);
		assert_int_equal(hostile_enter(1, code, 0, 0).status, ENTRY_BUSY);
	}
}

static void nothing_runs_after_a_fault(void **state)
{
	(void)state;
	hostile_start();
	hostile_put(FRAME_CALL, 1, BYTES_LIT("echo"));
	assert_int_equal(mprotect(hostile_arena, HOSTILE_WINDOW, PROT_NONE), 0);
	struct hostile_result result = hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0);
	assert_int_equal(mprotect(hostile_arena, HOSTILE_WINDOW, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(result.exit, MACHINE_EXIT_FAULT);
	assert_nothing_runs();
}

static void nothing_runs_after_a_fault_at_an_answer(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct soft_raw raw = {0};
	struct bytes mail = begin_stream(&raw, 0);
	put_answer(&raw, mail);
	assert_int_equal(mprotect(hostile_arena, HOSTILE_WINDOW, PROT_NONE), 0);
	struct hostile_result result = hostile_enter(0, ENTRY_ANSWER, raw.registers.rsi, 0);
	assert_int_equal(mprotect(hostile_arena, HOSTILE_WINDOW, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(result.exit, MACHINE_EXIT_FAULT);
	assert_nothing_runs();
}

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(flags_of_the_host_do_not_matter),
		hostile_test(control_words_of_the_host_do_not_matter),
		hostile_test(registers_of_the_host_are_not_read),
		hostile_test(registers_say_nothing_on_the_way_out),
		hostile_test(refusals_scrub_too),
		hostile_test(questions_scrub_too),
		hostile_test(registers_of_an_answer_are_not_read),
		hostile_test(refusals_at_a_question_scrub_too),
		hostile_test(unknown_codes_are_refused),
		hostile_test(arena_has_one_size),
		hostile_test(arena_lies_wholly_outside),
		hostile_test(arena_may_touch_the_enclave),
		hostile_test(entries_do_not_nest),
		hostile_test(questions_do_not_nest),
		hostile_test(nothing_runs_after_a_fault),
		hostile_test(nothing_runs_after_a_fault_at_an_answer),
	};
	return cmocka_run_group_tests_name("entry", tests, hostile_setup, hostile_teardown);
}
