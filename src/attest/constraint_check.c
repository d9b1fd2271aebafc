/* Whether an enclave is what a constraint asks for. */
#include "attest/calendar.h"
#include "attest/constraint.h"
#include "attest/message.h"
#include "base/check.h"

struct bytes constraint_level_text(enum attest_level level)
{
	switch (level) {
	case ATTEST_INSECURE: return BYTES_LIT("INSECURE");
	case ATTEST_STALE: return BYTES_LIT("STALE");
	case ATTEST_SECURE: return BYTES_LIT("SECURE");
	}
	return BYTES_LIT("INSECURE");
}

enum conclave_error constraint_validate(
	const struct constraint *constraint, struct conclave_report *report)
{
	struct bytes problem = BYTES_LIT("");
	if (constraint->code_count == 0 && constraint->signer_count == 0)
		problem = BYTES_LIT("Either a code hash or a code signer must be provided.");
	else if (constraint->has_product_id && constraint->signer_count == 0)
		problem = BYTES_LIT("A code signer must be provided with a product ID.");
	else if (!constraint->has_product_id && constraint->signer_count > 0)
		problem = BYTES_LIT("A product ID must be provided with a code signer.");
	if (problem.len == 0)
		return CONCLAVE_OK;
	message_begin(report, problem);
	return CONCLAVE_ERROR_ARGUMENT;
}

static bool is_among(
	const struct constraint_hash *hashes, size_t count, const uint8_t measurement[32])
{
	for (size_t i = 0; i < count; i++)
		if (hashes[i].size == 32 && memcmp(hashes[i].bytes, measurement, 32) == 0)
			return true;
	return false;
}

static void say_acceptable(struct conclave_report *report, const uint8_t seen[32],
	const struct constraint_hash *hashes, size_t count)
{
	message_add_hash(report, seen, 32);
	message_add(report, BYTES_LIT(" vs acceptable "));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			message_add(report, BYTES_LIT(", "));
		message_add_hash(report, hashes[i].bytes, hashes[i].size);
	}
	message_add(report, BYTES_LIT(")"));
}

static enum conclave_error check_identity(const struct constraint *constraint,
	const struct attest_claims *claims, struct conclave_report *report)
{
	const struct sgx_report_body *enclave = &claims->report;
	if (is_among(constraint->code, constraint->code_count, enclave->mrenclave) ||
		is_among(constraint->signer, constraint->signer_count, enclave->mrsigner))
		return CONCLAVE_OK;
	if (constraint->signer_count == 0) {
		message_begin(
			report, BYTES_LIT("Enclave code hash does not match any of the acceptable "
					  "code hashes. "
					  "(measurement hash "));
		say_acceptable(
			report, enclave->mrenclave, constraint->code, constraint->code_count);
	} else if (constraint->code_count == 0) {
		message_begin(report,
			BYTES_LIT("Enclave code signer does not match any of the acceptable code "
				  "signers. (key hash "));
		say_acceptable(
			report, enclave->mrsigner, constraint->signer, constraint->signer_count);
	} else {
		message_begin(report,
			BYTES_LIT("Enclave does not match any of the acceptable code hashes or "
				  "code signers."));
	}
	return CONCLAVE_ERROR_CONSTRAINT;
}

static enum conclave_error check_product(const struct constraint *constraint,
	const struct attest_claims *claims, struct conclave_report *report)
{
	if (!constraint->has_product_id || claims->product_id == constraint->product_id)
		return CONCLAVE_OK;
	message_begin(report, BYTES_LIT("Enclave has a product ID of "));
	message_add_decimal(report, claims->product_id);
	message_add(report, BYTES_LIT(" which does not match the criteria of "));
	message_add_decimal(report, constraint->product_id);
	message_add(report, BYTES_LIT("."));
	return CONCLAVE_ERROR_CONSTRAINT;
}

static enum conclave_error check_revocation(const struct constraint *constraint,
	const struct attest_claims *claims, struct conclave_report *report)
{
	if (!constraint->has_revocation ||
		claims->revocation_level >= constraint->min_revocation_level)
		return CONCLAVE_OK;
	message_begin(report, BYTES_LIT("Enclave has a revocation level of "));
	message_add_decimal(report, claims->revocation_level);
	message_add(report, BYTES_LIT(" which is lower than the required level of "));
	message_add_decimal(report, constraint->min_revocation_level);
	message_add(report, BYTES_LIT("."));
	return CONCLAVE_ERROR_CONSTRAINT;
}

/* INSECURE is not the least of three but a world of its own: who asks for it gets nothing else. */
static enum conclave_error check_level(const struct constraint *constraint,
	const struct attest_claims *claims, struct conclave_report *report)
{
	bool is_exact = constraint->level == ATTEST_INSECURE;
	if (is_exact ? claims->level == ATTEST_INSECURE : claims->level >= constraint->level)
		return CONCLAVE_OK;
	message_begin(report, BYTES_LIT("Enclave has a security level of "));
	message_add(report, constraint_level_text(claims->level));
	message_add(report, is_exact ? BYTES_LIT(" which does not match the required level of ")
				     : BYTES_LIT(" which is lower than the required level of "));
	message_add(report, constraint_level_text(constraint->level));
	message_add(report, BYTES_LIT("."));
	return CONCLAVE_ERROR_CONSTRAINT;
}

static enum conclave_error check_age(const struct constraint *constraint,
	const struct attest_claims *claims, int64_t now, struct conclave_report *report)
{
	if (!constraint->has_expiry)
		return CONCLAVE_OK;
	if (calendar_subtract(now, constraint->expiry) < claims->timestamp)
		return CONCLAVE_OK;
	uint8_t period[CONSTRAINT_PERIOD_SIZE];
	struct writer writer = writer_of((struct buffer){period, sizeof(period)});
	constraint_write_period(&writer, &constraint->expiry);
	message_begin(report,
		BYTES_LIT("Enclave attestation data is out of date with an age that exceeds "));
	message_add(report, writer_bytes(&writer));
	message_add(report, BYTES_LIT("."));
	return CONCLAVE_ERROR_CONSTRAINT;
}

enum conclave_error constraint_check(const struct constraint *constraint,
	const struct attest_claims *claims, int64_t now, struct conclave_report *report)
{
	if (now < CALENDAR_SECONDS_MIN || now > CALENDAR_SECONDS_MAX)
		return CONCLAVE_ERROR_ARGUMENT;
	TRY(constraint_validate(constraint, report));
	TRY(check_identity(constraint, claims, report));
	TRY(check_product(constraint, claims, report));
	TRY(check_revocation(constraint, claims, report));
	TRY(check_level(constraint, claims, report));
	return check_age(constraint, claims, now, report);
}
