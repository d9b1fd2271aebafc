/* AES-256-GCM inside an enclave, fast: libipsec-mb's code for VAES and AVX-512, called below its
 * manager, which would ask CPUID. An enclave with it has AVX-512 in its XFRM; on a CPU without VAES
 * the first use is an invalid instruction, and the enclave is gone. */
#include "crypto/gcm_ipsec.h"

/* Assembly of libipsec-mb 1.3 (lib/x86_64, lib/avx512_t2), declared in its private headers. */
void aes_keyexp_256_enc_avx512(const void *key, void *expanded);
void aes_gcm_precomp_256_vaes_avx512(struct gcm_key_data *key);
void aes_gcm_enc_256_vaes_avx512(const struct gcm_key_data *key, struct gcm_context_data *context,
	uint8_t *out, const uint8_t *in, uint64_t len, const uint8_t *nonce, const uint8_t *ad,
	uint64_t ad_len, uint8_t *tag, uint64_t tag_len);
void aes_gcm_dec_256_vaes_avx512(const struct gcm_key_data *key, struct gcm_context_data *context,
	uint8_t *out, const uint8_t *in, uint64_t len, const uint8_t *nonce, const uint8_t *ad,
	uint64_t ad_len, uint8_t *tag, uint64_t tag_len);

/* Where that code notes that an argument is NULL or a length beyond 2^36, by a table of numbers:
 * never, from here. The library's table has fewer entries. */
extern int imb_errno;
extern const int imb_errno_types[64];
int imb_errno;
const int imb_errno_types[64];

void aes256_gcm_init(struct aes256_gcm *gcm, const struct aes256_key *key)
{
	struct gcm_key_data *expanded = (struct gcm_key_data *)gcm->opaque;
	aes_keyexp_256_enc_avx512(key->bytes, expanded->expanded_keys);
	aes_gcm_precomp_256_vaes_avx512(expanded);
}

void aes256_gcm_seal(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes plaintext)
{
	gcm_ipsec_seal(aes_gcm_enc_256_vaes_avx512, out, gcm, nonce, ad, plaintext);
}

enum conclave_error aes256_gcm_open(uint8_t *out, const struct aes256_gcm *gcm,
	const uint8_t nonce[AES_GCM_NONCE_SIZE], struct bytes ad, struct bytes ciphertext)
{
	return gcm_ipsec_open(aes_gcm_dec_256_vaes_avx512, out, gcm, nonce, ad, ciphertext);
}
