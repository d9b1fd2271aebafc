/* The client over a transport of the test's own: R3's acceptance list for its client, and more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/client.h"
#include "client/fake_enclave.h"

struct fixture {
	struct fake_enclave enclave;
	struct conclave_client *client;
	struct conclave_report report;
	unsigned new_keys;
};

static void count_new_key(void *context)
{
	struct fixture *f = context;
	f->new_keys++;
}

static void connect_client(struct fixture *f)
{
	struct conclave_transport transport = fake_transport(&f->enclave);
	conclave_client_on_new_key(f->client, count_new_key, f);
	assert_int_equal(
		conclave_client_connect_over(f->client, &transport, &f->report), CONCLAVE_OK);
}

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	fake_enclave_start(&f->enclave);
	assert_int_equal(
		conclave_client_new(&f->client, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	connect_client(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	conclave_client_free(f->client);
	fake_enclave_stop(&f->enclave);
	test_free(f);
	return 0;
}

static enum conclave_error send_text(
	struct fixture *f, struct conclave_mail *reply, const char *topic, const char *text)
{
	f->report.text[0] = '\0';
	return conclave_client_send(
		f->client, reply, topic, text, strlen(text), NULL, 0, &f->report);
}

static void expect_echo(struct fixture *f, const char *topic, const char *text)
{
	char body[128];
	struct conclave_mail reply;
	snprintf(body, sizeof(body), "echo %s", text);
	assert_int_equal(send_text(f, &reply, topic, body), CONCLAVE_OK);
	assert_string_equal(reply.topic, topic);
	assert_int_equal(reply.body_size, strlen(text));
	assert_string_equal(reply.body, text);
	conclave_mail_free(&reply);
	assert_null(reply.topic);
}

/* -- connecting -- */

static void attestation_is_told(void **state)
{
	struct fixture *f = *state;
	const struct conclave_attestation *said = conclave_client_attestation(f->client);
	assert_memory_equal(said->code_hash, f->enclave.mrenclave, 32);
	assert_memory_equal(said->code_signer, f->enclave.mrsigner, 32);
	assert_int_equal(said->product_id, 1);
	assert_int_equal(said->revocation_level, 0);
	assert_int_equal(said->mode, CONCLAVE_MODE_SIMULATION);
	assert_int_equal(said->security, CONCLAVE_SECURITY_INSECURE);
	assert_int_equal(said->timestamp, 1700000000);
	assert_true(strlen(said->summary) > 0);
	assert_string_equal(conclave_client_constraint(f->client), FAKE_CONSTRAINT);
}

/* T-45: an answer to another question is refused, as is a transport that cannot ask. */
static void freshness_is_asked_for_and_checked(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport plain = fake_transport(&f->enclave);
	struct conclave_transport fresh = fake_fresh_transport(&f->enclave);
	conclave_client_set_fresh(f->client, true);
	f->enclave.attestations = 0;
	assert_int_equal(conclave_client_connect_over(f->client, &fresh, &f->report), CONCLAVE_OK);
	assert_int_equal(conclave_client_connect_over(f->client, &fresh, &f->report),
		CONCLAVE_ERROR_MISMATCH);
	assert_non_null(strstr(f->report.text, "it does not hold the nonce"));
	assert_int_equal(conclave_client_connect_over(f->client, &plain, &f->report),
		CONCLAVE_ERROR_UNSUPPORTED);
	conclave_client_set_fresh(f->client, false);
	assert_int_equal(conclave_client_connect_over(f->client, &plain, &f->report), CONCLAVE_OK);
}

static void constraint_is_checked_at_connect(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport transport = fake_transport(&f->enclave);
	f->enclave.mrsigner[0] ^= 1;
	assert_int_equal(conclave_client_connect_over(f->client, &transport, &f->report),
		CONCLAVE_ERROR_CONSTRAINT);
	assert_non_null(strstr(f->report.text, "code signer"));
	/* One close for the first connection, one for the refused one. */
	assert_int_equal(f->enclave.closed, 2);
	struct conclave_mail reply;
	assert_int_equal(send_text(f, &reply, "default", "echo x"), CONCLAVE_ERROR_STATE);
}

