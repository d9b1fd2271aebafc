#include "attest/evidence.h"

#include "attest/calendar.h"
#include "attest/quote.h"
#include "base/check.h"

/* -- which it is -- */

/* Versions 3 to 5, ECDSA on P-256, Intel's quoting enclave. */
static bool is_quote(struct bytes from)
{
	struct reader reader = reader_of(from);
	uint16_t version = read_u16le(&reader), key_type = read_u16le(&reader);
	read_skip(&reader, 8);
	struct bytes vendor = read_bytes(&reader, sizeof(quote_intel_vendor));
	return version >= 3 && version <= 5 && key_type == 2 &&
	       bytes_equal(vendor, BYTES_OF(quote_intel_vendor));
}

/* A small version, and ECDSA P-384 with SHA-384 as its signature's algorithm. */
static bool is_snp_report(struct bytes from)
{
	if (from.len < SNP_REPORT_SIZE)
		return false;
	uint32_t version = load_u32le(from.ptr), algorithm = load_u32le(from.ptr + 0x34);
	return version >= 1 && version <= 16 && algorithm == 1;
}

/* An array of four whose first element is a byte string: COSE_Sign1, tagged or not. */
static bool is_nitro_document(struct bytes from)
{
	if (from.len > 0 && from.ptr[0] == 0xd2)
		from = bytes_slice(from, 1, from.len);
	return from.len > 2 && from.ptr[0] == 0x84 && from.ptr[1] >> 5 == 2;
}

enum evidence_kind evidence_detect(struct bytes from)
{
	if (bytes_equal(bytes_slice(from, 0, 3), BYTES_LIT("EII")))
		return EVIDENCE_INSTANCE_INFO;
	if (is_quote(from))
		return EVIDENCE_QUOTE;
	if (is_snp_report(from))
		return EVIDENCE_SNP_REPORT;
	if (is_nitro_document(from))
		return EVIDENCE_NITRO_DOCUMENT;
	return EVIDENCE_UNKNOWN;
}

const char *evidence_kind_text(enum evidence_kind kind)
{
	switch (kind) {
	case EVIDENCE_UNKNOWN: break;
	case EVIDENCE_INSTANCE_INFO: return "an EnclaveInstanceInfo";
	case EVIDENCE_QUOTE: return "an SGX or TDX quote";
	case EVIDENCE_SNP_REPORT: return "a report of AMD SEV-SNP";
	case EVIDENCE_NITRO_DOCUMENT: return "an AWS Nitro attestation document";
	}
	return "evidence of no kind that is known";
}

/* -- whether it is genuine -- */

static void refuse_quote(struct evidence_refusal *refusal, enum attest_check check)
{
	refusal->check = attest_check_text(check);
}

static enum conclave_error verify_quote(struct claims *out, struct evidence_refusal *refusal,
	struct bytes quote, const struct quote_collateral *collateral,
	const struct attest_roots *roots, int64_t now)
{
	struct quote_claims claims;
	enum attest_check check = ATTEST_CHECK_NONE;
	enum conclave_error error =
		quote_verify(&claims, &check, NULL, quote, collateral, roots, now);
	refuse_quote(refusal, check);
	TRY(error);
	claims_of_quote(out, &claims);
	return CONCLAVE_OK;
}

/* Where lengths are said exactly, nothing follows a quote; alone it may come in a larger buffer. */
static enum conclave_error verify_exact_quote(struct claims *out, struct evidence_refusal *refusal,
	const struct quote_evidence *evidence, const struct attest_roots *roots, int64_t now)
{
	struct quote quote;
	refuse_quote(refusal, ATTEST_CHECK_QUOTE_FORMAT);
	TRY(quote_read(&quote, evidence->quote));
	return verify_quote(out, refusal, evidence->quote, &evidence->collateral, roots, now);
}

