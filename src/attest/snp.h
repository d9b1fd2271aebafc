/* Attestation reports of AMD SEV-SNP: is this report genuine, and what does it claim.
 *
 * A report is 1184 bytes, signed by a key of the chip (VCEK) or of a cloud's fleet (VLEK), whose
 * certificate comes from AMD's Key Distribution Service with the chain to AMD's root key of that
 * product. Pure: bytes, pinned roots and a time come in, claims come out. What is refused is what
 * is not authentic, not valid now or not of one piece; debug, VMPL, TCB and everything else that
 * is merely undesirable is a claim, for the caller's policy to judge. docs/spec/attestation.md says
 * every check and its source. */
#ifndef ATTEST_SNP_H
#define ATTEST_SNP_H

#include "attest/memo.h"
#include "attest/window.h"

#define SNP_REPORT_SIZE 1184u
#define SNP_CSP_ID_SIZE_MAX 64u
#define SNP_HARDWARE_ID_SIZE 64u

/* Each has a root of its own. Genoa's is also Bergamo's and Siena's. */
enum snp_product { SNP_MILAN, SNP_GENOA, SNP_TURIN };
#define SNP_PRODUCT_COUNT 3u

/* Firmware versions (ABI §2.2, TCB_VERSION). fmc: Turin and later, else 0. */
struct snp_tcb {
	uint64_t raw; /* as in the report, little-endian */
	uint8_t fmc, boot_loader, tee, snp, microcode;
};

/* What the guest's owner demands of the platform (ABI §4.3, GUEST_POLICY). */
struct snp_policy {
	uint64_t raw;
	uint8_t abi_minor, abi_major; /* at least */
	bool allows_smt, allows_migration_agent, allows_debug, is_single_socket, allows_cxl,
		needs_aes_256_xts, needs_rapl_disabled, needs_ciphertext_hiding,
		needs_page_swap_disabled;
};

/* What the platform is (ABI §7.3, PLATFORM_INFO). `raw` may have bits that are not known here. */
struct snp_platform {
	uint64_t raw;
	bool has_smt, has_tsme, has_ecc, is_rapl_disabled, has_ciphertext_hiding;
	/* Memory was looked through for aliases since the last reset (CVE-2024-21944). Reports
	 * before version 3 do not say. */
	bool is_alias_check_complete;
	bool is_iommu_write_safe; /* Turin and later */
	bool has_tio;
};

struct snp_version {
	uint8_t major, minor, build;
};

/* Everything that a report holds (ABI §7.3, ATTESTATION_REPORT). */
struct snp_report {
	uint32_t version; /* 2 to 5 */
	uint32_t guest_svn;
	struct snp_policy policy;
	uint8_t family_id[16], image_id[16];
	uint32_t vmpl; /* 0 to 3 */
	struct snp_platform platform;
	bool has_author_key;	   /* author_key_digest means something */
	bool is_chip_key_masked;   /* MASK_CHIP_KEY */
	bool is_chip_id_masked;	   /* chip_id is all zero */
	bool is_vlek;		   /* what it says signed it, which agrees with the leaf */
	uint8_t report_data[64];   /* the guest's own */
	uint8_t measurement[48];   /* of the guest as launched */
	uint8_t host_data[32];	   /* the host's, at launch */
	uint8_t id_key_digest[48]; /* of the key that signed the ID block; zero when none */
	uint8_t author_key_digest[48];
	uint8_t report_id[32];	  /* of the guest, while it runs */
	uint8_t report_id_ma[32]; /* of its migration agent; all ones when it has none */
	uint8_t chip_id[64];	  /* Turin: 8 bytes, the rest zero */
	/* current: running now; reported: what the signing key is derived from; committed: what the
	 * platform cannot go back behind; launch: when the guest started. Each as the product lays
	 * it out. */
	struct snp_tcb current_tcb, reported_tcb, committed_tcb, launch_tcb;
	struct snp_version current, committed; /* of the firmware's API */
	bool has_cpuid;			       /* version 3 and later */
	uint8_t family, model, stepping;
	bool has_mitigations; /* version 5 and later */
	uint64_t launch_mitigations, current_mitigations;
};