static void bad_constraints_are_refused(void **state)
{
	struct fixture *f = *state;
	struct conclave_client *client = NULL;
	static const char *const bad[] = {"", "PROD:1", "S:00 PROD:1", "nonsense", "SEC:SECURE"};
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		f->report.text[0] = '\0';
		assert_int_not_equal(
			conclave_client_new(&client, bad[i], NULL, &f->report), CONCLAVE_OK);
		assert_null(client);
		assert_true(strlen(f->report.text) > 0);
	}
	assert_int_equal(
		conclave_client_new(&client, NULL, NULL, &f->report), CONCLAVE_ERROR_ARGUMENT);
}

static void nothing_before_connect(void **state)
{
	struct fixture *f = *state;
	struct conclave_client *fresh = NULL;
	struct conclave_mail mail;
	uint8_t *sealed = NULL;
	size_t size = 0;
	assert_int_equal(
		conclave_client_new(&fresh, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	assert_null(conclave_client_attestation(fresh));
	assert_int_equal(conclave_client_poll(fresh, &mail, &f->report), CONCLAVE_ERROR_STATE);
	assert_int_equal(conclave_client_post(fresh, &mail, (const uint8_t *)"x", 1, NULL),
		CONCLAVE_ERROR_STATE);
	assert_int_equal(conclave_client_seal(fresh, &sealed, &size, "t", "x", 1, NULL, 0, NULL),
		CONCLAVE_ERROR_STATE);
	conclave_client_free(fresh);
	conclave_client_free(NULL);
}

static void attestation_bytes_are_hostile(void **state)
{
	struct fixture *f = *state;
	struct conclave_attestation said;
	uint8_t *info = NULL;
	size_t size = 0;
	fake_enclave_info(&info, &size, &f->enclave);
	assert_int_equal(conclave_attestation_verify(
				 &said, info, size, FAKE_CONSTRAINT, 1800000000, &f->report),
		CONCLAVE_OK);
	assert_int_equal(
		conclave_attestation_verify(&said, info, size, NULL, 0, NULL), CONCLAVE_OK);
	for (size_t len = 0; len < size; len++)
		assert_int_not_equal(
			conclave_attestation_verify(&said, info, len, NULL, 0, &f->report),
			CONCLAVE_OK);
	/* The encryption key is bound by the report data: 3 + 4 + 44 + 4 bytes lie before it. */
	info[55] ^= 1;
	assert_int_equal(conclave_attestation_verify(&said, info, size, NULL, 0, &f->report),
		CONCLAVE_ERROR_MISMATCH);
	assert_true(strlen(f->report.text) > 0);
	info[55] ^= 1;
	assert_int_not_equal(
		conclave_attestation_verify(&said, info, size, "S:12", 0, &f->report), CONCLAVE_OK);
	free(info);
}

/* A policy's remarks refuse nothing, but whoever looks sees them. */
static void remarks_are_said(void **state)
{
	static const char policy[] =
		"{\"version\":1,\"mode\":\"simulation\",\"sgx\":{\"accept\":[{\"mrsigner\":"
		"\"2222222222222222222222222222222222222222222222222222222222222222\","
		"\"product_id\":1,\"min_svn\":0}]}}";
	struct fixture *f = *state;
	struct conclave_attestation said;
	uint8_t *info = NULL;
	size_t size = 0;
	fake_enclave_info(&info, &size, &f->enclave);
	assert_int_equal(
		conclave_attestation_appraise(&said, info, size, policy, NULL, 0, &f->report),
		CONCLAVE_OK);
	assert_string_equal(said.remarks, "signature: nobody signed this: anyone can make it");
	assert_int_equal(
		conclave_attestation_verify(&said, info, size, FAKE_CONSTRAINT, 0, &f->report),
		CONCLAVE_OK);
	assert_string_equal(said.remarks, "");
	free(info);
}

/* -- mail -- */

static void replies_come_back(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	expect_echo(f, "default", "hello");
	expect_echo(f, "default", "");
	expect_echo(f, "another-topic", "hello again");
	assert_int_equal(send_text(f, &reply, "default", "silent"), CONCLAVE_OK);
	assert_null(reply.topic);
	assert_int_equal(f->enclave.handled, 4);
	/* R3's web client: the upper-case hexadecimal SHA-256 of the private key. */
	assert_string_equal(f->enclave.last_correlation_id, f->client->correlation_id);
	assert_int_equal(strspn(f->enclave.last_correlation_id, "0123456789ABCDEF"), 64);
}

static void envelopes_come_back(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	assert_int_equal(
		conclave_client_send(f->client, &reply, "t", "echo b", 6, "\0\1\2", 3, &f->report),
		CONCLAVE_OK);
	assert_int_equal(reply.envelope_size, 3);
	assert_memory_equal(reply.envelope, "\0\1\2", 3);
	assert_int_equal(reply.sequence, 0);
	conclave_mail_free(&reply);
}

static void replies_nobody_waited_for_are_polled(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail mail;
	assert_int_equal(send_text(f, NULL, "t", "twice one"), CONCLAVE_OK);
	assert_int_equal(send_text(f, NULL, "t", "echo two"), CONCLAVE_OK);
	static const char *const expected[] = {"one", "two", "one"}; /* the last from the host */
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
		assert_int_equal(conclave_client_poll(f->client, &mail, &f->report), CONCLAVE_OK);
		assert_string_equal(mail.body, expected[i]);
		conclave_mail_free(&mail);
	}
	assert_int_equal(conclave_client_poll(f->client, &mail, &f->report), CONCLAVE_OK);
	assert_null(mail.topic);
	/* What is never fetched is freed with the client. */
	assert_int_equal(send_text(f, NULL, "t", "echo three"), CONCLAVE_OK);
}

static void polled_mail_comes_in_order_and_only_to_its_client(void **state)
{
	struct fixture *f = *state;
	struct conclave_client *other = NULL;
	struct conclave_transport transport = fake_transport(&f->enclave);
	struct conclave_mail mail;
	assert_int_equal(conclave_client_new(&other, FAKE_CONSTRAINT, NULL, NULL), CONCLAVE_OK);
	assert_int_equal(conclave_client_connect_over(other, &transport, NULL), CONCLAVE_OK);
	assert_int_equal(send_text(f, &mail, "t", "later 1"), CONCLAVE_OK);
	assert_int_equal(
		conclave_client_send(other, &mail, "t", "later x", 7, NULL, 0, NULL), CONCLAVE_OK);
	assert_int_equal(send_text(f, &mail, "u", "later 2"), CONCLAVE_OK);
	static const char *const expected[] = {"1", "2"};
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
		assert_int_equal(conclave_client_poll(f->client, &mail, &f->report), CONCLAVE_OK);
		assert_string_equal(mail.body, expected[i]);
		conclave_mail_free(&mail);
	}
	assert_int_equal(conclave_client_poll(f->client, &mail, &f->report), CONCLAVE_OK);
	assert_null(mail.topic);
	assert_int_equal(conclave_client_poll(other, &mail, NULL), CONCLAVE_OK);
	assert_string_equal(mail.body, "x");
	conclave_mail_free(&mail);
	conclave_client_free(other);
}

