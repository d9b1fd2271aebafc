#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/mail.h"
#include "mail/noise.h"
#include "mail/packet.h"

static const struct x25519_secret SENDER = {{1}}, RECIPIENT = {{2}}, EPHEMERAL = {{3}};
static struct x25519_public sender_key, recipient_key;
static uint8_t sealed[200000], space[200000];

static enum conclave_error seal(struct bytes *mail, const struct mail_draft *draft)
{
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	TRY(mail_seal(&out, draft, &SENDER, &recipient_key, &EPHEMERAL));
	*mail = writer_bytes(&out);
	return CONCLAVE_OK;
}

static enum conclave_error open_mail(struct mail *opened, struct bytes mail)
{
	return mail_open(opened, (struct buffer){space, sizeof(space)}, &RECIPIENT, mail);
}

static void topics_are_letters_digits_and_hyphens(void **state)
{
	(void)state;
	const struct {
		struct bytes topic;
		enum conclave_error error;
	} cases[] = {
		{BYTES_LIT("default"), CONCLAVE_OK},
		{BYTES_LIT("A-1"), CONCLAVE_OK},
		{BYTES_LIT("\xc3\xa9t\xc3\xa9-\xe6\x97\xa5"), CONCLAVE_OK},
		{BYTES_LIT("\xed\xa0\xbd\xed\xb8\x80"), CONCLAVE_OK}, /* two surrogates */
		{BYTES_LIT(""), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("two words"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("1234.5678"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("!!!"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("a\0b"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("a\xc0\x80"), CONCLAVE_ERROR_FORMAT},	/* U+0000 */
		{BYTES_LIT("\xc1\xbf"), CONCLAVE_ERROR_FORMAT},		/* overlong */
		{BYTES_LIT("\xe0\x9f\xbf"), CONCLAVE_ERROR_FORMAT},	/* overlong */
		{BYTES_LIT("\xf0\x9f\x98\x80"), CONCLAVE_ERROR_FORMAT}, /* UTF-8, not modified */
		{BYTES_LIT("\x80"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("\xc3"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("\xc3z"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("\xe6\x97"), CONCLAVE_ERROR_FORMAT},
		{BYTES_LIT("\xe6\x97z"), CONCLAVE_ERROR_FORMAT},
	};
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(mail_topic_check(cases[i].topic), cases[i].error);
	static uint8_t longest[MAIL_TOPIC_SIZE_MAX + 1];
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(mail_topic_check(bytes_of(longest, 255)), CONCLAVE_OK);
	assert_int_equal(mail_topic_check(bytes_of(longest, 256)), CONCLAVE_ERROR_LIMIT);
}

static void a_header_that_cannot_be_is_refused(void **state)
{
	(void)state;
	static const uint8_t good[] = {0, 16, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 't', 0, 0, 0, 0};
	static const struct {
		size_t place;
		uint8_t value;
		enum conclave_error error;
	} cases[] = {
		{1, 15, CONCLAVE_ERROR_FORMAT}, /* shorter than its fields */
		{1, 17, CONCLAVE_ERROR_TRUNCATED}, {2, 2, CONCLAVE_ERROR_VERSION},
		{3, 0x7f, CONCLAVE_OK},
		{3, 0x80, CONCLAVE_ERROR_FORMAT}, /* the sequence number 2^63 + 9 */
		{13, 0, CONCLAVE_ERROR_FORMAT},	  /* not modified UTF-8 */
		{15, 1, CONCLAVE_ERROR_FORMAT},	  /* an envelope beyond the end */
	};
	struct mail_header header;
	assert_int_equal(mail_header_read(&header, BYTES_OF(good)), CONCLAVE_OK);
	assert_int_equal(header.sequence, 9);
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t bytes[sizeof(good)];
		memcpy(bytes, good, sizeof(good));
		bytes[cases[i].place] = cases[i].value;
		assert_int_equal(mail_header_read(&header, BYTES_OF(bytes)), cases[i].error);
	}
}

static void a_draft_beyond_a_limit_is_refused(void **state)
{
	(void)state;
	static uint8_t headers[MAIL_PROLOGUE_SIZE_MAX + 1];
	struct bytes mail;
	struct mail_draft fits = {.topic = BYTES_LIT("t"),
		.envelope = bytes_of(headers, MAIL_PROLOGUE_SIZE_MAX - 15 - 1)};
	struct mail opened;
	assert_int_equal(seal(&mail, &fits), CONCLAVE_OK);
	assert_int_equal(open_mail(&opened, mail), CONCLAVE_OK);
	assert_int_equal(opened.header.envelope.len, fits.envelope.len);

	struct mail_draft draft = fits;
	draft.envelope.len++;
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_LIMIT);
	draft = fits;
	draft.key_derivation = bytes_of(headers, 1);
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_LIMIT);
	draft.key_derivation.len = SIZE_MAX;
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_LIMIT);
	draft = (struct mail_draft){.topic = BYTES_LIT("t"), .sequence = MAIL_SEQUENCE_MAX};
	assert_int_equal(seal(&mail, &draft), CONCLAVE_OK);
	draft.sequence++;
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_LIMIT);
	draft = (struct mail_draft){.topic = BYTES_LIT("t"), .min_size = SIZE_MAX};
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_LIMIT);
	draft = (struct mail_draft){.topic = BYTES_LIT("t t")};
	assert_int_equal(seal(&mail, &draft), CONCLAVE_ERROR_FORMAT);
}

static void nobody_seals_for_a_key_without_a_secret(void **state)
{
	(void)state;
	const struct mail_draft draft = {.topic = BYTES_LIT("t")};
	const struct x25519_public low_order = {{1}};
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(
		mail_seal(&out, &draft, &SENDER, &low_order, &EPHEMERAL), CONCLAVE_ERROR_KEY);
	assert_int_equal(out.len, 0);
}

static void sealing_stays_within_its_space(void **state)
{
	(void)state;
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_LIT("body")};
	size_t size = mail_sealed_size(&draft);
	for (size_t cap = 0; cap < size; cap++) {
		memset(sealed, 0xc5, size);
		struct writer out = writer_of((struct buffer){sealed, cap});
		assert_int_equal(mail_seal(&out, &draft, &SENDER, &recipient_key, &EPHEMERAL),
			CONCLAVE_ERROR_SPACE);
		assert_int_equal(out.len, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(sealed[i], 0xc5);
	}
	struct writer measure = writer_measure();
	assert_int_equal(
		mail_seal(&measure, &draft, &SENDER, &recipient_key, &EPHEMERAL), CONCLAVE_OK);
	assert_int_equal(measure.len, size);
}

static void opening_asks_for_enough_space(void **state)
{
	(void)state;
	struct bytes mail;
	struct mail opened;
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_LIT("body")};
	assert_int_equal(seal(&mail, &draft), CONCLAVE_OK);
	assert_int_equal(mail_open(&opened, (struct buffer){space, mail.len - 1}, &RECIPIENT, mail),
		CONCLAVE_ERROR_SPACE);
	assert_int_equal(mail_open(&opened, (struct buffer){space, mail.len}, &RECIPIENT, mail),
		CONCLAVE_OK);
	/* The mail may go; what was opened stays. */
	memset(sealed, 0, mail.len);
	assert_true(bytes_equal(opened.header.topic, draft.topic));
	assert_true(bytes_equal(opened.body, draft.body));
	assert_memory_equal(&opened.sender, &sender_key, sizeof(sender_key));
}

