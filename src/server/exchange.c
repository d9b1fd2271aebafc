#include "server/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hex.h"
#include "server/body.h"
#include "store/lock.h"

static const struct response_error
	NO_SUCH_PATH = {404, "NOT_FOUND", "no such path"},
	WRONG_METHOD = {405, "METHOD_NOT_ALLOWED", NULL},
	NO_ROUTE = {400, "BAD_REQUEST",
		"the header Correlation-ID (1 to 256 characters) is needed"},
	BAD_NONCE = {400, "BAD_REQUEST", "nonce is 64 hexadecimal digits"},
	BAD_ACKNOWLEDGEMENT = {400, "BAD_REQUEST",
		"Conclave-Acknowledge is the number that a Conclave-Reply had"},
	UNREADABLE = {400, "MAIL_DECRYPTION", NULL}, NOT_HANDLED = {400, "ENCLAVE_EXCEPTION", NULL};

static void free_bytes(uint8_t **ptr)
{
	free(*ptr);
}

/* -- life -- */

static void exchange_release(struct exchange *exchange)
{
	if (atomic_fetch_sub(&exchange->references, 1) != 1)
		return;
	server_release(exchange->server);
	free(exchange);
}

static void list_add(struct exchange *exchange)
{
	struct server *server = exchange->server;
	LOCKED(&server->lock);
	exchange->next = server->exchanges;
	if (exchange->next != NULL)
		exchange->next->previous = exchange;
	server->exchanges = exchange;
}

static void list_remove(struct exchange *exchange)
{
	struct server *server = exchange->server;
	LOCKED(&server->lock);
	if (exchange->previous != NULL)
		exchange->previous->next = exchange->next;
	else
		server->exchanges = exchange->next;
	if (exchange->next != NULL)
		exchange->next->previous = exchange->previous;
	(void)pthread_cond_broadcast(&server->changed);
}

void exchange_end(struct exchange *exchange, bool sent)
{
	struct store *store = exchange->server->store;
	/* Failing to forget it means delivering it once more: never losing it. */
	if (sent && exchange->reply_id != 0 && !exchange->speaks_version_1)
		(void)store->ops->remove(store, exchange->reply_id);
	body_drop(exchange);
	list_remove(exchange);
	exchange_release(exchange);
}

void exchange_settle(
	struct exchange *exchange, enum conclave_error error, enum host_outcome outcome)
{
	if (exchange->state != EXCHANGE_WAITING)
		return;
	exchange->state = EXCHANGE_SETTLED;
	exchange->error = error;
	exchange->outcome = outcome;
	exchange->server->waiting_count--;
	(void)pthread_cond_broadcast(&exchange->server->changed);
	MHD_resume_connection(exchange->connection);
}

/* -- answers -- */

/* Posts of a route that are on their way to somebody: a second request must not get them again. */
static bool is_in_flight(struct server *server, uint64_t reply_id)
{
	LOCKED(&server->lock);
	for (const struct exchange *other = server->exchanges; other != NULL; other = other->next)
		if (other->reply_id == reply_id)
			return true;
	return false;
}

/* The next post of a route (made for one mail, when mail_id is not 0), malloc'ed. id 0: none. */
static enum conclave_error reply_fetch(
	uint64_t *id, uint8_t **out, size_t *size, struct exchange *exchange, uint64_t mail_id)
{
	struct store *store = exchange->server->store;
	uint64_t after = 0;
	struct writer measure;
	*id = 0;
	do {
		after = *id;
		measure = writer_measure();
		TRY(store->ops->reply(id, &measure, store, exchange->route_number, mail_id, after));
	} while (*id != 0 && is_in_flight(exchange->server, *id));
	if (*id == 0)
		return CONCLAVE_OK;
	uint8_t *space = malloc(measure.len + 1);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){space, measure.len});
	enum conclave_error error =
		store->ops->reply(id, &writer, store, exchange->route_number, mail_id, after);
	if (error != CONCLAVE_OK) {
		free(space);
		return error;
	}
	*out = space;
	*size = writer.len;
	return CONCLAVE_OK;
}

static enum MHD_Result fail(struct exchange *exchange, const struct response_error *error)
{
	const char *allow = error == &WRONG_METHOD ? exchange->endpoint->method : NULL;
	return response_fail(exchange->connection, error, allow);
}

/* 500, and the reason in the log. */
static enum MHD_Result fail_broken(struct exchange *exchange, enum conclave_error error)
{
	server_log_failure(exchange->server, error);
	return fail(exchange, &RESPONSE_BROKEN);
}