static void bad_topics_are_refused(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	char long_topic[258];
	memset(long_topic, 'a', sizeof(long_topic));
	long_topic[257] = '\0';
	static const char *const bad[] = {"", " ", "!!!", "1234.5678", "\xf0\x9f\x99\x82"};
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		assert_int_equal(send_text(f, &reply, bad[i], "x"), CONCLAVE_ERROR_FORMAT);
		assert_non_null(strstr(f->report.text, "topic"));
	}
	assert_int_equal(send_text(f, &reply, long_topic, "x"), CONCLAVE_ERROR_LIMIT);
	for (size_t i = 0; i < 256; i += 2)
		memcpy(long_topic + i, "\xc3\xbc", 2); /* 128 characters, 256 bytes */
	long_topic[256] = '\0';
	assert_int_equal(send_text(f, &reply, long_topic, "x"), CONCLAVE_ERROR_LIMIT);
	assert_non_null(strstr(f->report.text, "255 bytes"));
	assert_int_equal(f->enclave.delivered, 0);
}

static void oversize_mail_is_refused(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	uint8_t *big = calloc(1, CLIENT_MAIL_SIZE_MAX);
	assert_non_null(big);
	assert_int_equal(conclave_client_send(f->client, &reply, "t", big, CLIENT_MAIL_SIZE_MAX,
				 NULL, 0, &f->report),
		CONCLAVE_ERROR_LIMIT);
	assert_int_equal(
		conclave_client_send(f->client, &reply, "t", "x", 1, big, 65536, &f->report),
		CONCLAVE_ERROR_LIMIT);
	free(big);
	expect_echo(f, "t", "the number was not used");
}

