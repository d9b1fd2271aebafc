/* EnclaveConstraint: R3's one-line constraint language, whole (reference §1.8;
 * docs/spec/instance-info.md). Pure. */
#ifndef ATTEST_CONSTRAINT_H
#define ATTEST_CONSTRAINT_H

#include "attest/attest.h"
#include "attest/calendar.h"

#define CONSTRAINT_HASHES_MAX 64u
#define CONSTRAINT_TEXT_MAX 16384u

struct constraint_hash {
	uint8_t size;
	uint8_t bytes[64];
}; /* 32 or 64 */

struct constraint {
	struct constraint_hash code[CONSTRAINT_HASHES_MAX], signer[CONSTRAINT_HASHES_MAX];
	size_t code_count, signer_count;
	bool has_product_id, has_revocation, has_expiry;
	uint16_t product_id;
	uint32_t min_revocation_level;
	enum attest_level level; /* default STALE */
	struct calendar_period expiry;
};

/* The message (R3's words) goes to report, which may be NULL. Errors: FORMAT, LIMIT, ARGUMENT
 * (parsed, but neither code hash nor signer…). */
enum conclave_error constraint_parse(
	struct constraint *out, struct bytes text, struct conclave_report *report);
/* Syntax only, as R3's parse(text, false). */
enum conclave_error constraint_parse_unchecked(
	struct constraint *out, struct bytes text, struct conclave_report *report);
/* Whether it makes sense as a whole: what constraint_parse checks beyond the syntax. Errors:
 * ARGUMENT. */
enum conclave_error constraint_validate(
	const struct constraint *constraint, struct conclave_report *report);
/* Canonical text, as R3's toString. Errors: SPACE. */
enum conclave_error constraint_write(struct writer *out, const struct constraint *constraint);
/* Errors: CONSTRAINT, ARGUMENT; the message (R3's words) goes to report, which may be NULL. */
enum conclave_error constraint_check(const struct constraint *constraint,
	const struct attest_claims *claims, int64_t now, struct conclave_report *report);

/* "INSECURE", "STALE", "SECURE". */
struct bytes constraint_level_text(enum attest_level level);
/* The period after EXPIRE, as java.time.Period reads and prints it. Errors: FORMAT. */
enum conclave_error constraint_parse_period(struct calendar_period *out, struct bytes text);
#define CONSTRAINT_PERIOD_SIZE (3u * 12u + 1u)
void constraint_write_period(struct writer *out, const struct calendar_period *period);

#endif
