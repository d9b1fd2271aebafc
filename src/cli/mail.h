/* conclave mail: what its command line says, and its commands. */
#ifndef CLI_MAIL_H
#define CLI_MAIL_H

#include "cli/session.h"

struct padding_option {
	bool given, shared; /* not given: as in the state */
	enum conclave_padding policy;
	uint64_t size;
};

struct mail_options {
	struct session_options session;
	const char *topic, *envelope, *file, *output, *sealed;
	struct padding_option padding;
	unsigned wait_s;
	bool json, no_wait, no_progress;
};

/* Each works on a session that is open, and leaves it open. Errors: the client's and the files';
 * CANCELLED when a signal came. */
typedef enum conclave_error mail_command(struct session *session,
	const struct mail_options *options, struct conclave_report *report);
mail_command run_send, run_post, run_seal, run_poll;

#endif
