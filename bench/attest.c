/* How long it takes to verify a whole attestation, against the signatures in it alone. */
#include "bench.h"

#include "attest_forge.h"
#include "base/check.h"

/* PCK chain 3, TCB signing certificate, CRLs 2, TCB info, QE identity, QE report, quote. */
#define SIGNATURES 10

static struct forge forge;

static void verify_attestation(void *context)
{
	struct instance_info info;
	struct attest_claims claims;
	const struct bytes *serialised = context;
	ASSERT(instance_info_read(&info, *serialised) == CONCLAVE_OK);
	ASSERT(attest_verify(&claims, NULL, &info, &forge.roots, FORGE_NOW) == CONCLAVE_OK);
}

struct signed_message {
	struct p256_public key;
	struct p256_signature signature;
	struct bytes message;
};

static void verify_signatures(void *context)
{
	const struct signed_message *signed_message = context;
	for (int i = 0; i < SIGNATURES; i++)
		ASSERT(p256_verify(&signed_message->key, signed_message->message,
			       &signed_message->signature) == CONCLAVE_OK);
}

int main(void)
{
	static const struct p256_secret secret = {{[31] = 5}};
	struct signed_message message = {.message = BYTES_OF(forge.quote.report)};
	ASSERT(crypto_init() == CONCLAVE_OK);
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	struct bytes serialised = forge_serialise(&forge);
	ASSERT(p256_public_of(&message.key, &secret) == CONCLAVE_OK);
	ASSERT(p256_sign(&message.signature, &secret, message.message) == CONCLAVE_OK);

	double attestations = bench_rate(verify_attestation, &serialised, 1.0);
	double bare = bench_rate(verify_signatures, &message, 1.0);
	bench_figure("attest", "verify", attestations, "per second", "higher", -1);
	bench_figure(
		"attest", "verify_vs_bare_signatures", attestations / bare, "ratio", "higher", 0.8);
	return 0;
}
