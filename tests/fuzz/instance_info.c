/* Whatever is read as an EnclaveInstanceInfo is written back to the same bytes, and is verified
 * without harm. */
#include "attest/attest.h"
#include "attest/words.h"
#include "base/check.h"

static void write_attestation(struct writer *out, const struct instance_info *info)
{
	switch (info->type) {
	case INSTANCE_INFO_DCAP: dcap_evidence_write(out, &info->dcap); break;
	case INSTANCE_INFO_MOCK: mock_evidence_write(out, &info->mock); break;
	case INSTANCE_INFO_QUOTE: quote_evidence_write(out, &info->quoted); break;
	case INSTANCE_INFO_SNP: snp_evidence_write(out, &info->snp); break;
	case INSTANCE_INFO_NITRO: write_bytes(out, info->nitro); break;
	case INSTANCE_INFO_EPID: ASSERT(false);
	}
}

static void write_back(const struct instance_info *info, struct bytes from)
{
	static uint8_t part[1 << 20], whole[1 << 20];
	struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
	struct writer writer = writer_of((struct buffer){whole, sizeof(whole)});
	write_attestation(&attestation, info);
	ASSERT(instance_info_write(&writer, &info->signing_key, &info->encryption_key, info->type,
		       writer_bytes(&attestation)) == CONCLAVE_OK);
	instance_info_write_nonce(&writer, info->nonce);
	ASSERT(writer.len <= from.len); /* bytes of the future are ignored */
	ASSERT(memcmp(whole, from.ptr, writer.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct instance_info info;
	struct attest_claims claims;
	enum attest_check failed;
	char text[ATTEST_WORDS_SIZE];
	static bool ready;
	ASSERT(ready || crypto_init() == CONCLAVE_OK);
	ready = true;
	if (instance_info_read(&info, bytes_of(data, size)) != CONCLAVE_OK)
		return 0;
	write_back(&info, bytes_of(data, size));
	if (attest_verify(&claims, &failed, &info, &attest_default_roots, 1800000000) ==
		CONCLAVE_OK) {
		ASSERT(claims.level == ATTEST_INSECURE);
		attest_words(text, sizeof(text), &claims);
	}
	return 0;
}
