/* The client's whole state, locked (docs/spec/client.md, section 3):
 *
 *   "ConclaveClient" | u8 1 | u8 lock | u32 passes | u32 memory in KiB | salt[16] | u32 size |
 * AES-256-GCM
 *
 * The key is made of the lock and a salt that is used once, so that the nonce can be 0; everything
 * before the ciphertext is its associated data. Inside lies what content.c writes. */
#include <sodium.h>
#include <stdlib.h>

#include "base/report.h"
#include "client/content.h"

#define MAGIC "ConclaveClient"
#define VERSION 1
#define SALT_SIZE 16
#define PASSPHRASE_SIZE_MAX 1024u
#define PASSES 3
#define MEMORY_KIB 65536
/* What a file may ask for: it may be hostile. */
#define PASSES_MAX 64
#define MEMORY_KIB_MAX 1048576
#define HEADER_SIZE (sizeof(MAGIC) - 1 + 2 + 4 + 4 + SALT_SIZE + 4)

_Static_assert(SALT_SIZE == crypto_pwhash_argon2id_SALTBYTES, "the salt is Argon2id's");

enum lock { LOCK_KEY = 1, LOCK_PASSPHRASE = 2 };

struct header {
	uint8_t lock;
	uint32_t passes, memory_kib; /* 0 for a key */
	uint8_t salt[SALT_SIZE];
	uint32_t size; /* of the ciphertext, with its tag */
};

static enum conclave_error check_lock(
	const struct conclave_lock *lock, struct conclave_report *report)
{
	if (lock->key != NULL || (lock->passphrase != NULL && lock->passphrase_size > 0 &&
					 lock->passphrase_size <= PASSPHRASE_SIZE_MAX))
		return CONCLAVE_OK;
	report_fill(report, "a lock is a key, or a passphrase of 1 to 1,024 bytes");
	return CONCLAVE_ERROR_ARGUMENT;
}

/* -- keys -- */

