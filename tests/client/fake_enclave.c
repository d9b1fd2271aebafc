#include "client/fake_enclave.h"

#include <stdio.h>
#include <stdlib.h>

#include "attest/instance_info.h"
#include "base/check.h"
#include "base/hex.h"

static void must(enum conclave_error error)
{
	ASSERT(error == CONCLAVE_OK);
}

static void *allocate(size_t size)
{
	void *space = malloc(size > 0 ? size : 1);
	ASSERT(space != NULL);
	return space;
}

/* -- life -- */

void fake_enclave_start(struct fake_enclave *enclave)
{
	*enclave = (struct fake_enclave){0};
	must(crypto_init());
	memset(enclave->mrenclave, 0x11, sizeof(enclave->mrenclave));
	memset(enclave->mrsigner, 0x22, sizeof(enclave->mrsigner));
	fake_enclave_restart(enclave);
}

void fake_enclave_restart(struct fake_enclave *enclave)
{
	must(crypto_random((struct buffer){enclave->key.bytes, 32}));
	must(crypto_random((struct buffer){enclave->signing_seed.bytes, 32}));
	fake_enclave_forget(enclave);
}

void fake_enclave_forget(struct fake_enclave *enclave)
{
	enclave->peers_count = 0;
}

void fake_enclave_stop(struct fake_enclave *enclave)
{
	for (size_t i = 0; i < enclave->queue_count; i++)
		free(enclave->queue[i].mail);
	enclave->queue_count = 0;
	free(enclave->mail);
	enclave->mail = NULL;
}

/* -- evidence -- */

static void make_info(
	uint8_t **out, size_t *out_size, const struct fake_enclave *enclave, struct bytes nonce)
{
	struct ed25519_public signing_key;
	struct x25519_public encryption_key;
	ed25519_public(&signing_key, &enclave->signing_seed);
	x25519_public(&encryption_key, &enclave->key);
	struct mock_evidence evidence = {.epoch_second = 1700000000, .is_simulation = true};
	evidence.report.attributes.flags = SGX_FLAG_INIT | SGX_FLAG_DEBUG;
	evidence.report.isvprodid = 1;
	evidence.report.isvsvn = 1;
	memcpy(evidence.report.mrenclave, enclave->mrenclave, 32);
	memcpy(evidence.report.mrsigner, enclave->mrsigner, 32);
	instance_info_report_data(evidence.report.reportdata, &signing_key, &encryption_key, nonce);
	uint8_t part[512];
	struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
	mock_evidence_write(&attestation, &evidence);
	uint8_t *info = allocate(1024);
	struct writer writer = writer_of((struct buffer){info, 1024});
	must(instance_info_write(&writer, &signing_key, &encryption_key, INSTANCE_INFO_MOCK,
		writer_bytes(&attestation)));
	instance_info_write_nonce(&writer, nonce);
	*out = info;
	*out_size = writer.len;
}

void fake_enclave_info(uint8_t **out, size_t *out_size, const struct fake_enclave *enclave)
{
	make_info(out, out_size, enclave, BYTES_LIT(""));
}

/* -- mail -- */

static struct fake_peer *peer_of(struct fake_enclave *enclave, const struct mail *mail)
{
	for (size_t i = 0; i < enclave->peers_count; i++) {
		struct fake_peer *peer = &enclave->peers[i];
		if (bytes_equal(BYTES_OF(peer->sender), BYTES_OF(mail->sender)) &&
			bytes_equal(bytes_of(peer->office.topic, peer->office.topic_size),
				mail->header.topic))
			return peer;
	}
	ASSERT(enclave->peers_count < FAKE_PEERS_MAX);
	struct fake_peer *peer = &enclave->peers[enclave->peers_count++];
	peer->sender = mail->sender;
	peer->expected = mail->header.sequence;
	must(post_office_init(&peer->office, &enclave->key, &mail->sender, mail->header.topic));
	return peer;
}

static void seal_to(uint8_t **out, size_t *out_size, const struct fake_enclave *enclave,
	struct fake_peer *peer, struct bytes body, struct bytes envelope, struct bytes hidden)
{
	struct x25519_secret ephemeral;
	struct mail_draft draft = {
		.topic = bytes_of(peer->office.topic, peer->office.topic_size),
		.envelope = envelope,
		.private_header = hidden.len > 0 ? hidden : enclave->private_header,
		.body = body,
	};
	must(crypto_random((struct buffer){ephemeral.bytes, 32}));
	if (enclave->forges_replies)
		must(crypto_random((struct buffer){peer->office.sender.bytes, 32}));
	size_t size = mail_sealed_size(&draft);
	uint8_t *mail = allocate(size);
	struct writer writer = writer_of((struct buffer){mail, size});
	must(post_office_seal(&writer, &peer->office, &draft, &ephemeral));
	if (enclave->garbles_replies)
		mail[size - 1] ^= 1;
	*out = mail;
	*out_size = size;
}

