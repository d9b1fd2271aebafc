#include "client/http.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "client/client.h"
#include "http/exchange.h"

#define ERROR_SIZE_MAX                                                                       \
	65536		 /* of an error as JSON: parsed, it takes forty times as much memory \
			  */
#define REPLY_ID_SIZE 20 /* decimal digits of a 64-bit number */

struct http {
	CURL *curl;
	char *base; /* no '/' at its end */
	bool is_loopback;
	long connect_ms, whole_ms;
	/* The host's ids for replies: of the one that came last; of the one it may forget. */
	char offered[REPLY_ID_SIZE + 1], taken[REPLY_ID_SIZE + 1];
};

/* -- words -- */

static enum conclave_error explain_status(const struct http *http,
	const struct http_response *response, struct conclave_report *report)
{
	char text[HTTP_TEXT_SIZE];
	if (response->status >= 300 && response->status < 400)
		report_fill(report,
			"%s: the server redirects (status %ld), which is not followed; give the "
			"host's own URL",
			http->base, response->status);
	else
		report_fill(report, "%s: status %ld: %s", http->base, response->status,
			http_first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

/* -- one exchange -- */

static enum conclave_error set_post(struct curl_slist **headers, const struct http *http,
	const char *correlation_id, struct bytes body)
{
	char correlation[64 + CLIENT_CORRELATION_SIZE];
	snprintf(correlation, sizeof(correlation), "Correlation-ID: %s", correlation_id);
	TRY(http_add_header(headers, correlation));
	TRY(http_add_header(headers, "Conclave-Version: 1"));
	if (http->taken[0] != '\0') {
		char acknowledge[32 + REPLY_ID_SIZE];
		snprintf(acknowledge, sizeof(acknowledge), "Conclave-Acknowledge: %s", http->taken);
		TRY(http_add_header(headers, acknowledge));
	}
	TRY(http_add_header(headers, "Content-Type: application/octet-stream"));
	TRY(http_add_header(headers, "Expect:")); /* curl would wait a second for a 100 */
	CURL *curl = http->curl;
	bool set = curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) ==
			   CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
			   body.len > 0 ? (const char *)body.ptr : "") == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers) == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

/* What the host calls the reply that this answer holds; "" for none, or nonsense: it is sent back.
 */
