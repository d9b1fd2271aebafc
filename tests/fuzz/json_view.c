/* Any JSON. */
#include "attest/json_view.h"
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
	if (json_view_parse(&whole, bytes_of(data, size)) == CONCLAVE_OK)
		walk(&whole, 0);
	return 0;
}
