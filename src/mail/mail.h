/* Mail: sealed messages in R3 Conclave's wire format (docs/spec/mail.md). Pure.
 *
 * One mail = prologue in clear but authenticated (protocol, sequence number, topic, envelope, key
 * derivation) | Noise X handshake | packets. This file seals and opens whole mails in memory;
 * packet.h beneath it works one packet at a time, which is what streaming will build on. Randomness
 * (the ephemeral key) comes in as an argument. */
#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include "base/bytes.h"
#include "crypto/crypto.h"

#define MAIL_PROTOCOL 1u	  /* what is written; 0 is read too */
#define MAIL_PROTOCOL_HYBRID 128u /* reserved: refused as any unknown one */
#define MAIL_SEQUENCE_MAX INT64_MAX
#define MAIL_TOPIC_SIZE_MAX 255u
#define MAIL_PROLOGUE_SIZE_MAX 65535u
#define MAIL_PACKET_PAYLOAD_MAX 65517u
#define MAIL_PRIVATE_HEADER_SIZE_MAX INT32_MAX /* R3's readers take no more */
#define MAIL_BODY_SIZE_MAX ((size_t)1 << 48)   /* keeps every sum of sizes far from overflow */
/* The longest private header written today, R3's two state ids. Padding always leaves room for it,
 * so that the length of a mail does not tell which one it carries. */
#define MAIL_PRIVATE_HEADER_ROOM 34u

/* The authenticated clear part. Views point into the mail (reading) or to the caller's bytes
 * (writing). */
struct mail_header {
	uint8_t protocol;   /* 0 is read, never written; 1 */
	uint64_t sequence;  /* below 2^63 */
	struct bytes topic; /* modified UTF-8; when written as mail_topic_check wants it */
	struct bytes envelope;
	struct bytes key_derivation;
};

/* A mail after opening. Views point into the space given to mail_open. */
struct mail {
	struct mail_header header;
	struct x25519_public sender; /* authenticated */
	struct bytes private_header; /* encrypted; len 0: none */
	struct bytes body;
};

/* What goes into a mail. */
struct mail_draft {
	uint64_t sequence;
	struct bytes topic, envelope, key_derivation, private_header, body;
	size_t min_size; /* pad as if the body had at least this size; 0: no padding at all */
};

/* Whether a topic may be written: 1 to 255 bytes of modified UTF-8, of ASCII only letters, digits
 * and
 * '-'. Errors: FORMAT, LIMIT. */
enum conclave_error mail_topic_check(struct bytes topic);
/* The clear header of a mail; nothing is authenticated yet. Errors: FORMAT, TRUNCATED, VERSION. */
enum conclave_error mail_header_read(struct mail_header *out, struct bytes mail);
/* The exact size mail_seal writes, when it takes the draft. */
size_t mail_sealed_size(const struct mail_draft *draft);
/* out: mail_sealed_size bytes. ephemeral: fresh random bytes, used once and wiped by the caller.
 * Errors: LIMIT (a number or a length above its maximum), FORMAT (topic), KEY (recipient), SPACE.
 */
enum conclave_error mail_seal(struct writer *out, const struct mail_draft *draft,
	const struct x25519_secret *sender, const struct x25519_public *recipient,
	const struct x25519_secret *ephemeral);
/* space: at least as long as the mail, not overlapping it; receives clear header and plaintext.
 * Reads protocols 0 and 1. Nothing of a mail is given out before its last packet is authenticated,
 * and on an error space holds no plaintext. Bytes after the last packet are ignored. Errors:
 * FORMAT, TRUNCATED, VERSION, KEY, AUTH, SPACE. */
enum conclave_error mail_open(struct mail *out, struct buffer space,
	const struct x25519_secret *recipient, struct bytes mail);

/* -- post offices: one per (sender, recipient, topic); numbers the mails -- */

struct post_office {
	struct x25519_secret sender;
	struct x25519_public recipient;
	uint8_t topic[MAIL_TOPIC_SIZE_MAX];
	uint8_t topic_size;
	uint64_t next_sequence;
};
WIPED_TYPE(post_office, struct post_office)

/* Errors: FORMAT or LIMIT (topic). */
enum conclave_error post_office_init(struct post_office *office, const struct x25519_secret *sender,
	const struct x25519_public *recipient, struct bytes topic);
/* Seal with the next number, and count. draft's sequence and topic are set by the office. Errors:
 * as mail_seal. */
enum conclave_error post_office_seal(struct writer *out, struct post_office *office,
	const struct mail_draft *draft, const struct x25519_secret *ephemeral);

/* -- private header: what an enclave tells its correspondent inside the seal -- */

/* Version 1 is R3's state ids. Version 2 is ours: a sealed refusal: u8 2 | u8 reason | u8[6] zero.
 */
enum mail_refusal {
	MAIL_REFUSAL_NONE = 0,
	MAIL_REFUSAL_SEQUENCE = 1, /* replayed, reordered or missing mail */
	MAIL_REFUSAL_TRAPPED = 2, /* the application failed on this mail; nothing it did was kept */
	MAIL_REFUSAL_EXHAUSTED = 3, /* out of fuel, memory or stack */
	MAIL_REFUSAL_LIMIT = 4,	    /* a measured limit is reached: too many topics, files, … */
	MAIL_REFUSAL_DECLINED = 5,  /* the application takes no mail, or declined this one */
};
#define MAIL_REFUSAL_SIZE 8
void mail_refusal_write(uint8_t out[MAIL_REFUSAL_SIZE], enum mail_refusal reason);
/* NONE when the private header is not a refusal; unknown reasons read as TRAPPED. */
enum mail_refusal mail_refusal_read(struct bytes private_header);

#endif
