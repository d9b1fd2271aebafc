/* A sealed-bid auction, second price: the highest bid wins and pays what the second highest
 * offered (the reserve price when there is no other). Of equal bids the earliest wins.
 *
 * Arguments, all measured, so that every bidder can check them:
 *
 *   item  auctioneer's public key (64 hexadecimal digits)  reserve price  least number of bidders
 *
 * Mail:
 *
 *   bid      {"amount": 1420}   seals a bid. One for each bidder; it can be neither seen nor
 *                               changed, not even by the auctioneer.
 *   close    (anything)         from the auctioneer: ends it, and tells everybody how it ended.
 *   result   (anything)         tells a bidder how it ended for that bidder, and nothing else. */
#include <conclave/guest.h>

#include <stdbool.h>
#include <string.h>

#include "amount.h"
#include "book.h"

enum { ARGUMENT_ITEM, ARGUMENT_AUCTIONEER, ARGUMENT_RESERVE, ARGUMENT_BIDDERS, ARGUMENT_COUNT };

static struct {
	const char *item;
	uint8_t auctioneer[CONCLAVE_KEY_SIZE];
	uint64_t reserve;
	uint64_t bidders_min;
} terms;
static struct book book;

/* -- start -- */

static int digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit == 0 ? NULL : strchr(digits, digit);
	return at == NULL ? -1 : (int)(at - digits);
}

static bool read_key(uint8_t key[CONCLAVE_KEY_SIZE], const char *text)
{
	if (strlen(text) != 2 * CONCLAVE_KEY_SIZE)
		return false;
	for (size_t i = 0; i < CONCLAVE_KEY_SIZE; i++) {
		int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_number(uint64_t *out, const char *text)
{
	return amount_read(out, text, strlen(text));
}

static const char *read_terms(void)
{
	if (conclave_argument_count() != ARGUMENT_COUNT)
		return "needs the arguments ITEM AUCTIONEER-KEY RESERVE BIDDERS-MIN";
	terms.item = conclave_argument(ARGUMENT_ITEM);
	if (!read_key(terms.auctioneer, conclave_argument(ARGUMENT_AUCTIONEER)))
		return "the auctioneer's key must be 64 digits of 0-9 and a-f";
	if (!read_number(&terms.reserve, conclave_argument(ARGUMENT_RESERVE)))
		return "the reserve price must be a whole number";
	if (!read_number(&terms.bidders_min, conclave_argument(ARGUMENT_BIDDERS)) ||
		terms.bidders_min == 0)
		return "the least number of bidders must be a whole number above 0";
	return NULL;
}

int on_start(void)
{
	const char *trouble = read_terms();
	if (trouble == NULL && !book_open(&book))
		trouble = "the book of bids cannot be read";
	if (trouble != NULL)
		conclave_log("auction: %s", trouble);
	return trouble != NULL;
}

/* -- the rules -- */

struct outcome {
	const struct bid *winner;
	uint64_t price;
};

/* Of at least one bid. Strictly above: of equal bids the earliest wins. */
static struct outcome decide(void)
{
	struct outcome outcome = {&book.bids[0], terms.reserve};
	for (size_t i = 1; i < book.count; i++) {
		const struct bid *bid = &book.bids[i], *lower = bid;
		if (bid->amount > outcome.winner->amount) {
			lower = outcome.winner;
			outcome.winner = bid;
		}
		if (lower->amount > outcome.price)
			outcome.price = lower->amount;
	}
	return outcome;
}

static bool is_auctioneer(const uint8_t key[CONCLAVE_KEY_SIZE])
{
	return memcmp(key, terms.auctioneer, CONCLAVE_KEY_SIZE) == 0;
}

/* -- mail -- */

static int take_bid(const struct conclave_mail *mail)
{
	struct bid bid = {.amount = 0};
	char text[AMOUNT_TEXT_SIZE];
	if (book.closed)
		return conclave_replyf("the auction is closed");
	if (is_auctioneer(mail->sender))
		return conclave_replyf("the auctioneer may not bid");
	if (book_find(&book, mail->sender) != NULL)
		return conclave_replyf("you have already bid");
	if (!amount_read_bid(&bid.amount, mail->body, mail->body_size))
		return conclave_replyf("a bid looks like this: {\"amount\": 1420}");
	if (bid.amount < terms.reserve)
		return conclave_replyf(
			"the reserve price is %s", amount_write(text, terms.reserve));
	if (book.count == BOOK_BIDS_MAX)
		return conclave_replyf("the auction is full");
	memcpy(bid.bidder, mail->sender, sizeof(bid.bidder));
	if (!book_add(&book, &bid))
		return CONCLAVE_DECLINED;
	return conclave_replyf("your bid of %s is sealed", amount_write(text, bid.amount));
}

/* What one bidder may know. */
static const char *result_for(char text[64], const struct bid *bid)
{
	char price[AMOUNT_TEXT_SIZE];
	struct outcome outcome = decide();
	if (bid != outcome.winner)
		return "you lost";
	strcpy(text, "you won at ");
	return strcat(text, amount_write(price, outcome.price));
}

static void tell_bidders(void)
{
	for (size_t i = 0; i < book.count; i++) {
		char text[64];
		/* One who cannot be reached (the enclave was restarted since) may still ask. */
		(void)conclave_postf(
			book.bids[i].bidder, "result", "%s", result_for(text, &book.bids[i]));
	}
}

static int tell_auctioneer(void)
{
	struct outcome outcome = decide();
	char price[AMOUNT_TEXT_SIZE], key[2 * CONCLAVE_KEY_SIZE + 1] = "";
	for (size_t i = 0; i < 2 * CONCLAVE_KEY_SIZE; i++)
		key[i] = "0123456789abcdef"[outcome.winner->bidder[i / 2] >> (i % 2 ? 0 : 4) & 15];
	return conclave_replyf("sold %s at %s to %s; bids: %zu", terms.item,
		amount_write(price, outcome.price), key, book.count);
}

static int take_close(const struct conclave_mail *mail)
{
	if (!is_auctioneer(mail->sender))
		return conclave_replyf("only the auctioneer may close the auction");
	if (!book.closed && book.count < terms.bidders_min)
		return conclave_replyf("still open: %zu of at least %llu bidders", book.count,
			(unsigned long long)terms.bidders_min);
	if (!book.closed) {
		if (!book_close(&book))
			return CONCLAVE_DECLINED;
		tell_bidders();
	}
	return tell_auctioneer();
}

static int take_result(const struct conclave_mail *mail)
{
	char text[64];
	const struct bid *bid = book_find(&book, mail->sender);
	if (bid == NULL)
		return conclave_replyf("you have not bid");
	if (!book.closed)
		return conclave_replyf("the auction is still open");
	return conclave_replyf("%s", result_for(text, bid));
}

int on_mail(const struct conclave_mail *mail)
{
	if (strcmp(mail->topic, "bid") == 0)
		return take_bid(mail);
	if (strcmp(mail->topic, "close") == 0)
		return take_close(mail);
	if (strcmp(mail->topic, "result") == 0)
		return take_result(mail);
	return CONCLAVE_DECLINED;
}
