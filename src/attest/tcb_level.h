/* TCB levels: how well patched something is, as the signed collateral of Intel's PCS API v4 says it
 * of platforms, enclaves and TDX modules alike. Pure; views point into the JSON text. */
#ifndef ATTEST_TCB_LEVEL_H
#define ATTEST_TCB_LEVEL_H

#include "attest/json_view.h"
#include "crypto/crypto.h"

/* {"NAME":{…},"signature":"…"}: the object's exact bytes are what is signed. */
struct tcb_signed {
	struct json_view object;
	struct p256_signature signature;
};
/* Errors: FORMAT, LIMIT. */
enum conclave_error tcb_signed_read(struct tcb_signed *out, struct bytes text, struct bytes name);

/* TCB statuses of Intel's PCS API v4, and the two that are made of them for TDs that outlived an
 * update. */
enum attest_tcb_status {
	TCB_NOT_APPLICABLE, /* mock and simulation evidence without a quote */
	TCB_UP_TO_DATE,
	TCB_SW_HARDENING_NEEDED,
	TCB_CONFIGURATION_NEEDED,
	TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
	TCB_OUT_OF_DATE,
	TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
	TCB_REVOKED,
	TCB_TD_RELAUNCH_ADVISED, /* the platform is up to date now; the TD was launched before */
	TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
};

/* A missing member of signed collateral is malformed collateral. */
static inline enum conclave_error tcb_not_found_is_format(enum conclave_error error)
{
	return error == CONCLAVE_ERROR_NOT_FOUND ? CONCLAVE_ERROR_FORMAT : error;
}

/* How good a level of patches is. */
struct tcb_level {
	enum attest_tcb_status status;
	int64_t date;
	struct bytes advisories; /* a JSON array of strings; empty when there is none */
};

/* Read what levels of all kinds share; tcb is what they differ in. Errors: FORMAT, NOT_FOUND. */
enum conclave_error tcb_level_read(
	struct tcb_level *out, struct json_view *tcb, const struct json_view *level);

/* The levels of enclaves and TDX modules, which have an ISVSVN. Check every one; latest is raised
 * to the date of the latest. Errors: FORMAT, NOT_FOUND. */
enum conclave_error tcb_enclave_levels_check(int64_t *latest, const struct json_view *levels);
/* The first that is reached. Errors: TCB (none). */
enum conclave_error tcb_enclave_levels_match(
	struct tcb_level *out, const struct json_view *levels, uint32_t isvsvn);

/* The platform's status in the light of a component's: the quoting enclave or the TDX module. */
enum attest_tcb_status tcb_converge(
	enum attest_tcb_status platform, enum attest_tcb_status component);
/* A TD's status at its launch in the light of what the platform runs now. */
enum attest_tcb_status tcb_relaunch(enum attest_tcb_status launch, enum attest_tcb_status current);
/* "UpToDate". */
struct bytes tcb_status_text(enum attest_tcb_status status);

#endif
