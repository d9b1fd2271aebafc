/* The time by which a connection must have sent the headers of its next request, then its body.
 *
 * MHD limits silence only, and who sends a byte now and then is never silent. A thread of its own
 * looks at all connections now and then, and shuts down those that are late. */
#ifndef SERVER_DEADLINE_H
#define SERVER_DEADLINE_H

#include <microhttpd.h>
#include <pthread.h>

#include "base/bytes.h"

struct deadline;

struct deadlines {
	uint32_t limit_s;
	pthread_t thread;
	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t stopped;
	bool stopping;
	struct deadline *first;
};

/* Errors: MEMORY. */
enum conclave_error deadlines_start(struct deadlines *deadlines, uint32_t limit_s);
/* No connection is left. */
void deadlines_stop(struct deadlines *deadlines);

/* MHD's callback for the begin and the end of every connection; context: the deadlines. */
void deadline_notify(void *context, struct MHD_Connection *connection, void **slot,
	enum MHD_ConnectionNotificationCode code);
/* The headers are there: the body is due then, by server_clock_ms. */
void deadline_set(struct deadlines *deadlines, struct MHD_Connection *connection, uint64_t due_ms);
/* So is the body: nothing is due until the request is answered. */
void deadline_met(struct deadlines *deadlines, struct MHD_Connection *connection);
/* It is answered: the next request's are due. */
void deadline_renew(struct deadlines *deadlines, struct MHD_Connection *connection);

#endif
