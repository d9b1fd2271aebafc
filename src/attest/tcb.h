/* Signed collateral in JSON: TCB info (versions 2 and 3) and the quoting enclave's identity
 * (version 2), as Intel's PCS API v4 defines them. Pure; views point into the JSON text. */
#ifndef ATTEST_TCB_H
#define ATTEST_TCB_H

#include "attest/json_view.h"
#include "attest/pck.h"
#include "attest/quote.h"

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

/* {"NAME":{…},"signature":"…"}: the object's exact bytes are what is signed. */
struct tcb_signed {
	struct json_view object;
	struct p256_signature signature;
};
/* Errors: FORMAT, LIMIT. */
enum conclave_error tcb_signed_read(struct tcb_signed *out, struct bytes text, struct bytes name);

/* How good a level of patches is. */
struct tcb_level {
	enum attest_tcb_status status;
	int64_t date;
	struct bytes advisories; /* a JSON array of strings; empty when there is none */
};

struct tcb_info {
	int64_t issue_date, next_update;
	int64_t latest_date; /* of all levels */
	uint8_t fmspc[6], pceid[2];
	bool has_component_list; /* version 3 */
	struct json_view levels;
};
/* Every level is checked, not only the one that will match. Errors: FORMAT, VERSION (version, or an
 * id that is not SGX). */
enum conclave_error tcb_info_read(struct tcb_info *out, const struct json_view *object);
/* The first level that the platform reaches in all sixteen components and the PCE's. Errors: TCB
 * (none). */
enum conclave_error tcb_info_match(
	struct tcb_level *out, const struct tcb_info *info, const struct pck_platform *platform);

struct qe_identity {
	int64_t issue_date, next_update;
	int64_t latest_date;
	uint8_t miscselect[4], miscselect_mask[4];
	uint8_t attributes[16], attributes_mask[16];
	uint8_t mrsigner[32];
	uint16_t isvprodid;
	struct json_view levels;
};
/* Errors: FORMAT, VERSION (version, or an id that is not QE). */
enum conclave_error qe_identity_read(struct qe_identity *out, const struct json_view *object);
/* Whether a report is of that enclave. Errors: MISMATCH. */
enum conclave_error qe_identity_check(
	const struct qe_identity *identity, const struct sgx_report_body *report);
/* The first level that the enclave's ISVSVN reaches. Errors: TCB (none). */
enum conclave_error qe_identity_match(
	struct tcb_level *out, const struct qe_identity *identity, uint16_t isvsvn);

/* The platform's status in the light of the quoting enclave's. */
enum attest_tcb_status tcb_converge(
	enum attest_tcb_status platform, enum attest_tcb_status quoting_enclave);
/* "UpToDate". */
struct bytes tcb_status_text(enum attest_tcb_status status);

#endif
