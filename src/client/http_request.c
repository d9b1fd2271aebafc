#include "client/http_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/report.h"
#include "client/client.h"
#include "client/http_upload.h"

/* A stream waits for the host's consent, so that a refusal comes before the body leaves. */
static enum conclave_error add_headers(
	struct curl_slist **headers, const struct http *http, const struct http_request *request)
{
	char correlation[64 + CLIENT_CORRELATION_SIZE];
	snprintf(correlation, sizeof(correlation), "Correlation-ID: %s", request->correlation_id);
	TRY(http_add_header(headers, correlation));
	TRY(http_add_header(headers, "Conclave-Version: 1"));
	if (http->taken[0] != '\0') {
		char acknowledge[32 + HTTP_REPLY_ID_SIZE];
		snprintf(acknowledge, sizeof(acknowledge), "Conclave-Acknowledge: %s", http->taken);
		TRY(http_add_header(headers, acknowledge));
	}
	if (request->prefer != NULL)
		TRY(http_add_header(headers, request->prefer));
	TRY(http_add_header(headers, "Content-Type: application/octet-stream"));
	if (request->stream != NULL && !request->stream->size_known)
		TRY(http_add_header(headers, "Transfer-Encoding: chunked"));
	/* For what is short curl would wait a second for a 100 from hosts that give none. */
	return http_add_header(
		headers, request->stream != NULL ? "Expect: 100-continue" : "Expect:");
}

static enum conclave_error set_body(CURL *curl, struct bytes body)
{
	bool set = curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) ==
			   CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
			   body.len > 0 ? (const char *)body.ptr : "") == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

static enum conclave_error set_post(struct curl_slist **headers, struct http_upload *upload,
	struct http *http, const struct http_request *request, struct conclave_report *report)
{
	TRY(add_headers(headers, http, request));
	if (request->stream != NULL)
		TRY(http_upload_begin(upload, http, request->stream, report));
	else
		TRY(set_body(http->curl, request->body));
	bool set = curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, *headers) == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

/* What the host calls the reply that this answer holds; "" for none, or nonsense: it is sent back.
 */
static void read_reply_id(char id[HTTP_REPLY_ID_SIZE + 1], CURL *curl)
{
	struct curl_header *header;
	id[0] = '\0';
	if (curl_easy_header(curl, "Conclave-Reply", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return;
	size_t size = strlen(header->value);
	if (size <= HTTP_REPLY_ID_SIZE && strspn(header->value, "0123456789") == size)
		memcpy(id, header->value, size + 1);
}

/* An answer to a POST means that its acknowledgement was heard. One that broke off means nothing.
 */
static void note_answer(struct http *http)
{
	http->taken[0] = '\0';
	read_reply_id(http->offered, http->curl);
}

/* curl knows only that an upload was broken off, not why. */
static enum conclave_error transfer(struct http_response *response, struct http *http,
	struct curl_slist **headers, const char *url, const struct http_request *request,
	struct conclave_report *report)
{
	struct conclave_report why = {""};
	struct http_upload upload = {.failed = CONCLAVE_OK};
	const struct http_peer peer = {
		.name = http->base,
		.question = request->stream != NULL
				    ? "is a host serving there that takes mail of this size?"
				    : "is a host serving there?",
		.is_loopback = http->is_loopback,
		.connect_ms = http->connect_ms,
		.whole_ms = request->stream != NULL ? 0 : http->whole_ms,
	};
	if (request->correlation_id != NULL)
		TRY(set_post(headers, &upload, http, request, report));
	enum conclave_error error = http_exchange(response, http->curl, &peer, url, &why);
	TRY(upload.failed);
	if (error != CONCLAVE_OK)
		report_fill(report, "%s", why.text);
	else if (request->correlation_id != NULL)
		note_answer(http);
	return error;
}

enum conclave_error http_ask(struct http_response *response, struct http *http,
	const struct http_request *request, struct conclave_report *report)
{
	CLEANUP(http_headers_free) struct curl_slist *headers = NULL;
	char *url = NULL;
	if (asprintf(&url, "%s/%s", http->base, request->endpoint) < 0)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = transfer(response, http, &headers, url, request, report);
	/* Forgets what ends with this call: buffers and headers. Keeps the connection. */
	curl_easy_reset(http->curl);
	free(url);
	return error;
}
