/* Bodies that are read while they are sent: the same mail as from memory, whatever the source does;
 * numbers, padding, new keys, and each way to go wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hex.h"
#include "client/body.h"
#include "client/client.h"
#include "client/fake_enclave.h"
#include "property/random.h"

#define SMALL BODY_AHEAD_MAX
#define LARGE (3u * BODY_AHEAD_MAX + 12345u)

/* The linker's --wrap sends the client's randomness here. */
enum conclave_error __real_crypto_random(struct buffer out);
enum conclave_error __wrap_crypto_random(struct buffer out);

static bool fixed_randomness;

enum conclave_error __wrap_crypto_random(struct buffer out)
{
	if (!fixed_randomness)
		return __real_crypto_random(out);
	for (size_t i = 0; i < out.len; i++)
		out.ptr[i] = (uint8_t)(i + 1);
	return CONCLAVE_OK;
}

/* -- a source -- */

struct script {
	struct bytes body;
	size_t at;
	bool all_at_once;
	size_t fails_at; /* with `error`; 0: never */
	enum conclave_error error;
	unsigned rewinds;
	/* What progress said. */
	unsigned calls;
	uint64_t done, give_up_at;
};

static enum conclave_error read_script(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct script *script = context;
	if (script->fails_at != 0 && script->at >= script->fails_at) {
		snprintf(report->text, sizeof(report->text), "the disk burns");
		return script->error;
	}
	size_t most = script->all_at_once ? room : random_below(room) + 1;
	struct bytes part = bytes_slice(script->body, script->at, most);
	memcpy(to, part.ptr, part.len);
	script->at += part.len;
	*size = part.len;
	return CONCLAVE_OK;
}

static enum conclave_error rewind_script(void *context, struct conclave_report *report)
{
	struct script *script = context;
	(void)report;
	script->rewinds++;
	script->at = 0;
	script->done = 0;
	return CONCLAVE_OK;
}

static bool watch_script(void *context, uint64_t done)
{
	struct script *script = context;
	assert_true(done >= script->done && done <= script->body.len);
	script->calls++;
	script->done = done;
	return script->give_up_at == 0 || done < script->give_up_at;
}

static struct conclave_source source_of(struct script *script, bool size_known)
{
	return (struct conclave_source){
		.context = script,
		.read = read_script,
		.rewind = rewind_script,
		.size_known = size_known,
		.size = script->body.len,
		.progress = watch_script,
	};
}

/* -- the fixture -- */

