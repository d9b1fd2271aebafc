/* The SGX extension of PCK certificates. */
#include "attest/pck.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pck_platform platform;
	if (pck_read(&platform, bytes_of(data, size)) == CONCLAVE_OK) {
		ASSERT(platform.sgx_type <= PCK_SGX_SCALABLE_WITH_INTEGRITY);
		ASSERT(platform.has_smt <= PCK_YES);
	}
	return 0;
}