/* 200 with the next post, or with nothing. as_error: R3's clients cannot read a sealed refusal, so
 * they get the error instead; the refusal goes as it leaves. */
static enum MHD_Result respond_reply(
	struct exchange *exchange, const struct response_error *as_error)
{
	uint64_t id = 0;
	CLEANUP(free_bytes) uint8_t *reply = NULL;
	size_t size = 0;
	enum conclave_error error = reply_fetch(&id, &reply, &size, exchange, exchange->mail_id);
	if (error != CONCLAVE_OK)
		return fail_broken(exchange, error);
	{
		LOCKED(&exchange->server->lock);
		exchange->reply_id = id;
	}
	if (as_error != NULL)
		return fail(exchange, as_error);
	return response_octets(
		exchange->connection, bytes_of(reply, size), exchange->speaks_version_1 ? id : 0);
}

/* The reply has arrived: it leaves the store. Only a reply of the route itself: whoever does not
 * know a Correlation-ID must not be able to make its mail vanish. */
static enum conclave_error forget_acknowledged(struct exchange *exchange)
{
	struct store *store = exchange->server->store;
	struct bytes route = bytes_of(exchange->route, strlen(exchange->route));
	uint64_t wanted = exchange->acknowledged, number = 0, found = 0;
	if (wanted == 0)
		return CONCLAVE_OK;
	exchange->acknowledged = 0;
	enum conclave_error error = store->ops->route(&number, store, route, false);
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		return CONCLAVE_OK;
	TRY(error);
	struct writer measure = writer_measure();
	TRY(store->ops->reply(&found, &measure, store, number, 0, wanted - 1));
	return found == wanted ? store->ops->remove(store, wanted) : CONCLAVE_OK;
}

static enum MHD_Result answer_error(struct exchange *exchange)
{
	/* The body's limits are the host's, so only an empty mail can be refused for its size. */
	switch ((int)exchange->error) {
	case CONCLAVE_ERROR_LIMIT: return fail(exchange, &UNREADABLE);
	case CONCLAVE_ERROR_BUSY: return fail(exchange, &RESPONSE_NO_ROOM);
	case CONCLAVE_ERROR_STATE: return fail(exchange, &RESPONSE_DOWN);
	default: return fail_broken(exchange, exchange->error);
	}
}

static enum MHD_Result answer_mail(struct exchange *exchange)
{
	body_drop(exchange);
	if (exchange->error != CONCLAVE_OK)
		return answer_error(exchange);
	switch (exchange->outcome) {
	case HOST_HANDLED: return respond_reply(exchange, NULL);
	case HOST_UNREADABLE: return fail(exchange, &UNREADABLE);
	case HOST_NOT_HANDLED:
		return respond_reply(exchange, exchange->speaks_version_1 ? NULL : &NOT_HANDLED);
	case HOST_SET_ASIDE: return fail(exchange, &NOT_HANDLED);
	case HOST_CLOSED: return fail(exchange, &RESPONSE_DOWN);
	}
	return MHD_NO;
}

/* -- the endpoints -- */

/* Suspend before the host is asked: the turn may be over before it returns. */
static void wait_begin(struct exchange *exchange)
{
	LOCKED(&exchange->server->lock);
	exchange->state = EXCHANGE_WAITING;
	exchange->server->waiting_count++;
	atomic_fetch_add(&exchange->references, 1);
	MHD_suspend_connection(exchange->connection);
}

/* The host took it, or did not and nobody else will end the waiting. */
static enum MHD_Result wait_for(struct exchange *exchange, enum conclave_error error)
{
	if (error == CONCLAVE_OK)
		return MHD_YES;
	{
		LOCKED(&exchange->server->lock);
		exchange_settle(exchange, error, HOST_CLOSED);
	}
	exchange_release(exchange);
	return MHD_YES;
}

/* What is answered instead of what was asked. The server's lock is held. */
static enum conclave_error body_set(struct exchange *exchange, struct bytes from)
{
	exchange->body = malloc(from.len);
	if (exchange->body == NULL)
		return CONCLAVE_ERROR_MEMORY;
	memcpy(exchange->body, from.ptr, from.len);
	exchange->body_size = exchange->body_cap = from.len;
	exchange->server->bodies_size += from.len;
	return CONCLAVE_OK;
}

