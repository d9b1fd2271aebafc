#include "sgx/sgx.h"

/* SDM 3D, "Layout of Enclave Signature Structure": the two headers are constants. */
static const uint8_t header[16] = {6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
static const uint8_t header2[16] = {1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0};

#define VENDOR_NONE 0u
#define VENDOR_INTEL 0x8086u
#define EXPONENT 3u

/* The signature covers what comes before the key, and what lies between signature and q1. */
#define PART_SIZE (SGX_SIGNING_MATERIAL_SIZE / 2)
_Static_assert(offsetof(struct sgx_sigstruct, modulus) == PART_SIZE, "the first signed part");
_Static_assert(
	offsetof(struct sgx_sigstruct, reserved4) - offsetof(struct sgx_sigstruct, miscselect) ==
		PART_SIZE,
	"the second signed part");

void sgx_sigstruct_fill(struct sgx_sigstruct *out, const struct sgx_identity *identity)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->header, header, sizeof(header));
	out->vendor = VENDOR_NONE;
	out->date = identity->date;
	memcpy(out->header2, header2, sizeof(header2));
	out->exponent = EXPONENT;
	out->miscselect = identity->miscselect;
	out->miscmask = identity->miscmask;
	out->attributes = identity->attributes;
	out->attributemask = identity->attributemask;
	memcpy(out->enclavehash, identity->mrenclave, sizeof(out->enclavehash));
	out->isvprodid = identity->isvprodid;
	out->isvsvn = identity->isvsvn;
}

void sgx_sigstruct_material(
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], const struct sgx_sigstruct *sigstruct)
{
	const uint8_t *bytes = (const uint8_t *)sigstruct;
	memcpy(material, bytes, PART_SIZE);
	memcpy(material + PART_SIZE, bytes + offsetof(struct sgx_sigstruct, miscselect), PART_SIZE);
}

enum conclave_error sgx_sigstruct_complete(
	struct sgx_sigstruct *sigstruct, const uint8_t modulus[384], const uint8_t signature[384])
{
	struct sgx_sigstruct complete = *sigstruct;
	memcpy(complete.modulus, modulus, sizeof(complete.modulus));
	memcpy(complete.signature, signature, sizeof(complete.signature));
	if (rsa3072_q1_q2(complete.q1, complete.q2, modulus, signature) != CONCLAVE_OK)
		return CONCLAVE_ERROR_KEY;
	TRY(sgx_sigstruct_verify(&complete));
	*sigstruct = complete;
	return CONCLAVE_OK;
}

#define IS_ZERO(field) ct_all_zero(&(field), sizeof(field))

static bool is_well_formed(const struct sgx_sigstruct *s)
{
	return bytes_equal(BYTES_OF(s->header), BYTES_OF(header)) &&
	       (s->vendor == VENDOR_NONE || s->vendor == VENDOR_INTEL) &&
	       bytes_equal(BYTES_OF(s->header2), BYTES_OF(header2)) && s->exponent == EXPONENT &&
	       IS_ZERO(s->reserved1) && IS_ZERO(s->reserved2) && IS_ZERO(s->reserved3) &&
	       IS_ZERO(s->reserved4);
}

enum conclave_error sgx_sigstruct_verify(const struct sgx_sigstruct *sigstruct)
{
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], q1[384], q2[384];
	if (!is_well_formed(sigstruct))
		return CONCLAVE_ERROR_FORMAT;
	sgx_sigstruct_material(material, sigstruct);
	TRY(rsa3072_verify(sigstruct->modulus, BYTES_OF(material), sigstruct->signature));
	TRY(rsa3072_q1_q2(q1, q2, sigstruct->modulus, sigstruct->signature));
	/* The signature alone says who signed; hardware needs q1 and q2 to see it. */
	if (!bytes_equal(BYTES_OF(q1), BYTES_OF(sigstruct->q1)) ||
		!bytes_equal(BYTES_OF(q2), BYTES_OF(sigstruct->q2)))
		return CONCLAVE_ERROR_SIGNATURE;
	return CONCLAVE_OK;
}

void sgx_mrsigner(uint8_t mrsigner[32], const struct sgx_sigstruct *sigstruct)
{
	struct sha256 digest;
	sha256(&digest, BYTES_OF(sigstruct->modulus));
	memcpy(mrsigner, digest.bytes, sizeof(digest.bytes));
}
