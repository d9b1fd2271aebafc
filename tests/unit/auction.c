/* The rules of examples/auction, and with them the guest SDK and its mock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <conclave/guest.h>
#include <mock.h>

#define SELLER "auctioneer"

static void start(const char *reserve, const char *bidders)
{
	assert_int_equal(mock_start("a teapot", mock_key_hex(SELLER), reserve, bidders), 0);
}

/* Send a mail that is handled and answered; the answer. */
static const char *ask(const char *who, const char *topic, const char *body)
{
	assert_int_equal(mock_mail(who, topic, body), CONCLAVE_HANDLED);
	const struct mock_mail *reply = mock_take(who);
	assert_non_null(reply);
	assert_true(reply->is_reply);
	assert_string_equal(reply->topic, topic);
	return reply->body;
}

static void bid(const char *who, const char *amount)
{
	char body[64];
	(void)snprintf(body, sizeof(body), "{\"amount\": %s}", amount);
	assert_non_null(strstr(ask(who, "bid", body), "is sealed"));
}

static const char *told(const char *who)
{
	const struct mock_mail *mail = mock_take(who);
	assert_non_null(mail);
	assert_string_equal(mail->topic, "result");
	assert_false(mail->is_reply);
	return mail->body;
}

static void highest_bidder_pays_the_second_price(void **state)
{
	(void)state;
	start("1000", "2");
	bid("alice", "1510");
	bid("bob", "1420");
	bid("carol", "1380");
	const char *sale = ask(SELLER, "close", "");
	char wanted[200];
	(void)snprintf(wanted, sizeof(wanted), "sold a teapot at 1,420 to %s; bids: 3",
		mock_key_hex("alice"));
	assert_string_equal(sale, wanted);
	assert_string_equal(told("alice"), "you won at 1,420");
	assert_string_equal(told("bob"), "you lost");
	assert_string_equal(told("carol"), "you lost");
	assert_int_equal(mock_waiting(), 0);
	mock_stop();
}

