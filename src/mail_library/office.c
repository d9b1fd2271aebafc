#include <stdlib.h>

#include "crypto/x25519_check.h"
#include "mail_library/library.h"

/* -- padding -- */

struct conclave_mail_padding {
	struct padding padding;
};

static enum conclave_error keep(struct conclave_mail_padding **out, struct padding padding)
{
	struct conclave_mail_padding *kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return CONCLAVE_ERROR_MEMORY;
	kept->padding = padding;
	*out = kept;
	return CONCLAVE_OK;
}

enum conclave_error conclave_mail_padding_new(
	struct conclave_mail_padding **out, enum conclave_mail_policy policy, uint64_t figure)
{
	if (figure != 0 && policy != CONCLAVE_MAIL_PADDING_FIXED)
		return CONCLAVE_ERROR_ARGUMENT;
	switch (policy) {
	case CONCLAVE_MAIL_PADDING_NONE:
	case CONCLAVE_MAIL_PADDING_FIXED: return keep(out, padding_fixed(figure));
	case CONCLAVE_MAIL_PADDING_LARGEST: return keep(out, padding_largest());
	case CONCLAVE_MAIL_PADDING_AVERAGE: return keep(out, padding_average());
	case CONCLAVE_MAIL_PADDING_POWERS: return keep(out, padding_powers());
	}
	return CONCLAVE_ERROR_ARGUMENT;
}

enum conclave_error conclave_mail_padding_new_own(struct conclave_mail_padding **out,
	uint64_t (*figure)(void *context, uint64_t body_size), void *context)
{
	return figure == NULL ? CONCLAVE_ERROR_ARGUMENT : keep(out, padding_own(figure, context));
}

void conclave_mail_padding_free(struct conclave_mail_padding *padding)
{
	free(padding);
}

uint64_t conclave_mail_padding_next(struct conclave_mail_padding *padding, uint64_t body_size)
{
	return padding_next(&padding->padding, body_size);
}

_Static_assert(CONCLAVE_MAIL_PADDING_SAVED_SIZE == PADDING_SAVED_SIZE, "one number");

enum conclave_error conclave_mail_padding_save(
	uint8_t out[CONCLAVE_MAIL_PADDING_SAVED_SIZE], const struct conclave_mail_padding *padding)
{
	struct writer writer = writer_of((struct buffer){out, PADDING_SAVED_SIZE});
	padding_write(&writer, &padding->padding);
	return writer.failed ? CONCLAVE_ERROR_STATE : CONCLAVE_OK;
}

enum conclave_error conclave_mail_padding_restore(
	struct conclave_mail_padding **out, const uint8_t saved[CONCLAVE_MAIL_PADDING_SAVED_SIZE])
{
	struct padding padding;
	TRY(padding_read(&padding, bytes_of(saved, PADDING_SAVED_SIZE)));
	return keep(out, padding);
}

/* -- post offices -- */

struct conclave_mail_office {
	struct conclave_mail_box *box;
	struct conclave_mail_padding *padding;
	uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE];
	uint64_t next_sequence;
	char topic[MAIL_TOPIC_SIZE_MAX + 1];
};

enum conclave_error conclave_mail_office_new(struct conclave_mail_office **out,
	struct conclave_mail_box *box, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const char *topic, uint64_t next_sequence, struct conclave_mail_padding *padding)
{
	const struct x25519_public key = library_key(recipient);
	const size_t topic_size = strlen(topic);
	TRY(mail_topic_check(bytes_of(topic, topic_size)));
	TRY(x25519_check(&key));
	if (next_sequence > MAIL_SEQUENCE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	struct conclave_mail_office *office = calloc(1, sizeof(*office));
	if (office == NULL)
		return CONCLAVE_ERROR_MEMORY;
	office->box = box;
	office->padding = padding;
	office->next_sequence = next_sequence;
	memcpy(office->recipient, recipient, sizeof(office->recipient));
	memcpy(office->topic, topic, topic_size);
	*out = office;
	return CONCLAVE_OK;
}

void conclave_mail_office_free(struct conclave_mail_office *office)
{
	free(office);
}

uint64_t conclave_mail_office_next_sequence(const struct conclave_mail_office *office)
{
	return office->next_sequence;
}

enum conclave_error conclave_mail_office_seal(uint8_t **out, size_t *out_size,
	struct conclave_mail_office *office, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size)
{
	struct conclave_mail_draft draft = {.sequence = office->next_sequence,
		.topic = office->topic,
		.envelope = envelope,
		.envelope_size = envelope_size,
		.body = body,
		.body_size = body_size};
	if (conclave_mail_sealed_size(&draft) == 0)
		return CONCLAVE_ERROR_LIMIT;
	if (office->padding != NULL)
		draft.min_size = conclave_mail_padding_next(office->padding, body_size);
	size_t size = conclave_mail_sealed_size(&draft);
	uint8_t *mail = malloc(size);
	if (mail == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error =
		conclave_mail_seal(mail, &size, office->box, office->recipient, &draft);
	if (error != CONCLAVE_OK) {
		free(mail);
		return error;
	}
	office->next_sequence++;
	*out = mail;
	*out_size = size;
	return CONCLAVE_OK;
}
