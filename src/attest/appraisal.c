#include "attest/appraisal.h"

#include "attest/appraiser.h"
#include "attest/literal.h"
#include "base/check.h"
#include "base/hex.h"

#define DATA_SIZE_MAX 1024u /* of the longest value that a policy can name */

struct finding *appraiser_begin(struct appraiser *a, bool is_refusal)
{
	struct appraisal *out = a->out;
	if (is_refusal)
		out->verdict = APPRAISAL_REFUSED;
	else if (out->verdict == APPRAISAL_ACCEPTED)
		out->verdict = APPRAISAL_ACCEPTED_WITH_ADVISORIES;
	struct finding *finding = &a->scratch;
	if (out->count < out->capacity)
		finding = &out->findings[out->count++];
	else
		out->omitted++;
	*finding = (struct finding){.is_refusal = is_refusal};
	return finding;
}

struct finding *appraiser_begin_member(struct appraiser *a, bool is_refusal, struct bytes member)
{
	struct finding *finding = appraiser_begin(a, is_refusal);
	ADD(finding->field, claims_platform_text(a->claims->platform));
	ADD(finding->field, BYTES_LIT("."));
	ADD(finding->field, member);
	return finding;
}

/* -- rules -- */

static bool is_equal(const struct policy_rule *rule, struct bytes seen)
{
	uint8_t space[DATA_SIZE_MAX];
	struct buffer decoded = {space, rule->value.len / 2};
	if (!rule->is_hex)
		return bytes_equal(rule->value, seen);
	return decoded.len <= sizeof(space) && hex_decode(decoded, rule->value) == CONCLAVE_OK &&
	       bytes_equal(bytes_of(space, decoded.len), seen);
}

static bool is_met(const struct policy_rule *rule, const struct claims *claims)
{
	struct claim_value seen;
	if (!claims_value(&seen, claims, rule->claim))
		return false;
	switch (rule->demand) {
	case POLICY_EQUAL: return is_equal(rule, seen.bytes);
	case POLICY_IS: return seen.number == rule->number;
	case POLICY_AT_LEAST: return seen.number >= rule->number;
	case POLICY_BITS:
		return (seen.number & rule->mask) == rule->number &&
		       (rule->mask & ~seen.known) == 0;
	}
	return false;
}

/* Each bit that is not as it should be, by name. */
static void say_bits(
	struct finding *finding, const struct policy_rule *rule, const struct claim_value *seen)
{
	uint64_t wrong = ((seen->number ^ rule->number) | ~seen->known) & rule->mask;
	for (size_t i = 0; i < rule->names->count; i++) {
		const struct policy_name *name = &rule->names->list[i];
		if ((name->value & wrong) == 0)
			continue;
		bool is_known = (name->value & seen->known) != 0;
		bool is_wanted = (name->value & rule->number) != 0;
		ADD(finding->seen, finding->seen[0] == '\0' ? BYTES_LIT("") : BYTES_LIT(", "));
		ADD(finding->seen, name->text);
		ADD(finding->seen, !is_known   ? BYTES_LIT(" not said")
				   : is_wanted ? BYTES_LIT(" not set")
					       : BYTES_LIT(" set"));
		ADD(finding->wanted, finding->wanted[0] == '\0' ? BYTES_LIT("") : BYTES_LIT(", "));
		ADD(finding->wanted, name->text);
		ADD(finding->wanted, is_wanted ? BYTES_LIT(" set") : BYTES_LIT(" not set"));
	}
}

static void say_word(char text[256], uint64_t number)
{
	uint8_t bytes[8];
	store_u64le(bytes, number);
	finding_add_hex(text, 256, BYTES_OF(bytes));
}

static void say_demand(
	struct finding *finding, const struct policy_rule *rule, const struct claim_value *seen)
{
	switch (rule->demand) {
	case POLICY_EQUAL:
		ADD_HEX(finding->seen, seen->bytes);
		if (rule->is_hex)
			ADD(finding->wanted, rule->value);
		else
			ADD_HEX(finding->wanted, rule->value);
		return;
	case POLICY_AT_LEAST: ADD(finding->wanted, BYTES_LIT("at least ")); [[fallthrough]];
	case POLICY_IS:
		ADD_NUMBER(finding->seen, (int64_t)seen->number);
		ADD_NUMBER(finding->wanted, (int64_t)rule->number);
		return;
	case POLICY_BITS:
		if (rule->names != NULL) {
			say_bits(finding, rule, seen);
			return;
		}
		say_word(finding->seen, seen->number & rule->mask);
		say_word(finding->wanted, rule->number);
		return;
	}
}

