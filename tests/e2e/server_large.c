/* Bodies that are larger than an enclave's window, over loopback sockets: spooled as they arrive,
 * bounded, and gone when they are not wanted. */
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "served.h"
#include "temp_folder.h"

#define LARGE (10 * FAKE_WINDOW + 123u)

static uint8_t body[LARGE];

/* A mail with these first words; what its "sum" answers. */
static const char *body_make(const char *line)
{
	static char answer[64];
	hosted_pattern(body, sizeof(body), 0);
	memcpy(body, line, strlen(line));
	body[strlen(line)] = '\n';
	(void)snprintf(answer, sizeof(answer), "%u %016llx", LARGE,
		(unsigned long long)fake_sum(0, BYTES_OF(body)));
	return answer;
}

static void post_large(struct served *served, const char *route, const char *extra)
{
	http_post(&reply, served->port, "/deliver-mail", route, extra, BYTES_OF(body));
}

static const char CHUNKED[] = "POST /deliver-mail HTTP/1.1\r\nHost: x\r\nCorrelation-ID: a\r\n"
			      "Transfer-Encoding: chunked\r\n\r\n";

static bool send_chunk(int fd, const uint8_t *from, size_t size)
{
	char head[32];
	(void)snprintf(head, sizeof(head), "%zx\r\n", size);
	return http_text(fd, head) && http_write(fd, from, size) && http_text(fd, "\r\n");
}

static void expect_empty(struct served *served)
{
	served_until_spool_is(served, 0);
	assert_int_equal(hosted_pending(&served->hosted), 0);
}

/* -- what works -- */

static void test_declared_and_chunked(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	const char *answer = body_make("sum");
	post_large(&served, "a", "");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, answer);
	/* In chunks of odd sizes, the first of which would fit memory; and then again on the same
	 * connection, small. */
	int fd = http_connect(served.port);
	(void)http_text(fd, CHUNKED);
	for (size_t at = 0, step = 1; at < LARGE; at += step, step = step * 3 + 1)
		assert_true(send_chunk(fd, body + at, LARGE - at < step ? LARGE - at : step));
	(void)http_text(fd, "0\r\n\r\n");
	http_read(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, answer);
	(void)http_post_head(fd, "/deliver-mail", "a", "", 10);
	(void)http_text(fd, "echo small");
	http_read(&reply, fd);
	assert_string_equal(reply.body, "small");
	(void)close(fd);
	expect_empty(&served);
	served_close(&served);
}

static void test_outcomes(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	(void)body_make("unreadable");
	post_large(&served, "a", "");
	assert_int_equal(reply.status, 400);
	assert_non_null(strstr(reply.body, "MAIL_DECRYPTION"));
	(void)body_make("decline");
	post_large(&served, "a", "Conclave-Version: 1\r\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "refusal");
	(void)body_make("fault");
	post_large(&served, "a", "");
	assert_int_equal(reply.status, 400);
	assert_non_null(strstr(reply.body, "ENCLAVE_EXCEPTION"));
	expect_empty(&served);
	served_close(&served);
}

static void test_asynchronous(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	const char *answer = body_make("sum");
	post_large(&served, "a", "Prefer: respond-async\r\n");
	assert_int_equal(reply.status, 202);
	served_until_spool_is(&served, 0);
	assert_int_equal(poll_mail(&served, "a"), 200);
	assert_string_equal(reply.body, answer);
	served_close(&served);
}

/* The status line that a client sees before it has sent any of its body. */
static unsigned ask_first(int fd, const char *route, uint64_t size)
{
	char line[64] = "";
	(void)http_post_head(fd, "/deliver-mail", route, "Expect: 100-continue\r\n", size);
	for (size_t at = 0; at < sizeof(line) - 1 && strstr(line, "\r\n\r\n") == NULL; at++)
		if (recv(fd, line + at, 1, 0) != 1)
			break;
	return (unsigned)strtoul(line + strlen("HTTP/1.1 "), NULL, 10);
}

static void test_who_asks_first_is_told(void **state)
{
	struct served served;
	(void)state;
	served = (struct served){0};
	hosted_open(&served.hosted, (struct host_options){.stream_size_max = 2 * LARGE});
	served_listen(&served, (struct server_options){.spool_size_max = LARGE + LARGE / 2});
	const char *answer = body_make("sum");
	int fd = http_connect(served.port);
	assert_int_equal(ask_first(fd, "a", LARGE), 100);
	assert_true(http_write(fd, body, LARGE));
	http_read(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, answer);
	(void)close(fd);
	const struct {
		const char *route;
		uint64_t size;
		unsigned status;
	} refused[] = {
		{"a", 2 * LARGE + 1, 413}, {"a", 2 * LARGE, 503}, {"", LARGE, 400}, {"", 3, 400}};
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		fd = http_connect(served.port);
		assert_int_equal(
			ask_first(fd, refused[i].route, refused[i].size), refused[i].status);
		(void)close(fd);
	}
	served.hosted.fake.starts_to_fail = 1;
	assert_int_equal(deliver(&served, "a", "fault"), 503);
	fd = http_connect(served.port);
	assert_int_equal(ask_first(fd, "a", LARGE), 503);
	(void)close(fd);
	served_close(&served);
}

