/* What genuine evidence of any platform claims, in one form: what a policy is held against. Pure.
 */
#ifndef ATTEST_CLAIMS_H
#define ATTEST_CLAIMS_H

#include "attest/attest.h"
#include "attest/nitro.h"
#include "attest/snp.h"

enum claims_platform { CLAIMS_SGX, CLAIMS_TDX, CLAIMS_SNP, CLAIMS_NITRO };
#define CLAIMS_PLATFORM_COUNT 4u

/* Firmware versions of SEV-SNP: which, and of which part. */
enum claims_snp_tcb { CLAIMS_SNP_REPORTED, CLAIMS_SNP_COMMITTED, CLAIMS_SNP_LAUNCH };
#define CLAIMS_SNP_TCB_COUNT 3u
enum claims_snp_component {
	CLAIMS_SNP_BOOT_LOADER,
	CLAIMS_SNP_TEE,
	CLAIMS_SNP_FIRMWARE,
	CLAIMS_SNP_MICROCODE,
	CLAIMS_SNP_FMC, /* Turin and later */
};
#define CLAIMS_SNP_COMPONENT_COUNT 5u

/* A single claim that can be compared with a value. */
enum claim {
	CLAIM_REPORT_DATA, /* SGX, TDX, SNP */
	/* SGX */
	CLAIM_MRENCLAVE,
	CLAIM_MRSIGNER,
	CLAIM_PRODUCT_ID,
	CLAIM_SVN,
	CLAIM_PCK_CONFIGURATION, /* and TDX: bits of CLAIMS_PCK_… */
	/* TDX */
	CLAIM_MRTD,
	CLAIM_RTMR0,
	CLAIM_RTMR1,
	CLAIM_RTMR2,
	CLAIM_RTMR3,
	CLAIM_MRSEAM,
	CLAIM_MRSIGNERSEAM,
	CLAIM_MRCONFIGID,
	CLAIM_MROWNER,
	CLAIM_MROWNERCONFIG,
	CLAIM_MRSERVICETD,
	CLAIM_TD_ATTRIBUTES,
	CLAIM_XFAM,
	/* SNP */
	CLAIM_MEASUREMENT,
	CLAIM_HOST_DATA,
	CLAIM_ID_KEY_DIGEST,
	CLAIM_AUTHOR_KEY_DIGEST,
	CLAIM_FAMILY_ID,
	CLAIM_IMAGE_ID,
	CLAIM_GUEST_SVN,
	CLAIM_VMPL,
	CLAIM_GUEST_POLICY,
	CLAIM_PLATFORM_INFO,
	/* Nitro */
	CLAIM_USER_DATA,
	CLAIM_PUBLIC_KEY,
	CLAIM_PCR0, /* and 31 more */
};

/* What a PCK certificate says of its platform. */
#define CLAIMS_PCK_DYNAMIC 1u
#define CLAIMS_PCK_CACHED_KEYS 2u
#define CLAIMS_PCK_SMT 4u

#endif
