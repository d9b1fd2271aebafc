/* What a policy file may say. */
#include "attest/policy_parse.h"
#include "attest/tcb.h"

/* -- for all platforms -- */

static enum conclave_error parse_text(struct parse *parse, const struct place *at)
{
	if (at->value.text.ptr[0] != '"')
		return parse_refuse_value(parse, at, BYTES_LIT("a string"));
	return CONCLAVE_OK;
}

static enum conclave_error parse_version(struct parse *parse, const struct place *at)
{
	if (bytes_equal(at->value.text, BYTES_LIT("1")))
		return CONCLAVE_OK;
	(void)!parse_refuse_value(parse, at, BYTES_LIT("1, the only version there is"));
	return CONCLAVE_ERROR_VERSION;
}

static enum conclave_error parse_flag(struct parse *parse, const struct place *at)
{
	bool is_true = bytes_equal(at->value.text, BYTES_LIT("true"));
	if (!is_true && !bytes_equal(at->value.text, BYTES_LIT("false")))
		return parse_refuse_value(parse, at, BYTES_LIT("true or false"));
	*(bool *)((uint8_t *)parse->out + at->member->offset) = is_true;
	return CONCLAVE_OK;
}

static enum conclave_error parse_skew(struct parse *parse, const struct place *at)
{
	return parse_integer(&parse->out->skew, parse, at);
}

static enum conclave_error parse_max_age(struct parse *parse, const struct place *at)
{
	parse->out->has_max_age = true;
	return parse_period(&parse->out->max_age, parse, at);
}

/* One mode: a policy for rehearsals must never pass for the real thing, nor the reverse. */
static enum conclave_error parse_mode(struct parse *parse, const struct place *at)
{
	uint64_t mode = 0;
	TRY(parse_name(&mode, parse, at));
	parse->out->modes = (uint32_t)mode;
	return CONCLAVE_OK;
}

static enum conclave_error parse_platform(
	struct parse *parse, const struct members *members, const struct place *at)
{
	uint64_t found;
	struct policy_platform *platform = &parse->out->platforms[at->member->offset];
	parse->platform = platform;
	platform->is_named = true;
	platform->statuses = 1u << TCB_UP_TO_DATE;
	TRY(parse_object(&found, parse, members, at));
	/* Of evidence that nobody signed nothing is proven, its status no less than the rest. */
	platform->insecure_statuses = platform->statuses | 1u << TCB_NOT_APPLICABLE;
	if (platform->identity_count == 0)
		return parse_refuse_argument(
			parse, at, BYTES_LIT("no member \"accept\": nothing would be accepted"));
	return CONCLAVE_OK;
}

/* What holds of a platform if its section has no such member. */
static enum conclave_error add_default(struct parse *parse, const struct policy_rule *rule,
	const struct member *member, const struct place *section)
{
	const struct place at = {.above = section, .member = member};
	for (size_t i = 0; i < parse->platform->common_count; i++)
		if (parse->platform->common[i].claim == member->claim)
			return CONCLAVE_OK;
	return parse_add_rule(parse, rule, &at);
}

/* Whatever else the policy says of these bits: another guest, which the host may choose, is to get
 * this one's memory. Whoever wants that requires it. */
static void forbid_migration(struct parse *parse, enum claim claim, uint64_t bit)
{
	struct policy_platform *platform = parse->platform;
	for (size_t i = 0; i < platform->common_count; i++)
		if (platform->common[i].claim == claim)
			platform->common[i].mask |= bit;
}

/* -- Intel's -- */

static bool find_status(enum attest_tcb_status *out, struct bytes text)
{
	for (int i = TCB_UP_TO_DATE; i <= TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED; i++)
		if (bytes_equal(text, tcb_status_text((enum attest_tcb_status)i))) {
			*out = (enum attest_tcb_status)i;
			return true;
		}
	return false;
}

static enum conclave_error parse_status(struct parse *parse, const struct place *at)
{
	enum attest_tcb_status status;
	struct bytes text;
	if (json_view_text(&text, &at->value) != CONCLAVE_OK || !find_status(&status, text))
		return parse_refuse_value(
			parse, at, BYTES_LIT("a TCB status of Intel's, such as \"UpToDate\""));
	if (status == TCB_REVOKED)
		return parse_refuse_argument(parse, at,
			BYTES_LIT("the keys of a revoked platform may be anybody's: no policy can "
				  "accept it"));
	if ((parse->set & BIT(status)) != 0)
		return parse_refuse_format(parse, at, BYTES_LIT("it is there twice"));
	parse->set |= BIT(status);
	return CONCLAVE_OK;
}

