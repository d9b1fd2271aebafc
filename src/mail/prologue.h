/* The clear part of a mail: u16 length | prologue, where
 *
 *   prologue = u8 protocol | u64 sequence | lp16 topic | lp16 envelope | lp16 key derivation | …
 *
 * Bytes after the key derivation are an extension of the future: authenticated with the rest, not
 * looked at. Pure. */
#ifndef MAIL_PROLOGUE_H
#define MAIL_PROLOGUE_H

#include "mail/mail.h"

#define PROLOGUE_FIXED_SIZE (1u + 8u + 2u + 2u + 2u)

/* The prologue of header, without its length. Fails the writer when that is not a prologue. */
void prologue_write(struct writer *out, const struct mail_header *header);
/* Errors: VERSION (protocol above 1), FORMAT (fields beyond the end, sequence of 2^63 or more,
 * topic that is not modified UTF-8). */
enum conclave_error prologue_read(struct mail_header *out, struct bytes prologue);

#endif
