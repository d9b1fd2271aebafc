#include "client/http_upload.h"

#include <time.h>

#include "base/check.h"
#include "base/report.h"

/* What the host has to take within its patience. A rate, since a host that takes a byte now and
 * then would never be done; and no time for the whole, since nobody knows how long 3 GiB take. */
#define STEP_SIZE 0x10000u
/* What an enclave may need to work on a MiB that it was sent, beyond the usual wait. */
#define WORK_MS_PER_MIB 1000

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t answer_ms(const struct http_upload *upload)
{
	return upload->patience_ms + (int64_t)(upload->given >> 20) * WORK_MS_PER_MIB;
}

/* curl's read function. The time that the source takes is not the host's. */
static size_t read_mail(char *to, size_t unit, size_t count, void *context)
{
	struct http_upload *upload = context;
	const struct conclave_source *mail = upload->mail;
	size_t size = 0;
	int64_t before = now_ms();
	upload->failed = mail->read(mail->context, &size, to, unit * count, upload->report);
	if (upload->failed != CONCLAVE_OK)
		return CURL_READFUNC_ABORT;
	int64_t after = now_ms();
	upload->given += size;
	upload->deadline_ms += after - before;
	if (size == 0 || (mail->size_known && upload->given == mail->size)) {
		upload->ended = true;
		upload->deadline_ms = after + answer_ms(upload);
	}
	return size;
}

static void tell_timeout(const struct http_upload *upload)
{
	if (upload->ended)
		report_fill(upload->report,
			"%s: no answer within %lld seconds after the mail was sent; whether it was "
			"handled is not known, and sending it again is safe",
			upload->base, (long long)answer_ms(upload) / 1000);
	else
		report_fill(upload->report,
			"%s: the host takes the mail too slowly: less than %u bytes in %lld "
			"seconds",
			upload->base, STEP_SIZE, (long long)upload->patience_ms / 1000);
}

/* curl's progress function: called as bytes move, and every second when none do. */
static int watch(void *context, curl_off_t answer_size, curl_off_t answered, curl_off_t mail_size,
	curl_off_t sent)
{
	struct http_upload *upload = context;
	const struct conclave_source *mail = upload->mail;
	(void)answer_size;
	(void)answered;
	(void)mail_size;
	if (upload->failed != CONCLAVE_OK)
		return 1;
	if (mail->progress != NULL && !mail->progress(mail->context, upload->given)) {
		report_fill(upload->report, "given up, as told");
		upload->failed = CONCLAVE_ERROR_CANCELLED;
		return 1;
	}
	int64_t now = now_ms();
	if (!upload->ended && (uint64_t)sent - upload->step_began >= STEP_SIZE) {
		upload->step_began = (uint64_t)sent;
		upload->deadline_ms = now + upload->patience_ms;
	}
	if (now < upload->deadline_ms)
		return 0;
	tell_timeout(upload);
	upload->failed = CONCLAVE_ERROR_TIMEOUT;
	return 1;
}

enum conclave_error http_upload_begin(struct http_upload *upload, struct http *http,
	const struct conclave_source *mail, struct conclave_report *report)
{
	CURL *curl = http->curl;
	*upload = (struct http_upload){
		.mail = mail,
		.report = report,
		.base = http->base,
		.patience_ms = http->whole_ms,
		.deadline_ms = now_ms() + http->connect_ms + http->whole_ms,
	};
	curl_off_t size = mail->size_known ? (curl_off_t)mail->size : -1;
	bool set = curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, size) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_READDATA, upload) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
		   curl_easy_setopt(curl, CURLOPT_XFERINFODATA, upload) == CURLE_OK &&
		   /* A kept connection that is gone by now would cost the body's first bytes. */
		   curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
	return set ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}
