#include "attest/vtpm.h"

#include "attest/json_view.h"
#include "base/check.h"

/* -- the paravisor's blob, as Azure's confidential VMs document it -- */

#define HCL_REPORT_AREA 1184u
#define HCL_TDREPORT_SIZE 1024u
#define HCL_HASH_SHA256 1u

static bool is_zero(struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.ptr[i] != 0)
			return false;
	return true;
}

/* "HCLA", version, size of all, type of request, status, reserved */
static void read_header(struct reader *reader, uint32_t *size)
{
	if (!bytes_equal(read_bytes(reader, 4), BYTES_LIT("HCLA")))
		reader->failed = true;
	uint32_t version = read_u32le(reader);
	*size = read_u32le(reader);
	read_skip(reader, 8);
	if ((version != 1 && version != 2) || !is_zero(read_bytes(reader, 12)))
		reader->failed = true;
}

static enum conclave_error find_hardware(struct hcl *out, uint32_t type, struct bytes area)
{
	out->hardware = (enum hcl_hardware)type;
	switch (type) {
	case HCL_SNP: out->hardware_report = area; return CONCLAVE_OK;
	case HCL_TDX:
		out->hardware_report = bytes_slice(area, 0, HCL_TDREPORT_SIZE);
		return CONCLAVE_OK;
	default: return CONCLAVE_ERROR_VERSION;
	}
}

