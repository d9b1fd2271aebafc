/* What a policy asks of one vendor's platforms alone. */
#include "attest/appraiser.h"
#include "attest/literal.h"
#include "attest/tcb.h"

/* -- Intel's TCB -- */

static struct bytes status_cure(enum attest_tcb_status status)
{
	switch (status) {
	case TCB_NOT_APPLICABLE: return BYTES_LIT("ask for evidence that a platform signed");
	case TCB_SW_HARDENING_NEEDED:
		return BYTES_LIT("if the enclave is built with the mitigations of the advisories, "
				 "accept this status");
	case TCB_CONFIGURATION_NEEDED:
	case TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return BYTES_LIT(
			"the operator must change firmware settings as the advisories say; "
			"or accept this status if you have weighed them");
	case TCB_UP_TO_DATE: return BYTES_LIT("use the policy that is meant for such a platform");
	case TCB_OUT_OF_DATE:
	case TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return BYTES_LIT("the operator must update microcode and firmware and attest anew; "
				 "grace_period gives him time");
	case TCB_REVOKED:
		return BYTES_LIT("nothing: the platform's keys may be known; another machine must "
				 "be used");
	case TCB_TD_RELAUNCH_ADVISED:
	case TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED: break;
	}
	return BYTES_LIT("the operator must launch the TD again, now that the platform is updated");
}

static void say_statuses(struct finding *finding, policy_statuses statuses)
{
	for (int i = TCB_UP_TO_DATE; i <= TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED; i++) {
		if ((statuses & 1u << i) == 0)
			continue;
		ADD(finding->wanted, finding->wanted[0] == '\0' ? BYTES_LIT("") : BYTES_LIT(", "));
		ADD(finding->wanted, tcb_status_text((enum attest_tcb_status)i));
	}
}

/* Counted from the day up to which the platform has everything fixed (Intel's Quote Appraisal
 * Library does so with platform_grace_period). */
static bool is_in_grace(const struct appraiser *a, enum attest_tcb_status status)
{
	return (status == TCB_OUT_OF_DATE || status == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) &&
	       a->platform->has_grace_period &&
	       calendar_subtract(a->now, a->platform->grace_period) <= a->claims->quote.tcb_date;
}

static void check_status(struct appraiser *a)
{
	enum attest_tcb_status status = claims_tcb_status(a->claims);
	policy_statuses accepted = a->claims->mode == ATTEST_RELEASE
					   ? a->platform->statuses
					   : a->platform->insecure_statuses;
	if ((accepted & 1u << status) != 0)
		return;
	bool is_tolerated = is_in_grace(a, status);
	struct finding *finding = appraiser_begin_member(a, !is_tolerated,
		is_tolerated ? BYTES_LIT("grace_period") : BYTES_LIT("tcb_statuses"));
	ADD(finding->seen, tcb_status_text(status));
	if (status != TCB_NOT_APPLICABLE) {
		ADD(finding->seen, BYTES_LIT(", with everything fixed up to "));
		ADD_TIME(finding->seen, a->claims->quote.tcb_date);
	}
	say_statuses(finding, accepted);
	ADD(finding->cure, status_cure(status));
}

/* Whether a policy's list of strings has this one. */
static bool lists(const struct json_view *list, struct bytes wanted)
{
	struct json_view element;
	struct bytes text;
	for (struct reader texts = json_view_elements(list); json_view_next(&element, &texts);)
		if (json_view_text(&text, &element) == CONCLAVE_OK && bytes_equal(text, wanted))
			return true;
	return false;
}

static void check_advisories(struct appraiser *a)
{
	const struct quote_claims *quote = &a->claims->quote;
	struct finding *finding = NULL;
	for (size_t i = 0; i < quote->advisories.count; i++) {
		if (lists(&a->platform->advisories_allowed, quote->advisories.ids[i]))
			continue;
		if (finding == NULL) {
			finding = appraiser_begin_member(a, false, BYTES_LIT("advisories_allowed"));
			ADD(finding->wanted, BYTES_LIT("none, or those that the policy allows"));
			ADD(finding->cure,
				BYTES_LIT("read each at Intel's security center; add to "
					  "advisories_allowed those that the enclave is built to "
					  "withstand"));
		} else {
			ADD(finding->seen, BYTES_LIT(", "));
		}
		ADD(finding->seen, quote->advisories.ids[i]);
	}
}

