/* R3's language, with R3's words for whatever is wrong: people search for them. */
#include "attest/constraint.h"

#include "attest/literal.h"
#include "attest/message.h"
#include "base/check.h"
#include "base/hex.h"

/* Begin with one text, go on with what was seen, end with another. */
static enum conclave_error refuse(
	struct conclave_report *report, struct bytes before, struct bytes seen, struct bytes after)
{
	message_begin(report, before);
	message_add(report, seen);
	message_add(report, after);
	return CONCLAVE_ERROR_FORMAT;
}

/* -- numbers as Java reads them -- */

#define INT_MAGNITUDE_MAX ((uint64_t)INT32_MAX + 1)

/* [-+]?[0-9]+ of at most an int, taken from the front of `rest`. */
static bool take_int(int64_t *out, struct bytes *rest)
{
	struct bytes text = *rest;
	bool is_negative = text.len > 0 && text.ptr[0] == '-';
	uint64_t magnitude = 0;
	size_t digits = 0;
	if (text.len > 0 && (is_negative || text.ptr[0] == '+'))
		text = bytes_slice(text, 1, text.len - 1);
	for (; digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9'; digits++) {
		magnitude = magnitude * 10 + (text.ptr[digits] - '0');
		if (magnitude > INT_MAGNITUDE_MAX)
			return false;
	}
	if (digits == 0 || (magnitude == INT_MAGNITUDE_MAX && !is_negative))
		return false;
	*out = is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
	*rest = bytes_slice(text, digits, text.len - digits);
	return true;
}

/* Integer.parseInt */
static enum conclave_error parse_int(
	int64_t *out, struct bytes text, struct conclave_report *report)
{
	struct bytes rest = text;
	int64_t value;
	if (!take_int(&value, &rest) || rest.len != 0)
		return refuse(report, BYTES_LIT("For input string: \""), text, BYTES_LIT("\""));
	*out = value;
	return CONCLAVE_OK;
}

