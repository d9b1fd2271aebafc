#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "server/address.h"
#include "server/body.h"

#define DESCRIPTORS_ELSEWHERE 64
#define SEND_MS 1000 /* for the last answers, once no turn is awaited any more */

uint64_t server_clock_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void server_release(struct server *server)
{
	if (atomic_fetch_sub(&server->references, 1) != 1)
		return;
	(void)pthread_cond_destroy(&server->changed);
	(void)pthread_mutex_destroy(&server->lock);
	free(server);
}

/* -- MHD's callbacks; all on its one thread -- */

static __attribute__((format(printf, 2, 0))) void on_log(
	void *context, const char *format, va_list arguments)
{
	const struct server *server = context;
	char line[512];
	if (server->options.log == NULL)
		return;
	int size = vsnprintf(line, sizeof(line), format, arguments);
	if (size > 0 && (size_t)size < sizeof(line) && line[size - 1] == '\n')
		line[size - 1] = '\0';
	server->options.log(server->options.context, line);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *upload,
	size_t *upload_size, void **slot)
{
	(void)version;
	if (*slot == NULL)
		return exchange_begin(context, connection, path, method, slot);
	if (*upload_size == 0)
		return exchange_act(*slot);
	size_t size = *upload_size;
	*upload_size = 0;
	return body_receive(*slot, bytes_of(upload, size));
}

void server_log_failure(struct server *server, enum conclave_error error)
{
	struct conclave_report trouble = {""};
	char line[CONCLAVE_REPORT_SIZE + 64];
	if (server->options.log == NULL)
		return;
	if (error == CONCLAVE_ERROR_IO)
		server->store->ops->trouble(&trouble, server->store);
	(void)snprintf(line, sizeof(line), "a request failed: %s",
		trouble.text[0] != '\0' ? trouble.text : conclave_error_text(error));
	server->options.log(server->options.context, line);
}

/* The Correlation-ID is a secret of its client and stays out of every log. */
static void log_request(struct server *server, const struct exchange *exchange, bool sent)
{
	char line[160];
	if (server->options.log == NULL)
		return;
	(void)snprintf(line, sizeof(line), "%s: %llu bytes in, %s after %llu ms",
		exchange->endpoint != NULL ? exchange->endpoint->path : "unknown path",
		(unsigned long long)exchange->received, sent ? "answered" : "broken off",
		(unsigned long long)(server_clock_ms() - exchange->started_ms));
	server->options.log(server->options.context, line);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
	enum MHD_RequestTerminationCode code)
{
	struct server *server = context;
	if (*slot == NULL)
		return;
	deadline_renew(&server->deadlines, connection);
	bool sent = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
	log_request(server, *slot, sent);
	exchange_end(*slot, sent);
	*slot = NULL;
}

/* -- opening -- */

static void options_default(struct server_options *options)
{
	if (options->listen == NULL)
		options->listen = "127.0.0.1:8080";
	if (options->connections_max == 0)
		options->connections_max = 512;
	if (options->connections_per_ip == 0)
		options->connections_per_ip = 128;
	if (options->idle_s == 0)
		options->idle_s = 30;
	if (options->headers_s == 0)
		options->headers_s = 60;
	if (options->request_s == 0)
		options->request_s = 120;
	if (options->bytes_per_s == 0)
		options->bytes_per_s = 32768;
	if (options->spool_size_max == 0)
		options->spool_size_max = 0x800000000u;
	if (options->close_ms == 0)
		options->close_ms = 5000;
}

/* A connection may need two: its own, and the file that its body is spooled to. Some are for all
 * else: a host that cannot open a spooled mail any more goes down, and clients must not be able to
 * bring that about. Where the system gives fewer, there are fewer connections. */
static void reserve_descriptors(struct server_options *options)
{
	struct rlimit limit;
	rlim_t wanted = DESCRIPTORS_ELSEWHERE + 2 * (rlim_t)options->connections_max;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	rlim_t given = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){given, limit.rlim_max}) != 0)
		given = limit.rlim_cur;
	if (given < wanted) {
		rlim_t pairs =
			given > DESCRIPTORS_ELSEWHERE ? (given - DESCRIPTORS_ELSEWHERE) / 2 : 0;
		options->connections_max = pairs > 0 ? (uint32_t)pairs : 1;
	}
}

static enum conclave_error daemon_start(struct server *server, struct conclave_report *report)
{
	struct sockaddr_storage address;
	TRY(address_parse(&address, server->options.listen, report));
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG | MHD_USE_ITC;
	if (address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, server, MHD_OPTION_SOCK_ADDR, &address,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
		deadline_notify, &server->deadlines, MHD_OPTION_CONNECTION_LIMIT,
		server->options.connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		server->options.connections_per_ip, MHD_OPTION_CONNECTION_TIMEOUT,
		server->options.idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
		MHD_OPTION_END);
	if (server->daemon == NULL) {
		report_fill(
			report, "cannot listen on %s: %s", server->options.listen, strerror(errno));
		return CONCLAVE_ERROR_NETWORK;
	}
	return CONCLAVE_OK;
}

enum conclave_error server_open(struct server **out, struct host *host, struct store *store,
	const struct server_options *options, struct conclave_report *report)
{
	struct server *server = calloc(1, sizeof(*server));
	if (server == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct host_facts facts;
	host_facts(&facts, host);
	server->host = host;
	server->store = store;
	server->options = *options;
	server->mail_size_max = facts.mail_size_max;
	server->stream_size_max = facts.stream_size_max;
	options_default(&server->options);
	reserve_descriptors(&server->options);
	atomic_init(&server->references, 1);
	(void)pthread_mutex_init(&server->lock, NULL);
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&server->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	enum conclave_error error = deadlines_start(&server->deadlines, server->options.headers_s);
	if (error != CONCLAVE_OK) {
		server_release(server);
		return error;
	}
	error = daemon_start(server, report);
	if (error != CONCLAVE_OK) {
		deadlines_stop(&server->deadlines);
		server_release(server);
		return error;
	}
	*out = server;
	return CONCLAVE_OK;
}

uint16_t server_port(const struct server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info != NULL ? info->port : 0;
}

/* -- closing -- */

/* Wait until `count` says zero, but not past the deadline. The lock is held. */
static void wait_for_zero(
	struct server *server, size_t (*count)(const struct server *server), uint64_t deadline_ms)
{
	struct timespec until = {
		(time_t)(deadline_ms / 1000), (long)(deadline_ms % 1000) * 1000000};
	while (count(server) > 0)
		if (pthread_cond_timedwait(&server->changed, &server->lock, &until) == ETIMEDOUT)
			return;
}

static size_t count_waiting(const struct server *server)
{
	return server->waiting_count;
}

static size_t count_all(const struct server *server)
{
	return server->exchanges != NULL;
}

void server_close(struct server *server)
{
	if (server == NULL)
		return;
	MHD_socket listener = MHD_quiesce_daemon(server->daemon);
	(void)pthread_mutex_lock(&server->lock);
	server->closing = true;
	wait_for_zero(server, count_waiting, server_clock_ms() + server->options.close_ms);
	for (struct exchange *exchange = server->exchanges; exchange != NULL;
		exchange = exchange->next)
		exchange_settle(exchange, CONCLAVE_OK, HOST_CLOSED);
	wait_for_zero(server, count_all, server_clock_ms() + SEND_MS);
	(void)pthread_mutex_unlock(&server->lock);
	MHD_stop_daemon(server->daemon);
	deadlines_stop(&server->deadlines);
	if (listener != MHD_INVALID_SOCKET)
		(void)close(listener);
	server_release(server);
}
