/* The examples of RFC 8949, Appendix A, and of the COSE working group, good and bad: each is taken
 * or refused as the profile has it. Not ours: read from the folder of shared vectors. */
#include <dirent.h>

#include "vectors/json.h"

#include "attest/cbor.h"
#include "attest/cose.h"

static bool takes_any(struct bytes from)
{
	struct reader reader = reader_of(from);
	(void)cbor_read_any(&reader);
	return cbor_end(&reader) == CONCLAVE_OK;
}

/* What goes in and out unchanged ("roundtrip") is deterministic; of that, the profile leaves out
 * tags, and the simple values but false, true and null. */
static bool is_in_profile(const json_t *example, struct bytes item)
{
	bool is_outside = item.ptr[0] >= 0xc0 && (item.ptr[0] < 0xf4 || item.ptr[0] > 0xf6);
	return json_is_true(json_object_get(example, "roundtrip")) && !is_outside;
}

static void every_cbor_example(void **state)
{
	char path[4096];
	json_t *example;
	size_t i, taken = 0;
	(void)state;
	vectors_path(path, "cose/cbor-test-vectors/appendix_a.json");
	/* It has integers that are too large for a JSON library. */
	json_t *root = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
	assert_non_null(root);
	json_array_foreach(root, i, example)
	{
		struct bytes item = json_bytes(example, "hex");
		if (takes_any(item) != is_in_profile(example, item))
			fail_msg("%s", json_text(example, "hex"));
		for (size_t prefix = 0; prefix < item.len; prefix++)
			assert_false(takes_any(bytes_slice(item, 0, prefix)));
		taken += takes_any(item);
	}
	assert_true(i >= 80 && taken >= 30);
	json_decref(root);
	vectors_forget();
}

/* RFC 4648 §5, without padding. */
static void read_base64url(uint8_t *out, size_t size, const json_t *object, const char *field)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *text = json_text(object, field);
	assert_int_equal(strlen(text), (size * 4 + 2) / 3);
	uint32_t bits = 0;
	for (size_t i = 0, written = 0; text[i] != 0; i++) {
		const char *digit = strchr(digits, text[i]);
		assert_non_null(digit);
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (i % 4 != 0)
			out[written++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
}

static void check_es384(const json_t *signer, struct bytes encoded)
{
	struct p384_public key;
	struct cose_sign1 sign1;
	uint8_t copy[512];
	size_t refused = 0;
	read_base64url(key.bytes, 48, json_object_get(signer, "key"), "x");
	read_base64url(key.bytes + 48, 48, json_object_get(signer, "key"), "y");
	assert_int_equal(cose_sign1_read(&sign1, encoded), CONCLAVE_OK);
	assert_int_equal(cose_sign1_verify(&sign1, &key), CONCLAVE_OK);

	/* Every bit counts, save those of the unprotected header. */
	assert_true(encoded.len <= sizeof(copy));
	memcpy(copy, encoded.ptr, encoded.len);
	for (size_t i = 0; i < encoded.len; i++) {
		const uint8_t *unprotected = sign1.unprotected_header.ptr;
		if (encoded.ptr + i >= unprotected &&
			encoded.ptr + i < unprotected + sign1.unprotected_header.len)
			continue;
		struct cose_sign1 changed;
		copy[i] ^= 1;
		if (cose_sign1_read(&changed, bytes_of(copy, encoded.len)) == CONCLAVE_OK)
			assert_int_not_equal(cose_sign1_verify(&changed, &key), CONCLAVE_OK);
		copy[i] ^= 1;
		refused++;
	}
	assert_true(refused > 100);
}

static void check_signed_bytes(const json_t *example, const struct cose_sign1 *sign1)
{
	uint8_t space[128];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct bytes wanted = json_bytes(json_object_get(example, "intermediates"), "ToBeSign_hex");
	cose_write_signed_prefix(&writer, sign1);
	write_bytes(&writer, sign1->payload);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&writer), wanted));
	assert_true(sign1->protected_header.len + 22 + 9 <=
		    COSE_SIGNED_PREFIX_SIZE(sign1->protected_header.len));
}

/* Of the algorithms only ES384 is taken; of the rest, what is signed is compared, where it is
 * what the profile signs: no external data, and an algorithm in the protected header. */
static void check_sign1(const char *name, const json_t *example)
{
	const json_t *signer = json_object_get(json_object_get(example, "input"), "sign0");
	struct bytes encoded = json_bytes(json_object_get(example, "output"), "cbor");
	struct cose_sign1 sign1;
	bool is_bad = json_is_true(json_object_get(example, "fail"));
	print_message("%s\n", name);
	if (cose_sign1_read(&sign1, encoded) != CONCLAVE_OK) {
		assert_string_equal(name, "sign-fail-01.json"); /* another tag */
		return;
	}
	if (cose_is_es384(&sign1)) {
		check_es384(signer, encoded);
	} else {
		const struct p384_public none = {{0}};
		assert_int_equal(cose_sign1_verify(&sign1, &none), CONCLAVE_ERROR_VERSION);
	}
	bool is_external = json_object_get(signer, "external") != NULL;
	if (!is_bad && !is_external && sign1.protected_header.len > 1)
		check_signed_bytes(example, &sign1);
}

static size_t check_folder(const char *folder)
{
	char name[256], path[4096];
	size_t count = 0;
	snprintf(name, sizeof(name), "cose/cose-wg-examples/%s", folder);
	vectors_path(path, name);
	DIR *examples = opendir(path);
	assert_non_null(examples);
	for (struct dirent *entry; (entry = readdir(examples)) != NULL;) {
		char file[4096 + 256];
		if (strstr(entry->d_name, ".json") == NULL)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		json_t *example = json_load_file(file, 0, NULL);
		assert_non_null(example);
		struct cose_sign1 sign1;
		struct bytes encoded = json_bytes(json_object_get(example, "output"), "cbor");
		if (json_object_get(json_object_get(example, "input"), "sign0") != NULL)
			check_sign1(entry->d_name, example);
		else /* COSE_Sign, of many signers */
			assert_int_equal(cose_sign1_read(&sign1, encoded), CONCLAVE_ERROR_FORMAT);
		count++;
		json_decref(example);
		vectors_forget();
	}
	closedir(examples);
	return count;
}

static void every_cose_example(void **state)
{
	(void)state;
	assert_true(check_folder("sign1-tests") >= 9);
	assert_true(check_folder("sign-tests") >= 10);
	assert_true(check_folder("ecdsa-examples") >= 8);
	assert_true(check_folder("RFC8152") >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cbor_example),
		cmocka_unit_test(every_cose_example),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
