#include "attest/cose.h"

#include "attest/cbor.h"
#include "base/check.h"

#define TAG_SIGN1 18
#define SIGN1_COUNT 4
#define ES384_HEADER BYTES_LIT("\xa1\x01\x38\x22") /* {1: -35} */

/* A map in its own encoding. */
static struct bytes read_map(struct reader *reader)
{
	if (!cbor_next_is(reader, CBOR_MAP))
		cbor_fail(reader);
	return cbor_read_any(reader);
}

/* empty_or_serialized_map (§3). */
static struct bytes read_protected(struct reader *reader)
{
	struct bytes header = cbor_read_bytes(reader);
	struct reader inner = reader_of(header);
	if (header.len != 0)
		(void)read_map(&inner);
	if (cbor_end(&inner) != CONCLAVE_OK)
		cbor_fail(reader);
	return header;
}

enum conclave_error cose_sign1_read(struct cose_sign1 *out, struct bytes from)
{
	struct reader reader = reader_of(from);
	struct cose_sign1 sign1;
	(void)cbor_accept_tag(&reader, TAG_SIGN1);
	if (cbor_enter_array(&reader, SIGN1_COUNT) != SIGN1_COUNT)
		cbor_fail(&reader);
	sign1.protected_header = read_protected(&reader);
	sign1.unprotected_header = read_map(&reader);
	sign1.payload = cbor_read_bytes(&reader);
	sign1.signature = cbor_read_bytes(&reader);
	TRY(cbor_end(&reader));
	*out = sign1;
	return CONCLAVE_OK;
}

bool cose_is_es384(const struct cose_sign1 *sign1)
{
	return bytes_equal(sign1->protected_header, ES384_HEADER);
}

void cose_write_signed_prefix(struct writer *out, const struct cose_sign1 *sign1)
{
	cbor_write_head(out, CBOR_ARRAY, 4);
	cbor_write_text(out, BYTES_LIT("Signature1"));	/* context */
	cbor_write_bytes(out, sign1->protected_header); /* body_protected */
	cbor_write_bytes(out, BYTES_LIT(""));		/* external_aad */
	cbor_write_head(out, CBOR_BYTES, sign1->payload.len);
}

enum conclave_error cose_sign1_verify(const struct cose_sign1 *sign1, const struct p384_public *key)
{
	uint8_t prefix[COSE_SIGNED_PREFIX_SIZE(4)];
	struct writer writer = writer_of((struct buffer){prefix, sizeof(prefix)});
	struct p384_signature signature;
	if (!cose_is_es384(sign1))
		return CONCLAVE_ERROR_VERSION;
	if (sign1->signature.len != sizeof(signature.bytes))
		return CONCLAVE_ERROR_FORMAT;
	memcpy(signature.bytes, sign1->signature.ptr, sizeof(signature.bytes));
	cose_write_signed_prefix(&writer, sign1);
	TRY(writer_end(&writer));
	return p384_verify_pieces(key, writer_bytes(&writer), sign1->payload, &signature);
}