/* -- refusals -- */

static void sealed_refusals_are_told(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	assert_int_equal(send_text(f, &reply, "t", "trap"), CONCLAVE_ERROR_REFUSED);
	assert_non_null(strstr(f->report.text, "the application failed"));
	expect_echo(f, "t", "the next number");
}

static void only_the_enclave_is_believed(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	f->enclave.forges_replies = true;
	assert_int_equal(send_text(f, &reply, "t", "echo x"), CONCLAVE_ERROR_MISMATCH);
	assert_non_null(strstr(f->report.text, "did not write"));
	/* A refusal too. */
	assert_int_equal(send_text(f, &reply, "u", "trap"), CONCLAVE_ERROR_MISMATCH);
	f->enclave.forges_replies = false;
	f->enclave.garbles_replies = true;
	assert_int_equal(send_text(f, &reply, "v", "echo x"), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(send_text(f, &reply, "w", "later x"), CONCLAVE_OK);
	assert_int_equal(
		conclave_client_poll(f->client, &reply, &f->report), CONCLAVE_ERROR_MISMATCH);
}

/* -- numbers: an unlucky connection neither blocks a topic nor runs a mail twice -- */

static void lost_mail_does_not_block(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	expect_echo(f, "t", "0");
	f->enclave.loses_mail = true;
	assert_int_equal(send_text(f, &reply, "t", "echo lost"), CONCLAVE_ERROR_NETWORK);
	f->enclave.loses_mail = false;
	expect_echo(f, "t", "1");
}

static void lost_answer_is_not_run_twice(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	expect_echo(f, "t", "0");
	f->enclave.loses_answers = true;
	assert_int_equal(send_text(f, &reply, "t", "echo pay"), CONCLAVE_ERROR_NETWORK);
	f->enclave.loses_answers = false;
	assert_int_equal(f->enclave.handled, 2);
	/* Sent again: the enclave has seen the number, and says so without running it. */
	assert_int_equal(send_text(f, &reply, "t", "echo pay"), CONCLAVE_ERROR_REFUSED);
	assert_non_null(strstr(f->report.text, "number"));
	assert_int_equal(f->enclave.handled, 2);
	expect_echo(f, "t", "goes on");
}

static void sealed_mail_is_posted_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	uint8_t *mail = NULL;
	size_t size = 0;
	assert_int_equal(conclave_client_seal(f->client, &mail, &size, "t", "echo later", 10, NULL,
				 0, &f->report),
		CONCLAVE_OK);
	mail[size / 2] ^= 1;
	assert_int_equal(conclave_client_post(f->client, &reply, mail, size, &f->report),
		CONCLAVE_ERROR_AUTH);
	mail[size / 2] ^= 1;
	assert_int_equal(
		conclave_client_post(f->client, &reply, mail, size, &f->report), CONCLAVE_OK);
	assert_string_equal(reply.body, "later");
	conclave_mail_free(&reply);
	/* Replayed. */
	assert_int_equal(conclave_client_post(f->client, &reply, mail, size, &f->report),
		CONCLAVE_ERROR_REFUSED);
	free(mail);
	expect_echo(f, "t", "its number is used");
}

/* -- what comes twice, not in order, or not at all -- */

