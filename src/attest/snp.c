/* The verifier of SEV-SNP reports: a table of checks. Everything that arrives is hostile until its
 * check has passed. */
#include "attest/snp.h"

#include "attest/path.h"
#include "attest/snp_parts.h"
#include "base/check.h"

/* What the checks have found out so far. */
struct verification {
	const struct snp_evidence *evidence;
	const struct snp_roots *roots;
	struct memo *memo;
	int64_t now;

	struct snp_parts parts;
	struct x509_certificate path[3]; /* leaf, intermediate, root */
	struct snp_leaf leaf;
	enum snp_product product; /* the root's */
	struct crl crl;
	bool has_crl;
	struct window window;
};

static enum conclave_error read_report(struct verification *v)
{
	if (v->evidence->report.len == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	return snp_parts_read(&v->parts, v->evidence->report);
}

static enum conclave_error read_certificate(struct x509_certificate *out, struct bytes der)
{
	return der.len == 0 ? CONCLAVE_ERROR_NOT_FOUND : x509_read(out, der);
}

static enum conclave_error read_leaf(struct verification *v)
{
	TRY(read_certificate(&v->path[0], v->evidence->leaf));
	return snp_leaf_read(&v->leaf, &v->path[0]);
}

static enum conclave_error read_intermediate(struct verification *v)
{
	return read_certificate(&v->path[1], v->evidence->intermediate);
}

/* The key is pinned, not the certificate, and it says which product this is about. */
static enum conclave_error find_root(struct verification *v)
{
	struct sha256 digest;
	TRY(read_certificate(&v->path[2], v->evidence->root));
	if (v->path[2].key.scheme != X509_RSA4096_PSS_SHA384)
		return CONCLAVE_ERROR_UNTRUSTED;
	sha256(&digest, v->path[2].key.rsa4096);
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		if (bytes_equal(BYTES_OF(digest), BYTES_OF(v->roots->keys[i]))) {
			v->product = (enum snp_product)i;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_UNTRUSTED;
}

static enum conclave_error verify_chain(struct verification *v)
{
	if (!snp_is_root_of(&v->path[2], v->product) ||
		!snp_is_intermediate_of(&v->path[1], v->product, v->leaf.is_vlek))
		return CONCLAVE_ERROR_MISMATCH;
	return path_verify(&v->window, v->path, ARRAY_COUNT(v->path), &v->path[2].key, v->memo);
}

static enum conclave_error read_crl(struct verification *v)
{
	v->has_crl = v->evidence->crl.len != 0;
	if (!v->has_crl)
		return CONCLAVE_OK;
	TRY(crl_read(&v->crl, v->evidence->crl));
	TRY(memo_crl_verify(v->memo, &v->crl, &v->path[2]));
	window_narrow(&v->window, v->crl.this_update, v->crl.next_update);
	return CONCLAVE_OK;
}

static enum conclave_error check_revocation(struct verification *v)
{
	if (v->has_crl && crl_lists(&v->crl, v->path[1].serial))
		return CONCLAVE_ERROR_REVOKED;
	return CONCLAVE_OK;
}

static enum conclave_error check_signing_key(struct verification *v)
{
	return v->parts.report.is_vlek == v->leaf.is_vlek ? CONCLAVE_OK : CONCLAVE_ERROR_MISMATCH;
}

static enum conclave_error check_product(struct verification *v)
{
	if (v->leaf.product != v->product)
		return CONCLAVE_ERROR_MISMATCH;
	return snp_parts_lay_out(&v->parts.report, v->product);
}

/* The signing key is derived from these very firmware versions. */
static enum conclave_error check_tcb(struct verification *v)
{
	return v->leaf.tcb == v->parts.report.reported_tcb.raw ? CONCLAVE_OK
							       : CONCLAVE_ERROR_MISMATCH;
}

/* A platform may keep its chip's number to itself; then the VCEK alone says which it is. */
static enum conclave_error check_chip_id(struct verification *v)
{
	const struct snp_report *report = &v->parts.report;
	uint8_t wanted[SNP_HARDWARE_ID_SIZE] = {0};
	if (v->leaf.is_vlek || report->is_chip_id_masked)
		return CONCLAVE_OK;
	memcpy(wanted, v->leaf.hardware_id.ptr, v->leaf.hardware_id.len);
	return bytes_equal(BYTES_OF(report->chip_id), BYTES_OF(wanted)) ? CONCLAVE_OK
									: CONCLAVE_ERROR_MISMATCH;
}

static enum conclave_error verify_signature(struct verification *v)
{
	return p384_verify(&v->path[0].key.p384, v->parts.signed_part, &v->parts.signature);
}

static const struct {
	enum snp_check check;
	enum conclave_error (*run)(struct verification *);
} checks[] = {
	{SNP_CHECK_REPORT, read_report},
	{SNP_CHECK_LEAF, read_leaf},
	{SNP_CHECK_INTERMEDIATE, read_intermediate},
	{SNP_CHECK_ROOT, find_root},
	{SNP_CHECK_CHAIN, verify_chain},
	{SNP_CHECK_CRL, read_crl},
	{SNP_CHECK_REVOCATION, check_revocation},
	{SNP_CHECK_SIGNING_KEY, check_signing_key},
	{SNP_CHECK_PRODUCT, check_product},
	{SNP_CHECK_TCB, check_tcb},
	{SNP_CHECK_CHIP_ID, check_chip_id},
	{SNP_CHECK_SIGNATURE, verify_signature},
};

static void claim(struct snp_claims *out, const struct verification *v)
{
	struct snp_claims claims = {
		.report = v->parts.report,
		.product = v->product,
		.csp_id_size = v->leaf.csp_id.len,
		.has_crl = v->has_crl,
		.crl_this_update = v->crl.this_update,
		.crl_next_update = v->crl.next_update,
		.validity = v->window,
	};
	if (v->leaf.is_vlek)
		memcpy(claims.csp_id, v->leaf.csp_id.ptr, v->leaf.csp_id.len);
	else
		memcpy(claims.hardware_id, v->leaf.hardware_id.ptr, v->leaf.hardware_id.len);
	*out = claims;
}

/* The first part that is not valid now is told last: such a refusal says that nothing else is
 * wrong. */
static enum conclave_error run_checks(enum snp_check *failed, struct verification *v)
{
	enum snp_check expired = SNP_CHECK_NONE;
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++) {
		*failed = checks[i].check;
		TRY(checks[i].run(v));
		if (expired == SNP_CHECK_NONE && !window_holds(&v->window, v->now))
			expired = checks[i].check;
	}
	*failed = expired;
	return expired == SNP_CHECK_NONE ? CONCLAVE_OK : CONCLAVE_ERROR_EXPIRED;
}

enum conclave_error snp_verify(struct snp_claims *out, enum snp_check *failed, struct memo *memo,
	const struct snp_evidence *evidence, const struct snp_roots *roots, int64_t now)
{
	struct verification v = {.evidence = evidence,
		.roots = roots != NULL ? roots : &snp_default_roots,
		.memo = memo,
		.now = now,
		.window = WINDOW_ALWAYS};
	enum snp_check check;
	enum conclave_error error = run_checks(&check, &v);
	if (failed != NULL)
		*failed = check;
	TRY(error);
	claim(out, &v);
	return CONCLAVE_OK;
}

const char *snp_check_text(enum snp_check check)
{
	switch (check) {
	case SNP_CHECK_NONE: return "nothing";
	case SNP_CHECK_REPORT: return "the form of the report";
	case SNP_CHECK_LEAF: return "the VCEK or VLEK certificate";
	case SNP_CHECK_INTERMEDIATE: return "the ASK or ASVK certificate";
	case SNP_CHECK_ROOT: return "the root (ARK) of the certificate chain";
	case SNP_CHECK_CHAIN: return "the certificate chain";
	case SNP_CHECK_CRL: return "the CRL";
	case SNP_CHECK_REVOCATION: return "the revocation of the ASK or ASVK";
	case SNP_CHECK_SIGNING_KEY: return "the kind of key that signed the report";
	case SNP_CHECK_PRODUCT: return "the product that the report is from";
	case SNP_CHECK_TCB: return "the firmware versions that the certificate is for";
	case SNP_CHECK_CHIP_ID: return "the chip that the certificate is for";
	case SNP_CHECK_SIGNATURE: return "the signature of the report";
	}
	return "an unknown check";
}
