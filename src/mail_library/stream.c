#include <stdlib.h>

#include "mail_library/library.h"
#include "mail/stream.h"

/* -- writing -- */

struct conclave_mail_writer {
	struct mail_writer writer;
	size_t opening_left; /* its size, until it is given out */
	uint8_t opening[OPENING_SIZE_MAX];
};

enum conclave_error conclave_mail_writer_new(struct conclave_mail_writer **out,
	struct conclave_mail_box *sender, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const struct conclave_mail_draft *draft)
{
	const struct mail_draft ours = library_draft(draft);
	const struct x25519_public key = library_key(recipient);
	CLEANUP(x25519_pair_wipe) struct x25519_pair ephemeral;
	TRY(library_ephemeral(&ephemeral));
	struct conclave_mail_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer opening =
		writer_of((struct buffer){writer->opening, sizeof(writer->opening)});
	enum conclave_error error = mail_writer_begin(
		&opening, &writer->writer, &ours, &sender->cache, &key, &ephemeral);
	if (error != CONCLAVE_OK) {
		free(writer);
		return error;
	}
	writer->opening_left = opening.len;
	*out = writer;
	return CONCLAVE_OK;
}

void conclave_mail_writer_free(struct conclave_mail_writer *writer)
{
	if (writer == NULL)
		return;
	mail_writer_wipe(&writer->writer);
	free(writer);
}

/* The opening comes first, in the first call of either. */
static bool give_opening(
	const uint8_t **mail, size_t *mail_size, struct conclave_mail_writer *writer)
{
	if (writer->opening_left == 0)
		return false;
	*mail = writer->opening;
	*mail_size = writer->opening_left;
	writer->opening_left = 0;
	return true;
}

enum conclave_error conclave_mail_writer_push(const uint8_t **mail, size_t *mail_size,
	struct conclave_mail_writer *writer, const uint8_t **body, size_t *body_size)
{
	if (give_opening(mail, mail_size, writer))
		return CONCLAVE_OK;
	struct bytes packet, rest = bytes_of(*body, *body_size);
	TRY(mail_writer_push(&packet, &writer->writer, &rest));
	*mail = packet.ptr;
	*mail_size = packet.len;
	*body = rest.ptr;
	*body_size = rest.len;
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_writer_end(const uint8_t **mail, size_t *mail_size,
	struct conclave_mail_writer *writer, uint64_t min_size)
{
	if (give_opening(mail, mail_size, writer))
		return CONCLAVE_OK;
	struct bytes packet = BYTES_LIT("");
	if (!mail_writer_ended(&writer->writer))
		TRY(mail_writer_end(&packet, &writer->writer, min_size));
	*mail = packet.ptr;
	*mail_size = packet.len;
	return CONCLAVE_OK;
}

/* -- reading -- */

struct conclave_mail_reader {
	struct mail_reader reader;
	struct conclave_mail_opened header;
	bool opened;
};

_Static_assert((int)CONCLAVE_MAIL_PIECE_HEADER == (int)MAIL_PIECE_HEADER &&
		       (int)CONCLAVE_MAIL_PIECE_PRIVATE == (int)MAIL_PIECE_PRIVATE &&
		       (int)CONCLAVE_MAIL_PIECE_BODY == (int)MAIL_PIECE_BODY &&
		       (int)CONCLAVE_MAIL_PIECE_END == (int)MAIL_PIECE_END,
	"one numbering");

enum conclave_error conclave_mail_reader_new(
	struct conclave_mail_reader **out, struct conclave_mail_box *recipient)
{
	struct conclave_mail_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return CONCLAVE_ERROR_MEMORY;
	mail_reader_init(&reader->reader, &recipient->cache);
	*out = reader;
	return CONCLAVE_OK;
}

void conclave_mail_reader_free(struct conclave_mail_reader *reader)
{
	if (reader == NULL)
		return;
	mail_reader_wipe(&reader->reader);
	free(reader);
}

enum conclave_error conclave_mail_reader_push(struct conclave_mail_piece *piece,
	struct conclave_mail_reader *reader, const uint8_t **mail, size_t *mail_size)
{
	struct mail_piece next;
	struct bytes rest = bytes_of(*mail, *mail_size);
	TRY(mail_reader_push(&next, &reader->reader, &rest));
	if (next.kind == MAIL_PIECE_HEADER) {
		library_header(&reader->header, &reader->reader.header);
		memcpy(reader->header.sender, &reader->reader.sender,
			sizeof(reader->header.sender));
		reader->opened = true;
	}
	*piece = (struct conclave_mail_piece){
		(enum conclave_mail_piece_kind)next.kind, next.bytes.ptr, next.bytes.len};
	*mail = rest.ptr;
	*mail_size = rest.len;
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_reader_end(const struct conclave_mail_reader *reader)
{
	return mail_reader_end(&reader->reader);
}

const struct conclave_mail_opened *conclave_mail_reader_header(
	const struct conclave_mail_reader *reader)
{
	return reader->opened ? &reader->header : NULL;
}