/* A copy of what waits at the host for this client. */
static void host_repeats(struct fixture *f)
{
	const struct fake_queued *next = fake_enclave_next(&f->enclave, f->client->correlation_id);
	uint8_t *copy = malloc(next->size);
	size_t size = next->size;
	memcpy(copy, next->mail, size);
	fake_enclave_keep(&f->enclave, f->client->correlation_id, copy, size);
}

static void expect_polled(struct fixture *f, const char *body, enum conclave_order order)
{
	struct conclave_mail mail;
	assert_int_equal(conclave_client_poll(f->client, &mail, &f->report), CONCLAVE_OK);
	if (body == NULL) {
		assert_null(mail.topic);
		return;
	}
	assert_string_equal(mail.body, body);
	assert_int_equal(mail.order, order);
	conclave_mail_free(&mail);
}

static void repetitions_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	assert_int_equal(send_text(f, &reply, "t", "later 1"), CONCLAVE_OK);
	host_repeats(f);
	host_repeats(f);
	assert_int_equal(send_text(f, &reply, "t", "later 2"), CONCLAVE_OK);
	expect_polled(f, "1", CONCLAVE_ORDER_NEXT);
	expect_polled(f, "2", CONCLAVE_ORDER_NEXT);
	expect_polled(f, NULL, CONCLAVE_ORDER_NEXT);
	assert_int_equal(conclave_client_repeated(f->client), 2);
	assert_int_equal(conclave_client_missing(f->client), 0);
}

static uint8_t *repeated_mail;
static size_t repeated_size;

static enum conclave_error repeating_poll(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, struct conclave_report *report)
{
	(void)context, (void)correlation_id, (void)report;
	*out = malloc(repeated_size);
	memcpy(*out, repeated_mail, repeated_size);
	*out_size = repeated_size;
	return CONCLAVE_OK;
}

static void endless_repetition_ends(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	assert_int_equal(send_text(f, &reply, "t", "later 1"), CONCLAVE_OK);
	fake_enclave_poll(&f->enclave, &repeated_mail, &repeated_size, f->client->correlation_id);
	f->client->transport.poll = repeating_poll;
	expect_polled(f, "1", CONCLAVE_ORDER_NEXT);
	assert_int_equal(
		conclave_client_poll(f->client, &reply, &f->report), CONCLAVE_ERROR_SEQUENCE);
	assert_non_null(strstr(f->report.text, "come before"));
	free(repeated_mail);
}

static void withheld_replies_are_missed(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	uint8_t *withheld = NULL;
	size_t size = 0;
	expect_echo(f, "t", "0");
	assert_int_equal(send_text(f, &reply, "t", "later 1"), CONCLAVE_OK);
	fake_enclave_poll(&f->enclave, &withheld, &size, f->client->correlation_id);
	assert_int_equal(send_text(f, &reply, "t", "echo 2"), CONCLAVE_OK);
	assert_int_equal(reply.order, CONCLAVE_ORDER_GAP);
	conclave_mail_free(&reply);
	assert_int_equal(conclave_client_missing(f->client), 1);
	/* Refusals are numbered too. */
	assert_int_equal(send_text(f, &reply, "t", "trap"), CONCLAVE_ERROR_REFUSED);
	assert_int_equal(conclave_client_missing(f->client), 1);
	fake_enclave_keep(&f->enclave, f->client->correlation_id, withheld, size);
	expect_polled(f, "1", CONCLAVE_ORDER_LATE);
	assert_int_equal(conclave_client_missing(f->client), 0);
}

/* The same keys, and numbers from 0: an honest restart breaks nothing, and is told. Old mail of
 * before is still known. */
static void forgetful_restarts_break_nothing(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	expect_echo(f, "t", "0");
	assert_int_equal(send_text(f, &reply, "t", "later 1"), CONCLAVE_OK);
	host_repeats(f);
	expect_polled(f, "1", CONCLAVE_ORDER_NEXT);
	fake_enclave_forget(&f->enclave);
	assert_int_equal(send_text(f, &reply, "t", "echo again"), CONCLAVE_OK);
	assert_int_equal(reply.order, CONCLAVE_ORDER_RESTART);
	conclave_mail_free(&reply);
	expect_polled(f, NULL, CONCLAVE_ORDER_NEXT);
	assert_int_equal(conclave_client_repeated(f->client), 1);
	assert_int_equal(send_text(f, &reply, "t", "echo more"), CONCLAVE_OK);
	assert_int_equal(reply.order, CONCLAVE_ORDER_NEXT);
	conclave_mail_free(&reply);
	assert_int_equal(f->new_keys, 0);
}

