#include "attest/memo.h"

#include "base/check.h"

static struct bytes key_bytes(const struct x509_key *key)
{
	switch (key->scheme) {
	case X509_P256_SHA256: return BYTES_OF(key->p256);
	case X509_P384_SHA384: return BYTES_OF(key->p384);
	case X509_RSA4096_PSS_SHA384: return key->rsa4096;
	}
	return (struct bytes){NULL, 0};
}

static struct bytes signature_bytes(const struct x509_signed *proof)
{
	switch (proof->scheme) {
	case X509_P256_SHA256: return BYTES_OF(proof->p256);
	case X509_P384_SHA384: return BYTES_OF(proof->p384);
	case X509_RSA4096_PSS_SHA384: return proof->rsa4096;
	}
	return (struct bytes){NULL, 0};
}

/* Everything that a verification depends on. The schemes say how long keys and signatures are, so
 * that nothing can be taken for something else. */
static void digest_of(
	struct sha256 *out, const struct x509_signed *proof, const struct x509_key *key)
{
	const uint8_t schemes[] = {(uint8_t)key->scheme, (uint8_t)proof->scheme};
	struct sha256_state state;
	sha256_init(&state);
	sha256_update(&state, BYTES_OF(schemes));
	sha256_update(&state, key_bytes(key));
	sha256_update(&state, signature_bytes(proof));
	sha256_update(&state, proof->part);
	sha256_final(out, &state);
}

static bool holds(const struct memo *memo, const struct sha256 *digest)
{
	for (uint32_t i = 0; i < memo->count; i++)
		if (bytes_equal(BYTES_OF(memo->digests[i]), BYTES_OF(*digest)))
			return true;
	return false;
}

static void remember(struct memo *memo, const struct sha256 *digest)
{
	if (memo->count < MEMO_COUNT) {
		memo->digests[memo->count++] = *digest;
		return;
	}
	memo->digests[memo->oldest] = *digest;
	memo->oldest = (memo->oldest + 1) % MEMO_COUNT;
}

enum conclave_error memo_verify_signed(
	struct memo *memo, const struct x509_signed *proof, const struct x509_key *key)
{
	if (memo == NULL)
		return x509_verify_signed(proof, key);
	struct sha256 digest;
	digest_of(&digest, proof, key);
	if (holds(memo, &digest))
		return CONCLAVE_OK;
	TRY(x509_verify_signed(proof, key));
	remember(memo, &digest);
	return CONCLAVE_OK;
}

enum conclave_error memo_p256_verify(struct memo *memo, const struct p256_public *key,
	struct bytes message, const struct p256_signature *signature)
{
	const struct x509_signed proof = {
		.part = message, .scheme = X509_P256_SHA256, .p256 = *signature};
	const struct x509_key signer = {.scheme = X509_P256_SHA256, .p256 = *key};
	return memo_verify_signed(memo, &proof, &signer);
}

enum conclave_error memo_x509_verify(struct memo *memo, const struct x509_certificate *certificate,
	const struct x509_certificate *issuer)
{
	TRY(x509_check_issuer(certificate, issuer));
	return memo_verify_signed(memo, &certificate->proof, &issuer->key);
}

enum conclave_error memo_crl_verify(
	struct memo *memo, const struct crl *crl, const struct x509_certificate *issuer)
{
	TRY(crl_check_issuer(crl, issuer));
	return memo_verify_signed(memo, &crl->proof, &issuer->key);
}
