/* HTTP by hand, for tests that need a client which is slow, wrong or gone. */
#ifndef HTTP_SOCKET_H
#define HTTP_SOCKET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

struct http_reply {
	unsigned status; /* 0: the connection ended without an answer */
	char head[4096];
	char body[1 << 17];
	size_t size;
};

static inline int http_connect(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = {30, 0};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	int at_once = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* False when the peer is gone. */
static inline bool http_write(int fd, const void *from, size_t size)
{
	const char *at = from;
	while (size > 0) {
		ssize_t count = send(fd, at, size, MSG_NOSIGNAL);
		if (count <= 0)
			return false;
		at += count;
		size -= (size_t)count;
	}
	return true;
}

static inline bool http_text(int fd, const char *text)
{
	return http_write(fd, text, strlen(text));
}

/* The headers of a POST; the body is the caller's to send. route NULL: no Correlation-ID. */
static inline bool http_post_head(
	int fd, const char *path, const char *route, const char *extra, size_t size)
{
	char head[2048];
	(void)snprintf(head, sizeof(head),
		"POST %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s%sContent-Length: %zu\r\n\r\n", path,
		route != NULL ? "Correlation-ID: " : "", route != NULL ? route : "",
		route != NULL ? "\r\n" : "", extra, size);
	return http_text(fd, head);
}

/* One answer, by its Content-Length. */
static inline void http_read(struct http_reply *reply, int fd)
{
	size_t at = 0;
	memset(reply, 0, sizeof(*reply));
	while (at < sizeof(reply->head) - 1 && strstr(reply->head, "\r\n\r\n") == NULL) {
		if (recv(fd, reply->head + at, 1, 0) != 1)
			return;
		at++;
	}
	const char *length = strcasestr(reply->head, "content-length:");
	size_t size = length != NULL ? strtoul(length + 15, NULL, 10) : 0;
	if (size >= sizeof(reply->body))
		return;
	while (reply->size < size) {
		ssize_t count = recv(fd, reply->body + reply->size, size - reply->size, 0);
		if (count <= 0)
			return;
		reply->size += (size_t)count;
	}
	reply->status = (unsigned)strtoul(reply->head + strlen("HTTP/1.1 "), NULL, 10);
}

static inline void http_post(struct http_reply *reply, uint16_t port, const char *path,
	const char *route, const char *extra, struct bytes body)
{
	int fd = http_connect(port);
	memset(reply, 0, sizeof(*reply));
	if (fd < 0)
		return;
	(void)http_post_head(fd, path, route, extra, body.len);
	(void)http_write(fd, body.ptr, body.len);
	http_read(reply, fd);
	(void)close(fd);
}

static inline void http_get(struct http_reply *reply, uint16_t port, const char *path)
{
	char head[512];
	int fd = http_connect(port);
	memset(reply, 0, sizeof(*reply));
	if (fd < 0)
		return;
	(void)snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	(void)http_text(fd, head);
	http_read(reply, fd);
	(void)close(fd);
}

#endif
