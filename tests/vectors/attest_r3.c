/* R3's own attestation objects and constraints, with its verdicts and words. Source:
 * tests/vectors/r3/SOURCE. */
#include "vectors/json.h"

#include "attest/constraint.h"
#include "attest/words.h"

#define NOW 1795225492 /* 2026-11-21, after every vector was made */

static json_t *vectors;

static int load_vectors(void **state)
{
	(void)state;
	vectors = vectors_own("r3/system.json");
	return vectors == NULL;
}

static int free_vectors(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static enum conclave_error verify(struct attest_claims *claims, struct bytes serialised)
{
	struct instance_info info;
	enum attest_check failed;
	enum conclave_error error = instance_info_read(&info, serialised);
	if (error != CONCLAVE_OK)
		return error;
	return attest_verify(claims, &failed, &info, &attest_default_roots, NOW);
}

/* "java.lang.IllegalArgumentException: Unknown keys [c]": R3's words follow the class. */
static const char *words_of(const char *result)
{
	const char *words = strstr(result, ": ");
	return words != NULL ? words + 2 : "";
}

static bool is_exception(const char *result)
{
	return strncmp(result, "java.", 5) == 0;
}

typedef enum conclave_error parse_function(
	struct constraint *out, struct bytes text, struct conclave_report *report);

static void check_parse(parse_function *parse, const char *text, const char *result)
{
	struct constraint constraint;
	struct conclave_report report;
	uint8_t canonical[1024];
	struct writer writer = writer_of((struct buffer){canonical, sizeof(canonical) - 1});
	enum conclave_error error = parse(&constraint, bytes_of(text, strlen(text)), &report);
	if (is_exception(result)) {
		assert_string_equal(report.text, words_of(result));
		bool is_state = strstr(result, "IllegalState") != NULL;
		assert_int_equal(error, is_state ? CONCLAVE_ERROR_ARGUMENT : CONCLAVE_ERROR_FORMAT);
		return;
	}
	assert_int_equal(error, CONCLAVE_OK);
	assert_int_equal(constraint_write(&writer, &constraint), CONCLAVE_OK);
	canonical[writer.len] = '\0';
	assert_string_equal((const char *)canonical, result);
}

static void constraints(void **state)
{
	const json_t *row;
	size_t i;
	(void)state;
	json_array_foreach(json_object_get(vectors, "constraints"), i, row)
	{
		print_message("\"%s\"\n", json_text(row, "in"));
		check_parse(constraint_parse, json_text(row, "in"), json_text(row, "parse"));
		check_parse(constraint_parse_unchecked, json_text(row, "in"),
			json_text(row, "parse_unchecked"));
	}
	assert_int_equal(i, 30);
}

static void mock_words(void **state)
{
	const json_t *mock = json_object_get(vectors, "eii_mock");
	struct attest_claims claims;
	char text[ATTEST_WORDS_SIZE];
	(void)state;
	assert_int_equal(verify(&claims, json_bytes(mock, "serialized")), CONCLAVE_OK);
	attest_words(text, sizeof(text), &claims);
	assert_string_equal(text, json_text(mock, "to_string"));
	assert_int_equal(claims.mode, ATTEST_MOCK);
	assert_int_equal(claims.level, ATTEST_INSECURE);
}

static void mock_written_again(void **state)
{
	struct bytes serialised = json_bytes(json_object_get(vectors, "eii_mock"), "serialized");
	struct instance_info info;
	uint8_t part[512], whole[1024];
	struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
	struct writer writer = writer_of((struct buffer){whole, sizeof(whole)});
	(void)state;
	assert_int_equal(instance_info_read(&info, serialised), CONCLAVE_OK);
	mock_evidence_write(&attestation, &info.mock);
	assert_int_equal(instance_info_write(&writer, &info.signing_key, &info.encryption_key,
				 info.type, writer_bytes(&attestation)),
		CONCLAVE_OK);
	assert_true(bytes_equal(writer_bytes(&writer), serialised));
}

static enum conclave_error wanted_error(const char *result)
{
	if (strstr(result, "Truncated") != NULL)
		return CONCLAVE_ERROR_TRUNCATED;
	if (strstr(result, "report data") != NULL)
		return CONCLAVE_ERROR_MISMATCH;
	if (strstr(result, "Unknown attestation type") != NULL)
		return CONCLAVE_ERROR_VERSION;
	return is_exception(result) ? CONCLAVE_ERROR_FORMAT : CONCLAVE_OK;
}

/* A row cuts the object, adds five bytes to it, or flips the lowest bit of one byte. */
static struct bytes corrupt(uint8_t *copy, struct bytes serialised, const json_t *row)
{
	const json_t *length = json_object_get(row, "length");
	memcpy(copy, serialised.ptr, serialised.len);
	memset(copy + serialised.len, 0, 5);
	if (json_is_string(length))
		return bytes_of(copy, serialised.len + 5);
	if (length != NULL)
		return bytes_of(copy, (size_t)json_integer_value(length));
	copy[json_integer_value(json_object_get(row, "flip_byte"))] ^= 1;
	return bytes_of(copy, serialised.len);
}

static void corruptions(void **state)
{
	struct bytes serialised = json_bytes(json_object_get(vectors, "eii_mock"), "serialized");
	struct attest_claims claims;
	const json_t *row;
	size_t i;
	(void)state;
	json_array_foreach(json_object_get(vectors, "eii_corruptions"), i, row)
	{
		uint8_t copy[1024];
		struct bytes corrupted = corrupt(copy, serialised, row);
		print_message("%s\n", json_text(row, "result"));
		/* Its last byte says mock or simulation; R3 takes any value but 0 for the latter.
		 */
		assert_int_equal(
			verify(&claims, corrupted), wanted_error(json_text(row, "result")));
	}
	assert_int_equal(i, 19);
}

/* The two that R3's documentation prints whole. */
static void samples(void **state)
{
	const json_t *row;
	size_t i, count = 0;
	(void)state;
	json_array_foreach(json_object_get(vectors, "eii_samples"), i, row)
	{
		struct attest_claims claims;
		char text[ATTEST_WORDS_SIZE];
		if (json_object_get(row, "bytes") == NULL)
			continue;
		assert_int_equal(verify(&claims, json_bytes(row, "bytes")), CONCLAVE_OK);
		attest_words(text, sizeof(text), &claims);
		assert_string_equal(text, json_text(row, "result"));
		count++;
	}
	assert_int_equal(count, 2);
}

/* R3 shipped two real objects as files. One can be put together again from its parts and the keys
 * that R3 printed; it binds those keys, and at its own time R3's verifier found its platform up to
 * date. No time suits all of it, which R3 did not look at and we do. */
static struct bytes field(const char *name)
{
	char file[256];
	static uint8_t pool[1 << 16];
	static size_t used;
	uint8_t *place = pool + used;
	char path[4096];
	snprintf(file, sizeof(file), "evidence/sgx/r3-dcap-icelake/%s", name);
	vectors_path(path, file);
	FILE *stream = fopen(path, "rb");
	assert_non_null(stream);
	size_t size = fread(place, 1, sizeof(pool) - used, stream);
	fclose(stream);
	used += size;
	return bytes_of(place, size);
}

static void key_after(uint8_t out[32], const char *text, const char *label)
{
	const char *found = strstr(text, label);
	assert_non_null(found);
	assert_int_equal(hex_decode((struct buffer){out, 32}, bytes_of(found + strlen(label), 64)),
		CONCLAVE_OK);
}

/* What R3 printed for both, from claims put together by hand. */
static void dcap_words(void **state)
{
	static const struct {
		const char *file;
		enum attest_mode mode;
		enum attest_level level;
		int64_t timestamp;
	} rows[] = {
		{"EnclaveInstanceInfo-DCAP.ser", ATTEST_DEBUG, ATTEST_INSECURE, 1605103307},
		{"EnclaveInstanceInfo-DCAP-IceLake.ser", ATTEST_RELEASE, ATTEST_SECURE, 1622493202},
	};
	const json_t *row;
	size_t i, count = 0;
	(void)state;
	json_array_foreach(json_object_get(vectors, "eii_samples"), i, row)
	{
		char text[ATTEST_WORDS_SIZE];
		if (json_object_get(row, "file") == NULL)
			continue;
		assert_string_equal(json_text(row, "file"), rows[count].file);
		const char *wanted = json_text(row, "result");
		struct attest_claims claims = {.mode = rows[count].mode,
			.level = rows[count].level,
			.tcb_status = TCB_UP_TO_DATE,
			.has_quote = true,
			.product_id = 1,
			.timestamp = rows[count].timestamp};
		key_after(claims.report.mrenclave, wanted, "for enclave ");
		key_after(claims.report.mrsigner, wanted, "Code signer: ");
		key_after(claims.signing_key.bytes, wanted, "302A300506032B6570032100");
		key_after(claims.encryption_key.bytes, wanted, "Session encryption key: ");
		attest_words(text, sizeof(text), &claims);
		assert_string_equal(text, wanted);
		count++;
	}
	assert_int_equal(count, 2);
}

/* Each advisory once, after the sentence that explains the level; and all of it cut to fit. */
static void advisories_and_cutting(void **state)
{
	const struct attest_claims claims = {.mode = ATTEST_RELEASE,
		.level = ATTEST_STALE,
		.tcb_status = TCB_OUT_OF_DATE,
		.platform_advisories = BYTES_LIT("[\"INTEL-SA-00001\", \"INTEL-SA-00002\"]"),
		.qe_advisories = BYTES_LIT("[\"INTEL-SA-00002\", \"INTEL-SA-00003\"]")};
	char text[ATTEST_WORDS_SIZE], small[20];
	(void)state;
	attest_reason(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "is outdated. The platform has not been identified"));
	assert_non_null(strstr(text, " For further details see Advisory IDs INTEL-SA-00001, "
				     "INTEL-SA-00002, INTEL-SA-00003."));
	attest_words(small, sizeof(small), &claims);
	assert_string_equal(small, "Remote attestation ");
	attest_summary(text, sizeof(text), &claims);
	assert_non_null(strstr(text, "release enclave, STALE, signed by 0000"));
}

