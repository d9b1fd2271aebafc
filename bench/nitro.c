/* How long it takes to verify an attestation document with a chain as long as AWS's, against
 * libcrypto checking the same signatures, with keys and certificates parsed beforehand. */
#include "bench.h"
#include "stack.h"

#include <openssl/x509.h>

#include "attest/cose.h"
#include "attest/memo.h"
#include "nitro_forge.h"

#define CERTIFICATES_MAX (1 + NITRO_CABUNDLE_COUNT_MAX)

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

/* The same signatures for libcrypto. */
struct signatures {
	X509 *certificates[CERTIFICATES_MAX]; /* leaf first */
	EVP_PKEY *keys[CERTIFICATES_MAX];
	size_t count;
	uint8_t message[1 << 14], der[128];
	size_t message_size, der_size;
};

static void take_certificate(struct signatures *signatures, struct bytes der)
{
	const uint8_t *start = der.ptr;
	X509 *certificate = d2i_X509(NULL, &start, (long)der.len);
	ASSERT(certificate != NULL);
	signatures->certificates[signatures->count] = certificate;
	signatures->keys[signatures->count++] = X509_get_pubkey(certificate);
}

/* Sig_structure in one piece, and the signature as libcrypto wants it. */
static void take_document(struct signatures *signatures)
{
	struct cose_sign1 sign1;
	struct writer writer =
		writer_of((struct buffer){signatures->message, sizeof(signatures->message)});
	ASSERT(cose_sign1_read(&sign1, forge.document) == CONCLAVE_OK);
	cose_write_signed_prefix(&writer, &sign1);
	write_bytes(&writer, sign1.payload);
	ASSERT(writer_end(&writer) == CONCLAVE_OK);
	signatures->message_size = writer.len;

	ECDSA_SIG *pair = ECDSA_SIG_new();
	uint8_t *end = signatures->der;
	ASSERT(ECDSA_SIG_set0(pair, BN_bin2bn(sign1.signature.ptr, 48, NULL),
		       BN_bin2bn(sign1.signature.ptr + 48, 48, NULL)) == 1);
	signatures->der_size = (size_t)i2d_ECDSA_SIG(pair, &end);
	ECDSA_SIG_free(pair);
}

static void take_signatures(struct signatures *signatures)
{
	struct nitro_claims claims;
	ASSERT(nitro_verify(&claims, NULL, forge.document, &forge.root, NITRO_FORGE_NOW, NULL) ==
		CONCLAVE_OK);
	take_certificate(signatures, claims.certificate);
	for (size_t i = claims.cabundle_count; i-- > 0;)
		take_certificate(signatures, claims.cabundle[i]);
	take_document(signatures);
}

static void verify_message(void *context)
{
	const struct signatures *signatures = context;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	ASSERT(EVP_DigestVerifyInit(digest, NULL, EVP_sha384(), NULL, signatures->keys[0]) == 1);
	ASSERT(EVP_DigestVerify(digest, signatures->der, signatures->der_size, signatures->message,
		       signatures->message_size) == 1);
	EVP_MD_CTX_free(digest);
}

static void verify_signatures(void *context)
{
	const struct signatures *signatures = context;
	size_t last = signatures->count - 1;
	for (size_t i = 0; i <= last; i++)
		ASSERT(X509_verify(signatures->certificates[i],
			       signatures->keys[i < last ? i + 1 : last]) == 1);
	verify_message(context);
}

static void free_signatures(struct signatures *signatures)
{
	for (size_t i = 0; i < signatures->count; i++) {
		X509_free(signatures->certificates[i]);
		EVP_PKEY_free(signatures->keys[i]);
	}
}

int main(void)
{
	static struct signatures signatures;
	static struct memo memo;
	ASSERT(crypto_init() == CONCLAVE_OK);
	plan_five_certificates();
	take_signatures(&signatures);

	double cold = bench_rate(verify_document, NULL, 1.0);
	double six = bench_rate(verify_signatures, &signatures, 1.0);
	double warm = bench_rate(verify_document, &memo, 1.0);
	double one = bench_rate(verify_message, &signatures, 1.0);
	bench_figure("nitro", "verify", cold, "per second", "higher", -1);
	bench_figure("nitro", "verify_vs_bare_signatures", cold / six, "ratio", "higher", 0.77);
	bench_figure("nitro", "verify_known_chain", warm, "per second", "higher", -1);
	bench_figure("nitro", "verify_known_chain_vs_bare_signature", warm / one, "ratio", "higher",
		0.77);
	bench_figure("nitro", "verify_stack", (double)bench_stack(verify_document, NULL), "bytes",
		"lower", -1);
	bench_figure("nitro", "bare_signatures_stack",
		(double)bench_stack(verify_signatures, &signatures), "bytes", "lower", -1);
	free_signatures(&signatures);
	nitro_forge_free(&forge);
	return 0;
}
