#include "mail/writer.h"

#include "crypto/x25519_check.h"

static void fill(struct mail_writer *writer, struct bytes from)
{
	if (from.len != 0)
		memcpy(writer->packet + 2 + writer->filled, from.ptr, from.len);
	writer->filled += from.len;
}

enum conclave_error mail_writer_begin(struct writer *opening, struct mail_writer *writer,
	const struct mail_draft *draft, struct mail_cache *sender,
	const struct x25519_public *recipient, const struct x25519_pair *ephemeral)
{
	struct mail_draft head = *draft;
	head.body = BYTES_LIT("");
	head.min_size = 0;
	TRY(draft_check(&head));
	TRY(x25519_check(recipient));
	if (head.private_header.len > MAIL_WRITER_PRIVATE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	CLEANUP(aes256_key_wipe) struct aes256_key transport;
	TRY(opening_write(opening, &transport, &head, sender, recipient, ephemeral));

	packet_stream_init(&writer->stream, &transport);
	writer->body_size = 0;
	writer->written = 0;
	writer->filled = 0;
	writer->ending = false;
	writer->error = CONCLAVE_OK;
	uint8_t length[PRIVATE_LENGTH_SIZE];
	struct writer number = writer_of((struct buffer){length, sizeof(length)});
	write_u32be(&number, (uint32_t)head.private_header.len);
	fill(writer, BYTES_OF(length));
	fill(writer, head.private_header);
	return CONCLAVE_OK;
}

/* Seal what waits, with padding up to payload_size. */
static enum conclave_error seal_packet(
	struct bytes *packet, struct mail_writer *writer, size_t payload_size)
{
	writer->error = packet_seal(writer->packet, &writer->stream, writer->filled, payload_size);
	TRY(writer->error);
	writer->written += payload_size;
	writer->filled = 0;
	*packet = bytes_of(writer->packet, PACKET_OVERHEAD + payload_size);
	return CONCLAVE_OK;
}

enum conclave_error mail_writer_push(
	struct bytes *packet, struct mail_writer *writer, struct bytes *body)
{
	if (writer->ending)
		return CONCLAVE_ERROR_STATE;
	TRY(writer->error);
	if (body->len > MAIL_BODY_SIZE_MAX - writer->body_size)
		return writer->error = CONCLAVE_ERROR_LIMIT;
	struct bytes part = bytes_take(body, MAIL_PACKET_PAYLOAD_MAX - writer->filled);
	fill(writer, part);
	writer->body_size += part.len;
	if (writer->filled == MAIL_PACKET_PAYLOAD_MAX)
		return seal_packet(packet, writer, MAIL_PACKET_PAYLOAD_MAX);
	*packet = BYTES_LIT("");
	return CONCLAVE_OK;
}

enum conclave_error mail_writer_end(
	struct bytes *packet, struct mail_writer *writer, uint64_t min_size)
{
	if (writer->stream.ended)
		return CONCLAVE_ERROR_STATE;
	TRY(writer->error);
	if (min_size > MAIL_BODY_SIZE_MAX)
		return writer->error = CONCLAVE_ERROR_LIMIT;
	writer->ending = true;
	uint64_t minimum = payload_minimum(min_size);
	uint64_t left = minimum > writer->written ? minimum - writer->written : 0;
	if (left < writer->filled)
		left = writer->filled;
	size_t size = left < MAIL_PACKET_PAYLOAD_MAX ? left : MAIL_PACKET_PAYLOAD_MAX;
	TRY(seal_packet(packet, writer, size));
	writer->stream.ended = size == 0;
	return CONCLAVE_OK;
}
