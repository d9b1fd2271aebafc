/* The client's whole state, locked: what comes back, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/client.h"
#include "client/fake_enclave.h"

static const uint8_t KEY[CONCLAVE_KEY_SIZE] = {1, 2, 3}, OTHER_KEY[CONCLAVE_KEY_SIZE] = {1, 2, 4};

static struct conclave_lock key_lock(const uint8_t *key)
{
	return (struct conclave_lock){.key = key};
}

static struct conclave_lock passphrase_lock(const char *text)
{
	return (struct conclave_lock){.passphrase = text, .passphrase_size = strlen(text)};
}

struct fixture {
	struct fake_enclave enclave;
	struct conclave_client *client;
	struct conclave_report report;
	uint8_t *saved;
	size_t saved_size;
};

static void connect_client(struct fixture *f)
{
	struct conclave_transport transport = fake_transport(&f->enclave);
	assert_int_equal(
		conclave_client_connect_over(f->client, &transport, &f->report), CONCLAVE_OK);
}

/* A client with a past: two topics, three replies, one of them still waiting. */
static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct conclave_mail mail;
	fake_enclave_start(&f->enclave);
	assert_int_equal(conclave_client_new(&f->client, FAKE_CONSTRAINT, NULL, NULL), CONCLAVE_OK);
	connect_client(f);
	assert_int_equal(conclave_client_send(f->client, &mail, "one", "twice a", 7, NULL, 0, NULL),
		CONCLAVE_OK);
	conclave_mail_free(&mail);
	assert_int_equal(
		conclave_client_send(f->client, NULL, "two", "echo b", 6, "outside", 7, NULL),
		CONCLAVE_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	conclave_client_free(f->client);
	fake_enclave_stop(&f->enclave);
	free(f->saved);
	test_free(f);
	return 0;
}

static void save(struct fixture *f, struct conclave_lock lock)
{
	free(f->saved);
	assert_int_equal(conclave_client_save_locked(f->client, &f->saved, &f->saved_size, &lock),
		CONCLAVE_OK);
}

static enum conclave_error restore(struct fixture *f, struct conclave_lock lock)
{
	struct conclave_client *client = NULL;
	f->report.text[0] = '\0';
	enum conclave_error error =
		conclave_client_restore_locked(&client, f->saved, f->saved_size, &lock, &f->report);
	if (error != CONCLAVE_OK) {
		assert_null(client);
		return error;
	}
	conclave_client_free(f->client);
	f->client = client;
	return CONCLAVE_OK;
}

static void says(const struct fixture *f, const char *words)
{
	if (strstr(f->report.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->report.text);
}

static void everything_comes_back(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail mail;
	uint8_t *plain = NULL, *again = NULL;
	size_t plain_size = 0, again_size = 0;
	assert_int_equal(
		conclave_client_set_padding(f->client, CONCLAVE_PADDING_LARGEST, 0, true, NULL),
		CONCLAVE_OK);
	assert_int_equal(conclave_client_save(f->client, &plain, &plain_size), CONCLAVE_OK);
	save(f, key_lock(KEY));
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_OK);
	assert_int_equal(conclave_client_save(f->client, &again, &again_size), CONCLAVE_OK);
	assert_true(bytes_equal(bytes_of(plain, plain_size), bytes_of(again, again_size)));
	free(plain);
	free(again);
	assert_int_equal(f->client->padding.policy, PADDING_LARGEST);
	assert_true(f->client->padding_shared);
	assert_int_equal(f->client->topics->replies.next, 1);
	connect_client(f);
	/* The reply that was put aside, then the one at the host. */
	assert_int_equal(conclave_client_poll(f->client, &mail, NULL), CONCLAVE_OK);
	assert_string_equal(mail.topic, "two");
	assert_string_equal(mail.body, "b");
	assert_int_equal(mail.envelope_size, 7);
	assert_memory_equal(mail.envelope, "outside", 7);
	conclave_mail_free(&mail);
	assert_int_equal(conclave_client_poll(f->client, &mail, NULL), CONCLAVE_OK);
	assert_string_equal(mail.topic, "one");
	assert_int_equal(mail.order, CONCLAVE_ORDER_NEXT);
	conclave_mail_free(&mail);
}

