/* Claims as if evidence of each platform had been verified, for tests of what is made of them.
 * Every measurement is a1b2c3d4 over and over, the policies' A32 and A48 (policy_text.h). */
#ifndef TESTS_CLAIMS_SAMPLE_H
#define TESTS_CLAIMS_SAMPLE_H

#include "attest/claims.h"

#define SAMPLE_NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define SAMPLE_DAY INT64_C(86400)

/* Up to date with one advisory, INTEL-SA-00615; its collateral is 10 days old and 20 more valid. */
void claims_sample_sgx(struct claims *out);
void claims_sample_tdx(struct claims *out);
/* Genoa, boot loader 10, TEE 0, SNP 25, microcode 84, in every TCB; SMT, ECC, alias check. */
void claims_sample_snp(struct claims *out);
/* PCR0 to 4, of which 3 is zero, and 16; made one hour ago. */
void claims_sample_nitro(struct claims *out);

#endif
