#include "server/body.h"

#include <stdlib.h>

#include "store/lock.h"

/* -- judged by its headers -- */

static bool is_large(const struct exchange *exchange)
{
	size_t in_memory = exchange->server->mail_size_max;
	return exchange->declared > in_memory || exchange->received > in_memory;
}

static uint64_t size_max(const struct exchange *exchange)
{
	const struct endpoint *endpoint = exchange->endpoint;
	bool takes_mail = endpoint != NULL && endpoint->takes_mail;
	return takes_mail ? exchange->server->stream_size_max : exchange->server->mail_size_max;
}

/* Counted as it arrives, not as it is declared: else a few who promise much keep out all others. */
static bool spool_has_room(const struct server *server, uint64_t size)
{
	uint64_t used = server->store->ops->spool_size(server->store);
	return used <= server->options.spool_size_max &&
	       size <= server->options.spool_size_max - used;
}

static const char *header(struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

/* A refusal that the headers decide is told before a large body is sent; and before any, to who
 * waits to be told. Otherwise it comes after the body, which is small. */
const struct response_error *body_judge(struct exchange *exchange)
{
	const char *length = header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct host_facts facts;
	exchange->declared = length != NULL ? strtoull(length, NULL, 10) : 0;
	if (exchange->verdict != NULL)
		return is_large(exchange) || header(exchange, MHD_HTTP_HEADER_EXPECT) != NULL
			       ? exchange->verdict
			       : NULL;
	if (exchange->declared > size_max(exchange))
		return &RESPONSE_TOO_LARGE;
	if (!is_large(exchange))
		return NULL;
	host_facts(&facts, exchange->server->host);
	if (!facts.up)
		return &RESPONSE_DOWN;
	return spool_has_room(exchange->server, exchange->declared) ? NULL : &RESPONSE_NO_ROOM;
}

/* -- in memory -- */

static void memory_drop(struct exchange *exchange)
{
	LOCKED(&exchange->server->lock);
	exchange->server->bodies_size -= exchange->body_cap;
	free(exchange->body);
	exchange->body = NULL;
	exchange->body_size = exchange->body_cap = 0;
}

static const struct response_error *memory_grow(struct exchange *exchange, size_t wanted)
{
	struct server *server = exchange->server;
	size_t cap = exchange->body_cap == 0 ? 16384 : exchange->body_cap * 2;
	if (cap < wanted)
		cap = wanted;
	if (cap > server->mail_size_max)
		cap = server->mail_size_max;
	LOCKED(&server->lock);
	if (cap - exchange->body_cap > SERVER_BODIES_SIZE_MAX - server->bodies_size)
		return &RESPONSE_NO_ROOM;
	uint8_t *body = realloc(exchange->body, cap);
	if (body == NULL)
		return &RESPONSE_NO_ROOM;
	server->bodies_size += cap - exchange->body_cap;
	exchange->body = body;
	exchange->body_cap = cap;
	return NULL;
}

static const struct response_error *memory_add(struct exchange *exchange, struct bytes piece)
{
	const struct response_error *verdict = NULL;
	if (piece.len > exchange->body_cap - exchange->body_size)
		verdict = memory_grow(exchange, exchange->body_size + piece.len);
	if (verdict == NULL) {
		memcpy(exchange->body + exchange->body_size, piece.ptr, piece.len);
		exchange->body_size += piece.len;
	}
	return verdict;
}

/* -- in the spool -- */

static const struct response_error *spool_add(struct exchange *exchange, struct bytes piece)
{
	struct server *server = exchange->server;
	if (!spool_has_room(server, piece.len))
		return &RESPONSE_NO_ROOM;
	enum conclave_error error = server->store->ops->spool_write(exchange->spool, piece);
	if (error == CONCLAVE_OK)
		return NULL;
	server_log_failure(server, error);
	return &RESPONSE_BROKEN;
}

/* What has arrived so far goes there first. */
static const struct response_error *spool_begin(struct exchange *exchange)
{
	struct server *server = exchange->server;
	enum conclave_error error =
		server->store->ops->spool_begin(&exchange->spool, server->store);
	if (error != CONCLAVE_OK) {
		server_log_failure(server, error);
		return &RESPONSE_BROKEN;
	}
	const struct response_error *verdict =
		spool_add(exchange, bytes_of(exchange->body, exchange->body_size));
	memory_drop(exchange);
	return verdict;
}

/* -- piece by piece -- */

void body_drop(struct exchange *exchange)
{
	memory_drop(exchange);
	exchange->server->store->ops->spool_abandon(exchange->spool);
	exchange->spool = NULL;
}

static const struct response_error *add(struct exchange *exchange, struct bytes piece)
{
	const struct response_error *verdict = NULL;
	if (exchange->received > size_max(exchange))
		return &RESPONSE_TOO_LARGE;
	if (!exchange->endpoint->takes_mail)
		return NULL;
	if (exchange->spool == NULL && is_large(exchange))
		verdict = spool_begin(exchange);
	if (verdict != NULL)
		return verdict;
	return exchange->spool != NULL ? spool_add(exchange, piece) : memory_add(exchange, piece);
}

/* Every second's worth of bytes that came earns a second more. */
static uint64_t due_ms(const struct exchange *exchange)
{
	const struct server_options *options = &exchange->server->options;
	uint64_t earned_ms = exchange->received * 1000 / options->bytes_per_s;
	return exchange->started_ms + options->request_s * 1000u + earned_ms;
}

void body_await(struct exchange *exchange)
{
	deadline_set(&exchange->server->deadlines, exchange->connection, due_ms(exchange));
}

/* A refused request's body is read and forgotten, within limits: answering in the middle would
 * reset the connection under a client that is still writing. */
enum MHD_Result body_receive(struct exchange *exchange, struct bytes piece)
{
	if (server_clock_ms() > due_ms(exchange))
		return MHD_NO;
	exchange->received += piece.len;
	body_await(exchange);
	if (exchange->verdict == NULL)
		exchange->verdict = add(exchange, piece);
	if (exchange->verdict == NULL)
		return MHD_YES;
	body_drop(exchange);
	exchange->unwanted += piece.len;
	return exchange->unwanted <= 2 * exchange->server->mail_size_max ? MHD_YES : MHD_NO;
}
