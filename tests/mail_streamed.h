/* For tests: a mail read as a stream, collected. */
#ifndef TESTS_MAIL_STREAMED_H
#define TESTS_MAIL_STREAMED_H

#include <stdlib.h>

#include "mail/stream.h"

struct streamed {
	struct mail_reader reader;
	struct writer private_header, body;
	bool opened, ended;
};

static inline void streamed_init(struct streamed *streamed, struct mail_cache *recipient,
	struct buffer private_space, struct buffer body_space)
{
	mail_reader_init(&streamed->reader, recipient);
	streamed->private_header = writer_of(private_space);
	streamed->body = writer_of(body_space);
	streamed->opened = false;
	streamed->ended = false;
}

/* Pieces come in the order header, private header, body, end; anything else stops the test. */
static inline void streamed_keep(struct streamed *streamed, const struct mail_piece *piece)
{
	if (piece->kind != MAIL_PIECE_NONE &&
		(streamed->opened == (piece->kind == MAIL_PIECE_HEADER) || streamed->ended))
		abort();
	switch (piece->kind) {
	case MAIL_PIECE_NONE: break;
	case MAIL_PIECE_HEADER: streamed->opened = true; break;
	case MAIL_PIECE_PRIVATE:
		if (streamed->body.len != 0)
			abort();
		write_bytes(&streamed->private_header, piece->bytes);
		break;
	case MAIL_PIECE_BODY: write_bytes(&streamed->body, piece->bytes); break;
	case MAIL_PIECE_END: streamed->ended = true; break;
	}
	if (streamed->private_header.failed || streamed->body.failed)
		abort();
}

static inline enum conclave_error streamed_feed(struct streamed *streamed, struct bytes part)
{
	while (part.len != 0) {
		struct mail_piece piece;
		TRY(mail_reader_push(&piece, &streamed->reader, &part));
		streamed_keep(streamed, &piece);
	}
	return CONCLAVE_OK;
}

/* In pieces of the sizes 1 to largest, as `random` says; 1: byte by byte. */
static inline enum conclave_error streamed_feed_pieces(
	struct streamed *streamed, struct bytes mail, size_t largest, uint64_t random)
{
	while (mail.len != 0) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		struct bytes part = bytes_slice(mail, 0, 1 + (size_t)(random >> 33) % largest);
		mail = bytes_slice(mail, part.len, SIZE_MAX);
		TRY(streamed_feed(streamed, part));
	}
	return mail_reader_end(&streamed->reader);
}

#endif
