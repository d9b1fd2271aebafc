#include "host/host.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "host/console.h"
#include "host/evidence.h"
#include "host/frame.h"
#include "host/queue.h"
#include "host/turn.h"

#define CRASHES_MAX 2 /* turns that one mail may crash */
#define LANE 0	      /* one turn thread, so one lane */

struct host {
	const struct image *image;
	struct machine *machine;
	struct store *store;
	struct host_options options;
	struct sgx_targetinfo target;
	pthread_t thread;

	/* The turn thread's alone. */
	struct instance instance;
	struct turn turn;
	uint8_t info_draft[EVIDENCE_INFO_SIZE_MAX];

	pthread_mutex_t lock; /* all that follows */
	pthread_cond_t arrived, answered;
	struct queue queue;
	bool closing;
	uint64_t local_id;
	struct host_facts facts;
	uint8_t info_space[EVIDENCE_INFO_SIZE_MAX];
	size_t info_size;
};

static void unlock(pthread_mutex_t **lock)
{
	(void)pthread_mutex_unlock(*lock);
}

#define LOCKED(host)                                                   \
	CLEANUP(unlock) pthread_mutex_t *locked_until = &(host)->lock; \
	(void)pthread_mutex_lock(locked_until)

static __attribute__((format(printf, 2, 3))) void log_line(
	struct host *host, const char *format, ...)
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

static void finish(struct host *host, struct request *request, enum host_outcome outcome,
	enum conclave_error result)
{
	if (request->type == FRAME_DELIVER) {
		if (request->done != NULL)
			request->done(request->context, request->id, request->route, outcome);
		free(request);
		return;
	}
	/* The waiter's own storage: it may be gone as soon as the lock is. */
	LOCKED(host);
	request->result = result;
	request->finished = true;
	(void)pthread_cond_broadcast(&host->answered);
}

static void finish_all(struct host *host, struct request *list)
{
	while (list != NULL) {
		struct request *next = list->next;
		finish(host, list, HOST_CLOSED, CONCLAVE_ERROR_STATE);
		list = next;
	}
}

/* Take nothing more, and promise nothing more: what was kept is in the store. */
static void go_down(struct host *host, const char *why)
{
	log_line(host, "the host is down: %s", why);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.up = false;
	struct request *waiting = queue_take_all(&host->queue);
	(void)pthread_mutex_unlock(&host->lock);
	finish_all(host, waiting);
}

/* -- the enclave's own requests: attestation -- */

/* The answer to FRAME_REPORT becomes what clients download. */
static enum conclave_error info_update(struct host *host, struct bytes reported)
{
	struct writer info = writer_of((struct buffer){host->info_draft, sizeof(host->info_draft)});
	TRY(evidence_write(&info, host->machine, host->options.evidence, reported, clock_now()));
	LOCKED(host);
	memcpy(host->info_space, host->info_draft, info.len);
	host->info_size = info.len;
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

static enum conclave_error run_turn(
	struct host *host, struct request *batch, struct conclave_report *report)
{
	return turn_run(&host->turn, &host->instance, LANE, batch, clock_now(), report);
}

/* Load, start and attest. */
static enum conclave_error enclave_open(struct host *host, struct conclave_report *report)
{
	TRY(instance_open(&host->instance, host->image, host->machine, host->options.debug,
		host->options.budget_ms, (struct instance_console){console_text, host}, report));
	struct request attest = {
		.type = FRAME_REPORT, .id = REQUEST_LOCAL_ID, .input = BYTES_OF(host->target)};
	enum conclave_error error = run_turn(host, &attest, report);
	if (error == CONCLAVE_OK)
		error = commit(host);
	if (error == CONCLAVE_OK)
		error = info_update(host, attest.output);
	if (error != CONCLAVE_OK)
		instance_close(&host->instance);
	return error;
}

/* -- turns -- */

static enum conclave_error result_of(struct host *host, struct request *request)
{
	if (request->type == FRAME_REPORT)
		return info_update(host, request->output);
	if (request->type == FRAME_CALL && request->refused == CONCLAVE_OK) {
		write_bytes(request->out, request->output);
		return writer_end(request->out);
	}
	return request->refused;
}

static void count_turn(struct host *host, const struct request *batch)
{
	LOCKED(host);
	host->facts.turns++;
	host->facts.version = host->turn.version;
	for (; batch != NULL; batch = batch->next) {
		if (batch->type != FRAME_DELIVER || !batch->answered)
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
			finish(host, request, request->outcome, result_of(host, request));
		else
			queue_append(&deferred, request);
	}
	LOCKED(host);
	queue_return(&host->queue, deferred.first);
}

/* A mail that crashed the enclave again and again is done with, without having been handled. */
static enum conclave_error set_aside(struct host *host, struct request *request)
{
	const struct store_turn turn = {
		.done = &request->id, .done_count = 1, .version = host->facts.version};
	TRY(host->store->ops->commit(host->store, &turn));
	log_line(host, "mail %llu crashed the enclave %d times and is set aside",
		(unsigned long long)request->id, CRASHES_MAX);
	finish(host, request, HOST_SET_ASIDE, CONCLAVE_OK);
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
		if (request->type != FRAME_DELIVER)
			finish(host, request, HOST_CLOSED, CONCLAVE_ERROR_CRASHED);
		else if (request->crashes < CRASHES_MAX || error != CONCLAVE_OK)
			queue_append(&again, request);
		else if ((error = set_aside(host, request)) != CONCLAVE_OK)
			queue_append(&again, request);
	}
	LOCKED(host);
	queue_return(&host->queue, again.first);
	return error;
}

