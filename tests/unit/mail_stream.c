/* Streams: cut or altered anywhere they never reach their end; what must not be is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail_streamed.h"

static const struct x25519_secret SENDER = {{1}}, RECIPIENT = {{2}}, EPHEMERAL = {{3}};
static struct x25519_public recipient_key;
static struct x25519_pair ephemeral;
static struct mail_cache sender, recipient;
static uint8_t sealed[300000], private_space[200000], body_space[300000], text[200000];
static struct streamed streamed;
static struct mail_writer writer;

static void begin_reading(void)
{
	mail_cache_init(&recipient, &RECIPIENT, NULL, 0);
	streamed_init(&streamed, &recipient, (struct buffer){private_space, sizeof(private_space)},
		(struct buffer){body_space, sizeof(body_space)});
}

static struct bytes seal(const struct mail_draft *draft)
{
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(mail_seal(&out, draft, &SENDER, &recipient_key, &EPHEMERAL), CONCLAVE_OK);
	return writer_bytes(&out);
}

static enum conclave_error begin_writing(const struct mail_draft *draft, size_t room)
{
	struct writer out = writer_of((struct buffer){sealed, room});
	mail_cache_init(&sender, &SENDER, NULL, 0);
	return mail_writer_begin(&out, &writer, draft, &sender, &recipient_key, &ephemeral);
}

static enum conclave_error read_all(struct bytes mail)
{
	begin_reading();
	TRY(streamed_feed(&streamed, mail));
	return mail_reader_end(&streamed.reader);
}

static struct mail_draft small;

static void has_no_end_where_it_is_cut(void **state)
{
	(void)state;
	struct bytes mail = seal(&small);
	for (size_t len = 0; len < mail.len; len++) {
		assert_int_equal(read_all(bytes_of(mail.ptr, len)), CONCLAVE_ERROR_TRUNCATED);
		assert_false(streamed.ended);
	}
	assert_int_equal(read_all(mail), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&streamed.body), small.body));
	assert_true(bytes_equal(writer_bytes(&streamed.private_header), small.private_header));
}

/* As mail_open answers, and ever after. */
static void notices_every_altered_byte(void **state)
{
	(void)state;
	static uint8_t space[1000];
	struct bytes mail = seal(&small);
	for (size_t i = 0; i < mail.len; i++) {
		struct mail opened;
		sealed[i] ^= 1;
		enum conclave_error wanted =
			mail_open(&opened, (struct buffer){space, sizeof(space)}, &RECIPIENT, mail);
		assert_int_not_equal(wanted, CONCLAVE_OK);
		assert_int_equal(read_all(mail), wanted);
		sealed[i] ^= 1;
		assert_false(streamed.ended);
		if (wanted != CONCLAVE_ERROR_TRUNCATED)
			assert_int_equal(streamed_feed(&streamed, mail), wanted);
	}
}

/* A last byte that is wrong, after a body that was given out piece by piece. */
static void a_wrong_last_byte_is_no_end(void **state)
{
	(void)state;
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_OF(text)};
	struct bytes mail = seal(&draft);
	sealed[mail.len - 1] ^= 1;
	assert_int_equal(read_all(mail), CONCLAVE_ERROR_AUTH);
	assert_int_equal(streamed.body.len, sizeof(text));
	assert_false(streamed.ended);
	assert_true(ct_all_zero(streamed.reader.packet, sizeof(streamed.reader.packet)));
}

static void gives_long_private_headers_in_pieces(void **state)
{
	(void)state;
	static const size_t sizes[] = {65512, 65513, 65514, 131030, 150000};
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		const struct mail_draft draft = {.topic = BYTES_LIT("t"),
			.private_header = bytes_of(text, sizes[i]),
			.body = BYTES_LIT("body")};
		assert_int_equal(read_all(seal(&draft)), CONCLAVE_OK);
		assert_true(
			bytes_equal(writer_bytes(&streamed.private_header), draft.private_header));
		assert_true(bytes_equal(writer_bytes(&streamed.body), draft.body));
	}
}

static void ignores_what_comes_after_the_end(void **state)
{
	(void)state;
	assert_int_equal(read_all(seal(&small)), CONCLAVE_OK);
	assert_int_equal(streamed_feed(&streamed, BYTES_OF(text)), CONCLAVE_OK);
	assert_int_equal(mail_reader_end(&streamed.reader), CONCLAVE_OK);
	assert_int_equal(streamed.body.len, small.body.len);
}