static enum conclave_error parse_statuses(struct parse *parse, const struct place *at)
{
	parse->set = 0;
	TRY(parse_array(parse, at, parse_status));
	parse->platform->statuses = (policy_statuses)parse->set;
	return CONCLAVE_OK;
}

/* As Intel writes them: no pattern can be mistaken for one. */
static enum conclave_error parse_advisory(struct parse *parse, const struct place *at)
{
	struct bytes text = {NULL, 0};
	bool good = json_view_text(&text, &at->value) == CONCLAVE_OK && text.len > 0;
	for (size_t i = 0; good && i < text.len; i++) {
		uint8_t c = text.ptr[i];
		good = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
	}
	if (!good)
		return parse_refuse_value(
			parse, at, BYTES_LIT("an advisory like \"INTEL-SA-00615\""));
	return CONCLAVE_OK;
}

static enum conclave_error parse_advisories(struct parse *parse, const struct place *at)
{
	TRY(parse_array(parse, at, parse_advisory));
	parse->platform->advisories_allowed = at->value;
	return CONCLAVE_OK;
}

static enum conclave_error parse_evaluation_number(struct parse *parse, const struct place *at)
{
	return parse_integer(&parse->platform->min_tcb_evaluation_number, parse, at);
}

static enum conclave_error parse_grace_period(struct parse *parse, const struct place *at)
{
	parse->platform->has_grace_period = true;
	return parse_period(&parse->platform->grace_period, parse, at);
}

static const struct policy_name pck_bits[] = {
	{LITERAL("dynamic_platform"), CLAIMS_PCK_DYNAMIC},
	{LITERAL("cached_keys"), CLAIMS_PCK_CACHED_KEYS},
	{LITERAL("smt"), CLAIMS_PCK_SMT},
};
static const struct policy_names pck_names = {pck_bits, ARRAY_COUNT(pck_bits)};

static enum conclave_error parse_sgx_identity(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("mrenclave"), parse_measurement, CLAIM_MRENCLAVE, 32, 0, NULL},
		{LITERAL("mrsigner"), parse_measurement, CLAIM_MRSIGNER, 32, 0, NULL},
		{LITERAL("product_id"), parse_number, CLAIM_PRODUCT_ID, UINT16_MAX, 0, NULL},
		{LITERAL("min_svn"), parse_minimum, CLAIM_SVN, UINT16_MAX, 0, NULL},
	};
	static const struct identity_kind kind = {{table, ARRAY_COUNT(table)},
		{BIT(0), BIT(1) | BIT(2) | BIT(3)}, 2,
		LITERAL("wanted mrenclave; or mrsigner, product_id and min_svn together, since a "
			"signer alone vouches for all it ever signed")};
	return parse_identity(parse, &kind, at);
}

static enum conclave_error parse_tdx_identity(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("mrtd"), parse_measurement, CLAIM_MRTD, 48, 0, NULL},
		{LITERAL("rtmr0"), parse_register, CLAIM_RTMR0, 48, 0, NULL},
		{LITERAL("rtmr1"), parse_register, CLAIM_RTMR1, 48, 0, NULL},
		{LITERAL("rtmr2"), parse_register, CLAIM_RTMR2, 48, 0, NULL},
		{LITERAL("rtmr3"), parse_register, CLAIM_RTMR3, 48, 0, NULL},
		{LITERAL("mrseam"), parse_measurement, CLAIM_MRSEAM, 48, 0, NULL},
		/* Zero is Intel itself. */
		{LITERAL("mrsignerseam"), parse_data, CLAIM_MRSIGNERSEAM, 48, 0, NULL},
		{LITERAL("mrconfigid"), parse_data, CLAIM_MRCONFIGID, 48, 0, NULL},
		{LITERAL("mrowner"), parse_data, CLAIM_MROWNER, 48, 0, NULL},
		{LITERAL("mrownerconfig"), parse_data, CLAIM_MROWNERCONFIG, 48, 0, NULL},
		{LITERAL("mrservicetd"), parse_data, CLAIM_MRSERVICETD, 48, 0, NULL},
	};
	static const struct identity_kind kind = {{table, ARRAY_COUNT(table)}, {BIT(0)}, 1,
		LITERAL("wanted mrtd, and those of the rtmr values that say what it booted")};
	return parse_identity(parse, &kind, at);
}

