/* HMAC and HKDF over whichever SHA-256 is linked: the same code with and without an OS, at the
 * speed of that SHA-256. */
#include "crypto/crypto.h"

#define SHA256_BLOCK 64

/* The state after the first block of one pass: the key xor a pad byte. */
static void keyed_init(
	struct sha256_state *state, const uint8_t block_key[SHA256_BLOCK], uint8_t pad)
{
	uint8_t block[SHA256_BLOCK];
	for (size_t i = 0; i < SHA256_BLOCK; i++)
		block[i] = block_key[i] ^ pad;
	sha256_init(state);
	sha256_update(state, BYTES_OF(block));
	wipe(block, sizeof(block));
}

/* RFC 2104 over several pieces, as if they were one message. */
static void hmac(struct sha256 *out, struct bytes key, const struct bytes *pieces, size_t count)
{
	uint8_t block_key[SHA256_BLOCK] = {0};
	if (key.len > SHA256_BLOCK)
		sha256((struct sha256 *)block_key, key);
	else if (key.len != 0)
		memcpy(block_key, key.ptr, key.len);

	CLEANUP(sha256_state_wipe) struct sha256_state state;
	CLEANUP(sha256_wipe) struct sha256 inner;
	keyed_init(&state, block_key, 0x36);
	for (size_t i = 0; i < count; i++)
		sha256_update(&state, pieces[i]);
	sha256_final(&inner, &state);
	keyed_init(&state, block_key, 0x5c);
	sha256_update(&state, BYTES_OF(inner));
	sha256_final(out, &state);
	wipe(block_key, sizeof(block_key));
}

void hmac_sha256(struct sha256 *out, struct bytes key, struct bytes from)
{
	hmac(out, key, &from, 1);
}

enum conclave_error hkdf_sha256(
	struct buffer out, struct bytes salt, struct bytes key, struct bytes info)
{
	if (out.len > 255 * sizeof(struct sha256))
		return CONCLAVE_ERROR_ARGUMENT;
	/* Extract. An absent salt is 32 zeros (RFC 5869 §2.2), and HMAC pads keys with zeros. */
	CLEANUP(sha256_wipe) struct sha256 extracted;
	hmac_sha256(&extracted, salt, key);
	/* Expand: T(n) = HMAC(extracted, T(n-1) || info || n), T(0) empty. */
	CLEANUP(sha256_wipe) struct sha256 block;
	size_t done = 0;
	for (uint8_t n = 1; done < out.len; n++) {
		const struct bytes pieces[] = {
			bytes_of(&block, n == 1 ? 0 : sizeof(block)), info, BYTES_OF(n)};
		hmac(&block, BYTES_OF(extracted), pieces, ARRAY_COUNT(pieces));
		size_t size = out.len - done < sizeof(block) ? out.len - done : sizeof(block);
		memcpy(out.ptr + done, &block, size);
		done += size;
	}
	return CONCLAVE_OK;
}
