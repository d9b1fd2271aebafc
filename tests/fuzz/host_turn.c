/* What an enclave leaves in the out window, against a batch of two mails, a call and a report. */
#include "host/turn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* And as a question about the middle of a streamed mail: the one right question or none. */
static void question(struct bytes frames)
{
	uint8_t total[8];
	struct frame_ask ask;
	store_u64le(total, 100000);
	const struct request stream = {.type = FRAME_STREAM, .id = 1, .input = BYTES_OF(total)};
	if (turn_question_read(&ask, frames, &stream, 65504, 65536) != CONCLAVE_OK)
		return;
	if (ask.offset != 65504 || ask.size != 100000 - 65504 || ask.reserved != 0 ||
		frames.len != 48)
		__builtin_trap();
}

static void console(void *context, struct bytes text)
{
	*(size_t *)context += text.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct turn turn;
	static size_t said;
	struct request report = {.type = FRAME_REPORT, .id = 4};
	struct request call = {.next = &report, .type = FRAME_CALL, .id = 3};
	struct request second = {.next = &call, .type = FRAME_DELIVER, .id = 2, .route = 1};
	struct request first = {.next = &second, .type = FRAME_DELIVER, .id = 1, .route = 1};
	const struct instance_console to = {console, &said};
	question(bytes_of(data, size));
	if (turn_read(&turn, bytes_of(data, size), &first, &to) != CONCLAVE_OK)
		return 0;
	/* Accepted: then every claim about it holds. */
	if (!first.answered || !report.answered || report.output.len != 512)
		__builtin_trap();
	if (turn.done_count != (size_t)(1 + second.answered))
		__builtin_trap();
	for (size_t i = 0; i < turn.posts_count; i++)
		if (turn.posts[i].mail.len == 0 || turn.posts[i].mail.ptr < data ||
			turn.posts[i].mail.ptr + turn.posts[i].mail.len > data + size)
			__builtin_trap();
	return 0;
}
