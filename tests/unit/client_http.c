/* The HTTP transport against a server that follows a script, then against a fake host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/instance_info.h"
#include "client/client.h"
#include "client/fake_host.h"
#include "client/http.h"

enum manner { AT_ONCE, BYTE_BY_BYTE, NEVER, HANG_UP };

struct script {
	enum manner manner;
	const char *answer;
	/* What the client said. */
	char head[2048], body[64];
	size_t body_size;
	unsigned requests;
};

static void follow_script(void *context, int socket, const char *head, struct bytes body)
{
	struct script *script = context;
	script->requests++;
	snprintf(script->head, sizeof(script->head), "%s", head);
	script->body_size = body.len;
	memcpy(script->body, body.ptr, body.len < 64 ? body.len : 64);
	size_t len = strlen(script->answer);
	if (script->manner == AT_ONCE)
		loopback_write(socket, bytes_of(script->answer, len));
	for (size_t i = 0; i < len && script->manner == BYTE_BY_BYTE; i++)
		loopback_write(socket, bytes_of(script->answer + i, 1));
	if (script->manner == NEVER)
		loopback_drain(socket);
}

struct fixture {
	struct script script;
	struct loopback server;
	struct conclave_transport transport;
	struct conclave_report report;
	uint8_t *out;
	size_t out_size;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	char url[64];
	loopback_start(&f->server, follow_script, &f->script);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", f->server.port);
	assert_int_equal(
		http_transport_open(&f->transport, url, 5000, 300, &f->report), CONCLAVE_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	f->transport.close(f->transport.context);
	loopback_stop(&f->server);
	free(f->out);
	test_free(f);
	return 0;
}

static enum conclave_error get(struct fixture *f, enum manner manner, const char *answer)
{
	f->script.manner = manner;
	f->script.answer = answer;
	free(f->out);
	f->out = NULL;
	return f->transport.attestation(f->transport.context, &f->out, &f->out_size, &f->report);
}

static enum conclave_error post(struct fixture *f, enum manner manner, const char *answer)
{
	f->script.manner = manner;
	f->script.answer = answer;
	free(f->out);
	f->out = NULL;
	return f->transport.send(f->transport.context, &f->out, &f->out_size, "ABCDEF",
		(const uint8_t *)"m\0il", 4, &f->report);
}

static void says(const struct fixture *f, const char *words)
{
	if (strstr(f->report.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->report.text);
}

/* -- what is asked -- */

static void requests_are_as_r3_makes_them(void **state)
{
	struct fixture *f = *state;
	char value[128];
	assert_int_equal(
		post(f, AT_ONCE, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), CONCLAVE_OK);
	assert_int_equal(f->out_size, 2);
	assert_memory_equal(f->out, "ok", 2);
	assert_ptr_equal(strstr(f->script.head, "POST /deliver-mail HTTP/1.1\r\n"), f->script.head);
	assert_int_equal(f->script.body_size, 4);
	assert_memory_equal(f->script.body, "m\0il", 4);
	loopback_header(value, sizeof(value), f->script.head, "Correlation-ID");
	assert_string_equal(value, "ABCDEF");
	loopback_header(value, sizeof(value), f->script.head, "Conclave-Version");
	assert_string_equal(value, "1");
	loopback_header(value, sizeof(value), f->script.head, "Content-Type");
	assert_string_equal(value, "application/octet-stream");

	f->script.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	free(f->out);
	assert_int_equal(
		f->transport.poll(f->transport.context, &f->out, &f->out_size, "AB", &f->report),
		CONCLAVE_OK);
	assert_null(f->out);
	assert_int_equal(f->out_size, 0);
	assert_ptr_equal(strstr(f->script.head, "POST /poll-mail HTTP/1.1\r\n"), f->script.head);
	assert_int_equal(f->script.body_size, 0);

	assert_int_equal(
		get(f, AT_ONCE, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), CONCLAVE_OK);
	assert_ptr_equal(strstr(f->script.head, "GET /attestation HTTP/1.1\r\n"), f->script.head);
	loopback_header(value, sizeof(value), f->script.head, "Correlation-ID");
	assert_string_equal(value, "");
}

/* -- what may come back -- */

static void slow_answers_arrive_whole(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
		get(f, BYTE_BY_BYTE, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbyte byte"),
		CONCLAVE_OK);
	assert_int_equal(f->out_size, 9);
	assert_memory_equal(f->out, "byte byte", 9);
	assert_int_equal(get(f, BYTE_BY_BYTE,
				 "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
				 "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
		CONCLAVE_OK);
	assert_int_equal(f->out_size, 5);
	assert_memory_equal(f->out, "abcde", 5);
}

static void broken_answers_are_network_errors(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, HANG_UP, ""), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(get(f, AT_ONCE, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
		CONCLAVE_ERROR_NETWORK);
	assert_int_equal(get(f, AT_ONCE, "SSH-2.0-OpenSSH_9.2\r\n"), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(
		get(f, AT_ONCE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "http://127.0.0.1:");
	assert_null(f->out);
}

static void wrong_statuses_are_told(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, AT_ONCE,
				 "HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\nno such "
				 "page\nmore"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "status 404: no such page");
	assert_null(strstr(f->report.text, "more"));
	/* Nothing that a server sends reaches a terminal as it is. */
	assert_int_equal(
		post(f, AT_ONCE, "HTTP/1.1 500 Oops\r\nContent-Length: 8\r\n\r\n\033[2Jboom"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "status 500: ?[2Jboom");
	assert_int_equal(post(f, AT_ONCE, "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "status 503: no text");
}

static void redirects_are_not_followed(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, AT_ONCE,
				 "HTTP/1.1 302 Found\r\nLocation: "
				 "/attestation\r\nContent-Length: 0\r\n\r\n"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "redirects");
	assert_int_equal(f->script.requests, 1);
}

#define BAD_REQUEST(length) "HTTP/1.1 400 Bad\r\nContent-Length: " length "\r\n\r\n"

static void error_codes_are_mapped(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
		post(f, AT_ONCE,
			BAD_REQUEST("42") "{\"error\":\"MAIL_DECRYPTION\",\"message\":null}"),
		CONCLAVE_ERROR_AUTH);
	assert_int_equal(
		post(f, AT_ONCE,
			BAD_REQUEST(
				"47") "{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":\"bang!\"}"),
		CONCLAVE_ERROR_REFUSED);
	says(f, "bang!");
	assert_int_equal(
		post(f, AT_ONCE,
			BAD_REQUEST("44") "{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":null}"),
		CONCLAVE_ERROR_REFUSED);
	says(f, "no reason given");
	assert_int_equal(
		post(f, AT_ONCE, BAD_REQUEST("33") "{\"error\":\"TEAPOT\",\"message\":null}"),
		CONCLAVE_ERROR_NETWORK);
	says(f, "does not know");
	assert_int_equal(post(f, AT_ONCE, BAD_REQUEST("9") "{\"error\":"), CONCLAVE_ERROR_NETWORK);
	says(f, "not JSON");
	assert_int_equal(
		post(f, AT_ONCE, BAD_REQUEST("11") "{\"error\":12}"), CONCLAVE_ERROR_NETWORK);
	assert_int_equal(post(f, AT_ONCE, BAD_REQUEST("0")), CONCLAVE_ERROR_NETWORK);
}

/* Else a host could keep whoever polls until nothing is left for as long as it likes. */
static void a_poll_cannot_be_refused(void **state)
{
	struct fixture *f = *state;
	f->script.answer = BAD_REQUEST("44") "{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":null}";
	assert_int_equal(
		f->transport.poll(f->transport.context, &f->out, &f->out_size, "AB", &f->report),
		CONCLAVE_ERROR_NETWORK);
	says(f, "status 400");
}

static void answers_are_limited(void **state)
{
	struct fixture *f = *state;
	static char huge[INSTANCE_INFO_SIZE_MAX + 256];
	int len = snprintf(huge, sizeof(huge), "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n",
		INSTANCE_INFO_SIZE_MAX + 1);
	memset(huge + len, 'x', INSTANCE_INFO_SIZE_MAX + 1);
	assert_int_equal(get(f, AT_ONCE, huge), CONCLAVE_ERROR_LIMIT);
	says(f, "1048576");
	assert_null(f->out);
}

/* Parsed, it would take forty times as much memory. */
static void a_huge_error_is_not_parsed(void **state)
{
	struct fixture *f = *state;
	static char huge[0x20000];
	int len =
		snprintf(huge, sizeof(huge), BAD_REQUEST("65580") "{\"error\":\"MAIL_DECRYPTION\"");
	memset(huge + len, ' ', sizeof(huge) - (size_t)len);
	char *end = strstr(huge, "\r\n\r\n") + 4 + 65580;
	end[-1] = '}';
	end[0] = '\0';
	assert_int_equal(post(f, AT_ONCE, huge), CONCLAVE_ERROR_NETWORK);
	says(f, "not JSON");
}

static void silence_times_out(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, NEVER, ""), CONCLAVE_ERROR_TIMEOUT);
	says(f, "no answer in time");
}

static void nobody_there(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport transport;
	char url[64];
	struct loopback gone;
	loopback_start(&gone, follow_script, &f->script);
	loopback_stop(&gone);
	snprintf(url, sizeof(url), "http://localhost:%u", gone.port);
	assert_int_equal(http_transport_open(&transport, url, 5000, 5000, &f->report), CONCLAVE_OK);
	assert_int_equal(
		transport.attestation(transport.context, &f->out, &f->out_size, &f->report),
		CONCLAVE_ERROR_NETWORK);
	says(f, "is a host serving there?");
	transport.close(transport.context);
}

static void proxies_are_not_used_for_loopback(void **state)
{
	struct fixture *f = *state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(
		get(f, AT_ONCE, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), CONCLAVE_OK);
	unsetenv("http_proxy");
}

static void urls_are_checked(void **state)
{
	struct fixture *f = *state;
	struct conclave_transport transport;
	static const char *const bad[] = {"", "localhost:80", "ftp://host", "file:///etc/passwd",
		"http://", "http://host?query", "http://host/#fragment", "http://ho st"};
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(http_transport_open(&transport, bad[i], 1, 1, &f->report),
			CONCLAVE_ERROR_ARGUMENT);
	says(f, "is not the URL of a host");
}

/* -- a whole client -- */

static void client_over_http(void **state)
{
	struct fixture *f = *state;
	struct fake_enclave enclave;
	struct loopback host;
	struct conclave_client *client = NULL;
	struct conclave_mail mail;
	char url[64];
	fake_enclave_start(&enclave);
	loopback_start(&host, fake_host_answer, &enclave);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", host.port);
	assert_int_equal(
		conclave_client_new(&client, FAKE_CONSTRAINT, NULL, &f->report), CONCLAVE_OK);
	assert_int_equal(conclave_client_connect(client, url, &f->report), CONCLAVE_OK);
	assert_int_equal(
		conclave_client_send(client, &mail, "t", "twice hi", 8, NULL, 0, &f->report),
		CONCLAVE_OK);
	assert_string_equal(mail.body, "hi");
	conclave_mail_free(&mail);
	assert_int_equal(conclave_client_poll(client, &mail, &f->report), CONCLAVE_OK);
	assert_string_equal(mail.body, "hi");
	conclave_mail_free(&mail);
	fake_enclave_restart(&enclave);
	assert_int_equal(
		conclave_client_send(client, &mail, "t", "echo again", 10, NULL, 0, &f->report),
		CONCLAVE_OK);
	assert_string_equal(mail.body, "again");
	conclave_mail_free(&mail);
	assert_int_equal(
		conclave_client_connect(client, "http://", &f->report), CONCLAVE_ERROR_ARGUMENT);
	conclave_client_free(client);
	loopback_stop(&host);
	fake_enclave_stop(&enclave);
}

/* -- connections that break -- */

struct broken {
	struct fake_enclave enclave;
	struct loopback host;
	struct conclave_client *client;
	unsigned arrived;
	uint64_t numbers; /* bit i: the reply numbered i */
};

static void break_begin(struct broken *broken)
{
	char url[64];
	*broken = (struct broken){0};
	fake_enclave_start(&broken->enclave);
	loopback_start(&broken->host, fake_host_answer, &broken->enclave);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", broken->host.port);
	assert_int_equal(
		conclave_client_new(&broken->client, FAKE_CONSTRAINT, NULL, NULL), CONCLAVE_OK);
	assert_int_equal(conclave_client_connect(broken->client, url, NULL), CONCLAVE_OK);
}

static void break_end(struct broken *broken)
{
	conclave_client_free(broken->client);
	loopback_stop(&broken->host);
	fake_enclave_stop(&broken->enclave);
}

static void count_arrived(struct broken *broken, struct conclave_mail *mail)
{
	if (mail->topic == NULL)
		return;
	assert_string_equal(mail->body, "x");
	assert_int_equal(broken->numbers >> mail->sequence & 1, 0);
	broken->numbers |= (uint64_t)1 << mail->sequence;
	broken->arrived++;
	conclave_mail_free(mail);
}

/* Until the host has nothing more; what it cut off comes again. */
static void poll_everything(struct broken *broken)
{
	struct conclave_mail mail;
	for (unsigned empty = 0; empty < 2;) {
		enum conclave_error error = conclave_client_poll(broken->client, &mail, NULL);
		empty += error == CONCLAVE_OK && mail.topic == NULL;
		if (error == CONCLAVE_OK)
			count_arrived(broken, &mail);
		else
			assert_int_equal(error, CONCLAVE_ERROR_NETWORK);
	}
}

/* One mail that is answered twice; the answer breaks off after `cut` bytes, and so does the first
 * poll's. Returns whether there was anything left to cut. */
static bool cut_once(size_t cut)
{
	struct broken broken;
	struct conclave_mail mail;
	break_begin(&broken);
	broken.enclave.cut_after = cut;
	enum conclave_error error =
		conclave_client_send(broken.client, &mail, "t", "twice x", 7, NULL, 0, NULL);
	bool was_cut = broken.enclave.was_cut;
	if (error == CONCLAVE_OK)
		count_arrived(&broken, &mail);
	else
		assert_int_equal(error, CONCLAVE_ERROR_NETWORK);
	broken.enclave.cut_after = cut;
	poll_everything(&broken);
	assert_int_equal(broken.arrived, 2);
	assert_int_equal(broken.numbers, 3);
	assert_int_equal(conclave_client_missing(broken.client), 0);
	assert_int_equal(broken.enclave.queue_count, 0);
	assert_int_equal(broken.enclave.handled, 1);
	break_end(&broken);
	return was_cut;
}

static void nothing_is_lost_wherever_it_breaks(void **state)
{
	size_t cut = 1;
	(void)state;
	while (cut_once(cut))
		cut++;
	assert_true(cut > 250); /* a head and a mail */
}

/* The mail of a broken exchange is sent again: the enclave does not handle it again, and the reply
 * comes all the same. */
static void sending_again_is_harmless(void **state)
{
	struct broken broken;
	struct conclave_mail mail;
	(void)state;
	break_begin(&broken);
	broken.enclave.cut_after = 200;
	assert_int_equal(
		conclave_client_send(broken.client, &mail, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_ERROR_NETWORK);
	assert_int_equal(
		conclave_client_send(broken.client, &mail, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_ERROR_REFUSED);
	poll_everything(&broken);
	assert_int_equal(broken.arrived, 1);
	assert_int_equal(broken.enclave.handled, 1);
	break_end(&broken);
}

/* Acknowledged by itself, not with the next request; and once. */
static void acknowledging_by_itself(void **state)
{
	struct broken broken;
	struct conclave_mail mail;
	(void)state;
	break_begin(&broken);
	assert_int_equal(
		conclave_client_send(broken.client, &mail, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_OK);
	conclave_mail_free(&mail);
	assert_int_equal(broken.enclave.queue_count, 1);
	assert_int_equal(conclave_client_acknowledge(broken.client, NULL), CONCLAVE_OK);
	assert_int_equal(broken.enclave.queue_count, 0);
	break_end(&broken);
}

static void asynchronous_mail_is_answered_later(void **state)
{
	struct broken broken;
	struct conclave_mail mail;
	(void)state;
	break_begin(&broken);
	assert_int_equal(conclave_client_send_async(broken.client, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_OK);
	assert_int_equal(conclave_client_send_async(broken.client, "t", "trap", 4, NULL, 0, NULL),
		CONCLAVE_OK);
	assert_int_equal(conclave_client_poll(broken.client, &mail, NULL), CONCLAVE_OK);
	count_arrived(&broken, &mail);
	assert_int_equal(broken.arrived, 1);
	assert_int_equal(conclave_client_poll(broken.client, &mail, NULL), CONCLAVE_ERROR_REFUSED);
	poll_everything(&broken);
	assert_int_equal(broken.arrived, 1);
	/* The key changed: nobody tells, until a mail is waited for. */
	fake_enclave_restart(&broken.enclave);
	assert_int_equal(conclave_client_send_async(broken.client, "t", "echo x", 6, NULL, 0, NULL),
		CONCLAVE_ERROR_AUTH);
	break_end(&broken);
}

/* Ids come from the host and go back to it: nothing else may. */
static void only_numbers_are_acknowledged(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConclave-Reply: 1 2\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nConclave-Reply: abc\r\nContent-Length: 2\r\n\r\nok",
		("HTTP/1.1 200 OK\r\nConclave-Reply: 123456789012345678901\r\n"
		 "Content-Length: 2\r\n\r\nok")};
	char value[64];
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		assert_int_equal(post(f, AT_ONCE, answers[i]), CONCLAVE_OK);
		f->transport.taken(f->transport.context);
		unsigned so_far = f->script.requests;
		assert_int_equal(f->transport.acknowledge(f->transport.context, "AB", &f->report),
			CONCLAVE_OK);
		assert_int_equal(f->script.requests, so_far);
	}
	assert_int_equal(post(f, AT_ONCE,
				 "HTTP/1.1 200 OK\r\nConclave-Reply: 77\r\nContent-Length: "
				 "2\r\n\r\nok"),
		CONCLAVE_OK);
	/* Not before it was taken. */
	unsigned before = f->script.requests;
	assert_int_equal(
		f->transport.acknowledge(f->transport.context, "AB", &f->report), CONCLAVE_OK);
	assert_int_equal(f->script.requests, before);
	f->transport.taken(f->transport.context);
	f->script.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(
		f->transport.acknowledge(f->transport.context, "AB", &f->report), CONCLAVE_OK);
	assert_ptr_equal(strstr(f->script.head, "POST /acknowledge HTTP/1.1\r\n"), f->script.head);
	loopback_header(value, sizeof(value), f->script.head, "Conclave-Acknowledge");
	assert_string_equal(value, "77");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(requests_are_as_r3_makes_them),
		TEST(slow_answers_arrive_whole),
		TEST(broken_answers_are_network_errors),
		TEST(wrong_statuses_are_told),
		TEST(redirects_are_not_followed),
		TEST(error_codes_are_mapped),
		TEST(answers_are_limited),
		TEST(a_poll_cannot_be_refused),
		TEST(a_huge_error_is_not_parsed),
		TEST(silence_times_out),
		TEST(nobody_there),
		TEST(proxies_are_not_used_for_loopback),
		TEST(urls_are_checked),
		TEST(client_over_http),
		cmocka_unit_test(nothing_is_lost_wherever_it_breaks),
		cmocka_unit_test(sending_again_is_harmless),
		cmocka_unit_test(acknowledging_by_itself),
		cmocka_unit_test(asynchronous_mail_is_answered_later),
		TEST(only_numbers_are_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
