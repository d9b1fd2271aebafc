#include "host/loop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/console.h"

#define CRASHES_MAX 2 /* turns that one mail may crash */
#define LANE 0	      /* one turn thread, so one lane */

void host_log(struct host *host, const char *format, ...)
{
	char line[CONCLAVE_REPORT_SIZE + 256];
	if (host->options.log == NULL)
		return;
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	host->options.log(host->options.context, line);
}

static void console_text(void *context, struct bytes text)
{
	struct host *host = context;
	if (host->options.console == NULL || text.len == 0)
		return;
	uint8_t space[1024 * CONSOLE_GROWTH];
	for (size_t at = 0; at < text.len; at += 1024) {
		struct writer clean = writer_of((struct buffer){space, sizeof(space)});
		console_clean(&clean, bytes_slice(text, at, 1024));
		host->options.console(host->options.context, writer_bytes(&clean));
	}
}

static uint64_t clock_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* -- the end of a request: its waiter is told -- */

void loop_finish(struct host *host, struct request *request, enum host_outcome outcome,
	enum conclave_error result)
{
	if (request_is_mail(request)) {
		if (request->done != NULL)
			request->done(request->context, request->id, request->route, outcome);
		free(request);
		return;
	}
	if (request->attested != NULL) {
		request->attested(request->context, result,
			result == CONCLAVE_OK ? request->output : BYTES_LIT(""));
		free(request);
		return;
	}
	/* The waiter's own storage: it may be gone as soon as the lock is. */
	LOCKED(&host->lock);
	request->result = result;
	request->finished = true;
	(void)pthread_cond_broadcast(&host->answered);
}

void loop_finish_all(struct host *host, struct request *list)
{
	while (list != NULL) {
		struct request *next = list->next;
		loop_finish(host, list, HOST_CLOSED, CONCLAVE_ERROR_STATE);
		list = next;
	}
}

/* Take nothing more, and promise nothing more: what was kept is in the store. */
static void go_down(struct host *host, const char *why)
{
	host_log(host, "the host is down: %s", why);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.up = false;
	struct request *waiting = queue_take_all(&host->queue);
	(void)pthread_mutex_unlock(&host->lock);
	loop_finish_all(host, waiting);
}

/* -- the enclave's own requests: attestation -- */

/* The answer to FRAME_REPORT becomes evidence, in info_draft. */
static enum conclave_error info_draft(
	struct bytes *out, struct host *host, const struct request *request)
{
	struct writer info = writer_of((struct buffer){host->info_draft, sizeof(host->info_draft)});
	struct bytes nonce = bytes_slice(request->input, sizeof(host->target), request->input.len);
	TRY(evidence_write(
		&info, host->machine, host->options.evidence, request->output, nonce, clock_now()));
	*out = writer_bytes(&info);
	return CONCLAVE_OK;
}

/* What clients download from now on. */
static enum conclave_error info_update(struct host *host, const struct request *request)
{
	struct bytes info;
	TRY(info_draft(&info, host, request));
	LOCKED(&host->lock);
	memcpy(host->info_space, info.ptr, info.len);
	host->info_size = info.len;
	host->quotes++;
	return CONCLAVE_OK;
}

static enum conclave_error commit(struct host *host)
{
	const struct store_turn turn = {
		.posts = host->turn.posts,
		.posts_count = host->turn.posts_count,
		.done = host->turn.done,
		.done_count = host->turn.done_count,
		.version = host->turn.version,
		.delta = host->turn.delta,
	};
	return host->store->ops->commit(host->store, &turn);
}

static bool is_closing(struct host *host)
{
	LOCKED(&host->lock);
	return host->closing;
}

/* A piece of a spooled mail. A host that closes waits for this piece's handling, not for the rest.
 */
static enum conclave_error piece_read(
	struct buffer out, void *context, uint64_t mail_id, uint64_t offset)
{
	struct host *host = context;
	if (is_closing(host))
		return CONCLAVE_ERROR_STATE;
	return host->store->ops->read(out, host->store, mail_id, offset);
}

static enum conclave_error run_turn(
	struct host *host, struct request *batch, struct conclave_report *report)
{
	const struct turn_source source = {piece_read, host};
	return turn_run(&host->turn, &host->instance, LANE, batch, &source, clock_now(), report);
}

/* Load, start and attest. */
enum conclave_error loop_enclave_open(struct host *host, struct conclave_report *report)
{
	TRY(instance_open(&host->instance, host->image, host->machine, host->options.debug,
		host->options.budget_ms, (struct instance_console){console_text, host}, report));
	struct request attest = {
		.type = FRAME_REPORT, .id = REQUEST_LOCAL_ID, .input = BYTES_OF(host->target)};
	enum conclave_error error = run_turn(host, &attest, report);
	if (error == CONCLAVE_OK)
		error = commit(host);
	if (error == CONCLAVE_OK)
		error = info_update(host, &attest);
	if (error != CONCLAVE_OK)
		instance_close(&host->instance);
	return error;
}

/* -- turns -- */

static enum conclave_error result_of(struct host *host, struct request *request)
{
	if (request->type == FRAME_REPORT && request->attested != NULL)
		return info_draft(&request->output, host, request);
	if (request->type == FRAME_REPORT)
		return info_update(host, request);
	if (request->type == FRAME_CALL && request->refused == CONCLAVE_OK) {
		write_bytes(request->out, request->output);
		return writer_end(request->out);
	}
	return request->refused;
}

static void count_turn(struct host *host, const struct request *batch)
{
	LOCKED(&host->lock);
	host->facts.turns++;
	host->facts.version = host->turn.version;
	for (; batch != NULL; batch = batch->next) {
		if (!request_is_mail(batch) || !batch->answered)
			continue;
		host->facts.mails++;
		host->facts.refused += batch->outcome != HOST_HANDLED;
	}
}

