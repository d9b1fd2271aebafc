/* The verifier: a table of checks, in the order of Intel's "Quote Verification" (SGX ECDSA QuoteLib
 * Reference §4.1.2) and docs/spec/attestation.md. Everything that arrives is hostile until its
 * check has passed. */
#include "attest/dcap.h"

#include "attest/crl.h"
#include "attest/pem.h"
#include "base/check.h"

/* Intel's largest has 57 entries and 3.4 KB; this holds 300. */
#define CRL_SIZE_MAX 16384u

/* What is left of a chain once it is verified: who signs, and what a CRL would call him. */
struct signer {
	struct p256_public key;
	uint8_t serial[X509_SERIAL_SIZE_MAX];
	size_t serial_size;
};

/* What a TD or an enclave is judged by, at its launch or now. */
struct evaluation {
	enum attest_tcb_status status;
	struct tcb_level platform, module;
	bool has_module;
};

/* What the checks have found out so far. */
struct verification {
	struct bytes encoded;
	const struct quote_collateral *collateral;
	const struct attest_roots *roots;
	struct memo *memo;	 /* the caller's, or NULL */
	struct memo *chain_memo; /* chains share certificates: there is always one */
	int64_t now;

	struct quote quote;
	struct chain pck_chain;
	const struct hierarchy *hierarchy;
	struct pck_platform platform;
	struct signer tcb_info_signer, qe_identity_signer;
	bool is_revoked;
	struct tcb_signed tcb_info_signed, qe_identity_signed;
	struct tcb_info tcb_info;
	struct qe_identity qe_identity;
	struct tcb_level qe_level;
	struct evaluation launch, current;
	struct window window;
	int64_t earliest_issue, latest_issue, known_until;
	struct quote_advisories advisories;
};

static const struct x509_certificate *pck_leaf(const struct verification *v)
{
	return &v->pck_chain.certificates[0];
}

static const struct x509_certificate *pck_ca(const struct verification *v)
{
	return &v->pck_chain.certificates[1];
}

