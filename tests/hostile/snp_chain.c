/* Certificates and CRLs of SEV-SNP that lie, one lie per row (T-43), what is remembered of them,
 * and where they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/der.h"
#include "attest/literal.h"
#include "base/check.h"
#include "snp_lies.h"

static struct snp_forge forge;
static EVP_PKEY *stranger, *stranger_p256;

/* -- the leaf -- */

static void leaf_of_p256(struct snp_forge *f)
{
	f->leaf.key = stranger_p256;
}
static void leaf_of_rsa(struct snp_forge *f)
{
	f->leaf.key = f->ask;
}
static void leaf_without_name(struct snp_forge *f)
{
	f->leaf.subject = "CN=SEV-VCEK2";
}
static void leaf_without_product(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("2"))->oid = SNP_OID("9");
}
static void leaf_of_no_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x05Milam"));
}
static void leaf_of_longer_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x06Milano"));
}
static void leaf_of_two_products(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x05Milan\x16\x05Genoa"));
}
static void leaf_of_other_product(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("2"), BYTES_LIT("\x16\x05Genoa"));
}
static void leaf_of_other_structure(struct snp_forge *f)
{
	snp_forge_set_number(f, SNP_OID("1"), 1);
}
static void leaf_without_microcode(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("3.8"))->oid = SNP_OID("3.10");
}
static void leaf_with_fmc(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("3.9"), BYTES_LIT("\x02\x01\x00"));
}
static void leaf_with_negative_number(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.8"), BYTES_LIT("\x02\x01\xd9"));
}
static void leaf_with_large_number(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.8"), BYTES_LIT("\x02\x02\x01\xd9"));
}
static void leaf_with_two_numbers(struct snp_forge *f)
{
	snp_forge_set(f, SNP_OID("3.3"), BYTES_LIT("\x02\x01\x18\x02\x01\x18"));
}
static void leaf_with_number_twice(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("3.8"), BYTES_LIT("\x02\x02\x00\xd9"));
}
static void leaf_with_other_tcb(struct snp_forge *f)
{
	snp_forge_set_number(f, SNP_OID("3.3"), 25);
}
static void leaf_of_other_chip(struct snp_forge *f)
{
	static uint8_t other[64];
	snp_forge_set(f, SNP_OID("4"), BYTES_OF(other));
}
static void leaf_without_chip(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("4"))->oid = SNP_OID("9");
}
static void leaf_with_short_chip(struct snp_forge *f)
{
	snp_forge_find(f, SNP_OID("4"))->value.len = 8;
}
static void leaf_with_wrapped_chip_and_more(struct snp_forge *f)
{
	uint8_t wrapped[2 + 64 + 2] = {DER_OCTET_STRING, 64};
	memcpy(wrapped + 2, snp_forge_find(f, SNP_OID("4"))->value.ptr, 64);
	memcpy(wrapped + 66, "\x05\x00", 2);
	snp_forge_set(f, SNP_OID("4"), BYTES_OF(wrapped));
}
static void leaf_with_short_wrapped_chip(struct snp_forge *f)
{
	static const uint8_t wrapped[2 + 63] = {DER_OCTET_STRING, 63};
	snp_forge_set(f, SNP_OID("4"), BYTES_OF(wrapped));
}
static void leaf_of_chip_and_fleet(struct snp_forge *f)
{
	snp_forge_add(f, SNP_OID("5"), BYTES_LIT("\x16\x01x"));
}
static void leaf_is_ca(struct snp_forge *f)
{
	f->leaf.basic_constraints = "critical,CA:TRUE";
}
static void leaf_may_sign_certificates(struct snp_forge *f)
{
	f->leaf.key_usage = "critical,digitalSignature,keyCertSign";
}
static void leaf_may_not_sign(struct snp_forge *f)
{
	f->leaf.key_usage = "critical,keyEncipherment";
}
static void leaf_with_unknown_critical(struct snp_forge *f)
{
	snp_forge_add(f, "2.5.29.127", BYTES_LIT("\x05\x00"));
	snp_forge_find(f, "2.5.29.127")->is_critical = true;
}
static void leaf_with_critical_usage(struct snp_forge *f)
{
	/* serverAuth: a purpose that is not ours, and that asks to be heeded. */
	snp_forge_add(
		f, "2.5.29.37", BYTES_LIT("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"));
	snp_forge_find(f, "2.5.29.37")->is_critical = true;
}
static void leaf_with_40_extensions(struct snp_forge *f)
{
	static char oids[40][32];
	for (size_t i = f->leaf.extension_count; i < SNP_FORGE_EXTENSION_COUNT_MAX; i++) {
		snprintf(oids[i], sizeof(oids[i]), "1.2.3.%zu", i);
		snp_forge_add(f, oids[i], BYTES_LIT("\x05\x00"));
	}
}
static void leaf_by_root(struct snp_forge *f)
{
	f->leaf.issuer_key = f->ark;
}
static void leaf_with_salt_32(struct snp_forge *f)
{
	f->leaf.pss_salt = 32;
}
static void leaf_with_sha256(struct snp_forge *f)
{
	f->leaf.hash = EVP_sha256();
	f->leaf.pss_salt = 32;
}
static void leaf_with_pkcs1(struct snp_forge *f)
{
	f->leaf.is_pkcs1 = true;
}
static void leaf_signs_itself(struct snp_forge *f)
{
	f->leaf.issuer_key = f->vcek;
}
static void leaf_of_other_issuer(struct snp_forge *f)
{
	f->leaf.issuer = "CN=SEV-Milan";
}
static void leaf_expired(struct snp_forge *f)
{
	f->leaf.not_after = SNP_FORGE_NOW - 1;
}
static void leaf_of_the_future(struct snp_forge *f)
{
	f->leaf.not_before = SNP_FORGE_NOW + 1;
}