static bool fits_int(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

static bool is_letter(uint8_t c, uint8_t upper)
{
	return c == upper || c == upper + ('a' - 'A');
}

/* One of nY, nM, nW, nD, if it comes next; 0 when it does not. */
static bool take_unit(int64_t *out, struct bytes *rest, uint8_t unit, bool *any)
{
	struct bytes after = *rest;
	int64_t value;
	*out = 0;
	if (!take_int(&value, &after) || after.len == 0 || !is_letter(after.ptr[0], unit))
		return false;
	*rest = bytes_slice(after, 1, after.len - 1);
	*out = value;
	*any = true;
	return true;
}

/* java.time.Period.parse: [-+]?P(nY)?(nM)?(nW)?(nD)?, at least one of them. */
enum conclave_error constraint_parse_period(struct calendar_period *out, struct bytes text)
{
	bool is_negative = text.len > 0 && text.ptr[0] == '-', any = false;
	int64_t sign = is_negative ? -1 : 1, years, months, weeks, days;
	if (text.len > 0 && (is_negative || text.ptr[0] == '+'))
		text = bytes_slice(text, 1, text.len - 1);
	if (text.len == 0 || !is_letter(text.ptr[0], 'P'))
		return CONCLAVE_ERROR_FORMAT;
	text = bytes_slice(text, 1, text.len - 1);
	(void)take_unit(&years, &text, 'Y', &any);
	(void)take_unit(&months, &text, 'M', &any);
	(void)take_unit(&weeks, &text, 'W', &any);
	(void)take_unit(&days, &text, 'D', &any);
	/* Java multiplies and adds ints exactly, and refuses what overflows on the way. */
	if (text.len != 0 || !any || !fits_int(sign * years) || !fits_int(sign * months) ||
		!fits_int(sign * weeks) || !fits_int(sign * days) || !fits_int(sign * weeks * 7) ||
		!fits_int(sign * (days + weeks * 7)))
		return CONCLAVE_ERROR_FORMAT;
	out->years = (int32_t)(sign * years);
	out->months = (int32_t)(sign * months);
	out->days = (int32_t)(sign * (days + weeks * 7));
	return CONCLAVE_OK;
}

/* -- one value of each key -- */

typedef enum conclave_error parse_value(
	struct constraint *out, struct bytes value, struct conclave_report *report);

/* Duplicates collapse. */
static enum conclave_error add_hash(struct constraint_hash *hashes, size_t *count,
	struct bytes value, struct conclave_report *report)
{
	struct constraint_hash hash = {.size = (uint8_t)(value.len / 2)};
	if (value.len != 64 && value.len != 128)
		return refuse(report,
			BYTES_LIT("Provided string is neither a SHA-256 or a SHA-512 string: "),
			value, BYTES_LIT(""));
	if (hex_decode((struct buffer){hash.bytes, hash.size}, value) != CONCLAVE_OK)
		return refuse(report, BYTES_LIT("contains illegal character for hexBinary: "),
			value, BYTES_LIT(""));
	for (size_t i = 0; i < *count; i++)
		if (memcmp(&hashes[i], &hash, sizeof(hash)) == 0)
			return CONCLAVE_OK;
	if (*count == CONSTRAINT_HASHES_MAX) {
		message_begin(report, BYTES_LIT("More than 64 hashes of one kind."));
		return CONCLAVE_ERROR_LIMIT;
	}
	hashes[(*count)++] = hash;
	return CONCLAVE_OK;
}

static enum conclave_error parse_code_hash(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	return add_hash(out->code, &out->code_count, value, report);
}

static enum conclave_error parse_signer(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	return add_hash(out->signer, &out->signer_count, value, report);
}

static enum conclave_error parse_product(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	int64_t product;
	TRY(parse_int(&product, value, report));
	if (product < 0)
		return refuse(
			report, BYTES_LIT("Product ID is negative."), BYTES_LIT(""), BYTES_LIT(""));
	if (product > UINT16_MAX)
		return refuse(report, BYTES_LIT("Product ID is not a 16-bit number."),
			BYTES_LIT(""), BYTES_LIT(""));
	out->has_product_id = true;
	out->product_id = (uint16_t)product;
	return CONCLAVE_OK;
}

static enum conclave_error parse_revocation(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	int64_t level;
	TRY(parse_int(&level, value, report));
	if (level < 0)
		return refuse(report, BYTES_LIT("Min revocation level is negative."), BYTES_LIT(""),
			BYTES_LIT(""));
	out->has_revocation = true;
	out->min_revocation_level = (uint32_t)level;
	return CONCLAVE_OK;
}

static enum conclave_error parse_expiry(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	if (constraint_parse_period(&out->expiry, value) != CONCLAVE_OK)
		return refuse(report, BYTES_LIT("Text cannot be parsed to a Period"), BYTES_LIT(""),
			BYTES_LIT(""));
	out->has_expiry = true;
	return CONCLAVE_OK;
}

static enum conclave_error parse_level(
	struct constraint *out, struct bytes value, struct conclave_report *report)
{
	for (int level = ATTEST_INSECURE; level <= ATTEST_SECURE; level++)
		if (bytes_equal(value, constraint_level_text((enum attest_level)level))) {
			out->level = (enum attest_level)level;
			return CONCLAVE_OK;
		}
	return refuse(report,
		BYTES_LIT("No enum constant com.r3.conclave.common.EnclaveSecurityInfo.Summary."),
		value, BYTES_LIT(""));
}

/* In the order in which R3 looks at them. */
static const struct {
	struct bytes name;
	bool once;
	parse_value *parse;
} keys[] = {
	{LITERAL("C"), false, parse_code_hash},
	{LITERAL("S"), false, parse_signer},
	{LITERAL("PROD"), true, parse_product},
	{LITERAL("REVOKE"), true, parse_revocation},
	{LITERAL("SEC"), true, parse_level},
	{LITERAL("EXPIRE"), true, parse_expiry},
};

/* -- tokens: KEY:VALUE between spaces -- */

struct token {
	struct bytes text, key, value;
	bool is_pair;
};

static bool next_token(struct token *out, struct bytes *rest)
{
	size_t start = 0, colons = 0, colon = 0;
	while (start < rest->len && rest->ptr[start] == ' ')
		start++;
	size_t end = start;
	for (; end < rest->len && rest->ptr[end] != ' '; end++)
		if (rest->ptr[end] == ':' && colons++ == 0)
			colon = end;
	if (start == end)
		return false;
	out->text = bytes_slice(*rest, start, end - start);
	out->is_pair = colons == 1;
	out->key = bytes_slice(*rest, start, colon - start);
	out->value = bytes_slice(*rest, colon + 1, end - colon - 1);
	*rest = bytes_slice(*rest, end, rest->len - end);
	return true;
}

static enum conclave_error check_pairs(struct bytes text, struct conclave_report *report)
{
	struct token token;
	while (next_token(&token, &text))
		if (!token.is_pair)
			return refuse(
				report, BYTES_LIT("Invalid token: "), token.text, BYTES_LIT(""));
	return CONCLAVE_OK;
}

static bool is_known(struct bytes key)
{
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		if (bytes_equal(key, keys[i].name))
			return true;
	return false;
}

/* Whether an earlier token of the text has this token's key. */
static bool is_repeated(struct bytes text, struct bytes key)
{
	struct token token;
	while (next_token(&token, &text) && token.key.ptr != key.ptr)
		if (bytes_equal(token.key, key))
			return true;
	return false;
}

/* All unknown keys are named, each once. */
static enum conclave_error check_keys(struct bytes text, struct conclave_report *report)
{
	struct token token;
	size_t count = 0;
	for (struct bytes rest = text; next_token(&token, &rest);) {
		if (is_known(token.key) || is_repeated(text, token.key))
			continue;
		if (count++ == 0)
			message_begin(report, BYTES_LIT("Unknown keys ["));
		else
			message_add(report, BYTES_LIT(", "));
		message_add(report, token.key);
	}
	if (count == 0)
		return CONCLAVE_OK;
	message_add(report, BYTES_LIT("]"));
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error parse_key(
	struct constraint *out, size_t key, struct bytes text, struct conclave_report *report)
{
	struct token token;
	size_t count = 0;
	for (struct bytes rest = text; next_token(&token, &rest);)
		count += bytes_equal(token.key, keys[key].name);
	if (keys[key].once && count > 1)
		return refuse(
			report, BYTES_LIT("More than one "), keys[key].name, BYTES_LIT(" defined"));
	for (struct bytes rest = text; next_token(&token, &rest);)
		if (bytes_equal(token.key, keys[key].name))
			TRY(keys[key].parse(out, token.value, report));
	return CONCLAVE_OK;
}

enum conclave_error constraint_parse_unchecked(
	struct constraint *out, struct bytes text, struct conclave_report *report)
{
	struct constraint constraint = {.level = ATTEST_STALE};
	if (text.len > CONSTRAINT_TEXT_MAX) {
		message_begin(report, BYTES_LIT("A constraint has at most 16384 characters."));
		return CONCLAVE_ERROR_LIMIT;
	}
	TRY(check_pairs(text, report));
	TRY(check_keys(text, report));
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		TRY(parse_key(&constraint, i, text, report));
	*out = constraint;
	return CONCLAVE_OK;
}

enum conclave_error constraint_parse(
	struct constraint *out, struct bytes text, struct conclave_report *report)
{
	struct constraint constraint;
	TRY(constraint_parse_unchecked(&constraint, text, report));
	TRY(constraint_validate(&constraint, report));
	*out = constraint;
	return CONCLAVE_OK;
}

/* -- canonical text -- */

static void write_hashes(
	struct writer *out, struct bytes key, const struct constraint_hash *hashes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[2 * 64 + 1];
		hex_encode_upper(text, bytes_of(hashes[i].bytes, hashes[i].size));
		write_bytes(out, key);
		write_bytes(out, bytes_of(text, 2 * (size_t)hashes[i].size));
		write_u8(out, ' ');
	}
}

static void write_unit(struct writer *out, int32_t value, char unit)
{
	if (value == 0)
		return;
	message_write_decimal(out, value);
	write_u8(out, (uint8_t)unit);
}

void constraint_write_period(struct writer *out, const struct calendar_period *period)
{
	write_u8(out, 'P');
	write_unit(out, period->years, 'Y');
	write_unit(out, period->months, 'M');
	write_unit(out, period->days, 'D');
	if (period->years == 0 && period->months == 0 && period->days == 0)
		write_bytes(out, BYTES_LIT("0D"));
}

static void write_key_number(struct writer *out, struct bytes key, int64_t value)
{
	write_bytes(out, key);
	message_write_decimal(out, value);
	write_u8(out, ' ');
}

enum conclave_error constraint_write(struct writer *out, const struct constraint *constraint)
{
	write_hashes(out, BYTES_LIT("C:"), constraint->code, constraint->code_count);
	write_hashes(out, BYTES_LIT("S:"), constraint->signer, constraint->signer_count);
	if (constraint->has_product_id)
		write_key_number(out, BYTES_LIT("PROD:"), constraint->product_id);
	if (constraint->has_revocation)
		write_key_number(out, BYTES_LIT("REVOKE:"), constraint->min_revocation_level);
	if (constraint->has_expiry) {
		write_bytes(out, BYTES_LIT("EXPIRE:"));
		constraint_write_period(out, &constraint->expiry);
		write_u8(out, ' ');
	}
	write_bytes(out, BYTES_LIT("SEC:"));
	write_bytes(out, constraint_level_text(constraint->level));
	return writer_end(out);
}
