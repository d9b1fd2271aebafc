/* Reports of SEV-SNP made to order: a whole chip of the tests' own, under a root of their own,
 * every part of which can be made wrong.
 *
 *   struct snp_forge forge;
 *   snp_forge_init(&forge, SNP_TURIN, false);
 *   forge.leaf.not_after = 0;                        spoil something
 *   snp_forge_make(&forge);                          sign it all
 *   snp_verify(&claims, &failed, NULL, &forge.evidence, &forge.roots, FORGE_NOW)
 *   snp_forge_free(&forge);
 *
 * After snp_forge_make the parts of forge.evidence may be replaced as well. */
#ifndef TESTS_SNP_FORGE_H
#define TESTS_SNP_FORGE_H

#include "attest/snp.h"
#include "x509_forge.h"

#define SNP_FORGE_START INT64_C(1735689600) /* 2025-01-01T00:00:00Z */
#define SNP_FORGE_END INT64_C(1893456000)   /* 2030-01-01T00:00:00Z */
#define SNP_FORGE_NOW INT64_C(1800000000)

/* Where fields of a report are. */
enum {
	SNP_AT_VERSION = 0x0,
	SNP_AT_POLICY = 0x8,
	SNP_AT_VMPL = 0x30,
	SNP_AT_SIGNATURE_ALGORITHM = 0x34,
	SNP_AT_PLATFORM = 0x40,
	SNP_AT_FLAGS = 0x48,
	SNP_AT_REPORT_DATA = 0x50,
	SNP_AT_MEASUREMENT = 0x90,
	SNP_AT_REPORTED_TCB = 0x180,
	SNP_AT_CPUID = 0x188,
	SNP_AT_CHIP_ID = 0x1a0,
	SNP_AT_LAUNCH_MITIGATIONS = 0x1f8,
	SNP_AT_CURRENT_MITIGATIONS = 0x200,
	SNP_AT_SIGNATURE = 0x2a0,
};

#define SNP_FORGE_EXTENSION_COUNT_MAX 40

struct snp_forge {
	EVP_PKEY *ark, *ask, *vcek;
	struct x509_forge root, intermediate, leaf;
	struct x509_forge_extension extensions[SNP_FORGE_EXTENSION_COUNT_MAX]; /* the leaf's */
	uint8_t values[SNP_FORGE_EXTENSION_COUNT_MAX][80];		       /* and theirs */
	struct x509_forge_crl crl;
	bool has_crl;
	EVP_PKEY *report_key;
	const EVP_MD *report_hash;
	uint8_t report[SNP_REPORT_SIZE];
	struct snp_evidence evidence;
	struct snp_roots roots;
	uint8_t pool[1 << 14];
};

/* A genuine report of version 3 (Turin: 5) of a release guest at VMPL 0, with a CRL. */
void snp_forge_init(struct snp_forge *forge, enum snp_product product, bool is_vlek);
void snp_forge_make(struct snp_forge *forge);
/* Sign the report alone, again. */
void snp_forge_sign(struct snp_forge *forge);
void snp_forge_free(struct snp_forge *forge);

#define SNP_OID(arcs) ("1.3.6.1.4.1.3704.1." arcs)
/* The leaf's extension of this name. */
struct x509_forge_extension *snp_forge_find(struct snp_forge *forge, const char *oid);
/* Add one, and give it another value. */
void snp_forge_add(struct snp_forge *forge, const char *oid, struct bytes value);
void snp_forge_set(struct snp_forge *forge, const char *oid, struct bytes value);
/* To an INTEGER. */
void snp_forge_set_number(struct snp_forge *forge, const char *oid, uint8_t value);

#endif
