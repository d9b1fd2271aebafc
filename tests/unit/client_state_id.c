/* R3's check that an enclave has not lost its memory, in the steps of R3's own log of behaviour
 * (tests/vectors/r3/system.json), and what a private header must be to count. */
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
	uint8_t header[64];
};

static void connect_client(struct fixture *f)
{
	struct conclave_transport transport = fake_transport(&f->enclave);
	assert_int_equal(conclave_client_connect_over(f->client, &transport, NULL), CONCLAVE_OK);
}

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	fake_enclave_start(&f->enclave);
	assert_int_equal(conclave_client_new(&f->client, FAKE_CONSTRAINT, NULL, NULL), CONCLAVE_OK);
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

/* The next replies come from state `from`, by an enclave that believes `seen` was seen last. States
 * are named by a letter; 0: none. */
static void set_state(struct fixture *f, char from, char seen)
{
	f->header[0] = 1;
	memset(f->header + 1, from, CLIENT_STATE_ID_SIZE);
	f->header[17] = seen == 0;
	memset(f->header + 18, seen, CLIENT_STATE_ID_SIZE);
	f->enclave.private_header = bytes_of(f->header, seen == 0 ? 18 : 34);
}

static bool reply_is_rolled_back(struct fixture *f)
{
	struct conclave_mail reply;
	assert_int_equal(conclave_client_send(f->client, &reply, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_OK);
	assert_string_equal(reply.body, "x");
	bool is = reply.is_rolled_back;
	conclave_mail_free(&reply);
	return is;
}

static bool rolled_back(struct fixture *f, char from, char seen)
{
	set_state(f, from, seen);
	return reply_is_rolled_back(f);
}

static void as_r3_s_client(void **state)
{
	struct fixture *f = *state;
	assert_false(rolled_back(f, 'a', 0));	/* put v1 */
	assert_false(rolled_back(f, 'b', 'a')); /* put v2 */
	assert_false(rolled_back(f, 'c', 'b')); /* honest restart */
	assert_false(rolled_back(f, 'e', 'c')); /* d was never seen: nobody misses it */
	assert_true(rolled_back(f, 'f', 'a'));	/* back to v1 */
	assert_false(rolled_back(f, 'g', 'f')); /* the next mail */
	assert_true(rolled_back(f, 'h', 0));	/* wiped */
	assert_false(rolled_back(f, 'i', 'h'));
	/* Another mail of the same turn says the same. */
	assert_false(rolled_back(f, 'i', 'h'));
	/* Enclaves that say nothing of states change nothing. */
	f->enclave.private_header = (struct bytes){0};
	assert_false(reply_is_rolled_back(f));
	assert_false(rolled_back(f, 'j', 'i'));
}

/* R3's saved states have the id, and so has the locked form. */
static void it_is_saved(void **state)
{
	struct fixture *f = *state;
	static const uint8_t key[CONCLAVE_KEY_SIZE];
	const struct conclave_lock lock = {.key = key};
	for (unsigned locked = 0; locked < 2; locked++) {
		uint8_t *saved = NULL;
		size_t size = 0;
		assert_int_equal(rolled_back(f, 'b', 'a'), locked == 0);
		/* One that nobody has looked at yet. */
		set_state(f, 'c', 'x');
		assert_int_equal(
			conclave_client_send(f->client, NULL, "t", "echo x", 6, NULL, 0, NULL),
			CONCLAVE_OK);
		if (locked == 1)
			assert_int_equal(
				conclave_client_save_locked(f->client, &saved, &size, &lock),
				CONCLAVE_OK);
		else
			assert_int_equal(
				conclave_client_save(f->client, &saved, &size), CONCLAVE_OK);
		conclave_client_free(f->client);
		if (locked == 1)
			assert_int_equal(conclave_client_restore_locked(
						 &f->client, saved, size, &lock, NULL),
				CONCLAVE_OK);
		else
			assert_int_equal(conclave_client_restore(&f->client, saved, size, NULL),
				CONCLAVE_OK);
		free(saved);
		connect_client(f);
		if (locked == 1) {
			struct conclave_mail mail;
			assert_int_equal(conclave_client_poll(f->client, &mail, NULL), CONCLAVE_OK);
			assert_true(mail.is_rolled_back);
			assert_int_equal(mail.order, CONCLAVE_ORDER_NEXT);
			conclave_mail_free(&mail);
		}
		assert_false(rolled_back(f, 'a', 'c'));
	}
}

static void other_headers_are_nothing_of_the_kind(void **state)
{
	struct fixture *f = *state;
	assert_false(rolled_back(f, 'a', 0));
	set_state(f, 'b', 'x');
	for (size_t size = 1; size <= 35; size++) {
		f->enclave.private_header.len = size;
		if (size != 34)
			assert_false(reply_is_rolled_back(f));
	}
	set_state(f, 'b', 'x');
	f->header[0] = 3;
	assert_false(reply_is_rolled_back(f));
	set_state(f, 'b', 'x');
	f->header[17] = 2;
	assert_false(reply_is_rolled_back(f));
	/* None of them was noted. */
	assert_false(rolled_back(f, 'b', 'a'));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(as_r3_s_client),
		TEST(it_is_saved),
		TEST(other_headers_are_nothing_of_the_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
