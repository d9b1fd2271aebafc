/* Certificates and CRLs in which one element has been exchanged for an odd one, with every length
 * around it made to fit: what libcrypto would not write. Signatures no longer hold, which the
 * readers do not look at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/crl.h"
#include "attest/literal.h"
#include "base/check.h"
#include "x509_forge.h"

#define START INT64_C(1735689600)
#define END INT64_C(1893456000)
#define ELEMENT_SIZE_MAX 4096

static EVP_PKEY *p384, *rsa;
static uint8_t pool[3][ELEMENT_SIZE_MAX];
static struct bytes certificate, rsa_certificate, crl;

/* -- surgery -- */

static void write_element(struct writer *out, uint8_t tag, struct bytes contents)
{
	write_u8(out, tag);
	if (contents.len >= 0x100) {
		write_u8(out, 0x82);
		write_u16be(out, (uint16_t)contents.len);
	} else if (contents.len >= 0x80) {
		write_u8(out, 0x81);
		write_u8(out, (uint8_t)contents.len);
	} else {
		write_u8(out, (uint8_t)contents.len);
	}
	write_bytes(out, contents);
}

/* Copy an element with the one at `path` exchanged: each byte of a path counts children. One past
 * the last child is a place to put something. */
static void exchange(
	struct writer *out, struct bytes element, struct bytes path, struct bytes replacement)
{
	if (path.len == 0) {
		write_bytes(out, replacement);
		return;
	}
	uint8_t space[ELEMENT_SIZE_MAX];
	struct writer inner = writer_of((struct buffer){space, sizeof(space)});
	struct reader whole = reader_of(element);
	struct reader children = der_enter(&whole, (enum der_tag)element.ptr[0]);
	struct bytes below = bytes_slice(path, 1, path.len);
	size_t count = 0;
	for (; !children.failed && children.rest.len > 0; count++) {
		struct bytes child = der_read_any(&children);
		if (count == path.ptr[0])
			exchange(&inner, child, below, replacement);
		else
			write_bytes(&inner, child);
	}
	assert_false(children.failed || count < path.ptr[0]);
	if (count == path.ptr[0])
		write_bytes(&inner, replacement);
	write_element(out, element.ptr[0], writer_bytes(&inner));
}

