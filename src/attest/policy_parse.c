#include "attest/policy_parse.h"

#include "attest/message.h"
#include "base/hex.h"

#define SEEN_SIZE_MAX 60u /* of what is wrong, in a report */

/* -- saying what is wrong -- */

/* "sgx.accept[1].mrenclave"; at most JSON_VIEW_DEPTH_MAX deep. */
static void say_place(struct conclave_report *report, const struct place *at)
{
	if (at->above == NULL)
		return;
	say_place(report, at->above);
	if (at->is_element) {
		message_add(report, BYTES_LIT("["));
		message_add_decimal(report, (int64_t)at->index);
		message_add(report, BYTES_LIT("]"));
		return;
	}
	if (at->above->above != NULL)
		message_add(report, BYTES_LIT("."));
	message_add(report, at->member->name);
}

static void say(const struct parse *parse, const struct place *at, struct bytes problem)
{
	message_begin(parse->report, BYTES_LIT("the policy is wrong"));
	if (at->above != NULL)
		message_add(parse->report, BYTES_LIT(" at "));
	say_place(parse->report, at);
	message_add(parse->report, BYTES_LIT(": "));
	message_add(parse->report, problem);
}

/* Text of the file is shown as far as a terminal may see it. */
static void say_seen(struct conclave_report *report, struct bytes seen)
{
	for (size_t i = 0; i < seen.len && i < SEEN_SIZE_MAX; i++) {
		uint8_t c = seen.ptr[i] >= ' ' && seen.ptr[i] <= '~' ? seen.ptr[i] : '?';
		message_add(report, bytes_of(&c, 1));
	}
	if (seen.len > SEEN_SIZE_MAX)
		message_add(report, BYTES_LIT("..."));
}

enum conclave_error parse_refuse_format(
	const struct parse *parse, const struct place *at, struct bytes problem)
{
	say(parse, at, problem);
	return CONCLAVE_ERROR_FORMAT;
}

enum conclave_error parse_refuse_argument(
	const struct parse *parse, const struct place *at, struct bytes problem)
{
	say(parse, at, problem);
	return CONCLAVE_ERROR_ARGUMENT;
}

enum conclave_error parse_refuse_limit(
	const struct parse *parse, const struct place *at, struct bytes problem)
{
	say(parse, at, problem);
	return CONCLAVE_ERROR_LIMIT;
}

