/* The quoting enclave's stand-in: turns a report of this soft machine into a DCAP quote and its
 * collateral under the published simulation root. Its attestation key is the secret
 * "attestation-key" of the state folder (soft_state_secret). */
#ifndef MACHINE_SOFT_QUOTE_H
#define MACHINE_SOFT_QUOTE_H

#include "base/bytes.h"
#include "machine/soft/state.h"

/* What a report must be addressed to. Fixed: the simulated quoting enclave's identity. */
void soft_quote_target(struct sgx_targetinfo *out);
/* As machine_ops.quote. Errors: AUTH, SPACE, and those of soft_state_secret. */
enum conclave_error soft_quote(
	struct writer *out, const struct soft_state *state, const struct sgx_report *report);

#endif
