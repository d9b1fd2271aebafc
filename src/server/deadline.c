#include "server/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "server/exchange.h"
#include "store/lock.h"

/* One connection; it is in the list for as long as its socket is open. */
struct deadline {
	struct deadline *previous, *next;
	MHD_socket socket;
	uint64_t due_ms; /* 0: nothing is due */
};

static void shut_late(struct deadlines *deadlines)
{
	uint64_t now_ms = server_clock_ms();
	for (struct deadline *one = deadlines->first; one != NULL; one = one->next)
		if (one->due_ms != 0 && one->due_ms <= now_ms)
			(void)shutdown(one->socket, SHUT_RDWR);
}

static void *watch(void *context)
{
	struct deadlines *deadlines = context;
	LOCKED(&deadlines->lock);
	while (!deadlines->stopping) {
		uint64_t look_ms = server_clock_ms() + (uint64_t)deadlines->limit_s * 250;
		struct timespec until = {
			(time_t)(look_ms / 1000), (long)(look_ms % 1000) * 1000000};
		if (pthread_cond_timedwait(&deadlines->stopped, &deadlines->lock, &until) ==
			ETIMEDOUT)
			shut_late(deadlines);
	}
	return NULL;
}

enum conclave_error deadlines_start(struct deadlines *deadlines, uint32_t limit_s)
{
	pthread_condattr_t monotonic;
	*deadlines = (struct deadlines){.limit_s = limit_s};
	(void)pthread_mutex_init(&deadlines->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&deadlines->stopped, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	if (pthread_create(&deadlines->thread, NULL, watch, deadlines) == 0)
		return CONCLAVE_OK;
	(void)pthread_cond_destroy(&deadlines->stopped);
	(void)pthread_mutex_destroy(&deadlines->lock);
	return CONCLAVE_ERROR_MEMORY;
}

void deadlines_stop(struct deadlines *deadlines)
{
	(void)pthread_mutex_lock(&deadlines->lock);
	deadlines->stopping = true;
	(void)pthread_cond_signal(&deadlines->stopped);
	(void)pthread_mutex_unlock(&deadlines->lock);
	(void)pthread_join(deadlines->thread, NULL);
	(void)pthread_cond_destroy(&deadlines->stopped);
	(void)pthread_mutex_destroy(&deadlines->lock);
}

static uint64_t next_due_ms(const struct deadlines *deadlines)
{
	return server_clock_ms() + (uint64_t)deadlines->limit_s * 1000;
}

/* Without memory to watch it, a connection goes unwatched. */
static void begin(struct deadlines *deadlines, struct MHD_Connection *connection, void **slot)
{
	struct deadline *one = calloc(1, sizeof(*one));
	if (one == NULL)
		return;
	one->socket =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	one->due_ms = next_due_ms(deadlines);
	LOCKED(&deadlines->lock);
	one->next = deadlines->first;
	if (one->next != NULL)
		one->next->previous = one;
	deadlines->first = one;
	*slot = one;
}

static void end(struct deadlines *deadlines, struct deadline *one)
{
	LOCKED(&deadlines->lock);
	if (one->previous != NULL)
		one->previous->next = one->next;
	else
		deadlines->first = one->next;
	if (one->next != NULL)
		one->next->previous = one->previous;
	free(one);
}

void deadline_notify(void *context, struct MHD_Connection *connection, void **slot,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		begin(context, connection, slot);
	else if (*slot != NULL)
		end(context, *slot);
}

void deadline_set(struct deadlines *deadlines, struct MHD_Connection *connection, uint64_t due_ms)
{
	struct deadline *one =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;
	LOCKED(&deadlines->lock);
	if (one != NULL)
		one->due_ms = due_ms;
}

void deadline_met(struct deadlines *deadlines, struct MHD_Connection *connection)
{
	deadline_set(deadlines, connection, 0);
}

void deadline_renew(struct deadlines *deadlines, struct MHD_Connection *connection)
{
	deadline_set(deadlines, connection, next_due_ms(deadlines));
}
