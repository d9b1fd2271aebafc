/* AES-256-GCM inside an enclave, small: BearSSL's AES-NI and PCLMULQDQ. */
#include <bearssl.h>

#include "crypto/crypto.h"

_Static_assert(sizeof(br_aes_x86ni_ctr_keys) <= sizeof(struct aes256_gcm), "the key fits");

void aes256_gcm_init(struct aes256_gcm *gcm, const struct aes256_key *key)
{
	br_aes_x86ni_ctr_init((br_aes_x86ni_ctr_keys *)gcm->opaque, key->bytes, sizeof(key->bytes));
}

/* Encrypt or decrypt `from` to `out`, the same place or another, and give the tag. */
static void gcm_run(uint8_t tag[AES_GCM_TAG_SIZE], uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t *nonce, struct bytes ad, struct bytes from, bool encrypt)
{
	br_gcm_context context;
	if (from.len != 0 && out != from.ptr)
		memmove(out, from.ptr, from.len);
	/* BearSSL takes the key without const, but only reads it; through a number because of
	 * -Wcast-qual. */
	br_gcm_init(&context, (const br_block_ctr_class **)(uintptr_t)gcm->opaque, br_ghash_pclmul);
	br_gcm_reset(&context, nonce, AES_GCM_NONCE_SIZE);
	br_gcm_aad_inject(&context, ad.ptr, ad.len);
	br_gcm_flip(&context);
	br_gcm_run(&context, encrypt, out, from.len);
	br_gcm_get_tag(&context, tag);
	wipe(&context, sizeof(context));
}

void aes256_gcm_seal(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes plaintext)
{
	gcm_run(out + plaintext.len, out, gcm, nonce, ad, plaintext, true);
}

enum conclave_error aes256_gcm_open(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes ciphertext)
{
	if (ciphertext.len < AES_GCM_TAG_SIZE)
		return CONCLAVE_ERROR_TRUNCATED;
	struct bytes text = bytes_slice(ciphertext, 0, ciphertext.len - AES_GCM_TAG_SIZE);
	uint8_t tag[AES_GCM_TAG_SIZE];
	gcm_run(tag, out, gcm, nonce, ad, text, false);
	/* The expected tag lies behind the text, which even in place nobody has overwritten. */
	bool authentic = ct_equal(tag, ciphertext.ptr + text.len, sizeof(tag));
	wipe(tag, sizeof(tag));
	if (!authentic) {
		wipe(out, text.len);
		return CONCLAVE_ERROR_AUTH;
	}
	return CONCLAVE_OK;
}
