#include "attest/quote.h"

#include "base/check.h"

#define KEY_TYPE_ECDSA_P256 2
#define TD10_SIZE 584u /* without what TD 1.5 adds */

const uint8_t quote_intel_vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a,
	0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static enum conclave_error check_header(const struct quote_header *header)
{
	if (header->version < 3 || header->version > 5)
		return CONCLAVE_ERROR_VERSION;
	if (header->attestation_key_type != KEY_TYPE_ECDSA_P256)
		return CONCLAVE_ERROR_VERSION;
	/* Version 3 reserves it: zero, as R3's and Intel's verifiers take it. */
	if (header->tee_type != QUOTE_TEE_SGX &&
		(header->tee_type != QUOTE_TEE_TDX || header->version == 3))
		return CONCLAVE_ERROR_VERSION;
	if (memcmp(header->qe_vendor, quote_intel_vendor, sizeof(quote_intel_vendor)) != 0)
		return CONCLAVE_ERROR_VERSION;
	return CONCLAVE_OK;
}

static size_t body_size(enum quote_body body)
{
	switch (body) {
	case QUOTE_BODY_SGX: return sizeof(struct sgx_report_body);
	case QUOTE_BODY_TD10: return TD10_SIZE;
	case QUOTE_BODY_TD15: return sizeof(struct tdx_report_body);
	}
	return 0;
}

