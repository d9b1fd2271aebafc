#include "collateral/fetch.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "collateral/encoding.h"

#define DELAY_UNSAID 60 /* seconds after a 429 that does not say */

void fetched_free(struct fetched *fetched)
{
	free(fetched->body.ptr);
	free(fetched->chain.ptr);
	*fetched = (struct fetched){0};
}

/* A header of the last answer; NULL when it is not there. */
static const char *header(CURL *curl, const char *name)
{
	struct curl_header *found;
	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return NULL;
	return found->value;
}

/* Before version 4 of the PCS the TCB info's was called "SGX-TCB-Info-Issuer-Chain", and some
 * services that have versions of their own still call it so. */
static const char *chain_header(CURL *curl, const char *name)
{
	char older[64];
	const char *value = header(curl, name);
	snprintf(older, sizeof(older), "SGX-%s", name);
	return value != NULL ? value : header(curl, older);
}

static enum conclave_error read_chain(struct fetched *out, CURL *curl, const char *name,
	const char *url, struct conclave_report *report)
{
	const char *value = chain_header(curl, name);
	size_t len = value == NULL ? 0 : strlen(value);
	if (len == 0 || len > FETCH_CHAIN_SIZE_MAX) {
		report_fill(report, "%s: the answer has no header %s of at most %u bytes", url,
			name, FETCH_CHAIN_SIZE_MAX);
		return CONCLAVE_ERROR_FORMAT;
	}
	out->chain.ptr = malloc(len);
	if (out->chain.ptr == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){out->chain.ptr, len});
	if (encoding_percent_decode(&writer, bytes_of(value, len)) != CONCLAVE_OK) {
		report_fill(report, "%s: the header %s is not percent-encoded", url, name);
		return CONCLAVE_ERROR_FORMAT;
	}
	out->chain.len = writer.len;
	return CONCLAVE_OK;
}

/* "max-age=N" among the directives of RFC 9111 §5.2. */
static int64_t read_max_age(CURL *curl)
{
	const char *value = header(curl, "Cache-Control");
	const char *found = value == NULL ? NULL : strcasestr(value, "max-age=");
	if (found == NULL)
		return 0;
	unsigned long seconds = strtoul(found + strlen("max-age="), NULL, 10);
	return seconds <= UINT32_MAX ? (int64_t)seconds : UINT32_MAX;
}

/* An ETag goes back to the server in a header: nothing but RFC 9110's characters. */
static void read_etag(char out[FETCH_ETAG_SIZE], CURL *curl)
{
	const char *value = header(curl, "ETag");
	size_t len = value == NULL ? 0 : strlen(value);
	out[0] = '\0';
	if (len >= FETCH_ETAG_SIZE)
		return;
	for (size_t i = 0; i < len; i++)
		if (value[i] < '!' || value[i] > '~')
			return;
	memcpy(out, value == NULL ? "" : value, len + 1);
}

static enum conclave_error read_body(struct fetched *out, struct http_response *response,
	CURL *curl, const struct collateral_item *item, const char *url,
	struct conclave_report *report)
{
	const char *chain_name = item_chain_header(item);
	out->body = (struct buffer){response->data, response->len};
	response->data = NULL;
	read_etag(out->etag, curl);
	out->max_age = read_max_age(curl);
	if (chain_name != NULL)
		TRY(read_chain(out, curl, chain_name, url, report));
	if (!item_is_der(item))
		return CONCLAVE_OK;
	if (encoding_to_der(&out->body, item->kind == COLLATERAL_VCEK
						? BYTES_LIT("CERTIFICATE")
						: BYTES_LIT("X509 CRL")) != CONCLAVE_OK) {
		report_fill(report, "%s: the answer is neither DER nor PEM nor hexadecimal", url);
		return CONCLAVE_ERROR_FORMAT;
	}
	return CONCLAVE_OK;
}

/* CURLINFO_RETRY_AFTER reads both forms, seconds and a date. */
static int64_t read_delay(CURL *curl)
{
	curl_off_t delay = 0;
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &delay);
	if (delay <= 0)
		return DELAY_UNSAID;
	return delay < (curl_off_t)FETCH_DELAY_MAX ? (int64_t)delay : (int64_t)FETCH_DELAY_MAX;
}

static enum conclave_error read_answer(struct fetched *out, struct http_response *response,
	CURL *curl, const struct collateral_item *item, const char *url, const char *etag,
	struct conclave_report *report)
{
	char text[HTTP_TEXT_SIZE];
	const char *said = http_first_line(text, bytes_of(response->data, response->len));
	if (response->status == 200)
		return read_body(out, response, curl, item, url, report);
	if (response->status == 304 && etag[0] != '\0') {
		out->outcome = FETCH_UNCHANGED;
		out->max_age = read_max_age(curl);
		memcpy(out->etag, etag, strlen(etag) + 1);
		return CONCLAVE_OK;
	}
	if (response->status == 429 || response->status == 503) {
		out->outcome = FETCH_LATER;
		out->retry_after = read_delay(curl);
		report_fill(report, "%s: status %ld, asks to wait %lld s", url, response->status,
			(long long)out->retry_after);
		return CONCLAVE_OK;
	}
	if (response->status >= 300 && response->status < 400)
		report_fill(report, "%s: the server redirects (status %ld), which is not followed",
			url, response->status);
	else
		report_fill(report, "%s: status %ld: %s", url, response->status, said);
	return response->status == 404 ? CONCLAVE_ERROR_NOT_FOUND : CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error ask(struct fetched *out, CURL *curl, const struct http_peer *peer,
	const struct collateral_item *item, const char *url, const char *etag,
	struct conclave_report *report)
{
	CLEANUP(http_response_free)
	struct http_response response = {.max = item_size_max(item)};
	CLEANUP(http_headers_free) struct curl_slist *headers = NULL;
	struct http_peer named = *peer;
	char line[FETCH_ETAG_SIZE + 32];
	named.name = url;
	snprintf(line, sizeof(line), "If-None-Match: %s", etag);
	if (etag[0] != '\0') {
		TRY(http_add_header(&headers, line));
		if (curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
			return CONCLAVE_ERROR_MEMORY;
	}
	TRY(http_exchange(&response, curl, &named, url, report));
	return read_answer(out, &response, curl, item, url, etag, report);
}

enum conclave_error fetch_item(struct fetched *out, CURL *curl, const struct http_peer *peer,
	const struct collateral_item *item, const char *url, const char *etag,
	struct conclave_report *report)
{
	CLEANUP(fetched_free) struct fetched fetched = {0};
	enum conclave_error error = ask(&fetched, curl, peer, item, url, etag, report);
	/* Forgets what ended with this call: buffers and headers. Keeps the connection. */
	curl_easy_reset(curl);
	TRY(error);
	*out = fetched;
	fetched = (struct fetched){0};
	return CONCLAVE_OK;
}
