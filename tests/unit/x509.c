/* Certificates of all profiles and paths of them, written by libcrypto: what is read, what is
 * refused, and that no algorithm, curve or hash passes for another (T-43). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/literal.h"
#include "attest/path.h"
#include "base/check.h"
#include "x509_forge.h"

#define START INT64_C(1735689600)
#define END INT64_C(2600000000) /* after 2050: a GeneralizedTime */
#define DEPTH 4

static uint8_t pool[1 << 14];
static struct writer pool_writer;
static EVP_PKEY *p256, *p384[DEPTH], *rsa;

static const char *const names[DEPTH] = {"CN=leaf/OU=AWS/O=Amazon/C=US/ST=WA/L=Seattle",
	"C=US/O=Amazon/CN=low", "CN=high", "C=US/O=Amazon/OU=AWS/CN=root"};

/* A path as AWS has it, leaf first. */
static struct x509_forge plans[DEPTH];
static struct x509_forge_extension extensions[4]; /* the leaf's */

static void plan_path(void)
{
	static const char *const constraints[DEPTH] = {"critical,CA:FALSE",
		"critical,CA:TRUE,pathlen:0", "critical,CA:TRUE,pathlen:1",
		"critical,CA:TRUE,pathlen:2"};
	pool_writer = writer_of((struct buffer){pool, sizeof(pool)});
	for (size_t i = 0; i < DEPTH; i++) {
		size_t issuer = i < DEPTH - 1 ? i + 1 : i;
		plans[i] = (struct x509_forge){
			.subject = names[i],
			.issuer = names[issuer],
			.key = p384[i],
			.issuer_key = p384[issuer],
			.serial = (unsigned)i + 1,
			.not_before = START,
			.not_after = END,
			.basic_constraints = constraints[i],
			.key_usage = i > 0 ? "critical,keyCertSign" : "critical,digitalSignature",
		};
	}
	plans[0].extensions = extensions;
}

static void extend(const char *oid, bool is_critical, struct bytes value)
{
	extensions[plans[0].extension_count++] = (struct x509_forge_extension){
		.oid = oid, .value = value, .is_critical = is_critical};
}

static struct bytes make(size_t i)
{
	size_t start = pool_writer.len;
	x509_forge_write(&pool_writer, &plans[i]);
	return bytes_slice(writer_bytes(&pool_writer), start, pool_writer.len - start);
}

/* Read and verify what is planned, under the last one's key. */
static enum conclave_error verify(size_t length)
{
	struct x509_certificate path[DEPTH];
	struct window window = WINDOW_ALWAYS;
	for (size_t i = 0; i < length; i++) {
		struct bytes der = make(i);
		TRY(x509_read(&path[i], der));
	}
	TRY(path_verify(&window, path, length, &path[length - 1].key, NULL));
	assert_int_equal(window.from, START);
	assert_int_equal(window.until, END);
	return CONCLAVE_OK;
}

static void reads(void **state)
{
	struct x509_certificate certificate;
	(void)state;
	plan_path();
	extend("1.3.6.1.4.1.3704.1.4", false, BYTES_LIT("raw"));
	extend("1.2.3", false, BYTES_LIT(""));
	struct bytes der = make(0);
	assert_int_equal(x509_read(&certificate, der), CONCLAVE_OK);
	const struct x509_name *name = &certificate.subject;
	assert_true(bytes_equal(name->common_name, BYTES_LIT("leaf")));
	assert_true(bytes_equal(name->organizational_unit, BYTES_LIT("AWS")));
	assert_true(bytes_equal(name->organization, BYTES_LIT("Amazon")));
	assert_true(bytes_equal(name->country, BYTES_LIT("US")));
	assert_true(bytes_equal(name->state, BYTES_LIT("WA")));
	assert_true(bytes_equal(name->locality, BYTES_LIT("Seattle")));
	assert_int_equal(certificate.key.scheme, X509_P384_SHA384);
	assert_int_equal(certificate.key_usage, X509_DIGITAL_SIGNATURE);
	assert_false(certificate.is_ca || x509_is_self_issued(&certificate));
	assert_int_equal(certificate.not_after, END);
	struct bytes value =
		x509_extension(&certificate, BYTES_LIT("\x2b\x06\x01\x04\x01\x9c\x78\x01\x04"));
	assert_true(bytes_equal(value, BYTES_LIT("raw")));
	value = x509_extension(&certificate, BYTES_LIT("\x2a\x03"));
	assert_true(value.ptr != NULL && value.len == 0);
	assert_null(x509_extension(&certificate, BYTES_LIT("\x2a\x04")).ptr);

	for (size_t len = 0; len < der.len; len++)
		assert_int_equal(
			x509_read(&certificate, bytes_slice(der, 0, len)), CONCLAVE_ERROR_FORMAT);
}

