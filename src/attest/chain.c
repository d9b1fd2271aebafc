#include "attest/chain.h"

#include "attest/literal.h"
#include "attest/pem.h"
#include "base/check.h"

const struct hierarchy hierarchy_intel = {
	.organization = LITERAL("Intel Corporation"),
	.locality = LITERAL("Santa Clara"),
	.state = LITERAL("CA"),
	.country = LITERAL("US"),
	.root = LITERAL("Intel SGX Root CA"),
	.platform_ca = LITERAL("Intel SGX PCK Platform CA"),
	.processor_ca = LITERAL("Intel SGX PCK Processor CA"),
	.pck = LITERAL("Intel SGX PCK Certificate"),
	.tcb_signing = LITERAL("Intel SGX TCB Signing"),
};

const struct hierarchy hierarchy_simulation = {
	.is_simulation = true,
	.organization = LITERAL("Conclave Simulation"),
	.locality = LITERAL("Nowhere"),
	.state = LITERAL("ZZ"),
	.country = LITERAL("ZZ"),
	.root = LITERAL("Conclave Simulation SGX Root CA"),
	.platform_ca = LITERAL("Conclave Simulation SGX PCK Platform CA"),
	.processor_ca = LITERAL("Conclave Simulation SGX PCK Processor CA"),
	.pck = LITERAL("Conclave Simulation SGX PCK Certificate"),
	.tcb_signing = LITERAL("Conclave Simulation SGX TCB Signing"),
};

/* CN, O, L, ST and C, and nothing else. */
static bool is_name_of_profile(const struct x509_name *name)
{
	return name->organization.len != 0 && name->locality.len != 0 && name->state.len != 0 &&
	       name->country.len != 0 && name->organizational_unit.len == 0;
}

/* P-256 throughout. */
static bool is_of_profile(const struct x509_certificate *certificate)
{
	return certificate->key.scheme == X509_P256_SHA256 &&
	       certificate->proof.scheme == X509_P256_SHA256 &&
	       is_name_of_profile(&certificate->issuer) &&
	       is_name_of_profile(&certificate->subject);
}

static void swap(struct x509_certificate *a, struct x509_certificate *b)
{
	struct x509_certificate c = *a;
	*a = *b;
	*b = c;
}

/* Root last, then what the root issued before it. */
static enum conclave_error order(struct chain *chain)
{
	struct x509_certificate *certificates = chain->certificates;
	size_t last = chain->length - 1, roots = 0;
	for (size_t i = 0; i < chain->length; i++)
		roots += x509_is_self_issued(&certificates[i]);
	if (roots != 1)
		return CONCLAVE_ERROR_MISMATCH;
	for (size_t i = 0; i < last; i++)
		if (x509_is_self_issued(&certificates[i]))
			swap(&certificates[i], &certificates[last]);
	if (chain->length == 3 &&
		bytes_equal(certificates[0].issuer.der, certificates[2].subject.der))
		swap(&certificates[0], &certificates[1]);
	return CONCLAVE_OK;
}

enum conclave_error chain_read(struct chain *out, struct bytes pem, size_t length)
{
	ASSERT(length == 2 || length == 3);
	struct writer space = writer_of((struct buffer){out->der, sizeof(out->der)});
	struct reader reader = reader_of(pem);
	for (size_t i = 0; i < length; i++) {
		struct bytes der;
		enum conclave_error error =
			pem_next(&der, &space, &reader, BYTES_LIT("CERTIFICATE"));
		if (error == CONCLAVE_ERROR_SPACE)
			return CONCLAVE_ERROR_LIMIT;
		TRY(error);
		TRY(x509_read(&out->certificates[i], der));
		if (!is_of_profile(&out->certificates[i]))
			return CONCLAVE_ERROR_FORMAT;
	}
	if (!pem_at_end(&reader))
		return CONCLAVE_ERROR_FORMAT;
	out->length = length;
	return order(out);
}

static bool is_named(const struct x509_certificate *certificate, const struct hierarchy *hierarchy,
	struct bytes common_name)
{
	const struct x509_name *subject = &certificate->subject;
	return bytes_equal(subject->common_name, common_name) &&
	       bytes_equal(subject->organization, hierarchy->organization) &&
	       bytes_equal(subject->locality, hierarchy->locality) &&
	       bytes_equal(subject->state, hierarchy->state) &&
	       bytes_equal(subject->country, hierarchy->country);
}

static bool is_pck_ca(const struct x509_certificate *certificate, const struct hierarchy *hierarchy)
{
	return is_named(certificate, hierarchy, hierarchy->platform_ca) ||
	       is_named(certificate, hierarchy, hierarchy->processor_ca);
}

/* A signer of things, not of certificates: T-43, a CA used as an end entity. */
static bool is_end_entity(const struct x509_certificate *certificate,
	const struct hierarchy *hierarchy, struct bytes common_name)
{
	return is_named(certificate, hierarchy, common_name) && !certificate->is_ca &&
	       (certificate->key_usage & X509_DIGITAL_SIGNATURE) != 0 &&
	       (certificate->key_usage & X509_KEY_CERT_SIGN) == 0;
}

static bool has_shape(
	const struct chain *chain, enum chain_kind kind, const struct hierarchy *hierarchy)
{
	const struct x509_certificate *certificates = chain->certificates;
	if (!is_named(chain_root(chain), hierarchy, hierarchy->root))
		return false;
	switch (kind) {
	case CHAIN_PCK:
		return chain->length == 3 && is_pck_ca(&certificates[1], hierarchy) &&
		       is_end_entity(&certificates[0], hierarchy, hierarchy->pck);
	case CHAIN_PCK_CA: return chain->length == 2 && is_pck_ca(&certificates[0], hierarchy);
	case CHAIN_TCB_SIGNING:
		return chain->length == 2 &&
		       is_end_entity(&certificates[0], hierarchy, hierarchy->tcb_signing);
	}
	return false;
}

enum conclave_error chain_verify(struct window *window, const struct chain *chain,
	enum chain_kind kind, const struct hierarchy *hierarchy, struct memo *memo)
{
	if (!has_shape(chain, kind, hierarchy))
		return CONCLAVE_ERROR_MISMATCH;
	for (size_t i = chain->length; i-- > 0;) {
		const struct x509_certificate *certificate = &chain->certificates[i];
		const struct x509_certificate *issuer =
			i == chain->length - 1 ? certificate : certificate + 1;
		/* Certificates between this one and the leaf: RFC 5280 §4.2.1.9. */
		if (i > 0 && certificate->path_length < i - 1)
			return CONCLAVE_ERROR_MISMATCH;
		TRY(memo_x509_verify(memo, certificate, issuer));
		window_narrow(window, certificate->not_before, certificate->not_after);
	}
	return CONCLAVE_OK;
}
