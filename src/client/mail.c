/* Sending: topics, delivery, and the rules of R3's client for an enclave that cannot decrypt. */
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "client/seal.h"

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

enum conclave_error conclave_client_seal(struct conclave_client *client, uint8_t **out,
	size_t *out_size, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report)
{
	struct body whole = body_of(bytes_of(body, body_size));
	struct letter letter;
	TRY(letter_open(&letter, client, topic, bytes_of(envelope, envelope_size), &whole, report));
	return letter_seal(out, out_size, &letter, report);
}

typedef enum conclave_error write_function(
	void *context, const void *data, size_t size, struct conclave_report *report);

static enum conclave_error write_mail(struct sealing *sealing, write_function *write, void *context,
	struct conclave_report *report)
{
	for (;;) {
		struct bytes part;
		TRY(sealing_next(&part, sealing, SIZE_MAX, report));
		if (part.len == 0)
			return CONCLAVE_OK;
		TRY(write(context, part.ptr, part.len, report));
	}
}

enum conclave_error conclave_client_seal_stream(struct conclave_client *client, const char *topic,
	const struct conclave_source *body, const void *envelope, size_t envelope_size,
	write_function *write, void *context, struct conclave_report *report)
{
	CLEANUP(body_close) struct body read = {0};
	CLEANUP(sealing_close) struct sealing *sealing = NULL;
	struct letter letter;
	TRY(body_open(&read, body, report));
	TRY(letter_open(&letter, client, topic, bytes_of(envelope, envelope_size), &read, report));
	TRY(sealing_open(&sealing, client, &letter, report));
	enum conclave_error error = write_mail(sealing, write, context, report);
	/* What has no end is not a mail. */
	if (error != CONCLAVE_OK)
		letter.topic->office.next_sequence--;
	return error;
}

/* -- delivering -- */

/* A sealed mail: in memory, or as it comes. */
struct parcel {
	struct bytes mail;
	const struct conclave_source *stream; /* NULL: in memory */
	bool wait;			      /* for the enclave's turn */
};

static enum conclave_error need_connection(
	const struct conclave_client *client, struct conclave_report *report)
{
	if (client->connected)
		return CONCLAVE_OK;
	report_fill(report, "not connected: there is no host to send to");
	return CONCLAVE_ERROR_STATE;
}

