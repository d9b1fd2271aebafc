#include "attest/qe_identity.h"

#include "attest/literal.h"
#include "base/check.h"

static enum conclave_error read_masks(struct qe_identity *out, const struct json_view *object)
{
	struct json_view miscselect, miscselect_mask, attributes, attributes_mask, mrsigner;
	const struct json_view_field fields[] = {{LITERAL("miscselect"), &miscselect},
		{LITERAL("miscselectMask"), &miscselect_mask}, {LITERAL("attributes"), &attributes},
		{LITERAL("attributesMask"), &attributes_mask}, {LITERAL("mrsigner"), &mrsigner}};
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), object));
	TRY(json_view_octets((struct buffer){out->miscselect, 4}, &miscselect));
	TRY(json_view_octets((struct buffer){out->miscselect_mask, 4}, &miscselect_mask));
	TRY(json_view_octets((struct buffer){out->attributes, 16}, &attributes));
	TRY(json_view_octets((struct buffer){out->attributes_mask, 16}, &attributes_mask));
	return json_view_octets((struct buffer){out->mrsigner, 32}, &mrsigner);
}

static enum conclave_error check_identity_version(
	const struct json_view *version, const struct json_view *id, enum quote_tee tee)
{
	const struct bytes wanted = tee == QUOTE_TEE_TDX ? BYTES_LIT("TD_QE") : BYTES_LIT("QE");
	struct bytes text;
	uint32_t number;
	TRY(json_view_integer(&number, UINT32_MAX, version));
	TRY(json_view_text(&text, id));
	return number == 2 && bytes_equal(text, wanted) ? CONCLAVE_OK : CONCLAVE_ERROR_VERSION;
}

static enum conclave_error identity_read(
	struct qe_identity *out, const struct json_view *object, enum quote_tee tee)
{
	struct qe_identity identity = {.latest_date = INT64_MIN};
	struct json_view version, id, issue_date, next_update, evaluation, isvprodid;
	const struct json_view_field fields[] = {{LITERAL("version"), &version},
		{LITERAL("id"), &id}, {LITERAL("issueDate"), &issue_date},
		{LITERAL("nextUpdate"), &next_update},
		{LITERAL("tcbEvaluationDataNumber"), &evaluation},
		{LITERAL("isvprodid"), &isvprodid}, {LITERAL("tcbLevels"), &identity.levels}};
	uint32_t product;
	TRY(json_view_fields(fields, ARRAY_COUNT(fields), object));
	TRY(check_identity_version(&version, &id, tee));
	TRY(json_view_instant(&identity.issue_date, &issue_date));
	TRY(json_view_instant(&identity.next_update, &next_update));
	TRY(json_view_integer(&identity.evaluation_number, UINT32_MAX, &evaluation));
	TRY(json_view_integer(&product, UINT16_MAX, &isvprodid));
	identity.isvprodid = (uint16_t)product;
	TRY(read_masks(&identity, object));
	TRY(tcb_enclave_levels_check(&identity.latest_date, &identity.levels));
	*out = identity;
	return CONCLAVE_OK;
}

enum conclave_error qe_identity_read(
	struct qe_identity *out, const struct json_view *object, enum quote_tee tee)
{
	return tcb_not_found_is_format(identity_read(out, object, tee));
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
	return tcb_enclave_levels_match(out, &identity->levels, isvsvn);
}
