/* How long it takes to verify a quote with all its collateral, and how much stack and heap, against
 * OpenSSL verifying the very signatures in it and doing nothing else. */
#include "bench.h"
#include "heap.h"
#include "stack.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

#include "attest/crl.h"
#include "attest/pem.h"
#include "attest_forge.h"
#include "base/check.h"

static struct forge forge;
static struct memo memo;

static void verify_with(struct memo *remembered)
{
	static struct quote_claims claims;
	ASSERT(quote_verify(&claims, NULL, remembered, forge.info.dcap.quote, &forge.collateral,
		       &forge.roots, FORGE_NOW) == CONCLAVE_OK);
}

static void verify_cold(void *context)
{
	(void)context;
	verify_with(NULL);
}

static void verify_remembered(void *context)
{
	(void)context;
	verify_with(&memo);
}

/* -- the same signatures, by OpenSSL alone: keys and signatures are ready to use -- */

struct statement {
	EVP_PKEY *key;
	struct bytes message;
	uint8_t signature[80];
	size_t signature_size;
};
static struct statement statements[16];
static size_t statement_count;

static EVP_PKEY *make_key(const struct p256_public *key)
{
	uint8_t point[65] = {4};
	char curve[] = "P-256";
	memcpy(point + 1, key->bytes, sizeof(key->bytes));
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *made = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	ASSERT(context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY,
			(OSSL_PARAM *)(uintptr_t)parameters) == 1);
	EVP_PKEY_CTX_free(context);
	return made;
}

static void add_statement(
	const struct p256_public *key, struct bytes message, const struct p256_signature *signature)
{
	struct statement *statement = &statements[statement_count++];
	ASSERT(statement_count <= sizeof(statements) / sizeof(statements[0]));
	statement->key = make_key(key);
	statement->message = message;
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	ASSERT(numbers != NULL && ECDSA_SIG_set0(numbers, BN_bin2bn(signature->bytes, 32, NULL),
					  BN_bin2bn(signature->bytes + 32, 32, NULL)) == 1);
	uint8_t *place = statement->signature;
	statement->signature_size = (size_t)i2d_ECDSA_SIG(numbers, &place);
	ECDSA_SIG_free(numbers);
}

static void add_proof(const struct x509_certificate *issuer, const struct x509_signed *proof)
{
	add_statement(&issuer->key.p256, proof->part, &proof->p256);
}

static void add_crl(const struct x509_certificate *issuer, struct bytes pem)
{
	static uint8_t space[1 << 14];
	static size_t used;
	struct writer writer = writer_of((struct buffer){space + used, sizeof(space) - used});
	struct bytes der;
	struct crl crl;
	ASSERT(pem_decode(&der, &writer, pem, BYTES_LIT("X509 CRL")) == CONCLAVE_OK);
	ASSERT(crl_read(&crl, der) == CONCLAVE_OK);
	used += writer.len;
	add_proof(issuer, &crl.proof);
}

static void add_json(const struct x509_certificate *signer, struct bytes text, struct bytes name)
{
	struct tcb_signed object;
	ASSERT(tcb_signed_read(&object, text, name) == CONCLAVE_OK);
	add_statement(&signer->key.p256, object.object.text, &object.signature);
}

static void gather_statements(void)
{
	static struct chain pck, signing;
	static struct quote quote;
	const struct quote_collateral *collateral = &forge.collateral;
	ASSERT(quote_read(&quote, forge.info.dcap.quote) == CONCLAVE_OK);
	ASSERT(chain_read(&pck, quote.pck_chain, 3) == CONCLAVE_OK);
	ASSERT(chain_read(&signing, collateral->tcb_info_issuer_chain, 2) == CONCLAVE_OK);
	const struct x509_certificate *leaf = &pck.certificates[0], *ca = &pck.certificates[1],
				      *root = &pck.certificates[2];
	statement_count = 0;
	add_proof(ca, &leaf->proof);
	add_proof(root, &ca->proof);
	add_proof(root, &root->proof);
	add_proof(root, &signing.certificates[0].proof);
	add_crl(root, collateral->root_ca_crl);
	add_crl(ca, collateral->pck_crl);
	add_json(&signing.certificates[0], collateral->tcb_info, BYTES_LIT("tcbInfo"));
	add_json(&signing.certificates[0], collateral->qe_identity, BYTES_LIT("enclaveIdentity"));
	add_statement(&leaf->key.p256, BYTES_OF(quote.qe_report), &quote.qe_signature);
	add_statement(&quote.attestation_key, quote.signed_part, &quote.signature);
}