/* After the commit: everybody is told, and what the enclave had no room for goes back. */
static void turn_end(struct host *host, struct request *batch)
{
	struct queue deferred = {0};
	count_turn(host, batch);
	while (batch != NULL) {
		struct request *request = batch;
		batch = batch->next;
		if (request->answered)
			loop_finish(host, request, request->outcome, result_of(host, request));
		else
			queue_append(&deferred, request);
	}
	LOCKED(&host->lock);
	queue_return(&host->queue, deferred.first);
}

enum conclave_error loop_forget(struct host *host, uint64_t mail_id)
{
	struct store_turn turn = {.done = &mail_id, .done_count = 1};
	TRY(host->store->ops->version(&turn.version, host->store));
	return host->store->ops->commit(host->store, &turn);
}

/* A mail that crashed the enclave again and again is done with, without having been handled. */
static enum conclave_error set_aside(struct host *host, struct request *request)
{
	TRY(loop_forget(host, request->id));
	host_log(host, "mail %llu crashed the enclave %d times and is set aside",
		(unsigned long long)request->id, CRASHES_MAX);
	loop_finish(host, request, HOST_SET_ASIDE, CONCLAVE_OK);
	return CONCLAVE_OK;
}

/* Mails of a turn that crashed are tried again; calls are not: they were never promised. */
static enum conclave_error batch_salvage(struct host *host, struct request *batch)
{
	struct queue again = {0};
	enum conclave_error error = CONCLAVE_OK;
	while (batch != NULL) {
		struct request *request = batch;
		batch = batch->next;
		request->crashes++;
		if (!request_is_mail(request)) {
			loop_finish(host, request, HOST_CLOSED, CONCLAVE_ERROR_CRASHED);
			continue;
		}
		bool is_kept = request->crashes < CRASHES_MAX || error != CONCLAVE_OK;
		if (!is_kept) {
			error = set_aside(host, request);
			is_kept = error != CONCLAVE_OK;
		}
		if (is_kept)
			queue_append(&again, request);
	}
	LOCKED(&host->lock);
	queue_return(&host->queue, again.first);
	return error;
}

/* The store failed. Nothing of the turn may take effect or leave, though the enclave may be a turn
 * ahead now, and nothing is tried again on such a store. */
static void give_up(struct host *host, struct request *batch, const char *what)
{
	char why[CONCLAVE_REPORT_SIZE + 64];
	struct conclave_report trouble;
	host->store->ops->trouble(&trouble, host->store);
	(void)snprintf(why, sizeof(why), "%s: %s", what, trouble.text);
	instance_close(&host->instance);
	go_down(host, why);
	loop_finish_all(host, batch);
}

static void recover(struct host *host, struct request *batch, const char *why)
{
	struct conclave_report report = {""};
	host_log(host, "%s; loading the enclave again", why);
	instance_close(&host->instance);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.restarts++;
	(void)pthread_mutex_unlock(&host->lock);
	if (batch_salvage(host, batch) != CONCLAVE_OK) {
		give_up(host, NULL, "a mail could not be set aside");
		return;
	}
	enum conclave_error error = loop_enclave_open(host, &report);
	if (error != CONCLAVE_OK)
		go_down(host, report.text[0] != '\0' ? report.text : conclave_error_text(error));
}

/* The host closes in the middle of a spooled mail. What the enclave has read of it had no effect,
 * and the mail is delivered at the next start. */
static void abandon(struct host *host, struct request *batch)
{
	instance_close(&host->instance);
	loop_finish_all(host, batch);
}

static void run_batch(struct host *host, struct request *batch)
{
	struct conclave_report report = {""};
	enum conclave_error error = run_turn(host, batch, &report);
	if (error == CONCLAVE_OK && commit(host) == CONCLAVE_OK)
		turn_end(host, batch);
	else if (error == CONCLAVE_OK)
		give_up(host, batch, "a turn could not be committed");
	else if (error == CONCLAVE_ERROR_STATE)
		abandon(host, batch);
	else if (error == CONCLAVE_ERROR_IO)
		give_up(host, batch, "a spooled mail could not be read");
	else
		recover(host, batch,
			report.text[0] != '\0' ? report.text : conclave_error_text(error));
}

static struct timespec idle_since(uint32_t idle_ms)
{
	uint64_t at = clock_now() + (uint64_t)idle_ms * 1000000;
	return (struct timespec){(time_t)(at / 1000000000), (long)(at % 1000000000)};
}

/* The next batch; an empty one, once, when nothing has come for a while. False when the host
 * closes. */
static bool wait_for_batch(struct request **batch, struct host *host)
{
	const struct timespec idle = idle_since(host->options.idle_ms);
	bool is_idle = false;
	LOCKED(&host->lock);
	bool may_idle = host->worked && host->facts.up && host->options.idle_ms != 0;
	while (!host->closing && host->queue.first == NULL && !is_idle)
		if (may_idle)
			is_idle = pthread_cond_timedwait(&host->arrived, &host->lock, &idle) ==
				  ETIMEDOUT;
		else
			(void)pthread_cond_wait(&host->arrived, &host->lock);
	if (host->closing)
		return false;
	*batch = queue_take(
		&host->queue, (size_t)host->image->layout->window_size, host->options.batch_max);
	host->worked = *batch != NULL;
	return true;
}

void *loop_thread(void *context)
{
	struct host *host = context;
	struct request *batch;
	while (wait_for_batch(&batch, host))
		run_batch(host, batch);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.up = false;
	struct request *waiting = queue_take_all(&host->queue);
	(void)pthread_mutex_unlock(&host->lock);
	loop_finish_all(host, waiting);
	instance_stop(&host->instance, LANE);
	return NULL;
}