/* -- what is above it -- */

static void intermediate_is_no_ca(struct snp_forge *f)
{
	f->intermediate.basic_constraints = "critical,CA:FALSE";
}
static void intermediate_may_not_sign(struct snp_forge *f)
{
	f->intermediate.key_usage = "critical,digitalSignature";
}
static void intermediate_says_nothing(struct snp_forge *f)
{
	f->intermediate.basic_constraints = f->intermediate.key_usage = NULL;
}
static void intermediate_by_stranger(struct snp_forge *f)
{
	f->intermediate.issuer_key = f->ask;
}
static void intermediate_of_p384(struct snp_forge *f)
{
	f->intermediate.key = stranger;
	f->leaf.issuer_key = stranger;
}
static void intermediate_expired(struct snp_forge *f)
{
	f->intermediate.not_after = SNP_FORGE_NOW - 1;
}
static void intermediate_of_genoa(struct snp_forge *f)
{
	f->intermediate.subject = f->leaf.issuer = "CN=SEV-Genoa";
}
static void intermediate_of_vleks(struct snp_forge *f)
{
	f->intermediate.subject = f->leaf.issuer = "CN=SEV-VLEK-Milan";
}
static void root_without_path(struct snp_forge *f)
{
	f->root.basic_constraints = "critical,CA:TRUE,pathlen:0";
}
static void root_not_trusted(struct snp_forge *f)
{
	f->roots = (struct snp_roots){0};
}
static void root_of_another_key(struct snp_forge *f)
{
	f->root.key = f->ask;
	f->root.issuer_key = f->ask;
}
static void root_of_p384(struct snp_forge *f)
{
	f->root.key = stranger;
	f->root.issuer_key = stranger;
}
static void root_signed_by_another(struct snp_forge *f)
{
	f->root.issuer_key = f->ask;
}
static void root_of_genoa(struct snp_forge *f)
{
	f->root.subject = f->root.issuer = f->intermediate.issuer = f->crl.issuer = "CN=ARK-Genoa";
}
/* The key is Genoa's root: Milan's chain below it is another vendor's. */
static void root_trusted_for_genoa(struct snp_forge *f)
{
	f->roots.keys[SNP_GENOA] = f->roots.keys[SNP_MILAN];
	memset(&f->roots.keys[SNP_MILAN], 0, sizeof(struct sha256));
}
static void revoked(struct snp_forge *f)
{
	f->crl.revoked = f->intermediate.serial;
}
static void crl_by_intermediate(struct snp_forge *f)
{
	f->crl.issuer = f->intermediate.subject;
	f->crl.issuer_key = f->ask;
}
static void crl_by_stranger(struct snp_forge *f)
{
	f->crl.issuer_key = f->ask;
}
static void crl_of_p384(struct snp_forge *f)
{
	f->crl.issuer_key = stranger;
}
static void crl_of_root_that_may_not(struct snp_forge *f)
{
	f->root.key_usage = "critical,keyCertSign";
}
static void crl_expired(struct snp_forge *f)
{
	f->crl.next_update = SNP_FORGE_NOW - 1;
}
static void crl_of_the_future(struct snp_forge *f)
{
	f->crl.this_update = SNP_FORGE_NOW + 1;
}

