/* The packets of a mail, one at a time: u16 length | ciphertext, where
 *
 *   plaintext = user bytes | padding, zeros | u16 number of user bytes
 *
 * and a packet of no user bytes and no padding is the last. Pure; memory does not depend on the
 * number of packets, of which there may be 2^64 - 1. */
#ifndef MAIL_PACKET_H
#define MAIL_PACKET_H

#include "crypto/crypto.h"
#include "mail/mail.h"

/* A packet is this much longer than its payload (user bytes and padding): length, number of user
 * bytes, tag. */
#define PACKET_OVERHEAD (2u + 2u + AES_GCM_TAG_SIZE)
#define PACKET_SIZE_MAX (PACKET_OVERHEAD + MAIL_PACKET_PAYLOAD_MAX)
_Static_assert(MAIL_PACKET_PAYLOAD_MAX + 2 + AES_GCM_TAG_SIZE == UINT16_MAX, "as a u16 can say");

struct packet_stream {
	struct aes256_gcm gcm;
	uint64_t counter;
	enum conclave_error error; /* of reading; sticky */
	bool ended;
};
WIPED_TYPE(packet_stream, struct packet_stream)

/* For writing or for reading, not both. */
void packet_stream_init(struct packet_stream *stream, const struct aes256_key *transport);

/* Seal the next packet in its place, PACKET_OVERHEAD + payload_size bytes, whose user bytes the
 * caller has put at packet + 2. user_size <= payload_size <= MAIL_PACKET_PAYLOAD_MAX; both 0 ends
 * the stream. Errors: LIMIT (no nonce is left). */
enum conclave_error packet_seal(
	uint8_t *packet, struct packet_stream *stream, size_t user_size, size_t payload_size);

/* Open the next packet.
 * user    its user bytes, at the start of space; the last packet has none and sets stream->ended
 * space   at least as long as the packet; zeroed on error; not overlapping it, or the packet's own
 *         place from its third byte on
 * Once a call has failed, every further one fails in the same way.
 * Errors: TRUNCATED, FORMAT, AUTH, SPACE, LIMIT (no nonce is left), STATE (after the last packet).
 */
enum conclave_error packet_open(struct bytes *user, struct packet_stream *stream,
	struct buffer space, struct reader *source);

#endif
