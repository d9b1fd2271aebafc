/* The simulation platform's half of every quote: certificates, CRLs, TCB info and QE identity in
 * Intel's formats under the simulation root, made by tools/simulation/make.sh. All its private keys
 * are published; nothing that they sign is evidence of anything. */
#ifndef MACHINE_SOFT_SIMULATION_H
#define MACHINE_SOFT_SIMULATION_H

#include "base/bytes.h"
#include "crypto/crypto.h"

/* Of platforms whose components all have SVN 1, 2 or 3. PEM, with the NUL that Intel's chains end
 * in. */
#define SIMULATION_SVN_MAX 3u
extern const struct bytes simulation_pck_chains[SIMULATION_SVN_MAX];
extern const struct bytes simulation_pck_crl_issuer_chain, simulation_root_ca_crl,
	simulation_tcb_signing_chain; /* PEM */

/* What the vendor says of the platform: one state of the world to rehearse. */
struct simulation_scenario {
	const char *name, *summary;
	struct bytes pck_crl;		    /* PEM */
	struct bytes tcb_info, qe_identity; /* signed JSON */
};
#define SIMULATION_SCENARIOS 10u
/* The first is that of a new installation. */
extern const struct simulation_scenario simulation_scenarios[SIMULATION_SCENARIOS];

extern const struct p256_secret simulation_pck_key;
/* The simulated quoting enclave. Its ISVPRODID and ISVSVN are 1. */
extern const uint8_t simulation_qe_mrenclave[32], simulation_qe_mrsigner[32];

#endif