enum conclave_error parse_refuse_value(
	const struct parse *parse, const struct place *at, struct bytes wanted)
{
	say(parse, at, BYTES_LIT("wanted "));
	message_add(parse->report, wanted);
	message_add(parse->report, BYTES_LIT(", not "));
	say_seen(parse->report, at->value.text);
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error refuse_unknown(const struct parse *parse, const struct place *at,
	struct bytes name, const struct members *members)
{
	say(parse, at, BYTES_LIT("there is no member \""));
	say_seen(parse->report, name);
	message_add(parse->report, BYTES_LIT("\"; there may be "));
	for (size_t i = 0; i < members->count; i++) {
		if (i > 0)
			message_add(parse->report, BYTES_LIT(", "));
		message_add(parse->report, members->list[i].name);
	}
	return CONCLAVE_ERROR_FORMAT;
}

/* -- objects and arrays -- */

static size_t find_member(const struct members *members, struct bytes name)
{
	size_t i = 0;
	while (i < members->count && !bytes_equal(members->list[i].name, name))
		i++;
	return i;
}

enum conclave_error parse_object(
	uint64_t *found, struct parse *parse, const struct members *members, const struct place *at)
{
	struct json_view value;
	struct bytes name;
	uint64_t seen = 0;
	if (at->value.text.ptr[0] != '{')
		return parse_refuse_value(parse, at, BYTES_LIT("an object"));
	for (struct reader rest = json_view_members(&at->value);
		json_view_next_member(&name, &value, &rest);) {
		size_t i = find_member(members, name);
		if (i == members->count)
			return refuse_unknown(parse, at, name, members);
		const struct place here = {at, &members->list[i], false, 0, value};
		if ((seen & BIT(i)) != 0)
			return parse_refuse_format(parse, &here, BYTES_LIT("it is there twice"));
		seen |= BIT(i);
		TRY(here.member->parse(parse, &here));
	}
	*found = seen;
	return CONCLAVE_OK;
}

enum conclave_error parse_array(struct parse *parse, const struct place *at, parse_value *element)
{
	struct place here = {.above = at, .member = at->member, .is_element = true};
	if (at->value.text.ptr[0] != '[')
		return parse_refuse_value(parse, at, BYTES_LIT("an array"));
	for (struct reader rest = json_view_elements(&at->value);
		json_view_next(&here.value, &rest); here.index++)
		TRY(element(parse, &here));
	if (here.index == 0)
		return parse_refuse_argument(parse, at,
			BYTES_LIT("an empty list accepts nothing; name what is accepted, or leave "
				  "the member out"));
	return CONCLAVE_OK;
}

/* -- plain values -- */

enum conclave_error parse_integer(uint32_t *out, const struct parse *parse, const struct place *at)
{
	uint32_t number = 0;
	if (json_view_integer(&number, (uint32_t)at->member->size, &at->value) != CONCLAVE_OK) {
		enum conclave_error error =
			parse_refuse_value(parse, at, BYTES_LIT("an integer from 0"));
		message_add(parse->report, BYTES_LIT("; the greatest is "));
		message_add_decimal(parse->report, (int64_t)at->member->size);
		return error;
	}
	*out = number;
	return CONCLAVE_OK;
}

enum conclave_error parse_name(uint64_t *out, const struct parse *parse, const struct place *at)
{
	const struct policy_names *names = at->member->names;
	struct bytes text;
	if (json_view_text(&text, &at->value) == CONCLAVE_OK)
		for (size_t i = 0; i < names->count; i++)
			if (bytes_equal(text, names->list[i].text)) {
				*out = names->list[i].value;
				return CONCLAVE_OK;
			}
	enum conclave_error error = parse_refuse_value(parse, at, BYTES_LIT("one of a few names"));
	for (size_t i = 0; i < names->count; i++) {
		message_add(parse->report, i == 0 ? BYTES_LIT("; they are ") : BYTES_LIT(", "));
		message_add(parse->report, names->list[i].text);
	}
	return error;
}

static enum conclave_error add_name(struct parse *parse, const struct place *at)
{
	uint64_t one = 0;
	TRY(parse_name(&one, parse, at));
	if ((parse->set & one) != 0)
		return parse_refuse_format(parse, at, BYTES_LIT("it is there twice"));
	parse->set |= one;
	return CONCLAVE_OK;
}

enum conclave_error parse_names(uint64_t *out, struct parse *parse, const struct place *at)
{
	parse->set = 0;
	TRY(parse_array(parse, at, add_name));
	*out = parse->set;
	return CONCLAVE_OK;
}

enum conclave_error parse_hex(struct bytes *text, struct bytes *decoded, uint8_t *space,
	size_t size, bool is_exact, const struct parse *parse, const struct place *at)
{
	struct bytes digits = {NULL, 0};
	bool good = json_view_text(&digits, &at->value) == CONCLAVE_OK && digits.len % 2 == 0 &&
		    digits.len > 0 && digits.len <= 2 * size &&
		    (digits.len == 2 * size || !is_exact) &&
		    hex_decode((struct buffer){space, digits.len / 2}, digits) == CONCLAVE_OK;
	if (!good) {
		say(parse, at, is_exact ? BYTES_LIT("wanted ") : BYTES_LIT("wanted 2 to "));
		message_add_decimal(parse->report, (int64_t)(2 * size));
		message_add(parse->report, BYTES_LIT(" hexadecimal digits, not "));
		say_seen(parse->report, at->value.text);
		return CONCLAVE_ERROR_FORMAT;
	}
	*text = digits;
	*decoded = bytes_of(space, digits.len / 2);
	return CONCLAVE_OK;
}

/* R3's notation without its signs, small letters and numbers of more than four digits. */
static bool is_plain_period(struct bytes text)
{
	size_t digits = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
		digits = is_digit ? digits + 1 : 0;
		if (digits > 4 || (!is_digit && (text.ptr[i] < 'A' || text.ptr[i] > 'Z')))
			return false;
	}
	return true;
}

enum conclave_error parse_period(
	struct calendar_period *out, const struct parse *parse, const struct place *at)
{
	struct calendar_period period;
	struct bytes text;
	if (json_view_text(&text, &at->value) != CONCLAVE_OK || !is_plain_period(text) ||
		constraint_parse_period(&period, text) != CONCLAVE_OK ||
		(period.years | period.months | period.days) == 0)
		return parse_refuse_value(
			parse, at, BYTES_LIT("a period like \"P30D\" or \"P6M\""));
	*out = period;
	return CONCLAVE_OK;
}