static void read_reply_id(char id[REPLY_ID_SIZE + 1], CURL *curl)
{
	struct curl_header *header;
	id[0] = '\0';
	if (curl_easy_header(curl, "Conclave-Reply", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return;
	size_t size = strlen(header->value);
	if (size <= REPLY_ID_SIZE && strspn(header->value, "0123456789") == size)
		memcpy(id, header->value, size + 1);
}

/* An answer to a POST means that its acknowledgement was heard. One that broke off means nothing.
 */
static void note_answer(struct http *http)
{
	http->taken[0] = '\0';
	read_reply_id(http->offered, http->curl);
}

static enum conclave_error transfer(struct http_response *response, struct http *http,
	struct curl_slist **headers, const char *url, const char *correlation_id, struct bytes body,
	struct conclave_report *report)
{
	const struct http_peer peer = {
		.name = http->base,
		.question = "is a host serving there?",
		.is_loopback = http->is_loopback,
		.connect_ms = http->connect_ms,
		.whole_ms = http->whole_ms,
	};
	if (correlation_id != NULL)
		TRY(set_post(headers, http, correlation_id, body));
	TRY(http_exchange(response, http->curl, &peer, url, report));
	if (correlation_id != NULL)
		note_answer(http);
	return CONCLAVE_OK;
}

/* prefer: a preference of RFC 7240, or NULL. */
static enum conclave_error exchange(struct http_response *response, struct http *http,
	const char *endpoint, const char *correlation_id, const char *prefer, struct bytes body,
	struct conclave_report *report)
{
	CLEANUP(http_headers_free) struct curl_slist *headers = NULL;
	if (prefer != NULL)
		TRY(http_add_header(&headers, prefer));
	char *url = NULL;
	if (asprintf(&url, "%s/%s", http->base, endpoint) < 0)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error =
		transfer(response, http, &headers, url, correlation_id, body, report);
	/* Forgets what ends with this call: buffers and headers. Keeps the connection. */
	curl_easy_reset(http->curl);
	free(url);
	return error;
}

/* The body becomes the caller's. */
static void give(uint8_t **out, size_t *out_size, struct http_response *response)
{
	*out = response->data;
	*out_size = response->len;
	response->data = NULL;
}

static enum conclave_error get_attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	struct http *http = context;
	CLEANUP(http_response_free) struct http_response response = {.max = INSTANCE_INFO_SIZE_MAX};
	TRY(exchange(&response, http, "attestation", NULL, NULL, (struct bytes){0}, report));
	if (response.status != 200)
		return explain_status(http, &response, report);
	give(out, out_size, &response);
	return CONCLAVE_OK;
}

/* -- errors of deliver-mail: {"error": CODE, "message": TEXT or null} with status 400 -- */

static void json_free(json_t *const *json)
{
	json_decref(*json);
}

static enum conclave_error explain_refusal(const struct http *http, const char *code,
	const char *message, const struct http_response *response, struct conclave_report *report)
{
	char text[HTTP_TEXT_SIZE];
	if (strcmp(code, "MAIL_DECRYPTION") == 0) {
		report_fill(report, "the host says that the enclave could not decrypt the mail: it "
				    "was altered, or sealed for another enclave");
		return CONCLAVE_ERROR_AUTH;
	}
	if (strcmp(code, "ENCLAVE_EXCEPTION") == 0) {
		report_fill(report, "the host says that the enclave refused the mail (%s)",
			message[0] != '\0'
				? http_first_line(text, bytes_of(message, strlen(message)))
				: "no reason given");
		return CONCLAVE_ERROR_REFUSED;
	}
	report_fill(report, "%s: an error this client does not know: %s", http->base,
		http_first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error explain_bad_request(const struct http *http,
	const struct http_response *response, struct conclave_report *report)
{
	char text[HTTP_TEXT_SIZE];
	CLEANUP(json_free)
	json_t *json = response->len <= ERROR_SIZE_MAX
			       ? json_loadb((const char *)response->data, response->len, 0, NULL)
			       : NULL;
	const char *code = json_string_value(json_object_get(json, "error"));
	const char *message = json_string_value(json_object_get(json, "message"));
	if (code != NULL)
		return explain_refusal(
			http, code, message != NULL ? message : "", response, report);
	report_fill(report, "%s: an error answer that is not JSON with an \"error\": %s",
		http->base, http_first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error post(struct http *http, uint8_t **out, size_t *out_size,
	const char *endpoint, const char *correlation_id, const char *prefer, struct bytes body,
	struct conclave_report *report)
{
	CLEANUP(http_response_free) struct http_response response = {.max = CLIENT_MAIL_SIZE_MAX};
	TRY(exchange(&response, http, endpoint, correlation_id, prefer, body, report));
	/* A poll hands over no mail that could be refused: a host that says so would be believed
	 * for as long as it likes, by whoever polls until nothing is left. */
	if (response.status == 400 && body.len > 0)
		return explain_bad_request(http, &response, report);
	bool accepted = response.status == 202 && prefer != NULL;
	if (response.status != 200 && !accepted)
		return explain_status(http, &response, report);
	if (accepted) {
		*out = NULL;
		*out_size = 0;
	} else {
		give(out, out_size, &response);
	}
	return CONCLAVE_OK;
}

static enum conclave_error deliver_mail(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	return post(context, out, out_size, "deliver-mail", correlation_id, NULL,
		bytes_of(mail, mail_size), report);
}

/* A host that does not know the preference waits, and answers with the reply. */
static enum conclave_error deliver_async(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	return post(context, out, out_size, "deliver-mail", correlation_id, "Prefer: respond-async",
		bytes_of(mail, mail_size), report);
}

static enum conclave_error poll_mail(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, struct conclave_report *report)
{
	return post(context, out, out_size, "poll-mail", correlation_id, NULL, (struct bytes){0},
		report);
}

static void reply_taken(void *context)
{
	struct http *http = context;
	if (http->offered[0] != '\0')
		memcpy(http->taken, http->offered, sizeof(http->taken));
	http->offered[0] = '\0';
}

static enum conclave_error acknowledge(
	void *context, const char *correlation_id, struct conclave_report *report)
{
	struct http *http = context;
	uint8_t *none = NULL;
	size_t none_size = 0;
	if (http->taken[0] == '\0')
		return CONCLAVE_OK;
	enum conclave_error error = post(http, &none, &none_size, "acknowledge", correlation_id,
		NULL, (struct bytes){0}, report);
	free(none);
	return error;
}

/* -- opening and closing -- */

static void http_close(void *context)
{
	struct http *http = context;
	if (http->curl != NULL)
		curl_easy_cleanup(http->curl);
	free(http->base);
	free(http);
}

enum conclave_error http_transport_open(struct conclave_transport *out, const char *url,
	unsigned connect_ms, unsigned whole_ms, struct conclave_report *report)
{
	bool loopback = false;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CONCLAVE_ERROR_INTERNAL;
	if (!http_url_is_base(&loopback, url)) {
		report_fill(report,
			"'%.200s' is not the URL of a host; one looks like http://127.0.0.1:8080",
			url);
		return CONCLAVE_ERROR_ARGUMENT;
	}
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	struct http *http = calloc(1, sizeof(*http));
	if (http == NULL)
		return CONCLAVE_ERROR_MEMORY;
	http->curl = curl_easy_init();
	http->base = strndup(url, len);
	http->is_loopback = loopback;
	http->connect_ms = (long)connect_ms;
	http->whole_ms = (long)whole_ms;
	if (http->curl == NULL || http->base == NULL) {
		http_close(http);
		return CONCLAVE_ERROR_MEMORY;
	}
	*out = (struct conclave_transport){
		.context = http,
		.attestation = get_attestation,
		.send = deliver_mail,
		.poll = poll_mail,
		.close = http_close,
		.send_async = deliver_async,
		.taken = reply_taken,
		.acknowledge = acknowledge,
	};
	return CONCLAVE_OK;
}
