#include "attest/tcb.h"

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

static enum conclave_error read_status(enum attest_tcb_status *out, const struct json_view *level)
{
	struct bytes text;
	TRY(json_view_string(&text, level, BYTES_LIT("tcbStatus")));
	for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
		if (bytes_equal(text, statuses[i].text)) {
			*out = statuses[i].status;
			return CONCLAVE_OK;
		}
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_advisories(struct bytes *out, const struct json_view *level)
{
	struct json_view array, id;
	struct bytes text;
	enum conclave_error error = json_view_array(&array, level, BYTES_LIT("advisoryIDs"));
	*out = (struct bytes){NULL, 0};
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		return CONCLAVE_OK;
	TRY(error);
	for (struct reader ids = json_view_elements(&array); json_view_next(&id, &ids);)
		TRY(json_view_text(&text, &id));
	*out = array.text;
	return CONCLAVE_OK;
}

/* What levels of both kinds share. */
static enum conclave_error read_level(struct tcb_level *out, const struct json_view *level)
{
	TRY(read_status(&out->status, level));
	TRY(json_view_time(&out->date, level, BYTES_LIT("tcbDate")));
	return read_advisories(&out->advisories, level);
}

/* A missing member of signed collateral is malformed collateral. */
static enum conclave_error not_found_is_format(enum conclave_error error)
{
	return error == CONCLAVE_ERROR_NOT_FOUND ? CONCLAVE_ERROR_FORMAT : error;
}

static enum conclave_error signed_read(struct tcb_signed *out, struct bytes text, struct bytes name)
{
	struct json_view whole;
	struct tcb_signed read;
	TRY(json_view_parse(&whole, text));
	TRY(json_view_member(&read.object, &whole, name));
	TRY(json_view_hex((struct buffer){read.signature.bytes, sizeof(read.signature.bytes)},
		&whole, BYTES_LIT("signature")));
	*out = read;
	return CONCLAVE_OK;
}

enum conclave_error tcb_signed_read(struct tcb_signed *out, struct bytes text, struct bytes name)
{
	return not_found_is_format(signed_read(out, text, name));
}

/* Version 2 has a member for every component. */
static enum conclave_error read_component_members(uint8_t out[16], const struct json_view *tcb)
{
	char name[] = "sgxtcbcomp00svn";
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t svn;
		name[10] = (char)('0' + (i + 1) / 10);
		name[11] = (char)('0' + (i + 1) % 10);
		TRY(json_view_number(&svn, UINT8_MAX, tcb, bytes_of(name, sizeof(name) - 1)));
		out[i] = (uint8_t)svn;
	}
	return CONCLAVE_OK;
}