static void verify_statements(void *context)
{
	(void)context;
	for (size_t i = 0; i < statement_count; i++) {
		const struct statement *statement = &statements[i];
		EVP_MD_CTX *digest = EVP_MD_CTX_new();
		ASSERT(digest != NULL && EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL,
						 statement->key) == 1);
		ASSERT(EVP_DigestVerify(digest, statement->signature, statement->signature_size,
			       statement->message.ptr, statement->message.len) == 1);
		EVP_MD_CTX_free(digest);
	}
}

/* Intel's TCB infos have some ten levels and 5 KB: better patches than the platform's come first.
 */
static void lengthen_tcb_info(enum quote_body body)
{
	static const char start[] = "\"tcbLevels\":[", first[] = "{\"tcb\":{\"sgxtcb";
	char components[512], level[2048], from[64], to[2200];
	size_t size = 0;
	for (int i = 0; i < 16; i++)
		size += (size_t)snprintf(components + size, sizeof(components) - size, "%s%s",
			i == 0 ? "" : ",",
			i < 4 ? "{\"svn\":9,\"category\":\"OS/VMM\"}" : "{\"svn\":9}");
	bool is_td = body != QUOTE_BODY_SGX;
	snprintf(level, sizeof(level),
		"{\"tcb\":{\"sgxtcbcomponents\":[%s],%s%s%s\"pcesvn\":13},\"tcbDate\":"
		"\"2024-12-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},",
		components, is_td ? "\"tdxtcbcomponents\":[" : "", is_td ? components : "",
		is_td ? "]," : "");
	snprintf(from, sizeof(from), "%s%s", start, first);
	snprintf(to, sizeof(to), "%s%s%s", start, level, first);
	for (int i = 0; i < (is_td ? 4 : 9); i++)
		forge_replace(&forge.tcb_info, from, to);
}

static void figure(const char *kind, const char *what, double value, const char *unit,
	const char *better, double wanted)
{
	char name[64];
	snprintf(name, sizeof(name), "%s_%s", kind, what);
	bench_figure("attest", name, value, unit, better, wanted);
}

static void measure(const char *kind, uint16_t version, enum quote_body body)
{
	forge_init(&forge, FORGE_INTEL);
	forge_plan_quote(&forge, version, body);
	lengthen_tcb_info(body);
	forge_make(&forge);
	gather_statements();
	memo = (struct memo){.count = 0};

	double bare = bench_rate(verify_statements, NULL, 1.0);
	double cold = bench_rate(verify_cold, NULL, 1.0);
	double remembered = bench_rate(verify_remembered, NULL, 1.0);
	figure(kind, "cold", cold, "per second", "higher", 1000);
	figure(kind, "remembered", remembered, "per second", "higher", 5000);
	figure(kind, "cold_vs_bare_signatures", bare / cold, "times", "lower", 1.3);
	figure(kind, "stack", (double)bench_stack(verify_cold, NULL), "bytes", "lower", 65536);
	figure(kind, "heap", (double)bench_heap(verify_cold, NULL), "bytes", "lower", -1);
}

static void verify_info(void *context)
{
	struct instance_info info;
	struct attest_claims claims;
	const struct bytes *serialised = context;
	ASSERT(instance_info_read(&info, *serialised) == CONCLAVE_OK);
	ASSERT(attest_verify(&claims, NULL, &info, &forge.roots, FORGE_NOW) == CONCLAVE_OK);
}

int main(void)
{
	bench_heap_begin();
	ASSERT(crypto_init() == CONCLAVE_OK);
	measure("sgx_v3", 3, QUOTE_BODY_SGX);
	measure("tdx_v4", 4, QUOTE_BODY_TD10);

	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	struct bytes serialised = forge_serialise(&forge);
	bench_figure("attest", "instance_info", bench_rate(verify_info, &serialised, 1.0),
		"per second", "higher", -1);
	return 0;
}