uint64_t fake_enclave_keep(
	struct fake_enclave *enclave, const char *correlation_id, uint8_t *mail, size_t size)
{
	ASSERT(enclave->queue_count < FAKE_QUEUE_MAX);
	struct fake_queued *queued = &enclave->queue[enclave->queue_count++];
	*queued = (struct fake_queued){.id = ++enclave->last_id, .mail = mail, .size = size};
	snprintf(queued->correlation_id, sizeof(queued->correlation_id), "%s", correlation_id);
	return queued->id;
}

const struct fake_queued *fake_enclave_next(
	const struct fake_enclave *enclave, const char *correlation_id)
{
	for (size_t i = 0; i < enclave->queue_count; i++)
		if (strcmp(enclave->queue[i].correlation_id, correlation_id) == 0)
			return &enclave->queue[i];
	return NULL;
}

static void take_out(struct fake_enclave *enclave, size_t i)
{
	enclave->queue_count--;
	memmove(&enclave->queue[i], &enclave->queue[i + 1],
		(enclave->queue_count - i) * sizeof(enclave->queue[0]));
}

void fake_enclave_drop(struct fake_enclave *enclave, const char *correlation_id, uint64_t id)
{
	for (size_t i = 0; i < enclave->queue_count; i++) {
		if (enclave->queue[i].id != id ||
			strcmp(enclave->queue[i].correlation_id, correlation_id) != 0)
			continue;
		free(enclave->queue[i].mail);
		take_out(enclave, i);
		return;
	}
}

/* The rest of the body after a word and a space; ptr NULL when it is another word. */
static struct bytes after(struct bytes body, const char *word)
{
	size_t len = strlen(word);
	if (body.len < len || memcmp(body.ptr, word, len) != 0)
		return (struct bytes){0};
	return bytes_slice(body, len + 1, body.len);
}

static void refuse(uint8_t **out, size_t *out_size, const struct fake_enclave *enclave,
	struct fake_peer *peer, enum mail_refusal reason)
{
	uint8_t refusal[MAIL_REFUSAL_SIZE];
	mail_refusal_write(refusal, reason);
	seal_to(out, out_size, enclave, peer, (struct bytes){0}, (struct bytes){0},
		BYTES_OF(refusal));
}

static void measure(uint8_t **out, size_t *out_size, const struct fake_enclave *enclave,
	struct fake_peer *peer, struct bytes body)
{
	CLEANUP(sha256_wipe) struct sha256 digest;
	char hex[2 * 32 + 1], text[128];
	sha256(&digest, body);
	int len = snprintf(
		text, sizeof(text), "%zu %s", body.len, hex_encode(hex, BYTES_OF(digest.bytes)));
	seal_to(out, out_size, enclave, peer, bytes_of(text, (size_t)len), (struct bytes){0},
		(struct bytes){0});
}

static void handle(struct fake_enclave *enclave, uint8_t **out, size_t *out_size,
	struct fake_peer *peer, const struct mail *mail, const char *correlation_id)
{
	struct bytes none = {0}, text;
	uint8_t *later = NULL;
	size_t later_size = 0;
	enclave->handled++;
	if ((text = after(mail->body, "echo")).ptr != NULL) {
		seal_to(out, out_size, enclave, peer, text, mail->header.envelope, none);
	} else if ((text = after(mail->body, "later")).ptr != NULL) {
		seal_to(&later, &later_size, enclave, peer, text, none, none);
		fake_enclave_keep(enclave, correlation_id, later, later_size);
	} else if ((text = after(mail->body, "twice")).ptr != NULL) {
		seal_to(out, out_size, enclave, peer, text, none, none);
		seal_to(&later, &later_size, enclave, peer, text, none, none);
		fake_enclave_keep(enclave, correlation_id, later, later_size);
	} else if (after(mail->body, "trap").ptr != NULL) {
		refuse(out, out_size, enclave, peer, MAIL_REFUSAL_TRAPPED);
	} else if (after(mail->body, "measure").ptr != NULL) {
		measure(out, out_size, enclave, peer, mail->body);
	}
}

static void remember(struct fake_enclave *enclave, struct bytes sealed)
{
	free(enclave->mail);
	enclave->mail = allocate(sealed.len);
	enclave->mail_size = sealed.len;
	if (sealed.len > 0)
		memcpy(enclave->mail, sealed.ptr, sealed.len);
}

