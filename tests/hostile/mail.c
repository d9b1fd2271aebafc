/* Mail that a host cuts, alters, repeats or floods with, on a real image: T-30 and T-31 of the
 * threat table, and the measured limit on peers. */
#include <string.h>

#include "hostile_world.h"
#include "mail/noise.h"
#include "mail/packet.h"
#include "mail/prologue.h"

#define PEERS 16u /* tests/guests/hostile/enclave.json */

static struct hostile_result deliver(struct bytes mail)
{
	hostile_put(FRAME_DELIVER, 3, mail);
	return hostile_turn();
}

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

/* Nothing but the same two frames: no post, and no word from a guest that saw it. */
static void assert_unreadable(struct hostile_result result)
{
	assert_int_equal(load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_UNREADABLE);
	assert_int_equal(result.size, 40 + 40);
}

static void assert_refused(struct hostile_result result, char name, enum mail_refusal reason)
{
	assert_int_equal(
		load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_NOT_HANDLED);
	struct mail mail = hostile_open(name, hostile_answer(result, FRAME_POST));
	assert_int_equal(mail_refusal_read(mail.private_header), reason);
}

/* -- T-31 -- */

/* A mail from 'A' in packets of so many bytes, as a writer may choose them. */
static struct bytes seal_in_packets(uint64_t sequence, struct bytes body, size_t packet_size)
{
	static uint8_t space[4096];
	static const uint8_t payload[1];
	struct x25519_secret secret, random;
	struct x25519_public to = hostile_enclave_key();
	struct x25519_pair ephemeral;
	struct mail_cache sender;
	struct aes256_key transport;
	struct packet_stream stream;
	const struct mail_header header = {
		.protocol = MAIL_PROTOCOL, .sequence = sequence, .topic = BYTES_LIT("t")};

	memset(secret.bytes, 'A', sizeof(secret.bytes));
	assert_int_equal(
		crypto_random((struct buffer){random.bytes, sizeof(random.bytes)}), CONCLAVE_OK);
	mail_cache_init(&sender, &secret, NULL, 0);
	x25519_pair_init(&ephemeral, &random);
	struct writer out = writer_of((struct buffer){space + 2, sizeof(space) - 2});
	prologue_write(&out, &header);
	space[0] = (uint8_t)(out.len >> 8);
	space[1] = (uint8_t)out.len;
	uint8_t *at = space + 2 + out.len;
	assert_int_equal(noise_x_write(at, &transport, writer_bytes(&out), BYTES_OF(payload),
				 &sender, &to, &ephemeral),
		CONCLAVE_OK);
	at += NOISE_X_OVERHEAD + sizeof(payload);
	packet_stream_init(&stream, &transport);
	uint8_t content[256] = {0}; /* no private header */
	memcpy(content + 4, body.ptr, body.len);
	for (size_t done = 0; done < 4 + body.len; done += packet_size) {
		size_t left = 4 + body.len - done, size = left < packet_size ? left : packet_size;
		memcpy(at + 2, content + done, size);
		assert_int_equal(packet_seal(at, &stream, size, size), CONCLAVE_OK);
		at += PACKET_OVERHEAD + size;
	}
	assert_int_equal(packet_seal(at, &stream, 0, 0), CONCLAVE_OK);
	return bytes_of(space, (size_t)(at - space) + PACKET_OVERHEAD);
}

/* At every byte, between packets too, where all that is there is authentic. */
static void cut_mail_is_unreadable(void **state)
{
	uint8_t body[100] = "r in many parts";
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (uint64_t n = 0; n < 3; n++) {
		const size_t packet_sizes[] = {1, 7, 200};
		struct bytes whole = seal_in_packets(n, BYTES_OF(body), packet_sizes[n]);
		for (size_t size = 1; size < whole.len; size++)
			assert_unreadable(deliver(bytes_of(whole.ptr, size)));
		struct hostile_result result = deliver(whole);
		assert_true(has(result, FRAME_ACK));
		struct mail reply = hostile_open('A', hostile_answer(result, FRAME_POST));
		assert_int_equal(reply.header.sequence, n);
		assert_memory_equal(reply.body.ptr, body, sizeof(body));
	}
}