/* Version 3 has a list of sixteen objects. */
static enum conclave_error read_component_list(uint8_t out[16], const struct json_view *tcb)
{
	struct json_view list, component;
	size_t count = 0;
	TRY(json_view_array(&list, tcb, BYTES_LIT("sgxtcbcomponents")));
	for (struct reader elements = json_view_elements(&list);
		json_view_next(&component, &elements);) {
		uint32_t svn;
		if (count == 16)
			return CONCLAVE_ERROR_FORMAT;
		TRY(json_view_number(&svn, UINT8_MAX, &component, BYTES_LIT("svn")));
		out[count++] = (uint8_t)svn;
	}
	return count == 16 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_platform_level(struct tcb_level *out, uint8_t components[16],
	uint32_t *pcesvn, const struct json_view *level, bool has_component_list)
{
	struct json_view tcb;
	TRY(read_level(out, level));
	TRY(json_view_member(&tcb, level, BYTES_LIT("tcb")));
	TRY(json_view_number(pcesvn, UINT16_MAX, &tcb, BYTES_LIT("pcesvn")));
	return has_component_list ? read_component_list(components, &tcb)
				  : read_component_members(components, &tcb);
}

static bool reaches(
	const struct pck_platform *platform, const uint8_t components[16], uint32_t pcesvn)
{
	for (int i = 0; i < 16; i++)
		if (platform->components[i] < components[i])
			return false;
	return platform->pcesvn >= pcesvn;
}

static enum conclave_error info_read(struct tcb_info *out, const struct json_view *object)
{
	struct tcb_info info = {.latest_date = INT64_MIN};
	struct json_view level;
	uint32_t version;
	TRY(json_view_number(&version, UINT32_MAX, object, BYTES_LIT("version")));
	if (version != 2 && version != 3)
		return CONCLAVE_ERROR_VERSION;
	info.has_component_list = version == 3;
	if (version == 3) {
		struct bytes id;
		TRY(json_view_string(&id, object, BYTES_LIT("id")));
		if (!bytes_equal(id, BYTES_LIT("SGX")))
			return CONCLAVE_ERROR_VERSION;
	}
	TRY(json_view_time(&info.issue_date, object, BYTES_LIT("issueDate")));
	TRY(json_view_time(&info.next_update, object, BYTES_LIT("nextUpdate")));
	TRY(json_view_hex(
		(struct buffer){info.fmspc, sizeof(info.fmspc)}, object, BYTES_LIT("fmspc")));
	TRY(json_view_hex(
		(struct buffer){info.pceid, sizeof(info.pceid)}, object, BYTES_LIT("pceId")));
	TRY(json_view_array(&info.levels, object, BYTES_LIT("tcbLevels")));
	for (struct reader levels = json_view_elements(&info.levels);
		json_view_next(&level, &levels);) {
		struct tcb_level read;
		uint8_t components[16];
		uint32_t pcesvn;
		TRY(read_platform_level(
			&read, components, &pcesvn, &level, info.has_component_list));
		if (read.date > info.latest_date)
			info.latest_date = read.date;
	}
	*out = info;
	return CONCLAVE_OK;
}

enum conclave_error tcb_info_read(struct tcb_info *out, const struct json_view *object)
{
	return not_found_is_format(info_read(out, object));
}

enum conclave_error tcb_info_match(
	struct tcb_level *out, const struct tcb_info *info, const struct pck_platform *platform)
{
	struct json_view level;
	for (struct reader levels = json_view_elements(&info->levels);
		json_view_next(&level, &levels);) {
		struct tcb_level read;
		uint8_t components[16];
		uint32_t pcesvn;
		TRY(read_platform_level(
			&read, components, &pcesvn, &level, info->has_component_list));
		if (reaches(platform, components, pcesvn)) {
			*out = read;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_TCB;
}

static enum conclave_error read_enclave_level(
	struct tcb_level *out, uint32_t *isvsvn, const struct json_view *level)
{
	struct json_view tcb;
	TRY(read_level(out, level));
	TRY(json_view_member(&tcb, level, BYTES_LIT("tcb")));
	return json_view_number(isvsvn, UINT16_MAX, &tcb, BYTES_LIT("isvsvn"));
}

static enum conclave_error read_masks(struct qe_identity *out, const struct json_view *object)
{
	TRY(json_view_hex((struct buffer){out->miscselect, 4}, object, BYTES_LIT("miscselect")));
	TRY(json_view_hex(
		(struct buffer){out->miscselect_mask, 4}, object, BYTES_LIT("miscselectMask")));
	TRY(json_view_hex((struct buffer){out->attributes, 16}, object, BYTES_LIT("attributes")));
	TRY(json_view_hex(
		(struct buffer){out->attributes_mask, 16}, object, BYTES_LIT("attributesMask")));
	return json_view_hex((struct buffer){out->mrsigner, 32}, object, BYTES_LIT("mrsigner"));
}

static enum conclave_error identity_read(struct qe_identity *out, const struct json_view *object)
{
	struct qe_identity identity = {.latest_date = INT64_MIN};
	struct json_view level;
	struct bytes id;
	uint32_t version, isvprodid;
	TRY(json_view_number(&version, UINT32_MAX, object, BYTES_LIT("version")));
	TRY(json_view_string(&id, object, BYTES_LIT("id")));
	if (version != 2 || !bytes_equal(id, BYTES_LIT("QE")))
		return CONCLAVE_ERROR_VERSION;
	TRY(json_view_time(&identity.issue_date, object, BYTES_LIT("issueDate")));
	TRY(json_view_time(&identity.next_update, object, BYTES_LIT("nextUpdate")));
	TRY(read_masks(&identity, object));
	TRY(json_view_number(&isvprodid, UINT16_MAX, object, BYTES_LIT("isvprodid")));
	identity.isvprodid = (uint16_t)isvprodid;
	TRY(json_view_array(&identity.levels, object, BYTES_LIT("tcbLevels")));
	for (struct reader levels = json_view_elements(&identity.levels);
		json_view_next(&level, &levels);) {
		struct tcb_level read;
		uint32_t isvsvn;
		TRY(read_enclave_level(&read, &isvsvn, &level));
		if (read.date > identity.latest_date)
			identity.latest_date = read.date;
	}
	*out = identity;
	return CONCLAVE_OK;
}

enum conclave_error qe_identity_read(struct qe_identity *out, const struct json_view *object)
{
	return not_found_is_format(identity_read(out, object));
}

/* (seen & mask) == wanted */
static bool equal_under_mask(
	const void *seen, const uint8_t *mask, const uint8_t *wanted, size_t size)
{
	const uint8_t *bytes = seen;
	for (size_t i = 0; i < size; i++)
		if ((bytes[i] & mask[i]) != wanted[i])
			return false;
	return true;
}

enum conclave_error qe_identity_check(
	const struct qe_identity *identity, const struct sgx_report_body *report)
{
	if (!equal_under_mask(
		    &report->miscselect, identity->miscselect_mask, identity->miscselect, 4) ||
		!equal_under_mask(
			&report->attributes, identity->attributes_mask, identity->attributes, 16))
		return CONCLAVE_ERROR_MISMATCH;
	if (memcmp(report->mrsigner, identity->mrsigner, 32) != 0 ||
		report->isvprodid != identity->isvprodid)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

enum conclave_error qe_identity_match(
	struct tcb_level *out, const struct qe_identity *identity, uint16_t isvsvn)
{
	struct json_view level;
	for (struct reader levels = json_view_elements(&identity->levels);
		json_view_next(&level, &levels);) {
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

/* Intel's QVL, EvaluateTcb: an outdated quoting enclave drags the platform's status down. */
enum attest_tcb_status tcb_converge(
	enum attest_tcb_status platform, enum attest_tcb_status quoting_enclave)
{
	if (platform == TCB_REVOKED || quoting_enclave == TCB_REVOKED)
		return TCB_REVOKED;
	if (quoting_enclave == TCB_UP_TO_DATE)
		return platform;
	if (platform == TCB_CONFIGURATION_NEEDED ||
		platform == TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
		platform == TCB_OUT_OF_DATE_CONFIGURATION_NEEDED)
		return TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	return TCB_OUT_OF_DATE;
}
