/* The façade against the examples of its standards, and what it promises beyond them. Built thrice:
 * over the implementation for an operating system (CRYPTO_OS), and over those for enclaves (one
 * needs VAES: CRYPTO_VAES). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include "crypto/x25519_check.h"

static void from_hex(void *out, size_t size, const char *text)
{
	assert_int_equal(
		hex_decode((struct buffer){out, size}, bytes_of(text, strlen(text))), CONCLAVE_OK);
}

static void assert_hex(const void *value, const char *text)
{
	uint8_t wanted[512];
	from_hex(wanted, strlen(text) / 2, text);
	assert_memory_equal(value, wanted, strlen(text) / 2);
}

/* FIPS 180-4's examples, as NIST's "Examples with Intermediate Values" has them. */
static void hashes_the_standard_examples(void **state)
{
	(void)state;
	struct sha256 digest;
	struct sha512 longer;
	sha256(&digest, BYTES_LIT("abc"));
	assert_hex(&digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256(&digest, BYTES_LIT(""));
	assert_hex(&digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256(&digest, bytes_of(NULL, 0));
	assert_hex(&digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha512(&longer, BYTES_LIT("abc"));
	assert_hex(&longer, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	sha512(&longer, bytes_of(NULL, 0));
	assert_hex(&longer, "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
			    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
}

static void hashes_the_same_in_pieces(void **state)
{
	(void)state;
	static uint8_t text[300];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	struct sha256 whole, pieces;
	sha256(&whole, BYTES_OF(text));
	for (size_t step = 1; step < sizeof(text); step++) {
		struct sha256_state hash;
		sha256_init(&hash);
		for (size_t i = 0; i < sizeof(text); i += step)
			sha256_update(&hash, bytes_slice(BYTES_OF(text), i, step));
		sha256_update(&hash, bytes_of(NULL, 0));
		sha256_final(&pieces, &hash);
		assert_memory_equal(&pieces, &whole, sizeof(whole));
	}
}

/* RFC 4231 §4.3 and §4.7 (a key longer than a block), RFC 5869 A.1 and A.3. */
static void authenticates_and_derives_the_rfc_examples(void **state)
{
	(void)state;
	struct sha256 mac;
	uint8_t long_key[131], key[22], salt[13], info[10], out[42];
	hmac_sha256(&mac, BYTES_LIT("Jefe"), BYTES_LIT("what do ya want for nothing?"));
	assert_hex(&mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(long_key, 0xaa, sizeof(long_key));
	hmac_sha256(&mac, BYTES_OF(long_key),
		BYTES_LIT("Test Using Larger Than Block-Size Key - Hash Key First"));
	assert_hex(&mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");

	memset(key, 0x0b, sizeof(key));
	from_hex(salt, sizeof(salt), "000102030405060708090a0b0c");
	from_hex(info, sizeof(info), "f0f1f2f3f4f5f6f7f8f9");
	struct buffer space = {out, sizeof(out)};
	assert_int_equal(
		hkdf_sha256(space, BYTES_OF(salt), BYTES_OF(key), BYTES_OF(info)), CONCLAVE_OK);
	assert_hex(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5"
			"b887185865");
	assert_int_equal(
		hkdf_sha256(space, BYTES_LIT(""), BYTES_OF(key), BYTES_LIT("")), CONCLAVE_OK);
	assert_hex(out, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395fa"
			"a4b61a96c8");

	static uint8_t most[255 * 32 + 1];
	assert_int_equal(hkdf_sha256((struct buffer){most, 255 * 32}, BYTES_LIT(""), BYTES_LIT("k"),
				 BYTES_LIT("")),
		CONCLAVE_OK);
	assert_int_equal(hkdf_sha256((struct buffer){most, sizeof(most)}, BYTES_LIT(""),
				 BYTES_LIT("k"), BYTES_LIT("")),
		CONCLAVE_ERROR_ARGUMENT);
}

/* RFC 7748 §5.2, one thousand iterations; and §6.1. */
static void agrees_on_secrets_as_rfc_7748(void **state)
{
	(void)state;
	struct x25519_secret k, alice, bob;
	struct x25519_public u, alice_public, bob_public;
	struct x25519_shared shared;
	from_hex(&k, 32, "0900000000000000000000000000000000000000000000000000000000000000");
	memcpy(&u, &k, 32);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(x25519(&shared, &k, &u), CONCLAVE_OK);
		memcpy(&u, &k, 32);
		u.bytes[31] &= 0x7f; /* a scalar of the RFC serves as a point with bit 255 masked */
		memcpy(&k, &shared, 32);
	}
	assert_hex(&k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");

	from_hex(&alice, 32, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
	from_hex(&bob, 32, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	x25519_public(&alice_public, &alice);
	x25519_public(&bob_public, &bob);
	assert_hex(
		&alice_public, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	assert_hex(&bob_public, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	assert_int_equal(x25519(&shared, &alice, &bob_public), CONCLAVE_OK);
	assert_hex(&shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void refuses_public_keys_that_give_no_secret(void **state)
{
	(void)state;
	static const char *const refused[] = {
		/* the points of low order */
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		/* not below p = ed ff … ff 7f */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		/* bit 255, over points that are fine without it, and over p */
		"0900000000000000000000000000000000000000000000000000000000000080",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	static const char *const fine[] = {
		"0200000000000000000000000000000000000000000000000000000000000000",
		"0900000000000000000000000000000000000000000000000000000000000000",
		"ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f7f",
	};
	struct x25519_secret secret = {{1, 2, 3}};
	struct x25519_public peer;
	struct x25519_shared shared = {{0xab}};
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		from_hex(&peer, sizeof(peer), refused[i]);
		assert_int_equal(x25519(&shared, &secret, &peer), CONCLAVE_ERROR_KEY);
		/* By us, whatever the library beneath would have said. */
		assert_int_equal(x25519_check(&peer), CONCLAVE_ERROR_KEY);
	}
	assert_int_equal(shared.bytes[0], 0xab); /* written only on success */
	for (size_t i = 0; i < ARRAY_COUNT(fine); i++) {
		from_hex(&peer, sizeof(peer), fine[i]);
		assert_int_equal(x25519(&shared, &secret, &peer), CONCLAVE_OK);
	}
}

/* RFC 8032 §7.1, tests 1 and 3. */
static void signs_as_rfc_8032(void **state)
{
	(void)state;
	struct ed25519_seed seed;
	struct ed25519_public key;
	struct ed25519_signature signature;
	from_hex(&seed, 32, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
	ed25519_public(&key, &seed);
	assert_hex(&key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	ed25519_sign(&signature, &seed, bytes_of(NULL, 0));
	assert_hex(&signature, "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
			       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
	assert_int_equal(ed25519_verify(&key, bytes_of(NULL, 0), &signature), CONCLAVE_OK);

	from_hex(&seed, 32, "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
	ed25519_public(&key, &seed);
	assert_hex(&key, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
	ed25519_sign(&signature, &seed, BYTES_LIT("\xaf\x82"));
	assert_hex(&signature, "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
			       "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
	assert_int_equal(ed25519_verify(&key, BYTES_LIT("\xaf\x82"), &signature), CONCLAVE_OK);
	assert_int_equal(
		ed25519_verify(&key, BYTES_LIT("\xaf\x83"), &signature), CONCLAVE_ERROR_SIGNATURE);
	signature.bytes[63] ^= 1;
	assert_int_equal(
		ed25519_verify(&key, BYTES_LIT("\xaf\x82"), &signature), CONCLAVE_ERROR_SIGNATURE);
}

/* The GCM specification's test case 16 (McGrew and Viega, appendix B). */
static void seals_as_the_gcm_specification(void **state)
{
	(void)state;
	struct aes256_key key;
	struct aes256_gcm gcm;
	uint8_t nonce[AES_GCM_NONCE_SIZE], ad[20], text[60], out[76];
	from_hex(&key, 32, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
	from_hex(nonce, sizeof(nonce), "cafebabefacedbaddecaf888");
	from_hex(ad, sizeof(ad), "feedfacedeadbeeffeedfacedeadbeefabaddad2");
	from_hex(text, sizeof(text),
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
	aes256_gcm_init(&gcm, &key);
	aes256_gcm_seal(out, &gcm, nonce, BYTES_OF(ad), BYTES_OF(text));
	assert_hex(out, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
			"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
			"76fc6ece0f4e1768cddf8853bb2d551b");
}

/* Every length up to several of the blocks that vectorised code works in, in place and not, and
 * every kind of change noticed. */
static void opens_what_it_seals_at_every_length(void **state)
{
	(void)state;
	static uint8_t text[1100], sealed[1116], opened[1100];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 31 + 7);
	const struct aes256_key key = {{1, 2, 3}};
	const uint8_t nonce[AES_GCM_NONCE_SIZE] = {9};
	struct aes256_gcm gcm;
	aes256_gcm_init(&gcm, &key);
	for (size_t size = 0; size <= sizeof(text); size++) {
		struct bytes ad = bytes_of(text, size % 37), all = bytes_of(sealed, size + 16);
		aes256_gcm_seal(sealed, &gcm, nonce, ad, bytes_of(text, size));
		assert_int_equal(aes256_gcm_open(opened, &gcm, nonce, ad, all), CONCLAVE_OK);
		assert_memory_equal(opened, text, size);

		sealed[size * 7 % all.len] ^= 0x10;
		assert_int_equal(
			aes256_gcm_open(opened, &gcm, nonce, ad, all), CONCLAVE_ERROR_AUTH);
		assert_true(ct_all_zero(opened, size));
		sealed[size * 7 % all.len] ^= 0x10;
		assert_int_equal(aes256_gcm_open(sealed, &gcm, nonce, ad, all), CONCLAVE_OK);
		assert_memory_equal(sealed, text, size);
	}
	assert_int_equal(aes256_gcm_open(opened, &gcm, nonce, BYTES_LIT(""), bytes_of(sealed, 15)),
		CONCLAVE_ERROR_TRUNCATED);
}

/* RFC 6979 A.2.5, P-256 with SHA-256, message "sample". */
static const char P256_KEY[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
			       "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char P256_SIGNATURE[] =
	"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
	"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

static void verifies_as_rfc_6979(void **state)
{
	(void)state;
	struct p256_public key;
	struct p256_signature signature;
	from_hex(&key, sizeof(key), P256_KEY);
	from_hex(&signature, sizeof(signature), P256_SIGNATURE);
	assert_int_equal(p256_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_OK);
	assert_int_equal(
		p256_verify(&key, BYTES_LIT("simple"), &signature), CONCLAVE_ERROR_SIGNATURE);
	struct p256_signature zero = {0};
	assert_int_equal(p256_verify(&key, BYTES_LIT("sample"), &zero), CONCLAVE_ERROR_SIGNATURE);
	key.bytes[63] ^= 1; /* off the curve */
	assert_int_equal(p256_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_ERROR_KEY);
	memset(&key, 0, sizeof(key));
	assert_int_equal(p256_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_ERROR_KEY);
}

static void randomness_fills_exactly_what_it_is_given(void **state)
{
	(void)state;
	uint8_t all[64] = {0}, seen[64] = {0};
	for (size_t round = 0; round < 32; round++) {
		assert_int_equal(crypto_random((struct buffer){all + 1, 61}), CONCLAVE_OK);
		for (size_t i = 0; i < sizeof(all); i++)
			seen[i] |= all[i];
	}
	/* A byte that was filled 32 times is all zeros with probability 2^-256. */
	for (size_t i = 0; i < sizeof(all); i++)
		assert_int_equal(seen[i] != 0, i >= 1 && i < 62);
	assert_int_equal(crypto_random((struct buffer){NULL, 0}), CONCLAVE_OK);
}

#ifdef CRYPTO_OS

static void hashes_384_and_authenticates_with_aes(void **state)
{
	(void)state;
	struct sha384 digest;
	sha384(&digest, BYTES_LIT("abc"));
	assert_hex(&digest, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
			    "8086072ba1e7cc2358baeca134c825a7");
	/* RFC 4493 §4, examples 1 to 3 */
	struct aes128_key key;
	struct aes_cmac mac;
	uint8_t message[40];
	from_hex(&key, sizeof(key), "2b7e151628aed2a6abf7158809cf4f3c");
	from_hex(message, sizeof(message),
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411");
	aes128_cmac(&mac, &key, bytes_of(NULL, 0));
	assert_hex(&mac, "bb1d6929e95937287fa37d129b756746");
	aes128_cmac(&mac, &key, bytes_of(message, 16));
	assert_hex(&mac, "070a16b46b4d4144f79bdd9dd04a287c");
	aes128_cmac(&mac, &key, BYTES_OF(message));
	assert_hex(&mac, "dfa66747de9ae63030ca32611497c827");
}

static void p256_keys_sign_and_bad_ones_are_refused(void **state)
{
	(void)state;
	struct p256_secret secret;
	struct p256_public key, derived;
	struct p256_signature signature;
	from_hex(&secret, 32, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
	assert_int_equal(p256_public_of(&key, &secret), CONCLAVE_OK);
	assert_hex(&key, P256_KEY);
	assert_int_equal(p256_sign(&signature, &secret, BYTES_LIT("m")), CONCLAVE_OK);
	assert_int_equal(p256_verify(&key, BYTES_LIT("m"), &signature), CONCLAVE_OK);

	assert_int_equal(p256_generate(&secret, &key), CONCLAVE_OK);
	assert_int_equal(p256_public_of(&derived, &secret), CONCLAVE_OK);
	assert_memory_equal(&derived, &key, sizeof(key));

	memset(&secret, 0, sizeof(secret));
	assert_int_equal(p256_public_of(&key, &secret), CONCLAVE_ERROR_KEY);
	/* The order of the group, and the number before it. */
	from_hex(&secret, 32, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
	assert_int_equal(p256_sign(&signature, &secret, BYTES_LIT("m")), CONCLAVE_ERROR_KEY);
	secret.bytes[31]--;
	assert_int_equal(p256_public_of(&key, &secret), CONCLAVE_OK);
}

/* RFC 6979 A.2.6, P-384 with SHA-384, message "sample". */
static const char P384_KEY[] = "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e"
			       "06aae5286b300c64def8f0ea9055866064a254515480bc13"
			       "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9"
			       "f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720";
static const char P384_SIGNATURE[] = "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
				     "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
				     "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
				     "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8";

static void verifies_p384_as_rfc_6979(void **state)
{
	(void)state;
	struct p384_public key;
	struct p384_signature signature, zero = {0};
	from_hex(&key, sizeof(key), P384_KEY);
	from_hex(&signature, sizeof(signature), P384_SIGNATURE);
	assert_int_equal(p384_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_OK);
	assert_int_equal(
		p384_verify(&key, BYTES_LIT("simple"), &signature), CONCLAVE_ERROR_SIGNATURE);
	assert_int_equal(p384_verify(&key, BYTES_LIT("sample"), &zero), CONCLAVE_ERROR_SIGNATURE);
	key.bytes[95] ^= 1; /* off the curve */
	assert_int_equal(p384_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_ERROR_KEY);
	memset(&key, 0, sizeof(key));
	assert_int_equal(p384_verify(&key, BYTES_LIT("sample"), &signature), CONCLAVE_ERROR_KEY);
}

/* Signatures that are good are among the vectors. */
static void rsa_of_others_takes_one_size_of_key(void **state)
{
	(void)state;
	uint8_t modulus[RSA4096_SIZE + 1], signature[RSA4096_SIZE] = {0};
	const struct bytes message = BYTES_LIT("m");
	static const struct {
		size_t size;
		uint8_t first, last;
		enum conclave_error error_4096, error_2048;
	} rows[] = {
		{512, 0x80, 0x01, CONCLAVE_ERROR_SIGNATURE, CONCLAVE_ERROR_KEY},
		{512, 0x80, 0x02, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY}, /* even */
		{512, 0x7f, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY}, /* 4095 bits */
		{511, 0x80, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY},
		{513, 0x80, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY},
		{256, 0x80, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_SIGNATURE},
		{256, 0x80, 0x02, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY},
		{256, 0x7f, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY},
		{0, 0x80, 0x01, CONCLAVE_ERROR_KEY, CONCLAVE_ERROR_KEY},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(modulus, 0x55, sizeof(modulus));
		modulus[0] = rows[i].first;
		modulus[rows[i].size > 0 ? rows[i].size - 1 : 0] = rows[i].last;
		struct bytes key = bytes_of(modulus, rows[i].size);
		struct bytes sized = bytes_of(signature, rows[i].size % RSA4096_SIZE);
		assert_int_equal(
			rsa4096_pss_verify(key, message, BYTES_OF(signature)), rows[i].error_4096);
		assert_int_equal(rsa4096_pss_verify(key, message, sized), rows[i].error_4096);
		assert_int_equal(rsa2048_verify(key, message, sized), rows[i].error_2048);
	}
}

static void rsa_keys_sign_and_survive_a_file(void **state)
{
	(void)state;
	struct rsa3072_secret *secret = NULL, *again = NULL;
	uint8_t modulus[RSA3072_SIZE], same[RSA3072_SIZE], signature[RSA3072_SIZE];
	assert_int_equal(rsa3072_generate(&secret), CONCLAVE_OK);
	rsa3072_modulus(modulus, secret);
	assert_int_equal(rsa3072_sign(signature, secret, BYTES_LIT("material")), CONCLAVE_OK);
	assert_int_equal(rsa3072_verify(modulus, BYTES_LIT("material"), signature), CONCLAVE_OK);
	assert_int_equal(rsa3072_verify(modulus, BYTES_LIT("Material"), signature),
		CONCLAVE_ERROR_SIGNATURE);

	static uint8_t pem[8192];
	struct writer text = writer_of((struct buffer){pem, sizeof(pem)});
	assert_int_equal(rsa3072_write(&text, secret), CONCLAVE_OK);
	assert_memory_equal(pem, "-----BEGIN PRIVATE KEY-----", 27);
	assert_int_equal(rsa3072_read(&again, writer_bytes(&text)), CONCLAVE_OK);
	rsa3072_modulus(same, again);
	assert_memory_equal(same, modulus, sizeof(modulus));
	struct writer short_text = writer_of((struct buffer){pem, 100});
	assert_int_equal(rsa3072_write(&short_text, secret), CONCLAVE_ERROR_SPACE);
	rsa3072_free(again);
	rsa3072_free(secret);
	rsa3072_free(NULL);

	signature[0] ^= 1;
	assert_int_equal(rsa3072_verify(modulus, BYTES_LIT("material"), signature),
		CONCLAVE_ERROR_SIGNATURE);
	modulus[0] &= 0xfe; /* even */
	assert_int_equal(
		rsa3072_verify(modulus, BYTES_LIT("material"), signature), CONCLAVE_ERROR_KEY);
}

/* Keys made with OpenSSL's command: a curve, 2048 bits, and 3072 bits but with exponent 65537. */
static void rsa_takes_only_keys_that_sigstruct_takes(void **state)
{
	(void)state;
	struct rsa3072_secret *secret = NULL;
	uint8_t modulus[RSA3072_SIZE];
	static const char curve[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
		"-----END PRIVATE KEY-----\n";
	static const char curve_public[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
		"-----END PUBLIC KEY-----\n";
	static const char rsa_2048[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEA5iiNNnwk2qaP2nXAxx1/\n"
		"slf3xSHEZiK4/VVLqnMwOXDBLdbwk9njNu8srQBlbCFSg3DUUAYv2ZYdnZCFnn0s\n"
		"H7lhJoSkkY85NQw4lvx88lHiW0HKjW9F4L2BwBN3rAUWbL3pFt6dN165g6OoPL4G\n"
		"Pfa6oyganPCEO7AFnsA+rpXAUWDhWqQc9LUCMdngTroWZowiIIk3tRUKOd+K4JvD\n"
		"ez8BbgQEp3rKVCeMHQ2vcsE2J1ENaaHBMw56eQD4ZJq3naBJiIRMcA4qrjTrtfkD\n"
		"yVbRdwQCXkk0SIX79sh8sqYWNmXdVg3+DWQGFdDE8S+H/qk21n1/qgd++8R26xSR\n"
		"nQIBAw==\n"
		"-----END PUBLIC KEY-----\n";
	static const char exponent_65537[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA6lMRRcn/uNxBWjYQLyoo\n"
		"X9iBszmvKrKo8SfmR9HvRvo/Q57I7BEUDzo37LkXtBaiq5EdZ+Zc0Ukvy9Qe/f72\n"
		"i71O9Uii0USXc6fr5DUDhHAxhp9+PSkWQ9MsM3LR1MCuzFF4Z/XvUOjDTP8mYPBk\n"
		"1FEyjcKJ8gF1w9qaXBtirPxDNYFUra5VtP5Vpbypzw/tow5465k6/JRSJ39QJwa2\n"
		"xIniIp9MRlHDRNMP1xo9OqscxrEFX6LWeApaYc6B2AnZAatoA6qtYjEDYVApcSMS\n"
		"a85rUSOjvGrPXgcTG4jvWsJYGdEpRdPl7FHPmN8xGiqwbBO+9TUFtpJTRUMvinFg\n"
		"GBUV5LspgRJbFeig/G2XZYuQjUzx+yfmwyw8EwMqsEoy4EOtitp3bsmSvIKByPjk\n"
		"LU/fxNTaFiCnn/NSjNjG9krk1FWsYHv0ovzuvQFrGWKg+GpW2HQ5T11wnKKbPfi8\n"
		"erBxoUvl6hTmsSE4uUERXvaSW+KPJ0KHQNrYkNXjJJCjAgMBAAE=\n"
		"-----END PUBLIC KEY-----\n";
	assert_int_equal(rsa3072_read_public(modulus, BYTES_OF(rsa_2048)), CONCLAVE_ERROR_KEY);
	assert_int_equal(
		rsa3072_read_public(modulus, BYTES_OF(exponent_65537)), CONCLAVE_ERROR_KEY);
	assert_int_equal(rsa3072_read(&secret, BYTES_OF(curve)), CONCLAVE_ERROR_KEY);
	assert_int_equal(rsa3072_read_public(modulus, BYTES_OF(curve_public)), CONCLAVE_ERROR_KEY);
	assert_int_equal(rsa3072_read(&secret, BYTES_LIT("no PEM")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(rsa3072_read(&secret, BYTES_LIT("")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(rsa3072_read_public(modulus, BYTES_OF(curve)), CONCLAVE_ERROR_FORMAT);
	assert_null(secret);
}

/* q1 and q2 of numbers whose quotients are plain: s^2 = q1 * n + r, s * r = q2 * n + …. */
static void q1_and_q2_are_the_quotients(void **state)
{
	(void)state;
	uint8_t n[RSA3072_SIZE] = {0}, s[RSA3072_SIZE] = {0}, q1[RSA3072_SIZE], q2[RSA3072_SIZE];
	uint8_t wanted[RSA3072_SIZE] = {0};
	n[0] = 100;
	s[0] = 97; /* 9409 = 94 * 100 + 9; 97 * 9 = 873 = 8 * 100 + 73 */
	assert_int_equal(rsa3072_q1_q2(q1, q2, n, s), CONCLAVE_OK);
	wanted[0] = 94;
	assert_memory_equal(q1, wanted, sizeof(wanted));
	wanted[0] = 8;
	assert_memory_equal(q2, wanted, sizeof(wanted));
	s[0] = 100;
	assert_int_equal(rsa3072_q1_q2(q1, q2, n, s), CONCLAVE_ERROR_FORMAT);
	n[0] = 0;
	assert_int_equal(rsa3072_q1_q2(q1, q2, n, s), CONCLAVE_ERROR_FORMAT);
}

#endif

static int setup(void **state)
{
	(void)state;
	/* Once more does no harm. */
	return crypto_init() == CONCLAVE_OK && crypto_init() == CONCLAVE_OK ? 0 : -1;
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
		cmocka_unit_test(hashes_the_standard_examples),
		cmocka_unit_test(hashes_the_same_in_pieces),
		cmocka_unit_test(authenticates_and_derives_the_rfc_examples),
		cmocka_unit_test(agrees_on_secrets_as_rfc_7748),
		cmocka_unit_test(refuses_public_keys_that_give_no_secret),
		cmocka_unit_test(signs_as_rfc_8032),
		cmocka_unit_test(seals_as_the_gcm_specification),
		cmocka_unit_test(opens_what_it_seals_at_every_length),
		cmocka_unit_test(verifies_as_rfc_6979),
		cmocka_unit_test(randomness_fills_exactly_what_it_is_given),
#ifdef CRYPTO_OS
		cmocka_unit_test(hashes_384_and_authenticates_with_aes),
		cmocka_unit_test(p256_keys_sign_and_bad_ones_are_refused),
		cmocka_unit_test(verifies_p384_as_rfc_6979),
		cmocka_unit_test(rsa_of_others_takes_one_size_of_key),
		cmocka_unit_test(rsa_keys_sign_and_survive_a_file),
		cmocka_unit_test(rsa_takes_only_keys_that_sigstruct_takes),
		cmocka_unit_test(q1_and_q2_are_the_quotients),
#endif
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
