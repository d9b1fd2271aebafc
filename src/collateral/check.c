#include "collateral/check.h"

#include "attest/chain.h"
#include "attest/crl.h"
#include "attest/qe_identity.h"
#include "attest/tcb.h"
#include "base/check.h"

/* One check: the item, and what is found out about it. */
struct examination {
	const struct collateral_item *item;
	const struct check_means *means;
	struct chain chain;
	struct window window;
	int64_t issued;
};

static const struct hierarchy *hierarchy_of(const struct collateral_item *item)
{
	return item->family == COLLATERAL_SIMULATION ? &hierarchy_simulation : &hierarchy_intel;
}

/* Keys are pinned, not certificates: Intel has issued three roots with one key. */
static enum conclave_error check_root(const struct examination *x)
{
	const struct attest_roots *roots = x->means->roots;
	const struct p256_public *trusted =
		x->item->family == COLLATERAL_SIMULATION ? roots->simulation : roots->dcap;
	struct x509_key wanted = {.scheme = X509_P256_SHA256};
	if (trusted == NULL)
		return CONCLAVE_ERROR_UNTRUSTED;
	wanted.p256 = *trusted;
	return x509_key_equal(&chain_root(&x->chain)->key, &wanted) ? CONCLAVE_OK
								    : CONCLAVE_ERROR_UNTRUSTED;
}

/* Every certificate below the root was issued by it: chains of items have two. */
static enum conclave_error check_revocation(const struct examination *x)
{
	struct crl crl;
	if (x->means->crl.len == 0)
		return CONCLAVE_OK;
	TRY(crl_read(&crl, x->means->crl));
	return crl_lists(&crl, x->chain.certificates[0].serial) ? CONCLAVE_ERROR_REVOKED
								: CONCLAVE_OK;
}

static enum conclave_error check_chain(
	struct examination *x, struct bytes chain, enum chain_kind kind)
{
	TRY(chain_read(&x->chain, chain, 2));
	TRY(check_root(x));
	TRY(chain_verify(&x->window, &x->chain, kind, hierarchy_of(x->item), NULL));
	return check_revocation(x);
}

static enum conclave_error check_crl(
	struct examination *x, struct bytes body, const struct x509_certificate *issuer)
{
	struct crl crl;
	TRY(crl_read(&crl, body));
	TRY(crl_verify(&crl, issuer));
	window_narrow(&x->window, crl.this_update, crl.next_update);
	x->issued = crl.this_update;
	return CONCLAVE_OK;
}

static enum conclave_error check_pck_crl(
	struct examination *x, struct bytes chain, struct bytes body)
{
	const struct hierarchy *hierarchy = hierarchy_of(x->item);
	const struct bytes *name = x->item->variant == COLLATERAL_OTHER ? &hierarchy->platform_ca
									: &hierarchy->processor_ca;
	TRY(check_chain(x, chain, CHAIN_PCK_CA));
	if (!bytes_equal(x->chain.certificates[0].subject.common_name, *name))
		return CONCLAVE_ERROR_MISMATCH;
	return check_crl(x, body, &x->chain.certificates[0]);
}

static enum conclave_error check_root_crl(
	struct examination *x, struct bytes chain, struct bytes body)
{
	TRY(check_chain(x, chain, CHAIN_PCK_CA));
	return check_crl(x, body, chain_root(&x->chain));
}

/* {"NAME":{…},"signature":"…"} under the TCB signing certificate. */
static enum conclave_error check_signed_json(struct tcb_signed *out, struct examination *x,
	struct bytes chain, struct bytes body, struct bytes name)
{
	TRY(check_chain(x, chain, CHAIN_TCB_SIGNING));
	TRY(tcb_signed_read(out, body, name));
	/* chain_verify has seen to it that it is a key of P-256. */
	return p256_verify(&x->chain.certificates[0].key.p256, out->object.text, &out->signature);
}

static enum quote_tee tee_of(const struct collateral_item *item)
{
	return item->variant == COLLATERAL_OTHER ? QUOTE_TEE_TDX : QUOTE_TEE_SGX;
}

static enum conclave_error check_tcb_info(
	struct examination *x, struct bytes chain, struct bytes body)
{
	struct tcb_signed signed_info;
	struct tcb_info info;
	TRY(check_signed_json(&signed_info, x, chain, body, BYTES_LIT("tcbInfo")));
	TRY(tcb_info_read(&info, &signed_info.object, tee_of(x->item)));
	if (memcmp(info.fmspc, x->item->subject, sizeof(info.fmspc)) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	window_narrow(&x->window, info.issue_date, info.next_update);
	x->issued = info.issue_date;
	return CONCLAVE_OK;
}

static enum conclave_error check_qe_identity(
	struct examination *x, struct bytes chain, struct bytes body)
{
	struct tcb_signed signed_identity;
	struct qe_identity identity;
	TRY(check_signed_json(&signed_identity, x, chain, body, BYTES_LIT("enclaveIdentity")));
	TRY(qe_identity_read(&identity, &signed_identity.object, tee_of(x->item)));
	window_narrow(&x->window, identity.issue_date, identity.next_update);
	x->issued = identity.issue_date;
	return CONCLAVE_OK;
}

static enum conclave_error examine(struct examination *x, struct bytes chain, struct bytes body)
{
	switch (x->item->kind) {
	case COLLATERAL_PCK_CRL: return check_pck_crl(x, chain, body);
	case COLLATERAL_ROOT_CRL: return check_root_crl(x, chain, body);
	case COLLATERAL_TCB_INFO: return check_tcb_info(x, chain, body);
	case COLLATERAL_QE_IDENTITY: return check_qe_identity(x, chain, body);
	case COLLATERAL_AMD_CHAIN:
	case COLLATERAL_AMD_CRL:
	case COLLATERAL_VCEK: break;
	}
	return CONCLAVE_ERROR_UNSUPPORTED;
}

enum conclave_error check_item(struct check_dates *out, const struct collateral_item *item,
	struct bytes chain, struct bytes body, const struct check_means *means)
{
	struct examination x = {.item = item, .means = means, .window = WINDOW_ALWAYS};
	if (body.len > item_size_max(item))
		return CONCLAVE_ERROR_LIMIT;
	if (item_is_amd(item))
		return check_amd_item(out, item, chain, body, means);
	TRY(examine(&x, chain, body));
	*out = (struct check_dates){x.issued, x.window};
	return CONCLAVE_OK;
}
