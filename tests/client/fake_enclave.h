/* An enclave and its host in one process: mail.h and R3's unsigned evidence, and a tiny
 * application. What it does with a mail is the first word of its body: echo TEXT    reply TEXT
 *   silent       no reply
 *   later TEXT   post TEXT to the sender, to be polled
 *   twice TEXT   reply TEXT, and post it again, to be polled
 *   trap         a sealed refusal
 *   measure …    reply the size of the body and its SHA-256
 * It also keeps the enclave's rule for numbers: each one more than the one before. */
#ifndef TESTS_CLIENT_FAKE_ENCLAVE_H
#define TESTS_CLIENT_FAKE_ENCLAVE_H

#include <conclave/client.h>

#include "crypto/crypto.h"
#include "mail/mail.h"

#define FAKE_PEERS_MAX 16
#define FAKE_QUEUE_MAX 64

struct fake_peer {
	struct x25519_public sender;
	struct post_office office; /* to the sender, on this topic */
	uint64_t expected;
};

struct fake_queued {
	uint64_t id;
	char correlation_id[65];
	uint8_t *mail;
	size_t size;
};

struct fake_enclave {
	struct x25519_secret key;
	struct ed25519_seed signing_seed;
	uint8_t mrenclave[32], mrsigner[32];
	struct fake_peer peers[FAKE_PEERS_MAX];
	size_t peers_count;
	struct fake_queued queue[FAKE_QUEUE_MAX];
	size_t queue_count;
	uint64_t last_id;

	/* What a hostile or unlucky host does. */
	bool loses_mail;     /* delivers nothing and reports a broken connection */
	bool loses_answers;  /* delivers, and reports a broken connection */
	bool forges_replies; /* seals replies with a key of its own */
	bool garbles_replies;
	struct bytes private_header; /* of replies; the test's */
	unsigned restarts_left;	     /* restart before each delivery, so many times */
	size_t cut_after;    /* the next answer over HTTP breaks off after so many bytes; 0: not */
	bool knows_no_async; /* as R3's hosts: the answer is the reply, whatever is preferred */
	bool was_cut;

	/* The last mail that came, as it came; and how. */
	uint8_t *mail;
	size_t mail_size;
	bool came_as_stream, was_waited_for;

	uint8_t nonce[CONCLAVE_NONCE_SIZE]; /* of fake_fresh_transport */
	unsigned attestations, delivered, handled, closed;
	char last_correlation_id[65];
};

/* Fresh keys; numbers and queues forgotten; measurements 0x11… and 0x22…. */
void fake_enclave_start(struct fake_enclave *enclave);
/* New keys, as an enclave whose keys do not last. */
void fake_enclave_restart(struct fake_enclave *enclave);
/* The same keys, but nothing remembered of anybody. */
void fake_enclave_forget(struct fake_enclave *enclave);
void fake_enclave_stop(struct fake_enclave *enclave);

/* The serialised EnclaveInstanceInfo, malloc'ed. */
void fake_enclave_info(uint8_t **out, size_t *out_size, const struct fake_enclave *enclave);
/* A turn: *out is malloc'ed or NULL. Errors: AUTH, NETWORK (by order). */
enum conclave_error fake_enclave_deliver(struct fake_enclave *enclave, uint8_t **out,
	size_t *out_size, const char *correlation_id, struct bytes mail);
/* For a host that keeps replies until they are acknowledged: keep one, see the next, drop one. */
uint64_t fake_enclave_keep(
	struct fake_enclave *enclave, const char *correlation_id, uint8_t *mail, size_t size);
const struct fake_queued *fake_enclave_next(
	const struct fake_enclave *enclave, const char *correlation_id);
void fake_enclave_drop(struct fake_enclave *enclave, const char *correlation_id, uint64_t id);
void fake_enclave_poll(
	struct fake_enclave *enclave, uint8_t **out, size_t *out_size, const char *correlation_id);

struct conclave_transport fake_transport(struct fake_enclave *enclave);
/* With streams too, read in pieces of all sizes. */
struct conclave_transport fake_fresh_transport(struct fake_enclave *enclave);
struct conclave_transport fake_stream_transport(struct fake_enclave *enclave);

#define FAKE_CONSTRAINT                                                                  \
	"S:2222222222222222222222222222222222222222222222222222222222222222 PROD:1 SEC:" \
	"INSECURE"

#endif
