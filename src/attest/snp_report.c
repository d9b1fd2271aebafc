/* The report's fields (SEV Secure Nested Paging Firmware ABI Specification, 56860, table
 * ATTESTATION_REPORT). */
#include "attest/snp_parts.h"
#include "base/check.h"

#define SIGNATURE_ALGORITHM_P384 1u
#define SIGNING_KEY_VCEK 0u
#define SIGNING_KEY_VLEK 1u
#define VMPL_MAX 3u

#define POLICY_MUST_BE_ONE (UINT64_C(1) << 17)
#define POLICY_BITS_KNOWN 26u

static bool bit(uint64_t value, unsigned place)
{
	return (value >> place & 1) != 0;
}

/* What is reserved must be zero: a field that is not known could change what the others mean. */
static void expect_zeros(struct reader *reader, size_t size)
{
	struct bytes zeros = read_bytes(reader, size);
	for (size_t i = 0; i < zeros.len; i++)
		if (zeros.ptr[i] != 0)
			reader->failed = true;
}

static void read_policy(struct reader *reader, struct snp_policy *out)
{
	uint64_t raw = read_u64le(reader);
	if ((raw & POLICY_MUST_BE_ONE) == 0 || raw >> POLICY_BITS_KNOWN != 0)
		reader->failed = true;
	*out = (struct snp_policy){
		.raw = raw,
		.abi_minor = (uint8_t)raw,
		.abi_major = (uint8_t)(raw >> 8),
		.allows_smt = bit(raw, 16),
		.allows_migration_agent = bit(raw, 18),
		.allows_debug = bit(raw, 19),
		.is_single_socket = bit(raw, 20),
		.allows_cxl = bit(raw, 21),
		.needs_aes_256_xts = bit(raw, 22),
		.needs_rapl_disabled = bit(raw, 23),
		.needs_ciphertext_hiding = bit(raw, 24),
		.needs_page_swap_disabled = bit(raw, 25),
	};
}

/* Firmware gains bits here without a new version of the report; they stay in `raw`. */
static void read_platform(struct reader *reader, struct snp_platform *out)
{
	uint64_t raw = read_u64le(reader);
	*out = (struct snp_platform){
		.raw = raw,
		.has_smt = bit(raw, 0),
		.has_tsme = bit(raw, 1),
		.has_ecc = bit(raw, 2),
		.is_rapl_disabled = bit(raw, 3),
		.has_ciphertext_hiding = bit(raw, 4),
		.is_alias_check_complete = bit(raw, 5),
		.is_iommu_write_safe = bit(raw, 6),
		.has_tio = bit(raw, 7),
	};
}

static void read_flags(struct reader *reader, struct snp_report *out)
{
	uint32_t flags = read_u32le(reader);
	uint32_t signing_key = flags >> 2 & 7;
	out->has_author_key = bit(flags, 0);
	out->is_chip_key_masked = bit(flags, 1);
	out->is_vlek = signing_key == SIGNING_KEY_VLEK;
	/* 7 says that nothing signed it. */
	if (flags >> 5 != 0 || (signing_key != SIGNING_KEY_VCEK && !out->is_vlek))
		reader->failed = true;
}

static void read_tcb(struct reader *reader, struct snp_tcb *out)
{
	*out = (struct snp_tcb){.raw = read_u64le(reader)};
}

static void read_cpuid(struct reader *reader, struct snp_report *out)
{
	out->has_cpuid = out->version >= 3;
	if (!out->has_cpuid) {
		expect_zeros(reader, 24);
		return;
	}
	out->family = read_u8(reader);
	out->model = read_u8(reader);
	out->stepping = read_u8(reader);
	expect_zeros(reader, 21);
}

static void read_version(struct reader *reader, struct snp_version *out)
{
	out->build = read_u8(reader);
	out->minor = read_u8(reader);
	out->major = read_u8(reader);
	expect_zeros(reader, 1);
}

static void read_mitigations(struct reader *reader, struct snp_report *out)
{
	out->has_mitigations = out->version >= 5;
	if (!out->has_mitigations) {
		expect_zeros(reader, 168);
		return;
	}
	out->launch_mitigations = read_u64le(reader);
	out->current_mitigations = read_u64le(reader);
	expect_zeros(reader, 152);
}

static void read_chip_id(struct reader *reader, struct snp_report *out)
{
	read_into(reader, out->chip_id, sizeof(out->chip_id));
	out->is_chip_id_masked = true;
	for (size_t i = 0; i < sizeof(out->chip_id); i++)
		out->is_chip_id_masked &= out->chip_id[i] == 0;
}

