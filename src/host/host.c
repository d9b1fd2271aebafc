#include "host/host.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "host/frame.h"
#include "host/loop.h"

/* -- asking -- */

static bool enqueue(struct host *host, struct request *request)
{
	if (host->closing || !host->facts.up)
		return false;
	queue_append(&host->queue, request);
	(void)pthread_cond_signal(&host->arrived);
	return true;
}

/* payload: of its frame, which is the mail itself, the size of one that is spooled, or what a
 * report is asked with. */
static struct request *request_new(uint32_t type, uint64_t id, uint64_t route, struct bytes payload)
{
	struct request *request = calloc(1, sizeof(*request) + payload.len);
	if (request == NULL)
		return NULL;
	uint8_t *copy = (uint8_t *)(request + 1);
	memcpy(copy, payload.ptr, payload.len);
	*request = (struct request){
		.type = type, .id = id, .route = route, .input = {copy, payload.len}};
	return request;
}

static struct request *stream_new(uint64_t id, uint64_t route, uint64_t size)
{
	uint8_t payload[8];
	store_u64le(payload, size);
	return request_new(FRAME_STREAM, id, route, BYTES_OF(payload));
}

static enum conclave_error check_room(
	struct host *host, uint64_t size, uint64_t size_max, size_t payload_size)
{
	LOCKED(&host->lock);
	if (host->closing || !host->facts.up)
		return CONCLAVE_ERROR_STATE;
	if (size == 0 || size > size_max)
		return CONCLAVE_ERROR_LIMIT;
	size_t room = HOST_QUEUE_SIZE_MAX - host->queue.size;
	return frame_size(payload_size) > room ? CONCLAVE_ERROR_BUSY : CONCLAVE_OK;
}

/* It is kept. If the host went down meanwhile, its sender is told so. */
static void deliver(struct host *host, struct request *request, host_done *done, void *context)
{
	bool queued;
	request->done = done;
	request->context = context;
	{
		LOCKED(&host->lock);
		queued = enqueue(host, request);
	}
	if (!queued)
		loop_finish(host, request, HOST_CLOSED, CONCLAVE_OK);
}

