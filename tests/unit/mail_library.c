/* <conclave/mail.h>: whole mails, offices, padding and streams through the public functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <conclave/client.h> /* both headers together */
#include <conclave/mail.h>

static struct conclave_mail_box *alice, *bob;
static uint8_t alice_key[CONCLAVE_MAIL_KEY_SIZE], bob_key[CONCLAVE_MAIL_KEY_SIZE];
static uint8_t mail[300000], space[300000], text[200000];

static struct conclave_mail_draft draft_of(const void *body, size_t body_size)
{
	return (struct conclave_mail_draft){
		.sequence = 7, .topic = "letters", .body = body, .body_size = body_size};
}

static void seals_and_opens(void **state)
{
	(void)state;
	struct conclave_mail_draft draft = draft_of("hello", 5);
	draft.envelope = "clear";
	draft.envelope_size = 5;
	draft.private_header = "private";
	draft.private_header_size = 7;
	draft.key_derivation = "key";
	draft.key_derivation_size = 3;
	draft.min_size = 100;
	for (size_t i = 0; i < 3; i++) { /* unknown, then known */
		struct conclave_mail_opened opened;
		size_t size = sizeof(mail);
		assert_int_equal(
			conclave_mail_seal(mail, &size, alice, bob_key, &draft), CONCLAVE_OK);
		assert_int_equal(size, conclave_mail_sealed_size(&draft));
		assert_int_equal(conclave_mail_peek(&opened, mail, size), CONCLAVE_OK);
		assert_memory_equal(opened.envelope, "clear", opened.envelope_size);
		assert_int_equal(conclave_mail_open(&opened, space, sizeof(space), bob, mail, size),
			CONCLAVE_OK);
		assert_int_equal(opened.sequence, 7);
		assert_memory_equal(opened.sender, alice_key, sizeof(alice_key));
		assert_int_equal(opened.topic_size, 7);
		assert_memory_equal(opened.topic, "letters", 7);
		assert_int_equal(opened.envelope_size, 5);
		assert_memory_equal(opened.key_derivation, "key", 3);
		assert_int_equal(opened.private_header_size, 7);
		assert_memory_equal(opened.private_header, "private", 7);
		assert_int_equal(opened.body_size, 5);
		assert_memory_equal(opened.body, "hello", 5);
		assert_int_equal(
			conclave_mail_open(&opened, space, sizeof(space), alice, mail, size),
			CONCLAVE_ERROR_AUTH);
		assert_int_equal(conclave_mail_open(&opened, space, size - 1, bob, mail, size),
			CONCLAVE_ERROR_SPACE);
	}
}

static void refuses_what_cannot_be_sealed(void **state)
{
	(void)state;
	static const uint8_t zero[CONCLAVE_MAIL_KEY_SIZE];
	struct conclave_mail_draft draft = draft_of("hello", 5);
	size_t size = sizeof(mail);
	assert_int_equal(conclave_mail_seal(mail, &size, alice, zero, &draft), CONCLAVE_ERROR_KEY);
	size = conclave_mail_sealed_size(&draft) - 1;
	assert_int_equal(
		conclave_mail_seal(mail, &size, alice, bob_key, &draft), CONCLAVE_ERROR_SPACE);
	assert_int_equal(
		conclave_mail_seal(NULL, &size, alice, bob_key, &draft), CONCLAVE_ERROR_SPACE);
	size = sizeof(mail);
	draft.topic = NULL;
	assert_int_equal(conclave_mail_sealed_size(&draft), 0);
	assert_int_equal(
		conclave_mail_seal(mail, &size, alice, bob_key, &draft), CONCLAVE_ERROR_FORMAT);
	draft = draft_of("hello", 5);
	draft.envelope = text;
	draft.envelope_size = 65536;
	assert_int_equal(
		conclave_mail_seal(mail, &size, alice, bob_key, &draft), CONCLAVE_ERROR_LIMIT);
	struct conclave_mail_box *box;
	assert_int_equal(conclave_mail_box_new(&box, alice_key, 65537), CONCLAVE_ERROR_ARGUMENT);
}

