/* One turn of a running enclave with a hostile in window. The first byte chooses by its two lowest
 * bits:
 *   0, 2  the rest is the window as it is. What is asked for then is the same bytes over and over
 *   1     the rest is bodies of mail, each sealed by a client and delivered in order: u8 client,
 *         u8 size, body
 *   3     one mail is streamed: u8 client, u32 what is cut off its end, u32 where it is altered, u8
 *         how, and its body, 600 times over
 * Whatever comes: the answer is well-formed, nothing is written past it, and what the guest does is
 * bounded by what it may. */
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

static uint64_t sequences[4];
static struct bytes junk; /* not empty */

static void answer_junk(const struct world_ask *ask)
{
	static uint8_t piece[WORLD_WINDOW];
	for (size_t i = 0; i < ask->size; i++)
		piece[i] = junk.ptr[(ask->offset + i) % junk.len];
	assert_int_equal(
		world_piece(ask->id + 1, bytes_of(piece, ask->size)).status, ENTRY_REFUSED_FRAME);
	assert_int_equal(world_piece(ask->id, bytes_of(piece, ask->size)).status, TURN_GOES_ON);
}

static struct entry_result raw_window(struct bytes window)
{
	junk = window.len != 0 ? window : BYTES_LIT("junk");
	world_asked = answer_junk;
	window = bytes_slice(window, 0, WORLD_WINDOW);
	if (window.len != 0)
		memcpy(world_in(), window.ptr, window.len);
	return turn_enter(ENTRY_TURN, window.len & ~(size_t)7, 0);
}

static struct entry_result mail_bodies(struct reader reader)
{
	for (uint64_t id = 1; id < 32 && reader.rest.len != 0; id++) {
		uint8_t client = read_u8(&reader) % 4;
		struct bytes body = read_bytes(&reader, read_u8(&reader));
		world_put(FRAME_DELIVER, id, client,
			world_seal((char)('A' + client), "t", sequences[client]++, body));
	}
	return world_turn();
}

static struct entry_result streamed_mail(struct reader reader)
{
	static uint8_t body[600 * 256], mail[sizeof(body) + 1024];
	uint8_t client = read_u8(&reader) % 4;
	uint32_t cut = read_u32le(&reader), place = read_u32le(&reader);
	uint8_t change = read_u8(&reader);
	struct bytes part = bytes_slice(reader.rest, 0, 256);

	for (size_t i = 0; i < 600 && part.len != 0; i++)
		memcpy(body + i * part.len, part.ptr, part.len);
	struct bytes sealed = world_seal_long(
		(char)('A' + client), "t", sequences[client]++, bytes_of(body, 600 * part.len));
	memcpy(mail, sealed.ptr, sealed.len);
	mail[place % sealed.len] ^= change;
	world_asked = world_answer_honestly;
	return world_stream(1, client, bytes_of(mail, sealed.len - cut % sealed.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start_once();
	if (size == 0)
		return 0;
	memset(world_out(), 0xee, WORLD_WINDOW);
	struct bytes rest = bytes_of(data + 1, size - 1);
	struct entry_result result;
	if ((data[0] & 1) == 0)
		result = raw_window(rest);
	else if ((data[0] & 2) == 0)
		result = mail_bodies(reader_of(rest));
	else
		result = streamed_mail(reader_of(rest));

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
