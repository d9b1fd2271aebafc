/* Mail that is streamed over HTTP, against a server that follows a script: consent, refusals early
 * and late, hosts that are slow, silent or gone, and sources that are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/client.h"
#include "client/fake_host.h"
#include "client/http.h"

#define MAIL_SIZE 300000u
#define WHOLE_MS 200u

/* -- a mail -- */

struct letter {
	size_t at, size;
	size_t fails_at, pauses_at; /* 0: nowhere */
	size_t give_up_at;	    /* 0: never; 1 beyond the end: when all was read */
	unsigned calls;
};

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

static enum conclave_error read_letter(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct letter *letter = context;
	uint8_t *bytes = to;
	if (letter->fails_at != 0 && letter->at >= letter->fails_at) {
		snprintf(report->text, sizeof(report->text), "the disk burns");
		return CONCLAVE_ERROR_IO;
	}
	if (letter->pauses_at != 0 && letter->at >= letter->pauses_at) {
		pause_ms(2 * WHOLE_MS);
		letter->pauses_at = 0;
	}
	if (room > letter->size - letter->at)
		room = letter->size - letter->at;
	for (size_t i = 0; i < room; i++)
		bytes[i] = byte_at(letter->at + i);
	letter->at += room;
	*size = room;
	return CONCLAVE_OK;
}

static bool watch_letter(void *context, uint64_t done)
{
	struct letter *letter = context;
	(void)done;
	letter->calls++;
	return letter->give_up_at == 0 || letter->at < letter->give_up_at;
}

/* -- a server -- */

struct server {
	const char *consent, *answer;
	bool is_silent, drains;
	long works_ms; /* before it answers */
	char head[2048];
	size_t came;
	bool is_right;
	unsigned requests;
};

static const char *consent(void *context, const char *head)
{
	struct server *server = context;
	snprintf(server->head, sizeof(server->head), "%s", head);
	server->requests++;
	return server->consent;
}

static void answer(void *context, int socket, const char *head, struct bytes body)
{
	struct server *server = context;
	(void)head;
	server->came = body.len;
	server->is_right = true;
	for (size_t i = 0; i < body.len; i++)
		server->is_right &= body.ptr[i] == byte_at(i);
	pause_ms(server->works_ms);
	if (!server->is_silent)
		loopback_write(socket, bytes_of(server->answer, strlen(server->answer)));
	if (server->is_silent || server->drains)
		loopback_drain(socket);
}

struct fixture {
	struct loopback loopback;
	struct server server;
	struct letter letter;
	struct conclave_transport transport;
	struct conclave_report report;
	uint8_t *out;
	size_t out_size;
};

static void connect_to(struct fixture *f, unsigned whole_ms)
{
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->loopback.port);
	assert_int_equal(
		http_transport_open(&f->transport, url, 5000, whole_ms, &f->report), CONCLAVE_OK);
}

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	f->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	f->letter.size = MAIL_SIZE;
	loopback_start(&f->loopback, answer, &f->server);
	f->loopback.consent = consent;
	connect_to(f, WHOLE_MS);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	f->transport.close(f->transport.context);
	loopback_stop(&f->loopback);
	free(f->out);
	test_free(f);
	return 0;
}

static enum conclave_error send_stream(struct fixture *f, bool size_known, bool wait)
{
	const struct conclave_source mail = {
		.context = &f->letter,
		.read = read_letter,
		.size_known = size_known,
		.size = f->letter.size,
		.progress = watch_letter,
	};
	free(f->out);
	f->out = NULL;
	f->out_size = 0;
	return f->transport.send_stream(
		f->transport.context, &f->out, &f->out_size, "ABCDEF", &mail, wait, &f->report);
}

static void says(const struct fixture *f, const char *words)
{
	if (strstr(f->report.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->report.text);
}

static void header_is(const struct fixture *f, const char *name, const char *wanted)
{
	char value[128];
	loopback_header(value, sizeof(value), f->server.head, name);
	assert_string_equal(value, wanted);
}

/* -- what goes right -- */

static void requests_ask_before_they_send(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_stream(f, true, true), CONCLAVE_OK);
	assert_int_equal(f->out_size, 2);
	assert_memory_equal(f->out, "ok", 2);
	assert_int_equal(f->server.came, MAIL_SIZE);
	assert_true(f->server.is_right);
	assert_ptr_equal(strstr(f->server.head, "POST /deliver-mail HTTP/1.1\r\n"), f->server.head);
	header_is(f, "Correlation-ID", "ABCDEF");
	header_is(f, "Conclave-Version", "1");
	header_is(f, "Content-Type", "application/octet-stream");
	header_is(f, "Expect", "100-continue");
	header_is(f, "Content-Length", "300000");
	header_is(f, "Transfer-Encoding", "");
	header_is(f, "Prefer", "");
	assert_true(f->letter.calls > 0);

	f->letter = (struct letter){.size = MAIL_SIZE};
	f->server.answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(send_stream(f, false, false), CONCLAVE_OK);
	assert_null(f->out);
	assert_int_equal(f->server.came, MAIL_SIZE);
	assert_true(f->server.is_right);
	header_is(f, "Expect", "100-continue");
	header_is(f, "Content-Length", "");
	header_is(f, "Transfer-Encoding", "chunked");
	header_is(f, "Prefer", "respond-async");
}

