/* One HTTP exchange over libcurl, bounded in size and time: what everything of ours that asks a
 * server shares. TLS is verified, redirects are not followed, loopback is never reached through a
 * proxy; others are reached as libcurl's environment variables say. Thread rule: one thread per
 * CURL handle. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <curl/curl.h>

#include "base/bytes.h"

/* A response as it comes in, up to `max` bytes. */
struct http_response {
	uint8_t *data; /* malloc'ed */
	size_t len, max;
	long status;
	enum conclave_error failed; /* why receiving was broken off */
};

struct http_peer {
	const char *name;     /* who a report says it is about: the base URL */
	const char *question; /* what it asks when nobody answers: "is a host serving there?" */
	bool is_loopback;
	long connect_ms, whole_ms;
};

/* Fetch `url`, with what the caller has set on `curl` beside (a body, headers). The caller resets
 * the handle afterwards: it refers to `response`. Errors: LIMIT (larger than max), MEMORY, TIMEOUT,
 * NETWORK; any status is a success. */
enum conclave_error http_exchange(struct http_response *response, CURL *curl,
	const struct http_peer *peer, const char *url, struct conclave_report *report);
/* For CLEANUP. */
void http_response_free(const struct http_response *response);

/* Append to a list of header lines; does not take the list: a failed append leaves it as it was.
 * Errors: MEMORY. */
enum conclave_error http_add_header(struct curl_slist **list, const char *line);
/* For CLEANUP. */
void http_headers_free(struct curl_slist *const *list);

/* http or https, a host, and neither a query nor a fragment, after which no path can follow. */
bool http_url_is_base(bool *is_loopback, const char *text);

#define HTTP_TEXT_SIZE 201
/* The first line of what a server sent, fit for a terminal: it may be hostile. Returns text. */
const char *http_first_line(char text[HTTP_TEXT_SIZE], struct bytes said);

#endif