/* A point with its coordinates compressed, or hybrid: BIT STRING of 98 bytes, 00, then the form. */
static void other_points(void **state)
{
	struct x509_certificate certificate;
	uint8_t altered[1024];
	(void)state;
	plan_path();
	struct bytes der = make(0);
	assert_true(der.len <= sizeof(altered));
	memcpy(altered, der.ptr, der.len);
	uint8_t *found = memmem(altered, der.len, "\x03\x62\x00\x04", 4);
	assert_non_null(found);
	for (uint8_t form = 0; form < 8; form++) {
		found[3] = form;
		assert_int_equal(x509_read(&certificate, bytes_of(altered, der.len)),
			form == 4 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT);
	}
}

/* Keys and signatures of every scheme against each other: only like and like go together. */
static void schemes(void **state)
{
	(void)state;
	EVP_PKEY *const keys[] = {p256, p384[1], rsa};
	for (size_t key = 0; key < ARRAY_COUNT(keys); key++) {
		for (size_t signer = 0; signer < ARRAY_COUNT(keys); signer++) {
			plan_path();
			plans[1].subject = plans[1].issuer = plans[0].issuer = "CN=root";
			plans[1].key = plans[1].issuer_key = keys[key];
			plans[0].issuer_key = keys[signer];
			assert_int_equal(
				verify(2), key == signer ? CONCLAVE_OK : CONCLAVE_ERROR_MISMATCH);
		}
	}
}

static void other_algorithms(void **state)
{
	(void)state;
	const struct {
		EVP_PKEY *key;
		const EVP_MD *hash;
		int pss_salt;
		bool is_pkcs1;
		enum conclave_error wanted;
	} rows[] = {
		{p384[1], EVP_sha256(), 0, false, CONCLAVE_ERROR_FORMAT},
		{p384[1], EVP_sha512(), 0, false, CONCLAVE_ERROR_FORMAT},
		/* Names no curve, so it is taken for P-384's. */
		{p256, EVP_sha384(), 0, false, CONCLAVE_ERROR_SIGNATURE},
		{rsa, EVP_sha256(), 0, true, CONCLAVE_ERROR_FORMAT},
		{rsa, EVP_sha384(), 0, true, CONCLAVE_ERROR_FORMAT},
		{rsa, EVP_sha384(), 32, false, CONCLAVE_ERROR_FORMAT},
		{rsa, EVP_sha512(), 48, false, CONCLAVE_ERROR_FORMAT},
	};
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		plan_path();
		plans[0].issuer_key = rows[i].key;
		plans[0].hash = rows[i].hash;
		plans[0].pss_salt = rows[i].pss_salt;
		plans[0].is_pkcs1 = rows[i].is_pkcs1;
		assert_int_equal(verify(DEPTH), rows[i].wanted);
	}
}

static void no_names(void)
{
	plans[1].subject = plans[0].issuer = "C=US";
}
static void name_part_twice(void)
{
	plans[1].subject = plans[0].issuer = "CN=low/OU=a/OU=b";
}
static void unknown_name_part(void)
{
	plans[1].subject = plans[0].issuer = "CN=low/DC=example";
}
static void unknown_critical(void)
{
	extend("1.2.3", true, BYTES_LIT("x"));
}
static void extension_twice(void)
{
	extend("1.2.3", false, BYTES_LIT("x"));
	extend("1.2.4", false, BYTES_LIT("x"));
	extend("1.2.3", false, BYTES_LIT("x"));
}
static void usage_without_bits(void)
{
	plans[0].key_usage = NULL;
	extend("2.5.29.15", true, BYTES_LIT("\x03\x02\x07\x00"));
}
static void critical_purpose(void)
{
	extend("2.5.29.37", true, BYTES_LIT("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"));
}
static void nothing(void)
{
}
/* Some roots of tests in the field say what else their leaves are for. */
static void other_purpose(void)
{
	extend("2.5.29.37", false, BYTES_LIT("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"));
}
static void leaf_without_usage(void)
{
	plans[0].key_usage = plans[0].basic_constraints = NULL;
	extend("1.2.3", false, BYTES_LIT("x"));
}
static void leaf_for_keys_only(void)
{
	plans[0].key_usage = "critical,keyEncipherment";
}
static void leaf_for_certificates(void)
{
	plans[0].key_usage = "critical,digitalSignature,keyCertSign";
}
static void leaf_is_ca(void)
{
	plans[0].basic_constraints = "critical,CA:TRUE";
}
static void path_of_length_0_above_two(void)
{
	plans[2].basic_constraints = "critical,CA:TRUE,pathlen:0";
}
static void root_path_too_short(void)
{
	plans[3].basic_constraints = "critical,CA:TRUE,pathlen:1";
}
static void paths_without_limit(void)
{
	for (size_t i = 1; i < DEPTH; i++)
		plans[i].basic_constraints = "critical,CA:TRUE";
}
static void issuer_without_usage(void)
{
	plans[1].key_usage = "critical,cRLSign";
}
static void issuer_no_ca(void)
{
	plans[2].basic_constraints = "critical,CA:FALSE";
}
static void issuer_of_other_name(void)
{
	plans[0].issuer = "CN=low/C=US/O=Amazon"; /* the same parts, another order */
}
static void signed_by_grandparent(void)
{
	plans[0].issuer_key = p384[2];
}
static void root_by_another(void)
{
	plans[3].issuer_key = p384[2];
}
static void root_of_other_issuer(void)
{
	plans[3].issuer = "CN=beyond";
}