struct fixture {
	struct fake_enclave enclave;
	struct conclave_client *client;
	struct conclave_report report;
	struct conclave_mail reply;
	uint8_t *body; /* of LARGE bytes */
	struct script script;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	random_seed(3);
	fixed_randomness = false;
	fake_enclave_start(&f->enclave);
	struct conclave_transport transport = fake_stream_transport(&f->enclave);
	assert_int_equal(
		conclave_client_new(&f->client, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	assert_int_equal(
		conclave_client_connect_over(f->client, &transport, &f->report), CONCLAVE_OK);
	f->body = malloc(LARGE);
	random_fill(f->body, LARGE);
	memcpy(f->body, "measure ", 8);
	f->script.body = bytes_of(f->body, LARGE);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	conclave_mail_free(&f->reply);
	conclave_client_free(f->client);
	fake_enclave_stop(&f->enclave);
	free(f->body);
	test_free(f);
	return 0;
}

static void says(const struct fixture *f, const char *words)
{
	if (strstr(f->report.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->report.text);
}

static enum conclave_error send_source(struct fixture *f, const struct conclave_source *source)
{
	f->report.text[0] = '\0';
	conclave_mail_free(&f->reply);
	return conclave_client_send_stream(f->client, &f->reply, "t", source, "env", 3, &f->report);
}

static enum conclave_error send_script(struct fixture *f, bool size_known)
{
	const struct conclave_source source = source_of(&f->script, size_known);
	return send_source(f, &source);
}

static void expect_measured(const struct fixture *f, struct bytes body)
{
	struct sha256 digest;
	char hex[65], text[128];
	sha256(&digest, body);
	snprintf(text, sizeof(text), "%zu %s", body.len, hex_encode(hex, BYTES_OF(digest.bytes)));
	assert_non_null(f->reply.topic);
	assert_string_equal(f->reply.body, text);
}

static uint64_t next_number(const struct fixture *f)
{
	return f->client->topics->office.next_sequence;
}

/* -- the bytes of a mail -- */

/* As mail_seal makes it with the same randomness. */
static void expect_mail(
	const struct fixture *f, uint64_t sequence, struct bytes body, uint64_t min_size)
{
	struct x25519_secret ephemeral;
	struct x25519_public enclave;
	struct mail_draft draft = {.sequence = sequence,
		.topic = BYTES_LIT("t"),
		.envelope = BYTES_LIT("env"),
		.body = body,
		.min_size = min_size};
	assert_int_equal(__wrap_crypto_random((struct buffer){ephemeral.bytes, 32}), CONCLAVE_OK);
	x25519_public(&enclave, &f->enclave.key);
	size_t size = mail_sealed_size(&draft);
	uint8_t *mail = malloc(size);
	struct writer writer = writer_of((struct buffer){mail, size});
	assert_int_equal(
		mail_seal(&writer, &draft, &f->client->key, &enclave, &ephemeral), CONCLAVE_OK);
	assert_int_equal(f->enclave.mail_size, size);
	assert_memory_equal(f->enclave.mail, mail, size);
	free(mail);
}

/* Whatever the size, how the source cuts it, and whether its size is known: sealed as if it had
 * been in memory. */
static void a_mail_does_not_tell_how_it_was_made(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {0, 1, 300, 65513, 65514, SMALL - 1, SMALL, SMALL + 1, LARGE};
	uint64_t sequence = 0;
	assert_int_equal(
		conclave_client_set_padding(f->client, CONCLAVE_PADDING_NONE, 0, false, NULL),
		CONCLAVE_OK);
	fixed_randomness = true;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		for (unsigned way = 0; way < 4; way++) {
			f->script = (struct script){
				.body = bytes_of(f->body, sizes[i]), .all_at_once = (way & 1) != 0};
			assert_int_equal(send_script(f, (way & 2) != 0), CONCLAVE_OK);
			expect_mail(f, sequence++, f->script.body, 0);
			assert_int_equal(f->enclave.came_as_stream, sizes[i] > SMALL);
			assert_true(f->enclave.was_waited_for);
			assert_int_equal(f->script.at, sizes[i]);
		}
		fixed_randomness = false;
		assert_int_equal(conclave_client_send(f->client, NULL, "t", f->body, sizes[i],
					 "env", 3, &f->report),
			CONCLAVE_OK);
		sequence++;
		fixed_randomness = true;
	}
}

/* A policy says the same of a body whose size is known only at its end. */
static void padding_is_the_same(void **state)
{
	struct fixture *f = *state;
	static const enum conclave_padding policies[] = {CONCLAVE_PADDING_FIXED,
		CONCLAVE_PADDING_LARGEST, CONCLAVE_PADDING_AVERAGE, CONCLAVE_PADDING_POWERS};
	static const size_t sizes[] = {300, LARGE, SMALL + 1, SMALL + 70000};
	uint64_t sequence = 0;
	for (size_t policy = 0; policy < ARRAY_COUNT(policies); policy++) {
		for (unsigned known = 0; known < 2; known++) {
			/* Shared, and set to another in between, so that it begins anew. */
			assert_int_equal(conclave_client_set_padding(
						 f->client, CONCLAVE_PADDING_NONE, 0, true, NULL),
				CONCLAVE_OK);
			assert_int_equal(conclave_client_set_padding(
						 f->client, policies[policy], 100000, true, NULL),
				CONCLAVE_OK);
			struct padding expected = f->client->padding;
			fixed_randomness = true;
			for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
				f->script = (struct script){.body = bytes_of(f->body, sizes[i])};
				assert_int_equal(send_script(f, known == 1), CONCLAVE_OK);
				expect_mail(f, sequence++, f->script.body,
					padding_next(&expected, sizes[i]));
			}
			fixed_randomness = false;
			assert_memory_equal(&f->client->padding, &expected, sizeof(expected));
		}
	}
}

/* Else one large body would make all small ones large. */
static void the_average_does_not_learn_from_the_huge(void **state)
{
	struct fixture *f = *state;
	struct topic *topic = NULL;
	assert_int_equal(client_topic(&topic, f->client, BYTES_LIT("t")), CONCLAVE_OK);
	assert_int_equal(client_padding_next(f->client, topic, 1000), 1000);
	assert_int_equal(client_padding_next(f->client, topic, (uint64_t)3 << 30),
		((uint64_t)3 << 30) + 1000);
	assert_int_equal(client_padding_next(f->client, topic, 1000), 1000);
	assert_int_equal(client_padding_next(f->client, topic, CLIENT_MAIL_SIZE_MAX),
		(CLIENT_MAIL_SIZE_MAX + 2000) / 3 * 3);
	assert_int_equal(
		client_padding_next(f->client, topic, 1000), (CLIENT_MAIL_SIZE_MAX + 3000) / 4);
	/* The largest is what it says. */
	assert_int_equal(
		conclave_client_set_padding(f->client, CONCLAVE_PADDING_LARGEST, 0, false, NULL),
		CONCLAVE_OK);
	assert_int_equal(
		client_padding_next(f->client, topic, (uint64_t)3 << 30), (uint64_t)3 << 30);
	assert_int_equal(client_padding_next(f->client, topic, 1000), (uint64_t)3 << 30);
}

/* 64 MiB are held in memory, for a mail of a few bytes no more than for a large one. */
static void padding_alone_can_make_a_stream(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(conclave_client_set_padding(f->client, CONCLAVE_PADDING_FIXED,
				 CLIENT_MAIL_SIZE_MAX, false, NULL),
		CONCLAVE_OK);
	assert_int_equal(
		conclave_client_send(f->client, &f->reply, "t", "echo hi", 7, NULL, 0, &f->report),
		CONCLAVE_OK);
	assert_string_equal(f->reply.body, "hi");
	assert_true(f->enclave.came_as_stream);
	assert_true(f->enclave.mail_size > CLIENT_MAIL_SIZE_MAX);
	assert_int_equal(next_number(f), 1);
}

/* -- what comes of it -- */

static void replies_come_back(void **state)
{
	struct fixture *f = *state;
	for (unsigned known = 0; known < 2; known++) {
		f->script = (struct script){.body = bytes_of(f->body, LARGE)};
		assert_int_equal(send_script(f, known == 1), CONCLAVE_OK);
		expect_measured(f, f->script.body);
		assert_int_equal(f->reply.sequence, known);
		assert_int_equal(f->script.done, LARGE);
		assert_true(f->script.calls >= LARGE / BODY_PIECE_MAX);
	}
	assert_int_equal(f->enclave.handled, 2);
}

static void nobody_need_wait(void **state)
{
	struct fixture *f = *state;
	const struct conclave_source source = source_of(&f->script, false);
	assert_int_equal(
		conclave_client_send_stream_async(f->client, "t", &source, NULL, 0, &f->report),
		CONCLAVE_OK);
	assert_false(f->enclave.was_waited_for);
	assert_int_equal(next_number(f), 1);
	/* This host answered at once all the same. */
	assert_int_equal(conclave_client_poll(f->client, &f->reply, &f->report), CONCLAVE_OK);
	expect_measured(f, f->script.body);
}

static void refusals_use_the_number(void **state)
{
	struct fixture *f = *state;
	memcpy(f->body, "trap    ", 8);
	assert_int_equal(send_script(f, true), CONCLAVE_ERROR_REFUSED);
	says(f, "the application failed");
	assert_int_equal(next_number(f), 1);
}

static void lost_mail_does_not_block(void **state)
{
	struct fixture *f = *state;
	f->enclave.loses_mail = true;
	assert_int_equal(send_script(f, true), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(next_number(f), 0);
	f->enclave.loses_mail = false;
	f->script.at = 0;
	f->script.done = 0;
	assert_int_equal(send_script(f, true), CONCLAVE_OK);
	expect_measured(f, f->script.body);
}

/* -- an enclave with a new key -- */

static void sealed_again_for_a_new_key(void **state)
{
	struct fixture *f = *state;
	for (unsigned known = 0; known < 2; known++) {
		f->enclave.restarts_left = 3;
		f->script = (struct script){.body = bytes_of(f->body, LARGE)};
		assert_int_equal(send_script(f, known == 1), CONCLAVE_OK);
		assert_int_equal(f->script.rewinds, 3);
		expect_measured(f, f->script.body);
		assert_int_equal(next_number(f), 1);
	}
	assert_int_equal(f->enclave.handled, 2);
}

static void given_up_after_ten_keys(void **state)
{
	struct fixture *f = *state;
	f->script.body = bytes_of(f->body, SMALL + 1);
	f->enclave.restarts_left = 100;
	assert_int_equal(send_script(f, true), CONCLAVE_ERROR_AUTH);
	says(f, "changed its key 10 times");
	assert_int_equal(f->script.rewinds, 10);
}

/* The client knows the new key then: sent again, it arrives. */
static void what_comes_once_is_lost_with_the_key(void **state)
{
	struct fixture *f = *state;
	struct conclave_source source = source_of(&f->script, false);
	source.rewind = NULL;
	fake_enclave_restart(&f->enclave);
	assert_int_equal(send_source(f, &source), CONCLAVE_ERROR_AUTH);
	says(f, "send it again");
	assert_int_equal(f->enclave.handled, 0);
	f->script = (struct script){.body = bytes_of(f->body, LARGE)};
	assert_int_equal(send_source(f, &source), CONCLAVE_OK);
	expect_measured(f, f->script.body);
	/* What was in memory needs no rewind. */
	fake_enclave_restart(&f->enclave);
	f->script = (struct script){.body = bytes_of(f->body, SMALL)};
	assert_int_equal(send_source(f, &source), CONCLAVE_OK);
	expect_measured(f, f->script.body);
}

static void a_replaced_enclave_gets_nothing(void **state)
{
	struct fixture *f = *state;
	fake_enclave_restart(&f->enclave);
	f->enclave.mrsigner[0] ^= 1;
	assert_int_equal(send_script(f, true), CONCLAVE_ERROR_CONSTRAINT);
	says(f, "the enclave was replaced");
	assert_int_equal(f->script.rewinds, 0);
	assert_int_equal(f->enclave.handled, 0);
}

/* -- sources that fail -- */

/* AUTH and REFUSED are the host's words: from a source they would count as its. */
static void the_source_s_error_is_returned(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum conclave_error said, heard;
	} errors[] = {{CONCLAVE_ERROR_IO, CONCLAVE_ERROR_IO},
		{CONCLAVE_ERROR_NOT_FOUND, CONCLAVE_ERROR_NOT_FOUND},
		{CONCLAVE_ERROR_AUTH, CONCLAVE_ERROR_IO},
		{CONCLAVE_ERROR_REFUSED, CONCLAVE_ERROR_IO}};
	static const size_t places[] = {1, SMALL - 1, SMALL + 2, LARGE};
	for (size_t i = 0; i < ARRAY_COUNT(errors); i++)
		for (size_t place = 0; place < ARRAY_COUNT(places); place++) {
			f->script = (struct script){.body = bytes_of(f->body, LARGE),
				.fails_at = places[place],
				.error = errors[i].said};
			assert_int_equal(send_script(f, false), errors[i].heard);
			says(f, "the disk burns");
		}
	assert_int_equal(f->enclave.delivered, 0);
	assert_int_equal(f->enclave.attestations, 1);
	f->script = (struct script){.body = bytes_of(f->body, LARGE)};
	assert_int_equal(send_script(f, true), CONCLAVE_OK);
	assert_int_equal(next_number(f), 1);
}

static void a_body_has_the_size_it_is_said_to_have(void **state)
{
	struct fixture *f = *state;
	struct conclave_source source = source_of(&f->script, true);
	static const size_t missing[] = {1, LARGE - SMALL, LARGE - 10};
	for (size_t i = 0; i < ARRAY_COUNT(missing); i++) {
		f->script = (struct script){.body = bytes_of(f->body, LARGE - missing[i])};
		assert_int_equal(send_source(f, &source), CONCLAVE_ERROR_TRUNCATED);
		says(f, "became shorter");
	}
	assert_int_equal(f->enclave.delivered, 0);
	/* What was written behind it meanwhile is not looked at. */
	static const size_t sizes[] = {10, SMALL, SMALL + 1, LARGE - 1};
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		f->script = (struct script){.body = bytes_of(f->body, LARGE)};
		source.size = sizes[i];
		assert_int_equal(send_source(f, &source), CONCLAVE_OK);
		expect_measured(f, bytes_of(f->body, sizes[i]));
	}
}