/* Padding does its work: as long as the body does not exceed the minimum, whatever private header
 * it has, the length is one. */
static void padded_mails_have_one_length(void **state)
{
	(void)state;
	static const uint8_t text[70001];
	static const size_t minimums[] = {1, 100, 65479, 65480, 70000};
	static const size_t headers[] = {0, MAIL_REFUSAL_SIZE, 18, MAIL_PRIVATE_HEADER_ROOM};
	for (size_t m = 0; m < ARRAY_COUNT(minimums); m++) {
		struct mail_draft draft = {.topic = BYTES_LIT("t"), .min_size = minimums[m]};
		size_t size = mail_sealed_size(&draft);
		for (size_t i = 0; i < 4 * ARRAY_COUNT(headers); i++) {
			size_t bodies[] = {0, 1, minimums[m] / 2, minimums[m]};
			draft.private_header = bytes_of(text, headers[i / 4]);
			draft.body = bytes_of(text, bodies[i % 4]);
			struct bytes mail;
			struct mail opened;
			assert_int_equal(seal(&mail, &draft), CONCLAVE_OK);
			assert_int_equal(mail.len, size);
			assert_int_equal(open_mail(&opened, mail), CONCLAVE_OK);
			assert_true(bytes_equal(opened.body, draft.body));
			assert_true(bytes_equal(opened.private_header, draft.private_header));
		}
		draft.private_header = bytes_of(text, MAIL_PRIVATE_HEADER_ROOM);
		draft.body = bytes_of(text, minimums[m] + 1);
		assert_true(mail_sealed_size(&draft) > size);
	}
}