static void check_evaluation_number(struct appraiser *a)
{
	const struct quote_claims *quote = &a->claims->quote;
	uint32_t least = a->platform->min_tcb_evaluation_number;
	uint32_t seen = quote->tcb_evaluation_number < quote->qe_evaluation_number
				? quote->tcb_evaluation_number
				: quote->qe_evaluation_number;
	if (seen >= least)
		return;
	struct finding *finding =
		appraiser_begin_member(a, true, BYTES_LIT("min_tcb_evaluation_number"));
	ADD_NUMBER(finding->seen, seen);
	ADD(finding->wanted, BYTES_LIT("at least "));
	ADD_NUMBER(finding->wanted, least);
	ADD(finding->cure, BYTES_LIT("fetch newer collateral: this may not know of the latest "
				     "recovery"));
}

void appraiser_check_intel(struct appraiser *a)
{
	check_status(a);
	check_evaluation_number(a);
	check_advisories(a);
}

/* -- AMD's firmware -- */

static const struct bytes min_tcb_names[CLAIMS_SNP_TCB_COUNT] = {
	[CLAIMS_SNP_REPORTED] = LITERAL("min_tcb"),
	[CLAIMS_SNP_COMMITTED] = LITERAL("min_committed_tcb"),
	[CLAIMS_SNP_LAUNCH] = LITERAL("min_launch_tcb"),
};
static const struct bytes component_names[CLAIMS_SNP_COMPONENT_COUNT] = {
	[CLAIMS_SNP_BOOT_LOADER] = LITERAL("boot_loader"),
	[CLAIMS_SNP_TEE] = LITERAL("tee"),
	[CLAIMS_SNP_FIRMWARE] = LITERAL("snp"),
	[CLAIMS_SNP_MICROCODE] = LITERAL("microcode"),
	[CLAIMS_SNP_FMC] = LITERAL("fmc"),
};

static const struct bytes product_names[SNP_PRODUCT_COUNT] = {
	[SNP_MILAN] = LITERAL("Milan"),
	[SNP_GENOA] = LITERAL("Genoa"),
	[SNP_TURIN] = LITERAL("Turin"),
};

static void check_components(
	struct appraiser *a, enum claims_snp_tcb which, const struct policy_snp_tcb *min)
{
	const struct snp_claims *snp = &a->claims->snp;
	for (unsigned i = 0; i < CLAIMS_SNP_COMPONENT_COUNT; i++) {
		uint8_t seen = claims_snp_component(snp, which, (enum claims_snp_component)i);
		if (seen >= min->least[i])
			continue;
		struct finding *finding = appraiser_begin_member(a, true, min_tcb_names[which]);
		ADD(finding->field, BYTES_LIT("."));
		ADD(finding->field, product_names[snp->product]);
		ADD(finding->field, BYTES_LIT("."));
		ADD(finding->field, component_names[i]);
		ADD_NUMBER(finding->seen, seen);
		ADD(finding->wanted, BYTES_LIT("at least "));
		ADD_NUMBER(finding->wanted, min->least[i]);
		ADD(finding->cure, BYTES_LIT("the operator must update the machine's firmware, and "
					     "commit it"));
	}
}

/* Whether the policy asks anything of that TCB. */
static bool check_min_tcb(struct appraiser *a, enum claims_snp_tcb which)
{
	const struct policy_snp_tcb *products = a->policy->snp.min_tcb[which];
	enum snp_product product = a->claims->snp.product;
	bool is_any_named = false;
	for (unsigned i = 0; i < SNP_PRODUCT_COUNT; i++)
		is_any_named |= products[i].is_named;
	if (!is_any_named)
		return false;
	if (products[product].is_named) {
		check_components(a, which, &products[product]);
		return true;
	}
	struct finding *finding = appraiser_begin_member(a, true, min_tcb_names[which]);
	ADD(finding->seen, product_names[product]);
	for (unsigned i = 0; i < SNP_PRODUCT_COUNT; i++)
		if (products[i].is_named) {
			ADD(finding->wanted,
				finding->wanted[0] == '\0' ? BYTES_LIT("") : BYTES_LIT(", "));
			ADD(finding->wanted, product_names[i]);
		}
	ADD(finding->cure, BYTES_LIT("say in the policy what firmware this product must have, if "
				     "you accept it"));
	return true;
}

