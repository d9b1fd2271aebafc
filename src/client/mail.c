/* Sending: topics, sealing, and the rules of R3's client for an enclave that cannot decrypt. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/report.h"
#include "client/client.h"

#define KEY_CHANGES_MAX 10

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
	topic->padding = client_padding_fresh(&client->padding);
	*place = *out = topic;
	return CONCLAVE_OK;
}

/* -- sealing -- */

static enum conclave_error seal(uint8_t **out, size_t *out_size, struct conclave_client *client,
	struct topic *topic, struct bytes body, struct bytes envelope)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret ephemeral;
	struct mail_draft draft = {
		.topic = bytes_of(topic->office.topic, topic->office.topic_size),
		.envelope = envelope,
		.body = body,
		.min_size = client_padding_next(client, topic, body.len),
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
			"and topic together 65,520 bytes, a mail with its padding 64 MiB");
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
		error = seal(out, out_size, client, office, bytes_of(body, body_size),
			bytes_of(envelope, envelope_size));
	return explain_seal(error, topic, report);
}

/* -- delivering -- */

typedef enum conclave_error deliver_function(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report);

static enum conclave_error deliver(struct conclave_mail *reply, struct conclave_client *client,
	deliver_function *function, struct bytes mail, struct conclave_report *report)
{
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	TRY(function(client->transport.context, &answer, &answer_size, client->correlation_id,
		mail.ptr, mail.len, report));
	enum conclave_error error =
		client_receive(reply, client, bytes_of(answer, answer_size), report);
	free(answer);
	return error;
}

/* Nobody waits for the reply: it waits. Its place is found before the mail leaves. */
static enum conclave_error deliver_and_keep(struct conclave_client *client,
	deliver_function *function, struct bytes mail, struct conclave_report *report)
{
	struct waiting *place = calloc(1, sizeof(*place));
	if (place == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = deliver(&place->mail, client, function, mail, report);
	if (error == CONCLAVE_OK && place->mail.topic != NULL)
		client_keep_waiting(client, place);
	else
		free(place);
	return error;
}

/* reply may be NULL. */
static enum conclave_error exchange(struct conclave_mail *reply, struct conclave_client *client,
	deliver_function *function, struct bytes mail, struct conclave_report *report)
{
	return reply != NULL ? deliver(reply, client, function, mail, report)
			     : deliver_and_keep(client, function, mail, report);
}

static enum conclave_error need_connection(
	const struct conclave_client *client, struct conclave_report *report)
{
	if (client->connected)
		return CONCLAVE_OK;
	report_fill(report, "not connected: there is no host to send to");
	return CONCLAVE_ERROR_STATE;
}

enum conclave_error conclave_client_post(struct conclave_client *client,
	struct conclave_mail *reply, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	TRY(need_connection(client, report));
	return exchange(reply, client, client->transport.send, bytes_of(mail, mail_size), report);
}

static enum conclave_error send_once(struct conclave_client *client, deliver_function *function,
	struct conclave_mail *reply, const char *topic, struct bytes body, struct bytes envelope,
	struct conclave_report *report)
{
	uint8_t *mail = NULL;
	size_t mail_size = 0;
	TRY(conclave_client_seal(client, &mail, &mail_size, topic, body.ptr, body.len, envelope.ptr,
		envelope.len, report));
	enum conclave_error error =
		exchange(reply, client, function, bytes_of(mail, mail_size), report);
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
	TRY(need_connection(client, report));
	for (int changes = 0; changes < KEY_CHANGES_MAX; changes++) {
		enum conclave_error error = send_once(client, client->transport.send, reply, topic,
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

enum conclave_error conclave_client_send_async(struct conclave_client *client, const char *topic,
	const void *body, size_t body_size, const void *envelope, size_t envelope_size,
	struct conclave_report *report)
{
	TRY(need_connection(client, report));
	if (client->transport.send_async == NULL) {
		report_fill(report, "this transport waits for the enclave: send, not send_async");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	return send_once(client, client->transport.send_async, NULL, topic,
		bytes_of(body, body_size), bytes_of(envelope, envelope_size), report);
}
