/* Both keys come from the seal key of this CPU, signer, product and security version: the same
 * after every restart and for every image of that signer and product with the same version.
 *
 * One way across versions: an enclave asks for keys at its own ISVSVN and at the CPUSVN it runs on;
 * the CPU gives nobody a key of a version above its own. (An upgraded enclave could ask for the
 * keys of older versions; that is what reading old mail will build on.) DEBUG is in the attribute
 * mask: a debug enclave has keys of its own. */
#include "enclave/keys.h"

#include "abi/frames.h"
#include "enclave/enclu.h"

/* All attribute bits that change what an enclave is; SGX's own recommended mask has the same two.
 */
#define SEAL_FLAGS_MASK (SGX_FLAG_INIT | SGX_FLAG_DEBUG)

static struct keys the_keys;

const struct keys *keys(void)
{
	return &the_keys;
}

void keys_wipe(void)
{
	wipe(&the_keys, sizeof(the_keys));
}

/* A report to nobody, for what it says about this enclave. */
static void own_report(struct sgx_report *out)
{
	_Alignas(ENCLU_ALIGN_REPORT) struct sgx_report report;
	_Alignas(ENCLU_ALIGN_TARGETINFO) static const struct sgx_targetinfo nobody;
	_Alignas(ENCLU_ALIGN_REPORTDATA) static const uint8_t nothing[64];
	enclu_ereport(&report, &nobody, nothing);
	*out = report;
}

static enum conclave_error seal_key(struct aes128_key *out, const struct sgx_report_body *self)
{
	_Alignas(ENCLU_ALIGN_KEYREQUEST) struct sgx_keyrequest request = {
		.keyname = SGX_KEY_SEAL,
		.keypolicy = SGX_KEYPOLICY_MRSIGNER,
		.isvsvn = self->isvsvn,
		.attributemask = {.flags = SEAL_FLAGS_MASK},
	};
	memcpy(request.cpusvn, self->cpusvn, sizeof(request.cpusvn));

	_Alignas(ENCLU_ALIGN_KEY) CLEANUP(aes128_key_wipe) struct aes128_key key;
	if (enclu_egetkey(&key, &request) != SGX_GETKEY_OK)
		return CONCLAVE_ERROR_KEY;
	*out = key;
	return CONCLAVE_OK;
}

static enum conclave_error derive(
	struct buffer out, const struct aes128_key *seal, struct bytes label)
{
	return hkdf_sha256(out, (struct bytes){0}, BYTES_OF(*seal), label);
}

enum conclave_error keys_init(void)
{
	struct sgx_report self;
	CLEANUP(aes128_key_wipe) struct aes128_key seal;

	own_report(&self);
	TRY(seal_key(&seal, &self.body));
	TRY(derive((struct buffer){the_keys.mail.bytes, sizeof(the_keys.mail.bytes)}, &seal,
		BYTES_LIT("conclave mail key 1")));
	TRY(derive((struct buffer){the_keys.signing.bytes, sizeof(the_keys.signing.bytes)}, &seal,
		BYTES_LIT("conclave signing key 1")));
	x25519_public(&the_keys.mail_public, &the_keys.mail);
	ed25519_public(&the_keys.signing_public, &the_keys.signing);
	the_keys.debug = (self.body.attributes.flags & SGX_FLAG_DEBUG) != 0;
	return CONCLAVE_OK;
}

/* SHA-512(SubjectPublicKeyInfo of the signing key || mail key || nonce):
 * docs/spec/instance-info.md. The SPKI of Ed25519 is these twelve bytes and the key (RFC 8410). */
static void report_data(uint8_t out[64], struct bytes nonce)
{
	static const uint8_t spki[12] = {
		0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
	uint8_t bound[sizeof(spki) + 32 + 32 + FRAME_NONCE_SIZE];
	struct writer writer = writer_of((struct buffer){bound, sizeof(bound)});
	struct sha512 digest;

	write_bytes(&writer, BYTES_OF(spki));
	write_bytes(&writer, BYTES_OF(the_keys.signing_public.bytes));
	write_bytes(&writer, BYTES_OF(the_keys.mail_public.bytes));
	write_bytes(&writer, nonce);
	ASSERT(!writer.failed);
	sha512(&digest, writer_bytes(&writer));
	memcpy(out, digest.bytes, 64);
}

void keys_report(struct sgx_report *out, const struct sgx_targetinfo *target, struct bytes nonce)
{
	_Alignas(ENCLU_ALIGN_REPORT) struct sgx_report report;
	_Alignas(ENCLU_ALIGN_TARGETINFO) struct sgx_targetinfo aligned = *target;
	_Alignas(ENCLU_ALIGN_REPORTDATA) uint8_t data[64];

	report_data(data, nonce);
	enclu_ereport(&report, &aligned, data);
	*out = report;
}