static enum conclave_error stretch(
	uint8_t out[32], const struct header *header, const struct conclave_lock *lock)
{
	/* It fails for want of memory; the parameters have been checked. */
	if (crypto_pwhash_argon2id(out, 32, lock->passphrase, lock->passphrase_size, header->salt,
		    header->passes, (size_t)header->memory_kib * 1024,
		    crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return CONCLAVE_ERROR_MEMORY;
	return CONCLAVE_OK;
}

static enum conclave_error make_key(
	struct aes256_gcm *out, const struct header *header, const struct conclave_lock *lock)
{
	CLEANUP(aes256_key_wipe) struct aes256_key secret, key;
	if (lock->key != NULL)
		memcpy(secret.bytes, lock->key, sizeof(secret.bytes));
	else
		TRY(stretch(secret.bytes, header, lock));
	TRY(hkdf_sha256((struct buffer){key.bytes, sizeof(key.bytes)}, BYTES_OF(header->salt),
		BYTES_OF(secret.bytes), BYTES_LIT("conclave client state")));
	aes256_gcm_init(out, &key);
	return CONCLAVE_OK;
}

/* -- locking -- */

static void write_header(struct writer *out, const struct header *header)
{
	write_bytes(out, BYTES_LIT(MAGIC));
	write_u8(out, VERSION);
	write_u8(out, header->lock);
	write_u32be(out, header->passes);
	write_u32be(out, header->memory_kib);
	write_bytes(out, BYTES_OF(header->salt));
	write_u32be(out, header->size);
}

static enum conclave_error seal(struct writer *out, struct header *header,
	const struct conclave_client *client, const struct conclave_lock *lock)
{
	static const uint8_t nonce[AES_GCM_NONCE_SIZE];
	CLEANUP(aes256_gcm_wipe) struct aes256_gcm gcm;
	TRY(crypto_random((struct buffer){header->salt, sizeof(header->salt)}));
	TRY(make_key(&gcm, header, lock));
	write_header(out, header);
	struct bytes ad = writer_bytes(out);
	uint8_t *place = out->ptr + out->len;
	content_write(out, client);
	size_t size = out->len - ad.len;
	write_zeros(out, AES_GCM_TAG_SIZE);
	TRY(writer_end(out));
	aes256_gcm_seal(place, &gcm, nonce, ad, bytes_of(place, size));
	return CONCLAVE_OK;
}

enum conclave_error conclave_client_save_locked(const struct conclave_client *client, uint8_t **out,
	size_t *out_size, const struct conclave_lock *lock)
{
	TRY(check_lock(lock, NULL));
	struct header header = {.lock = LOCK_KEY};
	if (lock->key == NULL)
		header = (struct header){LOCK_PASSPHRASE, PASSES, MEMORY_KIB, {0}, 0};
	struct writer size = writer_measure();
	content_write(&size, client);
	if (size.len > UINT32_MAX - AES_GCM_TAG_SIZE)
		return CONCLAVE_ERROR_LIMIT;
	header.size = (uint32_t)size.len + AES_GCM_TAG_SIZE;
	size_t whole = HEADER_SIZE + header.size;
	uint8_t *saved = malloc(whole);
	if (saved == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of((struct buffer){saved, whole});
	enum conclave_error error = seal(&writer, &header, client, lock);
	if (error != CONCLAVE_OK) {
		wipe(saved, whole);
		free(saved);
		return error;
	}
	*out = saved;
	*out_size = whole;
	return CONCLAVE_OK;
}

/* -- unlocking -- */

static bool is_costly(const struct header *header)
{
	return header->passes > PASSES_MAX || header->memory_kib > MEMORY_KIB_MAX;
}

/* Argon2id's own limits: RFC 9106, section 3.1. */
static bool is_possible(const struct header *header)
{
	if (header->lock == LOCK_KEY)
		return header->passes == 0 && header->memory_kib == 0;
	return header->lock == LOCK_PASSPHRASE && header->passes >= 1 && header->memory_kib >= 8;
}

static enum conclave_error read_header(struct header *out, struct reader *from)
{
	struct header header;
	struct bytes magic = read_bytes(from, sizeof(MAGIC) - 1);
	if (from->failed || !bytes_equal(magic, BYTES_LIT(MAGIC)))
		return CONCLAVE_ERROR_FORMAT;
	uint8_t version = read_u8(from);
	if (!from->failed && version != VERSION)
		return CONCLAVE_ERROR_VERSION;
	header.lock = read_u8(from);
	header.passes = read_u32be(from);
	header.memory_kib = read_u32be(from);
	read_into(from, header.salt, sizeof(header.salt));
	header.size = read_u32be(from);
	if (from->failed || from->rest.len < header.size)
		return CONCLAVE_ERROR_TRUNCATED;
	if (from->rest.len > header.size)
		return CONCLAVE_ERROR_TRAILING;
	if (!is_possible(&header))
		return CONCLAVE_ERROR_FORMAT;
	if (is_costly(&header))
		return CONCLAVE_ERROR_LIMIT;
	*out = header;
	return CONCLAVE_OK;
}

static enum conclave_error unseal(struct buffer out, const struct header *header,
	struct bytes saved, const struct conclave_lock *lock)
{
	static const uint8_t nonce[AES_GCM_NONCE_SIZE];
	CLEANUP(aes256_gcm_wipe) struct aes256_gcm gcm;
	TRY(make_key(&gcm, header, lock));
	return aes256_gcm_open(out.ptr, &gcm, nonce, bytes_slice(saved, 0, HEADER_SIZE),
		bytes_slice(saved, HEADER_SIZE, header->size));
}

static enum conclave_error restore(struct conclave_client **out, struct bytes saved,
	const struct conclave_lock *lock, struct conclave_report *report)
{
	struct header header;
	struct reader reader = reader_of(saved);
	TRY(read_header(&header, &reader));
	if ((header.lock == LOCK_KEY) != (lock->key != NULL)) {
		report_fill(report, "it is locked with a %s, not with a %s",
			header.lock == LOCK_KEY ? "key" : "passphrase",
			header.lock == LOCK_KEY ? "passphrase" : "key");
		return CONCLAVE_ERROR_STATE;
	}
	if (header.size < AES_GCM_TAG_SIZE)
		return CONCLAVE_ERROR_TRUNCATED;
	size_t size = header.size - AES_GCM_TAG_SIZE;
	uint8_t *content = malloc(size + 1); /* malloc(0) may be NULL */
	if (content == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = unseal((struct buffer){content, size}, &header, saved, lock);
	if (error == CONCLAVE_OK)
		error = content_read(out, bytes_of(content, size));
	else if (error == CONCLAVE_ERROR_AUTH)
		report_fill(report, "the %s is wrong, or it was altered",
			lock->key != NULL ? "key" : "passphrase");
	wipe(content, size);
	free(content);
	return error;
}

enum conclave_error conclave_client_restore_locked(struct conclave_client **out,
	const uint8_t *saved, size_t saved_size, const struct conclave_lock *lock,
	struct conclave_report *report)
{
	struct conclave_report why = {""};
	TRY(check_lock(lock, report));
	TRY(client_crypto_init());
	enum conclave_error error = restore(out, bytes_of(saved, saved_size), lock, &why);
	if (error == CONCLAVE_ERROR_AUTH || error == CONCLAVE_ERROR_STATE)
		report_fill(report, "the saved state cannot be opened: %.900s", why.text);
	else if (error != CONCLAVE_OK)
		report_fill(report, "not the saved state of a client, or damaged: %.900s",
			why.text[0] != '\0' ? why.text : conclave_error_text(error));
	return error;
}
