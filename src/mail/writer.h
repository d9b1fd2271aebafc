/* A mail sealed as a stream (mail/stream.h): 66 kB, whatever its length. Pure. */
#ifndef MAIL_WRITER_H
#define MAIL_WRITER_H

#include "mail/cache.h"
#include "mail/opening.h"
#include "mail/packet.h"

/* A private header that is streamed: with its length it fills one packet at most. */
#define MAIL_WRITER_PRIVATE_MAX (MAIL_PACKET_PAYLOAD_MAX - PRIVATE_LENGTH_SIZE)

struct mail_writer {
	struct packet_stream stream;
	uint64_t body_size; /* so far */
	uint64_t written;   /* payload of the packets so far */
	size_t filled;	    /* user bytes that wait in packet, from its third byte on */
	bool ending;
	enum conclave_error error; /* sticky */
	uint8_t packet[PACKET_SIZE_MAX];
};
WIPED_TYPE(mail_writer, struct mail_writer)

/* opening: where the mail's first bytes go, at most OPENING_SIZE_MAX. draft: its body and min_size
 * are not looked at. Errors: those of mail_seal_cached; LIMIT (private header) at a smaller size.
 */
enum conclave_error mail_writer_begin(struct writer *opening, struct mail_writer *writer,
	const struct mail_draft *draft, struct mail_cache *sender,
	const struct x25519_public *recipient, const struct x25519_pair *ephemeral);
/* Take what fits from the start of body; packet is empty, or the mail's next bytes, valid until the
 * next call. Errors: LIMIT (more than MAIL_BODY_SIZE_MAX, or no nonce is left), STATE (after
 * mail_writer_end). */
enum conclave_error mail_writer_push(
	struct bytes *packet, struct mail_writer *writer, struct bytes *body);
/* The body is complete: the next of the mail's last packets. min_size: as in struct mail_draft, and
 * the same in every call. Errors: LIMIT, STATE. */
enum conclave_error mail_writer_end(
	struct bytes *packet, struct mail_writer *writer, uint64_t min_size);

static inline bool mail_writer_ended(const struct mail_writer *writer)
{
	return writer->stream.ended;
}

#endif
