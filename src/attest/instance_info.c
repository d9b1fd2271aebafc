#include "attest/instance_info.h"

#include "attest/calendar.h"
#include "base/check.h"

static const uint8_t magic[3] = {'E', 'I', 'I'};
static const uint8_t nonce_tag[4] = {'E', 'I', 'I', 'N'};
/* SubjectPublicKeyInfo of an Ed25519 key: this, then the key (RFC 8410 §4). */
static const uint8_t spki_prefix[12] = {
	0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
#define SPKI_SIZE (sizeof(spki_prefix) + 32)

static void write_spki(struct writer *out, const struct ed25519_public *key)
{
	write_bytes(out, BYTES_OF(spki_prefix));
	write_bytes(out, BYTES_OF(*key));
}

/* Every way in which the inside is malformed is the same to a peer: FORMAT, unless it is cut. */
static enum conclave_error read_spki(struct ed25519_public *out, struct bytes spki)
{
	if (spki.len != SPKI_SIZE || memcmp(spki.ptr, spki_prefix, sizeof(spki_prefix)) != 0)
		return CONCLAVE_ERROR_FORMAT;
	memcpy(out->bytes, spki.ptr + sizeof(spki_prefix), sizeof(out->bytes));
	return CONCLAVE_OK;
}

/* The quote carries its own length, little-endian as the rest of it, at its end. */
static struct bytes read_quote(struct reader *reader)
{
	struct bytes whole = reader->rest;
	read_skip(reader, 432);
	uint32_t signature_size = read_u32le(reader);
	read_skip(reader, signature_size);
	return bytes_slice(whole, 0, whole.len - reader->rest.len);
}

static enum conclave_error read_dcap(struct dcap_evidence *out, struct bytes attestation)
{
	struct reader reader = reader_of(attestation);
	out->quote = read_quote(&reader);
	out->version = read_lp32(&reader);
	out->pck_crl_issuer_chain = read_lp32(&reader);
	out->root_ca_crl = read_lp32(&reader);
	out->pck_crl = read_lp32(&reader);
	out->tcb_info_issuer_chain = read_lp32(&reader);
	out->tcb_info = read_lp32(&reader);
	out->qe_identity_issuer_chain = read_lp32(&reader);
	out->qe_identity = read_lp32(&reader);
	return reader_end(&reader);
}

static enum conclave_error read_mock(struct mock_evidence *out, struct bytes attestation)
{
	struct reader reader = reader_of(attestation);
	out->epoch_second = (int64_t)read_u64be(&reader);
	out->nanosecond = read_u32be(&reader);
	read_into(&reader, &out->report, sizeof(out->report));
	uint8_t is_simulation = read_u8(&reader);
	TRY(reader_end(&reader));
	if (is_simulation > 1 || out->nanosecond > 999999999)
		return CONCLAVE_ERROR_FORMAT;
	if (out->epoch_second < CALENDAR_SECONDS_MIN || out->epoch_second > CALENDAR_SECONDS_MAX)
		return CONCLAVE_ERROR_FORMAT;
	out->is_simulation = is_simulation == 1;
	return CONCLAVE_OK;
}

static enum conclave_error read_quoted(struct quote_evidence *out, struct bytes attestation)
{
	struct reader reader = reader_of(attestation);
	struct quote_collateral *collateral = &out->collateral;
	out->quote = read_lp32(&reader);
	collateral->pck_chain = read_lp32(&reader);
	collateral->pck_crl_issuer_chain = read_lp32(&reader);
	collateral->root_ca_crl = read_lp32(&reader);
	collateral->pck_crl = read_lp32(&reader);
	collateral->tcb_info_issuer_chain = read_lp32(&reader);
	collateral->tcb_info = read_lp32(&reader);
	collateral->qe_identity_issuer_chain = read_lp32(&reader);
	collateral->qe_identity = read_lp32(&reader);
	return reader_end(&reader);
}

static enum conclave_error read_snp(struct snp_evidence *out, struct bytes attestation)
{
	struct reader reader = reader_of(attestation);
	out->report = read_lp32(&reader);
	out->leaf = read_lp32(&reader);
	out->intermediate = read_lp32(&reader);
	out->root = read_lp32(&reader);
	out->crl = read_lp32(&reader);
	return reader_end(&reader);
}

static enum conclave_error read_attestation(struct instance_info *out)
{
	switch (out->type) {
	case INSTANCE_INFO_QUOTE: return read_quoted(&out->quoted, out->attestation);
	case INSTANCE_INFO_SNP: return read_snp(&out->snp, out->attestation);
	case INSTANCE_INFO_NITRO: out->nitro = out->attestation; return CONCLAVE_OK;
	case INSTANCE_INFO_DCAP: return read_dcap(&out->dcap, out->attestation);
	case INSTANCE_INFO_MOCK: return read_mock(&out->mock, out->attestation);
	case INSTANCE_INFO_EPID: break;
	}
	return CONCLAVE_ERROR_VERSION;
}

/* Behind the attestation; whatever else is there belongs to the future: R3 ignores all of it. */
static struct bytes read_nonce(struct bytes rest)
{
	struct reader reader = reader_of(rest);
	struct bytes tag = read_bytes(&reader, sizeof(nonce_tag));
	struct bytes nonce = read_lp32(&reader);
	bool is_there = !reader.failed && bytes_equal(tag, BYTES_OF(nonce_tag)) &&
			nonce.len == INSTANCE_INFO_NONCE_SIZE;
	return is_there ? nonce : BYTES_LIT("");
}

enum conclave_error instance_info_read(struct instance_info *out, struct bytes serialised)
{
	struct reader reader = reader_of(serialised);
	struct instance_info info;
	if (serialised.len > INSTANCE_INFO_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	if (serialised.len < 4 || memcmp(serialised.ptr, magic, sizeof(magic)) != 0)
		return CONCLAVE_ERROR_FORMAT;
	read_skip(&reader, sizeof(magic));
	struct bytes spki = read_lp32(&reader);
	struct bytes encryption_key = read_lp32(&reader);
	uint8_t type = read_u8(&reader);
	info.attestation = read_lp32(&reader);
	if (reader.failed)
		return CONCLAVE_ERROR_TRUNCATED;
	info.nonce = read_nonce(reader.rest);

	TRY(read_spki(&info.signing_key, spki));
	if (encryption_key.len != sizeof(info.encryption_key.bytes))
		return CONCLAVE_ERROR_FORMAT;
	memcpy(info.encryption_key.bytes, encryption_key.ptr, encryption_key.len);
	info.type = (enum instance_info_type)type;
	TRY(read_attestation(&info));
	*out = info;
	return CONCLAVE_OK;
}

enum conclave_error instance_info_write(struct writer *out,
	const struct ed25519_public *signing_key, const struct x25519_public *encryption_key,
	enum instance_info_type type, struct bytes attestation)
{
	write_bytes(out, BYTES_OF(magic));
	write_u32be(out, SPKI_SIZE);
	write_spki(out, signing_key);
	write_lp32(out, BYTES_OF(*encryption_key));
	write_u8(out, (uint8_t)type);
	write_lp32(out, attestation);
	return writer_end(out);
}

void instance_info_write_nonce(struct writer *out, struct bytes nonce)
{
	if (nonce.len == 0)
		return;
	write_bytes(out, BYTES_OF(nonce_tag));
	write_lp32(out, nonce);
}

void dcap_evidence_write(struct writer *out, const struct dcap_evidence *evidence)
{
	write_bytes(out, evidence->quote);
	write_lp32(out, evidence->version);
	write_lp32(out, evidence->pck_crl_issuer_chain);
	write_lp32(out, evidence->root_ca_crl);
	write_lp32(out, evidence->pck_crl);
	write_lp32(out, evidence->tcb_info_issuer_chain);
	write_lp32(out, evidence->tcb_info);
	write_lp32(out, evidence->qe_identity_issuer_chain);
	write_lp32(out, evidence->qe_identity);
}

void mock_evidence_write(struct writer *out, const struct mock_evidence *evidence)
{
	write_u64be(out, (uint64_t)evidence->epoch_second);
	write_u32be(out, evidence->nanosecond);
	write_bytes(out, BYTES_OF(evidence->report));
	write_u8(out, evidence->is_simulation ? 1 : 0);
}

void quote_evidence_write(struct writer *out, const struct quote_evidence *evidence)
{
	const struct quote_collateral *collateral = &evidence->collateral;
	write_lp32(out, evidence->quote);
	write_lp32(out, collateral->pck_chain);
	write_lp32(out, collateral->pck_crl_issuer_chain);
	write_lp32(out, collateral->root_ca_crl);
	write_lp32(out, collateral->pck_crl);
	write_lp32(out, collateral->tcb_info_issuer_chain);
	write_lp32(out, collateral->tcb_info);
	write_lp32(out, collateral->qe_identity_issuer_chain);
	write_lp32(out, collateral->qe_identity);
}

void snp_evidence_write(struct writer *out, const struct snp_evidence *evidence)
{
	write_lp32(out, evidence->report);
	write_lp32(out, evidence->leaf);
	write_lp32(out, evidence->intermediate);
	write_lp32(out, evidence->root);
	write_lp32(out, evidence->crl);
}

/* The nonce has one length, so that nothing else can be read into what is hashed. */
void instance_info_report_data(uint8_t reportdata[64], const struct ed25519_public *signing_key,
	const struct x25519_public *encryption_key, struct bytes nonce)
{
	uint8_t bound[SPKI_SIZE + sizeof(encryption_key->bytes) + INSTANCE_INFO_NONCE_SIZE];
	struct writer writer = writer_of((struct buffer){bound, sizeof(bound)});
	struct sha512 digest;
	ASSERT(nonce.len == 0 || nonce.len == INSTANCE_INFO_NONCE_SIZE);
	write_spki(&writer, signing_key);
	write_bytes(&writer, BYTES_OF(*encryption_key));
	write_bytes(&writer, nonce);
	sha512(&digest, writer_bytes(&writer));
	memcpy(reportdata, digest.bytes, sizeof(digest.bytes));
}

enum conclave_error instance_info_check(const struct instance_info *info, struct bytes reportdata)
{
	uint8_t wanted[64];
	instance_info_report_data(wanted, &info->signing_key, &info->encryption_key, info->nonce);
	return bytes_equal(BYTES_OF(wanted), reportdata) ? CONCLAVE_OK : CONCLAVE_ERROR_MISMATCH;
}
