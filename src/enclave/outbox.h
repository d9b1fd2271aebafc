/* The turn's answer while it is composed: a sequence of frames in enclave memory, every gap zero,
 * that leaves in one piece or not at all. */
#ifndef ENCLAVE_OUTBOX_H
#define ENCLAVE_OUTBOX_H

#include "abi/frames.h"
#include "base/bytes.h"

struct outbox {
	struct writer frames;
	size_t limit; /* what may be written up to now: a quota below frames.cap */
};

/* Bytes of one frame with its gap. */
static inline size_t frame_room(size_t payload)
{
	return sizeof(struct frame_header) + ((payload + 7) & ~(size_t)7);
}

void outbox_init(struct outbox *outbox, struct buffer space);
/* Append one frame. Errors: LIMIT; nothing is appended then. */
enum conclave_error outbox_put(struct outbox *outbox, enum frame_type type, uint64_t id,
	uint64_t route, struct bytes payload);
/* A frame whose payload of exactly `size` bytes is written in place: begin gives its writer, end
 * takes it back. When it failed, or does not hold `size` bytes, the frame is dropped. Errors:
 * LIMIT; end: SPACE. */
enum conclave_error outbox_begin(struct writer *payload, struct outbox *outbox, size_t size);
enum conclave_error outbox_end(struct outbox *outbox, const struct writer *payload,
	enum frame_type type, uint64_t id, uint64_t route);

/* Undo what was appended since a mark, and leave nothing of it behind. */
static inline size_t outbox_mark(const struct outbox *outbox)
{
	return outbox->frames.len;
}
void outbox_rewind(struct outbox *outbox, size_t mark);
/* How much may still be written. */
static inline size_t outbox_room(const struct outbox *outbox)
{
	return outbox->limit - outbox->frames.len;
}

#endif
