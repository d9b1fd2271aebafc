/* R3's mails and R3's odd ones read as streams: cut in two at every byte, and byte by byte; the
 * answer is mail_open's. And written as streams, in pieces: the bytes are R3's. Source:
 * tests/vectors/r3/SOURCE. */
#include "vectors/json.h"

#include "mail_streamed.h"

static uint8_t space[200000], private_space[200000], body_space[200000], written[200000];
static struct streamed streamed, before;
static struct mail_cache_entry entries[1];
static struct mail_cache cache;

static void for_each(const char *file, const char *list, void (*check)(const json_t *))
{
	json_t *root = vectors_own(file), *vector;
	size_t i;
	json_array_foreach(json_object_get(root, list), i, vector)
	{
		vectors_forget();
		print_message("%s\n", json_text(vector, "name"));
		check(vector);
	}
	assert_true(i > 0);
	json_decref(root);
}

static void begin(const struct x25519_secret *recipient)
{
	mail_cache_init(&cache, recipient, entries, ARRAY_COUNT(entries));
	streamed_init(&streamed, &cache, (struct buffer){private_space, sizeof(private_space)},
		(struct buffer){body_space, sizeof(body_space)});
}

static void assert_bytes(struct bytes a, struct bytes b)
{
	assert_int_equal(a.len, b.len);
	assert_true(bytes_equal(a, b));
}

static void assert_same(const struct mail *mail)
{
	assert_true(streamed.ended);
	assert_memory_equal(&streamed.reader.sender, &mail->sender, sizeof(mail->sender));
	assert_true(streamed.reader.header.sequence == mail->header.sequence);
	assert_bytes(streamed.reader.header.topic, mail->header.topic);
	assert_bytes(streamed.reader.header.envelope, mail->header.envelope);
	assert_bytes(streamed.reader.header.key_derivation, mail->header.key_derivation);
	assert_bytes(writer_bytes(&streamed.private_header), mail->private_header);
	assert_bytes(writer_bytes(&streamed.body), mail->body);
}

/* The rest, and what comes of it. */
static void finish(struct bytes rest, const struct mail *mail, enum conclave_error wanted)
{
	enum conclave_error error = streamed_feed(&streamed, rest);
	if (error == CONCLAVE_OK)
		error = mail_reader_end(&streamed.reader);
	assert_int_equal(error, wanted);
	assert_int_equal(streamed.ended, wanted == CONCLAVE_OK);
	if (wanted == CONCLAVE_OK)
		assert_same(mail);
	assert_int_equal(mail_reader_end(&streamed.reader), wanted);
}

/* The stream is fed byte by byte, and at every byte set aside: the rest of the mail follows at
 * once, and then it goes on from there. */
static void check_splits(const json_t *vector)
{
	struct x25519_secret recipient;
	struct mail mail;
	json_into(&recipient, sizeof(recipient), vector, "recipient_private");
	struct bytes whole = json_bytes(vector, "mail");
	enum conclave_error wanted =
		mail_open(&mail, (struct buffer){space, sizeof(space)}, &recipient, whole);
	begin(&recipient);
	enum conclave_error error = CONCLAVE_OK;
	for (size_t i = 0; i < whole.len && error == CONCLAVE_OK; i++) {
		before = streamed;
		finish(bytes_slice(whole, i, SIZE_MAX), &mail, wanted);
		streamed = before;
		error = streamed_feed(&streamed, bytes_slice(whole, i, 1));
	}
	if (error != CONCLAVE_OK)
		assert_int_equal(error, wanted);
	finish(BYTES_LIT(""), &mail, wanted);
}

static void reads_at_every_split(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", check_splits);
	for_each("r3/mail.json", "edge_cases", check_splits);
	for_each("r3/odd_keys.json", "vectors", check_splits);
}

static struct bytes body_of(const json_t *vector)
{
	static uint8_t generated[70000];
	if (json_object_get(vector, "body_gen") == NULL)
		return json_bytes(vector, "body");
	size_t size = (size_t)json_integer_value(json_object_get(vector, "body_len"));
	for (size_t i = 0; i < size; i++)
		generated[i] = (uint8_t)(i * 131 + 17);
	return bytes_of(generated, size);
}

/* The draft's body in pieces of one size. */
static void write_pieces(struct writer *out, const struct mail_draft *draft, size_t piece_size,
	struct mail_cache *sender, const struct x25519_public *recipient,
	const struct x25519_pair *ephemeral)
{
	static struct mail_writer writer;
	struct bytes packet;
	assert_int_equal(
		mail_writer_begin(out, &writer, draft, sender, recipient, ephemeral), CONCLAVE_OK);
	for (size_t i = 0; i < draft->body.len; i += piece_size) {
		struct bytes piece = bytes_slice(draft->body, i, piece_size);
		while (piece.len != 0) {
			assert_int_equal(mail_writer_push(&packet, &writer, &piece), CONCLAVE_OK);
			write_bytes(out, packet);
		}
	}
	while (!mail_writer_ended(&writer)) {
		assert_int_equal(mail_writer_end(&packet, &writer, draft->min_size), CONCLAVE_OK);
		write_bytes(out, packet);
	}
}

static void check_writes(const json_t *vector)
{
	struct x25519_secret sender, random;
	struct x25519_public recipient;
	struct x25519_pair ephemeral;
	json_into(&sender, sizeof(sender), vector, "sender_private");
	json_into(&random, sizeof(random), vector, "ephemeral_private");
	json_into(&recipient, sizeof(recipient), vector, "recipient_public");
	x25519_pair_init(&ephemeral, &random);
	mail_cache_init(&cache, &sender, NULL, 0);
	const struct mail_draft draft = {.sequence = (uint64_t)json_integer_value(
						 json_object_get(vector, "sequence_number")),
		.topic = bytes_of(json_text(vector, "topic"), strlen(json_text(vector, "topic"))),
		.envelope = json_bytes(vector, "envelope"),
		.key_derivation = json_bytes(vector, "key_derivation"),
		.private_header = json_bytes(vector, "private_header"),
		.body = body_of(vector),
		.min_size = (size_t)json_integer_value(json_object_get(vector, "min_size"))};
	struct writer whole = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(mail_seal(&whole, &draft, &sender, &recipient, &random), CONCLAVE_OK);
	static const size_t piece_sizes[] = {1, 2, 999, 65513, 65517, 70000};
	for (size_t i = 0; i < ARRAY_COUNT(piece_sizes); i++) {
		struct writer out = writer_of((struct buffer){written, sizeof(written)});
		write_pieces(&out, &draft, piece_sizes[i], &cache, &recipient, &ephemeral);
		assert_bytes(writer_bytes(&out), writer_bytes(&whole));
		struct bytes wanted = json_bytes(vector, "mail");
		if (draft.min_size == 0 && wanted.ptr[2] == 1) /* as in vectors/mail.c */
			assert_bytes(writer_bytes(&out), wanted);
	}
}

static void writes_what_r3_writes(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", check_writes);
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_at_every_split),
		cmocka_unit_test(writes_what_r3_writes),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
