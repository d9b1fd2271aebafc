/* What services say: chains in headers, CRLs in three forms, and whole items. The first byte says
 * which; what is taken for an item must be of this name alone. */
#include <stdlib.h>

#include "base/check.h"
#include "collateral/check.h"
#include "collateral/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void percent(struct bytes text)
{
	uint8_t space[4096];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	if (encoding_percent_decode(&out, text) == CONCLAVE_OK)
		ASSERT(out.len <= text.len);
}

/* What has become DER stays as it is. */
static void der(struct bytes text)
{
	struct buffer body = {malloc(text.len + 1), text.len};
	ASSERT(body.ptr != NULL);
	if (text.len > 0)
		memcpy(body.ptr, text.ptr, text.len);
	if (encoding_to_der(&body, BYTES_LIT("X509 CRL")) == CONCLAVE_OK) {
		struct buffer again = body;
		ASSERT(encoding_to_der(&again, BYTES_LIT("X509 CRL")) == CONCLAVE_OK);
		ASSERT(again.len == body.len);
	}
	free(body.ptr);
}

static void name(struct bytes text)
{
	char seen[256] = "", again[COLLATERAL_NAME_SIZE];
	struct collateral_item item;
	memcpy(seen, text.ptr, text.len < 255 ? text.len : 255);
	if (item_parse(&item, seen) != CONCLAVE_OK)
		return;
	item_name(again, &item);
	ASSERT(strcmp(seen, again) == 0);
}

/* NAME NUL, then chain and body, each with its length before it. */
static void item(struct bytes from)
{
	const struct check_means means = {
		.roots = &attest_default_roots, .snp_roots = &snp_default_roots};
	struct check_dates dates;
	struct collateral_item wanted;
	const uint8_t *end = from.len > 0 ? memchr(from.ptr, 0, from.len) : NULL;
	if (end == NULL || item_parse(&wanted, (const char *)from.ptr) != CONCLAVE_OK)
		return;
	struct reader reader = reader_of(from);
	read_skip(&reader, (size_t)(end - from.ptr) + 1);
	struct bytes chain = read_lp32(&reader), body = read_lp32(&reader);
	if (check_item(&dates, &wanted, chain, body, &means) == CONCLAVE_OK)
		ASSERT(dates.validity.from >= dates.issued);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct bytes) = {percent, der, name, item};
	if (size > 0)
		readers[data[0] % ARRAY_COUNT(readers)](bytes_of(data + 1, size - 1));
	return 0;
}
