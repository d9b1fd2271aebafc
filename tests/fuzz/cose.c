/* COSE_Sign1: what is read is written again byte for byte. */
#include "attest/cbor.h"
#include "attest/cose.h"
#include "base/check.h"

#define WRITTEN_SIZE_MAX 65536

static void check_rewritten(const struct cose_sign1 *sign1, struct bytes from)
{
	static uint8_t space[WRITTEN_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct reader tagged = reader_of(from);
	(void)cbor_accept_tag(&tagged, 18);
	cbor_write_head(&writer, CBOR_ARRAY, 4);
	cbor_write_bytes(&writer, sign1->protected_header);
	write_bytes(&writer, sign1->unprotected_header);
	cbor_write_bytes(&writer, sign1->payload);
	cbor_write_bytes(&writer, sign1->signature);
	if (writer_end(&writer) == CONCLAVE_OK)
		ASSERT(bytes_equal(writer_bytes(&writer), tagged.rest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct p384_public none;
	struct bytes from = bytes_of(data, size);
	struct cose_sign1 sign1;
	if (cose_sign1_read(&sign1, from) != CONCLAVE_OK)
		return 0;
	check_rewritten(&sign1, from);
	ASSERT(cose_sign1_verify(&sign1, &none) != CONCLAVE_OK);
	struct writer prefix = writer_measure();
	cose_write_signed_prefix(&prefix, &sign1);
	ASSERT(prefix.len <= COSE_SIGNED_PREFIX_SIZE(sign1.protected_header.len));
	return 0;
}