static const struct snp_lie spoiled[] = {
	SNP_LIE(leaf_of_p256, MISMATCH, LEAF),
	SNP_LIE(leaf_of_rsa, MISMATCH, LEAF),
	SNP_LIE(leaf_without_name, MISMATCH, LEAF),
	SNP_LIE(leaf_without_product, FORMAT, LEAF),
	SNP_LIE(leaf_of_no_product, FORMAT, LEAF),
	SNP_LIE(leaf_of_longer_product, FORMAT, LEAF),
	SNP_LIE(leaf_of_two_products, FORMAT, LEAF),
	SNP_LIE(leaf_of_other_product, MISMATCH, PRODUCT),
	SNP_LIE(leaf_of_other_structure, FORMAT, LEAF),
	SNP_LIE(leaf_without_microcode, FORMAT, LEAF),
	SNP_LIE(leaf_with_fmc, FORMAT, LEAF),
	SNP_LIE(leaf_with_negative_number, FORMAT, LEAF),
	SNP_LIE(leaf_with_large_number, FORMAT, LEAF),
	SNP_LIE(leaf_with_two_numbers, FORMAT, LEAF),
	SNP_LIE(leaf_with_number_twice, FORMAT, LEAF),
	SNP_LIE(leaf_with_other_tcb, MISMATCH, TCB),
	SNP_LIE(leaf_of_other_chip, MISMATCH, CHIP_ID),
	SNP_LIE(leaf_without_chip, FORMAT, LEAF),
	SNP_LIE(leaf_with_short_chip, FORMAT, LEAF),
	SNP_LIE(leaf_with_wrapped_chip_and_more, FORMAT, LEAF),
	SNP_LIE(leaf_with_short_wrapped_chip, FORMAT, LEAF),
	SNP_LIE(leaf_of_chip_and_fleet, FORMAT, LEAF),
	SNP_LIE(leaf_is_ca, MISMATCH, CHAIN),
	SNP_LIE(leaf_may_sign_certificates, MISMATCH, CHAIN),
	SNP_LIE(leaf_may_not_sign, MISMATCH, CHAIN),
	SNP_LIE(leaf_with_unknown_critical, FORMAT, LEAF),
	SNP_LIE(leaf_with_critical_usage, FORMAT, LEAF),
	SNP_LIE(leaf_with_40_extensions, FORMAT, LEAF),
	SNP_LIE(leaf_by_root, SIGNATURE, CHAIN),
	SNP_LIE(leaf_with_salt_32, FORMAT, LEAF),
	SNP_LIE(leaf_with_sha256, FORMAT, LEAF),
	SNP_LIE(leaf_with_pkcs1, FORMAT, LEAF),
	SNP_LIE(leaf_signs_itself, MISMATCH, CHAIN),
	SNP_LIE(leaf_of_other_issuer, MISMATCH, CHAIN),
	SNP_LIE(leaf_expired, EXPIRED, CHAIN),
	SNP_LIE(leaf_of_the_future, EXPIRED, CHAIN),
	SNP_LIE(intermediate_is_no_ca, MISMATCH, CHAIN),
	SNP_LIE(intermediate_may_not_sign, MISMATCH, CHAIN),
	SNP_LIE(intermediate_says_nothing, FORMAT, INTERMEDIATE),
	SNP_LIE(intermediate_by_stranger, SIGNATURE, CHAIN),
	SNP_LIE(intermediate_of_p384, MISMATCH, CHAIN),
	SNP_LIE(intermediate_expired, EXPIRED, CHAIN),
	SNP_LIE(intermediate_of_genoa, MISMATCH, CHAIN),
	SNP_LIE(intermediate_of_vleks, MISMATCH, CHAIN),
	SNP_LIE(root_without_path, MISMATCH, CHAIN),
	SNP_LIE(root_not_trusted, UNTRUSTED, ROOT),
	SNP_LIE(root_of_another_key, UNTRUSTED, ROOT),
	SNP_LIE(root_of_p384, UNTRUSTED, ROOT),
	SNP_LIE(root_signed_by_another, SIGNATURE, CHAIN),
	SNP_LIE(root_of_genoa, MISMATCH, CHAIN),
	SNP_LIE(root_trusted_for_genoa, MISMATCH, CHAIN),
	SNP_LIE(revoked, REVOKED, REVOCATION),
	SNP_LIE(crl_by_intermediate, MISMATCH, CRL),
	SNP_LIE(crl_by_stranger, SIGNATURE, CRL),
	SNP_LIE(crl_of_p384, MISMATCH, CRL),
	SNP_LIE(crl_of_root_that_may_not, MISMATCH, CRL),
	SNP_LIE(crl_expired, EXPIRED, CRL),
	SNP_LIE(crl_of_the_future, EXPIRED, CRL),
};

