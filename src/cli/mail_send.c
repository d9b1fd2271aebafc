/* conclave mail send, post and seal: a file or a pipe of any size becomes a mail. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "cli/input.h"
#include "cli/mail.h"
#include "cli/mail_print.h"
#include "client/client.h"
#include "os/file.h"

/* -- what comes back -- */

static enum conclave_error print_reply(
	const struct conclave_mail *reply, const struct mail_options *options)
{
	if (reply->topic != NULL)
		return mail_print(reply, options->json, isatty(STDOUT_FILENO) == 1);
	fputs(options->no_wait
			? "conclave: mail: note: accepted; 'conclave mail poll' fetches the reply\n"
			: "conclave: mail: note: handled; there is no reply yet\n",
		stderr);
	return CONCLAVE_OK;
}

/* The enclave has handled the mail and will not answer twice: what nobody could read waits for the
 * next poll. That standard output failed is told by main. */
static enum conclave_error print_or_keep(struct conclave_mail *reply, const struct session *session,
	const struct mail_options *options)
{
	enum conclave_error error = print_reply(reply, options);
	if (fflush(stdout) == 0 && ferror(stdout) == 0 && error == CONCLAVE_OK)
		return CONCLAVE_OK;
	if (reply->topic == NULL)
		return error;
	TRY(client_put_back(session->client, reply));
	fputs("conclave: mail: note: the reply waits for 'conclave mail poll'\n", stderr);
	return error;
}

/* Printed before it is kept as printed: what a process that ends in between has not kept comes
 * again. Numbers are kept whether it went well or not: a refused mail has used one. */
static enum conclave_error finish(const struct session *session, enum conclave_error error,
	struct conclave_mail *reply, const struct mail_options *options,
	struct conclave_report *report)
{
	struct conclave_report saving = {""};
	if (error == CONCLAVE_OK) {
		error = print_or_keep(reply, session, options);
		conclave_mail_free(reply);
	}
	enum conclave_error saved = session_save(session, &saving);
	if (error == CONCLAVE_OK && saved != CONCLAVE_OK) {
		*report = saving;
		return saved;
	}
	return error;
}

/* -- send and post -- */

/* With --no-wait the reply is polled; but a host that cannot do so answers with it. */
static enum conclave_error send_input(struct conclave_mail *reply, const struct session *session,
	const struct mail_options *options, const struct conclave_source *body,
	struct conclave_report *report)
{
	size_t envelope_size = strlen(options->envelope);
	if (!options->no_wait)
		return conclave_client_send_stream(session->client, reply, options->topic, body,
			options->envelope, envelope_size, report);
	return conclave_client_send_stream_async(
		session->client, options->topic, body, options->envelope, envelope_size, report);
}

enum conclave_error run_send(
	struct session *session, const struct mail_options *options, struct conclave_report *report)
{
	CLEANUP(input_close) struct input input = {.file = -1};
	struct conclave_mail reply = {0};
	TRY(input_open(&input, options->file, !options->no_progress, report));
	const struct conclave_source body = input_source(&input);
	enum conclave_error error = send_input(&reply, session, options, &body, report);
	progress_end(&input.progress);
	return finish(session, error, &reply, options, report);
}

enum conclave_error run_post(
	struct session *session, const struct mail_options *options, struct conclave_report *report)
{
	CLEANUP(input_close) struct input input = {.file = -1};
	struct conclave_mail reply = {0};
	TRY(input_open(&input, options->sealed, !options->no_progress, report));
	const struct conclave_source mail = input_source(&input);
	enum conclave_error error =
		conclave_client_post_stream(session->client, &reply, &mail, report);
	progress_end(&input.progress);
	return finish(session, error, &reply, options, report);
}

/* -- seal -- */

/* The last piece is held back until the mail's number is kept: without it there is no mail, and so
 * two mails never share a number. */
struct output {
	const char *path;
	struct file_output file; /* opened with the first piece */
	struct buffer held;
};

static void output_close(struct output *output)
{
	file_output_close(&output->file);
	free(output->held.ptr);
}

static enum conclave_error flush(struct output *output, struct conclave_report *report)
{
	return file_output_write(
		&output->file, bytes_of(output->held.ptr, output->held.len), report);
}

static enum conclave_error write_piece(
	void *context, const void *data, size_t size, struct conclave_report *report)
{
	struct output *output = context;
	if (output->file.file < 0)
		TRY(file_output_open(&output->file, output->path, 0644, report));
	TRY(flush(output, report));
	uint8_t *moved = realloc(output->held.ptr, size);
	if (moved == NULL)
		return CONCLAVE_ERROR_MEMORY;
	memcpy(moved, data, size);
	output->held = (struct buffer){moved, size};
	return CONCLAVE_OK;
}

enum conclave_error run_seal(
	struct session *session, const struct mail_options *options, struct conclave_report *report)
{
	CLEANUP(input_close) struct input input = {.file = -1};
	CLEANUP(output_close)
	struct output output = {.path = options->output, .file = {.file = -1}};
	TRY(input_open(&input, options->file, !options->no_progress, report));
	const struct conclave_source body = input_source(&input);
	TRY(conclave_client_seal_stream(session->client, options->topic, &body, options->envelope,
		strlen(options->envelope), write_piece, &output, report));
	TRY(session_save(session, report));
	TRY(flush(&output, report));
	return file_output_end(&output.file, report);
}
