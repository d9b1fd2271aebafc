#include "mail/reader.h"

void mail_reader_init(struct mail_reader *reader, struct mail_cache *recipient)
{
	reader->recipient = recipient;
	reader->state = MAIL_READER_LENGTH;
	reader->error = CONCLAVE_OK;
	reader->user = BYTES_LIT("");
	reader->length_left = PRIVATE_LENGTH_SIZE;
	reader->private_left = 0;
	reader->opening_size = 0;
	reader->filled = 0;
}

/* Gather until there are size bytes in all; whether there are. */
static bool gather(uint8_t *space, size_t *filled, size_t size, struct bytes *from)
{
	if (*filled < size) {
		struct bytes part = bytes_take(from, size - *filled);
		if (part.len != 0)
			memcpy(space + *filled, part.ptr, part.len);
		*filled += part.len;
	}
	return *filled == size;
}

static bool gather_opening(struct mail_reader *reader, size_t size, struct bytes *mail)
{
	return gather(reader->opening, &reader->opening_size, size, mail);
}

static size_t length_at(const uint8_t *place)
{
	return (size_t)place[0] << 8 | place[1];
}

static struct bytes prologue_of(const struct mail_reader *reader)
{
	return bytes_of(reader->opening + 2, length_at(reader->opening));
}

static enum conclave_error read_handshake(struct mail_reader *reader)
{
	struct bytes prologue = prologue_of(reader);
	struct bytes handshake =
		bytes_of(prologue.ptr + prologue.len, handshake_size(&reader->header));
	CLEANUP(aes256_key_wipe) struct aes256_key transport;
	TRY(handshake_read(&transport, &reader->sender, prologue, reader->recipient, handshake));
	packet_stream_init(&reader->stream, &transport);
	if (reader->header.protocol == 0) /* which has no private header */
		reader->length_left = 0;
	return CONCLAVE_OK;
}

/* As far through the opening as the bytes reach. */
static enum conclave_error read_opening(
	struct mail_piece *piece, struct mail_reader *reader, struct bytes *mail)
{
	if (reader->state == MAIL_READER_LENGTH) {
		if (!gather_opening(reader, 2, mail))
			return CONCLAVE_OK;
		reader->state = MAIL_READER_PROLOGUE;
	}
	struct bytes prologue = prologue_of(reader);
	if (reader->state == MAIL_READER_PROLOGUE) {
		if (!gather_opening(reader, 2 + prologue.len, mail))
			return CONCLAVE_OK;
		TRY(prologue_read(&reader->header, prologue));
		reader->state = MAIL_READER_HANDSHAKE;
	}
	if (!gather_opening(reader, 2 + prologue.len + handshake_size(&reader->header), mail))
		return CONCLAVE_OK;
	TRY(read_handshake(reader));
	reader->state = MAIL_READER_PACKETS;
	piece->kind = MAIL_PIECE_HEADER;
	return CONCLAVE_OK;
}

/* Cut the next piece from the user bytes in hand. */
static void cut_user(struct mail_piece *piece, struct mail_reader *reader)
{
	while (reader->length_left != 0 && reader->user.len != 0) {
		reader->private_left =
			reader->private_left << 8 | bytes_take(&reader->user, 1).ptr[0];
		reader->length_left--;
	}
	if (reader->user.len == 0)
		return;
	piece->kind = reader->private_left != 0 ? MAIL_PIECE_PRIVATE : MAIL_PIECE_BODY;
	piece->bytes = bytes_take(
		&reader->user, reader->private_left != 0 ? reader->private_left : SIZE_MAX);
	if (piece->kind == MAIL_PIECE_PRIVATE)
		reader->private_left -= (uint32_t)piece->bytes.len;
}

/* The packet that begins source, into space. */
static enum conclave_error open_packet(
	struct mail_reader *reader, struct buffer space, struct bytes source)
{
	struct reader packet = reader_of(source);
	TRY(packet_open(&reader->user, &reader->stream, space, &packet));
	reader->filled = 0;
	if (!reader->stream.ended)
		return CONCLAVE_OK;
	if (reader->length_left != 0 || reader->private_left != 0)
		return CONCLAVE_ERROR_FORMAT;
	reader->state = MAIL_READER_ENDED;
	return CONCLAVE_OK;
}

/* Open the next packet as soon as it is there: where the caller has it, when it is there whole;
 * gathered, in its own place. A length that no packet has is refused by packet_open. */
static enum conclave_error read_packet(struct mail_reader *reader, struct bytes *mail)
{
	if (reader->filled == 0 && mail->len >= 2) {
		size_t size = 2 + length_at(mail->ptr);
		if (mail->len >= size)
			return open_packet(reader,
				(struct buffer){reader->packet, sizeof(reader->packet)},
				bytes_take(mail, size));
	}
	if (reader->filled < 2 && !gather(reader->packet, &reader->filled, 2, mail))
		return CONCLAVE_OK;
	size_t size = 2 + length_at(reader->packet);
	if (!gather(reader->packet, &reader->filled, size, mail))
		return CONCLAVE_OK;
	struct buffer in_place = {reader->packet + 2, sizeof(reader->packet) - 2};
	return open_packet(reader, in_place, bytes_of(reader->packet, size));
}

/* One step, which takes something in or gives a piece, if there is anything to do. */
static enum conclave_error step(
	struct mail_piece *piece, struct mail_reader *reader, struct bytes *mail)
{
	if (reader->user.len != 0) {
		cut_user(piece, reader);
		return CONCLAVE_OK;
	}
	if (reader->state != MAIL_READER_PACKETS)
		return read_opening(piece, reader, mail);
	TRY(read_packet(reader, mail));
	if (reader->state == MAIL_READER_ENDED)
		piece->kind = MAIL_PIECE_END;
	return CONCLAVE_OK;
}

enum conclave_error mail_reader_push(
	struct mail_piece *piece, struct mail_reader *reader, struct bytes *mail)
{
	struct mail_piece next = {.kind = MAIL_PIECE_NONE};
	TRY(reader->error);
	if (reader->state == MAIL_READER_ENDED)
		bytes_take(mail, SIZE_MAX);
	while (next.kind == MAIL_PIECE_NONE && (mail->len != 0 || reader->user.len != 0)) {
		reader->error = step(&next, reader, mail);
		if (reader->error != CONCLAVE_OK) {
			wipe(reader->packet, sizeof(reader->packet));
			return reader->error;
		}
	}
	*piece = next;
	return CONCLAVE_OK;
}

enum conclave_error mail_reader_end(const struct mail_reader *reader)
{
	TRY(reader->error);
	return reader->state == MAIL_READER_ENDED ? CONCLAVE_OK : CONCLAVE_ERROR_TRUNCATED;
}
