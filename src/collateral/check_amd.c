/* AMD's items: the chain to a product's root, that root's CRL, the certificate of a chip. */
#include "attest/crl.h"
#include "attest/path.h"
#include "attest/snp_parts.h"
#include "base/check.h"
#include "collateral/check.h"

/* The chain below AMD's root, verified. Certificates point into der. */
struct amd_chain {
	struct x509_certificate intermediate, root;
	uint8_t der[SNP_CHAIN_SIZE_MAX];
};

static enum snp_product product_of(const struct collateral_item *item)
{
	switch (item->family) {
	case COLLATERAL_GENOA: return SNP_GENOA;
	case COLLATERAL_TURIN: return SNP_TURIN;
	case COLLATERAL_INTEL:
	case COLLATERAL_SIMULATION:
	case COLLATERAL_MILAN: break;
	}
	return SNP_MILAN;
}

/* The key is pinned, not the certificate. A root that none trusts has a digest of zeros, which no
 * key has. */
static enum conclave_error check_root(const struct x509_certificate *root,
	const struct snp_roots *roots, enum snp_product product)
{
	struct sha256 digest;
	if (root->key.scheme != X509_RSA4096_PSS_SHA384)
		return CONCLAVE_ERROR_UNTRUSTED;
	sha256(&digest, root->key.rsa4096);
	return bytes_equal(BYTES_OF(digest), BYTES_OF(roots->keys[product]))
		       ? CONCLAVE_OK
		       : CONCLAVE_ERROR_UNTRUSTED;
}

static enum conclave_error check_revocation(
	const struct x509_certificate *intermediate, struct bytes der)
{
	struct crl crl;
	if (der.len == 0)
		return CONCLAVE_OK;
	TRY(crl_read(&crl, der));
	return crl_lists(&crl, intermediate->serial) ? CONCLAVE_ERROR_REVOKED : CONCLAVE_OK;
}

/* ASK or ASVK, and ARK: exactly these. */
static enum conclave_error check_chain(struct amd_chain *out, struct window *window,
	const struct collateral_item *item, struct bytes pem, const struct check_means *means)
{
	enum snp_product product = product_of(item);
	struct snp_evidence found = {0};
	struct writer space = writer_of((struct buffer){out->der, sizeof(out->der)});
	TRY(snp_read_chain(&found, &space, pem));
	if (found.leaf.len != 0)
		return CONCLAVE_ERROR_MISMATCH;
	TRY(x509_read(&out->intermediate, found.intermediate));
	TRY(x509_read(&out->root, found.root));
	TRY(check_root(&out->root, means->snp_roots, product));
	if (!snp_is_root_of(&out->root, product) ||
		!snp_is_intermediate_of(
			&out->intermediate, product, item->variant == COLLATERAL_OTHER))
		return CONCLAVE_ERROR_MISMATCH;
	TRY(x509_verify(&out->root, &out->root));
	TRY(x509_verify(&out->intermediate, &out->root));
	window_narrow(window, out->root.not_before, out->root.not_after);
	window_narrow(window, out->intermediate.not_before, out->intermediate.not_after);
	return check_revocation(&out->intermediate, means->crl);
}

static enum conclave_error check_crl(
	struct check_dates *dates, const struct amd_chain *chain, struct bytes body)
{
	struct crl crl;
	TRY(crl_read(&crl, body));
	TRY(crl_verify(&crl, &chain->root));
	window_narrow(&dates->validity, crl.this_update, crl.next_update);
	dates->issued = crl.this_update;
	return CONCLAVE_OK;
}

/* The chip and the firmware versions are those that were asked for. */
static enum conclave_error check_subject(
	const struct collateral_item *item, const struct snp_leaf *leaf)
{
	size_t chip_size = item->subject_size - COLLATERAL_TCB_SIZE;
	if (leaf->is_vlek || leaf->product != product_of(item) ||
		leaf->tcb != load_u64le(item->subject + chip_size) ||
		!bytes_equal(leaf->hardware_id, bytes_of(item->subject, chip_size)))
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static enum conclave_error check_vcek(struct check_dates *dates, const struct collateral_item *item,
	const struct amd_chain *chain, struct bytes body)
{
	struct x509_certificate path[3] = {[1] = chain->intermediate, [2] = chain->root};
	struct snp_leaf leaf;
	TRY(x509_read(&path[0], body));
	TRY(snp_leaf_read(&leaf, &path[0]));
	TRY(check_subject(item, &leaf));
	TRY(path_verify(&dates->validity, path, ARRAY_COUNT(path), &chain->root.key, NULL));
	dates->issued = path[0].not_before;
	return CONCLAVE_OK;
}

enum conclave_error check_amd_item(struct check_dates *out, const struct collateral_item *item,
	struct bytes chain, struct bytes body, const struct check_means *means)
{
	struct check_dates dates = {.validity = WINDOW_ALWAYS};
	struct amd_chain found;
	bool is_chain = item->kind == COLLATERAL_AMD_CHAIN;
	TRY(check_chain(&found, &dates.validity, item, is_chain ? body : chain, means));
	if (is_chain)
		dates.issued = found.intermediate.not_before;
	else if (item->kind == COLLATERAL_AMD_CRL)
		TRY(check_crl(&dates, &found, body));
	else
		TRY(check_vcek(&dates, item, &found, body));
	*out = dates;
	return CONCLAVE_OK;
}