/* From the host's thread. */
static void on_attested(void *context, enum conclave_error error, struct bytes info)
{
	struct exchange *exchange = context;
	{
		LOCKED(&exchange->server->lock);
		if (error == CONCLAVE_OK && exchange->state == EXCHANGE_WAITING)
			error = body_set(exchange, info);
		exchange_settle(exchange, error, HOST_HANDLED);
	}
	exchange_release(exchange);
}

static enum MHD_Result answer_attestation(struct exchange *exchange)
{
	if (exchange->error != CONCLAVE_OK)
		return answer_error(exchange);
	if (exchange->outcome == HOST_CLOSED)
		return fail(exchange, &RESPONSE_DOWN);
	return response_octets(
		exchange->connection, bytes_of(exchange->body, exchange->body_size), 0);
}

/* Evidence that holds the client's nonce is made for it. */
static enum MHD_Result attest_fresh(struct exchange *exchange, const char *text)
{
	uint8_t nonce[HOST_NONCE_SIZE];
	if (hex_decode((struct buffer){nonce, sizeof(nonce)}, bytes_of(text, strlen(text))) !=
		CONCLAVE_OK)
		return fail(exchange, &BAD_NONCE);
	wait_begin(exchange);
	return wait_for(
		exchange, host_attest_fresh(exchange->server->host, nonce, on_attested, exchange));
}

static enum MHD_Result act_attestation(struct exchange *exchange)
{
	const char *nonce =
		MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "nonce");
	if (nonce != NULL)
		return attest_fresh(exchange, nonce);
	struct writer measure = writer_measure();
	enum conclave_error error = host_instance_info(&measure, exchange->server->host);
	if (error != CONCLAVE_OK)
		return fail_broken(exchange, error);
	/* A new quote may be longer than the one just measured. */
	size_t size = measure.len + 4096;
	CLEANUP(free_bytes) uint8_t *space = malloc(size);
	struct writer info = writer_of((struct buffer){space, size});
	error = space != NULL ? host_instance_info(&info, exchange->server->host)
			      : CONCLAVE_ERROR_MEMORY;
	if (error != CONCLAVE_OK)
		return fail_broken(exchange, error);
	return response_octets(exchange->connection, writer_bytes(&info), 0);
}

static enum MHD_Result act_health(struct exchange *exchange)
{
	char text[256], hash[65];
	struct host_facts facts;
	host_facts(&facts, exchange->server->host);
	if (!facts.up)
		return fail(exchange, &RESPONSE_DOWN);
	int size = snprintf(text, sizeof(text),
		"{\"up\":true,\"mrenclave\":\"%s\",\"turns\":%llu,\"restarts\":%llu}\n",
		hex_encode(hash, BYTES_OF(facts.mrenclave)), (unsigned long long)facts.turns,
		(unsigned long long)facts.restarts);
	return response_bytes(
		exchange->connection, "application/json", bytes_of(text, (size_t)size));
}

static enum MHD_Result act_poll(struct exchange *exchange)
{
	struct store *store = exchange->server->store;
	struct bytes route = bytes_of(exchange->route, strlen(exchange->route));
	uint64_t number = 0;
	/* Asking makes nothing: else strangers could fill the disk with questions. */
	enum conclave_error error = store->ops->route(&number, store, route, false);
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		return response_octets(exchange->connection, bytes_of("", 0), 0);
	if (error != CONCLAVE_OK)
		return fail_broken(exchange, error);
	{
		LOCKED(&exchange->server->lock);
		exchange->route_number = number;
	}
	return respond_reply(exchange, NULL);
}

/* From the host's thread, after the turn is committed. */
static void on_done(void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome)
{
	struct exchange *exchange = context;
	{
		LOCKED(&exchange->server->lock);
		exchange->mail_id = mail_id;
		exchange->route_number = route;
		exchange_settle(exchange, CONCLAVE_OK, outcome);
	}
	exchange_release(exchange);
}

/* Nobody waits for this one: its reply is polled. */
static void on_done_unwatched(
	void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome)
{
	(void)context, (void)mail_id, (void)route, (void)outcome;
}

/* A spooled body is the host's from here on. */
static enum conclave_error hand_over(struct exchange *exchange, host_done *done, void *context)
{
	struct host *host = exchange->server->host;
	struct bytes route = bytes_of(exchange->route, strlen(exchange->route));
	struct store_spool *spool = exchange->spool;
	uint64_t mail_id;
	exchange->spool = NULL;
	if (spool != NULL)
		return host_deliver_spooled(&mail_id, host, route, spool, done, context);
	return host_deliver(&mail_id, host, route, bytes_of(exchange->body, exchange->body_size),
		done, context);
}

