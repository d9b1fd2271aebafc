/* What a soft machine keeps between runs, in its state folder (0700). Each secret is one file
 * (0600) of hexadecimal text and a newline, made from randomness on first use, atomically: several
 * processes that start together agree on one value.
 *
 *   root-key       16 bytes: stands for the fused keys; with it everything ever sealed can be read
 *   owner-epoch    16 bytes: change it to give up everything sealed, as a new owner does
 *   cpusvn         16 bytes: the security version of the simulated CPU
 *   attestation-key  what quote.c signs with
 *
 * and one word that people may change: collateral, a scenario of rehearsal.h.
 */
#ifndef MACHINE_SOFT_STATE_H
#define MACHINE_SOFT_STATE_H

#include <conclave/error.h>

#include "base/bytes.h"
#include "sgx/sgx.h"

#define SOFT_SECRET_SIZE_MAX 64u

/* A new installation's CPUSVN: each of the sixteen components is 2, so that there is room below. */
#define SOFT_CPUSVN_DEFAULT 0x02

struct soft_state {
	char *folder; /* heap; absolute or relative path of the state folder */
	struct sgx_cpu cpu;
};

/* Find or make the folder and read root key, owner epoch and CPUSVN; draw the report key id. folder
 * as in machine_open_soft. Errors: IO (report names the path), FORMAT (a file holds something
 * else), MEMORY, RANDOM. */
enum conclave_error soft_state_open(
	struct soft_state *out, const char *folder, struct conclave_report *report);
/* Wipes and frees; all zeros is fine. */
void soft_state_wipe(struct soft_state *state);

/* The value kept in file `name`, exactly out.len bytes (at most SOFT_SECRET_SIZE_MAX). When there
 * is none it is made by `make` (crypto_random fits) and kept. Errors: IO, FORMAT, make's. */
enum conclave_error soft_state_secret(struct buffer out, const struct soft_state *state,
	const char *name, enum conclave_error (*make)(struct buffer out),
	struct conclave_report *report);
/* Replace the value kept in `name`, atomically. Errors: IO. */
enum conclave_error soft_state_replace(const struct soft_state *state, const char *name,
	struct bytes value, struct conclave_report *report);

/* One word and a newline. Errors: NOT_FOUND, IO, FORMAT. */
#define SOFT_WORD_SIZE 64u
enum conclave_error soft_state_word(char out[SOFT_WORD_SIZE], const struct soft_state *state,
	const char *name, struct conclave_report *report);
/* Errors: IO, ARGUMENT (longer than SOFT_WORD_SIZE - 1). */
enum conclave_error soft_state_replace_word(const struct soft_state *state, const char *name,
	const char *word, struct conclave_report *report);

#endif
