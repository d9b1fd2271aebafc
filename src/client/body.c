#include "client/body.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/ct.h"
#include "base/report.h"

struct body body_of(struct bytes whole)
{
	return (struct body){.rest = whole, .size_known = true, .size = whole.len};
}

/* From the source, as much as it gives at once; *size 0 at the end. */
static enum conclave_error read_some(
	size_t *size, struct body *body, struct buffer space, struct conclave_report *report)
{
	const struct conclave_source *source = body->source;
	size_t got = 0;
	if (body->size_known && space.len > body->size - body->read)
		space.len = body->size - body->read;
	if (space.len > 0) {
		enum conclave_error error =
			source->read(source->context, &got, space.ptr, space.len, report);
		/* These two are the host's to say, and have consequences. */
		if (error == CONCLAVE_ERROR_AUTH || error == CONCLAVE_ERROR_REFUSED)
			return CONCLAVE_ERROR_IO;
		TRY(error);
	}
	if (got > space.len) {
		report_fill(report, "the body's source gave more than there was room for");
		return CONCLAVE_ERROR_ARGUMENT;
	}
	body->read += got;
	if (got == 0 && body->size_known && body->read < body->size) {
		report_fill(report,
			"the body ended after %" PRIu64 " of %" PRIu64
			" bytes: it became shorter while it was read",
			body->read, body->size);
		return CONCLAVE_ERROR_TRUNCATED;
	}
	*size = got;
	return CONCLAVE_OK;
}

/* One byte more than what may be a body in memory tells whether it is one. */
static enum conclave_error read_ahead(struct body *body, struct conclave_report *report)
{
	size_t filled = 0, got = 0;
	do {
		struct buffer space = {body->space + filled, BODY_AHEAD_MAX + 1 - filled};
		TRY(read_some(&got, body, space, report));
		filled += got;
	} while (got > 0 && filled <= BODY_AHEAD_MAX);
	body->rest = bytes_of(body->space, filled);
	if (filled <= BODY_AHEAD_MAX) {
		body->source = NULL;
		body->size_known = true;
		body->size = filled;
	}
	return CONCLAVE_OK;
}

enum conclave_error body_open(
	struct body *out, const struct conclave_source *source, struct conclave_report *report)
{
	CLEANUP(body_close)
	struct body body = {
		.source = source,
		.size_known = source->size_known,
		.size = source->size_known ? source->size : 0,
	};
	body.space = malloc(BODY_AHEAD_MAX + 1);
	if (body.space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	TRY(read_ahead(&body, report));
	*out = body;
	body.space = NULL;
	return CONCLAVE_OK;
}

void body_close(struct body *body)
{
	if (body->space == NULL)
		return;
	wipe(body->space, BODY_AHEAD_MAX + 1);
	free(body->space);
	body->space = NULL;
}

bool body_progress(const struct body *body)
{
	const struct conclave_source *source = body->source;
	return source == NULL || source->progress == NULL ||
	       source->progress(source->context, body->done);
}

/* The next bytes, at most so many. */
static enum conclave_error take(
	struct bytes *out, struct body *body, size_t most, struct conclave_report *report)
{
	if (!body_progress(body)) {
		report_fill(report, "given up after %" PRIu64 " bytes, as told", body->done);
		return CONCLAVE_ERROR_CANCELLED;
	}
	if (body->rest.len == 0 && body->source != NULL) {
		size_t size = 0;
		TRY(read_some(&size, body, (struct buffer){body->space, BODY_PIECE_MAX}, report));
		body->rest = bytes_of(body->space, size);
	}
	*out = bytes_slice(body->rest, 0, most);
	if (out->len > 0) { /* else there may be no place to count from */
		body->rest.ptr += out->len;
		body->rest.len -= out->len;
		body->done += out->len;
	}
	return CONCLAVE_OK;
}

enum conclave_error body_next(struct bytes *out, struct body *body, struct conclave_report *report)
{
	return take(out, body, BODY_PIECE_MAX, report);
}

static enum conclave_error read_body(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct bytes part;
	TRY(take(&part, context, room, report));
	if (part.len > 0)
		memcpy(to, part.ptr, part.len);
	*size = part.len;
	return CONCLAVE_OK;
}

static bool tell_progress(void *context, uint64_t done)
{
	(void)done;
	return body_progress(context);
}

struct conclave_source body_source(struct body *body)
{
	return (struct conclave_source){
		.context = body,
		.read = read_body,
		.size_known = body->size_known,
		.size = body->size,
		.progress = tell_progress,
	};
}

enum conclave_error body_rewind(struct body *body, struct conclave_report *report)
{
	const struct conclave_source *source = body->source;
	if (source == NULL) {
		if (body->done > 0)
			body->rest.ptr -= body->done;
		body->rest.len = body->size;
	} else if (source->rewind == NULL) {
		report_fill(report, "the body can be read only once");
		return CONCLAVE_ERROR_UNSUPPORTED;
	} else {
		TRY(source->rewind(source->context, report));
		body->rest.len = 0;
		body->read = 0;
	}
	body->done = 0;
	return CONCLAVE_OK;
}
