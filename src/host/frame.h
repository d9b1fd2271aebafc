/* Frames, as the host writes and reads them (abi/frames.h, docs/spec/frames.md). Pure: the reader
 * takes any bytes. */
#ifndef HOST_FRAME_H
#define HOST_FRAME_H

#include "abi/frames.h"
#include "base/bytes.h"

struct frame {
	uint32_t type;
	uint64_t id, route;
	struct bytes payload; /* points into what was read */
};

/* Bytes of the window that a frame takes: header, payload, and the gap up to a multiple of 8. */
size_t frame_size(size_t payload_size);
void frame_write(struct writer *out, const struct frame *frame);
/* The same around a payload that stands in the window already, right behind where the header goes.
 * Returns the frame's size; the window has room for it. */
size_t frame_write_around(struct buffer window, const struct frame *frame);
/* The next frame. Errors: TRUNCATED, FORMAT (a reserved field or the gap is not zero). */
enum conclave_error frame_read(struct frame *out, struct reader *from);

#endif
