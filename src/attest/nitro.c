/* The checks are those of AWS's "Nitro Enclaves Attestation Process", §3, in its order, but for the
 * time, which comes last: what is refused as EXPIRED has nothing else wrong with it. */
#include "attest/nitro.h"

#include "attest/calendar.h"
#include "attest/cbor.h"
#include "attest/cose.h"
#include "attest/literal.h"
#include "base/check.h"

/* The key of "CN=aws.nitro-enclaves, OU=AWS, O=Amazon, C=US" (root G1, 2019 to 2049), whose
 * certificate has the SHA-256 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b that
 * AWS publishes. */
const struct p384_public nitro_root = {{0xfc, 0x02, 0x54, 0xeb, 0xa6, 0x08, 0xc1, 0xf3, 0x68, 0x70,
	0xe2, 0x9a, 0xda, 0x90, 0xbe, 0x46, 0x38, 0x32, 0x92, 0x73, 0x6e, 0x89, 0x4b, 0xff, 0xf6,
	0x72, 0xd9, 0x89, 0x44, 0x4b, 0x50, 0x51, 0xe5, 0x34, 0xa4, 0xb1, 0xf6, 0xdb, 0xe3, 0xc0,
	0xbc, 0x58, 0x1a, 0x32, 0xb7, 0xb1, 0x76, 0x07, 0x0e, 0xde, 0x12, 0xd6, 0x9a, 0x3f, 0xea,
	0x21, 0x1b, 0x66, 0xe7, 0x52, 0xcf, 0x7d, 0xd1, 0xdd, 0x09, 0x5f, 0x6f, 0x13, 0x70, 0xf4,
	0x17, 0x08, 0x43, 0xd9, 0xdc, 0x10, 0x01, 0x21, 0xe4, 0xcf, 0x63, 0x01, 0x28, 0x09, 0x66,
	0x44, 0x87, 0xc9, 0x79, 0x62, 0x84, 0x30, 0x4d, 0xc5, 0x3f, 0xf4}};

/* -- the members of the payload -- */

static enum conclave_error read_module_id(struct nitro_claims *claims, struct reader *reader)
{
	claims->module_id = cbor_read_text(reader);
	return claims->module_id.len != 0 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_digest(struct nitro_claims *claims, struct reader *reader)
{
	claims->digest = cbor_read_text(reader);
	if (reader->failed)
		return CONCLAVE_ERROR_FORMAT;
	return bytes_equal(claims->digest, BYTES_LIT("SHA384")) ? CONCLAVE_OK
								: CONCLAVE_ERROR_VERSION;
}

/* Up to the year 9999: archives are judged, and verdicts dated, by it. */
static enum conclave_error read_timestamp(struct nitro_claims *claims, struct reader *reader)
{
	claims->timestamp_ms =
		(int64_t)cbor_read_unsigned(reader, CALENDAR_SECONDS_MAX * 1000 + 999);
	return claims->timestamp_ms > 0 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static bool is_all_zero(struct bytes value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] != 0)
			return false;
	return true;
}

static enum conclave_error read_pcr(struct nitro_claims *claims, struct reader *reader)
{
	uint64_t index = cbor_read_unsigned(reader, NITRO_PCR_COUNT - 1);
	struct bytes value = cbor_read_bytes(reader);
	if (reader->failed || claims->pcrs[index].len != 0)
		return CONCLAVE_ERROR_FORMAT;
	if (value.len != 32 && value.len != 48 && value.len != 64)
		return CONCLAVE_ERROR_FORMAT;
	claims->pcrs[index] = value;
	return CONCLAVE_OK;
}

/* T-41: a document that leaves out what identifies the image proves nothing about it. */
static enum conclave_error read_pcrs(struct nitro_claims *claims, struct reader *reader)
{
	for (struct cbor_map map = cbor_enter_map(reader, NITRO_PCR_COUNT);
		cbor_next_member(reader, &map);)
		TRY(read_pcr(claims, reader));
	for (size_t i = 0; i <= 2; i++) {
		if (claims->pcrs[i].len == 0)
			return CONCLAVE_ERROR_FORMAT;
		claims->is_debug |= is_all_zero(claims->pcrs[i]);
	}
	return CONCLAVE_OK;
}

static enum conclave_error check_size(struct bytes value, size_t min, size_t max)
{
	if (value.len < min)
		return CONCLAVE_ERROR_FORMAT;
	return value.len <= max ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT;
}

static enum conclave_error read_certificate(struct nitro_claims *claims, struct reader *reader)
{
	claims->certificate = cbor_read_bytes(reader);
	return check_size(claims->certificate, 1, NITRO_CERTIFICATE_SIZE_MAX);
}

