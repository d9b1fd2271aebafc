/* An enclave that answers its host wrongly, one lie per test: the host takes it for a crash, tries
 * again, sets the mail aside, and goes on serving others. */
#include "hosted.h"

#include <stdio.h>

static void one_lie(size_t index)
{
	struct hosted hosted;
	struct host_facts facts;
	struct answer gate, before, liar, after;
	char text[16];
	(void)snprintf(text, sizeof(text), "lie %zu", index);
	hosted_open(&hosted, (struct host_options){0});
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	hosted_send(&hosted, &before, "b", "echo before");
	hosted_send(&hosted, &liar, "c", text);
	hosted_send(&hosted, &after, "d", "echo after");
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&before), HOST_HANDLED);
	assert_int_equal(hosted_wait(&liar), HOST_SET_ASIDE);
	assert_int_equal(hosted_wait(&after), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "b"), "before");
	assert_string_equal(hosted_take(&hosted, "b"), "");
	assert_string_equal(hosted_take(&hosted, "c"), "");
	assert_string_equal(hosted_take(&hosted, "d"), "after");
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.restarts, 2);
	assert_int_equal(hosted_pending(&hosted), 0);
	hosted_close(&hosted);
}

/* In the middle of a batch, "deferring the first" is no lie, and "no answer" shows as another's. */
static void test_lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < fake_lies_count; i++) {
		print_message("lie: %s\n", fake_lies[i]);
		one_lie(i);
	}
}

/* A question that is not the only right one, at the first or at a later one. */
static void one_question_lie(size_t index, unsigned at)
{
	struct hosted hosted;
	struct host_facts facts;
	struct answer gate, liar, after;
	hosted_open(&hosted, (struct host_options){0});
	hosted.fake.question_lie = (unsigned)index;
	hosted.fake.question_lie_at = at;
	hosted_send(&hosted, &gate, "gate", "gate open");
	(void)sem_wait(&hosted.fake.at_gate);
	(void)hosted_send_spooled(&hosted, &liar, "c", "sum", 3 * FAKE_WINDOW);
	hosted_send(&hosted, &after, "d", "echo after");
	(void)sem_post(&hosted.fake.gate);
	assert_int_equal(hosted_wait(&liar), HOST_SET_ASIDE);
	assert_int_equal(hosted_wait(&after), HOST_HANDLED);
	assert_string_equal(hosted_take(&hosted, "c"), "");
	assert_string_equal(hosted_take(&hosted, "d"), "after");
	host_facts(&facts, hosted.host);
	assert_int_equal(facts.restarts, 2);
	assert_int_equal(hosted_pending(&hosted), 0);
	assert_int_equal(hosted.store->ops->spool_size(hosted.store), 0);
	hosted_close(&hosted);
}

static void test_question_lies(void **state)
{
	(void)state;
	for (size_t i = 1; i < fake_question_lies_count; i++) {
		print_message("a question %s\n", fake_question_lies[i]);
		one_question_lie(i, 0);
		one_question_lie(i, 2);
	}
}

/* Nothing is streamed in that turn. */
static void test_question_about_nothing(void **state)
{
	struct hosted hosted;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	assert_int_equal(hosted_mail(&hosted, "a", "ask"), HOST_SET_ASIDE);
	assert_int_equal(hosted_mail(&hosted, "a", "echo after"), HOST_HANDLED);
	hosted_close(&hosted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_question_lies),
		cmocka_unit_test(test_question_about_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
