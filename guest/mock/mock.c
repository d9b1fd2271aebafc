#include "mock.h"

#include <conclave/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../abi.h"
#include "folder.h"

/* Bytes that grow. */
struct text {
	char *ptr;
	size_t len;
};

/* How many mails a party has sent on a topic. */
struct peer {
	struct peer *next;
	uint8_t key[MOCK_KEY_SIZE];
	char *topic;
	uint64_t sent;
};

struct input {
	enum { IDLE, MAIL, CALL } kind;
	uint8_t sender[MOCK_KEY_SIZE];
	const char *topic;
	const void *body, *envelope;
	size_t body_size, envelope_size;
	size_t body_read; /* as a file is read */
	uint64_t sequence;
};

static struct input input;
static struct peer *peers;
static struct mock_mail *outbox, *taken; /* outbox: oldest first */
static struct mock_mail *sent;		 /* by the input being handled: newest first */
static struct text answer, log_text;
static size_t argument_count;
static char **argument_texts; /* NULL: not started */

static _Noreturn void misuse(const char *what)
{
	fprintf(stderr, "mock: %s\n", what);
	exit(1);
}

static void *allocate(size_t size)
{
	void *ptr = calloc(1, size + 1); /* with a NUL after it */
	if (ptr == NULL)
		misuse("no memory");
	return ptr;
}

static void *copy(const void *from, size_t size)
{
	char *to = allocate(size);
	if (size != 0)
		memcpy(to, from, size);
	return to;
}

static void text_append(struct text *text, const void *from, size_t size)
{
	char *longer = allocate(text->len + size);
	if (text->len != 0)
		memcpy(longer, text->ptr, text->len);
	if (size != 0)
		memcpy(longer + text->len, from, size);
	free(text->ptr);
	*text = (struct text){longer, text->len + size};
}

static void text_free(struct text *text)
{
	free(text->ptr);
	*text = (struct text){NULL, 0};
}

static void mails_free(struct mock_mail **list)
{
	while (*list != NULL) {
		struct mock_mail *mail = *list;
		*list = mail->next;
		free((void *)(uintptr_t)mail->topic);
		free((void *)(uintptr_t)mail->body);
		free((void *)(uintptr_t)mail->envelope);
		free(mail);
	}
}

/* -- keys and peers -- */

void mock_key(uint8_t key[MOCK_KEY_SIZE], const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len >= MOCK_KEY_SIZE)
		misuse("a party's name has 1 to 31 bytes");
	memset(key, 0, MOCK_KEY_SIZE);
	memcpy(key, name, len);
}

const char *mock_key_hex(const char *name)
{
	static char text[2 * MOCK_KEY_SIZE + 1];
	uint8_t key[MOCK_KEY_SIZE];
	mock_key(key, name);
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	return text;
}

static bool is_known(const uint8_t *key)
{
	for (const struct peer *peer = peers; peer != NULL; peer = peer->next) {
		if (memcmp(peer->key, key, MOCK_KEY_SIZE) == 0)
			return true;
	}
	return false;
}

static struct peer *peer_at(const uint8_t *key, const char *topic)
{
	struct peer *peer = peers;
	while (peer != NULL &&
		(memcmp(peer->key, key, MOCK_KEY_SIZE) != 0 || strcmp(peer->topic, topic) != 0))
		peer = peer->next;
	if (peer != NULL)
		return peer;
	peer = allocate(sizeof(*peer));
	memcpy(peer->key, key, MOCK_KEY_SIZE);
	peer->topic = copy(topic, strlen(topic));
	peer->next = peers;
	peers = peer;
	return peer;
}

/* -- what the guest imports -- */

size_t abi_input_size(uint32_t part)
{
	switch (part) {
	case ABI_PART_BODY: return input.body_size;
	case ABI_PART_ENVELOPE: return input.envelope_size;
	case ABI_PART_TOPIC: return input.kind == MAIL ? strlen(input.topic) : 0;
	case ABI_PART_SENDER: return input.kind == MAIL ? MOCK_KEY_SIZE : 0;
	default: return 0;
	}
}

size_t abi_input_read(uint32_t part, size_t offset, void *out, size_t size)
{
	const void *const parts[] = {input.body, input.envelope, input.topic, input.sender};
	size_t have = abi_input_size(part);
	if (offset >= have)
		return 0;
	if (size > have - offset)
		size = have - offset;
	memcpy(out, (const char *)parts[part] + offset, size);
	return size;
}

uint64_t abi_mail_sequence(void)
{
	return input.sequence;
}

size_t abi_mail_read(void *out, size_t size)
{
	if (input.kind != MAIL)
		return 0;
	size = abi_input_read(ABI_PART_BODY, input.body_read, out, size);
	input.body_read += size;
	return size;
}

/* What a mail shows: 15 bytes, topic and envelope. */
#define CLEAR_SIZE_MAX 65535u

static uint32_t send(const uint8_t *to, bool is_reply, const void *topic, size_t topic_size,
	const void *body, size_t size, const void *envelope, size_t envelope_size)
{
	if (envelope_size > CLEAR_SIZE_MAX - 15 - topic_size)
		return CONCLAVE_ERROR_LIMIT;
	struct mock_mail *mail = allocate(sizeof(*mail));
	*mail = (struct mock_mail){
		.next = sent,
		.is_reply = is_reply,
		.topic = copy(topic, topic_size),
		.body = copy(body, size),
		.body_size = size,
		.envelope = copy(envelope, envelope_size),
		.envelope_size = envelope_size,
	};
	memcpy(mail->to, to, MOCK_KEY_SIZE);
	sent = mail;
	return CONCLAVE_OK;
}

