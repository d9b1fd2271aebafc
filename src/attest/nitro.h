/* Attestation documents of AWS Nitro Enclaves: is this document genuine, and what does it claim.
 *
 * A document is a COSE_Sign1 over a CBOR map, signed by a key that lives about three hours, whose
 * certificate and the chain to AWS's root travel inside. Pure: bytes, a pinned key and a time come
 * in, claims come out. Policy is applied to the claims, not here: which measurements, which nonce,
 * whether debug mode will do. docs/spec/attestation.md says every check and its source. */
#ifndef ATTEST_NITRO_H
#define ATTEST_NITRO_H

#include "attest/path.h"

#define NITRO_PCR_COUNT 32u
#define NITRO_CABUNDLE_COUNT_MAX 10u /* AWS sends 4 */
#define NITRO_PAYLOAD_SIZE_MAX 16384u
#define NITRO_CERTIFICATE_SIZE_MAX 1024u
#define NITRO_PUBLIC_KEY_SIZE_MAX 1024u
#define NITRO_USER_DATA_SIZE_MAX 512u
#define NITRO_NONCE_SIZE_MAX 512u

/* The key of "aws.nitro-enclaves", the root certificate G1 that AWS publishes. */
extern const struct p384_public nitro_root;

/* Everything that a document holds. Views point into it. */
struct nitro_claims {
	struct bytes module_id; /* UTF-8, not empty: the instance and the enclave */
	struct bytes digest;	/* "SHA384": what PCRs are made with; there is no other */
	int64_t timestamp_ms;	/* milliseconds since 1970, by the hypervisor's clock; above 0 */
	/* By index; empty where the document has none, which never is 0, 1 or 2. Else 32, 48 or 64
	 * bytes; 48 in practice. PCR0 is the image, 1 kernel and bootstrap, 2 the
	 * application, 3 the IAM role, 4 the instance, 8 the image's signer, 16 and up the
	 * enclave's own. */
	struct bytes pcrs[NITRO_PCR_COUNT];
	struct bytes certificate;			 /* DER; its key signed the document */
	struct bytes cabundle[NITRO_CABUNDLE_COUNT_MAX]; /* DER; root first */
	size_t cabundle_count;
	/* What the enclave had signed. ptr is NULL where the document has null: not given is not
	 * the same as given and empty. */
	struct bytes public_key, user_data, nonce;
	/* PCR0, 1 or 2 is all zero. Enclaves in debug mode have zeros there, and no image has. */
	bool is_debug;
	struct window validity; /* of all certificates */
};

/* Which check refused, in order of checking; for words and tests. */
enum nitro_check {
	NITRO_CHECK_NONE,
	NITRO_CHECK_ENVELOPE,	      /* COSE_Sign1, with no unprotected header */
	NITRO_CHECK_PROTECTED_HEADER, /* ES384 and nothing else */
	NITRO_CHECK_PAYLOAD,	      /* its size, its CBOR, a member unknown or twice */
	NITRO_CHECK_MODULE_ID,
	NITRO_CHECK_DIGEST,
	NITRO_CHECK_TIMESTAMP,
	NITRO_CHECK_PCRS,
	NITRO_CHECK_CERTIFICATE,
	NITRO_CHECK_CABUNDLE,
	NITRO_CHECK_PUBLIC_KEY,
	NITRO_CHECK_USER_DATA,
	NITRO_CHECK_NONCE,
	NITRO_CHECK_ROOT,  /* the first of the cabundle has not the pinned key */
	NITRO_CHECK_CHAIN, /* from the certificate to the root */
	NITRO_CHECK_SIGNATURE,
};

/* document may be hostile. root: nitro_root, or another's for tests. now: seconds since 1970, from
 * the caller: the clock for a document that has just arrived, nitro_read_timestamp for one from an
 * archive. memo (may be NULL): signatures verified before. failed (may be NULL) names the check
 * that refused. Errors: FORMAT, LIMIT (larger or more than a document may have), VERSION (another
 * algorithm or digest), UNTRUSTED, MISMATCH (the chain does not hang together), KEY, SIGNATURE,
 * EXPIRED (nothing but the time is wrong). */
enum conclave_error nitro_verify(struct nitro_claims *out, enum nitro_check *failed,
	struct bytes document, const struct p384_public *root, int64_t now, struct memo *memo);

/* When a document says it was made, in seconds since 1970; nothing is verified. Verifying at that
 * time asks whether it was genuine when it was made. That is all one can ask of an archived one,
 * and it trusts the keys of that time to have stayed secret since: do not ask it of a live one.
 * Errors: FORMAT, LIMIT, VERSION. */
enum conclave_error nitro_read_timestamp(int64_t *seconds, struct bytes document);

/* What that check is, for people: "the chain of certificates". */
const char *nitro_check_text(enum nitro_check check);

#endif
