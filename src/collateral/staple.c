#include <stdlib.h>

#include "attest/instance_info.h"
#include "base/check.h"
#include "base/report.h"
#include "collateral/collateral.h"
#include "collateral/encoding.h"

/* CRLs as R3 writes them: PEM, version 3 of Intel's structure. */
#define VERSION "3"

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* PEM is 4/3 of DER and its line ends. */
#define CRL_PEM_SIZE (2 * ENCODING_DER_SIZE_MAX)

static enum conclave_error write_pem(struct bytes *out, struct writer *space, struct bytes der)
{
	size_t start = space->len;
	TRY(encoding_write_pem(space, "X509 CRL", der));
	*out = bytes_slice(writer_bytes(space), start, space->len - start);
	return CONCLAVE_OK;
}

static enum conclave_error write_dcap(
	struct writer *out, struct bytes quote, const struct quote_collateral *parts)
{
	CLEANUP(free_bytes) uint8_t *crls = malloc(2 * CRL_PEM_SIZE);
	if (crls == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer space = writer_of((struct buffer){crls, 2 * CRL_PEM_SIZE});
	struct dcap_evidence evidence = {
		.quote = quote,
		.version = BYTES_LIT(VERSION),
		.pck_crl_issuer_chain = parts->pck_crl_issuer_chain,
		.tcb_info_issuer_chain = parts->tcb_info_issuer_chain,
		.tcb_info = parts->tcb_info,
		.qe_identity_issuer_chain = parts->qe_identity_issuer_chain,
		.qe_identity = parts->qe_identity,
	};
	TRY(write_pem(&evidence.root_ca_crl, &space, parts->root_ca_crl));
	TRY(write_pem(&evidence.pck_crl, &space, parts->pck_crl));
	dcap_evidence_write(out, &evidence);
	return writer_end(out);
}

/* The PCK chain is the quote's own, by which the rest was found. */
static enum conclave_error staple_quote(struct writer *out, struct collateral *collateral,
	const struct instance_info *info, int64_t now, struct conclave_report *report)
{
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	bool is_dcap = info->type == INSTANCE_INFO_DCAP;
	struct bytes quote = is_dcap ? info->dcap.quote : info->quoted.quote;
	TRY(collateral_of_quote(&found, collateral, quote, now, report));
	if (is_dcap)
		return write_dcap(out, quote, &found.parts);
	const struct quote_evidence evidence = {.quote = quote, .collateral = found.parts};
	quote_evidence_write(out, &evidence);
	return writer_end(out);
}

/* A VLEK came with the report: nobody serves it. */
static enum conclave_error staple_report(struct writer *out, struct collateral *collateral,
	const struct instance_info *info, const enum snp_product *product, int64_t now,
	struct conclave_report *report)
{
	CLEANUP(collateral_report_free) struct collateral_report found = {0};
	uint8_t chain[SNP_CHAIN_SIZE_MAX];
	struct writer space = writer_of((struct buffer){chain, sizeof(chain)});
	struct snp_evidence evidence = {0};
	TRY(collateral_of_report(&found, collateral, info->snp.report, product, now, report));
	TRY(snp_read_chain(&evidence, &space, found.chain.body));
	evidence.report = info->snp.report;
	evidence.leaf = found.vcek.body.len > 0 ? found.vcek.body : info->snp.leaf;
	evidence.crl = found.crl.body;
	snp_evidence_write(out, &evidence);
	return writer_end(out);
}

static enum conclave_error staple(struct writer *out, struct collateral *collateral,
	const struct instance_info *info, const enum snp_product *product, int64_t now,
	struct conclave_report *report)
{
	switch (info->type) {
	case INSTANCE_INFO_DCAP:
	case INSTANCE_INFO_QUOTE: return staple_quote(out, collateral, info, now, report);
	case INSTANCE_INFO_SNP: return staple_report(out, collateral, info, product, now, report);
	case INSTANCE_INFO_EPID:
	case INSTANCE_INFO_MOCK:
	case INSTANCE_INFO_NITRO: break;
	}
	report_fill(
		report, "this attestation has no quote and no report, so nothing belongs to it");
	return CONCLAVE_ERROR_VERSION;
}

enum conclave_error collateral_staple(struct writer *out, struct collateral *collateral,
	struct bytes instance_info, const enum snp_product *product, int64_t now,
	struct conclave_report *report)
{
	struct instance_info info;
	TRY(instance_info_read(&info, instance_info));
	CLEANUP(free_bytes) uint8_t *space = malloc(INSTANCE_INFO_SIZE_MAX);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer attestation = writer_of((struct buffer){space, INSTANCE_INFO_SIZE_MAX});
	TRY(staple(&attestation, collateral, &info, product, now, report));
	TRY(instance_info_write(out, &info.signing_key, &info.encryption_key, info.type,
		writer_bytes(&attestation)));
	instance_info_write_nonce(out, info.nonce);
	return writer_end(out);
}
