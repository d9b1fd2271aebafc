#include "enclave/stream.h"

#include "abi/frames.h"
#include "enclave/guest.h"
#include "enclave/measured.h"
#include "enclave/turn.h"
#include "mail/reader.h"

static struct {
	uint64_t id, size, asked; /* asked: bytes of the mail so far */
	struct bytes piece;	  /* what is left of the last ones */
	bool ended;
	enum conclave_error error; /* sticky */
} stream;

_Static_assert(sizeof(struct mail_reader) <= LAYOUT_STREAM_SIZE, "it fits");

static struct mail_reader *mail_reader(void)
{
	return (void *)heap_part(HEAP_STREAM).ptr; /* page aligned */
}

/* As much as a piece can hold. It is progress: the guest may work on it. */
static enum conclave_error ask(void)
{
	uint64_t left = stream.size - stream.asked;
	uint64_t most = FRAME_PIECE_MAX(LAYOUT(window_size));

	if (left == 0)
		return CONCLAVE_ERROR_TRUNCATED;
	stream.piece = turn_ask(stream.id, stream.asked, left < most ? left : most);
	stream.asked += stream.piece.len;
	guest_refuel();
	return CONCLAVE_OK;
}

static enum conclave_error read_on(struct mail_piece *out)
{
	TRY(mail_reader_push(out, mail_reader(), &stream.piece));
	while (out->kind == MAIL_PIECE_NONE) {
		TRY(ask());
		TRY(mail_reader_push(out, mail_reader(), &stream.piece));
	}
	if (out->kind != MAIL_PIECE_END)
		return CONCLAVE_OK;
	stream.ended = true;
	return stream.piece.len == 0 && stream.asked == stream.size ? CONCLAVE_OK
								    : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error next(struct mail_piece *out)
{
	if (stream.error == CONCLAVE_OK)
		stream.error = read_on(out);
	return stream.error;
}

enum conclave_error stream_begin(
	struct mail *mail, uint64_t id, uint64_t size, struct mail_cache *recipient)
{
	struct mail_piece piece;
	stream.id = id;
	stream.size = size;
	stream.asked = 0;
	stream.piece = (struct bytes){0};
	stream.ended = false;
	stream.error = CONCLAVE_OK;
	mail_reader_init(mail_reader(), recipient);
	TRY(next(&piece)); /* the header comes first */
	*mail = (struct mail){.header = mail_reader()->header, .sender = mail_reader()->sender};
	return CONCLAVE_OK;
}

enum conclave_error stream_body(struct bytes *out)
{
	struct mail_piece piece = {0};
	while (!stream.ended && piece.kind != MAIL_PIECE_BODY)
		TRY(next(&piece));
	TRY(stream.error);
	*out = piece.kind == MAIL_PIECE_BODY ? piece.bytes : (struct bytes){0};
	return CONCLAVE_OK;
}

enum conclave_error stream_end(void)
{
	struct mail_piece piece;
	while (!stream.ended)
		TRY(next(&piece));
	return stream.error;
}

void stream_wipe(void)
{
	mail_reader_wipe(mail_reader());
}
