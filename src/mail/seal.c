/* Whole mails, sealed in memory. */
#include "crypto/x25519_check.h"
#include "mail/cache.h"
#include "mail/opening.h"
#include "mail/packet.h"

/* What the packets of a draft carry: u32 private header length | private header | body, padded. */
struct content {
	uint8_t private_length[PRIVATE_LENGTH_SIZE];
	struct bytes pieces[3];
	size_t payload_size;
};

static size_t payload_size(const struct mail_draft *draft)
{
	size_t user_size = PRIVATE_LENGTH_SIZE + draft->private_header.len + draft->body.len;
	size_t minimum = payload_minimum(draft->min_size);
	return user_size > minimum ? user_size : minimum;
}

static void content_init(struct content *content, const struct mail_draft *draft)
{
	struct writer length = writer_of(
		(struct buffer){content->private_length, sizeof(content->private_length)});
	write_u32be(&length, (uint32_t)draft->private_header.len);
	content->pieces[0] = BYTES_OF(content->private_length);
	content->pieces[1] = draft->private_header;
	content->pieces[2] = draft->body;
	content->payload_size = payload_size(draft);
}

/* Copy the user bytes from offset on, at most size of them; how many there were. */
static size_t content_copy(uint8_t *out, const struct content *content, size_t offset, size_t size)
{
	size_t done = 0;
	for (size_t i = 0; i < ARRAY_COUNT(content->pieces); i++) {
		struct bytes part = bytes_slice(content->pieces[i], offset, size - done);
		if (part.len != 0)
			memcpy(out + done, part.ptr, part.len);
		done += part.len;
		offset -= offset < content->pieces[i].len ? offset : content->pieces[i].len;
	}
	return done;
}

size_t mail_sealed_size(const struct mail_draft *draft)
{
	size_t payload = payload_size(draft);
	size_t packet_count = (payload + MAIL_PACKET_PAYLOAD_MAX - 1) / MAIL_PACKET_PAYLOAD_MAX + 1;
	return opening_size(draft) + payload + packet_count * PACKET_OVERHEAD;
}

static enum conclave_error packets_write(
	struct writer *out, const struct content *content, const struct aes256_key *transport)
{
	CLEANUP(packet_stream_wipe) struct packet_stream stream;
	packet_stream_init(&stream, transport);
	for (size_t done = 0; done < content->payload_size;) {
		size_t left = content->payload_size - done;
		size_t size = left < MAIL_PACKET_PAYLOAD_MAX ? left : MAIL_PACKET_PAYLOAD_MAX;
		uint8_t *packet = out->ptr + out->len;
		size_t user_size = content_copy(packet + 2, content, done, size);
		TRY(packet_seal(packet, &stream, user_size, size));
		out->len += PACKET_OVERHEAD + size;
		done += size;
	}
	TRY(packet_seal(out->ptr + out->len, &stream, 0, 0));
	out->len += PACKET_OVERHEAD;
	return CONCLAVE_OK;
}

enum conclave_error mail_seal_cached(struct writer *out, const struct mail_draft *draft,
	struct mail_cache *sender, const struct x25519_public *recipient,
	const struct x25519_pair *ephemeral)
{
	TRY(draft_check(draft));
	TRY(x25519_check(recipient));
	size_t size = mail_sealed_size(draft);
	if (out->failed || size > out->cap - out->len) {
		out->failed = true;
		return CONCLAVE_ERROR_SPACE;
	}
	if (out->ptr == NULL) {
		out->len += size;
		return CONCLAVE_OK;
	}

	CLEANUP(aes256_key_wipe) struct aes256_key transport;
	struct content content;
	struct writer mail = writer_of((struct buffer){out->ptr + out->len, size});
	TRY(opening_write(&mail, &transport, draft, sender, recipient, ephemeral));
	content_init(&content, draft);
	TRY(packets_write(&mail, &content, &transport));
	out->len += mail.len;
	return CONCLAVE_OK;
}