static enum conclave_error parse_intel_accept(struct parse *parse, const struct place *at)
{
	bool is_sgx = parse->platform == &parse->out->platforms[CLAIMS_SGX];
	return parse_array(parse, at, is_sgx ? parse_sgx_identity : parse_tdx_identity);
}

#define TDX_TD_ATTRIBUTES 7 /* its place in the table, and the first of TDX's own */

static const struct member intel[] = {
	{LITERAL("accept"), parse_intel_accept, 0, 0, 0, NULL},
	{LITERAL("tcb_statuses"), parse_statuses, 0, 0, 0, NULL},
	{LITERAL("advisories_allowed"), parse_advisories, 0, 0, 0, NULL},
	{LITERAL("min_tcb_evaluation_number"), parse_evaluation_number, 0, UINT32_MAX, 0, NULL},
	{LITERAL("grace_period"), parse_grace_period, 0, 0, 0, NULL},
	{LITERAL("platform"), parse_bits, CLAIM_PCK_CONFIGURATION, 0, 0, &pck_names},
	{LITERAL("report_data"), parse_data, CLAIM_REPORT_DATA, 64, 0, NULL},
	/* of TDX alone */
	[TDX_TD_ATTRIBUTES] = {LITERAL("td_attributes"), parse_mask, CLAIM_TD_ATTRIBUTES, 0, 0,
		NULL},
	{LITERAL("xfam"), parse_mask, CLAIM_XFAM, 0, 0, NULL},
};

static enum conclave_error parse_sgx(struct parse *parse, const struct place *at)
{
	const struct members sgx = {intel, TDX_TD_ATTRIBUTES};
	return parse_platform(parse, &sgx, at);
}

/* Unless the policy says otherwise: no migration, no page that the host can take away without the
 * guest's noticing (SEPT_VE_DISABLE), and no attribute of which we know nothing. TUD is the mode's
 * to say; protection keys, key locker, LASS and performance counters are the guest's own affair. */
static const struct policy_rule td_attributes = {
	.demand = POLICY_BITS,
	.mask = ~(TDX_ATTRIBUTES_TUD | TDX_ATTRIBUTE_LASS | TDX_ATTRIBUTE_PKS | TDX_ATTRIBUTE_KL |
		  TDX_ATTRIBUTE_PERFMON),
	.number = TDX_ATTRIBUTE_SEPT_VE_DISABLE,
};

static enum conclave_error parse_tdx(struct parse *parse, const struct place *at)
{
	TRY(parse_platform(parse, &MEMBERS(intel), at));
	TRY(add_default(parse, &td_attributes, &intel[TDX_TD_ATTRIBUTES], at));
	forbid_migration(parse, CLAIM_TD_ATTRIBUTES, TDX_ATTRIBUTE_MIGRATABLE);
	return CONCLAVE_OK;
}

/* -- AMD's -- */

static enum conclave_error parse_snp_identity(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("measurement"), parse_measurement, CLAIM_MEASUREMENT, 48, 0, NULL},
		{LITERAL("id_key_digest"), parse_measurement, CLAIM_ID_KEY_DIGEST, 48, 0, NULL},
		{LITERAL("author_key_digest"), parse_measurement, CLAIM_AUTHOR_KEY_DIGEST, 48, 0,
			NULL},
		{LITERAL("min_guest_svn"), parse_minimum, CLAIM_GUEST_SVN, UINT32_MAX, 0, NULL},
		{LITERAL("host_data"), parse_data, CLAIM_HOST_DATA, 32, 0, NULL},
		{LITERAL("family_id"), parse_data, CLAIM_FAMILY_ID, 16, 0, NULL},
		{LITERAL("image_id"), parse_data, CLAIM_IMAGE_ID, 16, 0, NULL},
	};
	static const struct identity_kind kind = {{table, ARRAY_COUNT(table)},
		{BIT(0), BIT(1) | BIT(3), BIT(2) | BIT(3)}, 3,
		LITERAL("wanted measurement; or id_key_digest or author_key_digest with "
			"min_guest_svn, since a signer alone vouches for all it ever signed")};
	return parse_identity(parse, &kind, at);
}