static enum conclave_error verify_snp_parts(struct claims *out, struct evidence_refusal *refusal,
	const struct snp_evidence *parts, const struct snp_roots *roots, int64_t now)
{
	struct snp_claims claims;
	enum snp_check check = SNP_CHECK_REPORT;
	enum conclave_error error = snp_verify(&claims, &check, NULL, parts, roots, now);
	refusal->check = snp_check_text(check);
	TRY(error);
	claims_of_snp(out, &claims);
	return CONCLAVE_OK;
}

/* Hypervisors hand out reports with a table of certificates behind them. What came separately wins:
 * it was fetched on purpose. */
static enum conclave_error verify_snp(struct claims *out, struct evidence_refusal *refusal,
	const struct evidence *evidence, const struct snp_roots *roots, int64_t now)
{
	struct snp_evidence parts = {0}, given = evidence->snp;
	struct bytes table = bytes_slice(evidence->from, SNP_REPORT_SIZE, evidence->from.len);
	refusal->check = "the table of certificates";
	if (table.len > 0)
		TRY(snp_read_certificate_table(&parts, table));
	parts.report = bytes_slice(evidence->from, 0, SNP_REPORT_SIZE);
	parts.leaf = given.leaf.len > 0 ? given.leaf : parts.leaf;
	parts.intermediate = given.intermediate.len > 0 ? given.intermediate : parts.intermediate;
	parts.root = given.root.len > 0 ? given.root : parts.root;
	parts.crl = given.crl;
	return verify_snp_parts(out, refusal, &parts, roots, now);
}

static enum conclave_error verify_nitro(struct claims *out, struct evidence_refusal *refusal,
	struct bytes document, const struct p384_public *root, int64_t now)
{
	struct nitro_claims claims;
	enum nitro_check check = NITRO_CHECK_NONE;
	enum conclave_error error = nitro_verify(&claims, &check, document, root, now, NULL);
	refusal->check = nitro_check_text(check);
	TRY(error);
	claims_of_nitro(out, &claims);
	return CONCLAVE_OK;
}

/* -- an EnclaveInstanceInfo: evidence of any of these, and what it vouches for -- */

/* attest_verify says whether R3's forms are sound as a whole; its claims are fewer, so that the
 * quote, if there is one, is read for the rest. */
static enum conclave_error verify_r3(struct claims *out, struct evidence_refusal *refusal,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	struct attest_claims claims;
	enum attest_check check = ATTEST_CHECK_FORMAT;
	enum conclave_error error = attest_verify(&claims, &check, info, roots, now);
	refuse_quote(refusal, check);
	TRY(error);
	if (info->type == INSTANCE_INFO_MOCK) {
		claims_of_mock(out, &info->mock);
		return CONCLAVE_OK;
	}
	const struct quote_collateral collateral = {
		.pck_crl_issuer_chain = info->dcap.pck_crl_issuer_chain,
		.root_ca_crl = info->dcap.root_ca_crl,
		.pck_crl = info->dcap.pck_crl,
		.tcb_info_issuer_chain = info->dcap.tcb_info_issuer_chain,
		.tcb_info = info->dcap.tcb_info,
		.qe_identity_issuer_chain = info->dcap.qe_identity_issuer_chain,
		.qe_identity = info->dcap.qe_identity,
	};
	return verify_quote(out, refusal, info->dcap.quote, &collateral, roots, now);
}

static enum conclave_error verify_vouching(struct claims *out, struct evidence_refusal *refusal,
	const struct instance_info *info, const struct evidence_roots *roots, int64_t now)
{
	switch (info->type) {
	case INSTANCE_INFO_DCAP:
	case INSTANCE_INFO_MOCK: return verify_r3(out, refusal, info, roots->intel, now);
	case INSTANCE_INFO_QUOTE:
		return verify_exact_quote(out, refusal, &info->quoted, roots->intel, now);
	case INSTANCE_INFO_SNP: return verify_snp_parts(out, refusal, &info->snp, roots->snp, now);
	case INSTANCE_INFO_NITRO: return verify_nitro(out, refusal, info->nitro, roots->nitro, now);
	case INSTANCE_INFO_EPID: break;
	}
	return CONCLAVE_ERROR_VERSION;
}

