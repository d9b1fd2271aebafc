/* The Conclave client: verify an enclave, then talk to it in mail.
 *
 *   struct conclave_client *client;
 *   conclave_client_new(&client, "S:… PROD:1 SEC:INSECURE", NULL, &report);
 *   conclave_client_connect(client, "http://127.0.0.1:8080", &report);    downloads and verifies
 *   conclave_client_send(client, &reply, "default", body, body_size, NULL, 0, &report);
 *   conclave_client_free(client);
 *
 * Ownership: objects made by _new or handed out as `struct conclave_mail` are freed by the caller
 * with the matching _free. Thread rule: one client object belongs to one thread at a time; several
 * clients may be used at once. Every function that takes a report fills it with a sentence for
 * people on error; it may be NULL. Limits: a constraint has at most 16,384 characters, an
 * attestation 1 MiB, a reply 64 MiB, a mail held in memory 64 MiB with its padding; one that is
 * streamed 256 TiB, of which a host will take less. */
#ifndef CONCLAVE_CLIENT_H
#define CONCLAVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <conclave/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONCLAVE_KEY_SIZE 32  /* an X25519 private or public key */
#define CONCLAVE_HASH_SIZE 32 /* MRENCLAVE, MRSIGNER */
#define CONCLAVE_NONCE_SIZE 32

enum conclave_mode {
	CONCLAVE_MODE_RELEASE,
	CONCLAVE_MODE_DEBUG,
	CONCLAVE_MODE_SIMULATION,
	CONCLAVE_MODE_MOCK
};
enum conclave_security {
	CONCLAVE_SECURITY_INSECURE,
	CONCLAVE_SECURITY_STALE,
	CONCLAVE_SECURITY_SECURE
};

enum conclave_platform {
	CONCLAVE_PLATFORM_SGX,
	CONCLAVE_PLATFORM_TDX,
	CONCLAVE_PLATFORM_SNP,
	CONCLAVE_PLATFORM_NITRO
};
#define CONCLAVE_MEASUREMENT_SIZE_MAX 64

/* What an attestation says, after it was verified. */
struct conclave_attestation {
	enum conclave_platform platform;
	/* What runs: MRENCLAVE, MRTD, SNP's measurement, PCR0. */
	uint8_t measurement[CONCLAVE_MEASUREMENT_SIZE_MAX];
	size_t measurement_size;
	/* SGX; of other platforms zeros. */
	uint8_t code_hash[CONCLAVE_HASH_SIZE];	 /* MRENCLAVE */
	uint8_t code_signer[CONCLAVE_HASH_SIZE]; /* MRSIGNER */
	uint16_t product_id;
	uint32_t revocation_level;
	enum conclave_mode mode;
	enum conclave_security security;
	uint8_t encryption_key[CONCLAVE_KEY_SIZE]; /* X25519 */
	uint8_t signing_key[CONCLAVE_KEY_SIZE];	   /* Ed25519 */
	int64_t timestamp; /* seconds since 1970: the date of what vouches for it */
	char summary[256]; /* in words: what it is and why it is that secure */
	char reason[512];
	/* What a policy accepts but leaves to you to judge, in words: an advisory, a CRL that was
	 * left out; empty: nothing. Whoever wants acceptance without a remark refuses what has any.
	 */
	char remarks[512];
};

/* Verify a serialised EnclaveInstanceInfo against a constraint (NULL: verify only) at a time
 * (seconds since 1970; 0: now). Errors: FORMAT, TRUNCATED, VERSION, LIMIT, SIGNATURE, MISMATCH,
 * UNTRUSTED, REVOKED, EXPIRED, TCB, CONSTRAINT, ARGUMENT (the constraint). */
enum conclave_error conclave_attestation_verify(struct conclave_attestation *out,
	const uint8_t *info, size_t info_size, const char *constraint, int64_t at,
	struct conclave_report *report);

