#include "snp_forge.h"

#include <stdio.h>

#include <openssl/core_names.h>

#include "attest/der.h"
#include "base/check.h"

#define NAME(common) ("OU=Engineering/C=US/L=Santa Clara/ST=CA/O=Advanced Micro Devices/CN=" common)

/* What differs between products. The TCB is fmc 3, boot loader 4, TEE 1, SNP 24 and microcode 217,
 * whose INTEGER takes two octets. */
static const struct {
	const char *root, *ask, *asvk, *product;
	uint8_t family, model, struct_version, tcb[8];
	uint32_t version;
	size_t chip_id_size;
	const char *spl[8];
} plans[SNP_PRODUCT_COUNT] = {
	[SNP_MILAN] = {NAME("ARK-Milan"), NAME("SEV-Milan"), NAME("SEV-VLEK-Milan"), "Milan-B0",
		0x19, 0x01, 0, {4, 1, 0, 0, 0, 0, 24, 217}, 3, 64,
		{SNP_OID("3.1"), SNP_OID("3.2"), SNP_OID("3.4"), SNP_OID("3.5"), SNP_OID("3.6"),
			SNP_OID("3.7"), SNP_OID("3.3"), SNP_OID("3.8")}},
	[SNP_GENOA] = {NAME("ARK-Genoa"), NAME("SEV-Genoa"), NAME("SEV-VLEK-Genoa"), "Genoa", 0x19,
		0x11, 0, {4, 1, 0, 0, 0, 0, 24, 217}, 3, 64,
		{SNP_OID("3.1"), SNP_OID("3.2"), SNP_OID("3.4"), SNP_OID("3.5"), SNP_OID("3.6"),
			SNP_OID("3.7"), SNP_OID("3.3"), SNP_OID("3.8")}},
	[SNP_TURIN] = {NAME("ARK-Turin"), NAME("SEV-Turin"), NAME("SEV-VLEK-Turin"), "Turin", 0x1a,
		0x02, 1, {3, 4, 1, 24, 0, 0, 0, 217}, 5, 8,
		{SNP_OID("3.9"), SNP_OID("3.1"), SNP_OID("3.2"), SNP_OID("3.3"), SNP_OID("3.5"),
			SNP_OID("3.6"), SNP_OID("3.7"), SNP_OID("3.8")}},
};

struct x509_forge_extension *snp_forge_find(struct snp_forge *forge, const char *oid)
{
	size_t i = 0;
	while (strcmp(forge->extensions[i].oid, oid) != 0)
		ASSERT(++i < forge->leaf.extension_count);
	return &forge->extensions[i];
}

void snp_forge_set(struct snp_forge *forge, const char *oid, struct bytes value)
{
	struct x509_forge_extension *extension = snp_forge_find(forge, oid);
	uint8_t *place = forge->values[extension - forge->extensions];
	ASSERT(value.len <= sizeof(forge->values[0]));
	memcpy(place, value.ptr, value.len);
	extension->value = bytes_of(place, value.len);
}

void snp_forge_add(struct snp_forge *forge, const char *oid, struct bytes value)
{
	size_t i = forge->leaf.extension_count++;
	ASSERT(i < SNP_FORGE_EXTENSION_COUNT_MAX && value.len <= sizeof(forge->values[0]));
	memcpy(forge->values[i], value.ptr, value.len);
	forge->extensions[i] = (struct x509_forge_extension){
		.oid = oid, .value = bytes_of(forge->values[i], value.len)};
}

static struct bytes der_number(uint8_t space[4], uint8_t value)
{
	size_t sign = value >> 7;
	memcpy(space, (const uint8_t[4]){DER_INTEGER, (uint8_t)(1 + sign)}, 4);
	space[2 + sign] = value;
	return bytes_of(space, 3 + sign);
}

void snp_forge_set_number(struct snp_forge *forge, const char *oid, uint8_t value)
{
	uint8_t space[4];
	snp_forge_set(forge, oid, der_number(space, value));
}

static void add_number(struct snp_forge *forge, const char *oid, uint8_t value)
{
	uint8_t space[4];
	snp_forge_add(forge, oid, der_number(space, value));
}

static void add_text(struct snp_forge *forge, const char *oid, const char *text)
{
	uint8_t space[64] = {DER_IA5_STRING, (uint8_t)strlen(text)};
	memcpy(space + 2, text, strlen(text));
	snp_forge_add(forge, oid, bytes_of(space, 2 + strlen(text)));
}

static void plan_leaf(struct snp_forge *forge, enum snp_product product, bool is_vlek)
{
	forge->leaf = (struct x509_forge){
		.subject = is_vlek ? NAME("SEV-VLEK") : NAME("SEV-VCEK"),
		.issuer = is_vlek ? plans[product].asvk : plans[product].ask,
		.key = forge->vcek,
		.issuer_key = forge->ask,
		.not_before = SNP_FORGE_START,
		.not_after = SNP_FORGE_END,
		.extensions = forge->extensions,
	};
	add_number(forge, SNP_OID("1"), plans[product].struct_version);
	add_text(forge, SNP_OID("2"), plans[product].product);
	for (size_t i = 0; i < 8; i++)
		add_number(forge, plans[product].spl[i], plans[product].tcb[i]);
	if (is_vlek)
		add_text(forge, SNP_OID("5"), "CN=cc-nowhere.example");
	else
		snp_forge_add(forge, SNP_OID("4"),
			bytes_of(forge->report + SNP_AT_CHIP_ID, plans[product].chip_id_size));
}

