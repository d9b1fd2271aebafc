/* A host: loads one image on a machine, runs the turn loop, owns the mailbox.
 *
 * host_open loads and starts the enclave; a thread of the host's own then runs turns: it takes what
 * has arrived (group commit), enters once, and writes posts, acknowledgements and the sealed delta
 * in one transaction. Only then do replies leave. A crashed enclave is loaded again from the image
 * and given every mail that was never acknowledged; a mail whose delivery crashed the enclave twice
 * is set aside (refused) so that it cannot do so for ever. Thread rule: every function but open and
 * close may be called from any thread. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/bytes.h"
#include "image/image.h"
#include "machine/machine.h"
#include "store/store.h"

struct host;

enum host_evidence {
	HOST_EVIDENCE_DCAP, /* EnclaveInstanceInfo type 1: a quote under the machine's root */
	HOST_EVIDENCE_R3,   /* type 2: R3's own simulation form, which R3's clients understand */
};

struct host_options {
	bool debug; /* ask for the DEBUG attribute */
	enum host_evidence evidence;
	uint32_t budget_ms; /* one entry; 0: none */
	uint32_t batch_max; /* mails in one turn; 0: what fits the window */
	/* Console text of the guest, and the host's own log lines. NULL: dropped. Called from the
	 * host's thread. */
	void (*console)(void *context, struct bytes text);
	void (*log)(void *context, const char *line);
	void *context;
};

/* machine and store are used, not owned; image must outlive the host. Errors: the machine's, the
 * store's, CRASHED, MISMATCH. */
enum conclave_error host_open(struct host **out, const struct image *image, struct machine *machine,
	struct store *store, const struct host_options *options, struct conclave_report *report);
/* Finish the running turn, stop the enclave, free everything. NULL is fine. */
void host_close(struct host *host);

/* The serialised EnclaveInstanceInfo, valid until host_close or host_attest. */
struct bytes host_instance_info(struct host *host);
/* A new quote, without a restart. Errors: CRASHED and the machine's. */
enum conclave_error host_attest(struct host *host, struct conclave_report *report);

/* How the handling of one mail ended. */
enum host_outcome {
	HOST_HANDLED,	  /* acknowledged; a reply may be waiting in the store */
	HOST_UNREADABLE,  /* REFUSAL_UNREADABLE */
	HOST_NOT_HANDLED, /* REFUSAL_NOT_HANDLED: a sealed refusal is waiting in the store */
	HOST_FAILED, /* the enclave crashed on it, or the host is closing; the mail may still be
			pending */
};
typedef void host_done(void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome);

/* Keep one mail (durable when this returns) and have it delivered; done is called once, from the
 * host's thread, after the turn is committed. Errors: LIMIT (larger than the window), IO, STATE.
 * route text: STORE_ROUTE_SIZE_MAX. */
enum conclave_error host_deliver(uint64_t *mail_id, struct host *host, struct bytes route,
	struct bytes mail, host_done *done, void *context);
/* Local call: bytes in, bytes out, waits. out receives what the guest answered. Errors: REFUSED
 * (the guest failed or answers no calls), LIMIT, SPACE, CRASHED. */
enum conclave_error host_call(struct writer *out, struct host *host, struct bytes input);

struct host_facts {
	uint8_t mrenclave[32], mrsigner[32];
	uint16_t product_id, security_version;
	bool debug;
	uint64_t turns, mails, refused, restarts, version;
};
void host_facts(struct host_facts *out, struct host *host);

#endif