static void lies(void **state)
{
	(void)state;
	snp_lies_check(&forge, spoiled, ARRAY_COUNT(spoiled));
}

/* AMD's own roots do not know this chip. */
static void default_roots(void **state)
{
	struct snp_claims claims;
	enum snp_check failed;
	(void)state;
	snp_forge_init(&forge, SNP_TURIN, false);
	snp_forge_make(&forge);
	assert_int_equal(snp_verify(&claims, &failed, NULL, &forge.evidence, NULL, SNP_FORGE_NOW),
		CONCLAVE_ERROR_UNTRUSTED);
	assert_int_equal(failed, SNP_CHECK_ROOT);
	snp_forge_free(&forge);
}

/* What is remembered is a signature, and nothing else. */
static void memory(void **state)
{
	static struct memo memo;
	struct snp_claims claims;
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots,
					 SNP_FORGE_NOW),
			CONCLAVE_OK);
		assert_int_equal(memo.count, 4); /* three certificates and a CRL */
	}
	assert_int_equal(
		snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots, SNP_FORGE_END + 1),
		CONCLAVE_ERROR_EXPIRED);
	assert_int_equal(snp_verify(&claims, NULL, &memo, &forge.evidence, NULL, SNP_FORGE_NOW),
		CONCLAVE_ERROR_UNTRUSTED);
	/* The leaf's signature, which ends it, and then a bit of its key. */
	uint8_t leaf[4096];
	memcpy(leaf, forge.evidence.leaf.ptr, forge.evidence.leaf.len);
	leaf[forge.evidence.leaf.len - 1] ^= 1;
	forge.evidence.leaf.ptr = leaf;
	assert_int_equal(
		snp_verify(&claims, NULL, &memo, &forge.evidence, &forge.roots, SNP_FORGE_NOW),
		CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(memo.count, 4);
	snp_forge_free(&forge);
}

/* -- a VLEK names who operates the fleet -- */

