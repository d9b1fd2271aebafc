/* The client object, shared by the files of this folder. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <conclave/client.h>

#include "attest/constraint.h"
#include "client/replies.h"
#include "mail/mail.h"
#include "mail/padding.h"

#define CLIENT_MAIL_SIZE_MAX 0x4000000u /* 64 MiB: the largest window of an enclave */
#define CLIENT_STATE_ID_SIZE 16u
#define CLIENT_CORRELATION_SIZE 64u

/* One post office for each topic, in the order of their first mail. */
struct topic {
	struct topic *next;
	struct post_office office;
	struct padding padding; /* unless it is shared */
	struct replies replies;
};

/* A mail that was answered before anybody asked for it. */
struct waiting {
	struct waiting *next;
	struct conclave_mail mail;
};

struct conclave_client {
	struct x25519_secret key;
	char correlation_id[CLIENT_CORRELATION_SIZE + 1];
	struct constraint constraint;
	char *constraint_text; /* canonical */
	char *policy;	       /* in place of the constraint; NULL: none */
	unsigned connect_ms, whole_ms;
	bool fresh; /* attestations hold a nonce */

	bool connected;
	struct conclave_transport transport;
	bool verified;
	struct conclave_attestation attestation;
	bool knows_enclave;		  /* from an attestation or a save */
	struct x25519_public enclave_key; /* what the numbers of `topics` belong to */
	struct topic *topics;
	struct waiting *waiting;
	struct padding padding; /* shared by all topics, or what theirs begin with */
	bool padding_shared;
	uint64_t repeated;

	bool has_state_id; /* R3's: the state of the enclave that was seen last */
	uint8_t state_id[CLIENT_STATE_ID_SIZE];

	void (*key_changed)(void *context);
	void *key_changed_context;
};

/* Once per process, before any other use of crypto.h. Errors: UNSUPPORTED. */
enum conclave_error client_crypto_init(void);

/* Download the attestation, verify it against the constraint, and number mail anew when the enclave
 * has another key than before. Errors: the transport's, and conclave_attestation_verify's. */
enum conclave_error client_attest(struct conclave_client *client, struct conclave_report *report);

/* As conclave_attestation_verify; nonce: what the evidence must hold, or nothing. */
enum conclave_error client_verify_attestation(struct conclave_attestation *out, struct bytes info,
	const char *constraint, struct bytes nonce, int64_t at, struct conclave_report *report);
/* As conclave_attestation_appraise. */
enum conclave_error client_appraise_attestation(struct conclave_attestation *out, struct bytes info,
	const char *policy, struct bytes nonce, int64_t at, struct conclave_report *report);

/* The post office of a topic, made on first use. Errors: FORMAT, LIMIT, MEMORY. */
enum conclave_error client_topic(
	struct topic **out, struct conclave_client *client, struct bytes name);
/* Number everything from 0 again, for the enclave's key as it is now; keep what padding learnt. */
void client_renumber(struct conclave_client *client);
void client_forget_topics(struct conclave_client *client);

/* What a policy makes of the next body; 0: no padding. */
uint64_t client_padding_next(
	struct conclave_client *client, struct topic *topic, uint64_t body_size);
/* A policy as it is before its first mail. */
struct padding client_padding_fresh(const struct padding *like);

/* Open what a host handed over, note it among the replies, and give it out. out->topic is NULL when
 * there is nothing, or nothing new. Errors: MISMATCH, REFUSED, MEMORY. */
enum conclave_error client_receive(struct conclave_mail *out, struct conclave_client *client,
	struct bytes sealed, struct conclave_report *report);
/* Behind those that wait already; it is the client's from now on. */
void client_keep_waiting(struct conclave_client *client, struct waiting *waiting);
/* The same for mail that was given out and reached nobody; *mail is empty then. Errors: MEMORY. */
enum conclave_error client_put_back(struct conclave_client *client, struct conclave_mail *mail);
/* R3's save format. A writer that only measures is fine. */
void client_write_saved(struct writer *out, const struct conclave_client *client);

/* An empty client with this key and constraint. Errors: as conclave_client_new. */
enum conclave_error client_make(struct conclave_client **out, const struct x25519_secret *key,
	struct bytes constraint, struct conclave_report *report);

#endif
