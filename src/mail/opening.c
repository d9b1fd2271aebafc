#include "mail/opening.h"

static size_t prologue_size(const struct mail_draft *draft)
{
	return PROLOGUE_FIXED_SIZE + draft->topic.len + draft->envelope.len +
	       draft->key_derivation.len;
}

/* Lengths are compared one by one first, so that their sums cannot overflow. */
enum conclave_error draft_check(const struct mail_draft *draft)
{
	TRY(mail_topic_check(draft->topic));
	if (draft->envelope.len > MAIL_PROLOGUE_SIZE_MAX ||
		draft->key_derivation.len > MAIL_PROLOGUE_SIZE_MAX ||
		prologue_size(draft) > MAIL_PROLOGUE_SIZE_MAX ||
		draft->sequence > MAIL_SEQUENCE_MAX ||
		draft->private_header.len > MAIL_PRIVATE_HEADER_SIZE_MAX ||
		draft->min_size > MAIL_BODY_SIZE_MAX || draft->body.len > MAIL_BODY_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	return CONCLAVE_OK;
}

size_t opening_size(const struct mail_draft *draft)
{
	return 2 + prologue_size(draft) + NOISE_X_OVERHEAD + OPENING_PAYLOAD_SIZE;
}

enum conclave_error opening_write(struct writer *out, struct aes256_key *transport,
	const struct mail_draft *draft, struct mail_cache *sender,
	const struct x25519_public *recipient, const struct x25519_pair *ephemeral)
{
	size_t size = opening_size(draft);
	if (out->failed || out->ptr == NULL || size > out->cap - out->len) {
		out->failed = true;
		return CONCLAVE_ERROR_SPACE;
	}
	const struct mail_header header = {.protocol = MAIL_PROTOCOL,
		.sequence = draft->sequence,
		.topic = draft->topic,
		.envelope = draft->envelope,
		.key_derivation = draft->key_derivation};
	struct writer clear = writer_of((struct buffer){out->ptr + out->len, size});
	write_u16be(&clear, (uint16_t)prologue_size(draft));
	prologue_write(&clear, &header);
	struct bytes prologue = bytes_of(clear.ptr + 2, clear.len - 2);

	static const uint8_t payload[OPENING_PAYLOAD_SIZE];
	TRY(noise_x_write(clear.ptr + clear.len, transport, prologue, BYTES_OF(payload), sender,
		recipient, ephemeral));
	out->len += size;
	return CONCLAVE_OK;
}

size_t handshake_size(const struct mail_header *header)
{
	return NOISE_X_OVERHEAD + (header->protocol == 0 ? 0 : OPENING_PAYLOAD_SIZE);
}

enum conclave_error handshake_read(struct aes256_key *transport, struct x25519_public *sender,
	struct bytes prologue, struct mail_cache *recipient, struct bytes handshake)
{
	uint8_t ignored[OPENING_PAYLOAD_SIZE];
	ASSERT(handshake.len <= NOISE_X_OVERHEAD + sizeof(ignored));
	return noise_x_read(ignored, transport, sender, prologue, recipient, handshake);
}
