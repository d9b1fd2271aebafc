#include "attest/path.h"

#include "base/check.h"

/* T-43: a CA that is used as an end entity, or a key meant for something else. */
static bool is_end_entity(const struct x509_certificate *certificate)
{
	return !certificate->is_ca && (certificate->key_usage & X509_KEY_CERT_SIGN) == 0 &&
	       (certificate->key_usage == 0 ||
		       (certificate->key_usage & X509_DIGITAL_SIGNATURE) != 0);
}

enum conclave_error path_verify(struct window *window, const struct x509_certificate *path,
	size_t length, const struct x509_key *root_key, struct memo *memo)
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
		TRY(memo_x509_verify(memo, &path[i], issuer));
		window_narrow(&narrowed, path[i].not_before, path[i].not_after);
	}
	*window = narrowed;
	return CONCLAVE_OK;
}
