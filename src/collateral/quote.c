/* The collateral of quotes of SGX and TDX. */
#include "attest/chain.h"
#include "base/check.h"
#include "base/report.h"
#include "collateral/gather.h"

/* Whose collateral a quote needs: by its PCK certificate, verified. */
struct platform {
	enum collateral_family family;
	enum collateral_variant ca, tee;
	uint8_t fmspc[COLLATERAL_FMSPC_SIZE];
};

static enum conclave_error find_family(enum collateral_family *out,
	const struct hierarchy **hierarchy, const struct x509_key *root,
	const struct attest_roots *roots)
{
	struct x509_key key = {.scheme = X509_P256_SHA256};
	if (roots->dcap != NULL)
		key.p256 = *roots->dcap;
	*out = COLLATERAL_INTEL;
	*hierarchy = &hierarchy_intel;
	if (roots->dcap != NULL && x509_key_equal(root, &key))
		return CONCLAVE_OK;
	if (roots->simulation == NULL)
		return CONCLAVE_ERROR_UNTRUSTED;
	key.p256 = *roots->simulation;
	*out = COLLATERAL_SIMULATION;
	*hierarchy = &hierarchy_simulation;
	return x509_key_equal(root, &key) ? CONCLAVE_OK : CONCLAVE_ERROR_UNTRUSTED;
}

static enum conclave_error find_platform(
	struct platform *out, struct bytes quoted, const struct attest_roots *roots)
{
	struct quote quote;
	struct chain chain;
	struct pck_platform pck;
	struct window window = WINDOW_ALWAYS;
	struct platform platform;
	const struct hierarchy *hierarchy;
	TRY(quote_read_padded(&quote, quoted));
	if (quote.certification != QUOTE_PCK_CHAIN)
		return CONCLAVE_ERROR_UNSUPPORTED;
	TRY(chain_read(&chain, quote.pck_chain, 3));
	TRY(find_family(&platform.family, &hierarchy, &chain_root(&chain)->key, roots));
	TRY(chain_verify(&window, &chain, CHAIN_PCK, hierarchy, NULL));
	TRY(pck_read(&pck, x509_extension(&chain.certificates[0], BYTES_LIT(PCK_OID))));
	bool is_platform_ca =
		bytes_equal(chain.certificates[1].subject.common_name, hierarchy->platform_ca);
	platform.ca = is_platform_ca ? COLLATERAL_OTHER : COLLATERAL_PLAIN;
	platform.tee = quote.body == QUOTE_BODY_SGX ? COLLATERAL_PLAIN : COLLATERAL_OTHER;
	memcpy(platform.fmspc, pck.fmspc, sizeof(platform.fmspc));
	*out = platform;
	return CONCLAVE_OK;
}

void collateral_quote_free(struct collateral_quote *quote)
{
	cache_entry_free(&quote->pck_crl);
	cache_entry_free(&quote->root_crl);
	cache_entry_free(&quote->tcb_info);
	cache_entry_free(&quote->qe_identity);
}

static void fill_parts(struct collateral_quote *quote)
{
	quote->parts = (struct quote_collateral){
		.pck_crl_issuer_chain = quote->pck_crl.chain,
		.root_ca_crl = quote->root_crl.body,
		.pck_crl = quote->pck_crl.body,
		.tcb_info_issuer_chain = quote->tcb_info.chain,
		.tcb_info = quote->tcb_info.body,
		.qe_identity_issuer_chain = quote->qe_identity.chain,
		.qe_identity = quote->qe_identity.body,
	};
}

static enum conclave_error gather(struct collateral_quote *out, struct collateral *collateral,
	const struct platform *platform, int64_t now, struct conclave_report *report)
{
	enum collateral_family family = platform->family;
	struct wanted wanted[] = {
		{&out->pck_crl, {COLLATERAL_PCK_CRL, family, platform->ca, {0}, 0}},
		{&out->root_crl, {COLLATERAL_ROOT_CRL, family, COLLATERAL_PLAIN, {0}, 0}},
		{&out->tcb_info, {COLLATERAL_TCB_INFO, family, platform->tee, {0}, 0}},
		{&out->qe_identity, {COLLATERAL_QE_IDENTITY, family, platform->tee, {0}, 0}},
	};
	wanted[2].item.subject_size = sizeof(platform->fmspc);
	memcpy(wanted[2].item.subject, platform->fmspc, sizeof(platform->fmspc));
	return gather_all(collateral, wanted, ARRAY_COUNT(wanted), now, report);
}

enum conclave_error collateral_of_quote(struct collateral_quote *out, struct collateral *collateral,
	struct bytes quote, int64_t now, struct conclave_report *report)
{
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	struct platform platform;
	enum conclave_error error = find_platform(&platform, quote, collateral->options.roots);
	if (error != CONCLAVE_OK) {
		report_fill(report, "the quote does not say whose collateral it needs: %s",
			error == CONCLAVE_ERROR_UNSUPPORTED ? "it has no certificate chain"
							    : conclave_error_text(error));
		return error;
	}
	CLEANUP(cache_unlock) int lock = -1;
	gather_lock(&lock, collateral);
	TRY(gather(&found, collateral, &platform, now, report));
	fill_parts(&found);
	*out = found;
	found = (struct collateral_quote){0};
	return CONCLAVE_OK;
}
