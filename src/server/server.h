/* The HTTP front of a host: R3 Conclave's REST endpoints (docs/spec/host.md).
 *
 * One thread serves every connection; a request whose mail waits for its turn is suspended and
 * costs a connection, not a thread. Mail that does not fit an enclave's window goes to the store's
 * spool as it arrives. A reply leaves the store when its response has been sent
 * completely, or when its
 * client acknowledged it, not before. Thread rule: open and close from one thread. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "host/host.h"

struct server;

/* Zero means the default in brackets. */
struct server_options {
	const char *listen;	  /* "ADDRESS:PORT", "[ADDRESS]:PORT" for IPv6; port 0 is a free one
				     ["127.0.0.1:8080"] */
	uint32_t connections_max; /* fewer where descriptors are few [512] */
	uint32_t connections_per_ip; /* [128] */
	uint32_t idle_s;	     /* a connection may be silent for so long [30] */
	uint32_t headers_s; /* headers may take so long to arrive, and up to a quarter more [60] */
	uint32_t request_s; /* a body may take so long to arrive [120], */
	uint64_t bytes_per_s;	 /* and a second longer for so many bytes of it [32768] */
	uint64_t spool_size_max; /* spooled mail, arriving and waiting, all together [32 GiB] */
	uint32_t close_ms;	 /* server_close waits so long for turns under way [5000] */
	/* One line for each request, and the trouble of the HTTP library. Called from the server's
	 * thread; may be NULL. */
	void (*log)(void *context, const char *line);
	void *context;
};

/* store is the host's; both must outlive the server. Errors: ARGUMENT (the listen address), NETWORK
 * (it cannot be bound), MEMORY. */
enum conclave_error server_open(struct server **out, struct host *host, struct store *store,
	const struct server_options *options, struct conclave_report *report);
uint16_t server_port(const struct server *server);
/* Take no new connection, let turns under way end within close_ms, then answer whoever still waits
 * with 503. NULL is fine. */
void server_close(struct server *server);

#endif