/* Of a batch, what follows and what goes before is as if the altered one had never come. */
static void tampered_last_byte_undoes_everything(void **state)
{
	uint8_t before[512], altered[512], after[512];
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct bytes mail = hostile_seal('A', 0, BYTES_LIT("r first"));
	memcpy(before, mail.ptr, mail.len);
	hostile_put(FRAME_DELIVER, 3, bytes_of(before, mail.len));
	mail = hostile_seal('A', 1, BYTES_LIT("r tampered"));
	memcpy(altered, mail.ptr, mail.len);
	altered[mail.len - 1] ^= 1;
	hostile_put(FRAME_DELIVER, 4, bytes_of(altered, mail.len));
	struct hostile_result result = hostile_turn();
	assert_true(has(result, FRAME_ACK));
	assert_int_equal(load_u32le(hostile_answer(result, FRAME_REFUSED).ptr), REFUSAL_UNREADABLE);
	assert_int_equal(
		hostile_answer(result, FRAME_CONSOLE).len, sizeof("mail of 7 bytes\n") - 1);

	mail = hostile_seal('A', 1, BYTES_LIT("r after"));
	memcpy(after, mail.ptr, mail.len);
	result = deliver(bytes_of(after, mail.len));
	assert_int_equal(hostile_open('A', hostile_answer(result, FRAME_POST)).header.sequence, 1);
}

/* -- T-30 -- */

/* What trapped may come again, with the same bytes, until it is handled; what was handled may not.
 */
static void refused_mail_can_be_sent_again(void **state)
{
	uint8_t failing[512], good[512];
	(void)state;
	hostile_start();
	hostile_learn_keys();
	struct bytes mail = hostile_seal('A', 5, BYTES_LIT("u"));
	memcpy(failing, mail.ptr, mail.len);
	for (unsigned i = 0; i < 3; i++)
		assert_refused(deliver(bytes_of(failing, mail.len)), 'A', MAIL_REFUSAL_TRAPPED);
	mail = hostile_seal('A', 5, BYTES_LIT("r now"));
	memcpy(good, mail.ptr, mail.len);
	assert_true(has(deliver(bytes_of(good, mail.len)), FRAME_ACK));
	for (unsigned i = 0; i < 3; i++)
		assert_refused(deliver(bytes_of(good, mail.len)), 'A', MAIL_REFUSAL_SEQUENCE);
	assert_refused(deliver(hostile_seal('A', 7, BYTES_LIT("r"))), 'A', MAIL_REFUSAL_SEQUENCE);
	assert_true(has(deliver(hostile_seal('A', 6, BYTES_LIT("r"))), FRAME_ACK));
}

/* -- the limit on peers -- */

/* The 17th is told so under seal; nobody who has a place loses it, whatever comes. */
static void full_table_refuses_and_forgets_nobody(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (unsigned i = 0; i < PEERS; i++)
		assert_true(
			has(deliver(hostile_seal((char)('A' + i), i, BYTES_LIT("r"))), FRAME_ACK));
	for (unsigned i = PEERS; i < 4 * PEERS; i++)
		assert_refused(deliver(hostile_seal((char)('A' + i), 0, BYTES_LIT("r"))),
			(char)('A' + i), MAIL_REFUSAL_LIMIT);
	for (unsigned i = 0; i < PEERS; i++) {
		char name = (char)('A' + i);
		assert_refused(deliver(hostile_seal(name, i, BYTES_LIT("r"))), name,
			MAIL_REFUSAL_SEQUENCE);
		struct hostile_result result = deliver(hostile_seal(name, i + 1, BYTES_LIT("r")));
		assert_int_equal(
			hostile_open(name, hostile_answer(result, FRAME_POST)).header.sequence, 2);
	}
}

/* More correspondents than the cache of shared keys has places: each is still itself. */
static void many_senders_stay_apart(void **state)
{
	(void)state;
	hostile_start();
	hostile_learn_keys();
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 100; i++) {
			char name = (char)(1 + i);
			uint8_t body[2] = {'r', (uint8_t)i};
			struct hostile_result result =
				deliver(hostile_seal(name, round, BYTES_OF(body)));
			struct mail reply = hostile_open(name, hostile_answer(result, FRAME_POST));
			if (i >= PEERS)
				assert_int_equal(mail_refusal_read(reply.private_header),
					MAIL_REFUSAL_LIMIT);
			else
				assert_int_equal(reply.body.ptr[1], i);
		}
	}
}

#define hostile_test(f) cmocka_unit_test_setup_teardown(f, hostile_load, hostile_unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hostile_test(cut_mail_is_unreadable),
		hostile_test(tampered_last_byte_undoes_everything),
		hostile_test(refused_mail_can_be_sent_again),
		hostile_test(full_table_refuses_and_forgets_nobody),
		hostile_test(many_senders_stay_apart),
	};
	return cmocka_run_group_tests_name("mail", tests, hostile_setup, hostile_teardown);
}