enum conclave_error host_deliver(uint64_t *mail_id, struct host *host, struct bytes route,
	struct bytes mail, host_done *done, void *context)
{
	uint64_t number;
	TRY(check_room(host, mail.len, host->facts.mail_size_max, mail.len));
	TRY(host->store->ops->route(&number, host->store, route, true));
	struct request *request = request_new(FRAME_DELIVER, 0, number, mail);
	if (request == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = host->store->ops->put(&request->id, host->store, number, mail);
	if (error != CONCLAVE_OK) {
		free(request);
		return error;
	}
	*mail_id = request->id;
	deliver(host, request, done, context);
	return CONCLAVE_OK;
}

static enum conclave_error spooled_keep(
	struct request **out, struct host *host, struct bytes route, struct store_spool *spool)
{
	const struct store_ops *ops = host->store->ops;
	uint64_t number, size = ops->spool_written(spool);
	TRY(check_room(host, size, host->facts.stream_size_max, sizeof(size)));
	TRY(ops->route(&number, host->store, route, true));
	struct request *request = stream_new(0, number, size);
	if (request == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = ops->spool_put(&request->id, spool, number);
	if (error != CONCLAVE_OK) {
		free(request);
		return error;
	}
	*out = request;
	return CONCLAVE_OK;
}

enum conclave_error host_deliver_spooled(uint64_t *mail_id, struct host *host, struct bytes route,
	struct store_spool *spool, host_done *done, void *context)
{
	struct request *request;
	enum conclave_error error = spooled_keep(&request, host, route, spool);
	if (error != CONCLAVE_OK) {
		host->store->ops->spool_abandon(spool);
		return error;
	}
	*mail_id = request->id;
	deliver(host, request, done, context);
	return CONCLAVE_OK;
}

static enum conclave_error ask(struct host *host, struct request *request)
{
	LOCKED(&host->lock);
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

_Static_assert(HOST_NONCE_SIZE == FRAME_NONCE_SIZE, "one size");

enum conclave_error host_attest_fresh(struct host *host, const uint8_t nonce[HOST_NONCE_SIZE],
	host_attested *attested, void *context)
{
	uint8_t asked[sizeof(host->target) + HOST_NONCE_SIZE];
	memcpy(asked, &host->target, sizeof(host->target));
	memcpy(asked + sizeof(host->target), nonce, HOST_NONCE_SIZE);
	TRY(check_room(host, sizeof(asked), sizeof(asked), sizeof(asked)));
	struct request *request = request_new(FRAME_REPORT, 0, 0, BYTES_OF(asked));
	if (request == NULL)
		return CONCLAVE_ERROR_MEMORY;
	request->attested = attested;
	request->context = context;
	LOCKED(&host->lock);
	request->id = REQUEST_LOCAL_ID | ++host->local_id;
	if (enqueue(host, request))
		return CONCLAVE_OK;
	free(request);
	return CONCLAVE_ERROR_STATE;
}

enum conclave_error host_instance_info(struct writer *out, struct host *host)
{
	LOCKED(&host->lock);
	write_bytes(out, bytes_of(host->info_space, host->info_size));
	return writer_end(out);
}

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* What is served now, and which quote it holds. */
static struct bytes info_copy(uint64_t *quote, uint8_t *space, struct host *host)
{
	LOCKED(&host->lock);
	memcpy(space, host->info_space, host->info_size);
	*quote = host->quotes;
	return bytes_of(space, host->info_size);
}

/* Unless the enclave has been attested anew since it was copied. */
static bool info_replace(struct host *host, uint64_t quote, struct bytes info)
{
	LOCKED(&host->lock);
	if (host->quotes != quote)
		return false;
	memcpy(host->info_space, info.ptr, info.len);
	host->info_size = info.len;
	return true;
}

enum conclave_error host_staple(struct host *host, host_stapler *stapler, void *context)
{
	if (!host->machine->needs_collateral)
		return CONCLAVE_OK;
	CLEANUP(free_bytes) uint8_t *space = malloc(2 * EVIDENCE_INFO_SIZE_MAX);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	for (;;) {
		uint64_t quote;
		struct bytes served = info_copy(&quote, space, host);
		struct writer stapled = writer_of(
			(struct buffer){space + EVIDENCE_INFO_SIZE_MAX, EVIDENCE_INFO_SIZE_MAX});
		TRY(stapler(context, &stapled, served));
		TRY(writer_end(&stapled));
		if (info_replace(host, quote, writer_bytes(&stapled)))
			return CONCLAVE_OK;
	}
}

void host_facts(struct host_facts *out, struct host *host)
{
	LOCKED(&host->lock);
	*out = host->facts;
}

/* -- opening and closing -- */

static void facts_init(
	struct host_facts *facts, const struct image *image, const struct host_options *options)
{
	const struct sgx_sigstruct *sigstruct = image->sigstruct;
	memcpy(facts->mrenclave, sigstruct->enclavehash, sizeof(facts->mrenclave));
	sgx_mrsigner(facts->mrsigner, sigstruct);
	facts->product_id = sigstruct->isvprodid;
	facts->security_version = sigstruct->isvsvn;
	facts->debug = options->debug;
	facts->stream_size_max =
		options->stream_size_max != 0 ? options->stream_size_max : HOST_STREAM_SIZE_MAX;
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
			hex_encode_upper(signer, BYTES_OF(host->facts.mrsigner)),
			host->facts.product_id);
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
	/* Another image's window may have been larger. */
	bool is_large = mail->mail.len > host->facts.mail_size_max;
	uint64_t streamed = is_large ? mail->mail.len : mail->spooled;
	struct request *request =
		streamed != 0 ? stream_new(mail->id, mail->route, streamed)
			      : request_new(FRAME_DELIVER, mail->id, mail->route, mail->mail);
	if (request == NULL) {
		restoring->error = CONCLAVE_ERROR_MEMORY;
		return false;
	}
	queue_append(&host->queue, request);
	return true;
}

/* A spooled mail whose file is not there, whole, was never promised: the power went while it was
 * being kept. Or somebody was at the files; then nothing can be done about it either. */
static enum conclave_error check_spooled(
	bool *is_lost, struct host *host, const struct request *request)
{
	const struct store_ops *ops = host->store->ops;
	uint8_t last;
	uint64_t size = load_u64le(request->input.ptr);
	enum conclave_error error =
		ops->read((struct buffer){&last, 1}, host->store, request->id, size - 1);
	*is_lost = error == CONCLAVE_ERROR_NOT_FOUND || error == CONCLAVE_ERROR_TRUNCATED;
	if (!*is_lost)
		return error;
	host_log(host, "mail %llu is not whole in the spool, and is forgotten",
		(unsigned long long)request->id);
	return loop_forget(host, request->id);
}

/* What was kept and never acknowledged is delivered again, in order. */
static enum conclave_error restore(struct host *host)
{
	struct restoring restoring = {host, CONCLAVE_OK};
	enum conclave_error error =
		host->store->ops->pending(host->store, 0, restore_one, &restoring);
	if (error == CONCLAVE_OK)
		error = restoring.error;
	struct request *next, *request = queue_take_all(&host->queue);
	for (; request != NULL; request = next) {
		bool is_lost = false;
		next = request->next;
		if (error == CONCLAVE_OK && request->type == FRAME_STREAM)
			error = check_spooled(&is_lost, host, request);
		if (is_lost)
			free(request);
		else
			queue_append(&host->queue, request);
	}
	return error;
}

static void host_free(struct host **host)
{
	if (*host == NULL)
		return;
	loop_finish_all(*host, queue_take_all(&(*host)->queue));
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
	facts_init(&host->facts, image, options);
	TRY(claim(host, report));
	TRY(machine->ops->quote_target(&host->target, machine));
	TRY(loop_enclave_open(host, report));
	TRY(restore(host));
	host->facts.up = true;
	if (pthread_create(&host->thread, NULL, loop_thread, host) != 0)
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
		LOCKED(&host->lock);
		host->closing = true;
		(void)pthread_cond_signal(&host->arrived);
	}
	(void)pthread_join(host->thread, NULL);
	host_free(&host);
}
