/* A client of one enclave that lasts longer than a process: key file, constraint, and the state
 * file in which the numbers of mail go on. It is written locked, under the passphrase or, without
 * one, a key made of the private key; R3's plain format is read too. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <limits.h>

#include <conclave/client.h>

#define SESSION_PASSPHRASE_MAX 1024u

struct session_options {
	const char *url, *key, *constraint, *state; /* state NULL: KEY.state; constraint NULL: as
						       in the state */
	const char *policy;	     /* a file, in place of the constraint; NULL: none */
	bool fresh;		     /* attestations must hold a nonce */
	const char *passphrase_file; /* NULL: none */
	unsigned timeout_ms;	     /* 0: the client's own */
};

struct session {
	struct conclave_client *client;
	int lock; /* the key file, locked; -1: not */
	char state[PATH_MAX];
	uint8_t state_key[CONCLAVE_KEY_SIZE];
	char passphrase[SESSION_PASSPHRASE_MAX + 2]; /* and a line's end */
	size_t passphrase_size;			     /* 0: none */
};

/* Connected, with everything verified. Waits while another process uses the key. Notes (a new
 * enclave key, a new constraint) go to standard error. Errors: those of the files, of
 * conclave_client_restore and _connect; MISMATCH (the state is another key's); ARGUMENT (no
 * constraint). */
enum conclave_error session_open(
	struct session *out, const struct session_options *options, struct conclave_report *report);
/* Keep the numbers for the next process; then the host need not keep what has come. Errors: IO,
 * MEMORY, RANDOM. */
enum conclave_error session_save(const struct session *session, struct conclave_report *report);
void session_close(struct session *session);

#endif
