#include "cli/session.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "attest/policy.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/key_file.h"
#include "os/file.h"

/* As much as may be written: the replies that wait for the next poll are in it. */
#define STATE_SIZE_MAX ((size_t)UINT32_MAX + 4096)

static void note(const char *text)
{
	fprintf(stderr, "conclave: mail: note: %s\n", text);
}

/* The key file itself is what is locked: it stays the same file, the state is replaced. A file
 * system without locks cannot protect its user. */
static int lock_key(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		note("another process uses this key; waiting for it");
		(void)flock(fd, LOCK_EX);
	}
	return fd;
}

static enum conclave_error state_path(struct session *session,
	const struct session_options *options, struct conclave_report *report)
{
	int size = options->state != NULL
			   ? snprintf(session->state, PATH_MAX, "%s", options->state)
			   : snprintf(session->state, PATH_MAX, "%s.state", options->key);
	if (size >= 0 && size < PATH_MAX)
		return CONCLAVE_OK;
	report_fill(report, "the name of the state file is too long");
	return CONCLAVE_ERROR_ARGUMENT;
}

/* -- the client: from the state when there is one -- */

static enum conclave_error check_owner(const struct session *session,
	const struct x25519_secret *key, const char *key_path, struct conclave_report *report)
{
	uint8_t in_state[CONCLAVE_KEY_SIZE], in_file[CONCLAVE_KEY_SIZE];
	conclave_client_public_key(in_state, session->client);
	conclave_key_public(in_file, key->bytes);
	if (memcmp(in_state, in_file, sizeof(in_state)) == 0)
		return CONCLAVE_OK;
	report_fill(report,
		"%.300s belongs to another key than the one in %.300s; remove it to number mail "
		"from 0, or "
		"name another file with --state",
		session->state, key_path);
	return CONCLAVE_ERROR_MISMATCH;
}

