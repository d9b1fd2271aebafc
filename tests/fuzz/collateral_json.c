/* Signed collateral: TCB info and QE identities, for either TEE. */
#include "attest/dcap.h"
#include "base/check.h"

static void read_tcb_info(const struct json_view *object, enum quote_tee tee)
{
	static const uint8_t svns[][16] = {{9, 0, 9}, {9, 1, 9}, {9, 3, 9}};
	const struct pck_platform platform = {.components = {9, 9, 9, 9}, .pcesvn = 9};
	struct tcb_info info;
	struct tcb_level level;
	struct tdx_module module;
	if (tcb_info_read(&info, object, tee) != CONCLAVE_OK)
		return;
	if (tee == QUOTE_TEE_SGX) {
		(void)!tcb_info_match(&level, &info, &platform, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(svns); i++) {
		(void)!tcb_info_match(&level, &info, &platform, svns[i]);
		/* Every level was checked: nothing malformed is met any more. */
		enum conclave_error error = tdx_module_find(&module, &info, svns[i]);
		ASSERT(error == CONCLAVE_OK || error == CONCLAVE_ERROR_MISMATCH);
		if (error == CONCLAVE_OK && tdx_module_has_levels(svns[i]))
			error = tdx_module_match(&level, &module, svns[i]);
		ASSERT(error != CONCLAVE_ERROR_FORMAT);
	}
}

static void read_qe_identity(const struct json_view *object, enum quote_tee tee)
{
	struct qe_identity identity;
	struct tcb_level level;
	if (qe_identity_read(&identity, object, tee) != CONCLAVE_OK)
		return;
	enum conclave_error error = qe_identity_match(&level, &identity, 1);
	ASSERT(error == CONCLAVE_OK || error == CONCLAVE_ERROR_TCB);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes text = bytes_of(data, size);
	struct tcb_signed read;
	if (tcb_signed_read(&read, text, BYTES_LIT("tcbInfo")) == CONCLAVE_OK) {
		read_tcb_info(&read.object, QUOTE_TEE_SGX);
		read_tcb_info(&read.object, QUOTE_TEE_TDX);
	}
	if (tcb_signed_read(&read, text, BYTES_LIT("enclaveIdentity")) == CONCLAVE_OK) {
		read_qe_identity(&read.object, QUOTE_TEE_SGX);
		read_qe_identity(&read.object, QUOTE_TEE_TDX);
	}
	return 0;
}