static enum conclave_error parse_snp_accept(struct parse *parse, const struct place *at)
{
	return parse_array(parse, at, parse_snp_identity);
}

static enum conclave_error parse_component(struct parse *parse, const struct place *at)
{
	uint32_t least = 0;
	TRY(parse_integer(&least, parse, at));
	parse->snp_tcb->least[at->member->offset] = (uint8_t)least;
	return CONCLAVE_OK;
}

static enum conclave_error parse_product(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("boot_loader"), parse_component, 0, UINT8_MAX, CLAIMS_SNP_BOOT_LOADER,
			NULL},
		{LITERAL("tee"), parse_component, 0, UINT8_MAX, CLAIMS_SNP_TEE, NULL},
		{LITERAL("snp"), parse_component, 0, UINT8_MAX, CLAIMS_SNP_FIRMWARE, NULL},
		{LITERAL("microcode"), parse_component, 0, UINT8_MAX, CLAIMS_SNP_MICROCODE, NULL},
		{LITERAL("fmc"), parse_component, 0, UINT8_MAX, CLAIMS_SNP_FMC, NULL},
	};
	struct policy_snp_tcb *products = parse->snp_tcb;
	uint64_t found = 0;
	parse->snp_tcb = &products[at->member->offset];
	parse->snp_tcb->is_named = true;
	TRY(parse_object(&found, parse, &MEMBERS(table), at));
	parse->snp_tcb = products;
	if (found == 0)
		return parse_refuse_argument(
			parse, at, BYTES_LIT("no part of the firmware is named"));
	return CONCLAVE_OK;
}

static enum conclave_error parse_min_tcb(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("Milan"), parse_product, 0, 0, SNP_MILAN, NULL},
		{LITERAL("Genoa"), parse_product, 0, 0, SNP_GENOA, NULL},
		{LITERAL("Turin"), parse_product, 0, 0, SNP_TURIN, NULL},
	};
	uint64_t found = 0;
	parse->snp_tcb = parse->out->snp.min_tcb[at->member->offset];
	TRY(parse_object(&found, parse, &MEMBERS(table), at));
	if (found == 0)
		return parse_refuse_argument(
			parse, at, BYTES_LIT("no product is named: Milan, Genoa or Turin"));
	return CONCLAVE_OK;
}

/* As a VLEK's certificate has it: no pattern, and no cloud by leaving the name out. */
static enum conclave_error parse_cloud(struct parse *parse, const struct place *at)
{
	struct bytes text = {NULL, 0};
	if (json_view_text(&text, &at->value) != CONCLAVE_OK || text.len == 0 ||
		text.len > SNP_CSP_ID_SIZE_MAX)
		return parse_refuse_value(
			parse, at, BYTES_LIT("the name that a cloud has in its VLEK certificates"));
	return CONCLAVE_OK;
}

static enum conclave_error parse_clouds(struct parse *parse, const struct place *at)
{
	TRY(parse_array(parse, at, parse_cloud));
	parse->out->snp.vlek_clouds = at->value;
	return CONCLAVE_OK;
}

/* SEV-SNP ABI (56860), "Guest Policy"; DEBUG is the mode's to say. */
#define SNP_MIGRATE_MA BIT(18)
static const struct policy_name guest_policy_bits[] = {
	{LITERAL("smt"), BIT(16)},
	{LITERAL("migrate_ma"), SNP_MIGRATE_MA},
	{LITERAL("single_socket"), BIT(20)},
	{LITERAL("cxl"), BIT(21)},
	{LITERAL("mem_aes_256_xts"), BIT(22)},
	{LITERAL("rapl_dis"), BIT(23)},
	{LITERAL("ciphertext_hiding"), BIT(24)},
};
static const struct policy_names guest_policy_names = {
	guest_policy_bits, ARRAY_COUNT(guest_policy_bits)};

/* SEV-SNP ABI (56860), "PLATFORM_INFO". */
static const struct policy_name platform_info_bits[] = {
	{LITERAL("smt"), BIT(0)},
	{LITERAL("tsme"), BIT(1)},
	{LITERAL("ecc"), BIT(2)},
	{LITERAL("rapl_dis"), BIT(3)},
	{LITERAL("ciphertext_hiding"), BIT(4)},
	{LITERAL("alias_check_complete"), BIT(5)},
};
static const struct policy_names platform_info_names = {
	platform_info_bits, ARRAY_COUNT(platform_info_bits)};