static enum conclave_error apply_constraint(
	struct session *session, const char *constraint, struct conclave_report *report)
{
	if (constraint == NULL)
		return CONCLAVE_OK;
	char *before = strdup(conclave_client_constraint(session->client));
	if (before == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error =
		conclave_client_set_constraint(session->client, constraint, report);
	if (error == CONCLAVE_OK &&
		strcmp(before, conclave_client_constraint(session->client)) != 0)
		note("the constraint is not the one used last; the new one holds from now on");
	free(before);
	return error;
}

static struct conclave_lock key_lock(const struct session *session)
{
	return (struct conclave_lock){.key = session->state_key};
}

static struct conclave_lock passphrase_lock(const struct session *session)
{
	return (struct conclave_lock){
		.passphrase = session->passphrase, .passphrase_size = session->passphrase_size};
}

/* As this version writes it: a passphrase may be new to it, but never falls away unnoticed. */
static enum conclave_error restore_locked(
	struct session *session, struct bytes saved, struct conclave_report *report)
{
	struct conclave_lock key = key_lock(session), passphrase = passphrase_lock(session);
	enum conclave_error error = CONCLAVE_ERROR_STATE;
	if (session->passphrase_size > 0)
		error = conclave_client_restore_locked(
			&session->client, saved.ptr, saved.len, &passphrase, report);
	if (error != CONCLAVE_ERROR_STATE)
		return error;
	error = conclave_client_restore_locked(
		&session->client, saved.ptr, saved.len, &key, report);
	if (error == CONCLAVE_ERROR_AUTH)
		report_fill(report, "it belongs to another key than the one given, or was altered; "
				    "remove it to number mail from 0, or name another file with "
				    "--state");
	else if (error == CONCLAVE_ERROR_STATE)
		report_fill(report, "it is locked with a passphrase; give it with "
				    "--passphrase-file");
	return error;
}

static bool is_plain(struct bytes saved)
{
	return bytes_equal(bytes_slice(saved, 0, 13), BYTES_LIT("EnclaveClient"));
}

static enum conclave_error restore_client(struct session *session,
	const struct session_options *options, const struct x25519_secret *key, struct bytes saved,
	struct conclave_report *report)
{
	struct conclave_report why = {""};
	enum conclave_error error = is_plain(saved) ? conclave_client_restore(&session->client,
							      saved.ptr, saved.len, &why)
						    : restore_locked(session, saved, &why);
	if (error != CONCLAVE_OK) {
		report_fill(report, "%.200s: %.800s", session->state, why.text);
		return error;
	}
	TRY(check_owner(session, key, options->key, report));
	return apply_constraint(session, options->constraint, report);
}

static enum conclave_error make_client(struct session *session,
	const struct session_options *options, const struct x25519_secret *key,
	struct conclave_report *report)
{
	uint8_t *saved = NULL;
	size_t size = 0;
	enum conclave_error error =
		cli_read_file(&saved, &size, session->state, STATE_SIZE_MAX, report);
	if (error == CONCLAVE_OK) {
		error = restore_client(session, options, key, bytes_of(saved, size), report);
		wipe(saved, size);
		free(saved);
		return error;
	}
	if (error != CONCLAVE_ERROR_NOT_FOUND)
		return error;
	if (options->constraint != NULL)
		return conclave_client_new(
			&session->client, options->constraint, key->bytes, report);
	if (options->policy != NULL)
		return conclave_client_new(
			&session->client, CONCLAVE_CONSTRAINT_NONE, key->bytes, report);
	report_fill(report,
		"no constraint: say with --constraint which enclave may have this mail (there is "
		"no %.300s that remembers one)",
		session->state);
	return CONCLAVE_ERROR_ARGUMENT;
}

/* -- what the state is locked with -- */

/* The first line of the file, without its end. */
static enum conclave_error read_passphrase(
	struct session *session, const char *path, struct conclave_report *report)
{
	uint8_t *text = NULL;
	size_t size = 0;
	TRY(cli_read_file(&text, &size, path, sizeof(session->passphrase) - 1, report));
	memcpy(session->passphrase, text, size);
	wipe(text, size);
	free(text);
	const char *end = memchr(session->passphrase, '\n', size);
	if (end != NULL)
		size = (size_t)(end - session->passphrase);
	if (size > 0 && session->passphrase[size - 1] == '\r')
		size--;
	session->passphrase_size = size;
	if (size > 0 && size <= SESSION_PASSPHRASE_MAX)
		return CONCLAVE_OK;
	report_fill(report, "%s: a passphrase of 1 to %u bytes in the first line is wanted", path,
		SESSION_PASSPHRASE_MAX);
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error make_state_key(struct session *session, const struct x25519_secret *key)
{
	return hkdf_sha256((struct buffer){session->state_key, sizeof(session->state_key)},
		(struct bytes){0}, BYTES_OF(key->bytes), BYTES_LIT("conclave mail state"));
}

/* -- opening, saving, closing -- */

static enum conclave_error set_policy(
	struct session *session, const char *path, struct conclave_report *report)
{
	struct conclave_report why = {""};
	uint8_t *text = NULL;
	size_t size = 0;
	TRY(cli_read_file(&text, &size, path, POLICY_SIZE_MAX, report));
	char *policy = strndup((const char *)text, size);
	free(text);
	if (policy == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = conclave_client_set_policy(session->client, policy, &why);
	free(policy);
	if (error != CONCLAVE_OK)
		report_fill(report, "%.200s: %.800s", path, why.text);
	return error;
}

static void tell_new_key(void *context)
{
	(void)context;
	note("the enclave has a new key since the last mail; mail is numbered from 0 again");
}

static enum conclave_error open_session(struct session *session,
	const struct session_options *options, struct conclave_report *report)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret key;
	TRY(state_path(session, options, report));
	TRY(key_file_read(&key, options->key, report));
	TRY(make_state_key(session, &key));
	if (options->passphrase_file != NULL)
		TRY(read_passphrase(session, options->passphrase_file, report));
	session->lock = lock_key(options->key);
	TRY(make_client(session, options, &key, report));
	conclave_client_on_new_key(session->client, tell_new_key, NULL);
	if (options->timeout_ms != 0)
		conclave_client_set_timeouts(
			session->client, options->timeout_ms, options->timeout_ms);
	if (options->policy != NULL)
		TRY(set_policy(session, options->policy, report));
	conclave_client_set_fresh(session->client, options->fresh);
	TRY(conclave_client_connect(session->client, options->url, report));
	const char *remarks = conclave_client_attestation(session->client)->remarks;
	if (remarks[0] != '\0')
		note(remarks);
	/* A mail whose number cannot be kept must not leave: find out before it does. */
	return session_save(session, report);
}

enum conclave_error session_open(
	struct session *out, const struct session_options *options, struct conclave_report *report)
{
	struct session session = {.lock = -1};
	enum conclave_error error = open_session(&session, options, report);
	if (error == CONCLAVE_OK)
		*out = session;
	else
		session_close(&session);
	return error;
}

enum conclave_error session_save(const struct session *session, struct conclave_report *report)
{
	uint8_t *saved = NULL;
	size_t size = 0;
	struct conclave_lock lock =
		session->passphrase_size > 0 ? passphrase_lock(session) : key_lock(session);
	TRY(conclave_client_save_locked(session->client, &saved, &size, &lock));
	enum conclave_error error = file_write(session->state, bytes_of(saved, size), 0600, report);
	free(saved);
	TRY(error);
	/* If it does not hear, it delivers again what the next process will know. */
	if (conclave_client_acknowledge(session->client, NULL) != CONCLAVE_OK)
		note("the host did not hear that the reply has arrived");
	return CONCLAVE_OK;
}

void session_close(struct session *session)
{
	conclave_client_free(session->client);
	session->client = NULL;
	if (session->lock >= 0)
		close(session->lock);
	session->lock = -1;
	wipe(session->state_key, sizeof(session->state_key));
	wipe(session->passphrase, sizeof(session->passphrase));
}
