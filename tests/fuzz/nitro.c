/* Attestation documents of Nitro, under the root of the tests' forge, whose keys never change. */
#include "attest/memo.h"
#include "base/check.h"
#include "nitro_forge.h"

static void check_view(struct bytes view, struct bytes document)
{
	ASSERT(view.len == 0 ||
		(view.ptr >= document.ptr && view.ptr + view.len <= document.ptr + document.len));
}

static void check_claims(const struct nitro_claims *claims, struct bytes document)
{
	const struct bytes views[] = {claims->module_id, claims->digest, claims->certificate,
		claims->public_key, claims->user_data, claims->nonce};
	for (size_t i = 0; i < ARRAY_COUNT(views); i++)
		check_view(views[i], document);
	for (size_t i = 0; i < NITRO_PCR_COUNT; i++)
		check_view(claims->pcrs[i], document);
	ASSERT(claims->pcrs[0].len != 0 && claims->pcrs[1].len != 0 && claims->pcrs[2].len != 0);
	ASSERT(claims->cabundle_count >= 1 && claims->cabundle_count <= NITRO_CABUNDLE_COUNT_MAX);
	for (size_t i = 0; i < claims->cabundle_count; i++)
		check_view(claims->cabundle[i], document);
	ASSERT(claims->module_id.len != 0 && claims->timestamp_ms > 0);
	ASSERT(claims->validity.from <= NITRO_FORGE_NOW &&
		claims->validity.until >= NITRO_FORGE_NOW);
}

static void find_root(struct p384_public *root)
{
	EVP_PKEY *key = x509_forge_curve_key("P-384", NITRO_FORGE_KEYS);
	x509_forge_point(root->bytes, sizeof(root->bytes), key);
	EVP_PKEY_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct p384_public root;
	static struct memo memo;
	struct bytes document = bytes_of(data, size);
	struct nitro_claims claims;
	enum nitro_check failed;
	int64_t timestamp;
	if (root.bytes[0] == 0 && root.bytes[1] == 0)
		find_root(&root);
	enum conclave_error error =
		nitro_verify(&claims, &failed, document, &root, NITRO_FORGE_NOW, &memo);
	ASSERT((error == CONCLAVE_OK) == (failed == NITRO_CHECK_NONE));
	ASSERT(nitro_check_text(failed) != NULL);
	if (error == CONCLAVE_OK) {
		check_claims(&claims, document);
		ASSERT(nitro_read_timestamp(&timestamp, document) == CONCLAVE_OK);
		ASSERT(timestamp == claims.timestamp_ms / 1000);
	} else {
		(void)!nitro_read_timestamp(&timestamp, document);
	}
	return 0;
}
