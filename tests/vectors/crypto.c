/* Wycheproof's vectors through the façade. Built twice: over the implementation for an operating
 * system (CRYPTO_OS) and over the one for enclaves. Source: C2SP/wycheproof testvectors_v1. */
#include "vectors/json.h"

#include "crypto/crypto.h"

typedef void (*case_test)(const json_t *group, const json_t *test, bool valid);

/* Every case of a file; `acceptable` ones are left to the case to judge by its flags. */
static void run_file(const char *name, case_test check)
{
	json_t *root = vectors_load(name);
	size_t i, k, count = 0;
	json_t *group, *test;
	json_array_foreach(json_object_get(root, "testGroups"), i, group)
	{
		json_array_foreach(json_object_get(group, "tests"), k, test)
		{
			vectors_forget();
			check(group, test, strcmp(json_text(test, "result"), "invalid") != 0);
			count++;
		}
	}
	assert_int_equal(count, json_integer_value(json_object_get(root, "numberOfTests")));
	json_decref(root);
}

#define CASE_ASSERT(test, condition)                                                 \
	do {                                                                         \
		if (!(condition))                                                    \
			fail_msg("tcId %lld (%s): " #condition,                      \
				json_integer_value(json_object_get((test), "tcId")), \
				json_text((test), "comment"));                       \
	} while (0)

static bool has_flag(const json_t *test, const char *flag)
{
	size_t i;
	json_t *value;
	json_array_foreach(json_object_get(test, "flags"), i,
		value) if (strcmp(json_string_value(value), flag) == 0) return true;
	return false;
}

/* We refuse what RFC 7748 allows to refuse (a shared secret of zero) and, stricter, public keys
 * that are not canonical. Every other public key must work, points of the twist included. */
static void x25519_case(const json_t *group, const json_t *test, bool valid)
{
	(void)group, (void)valid;
	struct x25519_secret secret;
	struct x25519_public peer;
	struct x25519_shared wanted, shared;
	json_into(&secret, sizeof(secret), test, "private");
	json_into(&peer, sizeof(peer), test, "public");
	json_into(&wanted, sizeof(wanted), test, "shared");
	bool refused = has_flag(test, "NonCanonicalPublic") || has_flag(test, "LowOrderPublic") ||
		       has_flag(test, "ZeroSharedSecret");
	enum conclave_error error = x25519(&shared, &secret, &peer);
	CASE_ASSERT(test, error == (refused ? CONCLAVE_ERROR_KEY : CONCLAVE_OK));
	if (!refused)
		CASE_ASSERT(test, bytes_equal(BYTES_OF(shared), BYTES_OF(wanted)));
}

static void x25519_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/x25519_test.json", x25519_case);
}

static void aes_gcm_case(const json_t *group, const json_t *test, bool valid)
{
	if (json_integer_value(json_object_get(group, "keySize")) != 256 ||
		json_integer_value(json_object_get(group, "ivSize")) != 96 ||
		json_integer_value(json_object_get(group, "tagSize")) != 128)
		return;
	struct aes256_key key;
	json_into(&key, sizeof(key), test, "key");
	struct bytes nonce = json_bytes(test, "iv"), ad = json_bytes(test, "aad");
	struct bytes message = json_bytes(test, "msg");
	struct bytes ciphertext = json_bytes(test, "ct");
	struct bytes tag = json_bytes(test, "tag"); /* lies right behind it in the pool */
	struct bytes sealed = bytes_of(ciphertext.ptr, ciphertext.len + tag.len);

	struct aes256_gcm gcm;
	aes256_gcm_init(&gcm, &key);
	uint8_t out[1024];
	enum conclave_error error = aes256_gcm_open(out, &gcm, nonce.ptr, ad, sealed);
	CASE_ASSERT(test, error == (valid ? CONCLAVE_OK : CONCLAVE_ERROR_AUTH));
	if (!valid) {
		CASE_ASSERT(test, ct_all_zero(out, ciphertext.len));
		return;
	}
	CASE_ASSERT(test, bytes_equal(bytes_of(out, message.len), message));
	aes256_gcm_seal(out, &gcm, nonce.ptr, ad, message);
	CASE_ASSERT(test, bytes_equal(bytes_of(out, sealed.len), sealed));
	/* And in place. */
	CASE_ASSERT(test, aes256_gcm_open(out, &gcm, nonce.ptr, ad, bytes_of(out, sealed.len)) ==
				  CONCLAVE_OK);
	CASE_ASSERT(test, bytes_equal(bytes_of(out, message.len), message));
	aes256_gcm_seal(out, &gcm, nonce.ptr, ad, bytes_of(out, message.len));
	CASE_ASSERT(test, bytes_equal(bytes_of(out, sealed.len), sealed));
}

static void aes_gcm_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/aes_gcm_test.json", aes_gcm_case);
}

