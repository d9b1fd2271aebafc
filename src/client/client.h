/* The client object, shared by the files of this folder. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <conclave/client.h>

#include "attest/constraint.h"
#include "mail/mail.h"

#define CLIENT_MAIL_SIZE_MAX 0x4000000u /* 64 MiB: the largest window of an enclave */
#define CLIENT_STATE_ID_SIZE 16u
#define CLIENT_CORRELATION_SIZE 64u

/* One post office for each topic, in the order of their first mail. */
struct topic {
	struct topic *next;
	struct post_office office;
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
	unsigned connect_ms, whole_ms;

	bool connected;
	struct conclave_transport transport;
	bool verified;
	struct conclave_attestation attestation;
	bool knows_enclave;		  /* from an attestation or a save */
	struct x25519_public enclave_key; /* what the numbers of `topics` belong to */
	struct topic *topics;
	struct waiting *waiting;

	bool has_state_id; /* R3's; carried from restore to save */
	uint8_t state_id[CLIENT_STATE_ID_SIZE];

	void (*key_changed)(void *context);
	void *key_changed_context;
};

/* Once per process, before any other use of crypto.h. Errors: UNSUPPORTED. */
enum conclave_error client_crypto_init(void);

/* Download the attestation, verify it against the constraint, and number mail anew when the enclave
 * has another key than before. Errors: the transport's, and conclave_attestation_verify's. */
enum conclave_error client_attest(struct conclave_client *client, struct conclave_report *report);

/* The post office of a topic, made on first use. Errors: FORMAT, LIMIT, MEMORY. */
enum conclave_error client_topic(
	struct topic **out, struct conclave_client *client, struct bytes name);
void client_forget_topics(struct conclave_client *client);

/* An empty client with this key and constraint. Errors: as conclave_client_new. */
enum conclave_error client_make(struct conclave_client **out, const struct x25519_secret *key,
	struct bytes constraint, struct conclave_report *report);

#endif