static enum conclave_error read_cabundle(struct nitro_claims *claims, struct reader *reader)
{
	size_t count = cbor_enter_array(reader, reader->rest.len);
	if (count == 0)
		return CONCLAVE_ERROR_FORMAT;
	if (count > NITRO_CABUNDLE_COUNT_MAX)
		return CONCLAVE_ERROR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		claims->cabundle[i] = cbor_read_bytes(reader);
		TRY(check_size(claims->cabundle[i], 1, NITRO_CERTIFICATE_SIZE_MAX));
	}
	claims->cabundle_count = count;
	return CONCLAVE_OK;
}

/* An optional member: absent, null, or bytes. AWS's text has no null; its documents do. */
static enum conclave_error read_optional(
	struct bytes *out, struct reader *reader, size_t min, size_t max)
{
	*out = cbor_read_bytes_or_null(reader);
	return out->ptr != NULL ? check_size(*out, min, max) : CONCLAVE_OK;
}

static enum conclave_error read_public_key(struct nitro_claims *claims, struct reader *reader)
{
	return read_optional(&claims->public_key, reader, 1, NITRO_PUBLIC_KEY_SIZE_MAX);
}

static enum conclave_error read_user_data(struct nitro_claims *claims, struct reader *reader)
{
	return read_optional(&claims->user_data, reader, 0, NITRO_USER_DATA_SIZE_MAX);
}

static enum conclave_error read_nonce(struct nitro_claims *claims, struct reader *reader)
{
	return read_optional(&claims->nonce, reader, 0, NITRO_NONCE_SIZE_MAX);
}

static const struct {
	struct bytes name;
	enum nitro_check check;
	bool is_optional;
	enum conclave_error (*read)(struct nitro_claims *claims, struct reader *reader);
} members[] = {
	{LITERAL("module_id"), NITRO_CHECK_MODULE_ID, false, read_module_id},
	{LITERAL("digest"), NITRO_CHECK_DIGEST, false, read_digest},
	{LITERAL("timestamp"), NITRO_CHECK_TIMESTAMP, false, read_timestamp},
	{LITERAL("pcrs"), NITRO_CHECK_PCRS, false, read_pcrs},
	{LITERAL("certificate"), NITRO_CHECK_CERTIFICATE, false, read_certificate},
	{LITERAL("cabundle"), NITRO_CHECK_CABUNDLE, false, read_cabundle},
	{LITERAL("public_key"), NITRO_CHECK_PUBLIC_KEY, true, read_public_key},
	{LITERAL("user_data"), NITRO_CHECK_USER_DATA, true, read_user_data},
	{LITERAL("nonce"), NITRO_CHECK_NONCE, true, read_nonce},
};

/* The members allowed are these and no others (§3.2.2.1). This also tells enclaves from machines:
 * documents of an EC2 instance's NitroTPM chain to the same root, with nitrotpm_pcrs for pcrs. */
static enum conclave_error read_member(struct nitro_claims *claims, enum nitro_check *failed,
	uint32_t *seen, struct reader *reader)
{
	struct bytes name = cbor_read_text(reader);
	size_t i = 0;
	while (i < ARRAY_COUNT(members) && !bytes_equal(name, members[i].name))
		i++;
	if (reader->failed || i == ARRAY_COUNT(members) || (*seen & 1u << i) != 0)
		return CONCLAVE_ERROR_FORMAT;
	*seen |= 1u << i;
	*failed = members[i].check;
	TRY(members[i].read(claims, reader));
	if (reader->failed)
		return CONCLAVE_ERROR_FORMAT;
	*failed = NITRO_CHECK_PAYLOAD;
	return CONCLAVE_OK;
}

static enum conclave_error read_payload(
	struct nitro_claims *claims, enum nitro_check *failed, struct bytes payload)
{
	struct reader reader = reader_of(payload);
	uint32_t seen = 0;
	*failed = NITRO_CHECK_PAYLOAD;
	TRY(check_size(payload, 1, NITRO_PAYLOAD_SIZE_MAX));
	for (struct cbor_map map = cbor_enter_streamed_map(&reader, ARRAY_COUNT(members));
		cbor_next_member(&reader, &map);)
		TRY(read_member(claims, failed, &seen, &reader));
	TRY(cbor_end(&reader));
	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		if (members[i].is_optional || (seen & 1u << i) != 0)
			continue;
		*failed = members[i].check;
		return CONCLAVE_ERROR_FORMAT;
	}
	return CONCLAVE_OK;
}

/* -- the document -- */

static enum conclave_error read_document(struct cose_sign1 *sign1, struct nitro_claims *claims,
	enum nitro_check *failed, struct bytes document)
{
	*claims = (struct nitro_claims){.validity = WINDOW_ALWAYS};
	*failed = NITRO_CHECK_ENVELOPE;
	TRY(cose_sign1_read(sign1, document));
	if (sign1->unprotected_header.len != 1) /* an empty map */
		return CONCLAVE_ERROR_FORMAT;
	*failed = NITRO_CHECK_PROTECTED_HEADER;
	if (!cose_is_es384(sign1))
		return CONCLAVE_ERROR_VERSION;
	return read_payload(claims, failed, sign1->payload);
}

