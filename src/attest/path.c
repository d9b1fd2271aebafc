#include "attest/path.h"

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

/* Schemes have keys of different sizes, so that their concatenation with DER is unambiguous. */
static void remember_as(struct sha256 *out, const struct x509_certificate *certificate,
	const struct x509_key *issuer_key)
{
	struct sha256_state state;
	const uint8_t scheme = (uint8_t)issuer_key->scheme;
	sha256_init(&state);
	sha256_update(&state, BYTES_OF(scheme));
	sha256_update(&state, key_bytes(issuer_key));
	sha256_update(&state, certificate->der);
	sha256_final(out, &state);
}

static bool is_known(const struct path_cache *cache, const struct sha256 *name)
{
	for (size_t i = 0; i < PATH_CACHE_COUNT; i++)
		if (bytes_equal(BYTES_OF(cache->known[i]), BYTES_OF(*name)))
			return true;
	return false;
}

static enum conclave_error verify_signature(const struct x509_certificate *certificate,
	const struct x509_certificate *issuer, struct path_cache *cache)
{
	if (cache == NULL)
		return x509_verify_signed(&certificate->proof, &issuer->key);
	struct sha256 name;
	remember_as(&name, certificate, &issuer->key);
	if (is_known(cache, &name))
		return CONCLAVE_OK;
	TRY(x509_verify_signed(&certificate->proof, &issuer->key));
	cache->known[cache->next++ % PATH_CACHE_COUNT] = name;
	return CONCLAVE_OK;
}

/* T-43: a CA that is used as an end entity, or a key meant for something else. */
static bool is_end_entity(const struct x509_certificate *certificate)
{
	return !certificate->is_ca && (certificate->key_usage & X509_KEY_CERT_SIGN) == 0 &&
	       (certificate->key_usage == 0 ||
		       (certificate->key_usage & X509_DIGITAL_SIGNATURE) != 0);
}

enum conclave_error path_verify(struct window *window, const struct x509_certificate *path,
	size_t length, const struct x509_key *root_key, struct path_cache *cache)
{
	if (length < 1 || length > PATH_LENGTH_MAX)
		return CONCLAVE_ERROR_MISMATCH;
	if (!x509_key_equal(&path[length - 1].key, root_key))
		return CONCLAVE_ERROR_UNTRUSTED;
	if (!is_end_entity(&path[0]))
		return CONCLAVE_ERROR_MISMATCH;
	struct window narrowed = *window;
	for (size_t i = length; i-- > 0;) {
		const struct x509_certificate *issuer = i == length - 1 ? &path[i] : &path[i + 1];
		/* Certificates between this one and the leaf: RFC 5280 §4.2.1.9. */
		if (i > 0 && path[i].path_length < i - 1)
			return CONCLAVE_ERROR_MISMATCH;
		TRY(x509_check_issuer(&path[i], issuer));
		TRY(verify_signature(&path[i], issuer, cache));
		window_narrow(&narrowed, path[i].not_before, path[i].not_after);
	}
	*window = narrowed;
	return CONCLAVE_OK;
}