static void fleets(void **state)
{
	static const struct {
		struct bytes value;
		enum conclave_error wanted;
	} rows[] = {
		{LITERAL("\x16\x05"
			 "AWS-1"),
			CONCLAVE_OK},
		{LITERAL("\x16\x05"
			 "AWS-1\x05\x00"),
			CONCLAVE_ERROR_FORMAT},
		{LITERAL("\x16\x00"), CONCLAVE_ERROR_FORMAT},
		{LITERAL("\x16\x02"
			 "A\n"),
			CONCLAVE_ERROR_FORMAT},
		{LITERAL("\x0c\x05"
			 "AWS-1"),
			CONCLAVE_ERROR_FORMAT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct snp_claims claims;
		enum snp_check failed;
		snp_forge_init(&forge, SNP_MILAN, true);
		snp_forge_set(&forge, SNP_OID("5"), rows[i].value);
		snp_forge_make(&forge);
		assert_int_equal(snp_forge_verify(&claims, &failed, &forge), rows[i].wanted);
		assert_int_equal(
			failed, rows[i].wanted == CONCLAVE_OK ? SNP_CHECK_NONE : SNP_CHECK_LEAF);
		snp_forge_free(&forge);
	}
}

/* -- where the certificates come from -- */

static void put_pem(char *text, size_t size, struct bytes der)
{
	static uint8_t base64[8192];
	size_t used = strlen(text);
	EVP_EncodeBlock(base64, der.ptr, (int)der.len);
	snprintf(text + used, size - used,
		"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", (char *)base64);
}

/* In any order, each once, none that is not of such a chain, and nothing else. */
static void pem_chain(void **state)
{
	static uint8_t der[SNP_CHAIN_SIZE_MAX];
	static char text[32768];
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	const struct bytes root = forge.evidence.root, leaf = forge.evidence.leaf,
			   intermediate = forge.evidence.intermediate,
			   cut = bytes_slice(leaf, 0, leaf.len - 1);
	snp_forge_free(&forge); /* what it made stays in its pool */
	const struct {
		struct bytes parts[3];
		const char *more;
		enum conclave_error wanted;
	} rows[] = {
		{{root, leaf, intermediate}, "", CONCLAVE_OK},
		{{intermediate, root}, "", CONCLAVE_OK},
		{{root, root}, "", CONCLAVE_ERROR_FORMAT},
		{{root, cut}, "", CONCLAVE_ERROR_FORMAT},
		{{root, BYTES_LIT("0")}, "", CONCLAVE_ERROR_FORMAT},
		{{root, leaf}, "-----BEGIN CERTIFICATE-----\n", CONCLAVE_ERROR_FORMAT},
		{{root, leaf}, "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
			CONCLAVE_ERROR_FORMAT},
		{{{0}}, "", CONCLAVE_ERROR_FORMAT},
	};
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct snp_evidence read = {0};
		struct writer space = writer_of((struct buffer){der, sizeof(der)});
		text[0] = '\0';
		for (size_t j = 0; j < 3 && rows[i].parts[j].len > 0; j++)
			put_pem(text, sizeof(text), rows[i].parts[j]);
		strcat(text, rows[i].more);
		assert_int_equal(snp_read_chain(&read, &space, bytes_of(text, strlen(text))),
			rows[i].wanted);
		assert_int_equal(read.root.len, rows[i].wanted == CONCLAVE_OK ? root.len : 0);
	}
}

static void put_entry(uint8_t *table, size_t *entries, size_t *used, struct bytes der)
{
	uint8_t *entry = table + 24 * (*entries)++;
	memset(entry, 0xa7, 16);
	store_u32le(entry + 16, (uint32_t)*used);
	store_u32le(entry + 20, (uint32_t)der.len);
	memcpy(table + *used, der.ptr, der.len);
	*used += der.len;
}

static void certificate_table(void **state)
{
	static uint8_t table[16384];
	size_t entries = 0, used = 24 * 6;
	struct snp_evidence read = {0};
	(void)state;
	snp_forge_init(&forge, SNP_MILAN, false);
	snp_forge_make(&forge);
	put_entry(table, &entries, &used, forge.evidence.root);
	put_entry(table, &entries, &used, BYTES_LIT("something of the firmware's"));
	put_entry(table, &entries, &used, forge.evidence.leaf);
	put_entry(table, &entries, &used, forge.evidence.intermediate);
	assert_int_equal(snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_OK);
	assert_true(bytes_equal(read.leaf, forge.evidence.leaf));
	assert_true(bytes_equal(read.intermediate, forge.evidence.intermediate));
	assert_true(bytes_equal(read.root, forge.evidence.root));

	/* Twice, or beyond the end, or without an end. */
	assert_int_equal(
		snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_ERROR_FORMAT);
	read = (struct snp_evidence){0};
	for (size_t len = 0; len < used; len += 7)
		assert_int_equal(snp_read_certificate_table(&read, bytes_of(table, len)),
			CONCLAVE_ERROR_FORMAT);
	store_u32le(table + 16, UINT32_MAX);
	assert_int_equal(
		snp_read_certificate_table(&read, bytes_of(table, used)), CONCLAVE_ERROR_FORMAT);
	memset(table, 1, 24 * 65);
	for (size_t i = 0; i < 65; i++)
		memset(table + 24 * i + 16, 0, 8);
	assert_int_equal(snp_read_certificate_table(&read, BYTES_OF(table)), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(read.leaf.len, 0);
	snp_forge_free(&forge);
}

static int setup(void **state)
{
	(void)state;
	stranger = x509_forge_curve_key("P-384", 9);
	stranger_p256 = x509_forge_curve_key("P-256", 9);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(stranger);
	EVP_PKEY_free(stranger_p256);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),
		cmocka_unit_test(default_roots),
		cmocka_unit_test(memory),
		cmocka_unit_test(fleets),
		cmocka_unit_test(pem_chain),
		cmocka_unit_test(certificate_table),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
