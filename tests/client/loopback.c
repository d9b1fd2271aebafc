#include "client/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

#define HEAD_SIZE_MAX 16384

void loopback_write(int socket, struct bytes data)
{
	while (data.len > 0) {
		ssize_t count = send(socket, data.ptr, data.len, MSG_NOSIGNAL);
		if (count <= 0)
			return;
		data = bytes_slice(data, (size_t)count, data.len);
	}
}

void loopback_respond(int socket, const char *status, const char *type, struct bytes body)
{
	char head[512];
	int len = snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: "
		"close\r\n\r\n",
		status, type, body.len);
	ASSERT(len > 0 && (size_t)len < sizeof(head));
	loopback_write(socket, bytes_of(head, (size_t)len));
	loopback_write(socket, body);
}

void loopback_drain(int socket)
{
	char sink[4096];
	while (recv(socket, sink, sizeof(sink), 0) > 0)
		continue;
}

void loopback_header(char *out, size_t out_size, const char *head, const char *name)
{
	size_t len = strlen(name);
	out[0] = '\0';
	for (const char *line = strstr(head, "\r\n"); line != NULL;
		line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':')
			continue;
		const char *value = line + 3 + len;
		while (*value == ' ')
			value++;
		snprintf(out, out_size, "%.*s", (int)strcspn(value, "\r"), value);
		return;
	}
}

/* The head, and what of the body came with it. Returns the head's size, 0 when the peer left. */
static size_t read_head(char head[HEAD_SIZE_MAX], size_t *len, int socket)
{
	*len = 0;
	for (;;) {
		ssize_t count = recv(socket, head + *len, HEAD_SIZE_MAX - 1 - *len, 0);
		if (count <= 0)
			return 0;
		*len += (size_t)count;
		head[*len] = '\0';
		char *end = strstr(head, "\r\n\r\n");
		if (end != NULL)
			return (size_t)(end - head) + 4;
	}
}

/* -- bodies -- */

struct incoming {
	int socket;
	struct bytes early; /* came with the head */
	size_t enough;
	uint8_t *body;
	size_t size;
};

static size_t receive(struct incoming *from, void *to, size_t size)
{
	if (from->early.len > 0) {
		struct bytes part = bytes_slice(from->early, 0, size);
		memcpy(to, part.ptr, part.len);
		from->early = bytes_slice(from->early, part.len, SIZE_MAX);
		return part.len;
	}
	ssize_t count = recv(from->socket, to, size, 0);
	return count > 0 ? (size_t)count : 0;
}

/* Whether they came, and more are wanted. */
static bool receive_body(struct incoming *from, size_t size)
{
	uint8_t *longer = realloc(from->body, from->size + size + 1);
	ASSERT(longer != NULL);
	from->body = longer;
	while (size > 0) {
		size_t room = size;
		if (from->enough != 0 && room > from->enough - from->size)
			room = from->enough - from->size;
		size_t count = receive(from, from->body + from->size, room);
		if (count == 0)
			return false;
		from->size += count;
		size -= count;
		if (from->size == from->enough)
			return false;
	}
	return true;
}

static bool receive_line(struct incoming *from, char *line, size_t room)
{
	for (size_t len = 0; len + 1 < room; len++) {
		if (receive(from, line + len, 1) == 0)
			return false;
		line[len + 1] = '\0';
		if (line[len] == '\n')
			return true;
	}
	return false;
}

static void receive_chunks(struct incoming *from)
{
	char line[64];
	size_t size = 0;
	do {
		if (!receive_line(from, line, sizeof(line)))
			return;
		size = strtoul(line, NULL, 16);
		if (!receive_body(from, size) || !receive_line(from, line, sizeof(line)))
			return;
	} while (size > 0);
}

static void serve_one(struct loopback *server, int socket)
{
	char head[HEAD_SIZE_MAX], value[32];
	size_t have = 0;
	size_t head_size = read_head(head, &have, socket);
	if (head_size == 0)
		return;
	uint8_t early[HEAD_SIZE_MAX];
	memcpy(early, head + head_size, have - head_size);
	head[head_size] = '\0';
	struct incoming from = {.socket = socket,
		.early = bytes_of(early, have - head_size),
		.enough = server->enough};
	loopback_header(value, sizeof(value), head, "Expect");
	const char *refusal = NULL;
	if (value[0] != '\0') {
		refusal = server->consent != NULL ? server->consent(server->context, head) : NULL;
		const char *said = refusal != NULL ? refusal : "HTTP/1.1 100 Continue\r\n\r\n";
		loopback_write(socket, bytes_of(said, strlen(said)));
	}
	if (refusal != NULL)
		return;
	from.body = malloc(1);
	loopback_header(value, sizeof(value), head, "Transfer-Encoding");
	if (strcmp(value, "chunked") == 0) {
		receive_chunks(&from);
	} else {
		loopback_header(value, sizeof(value), head, "Content-Length");
		receive_body(&from, strtoul(value, NULL, 10));
	}
	server->answer(server->context, socket, head, bytes_of(from.body, from.size));
	free(from.body);
}

static void *serve(void *context)
{
	struct loopback *server = context;
	for (;;) {
		int socket = accept(server->listener, NULL, NULL);
		if (socket < 0)
			return NULL;
		serve_one(server, socket);
		shutdown(socket, SHUT_WR);
		close(socket);
	}
}

void loopback_start(struct loopback *server, loopback_answer *answer, void *context)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	*server = (struct loopback){.answer = answer, .context = context};
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(server->listener >= 0);
	ASSERT(bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	ASSERT(listen(server->listener, 16) == 0);
	ASSERT(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
	server->port = ntohs(address.sin_port);
	ASSERT(pthread_create(&server->thread, NULL, serve, server) == 0);
}

void loopback_stop(struct loopback *server)
{
	/* Makes accept return on Linux. */
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
}