/* The keys and the nonce must be those that the evidence was made for. */
static enum conclave_error check_binding(
	const struct claims *claims, const struct instance_info *info)
{
	struct claim_value bound;
	bool is_nitro = claims->platform == CLAIMS_NITRO;
	if (!claims_value(&bound, claims, is_nitro ? CLAIM_USER_DATA : CLAIM_REPORT_DATA))
		return CONCLAVE_ERROR_MISMATCH;
	return instance_info_check(info, bound.bytes);
}

static enum conclave_error verify_instance_info(struct claims *out,
	struct evidence_refusal *refusal, struct bytes from, const struct evidence_roots *roots,
	int64_t now)
{
	struct instance_info info;
	struct claims claims;
	refuse_quote(refusal, ATTEST_CHECK_FORMAT);
	TRY(instance_info_read(&info, from));
	TRY(verify_vouching(&claims, refusal, &info, roots, now));
	refuse_quote(refusal, ATTEST_CHECK_REPORT_DATA);
	TRY(check_binding(&claims, &info));
	claims.has_keys = true;
	claims.signing_key = info.signing_key;
	claims.encryption_key = info.encryption_key;
	claims.nonce = info.nonce;
	*out = claims;
	return CONCLAVE_OK;
}

static enum conclave_error verify_at(struct claims *out, struct evidence_refusal *refusal,
	const struct evidence *evidence, const struct evidence_roots *roots, int64_t now)
{
	switch (evidence->kind) {
	case EVIDENCE_INSTANCE_INFO:
		return verify_instance_info(out, refusal, evidence->from, roots, now);
	case EVIDENCE_QUOTE:
		return verify_quote(
			out, refusal, evidence->from, &evidence->collateral, roots->intel, now);
	case EVIDENCE_SNP_REPORT: return verify_snp(out, refusal, evidence, roots->snp, now);
	case EVIDENCE_NITRO_DOCUMENT:
		return verify_nitro(out, refusal, evidence->from, roots->nitro, now);
	case EVIDENCE_UNKNOWN: break;
	}
	refusal->check = "the form of the evidence";
	return CONCLAVE_ERROR_FORMAT;
}

/* No clock shows other times, and sums with these cannot overflow. */
static bool is_time(int64_t now)
{
	return now >= CALENDAR_SECONDS_MIN && now <= CALENDAR_SECONDS_MAX;
}

/* Nothing that is verified is valid for less than STEP, so that no span of validity falls between
 * two tries: Nitro's certificates, which are the shortest, live three hours. */
#define STEP 3600u

enum conclave_error evidence_verify(struct claims *out, struct evidence_refusal *refusal,
	const struct evidence *evidence, const struct evidence_roots *roots, int64_t now,
	uint32_t skew)
{
	const struct evidence_roots trusted = {
		.intel = roots->intel != NULL ? roots->intel : &attest_default_roots,
		.snp = roots->snp != NULL ? roots->snp : &snp_default_roots,
		.nitro = roots->nitro != NULL ? roots->nitro : &nitro_root,
	};
	struct evidence_refusal why = {"", false}, elsewhen;
	enum conclave_error error = verify_at(out, &why, evidence, &trusted, now);
	for (uint32_t away = 0; error == CONCLAVE_ERROR_EXPIRED && is_time(now) && away < skew;) {
		away = skew - away > STEP ? away + STEP : skew;
		error = verify_at(out, &elsewhen, evidence, &trusted, now + away);
		if (error == CONCLAVE_ERROR_EXPIRED)
			error = verify_at(out, &elsewhen, evidence, &trusted, now - away);
	}
	why.is_genuine = error == CONCLAVE_ERROR_EXPIRED;
	if (error != CONCLAVE_OK && refusal != NULL)
		*refusal = why;
	return error;
}
