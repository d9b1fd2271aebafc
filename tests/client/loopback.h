/* A tiny HTTP server on a free loopback port, for tests: one thread, one request per connection. */
#ifndef TESTS_CLIENT_LOOPBACK_H
#define TESTS_CLIENT_LOOPBACK_H

#include <pthread.h>

#include "base/bytes.h"

/* head: request line and headers, NUL-terminated; body: what Content-Length announced, or all
 * chunks. Writes the answer to `socket`, which is closed afterwards. */
typedef void loopback_answer(void *context, int socket, const char *head, struct bytes body);
/* What a request is told that waits for consent (Expect: 100-continue): NULL: to go on; else a
 * whole answer. */
typedef const char *loopback_consent(void *context, const char *head);

struct loopback {
	int listener;
	uint16_t port;
	pthread_t thread;
	loopback_answer *answer;
	loopback_consent *consent; /* NULL: all may go on */
	size_t enough; /* of a body; the answer is made when so much has come. 0: all of it */
	void *context;
};

void loopback_start(struct loopback *server, loopback_answer *answer, void *context);
/* Waits for the request in progress. */
void loopback_stop(struct loopback *server);

/* All of it, whatever the socket takes at a time; a peer that hangs up is ignored. */
void loopback_write(int socket, struct bytes data);
/* "HTTP/1.1 STATUS" with Content-Length, and the body. */
void loopback_respond(int socket, const char *status, const char *type, struct bytes body);
/* Until the peer hangs up. */
void loopback_drain(int socket);
/* The value of a header in a head, copied; "" when it is not there. */
void loopback_header(char *out, size_t out_size, const char *head, const char *name);

#endif
