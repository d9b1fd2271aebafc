/* How long it takes to verify a report of SEV-SNP, against libcrypto checking the same signatures,
 * with keys and certificates parsed beforehand. */
#include "bare.h"
#include "bench.h"
#include "heap.h"
#include "stack.h"

#include "attest/snp.h"
#include "snp_forge.h"

static struct snp_forge forge;

static void verify_report(void *memo)
{
	struct snp_claims claims;
	ASSERT(snp_verify(&claims, NULL, memo, &forge.evidence, &forge.roots, SNP_FORGE_NOW) ==
		CONCLAVE_OK);
}

/* The same signatures for libcrypto. */
static void take_signatures(struct bare *bare)
{
	const uint8_t *numbers = forge.report + SNP_AT_SIGNATURE;
	struct p384_signature signature;
	for (size_t i = 0; i < 48; i++) {
		signature.bytes[i] = numbers[47 - i];
		signature.bytes[48 + i] = numbers[72 + 47 - i];
	}
	bare_add_certificate(bare, forge.evidence.leaf);
	bare_add_certificate(bare, forge.evidence.intermediate);
	bare_add_certificate(bare, forge.evidence.root);
	bare_set_message(bare, bytes_of(forge.report, SNP_AT_SIGNATURE), &signature);
}

int main(void)
{
	static struct bare signatures;
	static struct memo memo;
	bench_heap_begin();
	ASSERT(crypto_init() == CONCLAVE_OK);
	snp_forge_init(&forge, SNP_GENOA, false);
	forge.has_crl = false;
	snp_forge_make(&forge);
	take_signatures(&signatures);

	double cold = bench_rate(verify_report, NULL, 1.0);
	double four = bench_rate(bare_verify_all, &signatures, 1.0);
	double warm = bench_rate(verify_report, &memo, 1.0);
	double one = bench_rate(bare_verify_message, &signatures, 1.0);
	bench_figure("snp", "verify", cold, "per second", "higher", -1);
	bench_figure("snp", "verify_vs_bare_signatures", cold / four, "ratio", "higher", 0.77);
	bench_figure("snp", "verify_known_chain", warm, "per second", "higher", -1);
	bench_figure(
		"snp", "verify_known_chain_vs_bare_signature", warm / one, "ratio", "higher", 0.77);
	bench_figure("snp", "verify_stack", (double)bench_stack(verify_report, NULL), "bytes",
		"lower", -1);
	bench_figure("snp", "verify_heap", (double)bench_heap(verify_report, NULL), "bytes",
		"lower", -1);
	bench_figure("snp", "bare_signatures_stack",
		(double)bench_stack(bare_verify_all, &signatures), "bytes", "lower", -1);
	bench_figure("snp", "bare_signatures_heap",
		(double)bench_heap(bare_verify_all, &signatures), "bytes", "lower", -1);
	bare_free(&signatures);
	snp_forge_free(&forge);
	return 0;
}
