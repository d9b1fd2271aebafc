/* Signatures that were verified before. Collateral is the same for every quote of a platform for
 * weeks; this remembers that its signatures hold, and nothing else: names, dates, revocation and
 * TCB levels are looked at afresh every time.
 *
 * An entry is the SHA-256 of everything that a verification depends on, so that it cannot speak for
 * other bytes, another key or another signer. It says that a signature holds under a key, never
 * that the key is trusted: whoever fills the memory with his own only makes others slower. When it
 * is full the oldest entry goes.
 *
 * The caller's storage, zero at first. One thread at a time. Every function takes NULL for a caller
 * that wants none. Pure. */
#ifndef ATTEST_MEMO_H
#define ATTEST_MEMO_H

#include "attest/crl.h"
#include "attest/x509.h"

#define MEMO_COUNT 64u /* a platform has 9 to remember */

struct memo {
	struct sha256 digests[MEMO_COUNT];
	uint32_t count, oldest;
};

/* As x509_verify_signed, with its errors. */
enum conclave_error memo_verify_signed(
	struct memo *memo, const struct x509_signed *proof, const struct x509_key *key);
/* As p256_verify, x509_verify and crl_verify, with their errors. */
enum conclave_error memo_p256_verify(struct memo *memo, const struct p256_public *key,
	struct bytes message, const struct p256_signature *signature);
enum conclave_error memo_x509_verify(struct memo *memo, const struct x509_certificate *certificate,
	const struct x509_certificate *issuer);
enum conclave_error memo_crl_verify(
	struct memo *memo, const struct crl *crl, const struct x509_certificate *issuer);

#endif