static enum quote_tee tee_of(const struct verification *v)
{
	return v->quote.body == QUOTE_BODY_SGX ? QUOTE_TEE_SGX : QUOTE_TEE_TDX;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Collateral has a date of issue, certificates have none that matters. */
static void note_issue(struct verification *v, int64_t issued, int64_t until)
{
	window_narrow(&v->window, issued, until);
	v->earliest_issue = earlier(v->earliest_issue, issued);
	v->latest_issue = later(v->latest_issue, issued);
}

/* The same, of what speaks of this platform. */
static void note_knowledge(struct verification *v, int64_t issued, int64_t until)
{
	note_issue(v, issued, until);
	v->known_until = earlier(v->known_until, issued);
}

static enum conclave_error read_quote(struct verification *v)
{
	return quote_read_padded(&v->quote, v->encoded);
}

/* Types 1 to 3 identify the platform by its encrypted PPID, type 4 has the leaf alone: then the
 * chain must come with the collateral, and its key must have signed the QE report all the same. */
static enum conclave_error find_pck_chain(struct verification *v)
{
	if (v->collateral->pck_chain.len > 0 || v->quote.certification == QUOTE_PCK_CHAIN)
		return CONCLAVE_OK;
	return CONCLAVE_ERROR_NOT_FOUND;
}

static enum conclave_error read_pck_chain(struct verification *v)
{
	const struct bytes supplied = v->collateral->pck_chain;
	return chain_read(&v->pck_chain, supplied.len > 0 ? supplied : v->quote.pck_chain, 3);
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
	TRY(chain_verify(&v->window, &v->pck_chain, CHAIN_PCK, v->hierarchy, v->chain_memo));
	return pck_read(&v->platform, x509_extension(pck_leaf(v), BYTES_LIT(PCK_OID)));
}

/* A further chain must end in the key that the PCK chain ends in. */
static enum conclave_error verify_chain(
	struct signer *out, struct verification *v, struct bytes pem, enum chain_kind kind)
{
	struct chain chain;
	if (pem.len == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	TRY(chain_read(&chain, pem, 2));
	if (!is_key(&chain_root(&chain)->key.p256, &chain_root(&v->pck_chain)->key.p256))
		return CONCLAVE_ERROR_UNTRUSTED;
	TRY(chain_verify(&v->window, &chain, kind, v->hierarchy, v->chain_memo));
	const struct x509_certificate *leaf = &chain.certificates[0];
	out->key = leaf->key.p256;
	out->serial_size = leaf->serial.len;
	memcpy(out->serial, leaf->serial.ptr, leaf->serial.len);
	return CONCLAVE_OK;
}

/* The CA that signs the PCK CRL is the one that signed the PCK certificate. */
static enum conclave_error verify_pck_crl_chain(struct verification *v)
{
	const struct bytes pem = v->collateral->pck_crl_issuer_chain;
	struct signer ca;
	if (pem.len == 0)
		return CONCLAVE_OK;
	TRY(verify_chain(&ca, v, pem, CHAIN_PCK_CA));
	return is_key(&ca.key, &pck_ca(v)->key.p256) ? CONCLAVE_OK : CONCLAVE_ERROR_MISMATCH;
}

static enum conclave_error verify_tcb_info_chain(struct verification *v)
{
	return verify_chain(
		&v->tcb_info_signer, v, v->collateral->tcb_info_issuer_chain, CHAIN_TCB_SIGNING);
}

static enum conclave_error verify_qe_identity_chain(struct verification *v)
{
	return verify_chain(&v->qe_identity_signer, v, v->collateral->qe_identity_issuer_chain,
		CHAIN_TCB_SIGNING);
}

/* Verify a CRL and look for certificates that its issuer issued. */
static enum conclave_error consult_crl(struct window *current, struct verification *v,
	struct bytes from, const struct x509_certificate *issuer, const struct bytes *serials,
	size_t serial_count)
{
	uint8_t space[CRL_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct bytes der;
	struct crl crl;
	if (from.len == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	TRY(pem_decode(&der, &writer, from, BYTES_LIT("X509 CRL")));
	if (der.len > CRL_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	TRY(crl_read(&crl, der));
	TRY(memo_crl_verify(v->memo, &crl, issuer));
	for (size_t i = 0; i < serial_count; i++)
		if (crl_lists(&crl, serials[i]))
			v->is_revoked = true;
	*current = (struct window){crl.this_update, crl.next_update};
	return CONCLAVE_OK;
}

static struct bytes serial_of(const struct signer *signer)
{
	return bytes_of(signer->serial, signer->serial_size);
}

static enum conclave_error consult_root_crl(struct verification *v)
{
	const struct bytes serials[] = {pck_ca(v)->serial, serial_of(&v->tcb_info_signer),
		serial_of(&v->qe_identity_signer)};
	struct window current;
	TRY(consult_crl(&current, v, v->collateral->root_ca_crl, chain_root(&v->pck_chain), serials,
		ARRAY_COUNT(serials)));
	note_issue(v, current.from, current.until);
	return CONCLAVE_OK;
}

static enum conclave_error consult_pck_crl(struct verification *v)
{
	struct window current;
	TRY(consult_crl(&current, v, v->collateral->pck_crl, pck_ca(v), &pck_leaf(v)->serial, 1));
	note_knowledge(v, current.from, current.until);
	return CONCLAVE_OK;
}

static enum conclave_error check_revocation(struct verification *v)
{
	return v->is_revoked ? CONCLAVE_ERROR_REVOKED : CONCLAVE_OK;
}

/* The signature is over the object's bytes as received. */
static enum conclave_error verify_signed_json(struct tcb_signed *out, struct memo *memo,
	struct bytes text, struct bytes name, const struct signer *signer)
{
	if (text.len == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	TRY(tcb_signed_read(out, text, name));
	return memo_p256_verify(memo, &signer->key, out->object.text, &out->signature);
}

static enum conclave_error verify_tcb_info(struct verification *v)
{
	return verify_signed_json(&v->tcb_info_signed, v->memo, v->collateral->tcb_info,
		BYTES_LIT("tcbInfo"), &v->tcb_info_signer);
}

static enum conclave_error read_tcb_info(struct verification *v)
{
	TRY(tcb_info_read(&v->tcb_info, &v->tcb_info_signed.object, tee_of(v)));
	note_knowledge(v, v->tcb_info.issue_date, v->tcb_info.next_update);
	return CONCLAVE_OK;
}

static enum conclave_error verify_qe_identity(struct verification *v)
{
	return verify_signed_json(&v->qe_identity_signed, v->memo, v->collateral->qe_identity,
		BYTES_LIT("enclaveIdentity"), &v->qe_identity_signer);
}

static enum conclave_error read_qe_identity(struct verification *v)
{
	TRY(qe_identity_read(&v->qe_identity, &v->qe_identity_signed.object, tee_of(v)));
	note_knowledge(v, v->qe_identity.issue_date, v->qe_identity.next_update);
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

static enum conclave_error check_tdx_module(struct verification *v)
{
	const struct tdx_report_body *report = &v->quote.td_report;
	struct tdx_module module;
	if (tee_of(v) != QUOTE_TEE_TDX)
		return CONCLAVE_OK;
	TRY(tdx_module_find(&module, &v->tcb_info, report->tee_tcb_svn));
	return tdx_module_check(&module, report);
}

static enum conclave_error verify_qe_report(struct verification *v)
{
	return memo_p256_verify(v->memo, &pck_leaf(v)->key.p256, BYTES_OF(v->quote.qe_report),
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

/* The one signature that no two quotes share. */
static enum conclave_error verify_quote(struct verification *v)
{
	return p256_verify(&v->quote.attestation_key, v->quote.signed_part, &v->quote.signature);
}

/* tee_tcb_svn: NULL for SGX. */
static enum conclave_error evaluate(
	struct evaluation *out, const struct verification *v, const uint8_t *tee_tcb_svn)
{
	struct tdx_module module;
	TRY(tcb_info_match(&out->platform, &v->tcb_info, &v->platform, tee_tcb_svn));
	out->status = tcb_converge(out->platform.status, v->qe_level.status);
	out->has_module = tee_tcb_svn != NULL && tdx_module_has_levels(tee_tcb_svn);
	if (!out->has_module)
		return CONCLAVE_OK;
	if (tdx_module_find(&module, &v->tcb_info, tee_tcb_svn) != CONCLAVE_OK)
		return CONCLAVE_ERROR_TCB;
	TRY(tdx_module_match(&out->module, &module, tee_tcb_svn));
	out->status = tcb_converge(out->status, out->module.status);
	return CONCLAVE_OK;
}

static enum conclave_error match_tcb_levels(struct verification *v)
{
	const struct tdx_report_body *report = &v->quote.td_report;
	bool is_tdx = tee_of(v) == QUOTE_TEE_TDX;
	TRY(qe_identity_match(&v->qe_level, &v->qe_identity, v->quote.qe_report.isvsvn));
	TRY(evaluate(&v->launch, v, is_tdx ? report->tee_tcb_svn : NULL));
	v->current = v->launch;
	if (v->quote.body == QUOTE_BODY_TD15)
		TRY(evaluate(&v->current, v, report->tee_tcb_svn2));
	return CONCLAVE_OK;
}

static enum conclave_error add_advisory(struct quote_advisories *out, struct bytes id)
{
	for (size_t i = 0; i < out->count; i++)
		if (bytes_equal(out->ids[i], id))
			return CONCLAVE_OK;
	if (out->count == QUOTE_ADVISORIES_MAX)
		return CONCLAVE_ERROR_LIMIT;
	out->ids[out->count++] = id;
	return CONCLAVE_OK;
}

static enum conclave_error add_advisories(
	struct quote_advisories *out, const struct tcb_level *level)
{
	const struct json_view array = {level->advisories};
	struct json_view element;
	struct bytes id;
	for (struct reader ids = json_view_elements(&array); json_view_next(&element, &ids);) {
		TRY(json_view_text(&id, &element));
		TRY(add_advisory(out, id));
	}
	return CONCLAVE_OK;
}

static enum conclave_error collect_advisories(struct verification *v)
{
	TRY(add_advisories(&v->advisories, &v->launch.platform));
	TRY(add_advisories(&v->advisories, &v->qe_level));
	return v->launch.has_module ? add_advisories(&v->advisories, &v->launch.module)
				    : CONCLAVE_OK;
}

static const struct {
	enum attest_check check;
	enum conclave_error (*run)(struct verification *);
} checks[] = {
	{ATTEST_CHECK_QUOTE_FORMAT, read_quote},
	{ATTEST_CHECK_CERTIFICATION_DATA, find_pck_chain},
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
	{ATTEST_CHECK_TDX_MODULE, check_tdx_module},
	{ATTEST_CHECK_QE_REPORT_SIGNATURE, verify_qe_report},
	{ATTEST_CHECK_QE_REPORT_DATA, check_qe_report_data},
	{ATTEST_CHECK_QE_REPORT, check_qe_report},
	{ATTEST_CHECK_QUOTE_SIGNATURE, verify_quote},
	{ATTEST_CHECK_TCB_LEVEL, match_tcb_levels},
	{ATTEST_CHECK_TCB_LEVEL, collect_advisories},
};

static bool is_debug(const struct quote *quote)
{
	if (quote->body == QUOTE_BODY_SGX)
		return (quote->report.attributes.flags & SGX_FLAG_DEBUG) != 0;
	return (quote->td_report.tdattributes & TDX_ATTRIBUTES_TUD) != 0;
}

static void claim_quote(struct quote_claims *out, const struct quote *quote)
{
	out->version = quote->header.version;
	out->body = quote->body;
	if (quote->body == QUOTE_BODY_SGX)
		out->report = quote->report;
	else
		out->td_report = quote->td_report;
	memcpy(out->user_data, quote->header.user_data, sizeof(out->user_data));
	out->is_debug = is_debug(quote);
	out->qe_report = quote->qe_report;
	out->attestation_key = quote->attestation_key;
}

static void claim_platform(struct quote_claims *out, const struct verification *v)
{
	out->is_simulation = v->hierarchy->is_simulation;
	out->platform = v->platform;
	out->is_platform_ca =
		bytes_equal(pck_ca(v)->subject.common_name, v->hierarchy->platform_ca);
}

static void claim_tcb(struct quote_claims *out, const struct verification *v)
{
	out->tcb_status = tcb_relaunch(v->launch.status, v->current.status);
	out->current_tcb_status = v->current.status;
	out->platform_level = v->launch.platform;
	out->qe_level = v->qe_level;
	out->has_module_level = v->launch.has_module;
	if (v->launch.has_module)
		out->module_level = v->launch.module;
	out->tcb_date = earlier(v->launch.platform.date, v->qe_level.date);
	if (v->launch.has_module)
		out->tcb_date = earlier(out->tcb_date, v->launch.module.date);
	out->latest_level_date = later(v->tcb_info.latest_date, v->qe_identity.latest_date);
	out->tcb_evaluation_number = v->tcb_info.evaluation_number;
	out->qe_evaluation_number = v->qe_identity.evaluation_number;
	out->advisories = v->advisories;
}

static void claim(struct quote_claims *out, const struct verification *v)
{
	memset(out, 0, sizeof(*out));
	claim_quote(out, &v->quote);
	claim_platform(out, v);
	claim_tcb(out, v);
	out->validity = v->window;
	out->earliest_issue = v->earliest_issue;
	out->latest_issue = v->latest_issue;
	out->known_until = v->known_until;
}

/* The first part that is not valid now is told last: such a refusal says that nothing else is
 * wrong. */
static enum conclave_error run_checks(enum attest_check *failed, struct verification *v)
{
	enum attest_check expired = ATTEST_CHECK_NONE;
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++) {
		*failed = checks[i].check;
		TRY(checks[i].run(v));
		if (expired == ATTEST_CHECK_NONE && !window_holds(&v->window, v->now))
			expired = checks[i].check;
	}
	*failed = expired;
	return expired == ATTEST_CHECK_NONE ? CONCLAVE_OK : CONCLAVE_ERROR_EXPIRED;
}

enum conclave_error quote_verify(struct quote_claims *out, enum attest_check *failed,
	struct memo *memo, struct bytes quote, const struct quote_collateral *collateral,
	const struct attest_roots *roots, int64_t now)
{
	struct memo own = {.count = 0};
	struct verification v = {.encoded = quote,
		.collateral = collateral,
		.roots = roots,
		.memo = memo,
		.chain_memo = memo != NULL ? memo : &own,
		.now = now,
		.window = WINDOW_ALWAYS,
		.earliest_issue = INT64_MAX,
		.latest_issue = INT64_MIN,
		.known_until = INT64_MAX};
	enum attest_check check;
	enum conclave_error error = run_checks(&check, &v);
	if (failed != NULL)
		*failed = check;
	TRY(error);
	claim(out, &v);
	return CONCLAVE_OK;
}
