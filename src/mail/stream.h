/* Mail of any length in memory of one size: a packet and an opening. Pure; 64-bit sizes.
 *
 * Both are pushed: the caller feeds what it has, in pieces of any size, and takes what comes out,
 * until nothing of the piece is left. The bytes are those of mail_seal, and what mail_open takes.
 *
 *     struct bytes packet;
 *     TRY(mail_writer_begin(&opening, writer, &draft, ...));          send the opening
 *     while (from.len != 0) {
 *             TRY(mail_writer_push(&packet, writer, &from));          send packet
 *     }
 *     while (!mail_writer_ended(writer)) {
 *             TRY(mail_writer_end(&packet, writer, min_size));        send packet
 *     }
 *
 *     while (there is more) {
 *             TRY(mail_reader_push(&piece, reader, &from));           act on piece
 *     }
 *     TRY(mail_reader_end(reader));                                   only now is the mail whole
 *
 * What a reader gives out before its end is authentic and in order, but there may be no end to it:
 * whatever it causes must be undone unless mail_reader_end says OK. Both objects are large (66 and
 * 132 kB), hold secrets, and are wiped by the caller. One thread at a time. */
#ifndef MAIL_STREAM_H
#define MAIL_STREAM_H

#include "mail/cache.h"
#include "mail/opening.h"
#include "mail/packet.h"

/* -- writing -- */

/* A private header that is streamed: with its length it fills one packet at most. */
#define MAIL_WRITER_PRIVATE_MAX (MAIL_PACKET_PAYLOAD_MAX - PRIVATE_LENGTH_SIZE)

struct mail_writer {
	struct packet_stream stream;
	uint64_t body_size; /* so far */
	uint64_t written;   /* payload of the packets so far */
	size_t filled;	    /* user bytes that wait in packet, from its third byte on */
	bool ending;
	enum conclave_error error; /* sticky */
	uint8_t packet[PACKET_SIZE_MAX];
};
WIPED_TYPE(mail_writer, struct mail_writer)

/* opening: where the mail's first bytes go, at most OPENING_SIZE_MAX. draft: its body and min_size
 * are not looked at. Errors: those of mail_seal_cached; LIMIT (private header) at a smaller size.
 */
enum conclave_error mail_writer_begin(struct writer *opening, struct mail_writer *writer,
	const struct mail_draft *draft, struct mail_cache *sender,
	const struct x25519_public *recipient, const struct x25519_pair *ephemeral);
/* Take what fits from the start of body; packet is empty, or the mail's next bytes, valid until the
 * next call. Errors: LIMIT (more than MAIL_BODY_SIZE_MAX, or no nonce is left), STATE (after
 * mail_writer_end). */
enum conclave_error mail_writer_push(
	struct bytes *packet, struct mail_writer *writer, struct bytes *body);
/* The body is complete: the next of the mail's last packets. min_size: as in struct mail_draft, and
 * the same in every call. Errors: LIMIT, STATE. */
enum conclave_error mail_writer_end(
	struct bytes *packet, struct mail_writer *writer, uint64_t min_size);

static inline bool mail_writer_ended(const struct mail_writer *writer)
{
	return writer->stream.ended;
}

/* -- reading -- */

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
