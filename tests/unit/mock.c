/* The mock does what the runtime does with one input: all of it, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <conclave/guest.h>
#include <mock.h>

/* -- a guest -- */

static int post_error, idle_post_error, long_post_error, long_topic_error;
static uint64_t last_sequence;
static bool stopped;

/* To somebody who may have written, where nothing is handled. */
static void post_idly(void)
{
	uint8_t alice[CONCLAVE_KEY_SIZE];
	mock_key(alice, "alice");
	idle_post_error = conclave_post(alice, "news", "hello", 5);
}

/* Neither is sent. */
static void post_at_length(const uint8_t *to)
{
	static const uint8_t envelope[65535 - 15 - 4 + 1];
	static char topic[257];
	memset(topic, 't', sizeof(topic) - 1);
	long_post_error =
		conclave_post_enveloped(to, "news", "hello", 5, envelope, sizeof(envelope));
	long_topic_error = conclave_post(to, topic, "hello", 5);
}

int on_start(void)
{
	post_idly();
	conclave_log("started with %zu", conclave_argument_count());
	return conclave_argument_count() > 1;
}

/* Does a bit of everything, then ends as its topic says. */
int on_mail(const struct conclave_mail *mail)
{
	uint8_t stranger[CONCLAVE_KEY_SIZE] = "stranger";
	FILE *file = fopen("notes", "a");
	(void)fwrite(mail->body, 1, mail->body_size, file);
	(void)fclose(file);
	(void)mkdir("folder", 0700);
	file = fopen("folder/inner", "w");
	(void)fclose(file);
	last_sequence = mail->sequence;
	post_error = conclave_post(stranger, "news", "hello", 5);
	post_at_length(mail->sender);
	if (conclave_reply_enveloped(
		    mail->body, mail->body_size, mail->envelope, mail->envelope_size) != 0 ||
		conclave_postf(mail->sender, "news", "%d and %s", 1, "two") != 0)
		return 1;
	return strcmp(mail->topic, "decline") == 0;
}

int on_call(const void *bytes, size_t size)
{
	if (conclave_reply("x", 1) != CONCLAVE_ERROR_STATE)
		return 1;
	if (conclave_answer("[", 1) != 0 || conclave_answer(bytes, size) != 0)
		return 1;
	return size == 0;
}

void on_stop(void)
{
	post_idly();
	stopped = true;
}

/* -- what it leaves -- */

static size_t notes_size(void)
{
	struct stat stat_;
	return stat("notes", &stat_) == 0 ? (size_t)stat_.st_size : 0;
}

static void handled_input_takes_effect(void **state)
{
	(void)state;
	assert_int_equal(mock_start("one"), 0);
	assert_string_equal(mock_log(), "started with 1\n");
	assert_int_equal(mock_mail_bytes("alice", "accept", "a\0b", 3, "env", 3), 0);
	const struct mock_mail *reply = mock_take("alice");
	assert_true(reply->is_reply);
	assert_string_equal(reply->topic, "accept");
	assert_int_equal(reply->body_size, 3);
	assert_memory_equal(reply->body, "a\0b", 3);
	assert_int_equal(reply->envelope_size, 3);
	assert_memory_equal(reply->envelope, "env", 3);
	const struct mock_mail *post = mock_take("alice");
	assert_false(post->is_reply);
	assert_string_equal(post->body, "1 and two");
	assert_null(mock_take("alice"));
	assert_int_equal(notes_size(), 3);
	mock_stop();
	assert_true(stopped);
}

static void declined_input_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(mock_start(), 0);
	assert_int_equal(mock_mail("alice", "decline", "12345"), 1);
	assert_int_equal(mock_waiting(), 0);
	assert_int_equal(access("notes", F_OK), -1);
	assert_int_equal(access("folder", F_OK), -1);
	assert_int_equal(mock_mail("alice", "accept", "123"), 0);
	assert_int_equal(mock_mail("alice", "decline", "12345"), 1);
	assert_int_equal(notes_size(), 3);
	assert_int_equal(access("folder/inner", F_OK), 0);
	assert_int_equal(mock_waiting(), 2);
	mock_stop();
}

static void mail_is_numbered_and_goes_to_acquaintances_only(void **state)
{
	(void)state;
	assert_int_equal(mock_start(), 0);
	assert_int_equal(mock_mail("alice", "accept", ""), 0);
	assert_int_equal(last_sequence, 0);
	assert_int_equal(post_error, CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(long_post_error, CONCLAVE_ERROR_LIMIT);
	assert_int_equal(long_topic_error, CONCLAVE_ERROR_LIMIT);
	assert_int_equal(mock_mail("stranger", "accept", ""), 0);
	assert_int_equal(last_sequence, 0);
	assert_int_equal(post_error, CONCLAVE_OK);
	assert_int_equal(mock_mail("alice", "accept", ""), 0);
	assert_int_equal(last_sequence, 1);
	assert_string_equal(mock_take("stranger")->topic, "news");
	mock_stop();
}

static void nothing_is_sent_where_nothing_is_handled(void **state)
{
	(void)state;
	assert_int_equal(mock_start(), 0);
	assert_int_equal(mock_mail("alice", "decline", ""), 1);
	idle_post_error = 0;
	assert_int_equal(mock_restart(), 0);
	assert_int_equal(idle_post_error, CONCLAVE_ERROR_STATE);
	assert_int_equal(mock_waiting(), 0);
	idle_post_error = 0;
	mock_stop();
	assert_int_equal(idle_post_error, CONCLAVE_ERROR_STATE);
}

static void calls_are_answered(void **state)
{
	(void)state;
	assert_int_equal(mock_start(), 0);
	assert_string_equal(mock_call("abc"), "[abc");
	assert_null(mock_call(""));
	mock_stop();
}

static void start_can_refuse(void **state)
{
	(void)state;
	assert_int_equal(mock_start("one", "two"), 1);
	mock_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handled_input_takes_effect),
		cmocka_unit_test(declined_input_leaves_nothing),
		cmocka_unit_test(mail_is_numbered_and_goes_to_acquaintances_only),
		cmocka_unit_test(nothing_is_sent_where_nothing_is_handled),
		cmocka_unit_test(calls_are_answered),
		cmocka_unit_test(start_can_refuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
