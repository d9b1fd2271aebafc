/* R3's mails, both ways, and R3's verdicts on odd ones. Source: tests/vectors/r3/SOURCE. */
#include "vectors/json.h"

#include "mail/mail.h"

static uint8_t space[200000], sealed[200000];

static struct bytes body_of(const json_t *vector)
{
	static uint8_t generated[70000];
	if (json_object_get(vector, "body_gen") == NULL)
		return json_bytes(vector, "body");
	assert_string_equal(json_text(vector, "body_gen"), "byte[i] = (i*131+17) & 0xff");
	size_t size = (size_t)json_integer_value(json_object_get(vector, "body_len"));
	for (size_t i = 0; i < size; i++)
		generated[i] = (uint8_t)(i * 131 + 17);
	return bytes_of(generated, size);
}

static struct bytes topic_of(const json_t *vector)
{
	return bytes_of(json_text(vector, "topic"), strlen(json_text(vector, "topic")));
}

static enum conclave_error open_mail(struct mail *opened, const json_t *vector, struct bytes mail)
{
	struct x25519_secret recipient;
	json_into(&recipient, sizeof(recipient), vector, "recipient_private");
	return mail_open(opened, (struct buffer){space, sizeof(space)}, &recipient, mail);
}

static void assert_bytes(struct bytes a, struct bytes b)
{
	assert_int_equal(a.len, b.len);
	assert_true(bytes_equal(a, b));
}

/* Call check with each vector of a list in a file of ours. */
static void for_each(
	const char *file, const char *list, size_t wanted, void (*check)(const json_t *))
{
	json_t *root = vectors_own(file), *vector;
	size_t i;
	json_array_foreach(json_object_get(root, list), i, vector)
	{
		vectors_forget();
		print_message("%s\n", json_text(vector, "name"));
		check(vector);
	}
	assert_int_equal(i, wanted);
	json_decref(root);
}

static void check_opens(const json_t *vector)
{
	struct bytes bytes = json_bytes(vector, "mail");
	struct mail_header header;
	struct mail mail;
	assert_int_equal(mail_header_read(&header, bytes), CONCLAVE_OK);
	assert_int_equal(open_mail(&mail, vector, bytes), CONCLAVE_OK);
	assert_int_equal(
		mail.header.protocol, json_integer_value(json_object_get(vector, "protocol_id")));
	assert_int_equal(mail.header.sequence,
		json_integer_value(json_object_get(vector, "sequence_number")));
	assert_bytes(mail.header.topic, topic_of(vector));
	assert_bytes(mail.header.topic, header.topic);
	assert_bytes(mail.header.envelope, json_bytes(vector, "envelope"));
	assert_bytes(mail.header.key_derivation, json_bytes(vector, "key_derivation"));
	assert_bytes(BYTES_OF(mail.sender), json_bytes(vector, "sender_public"));
	assert_bytes(mail.private_header, json_bytes(vector, "private_header"));
	assert_bytes(mail.body, body_of(vector));
}

static void opens_what_r3_wrote(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", 15, check_opens);
}

/* Same keys, same bytes. Padded mails differ by intent (docs/spec/mail.md, "Padding"), and protocol
 * 0 is not written: those must come out as protocol 1 without padding would, and open again. */
static void check_seals(const json_t *vector)
{
	struct x25519_secret sender, ephemeral;
	struct x25519_public recipient;
	json_into(&sender, sizeof(sender), vector, "sender_private");
	json_into(&ephemeral, sizeof(ephemeral), vector, "ephemeral_private");
	json_into(&recipient, sizeof(recipient), vector, "recipient_public");
	struct mail_draft draft = {.sequence = (uint64_t)json_integer_value(
					   json_object_get(vector, "sequence_number")),
		.topic = topic_of(vector),
		.envelope = json_bytes(vector, "envelope"),
		.key_derivation = json_bytes(vector, "key_derivation"),
		.private_header = json_bytes(vector, "private_header"),
		.body = body_of(vector),
		.min_size = (size_t)json_integer_value(json_object_get(vector, "min_size"))};
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(mail_seal(&out, &draft, &sender, &recipient, &ephemeral), CONCLAVE_OK);
	assert_int_equal(out.len, mail_sealed_size(&draft));

	struct bytes wanted = json_bytes(vector, "mail");
	if (draft.min_size == 0 && wanted.ptr[2] == 1) {
		assert_bytes(writer_bytes(&out), wanted);
	} else {
		struct mail mail;
		assert_int_equal(open_mail(&mail, vector, writer_bytes(&out)), CONCLAVE_OK);
		assert_bytes(mail.body, draft.body);
	}
}

static void seals_what_r3_seals(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", 15, check_seals);
}

/* What we say to each of R3's edge cases; R3's own verdict is in the file, and where R3 opens a
 * mail so do we. */
