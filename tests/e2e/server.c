/* The HTTP front over loopback sockets, with a scripted enclave behind it. */

#include "attest/instance_info.h"
#include "served.h"

/* -- R3's shapes -- */

static void test_attestation(void **state)
{
	struct served served;
	struct instance_info info;
	(void)state;
	served_open(&served);
	http_get(&reply, served.port, "/attestation");
	assert_int_equal(reply.status, 200);
	assert_true(head_has("Content-Type: application/octet-stream\r\n"));
	assert_true(head_has("Cache-Control: no-store,no-cache,must-revalidate\r\n"));
	assert_int_equal(instance_info_read(&info, bytes_of(reply.body, reply.size)), CONCLAVE_OK);
	assert_int_equal(info.type, INSTANCE_INFO_MOCK);
	served_close(&served);
}

/* Made for whoever asks, and for nobody else. That the enclave binds the nonce is e2e/fresh.sh's.
 */
static void test_fresh_attestation(void **state)
{
	static const char *const wrong[] = {"", "00", "zz",
		"00000000000000000000000000000000000000000000000000000000000000001"};
	struct served served;
	struct instance_info info;
	char path[256] = "/attestation?nonce=";
	(void)state;
	served_open(&served);
	for (int i = 0; i < 64; i++)
		strcat(path, i % 2 == 0 ? "4" : "B");
	http_get(&reply, served.port, path);
	assert_int_equal(reply.status, 200);
	assert_int_equal(instance_info_read(&info, bytes_of(reply.body, reply.size)), CONCLAVE_OK);
	assert_int_equal(info.nonce.len, INSTANCE_INFO_NONCE_SIZE);
	for (size_t i = 0; i < info.nonce.len; i++)
		assert_int_equal(info.nonce.ptr[i], 0x4b);
	http_get(&reply, served.port, "/attestation");
	assert_int_equal(instance_info_read(&info, bytes_of(reply.body, reply.size)), CONCLAVE_OK);
	assert_int_equal(info.nonce.len, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(path, sizeof(path), "/attestation?nonce=%s", wrong[i]);
		http_get(&reply, served.port, path);
		assert_int_equal(reply.status, 400);
		assert_non_null(strstr(reply.body, "nonce is 64 hexadecimal digits"));
	}
	served_close(&served);
}

static void test_deliver_and_reply(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	assert_int_equal(deliver(&served, "alice", "echo hello"), 200);
	assert_string_equal(reply.body, "hello");
	assert_true(head_has("Content-Type: application/octet-stream\r\n"));
	assert_true(head_has("Cache-Control: no-store,no-cache,must-revalidate\r\n"));
	assert_int_equal(deliver(&served, "alice", "keep quiet"), 200);
	assert_int_equal(reply.size, 0);
	poll_until_empty(&served, "alice");
	served_close(&served);
}

/* The first reply comes back at once; the second waits for a poll of that Correlation-ID. */
static void test_second_reply_is_polled(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	assert_int_equal(deliver(&served, "alice", "twice x"), 200);
	assert_string_equal(reply.body, "x");
	assert_int_equal(poll_mail(&served, "bob"), 200);
	assert_int_equal(reply.size, 0);
	assert_int_equal(poll_mail(&served, "alice"), 200);
	assert_string_equal(reply.body, "x");
	poll_until_empty(&served, "alice");
	served_close(&served);
}

/* Asking with a route nobody has used leaves no trace in the store. */
static void test_poll_makes_nothing(void **state)
{
	struct served served;
	uint64_t number;
	(void)state;
	served_open(&served);
	assert_int_equal(poll_mail(&served, "nobody"), 200);
	assert_int_equal(served.hosted.store->ops->route(
				 &number, served.hosted.store, BYTES_LIT("nobody"), false),
		CONCLAVE_ERROR_NOT_FOUND);
	served_close(&served);
}

static void expect_error(unsigned status, const char *body)
{
	assert_int_equal(reply.status, status);
	assert_string_equal(reply.body, body);
	assert_true(head_has("Content-Type: application/json\r\n"));
}

