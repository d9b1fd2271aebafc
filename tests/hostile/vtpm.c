/* A paravisor and a TPM of the tests' own, that lie, one lie per row: each must be refused, at the
 * check whose business it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "attest/snp.h"
#include "attest/vtpm.h"
#include "base/check.h"

/* What a row may spoil, in the order in which it is made into evidence. */
struct plan {
	char keys[2048]; /* of the runtime data, JSON */
	uint32_t header_version, data_version, hardware, hash;
	size_t padding;
	uint32_t magic, selected;
	uint16_t type;
	uint8_t nonce_size;
	size_t trailing; /* bytes after the quote, signed too */
};

static EVP_PKEY *key;
static char modulus[343]; /* in base64url */
static struct plan plan;
static uint8_t blob[HCL_SIZE_MAX + 4096], quote[2048], signature[RSA2048_SIZE];
static uint8_t report_data[64];
static struct vtpm_evidence evidence;

static void plan_genuine(void)
{
	plan = (struct plan){
		.header_version = 2,
		.data_version = 1,
		.hardware = HCL_SNP,
		.hash = 1,
		.padding = 100,
		.magic = 0xff544347,
		.type = 0x8018,
		.selected = 0x80ff,
		.nonce_size = 8,
	};
	snprintf(plan.keys, sizeof(plan.keys),
		"{\"kid\":\"HCLEkPub\"},{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":"
		"\"%s\"}",
		modulus);
}

static void replace(const char *from, const char *to)
{
	char rest[sizeof(plan.keys)];
	char *found = strstr(plan.keys, from);
	assert_non_null(found);
	snprintf(rest, sizeof(rest), "%s", found + strlen(from));
	size_t place = (size_t)(found - plan.keys);
	snprintf(found, sizeof(plan.keys) - place, "%s%s", to, rest);
}

static void make_blob(void)
{
	char runtime[2200];
	struct writer writer = writer_of((struct buffer){blob, sizeof(blob)});
	int size = snprintf(runtime, sizeof(runtime), "{\"keys\":[%s]}", plan.keys);
	struct bytes data = bytes_of(runtime, (size_t)size);
	struct sha256 digest;
	write_bytes(&writer, BYTES_LIT("HCLA"));
	write_u32le(&writer, plan.header_version);
	write_u32le(&writer, (uint32_t)(32 + SNP_REPORT_SIZE + 20 + data.len));
	write_zeros(&writer, 20 + SNP_REPORT_SIZE);
	write_u32le(&writer, (uint32_t)(20 + data.len));
	write_u32le(&writer, plan.data_version);
	write_u32le(&writer, plan.hardware);
	write_u32le(&writer, plan.hash);
	write_u32le(&writer, (uint32_t)data.len);
	write_bytes(&writer, data);
	write_zeros(&writer, plan.padding);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	evidence.blob = writer_bytes(&writer);
	sha256(&digest, data);
	memcpy(report_data, digest.bytes, sizeof(digest));
}

static void make_quote(void)
{
	static const uint8_t name[34], nonce[255];
	struct writer writer = writer_of((struct buffer){quote, sizeof(quote)});
	struct sha256_state state;
	struct sha256 digest;
	sha256_init(&state);
	for (size_t i = 0; i < VTPM_PCR_COUNT; i++) {
		memset(&evidence.pcrs[i], (int)i, sizeof(evidence.pcrs[i]));
		if ((plan.selected >> i & 1) != 0)
			sha256_update(&state, BYTES_OF(evidence.pcrs[i]));
	}
	sha256_final(&digest, &state);
	write_u32be(&writer, plan.magic);
	write_u16be(&writer, plan.type);
	write_lp16(&writer, BYTES_OF(name));
	write_lp16(&writer, bytes_of(nonce, plan.nonce_size));
	write_u64be(&writer, 1234);
	write_u32be(&writer, 5);
	write_u32be(&writer, 6);
	write_u8(&writer, 1);
	write_u64be(&writer, 7);
	write_u32be(&writer, 1);
	write_u16be(&writer, 0x000b);
	write_u8(&writer, 3);
	for (size_t i = 0; i < 3; i++)
		write_u8(&writer, (uint8_t)(plan.selected >> 8 * i));
	write_lp16(&writer, BYTES_OF(digest));
	write_zeros(&writer, plan.trailing);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	evidence.quote = writer_bytes(&writer);
}

static void sign_quote(void)
{
	size_t size = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(context, signature, &size, evidence.quote.ptr, evidence.quote.len),
		1);
	EVP_MD_CTX_free(context);
	evidence.signature = BYTES_OF(signature);
}

static enum conclave_error verify(struct vtpm_claims *claims, enum vtpm_check *failed)
{
	make_blob();
	make_quote();
	sign_quote();
	return vtpm_verify(claims, failed, &evidence, report_data);
}

/* -- lies -- */