/* Its turn takes longer than a connection may be silent. */
static void test_waiting_is_not_silence(void **state)
{
	struct served served;
	const struct timespec longer = {1, 600000000};
	(void)state;
	served_open_with(&served, (struct server_options){.idle_s = 1, .headers_s = 1});
	served.hosted.fake.gate_at_piece = 3;
	const char *answer = body_make("sum");
	int fd = http_connect(served.port);
	(void)http_post_head(fd, "/deliver-mail", "a", "", LARGE);
	assert_true(http_write(fd, body, LARGE));
	(void)sem_wait(&served.hosted.fake.at_gate);
	(void)nanosleep(&longer, NULL); /* the time itself is what is tested */
	(void)sem_post(&served.hosted.fake.gate);
	http_read(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, answer);
	(void)close(fd);
	served_close(&served);
}

/* Large and small in turns, on one connection: each answer is its own mail's. */
static void *work(void *context)
{
	struct worker *worker = context;
	struct http_reply *mine = malloc(sizeof(*mine));
	uint8_t *mail = malloc(LARGE);
	char route[32], line[64], answer[64];
	(void)snprintf(route, sizeof(route), "worker-%u", worker->number);
	int fd = http_connect(worker->served->port);
	for (unsigned i = 0; i < 4; i++) {
		hosted_pattern(mail, LARGE, worker->number * 1000 + i);
		memcpy(mail, "sum\n", 4);
		(void)snprintf(answer, sizeof(answer), "%u %016llx", LARGE,
			(unsigned long long)fake_sum(0, bytes_of(mail, LARGE)));
		(void)http_post_head(fd, "/deliver-mail", route, "", LARGE);
		(void)http_write(fd, mail, LARGE);
		http_read(mine, fd);
		worker->right += mine->status == 200 && strcmp(mine->body, answer) == 0;
		int size = snprintf(line, sizeof(line), "echo %u of %s", i, route);
		(void)http_post_head(fd, "/deliver-mail", route, "", (size_t)size);
		(void)http_text(fd, line);
		http_read(mine, fd);
		worker->right += mine->status == 200 && strcmp(mine->body, line + 5) == 0;
	}
	(void)close(fd);
	free(mail);
	free(mine);
	return NULL;
}

static void test_several_at_once(void **state)
{
	struct served served;
	(void)state;
	served_open(&served);
	served_by_four(&served, work, 8);
	expect_empty(&served);
	served_close(&served);
}

/* -- what is refused, and what breaks off -- */

/* All spooled mail together: who comes too late is told to come again, and what waits stays. */
static void test_spool_is_bounded(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.spool_size_max = LARGE + LARGE / 2});
	(void)body_make("gate first");
	int first = http_connect(served.port);
	(void)http_post_head(first, "/deliver-mail", "a", "", LARGE);
	assert_true(http_write(first, body, LARGE));
	(void)sem_wait(&served.hosted.fake.at_gate);
	post_large(&served, "b", "");
	assert_int_equal(reply.status, 503);
	assert_non_null(strstr(reply.body, "BUSY"));
	assert_true(head_has("Retry-After: 1\r\n"));
	/* Found out when it was not declared. */
	int fd = http_connect(served.port);
	(void)http_text(fd, CHUNKED);
	assert_true(send_chunk(fd, body, LARGE / 2 + 1));
	(void)http_text(fd, "0\r\n\r\n");
	http_read(&reply, fd);
	assert_int_equal(reply.status, 503);
	(void)close(fd);
	served_until_spool_is(&served, LARGE);
	(void)sem_post(&served.hosted.fake.gate);
	http_read(&reply, first);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "first");
	(void)close(first);
	(void)body_make("sum");
	post_large(&served, "b", "");
	assert_int_equal(reply.status, 200);
	expect_empty(&served);
	served_close(&served);
}