static enum MHD_Result deliver_async(struct exchange *exchange)
{
	exchange->error = hand_over(exchange, on_done_unwatched, NULL);
	body_drop(exchange);
	return exchange->error == CONCLAVE_OK ? response_accepted(exchange->connection)
					      : answer_error(exchange);
}

static enum MHD_Result act_deliver(struct exchange *exchange)
{
	if (exchange->is_async)
		return deliver_async(exchange);
	wait_begin(exchange);
	return wait_for(exchange, hand_over(exchange, on_done, exchange));
}

/* The acknowledgement alone: it has been done. */
static enum MHD_Result act_acknowledge(struct exchange *exchange)
{
	return response_octets(exchange->connection, bytes_of("", 0), 0);
}

static const struct endpoint ENDPOINTS[] = {
	{"/attestation", "GET", false, false, act_attestation, answer_attestation},
	{"/deliver-mail", "POST", true, true, act_deliver, answer_mail},
	{"/poll-mail", "POST", true, false, act_poll, NULL},
	{"/acknowledge", "POST", true, false, act_acknowledge, NULL},
	{"/health", "GET", false, false, act_health, NULL},
};

/* -- receiving -- */

static const struct endpoint *endpoint_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_COUNT(ENDPOINTS); i++)
		if (strcmp(ENDPOINTS[i].path, path) == 0)
			return &ENDPOINTS[i];
	return NULL;
}

static const char *header(struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static bool route_read(struct exchange *exchange)
{
	const char *route = header(exchange, "Correlation-ID");
	size_t size = route != NULL ? strlen(route) : 0;
	if (size == 0 || size > STORE_ROUTE_SIZE_MAX)
		return false;
	memcpy(exchange->route, route, size + 1);
	return true;
}

/* The number of a Conclave-Reply, as it was given. */
static bool acknowledged_read(struct exchange *exchange)
{
	const char *text = header(exchange, "Conclave-Acknowledge");
	if (text == NULL || !exchange->endpoint->needs_route)
		return true;
	size_t size = strlen(text);
	errno = 0;
	exchange->acknowledged = strtoull(text, NULL, 10);
	return size > 0 && strspn(text, "0123456789") == size && errno == 0;
}

static const struct response_error *judge(struct exchange *exchange, const char *method)
{
	if (exchange->endpoint == NULL)
		return &NO_SUCH_PATH;
	if (strcmp(exchange->endpoint->method, method) != 0)
		return &WRONG_METHOD;
	if (exchange->endpoint->needs_route && !route_read(exchange))
		return &NO_ROUTE;
	const char *version = header(exchange, "Conclave-Version");
	exchange->speaks_version_1 = version != NULL && strcmp(version, "1") == 0;
	const char *prefer = header(exchange, "Prefer");
	exchange->is_async = prefer != NULL && strcmp(prefer, "respond-async") == 0;
	return acknowledged_read(exchange) ? NULL : &BAD_ACKNOWLEDGEMENT;
}

enum MHD_Result exchange_begin(struct server *server, struct MHD_Connection *connection,
	const char *path, const char *method, void **slot)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	if (exchange == NULL)
		return MHD_NO;
	atomic_fetch_add(&server->references, 1);
	atomic_init(&exchange->references, 1);
	exchange->server = server;
	exchange->connection = connection;
	exchange->started_ms = server_clock_ms();
	exchange->endpoint = endpoint_of(path);
	exchange->verdict = judge(exchange, method);
	list_add(exchange);
	*slot = exchange;
	body_await(exchange);
	/* An answer to the headers alone closes the connection; better than taking the body. */
	const struct response_error *refusal = body_judge(exchange);
	return refusal != NULL ? fail(exchange, refusal) : MHD_YES;
}

enum MHD_Result exchange_act(struct exchange *exchange)
{
	bool is_settled, is_closing;
	{
		LOCKED(&exchange->server->lock);
		is_settled = exchange->state == EXCHANGE_SETTLED;
		is_closing = exchange->server->closing;
	}
	if (is_settled)
		return exchange->endpoint->answer(exchange);
	deadline_met(&exchange->server->deadlines, exchange->connection);
	if (exchange->verdict != NULL)
		return fail(exchange, exchange->verdict);
	enum conclave_error error = forget_acknowledged(exchange);
	if (error != CONCLAVE_OK)
		return fail_broken(exchange, error);
	return is_closing ? fail(exchange, &RESPONSE_DOWN) : exchange->endpoint->act(exchange);
}
