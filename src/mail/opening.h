/* The opening of a mail: u16 length | prologue | Noise X handshake; and what a draft must be. Whole
 * mails (mail.c) and streams (stream.c) begin with it. Pure. */
#ifndef MAIL_OPENING_H
#define MAIL_OPENING_H

#include "mail/cache.h"
#include "mail/noise.h"
#include "mail/prologue.h"

#define OPENING_PAYLOAD_SIZE 1u /* the handshake's: one byte, ignored; protocol 0 has none */
#define OPENING_HANDSHAKE_MAX (NOISE_X_OVERHEAD + OPENING_PAYLOAD_SIZE)
#define OPENING_SIZE_MAX (2u + MAIL_PROLOGUE_SIZE_MAX + OPENING_HANDSHAKE_MAX)

/* The private header's length, at the start of a mail's content. */
#define PRIVATE_LENGTH_SIZE 4u

/* With a minimum, the length of a mail depends on the minimum alone as long as the body does not
 * exceed it and the private header has its usual size: there is always room for the longest. */
static inline uint64_t payload_minimum(uint64_t min_size)
{
	return min_size == 0 ? 0 : PRIVATE_LENGTH_SIZE + MAIL_PRIVATE_HEADER_ROOM + min_size;
}

/* Errors: LIMIT, FORMAT (topic). */
enum conclave_error draft_check(const struct mail_draft *draft);

/* Of a draft that draft_check takes. */
size_t opening_size(const struct mail_draft *draft);
/* transport: the key of the packets. Errors: KEY, SPACE. */
enum conclave_error opening_write(struct writer *out, struct aes256_key *transport,
	const struct mail_draft *draft, struct mail_cache *sender,
	const struct x25519_public *recipient, const struct x25519_pair *ephemeral);

/* How long the handshake is after such a prologue. */
size_t handshake_size(const struct mail_header *header);
/* handshake: as long as that. Errors: KEY, AUTH. */
enum conclave_error handshake_read(struct aes256_key *transport, struct x25519_public *sender,
	struct bytes prologue, struct mail_cache *recipient, struct bytes handshake);

#endif