static enum conclave_error hand_over(uint8_t **answer, size_t *answer_size,
	const struct conclave_client *client, const struct parcel *parcel,
	struct conclave_report *report)
{
	const struct conclave_transport *to = &client->transport;
	if (parcel->stream != NULL && to->send_stream == NULL) {
		report_fill(report, "this transport carries no streams: a body of at most 1 MiB");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	if (parcel->stream != NULL)
		return to->send_stream(to->context, answer, answer_size, client->correlation_id,
			parcel->stream, parcel->wait, report);
	if (!parcel->wait && to->send_async == NULL) {
		report_fill(report, "this transport waits for the enclave: send, not send_async");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	return (parcel->wait ? to->send : to->send_async)(to->context, answer, answer_size,
		client->correlation_id, parcel->mail.ptr, parcel->mail.len, report);
}

static enum conclave_error deliver(struct conclave_mail *reply, struct conclave_client *client,
	const struct parcel *parcel, struct conclave_report *report)
{
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	TRY(hand_over(&answer, &answer_size, client, parcel, report));
	enum conclave_error error =
		client_receive(reply, client, bytes_of(answer, answer_size), report);
	free(answer);
	return error;
}

/* Nobody waits for the reply: it waits. Its place is found before the mail leaves. */
static enum conclave_error deliver_and_keep(
	struct conclave_client *client, const struct parcel *parcel, struct conclave_report *report)
{
	struct waiting *place = calloc(1, sizeof(*place));
	if (place == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = deliver(&place->mail, client, parcel, report);
	if (error == CONCLAVE_OK && place->mail.topic != NULL)
		client_keep_waiting(client, place);
	else
		free(place);
	return error;
}

/* reply may be NULL. */
static enum conclave_error exchange(struct conclave_mail *reply, struct conclave_client *client,
	const struct parcel *parcel, struct conclave_report *report)
{
	return reply != NULL ? deliver(reply, client, parcel, report)
			     : deliver_and_keep(client, parcel, report);
}

enum conclave_error conclave_client_post(struct conclave_client *client,
	struct conclave_mail *reply, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	const struct parcel parcel = {.mail = bytes_of(mail, mail_size), .wait = true};
	TRY(need_connection(client, report));
	return exchange(reply, client, &parcel, report);
}

enum conclave_error conclave_client_post_stream(struct conclave_client *client,
	struct conclave_mail *reply, const struct conclave_source *mail,
	struct conclave_report *report)
{
	CLEANUP(body_close) struct body read = {0};
	TRY(need_connection(client, report));
	TRY(body_open(&read, mail, report));
	if (read.source == NULL)
		return conclave_client_post(client, reply, read.rest.ptr, read.size, report);
	const struct conclave_source rest = body_source(&read);
	const struct parcel parcel = {.stream = &rest, .wait = true};
	return exchange(reply, client, &parcel, report);
}

/* -- sending: sealed and delivered -- */

static enum conclave_error send_whole(struct conclave_mail *reply, struct conclave_client *client,
	const struct letter *letter, bool wait, struct conclave_report *report)
{
	uint8_t *mail = NULL;
	size_t mail_size = 0;
	TRY(letter_seal(&mail, &mail_size, letter, report));
	const struct parcel parcel = {.mail = bytes_of(mail, mail_size), .wait = wait};
	enum conclave_error error = exchange(reply, client, &parcel, report);
	free(mail);
	return error;
}

static enum conclave_error send_sealing(struct conclave_mail *reply, struct conclave_client *client,
	const struct letter *letter, bool wait, struct conclave_report *report)
{
	CLEANUP(sealing_close) struct sealing *sealing = NULL;
	TRY(sealing_open(&sealing, client, letter, report));
	const struct conclave_source mail = sealing_source(sealing);
	const struct parcel parcel = {.stream = &mail, .wait = wait};
	return exchange(reply, client, &parcel, report);
}

struct sending {
	struct conclave_client *client;
	const char *topic;
	struct bytes envelope;
	struct body *body;
	bool wait;
};

static enum conclave_error send_once(
	struct conclave_mail *reply, const struct sending *sending, struct conclave_report *report)
{
	struct conclave_client *client = sending->client;
	struct letter letter;
	TRY(letter_open(&letter, client, sending->topic, sending->envelope, sending->body, report));
	uint64_t number = letter.topic->office.next_sequence;
	bool in_memory = sending->body->source == NULL &&
			 (letter_fits(&letter) || client->transport.send_stream == NULL);
	enum conclave_error error = (in_memory ? send_whole : send_sealing)(
		reply, client, &letter, sending->wait, report);
	/* After any other error nobody can tell whether the enclave has handled it. Reusing the
	 * number is safe both ways, since an enclave handles a number once; skipping it would block
	 * the topic for ever when the mail was lost. */
	if (error != CONCLAVE_OK && error != CONCLAVE_ERROR_REFUSED)
		letter.topic->office.next_sequence = number;
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

static enum conclave_error begin_again(struct body *body, struct conclave_report *report)
{
	enum conclave_error error = body_rewind(body, report);
	if (error != CONCLAVE_ERROR_UNSUPPORTED)
		return error;
	report_fill(report,
		"the enclave has another key by now, and the body, which can be read "
		"only once, was sealed for the old one: nothing of it was handled; send it "
		"again");
	return CONCLAVE_ERROR_AUTH;
}

static enum conclave_error send_and_wait(
	struct conclave_mail *reply, const struct sending *sending, struct conclave_report *report)
{
	for (int changes = 0; changes < KEY_CHANGES_MAX; changes++) {
		enum conclave_error error = send_once(reply, sending, report);
		if (error != CONCLAVE_ERROR_AUTH)
			return error;
		TRY(attest_again(sending->client, report));
		TRY(begin_again(sending->body, report));
	}
	report_fill(report,
		"given up: the enclave changed its key %d times while one mail was sent",
		KEY_CHANGES_MAX);
	return CONCLAVE_ERROR_AUTH;
}

enum conclave_error conclave_client_send(struct conclave_client *client,
	struct conclave_mail *reply, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report)
{
	struct body whole = body_of(bytes_of(body, body_size));
	const struct sending sending = {
		client, topic, bytes_of(envelope, envelope_size), &whole, true};
	TRY(need_connection(client, report));
	return send_and_wait(reply, &sending, report);
}

enum conclave_error conclave_client_send_async(struct conclave_client *client, const char *topic,
	const void *body, size_t body_size, const void *envelope, size_t envelope_size,
	struct conclave_report *report)
{
	struct body whole = body_of(bytes_of(body, body_size));
	const struct sending sending = {
		client, topic, bytes_of(envelope, envelope_size), &whole, false};
	TRY(need_connection(client, report));
	return send_once(NULL, &sending, report);
}

enum conclave_error conclave_client_send_stream(struct conclave_client *client,
	struct conclave_mail *reply, const char *topic, const struct conclave_source *body,
	const void *envelope, size_t envelope_size, struct conclave_report *report)
{
	CLEANUP(body_close) struct body read = {0};
	const struct sending sending = {
		client, topic, bytes_of(envelope, envelope_size), &read, true};
	TRY(need_connection(client, report));
	TRY(body_open(&read, body, report));
	return send_and_wait(reply, &sending, report);
}

enum conclave_error conclave_client_send_stream_async(struct conclave_client *client,
	const char *topic, const struct conclave_source *body, const void *envelope,
	size_t envelope_size, struct conclave_report *report)
{
	CLEANUP(body_close) struct body read = {0};
	const struct sending sending = {
		client, topic, bytes_of(envelope, envelope_size), &read, false};
	TRY(need_connection(client, report));
	TRY(body_open(&read, body, report));
	return send_once(NULL, &sending, report);
}