static enum conclave_error read_too_much(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	(void)context;
	(void)report;
	memset(to, 0, room);
	*size = room + 1;
	return CONCLAVE_OK;
}

static void a_source_keeps_to_its_room(void **state)
{
	struct fixture *f = *state;
	const struct conclave_source source = {.read = read_too_much};
	assert_int_equal(send_source(f, &source), CONCLAVE_ERROR_ARGUMENT);
}

static void given_up_when_told(void **state)
{
	struct fixture *f = *state;
	static const size_t places[] = {1, LARGE / 2, LARGE};
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		f->script =
			(struct script){.body = bytes_of(f->body, LARGE), .give_up_at = places[i]};
		assert_int_equal(send_script(f, i == 1), CONCLAVE_ERROR_CANCELLED);
		assert_int_equal(next_number(f), 0);
	}
	assert_int_equal(f->enclave.delivered, 0);
}

static void a_transport_without_streams(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport transport = fake_transport(&f->enclave);
	const struct conclave_source source = source_of(&f->script, true);
	assert_int_equal(
		conclave_client_connect_over(f->client, &transport, &f->report), CONCLAVE_OK);
	assert_int_equal(send_script(f, true), CONCLAVE_ERROR_UNSUPPORTED);
	says(f, "carries no streams");
	f->script.at = 0;
	assert_int_equal(conclave_client_post_stream(f->client, &f->reply, &source, &f->report),
		CONCLAVE_ERROR_UNSUPPORTED);
	f->script = (struct script){.body = bytes_of(f->body, SMALL)};
	assert_int_equal(send_script(f, false), CONCLAVE_OK);
	expect_measured(f, f->script.body);
	const struct conclave_source again = source_of(&f->script, true);
	assert_int_equal(
		conclave_client_send_stream_async(f->client, "t", &again, NULL, 0, &f->report),
		CONCLAVE_ERROR_TRUNCATED);
	f->script.at = 0;
	assert_int_equal(
		conclave_client_send_stream_async(f->client, "t", &again, NULL, 0, &f->report),
		CONCLAVE_ERROR_UNSUPPORTED);
}

