/* A mail opened as a stream (mail/stream.h): 132 kB, whatever its length. Pure. */
#ifndef MAIL_READER_H
#define MAIL_READER_H

#include "mail/cache.h"
#include "mail/opening.h"
#include "mail/packet.h"

enum mail_piece_kind {
	MAIL_PIECE_NONE,    /* all was taken in, more is needed */
	MAIL_PIECE_HEADER,  /* reader->header and reader->sender are authentic from here on */
	MAIL_PIECE_PRIVATE, /* the next bytes of the private header */
	MAIL_PIECE_BODY,    /* the next bytes of the body */
	MAIL_PIECE_END,	    /* the last packet is authentic: the mail was whole */
};

struct mail_piece {
	enum mail_piece_kind kind;
	struct bytes bytes; /* valid until the next call */
};

enum mail_reader_state {
	MAIL_READER_LENGTH, /* of the prologue */
	MAIL_READER_PROLOGUE,
	MAIL_READER_HANDSHAKE,
	MAIL_READER_PACKETS,
	MAIL_READER_ENDED,
};

struct mail_reader {
	struct mail_cache *recipient;
	enum mail_reader_state state;
	enum conclave_error error; /* sticky */
	struct packet_stream stream;
	struct mail_header header; /* its views point into opening */
	struct x25519_public sender;

	struct bytes user;	     /* of the packet in hand, not given out yet */
	size_t length_left;	     /* bytes of the private header's length still to come */
	uint32_t private_left;	     /* bytes of it still to come; while length_left, its start */
	size_t opening_size, filled; /* bytes gathered in opening, in packet */
	uint8_t opening[OPENING_SIZE_MAX];
	uint8_t packet[PACKET_SIZE_MAX];
};
WIPED_TYPE(mail_reader, struct mail_reader)

/* recipient: the caller's, for as long as the reader. */
void mail_reader_init(struct mail_reader *reader, struct mail_cache *recipient);
/* Take from the start of mail up to the next piece. After MAIL_PIECE_END everything is taken and
 * ignored. Once a call has failed, every further one fails in the same way. Errors: FORMAT,
 * VERSION, KEY, AUTH, LIMIT (no nonce is left). */
enum conclave_error mail_reader_push(
	struct mail_piece *piece, struct mail_reader *reader, struct bytes *mail);
/* There are no more bytes. Errors: TRUNCATED; the error of mail_reader_push that came before. */
enum conclave_error mail_reader_end(const struct mail_reader *reader);

#endif
