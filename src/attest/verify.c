/* The verifier: a table of checks, in the order of Intel's "Quote Verification" (SGX ECDSA QuoteLib
 * Reference §4.1.2) and docs/spec/instance-info.md. Everything that arrives is hostile until its
 * check has passed. */
#include "attest/attest.h"

#include "attest/chain.h"
#include "attest/crl.h"
#include "attest/literal.h"
#include "attest/pck.h"
#include "attest/pem.h"
#include "attest/quote.h"
#include "attest/tcb.h"
#include "base/check.h"

/* Intel's largest has 57 entries and 3.4 KB; this holds 300. */
#define CRL_SIZE_MAX 16384u

/* What the checks have found out so far. */
struct verification {
	const struct dcap_evidence *evidence;
	const struct attest_roots *roots;
	int64_t now;

	struct quote quote;
	struct chain pck_chain, tcb_info_chain, qe_identity_chain;
	const struct hierarchy *hierarchy;
	struct pck_platform platform;
	bool is_revoked;
	struct tcb_signed tcb_info_signed, qe_identity_signed;
	struct tcb_info tcb_info;
	struct qe_identity qe_identity;
	struct tcb_level platform_level, qe_level;
	struct window window;
};

static enum conclave_error read_quote(struct verification *v)
{
	return quote_read(&v->quote, v->evidence->quote);
}

/* 1.0, 3.0, 3.1 (major in the low half) and 4.0 of Intel's collateral structure. */
static enum conclave_error check_collateral_version(struct verification *v)
{
	static const struct bytes known[] = {
		LITERAL("1"), LITERAL("3"), LITERAL("65539"), LITERAL("4")};
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (bytes_equal(v->evidence->version, known[i]))
			return CONCLAVE_OK;
	return CONCLAVE_ERROR_VERSION;
}

static enum conclave_error read_pck_chain(struct verification *v)
{
	if (v->quote.certification != QUOTE_PCK_CHAIN)
		return CONCLAVE_ERROR_VERSION;
	return chain_read(&v->pck_chain, v->quote.pck_chain, 3);
}

static bool is_key(const struct p256_public *key, const struct p256_public *trusted)
{
	return trusted != NULL && memcmp(key, trusted, sizeof(*key)) == 0;
}

/* The key is pinned, not the certificate: Intel has issued three roots with one key. */
static enum conclave_error find_root(struct verification *v)
{
	const struct p256_public *key = &chain_root(&v->pck_chain)->key.p256;
	if (is_key(key, v->roots->dcap))
		v->hierarchy = &hierarchy_intel;
	else if (is_key(key, v->roots->simulation))
		v->hierarchy = &hierarchy_simulation;
	else
		return CONCLAVE_ERROR_UNTRUSTED;
	return CONCLAVE_OK;
}

static enum conclave_error verify_pck_chain(struct verification *v)
{
	TRY(chain_verify(&v->window, &v->pck_chain, CHAIN_PCK, v->hierarchy, NULL));
	return pck_read(
		&v->platform, x509_extension(&v->pck_chain.certificates[0], BYTES_LIT(PCK_OID)));
}

/* A further chain must end in the key that the PCK chain ends in. It mostly shares certificates
 * with one that was verified before. */
static enum conclave_error verify_chain(struct chain *out, struct verification *v, struct bytes pem,
	enum chain_kind kind, const struct chain *verified)
{
	TRY(chain_read(out, pem, 2));
	if (!is_key(&chain_root(out)->key.p256, &chain_root(&v->pck_chain)->key.p256))
		return CONCLAVE_ERROR_UNTRUSTED;
	return chain_verify(&v->window, out, kind, v->hierarchy, verified);
}

