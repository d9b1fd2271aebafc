#include "attest/claims.h"

#include "base/check.h"

static enum attest_mode mode_of(bool is_simulation, bool is_debug)
{
	if (is_simulation)
		return ATTEST_SIMULATION;
	return is_debug ? ATTEST_DEBUG : ATTEST_RELEASE;
}

void claims_of_quote(struct claims *out, const struct quote_claims *quote)
{
	*out = (struct claims){
		.platform = quote->body == QUOTE_BODY_SGX ? CLAIMS_SGX : CLAIMS_TDX,
		.mode = mode_of(quote->is_simulation, quote->is_debug),
		.is_signed = true,
		.quote = *quote,
		.has_date = true,
		.date = quote->validity.from > quote->latest_level_date ? quote->validity.from
									: quote->latest_level_date,
		.known_until = quote->known_until,
		.validity = quote->validity,
	};
}

void claims_of_snp(struct claims *out, const struct snp_claims *snp)
{
	*out = (struct claims){
		.platform = CLAIMS_SNP,
		.mode = mode_of(false, snp->report.policy.allows_debug),
		.is_signed = true,
		.snp = *snp,
		.validity = snp->validity,
	};
}

void claims_of_nitro(struct claims *out, const struct nitro_claims *nitro)
{
	*out = (struct claims){
		.platform = CLAIMS_NITRO,
		.mode = mode_of(false, nitro->is_debug),
		.is_signed = true,
		.nitro = *nitro,
		.has_date = true,
		.date = nitro->timestamp_ms / 1000,
		.known_until = nitro->timestamp_ms / 1000,
		.validity = nitro->validity,
	};
}

void claims_of_mock(struct claims *out, const struct mock_evidence *mock)
{
	*out = (struct claims){
		.platform = CLAIMS_SGX,
		.mode = mock->is_simulation ? ATTEST_SIMULATION : ATTEST_MOCK,
		.quote = {.body = QUOTE_BODY_SGX,
			.report = mock->report,
			.tcb_status = TCB_NOT_APPLICABLE},
		.has_date = true,
		.date = mock->epoch_second,
		.known_until = mock->epoch_second,
		.validity = {INT64_MIN, INT64_MAX},
	};
}

static bool is_intel(const struct claims *claims)
{
	return claims->platform == CLAIMS_SGX || claims->platform == CLAIMS_TDX;
}

enum attest_tcb_status claims_tcb_status(const struct claims *claims)
{
	return is_intel(claims) ? claims->quote.tcb_status : TCB_NOT_APPLICABLE;
}

static const struct snp_tcb *snp_tcb(const struct snp_report *report, enum claims_snp_tcb which)
{
	switch (which) {
	case CLAIMS_SNP_REPORTED: return &report->reported_tcb;
	case CLAIMS_SNP_COMMITTED: return &report->committed_tcb;
	case CLAIMS_SNP_LAUNCH: return &report->launch_tcb;
	case CLAIMS_SNP_CURRENT: break;
	}
	return &report->current_tcb;
}

uint8_t claims_snp_component(const struct snp_claims *snp, enum claims_snp_tcb which,
	enum claims_snp_component component)
{
	const struct snp_tcb *tcb = snp_tcb(&snp->report, which);
	switch (component) {
	case CLAIMS_SNP_BOOT_LOADER: return tcb->boot_loader;
	case CLAIMS_SNP_TEE: return tcb->tee;
	case CLAIMS_SNP_FIRMWARE: return tcb->snp;
	case CLAIMS_SNP_MICROCODE: return tcb->microcode;
	case CLAIMS_SNP_FMC: break;
	}
	return tcb->fmc;
}

bool claims_snp_is_behind(const struct snp_claims *snp, enum claims_snp_tcb which)
{
	for (unsigned i = 0; i < CLAIMS_SNP_COMPONENT_COUNT; i++) {
		enum claims_snp_component component = (enum claims_snp_component)i;
		if (claims_snp_component(snp, which, component) <
			claims_snp_component(snp, CLAIMS_SNP_CURRENT, component))
			return true;
	}
	return false;
}

enum attest_level claims_level(const struct claims *claims)
{
	enum attest_tcb_status status = claims_tcb_status(claims);
	if (claims->mode != ATTEST_RELEASE || status == TCB_REVOKED)
		return ATTEST_INSECURE;
	bool is_current = true;
	if (is_intel(claims))
		is_current = status == TCB_UP_TO_DATE;
	else if (claims->platform == CLAIMS_SNP)
		is_current = !claims_snp_is_behind(&claims->snp, CLAIMS_SNP_REPORTED) &&
			     !claims_snp_is_behind(&claims->snp, CLAIMS_SNP_COMMITTED);
	return is_current ? ATTEST_SECURE : ATTEST_STALE;
}

struct bytes claims_platform_text(enum claims_platform platform)
{
	switch (platform) {
	case CLAIMS_SGX: return BYTES_LIT("sgx");
	case CLAIMS_TDX: return BYTES_LIT("tdx");
	case CLAIMS_SNP: return BYTES_LIT("snp");
	case CLAIMS_NITRO: break;
	}
	return BYTES_LIT("nitro");
}

/* -- single claims -- */

enum kind { BYTES, NUMBER, VIEW };

#define ROW(platform, claim, kind, field)                              \
	{                                                              \
		platform, claim, kind, offsetof(struct claims, field), \
			sizeof((struct claims *)0)->field              \
	}