static void remark(struct appraiser *a, struct bytes member, struct bytes seen, struct bytes wanted,
	struct bytes cure)
{
	struct finding *finding = appraiser_begin_member(a, false, member);
	ADD(finding->seen, seen);
	ADD(finding->wanted, wanted);
	ADD(finding->cure, cure);
}

static void check_signing_key(struct appraiser *a)
{
	const struct snp_claims *snp = &a->claims->snp;
	struct bytes cloud = bytes_of(snp->csp_id, snp->csp_id_size);
	if (!snp->report.is_vlek || lists(&a->policy->snp.vlek_clouds, cloud))
		return;
	struct finding *finding = appraiser_begin_member(a, true, BYTES_LIT("vlek_allowed"));
	ADD(finding->seen, BYTES_LIT("signed by a VLEK, the key of a cloud's whole fleet: "));
	ADD(finding->seen, cloud);
	ADD(finding->wanted,
		BYTES_LIT("a VCEK, the key of one chip, or a VLEK of a cloud that is listed"));
	ADD(finding->cure, BYTES_LIT("name this cloud in vlek_allowed if you trust it to say which "
				     "machines are its own"));
}

static void check_crl(struct appraiser *a)
{
	if (a->claims->snp.has_crl)
		return;
	struct finding *finding =
		appraiser_begin_member(a, a->policy->snp.needs_crl, BYTES_LIT("crl_required"));
	ADD(finding->seen,
		BYTES_LIT("no CRL: whether AMD revoked the certificates was not checked"));
	ADD(finding->wanted, BYTES_LIT("AMD's CRL of this product"));
	ADD(finding->cure, BYTES_LIT("give the CRL with the evidence"));
}

void appraiser_check_snp(struct appraiser *a)
{
	const struct snp_claims *snp = &a->claims->snp;
	if (!check_min_tcb(a, CLAIMS_SNP_REPORTED))
		remark(a, min_tcb_names[CLAIMS_SNP_REPORTED],
			BYTES_LIT("nothing says whether the firmware is current: AMD publishes no "
				  "verdict"),
			BYTES_LIT("a minimum in the policy"),
			BYTES_LIT("take the versions from AMD's latest security bulletin"));
	(void)check_min_tcb(a, CLAIMS_SNP_COMMITTED);
	(void)check_min_tcb(a, CLAIMS_SNP_LAUNCH);
	if (claims_snp_is_behind(snp, CLAIMS_SNP_REPORTED) ||
		claims_snp_is_behind(snp, CLAIMS_SNP_COMMITTED))
		remark(a, BYTES_LIT("firmware"),
			BYTES_LIT("newer firmware runs than is reported or committed: the operator "
				  "can go back to the older"),
			BYTES_LIT("current, committed and reported firmware alike"),
			BYTES_LIT("the operator must commit the firmware that runs"));
	check_signing_key(a);
	check_crl(a);
}

/* -- Amazon's registers -- */

static bool names_claim(const struct appraiser *a, struct policy_rules identity, enum claim claim)
{
	for (size_t i = identity.first; i < identity.first + identity.count; i++)
		if (a->policy->rules[i].claim == claim)
			return true;
	return false;
}

/* Whoever can extend further registers can say with them what nobody asked. */
void appraiser_check_nitro(struct appraiser *a)
{
	if (a->identity == APPRAISER_NONE_MATCHED)
		return;
	for (unsigned i = 0; i < NITRO_PCR_COUNT; i++) {
		enum claim claim = (enum claim)(CLAIM_PCR0 + i);
		if (a->claims->nitro.pcrs[i].len == 0 || (a->policy->pcrs_allowed >> i & 1) != 0 ||
			names_claim(a, a->platform->identities[a->identity], claim))
			continue;
		struct finding *finding =
			appraiser_begin_member(a, true, BYTES_LIT("pcrs_allowed"));
		ADD(finding->seen, BYTES_LIT("pcr"));
		ADD_NUMBER(finding->seen, i);
		ADD(finding->seen, BYTES_LIT(" = "));
		ADD_HEX(finding->seen, a->claims->nitro.pcrs[i]);
		ADD(finding->wanted, BYTES_LIT("only registers that the policy names or allows"));
		ADD(finding->cure, BYTES_LIT("name its value in accept, or its index in "
					     "pcrs_allowed"));
	}
}