static void refuses_drafts_as_sealing_does(void **state)
{
	(void)state;
	struct mail_draft draft = small;
	assert_int_equal(begin_writing(&draft, opening_size(&draft) - 1), CONCLAVE_ERROR_SPACE);
	assert_int_equal(begin_writing(&draft, opening_size(&draft)), CONCLAVE_OK);
	draft.topic = BYTES_LIT("two words");
	assert_int_equal(begin_writing(&draft, sizeof(sealed)), CONCLAVE_ERROR_FORMAT);
	draft = small;
	draft.envelope = bytes_of(text, 65520);
	assert_int_equal(begin_writing(&draft, sizeof(sealed)), CONCLAVE_ERROR_LIMIT);
	draft = small;
	draft.private_header = bytes_of(text, MAIL_WRITER_PRIVATE_MAX + 1);
	assert_int_equal(begin_writing(&draft, sizeof(sealed)), CONCLAVE_ERROR_LIMIT);
	draft.private_header.len--;
	assert_int_equal(begin_writing(&draft, sizeof(sealed)), CONCLAVE_OK);

	const struct x25519_public zero = {{0}};
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(mail_writer_begin(&out, &writer, &small, &sender, &zero, &ephemeral),
		CONCLAVE_ERROR_KEY);
	out = writer_measure();
	assert_int_equal(
		mail_writer_begin(&out, &writer, &small, &sender, &recipient_key, &ephemeral),
		CONCLAVE_ERROR_SPACE);
}

static void nothing_is_written_after_the_end(void **state)
{
	(void)state;
	struct bytes packet, more = BYTES_LIT("more");
	assert_int_equal(begin_writing(&small, sizeof(sealed)), CONCLAVE_OK);
	assert_int_equal(mail_writer_end(&packet, &writer, 0), CONCLAVE_OK);
	assert_false(mail_writer_ended(&writer));
	assert_int_equal(mail_writer_push(&packet, &writer, &more), CONCLAVE_ERROR_STATE);
	assert_int_equal(mail_writer_end(&packet, &writer, 0), CONCLAVE_OK);
	assert_true(mail_writer_ended(&writer));
	assert_int_equal(packet.len, PACKET_OVERHEAD);
	assert_int_equal(mail_writer_end(&packet, &writer, 0), CONCLAVE_ERROR_STATE);
	assert_int_equal(mail_writer_push(&packet, &writer, &more), CONCLAVE_ERROR_STATE);
}

static void stops_at_its_limits(void **state)
{
	(void)state;
	struct bytes packet, body = BYTES_LIT("more");
	assert_int_equal(begin_writing(&small, sizeof(sealed)), CONCLAVE_OK);
	writer.body_size = MAIL_BODY_SIZE_MAX - 4;
	assert_int_equal(mail_writer_push(&packet, &writer, &body), CONCLAVE_OK);
	body = BYTES_LIT("!");
	assert_int_equal(mail_writer_push(&packet, &writer, &body), CONCLAVE_ERROR_LIMIT);
	assert_int_equal(mail_writer_end(&packet, &writer, 0), CONCLAVE_ERROR_LIMIT);

	assert_int_equal(begin_writing(&small, sizeof(sealed)), CONCLAVE_OK);
	assert_int_equal(
		mail_writer_end(&packet, &writer, MAIL_BODY_SIZE_MAX + 1), CONCLAVE_ERROR_LIMIT);

	assert_int_equal(begin_writing(&small, sizeof(sealed)), CONCLAVE_OK);
	writer.stream.counter = UINT64_MAX;
	body = BYTES_OF(text);
	assert_int_equal(mail_writer_push(&packet, &writer, &body), CONCLAVE_ERROR_LIMIT);
	writer.stream.counter = 0;
	assert_int_equal(mail_writer_push(&packet, &writer, &body), CONCLAVE_ERROR_LIMIT);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != CONCLAVE_OK)
		return -1;
	small.topic = BYTES_LIT("t");
	small.private_header = BYTES_LIT("private");
	small.body = BYTES_LIT("body");
	x25519_public(&recipient_key, &RECIPIENT);
	x25519_pair_init(&ephemeral, &EPHEMERAL);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_no_end_where_it_is_cut),
		cmocka_unit_test(notices_every_altered_byte),
		cmocka_unit_test(a_wrong_last_byte_is_no_end),
		cmocka_unit_test(gives_long_private_headers_in_pieces),
		cmocka_unit_test(ignores_what_comes_after_the_end),
		cmocka_unit_test(refuses_drafts_as_sealing_does),
		cmocka_unit_test(nothing_is_written_after_the_end),
		cmocka_unit_test(stops_at_its_limits),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