static void nothing_without_a_host_or_a_topic(void **state)
{
	struct fixture *f = *state;
	const struct conclave_source source = source_of(&f->script, true);
	struct conclave_client *fresh = NULL;
	assert_int_equal(conclave_client_send_stream(
				 f->client, NULL, "no topic", &source, NULL, 0, &f->report),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		conclave_client_new(&fresh, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	f->script.at = 0;
	assert_int_equal(conclave_client_send_stream(fresh, NULL, "t", &source, NULL, 0, NULL),
		CONCLAVE_ERROR_STATE);
	assert_int_equal(conclave_client_send_stream_async(fresh, "t", &source, NULL, 0, NULL),
		CONCLAVE_ERROR_STATE);
	assert_int_equal(
		conclave_client_post_stream(fresh, NULL, &source, NULL), CONCLAVE_ERROR_STATE);
	assert_int_equal(
		conclave_client_seal_stream(fresh, "t", &source, NULL, 0, NULL, NULL, NULL),
		CONCLAVE_ERROR_STATE);
	conclave_client_free(fresh);
}

/* -- sealed now, posted later -- */

struct sink {
	struct buffer mail;
	size_t room;
};

static enum conclave_error write_sink(
	void *context, const void *data, size_t size, struct conclave_report *report)
{
	struct sink *sink = context;
	(void)report;
	if (size > sink->room - sink->mail.len)
		return CONCLAVE_ERROR_IO;
	memcpy(sink->mail.ptr + sink->mail.len, data, size);
	sink->mail.len += size;
	return CONCLAVE_OK;
}

static void sealed_and_posted(void **state)
{
	struct fixture *f = *state;
	struct sink sink = {.room = 2 * LARGE};
	sink.mail.ptr = malloc(sink.room);
	assert_int_equal(
		conclave_client_set_padding(f->client, CONCLAVE_PADDING_NONE, 0, false, NULL),
		CONCLAVE_OK);
	for (unsigned small = 0; small < 2; small++) {
		f->script = (struct script){.body = bytes_of(f->body, small == 1 ? 500 : LARGE)};
		const struct conclave_source source = source_of(&f->script, false);
		sink.mail.len = 0;
		assert_int_equal(conclave_client_seal_stream(f->client, "t", &source, NULL, 0,
					 write_sink, &sink, &f->report),
			CONCLAVE_OK);
		assert_int_equal(next_number(f), small + 1);
		struct script sealed = {.body = bytes_of(sink.mail.ptr, sink.mail.len)};
		const struct conclave_source mail = source_of(&sealed, small == 0);
		assert_int_equal(
			conclave_client_post_stream(f->client, &f->reply, &mail, &f->report),
			CONCLAVE_OK);
		assert_int_equal(f->enclave.came_as_stream, small == 0);
		expect_measured(f, f->script.body);
		conclave_mail_free(&f->reply);
	}
	/* What nobody took to its end is not a mail. */
	f->script = (struct script){.body = bytes_of(f->body, LARGE)};
	const struct conclave_source source = source_of(&f->script, true);
	sink = (struct sink){.mail = {sink.mail.ptr, 0}, .room = LARGE};
	assert_int_equal(conclave_client_seal_stream(
				 f->client, "t", &source, NULL, 0, write_sink, &sink, &f->report),
		CONCLAVE_ERROR_IO);
	assert_int_equal(next_number(f), 2);
	free(sink.mail.ptr);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_mail_does_not_tell_how_it_was_made),
		TEST(padding_is_the_same),
		TEST(the_average_does_not_learn_from_the_huge),
		TEST(padding_alone_can_make_a_stream),
		TEST(replies_come_back),
		TEST(nobody_need_wait),
		TEST(refusals_use_the_number),
		TEST(lost_mail_does_not_block),
		TEST(sealed_again_for_a_new_key),
		TEST(given_up_after_ten_keys),
		TEST(what_comes_once_is_lost_with_the_key),
		TEST(a_replaced_enclave_gets_nothing),
		TEST(the_source_s_error_is_returned),
		TEST(a_body_has_the_size_it_is_said_to_have),
		TEST(a_source_keeps_to_its_room),
		TEST(given_up_when_told),
		TEST(a_transport_without_streams),
		TEST(nothing_without_a_host_or_a_topic),
		TEST(sealed_and_posted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