#define SNP_VMPL 4	   /* its place in the table */
#define SNP_GUEST_POLICY 5 /* the same */

/* Of no bit but migration: that of all others is for a policy to say. */
static const struct policy_rule guest_policy = {
	.demand = POLICY_BITS,
	.names = &guest_policy_names,
};

static enum conclave_error parse_snp(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("accept"), parse_snp_accept, 0, 0, 0, NULL},
		{LITERAL("min_tcb"), parse_min_tcb, 0, 0, CLAIMS_SNP_REPORTED, NULL},
		{LITERAL("min_committed_tcb"), parse_min_tcb, 0, 0, CLAIMS_SNP_COMMITTED, NULL},
		{LITERAL("min_launch_tcb"), parse_min_tcb, 0, 0, CLAIMS_SNP_LAUNCH, NULL},
		[SNP_VMPL] = {LITERAL("vmpl"), parse_number, CLAIM_VMPL, 3, 0, NULL},
		[SNP_GUEST_POLICY] = {LITERAL("guest_policy"), parse_bits, CLAIM_GUEST_POLICY, 0, 0,
			&guest_policy_names},
		{LITERAL("platform_info"), parse_bits, CLAIM_PLATFORM_INFO, 0, 0,
			&platform_info_names},
		{LITERAL("vlek_allowed"), parse_clouds, 0, 0, 0, NULL},
		{LITERAL("crl_required"), parse_flag, 0, 0, offsetof(struct policy, snp.needs_crl),
			NULL},
		{LITERAL("report_data"), parse_data, CLAIM_REPORT_DATA, 64, 0, NULL},
	};
	TRY(parse_platform(parse, &MEMBERS(table), at));
	/* Unless the policy says otherwise: the most privileged. */
	TRY(add_default(parse, &(struct policy_rule){.demand = POLICY_IS}, &table[SNP_VMPL], at));
	TRY(add_default(parse, &guest_policy, &table[SNP_GUEST_POLICY], at));
	forbid_migration(parse, CLAIM_GUEST_POLICY, SNP_MIGRATE_MA);
	return CONCLAVE_OK;
}

/* -- Amazon's -- */

#define PCR(index, parse)                                                       \
	{                                                                       \
		LITERAL("pcr" #index), parse, CLAIM_PCR0 + (index), 48, 0, NULL \
	}
#define IMAGE_PCR(index) PCR(index, parse_measurement) /* zero in debug mode */
#define OTHER_PCR(index) PCR(index, parse_register)

static enum conclave_error parse_nitro_identity(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {IMAGE_PCR(0), IMAGE_PCR(1), IMAGE_PCR(2),
		OTHER_PCR(3), OTHER_PCR(4), OTHER_PCR(5), OTHER_PCR(6), OTHER_PCR(7), IMAGE_PCR(8),
		OTHER_PCR(9), OTHER_PCR(10), OTHER_PCR(11), OTHER_PCR(12), OTHER_PCR(13),
		OTHER_PCR(14), OTHER_PCR(15), OTHER_PCR(16), OTHER_PCR(17), OTHER_PCR(18),
		OTHER_PCR(19), OTHER_PCR(20), OTHER_PCR(21), OTHER_PCR(22), OTHER_PCR(23),
		OTHER_PCR(24), OTHER_PCR(25), OTHER_PCR(26), OTHER_PCR(27), OTHER_PCR(28),
		OTHER_PCR(29), OTHER_PCR(30), OTHER_PCR(31)};
	static const struct identity_kind kind = {{table, ARRAY_COUNT(table)},
		{BIT(0), BIT(1) | BIT(2), BIT(8)}, 3,
		LITERAL("wanted pcr0 (the image), pcr1 and pcr2 (what is in it), or pcr8 (its "
			"signer)")};
	return parse_identity(parse, &kind, at);
}

static enum conclave_error parse_nitro_accept(struct parse *parse, const struct place *at)
{
	return parse_array(parse, at, parse_nitro_identity);
}

static enum conclave_error parse_pcr_index(struct parse *parse, const struct place *at)
{
	uint32_t index = 0;
	TRY(parse_integer(&index, parse, at));
	if ((parse->set & BIT(index)) != 0)
		return parse_refuse_format(parse, at, BYTES_LIT("it is there twice"));
	parse->set |= BIT(index);
	return CONCLAVE_OK;
}

static enum conclave_error parse_pcrs(struct parse *parse, const struct place *at)
{
	parse->set = 0;
	TRY(parse_array(parse, at, parse_pcr_index));
	parse->out->pcrs_allowed = (uint32_t)parse->set;
	return CONCLAVE_OK;
}

static enum conclave_error parse_nitro(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{LITERAL("accept"), parse_nitro_accept, 0, 0, 0, NULL},
		{LITERAL("pcrs_allowed"), parse_pcrs, 0, 31, 0, NULL},
		{LITERAL("user_data"), parse_blob, CLAIM_USER_DATA, 512, 0, NULL},
		{LITERAL("public_key"), parse_blob, CLAIM_PUBLIC_KEY, 1024, 0, NULL},
	};
	return parse_platform(parse, &MEMBERS(table), at);
}

