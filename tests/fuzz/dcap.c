/* A quote with its collateral: each part after its length, in the order of struct quote_collateral.
 * What is accepted can only be a simulation, and a memory changes no verdict. */
#include "attest/dcap.h"
#include "base/check.h"

#define NOW INT64_C(1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memo memo;
	static bool ready;
	struct reader reader = reader_of(bytes_of(data, size));
	struct quote_collateral collateral;
	struct quote_claims claims;
	enum attest_check failed, again;
	ASSERT(ready || crypto_init() == CONCLAVE_OK);
	ready = true;

	const struct bytes quote = read_lp32(&reader);
	struct bytes *const parts[] = {&collateral.pck_chain, &collateral.pck_crl_issuer_chain,
		&collateral.root_ca_crl, &collateral.pck_crl, &collateral.tcb_info_issuer_chain,
		&collateral.tcb_info, &collateral.qe_identity_issuer_chain,
		&collateral.qe_identity};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		*parts[i] = read_lp32(&reader);

	enum conclave_error error = quote_verify(
		&claims, &failed, NULL, quote, &collateral, &attest_default_roots, NOW);
	ASSERT((error == CONCLAVE_OK) == (failed == ATTEST_CHECK_NONE));
	if (error == CONCLAVE_OK)
		ASSERT(claims.is_simulation && claims.advisories.count <= QUOTE_ADVISORIES_MAX);
	ASSERT(quote_verify(&claims, &again, &memo, quote, &collateral, &attest_default_roots,
		       NOW) == error);
	ASSERT(again == failed);
	return 0;
}