static void recover(struct host *host, struct request *batch, const char *why)
{
	struct conclave_report report = {""};
	log_line(host, "%s; loading the enclave again", why);
	instance_close(&host->instance);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.restarts++;
	(void)pthread_mutex_unlock(&host->lock);
	if (batch_salvage(host, batch) != CONCLAVE_OK) {
		go_down(host, "the store cannot be written");
		return;
	}
	enum conclave_error error = enclave_open(host, &report);
	if (error != CONCLAVE_OK)
		go_down(host, report.text[0] != '\0' ? report.text : conclave_error_text(error));
}

static void run_batch(struct host *host, struct request *batch)
{
	struct conclave_report report = {""};
	enum conclave_error error = run_turn(host, batch, &report);
	if (error != CONCLAVE_OK) {
		recover(host, batch,
			report.text[0] != '\0' ? report.text : conclave_error_text(error));
		return;
	}
	if (commit(host) == CONCLAVE_OK) {
		turn_end(host, batch);
		return;
	}
	/* The enclave is a turn ahead of the store now, and no reply of that turn may leave. */
	instance_close(&host->instance);
	finish_all(host, batch);
	go_down(host, "a turn could not be committed");
}

/* The next batch; NULL when the host closes. */
static struct request *wait_for_batch(struct host *host)
{
	LOCKED(host);
	while (!host->closing && host->queue.first == NULL)
		(void)pthread_cond_wait(&host->arrived, &host->lock);
	if (host->closing)
		return NULL;
	return queue_take(
		&host->queue, (size_t)host->image->layout->window_size, host->options.batch_max);
}

static void *turn_thread(void *context)
{
	struct host *host = context;
	struct request *batch;
	while ((batch = wait_for_batch(host)) != NULL)
		run_batch(host, batch);
	(void)pthread_mutex_lock(&host->lock);
	host->facts.up = false;
	struct request *waiting = queue_take_all(&host->queue);
	(void)pthread_mutex_unlock(&host->lock);
	finish_all(host, waiting);
	instance_stop(&host->instance, LANE);
	return NULL;
}

/* -- asking -- */

static bool enqueue(struct host *host, struct request *request)
{
	if (host->closing || !host->facts.up)
		return false;
	queue_append(&host->queue, request);
	(void)pthread_cond_signal(&host->arrived);
	return true;
}

static struct request *mail_new(uint64_t id, uint64_t route, struct bytes mail)
{
	struct request *request = calloc(1, sizeof(*request) + mail.len);
	if (request == NULL)
		return NULL;
	uint8_t *copy = (uint8_t *)(request + 1);
	memcpy(copy, mail.ptr, mail.len);
	*request = (struct request){
		.type = FRAME_DELIVER, .id = id, .route = route, .input = {copy, mail.len}};
	return request;
}

static enum conclave_error check_room(struct host *host, size_t mail_size)
{
	LOCKED(host);
	if (host->closing || !host->facts.up)
		return CONCLAVE_ERROR_STATE;
	if (mail_size == 0 || mail_size > host->facts.mail_size_max)
		return CONCLAVE_ERROR_LIMIT;
	return frame_size(mail_size) > HOST_QUEUE_SIZE_MAX - host->queue.size ? CONCLAVE_ERROR_BUSY
									      : CONCLAVE_OK;
}