/* The same for enclaves on any platform, held against a policy (JSON text; docs/attestation.md) in
 * place of a constraint. nonce: CONCLAVE_NONCE_SIZE bytes that it must hold, or NULL. Errors: also
 * those of a wrong policy (FORMAT, LIMIT, VERSION, ARGUMENT), KEY, NOT_FOUND (a part is missing);
 * CONSTRAINT: the policy refuses it. */
enum conclave_error conclave_attestation_appraise(struct conclave_attestation *out,
	const uint8_t *info, size_t info_size, const char *policy, const uint8_t *nonce, int64_t at,
	struct conclave_report *report);

/* A new private key from the system's randomness. Errors: RANDOM, UNSUPPORTED (this processor). */
enum conclave_error conclave_key_generate(uint8_t private_key[CONCLAVE_KEY_SIZE]);
/* Its public key: what the other side knows the sender by. */
void conclave_key_public(
	uint8_t public_key[CONCLAVE_KEY_SIZE], const uint8_t private_key[CONCLAVE_KEY_SIZE]);

/* Bytes that come when they are asked for: what is too large for memory, or has a size that nobody
 * knows yet. The source and its context are the caller's, for as long as the call that takes it. */
struct conclave_source {
	void *context;
	/* The next bytes: at least 1 and at most `room`; *size 0 is the end. An error ends the
	 * sending, and is what the sender returns. */
	enum conclave_error (*read)(
		void *context, size_t *size, void *to, size_t room, struct conclave_report *report);
	/* Begin again with the first byte, the same bytes. NULL: they come once. */
	enum conclave_error (*rewind)(void *context, struct conclave_report *report);
	/* With size_known, `size` bytes are read and not one more; fewer are TRUNCATED. */
	bool size_known;
	uint64_t size;
	/* NULL: nobody looks. Else called with how many bytes have been used, which never shrinks
	 * but after a rewind: after each packet, and at least every second or so while a host is
	 * waited for. false: give up, with CANCELLED. */
	bool (*progress)(void *context, uint64_t done);
};

/* How bytes reach a host. A table so that anything can carry mail; conclave_client_connect uses
 * HTTP (R3's REST endpoints). Each function returns a malloc'ed reply in *out (NULL and 0 for
 * none), freed by the client. Errors: NETWORK, TIMEOUT, LIMIT; send also AUTH (the host says the
 * enclave could not decrypt) and REFUSED (the enclave refused). What follows close may be NULL. */
struct conclave_transport {
	void *context;
	enum conclave_error (*attestation)(
		void *context, uint8_t **out, size_t *out_size, struct conclave_report *report);
	enum conclave_error (*send)(void *context, uint8_t **out, size_t *out_size,
		const char *correlation_id, const uint8_t *mail, size_t mail_size,
		struct conclave_report *report);
	enum conclave_error (*poll)(void *context, uint8_t **out, size_t *out_size,
		const char *correlation_id, struct conclave_report *report);
	void (*close)(void *context);
	/* As send, but the host need not wait for the enclave. */
	enum conclave_error (*send_async)(void *context, uint8_t **out, size_t *out_size,
		const char *correlation_id, const uint8_t *mail, size_t mail_size,
		struct conclave_report *report);
	/* The mail that came last has been taken: the host may forget it with the next request. */
	void (*taken)(void *context);
	/* Tell the host so now, when there is something to tell. */
	enum conclave_error (*acknowledge)(
		void *context, const char *correlation_id, struct conclave_report *report);
	/* As send or, with `wait` false, as send_async; but the mail comes as it is sealed. Its
	 * errors are passed on as they are, CANCELLED when its progress says so. NULL: this
	 * transport carries only what fits memory. */
	enum conclave_error (*send_stream)(void *context, uint8_t **out, size_t *out_size,
		const char *correlation_id, const struct conclave_source *mail, bool wait,
		struct conclave_report *report);
	/* As attestation, with evidence made to hold this nonce. */
	enum conclave_error (*attestation_fresh)(void *context, uint8_t **out, size_t *out_size,
		const uint8_t nonce[CONCLAVE_NONCE_SIZE], struct conclave_report *report);
};

struct conclave_client;

