/* Memory runs out at the n-th allocation of a client's life, for every n: each call says MEMORY,
 * and nothing leaks (the sanitizers see) or is half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "client/fake_enclave.h"

#define STREAM_SIZE 1100000u

/* The linker's --wrap sends the client's allocations here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool counting;
static unsigned allowed; /* allocations until the one that fails */

static bool fails(void)
{
	return counting && allowed-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

/* The enclave's own allocations do not count. */
static struct conclave_transport inner;

static enum conclave_error attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	counting = false;
	enum conclave_error error = inner.attestation(context, out, out_size, report);
	counting = true;
	return error;
}

static enum conclave_error deliver(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	counting = false;
	enum conclave_error error =
		inner.send(context, out, out_size, correlation_id, mail, mail_size, report);
	counting = true;
	return error;
}

static enum conclave_error deliver_stream(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const struct conclave_source *mail, bool wait,
	struct conclave_report *report)
{
	counting = false;
	enum conclave_error error =
		inner.send_stream(context, out, out_size, correlation_id, mail, wait, report);
	counting = true;
	return error;
}

/* A body of zeros, but for its first word. */
static enum conclave_error read_zeros(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	uint64_t *left = context;
	(void)report;
	*size = *left < room ? (size_t)*left : room;
	memset(to, 0, *size);
	if (*left == STREAM_SIZE)
		memcpy(to, "echo", 4);
	*left -= *size;
	return CONCLAVE_OK;
}

static enum conclave_error drop(
	void *context, const void *data, size_t size, struct conclave_report *report)
{
	(void)context;
	(void)data;
	(void)size;
	(void)report;
	return CONCLAVE_OK;
}

static enum conclave_error stream(struct conclave_client *client)
{
	uint64_t left = STREAM_SIZE;
	struct conclave_mail mail = {0};
	const struct conclave_source source = {.context = &left, .read = read_zeros};
	TRY(conclave_client_send_stream(client, &mail, "s", &source, NULL, 0, NULL));
	conclave_mail_free(&mail);
	left = STREAM_SIZE;
	return conclave_client_seal_stream(client, "s", &source, NULL, 0, drop, NULL, NULL);
}

/* With a mail that waits. */
static enum conclave_error save_locked(const struct conclave_client *client)
{
	static const uint8_t key[CONCLAVE_KEY_SIZE];
	struct conclave_lock lock = {.key = key};
	struct conclave_client *again = NULL;
	uint8_t *saved = NULL;
	size_t size = 0;
	TRY(conclave_client_save_locked(client, &saved, &size, &lock));
	enum conclave_error error =
		conclave_client_restore_locked(&again, saved, size, &lock, NULL);
	free(saved);
	conclave_client_free(again);
	return error;
}

static enum conclave_error use(struct conclave_client *client)
{
	struct conclave_transport transport = inner;
	struct conclave_mail mail = {0};
	uint8_t *saved = NULL;
	size_t size = 0;
	transport.attestation = attestation;
	transport.send = deliver;
	transport.send_stream = deliver_stream;
	TRY(conclave_client_connect_over(client, &transport, NULL));
	TRY(conclave_client_send(client, &mail, "t", "echo 1", 6, "e", 1, NULL));
	conclave_mail_free(&mail);
	TRY(conclave_client_send(client, NULL, "u", "echo 2", 6, NULL, 0, NULL));
	TRY(stream(client));
	TRY(save_locked(client));
	TRY(conclave_client_poll(client, &mail, NULL));
	conclave_mail_free(&mail);
	TRY(conclave_client_save(client, &saved, &size));
	struct conclave_client *again = NULL;
	enum conclave_error error = conclave_client_restore(&again, saved, size, NULL);
	free(saved);
	conclave_client_free(again);
	return error;
}

static enum conclave_error live(struct fake_enclave *enclave)
{
	struct conclave_client *client = NULL;
	inner = fake_stream_transport(enclave);
	counting = true;
	enum conclave_error error = conclave_client_new(&client, FAKE_CONSTRAINT, NULL, NULL);
	if (error == CONCLAVE_OK)
		error = use(client);
	counting = false;
	conclave_client_free(client);
	return error;
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	struct fake_enclave enclave;
	unsigned n = 0;
	for (;; n++) {
		fake_enclave_start(&enclave);
		allowed = n;
		enum conclave_error error = live(&enclave);
		fake_enclave_stop(&enclave);
		if (error == CONCLAVE_OK)
			break;
		assert_int_equal(error, CONCLAVE_ERROR_MEMORY);
	}
	/* As many as the calls above are known to make, at least. */
	assert_true(n >= 38);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