static void an_office_numbers_and_pads(void **state)
{
	(void)state;
	struct conclave_mail_padding *padding;
	struct conclave_mail_office *office;
	size_t size = 0;
	assert_int_equal(
		conclave_mail_padding_new(&padding, CONCLAVE_MAIL_PADDING_FIXED, 100), CONCLAVE_OK);
	assert_int_equal(
		conclave_mail_office_new(&office, alice, bob_key, "t", 5, padding), CONCLAVE_OK);
	for (uint64_t number = 5; number < 8; number++) {
		struct conclave_mail_opened opened;
		uint8_t *sealed;
		size_t before = size;
		assert_int_equal(conclave_mail_office_next_sequence(office), number);
		assert_int_equal(conclave_mail_office_seal(
					 &sealed, &size, office, text, (size_t)number, "e", 1),
			CONCLAVE_OK);
		assert_true(before == 0 || size == before);
		assert_int_equal(
			conclave_mail_open(&opened, space, sizeof(space), bob, sealed, size),
			CONCLAVE_OK);
		assert_int_equal(opened.sequence, number);
		assert_int_equal(opened.body_size, number);
		free(sealed);
	}
	uint8_t *sealed;
	assert_int_equal(conclave_mail_office_seal(&sealed, &size, office, "", 0, text, 65536),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(conclave_mail_office_next_sequence(office), 8);
	conclave_mail_office_free(office);
	conclave_mail_padding_free(padding);

	/* The last number there is. */
	assert_int_equal(conclave_mail_office_new(&office, alice, bob_key, "t", INT64_MAX, NULL),
		CONCLAVE_OK);
	assert_int_equal(
		conclave_mail_office_seal(&sealed, &size, office, "", 0, NULL, 0), CONCLAVE_OK);
	free(sealed);
	assert_int_equal(conclave_mail_office_seal(&sealed, &size, office, "", 0, NULL, 0),
		CONCLAVE_ERROR_LIMIT);
	conclave_mail_office_free(office);

	static const uint8_t zero[CONCLAVE_MAIL_KEY_SIZE];
	assert_int_equal(
		conclave_mail_office_new(&office, alice, zero, "t", 0, NULL), CONCLAVE_ERROR_KEY);
	assert_int_equal(conclave_mail_office_new(&office, alice, bob_key, "", 0, NULL),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		conclave_mail_office_new(&office, alice, bob_key, "t", (uint64_t)1 << 63, NULL),
		CONCLAVE_ERROR_LIMIT);
}

static uint64_t says_ten(void *context, uint64_t body_size)
{
	(void)context;
	(void)body_size;
	return 10;
}

static void padding_is_saved_and_restored(void **state)
{
	(void)state;
	struct conclave_mail_padding *padding, *restored;
	uint8_t saved[CONCLAVE_MAIL_PADDING_SAVED_SIZE];
	static const struct {
		enum conclave_mail_policy policy;
		uint64_t wanted; /* for 300, after 100 */
	} cases[] = {{CONCLAVE_MAIL_PADDING_NONE, 0}, {CONCLAVE_MAIL_PADDING_LARGEST, 300},
		{CONCLAVE_MAIL_PADDING_AVERAGE, 400}, {CONCLAVE_MAIL_PADDING_POWERS, 512}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			conclave_mail_padding_new(&padding, cases[i].policy, 0), CONCLAVE_OK);
		conclave_mail_padding_next(padding, 100);
		assert_int_equal(conclave_mail_padding_save(saved, padding), CONCLAVE_OK);
		assert_int_equal(conclave_mail_padding_restore(&restored, saved), CONCLAVE_OK);
		assert_int_equal(conclave_mail_padding_next(restored, 300), cases[i].wanted);
		conclave_mail_padding_free(padding);
		conclave_mail_padding_free(restored);
	}
	assert_int_equal(conclave_mail_padding_new_own(&padding, says_ten, NULL), CONCLAVE_OK);
	assert_int_equal(conclave_mail_padding_next(padding, 11), 20);
	assert_int_equal(conclave_mail_padding_save(saved, padding), CONCLAVE_ERROR_STATE);
	conclave_mail_padding_free(padding);
	saved[0] = 9;
	assert_int_equal(conclave_mail_padding_restore(&restored, saved), CONCLAVE_ERROR_VERSION);
	assert_int_equal(
		conclave_mail_padding_new_own(&padding, NULL, NULL), CONCLAVE_ERROR_ARGUMENT);
	assert_int_equal(conclave_mail_padding_new(&padding, CONCLAVE_MAIL_PADDING_POWERS, 1),
		CONCLAVE_ERROR_ARGUMENT);
	for (int number = 5; number < 7; number++) /* 5 is the caller's own, which has no number */
		assert_int_equal(
			conclave_mail_padding_new(&padding, (enum conclave_mail_policy)number, 0),
			CONCLAVE_ERROR_ARGUMENT);
}

/* As a stream with that minimum; the mail's size. */
static size_t write_stream(const uint8_t *body, size_t body_size, uint64_t min_size)
{
	struct conclave_mail_writer *writer;
	const struct conclave_mail_draft draft = draft_of(NULL, 0);
	const uint8_t *piece;
	size_t size = 0, piece_size;
	assert_int_equal(conclave_mail_writer_new(&writer, alice, bob_key, &draft), CONCLAVE_OK);
	while (body_size != 0) {
		assert_int_equal(
			conclave_mail_writer_push(&piece, &piece_size, writer, &body, &body_size),
			CONCLAVE_OK);
		memcpy(mail + size, piece, piece_size);
		size += piece_size;
	}
	do {
		assert_int_equal(conclave_mail_writer_end(&piece, &piece_size, writer, min_size),
			CONCLAVE_OK);
		memcpy(mail + size, piece, piece_size);
		size += piece_size;
	} while (piece_size != 0);
	conclave_mail_writer_free(writer);
	return size;
}

