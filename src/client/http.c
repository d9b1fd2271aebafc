#include "client/http.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "client/client.h"
#include "client/http_request.h"

/* Of an error as JSON: parsed, it takes forty times as much memory. */
#define ERROR_SIZE_MAX 65536
/* A host that does not know the preference waits, and answers with the reply. */
#define RESPOND_ASYNC "Prefer: respond-async"

static enum conclave_error explain_status(const struct http *http,
	const struct http_response *response, struct conclave_report *report)
{
	char text[HTTP_TEXT_SIZE];
	if (response->status == 413) {
		report_fill(report, "%s: the host or its enclave takes no mail of this size: %s",
			http->base, http_first_line(text, bytes_of(response->data, response->len)));
		return CONCLAVE_ERROR_LIMIT;
	}
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

/* The body becomes the caller's. */
static void give(uint8_t **out, size_t *out_size, struct http_response *response)
{
	*out = response->data;
	*out_size = response->len;
	response->data = NULL;
}

static enum conclave_error get(uint8_t **out, size_t *out_size, struct http *http,
	const char *endpoint, struct conclave_report *report)
{
	CLEANUP(http_response_free) struct http_response response = {.max = INSTANCE_INFO_SIZE_MAX};
	TRY(http_ask(&response, http, &(struct http_request){.endpoint = endpoint}, report));
	if (response.status != 200)
		return explain_status(http, &response, report);
	give(out, out_size, &response);
	return CONCLAVE_OK;
}

static enum conclave_error get_attestation(
	void *context, uint8_t **out, size_t *out_size, struct conclave_report *report)
{
	return get(out, out_size, context, "attestation", report);
}

static enum conclave_error get_attestation_fresh(void *context, uint8_t **out, size_t *out_size,
	const uint8_t nonce[CONCLAVE_NONCE_SIZE], struct conclave_report *report)
{
	char endpoint[32 + 2 * CONCLAVE_NONCE_SIZE] = "attestation?nonce=";
	hex_encode(endpoint + strlen(endpoint), bytes_of(nonce, CONCLAVE_NONCE_SIZE));
	return get(out, out_size, context, endpoint, report);
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
	const struct http_request *request, struct conclave_report *report)
{
	CLEANUP(http_response_free)
	struct http_response response = {.max = CLIENT_MAIL_SIZE_MAX};
	bool has_mail = request->body.len > 0 || request->stream != NULL;
	TRY(http_ask(&response, http, request, report));
	/* A poll hands over no mail that could be refused: a host that says so would be believed
	 * for as long as it likes, by whoever polls until nothing is left. */
	if (response.status == 400 && has_mail)
		return explain_bad_request(http, &response, report);
	bool accepted = response.status == 202 && request->prefer != NULL;
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
	const struct http_request request = {.endpoint = "deliver-mail",
		.correlation_id = correlation_id,
		.body = bytes_of(mail, mail_size)};
	return post(context, out, out_size, &request, report);
}

static enum conclave_error deliver_async(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report)
{
	const struct http_request request = {.endpoint = "deliver-mail",
		.correlation_id = correlation_id,
		.prefer = RESPOND_ASYNC,
		.body = bytes_of(mail, mail_size)};
	return post(context, out, out_size, &request, report);
}

static enum conclave_error deliver_stream(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, const struct conclave_source *mail, bool wait,
	struct conclave_report *report)
{
	const struct http_request request = {.endpoint = "deliver-mail",
		.correlation_id = correlation_id,
		.prefer = wait ? NULL : RESPOND_ASYNC,
		.stream = mail};
	return post(context, out, out_size, &request, report);
}

static enum conclave_error poll_mail(void *context, uint8_t **out, size_t *out_size,
	const char *correlation_id, struct conclave_report *report)
{
	const struct http_request request = {
		.endpoint = "poll-mail", .correlation_id = correlation_id};
	return post(context, out, out_size, &request, report);
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
	const struct http_request request = {
		.endpoint = "acknowledge", .correlation_id = correlation_id};
	enum conclave_error error = post(http, &none, &none_size, &request, report);
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
		.send_stream = deliver_stream,
		.attestation_fresh = get_attestation_fresh,
	};
	return CONCLAVE_OK;
}
