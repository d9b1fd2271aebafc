#include "client/seal.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "mail/stream.h"

/* -- letters -- */

static enum conclave_error explain(
	enum conclave_error error, struct bytes topic, struct conclave_report *report)
{
	if (error == CONCLAVE_ERROR_FORMAT)
		report_fill(report,
			"topic '%.*s': 1 to 255 letters (a-z, A-Z), digits and '-' are wanted",
			(int)(topic.len < 80 ? topic.len : 80), topic.ptr);
	else if (error == CONCLAVE_ERROR_LIMIT)
		report_fill(report,
			"the mail is too large: a topic has at most 255 bytes, the envelope "
			"and topic together 65,520 bytes, a mail in memory with its padding 64 "
			"MiB");
	else if (error == CONCLAVE_ERROR_KEY)
		report_fill(report, "the enclave's encryption key must not be used");
	return error;
}

enum conclave_error letter_open(struct letter *out, struct conclave_client *client,
	const char *topic, struct bytes envelope, struct body *body, struct conclave_report *report)
{
	struct bytes name = bytes_of(topic, strlen(topic));
	if (!client->verified) {
		report_fill(report, "not connected: no enclave's attestation was verified yet");
		return CONCLAVE_ERROR_STATE;
	}
	struct letter letter = {.envelope = envelope, .body = body};
	enum conclave_error error = client_topic(&letter.topic, client, name);
	if (error != CONCLAVE_OK)
		return explain(error, name, report);
	if (body->size_known)
		letter.min_size = client_padding_next(client, letter.topic, body->size);
	*out = letter;
	return CONCLAVE_OK;
}

static struct bytes topic_of(const struct letter *letter)
{
	return bytes_of(letter->topic->office.topic, letter->topic->office.topic_size);
}

/* The body is in memory, or not looked at. */
static struct mail_draft draft_of(const struct letter *letter)
{
	return (struct mail_draft){
		.topic = topic_of(letter),
		.envelope = letter->envelope,
		.body = bytes_of(letter->body->rest.ptr, letter->body->size),
		.min_size = letter->min_size,
	};
}

bool letter_fits(const struct letter *letter)
{
	const struct mail_draft draft = draft_of(letter);
	return letter->body->source == NULL && mail_sealed_size(&draft) <= CLIENT_MAIL_SIZE_MAX;
}

static enum conclave_error seal_whole(uint8_t **out, size_t *out_size, const struct letter *letter)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret ephemeral;
	struct mail_draft draft = draft_of(letter);
	size_t size = mail_sealed_size(&draft);
	if (size > CLIENT_MAIL_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	TRY(crypto_random((struct buffer){ephemeral.bytes, sizeof(ephemeral.bytes)}));
	uint8_t *mail = malloc(size);
	if (mail == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){mail, size});
	enum conclave_error error =
		post_office_seal(&writer, &letter->topic->office, &draft, &ephemeral);
	if (error != CONCLAVE_OK) {
		free(mail);
		return error;
	}
	*out = mail;
	*out_size = writer.len;
	return CONCLAVE_OK;
}

enum conclave_error letter_seal(uint8_t **out, size_t *out_size, const struct letter *letter,
	struct conclave_report *report)
{
	return explain(seal_whole(out, out_size, letter), topic_of(letter), report);
}

/* -- a mail that is sealed while it is read -- */

struct sealing {
	struct conclave_client *client;
	struct letter letter;
	bool size_known;
	uint64_t size;	    /* of the mail */
	struct bytes plain; /* of the body, to be sealed */
	struct bytes ready; /* of the mail, to be taken */
	bool body_ended;
	enum conclave_error error; /* sticky */
	struct mail_writer writer;
	uint8_t opening[OPENING_SIZE_MAX];
};