/* The time that the source takes is not the host's. */
static void a_slow_source_does_not_time_out(void **state)
{
	struct fixture *f = *state;
	f->letter.pauses_at = 100000;
	assert_int_equal(send_stream(f, false, true), CONCLAVE_OK);
	assert_true(f->server.is_right);
	f->letter = (struct letter){.size = MAIL_SIZE, .pauses_at = MAIL_SIZE};
	assert_int_equal(send_stream(f, false, true), CONCLAVE_OK);
	assert_true(f->server.is_right);
}

/* A second for each MiB, beyond the usual wait. */
static void an_enclave_may_work_on_a_large_mail(void **state)
{
	struct fixture *f = *state;
	f->letter.size = 1 << 20;
	f->server.works_ms = 4 * WHOLE_MS;
	assert_int_equal(send_stream(f, false, true), CONCLAVE_OK);
	f->letter = (struct letter){.size = 1 << 19};
	f->server.works_ms = 1500; /* curl looks every second */
	assert_int_equal(send_stream(f, false, true), CONCLAVE_ERROR_TIMEOUT);
}

static void replies_are_acknowledged(void **state)
{
	struct fixture *f = *state;
	f->server.answer = "HTTP/1.1 200 OK\r\nConclave-Reply: 77\r\nContent-Length: 2\r\n\r\nok";
	assert_int_equal(send_stream(f, true, true), CONCLAVE_OK);
	f->transport.taken(f->transport.context);
	f->letter = (struct letter){.size = MAIL_SIZE};
	assert_int_equal(send_stream(f, true, true), CONCLAVE_OK);
	header_is(f, "Conclave-Acknowledge", "77");
}

/* -- refused -- */

/* Before a byte of the mail was read. */
static void refused_at_once(void **state)
{
	struct fixture *f = *state;
	for (unsigned known = 0; known < 2; known++) {
		f->server.consent = "HTTP/1.1 413 Too Large\r\nContent-Length: 21\r\nConnection: "
				    "close\r\n\r\n{\"error\":\"TOO_LARGE\"}";
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_LIMIT);
		says(f, "takes no mail of this size");
		says(f, "TOO_LARGE");
		f->server.consent = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: "
				    "close\r\n\r\nbusy";
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_NETWORK);
		says(f, "status 503: busy");
		f->server.consent =
			"HTTP/1.1 400 Bad\r\nContent-Length: 44\r\nConnection: "
			"close\r\n\r\n{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":null}";
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_REFUSED);
	}
	assert_int_equal(f->letter.at, 0);
	assert_int_equal(f->server.requests, 6);
}

static void refused_on_the_way(void **state)
{
	struct fixture *f = *state;
	f->letter.size = 50 * MAIL_SIZE;
	f->loopback.enough = MAIL_SIZE;
	f->server.drains = true;
	f->server.answer =
		"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";
	assert_int_equal(send_stream(f, true, true), CONCLAVE_ERROR_NETWORK);
	says(f, "status 503: busy");
	assert_true(f->letter.at < f->letter.size);
}

/* -- hosts that fail -- */

static void a_host_that_hangs_up(void **state)
{
	struct fixture *f = *state;
	f->server.answer = "";
	f->letter.size = 50 * MAIL_SIZE;
	/* However slow this machine is, the host is faster than the client's patience. */
	f->transport.close(f->transport.context);
	connect_to(f, 60000);
	for (unsigned known = 0; known < 2; known++) {
		f->letter.at = 0;
		f->loopback.enough = MAIL_SIZE;
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_NETWORK);
		says(f, "that takes mail of this size?");
		assert_true(f->letter.at < f->letter.size);
		f->loopback.enough = 0;
		f->letter.at = 0;
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_NETWORK);
	}
}

/* It takes what the connection holds and no more, until the test says so. */
static void stalled(void *context, int socket, const char *head, struct bytes body)
{
	const int *gate = context;
	char word = 0;
	(void)socket;
	(void)head;
	(void)body;
	assert_int_equal(read(gate[0], &word, 1), 1);
}

