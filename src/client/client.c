#include "client/client.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/report.h"
#include "client/http.h"

#define CONNECT_MS 10000u
#define WHOLE_MS 180000u

static enum conclave_error crypto_state;

static void crypto_start(void)
{
	crypto_state = crypto_init();
}

enum conclave_error client_crypto_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (pthread_once(&once, crypto_start) != 0)
		return CONCLAVE_ERROR_INTERNAL;
	return crypto_state;
}

/* -- keys -- */

enum conclave_error conclave_key_generate(uint8_t private_key[CONCLAVE_KEY_SIZE])
{
	TRY(client_crypto_init());
	return crypto_random((struct buffer){private_key, CONCLAVE_KEY_SIZE});
}

void conclave_key_public(
	uint8_t public_key[CONCLAVE_KEY_SIZE], const uint8_t private_key[CONCLAVE_KEY_SIZE])
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret secret;
	struct x25519_public out = {0};
	memcpy(secret.bytes, private_key, sizeof(secret.bytes));
	/* A processor that crypto_init refuses has no key to ask about. */
	if (client_crypto_init() == CONCLAVE_OK)
		x25519_public(&out, &secret);
	memcpy(public_key, out.bytes, sizeof(out.bytes));
}

/* -- the object's life -- */

static enum conclave_error set_constraint(
	struct conclave_client *client, struct bytes constraint, struct conclave_report *report)
{
	struct constraint parsed;
	TRY(constraint_parse(&parsed, constraint, report));
	struct writer size = writer_measure();
	TRY(constraint_write(&size, &parsed));
	char *text = malloc(size.len + 1);
	if (text == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){(uint8_t *)text, size.len});
	enum conclave_error error = constraint_write(&writer, &parsed);
	if (error != CONCLAVE_OK) {
		free(text);
		return error;
	}
	text[size.len] = '\0';
	free(client->constraint_text);
	client->constraint_text = text;
	client->constraint = parsed;
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_set_constraint(
	struct conclave_client *client, const char *constraint, struct conclave_report *report)
{
	return set_constraint(client, bytes_of(constraint, strlen(constraint)), report);
}

/* R3's web client's choice: unguessable to others, the same for every process with this key. */
static void name_correspondent(struct conclave_client *client)
{
	CLEANUP(sha256_wipe) struct sha256 digest;
	sha256(&digest, BYTES_OF(client->key.bytes));
	hex_encode_upper(client->correlation_id, BYTES_OF(digest.bytes));
}