static struct bytes cure_of(enum claim claim)
{
	static const struct {
		enum claim claim;
		struct bytes cure;
	} cures[] = {
		{CLAIM_MRSIGNER, LITERAL("add this signer to the policy only if you trust whoever "
					 "holds its key")},
		{CLAIM_ID_KEY_DIGEST, LITERAL("add this key to the policy only if you trust "
					      "whoever holds it")},
		{CLAIM_AUTHOR_KEY_DIGEST, LITERAL("add this key to the policy only if you trust "
						  "whoever holds it")},
		{CLAIM_SVN, LITERAL("the operator must run a newer release of the enclave")},
		{CLAIM_GUEST_SVN, LITERAL("the operator must run a newer release of the guest")},
		{CLAIM_PRODUCT_ID, LITERAL("this is another product of the same signer: ask the "
					   "operator for the right one")},
		{CLAIM_REPORT_DATA, LITERAL("ask for evidence that is made for this session: this "
					    "speaks of something else")},
		{CLAIM_USER_DATA, LITERAL("ask for evidence that is made for this session: this "
					  "speaks of something else")},
		{CLAIM_PUBLIC_KEY, LITERAL("ask for evidence of the enclave that holds this key")},
		{CLAIM_VMPL, LITERAL("ask for a report of this privilege level: a lower one may be "
				     "under the control of a higher one")},
		{CLAIM_PLATFORM_INFO, LITERAL("the operator must change the machine's firmware "
					      "settings, or update its firmware")},
		{CLAIM_PCK_CONFIGURATION, LITERAL("the operator must change the machine's firmware "
						  "settings, or move to another machine")},
		{CLAIM_GUEST_POLICY, LITERAL("the operator must launch the guest with another "
					     "policy")},
		{CLAIM_TD_ATTRIBUTES, LITERAL("the operator must launch the TD with other "
					      "attributes")},
		{CLAIM_XFAM, LITERAL("the operator must launch the TD with other features")},
	};
	for (size_t i = 0; i < ARRAY_COUNT(cures); i++)
		if (cures[i].claim == claim)
			return cures[i].cure;
	return BYTES_LIT("add it to the policy only if you have reproduced it from source; else "
			 "this is not what you want to talk to");
}

static void refuse_rule(
	struct appraiser *a, struct finding *finding, const struct policy_rule *rule)
{
	struct claim_value seen;
	ADD(finding->cure, cure_of(rule->claim));
	if (claims_value(&seen, a->claims, rule->claim)) {
		say_demand(finding, rule, &seen);
		return;
	}
	const struct claim_value nothing = {.known = 0};
	say_demand(finding, rule, &nothing);
	finding->seen[0] = '\0';
	ADD(finding->seen, BYTES_LIT("nothing: the evidence does not say"));
}

/* The first rule of an identity that is not met; NULL when all are. */
static const struct policy_rule *find_unmet(const struct appraiser *a, struct policy_rules identity)
{
	for (size_t i = identity.first; i < identity.first + identity.count; i++)
		if (!is_met(&a->policy->rules[i], a->claims))
			return &a->policy->rules[i];
	return NULL;
}

/* One must be met; when none is, each says where it first differs. */
static void check_identities(struct appraiser *a)
{
	const struct policy_platform *platform = a->platform;
	for (size_t i = 0; i < platform->identity_count; i++)
		if (find_unmet(a, platform->identities[i]) == NULL) {
			a->identity = i;
			return;
		}
	for (size_t i = 0; i < platform->identity_count; i++) {
		const struct policy_rule *rule = find_unmet(a, platform->identities[i]);
		struct finding *finding = appraiser_begin_member(a, true, BYTES_LIT("accept["));
		ADD_NUMBER(finding->field, (int64_t)i);
		ADD(finding->field, BYTES_LIT("]."));
		ADD(finding->field, rule->name);
		refuse_rule(a, finding, rule);
	}
}

static void check_common(struct appraiser *a)
{
	for (size_t i = 0; i < a->platform->common_count; i++) {
		const struct policy_rule *rule = &a->platform->common[i];
		if (!is_met(rule, a->claims))
			refuse_rule(a, appraiser_begin_member(a, true, rule->name), rule);
	}
}

