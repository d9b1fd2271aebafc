/* Inputs to the guest: mail and local calls, one at a time, each with all its effects or none. */
#ifndef ENCLAVE_MAILBOX_H
#define ENCLAVE_MAILBOX_H

#include "abi/guest.h"
#include "crypto/crypto.h"
#include "enclave/outbox.h"

/* One frame of the turn, validated; payload points into the private copy. */
struct frame {
	struct frame_header header;
	struct bytes payload;
};

/* After keys_init. Padding is as it was measured. Errors: FORMAT. */
enum conclave_error mailbox_init(void);
/* Everything that was made from keys. */
void mailbox_wipe(void);
/* Nobody waits: make what the next mail will need. Errors: RANDOM. */
enum conclave_error mailbox_idle(void);

/* Handle one request and append its answers. A mail's or guest's failure is an answer; an error is
 * the enclave's end: RANDOM, REFUSED (the guest cannot be started again), INTERNAL. */
enum conclave_error mailbox_deliver(struct outbox *outbox, const struct frame *frame);
enum conclave_error mailbox_stream(struct outbox *outbox, const struct frame *frame);
enum conclave_error mailbox_call(struct outbox *outbox, const struct frame *frame);

/* -- what the guest may ask for while it handles an input (imports.c) -- */

/* Empty when this input has no such part, or there is no input. */
struct bytes mailbox_part(enum guest_part part);
uint64_t mailbox_sequence(void);
/* Errors: STATE (no mail is being handled), LIMIT, RANDOM. */
enum conclave_error mailbox_reply(struct bytes body, struct bytes envelope);
/* Errors: STATE (no input), NOT_FOUND, FORMAT, LIMIT, KEY, RANDOM. */
enum conclave_error mailbox_post(const struct x25519_public *to, struct bytes topic,
	struct bytes body, struct bytes envelope);
/* Errors: STATE (no call is being handled), LIMIT. */
enum conclave_error mailbox_answer(struct bytes from);
/* Sign for the guest, which cannot make the runtime sign anything else: the message is prefixed by
 * "conclave guest signature" and a NUL. Errors: LIMIT (about a window). */
enum conclave_error mailbox_sign(struct ed25519_signature *out, struct bytes message);

#endif