/* Where a mail stands among those of its topic. The enclave numbers them; it begins again at 0 when
 * it restarts, and a host can make it. docs/spec/client.md says what is detected and what is not.
 */
enum conclave_order {
	CONCLAVE_ORDER_NEXT,	/* the one after the last, or the first */
	CONCLAVE_ORDER_GAP,	/* one or more before it have not come */
	CONCLAVE_ORDER_LATE,	/* one that was missing */
	CONCLAVE_ORDER_RESTART, /* another mail had its number: the enclave began again; or the host
				   has dug out one from before the last 64 */
};

/* A mail that came back, decrypted and authenticated. */
struct conclave_mail {
	char *topic;		  /* NUL-terminated; NULL: there is no mail */
	uint64_t sequence;	  /* the enclave's number */
	uint8_t *envelope, *body; /* each followed by a NUL that is not counted */
	size_t envelope_size, body_size;
	enum conclave_order order;
	/* An R3 enclave that keeps state says that its state is older than one that this client has
	 * seen, or that mail was dropped. False for ours, which say nothing of the kind. */
	bool is_rolled_back;
};
/* Frees what is inside and empties it. */
void conclave_mail_free(struct conclave_mail *mail);

/* A constraint that no enclave meets: for a client that is given a policy. */
#define CONCLAVE_CONSTRAINT_NONE \
	"C:0000000000000000000000000000000000000000000000000000000000000000 SEC:SECURE"

/* private_key NULL: a new random one. constraint: R3's language. Errors: ARGUMENT, FORMAT, LIMIT,
 * RANDOM, UNSUPPORTED (this processor), MEMORY. */
enum conclave_error conclave_client_new(struct conclave_client **out, const char *constraint,
	const uint8_t *private_key, struct conclave_report *report);
void conclave_client_free(struct conclave_client *client);

/* Download and verify the attestation of the host at a base URL; or over a transport of the
 * caller's, which the client closes in any case. A client may connect again. Errors: NETWORK,
 * TIMEOUT, and those of conclave_attestation_verify. */
enum conclave_error conclave_client_connect(
	struct conclave_client *client, const char *url, struct conclave_report *report);
enum conclave_error conclave_client_connect_over(struct conclave_client *client,
	const struct conclave_transport *transport, struct conclave_report *report);
/* What was verified last; NULL before the first time. */
const struct conclave_attestation *conclave_client_attestation(
	const struct conclave_client *client);

/* The client's own public key: what the enclave knows it by. */
void conclave_client_public_key(
	uint8_t public_key[CONCLAVE_KEY_SIZE], const struct conclave_client *client);
/* The constraint in its canonical form; valid until it is changed or the client is freed. */
const char *conclave_client_constraint(const struct conclave_client *client);
/* Change it, for the next attestation that is verified. Errors: ARGUMENT, FORMAT, LIMIT, MEMORY. */
enum conclave_error conclave_client_set_constraint(
	struct conclave_client *client, const char *constraint, struct conclave_report *report);
/* Hold attestations against a policy (JSON text) instead of the constraint, from the next one on;
 * NULL: against the constraint again. With a policy enclaves on any platform may be talked to. It
 * is not saved with the client. Errors: FORMAT, LIMIT, VERSION, ARGUMENT, MEMORY. */
enum conclave_error conclave_client_set_policy(
	struct conclave_client *client, const char *policy, struct conclave_report *report);
/* How long conclave_client_connect's HTTP waits: for a connection (default 10,000 ms), and for a
 * whole exchange (default 180,000 ms). A stream may take longer: whole_ms is what the host may
 * take for each 64 KiB, and for its answer, with a second more for each MiB that it was sent. For
 * the next connect. */
void conclave_client_set_timeouts(
	struct conclave_client *client, unsigned connect_ms, unsigned whole_ms);
/* Have every attestation made afresh: it must hold a nonce that the client chooses each time, so
 * that it cannot be older than the question. An attestation that does not is refused with MISMATCH:
 * a host of R3's has no other; UNSUPPORTED is a transport that cannot ask. Off at first. */