static void paths(void **state)
{
	static const struct {
		void (*spoil)(void);
		const char *name;
		enum conclave_error wanted;
	} rows[] = {
#define ROW(spoil, wanted) {spoil, #spoil, CONCLAVE_##wanted}
		ROW(nothing, OK),
		ROW(no_names, ERROR_FORMAT),
		ROW(name_part_twice, ERROR_FORMAT),
		ROW(unknown_name_part, ERROR_FORMAT),
		ROW(unknown_critical, ERROR_FORMAT),
		ROW(extension_twice, ERROR_FORMAT),
		ROW(usage_without_bits, ERROR_FORMAT),
		ROW(critical_purpose, ERROR_FORMAT),
		ROW(other_purpose, OK),
		ROW(leaf_without_usage, OK),
		ROW(leaf_for_keys_only, ERROR_MISMATCH),
		ROW(leaf_for_certificates, ERROR_MISMATCH),
		ROW(leaf_is_ca, ERROR_MISMATCH),
		ROW(path_of_length_0_above_two, ERROR_MISMATCH),
		ROW(root_path_too_short, ERROR_MISMATCH),
		ROW(paths_without_limit, OK),
		ROW(issuer_without_usage, ERROR_MISMATCH),
		ROW(issuer_no_ca, ERROR_MISMATCH),
		ROW(issuer_of_other_name, ERROR_MISMATCH),
		ROW(signed_by_grandparent, ERROR_SIGNATURE),
		ROW(root_by_another, ERROR_SIGNATURE),
		ROW(root_of_other_issuer, ERROR_MISMATCH),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		plan_path();
		rows[i].spoil();
		enum conclave_error error = verify(DEPTH);
		if (error != rows[i].wanted)
			fail_msg("%s: %s", rows[i].name, conclave_error_name(error));
	}
}