static void hmac_case(const json_t *group, const json_t *test, bool valid)
{
	(void)group;
	struct sha256 mac;
	hmac_sha256(&mac, json_bytes(test, "key"), json_bytes(test, "msg"));
	struct bytes tag = json_bytes(test, "tag"); /* some are shortened */
	CASE_ASSERT(test, bytes_equal(bytes_of(&mac, tag.len), tag) == valid);
}

static void hmac_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/hmac_sha256_test.json", hmac_case);
}

static void hkdf_case(const json_t *group, const json_t *test, bool valid)
{
	(void)group;
	uint8_t out[255 * 32 + 1];
	size_t size = (size_t)json_integer_value(json_object_get(test, "size"));
	assert_true(size <= sizeof(out));
	enum conclave_error error = hkdf_sha256((struct buffer){out, size},
		json_bytes(test, "salt"), json_bytes(test, "ikm"), json_bytes(test, "info"));
	CASE_ASSERT(test, error == (valid ? CONCLAVE_OK : CONCLAVE_ERROR_ARGUMENT));
	if (valid)
		CASE_ASSERT(test, bytes_equal(bytes_of(out, size), json_bytes(test, "okm")));
}

static void hkdf_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/hkdf_sha256_test.json", hkdf_case);
}

static void ed25519_case(const json_t *group, const json_t *test, bool valid)
{
	struct ed25519_public key;
	struct ed25519_signature signature;
	json_into(&key, sizeof(key), json_object_get(group, "publicKey"), "pk");
	struct bytes given = json_bytes(test, "sig");
	if (given.len != sizeof(signature)) {
		CASE_ASSERT(test, !valid);
		return;
	}
	memcpy(&signature, given.ptr, sizeof(signature));
	CASE_ASSERT(test, ed25519_verify(&key, json_bytes(test, "msg"), &signature) ==
				  (valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE));
}

static void ed25519_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/ed25519_test.json", ed25519_case);
}

/* The signature of a case into `out`; false when it has another size, which makes it invalid. */
static bool signature_of(void *out, size_t size, const json_t *test, bool valid)
{
	struct bytes given = json_bytes(test, "sig");
	if (given.len != size) {
		CASE_ASSERT(test, !valid);
		return false;
	}
	memcpy(out, given.ptr, size);
	return true;
}

/* x || y of an uncompressed point. */
static void point_of(void *out, size_t size, const json_t *group)
{
	struct bytes point = json_bytes(json_object_get(group, "publicKey"), "uncompressed");
	assert_int_equal(point.len, 1 + size);
	memcpy(out, point.ptr + 1, size);
}

static void p256_case(const json_t *group, const json_t *test, bool valid)
{
	struct p256_public key;
	struct p256_signature signature;
	point_of(&key, sizeof(key), group);
	if (signature_of(&signature, sizeof(signature), test, valid))
		CASE_ASSERT(test, p256_verify(&key, json_bytes(test, "msg"), &signature) ==
					  (valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE));
}

static void p256_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", p256_case);
}

#ifdef CRYPTO_OS

static void cmac_case(const json_t *group, const json_t *test, bool valid)
{
	struct aes128_key key;
	if (json_integer_value(json_object_get(group, "keySize")) != 8 * sizeof(key))
		return;
	json_into(&key, sizeof(key), test, "key");
	struct aes_cmac mac;
	aes128_cmac(&mac, &key, json_bytes(test, "msg"));
	CASE_ASSERT(test, bytes_equal(BYTES_OF(mac), json_bytes(test, "tag")) == valid);
}

static void cmac_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/aes_cmac_test.json", cmac_case);
}

static void p384_case(const json_t *group, const json_t *test, bool valid)
{
	struct p384_public key;
	struct p384_signature signature;
	point_of(&key, sizeof(key), group);
	if (!signature_of(&signature, sizeof(signature), test, valid))
		return;
	struct bytes message = json_bytes(test, "msg"), first = bytes_slice(message, 0, 3);
	struct bytes rest = bytes_slice(message, first.len, message.len);
	const enum conclave_error wanted = valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE;
	CASE_ASSERT(test, p384_verify(&key, message, &signature) == wanted);
	CASE_ASSERT(test, p384_verify_pieces(&key, first, rest, &signature) == wanted);
}

static void p384_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/ecdsa_secp384r1_sha384_p1363_test.json", p384_case);
}

/* The modulus without the zero of its sign. */
static struct bytes modulus_of(const json_t *group)
{
	const json_t *key = json_object_get(group, "publicKey");
	struct bytes n = json_bytes(key, "modulus");
	assert_string_equal(json_text(key, "publicExponent"), "010001");
	assert_int_equal(n.ptr[0], 0);
	return bytes_slice(n, 1, n.len - 1);
}

static void pss_case(const json_t *group, const json_t *test, bool valid)
{
	CASE_ASSERT(test, rsa4096_pss_verify(modulus_of(group), json_bytes(test, "msg"),
				  json_bytes(test, "sig")) ==
				  (valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE));
}

static void pss_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/rsa_pss_4096_sha384_mgf1_48_test.json", pss_case);
}

