/* Certificate chains of the SGX hierarchies: Intel's, and the simulation's, which has the same
 * shape under other names. Pure. */
#ifndef ATTEST_CHAIN_H
#define ATTEST_CHAIN_H

#include "attest/memo.h"
#include "attest/window.h"
#include "attest/x509.h"

#define CHAIN_LENGTH_MAX 3u
#define CHAIN_CERTIFICATE_SIZE_MAX 2048u /* Intel's are below 1,300 */

/* Leaf first, root last. Certificates point into der. */
struct chain {
	size_t length;
	struct x509_certificate certificates[CHAIN_LENGTH_MAX];
	uint8_t der[CHAIN_LENGTH_MAX * CHAIN_CERTIFICATE_SIZE_MAX];
};

/* Who may stand where. */
struct hierarchy {
	bool is_simulation;
	struct bytes organization, locality, state, country;
	struct bytes root, platform_ca, processor_ca, pck, tcb_signing; /* common names */
};
extern const struct hierarchy hierarchy_intel, hierarchy_simulation;

/* Read exactly `length` (2 or 3) certificates from PEM and order them by issuer: some services
 * write the root second. Errors: FORMAT (also for certificates of another vendor's profile), LIMIT
 * (a certificate too large), MISMATCH (they do not form a chain). Nothing is verified. */
enum conclave_error chain_read(struct chain *out, struct bytes pem, size_t length);
static inline const struct x509_certificate *chain_root(const struct chain *chain)
{
	return &chain->certificates[chain->length - 1];
}

/* What the leaf of a chain must be. */
enum chain_kind {
	CHAIN_PCK,	   /* PCK certificate, CA, root */
	CHAIN_PCK_CA,	   /* CA, root */
	CHAIN_TCB_SIGNING, /* TCB signing certificate, root */
};
/* Names, CA bits, path lengths, key usages and signatures; window is narrowed to the validity of
 * all. That the root's key is trusted is the caller's to check. memo: NULL for none.
 * Errors: MISMATCH, SIGNATURE, KEY. */
enum conclave_error chain_verify(struct window *window, const struct chain *chain,
	enum chain_kind kind, const struct hierarchy *hierarchy, struct memo *memo);

#endif
