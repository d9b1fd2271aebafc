/* A virtual TPM that a paravisor runs beside a confidential VM, as Azure does: the hardware's
 * report vouches for the paravisor's runtime data, the runtime data for the TPM's attestation key
 * (AK), and the AK for the boot's measurements (PCRs) and the caller's nonce.
 *
 *   hcl_read      the paravisor's blob: the hardware's report and the runtime data
 *   snp_verify    of hcl.hardware_report (or quote_verify of a TD quote made for it)
 *   vtpm_verify   that report's data, the blob, the TPM's quote and the PCRs
 *
 * Pure: bytes come in, claims come out. What the PCRs and the nonce should be is for the caller's
 * policy. docs/spec/attestation.md says every check and its source. */
#ifndef ATTEST_VTPM_H
#define ATTEST_VTPM_H

#include "crypto/crypto.h"

#define HCL_SIZE_MAX 0x4000u /* Azure's are 2600 bytes of the TPM's memory */
#define VTPM_QUOTE_SIZE_MAX 1024u
#define VTPM_PCR_COUNT 24u
#define VTPM_NONCE_SIZE_MAX 64u

enum hcl_hardware { HCL_SNP = 2, HCL_TDX = 4 };

/* What the paravisor (the host compatibility layer) wrote. Views point into the blob. */
struct hcl {
	enum hcl_hardware hardware;
	struct bytes hardware_report; /* SNP: SNP_REPORT_SIZE bytes; TDX: a TDREPORT of 1024 */
	struct bytes runtime_data;    /* JSON, as it was hashed */
};

/* blob: as read from the TPM; zero bytes may follow. Nothing is verified. Errors: FORMAT, VERSION,
 * LIMIT. */
enum conclave_error hcl_read(struct hcl *out, struct bytes blob);

/* What the TPM signs. Views point into it. */
struct vtpm_quote {
	struct bytes signer; /* the AK's qualified name */
	struct bytes nonce;  /* what it was asked with, at most VTPM_NONCE_SIZE_MAX; may be empty */
	uint64_t clock_ms, firmware_version;
	uint32_t reset_count, restart_count;
	bool is_clock_safe;
	uint32_t selected;	 /* a bit for each PCR of SHA-256 that it covers */
	struct bytes pcr_digest; /* over them in their order */
};

/* Nothing is verified. Errors: FORMAT, VERSION (not a TPM's quote). */
enum conclave_error vtpm_quote_read(struct vtpm_quote *out, struct bytes quote);

/* Views point into the evidence. */
struct vtpm_claims {
	enum hcl_hardware hardware;
	struct bytes runtime_data; /* authentic now: secure-boot, vmUniqueId and so on */
	uint8_t attestation_key[RSA2048_SIZE]; /* the AK's modulus */
	struct vtpm_quote quote;
	struct sha256 pcrs[VTPM_PCR_COUNT]; /* those selected; zero elsewhere */
};

struct vtpm_evidence {
	struct bytes blob;
	struct bytes quote, signature; /* TPMS_ATTEST, and RSASSA over it, 256 bytes */
	/* The values of all PCRs of SHA-256, of which the quote's selection counts. */
	struct sha256 pcrs[VTPM_PCR_COUNT];
};

/* Which check refused, in order of checking; for words and tests. */
enum vtpm_check {
	VTPM_CHECK_NONE,
	VTPM_CHECK_BLOB,    /* the paravisor's header and runtime data */
	VTPM_CHECK_BINDING, /* the hardware's report is about other runtime data */
	VTPM_CHECK_KEY,	    /* the AK in the runtime data */
	VTPM_CHECK_SIGNATURE,
	VTPM_CHECK_QUOTE, /* the form of what was signed */
	VTPM_CHECK_PCRS,  /* the quote is of other PCRs */
};

/* report_data: of the hardware's report, which has been verified; from the claims, not from the
 * blob. failed (may be NULL) names the check that refused.
 * Errors: FORMAT, VERSION, LIMIT, NOT_FOUND, MISMATCH, KEY, SIGNATURE. */
enum conclave_error vtpm_verify(struct vtpm_claims *out, enum vtpm_check *failed,
	const struct vtpm_evidence *evidence, const uint8_t report_data[64]);

/* What that check is, for people: "the TPM's quote". */
const char *vtpm_check_text(enum vtpm_check check);

#endif