static void a_post_office_counts_what_it_sealed(void **state)
{
	(void)state;
	struct post_office office;
	assert_int_equal(post_office_init(&office, &SENDER, &recipient_key, BYTES_LIT("a b")),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(post_office_init(&office, &SENDER, &recipient_key, BYTES_LIT("auction")),
		CONCLAVE_OK);
	/* The draft's own topic and number count for nothing. */
	const struct mail_draft draft = {.topic = BYTES_LIT("no topic at all"), .sequence = 99};
	for (uint64_t i = 0; i < 3; i++) {
		struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
		struct mail opened;
		assert_int_equal(post_office_seal(&out, &office, &draft, &EPHEMERAL), CONCLAVE_OK);
		assert_int_equal(open_mail(&opened, writer_bytes(&out)), CONCLAVE_OK);
		assert_int_equal(opened.header.sequence, i);
		assert_true(bytes_equal(opened.header.topic, BYTES_LIT("auction")));
	}
	struct writer none = writer_of((struct buffer){sealed, 10});
	assert_int_equal(
		post_office_seal(&none, &office, &draft, &EPHEMERAL), CONCLAVE_ERROR_SPACE);
	assert_int_equal(office.next_sequence, 3);
	office.next_sequence = (uint64_t)MAIL_SEQUENCE_MAX + 1;
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(post_office_seal(&out, &office, &draft, &EPHEMERAL), CONCLAVE_ERROR_LIMIT);
}

static void refusals_are_told_from_state_ids(void **state)
{
	(void)state;
	uint8_t header[MAIL_REFUSAL_SIZE];
	for (int i = MAIL_REFUSAL_SEQUENCE; i <= MAIL_REFUSAL_DECLINED; i++) {
		mail_refusal_write(header, (enum mail_refusal)i);
		assert_int_equal(mail_refusal_read(BYTES_OF(header)), i);
	}
	header[1] = 200;
	assert_int_equal(mail_refusal_read(BYTES_OF(header)), MAIL_REFUSAL_TRAPPED);
	header[1] = 0;
	assert_int_equal(mail_refusal_read(BYTES_OF(header)), MAIL_REFUSAL_TRAPPED);
	header[0] = 1;
	assert_int_equal(mail_refusal_read(BYTES_OF(header)), MAIL_REFUSAL_NONE);
	static const uint8_t state_ids[18] = {1};
	assert_int_equal(mail_refusal_read(BYTES_OF(state_ids)), MAIL_REFUSAL_NONE);
	assert_int_equal(mail_refusal_read(BYTES_LIT("")), MAIL_REFUSAL_NONE);
}

static void a_failed_packet_stream_stays_failed(void **state)
{
	(void)state;
	const struct aes256_key key = {{7}};
	struct packet_stream writing, reading;
	uint8_t packets[3 * (PACKET_OVERHEAD + 4)];
	packet_stream_init(&writing, &key);
	for (size_t i = 0; i < 2; i++) {
		memcpy(packets + 24 * i + 2, "data", 4);
		assert_int_equal(packet_seal(packets + 24 * i, &writing, 4, 4), CONCLAVE_OK);
	}
	assert_int_equal(packet_seal(packets + 48, &writing, 0, 0), CONCLAVE_OK);

	struct bytes user;
	struct buffer room = {space, sizeof(space)};
	struct reader source = reader_of(bytes_of(packets, 48 + PACKET_OVERHEAD));
	packet_stream_init(&reading, &key);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_OK);
		assert_true(bytes_equal(user, BYTES_LIT("data")) && !reading.ended);
	}
	assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_OK);
	assert_true(reading.ended);
	assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_ERROR_STATE);

	/* The second packet first: refused, and so is everything after. */
	source = reader_of(bytes_of(packets + 24, 24));
	packet_stream_init(&reading, &key);
	assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_ERROR_AUTH);
	/* Even one that would open under the next nonce. */
	source = reader_of(bytes_of(packets + 24, 24));
	assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_ERROR_AUTH);

	source = reader_of(bytes_of(packets, 24));
	packet_stream_init(&reading, &key);
	assert_int_equal(packet_open(&user, &reading, (struct buffer){space, 21}, &source),
		CONCLAVE_ERROR_SPACE);
}

