#include "attest/tcb.h"

#include "attest/literal.h"
#include "base/check.h"
#include "base/hex.h"

/* -- levels of platforms -- */

struct platform_level {
	struct tcb_level level;
	uint8_t sgx_components[16], tdx_components[16];
	uint32_t pcesvn;
};

/* "sgxtcbcomp07svn": from 1; 0 for other names. */
static uint32_t component_number(struct bytes name)
{
	const struct bytes before = BYTES_LIT("sgxtcbcomp"), after = BYTES_LIT("svn");
	if (name.len != before.len + 2 + after.len ||
		!bytes_equal(bytes_slice(name, 0, before.len), before) ||
		!bytes_equal(bytes_slice(name, before.len + 2, after.len), after))
		return 0;
	uint32_t tens = name.ptr[before.len] - (uint32_t)'0';
	uint32_t ones = name.ptr[before.len + 1] - (uint32_t)'0';
	return tens <= 1 && ones <= 9 && 10 * tens + ones <= 16 ? 10 * tens + ones : 0;
}

/* Version 2 has a member for every component. */
static enum conclave_error read_component_members(uint8_t out[16], const struct json_view *tcb)
{
	struct json_view value;
	struct bytes name;
	uint32_t seen = 0;
	for (struct reader members = json_view_members(tcb);
		json_view_next_member(&name, &value, &members);) {
		uint32_t svn, number = component_number(name);
		if (number == 0)
			continue;
		if ((seen & 1u << number) != 0)
			return CONCLAVE_ERROR_FORMAT;
		TRY(json_view_integer(&svn, UINT8_MAX, &value));
		out[number - 1] = (uint8_t)svn;
		seen |= 1u << number;
	}
	return seen == 0x1fffe ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

/* Version 3 has a list of sixteen objects. */
static enum conclave_error read_component_list(uint8_t out[16], const struct json_view *list)
{
	struct json_view component;
	size_t count = 0;
	TRY(json_view_is_array(list));
	for (struct reader elements = json_view_elements(list);
		json_view_next(&component, &elements);) {
		uint32_t svn;
		if (count == 16)
			return CONCLAVE_ERROR_FORMAT;
		TRY(json_view_number(&svn, UINT8_MAX, &component, BYTES_LIT("svn")));
		out[count++] = (uint8_t)svn;
	}
	return count == 16 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_platform_level(
	struct platform_level *out, const struct tcb_info *info, const struct json_view *level)
{
	struct json_view tcb, sgx, tdx, pcesvn;
	const struct json_view_field fields[] = {{LITERAL("sgxtcbcomponents"), &sgx},
		{LITERAL("tdxtcbcomponents"), &tdx}, {LITERAL("pcesvn"), &pcesvn}};
	TRY(tcb_level_read(&out->level, &tcb, level));
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), &tcb));
	TRY(json_view_integer(&out->pcesvn, UINT16_MAX, &pcesvn));
	if (!info->has_component_list)
		return read_component_members(out->sgx_components, &tcb);
	TRY(read_component_list(out->sgx_components, &sgx));
	if (info->tee == QUOTE_TEE_TDX)
		TRY(read_component_list(out->tdx_components, &tdx));
	return CONCLAVE_OK;
}

static bool reaches_components(const uint8_t seen[16], const uint8_t wanted[16], size_t first)
{
	for (size_t i = first; i < 16; i++)
		if (seen[i] < wanted[i])
			return false;
	return true;
}

/* The first two components of a TD are its module's, which has levels of its own since version 1.
 */
static bool reaches(const struct platform_level *level, const struct pck_platform *platform,
	const uint8_t *tee_tcb_svn)
{
	if (!reaches_components(platform->components, level->sgx_components, 0) ||
		platform->pcesvn < level->pcesvn)
		return false;
	return tee_tcb_svn == NULL || reaches_components(tee_tcb_svn, level->tdx_components,
					      tdx_module_has_levels(tee_tcb_svn) ? 2 : 0);
}

enum conclave_error tcb_info_match(struct tcb_level *out, const struct tcb_info *info,
	const struct pck_platform *platform, const uint8_t tee_tcb_svn[16])
{
	struct json_view level;
	for (struct reader levels = json_view_elements(&info->levels);
		json_view_next(&level, &levels);) {
		struct platform_level read;
		TRY(read_platform_level(&read, info, &level));
		if (reaches(&read, platform, tee_tcb_svn)) {
			*out = read.level;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_TCB;
}

/* -- TDX modules -- */

/* id, mrsigner, attributes, tcbLevels; version 0 has neither id nor levels. */
static enum conclave_error read_module(
	struct tdx_module *out, struct json_view *id, const struct json_view *object)
{
	struct json_view mrsigner, attributes, levels;
	const struct json_view_field fields[] = {{LITERAL("id"), id},
		{LITERAL("mrsigner"), &mrsigner}, {LITERAL("attributes"), &attributes},
		{LITERAL("tcbLevels"), &levels}};
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), object));
	TRY(json_view_octets((struct buffer){out->mrsigner, sizeof(out->mrsigner)}, &mrsigner));
	TRY(json_view_octets(
		(struct buffer){out->attributes, sizeof(out->attributes)}, &attributes));
	out->levels = levels;
	return CONCLAVE_OK;
}

