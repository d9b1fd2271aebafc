/* Quotes of SGX enclaves and TDX trust domains, versions 3 to 5, signed with ECDSA on P-256. Both
 * ways. Pure.
 *
 * Sources: Intel SGX ECDSA QuoteLib Reference, appendix A.4 (version 3); Intel TDX DCAP Quoting
 * Library API, appendix A.3 (versions 4 and 5). */
#ifndef ATTEST_QUOTE_H
#define ATTEST_QUOTE_H

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "sgx/sgx.h"

#define QUOTE_SIZE_MAX 16384u
/* A header of 48 bytes, version 5's descriptor of 6, and the largest body. */
#define QUOTE_SIGNED_SIZE_MAX (48u + 6u + 648u)

enum quote_tee { QUOTE_TEE_SGX = 0, QUOTE_TEE_TDX = 0x81 };

/* Version 5 numbers them so; earlier versions have the first two, told apart by the TEE. Type 4 (TD
 * 1.5 extended, 885 bytes) is refused: nobody has published what its additions mean. */
enum quote_body { QUOTE_BODY_SGX = 1, QUOTE_BODY_TD10 = 2, QUOTE_BODY_TD15 = 3 };

/* What the certification data at a quote's end is. Types 1 to 4 do not hold the chain. */
enum quote_certification {
	QUOTE_PPID_IN_CLEAR = 1,
	QUOTE_PPID_RSA2048 = 2,
	QUOTE_PPID_RSA3072 = 3,
	QUOTE_PCK_LEAF = 4,
	QUOTE_PCK_CHAIN = 5, /* PEM, often ended by a NUL */
	QUOTE_QE_REPORT = 6, /* versions 4 and 5: the QE's report, and one of the above inside */
};

/* Intel's quoting enclaves name themselves so. */
extern const uint8_t quote_intel_vendor[16]; /* 939a7233-f79c-4ca9-940a-0db3957f0607 */

struct quote_header { /* 48 */
	uint16_t version, attestation_key_type;
	uint32_t tee_type;	  /* reserved in version 3: zero */
	uint16_t qe_svn, pce_svn; /* reserved in versions 4 and 5 */
	uint8_t qe_vendor[16], user_data[20];
};
_Static_assert(sizeof(struct quote_header) == 48, "QuoteLib Reference, A.4");

/* TDATTRIBUTES: Intel TDX Module ABI, "ATTRIBUTES". Any bit of TUD makes a TD untrusted. */
#define TDX_ATTRIBUTE_DEBUG 0x01u
#define TDX_ATTRIBUTES_TUD 0xffu
#define TDX_ATTRIBUTE_LASS (UINT64_C(1) << 27)
#define TDX_ATTRIBUTE_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define TDX_ATTRIBUTE_MIGRATABLE (UINT64_C(1) << 29)
#define TDX_ATTRIBUTE_PKS (UINT64_C(1) << 30)
#define TDX_ATTRIBUTE_KL (UINT64_C(1) << 31)
#define TDX_ATTRIBUTE_PERFMON (UINT64_C(1) << 63)

struct tdx_report_body {	 /* 584; TD 1.5 648 */
	uint8_t tee_tcb_svn[16]; /* [0] the module's SVN, [1] its major version, [2] SEAM's
				    microcode */
	uint8_t mrseam[48], mrsignerseam[48];
	uint64_t seamattributes, tdattributes, xfam;
	uint8_t mrtd[48], mrconfigid[48], mrowner[48], mrownerconfig[48];
	uint8_t rtmr[4][48];
	uint8_t reportdata[64];
	/* TD 1.5; zero before: what the platform runs now, as tee_tcb_svn says what it ran when the
	 * TD was launched. */
	uint8_t tee_tcb_svn2[16], mrservicetd[48];
};
_Static_assert(sizeof(struct tdx_report_body) == 648, "TDX DCAP Quoting Library API, A.3");

/* Views point into the quote (reading) or to the caller's bytes (writing). */
struct quote {
	struct quote_header header;
	enum quote_body body;
	union {
		struct sgx_report_body report;	  /* QUOTE_BODY_SGX */
		struct tdx_report_body td_report; /* the others */
	};
	struct bytes signed_part; /* set by reading */

	struct p256_signature signature; /* of signed_part, by the attestation key */
	struct p256_public attestation_key;
	struct sgx_report_body qe_report;
	struct p256_signature qe_signature; /* of the QE report, by the PCK key */
	struct bytes qe_auth;
	enum quote_certification certification;
	struct bytes pck_chain; /* the certification data, whatever its type */
};

/* Nothing is verified. Errors: TRUNCATED, TRAILING, LIMIT, VERSION (another version, key type, TEE,
 * vendor or type of body or certification data, or a body that is not of the TEE). */
enum conclave_error quote_read(struct quote *out, struct bytes from);
/* The same of a buffer that is larger than the quote in it: zero bytes may follow, as Azure's,
 * Google's and Intel's own services leave them; anything else is TRAILING. */
enum conclave_error quote_read_padded(struct quote *out, struct bytes from);
/* What is signed: at most QUOTE_SIGNED_SIZE_MAX bytes. */
void quote_write_signed(struct writer *out, const struct quote *quote);
/* The whole quote. */
void quote_write(struct writer *out, const struct quote *quote);
/* What a QE report must say of an attestation key: SHA-256(key || auth) || 32 zero bytes. */
void quote_qe_report_data(uint8_t reportdata[64], const struct quote *quote);
/* The 64 bytes that the attested enclave or TD chose. */
struct bytes quote_report_data(const struct quote *quote);

#endif
