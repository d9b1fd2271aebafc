/* Who signs reports: the names of AMD's certificates, and the extensions of the leaves. */
#include "attest/literal.h"
#include "attest/snp_parts.h"
#include "base/check.h"

/* 1.3.6.1.4.1.3704.1; the last arcs follow. */
#define OID_AMD "\x2b\x06\x01\x04\x01\x9c\x78\x01"
#define OID_STRUCT_VERSION OID_AMD "\x01"
#define OID_PRODUCT OID_AMD "\x02"
#define OID_SPL OID_AMD "\x03"
#define OID_HARDWARE_ID OID_AMD "\x04"
#define OID_CSP_ID OID_AMD "\x05"

#define SPL_COUNT 9u

static const struct product {
	struct bytes name, root, vcek_issuer, vlek_issuer;
	uint32_t struct_version;
	size_t hardware_id_size;
	/* Which extension .3.n speaks for each byte of a TCB. One of the nine is left over, which
	 * must not be there. */
	uint8_t spl[8];
} products[SNP_PRODUCT_COUNT] = {
	[SNP_MILAN] = {LITERAL("Milan"), LITERAL("ARK-Milan"), LITERAL("SEV-Milan"),
		LITERAL("SEV-VLEK-Milan"), 0, 64, {1, 2, 4, 5, 6, 7, 3, 8}},
	[SNP_GENOA] = {LITERAL("Genoa"), LITERAL("ARK-Genoa"), LITERAL("SEV-Genoa"),
		LITERAL("SEV-VLEK-Genoa"), 0, 64, {1, 2, 4, 5, 6, 7, 3, 8}},
	[SNP_TURIN] = {LITERAL("Turin"), LITERAL("ARK-Turin"), LITERAL("SEV-Turin"),
		LITERAL("SEV-VLEK-Turin"), 1, 8, {9, 1, 2, 3, 5, 6, 7, 8}},
};

static bool is_named(const struct x509_certificate *certificate, struct bytes name)
{
	return bytes_equal(certificate->subject.common_name, name);
}

static bool is_vcek(const struct x509_certificate *certificate)
{
	return is_named(certificate, BYTES_LIT("SEV-VCEK"));
}

static bool is_vlek(const struct x509_certificate *certificate)
{
	return is_named(certificate, BYTES_LIT("SEV-VLEK"));
}

bool snp_is_intermediate_of(
	const struct x509_certificate *certificate, enum snp_product product, bool is_vlek)
{
	struct bytes name = is_vlek ? products[product].vlek_issuer : products[product].vcek_issuer;
	return is_named(certificate, name) && certificate->key.scheme == X509_RSA4096_PSS_SHA384;
}

bool snp_is_root_of(const struct x509_certificate *certificate, enum snp_product product)
{
	return is_named(certificate, products[product].root);
}

enum snp_role snp_role_of(const struct x509_certificate *certificate)
{
	if (is_vcek(certificate) || is_vlek(certificate))
		return SNP_ROLE_LEAF;
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		enum snp_product product = (enum snp_product)i;
		if (snp_is_root_of(certificate, product))
			return SNP_ROLE_ROOT;
		if (snp_is_intermediate_of(certificate, product, false) ||
			snp_is_intermediate_of(certificate, product, true))
			return SNP_ROLE_INTERMEDIATE;
	}
	return SNP_ROLE_NONE;
}

/* An extension that is a single INTEGER from 0 to 255; with two octets above 127. */
static enum conclave_error read_number(
	uint32_t *out, const struct x509_certificate *certificate, struct bytes oid)
{
	struct reader value = reader_of(x509_extension(certificate, oid));
	uint32_t number = der_read_number(&value, UINT8_MAX);
	TRY(der_end(&value));
	*out = number;
	return CONCLAVE_OK;
}