static void transports_may_know_less(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
		conclave_client_send_async(f->client, "t", "echo x", 6, NULL, 0, &f->report),
		CONCLAVE_ERROR_UNSUPPORTED);
	assert_int_equal(conclave_client_acknowledge(f->client, &f->report), CONCLAVE_OK);
	expect_echo(f, "t", "no number was used");
}

/* -- padding -- */

static size_t sealed_size(struct fixture *f, const char *topic, size_t body_size)
{
	static const char body[2000];
	uint8_t *mail = NULL;
	size_t size = 0;
	assert_int_equal(conclave_client_seal(f->client, &mail, &size, topic, body, body_size, NULL,
				 0, &f->report),
		CONCLAVE_OK);
	free(mail);
	return size;
}

static void set_padding(struct fixture *f, enum conclave_padding policy, uint64_t size, bool shared)
{
	assert_int_equal(
		conclave_client_set_padding(f->client, policy, size, shared, NULL), CONCLAVE_OK);
}

static uint64_t thousand(void *context, uint64_t body_size)
{
	(void)context, (void)body_size;
	return 1000;
}

static void padding_hides_sizes(void **state)
{
	struct fixture *f = *state;
	/* The default: the average of 900 and 100, and of 900, 100 and 500. */
	(void)sealed_size(f, "a", 900);
	size_t second = sealed_size(f, "a", 100);
	assert_int_equal(sealed_size(f, "a", 500), second);
	set_padding(f, CONCLAVE_PADDING_FIXED, 1000, false);
	assert_int_equal(sealed_size(f, "b", 0), sealed_size(f, "b", 1000));
	assert_int_equal(sealed_size(f, "b", 1001), sealed_size(f, "b", 1999));
	conclave_client_set_padding_function(f->client, thousand, NULL);
	assert_int_equal(sealed_size(f, "b", 5), sealed_size(f, "b", 1000));
	set_padding(f, CONCLAVE_PADDING_POWERS, 0, false);
	assert_int_equal(sealed_size(f, "b", 257), sealed_size(f, "b", 512));
	set_padding(f, CONCLAVE_PADDING_NONE, 0, false);
	assert_int_equal(sealed_size(f, "b", 10) + 1, sealed_size(f, "b", 11));
	assert_int_equal(conclave_client_set_padding(
				 f->client, CONCLAVE_PADDING_FIXED, 0, false, &f->report),
		CONCLAVE_ERROR_ARGUMENT);
}

static void padding_is_shared_or_not(void **state)
{
	struct fixture *f = *state;
	set_padding(f, CONCLAVE_PADDING_LARGEST, 0, false);
	size_t large = sealed_size(f, "a", 1000);
	assert_true(sealed_size(f, "b", 10) < large);
	/* What was learnt stays, also when the enclave has a new key. */
	set_padding(f, CONCLAVE_PADDING_LARGEST, 0, false);
	fake_enclave_restart(&f->enclave);
	connect_client(f);
	assert_int_equal(sealed_size(f, "a", 10), large);
	set_padding(f, CONCLAVE_PADDING_LARGEST, 0, true);
	assert_int_equal(sealed_size(f, "a", 1000), large);
	assert_int_equal(sealed_size(f, "b", 10), large);
	assert_int_equal(sealed_size(f, "c", 10), large);
}

/* -- an enclave that restarts with another key -- */

static void send_survives_a_restart(void **state)
{
	struct fixture *f = *state;
	expect_echo(f, "t", "0");
	expect_echo(f, "t", "1");
	fake_enclave_restart(&f->enclave);
	expect_echo(f, "t", "after the restart");
	assert_int_equal(f->new_keys, 1);
	assert_int_equal(f->enclave.attestations, 2);
	assert_memory_equal(conclave_client_attestation(f->client)->encryption_key,
		f->client->enclave_key.bytes, 32);
}

