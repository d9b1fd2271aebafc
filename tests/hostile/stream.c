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

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(any_size_is_read_whole),
	};
	return cmocka_run_group_tests_name("stream", tests, hostile_setup, hostile_teardown);
}
