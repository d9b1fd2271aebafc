/* A server over a host over the fake machine, for tests that talk HTTP to it. */
#ifndef SERVED_H
#define SERVED_H

#include <pthread.h>

#include "hosted.h"

#include "http_socket.h"
#include "server/server.h"

struct served {
	struct hosted hosted;
	struct server *server;
	uint16_t port;
};

static struct http_reply reply; /* the tests' one thread's */

/* Over a host that is open. */
static inline void served_listen(struct served *served, struct server_options options)
{
	options.listen = "127.0.0.1:0";
	assert_int_equal(server_open(&served->server, served->hosted.host, served->hosted.store,
				 &options, NULL),
		CONCLAVE_OK);
	served->port = server_port(served->server);
	assert_int_not_equal(served->port, 0);
}

static inline void served_open_with(struct served *served, struct server_options options)
{
	*served = (struct served){0};
	hosted_open(&served->hosted, (struct host_options){.evidence = HOST_EVIDENCE_R3});
	served_listen(served, options);
}

static inline void served_open(struct served *served)
{
	served_open_with(served, (struct server_options){0});
}

static inline void served_close(struct served *served)
{
	server_close(served->server);
	hosted_close(&served->hosted);
}

static inline unsigned deliver(struct served *served, const char *route, const char *text)
{
	http_post(&reply, served->port, "/deliver-mail", route, "", bytes_of(text, strlen(text)));
	return reply.status;
}

static inline unsigned poll_mail(struct served *served, const char *route)
{
	http_post(&reply, served->port, "/poll-mail", route, "", bytes_of("", 0));
	return reply.status;
}

static inline bool head_has(const char *line)
{
	return strcasestr(reply.head, line) != NULL;
}

/* A response is sent before its reply leaves the store; who asks at once may be a little early. */
static inline void poll_until_empty(struct served *served, const char *route)
{
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(poll_mail(served, route), 200);
		if (reply.size == 0)
			return;
	}
	fail_msg("the queue of %s does not become empty", route);
}

/* Until what is spooled, waiting or arriving, has come to this size. */
static inline void served_until_spool_is(struct served *served, uint64_t size)
{
	struct store *store = served->hosted.store;
	for (int i = 0; i < 20000; i++) {
		if (store->ops->spool_size(store) == size)
			return;
		http_get(&reply, served->port, "/health");
	}
	fail_msg("the spool holds %llu bytes", (unsigned long long)store->ops->spool_size(store));
}

/* One of several clients at once, who counts what he got as he should. */
struct worker {
	pthread_t thread;
	struct served *served;
	unsigned number, right;
};

/* work: takes a struct worker. */
static inline void served_by_four(struct served *served, void *(*work)(void *), unsigned wanted)
{
	struct worker workers[4];
	for (unsigned i = 0; i < 4; i++) {
		workers[i] = (struct worker){.served = served, .number = i};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].right, wanted);
	}
}

#endif
