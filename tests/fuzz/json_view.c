/* Any JSON; and signed collateral read as such. */
#include "attest/tcb.h"
#include "base/check.h"

static void walk(const struct json_view *value, unsigned depth)
{
	struct json_view element;
	struct bytes text, name;
	size_t count = 0;
	ASSERT(depth <= JSON_VIEW_DEPTH_MAX);
	for (struct reader elements = json_view_elements(value);
		json_view_next(&element, &elements); count++) {
		ASSERT(element.text.len > 0 && element.text.len < value->text.len);
		walk(&element, depth + 1);
	}
	for (struct reader members = json_view_members(value);
		json_view_next_member(&name, &element, &members); count++) {
		ASSERT(name.len + element.text.len < value->text.len);
		walk(&element, depth + 1);
	}
	ASSERT(count <= value->text.len);
	(void)!json_view_text(&text, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_view whole;
	struct tcb_signed read;
	struct tcb_info info;
	struct qe_identity identity;
	struct tcb_level level;
	const struct pck_platform platform = {.components = {9, 9, 9, 9}, .pcesvn = 9};
	if (json_view_parse(&whole, bytes_of(data, size)) == CONCLAVE_OK)
		walk(&whole, 0);
	if (tcb_signed_read(&read, bytes_of(data, size), BYTES_LIT("tcbInfo")) == CONCLAVE_OK &&
		tcb_info_read(&info, &read.object) == CONCLAVE_OK)
		(void)!tcb_info_match(&level, &info, &platform);
	if (tcb_signed_read(&read, bytes_of(data, size), BYTES_LIT("enclaveIdentity")) ==
			CONCLAVE_OK &&
		qe_identity_read(&identity, &read.object) == CONCLAVE_OK)
		(void)!qe_identity_match(&level, &identity, 1);
	return 0;
}