static void test_refusals(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	(void)deliver(&served, "alice", "unreadable");
	expect_error(400, "{\"error\":\"MAIL_DECRYPTION\",\"message\":null}");
	(void)deliver(&served, "alice", "");
	expect_error(400, "{\"error\":\"MAIL_DECRYPTION\",\"message\":null}");
	(void)deliver(&served, "alice", "decline");
	expect_error(400, "{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":null}");
	poll_until_empty(&served, "alice"); /* R3's client never sees the sealed refusal */
	(void)deliver(&served, "alice", "fault");
	expect_error(400, "{\"error\":\"ENCLAVE_EXCEPTION\",\"message\":null}");
	served_close(&served);
}

/* Our own clients can read why. */
static void test_sealed_refusal(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	http_post(&reply, served.port, "/deliver-mail", "alice", "Conclave-Version: 1\r\n",
		BYTES_LIT("decline"));
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "refusal");
	http_post(&reply, served.port, "/deliver-mail", "alice", "Conclave-Version: 2\r\n",
		BYTES_LIT("decline"));
	assert_int_equal(reply.status, 400);
	poll_until_empty(&served, "alice");
	served_close(&served);
}

/* -- wrong requests -- */

static void test_wrong_requests(void **state)
{
	struct served served;
	char route[300];
	(void)state;
	served_open(&served);
	assert_int_equal(deliver(&served, NULL, "echo x"), 400);
	assert_non_null(strstr(reply.body, "Correlation-ID"));
	assert_int_equal(poll_mail(&served, NULL), 400);
	memset(route, 'r', sizeof(route));
	route[257] = '\0';
	assert_int_equal(deliver(&served, route, "echo x"), 400);
	route[256] = '\0';
	assert_int_equal(deliver(&served, route, "echo x"), 200);
	assert_string_equal(reply.body, "x");
	http_get(&reply, served.port, "/deliver-mail");
	assert_int_equal(reply.status, 405);
	assert_true(head_has("Allow: POST\r\n"));
	http_post(&reply, served.port, "/attestation", "a", "", BYTES_LIT("x"));
	assert_int_equal(reply.status, 405);
	assert_true(head_has("Allow: GET\r\n"));
	http_get(&reply, served.port, "/");
	assert_int_equal(reply.status, 404);
	http_get(&reply, served.port, "/attestation/../health");
	assert_int_equal(reply.status, 404);
	assert_int_equal(deliver(&served, "a", "echo still here"), 200);
	served_close(&served);
}

static void test_oversize(void **state)
{
	struct served served;
	static uint8_t body[2 * FAKE_WINDOW];
	const size_t limit = sizeof(body) - 1;
	struct host_facts facts;
	(void)state;
	served = (struct served){0};
	hosted_open(&served.hosted, (struct host_options){.stream_size_max = limit});
	served_listen(&served, (struct server_options){0});
	host_facts(&facts, served.hosted.host);
	assert_true(facts.mail_size_max < limit);
	memset(body, ' ', sizeof(body));
	memcpy(body, "keep", 4);
	const size_t fine[] = {facts.mail_size_max, facts.mail_size_max + 1, limit};
	for (size_t i = 0; i < ARRAY_COUNT(fine); i++) {
		http_post(&reply, served.port, "/deliver-mail", "a", "", bytes_of(body, fine[i]));
		assert_int_equal(reply.status, 200);
	}
	http_post(&reply, served.port, "/deliver-mail", "a", "", bytes_of(body, limit + 1));
	assert_int_equal(reply.status, 413);
	/* A size that is not declared is found out. */
	int fd = http_connect(served.port);
	char chunk[64];
	(void)http_text(fd, "POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
			    "Transfer-Encoding: chunked\r\n\r\n");
	(void)snprintf(chunk, sizeof(chunk), "%zx\r\n", limit + 1);
	(void)http_text(fd, chunk);
	(void)http_write(fd, body, limit + 1);
	(void)http_text(fd, "\r\n0\r\n\r\n");
	http_read(&reply, fd);
	(void)close(fd);
	assert_int_equal(reply.status, 413);
	/* One that never ends is cut off. */
	fd = http_connect(served.port);
	(void)http_text(fd, "POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
			    "Transfer-Encoding: chunked\r\n\r\n");
	bool is_open = true;
	for (int i = 0; i < 1000 && is_open; i++)
		is_open = http_text(fd, "10000\r\n") && http_write(fd, body, 0x10000) &&
			  http_text(fd, "\r\n");
	assert_false(is_open);
	(void)close(fd);
	assert_int_equal(hosted_pending(&served.hosted), 0);
	served_until_spool_is(&served, 0);
	served_close(&served);
}

