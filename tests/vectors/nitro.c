/* Real attestation documents of Nitro enclaves, 2021 to 2026. Not ours: read from the folder of
 * shared vectors, skipped without it. */
#include <dirent.h>

#include "vectors/json.h"

#include "attest/calendar.h"
#include "attest/nitro.h"
#include "attest/pem.h"

struct item {
	const char *name;
	json_t *meta;
	int64_t at;
	uint8_t document[8192];
	size_t size;
	struct p384_public root;
};

/* The instances of one document share their chain, and a document is verified many times here. */
static struct memo memo;

static enum conclave_error verify(
	struct nitro_claims *claims, enum nitro_check *failed, const struct item *item, int64_t at)
{
	return nitro_verify(
		claims, failed, bytes_of(item->document, item->size), &item->root, at, &memo);
}

static size_t load(uint8_t *out, size_t space, const char *folder, const char *name)
{
	char path[8192];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t size = fread(out, 1, space, file);
	assert_true(size < space);
	fclose(file);
	return size;
}

static int64_t seconds_of(const char *text)
{
	int64_t seconds;
	assert_int_equal(calendar_parse(&seconds, bytes_of(text, strlen(text))), CONCLAVE_OK);
	return seconds;
}

/* A field in hexadecimal, or null. */
static void check_bytes(struct bytes seen, const json_t *meta, const char *field)
{
	bool is_null = json_is_null(json_object_get(meta, field));
	assert_int_equal(seen.ptr == NULL, is_null);
	assert_true(bytes_equal(seen, json_bytes(meta, field)));
}

static void check_text(struct bytes seen, const json_t *meta, const char *field)
{
	const char *wanted = json_text(meta, field);
	assert_true(bytes_equal(seen, bytes_of(wanted, strlen(wanted))));
}

static void check_claims(const struct nitro_claims *claims, const json_t *meta)
{
	const json_t *pcrs = json_object_get(meta, "pcrs");
	size_t count = 0;
	check_text(claims->module_id, meta, "module_id");
	check_text(claims->digest, meta, "digest");
	assert_int_equal(
		claims->timestamp_ms, json_integer_value(json_object_get(meta, "timestamp_ms")));
	for (unsigned i = 0; i < NITRO_PCR_COUNT; i++) {
		char index[12];
		snprintf(index, sizeof(index), "%u", i);
		assert_true(bytes_equal(claims->pcrs[i], json_bytes(pcrs, index)));
		count += claims->pcrs[i].len != 0;
	}
	assert_int_equal(count, json_object_size(pcrs));
	assert_int_equal(
		claims->cabundle_count + 1, json_array_size(json_object_get(meta, "certs")));
	check_bytes(claims->public_key, meta, "public_key");
	check_bytes(claims->user_data, meta, "user_data");
	check_bytes(claims->nonce, meta, "nonce");
	assert_int_equal(claims->is_debug, json_is_true(json_object_get(meta, "debug")));
}

static void check_times(const struct item *item, const struct nitro_claims *claims)
{
	const json_t *cases = json_object_get(item->meta, "time_cases"), *time;
	struct nitro_claims unwanted;
	enum nitro_check failed;
	size_t i;
	json_array_foreach(cases, i, time)
	{
		int64_t at = seconds_of(json_text(time, "time"));
		assert_int_equal(verify(&unwanted, &failed, item, at), CONCLAVE_ERROR_EXPIRED);
		assert_int_equal(failed, NITRO_CHECK_CHAIN);
		/* It is by one second that they are wrong. */
		assert_true(at == claims->validity.from - 1 || at == claims->validity.until + 1);
	}
	assert_int_equal(verify(&unwanted, &failed, item, claims->validity.from), CONCLAVE_OK);
	assert_int_equal(verify(&unwanted, &failed, item, claims->validity.until), CONCLAVE_OK);
}

static void check_flip(struct item *item, size_t place)
{
	struct nitro_claims claims;
	item->document[place] ^= 1;
	if (verify(&claims, NULL, item, item->at) == CONCLAVE_OK)
		fail_msg("%s is accepted with byte %zu changed", item->name, place);
	item->document[place] ^= 1;
}

/* A bit of everything that a document is made of. */
static void check_flips(struct item *item, const struct nitro_claims *claims)
{
	const struct bytes parts[] = {claims->module_id, claims->digest, claims->pcrs[0],
		claims->pcrs[8], claims->certificate, claims->cabundle[0],
		claims->cabundle[claims->cabundle_count - 1], claims->user_data};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].len != 0)
			check_flip(
				item, (size_t)(parts[i].ptr - item->document) + parts[i].len / 2);
	check_flip(item, 0);
	check_flip(item, item->size - 96);
	check_flip(item, item->size - 1);
}

