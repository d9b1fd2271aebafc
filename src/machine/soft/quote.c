#include "machine/soft/quote.h"

#include "attest/instance_info.h"
#include "attest/quote.h"
#include "base/check.h"
#include "machine/soft/rehearsal.h"

#define QE_ISVPRODID 1
#define QE_ISVSVN 1
#define QE_SVN 1   /* in the quote's header: as ISVSVN */
#define PCE_SVN 13 /* as the simulation's TCB info has it */

static struct sgx_attributes qe_attributes(void)
{
	return (struct sgx_attributes){
		.flags = SGX_FLAG_INIT | SGX_FLAG_MODE64BIT | SGX_FLAG_PROVISIONKEY,
		.xfrm = SGX_XFRM_LEGACY,
	};
}

void soft_quote_target(struct sgx_targetinfo *out)
{
	*out = (struct sgx_targetinfo){.attributes = qe_attributes()};
	memcpy(out->mrenclave, simulation_qe_mrenclave, sizeof(out->mrenclave));
}

/* The enclave that the target names, as the CPU would know it. */
static struct sgx_secs qe_secs(void)
{
	struct sgx_secs secs = {
		.attributes = qe_attributes(), .isvprodid = QE_ISVPRODID, .isvsvn = QE_ISVSVN};
	memcpy(secs.mrenclave, simulation_qe_mrenclave, sizeof(secs.mrenclave));
	memcpy(secs.mrsigner, simulation_qe_mrsigner, sizeof(secs.mrsigner));
	return secs;
}

static enum conclave_error make_attestation_key(struct buffer out)
{
	CLEANUP(p256_secret_wipe) struct p256_secret secret;
	struct p256_public key;
	ASSERT(out.len == sizeof(secret.bytes));
	TRY(p256_generate(&secret, &key));
	memcpy(out.ptr, secret.bytes, sizeof(secret.bytes));
	return CONCLAVE_OK;
}

static void fill_header(struct quote_header *out)
{
	*out = (struct quote_header){
		.version = 3, .attestation_key_type = 2, .qe_svn = QE_SVN, .pce_svn = PCE_SVN};
	memcpy(out->qe_vendor, quote_intel_vendor, sizeof(out->qe_vendor));
}

/* What the quoting enclave says of itself and of the attestation key. */
static void fill_qe_report(struct quote *quote, const struct sgx_cpu *cpu)
{
	struct sgx_report_body *report = &quote->qe_report;
	*report = (struct sgx_report_body){
		.attributes = qe_attributes(), .isvprodid = QE_ISVPRODID, .isvsvn = QE_ISVSVN};
	memcpy(report->cpusvn, cpu->cpusvn, sizeof(report->cpusvn));
	memcpy(report->mrenclave, simulation_qe_mrenclave, sizeof(report->mrenclave));
	memcpy(report->mrsigner, simulation_qe_mrsigner, sizeof(report->mrsigner));
	quote_qe_report_data(report->reportdata, quote);
}

static enum conclave_error sign_quote(struct quote *quote, const struct p256_secret *attestation)
{
	uint8_t space[QUOTE_SIGNED_SIZE_MAX];
	struct writer part = writer_of((struct buffer){space, sizeof(space)});
	quote_write_signed(&part, quote);
	TRY(p256_sign(&quote->signature, attestation, writer_bytes(&part)));
	return p256_sign(&quote->qe_signature, &simulation_pck_key, BYTES_OF(quote->qe_report));
}

/* The collateral travels with the quote, so that a client needs nothing but its root. */
static void write_evidence(
	struct writer *out, struct bytes quote, const struct simulation_scenario *scenario)
{
	const struct dcap_evidence evidence = {
		.quote = quote,
		.version = BYTES_LIT("3"),
		.pck_crl_issuer_chain = simulation_pck_crl_issuer_chain,
		.root_ca_crl = simulation_root_ca_crl,
		.pck_crl = scenario->pck_crl,
		.tcb_info_issuer_chain = simulation_tcb_signing_chain,
		.tcb_info = scenario->tcb_info,
		.qe_identity_issuer_chain = simulation_tcb_signing_chain,
		.qe_identity = scenario->qe_identity,
	};
	dcap_evidence_write(out, &evidence);
}

enum conclave_error soft_quote(
	struct writer *out, const struct soft_state *state, const struct sgx_report *report)
{
	CLEANUP(p256_secret_wipe) struct p256_secret attestation;
	const struct sgx_secs secs = qe_secs();
	struct quote quote = {.body = QUOTE_BODY_SGX,
		.report = report->body,
		.certification = QUOTE_PCK_CHAIN,
		.pck_chain = simulation_pck_chains[rehearsal_svn(&state->cpu) - 1]};
	const struct simulation_scenario *scenario;
	/* Intel's quoting enclave authenticates these bytes with its key, for no one so far. */
	uint8_t auth[32];
	for (size_t i = 0; i < sizeof(auth); i++)
		auth[i] = (uint8_t)i;
	quote.qe_auth = BYTES_OF(auth);

	TRY(sgx_report_verify(&state->cpu, &secs, report));
	TRY(rehearsal_scenario(&scenario, state, NULL));
	TRY(soft_state_secret((struct buffer){attestation.bytes, sizeof(attestation.bytes)}, state,
		"attestation-key", make_attestation_key, NULL));
	TRY(p256_public_of(&quote.attestation_key, &attestation));
	fill_header(&quote.header);
	fill_qe_report(&quote, &state->cpu);
	TRY(sign_quote(&quote, &attestation));

	uint8_t space[QUOTE_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	quote_write(&writer, &quote);
	TRY(writer_end(&writer));
	write_evidence(out, writer_bytes(&writer), scenario);
	return writer_end(out);
}