enum conclave_error client_make(struct conclave_client **out, const struct x25519_secret *key,
	struct bytes constraint, struct conclave_report *report)
{
	struct conclave_client *client = calloc(1, sizeof(*client));
	if (client == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = set_constraint(client, constraint, report);
	if (error != CONCLAVE_OK) {
		free(client);
		return error;
	}
	client->key = *key;
	client->padding = padding_average();
	name_correspondent(client);
	conclave_client_set_timeouts(client, CONNECT_MS, WHOLE_MS);
	*out = client;
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_new(struct conclave_client **out, const char *constraint,
	const uint8_t *private_key, struct conclave_report *report)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret key;
	if (constraint == NULL) {
		report_fill(report, "a client needs a constraint: what it is willing to talk to");
		return CONCLAVE_ERROR_ARGUMENT;
	}
	TRY(client_crypto_init());
	if (private_key != NULL)
		memcpy(key.bytes, private_key, sizeof(key.bytes));
	else
		TRY(conclave_key_generate(key.bytes));
	return client_make(out, &key, bytes_of(constraint, strlen(constraint)), report);
}

void client_renumber(struct conclave_client *client)
{
	for (struct topic *topic = client->topics; topic != NULL; topic = topic->next) {
		topic->office.recipient = client->enclave_key;
		topic->office.next_sequence = 0;
		topic->replies = (struct replies){0};
	}
}

void client_forget_topics(struct conclave_client *client)
{
	while (client->topics != NULL) {
		struct topic *topic = client->topics;
		client->topics = topic->next;
		wipe(topic, sizeof(*topic));
		free(topic);
	}
}

static void disconnect(struct conclave_client *client)
{
	if (client->connected && client->transport.close != NULL)
		client->transport.close(client->transport.context);
	client->connected = false;
}

void conclave_client_free(struct conclave_client *client)
{
	if (client == NULL)
		return;
	disconnect(client);
	client_forget_topics(client);
	while (client->waiting != NULL) {
		struct waiting *waiting = client->waiting;
		client->waiting = waiting->next;
		conclave_mail_free(&waiting->mail);
		free(waiting);
	}
	free(client->constraint_text);
	free(client->policy);
	wipe(client, sizeof(*client));
	free(client);
}

/* -- what it is and was told -- */

const struct conclave_attestation *conclave_client_attestation(const struct conclave_client *client)
{
	return client->verified ? &client->attestation : NULL;
}

void conclave_client_public_key(
	uint8_t public_key[CONCLAVE_KEY_SIZE], const struct conclave_client *client)
{
	conclave_key_public(public_key, client->key.bytes);
}

const char *conclave_client_constraint(const struct conclave_client *client)
{
	return client->constraint_text;
}

void conclave_client_set_timeouts(
	struct conclave_client *client, unsigned connect_ms, unsigned whole_ms)
{
	client->connect_ms = connect_ms;
	client->whole_ms = whole_ms;
}

void conclave_client_set_fresh(struct conclave_client *client, bool fresh)
{
	client->fresh = fresh;
}

void conclave_client_on_new_key(
	struct conclave_client *client, void (*changed)(void *context), void *context)
{
	client->key_changed = changed;
	client->key_changed_context = context;
}

/* -- connecting -- */

/* Numbers belong to a key: an enclave with a new one has seen no mail. */
static void adopt(struct conclave_client *client, const struct conclave_attestation *attestation)
{
	bool knew = client->knows_enclave;
	bool same = knew && memcmp(client->enclave_key.bytes, attestation->encryption_key,
				    sizeof(client->enclave_key.bytes)) == 0;
	client->attestation = *attestation;
	client->verified = true;
	client->knows_enclave = true;
	memcpy(client->enclave_key.bytes, attestation->encryption_key,
		sizeof(client->enclave_key.bytes));
	if (!same)
		client_renumber(client);
	if (knew && !same && client->key_changed != NULL)
		client->key_changed(client->key_changed_context);
}

static enum conclave_error download(uint8_t **info, size_t *info_size,
	const struct conclave_client *client, const uint8_t nonce[CONCLAVE_NONCE_SIZE],
	struct conclave_report *report)
{
	const struct conclave_transport *transport = &client->transport;
	if (!client->fresh)
		return transport->attestation(transport->context, info, info_size, report);
	if (transport->attestation_fresh == NULL) {
		report_fill(report, "this transport cannot ask for a fresh attestation");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	return transport->attestation_fresh(transport->context, info, info_size, nonce, report);
}

enum conclave_error client_attest(struct conclave_client *client, struct conclave_report *report)
{
	struct conclave_attestation attestation;
	uint8_t nonce[CONCLAVE_NONCE_SIZE];
	uint8_t *info = NULL;
	size_t info_size = 0;
	TRY(crypto_random((struct buffer){nonce, sizeof(nonce)}));
	TRY(download(&info, &info_size, client, nonce, report));
	struct bytes wanted = client->fresh ? BYTES_OF(nonce) : BYTES_LIT("");
	enum conclave_error error =
		client->policy != NULL
			? client_appraise_attestation(&attestation, bytes_of(info, info_size),
				  client->policy, wanted, 0, report)
			: client_verify_attestation(&attestation, bytes_of(info, info_size),
				  client->constraint_text, wanted, 0, report);
	free(info);
	TRY(error);
	adopt(client, &attestation);
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_connect_over(struct conclave_client *client,
	const struct conclave_transport *transport, struct conclave_report *report)
{
	disconnect(client);
	client->transport = *transport;
	client->connected = true;
	enum conclave_error error = client_attest(client, report);
	if (error != CONCLAVE_OK)
		disconnect(client);
	return error;
}

enum conclave_error conclave_client_connect(
	struct conclave_client *client, const char *url, struct conclave_report *report)
{
	struct conclave_transport transport;
	TRY(http_transport_open(&transport, url, client->connect_ms, client->whole_ms, report));
	return conclave_client_connect_over(client, &transport, report);
}
