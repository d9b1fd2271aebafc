/* A body on its way into a mail: bytes in memory, or what a source gives. */
#ifndef CLIENT_BODY_H
#define CLIENT_BODY_H

#include <conclave/client.h>

#include "base/bytes.h"

/* What is read before anything is sent: a body that ends within it is one in memory. */
#define BODY_AHEAD_MAX 0x100000u
/* What is read at a time after that. */
#define BODY_PIECE_MAX 0x10000u

struct body {
	struct bytes rest;		      /* read, to be taken next */
	const struct conclave_source *source; /* for what follows; NULL: nothing does */
	bool size_known;
	uint64_t size;
	uint64_t read;	/* from the source so far */
	uint64_t done;	/* taken */
	uint8_t *space; /* the client's, BODY_AHEAD_MAX + 1 bytes; NULL: rest is the caller's */
};

struct body body_of(struct bytes whole);
/* Read ahead. source: the caller's, for as long as the body. Errors: MEMORY, TRUNCATED, the
 * source's. */
enum conclave_error body_open(
	struct body *out, const struct conclave_source *source, struct conclave_report *report);
/* For CLEANUP. */
void body_close(struct body *body);

/* The next bytes, BODY_PIECE_MAX at most, valid until the next call; none at the end. Errors:
 * CANCELLED, TRUNCATED, the source's. */
enum conclave_error body_next(struct bytes *out, struct body *body, struct conclave_report *report);
/* Whether to go on: asks the source's progress. */
bool body_progress(const struct body *body);
/* As a source itself, which gives it once. */
struct conclave_source body_source(struct body *body);
/* Begin again. Errors: UNSUPPORTED (it cannot), the source's. */
enum conclave_error body_rewind(struct body *body, struct conclave_report *report);

#endif