static void test_broken_off(void **state)
{
	struct served served;
	struct linger reset = {1, 0};
	(void)state;
	served_open(&served);
	for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
		int fd = http_connect(served.port);
		if (is_chunked)
			(void)(http_text(fd, CHUNKED) && send_chunk(fd, body, LARGE / 2));
		else
			(void)(http_post_head(fd, "/deliver-mail", "a", "", LARGE) &&
				http_write(fd, body, LARGE / 2));
		served_until_spool_is(&served, LARGE / 2);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		(void)close(fd);
		expect_empty(&served);
	}
	/* And when it is the server that goes. */
	int fd = http_connect(served.port);
	(void)http_post_head(fd, "/deliver-mail", "a", "", LARGE);
	(void)http_write(fd, body, LARGE / 2);
	served_until_spool_is(&served, LARGE / 2);
	server_close(served.server);
	assert_int_equal(served.hosted.store->ops->spool_size(served.hosted.store), 0);
	(void)close(fd);
	hosted_close(&served.hosted);
}

static char logged[4096];

static void on_log(void *context, const char *line)
{
	(void)context;
	if (strlen(logged) + strlen(line) + 2 < sizeof(logged)) {
		(void)strcat(logged, line);
		(void)strcat(logged, "\n");
	}
}

/* The file may not grow: 500, the reason in the log, nothing left, and others are served. */
static void test_full_disk(void **state)
{
	struct served served = {0};
	struct rlimit limit, small;
	char folder[64], path[128];
	(void)state;
	temp_folder_make(folder);
	(void)snprintf(path, sizeof(path), "%s/mail.sqlite", folder);
	fake_machine_init(&served.hosted.fake);
	hosted_store(&served.hosted, path);
	assert_int_equal(hosted_host(&served.hosted, (struct host_options){0}), CONCLAVE_OK);
	served_listen(&served, (struct server_options){.log = on_log});
	(void)body_make("sum");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	/* Little enough is left of the body for the server to read on until it can say so. */
	small = (struct rlimit){LARGE - FAKE_WINDOW, limit.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	post_large(&served, "a", "");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(reply.status, 500);
	assert_non_null(strstr(logged, "a request failed: "));
	assert_non_null(strstr(logged, "mail.sqlite-spool"));
	assert_non_null(strstr(logged, "File too large"));
	expect_empty(&served);
	/* The database neither: of small mail, and of what is acknowledged. */
	http_post(&reply, served.port, "/deliver-mail", "b", "Conclave-Version: 1\r\n",
		BYTES_LIT("echo kept"));
	assert_non_null(strcasestr(reply.head, "Conclave-Reply: 1\r\n"));
	static const char *const paths[] = {"/deliver-mail", "/acknowledge"};
	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		logged[0] = '\0';
		small.rlim_cur = 1;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		http_post(&reply, served.port, paths[i], "b",
			i == 1 ? "Conclave-Acknowledge: 1\r\n" : "", BYTES_LIT("keep"));
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(reply.status, 500);
		assert_non_null(strstr(logged, "a request failed: disk I/O error"));
	}
	post_large(&served, "a", "");
	assert_int_equal(reply.status, 200);
	served_close(&served);
	temp_folder_remove(folder);
}

/* As if the disk had so much room. */
static unsigned long long disk_room = ULLONG_MAX;
int __real_fstatvfs(int fd, struct statvfs *out);
int __wrap_fstatvfs(int fd, struct statvfs *out);
int __wrap_fstatvfs(int fd, struct statvfs *out)
{
	int status = __real_fstatvfs(fd, out);
	if (status == 0 && out->f_bavail > disk_room / out->f_frsize)
		out->f_bavail = disk_room / out->f_frsize;
	return status;
}

/* The spool leaves the database room, so that what was kept can still be handled. */
static void test_nearly_full_disk(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.log = on_log});
	(void)body_make("sum");
	logged[0] = '\0';
	disk_room = 127 << 20;
	/* Little enough for the server to read it all before it says so. */
	http_post(&reply, served.port, "/deliver-mail", "a", "",
		bytes_of(body, 2 * FAKE_WINDOW - 1024));
	assert_int_equal(reply.status, 500);
	assert_non_null(strstr(logged, "No space left on device"));
	expect_empty(&served);
	assert_int_equal(deliver(&served, "a", "echo small"), 200);
	disk_room = 129 << 20;
	post_large(&served, "a", "");
	assert_int_equal(reply.status, 200);
	disk_room = ULLONG_MAX;
	served_close(&served);
}

/* -- descriptors -- */

/* Connections until there are no more, or `most`; how many. */
static unsigned connect_many(int *fds, unsigned most, uint16_t port)
{
	unsigned count = 0;
	while (count < most && (fds[count] = http_connect(port)) >= 0)
		count++;
	return count;
}

