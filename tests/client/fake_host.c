#include "client/fake_host.h"

#include <stdlib.h>

static const char octets[] = "application/octet-stream";

static bool begins(const char *head, const char *request)
{
	return strncmp(head, request, strlen(request)) == 0;
}

static void deliver(
	struct fake_enclave *enclave, int socket, const char *correlation, struct bytes mail)
{
	uint8_t *reply = NULL;
	size_t size = 0;
	enum conclave_error error = fake_enclave_deliver(enclave, &reply, &size, correlation, mail);
	if (error == CONCLAVE_OK)
		loopback_respond(socket, "200 OK", octets, bytes_of(reply, size));
	else if (error == CONCLAVE_ERROR_AUTH)
		loopback_respond(socket, "400 Bad Request", "application/json",
			BYTES_LIT("{\"error\":\"MAIL_DECRYPTION\",\"message\":null}"));
	/* Else it hangs up without a word. */
	free(reply);
}

void fake_host_answer(void *context, int socket, const char *head, struct bytes body)
{
	struct fake_enclave *enclave = context;
	char correlation[65];
	uint8_t *answer = NULL;
	size_t size = 0;
	loopback_header(correlation, sizeof(correlation), head, "Correlation-ID");
	if (begins(head, "GET /attestation ")) {
		fake_enclave_info(&answer, &size, enclave);
		loopback_respond(socket, "200 OK", octets, bytes_of(answer, size));
	} else if (begins(head, "POST /deliver-mail ")) {
		deliver(enclave, socket, correlation, body);
	} else if (begins(head, "POST /poll-mail ")) {
		fake_enclave_poll(enclave, &answer, &size, correlation);
		loopback_respond(socket, "200 OK", octets, bytes_of(answer, size));
	} else {
		loopback_respond(socket, "404 Not Found", "text/plain", BYTES_LIT("not here\n"));
	}
	free(answer);
}
