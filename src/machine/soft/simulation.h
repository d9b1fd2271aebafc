/* The simulation platform's half of every quote: certificates, CRLs, TCB info and QE identity in
 * Intel's formats under the simulation root, made by tools/simulation/make.sh. All its private keys
 * are published; nothing that they sign is evidence of anything. */
#ifndef MACHINE_SOFT_SIMULATION_H
#define MACHINE_SOFT_SIMULATION_H

#include "base/bytes.h"
#include "crypto/crypto.h"

extern const struct bytes simulation_pck_chain; /* PEM; with the NUL that Intel's chains end in */
extern const struct bytes simulation_pck_crl_issuer_chain, simulation_root_ca_crl,
	simulation_pck_crl, simulation_tcb_signing_chain;	       /* PEM */
extern const struct bytes simulation_tcb_info, simulation_qe_identity; /* signed JSON */

extern const struct p256_secret simulation_pck_key;
/* The simulated quoting enclave. Its ISVPRODID and ISVSVN are 1. */
extern const uint8_t simulation_qe_mrenclave[32], simulation_qe_mrsigner[32];

#endif
