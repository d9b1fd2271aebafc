/* Members that become rules, and the identities that rules make. */
#include "attest/message.h"
#include "attest/policy_parse.h"
#include "base/hex.h"

#define DATA_SIZE_MAX 1024u

enum conclave_error parse_add_rule(
	struct parse *parse, const struct policy_rule *rule, const struct place *at)
{
	if (parse->in_identity && parse->out->rule_count == POLICY_RULES_MAX)
		return parse_refuse_limit(
			parse, at, BYTES_LIT("more than 512 values in one policy"));
	ASSERT(parse->platform->common_count < POLICY_COMMON_MAX);
	parse->rule = parse->in_identity
			      ? &parse->out->rules[parse->out->rule_count++]
			      : &parse->platform->common[parse->platform->common_count++];
	*parse->rule = *rule;
	parse->rule->name = at->member->name;
	parse->rule->claim = at->member->claim;
	return CONCLAVE_OK;
}

/* -- bytes -- */

static bool is_zero(struct bytes from)
{
	uint8_t any = 0;
	for (size_t i = 0; i < from.len; i++)
		any |= from.ptr[i];
	return any == 0;
}

static enum conclave_error add_bytes(
	struct parse *parse, bool is_exact, bool may_be_zero, const struct place *at)
{
	uint8_t space[DATA_SIZE_MAX];
	struct policy_rule rule = {.demand = POLICY_EQUAL, .is_hex = true};
	struct bytes decoded;
	TRY(parse_hex(&rule.value, &decoded, space, at->member->size, is_exact, parse, at));
	if (!may_be_zero && is_zero(decoded))
		return parse_refuse_argument(parse, at,
			BYTES_LIT("all zeros are what is there when nothing was measured; they "
				  "never identify anything"));
	return parse_add_rule(parse, &rule, at);
}

enum conclave_error parse_measurement(struct parse *parse, const struct place *at)
{
	return add_bytes(parse, true, false, at);
}

/* Registers are extended as something boots. That nothing extended one is worth demanding, and has
 * a word of its own so that zeros cannot slip in. */
enum conclave_error parse_register(struct parse *parse, const struct place *at)
{
	static const uint8_t zeros[48];
	if (!bytes_equal(at->value.text, BYTES_LIT("\"unextended\"")))
		return parse_measurement(parse, at);
	return parse_add_rule(
		parse, &(struct policy_rule){.demand = POLICY_EQUAL, .value = BYTES_OF(zeros)}, at);
}

enum conclave_error parse_data(struct parse *parse, const struct place *at)
{
	return add_bytes(parse, true, true, at);
}

enum conclave_error parse_blob(struct parse *parse, const struct place *at)
{
	return add_bytes(parse, false, true, at);
}

/* -- numbers -- */

static enum conclave_error add_number(
	struct parse *parse, enum policy_demand demand, const struct place *at)
{
	uint32_t number = 0;
	TRY(parse_integer(&number, parse, at));
	return parse_add_rule(parse, &(struct policy_rule){.demand = demand, .number = number}, at);
}

enum conclave_error parse_number(struct parse *parse, const struct place *at)
{
	return add_number(parse, POLICY_IS, at);
}

enum conclave_error parse_minimum(struct parse *parse, const struct place *at)
{
	return add_number(parse, POLICY_AT_LEAST, at);
}

/* -- bits -- */

static enum conclave_error parse_required(struct parse *parse, const struct place *at)
{
	uint64_t bits = 0;
	TRY(parse_names(&bits, parse, at));
	parse->rule->number = bits;
	return CONCLAVE_OK;
}

/* Kept in mask until both are known. */
static enum conclave_error parse_forbidden(struct parse *parse, const struct place *at)
{
	uint64_t bits = 0;
	TRY(parse_names(&bits, parse, at));
	parse->rule->mask = bits;
	return CONCLAVE_OK;
}

enum conclave_error parse_bits(struct parse *parse, const struct place *at)
{
	const struct policy_names *names = at->member->names;
	const struct member table[] = {
		{.name = BYTES_LIT("required"), .parse = parse_required, .names = names},
		{.name = BYTES_LIT("forbidden"), .parse = parse_forbidden, .names = names},
	};
	uint64_t found;
	TRY(parse_add_rule(
		parse, &(struct policy_rule){.demand = POLICY_BITS, .names = names}, at));
	TRY(parse_object(&found, parse, &MEMBERS(table), at));
	if (found == 0)
		return parse_refuse_argument(
			parse, at, BYTES_LIT("neither required nor forbidden bits are named"));
	if ((parse->rule->number & parse->rule->mask) != 0)
		return parse_refuse_argument(
			parse, at, BYTES_LIT("what is required cannot be forbidden too"));
	parse->rule->mask |= parse->rule->number;
	return CONCLAVE_OK;
}

