#include "server/response.h"

#include <stdio.h>

/* MHD copies the body, so that nothing outlives the call. */
static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, const char *type,
	const char *allow, struct bytes body)
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
	if (allow != NULL)
		(void)MHD_add_response_header(response, "Allow", allow);
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

enum MHD_Result response_fail(
	struct MHD_Connection *connection, const struct response_error *error, const char *allow)
{
	char text[256];
	const char *quote = error->message != NULL ? "\"" : "";
	int size = snprintf(text, sizeof(text), "{\"error\":\"%s\",\"message\":%s%s%s}",
		error->error, quote, error->message != NULL ? error->message : "null", quote);
	return respond(
		connection, error->status, "application/json", allow, bytes_of(text, (size_t)size));
}
