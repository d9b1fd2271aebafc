#include "enclave/outbox.h"

#include "base/check.h"

void outbox_init(struct outbox *outbox, struct buffer space)
{
	outbox->frames = writer_of(space);
	outbox->limit = space.len;
}

static void write_header(
	struct writer *out, enum frame_type type, uint64_t id, uint64_t route, size_t size)
{
	write_u32le(out, type);
	write_u32le(out, (uint32_t)size); /* a window is below 2^32 */
	write_u64le(out, id);
	write_u64le(out, route);
	write_u64le(out, 0);
}

enum conclave_error outbox_put(struct outbox *outbox, enum frame_type type, uint64_t id,
	uint64_t route, struct bytes payload)
{
	struct writer place;
	TRY(outbox_begin(&place, outbox, payload.len));
	write_bytes(&place, payload);
	return outbox_end(outbox, &place, type, id, route);
}

enum conclave_error outbox_begin(struct writer *payload, struct outbox *outbox, size_t size)
{
	if (size > outbox->limit || frame_room(size) > outbox_room(outbox))
		return CONCLAVE_ERROR_LIMIT;
	uint8_t *place = outbox->frames.ptr + outbox->frames.len + sizeof(struct frame_header);
	*payload = writer_of((struct buffer){place, size});
	return CONCLAVE_OK;
}

enum conclave_error outbox_end(struct outbox *outbox, const struct writer *payload,
	enum frame_type type, uint64_t id, uint64_t route)
{
	if (payload->failed || payload->len != payload->cap)
		return CONCLAVE_ERROR_SPACE;
	write_header(&outbox->frames, type, id, route, payload->len);
	outbox->frames.len += payload->len; /* already in its place */
	write_zeros(&outbox->frames,
		frame_room(payload->len) - sizeof(struct frame_header) - payload->len);
	return CONCLAVE_OK;
}

void outbox_rewind(struct outbox *outbox, size_t mark)
{
	memset(outbox->frames.ptr + mark, 0, outbox->frames.len - mark);
	outbox->frames.len = mark;
}
