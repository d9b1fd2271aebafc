#include "host/frame.h"

#include "base/check.h"

static size_t gap_size(size_t payload_size)
{
	return (8 - payload_size % 8) % 8;
}

size_t frame_size(size_t payload_size)
{
	return sizeof(struct frame_header) + payload_size + gap_size(payload_size);
}

static void header_write(struct writer *out, const struct frame *frame)
{
	if (frame->payload.len > UINT32_MAX)
		out->failed = true;
	write_u32le(out, frame->type);
	write_u32le(out, (uint32_t)frame->payload.len);
	write_u64le(out, frame->id);
	write_u64le(out, frame->route);
	write_u64le(out, 0);
}

void frame_write(struct writer *out, const struct frame *frame)
{
	header_write(out, frame);
	write_bytes(out, frame->payload);
	write_zeros(out, gap_size(frame->payload.len));
}

size_t frame_write_around(struct buffer window, const struct frame *frame)
{
	struct writer out = writer_of(window);
	header_write(&out, frame);
	ASSERT(frame->payload.ptr == window.ptr + out.len);
	out.len += frame->payload.len;
	write_zeros(&out, gap_size(frame->payload.len));
	ASSERT(!out.failed);
	return out.len;
}

enum conclave_error frame_read(struct frame *out, struct reader *from)
{
	struct frame frame;
	frame.type = read_u32le(from);
	uint32_t payload_size = read_u32le(from);
	frame.id = read_u64le(from);
	frame.route = read_u64le(from);
	uint64_t reserved = read_u64le(from);
	frame.payload = read_bytes(from, payload_size);
	struct bytes gap = read_bytes(from, gap_size(payload_size));
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	static const uint8_t zeros[8];
	if (reserved != 0 || !bytes_equal(gap, bytes_of(zeros, gap.len)))
		return CONCLAVE_ERROR_FORMAT;
	*out = frame;
	return CONCLAVE_OK;
}