/* Whatever comes, the server stays and holds nothing. */
static void test_garbage(void **state)
{
	static const char *const garbage[] = {
		"",
		"\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
		"Content-Length: -1\r\n\r\nx",
		"POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
		"Content-Length: 99999999999999999999999\r\n\r\nx",
		"POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
		"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
		"Content-Length: 10\r\n\r\nshort",
	};
	static const char filler[1024] = {'x'};
	struct served served;
	(void)state;
	/* Half-closed connections stay until the idle limit: MHD waits for more. */
	served_open_with(&served, (struct server_options){.idle_s = 1});
	for (size_t i = 0; i < ARRAY_COUNT(garbage); i++) {
		int fd = http_connect(served.port);
		(void)http_text(fd, garbage[i]);
		(void)shutdown(fd, SHUT_WR);
		http_read(&reply, fd);
		assert_int_not_equal(reply.status, 200);
		(void)close(fd);
	}
	int fd = http_connect(served.port);
	(void)http_text(fd, "GET /health HTTP/1.1\r\nHost: x\r\nX: ");
	for (int i = 0; i < 200 && http_write(fd, filler, sizeof(filler)); i++)
		;
	(void)close(fd);
	assert_int_equal(deliver(&served, "a", "echo fine"), 200);
	assert_string_equal(reply.body, "fine");
	assert_int_equal(hosted_pending(&served.hosted), 0);
	served_close(&served);
}

/* -- many at once -- */

/* Clients that send a byte of their request and then nothing cost a connection each, and no one
 * else a moment. */
static void test_slow_clients_hold_up_nobody(void **state)
{
	struct served served;
	int slow[50];
	(void)state;
	served_open(&served);
	for (size_t i = 0; i < 25; i++) {
		slow[i] = http_connect(served.port);
		assert_true(http_text(slow[i], "POST /deliver-mail HT"));
	}
	for (size_t i = 25; i < 50; i++) {
		slow[i] = http_connect(served.port);
		assert_true(http_post_head(slow[i], "/deliver-mail", "slow", "", 9));
		assert_true(http_text(slow[i], "ec"));
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(deliver(&served, "fast", "echo quick"), 200);
		assert_string_equal(reply.body, "quick");
	}
	/* They are served as soon as they make up their minds. */
	assert_true(http_text(slow[25], "ho last"));
	http_read(&reply, slow[25]);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "last");
	for (size_t i = 0; i < 50; i++)
		(void)close(slow[i]);
	served_close(&served);
}

/* A mail that waits for its turn suspends its own connection only. */
static void test_waiting_mail_holds_up_nobody(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	int waiting = http_connect(served.port);
	assert_true(http_post_head(waiting, "/deliver-mail", "slow", "", 10));
	assert_true(http_text(waiting, "gate later"));
	(void)sem_wait(&served.hosted.fake.at_gate);
	http_get(&reply, served.port, "/attestation");
	assert_int_equal(reply.status, 200);
	assert_int_equal(poll_mail(&served, "fast"), 200);
	(void)sem_post(&served.hosted.fake.gate);
	http_read(&reply, waiting);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "later");
	(void)close(waiting);
	served_close(&served);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct http_reply *mine = malloc(sizeof(*mine));
	char route[32], text[64];
	(void)snprintf(route, sizeof(route), "worker-%u", worker->number);
	int fd = http_connect(worker->served->port);
	for (unsigned i = 0; i < 50; i++) {
		int size = snprintf(text, sizeof(text), "echo %u of %s", i, route);
		(void)http_post_head(fd, "/deliver-mail", route, "", (size_t)size);
		(void)http_text(fd, text);
		http_read(mine, fd);
		worker->right += mine->status == 200 && strcmp(mine->body, text + 5) == 0;
	}
	(void)close(fd);
	free(mine);
	return NULL;
}

