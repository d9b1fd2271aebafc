/* What `conclave verify` found, as one JSON object: for programs as it is, for people as a table of
 * the same. */
#ifndef CLI_VERIFY_PRINT_H
#define CLI_VERIFY_PRINT_H

#include "attest/appraisal.h"
#include "attest/evidence.h"

struct verify_result {
	enum evidence_kind kind;
	enum conclave_error error; /* of verifying; then `refusal` says where */
	struct evidence_refusal refusal;
	struct claims claims;
	const char *policy; /* what was asked for, as it was given; NULL: nothing was */
	struct appraisal appraisal;
	int64_t at;
};

/* What to do about evidence that was refused: of a result with an error. */
const char *verify_cure(const struct verify_result *result);

/* Errors: MEMORY. */
enum conclave_error verify_print(const struct verify_result *result, bool as_json);

#endif