static void streams_are_whole_mails(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 65513, 65514, sizeof(text)};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct conclave_mail_opened opened;
		struct conclave_mail_draft draft = draft_of(text, sizes[i]);
		draft.min_size = 66000;
		size_t size = write_stream(text, sizes[i], 66000);
		assert_int_equal(size, conclave_mail_sealed_size(&draft));
		assert_int_equal(conclave_mail_open(&opened, space, sizeof(space), bob, mail, size),
			CONCLAVE_OK);
		assert_int_equal(opened.body_size, sizes[i]);
		assert_memory_equal(opened.body, text, sizes[i]);
	}
}

static void a_stream_says_what_it_cannot_do(void **state)
{
	struct conclave_mail_writer *writer;
	const struct conclave_mail_draft draft = draft_of(NULL, 0);
	const uint8_t *piece, *body = text;
	size_t piece_size, body_size = ((size_t)1 << 48) + 1;
	(void)state;
	assert_int_equal(conclave_mail_writer_new(&writer, alice, bob_key, &draft), CONCLAVE_OK);
	assert_int_equal(conclave_mail_writer_push(&piece, &piece_size, writer, &body, &body_size),
		CONCLAVE_OK); /* the opening */
	assert_int_equal(conclave_mail_writer_push(&piece, &piece_size, writer, &body, &body_size),
		CONCLAVE_ERROR_LIMIT);
	assert_ptr_equal(body, text);
	conclave_mail_writer_free(writer);

	assert_int_equal(conclave_mail_writer_new(&writer, alice, bob_key, &draft), CONCLAVE_OK);
	assert_int_equal(
		conclave_mail_writer_end(&piece, &piece_size, writer, UINT64_MAX), CONCLAVE_OK);
	assert_int_equal(conclave_mail_writer_end(&piece, &piece_size, writer, UINT64_MAX),
		CONCLAVE_ERROR_LIMIT);
	conclave_mail_writer_free(writer);
}

static void a_reader_gives_pieces_and_an_end(void **state)
{
	(void)state;
	struct conclave_mail_reader *reader;
	struct conclave_mail_piece piece;
	size_t size = write_stream(text, sizeof(text), 0), body_size = 0;
	const uint8_t *rest = mail;
	assert_int_equal(conclave_mail_reader_new(&reader, bob), CONCLAVE_OK);
	assert_null(conclave_mail_reader_header(reader));
	assert_int_equal(conclave_mail_reader_push(&piece, reader, &rest, &size), CONCLAVE_OK);
	assert_int_equal(piece.kind, CONCLAVE_MAIL_PIECE_HEADER);
	assert_memory_equal(
		conclave_mail_reader_header(reader)->sender, alice_key, sizeof(alice_key));
	assert_int_equal(conclave_mail_reader_header(reader)->sequence, 7);
	while (size != 0) {
		assert_int_equal(conclave_mail_reader_end(reader), CONCLAVE_ERROR_TRUNCATED);
		assert_int_equal(
			conclave_mail_reader_push(&piece, reader, &rest, &size), CONCLAVE_OK);
		if (piece.kind == CONCLAVE_MAIL_PIECE_BODY) {
			assert_memory_equal(piece.bytes, text + body_size, piece.size);
			body_size += piece.size;
		}
	}
	assert_int_equal(piece.kind, CONCLAVE_MAIL_PIECE_END);
	assert_int_equal(body_size, sizeof(text));
	assert_int_equal(conclave_mail_reader_end(reader), CONCLAVE_OK);
	conclave_mail_reader_free(reader);

	/* Bob's mail is not for Alice. */
	assert_int_equal(conclave_mail_reader_new(&reader, alice), CONCLAVE_OK);
	rest = mail;
	size = sizeof(mail);
	assert_int_equal(
		conclave_mail_reader_push(&piece, reader, &rest, &size), CONCLAVE_ERROR_AUTH);
	assert_int_equal(conclave_mail_reader_end(reader), CONCLAVE_ERROR_AUTH);
	conclave_mail_reader_free(reader);
}

static int setup(void **state)
{
	(void)state;
	uint8_t key[CONCLAVE_MAIL_KEY_SIZE];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 256);
	if (conclave_mail_key_generate(key) != CONCLAVE_OK ||
		conclave_mail_key_public(alice_key, key) != CONCLAVE_OK ||
		conclave_mail_box_new(&alice, key, 2) != CONCLAVE_OK ||
		conclave_mail_key_generate(key) != CONCLAVE_OK ||
		conclave_mail_key_public(bob_key, key) != CONCLAVE_OK)
		return -1;
	return conclave_mail_box_new(&bob, key, 0) == CONCLAVE_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	conclave_mail_box_free(alice);
	conclave_mail_box_free(bob);
	conclave_mail_box_free(NULL);
	conclave_mail_office_free(NULL);
	conclave_mail_writer_free(NULL);
	conclave_mail_reader_free(NULL);
	conclave_mail_padding_free(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens),
		cmocka_unit_test(refuses_what_cannot_be_sealed),
		cmocka_unit_test(an_office_numbers_and_pads),
		cmocka_unit_test(padding_is_saved_and_restored),
		cmocka_unit_test(streams_are_whole_mails),
		cmocka_unit_test(a_stream_says_what_it_cannot_do),
		cmocka_unit_test(a_reader_gives_pieces_and_an_end),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