/* Kept-alive connections side by side: to each its own replies. */
static void test_concurrent_clients(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	served_by_four(&served, work, 50);
	served_close(&served);
}

static void test_connection_limit(void **state)
{
	struct served served;
	int fds[8];
	(void)state;
	served_open_with(&served, (struct server_options){.connections_per_ip = 4});
	unsigned served_count = 0;
	for (size_t i = 0; i < 8; i++) {
		fds[i] = http_connect(served.port);
		(void)http_text(fds[i], "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
		http_read(&reply, fds[i]);
		served_count += reply.status == 200;
	}
	assert_int_equal(served_count, 4);
	for (size_t i = 0; i < 8; i++)
		(void)close(fds[i]);
	served_close(&served);
}

static void test_silent_connections_end(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.idle_s = 1});
	int fd = http_connect(served.port);
	assert_true(http_post_head(fd, "/deliver-mail", "slow", "", 9));
	http_read(&reply, fd); /* returns when the server hangs up, or after 30 s */
	assert_int_not_equal(reply.status, 200);
	(void)close(fd);
	served_close(&served);
}

/* -- a client that goes away -- */

/* Nobody was there to take the reply: it stays for a poll. */
static void test_reply_of_a_gone_client_stays(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	int gone = http_connect(served.port);
	struct linger reset = {1, 0};
	assert_true(http_post_head(gone, "/deliver-mail", "alice", "", 9));
	assert_true(http_text(gone, "gate kept"));
	(void)sem_wait(&served.hosted.fake.at_gate);
	(void)setsockopt(gone, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(gone);
	(void)sem_post(&served.hosted.fake.gate);
	reply.size = 0;
	for (int i = 0; i < 20000 && reply.size == 0; i++)
		assert_int_equal(poll_mail(&served, "alice"), 200);
	assert_string_equal(reply.body, "kept");
	poll_until_empty(&served, "alice");
	served_close(&served);
}

/* -- replies that are acknowledged -- */

#define VERSION_1 "Conclave-Version: 1\r\n"

static unsigned poll_version_1(struct served *served, const char *route, const char *extra)
{
	char headers[256];
	(void)snprintf(headers, sizeof(headers), VERSION_1 "%s", extra);
	http_post(&reply, served->port, "/poll-mail", route, headers, bytes_of("", 0));
	return reply.status;
}

/* "Conclave-Acknowledge: N" for the reply that came last. */
static const char *acknowledgement(void)
{
	static char line[64];
	const char *id = strcasestr(reply.head, "Conclave-Reply: ");
	assert_non_null(id);
	(void)snprintf(
		line, sizeof(line), "Conclave-Acknowledge: %llu\r\n", strtoull(id + 16, NULL, 10));
	return line;
}

/* Takes so many bytes of the next reply, and is gone. */
static void poll_and_vanish(struct served *served, const char *route, size_t count)
{
	struct linger reset = {1, 0};
	char taken;
	int fd = http_connect(served->port);
	assert_true(http_post_head(fd, "/poll-mail", route, VERSION_1, 0));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(recv(fd, &taken, 1, 0), 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(fd);
}

/* The next poll may come before the server has seen that the last client left; that one gets what
 * comes after the reply on its way. */
static void poll_until(struct served *served, const char *route, const char *body)
{
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(poll_version_1(served, route, ""), 200);
		if (strcmp(reply.body, body) == 0)
			return;
	}
	fail_msg("\"%s\" does not come again", body);
}

/* However much of it a client has seen, a reply stays until the client says that it has it. */
static void test_reply_comes_until_acknowledged(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	http_post(
		&reply, served.port, "/deliver-mail", "alice", VERSION_1, BYTES_LIT("twice kept"));
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "kept");
	size_t whole = strlen(reply.head) + reply.size;
	poll_until(&served, "alice", "kept");
	const size_t cuts[] = {0, 1, whole / 2, whole - 1, whole};
	for (size_t i = 0; i < ARRAY_COUNT(cuts); i++) {
		poll_and_vanish(&served, "alice", cuts[i]);
		poll_until(&served, "alice", "kept");
	}
	/* The second one is another. */
	char first[64];
	(void)snprintf(first, sizeof(first), "%s", acknowledgement());
	assert_int_equal(poll_version_1(&served, "alice", first), 200);
	assert_string_equal(reply.body, "kept");
	assert_string_not_equal(acknowledgement(), first);
	/* What is gone may be acknowledged again. */
	assert_int_equal(poll_version_1(&served, "alice", first), 200);
	http_post(&reply, served.port, "/acknowledge", "alice", acknowledgement(), BYTES_LIT(""));
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.size, 0);
	assert_int_equal(poll_version_1(&served, "alice", ""), 200);
	assert_int_equal(reply.size, 0);
	served_close(&served);
}

