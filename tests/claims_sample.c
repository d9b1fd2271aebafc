#include "claims_sample.h"

static const uint8_t a64[64] = {0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3,
	0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2,
	0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1,
	0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4,
	0xa1, 0xb2, 0xc3, 0xd4, 0xa1, 0xb2, 0xc3, 0xd4};
static const uint8_t zeros[64];

#define SET(field) memcpy(field, a64, sizeof(field))

static void sample_quote(struct quote_claims *out, enum quote_body body)
{
	*out = (struct quote_claims){
		.version = 4,
		.body = body,
		.platform = {.has_smt = PCK_YES, .is_dynamic = PCK_NO},
		.tcb_status = TCB_UP_TO_DATE,
		.current_tcb_status = TCB_UP_TO_DATE,
		.tcb_date = SAMPLE_NOW - 60 * SAMPLE_DAY,
		.latest_level_date = SAMPLE_NOW - 60 * SAMPLE_DAY,
		.tcb_evaluation_number = 18,
		.qe_evaluation_number = 17,
		.advisories = {{BYTES_LIT("INTEL-SA-00615")}, 1},
		.validity = {SAMPLE_NOW - 10 * SAMPLE_DAY, SAMPLE_NOW + 20 * SAMPLE_DAY},
		.latest_issue = SAMPLE_NOW - 10 * SAMPLE_DAY,
		.known_until = SAMPLE_NOW - 10 * SAMPLE_DAY,
	};
}

void claims_sample_sgx(struct claims *out)
{
	struct quote_claims quote;
	sample_quote(&quote, QUOTE_BODY_SGX);
	SET(quote.report.mrenclave);
	SET(quote.report.mrsigner);
	SET(quote.report.reportdata);
	quote.report.isvprodid = 7;
	quote.report.isvsvn = 5;
	claims_of_quote(out, &quote);
}

void claims_sample_tdx(struct claims *out)
{
	struct quote_claims quote;
	sample_quote(&quote, QUOTE_BODY_TD10);
	struct tdx_report_body *report = &quote.td_report;
	SET(report->mrtd);
	for (int i = 0; i < 3; i++)
		SET(report->rtmr[i]);
	SET(report->mrseam);
	SET(report->mrconfigid);
	SET(report->mrowner);
	SET(report->mrownerconfig);
	SET(report->reportdata);
	report->tdattributes = TDX_ATTRIBUTE_SEPT_VE_DISABLE;
	report->xfam = 0x602e7;
	claims_of_quote(out, &quote);
}

void claims_sample_snp(struct claims *out)
{
	const struct snp_tcb tcb = {.boot_loader = 10, .tee = 0, .snp = 25, .microcode = 84};
	struct snp_claims snp = {.report = {.version = 3,
					 .guest_svn = 3,
					 .policy = {.raw = 0x30000, .allows_smt = true},
					 .platform = {.raw = 0x25, .has_smt = true},
					 .current_tcb = tcb,
					 .reported_tcb = tcb,
					 .committed_tcb = tcb,
					 .launch_tcb = tcb},
		.product = SNP_GENOA,
		.has_crl = true,
		.crl_this_update = SAMPLE_NOW - 11 * SAMPLE_DAY,
		.validity = {SAMPLE_NOW - 10 * SAMPLE_DAY, SAMPLE_NOW + 20 * SAMPLE_DAY}};
	SET(snp.report.measurement);
	SET(snp.report.id_key_digest);
	SET(snp.report.family_id);
	SET(snp.report.image_id);
	SET(snp.report.report_data);
	claims_of_snp(out, &snp);
}

void claims_sample_nitro(struct claims *out)
{
	const struct bytes a48 = {a64, 48};
	struct nitro_claims nitro = {
		.timestamp_ms = (SAMPLE_NOW - 3600) * 1000,
		.pcrs = {a48, a48, a48, {zeros, 48}, a48, [16] = a48},
		.public_key = {a64, 64},
		.user_data = {a64, 16},
		.nonce = {a64, 20},
		.validity = {SAMPLE_NOW - 7200, SAMPLE_NOW + 3600},
	};
	claims_of_nitro(out, &nitro);
}
