/* Sending and receiving: topics, sealing, opening, and the rules of R3's client for an enclave that
 * cannot decrypt. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/report.h"
#include "client/client.h"

#define KEY_CHANGES_MAX 10

void conclave_mail_free(struct conclave_mail *mail)
{
	free(mail->topic);
	free(mail->envelope);
	free(mail->body);
	*mail = (struct conclave_mail){0};
}

/* -- topics -- */

enum conclave_error client_topic(
	struct topic **out, struct conclave_client *client, struct bytes name)
{
	struct topic **place = &client->topics;
	for (; *place != NULL; place = &(*place)->next) {
		struct post_office *office = &(*place)->office;
		if (bytes_equal(bytes_of(office->topic, office->topic_size), name)) {
			*out = *place;
			return CONCLAVE_OK;
		}
	}
	struct topic *topic = calloc(1, sizeof(*topic));
	if (topic == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error =
		post_office_init(&topic->office, &client->key, &client->enclave_key, name);
	if (error != CONCLAVE_OK) {
		post_office_wipe(&topic->office);
		free(topic);
		return error;
	}
	*place = *out = topic;
	return CONCLAVE_OK;
}

/* -- sealing -- */

static enum conclave_error seal(uint8_t **out, size_t *out_size, struct topic *topic,
	struct bytes body, struct bytes envelope)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret ephemeral;
	struct mail_draft draft = {
		.topic = bytes_of(topic->office.topic, topic->office.topic_size),
		.envelope = envelope,
		.body = body,
	};
	size_t size = mail_sealed_size(&draft);
	if (size > CLIENT_MAIL_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	TRY(crypto_random((struct buffer){ephemeral.bytes, sizeof(ephemeral.bytes)}));
	uint8_t *mail = malloc(size);
	if (mail == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){mail, size});
	enum conclave_error error = post_office_seal(&writer, &topic->office, &draft, &ephemeral);
	if (error != CONCLAVE_OK) {
		free(mail);
		return error;
	}
	*out = mail;
	*out_size = writer.len;
	return CONCLAVE_OK;
}

static enum conclave_error explain_seal(
	enum conclave_error error, const char *topic, struct conclave_report *report)
{
	if (error == CONCLAVE_ERROR_FORMAT)
		report_fill(report,
			"topic '%.80s': 1 to 255 letters (a-z, A-Z), digits and '-' are wanted",
			topic);
	else if (error == CONCLAVE_ERROR_LIMIT)
		report_fill(report,
			"the mail is too large: a topic has at most 255 characters, the envelope "
			"and topic together 65,520 bytes, a mail 64 MiB");
	else if (error == CONCLAVE_ERROR_KEY)
		report_fill(report, "the enclave's encryption key must not be used");
	return error;
}

enum conclave_error conclave_client_seal(struct conclave_client *client, uint8_t **out,
	size_t *out_size, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report)
{
	if (!client->verified) {
		report_fill(report, "not connected: no enclave's attestation was verified yet");
		return CONCLAVE_ERROR_STATE;
	}
	struct topic *office = NULL;
	enum conclave_error error = client_topic(&office, client, bytes_of(topic, strlen(topic)));
	if (error == CONCLAVE_OK)
		error = seal(out, out_size, office, bytes_of(body, body_size),
			bytes_of(envelope, envelope_size));
	return explain_seal(error, topic, report);
}

/* -- opening -- */

static const char *refusal_text(enum mail_refusal refusal)
{
	switch (refusal) {
	case MAIL_REFUSAL_NONE: break;
	case MAIL_REFUSAL_SEQUENCE:
		return "its number was not the next one: the mail was handled before, or an "
		       "earlier "
		       "one never arrived";
	case MAIL_REFUSAL_TRAPPED:
		return "the application failed on this mail; nothing it did was kept";
	case MAIL_REFUSAL_EXHAUSTED:
		return "handling it took more computation, memory or stack than is allowed; "
		       "nothing "
		       "it did was kept";
	case MAIL_REFUSAL_LIMIT: return "a limit of the enclave is reached";
	case MAIL_REFUSAL_DECLINED: return "the application declined this mail";
	}
	return "for a reason this client does not know";
}

/* A copy with a NUL behind it, so that text can be used as it is. */
static uint8_t *copy(struct bytes from)
{
	uint8_t *to = malloc(from.len + 1);
	if (to == NULL)
		return NULL;
	if (from.len > 0)
		memcpy(to, from.ptr, from.len);
	to[from.len] = '\0';
	return to;
}

static enum conclave_error hand_out(struct conclave_mail *out, const struct mail *mail)
{
	struct conclave_mail copied = {
		.topic = (char *)copy(mail->header.topic),
		.sequence = mail->header.sequence,
		.envelope = copy(mail->header.envelope),
		.body = copy(mail->body),
		.envelope_size = mail->header.envelope.len,
		.body_size = mail->body.len,
	};
	if (copied.topic == NULL || copied.envelope == NULL || copied.body == NULL) {
		conclave_mail_free(&copied);
		return CONCLAVE_ERROR_MEMORY;
	}
	*out = copied;
	return CONCLAVE_OK;
}