static void restart_may_break_the_constraint(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	expect_echo(f, "t", "0");
	fake_enclave_restart(&f->enclave);
	f->enclave.mrsigner[5] ^= 0x80;
	assert_int_equal(send_text(f, &reply, "t", "echo x"), CONCLAVE_ERROR_CONSTRAINT);
	assert_non_null(strstr(f->report.text, "replaced"));
	assert_int_equal(f->new_keys, 0);
	assert_int_equal(f->enclave.handled, 1);
}

static void endless_restarts_end(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	f->enclave.restarts_left = 9;
	expect_echo(f, "t", "the tenth try");
	f->enclave.restarts_left = 100;
	assert_int_equal(send_text(f, &reply, "t", "echo x"), CONCLAVE_ERROR_AUTH);
	assert_int_equal(f->enclave.restarts_left, 90);
}

static enum conclave_error lying_send(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	(void)context, (void)out, (void)out_size, (void)correlation_id, (void)mail;
	(void)mail_size, (void)report;
	return CONCLAVE_ERROR_AUTH;
}

static void a_host_that_lies_about_decryption_is_told(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	f->client->transport.send = lying_send;
	assert_int_equal(send_text(f, &reply, "t", "echo x"), CONCLAVE_ERROR_AUTH);
	assert_int_equal(f->enclave.attestations, 2);
	assert_non_null(strstr(f->report.text, "altered"));
}

/* -- T-40: a host shows the evidence of one enclave and has another, or stands in between -- */

static struct fake_enclave shown; /* whose evidence the client gets */
static bool passes_on;

/* To its own enclave; to the other too where it passes on. */
static enum conclave_error relay_send(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	(void)report;
	assert_int_equal(fake_enclave_deliver(context, &answer, &answer_size, correlation_id,
				 bytes_of(mail, mail_size)),
		CONCLAVE_ERROR_AUTH);
	assert_null(answer);
	return passes_on ? fake_enclave_deliver(
				   &shown, out, out_size, correlation_id, bytes_of(mail, mail_size))
			 : CONCLAVE_ERROR_AUTH;
}

static enum conclave_error relay_attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	(void)context, (void)report;
	fake_enclave_info(out, out_size, &shown);
	return CONCLAVE_OK;
}

