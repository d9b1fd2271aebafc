#include <stdlib.h>

#include "mail_library/library.h"
#include "mail/opening.h"

#define CORRESPONDENTS_MAX 65536u

enum conclave_error conclave_mail_key_generate(uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE])
{
	TRY(crypto_init());
	return crypto_random((struct buffer){private_key, CONCLAVE_MAIL_KEY_SIZE});
}

enum conclave_error conclave_mail_key_public(uint8_t public_key[CONCLAVE_MAIL_KEY_SIZE],
	const uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE])
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret secret;
	struct x25519_public public;
	TRY(crypto_init());
	memcpy(&secret, private_key, sizeof(secret));
	x25519_public(&public, &secret);
	memcpy(public_key, &public, sizeof(public));
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_box_new(struct conclave_mail_box **out,
	const uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE], size_t correspondents)
{
	if (correspondents > CORRESPONDENTS_MAX)
		return CONCLAVE_ERROR_ARGUMENT;
	TRY(crypto_init());
	struct conclave_mail_box *box =
		calloc(1, sizeof(*box) + correspondents * sizeof(box->entries[0]));
	if (box == NULL)
		return CONCLAVE_ERROR_MEMORY;
	CLEANUP(x25519_secret_wipe) struct x25519_secret secret;
	memcpy(&secret, private_key, sizeof(secret));
	mail_cache_init(&box->cache, &secret, box->entries, correspondents);
	*out = box;
	return CONCLAVE_OK;
}

void conclave_mail_box_free(struct conclave_mail_box *box)
{
	if (box == NULL)
		return;
	mail_cache_wipe(&box->cache);
	free(box);
}

enum conclave_error library_ephemeral(struct x25519_pair *out)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret random;
	TRY(crypto_random((struct buffer){random.bytes, sizeof(random.bytes)}));
	x25519_pair_init(out, &random);
	return CONCLAVE_OK;
}

struct mail_draft library_draft(const struct conclave_mail_draft *draft)
{
	return (struct mail_draft){.sequence = draft->sequence,
		.topic = bytes_of(draft->topic, draft->topic == NULL ? 0 : strlen(draft->topic)),
		.envelope = bytes_of(draft->envelope, draft->envelope_size),
		.key_derivation = bytes_of(draft->key_derivation, draft->key_derivation_size),
		.private_header = bytes_of(draft->private_header, draft->private_header_size),
		.body = bytes_of(draft->body, draft->body_size),
		.min_size = draft->min_size};
}

void library_header(struct conclave_mail_opened *out, const struct mail_header *header)
{
	*out = (struct conclave_mail_opened){.sequence = header->sequence,
		.topic = header->topic.ptr,
		.topic_size = header->topic.len,
		.envelope = header->envelope.ptr,
		.envelope_size = header->envelope.len,
		.key_derivation = header->key_derivation.ptr,
		.key_derivation_size = header->key_derivation.len};
}

size_t conclave_mail_sealed_size(const struct conclave_mail_draft *draft)
{
	const struct mail_draft ours = library_draft(draft);
	return draft_check(&ours) == CONCLAVE_OK ? mail_sealed_size(&ours) : 0;
}

enum conclave_error conclave_mail_seal(uint8_t *out, size_t *out_size,
	struct conclave_mail_box *sender, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const struct conclave_mail_draft *draft)
{
	const struct mail_draft ours = library_draft(draft);
	const struct x25519_public key = library_key(recipient);
	CLEANUP(x25519_pair_wipe) struct x25519_pair ephemeral;
	TRY(library_ephemeral(&ephemeral));
	if (out == NULL)
		return CONCLAVE_ERROR_SPACE;
	struct writer writer = writer_of((struct buffer){out, *out_size});
	TRY(mail_seal_cached(&writer, &ours, &sender->cache, &key, &ephemeral));
	*out_size = writer.len;
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_open(struct conclave_mail_opened *opened, void *space,
	size_t space_size, struct conclave_mail_box *recipient, const void *mail, size_t mail_size)
{
	struct mail ours;
	TRY(mail_open_cached(&ours, (struct buffer){space, space_size}, &recipient->cache,
		bytes_of(mail, mail_size)));
	library_header(opened, &ours.header);
	memcpy(opened->sender, &ours.sender, sizeof(opened->sender));
	opened->private_header = ours.private_header.ptr;
	opened->private_header_size = ours.private_header.len;
	opened->body = ours.body.ptr;
	opened->body_size = ours.body.len;
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_peek(
	struct conclave_mail_opened *opened, const void *mail, size_t mail_size)
{
	struct mail_header header;
	TRY(mail_header_read(&header, bytes_of(mail, mail_size)));
	library_header(opened, &header);
	return CONCLAVE_OK;
}