uint32_t abi_reply(const void *body, size_t size, const void *envelope, size_t envelope_size)
{
	if (input.kind != MAIL)
		return CONCLAVE_ERROR_STATE;
	return send(input.sender, true, input.topic, strlen(input.topic), body, size, envelope,
		envelope_size);
}

uint32_t abi_post(const uint8_t *key, const char *topic, size_t topic_size, const void *body,
	size_t size, const void *envelope, size_t envelope_size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-";
	if (input.kind == IDLE)
		return CONCLAVE_ERROR_STATE;
	if (topic_size > 255)
		return CONCLAVE_ERROR_LIMIT;
	if (topic_size == 0 || strspn(topic, letters) < topic_size)
		return CONCLAVE_ERROR_FORMAT;
	if (!is_known(key))
		return CONCLAVE_ERROR_NOT_FOUND;
	return send(key, false, topic, topic_size, body, size, envelope, envelope_size);
}

uint32_t abi_answer(const void *bytes, size_t size)
{
	if (input.kind != CALL)
		return CONCLAVE_ERROR_STATE;
	text_append(&answer, bytes, size);
	return CONCLAVE_OK;
}

/* No signature: a mock has no key, and nobody should take its word. Every byte is 0x4d. */
uint32_t abi_sign(const void *bytes, size_t size, uint8_t *signature)
{
	(void)bytes, (void)size;
	memset(signature, 'M', 64);
	return CONCLAVE_OK;
}

uint32_t abi_log(const char *text, size_t size)
{
	text_append(&log_text, text, size);
	return CONCLAVE_OK;
}

void abi_arguments(size_t *argc, char ***argv)
{
	*argc = argument_count;
	*argv = argument_texts;
}

/* -- one input -- */

static void commit(void)
{
	struct mock_mail *oldest_first = NULL, **last = &outbox;
	while (sent != NULL) {
		struct mock_mail *mail = sent;
		sent = mail->next;
		mail->next = oldest_first;
		oldest_first = mail;
	}
	while (*last != NULL)
		last = &(*last)->next;
	*last = oldest_first;
	folder_commit();
}

static void rollback(void)
{
	mails_free(&sent);
	text_free(&answer);
	folder_rollback();
}

static int finish(int result)
{
	input = (struct input){.kind = IDLE};
	if (result == 0)
		commit();
	else
		rollback();
	return result;
}

static void need_start(void)
{
	if (argument_texts == NULL)
		misuse("mock_start comes first");
}

static int handle_mail(int32_t (*handler)(void), const char *sender, const char *topic,
	const void *body, size_t size, const void *envelope, size_t envelope_size)
{
	need_start();
	uint8_t key[MOCK_KEY_SIZE];
	mock_key(key, sender);
	input = (struct input){.kind = MAIL,
		.topic = topic,
		.body = body,
		.body_size = size,
		.envelope = envelope,
		.envelope_size = envelope_size,
		.sequence = peer_at(key, topic)->sent++};
	memcpy(input.sender, key, sizeof(key));
	return finish(handler());
}

int mock_mail_bytes(const char *sender, const char *topic, const void *body, size_t size,
	const void *envelope, size_t envelope_size)
{
	return handle_mail(abi_on_mail, sender, topic, body, size, envelope, envelope_size);
}

int mock_mail_stream(const char *sender, const char *topic, const void *body, size_t size)
{
	return handle_mail(abi_on_mail_stream, sender, topic, body, size, NULL, 0);
}

int mock_mail(const char *sender, const char *topic, const char *body)
{
	return mock_mail_bytes(sender, topic, body, strlen(body), NULL, 0);
}

const char *mock_call(const char *bytes)
{
	need_start();
	text_free(&answer);
	text_append(&answer, NULL, 0);
	input = (struct input){.kind = CALL, .body = bytes, .body_size = strlen(bytes)};
	finish(abi_on_call());
	return answer.ptr;
}

/* -- start and stop -- */

int mock_restart(void)
{
	need_start();
	return finish(abi_on_start());
}

int mock_start_with(const char *const *arguments)
{
	if (argument_texts != NULL)
		misuse("mock_stop comes before another mock_start");
	size_t count = 0;
	while (arguments[count] != NULL)
		count++;
	argument_count = count + 1;
	argument_texts = allocate((count + 1) * sizeof(*argument_texts));
	argument_texts[0] = copy("mock", 4);
	for (size_t i = 0; i < count; i++)
		argument_texts[i + 1] = copy(arguments[i], strlen(arguments[i]));
	text_append(&log_text, NULL, 0);
	folder_open();
	return mock_restart();
}

void mock_stop(void)
{
	need_start();
	abi_on_stop();
	folder_close();
	mails_free(&sent);
	mails_free(&outbox);
	mails_free(&taken);
	text_free(&answer);
	text_free(&log_text);
	while (peers != NULL) {
		struct peer *peer = peers;
		peers = peer->next;
		free(peer->topic);
		free(peer);
	}
	for (size_t i = 0; i < argument_count; i++)
		free(argument_texts[i]);
	free(argument_texts);
	argument_texts = NULL;
}

/* -- what came out -- */

const struct mock_mail *mock_take(const char *receiver)
{
	uint8_t key[MOCK_KEY_SIZE];
	mock_key(key, receiver);
	struct mock_mail **at = &outbox;
	while (*at != NULL && memcmp((*at)->to, key, sizeof(key)) != 0)
		at = &(*at)->next;
	struct mock_mail *mail = *at;
	if (mail == NULL)
		return NULL;
	*at = mail->next;
	mail->next = taken;
	taken = mail;
	return mail;
}

size_t mock_waiting(void)
{
	size_t count = 0;
	for (const struct mock_mail *mail = outbox; mail != NULL; mail = mail->next)
		count++;
	return count;
}

const char *mock_log(void)
{
	return log_text.ptr;
}