static void read_fields(struct reader *reader, struct snp_report *out)
{
	out->guest_svn = read_u32le(reader);
	read_policy(reader, &out->policy);
	read_into(reader, out->family_id, sizeof(out->family_id));
	read_into(reader, out->image_id, sizeof(out->image_id));
	out->vmpl = read_u32le(reader);
	uint32_t algorithm = read_u32le(reader);
	read_tcb(reader, &out->current_tcb);
	read_platform(reader, &out->platform);
	read_flags(reader, out);
	expect_zeros(reader, 4);
	read_into(reader, out->report_data, sizeof(out->report_data));
	read_into(reader, out->measurement, sizeof(out->measurement));
	read_into(reader, out->host_data, sizeof(out->host_data));
	read_into(reader, out->id_key_digest, sizeof(out->id_key_digest));
	read_into(reader, out->author_key_digest, sizeof(out->author_key_digest));
	read_into(reader, out->report_id, sizeof(out->report_id));
	read_into(reader, out->report_id_ma, sizeof(out->report_id_ma));
	read_tcb(reader, &out->reported_tcb);
	read_cpuid(reader, out);
	read_chip_id(reader, out);
	read_tcb(reader, &out->committed_tcb);
	read_version(reader, &out->current);
	read_version(reader, &out->committed);
	read_tcb(reader, &out->launch_tcb);
	read_mitigations(reader, out);
	if (algorithm != SIGNATURE_ALGORITHM_P384 || out->vmpl > VMPL_MAX)
		reader->failed = true;
}

/* Numbers of 72 bytes, little-endian, of which P-384 fills 48. */
static void read_number(struct reader *reader, uint8_t out[48])
{
	struct bytes number = read_bytes(reader, 48);
	for (size_t i = 0; i < number.len; i++)
		out[47 - i] = number.ptr[i];
	expect_zeros(reader, 24);
}

enum conclave_error snp_parts_read(struct snp_parts *out, struct bytes report)
{
	struct snp_parts parts = {.signed_part = bytes_slice(report, 0, SNP_SIGNED_SIZE)};
	struct reader reader = reader_of(report);
	if (report.len != SNP_REPORT_SIZE)
		return CONCLAVE_ERROR_FORMAT;
	parts.report.version = read_u32le(&reader);
	/* 4 is laid out as 3. */
	if (parts.report.version < 2 || parts.report.version > 5)
		return CONCLAVE_ERROR_VERSION;
	read_fields(&reader, &parts.report);
	read_number(&reader, parts.signature.bytes);
	read_number(&reader, parts.signature.bytes + 48);
	expect_zeros(&reader, 368);
	if (reader_end(&reader) != CONCLAVE_OK)
		return CONCLAVE_ERROR_FORMAT;
	*out = parts;
	return CONCLAVE_OK;
}

/* CPUID's family and model, with the extended bits (57230, "Product Name"). */
static bool is_product(const struct snp_report *report, enum snp_product product)
{
	uint8_t model = report->model;
	switch (product) {
	case SNP_MILAN: return report->family == 0x19 && model <= 0x0f;
	case SNP_GENOA:
		return report->family == 0x19 &&
		       ((model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf));
	case SNP_TURIN: return report->family == 0x1a && model <= 0x11;
	}
	return false;
}

static void lay_out_tcb(struct snp_tcb *tcb, enum snp_product product)
{
	uint8_t bytes[8];
	store_u64le(bytes, tcb->raw);
	tcb->microcode = bytes[7];
	if (product == SNP_TURIN) {
		tcb->fmc = bytes[0];
		tcb->boot_loader = bytes[1];
		tcb->tee = bytes[2];
		tcb->snp = bytes[3];
	} else {
		tcb->boot_loader = bytes[0];
		tcb->tee = bytes[1];
		tcb->snp = bytes[6];
	}
}

enum conclave_error snp_parts_lay_out(struct snp_report *report, enum snp_product product)
{
	if (report->has_cpuid && !is_product(report, product))
		return CONCLAVE_ERROR_MISMATCH;
	struct snp_tcb *const tcbs[] = {&report->current_tcb, &report->reported_tcb,
		&report->committed_tcb, &report->launch_tcb};
	for (size_t i = 0; i < ARRAY_COUNT(tcbs); i++)
		lay_out_tcb(tcbs[i], product);
	return CONCLAVE_OK;
}

enum conclave_error snp_read_report(
	struct snp_report *out, struct bytes report, enum snp_product product)
{
	struct snp_parts parts;
	TRY(snp_parts_read(&parts, report));
	TRY(snp_parts_lay_out(&parts.report, product));
	*out = parts.report;
	return CONCLAVE_OK;
}