static void test_only_its_receiver_acknowledges(void **state)
{
	static const char *const wrong[] = {"Conclave-Acknowledge: \r\n",
		"Conclave-Acknowledge: -1\r\n", "Conclave-Acknowledge: 1 \x01\r\n",
		"Conclave-Acknowledge: 99999999999999999999999\r\n"};
	struct served served;
	(void)state;
	served_open(&served);
	assert_int_equal(deliver(&served, "mallory", "echo mine"), 200);
	http_post(&reply, served.port, "/deliver-mail", "alice", VERSION_1, BYTES_LIT("echo hers"));
	const char *hers = acknowledgement();
	http_post(&reply, served.port, "/acknowledge", "mallory", hers, BYTES_LIT(""));
	assert_int_equal(reply.status, 200);
	http_post(&reply, served.port, "/acknowledge", "nobody", hers, BYTES_LIT(""));
	assert_int_equal(reply.status, 200);
	http_post(&reply, served.port, "/acknowledge", NULL, hers, BYTES_LIT(""));
	assert_int_equal(reply.status, 400);
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(poll_version_1(&served, "alice", wrong[i]), 400);
	assert_int_equal(
		poll_version_1(&served, "alice", "Conclave-Acknowledge: 18446744073709551615\r\n"),
		200);
	assert_string_equal(reply.body, "hers");
	/* R3's clients do not know of it: what was sent to them is gone. */
	assert_int_equal(poll_mail(&served, "alice"), 200);
	assert_string_equal(reply.body, "hers");
	assert_false(head_has("Conclave-Reply"));
	poll_until_empty(&served, "alice");
	served_close(&served);
}

static void test_nobody_waits_for_an_asynchronous_mail(void **state)
{
	static const char prefer[] = VERSION_1 "Prefer: respond-async\r\n";
	struct served served;
	(void)state;
	served_open(&served);
	http_post(&reply, served.port, "/deliver-mail", "alice", prefer, BYTES_LIT("gate later"));
	assert_int_equal(reply.status, 202);
	assert_int_equal(reply.size, 0);
	assert_true(head_has("Preference-Applied: respond-async\r\n"));
	/* It was taken while the enclave has not even begun with it, or stands in it. */
	assert_int_equal(poll_version_1(&served, "alice", ""), 200);
	assert_int_equal(reply.size, 0);
	(void)sem_wait(&served.hosted.fake.at_gate);
	(void)sem_post(&served.hosted.fake.gate);
	poll_until(&served, "alice", "later");
	/* What cannot be kept is said at once. */
	http_post(&reply, served.port, "/deliver-mail", "alice", prefer, BYTES_LIT(""));
	assert_int_equal(reply.status, 400);
	served_close(&served);
}

/* -- the end -- */

static void test_down(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	http_get(&reply, served.port, "/health");
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body, "\"up\":true"));
	served.hosted.fake.starts_to_fail = 1;
	assert_int_equal(deliver(&served, "a", "fault"), 503);
	assert_int_equal(deliver(&served, "a", "echo x"), 503);
	http_get(&reply, served.port, "/health");
	assert_int_equal(reply.status, 503);
	served_close(&served);
}

