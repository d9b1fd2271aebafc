/* The inside of a host: what its turn thread and its callers share, and the turn thread. */
#ifndef HOST_LOOP_H
#define HOST_LOOP_H

#include <pthread.h>

#include "host/evidence.h"
#include "host/host.h"
#include "host/queue.h"
#include "store/lock.h"

struct host {
	const struct image *image;
	struct machine *machine;
	struct store *store;
	struct host_options options;
	struct sgx_targetinfo target;
	pthread_t thread;

	/* The turn thread's alone. */
	struct instance instance;
	bool worked; /* since the last idle turn */
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
	uint64_t quotes; /* how often it was attested: which quote info_space holds */
};

__attribute__((format(printf, 2, 3))) void host_log(struct host *host, const char *format, ...);

/* Load, start and attest. Errors: as host_open. */
enum conclave_error loop_enclave_open(struct host *host, struct conclave_report *report);
/* The turn thread: until host->closing. context: the host. */
void *loop_thread(void *context);
/* A mail is done with, whatever became of it. Errors: the store's. */
enum conclave_error loop_forget(struct host *host, uint64_t mail_id);
/* The end of a request: its waiter is told, and a mail's storage is freed. */
void loop_finish(struct host *host, struct request *request, enum host_outcome outcome,
	enum conclave_error result);
void loop_finish_all(struct host *host, struct request *list);

#endif
