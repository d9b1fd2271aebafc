/* A host: loads one image on a machine, runs the turn loop, owns the mailbox.
 *
 * host_open loads and starts the enclave; a thread of the host's own then runs turns: it takes what
 * has arrived (group commit), enters once, and writes posts, acknowledgements and the sealed delta
 * in one transaction. Only then do replies leave. A crashed enclave is loaded again from the image
 * and given every mail that was never acknowledged; the mails of the turn that crashed go one at a
 * time, and one that crashes the enclave twice is set aside, so that it cannot do so for ever. Mail
 * larger than a turn's window waits in the store's spool and is handed over in pieces. When
 * the store fails, or the enclave cannot be loaded again, the host is down: it takes nothing more,
 * and what it had promised to keep is in the store. Thread rule: every function but open and close
 * may be called from any thread. docs/spec/host.md. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/bytes.h"
#include "image/image.h"
#include "machine/machine.h"
#include "store/store.h"

struct host;

/* Mail that waits for its turn, in bytes of frames. */
#define HOST_QUEUE_SIZE_MAX 0x4000000u

#define HOST_STREAM_SIZE_MAX 0x200000000u /* 8 GiB */

enum host_evidence {
	HOST_EVIDENCE_DCAP, /* EnclaveInstanceInfo type 1: a quote under the machine's root */
	HOST_EVIDENCE_R3,   /* type 2: R3's own simulation form, which R3's clients understand */
};

struct host_options {
	bool debug; /* ask for the DEBUG attribute */
	enum host_evidence evidence;
	uint32_t budget_ms;	  /* the start, or one request; a turn has it once for each of its
				     requests; overrunning it is a crash; 0: none */
	uint32_t batch_max;	  /* mails in one turn; 0: what fits the window */
	uint32_t idle_ms;	  /* after so long without work the enclave has a turn to make
				     ready for the next; 0: none */
	uint64_t stream_size_max; /* the largest spooled mail; 0: HOST_STREAM_SIZE_MAX */
	/* Console text of the guest (made safe for a terminal), and the host's own log lines. NULL:
	 * dropped. Called from the host's thread. */
	void (*console)(void *context, struct bytes text);
	void (*log)(void *context, const char *line);
	void *context;
};

/* machine and store are used, not owned; image must outlive the host. Errors: the machine's, the
 * store's, CRASHED, MISMATCH (the store holds another enclave's mail). */
enum conclave_error host_open(struct host **out, const struct image *image, struct machine *machine,
	struct store *store, const struct host_options *options, struct conclave_report *report);
/* Finish the running turn (one that is in the middle of a spooled mail is given up: the mail
 * stays), stop the enclave, free everything; who still waits is told CLOSED. NULL is fine. */
void host_close(struct host *host);

/* The serialised EnclaveInstanceInfo as of now. Errors: SPACE. */
enum conclave_error host_instance_info(struct writer *out, struct host *host);
/* A new quote, without a restart. Errors: CRASHED, STATE (down or closing), the machine's. */
enum conclave_error host_attest(struct host *host);

/* Evidence for somebody who chose a nonce so that it cannot be older than his question. It is made
 * for him alone; host_instance_info goes on serving what it served. `attested` is called once, from
 * the host's thread; maybe before this returns. info is valid during the call, and empty on an
 * error: CRASHED, STATE, the machine's. Errors: STATE (down or closing), BUSY, MEMORY; then it is
 * not called. */
#define HOST_NONCE_SIZE 32u
typedef void host_attested(void *context, enum conclave_error error, struct bytes info);
enum conclave_error host_attest_fresh(struct host *host, const uint8_t nonce[HOST_NONCE_SIZE],
	host_attested *attested, void *context);

/* Make of a serialised EnclaveInstanceInfo the same with collateral, the freshest there is. */
typedef enum conclave_error host_stapler(
	void *context, struct writer *out, struct bytes instance_info);
/* Staple what host_instance_info gives, if the machine's quotes need it; call it after host_attest,
 * and now and then. Turns go on meanwhile; stapler may take its time, and is called again if the
 * enclave was attested anew meanwhile. Not from two threads at once. Errors: the stapler's (what
 * was served stays), MEMORY. */
enum conclave_error host_staple(struct host *host, host_stapler *stapler, void *context);

/* How the handling of one mail ended. */
enum host_outcome {
	HOST_HANDLED,	  /* acknowledged; a reply may be waiting in the store */
	HOST_UNREADABLE,  /* REFUSAL_UNREADABLE */
	HOST_NOT_HANDLED, /* REFUSAL_NOT_HANDLED: a sealed refusal is waiting in the store */
	HOST_SET_ASIDE,	  /* it crashed the enclave twice and was forgotten */
	HOST_CLOSED,	  /* the host is closing or down; the mail is still in the store */
};
typedef void host_done(void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome);

/* Keep one mail (durable when this returns) and have it delivered; done (may be NULL) is called
 * once, from the host's thread, after the turn is committed; it may be called before this returns.
 * route: 1 to STORE_ROUTE_SIZE_MAX bytes. Errors: LIMIT (larger than the window; the route's
 * length), BUSY (HOST_QUEUE_SIZE_MAX bytes wait already), STATE (down or closing), IO, MEMORY; then
 * done is not called. */
enum conclave_error host_deliver(uint64_t *mail_id, struct host *host, struct bytes route,
	struct bytes mail, host_done *done, void *context);
/* The same for a mail that was written to the store's spool, which is the host's from here on,
 * whatever comes of it. Errors: LIMIT (nothing in it, or more than stream_size_max), else as above.
 */
enum conclave_error host_deliver_spooled(uint64_t *mail_id, struct host *host, struct bytes route,
	struct store_spool *spool, host_done *done, void *context);
/* Local call: bytes in, bytes out, waits. out receives what the guest answered. Errors: REFUSED
 * (the guest failed or answers no calls), LIMIT, SPACE, CRASHED, STATE. */
enum conclave_error host_call(struct writer *out, struct host *host, struct bytes input);

struct host_facts {
	uint8_t mrenclave[32], mrsigner[32];
	uint16_t product_id, security_version;
	bool debug, up;
	size_t mail_size_max;	  /* the largest mail that fits a turn */
	uint64_t stream_size_max; /* the largest that is taken by way of the spool */
	uint64_t turns, mails, refused, restarts, version;
};
void host_facts(struct host_facts *out, struct host *host);

#endif
