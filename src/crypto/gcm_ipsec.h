/* AES-256-GCM over libipsec-mb's functions, which its manager chooses outside (crypto_os.c) and the
 * build inside an enclave (aes_gcm_vaes.c). */
#ifndef CRYPTO_GCM_IPSEC_H
#define CRYPTO_GCM_IPSEC_H

#define NO_COMPAT_IMB_API_053 /* its old names are macros that collide with libcrypto's */
#include <intel-ipsec-mb.h>

#include "crypto/crypto.h"

_Static_assert(
	sizeof(struct gcm_key_data) <= sizeof(struct aes256_gcm), "aes256_gcm holds the key");
_Static_assert(
	_Alignof(struct gcm_key_data) <= _Alignof(struct aes256_gcm), "and is aligned for it");

static inline const struct gcm_key_data *gcm_ipsec_key(const struct aes256_gcm *gcm)
{
	return (const struct gcm_key_data *)gcm->opaque;
}

static inline void gcm_ipsec_seal(aes_gcm_enc_dec_t encrypt, uint8_t *out,
	const struct aes256_gcm *gcm, const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad,
	struct bytes plaintext)
{
	struct gcm_context_data context;
	encrypt(gcm_ipsec_key(gcm), &context, out, plaintext.ptr, plaintext.len, nonce, ad.ptr,
		ad.len, out + plaintext.len, AES_GCM_TAG_SIZE);
	wipe(&context, sizeof(context));
}

static inline enum conclave_error gcm_ipsec_open(aes_gcm_enc_dec_t decrypt, uint8_t *out,
	const struct aes256_gcm *gcm, const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad,
	struct bytes ciphertext)
{
	if (ciphertext.len < AES_GCM_TAG_SIZE)
		return CONCLAVE_ERROR_TRUNCATED;
	size_t len = ciphertext.len - AES_GCM_TAG_SIZE;
	struct gcm_context_data context;
	uint8_t tag[AES_GCM_TAG_SIZE];
	decrypt(gcm_ipsec_key(gcm), &context, out, ciphertext.ptr, len, nonce, ad.ptr, ad.len, tag,
		sizeof(tag));
	wipe(&context, sizeof(context));
	bool authentic = ct_equal(tag, ciphertext.ptr + len, sizeof(tag));
	wipe(tag, sizeof(tag));
	if (!authentic) {
		wipe(out, len);
		return CONCLAVE_ERROR_AUTH;
	}
	return CONCLAVE_OK;
}

#endif