static struct bytes with(struct bytes element, struct bytes path, struct bytes replacement)
{
	static uint8_t space[ELEMENT_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	exchange(&writer, element, path, replacement);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	return writer_bytes(&writer);
}

struct row {
	const char *name;
	struct bytes path, replacement;
	enum conclave_error wanted;
};

#define GOOD(name, path, replacement)                                  \
	{                                                              \
		name, LITERAL(path), LITERAL(replacement), CONCLAVE_OK \
	}
#define ODD(name, path, replacement)                                             \
	{                                                                        \
		name, LITERAL(path), LITERAL(replacement), CONCLAVE_ERROR_FORMAT \
	}

static void read_certificates(struct bytes from, const struct row *rows, size_t count)
{
	struct x509_certificate read;
	for (size_t i = 0; i < count; i++)
		if (x509_read(&read, with(from, rows[i].path, rows[i].replacement)) !=
			rows[i].wanted)
			fail_msg("%s", rows[i].name);
}

/* -- certificates -- */

#define TEN "\1\2\3\4\5\6\7\10\11\12"
#define CN_A "\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x41"

static void certificates(void **state)
{
	static const struct row rows[] = {
		GOOD("itself", "\0\0", "\xa0\x03\x02\x01\x02"),
		ODD("version 1", "\0\0", "\xa0\x03\x02\x01\x00"),
		ODD("version 2", "\0\0", "\xa0\x03\x02\x01\x01"),
		ODD("version 4", "\0\0", "\xa0\x03\x02\x01\x03"),
		ODD("two versions", "\0\0", "\xa0\x06\x02\x01\x02\x02\x01\x02"),
		ODD("no version", "\0\0", ""),
		GOOD("serial 0", "\0\1", "\x02\x01\x00"),
		GOOD("serial of 20 bytes", "\0\1", "\x02\x14" TEN TEN),
		GOOD("serial of 20 bytes and a sign", "\0\1",
			"\x02\x15\0\x80" TEN "\1\2\3\4\5\6\7\10\11"),
		ODD("serial of 21 bytes", "\0\1", "\x02\x15\1" TEN TEN),
		ODD("negative serial", "\0\1", "\x02\x01\xff"),
		ODD("empty serial", "\0\1", "\x02\x00"),
		ODD("no serial", "\0\1", ""),
		ODD("another algorithm within", "\0\2",
			"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
		ODD("another algorithm without", "\1",
			"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
		ODD("an algorithm with parameters", "\1",
			"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03\x05\x00"),
		GOOD("a name", "\0\3", "\x30\x0c\x31\x0a" CN_A),
		ODD("no parts of a name", "\0\3", "\x30\x00"),
		ODD("an empty part", "\0\3",
			"\x30\x17\x31\x09\x30\x07\x06\x03\x55\x04\x0a\x0c\x00\x31\x0a" CN_A),
		ODD("two parts in one", "\0\3", "\x30\x16\x31\x14" CN_A CN_A),
		ODD("a part twice", "\0\3", "\x30\x18\x31\x0a" CN_A "\x31\x0a" CN_A),
		ODD("a name in IA5", "\0\3",
			"\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x16\x01\x41"),
		ODD("a name in BMP", "\0\5",
			"\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\x00\x41"),
		ODD("one date", "\0\4\1", ""),
		ODD("three dates", "\0\4\2",
			"\x17\x0d"
			"250101000000Z"),
		ODD("a date that is none", "\0\4\0",
			"\x17\x0d"
			"250230000000Z"),
		ODD("a date elsewhere", "\0\4\0",
			"\x17\x0d"
			"250101000000A"),
		ODD("another curve's name", "\0\6\0\1", "\x06\x05\x2b\x81\x04\x00\x23"),
		ODD("a curve in its own words", "\0\6\0\1", "\x30\x03\x02\x01\x01"),
		ODD("another thing's key", "\0\6\0\0", "\x06\x05\x2b\x81\x04\x01\x0c"), /* ECDH */
		ODD("no extensions", "\0\7", ""),
		GOOD("no extension", "\0\7\0", "\x30\x00"),
		ODD("two lists of extensions", "\0\7\1", "\x30\x00"),
		ODD("an issuer's id", "\0\10", "\x81\x02\x00\x00"),
		ODD("a fourth part", "\3", "\x05\x00"),
		ODD("no signature", "\2", ""),
		ODD("a signature of a bit", "\2", "\x03\x02\x07\x80"),
		ODD("no signature in it", "\2", "\x03\x01\x00"),
		ODD("a number too many", "\2",
			"\x03\x0c\x00\x30\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01"),
		ODD("a byte after the numbers", "\2",
			"\x03\x0a\x00\x30\x06\x02\x01\x01\x02\x01\x01\x00"),
		ODD("a negative number", "\2", "\x03\x09\x00\x30\x06\x02\x01\x81\x02\x01\x01"),
		ODD("49 bytes", "\2",
			"\x03\x39\x00\x30\x36\x02\x31\x01" TEN TEN TEN TEN
			"\1\2\3\4\5\6\7\10\x02\x01\x01"),
	};
	(void)state;
	read_certificates(certificate, rows, ARRAY_COUNT(rows));
}

/* The point of the key: 97 bytes behind a count of unused bits. */
static void points(void **state)
{
	static const struct {
		const char *name;
		size_t size;
		uint8_t unused_bits, form;
		enum conclave_error wanted;
	} rows[] = {
		{"uncompressed", 97, 0, 4, CONCLAVE_OK},
		{"compressed", 97, 0, 2, CONCLAVE_ERROR_FORMAT},
		{"hybrid", 97, 0, 6, CONCLAVE_ERROR_FORMAT},
		{"the point at infinity", 1, 0, 0, CONCLAVE_ERROR_FORMAT},
		{"of P-256", 65, 0, 4, CONCLAVE_ERROR_FORMAT},
		{"short", 96, 0, 4, CONCLAVE_ERROR_FORMAT},
		{"long", 98, 0, 4, CONCLAVE_ERROR_FORMAT},
		{"a bit short", 97, 1, 4, CONCLAVE_ERROR_FORMAT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct x509_certificate read;
		uint8_t point[1 + 98] = {rows[i].unused_bits, rows[i].form}, space[128];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		write_element(&writer, DER_BIT_STRING, bytes_of(point, 1 + rows[i].size));
		struct bytes odd = with(certificate, BYTES_LIT("\0\6\1"), writer_bytes(&writer));
		if (x509_read(&read, odd) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	}
}

/* RSAPublicKey of a modulus of ones, with other sizes and exponents. */
static void rsa_keys(void **state)
{
	static const struct {
		const char *name;
		size_t modulus_size;
		struct bytes exponent, after;
		enum conclave_error wanted;
	} rows[] = {
		{"4096 bits", 512, LITERAL("\1\0\1"), LITERAL(""), CONCLAVE_OK},
		{"4088 bits", 511, LITERAL("\1\0\1"), LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"2048 bits", 256, LITERAL("\1\0\1"), LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"4104 bits", 513, LITERAL("\1\0\1"), LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"exponent 1", 512, LITERAL("\1"), LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"exponent 3", 512, LITERAL("\3"), LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{"exponent 2^32 + 65537", 512, LITERAL("\1\0\1\0\1"), LITERAL(""),
			CONCLAVE_ERROR_FORMAT},
		{"more", 512, LITERAL("\1\0\1"), LITERAL("\5\0"), CONCLAVE_ERROR_FORMAT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct x509_certificate read;
		uint8_t modulus[1 + 513], numbers[1024], sequence[1024] = {0}, bits[1024];
		memset(modulus, 0xff, sizeof(modulus));
		modulus[0] = 0;
		struct writer inner = writer_of((struct buffer){numbers, sizeof(numbers)});
		write_element(&inner, DER_INTEGER, bytes_of(modulus, 1 + rows[i].modulus_size));
		write_element(&inner, DER_INTEGER, rows[i].exponent);
		struct writer middle = writer_of((struct buffer){sequence, sizeof(sequence)});
		write_u8(&middle, 0); /* unused bits */
		write_element(&middle, DER_SEQUENCE, writer_bytes(&inner));
		write_bytes(&middle, rows[i].after);
		struct writer outer = writer_of((struct buffer){bits, sizeof(bits)});
		write_element(&outer, DER_BIT_STRING, writer_bytes(&middle));
		struct bytes odd = with(rsa_certificate, BYTES_LIT("\0\6\1"), writer_bytes(&outer));
		if (x509_read(&read, odd) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
	}
}

static void nothing_may_follow(void **state)
{
	struct x509_certificate read;
	struct crl list;
	uint8_t longer[ELEMENT_SIZE_MAX + 1] = {0};
	(void)state;
	memcpy(longer, certificate.ptr, certificate.len);
	assert_int_equal(
		x509_read(&read, bytes_of(longer, certificate.len + 1)), CONCLAVE_ERROR_FORMAT);
	memset(longer, 0, sizeof(longer));
	memcpy(longer, crl.ptr, crl.len);
	assert_int_equal(crl_read(&list, bytes_of(longer, crl.len + 1)), CONCLAVE_ERROR_FORMAT);
}

/* The same bytes are not the same key for another scheme. */
static void keys_have_a_scheme(void **state)
{
	struct x509_key a = {.scheme = X509_P256_SHA256}, b = {.scheme = X509_P384_SHA384};
	(void)state;
	assert_false(x509_key_equal(&a, &b));
	assert_false(x509_key_equal(&b, &a));
	a.scheme = X509_P384_SHA384;
	assert_true(x509_key_equal(&a, &b));
}

/* -- CRLs -- */

#define NUMBER "\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x01"
#define KEY_ID "\x30\x0c\x06\x03\x55\x1d\x23\x04\x05\x30\x03\x80\x01\x01"
#define CRITICAL_NUMBER "\x30\x0d\x06\x03\x55\x1d\x14\x01\x01\xff\x04\x03\x02\x01\x01"
#define CRITICAL_POINT "\x30\x0c\x06\x03\x55\x1d\x1c\x01\x01\xff\x04\x02\x30\x00"
#define ENTRY                  \
	"\x02\x01\x03\x17\x0d" \
	"250101000000Z"

static void lists(void **state)
{
	static const struct row rows[] = {
		GOOD("itself", "\0\0", "\x02\x01\x01"),
		ODD("version 1", "\0\0", "\x02\x01\x00"),
		ODD("version 3", "\0\0", "\x02\x01\x02"),
		ODD("no version", "\0\0", ""),
		ODD("another algorithm", "\1", "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
		ODD("no name", "\0\2", "\x30\x00"),
		ODD("no end", "\0\4", ""),
		ODD("an end that is none", "\0\4", "\x05\x00"),
		GOOD("none", "\0\5", ""),
		GOOD("an entry", "\0\5\0", "\x30\x12" ENTRY),
		GOOD("an entry with a reason", "\0\5\0",
			"\x30\x20" ENTRY
			"\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01\x01"),
		ODD("an entry of another issuer", "\0\5\0",
			"\x30\x22" ENTRY
			"\x30\x0e\x30\x0c\x06\x03\x55\x1d\x1d\x01\x01\xff\x04\x02\x30\x00"),
		ODD("an entry with more", "\0\5\0", "\x30\x14" ENTRY "\x05\x00"),
		ODD("a negative entry", "\0\5\0",
			"\x30\x12\x02\x01\xff\x17\x0d"
			"250101000000Z"),
		ODD("an entry without date", "\0\5\0", "\x30\x03\x02\x01\x03"),
		GOOD("its extensions", "\0\6\0", "\x30\x1a" NUMBER KEY_ID),
		GOOD("in another order", "\0\6\0", "\x30\x1a" KEY_ID NUMBER),
		ODD("no number", "\0\6\0", "\x30\x0e" KEY_ID),
		ODD("no key", "\0\6\0", "\x30\x0c" NUMBER),
		ODD("two numbers", "\0\6\0", "\x30\x26" NUMBER NUMBER KEY_ID),
		ODD("two keys", "\0\6\0", "\x30\x28" NUMBER KEY_ID KEY_ID),
		ODD("a critical number", "\0\6\0", "\x30\x1d" CRITICAL_NUMBER KEY_ID),
		ODD("of some certificates", "\0\6\0", "\x30\x28" NUMBER KEY_ID CRITICAL_POINT),
		ODD("no extensions", "\0\6", ""),
		ODD("two lists of extensions", "\0\6\1", "\x30\x00"),
		ODD("more", "\0\7", "\x05\x00"),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct crl list;
		if (crl_read(&list, with(crl, rows[i].path, rows[i].replacement)) != rows[i].wanted)
			fail_msg("%s", rows[i].name);
		if (rows[i].wanted == CONCLAVE_OK)
			assert_int_equal(crl_lists(&list, BYTES_LIT("\3")),
				strcmp(rows[i].name, "none") != 0);
	}
}

static void only_issuers_of_lists_sign_them(void **state)
{
	struct crl list;
	struct x509_certificate issuer;
	(void)state;
	assert_int_equal(crl_read(&list, crl), CONCLAVE_OK);
	assert_int_equal(x509_read(&issuer, certificate), CONCLAVE_OK);
	issuer.is_ca = true;
	issuer.key_usage = X509_CRL_SIGN;
	assert_int_equal(crl_verify(&list, &issuer), CONCLAVE_OK);
	issuer.is_ca = false;
	assert_int_equal(crl_verify(&list, &issuer), CONCLAVE_ERROR_MISMATCH);
	issuer.is_ca = true;
	issuer.key_usage = (uint8_t)~X509_CRL_SIGN;
	assert_int_equal(crl_verify(&list, &issuer), CONCLAVE_ERROR_MISMATCH);
	issuer.key_usage = X509_CRL_SIGN;
	issuer.subject.der = list.revoked;
	assert_int_equal(crl_verify(&list, &issuer), CONCLAVE_ERROR_MISMATCH);
}

static struct bytes forge(uint8_t *space, EVP_PKEY *key)
{
	const struct x509_forge plan = {.subject = "CN=one",
		.issuer = "CN=one",
		.key = key,
		.issuer_key = key,
		.serial = 1,
		.not_before = START,
		.not_after = END,
		.key_usage = "critical,digitalSignature"};
	struct writer writer = writer_of((struct buffer){space, ELEMENT_SIZE_MAX});
	x509_forge_write(&writer, &plan);
	return writer_bytes(&writer);
}

static int setup(void **state)
{
	(void)state;
	p384 = x509_forge_curve_key("P-384", 1);
	rsa = x509_forge_rsa_key('a');
	certificate = forge(pool[0], p384);
	rsa_certificate = forge(pool[1], rsa);
	const struct x509_forge_crl plan = {.issuer = "CN=one",
		.issuer_key = p384,
		.this_update = START,
		.next_update = END,
		.revoked = 3};
	struct writer writer = writer_of((struct buffer){pool[2], ELEMENT_SIZE_MAX});
	x509_forge_write_crl(&writer, &plan);
	crl = writer_bytes(&writer);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(p384);
	EVP_PKEY_free(rsa);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates),
		cmocka_unit_test(points),
		cmocka_unit_test(rsa_keys),
		cmocka_unit_test(nothing_may_follow),
		cmocka_unit_test(keys_have_a_scheme),
		cmocka_unit_test(lists),
		cmocka_unit_test(only_issuers_of_lists_sign_them),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
