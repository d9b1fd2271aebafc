/* Receiving: opening what a host hands over, telling repetitions from news, and polling. */
#include <stdlib.h>

#include "base/report.h"
#include "client/state_id.h"

/* An honest host repeats at most what several processes with one key have not acknowledged. */
#define REPETITIONS_MAX 256

void conclave_mail_free(struct conclave_mail *mail)
{
	free(mail->topic);
	free(mail->envelope);
	free(mail->body);
	*mail = (struct conclave_mail){0};
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

/* The topic's replies; NULL for a topic that cannot be answered: another implementation's, whose
 * mail is then not checked for order. Errors: MEMORY. */
static enum conclave_error replies_of(
	struct replies **out, struct conclave_client *client, struct bytes name)
{
	struct topic *topic = NULL;
	enum conclave_error error = client_topic(&topic, client, name);
	*out = error == CONCLAVE_OK ? &topic->replies : NULL;
	return error == CONCLAVE_ERROR_MEMORY ? error : CONCLAVE_OK;
}

/* Only what the attested enclave sealed for this client is believed. */
static enum conclave_error check_sender(const struct mail *mail,
	const struct conclave_client *client, struct conclave_report *report)
{
	if (memcmp(mail->sender.bytes, client->enclave_key.bytes, sizeof(mail->sender.bytes)) == 0)
		return CONCLAVE_OK;
	report_fill(report, "the host handed over mail that the attested enclave did not write; it "
			    "is dropped");
	return CONCLAVE_ERROR_MISMATCH;
}

/* Given out first and noted last: what memory fails for must come again as news. */
static enum conclave_error take(struct conclave_mail *out, struct conclave_client *client,
	struct replies *replies, const struct mail *mail, uint64_t mark,
	struct conclave_report *report)
{
	enum mail_refusal refusal = mail_refusal_read(mail->private_header);
	struct conclave_mail given = {0};
	if (refusal == MAIL_REFUSAL_NONE)
		TRY(hand_out(&given, mail));
	if (replies != NULL) {
		replies_remember(replies, mark);
		/* An enclave that has no room for a sender has no numbers for it either. */
		if (refusal != MAIL_REFUSAL_LIMIT)
			given.order = replies_number(replies, mail->header.sequence);
	}
	if (refusal != MAIL_REFUSAL_NONE) {
		report_fill(report, "the enclave refused the mail: %s", refusal_text(refusal));
		return CONCLAVE_ERROR_REFUSED;
	}
	given.is_rolled_back = !state_id_follows(client, mail->private_header);
	*out = given;
	return CONCLAVE_OK;
}

static enum conclave_error open_into(struct conclave_mail *out, struct conclave_client *client,
	struct buffer space, struct bytes sealed, struct conclave_report *report)
{
	struct mail mail;
	struct replies *replies = NULL;
	enum conclave_error error = mail_open(&mail, space, &client->key, sealed);
	if (error != CONCLAVE_OK) {
		report_fill(report,
			"the host handed over something that is not mail for this client (%s)",
			conclave_error_text(error));
		return CONCLAVE_ERROR_MISMATCH;
	}
	TRY(check_sender(&mail, client, report));
	TRY(replies_of(&replies, client, mail.header.topic));
	uint64_t mark = replies_mark(sealed);
	if (replies != NULL && replies_knows(replies, mark)) {
		client->repeated++;
		*out = (struct conclave_mail){0};
		return CONCLAVE_OK;
	}
	return take(out, client, replies, &mail, mark, report);
}

enum conclave_error client_receive(struct conclave_mail *out, struct conclave_client *client,
	struct bytes sealed, struct conclave_report *report)
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
	/* What is of no use needs no second delivery either. */
	if (error != CONCLAVE_ERROR_MEMORY && client->transport.taken != NULL)
		client->transport.taken(client->transport.context);
	return error;
}

/* -- polling -- */

void client_keep_waiting(struct conclave_client *client, struct waiting *waiting)
{
	struct waiting **last = &client->waiting;
	while (*last != NULL)
		last = &(*last)->next;
	*last = waiting;
}

enum conclave_error client_put_back(struct conclave_client *client, struct conclave_mail *mail)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL)
		return CONCLAVE_ERROR_MEMORY;
	waiting->mail = *mail;
	*mail = (struct conclave_mail){0};
	client_keep_waiting(client, waiting);
	return CONCLAVE_OK;
}

static enum conclave_error poll_once(bool *empty, struct conclave_mail *mail,
	struct conclave_client *client, struct conclave_report *report)
{
	uint8_t *answer = NULL;
	size_t answer_size = 0;
	TRY(client->transport.poll(
		client->transport.context, &answer, &answer_size, client->correlation_id, report));
	*empty = answer_size == 0;
	enum conclave_error error =
		client_receive(mail, client, bytes_of(answer, answer_size), report);
	free(answer);
	return error;
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
	for (int i = 0; i < REPETITIONS_MAX; i++) {
		bool empty = false;
		struct conclave_mail polled = {0};
		TRY(poll_once(&empty, &polled, client, report));
		if (empty || polled.topic != NULL) {
			*mail = polled;
			return CONCLAVE_OK;
		}
	}
	report_fill(report, "the host hands over nothing but mail that has come before");
	return CONCLAVE_ERROR_SEQUENCE;
}

enum conclave_error conclave_client_acknowledge(
	struct conclave_client *client, struct conclave_report *report)
{
	if (!client->connected) {
		report_fill(report, "not connected: there is no host to tell");
		return CONCLAVE_ERROR_STATE;
	}
	if (client->transport.acknowledge == NULL)
		return CONCLAVE_OK;
	return client->transport.acknowledge(
		client->transport.context, client->correlation_id, report);
}

/* -- what is known of the order -- */

uint64_t conclave_client_missing(const struct conclave_client *client)
{
	uint64_t missing = 0;
	for (const struct topic *topic = client->topics; topic != NULL; topic = topic->next)
		missing += topic->replies.missing;
	return missing;
}

uint64_t conclave_client_repeated(const struct conclave_client *client)
{
	return client->repeated;
}
