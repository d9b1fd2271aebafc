/* Opening undoes sealing, at every size that is near a packet's edge and at random ones; the size
 * is the one announced; nobody else opens it. The same as streams, in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"
#include "mail_streamed.h"
#include "property/random.h"

#define SIZE_MAX_TRIED 300000
#define SPACE_SIZE (2 * SIZE_MAX_TRIED + 200000)

static uint8_t text[SIZE_MAX_TRIED], private_text[SIZE_MAX_TRIED], clear_text[3000];
static uint8_t sealed[SPACE_SIZE], space[SPACE_SIZE], written[SPACE_SIZE];

static void random_secret(struct x25519_secret *secret)
{
	random_fill(secret, sizeof(*secret));
}

static void assert_same(struct bytes a, struct bytes b)
{
	assert_int_equal(a.len, b.len);
	assert_true(bytes_equal(a, b));
}

/* Written in pieces of random sizes, the mail has the same bytes. */
static void check_writer(const struct mail_draft *draft, struct bytes wanted,
	const struct x25519_secret *sender, const struct x25519_public *recipient,
	const struct x25519_secret *ephemeral)
{
	static struct mail_writer writer;
	struct mail_cache cache;
	struct x25519_pair pair;
	struct bytes packet, body = draft->body;
	struct writer out = writer_of((struct buffer){written, sizeof(written)});
	mail_cache_init(&cache, sender, NULL, 0);
	x25519_pair_init(&pair, ephemeral);
	assert_int_equal(
		mail_writer_begin(&out, &writer, draft, &cache, recipient, &pair), CONCLAVE_OK);
	while (body.len != 0) {
		struct bytes piece = bytes_slice(body, 0, random_below(100000));
		body = bytes_slice(body, piece.len, SIZE_MAX);
		while (piece.len != 0) {
			assert_int_equal(mail_writer_push(&packet, &writer, &piece), CONCLAVE_OK);
			write_bytes(&out, packet);
		}
	}
	while (!mail_writer_ended(&writer)) {
		assert_int_equal(mail_writer_end(&packet, &writer, draft->min_size), CONCLAVE_OK);
		write_bytes(&out, packet);
	}
	assert_same(writer_bytes(&out), wanted);
}

/* Read in pieces of random sizes, it says the same. */
static void check_reader(
	const struct mail_draft *draft, struct bytes mail, const struct x25519_secret *recipient)
{
	static uint8_t private_space[SIZE_MAX_TRIED];
	static struct streamed streamed;
	struct mail_cache cache;
	mail_cache_init(&cache, recipient, NULL, 0);
	streamed_init(&streamed, &cache, (struct buffer){private_space, sizeof(private_space)},
		(struct buffer){space, sizeof(space)});
	assert_int_equal(
		streamed_feed_pieces(&streamed, mail, 1 + random_below(140000), random_next()),
		CONCLAVE_OK);
	assert_true(streamed.ended);
	assert_same(writer_bytes(&streamed.private_header), draft->private_header);
	assert_same(writer_bytes(&streamed.body), draft->body);
}

static void check(const struct mail_draft *draft)
{
	struct x25519_secret sender, recipient, other, ephemeral;
	struct x25519_public sender_key, recipient_key;
	random_secret(&sender);
	random_secret(&recipient);
	random_secret(&other);
	random_secret(&ephemeral);
	x25519_public(&sender_key, &sender);
	x25519_public(&recipient_key, &recipient);

	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(mail_seal(&out, draft, &sender, &recipient_key, &ephemeral), CONCLAVE_OK);
	assert_int_equal(out.len, mail_sealed_size(draft));

	struct mail mail;
	struct buffer room = {space, out.len};
	assert_int_equal(mail_open(&mail, room, &other, writer_bytes(&out)), CONCLAVE_ERROR_AUTH);
	assert_int_equal(mail_open(&mail, room, &recipient, writer_bytes(&out)), CONCLAVE_OK);
	assert_int_equal(mail.header.protocol, 1);
	assert_true(mail.header.sequence == draft->sequence);
	assert_same(mail.header.topic, draft->topic);
	assert_same(mail.header.envelope, draft->envelope);
	assert_same(mail.header.key_derivation, draft->key_derivation);
	assert_same(mail.private_header, draft->private_header);
	assert_same(mail.body, draft->body);
	assert_memory_equal(&mail.sender, &sender_key, sizeof(sender_key));
	check_reader(draft, writer_bytes(&out), &recipient);
	if (draft->private_header.len <= MAIL_WRITER_PRIVATE_MAX)
		check_writer(draft, writer_bytes(&out), &sender, &recipient_key, &ephemeral);
}

static void opens_at_the_edges_of_packets(void **state)
{
	(void)state;
	static const size_t bodies[] = {0, 1, 65512, 65513, 65514, 65515, 65516, 65517, 65518,
		65519, 65520, 131029, 131030, 131031, 131034, SIZE_MAX_TRIED};
	static const size_t headers[] = {0, 1, 18, 34, 42, 65509, 65513, 65517, 131072};
	random_seed(1);
	for (size_t b = 0; b < ARRAY_COUNT(bodies); b++)
		for (size_t h = 0; h < ARRAY_COUNT(headers); h++) {
			const struct mail_draft draft = {.topic = BYTES_LIT("default"),
				.private_header = bytes_of(private_text, headers[h]),
				.body = bytes_of(text, bodies[b])};
			check(&draft);
		}
}

static void opens_what_chance_makes(void **state)
{
	(void)state;
	print_message("seed 0x%llx\n", (unsigned long long)random_seed(0x6d61696c));
	for (size_t round = 0; round < 200; round++) {
		/* Small ones more often than large ones. */
		size_t limit = (size_t)1 << (1 + random_below(17));
		uint8_t topic[MAIL_TOPIC_SIZE_MAX];
		size_t topic_size = 1 + random_below(sizeof(topic));
		for (size_t i = 0; i < topic_size; i++)
			topic[i] = (uint8_t)("abcXYZ019-"[random_below(10)]);
		const struct mail_draft draft = {.sequence = random_next() >> 1,
			.topic = bytes_of(topic, topic_size),
			.envelope = bytes_of(clear_text, random_below(sizeof(clear_text))),
			.key_derivation = bytes_of(clear_text, random_below(120)),
			.private_header = bytes_of(private_text, random_below(50)),
			.body = bytes_of(text, random_below(limit)),
			.min_size = random_below(2) == 0 ? 0 : random_below(limit)};
		check(&draft);
	}
}

static int setup(void **state)
{
	(void)state;
	random_seed(2);
	random_fill(text, sizeof(text));
	random_fill(private_text, sizeof(private_text));
	random_fill(clear_text, sizeof(clear_text));
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_at_the_edges_of_packets),
		cmocka_unit_test(opens_what_chance_makes),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