static void check_accepted(struct item *item)
{
	struct nitro_claims claims;
	enum nitro_check failed;
	int64_t at;
	enum conclave_error error = verify(&claims, &failed, item, item->at);
	if (error != CONCLAVE_OK)
		fail_msg("%s is refused: %s at %s", item->name, conclave_error_name(error),
			nitro_check_text(failed));
	check_claims(&claims, item->meta);
	assert_int_equal(
		nitro_read_timestamp(&at, bytes_of(item->document, item->size)), CONCLAVE_OK);
	assert_int_equal(at, item->at);
	check_times(item, &claims);
	check_flips(item, &claims);
}

/* The key of the root that the item itself came with. */
static void use_own_root(struct item *item, const char *folder)
{
	uint8_t pem[16384], der[8192];
	struct writer space = writer_of((struct buffer){der, sizeof(der)});
	struct reader reader =
		reader_of(bytes_of(pem, load(pem, sizeof(pem), folder, "chain.pem")));
	struct x509_certificate certificate;
	struct bytes last;
	do
		assert_int_equal(
			pem_next(&last, &space, &reader, BYTES_LIT("CERTIFICATE")), CONCLAVE_OK);
	while (!pem_at_end(&reader));
	assert_int_equal(x509_read(&certificate, last), CONCLAVE_OK);
	item->root = certificate.key.p384;
}

static void check_refused(struct item *item, const char *folder)
{
	struct nitro_claims claims;
	enum nitro_check failed;
	const char *expected = json_text(item->meta, "expect");
	enum conclave_error error = verify(&claims, &failed, item, item->at);
	assert_int_not_equal(error, CONCLAVE_OK);
	print_message(
		"%s: %s at %s\n", item->name, conclave_error_name(error), nitro_check_text(failed));
	assert_int_equal(failed == NITRO_CHECK_ROOT, strstr(expected, "root") != NULL);
	if (strcmp(item->name, "fortanix-tampered-signature") == 0)
		assert_int_equal(failed, NITRO_CHECK_SIGNATURE);
	if (strcmp(item->name, "fortanix-tampered-certificate") == 0)
		assert_int_equal(failed, NITRO_CHECK_CERTIFICATE);
	if (json_object_get(item->meta, "checked_any_root") != NULL) {
		use_own_root(item, folder);
		check_accepted(item);
	}
}

static size_t accepted, refused;

static void check_item(const char *folder, const char *name)
{
	static struct item item;
	char path[8192];
	snprintf(path, sizeof(path), "%s/meta.json", folder);
	item.name = name;
	item.meta = json_load_file(path, 0, NULL);
	assert_non_null(item.meta);
	item.at = json_integer_value(json_object_get(item.meta, "eval_time_unix"));
	item.size = load(item.document, sizeof(item.document), folder, "doc.cbor");
	item.root = nitro_root;
	const char *result = json_text(json_object_get(item.meta, "checked"), "result");
	if (strcmp(result, "OK") == 0) {
		check_accepted(&item);
		accepted++;
	} else {
		check_refused(&item, folder);
		refused++;
	}
	json_decref(item.meta);
	vectors_forget();
}

static void every_item(void **state)
{
	char path[4096], folder[4096 + 256 + 2];
	(void)state;
	vectors_path(path, "evidence/nitro");
	DIR *items = opendir(path);
	assert_non_null(items);
	for (struct dirent *entry; (entry = readdir(items)) != NULL;) {
		if (entry->d_name[0] == '.' || strstr(entry->d_name, ".pem") != NULL)
			continue;
		snprintf(folder, sizeof(folder), "%s/%s", path, entry->d_name);
		check_item(folder, entry->d_name);
	}
	closedir(items);
	print_message("%zu accepted, %zu refused\n", accepted, refused);
	assert_true(accepted >= 37 && refused >= 4);
}

/* Every third byte of one document, and every prefix. */
static void every_part_of_one(void **state)
{
	static struct item item;
	struct nitro_claims claims;
	char folder[4096];
	(void)state;
	vectors_path(folder, "evidence/nitro/fastcrypto-pcr16");
	item.name = "fastcrypto-pcr16";
	item.root = nitro_root;
	item.size = load(item.document, sizeof(item.document), folder, "doc.cbor");
	struct bytes whole = bytes_of(item.document, item.size);
	assert_int_equal(nitro_read_timestamp(&item.at, whole), CONCLAVE_OK);
	assert_int_equal(verify(&claims, NULL, &item, item.at), CONCLAVE_OK);
	for (size_t i = 0; i < item.size; i += 3)
		check_flip(&item, i);
	for (size_t i = 0; i < item.size; i++)
		assert_int_equal(nitro_verify(&claims, NULL, bytes_slice(whole, 0, i), &item.root,
					 item.at, &memo),
			CONCLAVE_ERROR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item),
		cmocka_unit_test(every_part_of_one),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
