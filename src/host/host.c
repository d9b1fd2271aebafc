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
	LOCKED(&host->lock);
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
		LOCKED(&host->lock);
		queued = enqueue(host, request);
	}
	if (queued)
		return CONCLAVE_OK;
	/* It went down meanwhile. The mail is kept, and its sender told so. */
	loop_finish(host, request, HOST_CLOSED, CONCLAVE_OK);
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
	if (mail->mail.len > host->facts.mail_size_max) {
		host_log(host, "mail %llu is larger than this image's window: kept, not delivered",
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
	facts_init(&host->facts, image, options->debug);
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