/* "TDX_03", in digits of either case: Intel has written both. */
static enum conclave_error read_module_version(uint8_t *version, const struct json_view *id)
{
	struct bytes text;
	TRY(json_view_text(&text, id));
	if (text.len != 6 || !bytes_equal(bytes_slice(text, 0, 4), BYTES_LIT("TDX_")))
		return CONCLAVE_ERROR_FORMAT;
	return hex_decode((struct buffer){version, 1}, bytes_slice(text, 4, 2));
}

static enum conclave_error read_modules(struct tcb_info *info, const struct json_view *module)
{
	struct json_view id, element;
	TRY(read_module(&info->module, &id, module));
	info->module.levels = (struct json_view){{NULL, 0}};
	if (info->modules.text.ptr == NULL)
		return CONCLAVE_OK;
	TRY(json_view_is_array(&info->modules));
	for (struct reader modules = json_view_elements(&info->modules);
		json_view_next(&element, &modules);) {
		struct tdx_module read;
		uint8_t version;
		TRY(read_module(&read, &id, &element));
		TRY(read_module_version(&version, &id));
		TRY(tcb_enclave_levels_check(&info->latest_date, &read.levels));
	}
	return CONCLAVE_OK;
}

enum conclave_error tdx_module_find(
	struct tdx_module *out, const struct tcb_info *info, const uint8_t tee_tcb_svn[16])
{
	struct json_view element, id;
	if (!tdx_module_has_levels(tee_tcb_svn)) {
		*out = info->module;
		return CONCLAVE_OK;
	}
	for (struct reader modules = json_view_elements(&info->modules);
		json_view_next(&element, &modules);) {
		struct tdx_module read;
		uint8_t version;
		TRY(read_module(&read, &id, &element));
		TRY(read_module_version(&version, &id));
		if (version == tee_tcb_svn[1]) {
			*out = read;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_MISMATCH;
}

/* Intel's QVL asks for attributes of zero, whatever the mask says; no module has had others. */
enum conclave_error tdx_module_check(
	const struct tdx_module *module, const struct tdx_report_body *report)
{
	if (memcmp(module->mrsigner, report->mrsignerseam, sizeof(module->mrsigner)) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	if (report->seamattributes != 0 || load_u64le(module->attributes) != 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

enum conclave_error tdx_module_match(
	struct tcb_level *out, const struct tdx_module *module, const uint8_t tee_tcb_svn[16])
{
	return tcb_enclave_levels_match(out, &module->levels, tee_tcb_svn[0]);
}

/* -- TCB info -- */

static enum conclave_error check_platform_levels(struct tcb_info *info)
{
	struct json_view level;
	TRY(json_view_is_array(&info->levels));
	for (struct reader levels = json_view_elements(&info->levels);
		json_view_next(&level, &levels);) {
		struct platform_level read;
		TRY(read_platform_level(&read, info, &level));
		if (read.level.date > info->latest_date)
			info->latest_date = read.level.date;
	}
	return CONCLAVE_OK;
}

/* Version 2 is of SGX and does not say so. */
static enum conclave_error check_info_version(
	struct tcb_info *info, const struct json_view *version, const struct json_view *id)
{
	struct bytes text;
	uint32_t number;
	TRY(json_view_integer(&number, UINT32_MAX, version));
	info->has_component_list = number == 3;
	if (number == 2 && info->tee == QUOTE_TEE_SGX)
		return CONCLAVE_OK;
	if (number != 3)
		return CONCLAVE_ERROR_VERSION;
	TRY(json_view_text(&text, id));
	return bytes_equal(text, info->tee == QUOTE_TEE_TDX ? BYTES_LIT("TDX") : BYTES_LIT("SGX"))
		       ? CONCLAVE_OK
		       : CONCLAVE_ERROR_VERSION;
}

static enum conclave_error info_read(
	struct tcb_info *out, const struct json_view *object, enum quote_tee tee)
{
	struct tcb_info info = {.tee = tee, .latest_date = INT64_MIN};
	struct json_view version, id, issue_date, next_update, evaluation, fmspc, pceid, module;
	const struct json_view_field fields[] = {{LITERAL("version"), &version},
		{LITERAL("id"), &id}, {LITERAL("issueDate"), &issue_date},
		{LITERAL("nextUpdate"), &next_update},
		{LITERAL("tcbEvaluationDataNumber"), &evaluation}, {LITERAL("fmspc"), &fmspc},
		{LITERAL("pceId"), &pceid}, {LITERAL("tcbLevels"), &info.levels},
		{LITERAL("tdxModule"), &module}, {LITERAL("tdxModuleIdentities"), &info.modules}};
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), object));
	TRY(check_info_version(&info, &version, &id));
	TRY(json_view_instant(&info.issue_date, &issue_date));
	TRY(json_view_instant(&info.next_update, &next_update));
	TRY(json_view_integer(&info.evaluation_number, UINT32_MAX, &evaluation));
	TRY(json_view_octets((struct buffer){info.fmspc, sizeof(info.fmspc)}, &fmspc));
	TRY(json_view_octets((struct buffer){info.pceid, sizeof(info.pceid)}, &pceid));
	TRY(check_platform_levels(&info));
	if (tee == QUOTE_TEE_TDX)
		TRY(read_modules(&info, &module));
	*out = info;
	return CONCLAVE_OK;
}

enum conclave_error tcb_info_read(
	struct tcb_info *out, const struct json_view *object, enum quote_tee tee)
{
	return tcb_not_found_is_format(info_read(out, object, tee));
}
