#include "client/http.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/report.h"
#include "client/client.h"

#define SERVER_TEXT_MAX 200 /* of what a server says, in a report */
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

/* A response as it comes in, up to a limit. */
struct response {
	uint8_t *data;
	size_t len, max;
	long status;
	enum conclave_error failed; /* why receiving was broken off */
};

static void response_free(const struct response *response)
{
	free(response->data);
}

static void list_free(struct curl_slist *const *list)
{
	curl_slist_free_all(*list);
}

static size_t receive(char *data, size_t unit, size_t count, void *context)
{
	struct response *response = context;
	size_t len = unit * count; /* at most CURL_MAX_WRITE_SIZE, 16 KiB, and not 0 */
	if (len > response->max - response->len) {
		response->failed = CONCLAVE_ERROR_LIMIT;
		return 0;
	}
	uint8_t *moved = realloc(response->data, response->len + len);
	if (moved == NULL) {
		response->failed = CONCLAVE_ERROR_MEMORY;
		return 0;
	}
	memcpy(moved + response->len, data, len);
	response->data = moved;
	response->len += len;
	return len;
}

/* -- words -- */

/* The first line of what a server sent, fit for a terminal: it may be hostile. */
static const char *first_line(char text[SERVER_TEXT_MAX + 1], struct bytes said)
{
	size_t len = 0;
	while (len < SERVER_TEXT_MAX && len < said.len && said.ptr[len] != '\n' &&
		said.ptr[len] != '\r') {
		uint8_t c = said.ptr[len];
		text[len++] = c >= ' ' && c <= '~' ? (char)c : '?';
	}
	text[len] = '\0';
	return len > 0 ? text : "no text";
}

static enum conclave_error explain_transfer(const struct http *http, CURLcode code,
	const struct response *response, const char *detail, struct conclave_report *report)
{
	if (response->failed == CONCLAVE_ERROR_LIMIT)
		report_fill(report, "%s: the answer is larger than the %zu bytes allowed",
			http->base, response->max);
	else if (response->failed != CONCLAVE_OK)
		report_fill(report, "%s: %s", http->base, conclave_error_text(response->failed));
	if (response->failed != CONCLAVE_OK)
		return response->failed;
	const char *cause = detail[0] != '\0' ? detail : curl_easy_strerror(code);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		report_fill(report, "%s: no answer in time (%s)", http->base, cause);
		return CONCLAVE_ERROR_TIMEOUT;
	}
	report_fill(report, "%s: %s; is a host serving there?", http->base, cause);
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error explain_status(
	const struct http *http, const struct response *response, struct conclave_report *report)
{
	char text[SERVER_TEXT_MAX + 1];
	if (response->status >= 300 && response->status < 400)
		report_fill(report,
			"%s: the server redirects (status %ld), which is not followed; give the "
			"host's own URL",
			http->base, response->status);
	else
		report_fill(report, "%s: status %ld: %s", http->base, response->status,
			first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

/* -- one exchange -- */

static enum conclave_error set_options(
	const struct http *http, const char *url, struct response *response, char *detail)
{
	CURL *curl = http->curl;
	bool set =
		curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, http->connect_ms) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, http->whole_ms) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "conclave") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, response) == CURLE_OK;
	if (set && http->is_loopback)
		set = curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

/* Does not take the list: a failed append leaves it as it was. */
static enum conclave_error add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer == NULL)
		return CONCLAVE_ERROR_MEMORY;
	*list = longer;
	return CONCLAVE_OK;
}

