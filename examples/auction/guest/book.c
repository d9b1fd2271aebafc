#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BIDS_FILE "bids"
#define CLOSED_FILE "closed" /* its being there is what it says */

static bool file_exists(const char *name)
{
	FILE *file = fopen(name, "rb");
	if (file == NULL)
		return false;
	fclose(file);
	return true;
}

/* Append to a file, or make it. */
static bool append(const char *name, const void *from, size_t size)
{
	FILE *file = fopen(name, "ab");
	if (file == NULL)
		return false;
	bool written = fwrite(from, 1, size, file) == size;
	return fclose(file) == 0 && written;
}

bool book_open(struct book *book)
{
	memset(book, 0, sizeof(*book));
	book->closed = file_exists(CLOSED_FILE);
	FILE *file = fopen(BIDS_FILE, "rb");
	if (file == NULL)
		return errno == ENOENT;
	book->count = fread(book->bids, sizeof(book->bids[0]), BOOK_BIDS_MAX, file);
	bool whole = !ferror(file);
	return fclose(file) == 0 && whole;
}

bool book_add(struct book *book, const struct bid *bid)
{
	if (book->count == BOOK_BIDS_MAX || !append(BIDS_FILE, bid, sizeof(*bid)))
		return false;
	book->bids[book->count++] = *bid;
	return true;
}

bool book_close(struct book *book)
{
	if (!append(CLOSED_FILE, "", 0))
		return false;
	book->closed = true;
	return true;
}

const struct bid *book_find(const struct book *book, const uint8_t bidder[BOOK_KEY_SIZE])
{
	for (size_t i = 0; i < book->count; i++) {
		if (memcmp(book->bids[i].bidder, bidder, BOOK_KEY_SIZE) == 0)
			return &book->bids[i];
	}
	return NULL;
}
