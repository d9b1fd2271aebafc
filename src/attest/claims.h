/* What genuine evidence of any platform claims, in one form: what a policy is held against. Pure.
 */
#ifndef ATTEST_CLAIMS_H
#define ATTEST_CLAIMS_H

#include "attest/attest.h"
#include "attest/nitro.h"
#include "attest/snp.h"

enum claims_platform { CLAIMS_SGX, CLAIMS_TDX, CLAIMS_SNP, CLAIMS_NITRO };
#define CLAIMS_PLATFORM_COUNT 4u

struct claims {
	enum claims_platform platform;
	enum attest_mode mode;
	bool is_signed; /* false: R3's mock and simulation forms, of which nothing is proven */
	union {
		struct quote_claims quote; /* SGX and TDX; of what is not signed, only the report */
		struct snp_claims snp;
		struct nitro_claims nitro;
	};
	/* What dates the evidence: Intel's, the latest issue date of the collateral (R3's rule);
	 * Nitro's, its own timestamp. An SNP report has no date. */
	bool has_date;
	int64_t date;
	/* Of what was said later it says nothing: Intel's, as quote_claims has it; else as date. */
	int64_t known_until;
	struct window validity; /* of all that was looked at */
	/* Of an EnclaveInstanceInfo, whose evidence vouches for them. */
	bool has_keys;
	struct ed25519_public signing_key;
	struct x25519_public encryption_key;
	struct bytes nonce; /* and for this; empty when there was none */
};

void claims_of_quote(struct claims *out, const struct quote_claims *quote);
void claims_of_snp(struct claims *out, const struct snp_claims *snp);
void claims_of_nitro(struct claims *out, const struct nitro_claims *nitro);
void claims_of_mock(struct claims *out, const struct mock_evidence *mock);

/* Intel's; NOT_APPLICABLE for the others, and for what nobody signed. */
enum attest_tcb_status claims_tcb_status(const struct claims *claims);
/* INSECURE: not in release mode, or a revoked platform. STALE: Intel says that something is left to
 * do; AMD's firmware reports, or can be taken back to, less than what runs. */
enum attest_level claims_level(const struct claims *claims);

/* Firmware versions of SEV-SNP: which, and of which part. */
enum claims_snp_tcb {
	CLAIMS_SNP_REPORTED,
	CLAIMS_SNP_COMMITTED,
	CLAIMS_SNP_LAUNCH,
	CLAIMS_SNP_CURRENT,
};
#define CLAIMS_SNP_TCB_COUNT 3u /* of which a policy may ask something: not what merely runs */
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

/* What a claim says: bytes, or a number of which the bits in `known` are known. */
struct claim_value {
	struct bytes bytes; /* point into the claims, or what they point into */
	uint64_t number, known;
};
/* false: the evidence makes no such claim. */
bool claims_value(struct claim_value *out, const struct claims *claims, enum claim claim);
/* "sgx" */
struct bytes claims_platform_text(enum claims_platform platform);
uint8_t claims_snp_component(const struct snp_claims *snp, enum claims_snp_tcb which,
	enum claims_snp_component component);
/* Whether that has an older part than what runs. */
bool claims_snp_is_behind(const struct snp_claims *snp, enum claims_snp_tcb which);

/* What a PCK certificate says of its platform. */
#define CLAIMS_PCK_DYNAMIC 1u
#define CLAIMS_PCK_CACHED_KEYS 2u
#define CLAIMS_PCK_SMT 4u

#endif
