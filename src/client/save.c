/* The client's state between processes, in R3's save format:
 *
 *   "EnclaveClient" | u8 1 | private key[32] | utf(constraint) | nullable(enclave key[32]) |
 *   nullable(state id[16]) | u32 n | n * (utf(topic) | u64 next number)
 *
 * utf: u16 length and bytes. nullable: u8 1 for none, or u8 0 and the value. Numbers are
 * big-endian. */
#include <stdlib.h>

#include "base/report.h"
#include "client/client.h"

#define MAGIC "EnclaveClient"
#define VERSION 1
#define SEQUENCE_MAX ((uint64_t)INT64_MAX)

static void write_nullable(struct writer *out, bool present, struct bytes value)
{
	write_u8(out, present ? 0 : 1);
	if (present)
		write_bytes(out, value);
}

void client_write_saved(struct writer *out, const struct conclave_client *client)
{
	uint32_t count = 0;
	for (const struct topic *topic = client->topics; topic != NULL; topic = topic->next)
		count++;
	write_bytes(out, BYTES_LIT(MAGIC));
	write_u8(out, VERSION);
	write_bytes(out, BYTES_OF(client->key.bytes));
	write_lp16(out, bytes_of(client->constraint_text, strlen(client->constraint_text)));
	write_nullable(out, client->knows_enclave, BYTES_OF(client->enclave_key.bytes));
	write_nullable(out, client->has_state_id, BYTES_OF(client->state_id));
	write_u32be(out, count);
	for (const struct topic *topic = client->topics; topic != NULL; topic = topic->next) {
		write_lp16(out, bytes_of(topic->office.topic, topic->office.topic_size));
		write_u64be(out, topic->office.next_sequence);
	}
}

enum conclave_error conclave_client_save(
	const struct conclave_client *client, uint8_t **out, size_t *out_size)
{
	struct writer size = writer_measure();
	client_write_saved(&size, client);
	uint8_t *saved = malloc(size.len);
	if (saved == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){saved, size.len});
	client_write_saved(&writer, client);
	enum conclave_error error = writer_end(&writer);
	if (error != CONCLAVE_OK) {
		wipe(saved, size.len);
		free(saved);
		return error;
	}
	*out = saved;
	*out_size = size.len;
	return CONCLAVE_OK;
}

/* What a save says; views point into it. */
struct saved {
	struct x25519_secret key;
	struct bytes constraint;
	bool knows_enclave, has_state_id;
	struct x25519_public enclave_key;
	uint8_t state_id[CLIENT_STATE_ID_SIZE];
	uint32_t topics_count;
};
WIPED_TYPE(saved, struct saved)

static enum conclave_error read_nullable(
	bool *present, struct reader *from, void *value, size_t size)
{
	uint8_t absent = read_u8(from);
	if (absent > 1)
		return CONCLAVE_ERROR_FORMAT;
	*present = !from->failed && absent == 0;
	if (*present)
		read_into(from, value, size);
	return CONCLAVE_OK;
}

static enum conclave_error read_fixed_part(struct saved *out, struct reader *from)
{
	struct bytes magic = read_bytes(from, sizeof(MAGIC) - 1);
	if (from->failed || !bytes_equal(magic, BYTES_LIT(MAGIC)))
		return CONCLAVE_ERROR_FORMAT;
	uint8_t version = read_u8(from);
	if (!from->failed && version != VERSION)
		return CONCLAVE_ERROR_VERSION;
	read_into(from, out->key.bytes, sizeof(out->key.bytes));
	out->constraint = read_lp16(from);
	TRY(read_nullable(
		&out->knows_enclave, from, out->enclave_key.bytes, sizeof(out->enclave_key.bytes)));
	TRY(read_nullable(&out->has_state_id, from, out->state_id, sizeof(out->state_id)));
	out->topics_count = read_u32be(from);
	return from->failed ? CONCLAVE_ERROR_TRUNCATED : CONCLAVE_OK;
}

/* One round per topic that the bytes hold, whatever the count claims. */
static enum conclave_error read_topics(
	struct conclave_client *client, struct reader *from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct bytes name = read_lp16(from);
		uint64_t next = read_u64be(from);
		if (from->failed)
			return CONCLAVE_ERROR_TRUNCATED;
		if (next > SEQUENCE_MAX)
			return CONCLAVE_ERROR_FORMAT;
		struct topic *topic = NULL;
		TRY(client_topic(&topic, client, name));
		topic->office.next_sequence = next;
	}
	return reader_end(from);
}

static enum conclave_error restore(
	struct conclave_client **out, struct reader *from, struct conclave_report *report)
{
	CLEANUP(saved_wipe) struct saved saved = {0};
	TRY(read_fixed_part(&saved, from));
	struct conclave_client *client = NULL;
	TRY(client_make(&client, &saved.key, saved.constraint, report));
	client->knows_enclave = saved.knows_enclave;
	client->enclave_key = saved.enclave_key;
	client->has_state_id = saved.has_state_id;
	memcpy(client->state_id, saved.state_id, sizeof(client->state_id));
	enum conclave_error error = read_topics(client, from, saved.topics_count);
	if (error != CONCLAVE_OK) {
		conclave_client_free(client);
		return error;
	}
	*out = client;
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_restore(struct conclave_client **out, const uint8_t *saved,
	size_t saved_size, struct conclave_report *report)
{
	struct conclave_report why = {""};
	struct reader reader = reader_of(bytes_of(saved, saved_size));
	TRY(client_crypto_init());
	enum conclave_error error = restore(out, &reader, &why);
	if (error != CONCLAVE_OK)
		report_fill(report, "not the saved state of a client, or damaged: %.900s",
			why.text[0] != '\0' ? why.text : conclave_error_text(error));
	return error;
}
