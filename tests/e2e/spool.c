/* Mail larger than the window through the real thing: `conclave serve` as a process, an enclave on
 * the soft machine that answers with the SHA-256 of what it was sent, and the client library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <conclave/client.h>

#include "base/check.h"
#include "base/hex.h"
#include "crypto/crypto.h"
#include "image/image.h"
#include "temp_folder.h"

#define MIB (1u << 20)

static char folder[64], data[128], constraint[128], url[64];
static pid_t host;
static struct conclave_report report;

static void ok(enum conclave_error error)
{
	if (error != CONCLAVE_OK)
		fail_msg("%s: %s", conclave_error_name(error), report.text);
}

/* -- the host -- */

static void host_start(void)
{
	char port_path[128], image[128], log[128], port[16] = "";
	(void)snprintf(port_path, sizeof(port_path), "%s/port", folder);
	(void)snprintf(image, sizeof(image), "%s/digest.enclave", folder);
	(void)snprintf(log, sizeof(log), "%s/log", folder);
	(void)unlink(port_path);
	char program[4096];
	(void)snprintf(program, sizeof(program), "%s/bin/conclave", getenv("CONCLAVE_BUILD"));
	char *const arguments[] = {program, (char[]){"serve"}, image, (char[]){"--listen"},
		(char[]){"127.0.0.1:0"}, (char[]){"--port-file"}, port_path, (char[]){"--data"},
		data, NULL};
	host = fork();
	assert_true(host >= 0);
	if (host == 0) {
		if (freopen(log, "a", stderr) == NULL || freopen("/dev/null", "w", stdout) == NULL)
			_exit(1);
		(void)execv(program, arguments);
		_exit(1);
	}
	const struct timespec moment = {0, 5000000};
	for (int i = 0; i < 12000 && port[0] == '\0'; i++) {
		FILE *file = fopen(port_path, "r");
		if (file != NULL) {
			if (fgets(port, sizeof(port), file) == NULL)
				port[0] = '\0';
			(void)fclose(file);
		}
		assert_int_equal(waitpid(host, NULL, WNOHANG), 0);
		(void)nanosleep(&moment, NULL);
	}
	port[strcspn(port, "\n")] = '\0';
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%s", port);
}

static void host_end(int signal)
{
	if (host <= 0)
		return;
	(void)kill(host, signal);
	(void)waitpid(host, NULL, 0);
	host = 0;
}

static int setup(void **state)
{
	char command[9000], path[128], hash[65];
	struct image image;
	(void)state;
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	temp_folder_make(folder);
	(void)setenv("HOME", folder, 1);
	(void)setenv("XDG_CONFIG_HOME", folder, 1);
	(void)setenv("XDG_STATE_HOME", folder, 1);
	(void)snprintf(path, sizeof(path), "%s/digest.enclave", folder);
	(void)snprintf(command, sizeof(command),
		"cp -R '%s/tests/guests/digest' '%s/' && '%s/bin/conclave' build '%s/digest' -o "
		"'%s' >/dev/null",
		getenv("CONCLAVE_SOURCE"), folder, getenv("CONCLAVE_BUILD"), folder, path);
	assert_int_equal(system(command), 0);
	ok(image_open(&image, path, &report));
	(void)snprintf(constraint, sizeof(constraint), "C:%s SEC:INSECURE",
		hex_encode(hash, BYTES_OF(image.sigstruct->enclavehash)));
	image_close(&image);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_end(SIGKILL);
	temp_folder_remove(folder);
	return 0;
}

/* -- bodies that are made while they are sent -- */

struct body {
	uint64_t seed, size, at;
	uint64_t kill_at; /* not 0: the host dies when so much has been read */
};

static void fill(uint8_t *to, size_t size, uint64_t seed, uint64_t at)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)((at + i + seed) * 2654435761u >> 13);
}

static enum conclave_error body_read(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *why)
{
	struct body *body = context;
	(void)why;
	uint64_t rest = body->size - body->at;
	*size = rest < room ? (size_t)rest : room;
	fill(to, *size, body->seed, body->at);
	body->at += *size;
	if (body->kill_at != 0 && body->at >= body->kill_at)
		host_end(SIGKILL);
	return CONCLAVE_OK;
}