struct snp_claims {
	struct snp_report report;
	enum snp_product product;
	uint8_t hardware_id[SNP_HARDWARE_ID_SIZE]; /* of the VCEK; zero for a VLEK */
	/* VLEK: whose fleet, "CN=cc-us-east-2.amazonaws.com"; not terminated, empty for a VCEK. */
	char csp_id[SNP_CSP_ID_SIZE_MAX];
	size_t csp_id_size;
	/* Whether a CRL of the root's was there, and spoke for the certificate below it. Nothing
	 * revokes a VCEK or VLEK by itself. */
	bool has_crl;
	struct window validity;			  /* of everything that was looked at */
	int64_t crl_this_update, crl_next_update; /* 0 without one */
};

/* Which check refused, in order of checking; for words and tests. */
enum snp_check {
	SNP_CHECK_NONE,
	SNP_CHECK_REPORT,	/* its size, version and reserved fields */
	SNP_CHECK_LEAF,		/* VCEK or VLEK certificate, and its extensions */
	SNP_CHECK_INTERMEDIATE, /* ASK or ASVK */
	SNP_CHECK_ROOT,		/* ARK: not there, or not a key of AMD's */
	SNP_CHECK_CHAIN,	/* names, CA bits, key usages, signatures */
	SNP_CHECK_CRL,		/* its form, its issuer, its signature */
	SNP_CHECK_REVOCATION,
	SNP_CHECK_SIGNING_KEY, /* the report was signed by the other kind of key */
	SNP_CHECK_PRODUCT,     /* the leaf or the CPU is of another product than the root */
	SNP_CHECK_TCB,	       /* the leaf's firmware versions are not the reported ones */
	SNP_CHECK_CHIP_ID,     /* the VCEK is another chip's */
	SNP_CHECK_SIGNATURE,
};

/* SHA-256 of the moduli of AMD's root keys, by product. Zero: none is trusted. */
struct snp_roots {
	struct sha256 keys[SNP_PRODUCT_COUNT];
};
extern const struct snp_roots snp_default_roots;

/* All DER, all possibly hostile. crl may be empty. */
struct snp_evidence {
	struct bytes report; /* SNP_REPORT_SIZE bytes */
	struct bytes leaf, intermediate, root, crl;
};

/* roots: NULL for AMD's own. memo (may be NULL): makes verifying with the same certificates again
 * cheaper. now: seconds since 1970, from the caller. failed (may be NULL) names the check that
 * refused; a part that is missing is NOT_FOUND at its own, and EXPIRED says that nothing but the
 * time is wrong.
 * Errors: NOT_FOUND, FORMAT, VERSION, MISMATCH, KEY, UNTRUSTED, SIGNATURE, REVOKED, EXPIRED.
 */
enum conclave_error snp_verify(struct snp_claims *out, enum snp_check *failed, struct memo *memo,
	const struct snp_evidence *evidence, const struct snp_roots *roots, int64_t now);

/* A report's fields as they stand, unverified. product: how its TCB is laid out; a report of
 * version 3 or later says itself and must agree. Errors: FORMAT, VERSION, MISMATCH. */
enum conclave_error snp_read_report(
	struct snp_report *out, struct bytes report, enum snp_product product);

/* Put the certificates of a PEM file, as AMD's service writes it, where they belong by their names,
 * in any order; a leaf may be among them. space holds the decoded ones and must outlive them.
 * Errors: FORMAT (also for one that is none of the three, or comes twice), SPACE. */
#define SNP_CHAIN_SIZE_MAX 8192u /* as much space as any chain needs */
enum conclave_error snp_read_chain(
	struct snp_evidence *out, struct writer *space, struct bytes pem);
/* The same from the table of certificates that a hypervisor hands to its guests (GHCB, 56421,
 * "SNP Extended Guest Request"); entries that are none of the three are passed over. out points
 * into the table. Errors: FORMAT. */
enum conclave_error snp_read_certificate_table(struct snp_evidence *out, struct bytes table);

const char *snp_product_text(enum snp_product product); /* "Milan" */
/* What that check is, for people: "the chip's certificate". */
const char *snp_check_text(enum snp_check check);

#endif
