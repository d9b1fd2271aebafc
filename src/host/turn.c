#include "host/turn.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "host/frame.h"

size_t request_size(const struct request *request)
{
	return frame_size(request->input.len);
}

static size_t requests_write(struct writer *out, const struct request *batch, uint64_t now)
{
	uint8_t clock[8];
	store_u64le(clock, now);
	frame_write(out, &(struct frame){FRAME_TICK, REQUEST_LOCAL_ID, 0, BYTES_OF(clock)});
	for (const struct request *request = batch; request != NULL; request = request->next)
		frame_write(out, &(struct frame){request->type, request->id, request->route,
					 request->input});
	ASSERT(!out->failed); /* who makes a batch counts with request_size */
	return out->len;
}

/* -- room for what a turn brings -- */

static enum conclave_error grow(void **array, size_t *cap, size_t count, size_t element)
{
	if (count < *cap)
		return CONCLAVE_OK;
	size_t wanted = *cap == 0 ? 64 : *cap * 2;
	void *grown = reallocarray(*array, wanted, element);
	if (grown == NULL)
		return CONCLAVE_ERROR_MEMORY;
	*array = grown;
	*cap = wanted;
	return CONCLAVE_OK;
}

static enum conclave_error post_add(struct turn *turn, const struct store_post *post)
{
	void *array = turn->posts;
	TRY(grow(&array, &turn->posts_cap, turn->posts_count, sizeof(*post)));
	turn->posts = array;
	turn->posts[turn->posts_count++] = *post;
	return CONCLAVE_OK;
}

static enum conclave_error done_add(struct turn *turn, uint64_t id)
{
	void *array = turn->done;
	TRY(grow(&array, &turn->done_cap, turn->done_count, sizeof(id)));
	turn->done = array;
	turn->done[turn->done_count++] = id;
	return CONCLAVE_OK;
}

void turn_free(struct turn *turn)
{
	free(turn->posts);
	free(turn->done);
	*turn = (struct turn){0};
}

/* -- what the enclave says, frame by frame -- */

struct reading {
	struct turn *turn;
	struct request *batch,
		*asked; /* asked: the first request without its answer; answers come in order */
	const struct instance_console *console;
	bool posted;   /* `asked` has posts already */
	bool deferred; /* and so is every later mail and call */
	bool committed;
};

static enum conclave_error answer(struct reading *reading)
{
	if (reading->deferred && reading->asked->type != FRAME_REPORT)
		return CONCLAVE_ERROR_FORMAT;
	reading->asked->answered = true;
	reading->posted = false;
	reading->asked = reading->asked->next;
	return CONCLAVE_OK;
}

static enum conclave_error on_post(struct reading *reading, const struct frame *frame)
{
	if (frame->route == 0 || frame->payload.len == 0 || reading->asked->type == FRAME_REPORT)
		return CONCLAVE_ERROR_FORMAT;
	reading->posted = true;
	uint64_t mail_id = request_is_mail(reading->asked) ? frame->id : 0;
	return post_add(reading->turn, &(struct store_post){mail_id, frame->route, frame->payload});
}

static enum conclave_error on_ack(struct reading *reading, const struct frame *frame)
{
	if (!request_is_mail(reading->asked) || frame->payload.len != 0)
		return CONCLAVE_ERROR_FORMAT;
	TRY(done_add(reading->turn, frame->id));
	reading->asked->outcome = HOST_HANDLED;
	return answer(reading);
}

static enum conclave_error on_refused(struct reading *reading, const struct frame *frame)
{
	if (!request_is_mail(reading->asked) || frame->payload.len != 4)
		return CONCLAVE_ERROR_FORMAT;
	switch (load_u32le(frame->payload.ptr)) {
	case REFUSAL_UNREADABLE: reading->asked->outcome = HOST_UNREADABLE; break;
	case REFUSAL_NOT_HANDLED: reading->asked->outcome = HOST_NOT_HANDLED; break;
	default: return CONCLAVE_ERROR_FORMAT;
	}
	TRY(done_add(reading->turn, frame->id));
	return answer(reading);
}

static enum conclave_error on_return(struct reading *reading, const struct frame *frame)
{
	if (reading->asked->type != FRAME_CALL || frame->payload.len < 4)
		return CONCLAVE_ERROR_FORMAT;
	uint32_t status = load_u32le(frame->payload.ptr);
	if (status > 1 || (status == 1 && frame->payload.len != 4))
		return CONCLAVE_ERROR_FORMAT;
	reading->asked->refused = status == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_REFUSED;
	reading->asked->output = bytes_slice(frame->payload, 4, SIZE_MAX);
	return answer(reading);
}

static enum conclave_error on_reported(struct reading *reading, const struct frame *frame)
{
	if (reading->asked->type != FRAME_REPORT ||
		frame->payload.len != sizeof(struct frame_reported))
		return CONCLAVE_ERROR_FORMAT;
	reading->asked->output = frame->payload;
	return answer(reading);
}

/* Not begun, for want of room. The first is never deferred: it would be asked again for ever. */
static enum conclave_error on_deferred(struct reading *reading, const struct frame *frame)
{
	bool is_first = reading->asked == reading->batch;
	if (is_first || reading->posted || reading->asked->type == FRAME_REPORT ||
		frame->payload.len != 0)
		return CONCLAVE_ERROR_FORMAT;
	reading->deferred = true;
	reading->asked = reading->asked->next;
	return CONCLAVE_OK;
}

static enum conclave_error on_commit(struct reading *reading, const struct frame *frame)
{
	if (frame->payload.len < 8)
		return CONCLAVE_ERROR_FORMAT;
	reading->turn->version = load_u64le(frame->payload.ptr);
	reading->turn->delta = bytes_slice(frame->payload, 8, SIZE_MAX);
	reading->committed = true;
	return CONCLAVE_OK;
}