static enum conclave_error begin(struct sealing *sealing, const struct mail_draft *draft)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret ephemeral = {0};
	CLEANUP(x25519_pair_wipe) struct x25519_pair pair;
	CLEANUP(mail_cache_wipe) struct mail_cache no_cache;
	const struct post_office *office = &sealing->letter.topic->office;
	TRY(crypto_random((struct buffer){ephemeral.bytes, sizeof(ephemeral.bytes)}));
	x25519_pair_init(&pair, &ephemeral);
	mail_cache_init(&no_cache, &office->sender, NULL, 0);
	struct writer opening =
		writer_of((struct buffer){sealing->opening, sizeof(sealing->opening)});
	TRY(mail_writer_begin(
		&opening, &sealing->writer, draft, &no_cache, &office->recipient, &pair));
	sealing->ready = writer_bytes(&opening);
	return CONCLAVE_OK;
}

enum conclave_error sealing_open(struct sealing **out, struct conclave_client *client,
	const struct letter *letter, struct conclave_report *report)
{
	CLEANUP(sealing_close) struct sealing *sealing = calloc(1, sizeof(*sealing));
	struct post_office *office = &letter->topic->office;
	if (sealing == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct mail_draft draft = draft_of(letter);
	draft.sequence = office->next_sequence;
	sealing->client = client;
	sealing->letter = *letter;
	enum conclave_error error = begin(sealing, &draft);
	if (error == CONCLAVE_OK && letter->body->size_known &&
		letter->body->size > MAIL_BODY_SIZE_MAX)
		error = CONCLAVE_ERROR_LIMIT;
	if (error != CONCLAVE_OK)
		return explain(error, topic_of(letter), report);
	sealing->size_known = letter->body->size_known;
	sealing->size = mail_sealed_size(&draft);
	office->next_sequence++;
	*out = sealing;
	sealing = NULL;
	return CONCLAVE_OK;
}

void sealing_close(struct sealing *const *sealing)
{
	if (*sealing == NULL)
		return;
	wipe(*sealing, sizeof(**sealing));
	free(*sealing);
}

/* The size may be known only now: a policy learns it once. */
static void end_body(struct sealing *sealing)
{
	struct letter *letter = &sealing->letter;
	sealing->body_ended = true;
	if (!letter->body->size_known)
		letter->min_size =
			client_padding_next(sealing->client, letter->topic, letter->body->done);
}

/* One step: a piece of the body, or a packet. */
static enum conclave_error step(struct sealing *sealing, struct conclave_report *report)
{
	if (sealing->body_ended)
		return mail_writer_end(&sealing->ready, &sealing->writer, sealing->letter.min_size);
	if (sealing->plain.len == 0) {
		TRY(body_next(&sealing->plain, sealing->letter.body, report));
		if (sealing->plain.len == 0)
			end_body(sealing);
	}
	return mail_writer_push(&sealing->ready, &sealing->writer, &sealing->plain);
}

enum conclave_error sealing_next(
	struct bytes *out, struct sealing *sealing, size_t most, struct conclave_report *report)
{
	TRY(sealing->error);
	while (sealing->ready.len == 0 && !mail_writer_ended(&sealing->writer)) {
		sealing->error = step(sealing, report);
		TRY(sealing->error);
	}
	*out = bytes_slice(sealing->ready, 0, most);
	sealing->ready = bytes_slice(sealing->ready, out->len, SIZE_MAX);
	return CONCLAVE_OK;
}

static enum conclave_error read_sealed(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct bytes part;
	TRY(sealing_next(&part, context, room, report));
	if (part.len != 0)
		memcpy(to, part.ptr, part.len);
	*size = part.len;
	return CONCLAVE_OK;
}

/* Told in bytes of the body, not of the mail. */
static bool tell_progress(void *context, uint64_t done)
{
	const struct sealing *sealing = context;
	(void)done;
	return body_progress(sealing->letter.body);
}

struct conclave_source sealing_source(struct sealing *sealing)
{
	return (struct conclave_source){
		.context = sealing,
		.read = read_sealed,
		.size_known = sealing->size_known,
		.size = sealing->size,
		.progress = tell_progress,
	};
}
