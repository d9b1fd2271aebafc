/* How long it takes to verify an attestation document with a chain as long as AWS's, against
 * libcrypto checking the same signatures, with keys and certificates parsed beforehand. */
#include "bare.h"
#include "bench.h"
#include "heap.h"
#include "stack.h"

#include "attest/cose.h"
#include "attest/memo.h"
#include "nitro_forge.h"

static struct nitro_forge forge;

/* What AWS sends: root, region, zone, instance, enclave. */
static void plan_five_certificates(void)
{
	nitro_forge_init(&forge);
	forge.bundle[1].basic_constraints = "critical,CA:TRUE,pathlen:2";
	forge.bundle[3] = forge.bundle[2];
	forge.bundle[2].subject = "middle";
	forge.bundle[2].basic_constraints = "critical,CA:TRUE,pathlen:1";
	forge.bundle[3].issuer = "middle";
	forge.bundle[3].issuer_key = forge.keys[1];
	forge.bundle_count = 4;
	nitro_forge_make(&forge);
}

static void verify_document(void *memo)
{
	struct nitro_claims claims;
	ASSERT(nitro_verify(&claims, NULL, forge.document, &forge.root, NITRO_FORGE_NOW, memo) ==
		CONCLAVE_OK);
}

/* The same signatures for libcrypto: Sig_structure in one piece, and the chain. */
static void take_signatures(struct bare *bare)
{
	static uint8_t message[1 << 14];
	struct writer writer = writer_of((struct buffer){message, sizeof(message)});
	struct cose_sign1 sign1;
	struct nitro_claims claims;
	struct p384_signature signature;
	ASSERT(nitro_verify(&claims, NULL, forge.document, &forge.root, NITRO_FORGE_NOW, NULL) ==
		CONCLAVE_OK);
	bare_add_certificate(bare, claims.certificate);
	for (size_t i = claims.cabundle_count; i-- > 0;)
		bare_add_certificate(bare, claims.cabundle[i]);
	ASSERT(cose_sign1_read(&sign1, forge.document) == CONCLAVE_OK);
	cose_write_signed_prefix(&writer, &sign1);
	write_bytes(&writer, sign1.payload);
	ASSERT(writer_end(&writer) == CONCLAVE_OK);
	ASSERT(sign1.signature.len == sizeof(signature));
	memcpy(&signature, sign1.signature.ptr, sizeof(signature));
	bare_set_message(bare, writer_bytes(&writer), &signature);
}

int main(void)
{
	static struct bare signatures;
	static struct memo memo;
	bench_heap_begin();
	ASSERT(crypto_init() == CONCLAVE_OK);
	plan_five_certificates();
	take_signatures(&signatures);

	double cold = bench_rate(verify_document, NULL, 1.0);
	double six = bench_rate(bare_verify_all, &signatures, 1.0);
	double warm = bench_rate(verify_document, &memo, 1.0);
	double one = bench_rate(bare_verify_message, &signatures, 1.0);
	bench_figure("nitro", "verify", cold, "per second", "higher", -1);
	bench_figure("nitro", "verify_vs_bare_signatures", cold / six, "ratio", "higher", 0.77);
	bench_figure("nitro", "verify_known_chain", warm, "per second", "higher", -1);
	bench_figure("nitro", "verify_known_chain_vs_bare_signature", warm / one, "ratio", "higher",
		0.77);
	bench_figure("nitro", "verify_stack", (double)bench_stack(verify_document, NULL), "bytes",
		"lower", -1);
	bench_figure("nitro", "verify_heap", (double)bench_heap(verify_document, NULL), "bytes",
		"lower", -1);
	bench_figure("nitro", "bare_signatures_stack",
		(double)bench_stack(bare_verify_all, &signatures), "bytes", "lower", -1);
	bench_figure("nitro", "bare_signatures_heap",
		(double)bench_heap(bare_verify_all, &signatures), "bytes", "lower", -1);
	bare_free(&signatures);
	nitro_forge_free(&forge);
	return 0;
}
