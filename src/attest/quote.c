#include "attest/quote.h"

#include "base/check.h"

#define VERSION 3
#define KEY_TYPE_ECDSA_P256 2

const uint8_t quote_intel_vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a,
	0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

/* tee_type is reserved in version 3: zero, as R3's and Intel's verifiers take it. */
static enum conclave_error check_header(const struct quote_header *header)
{
	if (header->version != VERSION || header->attestation_key_type != KEY_TYPE_ECDSA_P256 ||
		header->tee_type != 0)
		return CONCLAVE_ERROR_VERSION;
	if (memcmp(header->qe_vendor, quote_intel_vendor, sizeof(quote_intel_vendor)) != 0)
		return CONCLAVE_ERROR_VERSION;
	return CONCLAVE_OK;
}

enum conclave_error quote_read(struct quote *out, struct bytes from)
{
	struct quote quote = {.signed_part = bytes_slice(from, 0, QUOTE_SIGNED_SIZE)};
	struct reader reader = reader_of(from);
	if (from.len > QUOTE_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	read_into(&reader, &quote.header, sizeof(quote.header));
	read_into(&reader, &quote.report, sizeof(quote.report));
	uint32_t signature_size = read_u32le(&reader);
	if (!reader.failed)
		TRY(check_header(&quote.header));

	struct reader data = reader_of(read_bytes(&reader, signature_size));
	read_into(&data, &quote.signature, sizeof(quote.signature));
	read_into(&data, &quote.attestation_key, sizeof(quote.attestation_key));
	read_into(&data, &quote.qe_report, sizeof(quote.qe_report));
	read_into(&data, &quote.qe_signature, sizeof(quote.qe_signature));
	uint16_t auth_size = read_u16le(&data);
	quote.qe_auth = read_bytes(&data, auth_size);
	uint16_t certificates = read_u16le(&data);
	uint32_t chain_size = read_u32le(&data);
	quote.pck_chain = read_bytes(&data, chain_size);

	TRY(reader_end(&reader));
	TRY(reader_end(&data));
	if (certificates != QUOTE_CERTIFICATES_PCK_CHAIN)
		return CONCLAVE_ERROR_VERSION;
	*out = quote;
	return CONCLAVE_OK;
}

void quote_write_signed(struct writer *out, const struct quote *quote)
{
	write_bytes(out, BYTES_OF(quote->header));
	write_bytes(out, BYTES_OF(quote->report));
}

static void write_signature_data(struct writer *out, const struct quote *quote)
{
	write_bytes(out, BYTES_OF(quote->signature));
	write_bytes(out, BYTES_OF(quote->attestation_key));
	write_bytes(out, BYTES_OF(quote->qe_report));
	write_bytes(out, BYTES_OF(quote->qe_signature));
	ASSERT(quote->qe_auth.len <= UINT16_MAX && quote->pck_chain.len <= QUOTE_SIZE_MAX);
	write_u16le(out, (uint16_t)quote->qe_auth.len);
	write_bytes(out, quote->qe_auth);
	write_u16le(out, QUOTE_CERTIFICATES_PCK_CHAIN);
	write_u32le(out, (uint32_t)quote->pck_chain.len);
	write_bytes(out, quote->pck_chain);
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
