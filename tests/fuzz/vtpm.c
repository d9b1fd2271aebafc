/* A paravisor's blob, a TPM's quote, and both with a signature, each with a u16 length before it.
 * The binding is made to hold, so that the keys in the runtime data are looked at. */
#include "attest/vtpm.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader = reader_of(bytes_of(data, size));
	static struct vtpm_evidence evidence;
	evidence.blob = read_lp16(&reader);
	evidence.quote = read_lp16(&reader);
	evidence.signature = read_lp16(&reader);

	struct vtpm_quote quote;
	if (vtpm_quote_read(&quote, evidence.quote) == CONCLAVE_OK) {
		ASSERT(quote.nonce.len <= VTPM_NONCE_SIZE_MAX);
		ASSERT(quote.selected >> VTPM_PCR_COUNT == 0);
	}
	struct hcl hcl;
	struct vtpm_claims claims;
	enum vtpm_check failed;
	uint8_t report_data[64] = {0};
	struct sha256 digest;
	if (hcl_read(&hcl, evidence.blob) != CONCLAVE_OK)
		return 0;
	ASSERT(hcl.hardware == HCL_SNP || hcl.hardware == HCL_TDX);
	sha256(&digest, hcl.runtime_data);
	memcpy(report_data, digest.bytes, sizeof(digest));
	enum conclave_error error = vtpm_verify(&claims, &failed, &evidence, report_data);
	ASSERT((error == CONCLAVE_OK) == (failed == VTPM_CHECK_NONE));
	ASSERT(failed != VTPM_CHECK_BLOB && failed != VTPM_CHECK_BINDING);
	return 0;
}
