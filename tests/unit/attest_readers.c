/* The strict readers beneath the verifier: DER, PEM and JSON, one odd input per row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/der.h"
#include "attest/json_view.h"
#include "attest/literal.h"
#include "attest/pck.h"
#include "attest/pem.h"
#include "base/check.h"
#include "base/hex.h"
#include "crypto/crypto.h"

static struct bytes from_hex(const char *text)
{
	static uint8_t space[256];
	size_t size = strlen(text) / 2;
	assert_int_equal(hex_decode((struct buffer){space, size}, bytes_of(text, strlen(text))),
		CONCLAVE_OK);
	return bytes_of(space, size);
}

/* -- DER -- */

static void der_lengths(void **state)
{
	static const struct {
		const char *hex;
		bool is_good;
	} rows[] = {
		{"0400", true}, {"040161", true}, {"04", false}, {"040261", false}, /* cut */
		{"04016100", false},						    /* more */
		{"04810161", false},			    /* a length that fits a shorter form */
		{"0482000161", false},			    /* the same */
		{"0480", false},			    /* indefinite */
		{"048400000001", false}, {"050161", false}, /* another tag */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reader reader = reader_of(from_hex(rows[i].hex));
		(void)der_read(&reader, DER_OCTET_STRING);
		assert_int_equal(der_end(&reader) == CONCLAVE_OK, rows[i].is_good);
	}

	static const uint8_t long_form[4 + 128] = {0x04, 0x82, 0x00, 0x80}; /* 0x81 would do */
	struct reader reader = reader_of(BYTES_OF(long_form));
	(void)der_read(&reader, DER_OCTET_STRING);
	assert_true(reader.failed);
}

