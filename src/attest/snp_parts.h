/* What a report of SEV-SNP and the certificate that signs it are made of, before any of it is
 * verified. For the verifier alone. Pure. */
#ifndef ATTEST_SNP_PARTS_H
#define ATTEST_SNP_PARTS_H

#include "attest/snp.h"

#define SNP_SIGNED_SIZE 672u

struct snp_parts {
	struct snp_report report; /* TCBs raw only */
	struct bytes signed_part;
	struct p384_signature signature;
};

/* Errors: FORMAT, VERSION. */
enum conclave_error snp_parts_read(struct snp_parts *out, struct bytes report);
/* Split the TCBs as the product has them. Errors: MISMATCH (the CPU is none of this product). */
enum conclave_error snp_parts_lay_out(struct snp_report *report, enum snp_product product);

/* The extensions of a VCEK or VLEK (Versioned Chip Endorsement Key Certificate and KDS Interface
 * Specification, 57230, "VCEK Certificate Extensions"). */
struct snp_leaf {
	enum snp_product product;
	bool is_vlek;
	uint64_t tcb;		  /* as a report has it */
	struct bytes hardware_id; /* VCEK: 64 bytes, of Turin 8 */
	struct bytes csp_id;	  /* VLEK: 1 to SNP_CSP_ID_SIZE_MAX characters */
};

/* Errors: FORMAT (an extension is missing, malformed or one too many), MISMATCH (another name or
 * key than a VCEK or VLEK has). */
enum conclave_error snp_leaf_read(struct snp_leaf *out, const struct x509_certificate *certificate);

/* Who a certificate says it is, by its common name. */
enum snp_role { SNP_ROLE_NONE, SNP_ROLE_LEAF, SNP_ROLE_INTERMEDIATE, SNP_ROLE_ROOT };
enum snp_role snp_role_of(const struct x509_certificate *certificate);
/* Whether the two above the leaf have the names, and the kind of key, that they must have for it.
 */
bool snp_is_intermediate_of(
	const struct x509_certificate *certificate, enum snp_product product, bool is_vlek);
bool snp_is_root_of(const struct x509_certificate *certificate, enum snp_product product);

#endif
