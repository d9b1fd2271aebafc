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

static enum conclave_error write_evidence(
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

enum conclave_error collateral_staple(struct writer *out, struct collateral *collateral,
	struct bytes instance_info, int64_t now, struct conclave_report *report)
{
	struct instance_info info;
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	TRY(instance_info_read(&info, instance_info));
	if (info.type != INSTANCE_INFO_DCAP) {
		report_fill(report, "this attestation has no quote, so nothing belongs to it");
		return CONCLAVE_ERROR_VERSION;
	}
	TRY(collateral_of_quote(&found, collateral, info.dcap.quote, now, report));
	CLEANUP(free_bytes) uint8_t *space = malloc(INSTANCE_INFO_SIZE_MAX);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer attestation = writer_of((struct buffer){space, INSTANCE_INFO_SIZE_MAX});
	TRY(write_evidence(&attestation, info.dcap.quote, &found.parts));
	TRY(instance_info_write(out, &info.signing_key, &info.encryption_key, INSTANCE_INFO_DCAP,
		writer_bytes(&attestation)));
	instance_info_write_nonce(out, info.nonce);
	return writer_end(out);
}