/* Clients open what they can while a spooled mail is read: the host stays up. */
static void test_descriptors_suffice(void **state)
{
	struct served served;
	struct rlimit before;
	int fds[120];
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){100, before.rlim_max}), 0);
	served_open(&served);
	served.hosted.fake.gate_at_piece = 3;
	const char *answer = body_make("sum");
	int fd = http_connect(served.port);
	(void)http_post_head(fd, "/deliver-mail", "a", "", LARGE);
	assert_true(http_write(fd, body, LARGE));
	(void)sem_wait(&served.hosted.fake.at_gate);
	unsigned count = connect_many(fds, ARRAY_COUNT(fds), served.port);
	(void)sem_post(&served.hosted.fake.gate);
	http_read(&reply, fd);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, answer);
	while (count > 0)
		(void)close(fds[--count]);
	(void)close(fd);
	served_close(&served);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

#define FEW_CONNECTIONS 18 /* 100 descriptors, of which 64 are set aside */

/* How many are served at once; those beyond wait to be accepted. A hard limit cannot be taken back:
 * this is for a process of its own. */
static int served_within_100_descriptors(void)
{
	struct served served;
	const struct timeval moment = {0, 300000};
	int fds[FEW_CONNECTIONS + 2], answered = 0;
	(void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){100, 100});
	served_open(&served);
	unsigned count = connect_many(fds, ARRAY_COUNT(fds), served.port);
	for (unsigned i = 0; i < count; i++) {
		if (i >= FEW_CONNECTIONS)
			(void)setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment));
		(void)http_text(fds[i], "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
		http_read(&reply, fds[i]);
		answered += reply.status == 200;
	}
	return answered;
}

static void test_few_descriptors(void **state)
{
	int status = 0;
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(served_within_100_descriptors());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), FEW_CONNECTIONS);
}

/* -- who is slow -- */

/* Sends `piece` again and again with pauses of 50 ms, for so long or until the server hangs up.
 * Whether it did. */
static bool drip(int fd, struct bytes piece, unsigned milliseconds)
{
	struct timeval pause = {0, 50000};
	char byte;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause));
	for (unsigned spent = 0; spent < milliseconds; spent += 50)
		if (!http_write(fd, piece.ptr, piece.len) || recv(fd, &byte, 1, 0) == 0)
			return true;
	return false;
}

static void test_dripped_headers_end(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.headers_s = 1});
	int fresh = http_connect(served.port);
	assert_true(http_text(fresh, "GET /health HTTP/1.1\r\nX: "));
	assert_true(drip(fresh, BYTES_LIT("x"), 10000));
	/* Also those of the second request. */
	int kept = http_connect(served.port);
	assert_true(http_text(kept, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
	http_read(&reply, kept);
	assert_int_equal(reply.status, 200);
	assert_true(http_text(kept, "GET /health HTTP/1.1\r\nX: "));
	assert_true(drip(kept, BYTES_LIT("x"), 10000));
	(void)close(fresh);
	(void)close(kept);
	served_close(&served);
}

/* Slower than the least rate ends; faster may take as long as it takes. */
static void test_slow_bodies_end(void **state)
{
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.request_s = 1, .bytes_per_s = 100000});
	int slow = http_connect(served.port), fast = http_connect(served.port);
	assert_true(http_post_head(slow, "/deliver-mail", "a", "", LARGE));
	assert_true(drip(slow, bytes_of(body, 100), 10000));
	(void)close(slow);
	expect_empty(&served);
	assert_true(http_post_head(fast, "/deliver-mail", "a", "", LARGE));
	assert_false(drip(fast, bytes_of(body, 12000), 1800));
	(void)close(fast);
	served_close(&served);
}

/* Bytes that never become a piece of a body: the extension of a chunk (RFC 9112 §7.1.1), trailers.
 */
static void test_dripped_chunks_end(void **state)
{
	static const char *const openings[] = {"5;", "5\r\nkeep\n\r\n0\r\nX: "};
	struct served served;
	(void)state;
	served_open_with(&served, (struct server_options){.headers_s = 1, .request_s = 1});
	for (size_t i = 0; i < ARRAY_COUNT(openings); i++) {
		int fd = http_connect(served.port);
		assert_true(http_text(fd, CHUNKED));
		assert_true(http_text(fd, openings[i]));
		assert_true(drip(fd, BYTES_LIT("x"), 8000));
		(void)close(fd);
	}
	assert_int_equal(deliver(&served, "a", "echo x"), 200);
	served_close(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_declared_and_chunked),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_asynchronous),
		cmocka_unit_test(test_who_asks_first_is_told),
		cmocka_unit_test(test_waiting_is_not_silence),
		cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_spool_is_bounded),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_nearly_full_disk),
		cmocka_unit_test(test_descriptors_suffice),
		cmocka_unit_test(test_few_descriptors),
		cmocka_unit_test(test_dripped_headers_end),
		cmocka_unit_test(test_slow_bodies_end),
		cmocka_unit_test(test_dripped_chunks_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
