#include "attest/crl.h"

#include "base/check.h"

#define OID_CRL_NUMBER "\x55\x1d\x14"	    /* 2.5.29.20 */
#define OID_AUTHORITY_KEY_ID "\x55\x1d\x23" /* 2.5.29.35 */

/* Entry extensions say why; a critical one (an indirect CRL's issuer) would change whose
 * certificate is meant. */
static struct bytes read_entry(struct reader *entries)
{
	struct reader entry = der_enter(entries, DER_SEQUENCE);
	struct bytes serial = der_read_integer(&entry);
	(void)der_read_time(&entry);
	if (der_next_is(&entry, DER_SEQUENCE)) {
		struct reader extensions = der_enter(&entry, DER_SEQUENCE);
		while (!extensions.failed && extensions.rest.len > 0) {
			struct x509_item extension;
			x509_read_item(&extensions, &extension);
			if (extension.is_critical)
				der_fail(&extensions);
		}
		der_leave(&entry, &extensions);
	}
	der_leave(entries, &entry);
	return serial;
}

static void read_entries(struct reader *body, struct crl *out)
{
	struct reader entries = der_enter(body, DER_SEQUENCE);
	out->revoked = entries.rest;
	while (!entries.failed && entries.rest.len > 0)
		(void)read_entry(&entries);
	der_leave(body, &entries);
}

/* CRL number and authority key identifier, both not critical, once each; others that are not
 * critical are no concern of ours, others that are (delta CRLs, distribution points) are refused.
 */
static void read_extensions(struct reader *body)
{
	struct reader wrapper = der_enter(body, DER_CONTEXT_0);
	struct reader extensions = der_enter(&wrapper, DER_SEQUENCE);
	uint32_t numbers = 0, key_ids = 0;
	while (!extensions.failed && extensions.rest.len > 0) {
		struct x509_item extension;
		x509_read_item(&extensions, &extension);
		numbers += bytes_equal(extension.oid, BYTES_LIT(OID_CRL_NUMBER));
		key_ids += bytes_equal(extension.oid, BYTES_LIT(OID_AUTHORITY_KEY_ID));
		if (extension.is_critical)
			der_fail(&extensions);
	}
	if (numbers != 1 || key_ids != 1)
		der_fail(&extensions);
	der_leave(&wrapper, &extensions);
	der_leave(body, &wrapper);
}

enum conclave_error crl_read(struct crl *out, struct bytes der)
{
	struct reader whole = reader_of(der);
	struct crl crl = {0};
	struct reader body = x509_enter_signed(&crl.proof, &whole);
	if (der_read_number(&body, 1) != 1) /* v2 */
		der_fail(&body);
	x509_read_algorithm(&body, &crl.proof);
	x509_read_name(&body, &crl.issuer);
	crl.this_update = der_read_time(&body);
	crl.next_update = der_read_time(&body);
	if (der_next_is(&body, DER_SEQUENCE))
		read_entries(&body, &crl);
	read_extensions(&body);
	der_leave(&whole, &body);
	TRY(der_end(&whole));
	*out = crl;
	return CONCLAVE_OK;
}

enum conclave_error crl_check_issuer(const struct crl *crl, const struct x509_certificate *issuer)
{
	if (!bytes_equal(crl->issuer.der, issuer->subject.der))
		return CONCLAVE_ERROR_MISMATCH;
	if (!issuer->is_ca || (issuer->key_usage & X509_CRL_SIGN) == 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

enum conclave_error crl_verify(const struct crl *crl, const struct x509_certificate *issuer)
{
	TRY(crl_check_issuer(crl, issuer));
	return x509_verify_signed(&crl->proof, &issuer->key);
}

bool crl_lists(const struct crl *crl, struct bytes serial)
{
	struct reader entries = reader_of(crl->revoked);
	while (!entries.failed && entries.rest.len > 0)
		if (bytes_equal(read_entry(&entries), serial))
			return true;
	return false;
}