/* What the enclave answers to it. */
static void answer_make(char answer[128], const struct body *body)
{
	static _Thread_local uint8_t piece[MIB];
	char hex[65];
	struct sha256_state state;
	struct sha256 digest;
	sha256_init(&state);
	for (uint64_t at = 0; at < body->size; at += sizeof(piece)) {
		uint64_t rest = body->size - at;
		size_t size = rest < sizeof(piece) ? (size_t)rest : sizeof(piece);
		fill(piece, size, body->seed, at);
		sha256_update(&state, bytes_of(piece, size));
	}
	sha256_final(&digest, &state);
	(void)snprintf(
		answer, 128, "%s %" PRIu64 "\n", hex_encode(hex, BYTES_OF(digest)), body->size);
}

static struct conclave_client *client_new(void)
{
	struct conclave_client *client;
	ok(conclave_client_new(&client, constraint, NULL, &report));
	ok(conclave_client_connect(client, url, &report));
	return client;
}

static enum conclave_error send_async(
	struct conclave_client *client, const char *topic, struct body *body)
{
	const struct conclave_source source = {.context = body, .read = body_read};
	body->at = 0;
	return conclave_client_send_stream_async(client, topic, &source, NULL, 0, &report);
}

/* The next reply, waited for; "" when `patience` looks found none. */
static void poll_reply(char text[128], struct conclave_client *client, int patience)
{
	const struct timespec moment = {0, 5000000};
	struct conclave_mail mail = {0};
	text[0] = '\0';
	while (mail.topic == NULL && patience-- > 0) {
		ok(conclave_client_poll(client, &mail, &report));
		if (mail.topic == NULL && patience > 0)
			(void)nanosleep(&moment, NULL);
	}
	if (mail.topic != NULL)
		(void)snprintf(text, 128, "%s", (const char *)mail.body);
	conclave_mail_free(&mail);
}

#define PATIENCE 6000

/* -- tests -- */

/* How much memory a process has used at its most. */
static size_t peak_kib(pid_t process)
{
	char path[64], line[256];
	size_t kib = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)process);
	FILE *status = fopen(path, "r");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	(void)fclose(status);
	return kib;
}

/* A mail of any size costs the host no more memory than one that just does not fit. */
static void test_memory_is_flat(void **state)
{
	const uint64_t sizes[] = {1 * MIB, 2 * MIB, 64 * MIB + 12345};
	size_t peaks[3];
	(void)state;
	(void)snprintf(data, sizeof(data), "%s/flat", folder);
	host_start();
	struct conclave_client *client = client_new();
	for (size_t i = 0; i < 3; i++) {
		struct body body = {.seed = i, .size = sizes[i]};
		const struct conclave_source source = {.context = &body, .read = body_read};
		struct conclave_mail reply;
		char answer[128];
		ok(conclave_client_send_stream(client, &reply, "large", &source, NULL, 0, &report));
		answer_make(answer, &body);
		assert_non_null(reply.topic);
		assert_string_equal((const char *)reply.body, answer);
		conclave_mail_free(&reply);
		peaks[i] = peak_kib(host);
		print_message("%" PRIu64 " bytes: host's peak %zu KiB\n", sizes[i], peaks[i]);
	}
	/* Sanitizers keep what is freed for a while. */
	assert_true(peaks[2] < peaks[1] + 8 * 1024);
	conclave_client_free(client);
	host_end(SIGTERM);
}

/* Large and small mail of one sender: handled in the order in which it was sent. */
static void *send_mixed(void *context)
{
	struct conclave_client *client = context;
	const uint64_t sizes[] = {3 * MIB, 10, 5 * MIB + 1, 1000, 2 * MIB, 0};
	struct body bodies[ARRAY_COUNT(sizes)];
	char answer[128], wanted[128];
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		bodies[i] = (struct body){.seed = (uintptr_t)client + i, .size = sizes[i]};
		if (send_async(client, "mixed", &bodies[i]) != CONCLAVE_OK)
			return NULL;
	}
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		poll_reply(answer, client, PATIENCE);
		answer_make(wanted, &bodies[i]);
		if (strcmp(answer, wanted) != 0)
			return NULL;
	}
	return context;
}