/* IA5String: the name, for some with a stepping that says nothing: "Milan-B0". */
static enum conclave_error read_product(
	enum snp_product *out, const struct x509_certificate *certificate)
{
	struct reader value = reader_of(x509_extension(certificate, BYTES_LIT(OID_PRODUCT)));
	struct bytes text = der_read(&value, DER_IA5_STRING);
	TRY(der_end(&value));
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		struct bytes name = products[i].name;
		bool is_whole =
			text.len == name.len || (text.len > name.len && text.ptr[name.len] == '-');
		if (is_whole && bytes_equal(bytes_slice(text, 0, name.len), name)) {
			*out = (enum snp_product)i;
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_FORMAT;
}

/* Every byte of the TCB has its extension, and no extension is without a byte. */
static enum conclave_error read_tcb(
	uint64_t *out, const struct x509_certificate *certificate, const struct product *product)
{
	uint8_t oid[] = OID_SPL; /* the last arc goes where the literal's NUL is */
	uint8_t tcb[8];
	uint32_t left_over = SPL_COUNT * (SPL_COUNT + 1) / 2;
	for (size_t i = 0; i < sizeof(tcb); i++) {
		uint32_t number;
		oid[sizeof(oid) - 1] = product->spl[i];
		TRY(read_number(&number, certificate, BYTES_OF(oid)));
		tcb[i] = (uint8_t)number;
		left_over -= product->spl[i];
	}
	oid[sizeof(oid) - 1] = (uint8_t)left_over;
	if (x509_extension(certificate, BYTES_OF(oid)).ptr != NULL)
		return CONCLAVE_ERROR_FORMAT;
	*out = load_u64le(tcb);
	return CONCLAVE_OK;
}

/* The bare bytes, as AMD issues it, or an OCTET STRING around them. */
static enum conclave_error read_hardware_id(
	struct bytes *out, const struct x509_certificate *certificate, size_t size)
{
	struct bytes value = x509_extension(certificate, BYTES_LIT(OID_HARDWARE_ID));
	if (value.len != size) {
		struct reader reader = reader_of(value);
		value = der_read(&reader, DER_OCTET_STRING);
		TRY(der_end(&reader));
	}
	if (value.len != size)
		return CONCLAVE_ERROR_FORMAT;
	*out = value;
	return CONCLAVE_OK;
}

static enum conclave_error read_csp_id(
	struct bytes *out, const struct x509_certificate *certificate)
{
	struct reader value = reader_of(x509_extension(certificate, BYTES_LIT(OID_CSP_ID)));
	struct bytes text = der_read(&value, DER_IA5_STRING);
	TRY(der_end(&value));
	if (text.len == 0 || text.len > SNP_CSP_ID_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return CONCLAVE_ERROR_FORMAT;
	*out = text;
	return CONCLAVE_OK;
}

/* A VCEK names a chip and a VLEK a fleet, and neither names the other. */
static enum conclave_error read_owner(struct snp_leaf *leaf,
	const struct x509_certificate *certificate, const struct product *product)
{
	struct bytes foreign = leaf->is_vlek ? BYTES_LIT(OID_HARDWARE_ID) : BYTES_LIT(OID_CSP_ID);
	if (x509_extension(certificate, foreign).ptr != NULL)
		return CONCLAVE_ERROR_FORMAT;
	if (leaf->is_vlek)
		return read_csp_id(&leaf->csp_id, certificate);
	return read_hardware_id(&leaf->hardware_id, certificate, product->hardware_id_size);
}

enum conclave_error snp_leaf_read(struct snp_leaf *out, const struct x509_certificate *certificate)
{
	struct snp_leaf leaf = {.is_vlek = is_vlek(certificate)};
	if ((!leaf.is_vlek && !is_vcek(certificate)) || certificate->key.scheme != X509_P384_SHA384)
		return CONCLAVE_ERROR_MISMATCH;
	TRY(read_product(&leaf.product, certificate));
	const struct product *product = &products[leaf.product];
	uint32_t struct_version;
	TRY(read_number(&struct_version, certificate, BYTES_LIT(OID_STRUCT_VERSION)));
	if (struct_version != product->struct_version)
		return CONCLAVE_ERROR_FORMAT;
	TRY(read_tcb(&leaf.tcb, certificate, product));
	TRY(read_owner(&leaf, certificate, product));
	*out = leaf;
	return CONCLAVE_OK;
}

const char *snp_product_text(enum snp_product product)
{
	return (const char *)products[product].name.ptr;
}
