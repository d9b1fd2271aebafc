#include "client/content.h"

#include <stdlib.h>

#define ROLLED_BACK 0x80u /* beside a mail's order */

/* -- writing -- */

/* The caller's own function cannot be written down. */
static void write_padding(struct writer *out, const struct padding *padding)
{
	bool known = padding->policy != PADDING_OWN;
	write_u16be(out, known ? PADDING_SAVED_SIZE : 0);
	if (known)
		padding_write(out, padding);
}

static void write_waiting(struct writer *out, const struct conclave_mail *mail)
{
	write_lp16(out, bytes_of(mail->topic, strlen(mail->topic)));
	write_u64be(out, mail->sequence);
	write_u8(out, (uint8_t)(mail->order | (mail->is_rolled_back ? ROLLED_BACK : 0)));
	write_lp16(out, bytes_of(mail->envelope, mail->envelope_size));
	write_lp32(out, bytes_of(mail->body, mail->body_size));
}

void content_write(struct writer *out, const struct conclave_client *client)
{
	struct writer size = writer_measure();
	uint32_t count = 0;
	client_write_saved(&size, client);
	write_u32be(out, (uint32_t)size.len);
	client_write_saved(out, client);
	write_u8(out, client->padding_shared);
	write_padding(out, &client->padding);
	for (const struct topic *topic = client->topics; topic != NULL; topic = topic->next) {
		write_padding(out, &topic->padding);
		replies_write(out, &topic->replies);
	}
	for (const struct waiting *waiting = client->waiting; waiting != NULL;
		waiting = waiting->next)
		count++;
	write_u32be(out, count);
	for (const struct waiting *waiting = client->waiting; waiting != NULL;
		waiting = waiting->next)
		write_waiting(out, &waiting->mail);
}

/* -- reading -- */

/* Nothing written: it stays as it is. */
static enum conclave_error read_padding(struct padding *out, struct reader *from)
{
	struct bytes saved = read_lp16(from);
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	return saved.len == 0 ? CONCLAVE_OK : padding_read(out, saved);
}

static uint8_t *copy(struct bytes from)
{
	uint8_t *to = calloc(1, from.len + 1);
	if (to != NULL && from.len > 0)
		memcpy(to, from.ptr, from.len);
	return to;
}

/* Topics are C strings, and no topic has a NUL: modified UTF-8 writes it in two bytes. */
static enum conclave_error read_waiting(struct conclave_client *client, struct reader *from)
{
	struct bytes topic = read_lp16(from);
	uint64_t sequence = read_u64be(from);
	uint8_t order = read_u8(from);
	struct bytes envelope = read_lp16(from);
	struct bytes body = read_lp32(from);
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if ((order & ~ROLLED_BACK) > CONCLAVE_ORDER_RESTART ||
		(topic.len > 0 && memchr(topic.ptr, 0, topic.len) != NULL))
		return CONCLAVE_ERROR_FORMAT;
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct conclave_mail *mail = &waiting->mail;
	*mail = (struct conclave_mail){(char *)copy(topic), sequence, copy(envelope), copy(body),
		envelope.len, body.len, (enum conclave_order)(order & ~ROLLED_BACK),
		(order & ROLLED_BACK) != 0};
	client_keep_waiting(client, waiting);
	bool whole = mail->topic != NULL && mail->envelope != NULL && mail->body != NULL;
	return whole ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY; /* freed with the client */
}

static enum conclave_error read_additions(struct conclave_client *client, struct reader *from)
{
	uint8_t shared = read_u8(from);
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if (shared > 1)
		return CONCLAVE_ERROR_FORMAT;
	client->padding_shared = shared == 1;
	TRY(read_padding(&client->padding, from));
	for (struct topic *topic = client->topics; topic != NULL; topic = topic->next) {
		TRY(read_padding(&topic->padding, from));
		TRY(replies_read(&topic->replies, from));
	}
	uint32_t count = read_u32be(from);
	for (uint32_t i = 0; i < count; i++) /* no longer than the bytes last */
		TRY(read_waiting(client, from));
	return reader_end(from);
}

enum conclave_error content_read(struct conclave_client **out, struct bytes content)
{
	struct reader reader = reader_of(content);
	struct conclave_client *client = NULL;
	struct bytes saved = read_lp32(&reader);
	if (reader.failed)
		return CONCLAVE_ERROR_TRUNCATED;
	TRY(conclave_client_restore(&client, saved.ptr, saved.len, NULL));
	enum conclave_error error = read_additions(client, &reader);
	if (error != CONCLAVE_OK) {
		conclave_client_free(client);
		return error;
	}
	*out = client;
	return CONCLAVE_OK;
}
