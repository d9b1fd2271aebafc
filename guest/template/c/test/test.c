/* Runs natively: no enclave, no host, every debugger and sanitizer. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <mock.h>

static void greets_and_counts(void)
{
	assert(mock_start("Hello") == 0);
	assert(mock_mail("alice", "hello", "Ada") == 0);
	assert(strcmp(mock_take("alice")->body, "Hello, Ada! You are number 1.") == 0);
	assert(mock_mail("bob", "hello", "Bob") == 0);
	assert(strcmp(mock_take("bob")->body, "Hello, Bob! You are number 2.") == 0);
	mock_stop();
}

static void declines_other_topics(void)
{
	assert(mock_start("Hello") == 0);
	assert(mock_mail("alice", "something-else", "Ada") != 0);
	assert(mock_take("alice") == NULL);
	mock_stop();
}

static void answers_the_host(void)
{
	assert(mock_start("Hello") == 0);
	assert(strcmp(mock_call("ping"), "ping") == 0);
	mock_stop();
}

int main(void)
{
	greets_and_counts();
	declines_other_topics();
	answers_the_host();
	puts("all tests passed");
	return 0;
}
