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

static void serve_one(struct loopback *server, int socket)
{
	char head[HEAD_SIZE_MAX], length[32];
	size_t have = 0;
	size_t head_size = read_head(head, &have, socket);
	if (head_size == 0)
		return;
	loopback_header(length, sizeof(length), head, "Content-Length");
	size_t body_size = strtoul(length, NULL, 10);
	uint8_t *body = malloc(body_size + 1);
	ASSERT(body != NULL && have - head_size <= body_size);
	memcpy(body, head + head_size, have - head_size);
	size_t got = have - head_size;
	while (got < body_size) {
		ssize_t count = recv(socket, body + got, body_size - got, 0);
		if (count <= 0)
			break;
		got += (size_t)count;
	}
	head[head_size] = '\0';
	server->answer(server->context, socket, head, bytes_of(body, got));
	free(body);
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
