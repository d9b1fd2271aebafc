#include "attest/tcb_level.h"

#include "attest/literal.h"
#include "base/check.h"

static const struct {
	struct bytes text;
	enum attest_tcb_status status;
} statuses[] = {
	{LITERAL("UpToDate"), TCB_UP_TO_DATE},
	{LITERAL("SWHardeningNeeded"), TCB_SW_HARDENING_NEEDED},
	{LITERAL("ConfigurationNeeded"), TCB_CONFIGURATION_NEEDED},
	{LITERAL("ConfigurationAndSWHardeningNeeded"), TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED},
	{LITERAL("OutOfDate"), TCB_OUT_OF_DATE},
	{LITERAL("OutOfDateConfigurationNeeded"), TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
	{LITERAL("Revoked"), TCB_REVOKED},
};

struct bytes tcb_status_text(enum attest_tcb_status status)
{
	for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	if (status == TCB_TD_RELAUNCH_ADVISED)
		return BYTES_LIT("TDRelaunchAdvised");
	if (status == TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED)
		return BYTES_LIT("TDRelaunchAdvisedConfigurationNeeded");
	return BYTES_LIT("NotApplicable");
}

static enum conclave_error read_status(enum attest_tcb_status *out, const struct json_view *value)
{
	struct bytes text;
	TRY(json_view_text(&text, value));
	for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
		if (bytes_equal(text, statuses[i].text)) {
			*out = statuses[i].status;
			return CONCLAVE_OK;
		}
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_advisories(struct bytes *out, const struct json_view *array)
{
	struct json_view id;
	struct bytes text;
	*out = (struct bytes){NULL, 0};
	if (array->text.ptr == NULL)
		return CONCLAVE_OK;
	TRY(json_view_is_array(array));
	for (struct reader ids = json_view_elements(array); json_view_next(&id, &ids);)
		TRY(json_view_text(&text, &id));
	*out = array->text;
	return CONCLAVE_OK;
}

/* What levels of all kinds share; tcb is what they differ in. */
enum conclave_error tcb_level_read(
	struct tcb_level *out, struct json_view *tcb, const struct json_view *level)
{
	struct json_view status, date, advisories;
	const struct json_view_field fields[] = {{LITERAL("tcb"), tcb},
		{LITERAL("tcbStatus"), &status}, {LITERAL("tcbDate"), &date},
		{LITERAL("advisoryIDs"), &advisories}};
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), level));
	TRY(read_status(&out->status, &status));
	TRY(json_view_instant(&out->date, &date));
	return read_advisories(&out->advisories, &advisories);
}

static enum conclave_error signed_read(struct tcb_signed *out, struct bytes text, struct bytes name)
{
	struct json_view whole, object, signature;
	const struct json_view_field fields[] = {
		{name, &object}, {LITERAL("signature"), &signature}};
	struct tcb_signed read;
	TRY(json_view_parse(&whole, text));
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), &whole));
	if (object.text.ptr == NULL)
		return CONCLAVE_ERROR_NOT_FOUND;
	read.object = object;
	TRY(json_view_octets(
		(struct buffer){read.signature.bytes, sizeof(read.signature.bytes)}, &signature));
	*out = read;
	return CONCLAVE_OK;
}

enum conclave_error tcb_signed_read(struct tcb_signed *out, struct bytes text, struct bytes name)
{
	return tcb_not_found_is_format(signed_read(out, text, name));
}

static enum conclave_error read_enclave_level(
	struct tcb_level *out, uint32_t *isvsvn, const struct json_view *level)
{
	struct json_view tcb;
	TRY(tcb_level_read(out, &tcb, level));
	return json_view_number(isvsvn, UINT16_MAX, &tcb, BYTES_LIT("isvsvn"));
}

/* Read every level; latest: no earlier than the date of any. */
enum conclave_error tcb_enclave_levels_check(int64_t *latest, const struct json_view *array)
{
	struct json_view level;
	TRY(json_view_is_array(array));
	for (struct reader levels = json_view_elements(array); json_view_next(&level, &levels);) {
		struct tcb_level read;
		uint32_t isvsvn;
		TRY(read_enclave_level(&read, &isvsvn, &level));
		if (read.date > *latest)
			*latest = read.date;
	}
	return CONCLAVE_OK;
}

enum conclave_error tcb_enclave_levels_match(
	struct tcb_level *out, const struct json_view *array, uint32_t isvsvn)
{
	struct json_view level;
	for (struct reader levels = json_view_elements(array); json_view_next(&level, &levels);) {
		struct tcb_level read;
		uint32_t wanted;
		TRY(read_enclave_level(&read, &wanted, &level));
		if (isvsvn >= wanted) {
			*out = read;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_TCB;
}

static bool needs_configuration(enum attest_tcb_status status)
{
	return status == TCB_CONFIGURATION_NEEDED ||
	       status == TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
	       status == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool is_out_of_date(enum attest_tcb_status status)
{
	return status == TCB_OUT_OF_DATE || status == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

/* QuoteLib Reference §4.1.2.5.1: an outdated component drags the platform's status down. */
enum attest_tcb_status tcb_converge(
	enum attest_tcb_status platform, enum attest_tcb_status component)
{
	if (platform == TCB_REVOKED || component == TCB_REVOKED)
		return TCB_REVOKED;
	if (component == TCB_UP_TO_DATE)
		return platform;
	return needs_configuration(platform) ? TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
					     : TCB_OUT_OF_DATE;
}

/* QuoteLib Reference §4.1.2.5.1.20: a TD that was launched on an outdated platform which has been
 * updated under it is as good as the platform once it is launched again. Where Intel's library
 * passes over a current TCB that is revoked, that counts here. */
enum attest_tcb_status tcb_relaunch(enum attest_tcb_status launch, enum attest_tcb_status current)
{
	if (launch == TCB_REVOKED || current == TCB_REVOKED)
		return TCB_REVOKED;
	if (!is_out_of_date(launch) || is_out_of_date(current))
		return launch;
	return needs_configuration(launch) || needs_configuration(current)
		       ? TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
		       : TCB_TD_RELAUNCH_ADVISED;
}