void conclave_client_set_fresh(struct conclave_client *client, bool fresh);
/* Have `changed` called (NULL: nothing) when the enclave is found to have another key than before:
 * it was replaced, or what it was told is gone. Mail is then numbered from 0 again. Called inside
 * connect, after a restore, or inside a sending. */
void conclave_client_on_new_key(
	struct conclave_client *client, void (*changed)(void *context), void *context);

/* How the sizes of bodies are hidden from whoever sees mail pass (docs/spec/mail.md). */
enum conclave_padding {
	CONCLAVE_PADDING_NONE,
	CONCLAVE_PADDING_FIXED,	  /* a multiple of `size` */
	CONCLAVE_PADDING_LARGEST, /* as the largest body so far */
	CONCLAVE_PADDING_AVERAGE, /* as the average so far, of those up to 64 MiB: the default */
	CONCLAVE_PADDING_POWERS	  /* the next power of two, at least 256 */
};
/* For all mail from now on. shared: what is learnt on one topic counts for all. What a policy has
 * learnt is kept when it is set again. size: only for FIXED. Errors: ARGUMENT. */
enum conclave_error conclave_client_set_padding(struct conclave_client *client,
	enum conclave_padding policy, uint64_t size, bool shared, struct conclave_report *report);
/* A policy of the caller's own: the size that a body of body_size bytes shall seem to have. It is
 * not saved with the client. */
void conclave_client_set_padding_function(struct conclave_client *client,
	uint64_t (*seems)(void *context, uint64_t body_size), void *context);

/* Send one mail and wait for the enclave's turn. reply (NULL: kept for the next poll) receives
 * the first reply made to it; reply->topic is NULL when there is none. envelope may be NULL.
 *
 * When the enclave cannot decrypt the mail, its attestation is downloaded and verified again: with
 * a new key that meets the constraint the mail is sealed again, up to ten times.
 *
 * A mail's number counts as used when the enclave has handled or refused the mail. After any other
 * error the next mail has the same number, and an enclave never handles one number twice: so a
 * mail whose answer was lost may be sent again without fear that it is handled twice.
 * Errors: NETWORK, TIMEOUT, LIMIT, FORMAT (topic), AUTH (the enclave's key is the one attested, yet
 * the host says it could not decrypt), REFUSED (with the enclave's sealed reason in report), STATE
 * (not connected), MISMATCH (a reply that is not from the enclave), RANDOM, MEMORY, and those of
 * conclave_attestation_verify. */
enum conclave_error conclave_client_send(struct conclave_client *client,
	struct conclave_mail *reply, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report);
/* Send one mail and let the enclave handle it when it may; the reply, or a sealed refusal, comes by
 * poll. A mail that the enclave could not decrypt is not told of: the numbers of the topic then no
 * longer fit, and the next conclave_client_send of it is refused or starts anew with the enclave's
 * new key. Errors: as send, and UNSUPPORTED (the transport). */
enum conclave_error conclave_client_send_async(struct conclave_client *client, const char *topic,
	const void *body, size_t body_size, const void *envelope, size_t envelope_size,
	struct conclave_report *report);
/* The two halves of send. seal: with the topic's next number, which counts as used; *out is
 * malloc'ed, freed by the caller. post: deliver a sealed mail, once, as it is. Errors: as send. */
enum conclave_error conclave_client_seal(struct conclave_client *client, uint8_t **out,
	size_t *out_size, const char *topic, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size, struct conclave_report *report);
enum conclave_error conclave_client_post(struct conclave_client *client,
	struct conclave_mail *reply, const uint8_t *mail, size_t mail_size,
	struct conclave_report *report);
/* -- bodies of any size, in some 2 MiB of memory --
 *
 * What fits 1 MiB is read whole before anything is sent, and is sent as the functions above do;
 * the rest is sealed while it is read and sent, so that a host can break it off at any time. The
 * bytes of a mail are the same either way. Numbers, acknowledgements and padding too: a policy is
 * asked when the size is known, at the end if need be.
 *
 * A mail that the enclave cannot decrypt, because it has another key by now, is sealed again after
 * a rewind. Without one it is lost, with AUTH: the client knows the new key, and the caller sends
 * again. Further errors: UNSUPPORTED (the transport has no streams), TRUNCATED (fewer bytes than
 * known), CANCELLED (the source's progress), and those of the source. */
