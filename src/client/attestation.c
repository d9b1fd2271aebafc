/* One serialised attestation: read, verify, compare with a constraint, put into words. */
#include <time.h>

#include "attest/constraint.h"
#include "attest/words.h"
#include "base/report.h"
#include "client/client.h"

_Static_assert((int)CONCLAVE_MODE_RELEASE == ATTEST_RELEASE &&
		       (int)CONCLAVE_MODE_DEBUG == ATTEST_DEBUG &&
		       (int)CONCLAVE_MODE_SIMULATION == ATTEST_SIMULATION &&
		       (int)CONCLAVE_MODE_MOCK == ATTEST_MOCK,
	"the public modes are the verifier's");
_Static_assert((int)CONCLAVE_SECURITY_INSECURE == ATTEST_INSECURE &&
		       (int)CONCLAVE_SECURITY_STALE == ATTEST_STALE &&
		       (int)CONCLAVE_SECURITY_SECURE == ATTEST_SECURE,
	"the public levels are the verifier's");

static enum conclave_error check_constraint(const struct attest_claims *claims, const char *text,
	int64_t now, struct conclave_report *report)
{
	struct constraint constraint;
	TRY(constraint_parse(&constraint, bytes_of(text, strlen(text)), report));
	return constraint_check(&constraint, claims, now, report);
}

static void fill(struct conclave_attestation *out, const struct attest_claims *claims)
{
	*out = (struct conclave_attestation){
		.platform = CONCLAVE_PLATFORM_SGX,
		.measurement_size = sizeof(claims->report.mrenclave),
		.product_id = claims->product_id,
		.revocation_level = claims->revocation_level,
		.mode = (enum conclave_mode)claims->mode,
		.security = (enum conclave_security)claims->level,
		.timestamp = claims->timestamp,
	};
	memcpy(out->measurement, claims->report.mrenclave, sizeof(claims->report.mrenclave));
	memcpy(out->code_hash, claims->report.mrenclave, sizeof(out->code_hash));
	memcpy(out->code_signer, claims->report.mrsigner, sizeof(out->code_signer));
	memcpy(out->encryption_key, claims->encryption_key.bytes, sizeof(out->encryption_key));
	memcpy(out->signing_key, claims->signing_key.bytes, sizeof(out->signing_key));
	attest_summary(out->summary, sizeof(out->summary), claims);
	attest_reason(out->reason, sizeof(out->reason), claims);
}

static enum conclave_error check_nonce(
	const struct instance_info *info, struct bytes nonce, struct conclave_report *report)
{
	if (nonce.len == 0 || bytes_equal(info->nonce, nonce))
		return CONCLAVE_OK;
	report_fill(report,
		"the attestation is not new: it does not hold the nonce that it was asked "
		"with; it was replayed, or the host cannot make others");
	return CONCLAVE_ERROR_MISMATCH;
}

enum conclave_error client_verify_attestation(struct conclave_attestation *out, struct bytes info,
	const char *constraint, struct bytes nonce, int64_t at, struct conclave_report *report)
{
	struct instance_info evidence;
	struct attest_claims claims;
	enum attest_check failed = ATTEST_CHECK_FORMAT;
	int64_t now = at != 0 ? at : (int64_t)time(NULL);
	TRY(client_crypto_init());
	enum conclave_error error = instance_info_read(&evidence, info);
	if (error == CONCLAVE_OK)
		error = attest_verify(&claims, &failed, &evidence, &attest_default_roots, now);
	if (error != CONCLAVE_OK) {
		attest_refusal(report, error, failed);
		return error;
	}
	TRY(check_nonce(&evidence, nonce, report));
	if (constraint != NULL)
		TRY(check_constraint(&claims, constraint, now, report));
	fill(out, &claims);
	return CONCLAVE_OK;
}

enum conclave_error conclave_attestation_verify(struct conclave_attestation *out,
	const uint8_t *info, size_t info_size, const char *constraint, int64_t at,
	struct conclave_report *report)
{
	return client_verify_attestation(
		out, bytes_of(info, info_size), constraint, BYTES_LIT(""), at, report);
}
