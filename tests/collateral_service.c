#include "collateral_service.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

static void write_text(int socket, const char *text)
{
	loopback_write(socket, bytes_of(text, strlen(text)));
}

static void write_head(int socket, const struct service_answer *answer, size_t size)
{
	char length[64];
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", size);
	write_text(socket, "HTTP/1.1 ");
	write_text(socket, answer->status);
	write_text(socket, "\r\nConnection: close\r\n");
	write_text(socket, length);
	write_text(socket, answer->headers);
	write_text(socket, "\r\n");
}

static void write_answer(int socket, const struct service_answer *answer)
{
	static const uint8_t zeros[1 << 18];
	switch (answer->manner) {
	case SERVICE_SILENT: loopback_drain(socket); return;
	case SERVICE_OVERSIZED:
		write_head(socket, answer, sizeof(zeros));
		loopback_write(socket, BYTES_OF(zeros));
		return;
	case SERVICE_CUT:
		write_head(socket, answer, answer->body.len);
		loopback_write(socket, bytes_slice(answer->body, 0, answer->body.len / 2));
		return;
	case SERVICE_RIGHT:
		write_head(socket, answer, answer->body.len);
		loopback_write(socket, answer->body);
	}
}

/* As a service that has ETags: what the client holds already is not sent again. */
static bool is_unchanged(const struct service_answer *answer, const char *head)
{
	char etag[128], asked[128];
	loopback_header(etag, sizeof(etag), answer->headers, "ETag");
	loopback_header(asked, sizeof(asked), head, "If-None-Match");
	return etag[0] != '\0' && strcmp(etag, asked) == 0;
}

static void serve(void *context, int socket, const char *head, struct bytes body)
{
	struct service *service = context;
	char path[256] = "";
	(void)body;
	service->requests++;
	(void)sem_post(&service->heard);
	snprintf(service->last_head, sizeof(service->last_head), "%s", head);
	(void)sscanf(head, "GET %255s HTTP/1.1", path);
	for (size_t i = 0; i < service->answer_count; i++) {
		const struct service_answer *answer = &service->answers[i];
		if (strcmp(answer->path, path) != 0)
			continue;
		if (is_unchanged(answer, head))
			write_text(socket, "HTTP/1.1 304 Not Modified\r\nConnection: "
					   "close\r\n\r\n");
		else
			write_answer(socket, answer);
		return;
	}
	loopback_respond(socket, "404 Not Found", "text/plain", BYTES_LIT("nothing by that name"));
}

void service_start(struct service *service)
{
	memset(service, 0, sizeof(*service));
	ASSERT(sem_init(&service->heard, 0, 0) == 0);
	loopback_start(&service->loopback, serve, service);
	snprintf(service->url, sizeof(service->url), "http://127.0.0.1:%u", service->loopback.port);
}

void service_stop(struct service *service)
{
	loopback_stop(&service->loopback);
	(void)sem_destroy(&service->heard);
}

struct service_answer *service_answer(struct service *service, const char *path)
{
	for (size_t i = 0; i < service->answer_count; i++)
		if (strcmp(service->answers[i].path, path) == 0)
			return &service->answers[i];
	ASSERT(service->answer_count < SERVICE_ANSWERS_MAX);
	struct service_answer *answer = &service->answers[service->answer_count++];
	snprintf(answer->path, sizeof(answer->path), "%s", path);
	snprintf(answer->status, sizeof(answer->status), "200 OK");
	/* A first line of none, so that every header follows a line's end. */
	snprintf(answer->headers, sizeof(answer->headers), "Server: test\r\n");
	return answer;
}

void service_header(struct service_answer *answer, const char *name, const char *value)
{
	size_t at = strlen(answer->headers);
	int len = snprintf(
		answer->headers + at, sizeof(answer->headers) - at, "%s: %s\r\n", name, value);
	ASSERT(len > 0 && (size_t)len < sizeof(answer->headers) - at);
}

void service_chain(struct service_answer *answer, const char *name, struct bytes pem)
{
	char value[12288];
	size_t len = 0;
	for (size_t i = 0; i < pem.len && pem.ptr[i] != '\0'; i++) {
		uint8_t c = pem.ptr[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9') || c == '-';
		len += (size_t)snprintf(
			value + len, sizeof(value) - len, is_plain ? "%c" : "%%%02X", c);
		ASSERT(len < sizeof(value) - 4);
	}
	value[len] = '\0';
	service_header(answer, name, value);
}

static void put(struct service *service, const char *path, const char *chain_name,
	struct bytes chain, struct bytes body)
{
	struct service_answer *answer = service_answer(service, path);
	snprintf(answer->headers, sizeof(answer->headers), "Server: test\r\n");
	answer->body = body;
	if (chain_name != NULL)
		service_chain(answer, chain_name, chain);
}

void service_put_forge(struct service *service, const struct forge *forge)
{
	const struct dcap_evidence *made = &forge->info.dcap;
	put(service, SERVICE_PCK_CRL, "SGX-PCK-CRL-Issuer-Chain", made->pck_crl_issuer_chain,
		made->pck_crl);
	put(service, SERVICE_ROOT_CRL, NULL, (struct bytes){0}, made->root_ca_crl);
	put(service, SERVICE_TCB_INFO, "TCB-Info-Issuer-Chain", made->tcb_info_issuer_chain,
		made->tcb_info);
	put(service, SERVICE_QE_IDENTITY, "SGX-Enclave-Identity-Issuer-Chain",
		made->qe_identity_issuer_chain, made->qe_identity);
}