static void der_integers(void **state)
{
	static const struct {
		const char *hex;
		bool is_good;
		uint32_t value;
	} rows[] = {
		{"020100", true, 0},
		{"02017f", true, 127},
		{"02020080", true, 128},
		{"020200ff", true, 255},
		{"02020100", false, 0}, /* above the limit */
		{"0200", false, 0},	/* empty */
		{"0201ff", false, 0},	/* negative */
		{"0202007f", false, 0}, /* a zero too many */
		{"020500ffffffff", false, 0},
		{"0206010000000000", false, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reader reader = reader_of(from_hex(rows[i].hex));
		uint32_t value = der_read_number(&reader, 255);
		assert_int_equal(der_end(&reader) == CONCLAVE_OK, rows[i].is_good);
		assert_int_equal(value, rows[i].value);
	}
	struct reader reader = reader_of(from_hex("02050100000000")); /* 2^32 */
	assert_int_equal(der_read_number(&reader, UINT32_MAX), 0);
	assert_true(reader.failed);
}

static void der_times(void **state)
{
	static const struct {
		uint8_t tag;
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
		{DER_UTC_TIME, "700101000000Z", 0},
		{DER_UTC_TIME, "491231235959Z", 2524607999},
		{DER_GENERALIZED_TIME, "20500101000000Z", 2524608000},
		{DER_GENERALIZED_TIME, "20991231235959Z", 4102444799},
		{DER_GENERALIZED_TIME, "20491231235959Z", -1}, /* belongs into a UTCTime */
		{DER_UTC_TIME, "7001010000Z", -1},
		{DER_UTC_TIME, "700101000000", -1},
		{DER_UTC_TIME, "700101000000+0100", -1},
		{DER_UTC_TIME, "700230000000Z", -1},
		{DER_UTC_TIME, "7001010000a0Z", -1},
		{DER_GENERALIZED_TIME, "20500101000000.5Z", -1},
		{DER_OCTET_STRING, "700101000000Z", -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t element[64] = {rows[i].tag, (uint8_t)strlen(rows[i].text)};
		memcpy(element + 2, rows[i].text, strlen(rows[i].text));
		struct reader reader = reader_of(bytes_of(element, 2u + element[1]));
		int64_t seconds = der_read_time(&reader);
		if (rows[i].seconds < 0)
			assert_int_equal(der_end(&reader), CONCLAVE_ERROR_FORMAT);
		else
			assert_int_equal(seconds, rows[i].seconds);
	}
}

/* Any element whole, and nothing of one that is cut. */
static void der_any(void **state)
{
	struct reader reader = reader_of(from_hex("04020102ff"));
	(void)state;
	assert_int_equal(der_read_any(&reader).len, 4);
	assert_int_equal(reader.rest.len, 1);
	reader = reader_of(from_hex("04030102"));
	assert_int_equal(der_read_any(&reader).len, 0);
	assert_true(reader.failed);
	reader = reader_of(from_hex("1f0100")); /* a tag of several bytes */
	assert_int_equal(der_read_any(&reader).len, 0);
	assert_true(reader.failed);
}

static void der_booleans_and_bits(void **state)
{
	static const struct {
		const char *hex;
		bool is_good;
	} booleans[] = {{"010100", true}, {"0101ff", true}, {"010101", false}, {"01020000", false}},
	  bits[] = {{"03020041", true}, {"03020141", false}, {"0300", false}, {"030100", true}};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct reader reader = reader_of(from_hex(booleans[i].hex));
		(void)der_read_boolean(&reader);
		assert_int_equal(der_end(&reader) == CONCLAVE_OK, booleans[i].is_good);
		reader = reader_of(from_hex(bits[i].hex));
		(void)der_read_bit_string(&reader);
		assert_int_equal(der_end(&reader) == CONCLAVE_OK, bits[i].is_good);
	}
}

static void der_signatures(void **state)
{
	static const struct {
		const char *hex;
		bool is_good;
	} rows[] = {
		{"3006020101020102", true}, {"3006020101020102ff", false},
		{"300702010102010200", false}, {"3003020101", false},
		{"30260221010000000000000000000000000000000000000000000000000000000000000000020101",
			false}, /* 33 bytes */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reader reader = reader_of(from_hex(rows[i].hex));
		struct p256_signature signature;
		der_read_ecdsa_signature(
			&reader, (struct buffer){signature.bytes, sizeof(signature.bytes)});
		assert_int_equal(der_end(&reader) == CONCLAVE_OK, rows[i].is_good);
		if (i == 0)
			assert_true(signature.bytes[31] == 1 && signature.bytes[63] == 2);
	}
}

/* -- PEM -- */

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"

static void pem_blocks(void **state)
{
	static const struct {
		const char *text;
		const char *content; /* NULL: refused */
	} rows[] = {
		{BEGIN "aGVsbG8=\n" END, "hello"},
		{BEGIN "aGVs\nbG8=\n" END, "hello"},
		{"\r\n" BEGIN "aGVsbG8=\r\n" END "\n", "hello"},
		{BEGIN "aGVs\n" END, "hel"},
		{BEGIN END, ""},
		{BEGIN "aGVsbG9=\n" END, NULL},	    /* bits to spare */
		{BEGIN "aGVsbG8\n" END, NULL},	    /* no padding */
		{BEGIN "aGVsbG8==\n" END, NULL},    /* too much */
		{BEGIN "aGVsbG8=aGVs\n" END, NULL}, /* padding within */
		{BEGIN "aGVsbA=o\n" END, NULL},
		{BEGIN "aGV sbG8=\n" END, NULL},
		{BEGIN "aGVs*G8=\n" END, NULL},
		{BEGIN "=GVsbG8=\n" END, NULL},
		{"x" BEGIN "aGVsbG8=\n" END, NULL},
		{"-----BEGIN CERTIFICATE----\n"
		 "aGVsbG8=\n" END,
			NULL},
		{"-----BEGIN X509 CRL-----\naGVsbG8=\n-----END X509 CRL-----\n", NULL},
		{BEGIN "aGVsbG8=\n-----END X509 CRL-----\n", NULL},
		{BEGIN "aGVsbG8=\n", NULL},
		{BEGIN, NULL},
		{"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t space[64];
		struct bytes der;
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		struct reader reader = reader_of(bytes_of(rows[i].text, strlen(rows[i].text)));
		enum conclave_error error =
			pem_next(&der, &writer, &reader, BYTES_LIT("CERTIFICATE"));
		if (rows[i].content == NULL) {
			assert_int_equal(error, CONCLAVE_ERROR_FORMAT);
			continue;
		}
		assert_int_equal(error, CONCLAVE_OK);
		assert_true(bytes_equal(der, bytes_of(rows[i].content, strlen(rows[i].content))));
		assert_true(pem_at_end(&reader));
	}
}

static void pem_space_and_end(void **state)
{
	uint8_t space[4];
	struct bytes der;
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct reader reader = reader_of(BYTES_LIT(BEGIN "aGVsbG8=\n" END));
	(void)state;
	assert_int_equal(
		pem_next(&der, &writer, &reader, BYTES_LIT("CERTIFICATE")), CONCLAVE_ERROR_SPACE);
	reader = reader_of(BYTES_LIT("\r\n\n\0\0"));
	assert_true(pem_at_end(&reader));
	reader = reader_of(BYTES_LIT("\n\0\n"));
	assert_false(pem_at_end(&reader));
	reader = reader_of(BYTES_LIT(" "));
	assert_false(pem_at_end(&reader));
}

/* -- JSON -- */

static void json_grammar(void **state)
{
	static const char *const good[] = {"{}", " [ ] ", "\"\"", "0", "-1.5E-7", "true", "null",
		"{\"a\":[1,2,{\"b\":false}]}", "\"\\u00e9\\\"\\/\"", "[[[[[[[[]]]]]]]]"},
				 *const bad[] = {"", " ", "{", "}", "[1,]", "[,1]", "{\"a\":}",
					 "{\"a\":1,}", "{a:1}", "{'a':1}", "01", "1.", ".5", "+1",
					 "1e", "--1", "tru", "nulll", "\"", "\"\\x\"",
					 "\"\\u12g4\"", "\"\n\"", "1 2", "{\"a\" 1}", "[1 2]",
					 "\x01", "NaN", "/**/1"};
	struct json_view value;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_int_equal(
			json_view_parse(&value, bytes_of(good[i], strlen(good[i]))), CONCLAVE_OK);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(json_view_parse(&value, bytes_of(bad[i], strlen(bad[i]))),
			CONCLAVE_ERROR_FORMAT);
}

static void json_limits(void **state)
{
	static uint8_t text[JSON_VIEW_SIZE_MAX + 1];
	struct json_view value;
	(void)state;
	memset(text, '[', sizeof(text));
	assert_int_equal(
		json_view_parse(&value, BYTES_LIT("[[[[[[[[[]]]]]]]]]")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		json_view_parse(&value, bytes_of(text, JSON_VIEW_SIZE_MAX)), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		json_view_parse(&value, bytes_of(text, sizeof(text))), CONCLAVE_ERROR_LIMIT);
}

static void json_members(void **state)
{
	struct json_view whole, member, array;
	struct bytes text;
	uint32_t number;
	(void)state;
	assert_int_equal(json_view_parse(&whole, BYTES_LIT("{ \"a\" : { \"b\": [1, \"x\"] } , "
							   "\"n\":4294967295,\"t\":\"\\n\","
							   "\"d\":1,\"d\":2,\"big\":4294967296,"
							   "\"neg\":-1,\"frac\":1.5}")),
		CONCLAVE_OK);
	assert_int_equal(json_view_member(&member, &whole, BYTES_LIT("a")), CONCLAVE_OK);
	assert_true(bytes_equal(member.text, BYTES_LIT("{ \"b\": [1, \"x\"] }")));
	assert_int_equal(json_view_array(&array, &member, BYTES_LIT("b")), CONCLAVE_OK);
	assert_int_equal(
		json_view_member(&member, &whole, BYTES_LIT("b")), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(json_view_member(&member, &whole, BYTES_LIT("d")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_member(&member, &array, BYTES_LIT("d")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		json_view_number(&number, UINT32_MAX, &whole, BYTES_LIT("n")), CONCLAVE_OK);
	assert_int_equal(number, UINT32_MAX);
	assert_int_equal(
		json_view_number(&number, 1000, &whole, BYTES_LIT("n")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_number(&number, UINT32_MAX, &whole, BYTES_LIT("big")),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_number(&number, UINT32_MAX, &whole, BYTES_LIT("neg")),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_number(&number, UINT32_MAX, &whole, BYTES_LIT("frac")),
		CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_string(&text, &whole, BYTES_LIT("t")), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_string(&text, &whole, BYTES_LIT("n")), CONCLAVE_ERROR_FORMAT);

	struct json_view element;
	struct reader elements = json_view_elements(&array);
	assert_true(json_view_next(&element, &elements));
	assert_true(bytes_equal(element.text, BYTES_LIT("1")));
	assert_true(json_view_next(&element, &elements));
	assert_int_equal(json_view_text(&text, &element), CONCLAVE_OK);
	assert_true(bytes_equal(text, BYTES_LIT("x")));
	assert_false(json_view_next(&element, &elements));
}

static void json_walks_members(void **state)
{
	static const char *const names[] = {"a", "\\u0062", "", "a"};
	static const char *const values[] = {"1", "{ \"x\" : [ ] }", "null", "\"}\""};
	struct json_view whole, value, array = {BYTES_LIT("[1]")};
	struct bytes name;
	size_t count = 0;
	(void)state;
	assert_int_equal(json_view_parse(&whole, BYTES_LIT(" { \"a\":1 , \"\\u0062\" : { \"x\" : [ "
							   "] }, \"\":null,\"a\":\"}\" } ")),
		CONCLAVE_OK);
	for (struct reader members = json_view_members(&whole);
		json_view_next_member(&name, &value, &members); count++) {
		assert_true(bytes_equal(name, bytes_of(names[count], strlen(names[count]))));
		assert_true(
			bytes_equal(value.text, bytes_of(values[count], strlen(values[count]))));
	}
	assert_int_equal(count, 4);
	struct reader members = json_view_members(&array);
	assert_false(json_view_next_member(&name, &value, &members));
}

/* -- the SGX extension -- */

static void pck_malformed(void **state)
{
	static const char *const rows[] = {
		"",
		"3000",
		/* TCB, but neither PCEID nor FMSPC */
		"3010300e060a2a864886f84d010d01023000",
		/* FMSPC of five bytes */
		"30153013060a2a864886f84d010d010404050102030405",
		"0400",
	};
	struct pck_platform platform;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_int_equal(pck_read(&platform, from_hex(rows[i])), CONCLAVE_ERROR_FORMAT);
}

/* A whole extension whose items can be repeated or replaced. */
static struct bytes make_pck(struct bytes extra)
{
	static uint8_t space[1024];
	struct bytes platform =
		from_hex("301e060a2a864886f84d010d01010410303132333435363738396162636465663010060a2"
			 "a864886f84d"
			 "010d0103040200003014060a2a864886f84d010d0104040600c0ffee0000");
	uint8_t tcb[512];
	struct writer parts = writer_of((struct buffer){tcb, sizeof(tcb)});
	for (uint8_t i = 1; i <= 18; i++) {
		const uint8_t oid[] = {
			0x06, 11, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 1, 13, 1, 2, i};
		const uint8_t size = i == 18 ? 16 : 1;
		write_u8(&parts, DER_SEQUENCE);
		write_u8(&parts, (uint8_t)(sizeof(oid) + 2 + size));
		write_bytes(&parts, BYTES_OF(oid));
		write_u8(&parts, i == 18 ? DER_OCTET_STRING : DER_INTEGER);
		write_u8(&parts, size);
		for (uint8_t j = 0; j < size; j++)
			write_u8(&parts, i);
	}
	struct writer all = writer_of((struct buffer){space, sizeof(space)});
	const uint8_t oid[] = {0x06, 10, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 1, 13, 1, 2};
	size_t item_size = sizeof(oid) + 4 + parts.len;
	write_u8(&all, DER_SEQUENCE);
	write_u8(&all, 0x82);
	write_u16be(&all, (uint16_t)(platform.len + 4 + item_size + extra.len));
	write_bytes(&all, platform);
	write_u8(&all, DER_SEQUENCE);
	write_u8(&all, 0x82);
	write_u16be(&all, (uint16_t)item_size);
	write_bytes(&all, BYTES_OF(oid));
	write_u8(&all, DER_SEQUENCE);
	write_u8(&all, 0x82);
	write_u16be(&all, (uint16_t)parts.len);
	write_bytes(&all, writer_bytes(&parts));
	write_bytes(&all, extra);
	assert_int_equal(writer_end(&all), CONCLAVE_OK);
	return writer_bytes(&all);
}

#define ITEM(arc) "060a2a864886f84d010d01" arc
#define ANSWER(arc, value) "3010060b2a864886f84d010d0107" arc "0101" value

static void pck_facts(void **state)
{
	static const struct {
		const char *extra;
		bool is_good;
	} rows[] = {
		{"", true}, {"300f" ITEM("05") "0a0100", true}, {"300f" ITEM("05") "0a0102", true},
		{"300f" ITEM("05") "0a0103", false},			     /* no such type */
		{"300f" ITEM("05") "020100", false},			     /* not ENUMERATED */
		{"300f" ITEM("05") "0a0100300f" ITEM("05") "0a0100", false}, /* twice */
		{"301e" ITEM("06") "041000112233445566778899aabbccddeeff", true},
		{"301d" ITEM("06") "040f00112233445566778899aabbccddee", false},
		{"300e" ITEM("07") "3000", true},
		{"3020" ITEM("07") "3012" ANSWER("01", "ff"), true},
		{"3020" ITEM("07") "3012" ANSWER("01", "01"), false}, /* not DER's TRUE */
		{"3020" ITEM("07") "3012" ANSWER("04", "ff"), false}, /* no such answer */
		{"3032" ITEM("07") "3024" ANSWER("02", "ff") ANSWER("02", "ff"), false},
		{"3032" ITEM("07") "3024" ANSWER("02", "ff") ANSWER("03", "00"), true},
		{"300e" ITEM("63") "0500", true},      /* something later */
		{"3010" ITEM("03") "04020000", false}, /* PCEID twice */
	};
	struct pck_platform platform;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t extra[128];
		const struct bytes decoded = from_hex(rows[i].extra);
		memcpy(extra, decoded.ptr, decoded.len);
		enum conclave_error error =
			pck_read(&platform, make_pck(bytes_of(extra, decoded.len)));
		if ((error == CONCLAVE_OK) != rows[i].is_good)
			fail_msg("row %zu: %s", i, conclave_error_name(error));
	}
	assert_int_equal(pck_read(&platform, make_pck((struct bytes){NULL, 0})), CONCLAVE_OK);
	assert_int_equal(platform.components[0], 1);
	assert_int_equal(platform.components[15], 16);
	assert_int_equal(platform.pcesvn, 17);
	assert_int_equal(platform.sgx_type, PCK_SGX_UNKNOWN);
	assert_int_equal(platform.has_smt, PCK_UNKNOWN);
	assert_false(platform.has_instance_id);
}

/* DER, PEM, or hexadecimal digits. */
static void pem_decodes_any_form(void **state)
{
	static const struct {
		struct bytes text;
		enum conclave_error error;
	} rows[] = {
		{LITERAL("\x30\x03\x02\x01\x05"), CONCLAVE_OK},
		{LITERAL("\x30\x03\x02\x01\x05\0\0\0"), CONCLAVE_OK},
		{LITERAL("3003020105"), CONCLAVE_OK},
		{LITERAL("3003020105\n"), CONCLAVE_OK},
		{LITERAL("3003020105\0\0"), CONCLAVE_OK},
		{LITERAL(BEGIN "MAMCAQU=\n" END), CONCLAVE_OK},
		{LITERAL("\x30\x03\x02\x01"), CONCLAVE_ERROR_FORMAT},
		{LITERAL("\x30\x03\x02\x01\x05\0\1"), CONCLAVE_ERROR_FORMAT},
		{LITERAL("300302010"), CONCLAVE_ERROR_FORMAT},
		{LITERAL("3003 020105"), CONCLAVE_ERROR_FORMAT},
		{LITERAL("300302010500112233"), CONCLAVE_ERROR_LIMIT},
		{LITERAL(BEGIN "MAMCAQUAAAAAAAAA\n" END), CONCLAVE_ERROR_LIMIT},
		{LITERAL(""), CONCLAVE_ERROR_FORMAT},
		{LITERAL("\0"), CONCLAVE_ERROR_FORMAT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t space[8];
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		struct bytes der;
		enum conclave_error error =
			pem_decode(&der, &writer, rows[i].text, BYTES_LIT("CERTIFICATE"));
		if (error != rows[i].error)
			fail_msg("row %zu: %s", i, conclave_error_name(error));
		if (error == CONCLAVE_OK)
			assert_true(bytes_equal(der, BYTES_LIT("\x30\x03\x02\x01\x05")));
	}
}

/* Several members in one pass; what is not there is NOT_FOUND to every reader of a value. */
static void json_fields(void **state)
{
	struct json_view whole, a, b, c;
	const struct json_view_field fields[] = {
		{LITERAL("a"), &a}, {LITERAL("b"), &b}, {LITERAL("c"), &c}};
	uint32_t number;
	int64_t seconds;
	struct bytes text;
	uint8_t octets[2];
	(void)state;
	assert_int_equal(
		json_view_parse(&whole, BYTES_LIT("{\"b\":\"aB0c\",\"x\":[{\"a\":1}],\"a\":7}")),
		CONCLAVE_OK);
	assert_int_equal(json_view_fields(fields, 3, &whole), CONCLAVE_OK);
	assert_int_equal(json_view_integer(&number, 7, &a), CONCLAVE_OK);
	assert_int_equal(number, 7);
	assert_int_equal(json_view_integer(&number, 6, &a), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		json_view_octets((struct buffer){octets, sizeof(octets)}, &b), CONCLAVE_OK);
	assert_memory_equal(octets, "\xab\x0c", 2);
	assert_int_equal(json_view_integer(&number, 9, &c), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(json_view_text(&text, &c), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(json_view_instant(&seconds, &c), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(json_view_is_array(&c), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(json_view_is_array(&a), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(json_view_fields(fields, 3, &a), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		json_view_parse(&whole, BYTES_LIT("{\"a\":1,\"b\":2,\"a\":3}")), CONCLAVE_OK);
	assert_int_equal(json_view_fields(fields, 3, &whole), CONCLAVE_ERROR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(der_lengths),
		cmocka_unit_test(der_integers),
		cmocka_unit_test(der_times),
		cmocka_unit_test(der_any),
		cmocka_unit_test(der_booleans_and_bits),
		cmocka_unit_test(der_signatures),
		cmocka_unit_test(pem_blocks),
		cmocka_unit_test(pem_space_and_end),
		cmocka_unit_test(json_grammar),
		cmocka_unit_test(json_limits),
		cmocka_unit_test(json_members),
		cmocka_unit_test(json_walks_members),
		cmocka_unit_test(pck_malformed),
		cmocka_unit_test(pck_facts),
		cmocka_unit_test(pem_decodes_any_form),
		cmocka_unit_test(json_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
