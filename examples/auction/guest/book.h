/* The book of bids: a file, so that it lasts, and a copy of it in memory. */
#ifndef BOOK_H
#define BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOK_BIDS_MAX 1024
#define BOOK_KEY_SIZE 32

struct bid {
	uint8_t bidder[BOOK_KEY_SIZE];
	uint64_t amount;
};

struct book {
	struct bid bids[BOOK_BIDS_MAX]; /* in the order they came */
	size_t count;
	bool closed;
};

/* Whatever the files say; no files: an empty book. false: they cannot be read. */
bool book_open(struct book *book);
/* false: it is full, or cannot be written; the book is as it was, and so are the files once the
 * mail has been declined. */
bool book_add(struct book *book, const struct bid *bid);
bool book_close(struct book *book);
/* The bid of a bidder, or NULL. */
const struct bid *book_find(const struct book *book, const uint8_t bidder[BOOK_KEY_SIZE]);

#endif
