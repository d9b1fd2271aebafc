/* T-10, exhaustively: every page address around both ends of the enclave and of the address space,
 * with every size near the right one, against the definition. */
#include "enclave_world.h"

#include "abi/layout.h"
#include "enclave/boundary.h"

/* The definition, in arithmetic that cannot wrap. */
__extension__ typedef unsigned __int128 wide;

static bool acceptable(wide address, wide size)
{
	wide base = (uintptr_t)world_enclave().ptr, end = base + world_enclave().len;
	return size == 2 * WORLD_WINDOW && address % LAYOUT_PAGE == 0 && address != 0 &&
	       address + size <= (wide)1 << 47 && (address + size <= base || address >= end);
}

static unsigned accepted, refused;

static void check(uint64_t address, uint64_t size)
{
	struct arena arena = {0};
	bool ok = arena_accept(&arena, (struct untrusted){address, size}) == CONCLAVE_OK;

	if (ok != acceptable(address, size))
		fail_msg("address %#lx, size %#lx: %s", address, size, ok ? "accepted" : "refused");
	ok ? accepted++ : refused++;
	if (ok) {
		assert_int_equal(arena.in.addr, address);
		assert_int_equal(arena.out.addr, address + WORLD_WINDOW);
		assert_int_equal(arena.in.len + arena.out.len, size);
	} else {
		assert_int_equal(arena.in.addr | arena.in.len | arena.out.addr | arena.out.len, 0);
	}
}

static void arena_is_accepted_by_definition(void **state)
{
	static const uint64_t sizes[] = {0, 1, 8, LAYOUT_PAGE, WORLD_WINDOW, 2 * WORLD_WINDOW - 8,
		2 * WORLD_WINDOW - 1, 2 * WORLD_WINDOW, 2 * WORLD_WINDOW + 1, 2 * WORLD_WINDOW + 8,
		2 * WORLD_WINDOW + LAYOUT_PAGE, 1ull << 32, (1ull << 32) + 2 * WORLD_WINDOW,
		1ull << 47, 1ull << 63, UINT64_MAX};
	const uint64_t base = (uintptr_t)world_enclave().ptr;
	const uint64_t places[] = {0, base, base + world_enclave().len, 1ull << 32, 1ull << 47,
		1ull << 48, 1ull << 63, UINT64_MAX - LAYOUT_PAGE + 1};
	static const int64_t nudges[] = {-8, -1, 0, 1, 8, 64, 2048};
	(void)state;

	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		for (int64_t page = -40; page <= 40; page++)
			for (size_t n = 0; n < sizeof(nudges) / sizeof(nudges[0]); n++)
				for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
					check(places[p] + (uint64_t)(page * (int64_t)LAYOUT_PAGE) +
							(uint64_t)nudges[n],
						sizes[s]);
	for (uint64_t address = base - 2 * WORLD_WINDOW; address <= base + world_enclave().len;
		address += LAYOUT_PAGE)
		check(address, 2 * WORLD_WINDOW);
	assert_true(accepted > 100 && refused > 10000);
}

static void words_are_copied_exactly(void **state)
{
	static uint8_t got[WORLD_WINDOW];
	struct arena arena;
	(void)state;
	assert_int_equal(arena_accept(&arena,
				 (struct untrusted){(uintptr_t)world_arena, sizeof(world_arena)}),
		CONCLAVE_OK);
	for (size_t i = 0; i < sizeof(world_arena); i++)
		world_arena[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t len = 0; len <= 64; len += 8) {
		memset(got, 0xaa, sizeof(got));
		arena_read(got, &arena, len);
		assert_memory_equal(got, world_arena, len);
		assert_int_equal(got[len], 0xaa);
		memset(world_out(), 0xbb, WORLD_WINDOW);
		arena_write(&arena, bytes_of(got, len));
		assert_memory_equal(world_out(), world_arena, len);
		assert_int_equal(world_out()[len], 0xbb);
	}
	arena_read(got, &arena, sizeof(got));
	arena_write(&arena, BYTES_OF(got));
	assert_memory_equal(world_in(), world_out(), WORLD_WINDOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_is_accepted_by_definition),
		cmocka_unit_test(words_are_copied_exactly),
	};
	return cmocka_run_group_tests_name("boundary", tests, NULL, NULL);
}
