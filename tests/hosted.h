/* A host over the fake machine and a store, for tests. */
#ifndef HOSTED_H
#define HOSTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "crypto/crypto.h"
#include "fake_machine.h"
#include "host/host.h"

struct hosted {
	struct fake_machine fake;
	struct store *store;
	struct host *host;
	char console[4096], log[4096];
	unsigned console_calls;
};

static inline void hosted_append(char *to, struct bytes text)
{
	size_t at = strlen(to);
	size_t size = text.len < 4095 - at ? text.len : 4095 - at;
	memcpy(to + at, text.ptr, size);
	to[at + size] = '\0';
}

static void hosted_console(void *context, struct bytes text)
{
	struct hosted *hosted = context;
	hosted->console_calls++;
	hosted_append(hosted->console, text);
}

static void hosted_log(void *context, const char *line)
{
	struct hosted *hosted = context;
	hosted_append(hosted->log, bytes_of(line, strlen(line)));
	hosted_append(hosted->log, BYTES_LIT("\n"));
}

/* path NULL: a store in memory. The store stays open over host_close and hosted_host. */
static inline void hosted_store(struct hosted *hosted, const char *path)
{
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	assert_int_equal(store_open_sqlite(&hosted->store, path != NULL ? path : ":memory:", NULL),
		CONCLAVE_OK);
}

static inline enum conclave_error hosted_host(struct hosted *hosted, struct host_options options)
{
	options.console = hosted_console;
	options.log = hosted_log;
	options.context = hosted;
	return host_open(
		&hosted->host, fake_image(1), &hosted->fake.machine, hosted->store, &options, NULL);
}

static inline void hosted_open(struct hosted *hosted, struct host_options options)
{
	*hosted = (struct hosted){0};
	fake_machine_init(&hosted->fake);
	hosted_store(hosted, NULL);
	assert_int_equal(hosted_host(hosted, options), CONCLAVE_OK);
}

static inline void hosted_close(struct hosted *hosted)
{
	host_close(hosted->host);
	hosted->store->ops->close(hosted->store);
}

/* -- waiting for one mail -- */

struct answer {
	sem_t sem;
	unsigned calls;
	enum host_outcome outcome;
	uint64_t mail_id, route;
};

static inline void on_answer(
	void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome)
{
	struct answer *answer = context;
	answer->calls++;
	answer->mail_id = mail_id;
	answer->route = route;
	answer->outcome = outcome;
	(void)sem_post(&answer->sem);
}

static inline void hosted_send(
	struct hosted *hosted, struct answer *answer, const char *route, const char *text)
{
	uint64_t id;
	*answer = (struct answer){0};
	(void)sem_init(&answer->sem, 0, 0);
	assert_int_equal(host_deliver(&id, hosted->host, bytes_of(route, strlen(route)),
				 bytes_of(text, strlen(text)), on_answer, answer),
		CONCLAVE_OK);
}

/* Byte i of a spooled mail, behind its first line. */
static inline void hosted_pattern(uint8_t *out, size_t size, uint64_t offset)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)((offset + i) * 2654435761u >> 13);
}

/* A mail of `size` bytes in the spool: a line, and bytes up to its size. sum (may be NULL): its
 * fake_sum. */
static inline struct store_spool *hosted_spool(
	uint64_t *sum, struct hosted *hosted, const char *line, uint64_t size)
{
	static uint8_t piece[65536];
	const struct store_ops *ops = hosted->store->ops;
	struct store_spool *spool;
	uint64_t at = 0, sum_so_far = 0;
	size_t head = strlen(line) + 1;
	assert_true(size == 0 || size >= head);
	assert_int_equal(ops->spool_begin(&spool, hosted->store), CONCLAVE_OK);
	while (at < size) {
		size_t part = size - at < sizeof(piece) ? (size_t)(size - at) : sizeof(piece);
		hosted_pattern(piece, part, at);
		if (at == 0) {
			memcpy(piece, line, head - 1);
			piece[head - 1] = '\n';
		}
		assert_int_equal(ops->spool_write(spool, bytes_of(piece, part)), CONCLAVE_OK);
		sum_so_far = fake_sum(sum_so_far, bytes_of(piece, part));
		at += part;
	}
	if (sum != NULL)
		*sum = sum_so_far;
	return spool;
}

/* What the enclave should answer to a spooled "sum". */
static inline uint64_t hosted_send_spooled(struct hosted *hosted, struct answer *answer,
	const char *route, const char *line, uint64_t size)
{
	uint64_t id, sum;
	*answer = (struct answer){0};
	(void)sem_init(&answer->sem, 0, 0);
	struct store_spool *spool = hosted_spool(&sum, hosted, line, size);
	assert_int_equal(host_deliver_spooled(&id, hosted->host, bytes_of(route, strlen(route)),
				 spool, on_answer, answer),
		CONCLAVE_OK);
	return sum;
}

static inline enum host_outcome hosted_wait(struct answer *answer)
{
	while (sem_wait(&answer->sem) != 0)
		;
	return answer->outcome;
}

static inline enum host_outcome hosted_mail(
	struct hosted *hosted, const char *route, const char *text)
{
	struct answer answer;
	hosted_send(hosted, &answer, route, text);
	return hosted_wait(&answer);
}

/* Take the next post of a route out of the store; "" when there is none. */
static inline const char *hosted_take(struct hosted *hosted, const char *route)
{
	static char text[256];
	uint64_t number, id;
	struct writer out = writer_of((struct buffer){(uint8_t *)text, sizeof(text) - 1});
	text[0] = '\0';
	if (hosted->store->ops->route(
		    &number, hosted->store, bytes_of(route, strlen(route)), false) != CONCLAVE_OK)
		return text;
	assert_int_equal(
		hosted->store->ops->reply(&id, &out, hosted->store, number, 0, 0), CONCLAVE_OK);
	text[out.len] = '\0';
	if (id != 0)
		assert_int_equal(hosted->store->ops->remove(hosted->store, id), CONCLAVE_OK);
	return text;
}

static bool hosted_count_one(void *context, const struct store_mail *mail)
{
	(void)mail;
	++*(size_t *)context;
	return true;
}

static inline size_t hosted_pending(struct hosted *hosted)
{
	size_t count = 0;
	assert_int_equal(hosted->store->ops->pending(hosted->store, 0, hosted_count_one, &count),
		CONCLAVE_OK);
	return count;
}

#endif
