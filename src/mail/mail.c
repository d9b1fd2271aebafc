#include "mail/mail.h"

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

enum conclave_error mail_seal(struct writer *out, const struct mail_draft *draft,
	const struct x25519_secret *sender, const struct x25519_public *recipient,
	const struct x25519_secret *ephemeral)
{
	CLEANUP(mail_cache_wipe) struct mail_cache no_cache;
	CLEANUP(x25519_pair_wipe) struct x25519_pair pair;
	mail_cache_init(&no_cache, sender, NULL, 0);
	x25519_pair_init(&pair, ephemeral);
	return mail_seal_cached(out, draft, &no_cache, recipient, &pair);
}

/* The prologue's bytes, and what they say; the reader stands behind them. */
static enum conclave_error read_clear(
	struct mail_header *header, struct bytes *prologue, struct reader *mail)
{
	struct bytes raw = read_lp16(mail);
	if (mail->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	TRY(prologue_read(header, raw));
	*prologue = raw;
	return CONCLAVE_OK;
}

enum conclave_error mail_header_read(struct mail_header *out, struct bytes mail)
{
	struct reader reader = reader_of(mail);
	struct bytes prologue;
	return read_clear(out, &prologue, &reader);
}

/* All user bytes, one after the other, into space, which is as long as the packets together. Every
 * plaintext fits: it is shorter than its packet, and what was written so far is shorter than the
 * packets read so far. */
static enum conclave_error packets_read(struct bytes *content, struct buffer space,
	const struct aes256_key *transport, struct reader *mail)
{
	CLEANUP(packet_stream_wipe) struct packet_stream stream;
	packet_stream_init(&stream, transport);
	size_t size = 0;
	while (!stream.ended) {
		struct buffer rest = {space.ptr + size, space.len - size};
		struct bytes user;
		enum conclave_error error = packet_open(&user, &stream, rest, mail);
		if (error != CONCLAVE_OK) {
			wipe(space.ptr, space.len);
			return error;
		}
		size += user.len;
	}
	*content = bytes_of(space.ptr, size);
	return CONCLAVE_OK;
}

/* Cut the content in two. A length that lies is malformed, and allocates nothing. */
static enum conclave_error split_content(
	struct bytes *private_header, struct bytes *body, struct bytes content)
{
	struct reader reader = reader_of(content);
	struct bytes header = read_lp32(&reader);
	if (reader.failed)
		return CONCLAVE_ERROR_FORMAT;
	*private_header = header;
	*body = reader.rest;
	return CONCLAVE_OK;
}

enum conclave_error mail_open_cached(
	struct mail *out, struct buffer space, struct mail_cache *recipient, struct bytes mail)
{
	struct mail opened = {0};
	struct reader reader = reader_of(mail);
	struct bytes prologue;
	TRY(read_clear(&opened.header, &prologue, &reader));
	if (space.len < mail.len)
		return CONCLAVE_ERROR_SPACE;

	CLEANUP(aes256_key_wipe) struct aes256_key transport;
	struct bytes handshake = read_bytes(&reader, handshake_size(&opened.header));
	if (reader.failed)
		return CONCLAVE_ERROR_TRUNCATED;
	TRY(handshake_read(&transport, &opened.sender, prologue, recipient, handshake));

	/* The header is read again from the copy, so that its views outlive the mail. */
	memcpy(space.ptr, prologue.ptr, prologue.len);
	TRY(prologue_read(&opened.header, bytes_of(space.ptr, prologue.len)));
	struct buffer rest = {space.ptr + prologue.len, reader.rest.len};
	TRY(packets_read(&opened.body, rest, &transport, &reader));
	if (opened.header.protocol != 0) {
		enum conclave_error error =
			split_content(&opened.private_header, &opened.body, opened.body);
		if (error != CONCLAVE_OK) {
			wipe(rest.ptr, rest.len);
			return error;
		}
	}
	*out = opened;
	return CONCLAVE_OK;
}

enum conclave_error mail_open(struct mail *out, struct buffer space,
	const struct x25519_secret *recipient, struct bytes mail)
{
	CLEANUP(mail_cache_wipe) struct mail_cache no_cache;
	mail_cache_init(&no_cache, recipient, NULL, 0);
	return mail_open_cached(out, space, &no_cache, mail);
}
