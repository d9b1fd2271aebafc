#include "server/response.h"

#include <stdio.h>

const struct response_error RESPONSE_TOO_LARGE = {413, "TOO_LARGE",
				    "the mail is larger than this host takes"},
			    RESPONSE_NO_ROOM = {503, "BUSY", "too much mail is waiting"},
			    RESPONSE_DOWN = {503, "UNAVAILABLE", "the enclave is not running"},
			    RESPONSE_BROKEN = {500, "INTERNAL", NULL};

/* A header that only some answers have; MHD copies both. */
struct extra_header {
	const char *name, *value;
};

static const char OCTETS[] = "application/octet-stream";

/* MHD copies the body, so that nothing outlives the call. extra: or NULL. */
static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, const char *type,
	const struct extra_header *extra, struct bytes body)
{
	/* MHD only copies from it; its signature dates from before const. */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(
		response, "Cache-Control", "no-store,no-cache,must-revalidate");
	(void)MHD_add_response_header(response, "Content-Type", type);
	(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (extra != NULL)
		(void)MHD_add_response_header(response, extra->name, extra->value);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		(void)MHD_add_response_header(response, "Retry-After", "1");
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result response_bytes(
	struct MHD_Connection *connection, const char *type, struct bytes body)
{
	return respond(connection, MHD_HTTP_OK, type, NULL, body);
}

enum MHD_Result response_octets(struct MHD_Connection *connection, struct bytes body, uint64_t id)
{
	char text[24];
	struct extra_header reply = {"Conclave-Reply", text};
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
	return respond(connection, MHD_HTTP_OK, OCTETS, id != 0 ? &reply : NULL, body);
}

enum MHD_Result response_accepted(struct MHD_Connection *connection)
{
	static const struct extra_header applied = {"Preference-Applied", "respond-async"};
	return respond(connection, MHD_HTTP_ACCEPTED, OCTETS, &applied, bytes_of("", 0));
}

enum MHD_Result response_fail(
	struct MHD_Connection *connection, const struct response_error *error, const char *allow)
{
	char text[256];
	const char *quote = error->message != NULL ? "\"" : "";
	int size = snprintf(text, sizeof(text), "{\"error\":\"%s\",\"message\":%s%s%s}",
		error->error, quote, error->message != NULL ? error->message : "null", quote);
	struct extra_header extra = {"Allow", allow};
	return respond(connection, error->status, "application/json", allow != NULL ? &extra : NULL,
		bytes_of(text, (size_t)size));
}