static void header_of_version_3(void)
{
	plan.header_version = 3;
}
static void data_of_version_2(void)
{
	plan.data_version = 2;
}
static void hardware_unknown(void)
{
	plan.hardware = 3;
}
static void hash_is_sha384(void)
{
	plan.hash = 2;
}
static void blob_too_large(void)
{
	plan.padding = HCL_SIZE_MAX;
}
static void no_key(void)
{
	replace("HCLAkPub", "HCLBkPub");
}
static void no_keys_at_all(void)
{
	plan.keys[0] = '\0';
}
static void key_twice(void)
{
	replace("HCLEkPub", "HCLAkPub");
}
static void key_without_id(void)
{
	replace("kid", "kia");
}
static void key_of_another_kind(void)
{
	replace("\"RSA\"", "\"EC\"");
}
static void exponent_3(void)
{
	replace("AQAB", "Aw");
}
static void modulus_too_short(void)
{
	replace(modulus, modulus + 1);
}
static void modulus_padded(void)
{
	char padded[sizeof(modulus) + 2];
	snprintf(padded, sizeof(padded), "%s==", modulus);
	replace(modulus, padded);
}
/* The last character has four bits too many, which must be zero. */
static void modulus_with_a_bit_to_spare(void)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char other[sizeof(modulus)];
	memcpy(other, modulus, sizeof(other));
	other[341] = digits[(strchr(digits, other[341]) - digits) | 1];
	assert_true(strcmp(other, modulus) != 0);
	replace(modulus, other);
}
static void modulus_in_another_alphabet(void)
{
	char other[sizeof(modulus)];
	memcpy(other, modulus, sizeof(other));
	other[7] = '+';
	replace(modulus, other);
}
static void not_json(void)
{
	replace("{", "");
}
static void not_of_the_tpm(void)
{
	plan.magic = 0;
}
static void certifies_a_key(void)
{
	plan.type = 0x8017;
}
static void nonce_too_long(void)
{
	plan.nonce_size = VTPM_NONCE_SIZE_MAX + 1;
}
static void nothing_selected(void)
{
	plan.selected = 0;
}
static void bytes_after_quote(void)
{
	plan.trailing = 1;
}
static void quote_too_large(void)
{
	plan.trailing = VTPM_QUOTE_SIZE_MAX;
}

static const struct {
	const char *name;
	void (*spoil)(void);
	enum conclave_error error;
	enum vtpm_check check;
} spoiled[] = {
#define ROW(spoil, error, check)                                          \
	{                                                                 \
#spoil, spoil, CONCLAVE_ERROR_##error, VTPM_CHECK_##check \
	}
	ROW(header_of_version_3, FORMAT, BLOB),
	ROW(data_of_version_2, VERSION, BLOB),
	ROW(hardware_unknown, VERSION, BLOB),
	ROW(hash_is_sha384, VERSION, BLOB),
	ROW(blob_too_large, LIMIT, BLOB),
	ROW(no_key, NOT_FOUND, KEY),
	ROW(no_keys_at_all, NOT_FOUND, KEY),
	ROW(key_twice, FORMAT, KEY),
	ROW(key_without_id, NOT_FOUND, KEY),
	ROW(key_of_another_kind, VERSION, KEY),
	ROW(exponent_3, VERSION, KEY),
	ROW(modulus_too_short, FORMAT, KEY),
	ROW(modulus_padded, FORMAT, KEY),
	ROW(modulus_with_a_bit_to_spare, FORMAT, KEY),
	ROW(modulus_in_another_alphabet, FORMAT, KEY),
	ROW(not_json, FORMAT, KEY),
	ROW(not_of_the_tpm, VERSION, QUOTE),
	ROW(certifies_a_key, VERSION, QUOTE),
	ROW(nonce_too_long, FORMAT, QUOTE),
	ROW(bytes_after_quote, FORMAT, QUOTE),
	ROW(quote_too_large, LIMIT, SIGNATURE),
	ROW(nothing_selected, MISMATCH, PCRS),
};

static void lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(spoiled); i++) {
		struct vtpm_claims claims;
		enum vtpm_check failed;
		plan_genuine();
		spoiled[i].spoil();
		enum conclave_error error = verify(&claims, &failed);
		if (error != spoiled[i].error || failed != spoiled[i].check)
			fail_msg("%s: %s at %s", spoiled[i].name, conclave_error_name(error),
				vtpm_check_text(failed));
	}
}

static void truth(void **state)
{
	struct vtpm_claims claims;
	enum vtpm_check failed;
	(void)state;
	plan_genuine();
	plan.hardware = HCL_TDX;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_OK);
	assert_int_equal(failed, VTPM_CHECK_NONE);
	assert_int_equal(claims.hardware, HCL_TDX);
	assert_int_equal(claims.quote.selected, 0x80ff);
	assert_int_equal(claims.quote.clock_ms, 1234);
	assert_int_equal(claims.quote.reset_count, 5);
	assert_int_equal(claims.quote.restart_count, 6);
	assert_int_equal(claims.quote.firmware_version, 7);
	assert_true(claims.quote.is_clock_safe);
	/* What is not selected is not claimed. */
	assert_int_equal(claims.pcrs[15].bytes[0], 15);
	assert_int_equal(claims.pcrs[14].bytes[0], 0);
	/* The second half of the report's data is nobody's to use. */
	report_data[63] = 1;
	assert_int_equal(
		vtpm_verify(&claims, &failed, &evidence, report_data), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, VTPM_CHECK_BINDING);
}

static void encode_base64url(char *out, struct bytes from)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0, count = 0;
	for (size_t i = 0; i < from.len; i++) {
		bits = bits << 8 | from.ptr[i];
		for (count += 8; count >= 6; count -= 6)
			*out++ = digits[bits >> (count - 6) & 63];
	}
	*out++ = digits[bits << (6 - count) & 63];
	*out = '\0';
}

static int setup(void **state)
{
	uint8_t number[RSA2048_SIZE];
	BIGNUM *n = NULL;
	(void)state;
	key = EVP_RSA_gen(8 * RSA2048_SIZE);
	ASSERT(key != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
	ASSERT(BN_bn2binpad(n, number, sizeof(number)) == sizeof(number));
	BN_free(n);
	encode_base64url(modulus, BYTES_OF(number));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),
		cmocka_unit_test(truth),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
