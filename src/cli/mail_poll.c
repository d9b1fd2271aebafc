/* conclave mail poll: everything that waits, printed and then kept as printed. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/check.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/mail.h"
#include "cli/mail_print.h"

#define WAIT_FIRST_MS 100
#define WAIT_MOST_MS 2000

struct poll_result {
	unsigned mails, refusals;
};

/* Printed, then kept as printed, and only then may the host forget it: who is stopped in between
 * gets it again, and misses nothing. */
static enum conclave_error print_and_keep(struct conclave_mail *mail, struct session *session,
	const struct mail_options *options, struct conclave_report *report)
{
	enum conclave_error error = mail_print(mail, options->json, true);
	conclave_mail_free(mail);
	TRY(error);
	if (fflush(stdout) != 0)
		return CONCLAVE_ERROR_IO;
	return session_save(session, report);
}

/* All that waits. A refusal is mail too: it is told, and the next one asked for. */
static enum conclave_error poll_all(struct poll_result *result, struct session *session,
	const struct mail_options *options, struct conclave_report *report)
{
	for (;;) {
		struct conclave_mail mail = {0};
		enum conclave_error error = conclave_client_poll(session->client, &mail, report);
		if (error == CONCLAVE_ERROR_REFUSED) {
			cli_fail("mail", error, report);
			result->refusals++;
			TRY(session_save(session, report));
			continue;
		}
		TRY(error);
		if (mail.topic == NULL)
			return CONCLAVE_OK;
		result->mails++;
		TRY(print_and_keep(&mail, session, options, report));
	}
}

/* Nothing waits any more, and yet something is missing. */
static void tell_missing(const struct session *session)
{
	uint64_t missing = conclave_client_missing(session->client);
	if (missing > 0)
		fprintf(stderr,
			"conclave: mail: note: %" PRIu64 " of the enclave's replies have not come: "
			"the host lost or withholds them\n",
			missing);
}

/* Everything that waits. What is of no use need not come again either; what was not printed must.
 */
static enum conclave_error poll_and_tell(struct poll_result *result, struct session *session,
	const struct mail_options *options, struct conclave_report *report)
{
	enum conclave_error error = poll_all(result, session, options, report);
	if (error == CONCLAVE_OK && result->mails > 0)
		tell_missing(session);
	if (error != CONCLAVE_OK && error != CONCLAVE_ERROR_IO)
		(void)session_save(session, NULL);
	return error;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int64_t ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&time, NULL);
}

enum conclave_error run_poll(
	struct session *session, const struct mail_options *options, struct conclave_report *report)
{
	struct poll_result result = {0, 0};
	int64_t end = now_ms() + (int64_t)options->wait_s * 1000;
	for (int64_t pause = WAIT_FIRST_MS;; pause = pause < WAIT_MOST_MS ? 2 * pause : pause) {
		TRY(poll_and_tell(&result, session, options, report));
		int64_t left = end - now_ms();
		if (result.mails > 0 || result.refusals > 0 || left <= 0)
			break;
		/* Meanwhile other processes may send with this key. */
		session_close(session);
		pause_ms(left < pause ? left : pause);
		TRY(session_open(session, &options->session, report));
	}
	if (result.refusals > 0) {
		report_fill(report, "%u of the mails above are refusals", result.refusals);
		return CONCLAVE_ERROR_REFUSED;
	}
	if (result.mails == 0 && options->wait_s > 0) {
		report_fill(report, "no mail came within %u seconds", options->wait_s);
		return CONCLAVE_ERROR_TIMEOUT;
	}
	return CONCLAVE_OK;
}
