/* One HTTP request from its first header to the last byte of its answer. */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "server/deadline.h"
#include "server/response.h"
#include "server/server.h"

/* Bodies of requests that are still arriving or waiting, all together. */
#define SERVER_BODIES_SIZE_MAX 0x10000000u

enum exchange_state {
	EXCHANGE_RECEIVING,
	EXCHANGE_WAITING, /* suspended: the mail waits for its turn */
	EXCHANGE_SETTLED, /* to be answered, or answered */
};

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	struct exchange *previous, *next;     /* the server's list of all, under its lock */
	const struct endpoint *endpoint;      /* NULL: unknown path */
	const struct response_error *verdict; /* decided before the body arrived */
	uint64_t started_ms;
	uint64_t declared, received, unwanted; /* bytes of the body; declared 0: not said */
	uint8_t *body;
	size_t body_size, body_cap;
	struct store_spool *spool; /* where the body is when it is large */
	char route[STORE_ROUTE_SIZE_MAX + 1];
	bool speaks_version_1;	/* Conclave-Version: 1: reads sealed refusals, acknowledges replies
				 */
	bool is_async;		/* Prefer: respond-async */
	uint64_t acknowledged;	/* the reply that has arrived at this client; 0: none */
	atomic_uint references; /* the connection's, and the host's until it calls done */

	/* Under the server's lock. */
	enum exchange_state state;
	enum conclave_error error; /* of host_deliver */
	enum host_outcome outcome;
	uint64_t mail_id, route_number;
	uint64_t reply_id; /* on its way; leaves the store when sent, or when acknowledged */
};

struct endpoint {
	const char *path, *method;
	bool needs_route, takes_mail;
	enum MHD_Result (*act)(struct exchange *exchange);
	enum MHD_Result (*answer)(struct exchange *exchange); /* once it is settled */
};

struct server {
	struct host *host;
	struct store *store;
	struct server_options options;
	struct MHD_Daemon *daemon;
	struct deadlines deadlines;
	size_t mail_size_max;	  /* in memory */
	uint64_t stream_size_max; /* by way of the spool */
	atomic_uint references;	  /* the owner's, and one for each exchange */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct exchange *exchanges;
	size_t waiting_count;
	size_t bodies_size;
	bool closing;
};

uint64_t server_clock_ms(void);
void server_release(struct server *server);
/* Why a request ends with 500, for the log. */
void server_log_failure(struct server *server, enum conclave_error error);

/* MHD's callbacks: the first call, the end of the body (its pieces are body.h's), the end of
 * everything. */
enum MHD_Result exchange_begin(struct server *server, struct MHD_Connection *connection,
	const char *path, const char *method, void **slot);
enum MHD_Result exchange_act(struct exchange *exchange);
void exchange_end(struct exchange *exchange, bool sent);
/* What a waiting exchange comes to; only the first word counts. The server's lock is held. */
void exchange_settle(
	struct exchange *exchange, enum conclave_error error, enum host_outcome outcome);

#endif
