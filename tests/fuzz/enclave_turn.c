/* One turn of a running enclave with a hostile in window. The first byte chooses: even, the rest is
 * the window as it is; odd, the rest is bodies of mail, each sealed by a client and delivered in
 * order: u8 client, u8 size, body. Whatever comes: the answer is well-formed, nothing is written
 * past it, and what the guest does is bounded by what it may. */
#include "../enclave_world.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void start_once(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	assert_int_equal(world_start(), ENTRY_OK);
}

static struct entry_result raw_window(struct bytes window)
{
	window = bytes_slice(window, 0, WORLD_WINDOW);
	if (window.len != 0)
		memcpy(world_in(), window.ptr, window.len);
	return turn_enter(ENTRY_TURN, window.len & ~(size_t)7, 0);
}

static struct entry_result mail_bodies(struct reader reader)
{
	static uint64_t sequence[4];
	for (uint64_t id = 1; id < 32 && reader.rest.len != 0; id++) {
		uint8_t client = read_u8(&reader) % 4;
		struct bytes body = read_bytes(&reader, read_u8(&reader));
		world_put(FRAME_DELIVER, id, client,
			world_seal((char)('A' + client), "t", sequence[client]++, body));
	}
	return world_turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start_once();
	if (size == 0)
		return 0;
	memset(world_out(), 0xee, WORLD_WINDOW);
	struct bytes rest = bytes_of(data + 1, size - 1);
	struct entry_result result =
		(data[0] & 1) == 0 ? raw_window(rest) : mail_bodies(reader_of(rest));

	assert_true(result.status == ENTRY_OK || result.status == ENTRY_REFUSED_FRAME);
	if (result.status == ENTRY_OK) {
		const struct world_answer *answer = world_answer(result);
		assert_int_equal(answer->frames[answer->count - 1].type, FRAME_COMMIT);
	} else {
		assert_int_equal(result.size, 0);
	}
	assert_true(result.size <= WORLD_WINDOW);
	for (size_t at = result.size; at < WORLD_WINDOW; at++)
		assert_int_equal(world_out()[at], 0xee);
	return 0;
}
