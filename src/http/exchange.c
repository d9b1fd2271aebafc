#include "http/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/report.h"

void http_response_free(const struct http_response *response)
{
	free(response->data);
}

void http_headers_free(struct curl_slist *const *list)
{
	curl_slist_free_all(*list);
}

enum conclave_error http_add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer == NULL)
		return CONCLAVE_ERROR_MEMORY;
	*list = longer;
	return CONCLAVE_OK;
}

static size_t receive(char *data, size_t unit, size_t count, void *context)
{
	struct http_response *response = context;
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

const char *http_first_line(char text[HTTP_TEXT_SIZE], struct bytes said)
{
	size_t len = 0;
	while (len < HTTP_TEXT_SIZE - 1 && len < said.len && said.ptr[len] != '\n' &&
		said.ptr[len] != '\r') {
		uint8_t c = said.ptr[len];
		text[len++] = c >= ' ' && c <= '~' ? (char)c : '?';
	}
	text[len] = '\0';
	return len > 0 ? text : "no text";
}

static enum conclave_error explain(const struct http_peer *peer, CURLcode code,
	const struct http_response *response, const char *detail, struct conclave_report *report)
{
	if (response->failed == CONCLAVE_ERROR_LIMIT)
		report_fill(report, "%s: the answer is larger than the %zu bytes allowed",
			peer->name, response->max);
	else if (response->failed != CONCLAVE_OK)
		report_fill(report, "%s: %s", peer->name, conclave_error_text(response->failed));
	if (response->failed != CONCLAVE_OK)
		return response->failed;
	const char *cause = detail[0] != '\0' ? detail : curl_easy_strerror(code);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		report_fill(report, "%s: no answer in time (%s)", peer->name, cause);
		return CONCLAVE_ERROR_TIMEOUT;
	}
	report_fill(report, "%s: %s; %s", peer->name, cause, peer->question);
	return CONCLAVE_ERROR_NETWORK;
}

static enum conclave_error set_options(CURL *curl, const struct http_peer *peer, const char *url,
	struct http_response *response, char *detail)
{
	bool set =
		curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, peer->connect_ms) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, peer->whole_ms) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "conclave") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, response) == CURLE_OK;
	if (set && peer->is_loopback)
		set = curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

enum conclave_error http_exchange(struct http_response *response, CURL *curl,
	const struct http_peer *peer, const char *url, struct conclave_report *report)
{
	char detail[CURL_ERROR_SIZE] = "";
	TRY(set_options(curl, peer, url, response, detail));
	CURLcode code = curl_easy_perform(curl);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL); /* it ends with this call */
	if (code != CURLE_OK)
		return explain(peer, code, response, detail, report);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response->status);
	return CONCLAVE_OK;
}

static void url_free(CURLU *const *url)
{
	curl_url_cleanup(*url);
}

static bool is_loopback_name(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0;
}

bool http_url_is_base(bool *is_loopback, const char *text)
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
		*is_loopback = is_loopback_name(host);
	curl_free(scheme);
	curl_free(host);
	curl_free(rest);
	return good;
}