/* Only what the attested enclave sealed for this client is believed. */
static enum conclave_error open_into(struct conclave_mail *out,
	const struct conclave_client *client, struct buffer space, struct bytes sealed,
	struct conclave_report *report)
{
	struct mail mail;
	enum conclave_error error = mail_open(&mail, space, &client->key, sealed);
	if (error != CONCLAVE_OK) {
		report_fill(report,
			"the host handed over something that is not mail for this client (%s)",
			conclave_error_text(error));
		return CONCLAVE_ERROR_MISMATCH;
	}
	if (memcmp(mail.sender.bytes, client->enclave_key.bytes, sizeof(mail.sender.bytes)) != 0) {
		report_fill(report, "the host handed over mail that the attested enclave did not "
				    "write; it is dropped");
		return CONCLAVE_ERROR_MISMATCH;
	}
	enum mail_refusal refusal = mail_refusal_read(mail.private_header);
	if (refusal != MAIL_REFUSAL_NONE) {
		report_fill(report, "the enclave refused the mail: %s", refusal_text(refusal));
		return CONCLAVE_ERROR_REFUSED;
	}
	return hand_out(out, &mail);
}

static enum conclave_error open_reply(struct conclave_mail *out,
	const struct conclave_client *client, struct bytes sealed, struct conclave_report *report)
{
	if (sealed.len == 0) {
		*out = (struct conclave_mail){0};
		return CONCLAVE_OK;
	}
	uint8_t *space = malloc(sealed.len);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error =
		open_into(out, client, (struct buffer){space, sealed.len}, sealed, report);
	wipe(space, sealed.len);
	free(space);
	return error;
}

/* -- delivering -- */

static enum conclave_error keep_waiting(struct conclave_client *client, struct conclave_mail *mail)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL) {
		conclave_mail_free(mail);
		return CONCLAVE_ERROR_MEMORY;
	}
	waiting->mail = *mail;
	struct waiting **last = &client->waiting;
	while (*last != NULL)
		last = &(*last)->next;
	*last = waiting;
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_post(struct conclave_client *client,
	struct conclave_mail *reply, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	if (!client->connected) {
		report_fill(report, "not connected: there is no host to send to");
		return CONCLAVE_ERROR_STATE;
	}
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	TRY(client->transport.send(client->transport.context, &answer, &answer_size,
		client->correlation_id, mail, mail_size, report));
	struct conclave_mail opened;
	enum conclave_error error =
		open_reply(&opened, client, bytes_of(answer, answer_size), report);
	free(answer);
	TRY(error);
	if (reply != NULL)
		*reply = opened;
	else if (opened.topic != NULL)
		return keep_waiting(client, &opened);
	return CONCLAVE_OK;
}

static enum conclave_error send_once(struct conclave_client *client, struct conclave_mail *reply,
	const char *topic, struct bytes body, struct bytes envelope, struct conclave_report *report)
{
	uint8_t *mail = NULL;
	size_t mail_size = 0;
	TRY(conclave_client_seal(client, &mail, &mail_size, topic, body.ptr, body.len, envelope.ptr,
		envelope.len, report));
	enum conclave_error error = conclave_client_post(client, reply, mail, mail_size, report);
	free(mail);
	if (error == CONCLAVE_OK || error == CONCLAVE_ERROR_REFUSED)
		return error;
	/* Nobody can tell whether the enclave has handled it. Reusing the number is safe both
	 * ways, since an enclave handles a number once; skipping it would block the topic for ever
	 * when the mail was lost. */
	struct topic *office = NULL;
	TRY(client_topic(&office, client, bytes_of(topic, strlen(topic))));
	office->office.next_sequence--;
	return error;
}

/* The enclave could not decrypt: did it get a new key? */
static enum conclave_error attest_again(
	struct conclave_client *client, struct conclave_report *report)
{
	struct x25519_public before = client->enclave_key;
	enum conclave_error error = client_attest(client, report);
	if (error == CONCLAVE_ERROR_CONSTRAINT && report != NULL) {
		struct conclave_report why = *report;
		report_fill(report, "the enclave was replaced, and the new one is refused: %.900s",
			why.text);
	}
	TRY(error);
	if (memcmp(before.bytes, client->enclave_key.bytes, sizeof(before.bytes)) != 0)
		return CONCLAVE_OK;
	report_fill(report, "the host says that the enclave could not decrypt the mail: it was "
			    "altered on its way");
	return CONCLAVE_ERROR_AUTH;
}

enum conclave_error conclave_client_send(struct conclave_client *client,
	struct conclave_mail *reply, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report)
{
	for (int changes = 0; changes < KEY_CHANGES_MAX; changes++) {
		enum conclave_error error = send_once(client, reply, topic,
			bytes_of(body, body_size), bytes_of(envelope, envelope_size), report);
		if (error != CONCLAVE_ERROR_AUTH)
			return error;
		TRY(attest_again(client, report));
	}
	report_fill(report,
		"given up: the enclave changed its key %d times while one mail was sent",
		KEY_CHANGES_MAX);
	return CONCLAVE_ERROR_AUTH;
}

enum conclave_error conclave_client_poll(
	struct conclave_client *client, struct conclave_mail *mail, struct conclave_report *report)
{
	struct waiting *waiting = client->waiting;
	if (waiting != NULL) {
		*mail = waiting->mail;
		client->waiting = waiting->next;
		free(waiting);
		return CONCLAVE_OK;
	}
	if (!client->connected) {
		report_fill(report, "not connected: there is no host to ask");
		return CONCLAVE_ERROR_STATE;
	}
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	TRY(client->transport.poll(
		client->transport.context, &answer, &answer_size, client->correlation_id, report));
	enum conclave_error error = open_reply(mail, client, bytes_of(answer, answer_size), report);
	free(answer);
	return error;
}