static enum conclave_error set_post(struct curl_slist **headers, const struct http *http,
	const char *correlation_id, struct bytes body)
{
	char correlation[64 + CLIENT_CORRELATION_SIZE];
	snprintf(correlation, sizeof(correlation), "Correlation-ID: %s", correlation_id);
	TRY(add_header(headers, correlation));
	TRY(add_header(headers, "Conclave-Version: 1"));
	if (http->taken[0] != '\0') {
		char acknowledge[32 + REPLY_ID_SIZE];
		snprintf(acknowledge, sizeof(acknowledge), "Conclave-Acknowledge: %s", http->taken);
		TRY(add_header(headers, acknowledge));
	}
	TRY(add_header(headers, "Content-Type: application/octet-stream"));
	TRY(add_header(headers, "Expect:")); /* curl would wait a second for a 100 */
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

static enum conclave_error transfer(struct response *response, struct http *http,
	struct curl_slist **headers, const char *url, const char *correlation_id, struct bytes body,
	struct conclave_report *report)
{
	char detail[CURL_ERROR_SIZE] = "";
	TRY(set_options(http, url, response, detail));
	if (correlation_id != NULL)
		TRY(set_post(headers, http, correlation_id, body));
	CURLcode code = curl_easy_perform(http->curl);
	if (code != CURLE_OK)
		return explain_transfer(http, code, response, detail, report);
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &response->status);
	if (correlation_id != NULL)
		note_answer(http);
	return CONCLAVE_OK;
}

/* prefer: a preference of RFC 7240, or NULL. */
static enum conclave_error exchange(struct response *response, struct http *http,
	const char *endpoint, const char *correlation_id, const char *prefer, struct bytes body,
	struct conclave_report *report)
{
	CLEANUP(list_free) struct curl_slist *headers = NULL;
	if (prefer != NULL)
		TRY(add_header(&headers, prefer));
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
static void give(uint8_t **out, size_t *out_size, struct response *response)
{
	*out = response->data;
	*out_size = response->len;
	response->data = NULL;
}

static enum conclave_error get_attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	struct http *http = context;
	CLEANUP(response_free) struct response response = {.max = INSTANCE_INFO_SIZE_MAX};
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
	const char *message, const struct response *response, struct conclave_report *report)
{
	char text[SERVER_TEXT_MAX + 1];
	if (strcmp(code, "MAIL_DECRYPTION") == 0) {
		report_fill(report, "the host says that the enclave could not decrypt the mail: it "
				    "was altered, or sealed for another enclave");
		return CONCLAVE_ERROR_AUTH;
	}
	if (strcmp(code, "ENCLAVE_EXCEPTION") == 0) {
		report_fill(report, "the host says that the enclave refused the mail (%s)",
			message[0] != '\0' ? first_line(text, bytes_of(message, strlen(message)))
					   : "no reason given");
		return CONCLAVE_ERROR_REFUSED;
	}
	report_fill(report, "%s: an error this client does not know: %s", http->base,
		first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error explain_bad_request(
	const struct http *http, const struct response *response, struct conclave_report *report)
{
	char text[SERVER_TEXT_MAX + 1];
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
		http->base, first_line(text, bytes_of(response->data, response->len)));
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error post(struct http *http, uint8_t **out, size_t *out_size,
	const char *endpoint, const char *correlation_id, const char *prefer, struct bytes body,
	struct conclave_report *report)
{
	CLEANUP(response_free) struct response response = {.max = CLIENT_MAIL_SIZE_MAX};
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

static void url_free(CURLU *const *url)
{
	curl_url_cleanup(*url);
}

static bool is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0;
}

/* http or https, a host, and neither a query nor a fragment, after which no endpoint can follow. */
static bool parse_url(bool *loopback, const char *text)
{
	CLEANUP(url_free) CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *rest = NULL;
	bool good = url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
		    curl_url_get(url, CURLUPART_QUERY, &rest, 0) == CURLUE_NO_QUERY &&
		    curl_url_get(url, CURLUPART_FRAGMENT, &rest, 0) == CURLUE_NO_FRAGMENT;
	if (good)
		*loopback = is_loopback(host);
	curl_free(scheme);
	curl_free(host);
	curl_free(rest);
	return good;
}

enum conclave_error http_transport_open(struct conclave_transport *out, const char *url,
	unsigned connect_ms, unsigned whole_ms, struct conclave_report *report)
{
	bool loopback = false;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CONCLAVE_ERROR_INTERNAL;
	if (!parse_url(&loopback, url)) {
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