/* The order in which bids come must not matter, except between equals. */
static void every_order_gives_the_same_sale(void **state)
{
	(void)state;
	static const char *const names[] = {"a", "b", "c"};
	static const char *const amounts[] = {"30", "20", "10"};
	static const int orders[][3] = {
		{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (size_t i = 0; i < 6; i++) {
		start("1", "1");
		for (size_t k = 0; k < 3; k++)
			bid(names[orders[i][k]], amounts[orders[i][k]]);
		(void)ask(SELLER, "close", "");
		assert_string_equal(told("a"), "you won at 20");
		assert_string_equal(told("b"), "you lost");
		assert_string_equal(told("c"), "you lost");
		mock_stop();
	}
}

static void earliest_of_equal_bids_wins(void **state)
{
	(void)state;
	start("0", "1");
	bid("alice", "5");
	bid("bob", "7");
	bid("carol", "7");
	(void)ask(SELLER, "close", "");
	assert_string_equal(told("bob"), "you won at 7");
	assert_string_equal(told("carol"), "you lost");
	mock_stop();
}

static void lone_bidder_pays_the_reserve(void **state)
{
	(void)state;
	start("1000", "1");
	assert_string_equal(ask("alice", "bid", "{\"amount\": 999}"), "the reserve price is 1,000");
	bid("alice", "1000000");
	(void)ask(SELLER, "close", "");
	assert_string_equal(told("alice"), "you won at 1,000");
	mock_stop();
}

static void a_bid_binds(void **state)
{
	(void)state;
	start("1", "1");
	bid("alice", "10");
	assert_string_equal(ask("alice", "bid", "{\"amount\": 20}"), "you have already bid");
	assert_string_equal(ask(SELLER, "bid", "{\"amount\": 20}"), "the auctioneer may not bid");
	(void)ask(SELLER, "close", "");
	assert_string_equal(ask("bob", "bid", "{\"amount\": 20}"), "the auction is closed");
	assert_string_equal(told("alice"), "you won at 1");
	mock_stop();
}

static void only_the_auctioneer_closes_and_only_with_enough_bidders(void **state)
{
	(void)state;
	start("1", "2");
	bid("alice", "10");
	assert_string_equal(ask("alice", "close", ""), "only the auctioneer may close the auction");
	assert_string_equal(ask(SELLER, "close", ""), "still open: 1 of at least 2 bidders");
	bid("bob", "9");
	assert_non_null(strstr(ask(SELLER, "close", ""), "sold a teapot at 9 to "));
	assert_int_equal(mock_waiting(), 2);
	/* Asked again, it tells the auctioneer again, and nobody else. */
	assert_non_null(strstr(ask(SELLER, "close", ""), "sold a teapot at 9 to "));
	assert_int_equal(mock_waiting(), 2);
	mock_stop();
}

static void who_asks_learns_only_the_own_outcome(void **state)
{
	(void)state;
	start("1", "1");
	bid("alice", "10");
	assert_string_equal(ask("alice", "result", ""), "the auction is still open");
	assert_string_equal(ask("eve", "result", ""), "you have not bid");
	bid("bob", "20");
	(void)ask(SELLER, "close", "");
	assert_string_equal(told("alice"), "you lost");
	assert_string_equal(ask("alice", "result", ""), "you lost");
	assert_string_equal(told("bob"), "you won at 10");
	assert_string_equal(ask("bob", "result", ""), "you won at 10");
	assert_string_equal(ask("eve", "result", ""), "you have not bid");
	mock_stop();
}

static void bids_are_read_strictly(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "{", "{}", "1420", "{\"amount\":}",
		"{\"amount\": -1}", "{\"amount\": +1}", "{\"amount\": 01}", "{\"amount\": 1.5}",
		"{\"amount\": 1e3}", "{\"amount\": \"1420\"}", "{\"amount\": 1420} x",
		"{\"amount\": 1420,}", "{\"amount\": 1420, \"amount\": 1}", "{\"Amount\": 1420}",
		"{\"amount\": 1420", "[{\"amount\": 1420}]", "{\"amount\": 1000000000001}",
		"{\"amount\": 99999999999999999999999}"};
	start("0", "1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(
			ask("alice", "bid", bad[i]), "a bid looks like this: {\"amount\": 1420}");
	/* A NUL is no white space, and does not end the text. */
	assert_int_equal(mock_mail_bytes("alice", "bid", "{\"amount\": 1}\0", 15, NULL, 0), 0);
	assert_non_null(strstr(mock_take("alice")->body, "a bid looks like this"));
	assert_string_equal(ask("alice", "bid", " {\r\n\t\"amount\"\t: 1000000000000 } "),
		"your bid of 1,000,000,000,000 is sealed");
	assert_non_null(strstr(ask("bob", "bid", "{\"amount\":0}"), "your bid of 0 "));
	mock_stop();
}

static void other_topics_are_declined_and_leave_nothing(void **state)
{
	(void)state;
	start("1", "1");
	assert_int_equal(mock_mail("alice", "default", "hello"), CONCLAVE_DECLINED);
	assert_int_equal(mock_waiting(), 0);
	mock_stop();
}

static void bids_outlive_a_failure(void **state)
{
	(void)state;
	start("1", "1");
	bid("alice", "10");
	bid("bob", "20");
	assert_int_equal(mock_restart(), 0);
	assert_string_equal(ask("alice", "bid", "{\"amount\": 99}"), "you have already bid");
	(void)ask(SELLER, "close", "");
	assert_string_equal(told("bob"), "you won at 10");
	assert_int_equal(mock_restart(), 0);
	assert_string_equal(ask("bob", "result", ""), "you won at 10");
	assert_string_equal(ask("carol", "bid", "{\"amount\": 99}"), "the auction is closed");
	mock_stop();
}

static void wrong_terms_do_not_start(void **state)
{
	(void)state;
	char upper[] = "AAAA";
	assert_int_equal(mock_start("a teapot"), 1);
	assert_string_equal(mock_log(),
		"auction: needs the arguments ITEM AUCTIONEER-KEY RESERVE BIDDERS-MIN\n");
	mock_stop();
	assert_int_equal(mock_start("a teapot", upper, "1", "1"), 1);
	mock_stop();
	assert_int_equal(mock_start("a teapot", mock_key_hex(SELLER), "-1", "1"), 1);
	mock_stop();
	assert_int_equal(mock_start("a teapot", mock_key_hex(SELLER), " 1", "1"), 1);
	mock_stop();
	assert_int_equal(mock_start("a teapot", mock_key_hex(SELLER), "1", "0"), 1);
	mock_stop();
}

static void the_book_has_a_limit(void **state)
{
	(void)state;
	start("1", "1");
	char name[32];
	for (int i = 0; i < 1024; i++) {
		(void)snprintf(name, sizeof(name), "bidder%d", i);
		assert_int_equal(mock_mail(name, "bid", "{\"amount\": 5}"), 0);
	}
	assert_string_equal(ask("late", "bid", "{\"amount\": 9}"), "the auction is full");
	assert_non_null(strstr(ask(SELLER, "close", ""), "bids: 1024"));
	mock_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(highest_bidder_pays_the_second_price),
		cmocka_unit_test(every_order_gives_the_same_sale),
		cmocka_unit_test(earliest_of_equal_bids_wins),
		cmocka_unit_test(lone_bidder_pays_the_reserve),
		cmocka_unit_test(a_bid_binds),
		cmocka_unit_test(only_the_auctioneer_closes_and_only_with_enough_bidders),
		cmocka_unit_test(who_asks_learns_only_the_own_outcome),
		cmocka_unit_test(bids_are_read_strictly),
		cmocka_unit_test(other_topics_are_declined_and_leave_nothing),
		cmocka_unit_test(bids_outlive_a_failure),
		cmocka_unit_test(wrong_terms_do_not_start),
		cmocka_unit_test(the_book_has_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