static void a_relay_is_nothing_but_a_carrier(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail reply;
	struct conclave_transport relay = fake_transport(&f->enclave);
	relay.attestation = relay_attestation;
	relay.send = relay_send;
	fake_enclave_start(&shown);
	assert_int_equal(conclave_client_connect_over(f->client, &relay, &f->report), CONCLAVE_OK);
	passes_on = true;
	expect_echo(f, "t", "to the one that was attested");
	assert_int_equal(shown.handled, 1);
	passes_on = false;
	assert_int_equal(send_text(f, &reply, "t", "echo x"), CONCLAVE_ERROR_AUTH);
	assert_int_equal(shown.handled, 1);
	/* Nor can the other answer for it, even if it knows to whom and what. */
	passes_on = true;
	shown.forges_replies = true;
	assert_int_equal(send_text(f, &reply, "u", "echo x"), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(f->enclave.handled, 0);
	fake_enclave_stop(&shown);
}

/* -- save and restore -- */

static void restart_client(struct fixture *f)
{
	uint8_t *saved = NULL, *again = NULL;
	size_t size = 0, again_size = 0;
	assert_int_equal(conclave_client_save(f->client, &saved, &size), CONCLAVE_OK);
	conclave_client_free(f->client);
	f->client = NULL;
	assert_int_equal(conclave_client_restore(&f->client, saved, size, &f->report), CONCLAVE_OK);
	assert_int_equal(conclave_client_save(f->client, &again, &again_size), CONCLAVE_OK);
	assert_int_equal(size, again_size);
	assert_memory_equal(saved, again, size);
	free(saved);
	free(again);
}

static void numbers_go_on_after_restore(void **state)
{
	struct fixture *f = *state;
	uint8_t before[32], after[32];
	conclave_client_public_key(before, f->client);
	restart_client(f); /* without mail */
	connect_client(f);
	expect_echo(f, "one", "0");
	expect_echo(f, "one", "1");
	expect_echo(f, "two", "0");
	restart_client(f);
	connect_client(f);
	expect_echo(f, "one", "2");
	expect_echo(f, "two", "1");
	conclave_client_public_key(after, f->client);
	assert_memory_equal(before, after, 32);
	assert_int_equal(f->new_keys, 0);
	assert_int_equal(f->client->topics->office.next_sequence, 3);
}

static void numbers_start_again_with_another_enclave(void **state)
{
	struct fixture *f = *state;
	expect_echo(f, "t", "0");
	restart_client(f);
	fake_enclave_restart(&f->enclave);
	connect_client(f);
	assert_int_equal(f->new_keys, 1);
	assert_int_equal(f->client->topics->office.next_sequence, 0);
	expect_echo(f, "t", "0");
}

static void damaged_saves_are_refused(void **state)
{
	struct fixture *f = *state;
	struct conclave_client *client = NULL;
	uint8_t *saved = NULL;
	size_t size = 0;
	expect_echo(f, "t", "0");
	assert_int_equal(conclave_client_save(f->client, &saved, &size), CONCLAVE_OK);
	for (size_t len = 0; len < size; len++)
		assert_int_not_equal(
			conclave_client_restore(&client, saved, len, &f->report), CONCLAVE_OK);
	assert_non_null(strstr(f->report.text, "saved state"));
	saved[13] = 2;
	assert_int_equal(
		conclave_client_restore(&client, saved, size, &f->report), CONCLAVE_ERROR_VERSION);
	saved[13] = 1;
	saved[size - 8] = 0x80; /* a number of 2^63 */
	assert_int_equal(
		conclave_client_restore(&client, saved, size, &f->report), CONCLAVE_ERROR_FORMAT);
	assert_null(client);
	free(saved);
}

static void constraint_can_change(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport transport = fake_transport(&f->enclave);
	assert_int_equal(conclave_client_set_constraint(f->client, "C:12", &f->report),
		CONCLAVE_ERROR_FORMAT);
	assert_string_equal(conclave_client_constraint(f->client), FAKE_CONSTRAINT);
	assert_int_equal(
		conclave_client_set_constraint(f->client,
			"C:3333333333333333333333333333333333333333333333333333333333333333",
			&f->report),
		CONCLAVE_OK);
	assert_int_equal(conclave_client_connect_over(f->client, &transport, &f->report),
		CONCLAVE_ERROR_CONSTRAINT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(attestation_is_told),
		TEST(freshness_is_asked_for_and_checked),
		TEST(constraint_is_checked_at_connect),
		TEST(bad_constraints_are_refused),
		TEST(nothing_before_connect),
		TEST(attestation_bytes_are_hostile),
		TEST(remarks_are_said),
		TEST(replies_come_back),
		TEST(envelopes_come_back),
		TEST(replies_nobody_waited_for_are_polled),
		TEST(polled_mail_comes_in_order_and_only_to_its_client),
		TEST(bad_topics_are_refused),
		TEST(oversize_mail_is_refused),
		TEST(sealed_refusals_are_told),
		TEST(only_the_enclave_is_believed),
		TEST(lost_mail_does_not_block),
		TEST(lost_answer_is_not_run_twice),
		TEST(sealed_mail_is_posted_as_it_is),
		TEST(repetitions_are_dropped),
		TEST(endless_repetition_ends),
		TEST(withheld_replies_are_missed),
		TEST(forgetful_restarts_break_nothing),
		TEST(transports_may_know_less),
		TEST(padding_hides_sizes),
		TEST(padding_is_shared_or_not),
		TEST(send_survives_a_restart),
		TEST(restart_may_break_the_constraint),
		TEST(endless_restarts_end),
		TEST(a_host_that_lies_about_decryption_is_told),
		TEST(a_relay_is_nothing_but_a_carrier),
		TEST(numbers_go_on_after_restore),
		TEST(numbers_start_again_with_another_enclave),
		TEST(damaged_saves_are_refused),
		TEST(constraint_can_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