/* Version 5 says what its body is and how long; before, the TEE says it. */
static enum conclave_error read_body_kind(struct quote *out, struct reader *reader)
{
	bool is_tdx = out->header.tee_type == QUOTE_TEE_TDX;
	if (out->header.version < 5) {
		out->body = is_tdx ? QUOTE_BODY_TD10 : QUOTE_BODY_SGX;
		return CONCLAVE_OK;
	}
	uint16_t type = read_u16le(reader);
	uint32_t size = read_u32le(reader);
	if (reader->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if (type < QUOTE_BODY_SGX || type > QUOTE_BODY_TD15 || is_tdx != (type != QUOTE_BODY_SGX))
		return CONCLAVE_ERROR_VERSION;
	out->body = (enum quote_body)type;
	return size == body_size(out->body) ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error read_signed(struct quote *out, struct reader *reader)
{
	const struct bytes whole = reader->rest;
	read_into(reader, &out->header, sizeof(out->header));
	if (reader->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	TRY(check_header(&out->header));
	TRY(read_body_kind(out, reader));
	if (out->body == QUOTE_BODY_SGX) {
		read_into(reader, &out->report, sizeof(out->report));
	} else {
		out->td_report = (struct tdx_report_body){0};
		read_into(reader, &out->td_report, body_size(out->body));
	}
	out->signed_part = bytes_slice(whole, 0, whole.len - reader->rest.len);
	return reader->failed ? CONCLAVE_ERROR_TRUNCATED : CONCLAVE_OK;
}

/* u16 type, u32 size, data. */
static struct bytes read_certification(struct reader *reader, uint16_t *type)
{
	*type = read_u16le(reader);
	uint32_t size = read_u32le(reader);
	return read_bytes(reader, size);
}

/* The quoting enclave's word for the attestation key, and the certification data. */
static enum conclave_error read_qe_part(struct quote *out, struct reader *data)
{
	uint16_t type;
	read_into(data, &out->qe_report, sizeof(out->qe_report));
	read_into(data, &out->qe_signature, sizeof(out->qe_signature));
	uint16_t auth_size = read_u16le(data);
	out->qe_auth = read_bytes(data, auth_size);
	out->pck_chain = read_certification(data, &type);
	TRY(reader_end(data));
	if (type < QUOTE_PPID_IN_CLEAR || type > QUOTE_PCK_CHAIN)
		return CONCLAVE_ERROR_VERSION;
	out->certification = (enum quote_certification)type;
	return CONCLAVE_OK;
}

/* Since version 4 the QE's part is certification data itself. */
static enum conclave_error read_signature_data(struct quote *out, struct reader *data)
{
	read_into(data, &out->signature, sizeof(out->signature));
	read_into(data, &out->attestation_key, sizeof(out->attestation_key));
	if (out->header.version == 3)
		return read_qe_part(out, data);
	uint16_t type;
	struct reader inner = reader_of(read_certification(data, &type));
	TRY(reader_end(data));
	if (type != QUOTE_QE_REPORT)
		return CONCLAVE_ERROR_VERSION;
	return read_qe_part(out, &inner);
}

/* rest: what follows the quote. */
static enum conclave_error read_quote(struct quote *out, struct bytes *rest, struct bytes from)
{
	struct quote quote;
	struct reader reader = reader_of(from);
	if (from.len > QUOTE_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	TRY(read_signed(&quote, &reader));
	uint32_t size = read_u32le(&reader);
	struct reader data = reader_of(read_bytes(&reader, size));
	if (reader.failed)
		return CONCLAVE_ERROR_TRUNCATED;
	TRY(read_signature_data(&quote, &data));
	*out = quote;
	*rest = reader.rest;
	return CONCLAVE_OK;
}

enum conclave_error quote_read(struct quote *out, struct bytes from)
{
	struct quote quote;
	struct bytes rest;
	TRY(read_quote(&quote, &rest, from));
	if (rest.len != 0)
		return CONCLAVE_ERROR_TRAILING;
	*out = quote;
	return CONCLAVE_OK;
}

enum conclave_error quote_read_padded(struct quote *out, struct bytes from)
{
	struct quote quote;
	struct bytes rest;
	TRY(read_quote(&quote, &rest, from));
	for (size_t i = 0; i < rest.len; i++)
		if (rest.ptr[i] != 0)
			return CONCLAVE_ERROR_TRAILING;
	*out = quote;
	return CONCLAVE_OK;
}

void quote_write_signed(struct writer *out, const struct quote *quote)
{
	size_t size = body_size(quote->body);
	write_bytes(out, BYTES_OF(quote->header));
	if (quote->header.version == 5) {
		write_u16le(out, (uint16_t)quote->body);
		write_u32le(out, (uint32_t)size);
	}
	if (quote->body == QUOTE_BODY_SGX)
		write_bytes(out, BYTES_OF(quote->report));
	else
		write_bytes(out, bytes_of(&quote->td_report, size));
}

static void write_certification(
	struct writer *out, enum quote_certification type, struct bytes data)
{
	write_u16le(out, (uint16_t)type);
	write_u32le(out, (uint32_t)data.len);
	write_bytes(out, data);
}

static void write_qe_part(struct writer *out, const struct quote *quote)
{
	ASSERT(quote->qe_auth.len <= UINT16_MAX && quote->pck_chain.len <= QUOTE_SIZE_MAX);
	write_bytes(out, BYTES_OF(quote->qe_report));
	write_bytes(out, BYTES_OF(quote->qe_signature));
	write_u16le(out, (uint16_t)quote->qe_auth.len);
	write_bytes(out, quote->qe_auth);
	write_certification(out, quote->certification, quote->pck_chain);
}

static void write_signature_data(struct writer *out, const struct quote *quote)
{
	write_bytes(out, BYTES_OF(quote->signature));
	write_bytes(out, BYTES_OF(quote->attestation_key));
	if (quote->header.version > 3) {
		struct writer measure = writer_measure();
		write_qe_part(&measure, quote);
		write_u16le(out, QUOTE_QE_REPORT);
		write_u32le(out, (uint32_t)measure.len);
	}
	write_qe_part(out, quote);
}

void quote_write(struct writer *out, const struct quote *quote)
{
	struct writer measure = writer_measure();
	write_signature_data(&measure, quote);
	quote_write_signed(out, quote);
	write_u32le(out, (uint32_t)measure.len);
	write_signature_data(out, quote);
}

void quote_qe_report_data(uint8_t reportdata[64], const struct quote *quote)
{
	struct sha256_state state;
	struct sha256 digest;
	sha256_init(&state);
	sha256_update(&state, BYTES_OF(quote->attestation_key));
	sha256_update(&state, quote->qe_auth);
	sha256_final(&digest, &state);
	memset(reportdata, 0, 64);
	memcpy(reportdata, digest.bytes, sizeof(digest.bytes));
}

struct bytes quote_report_data(const struct quote *quote)
{
	return quote->body == QUOTE_BODY_SGX ? BYTES_OF(quote->report.reportdata)
					     : BYTES_OF(quote->td_report.reportdata);
}