static void test_order_of_several_senders(void **state)
{
	pthread_t threads[3];
	struct conclave_client *clients[3];
	void *right;
	(void)state;
	(void)snprintf(data, sizeof(data), "%s/mixed", folder);
	host_start();
	for (size_t i = 0; i < 3; i++) {
		clients[i] = client_new();
		assert_int_equal(pthread_create(&threads[i], NULL, send_mixed, clients[i]), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		(void)pthread_join(threads[i], &right);
		assert_ptr_equal(right, clients[i]);
		conclave_client_free(clients[i]);
	}
	host_end(SIGTERM);
}

/* The host dies while the mail is sent (kill_at), or so long after it was kept. Its sender sends it
 * again if it does not know; in the end there is one answer, never two or none. */
static void killed_at(uint64_t kill_at, unsigned delay_ms)
{
	struct body body = {.seed = kill_at + delay_ms, .size = 6 * MIB + 77, .kill_at = kill_at};
	struct body barrier = {.seed = 1, .size = 1};
	struct conclave_mail reply = {0};
	char answer[128], wanted[128], seen[128], last[128];
	const struct timespec delay = {0, delay_ms * 1000000L};
	unsigned answers = 0;
	host_start();
	struct conclave_client *client = client_new();
	enum conclave_error kept = send_async(client, "kill", &body);
	if (host != 0)
		(void)nanosleep(&delay, NULL);
	host_end(SIGKILL);
	host_start();
	ok(conclave_client_connect(client, url, &report));
	answer_make(wanted, &body);
	body.kill_at = 0;
	body.at = 0;
	if (kept == CONCLAVE_OK) {
		poll_reply(answer, client, PATIENCE);
		assert_string_equal(answer, wanted);
		answers++;
	} else {
		const struct conclave_source again = {.context = &body, .read = body_read};
		enum conclave_error error = conclave_client_send_stream(
			client, &reply, "kill", &again, NULL, 0, &report);
		assert_true(error == CONCLAVE_OK || error == CONCLAVE_ERROR_REFUSED);
		if (error == CONCLAVE_OK) {
			assert_string_equal((const char *)reply.body, wanted);
			conclave_mail_free(&reply);
			answers++;
		}
	}
	/* What follows is handled after all that came before. */
	answer_make(last, &barrier);
	ok(send_async(client, "kill", &barrier));
	for (poll_reply(seen, client, PATIENCE); strcmp(seen, last) != 0;
		poll_reply(seen, client, PATIENCE)) {
		assert_string_equal(seen, wanted);
		answers++;
	}
	poll_reply(seen, client, 1);
	assert_string_equal(seen, "");
	assert_int_equal(answers, 1);
	conclave_client_free(client);
	host_end(SIGTERM);
}

static void test_killed(void **state)
{
	const unsigned delays_ms[] = {0, 8, 30, 150};
	(void)state;
	(void)snprintf(data, sizeof(data), "%s/killed", folder);
	killed_at(3 * MIB, 0);
	killed_at(6 * MIB + 77, 0);
	for (size_t i = 0; i < ARRAY_COUNT(delays_ms); i++)
		killed_at(0, delays_ms[i]);
}

/* Stopping does not wait for a mail that takes long; it is handled when the host is back. */
static void test_stopped_in_the_middle(void **state)
{
	struct body body = {.seed = 9, .size = 48 * MIB};
	char answer[128], wanted[128];
	struct timespec begin, end;
	(void)state;
	(void)snprintf(data, sizeof(data), "%s/stopped", folder);
	host_start();
	struct conclave_client *client = client_new();
	ok(send_async(client, "stop", &body));
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	host_end(SIGTERM);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 5);
	host_start();
	ok(conclave_client_connect(client, url, &report));
	answer_make(wanted, &body);
	poll_reply(answer, client, PATIENCE);
	assert_string_equal(answer, wanted);
	conclave_client_free(client);
	host_end(SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_flat),
		cmocka_unit_test(test_order_of_several_senders),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_stopped_in_the_middle),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