/* The CA that signs the PCK CRL is the one that signed the PCK certificate. */
static enum conclave_error verify_pck_crl_chain(struct verification *v)
{
	struct chain chain;
	TRY(verify_chain(
		&chain, v, v->evidence->pck_crl_issuer_chain, CHAIN_PCK_CA, &v->pck_chain));
	if (!is_key(&chain.certificates[0].key.p256, &v->pck_chain.certificates[1].key.p256))
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static enum conclave_error verify_tcb_info_chain(struct verification *v)
{
	return verify_chain(&v->tcb_info_chain, v, v->evidence->tcb_info_issuer_chain,
		CHAIN_TCB_SIGNING, &v->pck_chain);
}

static enum conclave_error verify_qe_identity_chain(struct verification *v)
{
	return verify_chain(&v->qe_identity_chain, v, v->evidence->qe_identity_issuer_chain,
		CHAIN_TCB_SIGNING, &v->tcb_info_chain);
}

/* PEM as R3 serialises it, or DER, which some services pad with NUL bytes. */
static enum conclave_error read_crl(struct crl *out, struct buffer space, struct bytes from)
{
	struct reader reader = reader_of(from);
	struct bytes der;
	if (from.len > 0 && from.ptr[0] == DER_SEQUENCE) {
		der = der_read_any(&reader);
	} else {
		struct writer writer = writer_of(space);
		enum conclave_error error = pem_next(&der, &writer, &reader, BYTES_LIT("X509 CRL"));
		if (error == CONCLAVE_ERROR_SPACE)
			return CONCLAVE_ERROR_LIMIT;
		TRY(error);
	}
	if (!pem_at_end(&reader))
		return CONCLAVE_ERROR_FORMAT;
	return crl_read(out, der);
}

/* Verify a CRL and look for certificates that its issuer issued. */
static enum conclave_error consult_crl(struct verification *v, struct bytes from,
	const struct x509_certificate *issuer, const struct x509_certificate *const *issued,
	size_t issued_count)
{
	uint8_t space[CRL_SIZE_MAX];
	struct crl crl;
	TRY(read_crl(&crl, (struct buffer){space, sizeof(space)}, from));
	TRY(crl_verify(&crl, issuer));
	for (size_t i = 0; i < issued_count; i++)
		if (crl_lists(&crl, issued[i]->serial))
			v->is_revoked = true;
	window_narrow(&v->window, crl.this_update, crl.next_update);
	return CONCLAVE_OK;
}

static enum conclave_error consult_root_crl(struct verification *v)
{
	const struct x509_certificate *const issued[] = {&v->pck_chain.certificates[1],
		&v->tcb_info_chain.certificates[0], &v->qe_identity_chain.certificates[0]};
	return consult_crl(v, v->evidence->root_ca_crl, chain_root(&v->pck_chain), issued,
		ARRAY_COUNT(issued));
}

static enum conclave_error consult_pck_crl(struct verification *v)
{
	const struct x509_certificate *const issued[] = {&v->pck_chain.certificates[0]};
	return consult_crl(v, v->evidence->pck_crl, &v->pck_chain.certificates[1], issued,
		ARRAY_COUNT(issued));
}

static enum conclave_error check_revocation(struct verification *v)
{
	return v->is_revoked ? CONCLAVE_ERROR_REVOKED : CONCLAVE_OK;
}

/* The signature is over the object's bytes as received. */
static enum conclave_error verify_signed_json(
	struct tcb_signed *out, struct bytes text, struct bytes name, const struct chain *signer)
{
	TRY(tcb_signed_read(out, text, name));
	return p256_verify(&signer->certificates[0].key.p256, out->object.text, &out->signature);
}

static enum conclave_error verify_tcb_info(struct verification *v)
{
	return verify_signed_json(&v->tcb_info_signed, v->evidence->tcb_info, BYTES_LIT("tcbInfo"),
		&v->tcb_info_chain);
}

static enum conclave_error read_tcb_info(struct verification *v)
{
	TRY(tcb_info_read(&v->tcb_info, &v->tcb_info_signed.object));
	window_narrow(&v->window, v->tcb_info.issue_date, v->tcb_info.next_update);
	return CONCLAVE_OK;
}

static enum conclave_error verify_qe_identity(struct verification *v)
{
	return verify_signed_json(&v->qe_identity_signed, v->evidence->qe_identity,
		BYTES_LIT("enclaveIdentity"), &v->qe_identity_chain);
}

static enum conclave_error read_qe_identity(struct verification *v)
{
	TRY(qe_identity_read(&v->qe_identity, &v->qe_identity_signed.object));
	window_narrow(&v->window, v->qe_identity.issue_date, v->qe_identity.next_update);
	return CONCLAVE_OK;
}

/* The TCB info speaks of this very kind of platform. */
static enum conclave_error check_fmspc(struct verification *v)
{
	if (memcmp(v->platform.fmspc, v->tcb_info.fmspc, sizeof(v->platform.fmspc)) != 0 ||
		memcmp(v->platform.pceid, v->tcb_info.pceid, sizeof(v->platform.pceid)) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static enum conclave_error verify_qe_report(struct verification *v)
{
	return p256_verify(&v->pck_chain.certificates[0].key.p256, BYTES_OF(v->quote.qe_report),
		&v->quote.qe_signature);
}

/* The quoting enclave vouches for the attestation key. */
static enum conclave_error check_qe_report_data(struct verification *v)
{
	uint8_t wanted[64];
	quote_qe_report_data(wanted, &v->quote);
	if (memcmp(wanted, v->quote.qe_report.reportdata, sizeof(wanted)) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static enum conclave_error check_qe_report(struct verification *v)
{
	return qe_identity_check(&v->qe_identity, &v->quote.qe_report);
}

static enum conclave_error verify_quote(struct verification *v)
{
	return p256_verify(&v->quote.attestation_key, v->quote.signed_part, &v->quote.signature);
}

static enum conclave_error match_tcb_levels(struct verification *v)
{
	TRY(tcb_info_match(&v->platform_level, &v->tcb_info, &v->platform));
	return qe_identity_match(&v->qe_level, &v->qe_identity, v->quote.qe_report.isvsvn);
}

/* Last, so that a refusal here says: genuine, but not now. */
static enum conclave_error check_validity(struct verification *v)
{
	return window_holds(&v->window, v->now) ? CONCLAVE_OK : CONCLAVE_ERROR_EXPIRED;
}

static const struct {
	enum attest_check check;
	enum conclave_error (*run)(struct verification *);
} checks[] = {
	{ATTEST_CHECK_QUOTE_FORMAT, read_quote},
	{ATTEST_CHECK_COLLATERAL_VERSION, check_collateral_version},
	{ATTEST_CHECK_PCK_CHAIN, read_pck_chain},
	{ATTEST_CHECK_ROOT, find_root},
	{ATTEST_CHECK_PCK_CHAIN, verify_pck_chain},
	{ATTEST_CHECK_PCK_CRL_CHAIN, verify_pck_crl_chain},
	{ATTEST_CHECK_TCB_INFO_CHAIN, verify_tcb_info_chain},
	{ATTEST_CHECK_QE_IDENTITY_CHAIN, verify_qe_identity_chain},
	{ATTEST_CHECK_ROOT_CRL, consult_root_crl},
	{ATTEST_CHECK_PCK_CRL, consult_pck_crl},
	{ATTEST_CHECK_REVOCATION, check_revocation},
	{ATTEST_CHECK_TCB_INFO_SIGNATURE, verify_tcb_info},
	{ATTEST_CHECK_TCB_INFO, read_tcb_info},
	{ATTEST_CHECK_QE_IDENTITY_SIGNATURE, verify_qe_identity},
	{ATTEST_CHECK_QE_IDENTITY, read_qe_identity},
	{ATTEST_CHECK_FMSPC, check_fmspc},
	{ATTEST_CHECK_QE_REPORT_SIGNATURE, verify_qe_report},
	{ATTEST_CHECK_QE_REPORT_DATA, check_qe_report_data},
	{ATTEST_CHECK_QE_REPORT, check_qe_report},
	{ATTEST_CHECK_QUOTE_SIGNATURE, verify_quote},
	{ATTEST_CHECK_TCB_LEVEL, match_tcb_levels},
	{ATTEST_CHECK_VALIDITY, check_validity},
};

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static enum attest_level level_of(enum attest_mode mode, enum attest_tcb_status status)
{
	if (mode != ATTEST_RELEASE || status == TCB_REVOKED)
		return ATTEST_INSECURE;
	return status == TCB_UP_TO_DATE ? ATTEST_SECURE : ATTEST_STALE;
}

static void claim_report(struct attest_claims *out, const struct sgx_report_body *report)
{
	out->report = *report;
	out->product_id = report->isvprodid;
	out->revocation_level = report->isvsvn == 0 ? 0 : report->isvsvn - 1u;
}

static enum attest_mode mode_of(const struct verification *v)
{
	if (v->hierarchy->is_simulation)
		return ATTEST_SIMULATION;
	bool is_debug = (v->quote.report.attributes.flags & SGX_FLAG_DEBUG) != 0;
	return is_debug ? ATTEST_DEBUG : ATTEST_RELEASE;
}

static void claim(struct attest_claims *out, const struct verification *v)
{
	struct attest_claims claims = {.has_quote = true, .mode = mode_of(v)};
	claim_report(&claims, &v->quote.report);
	claims.tcb_status = tcb_converge(v->platform_level.status, v->qe_level.status);
	claims.level = level_of(claims.mode, claims.tcb_status);
	claims.timestamp =
		latest(v->window.from, latest(v->tcb_info.latest_date, v->qe_identity.latest_date));
	claims.earliest_expiry = v->window.until;
	claims.platform_advisories = v->platform_level.advisories;
	claims.qe_advisories = v->qe_level.advisories;
	*out = claims;
}

enum conclave_error attest_verify_dcap(struct attest_claims *out, enum attest_check *failed,
	const struct dcap_evidence *evidence, const struct attest_roots *roots, int64_t now)
{
	struct verification v = {
		.evidence = evidence, .roots = roots, .now = now, .window = WINDOW_ALWAYS};
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++) {
		*failed = checks[i].check;
		TRY(checks[i].run(&v));
	}
	*failed = ATTEST_CHECK_NONE;
	claim(out, &v);
	return CONCLAVE_OK;
}

/* The evidence vouches for the very keys that came with it. */
static enum conclave_error check_report_data(enum attest_check *failed,
	const struct instance_info *info, const struct sgx_report_body *report)
{
	uint8_t wanted[64];
	*failed = ATTEST_CHECK_REPORT_DATA;
	instance_info_report_data(wanted, &info->signing_key, &info->encryption_key);
	if (memcmp(wanted, report->reportdata, sizeof(wanted)) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static enum conclave_error verify_quoted(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	struct quote quote;
	*failed = ATTEST_CHECK_QUOTE_FORMAT;
	TRY(quote_read(&quote, info->dcap.quote));
	/* What R3's form holds. */
	if (quote.header.version != 3)
		return CONCLAVE_ERROR_VERSION;
	TRY(check_report_data(failed, info, &quote.report));
	return attest_verify_dcap(out, failed, &info->dcap, roots, now);
}

/* R3's unsigned forms prove nothing but that their keys belong together: no better than what the
 * simulation's published keys sign, and refused where that is. */
static enum conclave_error verify_mock(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots)
{
	const struct mock_evidence *mock = &info->mock;
	TRY(check_report_data(failed, info, &mock->report));
	*failed = ATTEST_CHECK_ROOT;
	if (roots->simulation == NULL)
		return CONCLAVE_ERROR_UNTRUSTED;
	*failed = ATTEST_CHECK_NONE;
	*out = (struct attest_claims){
		.mode = mock->is_simulation ? ATTEST_SIMULATION : ATTEST_MOCK,
		.level = ATTEST_INSECURE,
		.tcb_status = TCB_NOT_APPLICABLE,
		.timestamp = mock->epoch_second,
		.timestamp_nanosecond = mock->nanosecond,
	};
	claim_report(out, &mock->report);
	return CONCLAVE_OK;
}

static enum conclave_error verify_any(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	if (info->type == INSTANCE_INFO_DCAP)
		return verify_quoted(out, failed, info, roots, now);
	if (info->type == INSTANCE_INFO_MOCK)
		return verify_mock(out, failed, info, roots);
	*failed = ATTEST_CHECK_FORMAT;
	return CONCLAVE_ERROR_VERSION;
}

enum conclave_error attest_verify(struct attest_claims *out, enum attest_check *failed,
	const struct instance_info *info, const struct attest_roots *roots, int64_t now)
{
	struct attest_claims claims;
	enum attest_check check;
	enum conclave_error error = verify_any(&claims, &check, info, roots, now);
	if (failed != NULL)
		*failed = check;
	TRY(error);
	claims.signing_key = info->signing_key;
	claims.encryption_key = info->encryption_key;
	*out = claims;
	return CONCLAVE_OK;
}

const char *attest_check_text(enum attest_check check)
{
	switch (check) {
	case ATTEST_CHECK_NONE: return "nothing";
	case ATTEST_CHECK_FORMAT: return "the form of the attestation";
	case ATTEST_CHECK_QUOTE_FORMAT: return "the form of the quote";
	case ATTEST_CHECK_REPORT_DATA: return "the binding of the keys to the quote";
	case ATTEST_CHECK_COLLATERAL_VERSION: return "the version of the collateral";
	case ATTEST_CHECK_CERTIFICATION_DATA: return "the certification data of the quote";
	case ATTEST_CHECK_PCK_CHAIN: return "the PCK certificate chain";
	case ATTEST_CHECK_ROOT: return "the root of the PCK certificate chain";
	case ATTEST_CHECK_PCK_CRL_CHAIN: return "the certificate chain of the PCK CRL";
	case ATTEST_CHECK_TCB_INFO_CHAIN: return "the certificate chain of the TCB info";
	case ATTEST_CHECK_QE_IDENTITY_CHAIN: return "the certificate chain of the QE identity";
	case ATTEST_CHECK_ROOT_CRL: return "the root CRL";
	case ATTEST_CHECK_PCK_CRL: return "the PCK CRL";
	case ATTEST_CHECK_REVOCATION: return "the revocation of certificates";
	case ATTEST_CHECK_TCB_INFO_SIGNATURE: return "the signature of the TCB info";
	case ATTEST_CHECK_TCB_INFO: return "the TCB info";
	case ATTEST_CHECK_QE_IDENTITY_SIGNATURE: return "the signature of the QE identity";
	case ATTEST_CHECK_QE_IDENTITY: return "the QE identity";
	case ATTEST_CHECK_FMSPC: return "the platform that the TCB info is for";
	case ATTEST_CHECK_TDX_MODULE: return "the identity of the TDX module";
	case ATTEST_CHECK_QE_REPORT_SIGNATURE: return "the signature of the QE report";
	case ATTEST_CHECK_QE_REPORT_DATA: return "the binding of the attestation key to the QE";
	case ATTEST_CHECK_QE_REPORT: return "the identity of the quoting enclave";
	case ATTEST_CHECK_QUOTE_SIGNATURE: return "the signature of the quote";
	case ATTEST_CHECK_TCB_LEVEL: return "the TCB level of the platform";
	case ATTEST_CHECK_VALIDITY: return "the validity of the evidence at this time";
	}
	return "an unknown check";
}
