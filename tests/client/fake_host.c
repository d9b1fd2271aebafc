#include "client/fake_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

static const char octets[] = "application/octet-stream";

static bool begins(const char *head, const char *request)
{
	return strncmp(head, request, strlen(request)) == 0;
}

static bool header_is(const char *head, const char *name, const char *wanted)
{
	char value[64];
	loopback_header(value, sizeof(value), head, name);
	return strcmp(value, wanted) == 0;
}

/* id not 0: the reply's. What does not get through is cut off, once. */
static void respond(struct fake_enclave *enclave, int socket, const char *status, uint64_t id,
	struct bytes body)
{
	char head[256], reply[48] = "";
	if (id != 0)
		snprintf(reply, sizeof(reply), "Conclave-Reply: %llu\r\n", (unsigned long long)id);
	int len = snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%sConnection: "
		"close\r\n\r\n",
		status, octets, body.len, reply);
	ASSERT(len > 0 && (size_t)len < sizeof(head));
	size_t whole = (size_t)len + body.len, limit = enclave->cut_after;
	if (limit == 0 || limit > whole)
		limit = whole;
	enclave->was_cut = enclave->cut_after != 0 && limit < whole;
	enclave->cut_after = 0;
	loopback_write(socket, bytes_slice(bytes_of(head, (size_t)len), 0, limit));
	if (limit > (size_t)len)
		loopback_write(socket, bytes_slice(body, 0, limit - (size_t)len));
}

/* A client of version 1 acknowledges replies, and only then do they go. */
static void deliver(struct fake_enclave *enclave, int socket, const char *head,
	const char *correlation, struct bytes mail)
{
	uint8_t *reply = NULL;
	size_t size = 0;
	enum conclave_error error = fake_enclave_deliver(enclave, &reply, &size, correlation, mail);
	if (error == CONCLAVE_ERROR_AUTH)
		loopback_respond(socket, "400 Bad Request", "application/json",
			BYTES_LIT("{\"error\":\"MAIL_DECRYPTION\",\"message\":null}"));
	if (error != CONCLAVE_OK)
		return; /* or it hangs up without a word */
	bool kept = size > 0 && header_is(head, "Conclave-Version", "1");
	uint64_t id = kept ? fake_enclave_keep(enclave, correlation, reply, size) : 0;
	if (header_is(head, "Prefer", "respond-async") && !enclave->knows_no_async)
		respond(enclave, socket, "202 Accepted", 0, (struct bytes){0});
	else
		respond(enclave, socket, "200 OK", id, bytes_of(reply, size));
	if (!kept)
		free(reply);
}

static void poll_mail(
	struct fake_enclave *enclave, int socket, const char *head, const char *correlation)
{
	const struct fake_queued *next = fake_enclave_next(enclave, correlation);
	struct bytes mail = next != NULL ? bytes_of(next->mail, next->size) : (struct bytes){0};
	uint64_t id = next != NULL ? next->id : 0;
	bool keeps = header_is(head, "Conclave-Version", "1");
	respond(enclave, socket, "200 OK", keeps ? id : 0, mail);
	if (!keeps)
		fake_enclave_drop(enclave, correlation, id);
}

void fake_host_answer(void *context, int socket, const char *head, struct bytes body)
{
	struct fake_enclave *enclave = context;
	char correlation[65], acknowledged[32];
	uint8_t *answer = NULL;
	size_t size = 0;
	loopback_header(correlation, sizeof(correlation), head, "Correlation-ID");
	loopback_header(acknowledged, sizeof(acknowledged), head, "Conclave-Acknowledge");
	if (acknowledged[0] != '\0')
		fake_enclave_drop(enclave, correlation, strtoull(acknowledged, NULL, 10));
	if (begins(head, "GET /attestation ")) {
		fake_enclave_info(&answer, &size, enclave);
		loopback_respond(socket, "200 OK", octets, bytes_of(answer, size));
	} else if (begins(head, "POST /deliver-mail ")) {
		deliver(enclave, socket, head, correlation, body);
	} else if (begins(head, "POST /poll-mail ")) {
		poll_mail(enclave, socket, head, correlation);
	} else if (begins(head, "POST /acknowledge ")) {
		respond(enclave, socket, "200 OK", 0, (struct bytes){0});
	} else {
		loopback_respond(socket, "404 Not Found", "text/plain", BYTES_LIT("not here\n"));
	}
	free(answer);
}
