/* A request's body that comes from a source, and how long the host may take over it. */
#ifndef CLIENT_HTTP_UPLOAD_H
#define CLIENT_HTTP_UPLOAD_H

#include "client/http_request.h"

/* As long as the request. */
struct http_upload {
	const struct conclave_source *mail;
	struct conclave_report *report;
	const char *base;
	int64_t patience_ms;
	int64_t deadline_ms;	    /* for the step that is under way */
	uint64_t given;		    /* to curl */
	uint64_t step_began;	    /* at so many bytes sent */
	bool ended;		    /* everything is given */
	enum conclave_error failed; /* why it was broken off */
};

/* Make curl's next request a POST of it. Errors: MEMORY. */
enum conclave_error http_upload_begin(struct http_upload *upload, struct http *http,
	const struct conclave_source *mail, struct conclave_report *report);

#endif