static enum conclave_error on_answer(struct reading *reading, const struct frame *frame)
{
	if (reading->asked == NULL || frame->id != reading->asked->id)
		return CONCLAVE_ERROR_FORMAT;
	switch (frame->type) {
	case FRAME_POST: return on_post(reading, frame);
	case FRAME_ACK: return on_ack(reading, frame);
	case FRAME_REFUSED: return on_refused(reading, frame);
	case FRAME_RETURN: return on_return(reading, frame);
	case FRAME_REPORTED: return on_reported(reading, frame);
	case FRAME_DEFERRED: return on_deferred(reading, frame);
	default: return CONCLAVE_ERROR_FORMAT;
	}
}

static enum conclave_error on_frame(struct reading *reading, const struct frame *frame)
{
	switch (frame->type) {
	case FRAME_CONSOLE:
		if (reading->console->text != NULL)
			reading->console->text(reading->console->context, frame->payload);
		return CONCLAVE_OK;
	case FRAME_COMMIT: return on_commit(reading, frame);
	default: return on_answer(reading, frame);
	}
}

enum conclave_error turn_read(struct turn *turn, struct bytes frames, struct request *batch,
	const struct instance_console *console)
{
	struct reading reading = {.turn = turn, .batch = batch, .asked = batch, .console = console};
	struct reader reader = reader_of(frames);
	turn->posts_count = turn->done_count = 0;
	for (struct request *request = batch; request != NULL; request = request->next)
		request->answered = false;
	while (!reading.committed) {
		struct frame frame;
		TRY(frame_read(&frame, &reader));
		TRY(on_frame(&reading, &frame));
	}
	/* COMMIT is the last frame, and nothing asked goes without its answer. */
	if (reader.rest.len != 0 || reading.asked != NULL)
		return CONCLAVE_ERROR_FORMAT;
	return CONCLAVE_OK;
}

/* -- a streamed mail, piece by piece -- */

enum conclave_error turn_question_read(struct frame_ask *out, struct bytes frames,
	const struct request *stream, uint64_t offset, size_t window_size)
{
	struct reader reader = reader_of(frames);
	struct frame frame;
	TRY(frame_read(&frame, &reader));
	if (stream == NULL || reader.rest.len != 0 || frame.type != FRAME_ASK ||
		frame.id != stream->id || frame.route != 0)
		return CONCLAVE_ERROR_FORMAT;
	reader = reader_of(frame.payload);
	struct frame_ask ask;
	ask.offset = read_u64le(&reader);
	ask.size = read_u32le(&reader);
	ask.reserved = read_u32le(&reader);
	TRY(reader_end(&reader));
	/* The next bytes, as many as a piece can have: there is one right question. */
	uint64_t rest = load_u64le(stream->input.ptr) - offset;
	size_t piece_max = FRAME_PIECE_MAX(window_size);
	uint64_t wanted = rest < piece_max ? rest : piece_max;
	if (ask.offset != offset || ask.size != wanted || wanted == 0 || ask.reserved != 0)
		return CONCLAVE_ERROR_FORMAT;
	*out = ask;
	return CONCLAVE_OK;
}

/* The piece is read to where the enclave will take it from. */
static enum conclave_error piece_write(size_t *in_size, struct buffer window, uint64_t id,
	const struct frame_ask *ask, const struct turn_source *source)
{
	struct buffer piece = {window.ptr + sizeof(struct frame_header), ask->size};
	TRY(source->read(piece, source->context, id, ask->offset));
	*in_size = frame_write_around(
		window, &(struct frame){FRAME_PIECE, id, 0, {piece.ptr, piece.len}});
	return CONCLAVE_OK;
}

/* It is the last of its batch, if there is one. */
static const struct request *stream_of(const struct request *batch)
{
	for (; batch != NULL; batch = batch->next)
		if (batch->type == FRAME_STREAM)
			return batch;
	return NULL;
}

/* Until the enclave asks nothing more. */
static enum conclave_error answer_questions(struct instance_answer *answer,
	struct instance *instance, uint32_t lane, const struct request *stream,
	const struct turn_source *source, struct conclave_report *report)
{
	struct buffer window = instance_in_window(instance);
	uint64_t offset = 0;
	while (answer->is_asking) {
		struct frame_ask ask;
		size_t in_size;
		if (turn_question_read(&ask, answer->frames, stream, offset, window.len) !=
			CONCLAVE_OK) {
			report_fill(report, "the enclave asks for what it must not");
			return CONCLAVE_ERROR_CRASHED;
		}
		TRY(piece_write(&in_size, window, stream->id, &ask, source));
		offset += ask.size;
		TRY(instance_answer(answer, instance, lane, in_size, report));
	}
	return CONCLAVE_OK;
}

enum conclave_error turn_run(struct turn *turn, struct instance *instance, uint32_t lane,
	struct request *batch, const struct turn_source *source, uint64_t now,
	struct conclave_report *report)
{
	struct writer in = writer_of(instance_in_window(instance));
	size_t in_size = requests_write(&in, batch, now);
	struct instance_answer answer;
	size_t requests = 0;
	for (const struct request *request = batch; request != NULL; request = request->next)
		requests++;
	TRY(instance_turn(&answer, instance, lane, in_size, requests, report));
	TRY(answer_questions(&answer, instance, lane, stream_of(batch), source, report));
	enum conclave_error error = turn_read(turn, answer.frames, batch, &instance->console);
	if (error == CONCLAVE_OK || error == CONCLAVE_ERROR_MEMORY)
		return error;
	report_fill(
		report, "the enclave's answer is not well formed (%s)", conclave_error_name(error));
	return CONCLAVE_ERROR_CRASHED;
}
