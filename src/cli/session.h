/* A client of one enclave that lasts longer than a process: key file, constraint, and the state
 * file in which the numbers of mail go on (R3's save format). */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <limits.h>

#include <conclave/client.h>

struct session_options {
	const char *url, *key, *constraint, *state; /* state NULL: KEY.state; constraint NULL: as
						       in the state */
	unsigned timeout_ms;			    /* 0: the client's own */
	bool reads_only; /* numbers no mail: takes no lock and leaves the state alone */
};

struct session {
	struct conclave_client *client;
	int lock; /* the key file, locked; -1: not */
	char state[PATH_MAX];
};

/* Connected, with everything verified. Waits while another process uses the key. Notes (a new
 * enclave key, a new constraint) go to standard error. Errors: those of the files, of
 * conclave_client_restore and _connect; MISMATCH (the state is another key's); ARGUMENT (no
 * constraint). */
enum conclave_error session_open(
	struct session *out, const struct session_options *options, struct conclave_report *report);
/* Keep the numbers for the next process. Errors: IO, MEMORY. */
enum conclave_error session_save(const struct session *session, struct conclave_report *report);
void session_close(struct session *session);

#endif