static enum conclave_error parse_word(
	uint64_t *out, const struct parse *parse, const struct place *at)
{
	uint8_t space[sizeof(*out)];
	struct bytes text, decoded;
	TRY(parse_hex(&text, &decoded, space, sizeof(space), true, parse, at));
	*out = load_u64le(space);
	return CONCLAVE_OK;
}

static enum conclave_error parse_mask_mask(struct parse *parse, const struct place *at)
{
	return parse_word(&parse->rule->mask, parse, at);
}

static enum conclave_error parse_mask_value(struct parse *parse, const struct place *at)
{
	return parse_word(&parse->rule->number, parse, at);
}

enum conclave_error parse_mask(struct parse *parse, const struct place *at)
{
	static const struct member table[] = {
		{.name = LITERAL("mask"), .parse = parse_mask_mask},
		{.name = LITERAL("value"), .parse = parse_mask_value},
	};
	uint64_t found = 0;
	TRY(parse_add_rule(parse, &(struct policy_rule){.demand = POLICY_BITS}, at));
	TRY(parse_object(&found, parse, &MEMBERS(table), at));
	if (found != (BIT(0) | BIT(1)))
		return parse_refuse_format(parse, at, BYTES_LIT("wanted both mask and value"));
	if (parse->rule->mask == 0 || (parse->rule->number & ~parse->rule->mask) != 0)
		return parse_refuse_argument(parse, at,
			BYTES_LIT("the mask must select bits, and the value have no others"));
	return CONCLAVE_OK;
}

/* -- identities -- */

static bool is_same_value(const struct policy_rule *a, const struct policy_rule *b)
{
	uint8_t a_space[DATA_SIZE_MAX], b_space[DATA_SIZE_MAX];
	if (a->number != b->number || a->is_hex != b->is_hex || a->value.len != b->value.len)
		return false;
	if (!a->is_hex) /* a number, or unextended */
		return true;
	struct buffer a_decoded = {a_space, a->value.len / 2};
	struct buffer b_decoded = {b_space, b->value.len / 2};
	return hex_decode(a_decoded, a->value) == CONCLAVE_OK &&
	       hex_decode(b_decoded, b->value) == CONCLAVE_OK &&
	       memcmp(a_space, b_space, a_decoded.len) == 0;
}

static bool has_rule(
	const struct policy *policy, struct policy_rules rules, const struct policy_rule *wanted)
{
	for (size_t i = rules.first; i < rules.first + rules.count; i++)
		if (policy->rules[i].claim == wanted->claim &&
			is_same_value(&policy->rules[i], wanted))
			return true;
	return false;
}

/* No identity names a claim twice, so that equal counts and one inclusion make equal sets. */
static bool is_same_identity(
	const struct policy *policy, struct policy_rules a, struct policy_rules b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = b.first; i < b.first + b.count; i++)
		if (!has_rule(policy, a, &policy->rules[i]))
			return false;
	return true;
}

/* Whoever wrote it twice meant something else. */
static enum conclave_error refuse_duplicate(
	const struct parse *parse, struct policy_rules identity, const struct place *at)
{
	const struct policy_platform *platform = parse->platform;
	for (size_t i = 0; i < platform->identity_count; i++)
		if (is_same_identity(parse->out, platform->identities[i], identity)) {
			enum conclave_error error =
				parse_refuse_argument(parse, at, BYTES_LIT("the same as element "));
			message_add_decimal(parse->report, (int64_t)i);
			return error;
		}
	return CONCLAVE_OK;
}

static bool is_enough(const struct identity_kind *kind, uint64_t found)
{
	for (size_t i = 0; i < kind->enough_count; i++)
		if ((found & kind->enough[i]) == kind->enough[i])
			return true;
	return false;
}

enum conclave_error parse_identity(
	struct parse *parse, const struct identity_kind *kind, const struct place *at)
{
	struct policy_platform *platform = parse->platform;
	struct policy_rules identity = {parse->out->rule_count, 0};
	uint64_t found = 0;
	parse->in_identity = true;
	TRY(parse_object(&found, parse, &kind->members, at));
	parse->in_identity = false;
	identity.count = parse->out->rule_count - identity.first;
	if (!is_enough(kind, found))
		return parse_refuse_argument(parse, at, kind->wanted);
	TRY(refuse_duplicate(parse, identity, at));
	if (platform->identity_count == POLICY_IDENTITIES_MAX)
		return parse_refuse_limit(parse, at, BYTES_LIT("more than 128 of them"));
	platform->identities[platform->identity_count++] = identity;
	return CONCLAVE_OK;
}