static void a_host_that_takes_nothing(void **state)
{
	struct fixture *f = *state;
	struct loopback server;
	char url[64];
	int gate[2];
	assert_int_equal(pipe(gate), 0);
	loopback_start(&server, stalled, gate);
	server.enough = 1;
	f->transport.close(f->transport.context);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", server.port);
	assert_int_equal(
		http_transport_open(&f->transport, url, 100, WHOLE_MS, &f->report), CONCLAVE_OK);
	f->letter.size = 1000 * MAIL_SIZE;
	assert_int_equal(send_stream(f, true, true), CONCLAVE_ERROR_TIMEOUT);
	says(f, "takes the mail too slowly");
	assert_int_equal(write(gate[1], "", 1), 1);
	loopback_stop(&server);
	close(gate[0]);
	close(gate[1]);
}

static void a_host_that_says_nothing(void **state)
{
	struct fixture *f = *state;
	f->server.is_silent = true;
	for (unsigned known = 0; known < 2; known++) {
		f->letter.at = 0;
		assert_int_equal(send_stream(f, known == 1, true), CONCLAVE_ERROR_TIMEOUT);
		says(f, "sending it again is safe");
		assert_int_equal(f->letter.at, MAIL_SIZE);
	}
}

/* -- broken off on this side -- */

static void a_source_that_fails(void **state)
{
	struct fixture *f = *state;
	static const size_t places[] = {1, MAIL_SIZE / 2, MAIL_SIZE};
	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		f->letter = (struct letter){.size = MAIL_SIZE, .fails_at = places[i]};
		assert_int_equal(send_stream(f, false, true), CONCLAVE_ERROR_IO);
		says(f, "the disk burns");
	}
}

static void given_up_on_the_way(void **state)
{
	struct fixture *f = *state;
	f->letter.give_up_at = MAIL_SIZE / 2;
	assert_int_equal(send_stream(f, true, true), CONCLAVE_ERROR_CANCELLED);
	says(f, "given up");
}

/* Seconds may pass until the enclave has handled a mail: nobody is made to wait for it. */
static void given_up_while_waiting(void **state)
{
	struct fixture *f = *state;
	f->server.is_silent = true;
	f->letter.give_up_at = MAIL_SIZE;
	assert_int_equal(send_stream(f, true, true), CONCLAVE_ERROR_CANCELLED);
	assert_int_equal(f->letter.at, MAIL_SIZE);
}

/* -- a whole client -- */

struct file {
	const uint8_t *bytes;
	size_t at, size;
};

static enum conclave_error read_file(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	struct file *file = context;
	(void)report;
	struct bytes part = bytes_slice(bytes_of(file->bytes, file->size), file->at, room);
	memcpy(to, part.ptr, part.len);
	file->at += part.len;
	*size = part.len;
	return CONCLAVE_OK;
}

static enum conclave_error rewind_file(void *context, struct conclave_report *report)
{
	struct file *file = context;
	(void)report;
	file->at = 0;
	return CONCLAVE_OK;
}

static void client_over_http(void **state)
{
	struct fixture *f = *state;
	struct fake_enclave enclave;
	struct loopback host;
	struct conclave_client *client = NULL;
	struct conclave_mail mail;
	char url[64];
	uint8_t *body = calloc(1, 5000000);
	memcpy(body, "measure ", 8);
	fake_enclave_start(&enclave);
	loopback_start(&host, fake_host_answer, &enclave);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", host.port);
	assert_int_equal(
		conclave_client_new(&client, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	assert_int_equal(conclave_client_connect(client, url, &f->report), CONCLAVE_OK);
	for (unsigned way = 0; way < 4; way++) {
		struct file file = {body, 0, 5000000};
		const struct conclave_source source = {.context = &file,
			.read = read_file,
			.rewind = rewind_file,
			.size_known = (way & 1) != 0,
			.size = file.size};
		enclave.restarts_left = way / 2; /* a new key on the way */
		assert_int_equal(conclave_client_send_stream(
					 client, &mail, "t", &source, NULL, 0, &f->report),
			CONCLAVE_OK);
		assert_memory_equal(mail.body, "5000000 ", 8);
		conclave_mail_free(&mail);
	}
	assert_int_equal(enclave.handled, 4);
	conclave_client_free(client);
	loopback_stop(&host);
	fake_enclave_stop(&enclave);
	free(body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(requests_ask_before_they_send),
		TEST(a_slow_source_does_not_time_out),
		TEST(an_enclave_may_work_on_a_large_mail),
		TEST(replies_are_acknowledged),
		TEST(refused_at_once),
		TEST(refused_on_the_way),
		TEST(a_host_that_hangs_up),
		TEST(a_host_that_takes_nothing),
		TEST(a_host_that_says_nothing),
		TEST(a_source_that_fails),
		TEST(given_up_on_the_way),
		TEST(given_up_while_waiting),
		TEST(client_over_http),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