/* The certificate, then the bundle from its end: leaf first, root last (§3.2.3). */
static enum conclave_error read_path(
	struct x509_certificate *path, enum nitro_check *failed, const struct nitro_claims *claims)
{
	*failed = NITRO_CHECK_CERTIFICATE;
	TRY(x509_read(&path[0], claims->certificate));
	*failed = NITRO_CHECK_CABUNDLE;
	for (size_t i = 0; i < claims->cabundle_count; i++)
		TRY(x509_read(&path[claims->cabundle_count - i], claims->cabundle[i]));
	return CONCLAVE_OK;
}

/* What AWS asks of its certificates beyond what every path must be: ECDSA on P-384 throughout, and
 * a leaf that says what it is for (§3.2.3.3). */
static bool is_nitro_path(const struct x509_certificate *path, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (path[i].key.scheme != X509_P384_SHA384)
			return false;
	return (path[0].key_usage & X509_DIGITAL_SIGNATURE) != 0;
}

static enum conclave_error verify_path(struct nitro_claims *claims, enum nitro_check *failed,
	struct p384_public *signer, const struct p384_public *root, struct memo *memo)
{
	struct x509_certificate path[1 + NITRO_CABUNDLE_COUNT_MAX];
	const struct x509_key root_key = {.scheme = X509_P384_SHA384, .p384 = *root};
	size_t length = 1 + claims->cabundle_count;
	_Static_assert(ARRAY_COUNT(path) <= PATH_LENGTH_MAX, "one path holds it");
	TRY(read_path(path, failed, claims));
	*failed = NITRO_CHECK_ROOT;
	if (!x509_key_equal(&path[length - 1].key, &root_key))
		return CONCLAVE_ERROR_UNTRUSTED;
	*failed = NITRO_CHECK_CHAIN;
	if (!is_nitro_path(path, length))
		return CONCLAVE_ERROR_MISMATCH;
	TRY(path_verify(&claims->validity, path, length, &root_key, memo));
	*signer = path[0].key.p384;
	return CONCLAVE_OK;
}

enum conclave_error nitro_verify(struct nitro_claims *out, enum nitro_check *failed,
	struct bytes document, const struct p384_public *root, int64_t now, struct memo *memo)
{
	enum nitro_check unwanted;
	struct cose_sign1 sign1;
	struct nitro_claims claims;
	struct p384_public signer;
	if (failed == NULL)
		failed = &unwanted;
	TRY(read_document(&sign1, &claims, failed, document));
	TRY(verify_path(&claims, failed, &signer, root, memo));
	*failed = NITRO_CHECK_SIGNATURE;
	TRY(cose_sign1_verify(&sign1, &signer));
	*failed = NITRO_CHECK_CHAIN;
	if (!window_holds(&claims.validity, now))
		return CONCLAVE_ERROR_EXPIRED;
	*failed = NITRO_CHECK_NONE;
	*out = claims;
	return CONCLAVE_OK;
}

enum conclave_error nitro_read_timestamp(int64_t *seconds, struct bytes document)
{
	struct cose_sign1 sign1;
	struct nitro_claims claims;
	enum nitro_check failed;
	TRY(read_document(&sign1, &claims, &failed, document));
	*seconds = claims.timestamp_ms / 1000;
	return CONCLAVE_OK;
}

const char *nitro_check_text(enum nitro_check check)
{
	static const char *const texts[] = {
		[NITRO_CHECK_NONE] = "nothing",
		[NITRO_CHECK_ENVELOPE] = "the COSE envelope",
		[NITRO_CHECK_PROTECTED_HEADER] = "the signature's algorithm",
		[NITRO_CHECK_PAYLOAD] = "the document's members",
		[NITRO_CHECK_MODULE_ID] = "module_id",
		[NITRO_CHECK_DIGEST] = "digest",
		[NITRO_CHECK_TIMESTAMP] = "timestamp",
		[NITRO_CHECK_PCRS] = "pcrs",
		[NITRO_CHECK_CERTIFICATE] = "certificate",
		[NITRO_CHECK_CABUNDLE] = "cabundle",
		[NITRO_CHECK_PUBLIC_KEY] = "public_key",
		[NITRO_CHECK_USER_DATA] = "user_data",
		[NITRO_CHECK_NONCE] = "nonce",
		[NITRO_CHECK_ROOT] = "the root certificate",
		[NITRO_CHECK_CHAIN] = "the chain of certificates",
		[NITRO_CHECK_SIGNATURE] = "the document's signature",
	};
	return texts[check];
}
