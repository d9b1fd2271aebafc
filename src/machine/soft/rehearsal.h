/* Rehearsing what happens to real platforms: the vendor publishes that this one is out of date, or
 * revokes it; its owner updates the microcode. Kept in the state folder. A machine reads its CPUSVN
 * when it is opened, as hardware changes its own only without enclaves; what the vendor says is
 * read for every quote. */
#ifndef MACHINE_SOFT_REHEARSAL_H
#define MACHINE_SOFT_REHEARSAL_H

#include "machine/soft/simulation.h"
#include "machine/soft/state.h"

/* The scenario that this installation is in. Errors: IO, FORMAT (an unknown word). */
enum conclave_error rehearsal_scenario(const struct simulation_scenario **out,
	const struct soft_state *state, struct conclave_report *report);
/* Errors: NOT_FOUND (there is no such scenario), IO. */
enum conclave_error rehearsal_set_scenario(
	const struct soft_state *state, const char *name, struct conclave_report *report);

/* What the platform's PCK certificate says: the least component of its CPUSVN, 1 to
 * SIMULATION_SVN_MAX. */
uint8_t rehearsal_svn(const struct sgx_cpu *cpu);
/* Give every component of the CPUSVN this version, for the next machine that is opened. Errors: IO.
 */
enum conclave_error rehearsal_set_svn(
	struct soft_state *state, uint8_t svn, struct conclave_report *report);

#endif