/* How key usages and basic constraints may be written. */
static void extension_encodings(void **state)
{
	static const struct {
		const char *oid;
		struct bytes value;
		enum conclave_error wanted;
	} rows[] = {
		{"2.5.29.15", LITERAL("\x03\x02\x07\x80"), CONCLAVE_OK},
		{"2.5.29.15", LITERAL("\x03\x02\x01\x06"), CONCLAVE_OK},
		{"2.5.29.15", LITERAL("\x03\x02\x00\x80"), CONCLAVE_OK},	   /* AMD\'s */
		{"2.5.29.15", LITERAL("\x03\x02\x07\xc0"), CONCLAVE_ERROR_FORMAT}, /* a bit after */
		{"2.5.29.15", LITERAL("\x03\x02\x08\x80"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.15", LITERAL("\x03\x02\x07\x00"), CONCLAVE_ERROR_FORMAT}, /* none */
		{"2.5.29.15", LITERAL("\x03\x01\x00"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.15", LITERAL("\x03\x03\x07\x80\x80"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.15", LITERAL("\x03\x02\x07\x80\x00"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.15", LITERAL("\x04\x02\x07\x80"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.15", LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.19", LITERAL("\x30\x00"), CONCLAVE_OK},
		{"2.5.29.19", LITERAL("\x30\x03\x01\x01\xff"), CONCLAVE_OK},
		{"2.5.29.19", LITERAL("\x30\x06\x01\x01\xff\x02\x01\x10"), CONCLAVE_OK},
		{"2.5.29.19", LITERAL("\x30\x06\x01\x01\xff\x02\x01\x11"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.19", LITERAL("\x30\x06\x01\x01\xff\x02\x01\xff"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.19", LITERAL("\x30\x03\x01\x01\x01"), CONCLAVE_ERROR_FORMAT},
		{"2.5.29.19", LITERAL("\x30\x03\x02\x01\x00"),
			CONCLAVE_ERROR_FORMAT}, /* of no CA */
		{"2.5.29.19", LITERAL("\x30\x00\x00"), CONCLAVE_ERROR_FORMAT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct x509_certificate certificate;
		plan_path();
		plans[0].basic_constraints = plans[0].key_usage = NULL;
		extend(rows[i].oid, true, rows[i].value);
		if (x509_read(&certificate, make(0)) != rows[i].wanted)
			fail_msg("row %zu", i);
	}
}

/* The window is the narrowest of all, and is left alone by a refusal. */
static void windows(void **state)
{
	struct x509_certificate path[DEPTH];
	struct window window = {START - 5, END + 5};
	(void)state;
	plan_path();
	plans[1].not_before = START + 7;
	plans[2].not_after = END - 9;
	for (size_t i = 0; i < DEPTH; i++)
		assert_int_equal(x509_read(&path[i], make(i)), CONCLAVE_OK);
	assert_int_equal(
		path_verify(&window, path, DEPTH, &path[2].key, NULL), CONCLAVE_ERROR_UNTRUSTED);
	assert_int_equal(
		path_verify(&window, path, 0, &path[3].key, NULL), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(path_verify(&window, path, PATH_LENGTH_MAX + 1, &path[3].key, NULL),
		CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(window.from, START - 5);
	assert_int_equal(path_verify(&window, path, DEPTH, &path[3].key, NULL), CONCLAVE_OK);
	assert_int_equal(window.from, START + 7);
	assert_int_equal(window.until, END - 9);
	assert_true(window_holds(&window, START + 7) && window_holds(&window, END - 9));
	assert_false(window_holds(&window, START + 6) || window_holds(&window, END - 8));
}

/* The memory forgets the oldest, and never takes one key or message for another. */
static void memory(void **state)
{
	static struct memo memo;
	struct x509_certificate certificate, issuer;
	(void)state;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t serial = 1; serial <= MEMO_COUNT + 3; serial++) {
			plan_path();
			plans[0].serial = serial;
			assert_int_equal(x509_read(&certificate, make(0)), CONCLAVE_OK);
			assert_int_equal(x509_read(&issuer, make(1)), CONCLAVE_OK);
			for (int again = 0; again < 2; again++)
				assert_int_equal(memo_x509_verify(&memo, &certificate, &issuer),
					CONCLAVE_OK);
		}
		assert_int_equal(memo.count, MEMO_COUNT);
		assert_int_equal(memo.oldest, round == 0 ? 3 : 3 + MEMO_COUNT + 3 - MEMO_COUNT);
	}
	struct x509_key other = issuer.key;
	other.p384.bytes[95] ^= 1;
	assert_int_not_equal(memo_verify_signed(&memo, &certificate.proof, &other), CONCLAVE_OK);
	struct x509_signed altered = certificate.proof;
	altered.p384.bytes[95] ^= 1;
	assert_int_equal(
		memo_verify_signed(&memo, &altered, &issuer.key), CONCLAVE_ERROR_SIGNATURE);
	altered = certificate.proof;
	altered.part.len--;
	assert_int_equal(
		memo_verify_signed(&memo, &altered, &issuer.key), CONCLAVE_ERROR_SIGNATURE);
}

static int setup(void **state)
{
	(void)state;
	rsa = x509_forge_rsa_key('a');
	p256 = x509_forge_curve_key("P-256", 1);
	for (unsigned i = 0; i < DEPTH; i++)
		p384[i] = x509_forge_curve_key("P-384", i + 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(p256);
	for (size_t i = 0; i < ARRAY_COUNT(p384); i++)
		EVP_PKEY_free(p384[i]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(other_points),
		cmocka_unit_test(schemes),
		cmocka_unit_test(other_algorithms),
		cmocka_unit_test(paths),
		cmocka_unit_test(extension_encodings),
		cmocka_unit_test(windows),
		cmocka_unit_test(memory),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
