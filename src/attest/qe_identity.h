/* The quoting enclave's identity, version 2, as Intel's PCS API v4 defines it. Pure; views point
 * into the JSON text. */
#ifndef ATTEST_QE_IDENTITY_H
#define ATTEST_QE_IDENTITY_H

#include "attest/quote.h"
#include "attest/tcb_level.h"

struct qe_identity {
	int64_t issue_date, next_update;
	int64_t latest_date;
	uint32_t evaluation_number;
	uint8_t miscselect[4], miscselect_mask[4];
	uint8_t attributes[16], attributes_mask[16];
	uint8_t mrsigner[32];
	uint16_t isvprodid;
	struct json_view levels;
};
/* Errors: FORMAT, VERSION (version, or an id that is not of this TEE's quoting enclave). */
enum conclave_error qe_identity_read(
	struct qe_identity *out, const struct json_view *object, enum quote_tee tee);
/* Whether a report is of that enclave. Errors: MISMATCH. */
enum conclave_error qe_identity_check(
	const struct qe_identity *identity, const struct sgx_report_body *report);
/* The first level that the enclave's ISVSVN reaches. Errors: TCB (none). */
enum conclave_error qe_identity_match(
	struct tcb_level *out, const struct qe_identity *identity, uint16_t isvsvn);

#endif