/* -- mode -- */

static struct bytes mode_text(enum attest_mode mode)
{
	switch (mode) {
	case ATTEST_RELEASE: return BYTES_LIT("release");
	case ATTEST_DEBUG: return BYTES_LIT("debug");
	case ATTEST_SIMULATION: return BYTES_LIT("simulation");
	case ATTEST_MOCK: break;
	}
	return BYTES_LIT("mock");
}

static void check_mode(struct appraiser *a)
{
	enum attest_mode mode = a->claims->mode;
	if ((a->policy->modes & 1u << mode) == 0) {
		struct finding *finding = appraiser_begin(a, true);
		ADD(finding->field, BYTES_LIT("mode"));
		ADD(finding->seen, mode_text(mode));
		for (int i = ATTEST_RELEASE; i <= ATTEST_MOCK; i++)
			if ((a->policy->modes & 1u << i) != 0) {
				ADD(finding->wanted, finding->wanted[0] == '\0' ? BYTES_LIT("")
										: BYTES_LIT(", "));
				ADD(finding->wanted, mode_text((enum attest_mode)i));
			}
		ADD(finding->cure,
			mode == ATTEST_RELEASE
				? BYTES_LIT("use the policy that is meant for production")
				: BYTES_LIT(
					  "the operator must run it in release mode, on hardware; "
					  "as it is, it keeps no secrets from its host"));
	}
	if (!a->claims->is_signed) {
		struct finding *finding = appraiser_begin(a, false);
		ADD(finding->field, BYTES_LIT("signature"));
		ADD(finding->seen, BYTES_LIT("nobody signed this: anyone can make it"));
		ADD(finding->wanted, BYTES_LIT("evidence signed by a platform"));
		ADD(finding->cure, BYTES_LIT("entrust nothing to it that is not made up"));
	}
}

/* -- freshness -- */

/* Where evidence has what it was asked to hold: what binds keys has a place for it, a Nitro
 * document too; the others have their report data, and zeros behind it. */
static struct bytes nonce_of(const struct claims *claims)
{
	struct claim_value data;
	if (claims->has_keys)
		return claims->nonce;
	if (claims->platform == CLAIMS_NITRO)
		return claims->nitro.nonce;
	return claims_value(&data, claims, CLAIM_REPORT_DATA) ? data.bytes
							      : (struct bytes){NULL, 0};
}

static bool has_nonce(const struct claims *claims, struct bytes nonce)
{
	struct bytes seen = nonce_of(claims);
	bool is_report_data = !claims->has_keys && claims->platform != CLAIMS_NITRO;
	if (!bytes_equal(bytes_slice(seen, 0, nonce.len), nonce))
		return false;
	for (size_t i = nonce.len; i < seen.len; i++)
		if (!is_report_data || seen.ptr[i] != 0)
			return false;
	return true;
}

static void say_nonce(struct finding *finding, const struct claims *claims)
{
	struct bytes seen = nonce_of(claims);
	ADD_HEX(finding->seen, seen);
	if (seen.len == 0)
		ADD(finding->seen, BYTES_LIT("none"));
}

/* A nonce that was asked for is compared even if the policy would do without. */
static void check_nonce(struct appraiser *a, struct bytes nonce)
{
	if (nonce.ptr == NULL && !a->policy->needs_nonce)
		return;
	if (nonce.len > 0 && has_nonce(a->claims, nonce))
		return;
	struct finding *finding = appraiser_begin(a, true);
	ADD(finding->field, nonce.ptr == NULL ? BYTES_LIT("nonce_required") : BYTES_LIT("nonce"));
	if (nonce.len == 0) {
		ADD(finding->seen, BYTES_LIT("no nonce was asked for"));
		ADD(finding->wanted, BYTES_LIT("evidence made after a question of yours"));
		ADD(finding->cure,
			BYTES_LIT("choose a random nonce, have evidence made with it, and "
				  "give it here"));
		return;
	}
	say_nonce(finding, a->claims);
	ADD_HEX(finding->wanted, nonce);
	ADD(finding->cure, BYTES_LIT("ask again: this evidence answers another question, and may "
				     "be old"));
}