enum conclave_error conclave_client_send_stream(struct conclave_client *client,
	struct conclave_mail *reply, const char *topic, const struct conclave_source *body,
	const void *envelope, size_t envelope_size, struct conclave_report *report);
enum conclave_error conclave_client_send_stream_async(struct conclave_client *client,
	const char *topic, const struct conclave_source *body, const void *envelope,
	size_t envelope_size, struct conclave_report *report);
/* The mail goes to `write`, which takes all of what it is given, or says why not. The number counts
 * as used when the last bytes have been taken. */
enum conclave_error conclave_client_seal_stream(struct conclave_client *client, const char *topic,
	const struct conclave_source *body, const void *envelope, size_t envelope_size,
	enum conclave_error (*write)(
		void *context, const void *data, size_t size, struct conclave_report *report),
	void *context, struct conclave_report *report);
enum conclave_error conclave_client_post_stream(struct conclave_client *client,
	struct conclave_mail *reply, const struct conclave_source *mail,
	struct conclave_report *report);

/* Fetch the next mail waiting for this client; mail->topic is NULL when there is none. Errors: as
 * send, and SEQUENCE (the host hands over nothing but mail that came before). */
enum conclave_error conclave_client_poll(
	struct conclave_client *client, struct conclave_mail *mail, struct conclave_report *report);
/* Tell the host that what came so far is in safety, and need not be kept. The next request says so
 * too; this is for a client that has just been saved and will not send for a while. Errors:
 * NETWORK, TIMEOUT, STATE. */
enum conclave_error conclave_client_acknowledge(
	struct conclave_client *client, struct conclave_report *report);
/* Mail that the enclave has numbered and that has not come: on its way, lost, or withheld. After a
 * poll that found nothing, it is one of the last two. */
uint64_t conclave_client_missing(const struct conclave_client *client);
/* Mail that was dropped because it had come before, since the client was made or restored. An
 * honest host repeats what was not acknowledged. */
uint64_t conclave_client_repeated(const struct conclave_client *client);

/* The client's state: private key, constraint, next sequence number of each topic: R3's save
 * format. Secret: it holds the private key. *out is malloc'ed, freed by the caller. Errors: MEMORY.
 */
enum conclave_error conclave_client_save(
	const struct conclave_client *client, uint8_t **out, size_t *out_size);
/* Errors: FORMAT, TRUNCATED, ARGUMENT, MEMORY. */
enum conclave_error conclave_client_restore(struct conclave_client **out, const uint8_t *saved,
	size_t saved_size, struct conclave_report *report);

/* What a sealed state is locked with: a key of CONCLAVE_KEY_SIZE bytes, or, when key is NULL, a
 * passphrase of 1 to 1,024 bytes, made into a key by Argon2id (64 MiB of memory, some 0.1 s). */
struct conclave_lock {
	const uint8_t *key;
	const void *passphrase;
	size_t passphrase_size;
};
/* The whole state: what conclave_client_save has, what padding has learnt, what replies have come,
 * and mail kept for the next poll; encrypted and authenticated. *out is malloc'ed, freed by the
 * caller. Errors: ARGUMENT (the lock), RANDOM, MEMORY. */
enum conclave_error conclave_client_save_locked(const struct conclave_client *client, uint8_t **out,
	size_t *out_size, const struct conclave_lock *lock);
/* Errors: AUTH (the wrong key or passphrase, or altered), STATE (it is locked the other way),
 * FORMAT, TRUNCATED, TRAILING, VERSION, LIMIT (it asks for more than 1 GiB or 64 passes), ARGUMENT
 * (the lock), MEMORY. */
enum conclave_error conclave_client_restore_locked(struct conclave_client **out,
	const uint8_t *saved, size_t saved_size, const struct conclave_lock *lock,
	struct conclave_report *report);

#ifdef __cplusplus
}
#endif
#endif