static void plan_report(struct snp_forge *forge, enum snp_product product, bool is_vlek)
{
	uint8_t *report = forge->report;
	static const uint16_t tcbs[] = {0x38, SNP_AT_REPORTED_TCB, 0x1e0, 0x1f0};
	store_u32le(report + SNP_AT_VERSION, plans[product].version);
	store_u64le(report + SNP_AT_POLICY, 0x30000);
	store_u32le(report + SNP_AT_SIGNATURE_ALGORITHM, 1);
	store_u64le(report + SNP_AT_PLATFORM, 0x25);
	store_u32le(report + SNP_AT_FLAGS, is_vlek ? 1u << 2 : 0);
	for (uint8_t i = 0; i < 64 + 48; i++)
		report[0x50 + i] = i;
	for (size_t i = 0; i < ARRAY_COUNT(tcbs); i++)
		memcpy(report + tcbs[i], plans[product].tcb, 8);
	report[SNP_AT_CPUID] = plans[product].family;
	report[SNP_AT_CPUID + 1] = plans[product].model;
	report[SNP_AT_CPUID + 2] = 1;
	memset(report + SNP_AT_CHIP_ID, 0x5c, plans[product].chip_id_size);
	if (plans[product].version >= 5) {
		store_u64le(report + SNP_AT_LAUNCH_MITIGATIONS, 0x0b);
		store_u64le(report + SNP_AT_CURRENT_MITIGATIONS, 0x3f);
	}
}

static void trust(struct snp_roots *out, enum snp_product product, const EVP_PKEY *ark)
{
	BIGNUM *modulus = NULL;
	uint8_t bytes[RSA4096_SIZE];
	ASSERT(EVP_PKEY_get_bn_param(ark, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1);
	ASSERT(BN_bn2binpad(modulus, bytes, sizeof(bytes)) == sizeof(bytes));
	BN_free(modulus);
	*out = (struct snp_roots){0};
	sha256(&out->keys[product], BYTES_OF(bytes));
}

void snp_forge_init(struct snp_forge *forge, enum snp_product product, bool is_vlek)
{
	memset(forge, 0, sizeof(*forge));
	forge->ark = x509_forge_rsa_key('a');
	forge->ask = x509_forge_rsa_key('b');
	forge->vcek = forge->report_key = x509_forge_curve_key("P-384", 1);
	forge->root = (struct x509_forge){
		.subject = plans[product].root,
		.issuer = plans[product].root,
		.key = forge->ark,
		.issuer_key = forge->ark,
		.serial = 1,
		.not_before = SNP_FORGE_START,
		.not_after = SNP_FORGE_END,
		.basic_constraints = "critical,CA:TRUE",
		.key_usage = "critical,keyCertSign,cRLSign",
	};
	forge->intermediate = forge->root;
	forge->intermediate.subject = is_vlek ? plans[product].asvk : plans[product].ask;
	forge->intermediate.key = forge->ask;
	forge->intermediate.serial = 2;
	forge->intermediate.basic_constraints = "critical,CA:TRUE,pathlen:0";
	forge->intermediate.key_usage = "critical,keyCertSign";
	forge->crl = (struct x509_forge_crl){
		.issuer = plans[product].root,
		.issuer_key = forge->ark,
		.this_update = SNP_FORGE_START,
		.next_update = SNP_FORGE_END,
		.revoked = 99,
	};
	forge->has_crl = true;
	plan_report(forge, product, is_vlek);
	plan_leaf(forge, product, is_vlek);
	trust(&forge->roots, product, forge->ark);
}

void snp_forge_sign(struct snp_forge *forge)
{
	uint8_t pair[96];
	x509_forge_sign(pair, sizeof(pair), forge->report_key, forge->report_hash,
		bytes_of(forge->report, SNP_AT_SIGNATURE));
	for (size_t i = 0; i < 48; i++) {
		forge->report[SNP_AT_SIGNATURE + i] = pair[47 - i];
		forge->report[SNP_AT_SIGNATURE + 72 + i] = pair[95 - i];
	}
}

/* What has been written since there were `start` bytes. */
static struct bytes since(const struct writer *writer, size_t start)
{
	return bytes_slice(writer_bytes(writer), start, writer->len - start);
}

static struct bytes make(struct writer *writer, const struct x509_forge *plan)
{
	size_t start = writer->len;
	x509_forge_write(writer, plan);
	return since(writer, start);
}

void snp_forge_make(struct snp_forge *forge)
{
	struct writer writer = writer_of((struct buffer){forge->pool, sizeof(forge->pool)});
	snp_forge_sign(forge);
	forge->evidence = (struct snp_evidence){.report = BYTES_OF(forge->report)};
	forge->evidence.leaf = make(&writer, &forge->leaf);
	forge->evidence.intermediate = make(&writer, &forge->intermediate);
	forge->evidence.root = make(&writer, &forge->root);
	size_t start = writer.len;
	if (forge->has_crl)
		x509_forge_write_crl(&writer, &forge->crl);
	forge->evidence.crl = since(&writer, start);
}

void snp_forge_free(struct snp_forge *forge)
{
	EVP_PKEY_free(forge->ark);
	EVP_PKEY_free(forge->ask);
	EVP_PKEY_free(forge->vcek);
}