static void check_validity(struct appraiser *a)
{
	const struct window *window = &a->claims->validity;
	const struct window wide = {window->from > INT64_MIN + POLICY_SKEW_MAX
					    ? window->from - a->policy->skew
					    : INT64_MIN,
		window->until < INT64_MAX - POLICY_SKEW_MAX ? window->until + a->policy->skew
							    : INT64_MAX};
	if (window_holds(window, a->now))
		return;
	struct finding *finding = appraiser_begin(a, !window_holds(&wide, a->now));
	ADD(finding->field, BYTES_LIT("skew_seconds"));
	ADD(finding->seen, BYTES_LIT("it is "));
	ADD_TIME(finding->seen, a->now);
	ADD(finding->wanted, BYTES_LIT("from "));
	ADD_TIME(finding->wanted, window->from);
	ADD(finding->wanted, BYTES_LIT(" to "));
	ADD_TIME(finding->wanted, window->until);
	ADD(finding->cure, a->now > window->until
				   ? BYTES_LIT("ask for fresh evidence and collateral, and set the "
					       "clock")
				   : BYTES_LIT("set the clock"));
}

static void check_age(struct appraiser *a)
{
	if (!a->policy->has_max_age)
		return;
	int64_t date = a->policy->counts_from_latest ? a->claims->date : a->claims->known_until;
	int64_t earliest = calendar_subtract(a->now, a->policy->max_age);
	if (a->claims->has_date && earliest < date)
		return;
	struct finding *finding = appraiser_begin(a, true);
	ADD(finding->field, BYTES_LIT("max_age"));
	if (a->claims->has_date)
		ADD_TIME(finding->seen, date);
	else
		ADD(finding->seen, BYTES_LIT("no date: reports of SEV-SNP have none"));
	ADD(finding->wanted, BYTES_LIT("later than "));
	ADD_TIME(finding->wanted, earliest);
	ADD(finding->cure,
		a->claims->has_date
			? BYTES_LIT("ask for evidence with fresh collateral")
			: BYTES_LIT("drop max_age and demand a nonce: it alone proves that "
				    "a report is new"));
}

/* -- the whole -- */

static void refuse_platform(struct appraiser *a)
{
	struct finding *finding = appraiser_begin(a, true);
	ADD(finding->field, claims_platform_text(a->claims->platform));
	ADD(finding->seen, BYTES_LIT("evidence of this platform"));
	ADD(finding->wanted, BYTES_LIT("what the policy names"));
	ADD(finding->cure, BYTES_LIT("say in the policy what is accepted on this platform, if "
				     "anything is"));
}

/* No date of a certificate or of a form can be compared with such a time. */
static void refuse_time(struct appraiser *a)
{
	struct finding *finding = appraiser_begin(a, true);
	ADD(finding->field, BYTES_LIT("now"));
	ADD_NUMBER(finding->seen, a->now);
	ADD(finding->wanted, BYTES_LIT("a time between the years 0 and 9999"));
	ADD(finding->cure, BYTES_LIT("set the clock"));
}

static void check_platform(struct appraiser *a)
{
	check_identities(a);
	check_common(a);
	switch (a->claims->platform) {
	case CLAIMS_SGX:
	case CLAIMS_TDX: appraiser_check_intel(a); return;
	case CLAIMS_SNP: appraiser_check_snp(a); return;
	case CLAIMS_NITRO: appraiser_check_nitro(a); return;
	}
}

void appraise(struct appraisal *out, struct finding *findings, size_t capacity,
	const struct policy *policy, const struct claims *claims, struct bytes nonce, int64_t now)
{
	*out = (struct appraisal){
		.verdict = APPRAISAL_ACCEPTED, .findings = findings, .capacity = capacity};
	struct appraiser a = {
		.out = out,
		.policy = policy,
		.platform = &policy->platforms[claims->platform],
		.claims = claims,
		.identity = APPRAISER_NONE_MATCHED,
		.now = now,
	};
	if (now < CALENDAR_SECONDS_MIN || now > CALENDAR_SECONDS_MAX) {
		refuse_time(&a);
		return;
	}
	check_mode(&a);
	if (a.platform->is_named)
		check_platform(&a);
	else
		refuse_platform(&a);
	check_nonce(&a, nonce);
	check_validity(&a);
	check_age(&a);
}

const char *appraisal_verdict_text(enum appraisal_verdict verdict)
{
	switch (verdict) {
	case APPRAISAL_REFUSED: break;
	case APPRAISAL_ACCEPTED_WITH_ADVISORIES: return "accepted with advisories";
	case APPRAISAL_ACCEPTED: return "accepted";
	}
	return "refused";
}
