/* DER as a certificate, a path of one, a CRL, a PCK extension, and PEM around any of it. */
#include "attest/chain.h"
#include "attest/crl.h"
#include "attest/path.h"
#include "attest/pck.h"
#include "base/check.h"

static bool lies_within(struct bytes part, struct bytes whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct chain chain;
	struct bytes from = bytes_of(data, size);
	struct x509_certificate certificate;
	struct pck_platform platform;
	struct crl crl;
	if (x509_read(&certificate, from) == CONCLAVE_OK) {
		ASSERT(lies_within(certificate.proof.part, from));
		struct bytes extension = x509_extension(&certificate, BYTES_LIT(PCK_OID));
		ASSERT(lies_within(extension, from));
		(void)!pck_read(&platform, extension);
		ASSERT(lies_within(certificate.extensions, from));
		struct window window = WINDOW_ALWAYS;
		(void)!path_verify(&window, &certificate, 1, &certificate.key, NULL);
		(void)!x509_verify(&certificate, &certificate);
	}
	(void)!pck_read(&platform, from);
	if (crl_read(&crl, from) == CONCLAVE_OK) {
		ASSERT(lies_within(crl.revoked, from));
		(void)crl_lists(&crl, BYTES_LIT("\x03"));
	}
	for (size_t length = 2; length <= 3; length++)
		if (chain_read(&chain, from, length) == CONCLAVE_OK)
			ASSERT(chain.length == length);
	return 0;
}