/* Keys of another size are no keys for it; of signatures with another padding none passes but 259,
 * which is PSS with this very hash and salt. */
static void pss_other_case(const json_t *group, const json_t *test, bool valid)
{
	(void)valid;
	enum conclave_error wanted = CONCLAVE_ERROR_KEY;
	if (json_integer_value(json_object_get(group, "keySize")) == 4096)
		wanted = json_integer_value(json_object_get(test, "tcId")) == 259
				 ? CONCLAVE_OK
				 : CONCLAVE_ERROR_SIGNATURE;
	CASE_ASSERT(test, rsa4096_pss_verify(modulus_of(group), json_bytes(test, "msg"),
				  json_bytes(test, "sig")) == wanted);
}

static void pss_other_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/rsa_pss_misc_test.json", pss_other_case);
	run_file("wycheproof/rsa_pss_2048_sha384_mgf1_48_test.json", pss_other_case);
	run_file("wycheproof/rsa_signature_4096_sha384_test.json", pss_other_case);
}

/* The one acceptable case, an algorithm identifier without its NULL, is not acceptable here; one
 * group has the exponent 3. */
static void rsa2048_case(const json_t *group, const json_t *test, bool valid)
{
	if (strcmp(json_text(json_object_get(group, "publicKey"), "publicExponent"), "03") == 0)
		return;
	valid = valid && strcmp(json_text(test, "result"), "acceptable") != 0;
	CASE_ASSERT(test, rsa2048_verify(modulus_of(group), json_bytes(test, "msg"),
				  json_bytes(test, "sig")) ==
				  (valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE));
}

static void rsa2048_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/rsa_signature_2048_sha256_test.json", rsa2048_case);
}

/* RSA keys of the file have the exponent 65537, but for one group with 3, which is ours. */
static void rsa_case(const json_t *group, const json_t *test, bool valid)
{
	const json_t *key = json_object_get(group, "publicKey");
	if (strcmp(json_text(key, "publicExponent"), "03") != 0)
		return;
	uint8_t modulus[RSA3072_SIZE], signature[RSA3072_SIZE];
	struct bytes n = json_bytes(key, "modulus"), s = json_bytes(test, "sig");
	assert_int_equal(n.len, 1 + RSA3072_SIZE); /* a sign byte in front */
	assert_int_equal(s.len, RSA3072_SIZE);
	for (size_t i = 0; i < RSA3072_SIZE; i++) {
		modulus[i] = n.ptr[n.len - 1 - i];
		signature[i] = s.ptr[s.len - 1 - i];
	}
	CASE_ASSERT(test, rsa3072_verify(modulus, json_bytes(test, "msg"), signature) ==
				  (valid ? CONCLAVE_OK : CONCLAVE_ERROR_SIGNATURE));
}

static void rsa_vectors(void **state)
{
	(void)state;
	run_file("wycheproof/rsa_signature_3072_sha256_test.json", rsa_case);
}

/* The helpers of a SIGSTRUCT that Fortanix's tools signed. Source: fortanix/rust-sgx, sgxs/tests.
 */
static void q1_q2_vector(void **state)
{
	(void)state;
	uint8_t modulus[RSA3072_SIZE], signature[RSA3072_SIZE], wanted[RSA3072_SIZE];
	uint8_t q1[RSA3072_SIZE], q2[RSA3072_SIZE];
	vectors_file(modulus, sizeof(modulus), "sgx/fortanix-sgxs-sig1.key_n.bin");
	vectors_file(signature, sizeof(signature), "sgx/fortanix-sgxs-sig1.sig.bin");
	assert_int_equal(rsa3072_q1_q2(q1, q2, modulus, signature), CONCLAVE_OK);
	vectors_file(wanted, sizeof(wanted), "sgx/fortanix-sgxs-sig1.q1.bin");
	assert_memory_equal(q1, wanted, sizeof(wanted));
	vectors_file(wanted, sizeof(wanted), "sgx/fortanix-sgxs-sig1.q2.bin");
	assert_memory_equal(q2, wanted, sizeof(wanted));
}

#endif

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
#ifdef CRYPTO_VAES
	if (!__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("vpclmulqdq")) {
		puts("skipped: this processor has no VAES");
		return 77;
	}
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x25519_vectors),
		cmocka_unit_test(aes_gcm_vectors),
		cmocka_unit_test(hmac_vectors),
		cmocka_unit_test(hkdf_vectors),
		cmocka_unit_test(ed25519_vectors),
		cmocka_unit_test(p256_vectors),
#ifdef CRYPTO_OS
		cmocka_unit_test(cmac_vectors),
		cmocka_unit_test(p384_vectors),
		cmocka_unit_test(pss_vectors),
		cmocka_unit_test(pss_other_vectors),
		cmocka_unit_test(rsa2048_vectors),
		cmocka_unit_test(rsa_vectors),
		cmocka_unit_test(q1_q2_vector),
#endif
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
