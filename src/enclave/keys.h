/* The enclave's keys: derived from the CPU, never stored, each for one purpose. */
#ifndef ENCLAVE_KEYS_H
#define ENCLAVE_KEYS_H

#include "crypto/crypto.h"
#include "sgx/sgx.h"

struct keys {
	struct x25519_secret mail;
	struct x25519_public mail_public;
	struct ed25519_seed signing;
	struct ed25519_public signing_public;
	bool debug; /* this enclave runs with DEBUG: its host can read everything */
};

/* Derive them. Errors: KEY (the CPU refused). */
enum conclave_error keys_init(void);
const struct keys *keys(void);
void keys_wipe(void);

/* A report for `target` that binds both public keys and the nonce, FRAME_NONCE_SIZE bytes or none.
 */
void keys_report(struct sgx_report *out, const struct sgx_targetinfo *target, struct bytes nonce);

#endif
