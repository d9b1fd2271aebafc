/* R3's REST endpoints as a transport: GET /attestation, POST /deliver-mail, POST /poll-mail.
 * A host of ours also hears which replies have arrived (docs/spec/host.md). */
#ifndef CLIENT_HTTP_H
#define CLIENT_HTTP_H

#include <conclave/client.h>

/* url: http or https, a host, and maybe a path that the endpoints follow.
 * Nothing is sent yet. Redirects are not followed, loopback is never reached through a proxy.
 * Errors: ARGUMENT (url), MEMORY, INTERNAL. */
enum conclave_error http_transport_open(struct conclave_transport *out, const char *url,
	unsigned connect_ms, unsigned whole_ms, struct conclave_report *report);

#endif