/* A reply that came before the state was saved is not news to the next process. */
static void replies_are_remembered(void **state)
{
	struct fixture *f = *state;
	struct conclave_mail mail;
	const struct fake_queued *next = fake_enclave_next(&f->enclave, f->client->correlation_id);
	uint8_t *copy = malloc(next->size);
	size_t size = next->size;
	memcpy(copy, next->mail, size);
	fake_enclave_keep(&f->enclave, f->client->correlation_id, copy, size);
	for (int i = 0; i < 2; i++) { /* the one put aside, and the first of two alike */
		assert_int_equal(conclave_client_poll(f->client, &mail, NULL), CONCLAVE_OK);
		assert_non_null(mail.topic);
		conclave_mail_free(&mail);
	}
	save(f, key_lock(KEY));
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_OK);
	connect_client(f);
	assert_int_equal(conclave_client_poll(f->client, &mail, NULL), CONCLAVE_OK);
	assert_null(mail.topic);
	assert_int_equal(conclave_client_repeated(f->client), 1);
}

static void no_byte_can_be_changed(void **state)
{
	struct fixture *f = *state;
	save(f, key_lock(KEY));
	for (size_t i = 0; i < f->saved_size; i++) {
		f->saved[i] ^= 0x10;
		assert_int_not_equal(restore(f, key_lock(KEY)), CONCLAVE_OK);
		assert_true(strlen(f->report.text) > 30);
		f->saved[i] ^= 0x10;
	}
	f->saved[f->saved_size - 1] ^= 1;
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_AUTH);
	says(f, "the key is wrong, or it was altered");
	f->saved[f->saved_size - 1] ^= 1;
	f->saved[14] = 2;
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_VERSION);
	f->saved[14] = 1;
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_OK);
}

static void no_byte_can_be_missing(void **state)
{
	struct fixture *f = *state;
	save(f, key_lock(KEY));
	size_t whole = f->saved_size;
	for (f->saved_size = 14; f->saved_size < whole; f->saved_size++)
		assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_TRUNCATED);
	says(f, "not the saved state of a client, or damaged");
	for (f->saved_size = 0; f->saved_size < 14; f->saved_size++)
		assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_FORMAT);
	f->saved = realloc(f->saved, whole + 1);
	f->saved[whole] = 0;
	f->saved_size = whole + 1;
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_TRAILING);
}

static void locks_must_fit(void **state)
{
	struct fixture *f = *state;
	save(f, key_lock(KEY));
	assert_int_equal(restore(f, key_lock(OTHER_KEY)), CONCLAVE_ERROR_AUTH);
	assert_int_equal(restore(f, passphrase_lock("x")), CONCLAVE_ERROR_STATE);
	says(f, "locked with a key, not with a passphrase");
	assert_int_equal(restore(f, passphrase_lock("")), CONCLAVE_ERROR_ARGUMENT);
	save(f, passphrase_lock("correct horse"));
	assert_int_equal(restore(f, passphrase_lock("correct house")), CONCLAVE_ERROR_AUTH);
	says(f, "the passphrase is wrong, or it was altered");
	assert_int_equal(restore(f, key_lock(KEY)), CONCLAVE_ERROR_STATE);
	assert_int_equal(restore(f, passphrase_lock("correct horse")), CONCLAVE_OK);
}

static void secrets_are_not_seen(void **state)
{
	struct fixture *f = *state;
	save(f, key_lock(KEY));
	assert_null(memmem(f->saved, f->saved_size, f->client->key.bytes, 32));
	assert_null(memmem(f->saved, f->saved_size, "two", 3));
	/* Nor that nothing has changed. */
	uint8_t *first = f->saved;
	f->saved = NULL;
	save(f, key_lock(KEY));
	assert_memory_not_equal(first + 40, f->saved + 40, f->saved_size - 40);
	free(first);
}

/* A file cannot make its reader work for hours, or take all memory. */
static void costs_are_limited(void **state)
{
	struct fixture *f = *state;
	save(f, passphrase_lock("x"));
	f->saved[16] = 1; /* 2^24 passes */
	assert_int_equal(restore(f, passphrase_lock("x")), CONCLAVE_ERROR_LIMIT);
	f->saved[16] = 0;
	f->saved[20] = 0x80; /* 2 TiB */
	assert_int_equal(restore(f, passphrase_lock("x")), CONCLAVE_ERROR_LIMIT);
	memset(f->saved + 20, 0, 4);
	assert_int_equal(restore(f, passphrase_lock("x")), CONCLAVE_ERROR_FORMAT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(everything_comes_back),
		TEST(replies_are_remembered),
		TEST(no_byte_can_be_changed),
		TEST(no_byte_can_be_missing),
		TEST(locks_must_fit),
		TEST(secrets_are_not_seen),
		TEST(costs_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
