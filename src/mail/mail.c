#include "mail/mail.h"

#include "mail/cache.h"
#include "mail/opening.h"
#include "mail/packet.h"

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