static const struct {
	const char *name;
	enum conclave_error error;
} EDGE_CASES[] = {
	{"good", CONCLAVE_OK},
	{"wrong-key", CONCLAVE_ERROR_AUTH},
	{"trailing-bytes-after-terminator", CONCLAVE_OK},
	{"no-terminator", CONCLAVE_ERROR_TRUNCATED},
	{"truncated-terminator-length", CONCLAVE_ERROR_TRUNCATED},
	{"empty-input", CONCLAVE_ERROR_TRUNCATED},
	{"protocol-id-2", CONCLAVE_ERROR_VERSION},
	{"protocol-id-downgraded-to-0", CONCLAVE_ERROR_AUTH},
	{"topic-tampered", CONCLAVE_ERROR_AUTH},
	{"prologue-extension-bytes", CONCLAVE_OK},
	{"handshake-payload-nonzero-byte", CONCLAVE_OK},
	{"split-across-small-packets", CONCLAVE_OK},
	{"padding-only-packet-in-middle", CONCLAVE_OK},
	{"nonzero-padding-bytes", CONCLAVE_OK},
	{"user-length-too-large", CONCLAVE_ERROR_FORMAT},
	{"plaintext-of-1-byte", CONCLAVE_ERROR_FORMAT},
	{"no-private-header-at-all", CONCLAVE_ERROR_FORMAT},
	{"private-header-negative-length", CONCLAVE_ERROR_FORMAT},
	{"private-header-length-2-31-minus-1", CONCLAVE_ERROR_FORMAT},
	{"ephemeral-all-zero", CONCLAVE_ERROR_KEY},
	{"ephemeral-low-order-1", CONCLAVE_ERROR_KEY},
	{"ephemeral-high-bit-set", CONCLAVE_ERROR_KEY},
	{"prologue-too-short", CONCLAVE_ERROR_FORMAT},
};

static void check_edge_case(const json_t *vector)
{
	size_t i = 0;
	while (strcmp(EDGE_CASES[i].name, json_text(vector, "name")) != 0)
		assert_true(++i < ARRAY_COUNT(EDGE_CASES));
	bool r3_opens = strncmp(json_text(vector, "result"), "OK ", 3) == 0;
	assert_int_equal(r3_opens, EDGE_CASES[i].error == CONCLAVE_OK);

	struct mail mail;
	memset(space, 0xee, sizeof(space));
	assert_int_equal(open_mail(&mail, vector, json_bytes(vector, "mail")), EDGE_CASES[i].error);
	if (EDGE_CASES[i].error == CONCLAVE_OK)
		assert_bytes(mail.body, BYTES_LIT("ok"));
}

static void judges_edge_cases(void **state)
{
	(void)state;
	for_each("r3/mail.json", "edge_cases", ARRAY_COUNT(EDGE_CASES), check_edge_case);
}

/* R3 opens all of these; we refuse every mail in which a key has low order (docs/spec/mail.md). */
static void check_odd_key(const json_t *vector)
{
	assert_int_equal(strncmp(json_text(vector, "r3_result"), "OK ", 3), 0);
	bool normal = strcmp(json_text(vector, "name"), "normal") == 0;
	struct mail mail;
	assert_int_equal(open_mail(&mail, vector, json_bytes(vector, "mail")),
		normal ? CONCLAVE_OK : CONCLAVE_ERROR_KEY);
}

static void refuses_odd_keys(void **state)
{
	(void)state;
	for_each("r3/odd_keys.json", "vectors", 5, check_odd_key);
}

/* Every position of small mails; of large ones a sample, the first kilobyte's and the last. */
static size_t next_position(size_t position, size_t size)
{
	return position < 400 || position + 400 > size ? position + 1 : position + 4999;
}

static void check_prefixes(const json_t *vector)
{
	struct bytes whole = json_bytes(vector, "mail");
	size_t prologue_end = 2 + ((size_t)whole.ptr[0] << 8 | whole.ptr[1]);
	struct mail_header header;
	struct mail mail;
	for (size_t size = 0; size < whole.len; size = next_position(size, whole.len)) {
		struct bytes prefix = bytes_slice(whole, 0, size);
		assert_int_equal(open_mail(&mail, vector, prefix), CONCLAVE_ERROR_TRUNCATED);
		assert_int_equal(mail_header_read(&header, prefix),
			size < prologue_end ? CONCLAVE_ERROR_TRUNCATED : CONCLAVE_OK);
	}
}

static void refuses_every_prefix(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", 15, check_prefixes);
}

/* No altered byte goes unnoticed, and none of the plaintext is left behind. */
static void check_flips(const json_t *vector)
{
	static uint8_t altered[200000];
	struct bytes whole = json_bytes(vector, "mail");
	struct bytes body = body_of(vector);
	memcpy(altered, whole.ptr, whole.len);
	for (size_t i = 0; i < whole.len; i = next_position(i, whole.len)) {
		struct mail mail;
		altered[i]++;
		enum conclave_error error = open_mail(&mail, vector, bytes_of(altered, whole.len));
		altered[i]--;
		if (error != CONCLAVE_ERROR_AUTH && error != CONCLAVE_ERROR_FORMAT &&
			error != CONCLAVE_ERROR_TRUNCATED && error != CONCLAVE_ERROR_VERSION &&
			error != CONCLAVE_ERROR_KEY)
			fail_msg("byte %zu altered: %s", i, conclave_error_name(error));
		if (body.len >= 8)
			assert_null(memmem(space, whole.len, body.ptr, 8));
	}
}

static void notices_every_altered_byte(void **state)
{
	(void)state;
	for_each("r3/mail.json", "vectors", 15, check_flips);
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_r3_wrote),
		cmocka_unit_test(seals_what_r3_seals),
		cmocka_unit_test(judges_edge_cases),
		cmocka_unit_test(refuses_odd_keys),
		cmocka_unit_test(refuses_every_prefix),
		cmocka_unit_test(notices_every_altered_byte),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