static void ice_lake(void **state)
{
	struct instance_info info = {.type = INSTANCE_INFO_DCAP};
	struct attest_claims claims;
	enum attest_check failed;
	const char *text = NULL;
	const json_t *row;
	size_t i;
	(void)state;
	json_array_foreach(json_object_get(vectors, "eii_samples"), i, row)
	{
		const char *file = json_string_value(json_object_get(row, "file"));
		if (file != NULL && strstr(file, "IceLake") != NULL)
			text = json_text(row, "result");
	}
	assert_non_null(text);
	key_after(info.signing_key.bytes, text, "302A300506032B6570032100");
	key_after(info.encryption_key.bytes, text, "Session encryption key: ");

	struct dcap_evidence *evidence = &info.dcap;
	evidence->quote = field("quote.bin");
	evidence->version = BYTES_LIT("3");
	const uint8_t *second =
		memmem(evidence->quote.ptr + 2000, evidence->quote.len - 2000, "-----BEGIN", 10);
	assert_non_null(second);
	evidence->pck_crl_issuer_chain =
		bytes_of(second, (size_t)(evidence->quote.ptr + evidence->quote.len - second));
	evidence->root_ca_crl = field("root_ca_crl.der");
	evidence->pck_crl = field("pck_crl.der");
	evidence->tcb_info_issuer_chain = field("tcb_info_chain.pem");
	evidence->tcb_info = field("tcb_info.json");
	evidence->qe_identity_issuer_chain = field("qe_identity_chain.pem");
	evidence->qe_identity = field("qe_identity.json");

	assert_int_equal(attest_verify(&claims, &failed, &info, &attest_default_roots, 1622496802),
		CONCLAVE_ERROR_EXPIRED);
	assert_int_equal(failed, ATTEST_CHECK_TCB_INFO);
	info.encryption_key.bytes[0] ^= 1;
	assert_int_equal(attest_verify(&claims, &failed, &info, &attest_default_roots, 1622496802),
		CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, ATTEST_CHECK_REPORT_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constraints),
		cmocka_unit_test(mock_words),
		cmocka_unit_test(mock_written_again),
		cmocka_unit_test(corruptions),
		cmocka_unit_test(samples),
		cmocka_unit_test(dcap_words),
		cmocka_unit_test(advisories_and_cutting),
		cmocka_unit_test(ice_lake),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, load_vectors, free_vectors);
}