enum conclave_error hcl_read(struct hcl *out, struct bytes blob)
{
	struct reader reader = reader_of(blob);
	struct hcl hcl;
	uint32_t size;
	if (blob.len > HCL_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	read_header(&reader, &size);
	struct bytes area = read_bytes(&reader, HCL_REPORT_AREA);
	size_t before = reader.rest.len;
	uint32_t data_size = read_u32le(&reader);
	uint32_t data_version = read_u32le(&reader);
	uint32_t type = read_u32le(&reader);
	uint32_t hash = read_u32le(&reader);
	uint32_t runtime_size = read_u32le(&reader);
	hcl.runtime_data = read_bytes(&reader, runtime_size);
	size_t data_used = before - reader.rest.len;
	if (reader.failed || data_size != data_used || size != blob.len - reader.rest.len ||
		!is_zero(reader.rest))
		return CONCLAVE_ERROR_FORMAT;
	if (data_version != 1 || hash != HCL_HASH_SHA256)
		return CONCLAVE_ERROR_VERSION;
	TRY(find_hardware(&hcl, type, area));
	*out = hcl;
	return CONCLAVE_OK;
}

/* -- the attestation key: a JSON web key (RFC 7517, RFC 7518 §6.3) -- */

/* 0 to 63; 64 for anything that is not of the alphabet (RFC 4648 §5). */
static uint32_t base64url_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26u;
	if (c >= '0' && c <= '9')
		return c - '0' + 52u;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

/* Exactly out.len bytes, without padding, and no bit to spare. */
static enum conclave_error read_base64url(struct buffer out, struct bytes text)
{
	uint32_t bits = 0, count = 0;
	size_t used = 0;
	if (text.len != (out.len * 8 + 5) / 6)
		return CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < text.len; i++) {
		uint32_t value = base64url_value(text.ptr[i]);
		if (value > 63)
			return CONCLAVE_ERROR_FORMAT;
		bits = (bits << 6 | value) & 0xfff;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		out.ptr[used++] = (uint8_t)(bits >> count);
	}
	return (bits & ((1u << count) - 1)) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_key(uint8_t modulus[RSA2048_SIZE], const struct json_view *key)
{
	struct bytes type, exponent, number;
	TRY(json_view_string(&type, key, BYTES_LIT("kty")));
	TRY(json_view_string(&exponent, key, BYTES_LIT("e")));
	TRY(json_view_string(&number, key, BYTES_LIT("n")));
	if (!bytes_equal(type, BYTES_LIT("RSA")) || !bytes_equal(exponent, BYTES_LIT("AQAB")))
		return CONCLAVE_ERROR_VERSION;
	return read_base64url((struct buffer){modulus, RSA2048_SIZE}, number);
}

/* The one key whose id is "HCLAkPub". */
static enum conclave_error find_key(uint8_t modulus[RSA2048_SIZE], struct bytes runtime_data)
{
	struct json_view root, keys, key, found = {{NULL, 0}};
	TRY(json_view_parse(&root, runtime_data));
	TRY(json_view_array(&keys, &root, BYTES_LIT("keys")));
	for (struct reader reader = json_view_elements(&keys); json_view_next(&key, &reader);) {
		struct bytes id;
		TRY(json_view_string(&id, &key, BYTES_LIT("kid")));
		if (!bytes_equal(id, BYTES_LIT("HCLAkPub")))
			continue;
		if (found.text.len != 0)
			return CONCLAVE_ERROR_FORMAT;
		found = key;
	}
	if (found.text.len == 0)
		return CONCLAVE_ERROR_NOT_FOUND;
	return read_key(modulus, &found);
}

/* -- the quote: TPMS_ATTEST (TPM 2.0 Library, part 2), big-endian -- */

#define TPM_GENERATED_VALUE 0xff544347u
#define TPM_ST_ATTEST_QUOTE 0x8018u
#define TPM_ALG_SHA256 0x000bu

/* One selection, of SHA-256, of the 24 PCRs of a PC. */
static void read_selection(struct reader *reader, uint32_t *selected)
{
	uint32_t count = read_u32be(reader);
	uint16_t hash = read_u16be(reader);
	uint8_t size = read_u8(reader);
	*selected = read_u8(reader);
	*selected |= (uint32_t)read_u8(reader) << 8;
	*selected |= (uint32_t)read_u8(reader) << 16;
	if (count != 1 || hash != TPM_ALG_SHA256 || size != 3)
		reader->failed = true;
}

static void read_clock(struct reader *reader, struct vtpm_quote *out)
{
	out->clock_ms = read_u64be(reader);
	out->reset_count = read_u32be(reader);
	out->restart_count = read_u32be(reader);
	uint8_t is_safe = read_u8(reader);
	out->is_clock_safe = is_safe == 1;
	if (is_safe > 1)
		reader->failed = true;
}

enum conclave_error vtpm_quote_read(struct vtpm_quote *out, struct bytes from)
{
	struct reader reader = reader_of(from);
	struct vtpm_quote quote;
	uint32_t magic = read_u32be(&reader);
	uint16_t type = read_u16be(&reader);
	quote.signer = read_lp16(&reader);
	quote.nonce = read_lp16(&reader);
	read_clock(&reader, &quote);
	quote.firmware_version = read_u64be(&reader);
	read_selection(&reader, &quote.selected);
	quote.pcr_digest = read_lp16(&reader);
	if (reader_end(&reader) != CONCLAVE_OK || quote.nonce.len > VTPM_NONCE_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	if (magic != TPM_GENERATED_VALUE || type != TPM_ST_ATTEST_QUOTE)
		return CONCLAVE_ERROR_VERSION;
	*out = quote;
	return CONCLAVE_OK;
}

/* -- the verification -- */

/* What the checks have found out so far. */
struct verification {
	const struct vtpm_evidence *evidence;
	const uint8_t *report_data;
	struct hcl hcl;
	struct vtpm_claims claims;
};

static enum conclave_error read_blob(struct verification *v)
{
	TRY(hcl_read(&v->hcl, v->evidence->blob));
	v->claims.hardware = v->hcl.hardware;
	v->claims.runtime_data = v->hcl.runtime_data;
	return CONCLAVE_OK;
}

static enum conclave_error check_binding(struct verification *v)
{
	struct sha256 wanted[2] = {0}; /* the second half is zero */
	sha256(&wanted[0], v->hcl.runtime_data);
	return bytes_equal(bytes_of(v->report_data, 64), BYTES_OF(wanted))
		       ? CONCLAVE_OK
		       : CONCLAVE_ERROR_MISMATCH;
}

static enum conclave_error read_attestation_key(struct verification *v)
{
	return find_key(v->claims.attestation_key, v->hcl.runtime_data);
}

/* Before what it signs is read: nothing of a forged quote is looked at. */
static enum conclave_error verify_signature(struct verification *v)
{
	if (v->evidence->quote.len > VTPM_QUOTE_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	return rsa2048_verify(
		BYTES_OF(v->claims.attestation_key), v->evidence->quote, v->evidence->signature);
}

static enum conclave_error read_quote(struct verification *v)
{
	return vtpm_quote_read(&v->claims.quote, v->evidence->quote);
}

/* The digest is over the selected PCRs in their order; a quote of none says nothing. */
static enum conclave_error check_pcrs(struct verification *v)
{
	const struct vtpm_quote *quote = &v->claims.quote;
	struct sha256_state state;
	struct sha256 wanted;
	sha256_init(&state);
	for (size_t i = 0; i < VTPM_PCR_COUNT; i++) {
		if ((quote->selected >> i & 1) == 0)
			continue;
		v->claims.pcrs[i] = v->evidence->pcrs[i];
		sha256_update(&state, BYTES_OF(v->claims.pcrs[i]));
	}
	sha256_final(&wanted, &state);
	if (quote->selected == 0 || !bytes_equal(quote->pcr_digest, BYTES_OF(wanted)))
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

static const struct {
	enum vtpm_check check;
	enum conclave_error (*run)(struct verification *);
} checks[] = {
	{VTPM_CHECK_BLOB, read_blob},
	{VTPM_CHECK_BINDING, check_binding},
	{VTPM_CHECK_KEY, read_attestation_key},
	{VTPM_CHECK_SIGNATURE, verify_signature},
	{VTPM_CHECK_QUOTE, read_quote},
	{VTPM_CHECK_PCRS, check_pcrs},
};

enum conclave_error vtpm_verify(struct vtpm_claims *out, enum vtpm_check *failed,
	const struct vtpm_evidence *evidence, const uint8_t report_data[64])
{
	struct verification v = {.evidence = evidence, .report_data = report_data};
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++) {
		if (failed != NULL)
			*failed = checks[i].check;
		TRY(checks[i].run(&v));
	}
	if (failed != NULL)
		*failed = VTPM_CHECK_NONE;
	*out = v.claims;
	return CONCLAVE_OK;
}

const char *vtpm_check_text(enum vtpm_check check)
{
	switch (check) {
	case VTPM_CHECK_NONE: return "nothing";
	case VTPM_CHECK_BLOB: return "the form of the paravisor's report";
	case VTPM_CHECK_BINDING: return "the binding of the runtime data to the hardware's report";
	case VTPM_CHECK_KEY: return "the TPM's attestation key";
	case VTPM_CHECK_SIGNATURE: return "the signature of the TPM's quote";
	case VTPM_CHECK_QUOTE: return "the form of the TPM's quote";
	case VTPM_CHECK_PCRS: return "the PCRs that the TPM's quote is of";
	}
	return "an unknown check";
}
