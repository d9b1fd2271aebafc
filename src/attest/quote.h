/* SGX quotes, version 3, signed with ECDSA on P-256 (Intel SGX ECDSA QuoteLib Reference, appendix
 * A.4). Both ways. Pure. */
#ifndef ATTEST_QUOTE_H
#define ATTEST_QUOTE_H

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "sgx/sgx.h"

#define QUOTE_SIGNED_SIZE 432u /* header 48, report body 384 */
#define QUOTE_SIZE_MAX 16384u
#define QUOTE_CERTIFICATES_PCK_CHAIN 5 /* the one type of certification data that is read */

/* Intel's quoting enclaves name themselves so. */
extern const uint8_t quote_intel_vendor[16]; /* 939a7233-f79c-4ca9-940a-0db3957f0607 */

struct quote_header { /* 48 */
	uint16_t version, attestation_key_type;
	uint32_t tee_type;
	uint16_t qe_svn, pce_svn;
	uint8_t qe_vendor[16], user_data[20];
};
_Static_assert(sizeof(struct quote_header) + sizeof(struct sgx_report_body) == QUOTE_SIGNED_SIZE,
	"QuoteLib Reference, A.4");

/* Views point into the quote (reading) or to the caller's bytes (writing). */
struct quote {
	struct quote_header header;
	struct sgx_report_body report;
	struct bytes signed_part; /* set by reading */

	struct p256_signature signature; /* of signed_part, by the attestation key */
	struct p256_public attestation_key;
	struct sgx_report_body qe_report;
	struct p256_signature qe_signature; /* of the QE report, by the PCK key */
	struct bytes qe_auth;
	struct bytes pck_chain; /* PEM */
};

/* Errors: TRUNCATED, TRAILING, LIMIT, VERSION (another version, key type, vendor or type of
 * certification data). Nothing is verified. */
enum conclave_error quote_read(struct quote *out, struct bytes from);
/* The 432 bytes that are signed. */
void quote_write_signed(struct writer *out, const struct quote *quote);
/* The whole quote. */
void quote_write(struct writer *out, const struct quote *quote);
/* What a QE report must say of an attestation key: SHA-256(key || auth) || 32 zero bytes. */
void quote_qe_report_data(uint8_t reportdata[64], const struct quote *quote);

#endif