static void *close_server(void *context)
{
	struct served *served = context;
	server_close(served->server);
	return NULL;
}

/* Who waits when the server closes gets the reply, if its turn ends in time. */
static void test_close_finishes_turns(void **state)
{
	struct served served;
	pthread_t closer;
	(void)state;
	served_open(&served);
	int waiting = http_connect(served.port);
	assert_true(http_post_head(waiting, "/deliver-mail", "a", "", 9));
	assert_true(http_text(waiting, "gate last"));
	(void)sem_wait(&served.hosted.fake.at_gate);
	assert_int_equal(pthread_create(&closer, NULL, close_server, &served), 0);
	(void)sem_post(&served.hosted.fake.gate);
	http_read(&reply, waiting);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "last");
	(void)close(waiting);
	(void)pthread_join(closer, NULL);
	hosted_close(&served.hosted);
}

/* If not, 503; and the mail is not lost. */
static void test_close_gives_up(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.close_ms = 50});
	int waiting = http_connect(served.port);
	assert_true(http_post_head(waiting, "/deliver-mail", "a", "", 9));
	assert_true(http_text(waiting, "gate last"));
	(void)sem_wait(&served.hosted.fake.at_gate);
	server_close(served.server);
	http_read(&reply, waiting);
	assert_int_equal(reply.status, 503);
	(void)close(waiting);
	assert_int_equal(hosted_pending(&served.hosted), 1);
	(void)sem_post(&served.hosted.fake.gate);
	host_close(served.hosted.host);
	assert_string_equal(hosted_take(&served.hosted, "a"), "last");
	served.hosted.store->ops->close(served.hosted.store);
}

static void test_listen_address(void **state)
{
	static const char *const wrong[] = {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
		"127.0.0.1:65536", "127.0.0.1:-1", "localhost:80", "::1:80", "[::1]", "[]:80"};
	struct hosted hosted;
	struct server *server;
	struct conclave_report report;
	(void)state;
	hosted_open(&hosted, (struct host_options){0});
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct server_options options = {.listen = wrong[i]};
		assert_int_equal(server_open(&server, hosted.host, hosted.store, &options, &report),
			CONCLAVE_ERROR_ARGUMENT);
		assert_non_null(strstr(report.text, "write it as"));
	}
	struct server *second;
	struct server_options any = {.listen = "127.0.0.1:0"};
	assert_int_equal(server_open(&server, hosted.host, hosted.store, &any, NULL), CONCLAVE_OK);
	char taken[32];
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", server_port(server));
	struct server_options same = {.listen = taken};
	assert_int_equal(server_open(&second, hosted.host, hosted.store, &same, &report),
		CONCLAVE_ERROR_NETWORK);
	assert_non_null(strstr(report.text, taken));
	server_close(server);
	hosted_close(&hosted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attestation),
		cmocka_unit_test(test_fresh_attestation),
		cmocka_unit_test(test_deliver_and_reply),
		cmocka_unit_test(test_second_reply_is_polled),
		cmocka_unit_test(test_poll_makes_nothing),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_sealed_refusal),
		cmocka_unit_test(test_wrong_requests),
		cmocka_unit_test(test_oversize),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_slow_clients_hold_up_nobody),
		cmocka_unit_test(test_waiting_mail_holds_up_nobody),
		cmocka_unit_test(test_concurrent_clients),
		cmocka_unit_test(test_connection_limit),
		cmocka_unit_test(test_silent_connections_end),
		cmocka_unit_test(test_reply_of_a_gone_client_stays),
		cmocka_unit_test(test_reply_comes_until_acknowledged),
		cmocka_unit_test(test_only_its_receiver_acknowledges),
		cmocka_unit_test(test_nobody_waits_for_an_asynchronous_mail),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_close_finishes_turns),
		cmocka_unit_test(test_close_gives_up),
		cmocka_unit_test(test_listen_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