enum conclave_error host_deliver(uint64_t *mail_id, struct host *host, struct bytes route,
	struct bytes mail, host_done *done, void *context)
{
	uint64_t number, id;
	TRY(check_room(host, mail.len));
	TRY(host->store->ops->route(&number, host->store, route, true));
	struct request *request = mail_new(0, number, mail);
	if (request == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = host->store->ops->put(&id, host->store, number, mail);
	if (error != CONCLAVE_OK) {
		free(request);
		return error;
	}
	request->id = id;
	request->done = done;
	request->context = context;
	*mail_id = id;
	bool queued;
	{
		LOCKED(host);
		queued = enqueue(host, request);
	}
	if (queued)
		return CONCLAVE_OK;
	/* It went down meanwhile. The mail is kept, and its sender told so. */
	finish(host, request, HOST_CLOSED, CONCLAVE_OK);
	return CONCLAVE_OK;
}

static enum conclave_error ask(struct host *host, struct request *request)
{
	LOCKED(host);
	request->id = REQUEST_LOCAL_ID | ++host->local_id;
	if (!enqueue(host, request))
		return CONCLAVE_ERROR_STATE;
	while (!request->finished)
		(void)pthread_cond_wait(&host->answered, &host->lock);
	return request->result;
}

enum conclave_error host_call(struct writer *out, struct host *host, struct bytes input)
{
	if (input.len > host->facts.mail_size_max)
		return CONCLAVE_ERROR_LIMIT;
	struct request request = {.type = FRAME_CALL, .input = input, .out = out};
	return ask(host, &request);
}

enum conclave_error host_attest(struct host *host)
{
	struct request request = {.type = FRAME_REPORT, .input = BYTES_OF(host->target)};
	return ask(host, &request);
}

enum conclave_error host_instance_info(struct writer *out, struct host *host)
{
	LOCKED(host);
	write_bytes(out, bytes_of(host->info_space, host->info_size));
	return writer_end(out);
}

void host_facts(struct host_facts *out, struct host *host)
{
	LOCKED(host);
	*out = host->facts;
}

/* -- opening and closing -- */

static void facts_init(struct host_facts *facts, const struct image *image, bool debug)
{
	const struct sgx_sigstruct *sigstruct = image->sigstruct;
	memcpy(facts->mrenclave, sigstruct->enclavehash, sizeof(facts->mrenclave));
	sgx_mrsigner(facts->mrsigner, sigstruct);
	facts->product_id = sigstruct->isvprodid;
	facts->security_version = sigstruct->isvsvn;
	facts->debug = debug;
	facts->mail_size_max =
		((size_t)image->layout->window_size - TURN_SIZE_MIN - frame_size(0)) & ~(size_t)7;
}

/* Mail keys belong to a signer and a product; another's enclave could not read this mail, and would
 * have it forgotten as unreadable. */
static enum conclave_error claim(struct host *host, struct conclave_report *report)
{
	char signer[65];
	uint8_t owner[34];
	memcpy(owner, host->facts.mrsigner, 32);
	store_u16le(owner + 32, host->facts.product_id);
	enum conclave_error error = host->store->ops->claim(host->store, BYTES_OF(owner));
	if (error == CONCLAVE_ERROR_MISMATCH)
		report_fill(report,
			"the store holds mail of another enclave, which this one (MRSIGNER %s, "
			"product %u) could not read: use a data folder of its own",
			hex_encode(signer, BYTES_OF(host->facts.mrsigner)), host->facts.product_id);
	return error;
}

struct restoring {
	struct host *host;
	enum conclave_error error;
};

static bool restore_one(void *context, const struct store_mail *mail)
{
	struct restoring *restoring = context;
	struct host *host = restoring->host;
	if (mail->mail.len > host->facts.mail_size_max) {
		log_line(host, "mail %llu is larger than this image's window: kept, not delivered",
			(unsigned long long)mail->id);
		return true;
	}
	struct request *request = mail_new(mail->id, mail->route, mail->mail);
	if (request == NULL) {
		restoring->error = CONCLAVE_ERROR_MEMORY;
		return false;
	}
	queue_append(&host->queue, request);
	return true;
}

/* What was kept and never acknowledged is delivered again, in order. */
static enum conclave_error restore(struct host *host)
{
	struct restoring restoring = {host, CONCLAVE_OK};
	TRY(host->store->ops->pending(host->store, 0, restore_one, &restoring));
	return restoring.error;
}

static void host_free(struct host **host)
{
	if (*host == NULL)
		return;
	finish_all(*host, queue_take_all(&(*host)->queue));
	instance_close(&(*host)->instance);
	turn_free(&(*host)->turn);
	(void)pthread_cond_destroy(&(*host)->arrived);
	(void)pthread_cond_destroy(&(*host)->answered);
	(void)pthread_mutex_destroy(&(*host)->lock);
	free(*host);
}

enum conclave_error host_open(struct host **out, const struct image *image, struct machine *machine,
	struct store *store, const struct host_options *options, struct conclave_report *report)
{
	CLEANUP(host_free) struct host *host = calloc(1, sizeof(*host));
	if (host == NULL)
		return CONCLAVE_ERROR_MEMORY;
	host->image = image;
	host->machine = machine;
	host->store = store;
	host->options = *options;
	(void)pthread_mutex_init(&host->lock, NULL);
	(void)pthread_cond_init(&host->arrived, NULL);
	(void)pthread_cond_init(&host->answered, NULL);
	facts_init(&host->facts, image, options->debug);
	TRY(claim(host, report));
	TRY(machine->ops->quote_target(&host->target, machine));
	TRY(enclave_open(host, report));
	TRY(restore(host));
	host->facts.up = true;
	if (pthread_create(&host->thread, NULL, turn_thread, host) != 0)
		return CONCLAVE_ERROR_MEMORY;
	*out = host;
	host = NULL;
	return CONCLAVE_OK;
}

void host_close(struct host *host)
{
	if (host == NULL)
		return;
	{
		LOCKED(host);
		host->closing = true;
		(void)pthread_cond_signal(&host->arrived);
	}
	(void)pthread_join(host->thread, NULL);
	host_free(&host);
}