/* Whoever sends a mail has its key: that a packet is authentic does not make it sound. */
static void a_sender_may_lie_in_an_authentic_packet(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[4];
		size_t len;
	} plaintexts[] = {
		{{0}, 0}, /* not even a number of user bytes */
		{{0}, 1}, /* half of one */
		{{0, 1}, 2},
		{{'a', 'b', 0, 3}, 4},
		{{'a', 'b', 0xff, 0xff}, 4},
	};
	const struct aes256_key key = {{7}};
	for (size_t i = 0; i < ARRAY_COUNT(plaintexts); i++) {
		struct packet_stream reading;
		struct bytes user;
		uint8_t packet[PACKET_OVERHEAD + 4], nonce[AES_GCM_NONCE_SIZE];
		struct buffer room = {space + 2, sizeof(space) - 2};
		size_t size = plaintexts[i].len + AES_GCM_TAG_SIZE;
		packet_stream_init(&reading, &key);
		noise_nonce(nonce, 0);
		packet[0] = 0;
		packet[1] = (uint8_t)size;
		aes256_gcm_seal(packet + 2, &reading.gcm, nonce, BYTES_LIT(""),
			bytes_of(plaintexts[i].bytes, plaintexts[i].len));
		struct reader source = reader_of(bytes_of(packet, 2 + size));
		/* In front of the space lies what would be read as "none", were it looked at. */
		memset(space, 0, 2);
		assert_int_equal(
			packet_open(&user, &reading, room, &source), CONCLAVE_ERROR_FORMAT);
		assert_false(reading.ended);
	}
}

/* As after 2^64 packets: no nonce is used twice. */
static void no_nonce_comes_after_the_last(void **state)
{
	(void)state;
	const struct aes256_key key = {{7}};
	struct packet_stream writing, reading;
	uint8_t packet[PACKET_OVERHEAD + 1] = {0};
	struct bytes user;
	packet_stream_init(&writing, &key);
	packet_stream_init(&reading, &key);
	writing.counter = reading.counter = UINT64_MAX - 1;
	assert_int_equal(packet_seal(packet, &writing, 1, 1), CONCLAVE_OK);
	struct reader source = reader_of(BYTES_OF(packet));
	struct buffer room = {space, sizeof(space)};
	assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(packet_seal(packet, &writing, 1, 1), CONCLAVE_ERROR_LIMIT);
		source = reader_of(BYTES_OF(packet));
		assert_int_equal(packet_open(&user, &reading, room, &source), CONCLAVE_ERROR_LIMIT);
	}
}

/* Every protocol but 0 and 1, the reserved one among them. */
static void refuses_unknown_protocols(void **state)
{
	(void)state;
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_LIT("hello")};
	struct mail_header header;
	struct mail opened;
	struct bytes mail;
	assert_int_equal(seal(&mail, &draft), CONCLAVE_OK);
	assert_in_range(MAIL_PROTOCOL_HYBRID, 2, 255);
	for (unsigned protocol = 2; protocol <= 255; protocol++) {
		sealed[2] = (uint8_t)protocol;
		assert_int_equal(mail_header_read(&header, mail), CONCLAVE_ERROR_VERSION);
		assert_int_equal(open_mail(&opened, mail), CONCLAVE_ERROR_VERSION);
	}
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != CONCLAVE_OK)
		return -1;
	x25519_public(&sender_key, &SENDER);
	x25519_public(&recipient_key, &RECIPIENT);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_letters_digits_and_hyphens),
		cmocka_unit_test(a_header_that_cannot_be_is_refused),
		cmocka_unit_test(a_draft_beyond_a_limit_is_refused),
		cmocka_unit_test(nobody_seals_for_a_key_without_a_secret),
		cmocka_unit_test(sealing_stays_within_its_space),
		cmocka_unit_test(opening_asks_for_enough_space),
		cmocka_unit_test(padded_mails_have_one_length),
		cmocka_unit_test(a_post_office_counts_what_it_sealed),
		cmocka_unit_test(refusals_are_told_from_state_ids),
		cmocka_unit_test(a_failed_packet_stream_stays_failed),
		cmocka_unit_test(a_sender_may_lie_in_an_authentic_packet),
		cmocka_unit_test(no_nonce_comes_after_the_last),
		cmocka_unit_test(refuses_unknown_protocols),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
