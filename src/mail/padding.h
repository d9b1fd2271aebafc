/* Padding policies: how long a mail's body shall seem (docs/spec/mail.md, section 6). Pure.
 *
 * Ask padding_next with the size of each body that is sent, in order, and give the answer to
 * mail_draft.min_size. The length of the mail then depends on the answer alone (and on the clear
 * part): the answer always has room for the body, because a body longer than the policy's figure is
 * filled up to the next multiple of it.
 *
 * One object may serve one destination or be shared by many; sharing it hides more. It holds no
 * secret key, but tells sizes: whoever saves it saves it with the secrets. One thread at a time. */
#ifndef MAIL_PADDING_H
#define MAIL_PADDING_H

#include "base/bytes.h"

enum padding_policy {
	PADDING_NONE = 0,    /* the length of a mail tells its body's */
	PADDING_FIXED = 1,   /* a figure chosen beforehand */
	PADDING_LARGEST = 2, /* the largest body so far */
	PADDING_AVERAGE = 3, /* the average of all so far; what R3's clients do, and the default */
	PADDING_POWERS = 4,  /* powers of two */
	PADDING_OWN = 5,     /* the caller's function */
};

/* The least of PADDING_POWERS. */
#define PADDING_POWER_MIN 256u

/* A figure for a body of this size, which is at most MAIL_BODY_SIZE_MAX. Any number will do: 0 is
 * taken for 1, and what is above MAIL_BODY_SIZE_MAX for that. */
typedef uint64_t padding_function(void *context, uint64_t body_size);

/* Zero-initialised: no padding. */
struct padding {
	enum padding_policy policy;
	uint64_t figure; /* FIXED: it; LARGEST: so far; AVERAGE: the sum of count bodies */
	uint64_t count;
	padding_function *own;
	void *context;
};

/* figure 0: no padding; above MAIL_BODY_SIZE_MAX: that. */
struct padding padding_fixed(uint64_t figure);
struct padding padding_largest(void);
struct padding padding_average(void);
struct padding padding_powers(void);
struct padding padding_own(padding_function *function, void *context);

/* The size that the next mail's body shall seem to have: at least body_size and at least 1; at most
 * MAIL_BODY_SIZE_MAX, also for a body beyond it, which cannot be sent. With PADDING_NONE, 0. */
uint64_t padding_next(struct padding *padding, uint64_t body_size);

/* The state, so that it outlives the process: u8 version 1 | u8 policy | u64 figure | u64 count.
 * A policy of the caller's own is the caller's to save: it fails the writer. */
#define PADDING_SAVED_SIZE 18u
void padding_write(struct writer *out, const struct padding *padding);
/* Errors: TRUNCATED, TRAILING, VERSION, FORMAT (a state that no policy has). */
enum conclave_error padding_read(struct padding *out, struct bytes saved);

#endif
