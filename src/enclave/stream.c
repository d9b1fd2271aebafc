#include "enclave/stream.h"

#include "abi/frames.h"
#include "enclave/guest.h"
#include "enclave/measured.h"
#include "enclave/turn.h"
#include "mail/reader.h"

static struct {
	struct stream_source source; /* here: what is left of the last piece */
	uint64_t asked;		     /* bytes so far */
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
	uint64_t left = stream.source.elsewhere - stream.asked;
	uint64_t most = FRAME_PIECE_MAX(LAYOUT(window_size));

	if (left == 0)
		return CONCLAVE_ERROR_TRUNCATED;
	stream.source.here = turn_ask(stream.source.id, stream.asked, left < most ? left : most);
	stream.asked += stream.source.here.len;
	guest_refuel();
	return CONCLAVE_OK;
}

static enum conclave_error read_on(struct mail_piece *out)
{
	TRY(mail_reader_push(out, mail_reader(), &stream.source.here));
	while (out->kind == MAIL_PIECE_NONE) {
		TRY(ask());
		TRY(mail_reader_push(out, mail_reader(), &stream.source.here));
	}
	stream.ended = out->kind == MAIL_PIECE_END;
	return CONCLAVE_OK;
}

static enum conclave_error next(struct mail_piece *out)
{
	if (stream.error == CONCLAVE_OK)
		stream.error = read_on(out);
	return stream.error;
}

enum conclave_error stream_begin(
	struct mail *mail, const struct stream_source *source, struct mail_cache *recipient)
{
	struct mail_piece piece;
	stream.source = *source;
	stream.asked = 0;
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
	*out = piece.bytes; /* none at the end */
	return CONCLAVE_OK;
}

enum conclave_error stream_end(void)
{
	struct mail_piece piece;
	while (!stream.ended)
		TRY(next(&piece));
	return CONCLAVE_OK;
}

void stream_wipe(void)
{
	mail_reader_wipe(mail_reader());
}
