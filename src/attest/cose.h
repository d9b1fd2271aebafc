/* CBOR Object Signing (RFC 9052): COSE_Sign1, one signer, with ECDSA on P-384 and SHA-384. Pure. */
#ifndef ATTEST_COSE_H
#define ATTEST_COSE_H

#include "crypto/crypto.h"

/* COSE_Sign1 (§4.2). Views point into what was read. */
struct cose_sign1 {
	struct bytes protected_header;	 /* the encoding of a map, or nothing */
	struct bytes unprotected_header; /* the encoding of a map */
	struct bytes payload, signature;
};

/* Tagged 18 or not tagged. Headers are deterministic maps; a payload that is detached (null) is
 * refused. Nothing is verified. Errors: FORMAT. */
enum conclave_error cose_sign1_read(struct cose_sign1 *out, struct bytes from);

/* Whether the protected header says {1: -35}, ES384 (RFC 9053 §2.1), and no more: whoever checks a
 * signature must understand all that it covers. */
bool cose_is_es384(const struct cose_sign1 *sign1);
/* Errors: VERSION (not cose_is_es384), FORMAT (not the size of a signature), SIGNATURE, KEY. */
enum conclave_error cose_sign1_verify(
	const struct cose_sign1 *sign1, const struct p384_public *key);

/* What is signed (Sig_structure, §4.4, without external data) is this and then the payload, which
 * thus need not be copied. */
#define COSE_SIGNED_PREFIX_SIZE(protected_size) (22 + (protected_size) + 9)
void cose_write_signed_prefix(struct writer *out, const struct cose_sign1 *sign1);

#endif