#define SGX(claim, kind, field) ROW(CLAIMS_SGX, claim, kind, quote.report.field)
#define TDX(claim, kind, field) ROW(CLAIMS_TDX, claim, kind, quote.td_report.field)
#define SNP(claim, kind, field) ROW(CLAIMS_SNP, claim, kind, snp.report.field)
#define NITRO(claim, kind, field) ROW(CLAIMS_NITRO, claim, kind, nitro.field)

static const struct row {
	enum claims_platform platform;
	enum claim claim;
	enum kind kind;
	size_t offset, size;
} rows[] = {
	SGX(CLAIM_REPORT_DATA, BYTES, reportdata),
	SGX(CLAIM_MRENCLAVE, BYTES, mrenclave),
	SGX(CLAIM_MRSIGNER, BYTES, mrsigner),
	SGX(CLAIM_PRODUCT_ID, NUMBER, isvprodid),
	SGX(CLAIM_SVN, NUMBER, isvsvn),
	TDX(CLAIM_REPORT_DATA, BYTES, reportdata),
	TDX(CLAIM_MRTD, BYTES, mrtd),
	TDX(CLAIM_RTMR0, BYTES, rtmr[0]),
	TDX(CLAIM_RTMR1, BYTES, rtmr[1]),
	TDX(CLAIM_RTMR2, BYTES, rtmr[2]),
	TDX(CLAIM_RTMR3, BYTES, rtmr[3]),
	TDX(CLAIM_MRSEAM, BYTES, mrseam),
	TDX(CLAIM_MRSIGNERSEAM, BYTES, mrsignerseam),
	TDX(CLAIM_MRCONFIGID, BYTES, mrconfigid),
	TDX(CLAIM_MROWNER, BYTES, mrowner),
	TDX(CLAIM_MROWNERCONFIG, BYTES, mrownerconfig),
	TDX(CLAIM_MRSERVICETD, BYTES, mrservicetd),
	TDX(CLAIM_TD_ATTRIBUTES, NUMBER, tdattributes),
	TDX(CLAIM_XFAM, NUMBER, xfam),
	SNP(CLAIM_REPORT_DATA, BYTES, report_data),
	SNP(CLAIM_MEASUREMENT, BYTES, measurement),
	SNP(CLAIM_HOST_DATA, BYTES, host_data),
	SNP(CLAIM_ID_KEY_DIGEST, BYTES, id_key_digest),
	SNP(CLAIM_AUTHOR_KEY_DIGEST, BYTES, author_key_digest),
	SNP(CLAIM_FAMILY_ID, BYTES, family_id),
	SNP(CLAIM_IMAGE_ID, BYTES, image_id),
	SNP(CLAIM_GUEST_SVN, NUMBER, guest_svn),
	SNP(CLAIM_VMPL, NUMBER, vmpl),
	SNP(CLAIM_GUEST_POLICY, NUMBER, policy.raw),
	SNP(CLAIM_PLATFORM_INFO, NUMBER, platform.raw),
	NITRO(CLAIM_USER_DATA, VIEW, user_data),
	NITRO(CLAIM_PUBLIC_KEY, VIEW, public_key),
};

/* Fields that are in the structure although the evidence did not have them. */
static bool is_absent(const struct claims *claims, enum claim claim)
{
	if (claim == CLAIM_MRSERVICETD)
		return claims->quote.body != QUOTE_BODY_TD15;
	if (claim == CLAIM_AUTHOR_KEY_DIGEST)
		return !claims->snp.report.has_author_key;
	return false;
}

static void read_row(struct claim_value *out, const struct claims *claims, const struct row *row)
{
	const uint8_t *field = (const uint8_t *)claims + row->offset;
	*out = (struct claim_value){.known = row->kind == NUMBER ? UINT64_MAX : 0};
	switch (row->kind) {
	case BYTES: out->bytes = bytes_of(field, row->size); return;
	case NUMBER: memcpy(&out->number, field, row->size); return; /* x86: little-endian */
	case VIEW: memcpy(&out->bytes, field, sizeof(out->bytes)); return;
	}
}

static void read_pck_configuration(struct claim_value *out, const struct pck_platform *platform)
{
	const struct {
		enum pck_answer answer;
		uint64_t bit;
	} answers[] = {{platform->is_dynamic, CLAIMS_PCK_DYNAMIC},
		{platform->has_cached_keys, CLAIMS_PCK_CACHED_KEYS},
		{platform->has_smt, CLAIMS_PCK_SMT}};
	*out = (struct claim_value){.known = 0};
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		out->known |= answers[i].answer != PCK_UNKNOWN ? answers[i].bit : 0;
		out->number |= answers[i].answer == PCK_YES ? answers[i].bit : 0;
	}
}

static bool read_pcr(struct claim_value *out, const struct nitro_claims *nitro, size_t index)
{
	if (index >= NITRO_PCR_COUNT || nitro->pcrs[index].len == 0)
		return false;
	*out = (struct claim_value){.bytes = nitro->pcrs[index]};
	return true;
}

bool claims_value(struct claim_value *out, const struct claims *claims, enum claim claim)
{
	if (claims->platform == CLAIMS_NITRO && claim >= CLAIM_PCR0)
		return read_pcr(out, &claims->nitro, claim - CLAIM_PCR0);
	if (is_intel(claims) && claim == CLAIM_PCK_CONFIGURATION) {
		read_pck_configuration(out, &claims->quote.platform);
		return true;
	}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].platform == claims->platform && rows[i].claim == claim) {
			if (is_absent(claims, claim))
				return false;
			read_row(out, claims, &rows[i]);
			return out->known != 0 || out->bytes.ptr != NULL;
		}
	return false;
}