/* -- the whole -- */

static const struct policy_name mode_list[] = {
	{LITERAL("release"), BIT(ATTEST_RELEASE)},
	{LITERAL("debug"), BIT(ATTEST_DEBUG)},
	{LITERAL("simulation"), BIT(ATTEST_SIMULATION)},
	{LITERAL("mock"), BIT(ATTEST_MOCK)},
};
static const struct policy_names mode_names = {mode_list, ARRAY_COUNT(mode_list)};

static const struct member members[] = {
	{LITERAL("version"), parse_version, 0, 0, 0, NULL},
	{LITERAL("sgx"), parse_sgx, 0, 0, CLAIMS_SGX, NULL},
	{LITERAL("tdx"), parse_tdx, 0, 0, CLAIMS_TDX, NULL},
	{LITERAL("snp"), parse_snp, 0, 0, CLAIMS_SNP, NULL},
	{LITERAL("nitro"), parse_nitro, 0, 0, CLAIMS_NITRO, NULL},
	{LITERAL("mode"), parse_mode, 0, 0, 0, &mode_names},
	{LITERAL("max_age"), parse_max_age, 0, 0, 0, NULL},
	{LITERAL("skew_seconds"), parse_skew, 0, POLICY_SKEW_MAX, 0, NULL},
	{LITERAL("nonce_required"), parse_flag, 0, 0, offsetof(struct policy, needs_nonce), NULL},
	{LITERAL("$schema"), parse_text, 0, 0, 0, NULL},
	{LITERAL("comment"), parse_text, 0, 0, 0, NULL},
};
#define FOUND_VERSION BIT(0)
#define FOUND_PLATFORM (BIT(1) | BIT(2) | BIT(3) | BIT(4))

static enum conclave_error parse_whole(struct parse *parse, struct bytes text)
{
	struct place whole = {0};
	uint64_t found = 0;
	enum conclave_error error = json_view_parse(&whole.value, text);
	if (error == CONCLAVE_ERROR_LIMIT)
		return parse_refuse_limit(parse, &whole, BYTES_LIT("it is larger than 64 KiB"));
	if (error != CONCLAVE_OK)
		return parse_refuse_format(parse, &whole, BYTES_LIT("it is not JSON"));
	TRY(parse_object(&found, parse, &MEMBERS(members), &whole));
	if ((found & FOUND_VERSION) == 0)
		return parse_refuse_format(
			parse, &whole, BYTES_LIT("no member \"version\"; it is 1"));
	if ((found & FOUND_PLATFORM) == 0)
		return parse_refuse_argument(parse, &whole,
			BYTES_LIT(
				"it names no platform, so it would accept nothing; there are sgx, "
				"tdx, snp and nitro"));
	return CONCLAVE_OK;
}

enum conclave_error policy_read(
	struct policy *out, struct bytes text, struct conclave_report *report)
{
	struct parse parse = {.out = out, .report = report};
	*out = (struct policy){.modes = BIT(ATTEST_RELEASE), .pcrs_allowed = UINT16_MAX};
	enum conclave_error error = parse_whole(&parse, text);
	if (error != CONCLAVE_OK)
		*out = (struct policy){.modes = 0};
	return error;
}
