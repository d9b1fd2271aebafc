/* Layouts for many decisions: everything has its place, a guard stands where it must, and no other
 * layout with the same decisions is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "image/layout.h"
#include "property/random.h"

#define ROUNDS 2000

static uint64_t between(uint64_t least, uint64_t most, uint64_t unit)
{
	return (least + random_below(most - least + 1)) / unit * unit;
}

/* Decisions in their ranges; often an extreme. */
static struct layout decide(void)
{
	struct layout layout = {
		.lane_count = between(1, 8, 1),
		.stack_size = between(ABI_STACK_SIZE_MIN, 1 << 20, 4096),
		.window_size = between(ABI_WINDOW_SIZE_MIN, 1 << 20, 4096),
		.files_size = between(LAYOUT_FILES_SIZE_MIN, 1 << 24, 4096),
		.peers_max = between(1, ABI_PEERS_MAX, 1),
		.xfrm = between(0, 1, 1) == 0 ? SGX_XFRM_LEGACY : SGX_XFRM_AVX512,
		.guest_size = between(0x10000, ABI_GUEST_MEMORY_MAX, 0x10000),
	};
	if (random_below(4) == 0)
		layout.lane_count = ABI_LANES_MAX;
	if (random_below(4) == 0)
		layout.guest_size = ABI_GUEST_MEMORY_MAX;
	return layout;
}

static bool covers(const struct image_pages *runs, size_t count, uint64_t rva)
{
	for (size_t i = 0; i < count; i++)
		if (rva >= runs[i].rva && rva - runs[i].rva < runs[i].count * 4096)
			return true;
	return false;
}

static void check_runs(const struct layout *l)
{
	struct image_pages runs[LAYOUT_RUNS_MAX];
	size_t count = layout_runs(runs, l, 0);
	uint64_t next = l->lane_rva;

	assert_int_equal(count, l->lane_count * 4 + 2);
	for (size_t i = 0; i < count; i++) {
		assert_true(runs[i].rva >= next);
		next = runs[i].rva + runs[i].count * 4096;
	}
	assert_true(next < l->enclave_size);
	/* The page before everything, on both sides of each stack, and around heap and guest. */
	assert_false(covers(runs, count, l->lane_rva - 4096));
	for (uint64_t lane = 0; lane < l->lane_count; lane++) {
		uint64_t stack = l->lane_rva + lane * l->lane_stride + l->lane_stack;
		assert_false(covers(runs, count, stack - 4096));
		assert_true(covers(runs, count, stack));
		assert_true(covers(runs, count, stack + l->stack_size - 4096));
		assert_false(covers(runs, count, stack + l->stack_size));
	}
	assert_false(covers(runs, count, l->heap_rva - 4096));
	assert_false(covers(runs, count, l->guest_rva - 4096));
	assert_true(covers(runs, count, l->guest_rva + l->guest_size - 4096));
	assert_false(covers(runs, count, l->guest_rva + l->guest_size));
}

static void check_lanes(const struct layout *l)
{
	static uint8_t lanes[ABI_LANES_MAX * LAYOUT_LANE_BYTES];

	layout_write_lanes(lanes, l, 0x1234);
	for (uint64_t lane = 0; lane < l->lane_count; lane++) {
		uint64_t block = l->lane_rva + lane * l->lane_stride;
		struct sgx_tcs tcs;
		struct lane_page page;
		memcpy(&tcs, lanes + lane * LAYOUT_LANE_BYTES, sizeof(tcs));
		memcpy(&page, lanes + lane * LAYOUT_LANE_BYTES + 4096, sizeof(page));
		assert_int_equal(tcs.oentry, 0x1234);
		assert_int_equal(tcs.ossa, block + l->lane_ssa);
		assert_int_equal(tcs.nssa, ABI_SSA_FRAMES);
		assert_int_equal(tcs.cssa, 0);
		assert_int_equal(tcs.flags, 0);
		assert_int_equal(tcs.ofs_base, block + l->lane_page);
		assert_int_equal(tcs.ogs_base, block + l->lane_page);
		assert_int_equal(tcs.fs_limit & 0xfff, 0xfff);
		assert_int_equal(page.stack_top, block + l->lane_stack + l->stack_size);
		assert_int_equal(page.index, lane);
	}
}

static void every_layout_holds(void **state)
{
	(void)random_seed(20);
	size_t accepted = 0;
	(void)state;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct layout layout = decide();
		assert_int_equal(layout_check_decisions(&layout), CONCLAVE_OK);
		layout_place(&layout, between(0, 1 << 24, 4096));
		enum conclave_error error = layout_check(&layout);
		assert_int_equal(error,
			layout.guest_rva <= LAYOUT_NEAR ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT);
		assert_int_equal(layout.enclave_size & (layout.enclave_size - 1), 0);
		check_runs(&layout);
		check_lanes(&layout);
		accepted += error == CONCLAVE_OK;
	}
	assert_true(accepted > ROUNDS / 2);
}

/* Words that others do not follow from, or not always: where the configuration lies (image_parse
 * checks that), and decisions that are rounded up to a page or a power of two. */
static bool is_free(size_t offset)
{
	return offset == offsetof(struct layout, config_rva) ||
	       offset == offsetof(struct layout, config_size) ||
	       offset == offsetof(struct layout, peers_max) ||
	       offset == offsetof(struct layout, guest_size);
}

static void any_other_word_is_refused(void **state)
{
	(void)random_seed(21);
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct layout layout = decide();
		layout.lane_count = 1;
		layout_place(&layout, 0x100000);
		assert_int_equal(layout_check(&layout), CONCLAVE_OK);
		uint64_t *words = (uint64_t *)(void *)&layout;
		size_t word = random_below(sizeof(layout) / 8);
		if (is_free(word * 8))
			continue;
		words[word] ^= 1ull << random_below(64);
		assert_int_not_equal(layout_check(&layout), CONCLAVE_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_holds),
		cmocka_unit_test(any_other_word_is_refused),
	};
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