enum conclave_error fake_enclave_deliver(struct fake_enclave *enclave, uint8_t **out,
	size_t *out_size, const char *correlation_id, struct bytes sealed)
{
	enclave->delivered++;
	remember(enclave, sealed);
	snprintf(enclave->last_correlation_id, sizeof(enclave->last_correlation_id), "%s",
		correlation_id);
	if (enclave->loses_mail)
		return CONCLAVE_ERROR_NETWORK;
	if (enclave->restarts_left > 0) {
		enclave->restarts_left--;
		fake_enclave_restart(enclave);
	}
	struct mail mail;
	uint8_t *space = allocate(sealed.len);
	uint8_t *reply = NULL;
	size_t reply_size = 0;
	if (mail_open(&mail, (struct buffer){space, sealed.len}, &enclave->key, sealed) !=
		CONCLAVE_OK) {
		free(space);
		return CONCLAVE_ERROR_AUTH;
	}
	struct fake_peer *peer = peer_of(enclave, &mail);
	if (mail.header.sequence != peer->expected) {
		refuse(&reply, &reply_size, enclave, peer, MAIL_REFUSAL_SEQUENCE);
	} else {
		peer->expected++;
		handle(enclave, &reply, &reply_size, peer, &mail, correlation_id);
	}
	free(space);
	if (enclave->loses_answers) {
		free(reply);
		return CONCLAVE_ERROR_NETWORK;
	}
	*out = reply;
	*out_size = reply_size;
	return CONCLAVE_OK;
}

void fake_enclave_poll(
	struct fake_enclave *enclave, uint8_t **out, size_t *out_size, const char *correlation_id)
{
	const struct fake_queued *next = fake_enclave_next(enclave, correlation_id);
	*out = next != NULL ? next->mail : NULL;
	*out_size = next != NULL ? next->size : 0;
	if (next != NULL)
		take_out(enclave, (size_t)(next - enclave->queue));
}

/* -- as a transport -- */

static enum conclave_error transport_attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	struct fake_enclave *enclave = context;
	(void)report;
	enclave->attestations++;
	fake_enclave_info(out, out_size, enclave);
	return CONCLAVE_OK;
}

/* The first nonce it is asked with, for ever. */
static enum conclave_error transport_attestation_fresh(void *context, uint8_t **out,
	size_t *out_size, const uint8_t nonce[CONCLAVE_NONCE_SIZE], struct conclave_report *report)
{
	struct fake_enclave *enclave = context;
	(void)report;
	if (enclave->attestations++ == 0)
		memcpy(enclave->nonce, nonce, sizeof(enclave->nonce));
	make_info(out, out_size, enclave, BYTES_OF(enclave->nonce));
	return CONCLAVE_OK;
}

static enum conclave_error transport_send(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	struct fake_enclave *enclave = context;
	(void)report;
	enclave->came_as_stream = false;
	enclave->was_waited_for = true;
	return fake_enclave_deliver(
		enclave, out, out_size, correlation_id, bytes_of(mail, mail_size));
}

/* Whole: a mail that has no end does not arrive. */
static enum conclave_error read_stream(
	struct buffer *out, const struct conclave_source *mail, struct conclave_report *report)
{
	struct buffer whole = {0};
	size_t space = 0;
	for (size_t turn = 0, size = 1; size > 0; turn++) {
		size_t room = turn * turn % 70001 + 1;
		if (room > space - whole.len) {
			space = 2 * space + room;
			whole.ptr = realloc(whole.ptr, space);
			ASSERT(whole.ptr != NULL);
		}
		enum conclave_error error =
			mail->read(mail->context, &size, whole.ptr + whole.len, room, report);
		if (error == CONCLAVE_OK) {
			ASSERT(size <= room);
			whole.len += size;
			if (mail->progress != NULL && !mail->progress(mail->context, whole.len))
				error = CONCLAVE_ERROR_CANCELLED;
		}
		if (error != CONCLAVE_OK) {
			free(whole.ptr);
			return error;
		}
	}
	ASSERT(!mail->size_known || mail->size == whole.len);
	*out = whole;
	return CONCLAVE_OK;
}

static enum conclave_error transport_send_stream(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const struct conclave_source *mail, bool wait,
	struct conclave_report *report)
{
	struct fake_enclave *enclave = context;
	struct buffer whole = {0};
	TRY(read_stream(&whole, mail, report));
	enclave->came_as_stream = true;
	enclave->was_waited_for = wait;
	enum conclave_error error = fake_enclave_deliver(
		enclave, out, out_size, correlation_id, bytes_of(whole.ptr, whole.len));
	free(whole.ptr);
	return error;
}

static enum conclave_error transport_poll(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, struct conclave_report *report)
{
	(void)report;
	fake_enclave_poll(context, out, out_size, correlation_id);
	return CONCLAVE_OK;
}

static void transport_close(void *context)
{
	struct fake_enclave *enclave = context;
	enclave->closed++;
}

struct conclave_transport fake_transport(struct fake_enclave *enclave)
{
	return (struct conclave_transport){
		.context = enclave,
		.attestation = transport_attestation,
		.send = transport_send,
		.poll = transport_poll,
		.close = transport_close,
	};
}

struct conclave_transport fake_fresh_transport(struct fake_enclave *enclave)
{
	struct conclave_transport transport = fake_transport(enclave);
	transport.attestation_fresh = transport_attestation_fresh;
	return transport;
}

struct conclave_transport fake_stream_transport(struct fake_enclave *enclave)
{
	struct conclave_transport transport = fake_transport(enclave);
	transport.send_stream = transport_send_stream;
	return transport;
}
