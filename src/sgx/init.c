#include "sgx/sgx.h"

/* What the signer fixed: the bits of the mask, and no others. */
static uint64_t difference(uint64_t seen, uint64_t wanted, uint64_t mask)
{
	return (seen ^ wanted) & mask;
}

static enum conclave_error check_attributes(
	const struct sgx_secs *secs, const struct sgx_sigstruct *sigstruct)
{
	uint64_t flags = difference(secs->attributes.flags, sigstruct->attributes.flags,
		sigstruct->attributemask.flags);
	uint64_t xfrm = difference(
		secs->attributes.xfrm, sigstruct->attributes.xfrm, sigstruct->attributemask.xfrm);
	uint64_t misc = difference(secs->miscselect, sigstruct->miscselect, sigstruct->miscmask);
	if ((flags & SGX_FLAG_DEBUG) != 0)
		return CONCLAVE_ERROR_DEBUG;
	if ((flags | xfrm | misc) != 0)
		return CONCLAVE_ERROR_ARGUMENT;
	return CONCLAVE_OK;
}

/* The identities of key separation and sharing mean nothing without it, and must be zero. */
static bool has_stray_kss(const struct sgx_secs *secs, const struct sgx_sigstruct *sigstruct)
{
	return (secs->attributes.flags & SGX_FLAG_KSS) == 0 &&
	       !(ct_all_zero(sigstruct->isvfamilyid, sizeof(sigstruct->isvfamilyid)) &&
		       ct_all_zero(sigstruct->isvextprodid, sizeof(sigstruct->isvextprodid)));
}

enum conclave_error sgx_init(struct sgx_secs *secs, const struct sgx_sigstruct *sigstruct)
{
	TRY(sgx_sigstruct_verify(sigstruct));
	if (has_stray_kss(secs, sigstruct))
		return CONCLAVE_ERROR_FORMAT;
	if (!bytes_equal(BYTES_OF(secs->mrenclave), BYTES_OF(sigstruct->enclavehash)))
		return CONCLAVE_ERROR_MISMATCH;
	TRY(check_attributes(secs, sigstruct));

	sgx_mrsigner(secs->mrsigner, sigstruct);
	secs->isvprodid = sigstruct->isvprodid;
	secs->isvsvn = sigstruct->isvsvn;
	memcpy(secs->isvfamilyid, sigstruct->isvfamilyid, sizeof(secs->isvfamilyid));
	memcpy(secs->isvextprodid, sigstruct->isvextprodid, sizeof(secs->isvextprodid));
	secs->attributes.flags |= SGX_FLAG_INIT;
	return CONCLAVE_OK;
}
