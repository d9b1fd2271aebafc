/* Attestations of any platform, held against a policy. */
#include <stdlib.h>
#include <time.h>

#include "attest/appraisal.h"
#include "attest/claims_words.h"
#include "attest/evidence.h"
#include "attest/finding.h"
#include "attest/words.h"
#include "base/hex.h"
#include "base/report.h"
#include "client/client.h"

_Static_assert((int)CONCLAVE_PLATFORM_SGX == CLAIMS_SGX &&
		       (int)CONCLAVE_PLATFORM_TDX == CLAIMS_TDX &&
		       (int)CONCLAVE_PLATFORM_SNP == CLAIMS_SNP &&
		       (int)CONCLAVE_PLATFORM_NITRO == CLAIMS_NITRO,
	"the public platforms are the verifier's");

/* What is too large for a stack. */
struct workspace {
	struct policy policy;
	struct claims claims;
	struct finding findings[APPRAISAL_FINDINGS_MAX];
};

static void workspace_free(struct workspace **workspace)
{
	free(*workspace);
}

/* -- what was found, for callers -- */

static struct bytes measurement_of(const struct claims *claims)
{
	static const enum claim measurements[CLAIMS_PLATFORM_COUNT] = {
		CLAIM_MRENCLAVE, CLAIM_MRTD, CLAIM_MEASUREMENT, CLAIM_PCR0};
	struct claim_value value;
	if (!claims_value(&value, claims, measurements[claims->platform]))
		return BYTES_LIT("");
	return bytes_slice(value.bytes, 0, CONCLAVE_MEASUREMENT_SIZE_MAX);
}

static void summarise(struct conclave_attestation *attestation, const struct claims *claims)
{
	char hash[2 * CONCLAVE_MEASUREMENT_SIZE_MAX + 1];
	struct bytes platform = claims_platform_text(claims->platform);
	snprintf(attestation->summary, sizeof(attestation->summary), "%.*s, %s, %s, %s",
		(int)platform.len, (const char *)platform.ptr, attest_mode_text(claims->mode),
		attest_level_text(claims_level(claims)), hex_encode(hash, measurement_of(claims)));
	claims_reason(attestation->reason, sizeof(attestation->reason), claims);
}

static void fill(struct conclave_attestation *out, const struct claims *claims)
{
	struct bytes measurement = measurement_of(claims);
	*out = (struct conclave_attestation){
		.platform = (enum conclave_platform)claims->platform,
		.measurement_size = measurement.len,
		.mode = (enum conclave_mode)claims->mode,
		.security = (enum conclave_security)claims_level(claims),
		.timestamp = claims->has_date ? claims->date : claims->validity.from,
	};
	memcpy(out->measurement, measurement.ptr, measurement.len);
	memcpy(out->encryption_key, claims->encryption_key.bytes, sizeof(out->encryption_key));
	memcpy(out->signing_key, claims->signing_key.bytes, sizeof(out->signing_key));
	if (claims->platform == CLAIMS_SGX) {
		const struct sgx_report_body *report = &claims->quote.report;
		memcpy(out->code_hash, report->mrenclave, sizeof(out->code_hash));
		memcpy(out->code_signer, report->mrsigner, sizeof(out->code_signer));
		out->product_id = report->isvprodid;
		out->revocation_level = report->isvsvn == 0 ? 0 : report->isvsvn - 1u;
	}
	summarise(out, claims);
}

/* -- appraising -- */

/* What is accepted with remarks is accepted; but a host that leaves out AMD's CRL must not be able
 * to do so unseen. */
static void add_remarks(struct conclave_attestation *attestation, const struct appraisal *appraisal)
{
	for (size_t i = 0; i < appraisal->count; i++) {
		const struct finding *finding = &appraisal->findings[i];
		ADD(attestation->remarks, i == 0 ? BYTES_LIT("") : BYTES_LIT("; "));
		ADD(attestation->remarks, bytes_of(finding->field, strlen(finding->field)));
		ADD(attestation->remarks, BYTES_LIT(": "));
		ADD(attestation->remarks, bytes_of(finding->seen, strlen(finding->seen)));
	}
}

static const struct finding *first_refusal(const struct appraisal *appraisal)
{
	for (size_t i = 0; i < appraisal->count; i++)
		if (appraisal->findings[i].is_refusal)
			return &appraisal->findings[i];
	return NULL;
}

static enum conclave_error explain(
	const struct appraisal *appraisal, struct conclave_report *report)
{
	const struct finding *finding = first_refusal(appraisal);
	if (finding == NULL)
		report_fill(report, "the policy refuses the enclave");
	else
		report_fill(report, "the policy refuses the enclave: %s is %s, wanted: %s (%s)",
			finding->field, finding->seen, finding->wanted, finding->cure);
	return CONCLAVE_ERROR_CONSTRAINT;
}

static enum conclave_error verify(struct claims *out, struct bytes info, int64_t now, uint32_t skew,
	struct conclave_report *report)
{
	const struct evidence evidence = {.kind = EVIDENCE_INSTANCE_INFO, .from = info};
	const struct evidence_roots vendors = {0};
	struct evidence_refusal refusal = {"the form of the evidence", false};
	enum conclave_error error = evidence_verify(out, &refusal, &evidence, &vendors, now, skew);
	if (error != CONCLAVE_OK)
		report_fill(report, "the attestation is %s: %s: %s",
			refusal.is_genuine ? "genuine, but not valid now" : "refused",
			refusal.check, conclave_error_text(error));
	return error;
}

enum conclave_error client_appraise_attestation(struct conclave_attestation *out, struct bytes info,
	const char *policy, struct bytes nonce, int64_t at, struct conclave_report *report)
{
	int64_t now = at != 0 ? at : (int64_t)time(NULL);
	TRY(client_crypto_init());
	CLEANUP(workspace_free) struct workspace *space = calloc(1, sizeof(*space));
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct appraisal appraisal;
	const struct bytes unasked = {0};
	TRY(policy_read(&space->policy, bytes_of(policy, strlen(policy)), report));
	TRY(verify(&space->claims, info, now, space->policy.skew, report));
	appraise(&appraisal, space->findings, APPRAISAL_FINDINGS_MAX, &space->policy,
		&space->claims, nonce.len == 0 ? unasked : nonce, now);
	if (appraisal.verdict == APPRAISAL_REFUSED)
		return explain(&appraisal, report);
	fill(out, &space->claims);
	add_remarks(out, &appraisal);
	return CONCLAVE_OK;
}

enum conclave_error conclave_attestation_appraise(struct conclave_attestation *out,
	const uint8_t *info, size_t info_size, const char *policy, const uint8_t *nonce, int64_t at,
	struct conclave_report *report)
{
	return client_appraise_attestation(out, bytes_of(info, info_size), policy,
		bytes_of(nonce, nonce != NULL ? CONCLAVE_NONCE_SIZE : 0), at, report);
}

enum conclave_error conclave_client_set_policy(
	struct conclave_client *client, const char *policy, struct conclave_report *report)
{
	char *copy = NULL;
	if (policy != NULL) {
		CLEANUP(workspace_free) struct workspace *space = calloc(1, sizeof(*space));
		copy = strdup(policy);
		if (space == NULL || copy == NULL) {
			free(copy);
			return CONCLAVE_ERROR_MEMORY;
		}
		enum conclave_error error =
			policy_read(&space->policy, bytes_of(copy, strlen(copy)), report);
		if (error != CONCLAVE_OK) {
			free(copy);
			return error;
		}
	}
	free(client->policy);
	client->policy = copy;
	return CONCLAVE_OK;
}
