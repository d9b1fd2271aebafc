/* Names and URLs of items, and the forms in which services write bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/literal.h"
#include "base/check.h"
#include "base/hex.h"
#include "collateral/encoding.h"
#include "collateral/item.h"

#define CHIP                                                               \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static const struct {
	const char *name, *url;
} items[] = {
	{"intel-pck-crl-processor",
		"https://pcs/sgx/certification/v4/pckcrl?ca=processor&encoding=der"},
	{"simulation-pck-crl-platform",
		"https://pcs/sgx/certification/v4/pckcrl?ca=platform&encoding=der"},
	{"intel-root-crl", "https://root/crl.der"},
	{"intel-sgx-tcb-info-00906ed50000",
		"https://pcs/sgx/certification/v4/tcb?fmspc=00906ED50000"},
	{"intel-tdx-tcb-info-90c06f000000",
		"https://pcs/tdx/certification/v4/tcb?fmspc=90C06F000000"},
	{"intel-sgx-qe-identity", "https://pcs/sgx/certification/v4/qe/identity"},
	{"intel-tdx-qe-identity", "https://pcs/tdx/certification/v4/qe/identity"},
	{"amd-Milan-vcek-chain", "https://kds/vcek/v1/Milan/cert_chain"},
	{"amd-Genoa-vlek-chain", "https://kds/vlek/v1/Genoa/cert_chain"},
	{"amd-Turin-vcek-crl", "https://kds/vcek/v1/Turin/crl"},
	{"amd-Milan-vlek-crl", "https://kds/vlek/v1/Milan/crl"},
	{"amd-Genoa-vcek-" CHIP "-0a000000000014d5",
		"https://kds/vcek/v1/Genoa/" CHIP "?blSPL=10&teeSPL=00&snpSPL=20&ucodeSPL=213"},
	{"amd-Turin-vcek-0123456789abcdef-010203040000004e",
		"https://kds/vcek/v1/Turin/"
		"0123456789abcdef?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=78"},
};

static void items_have_one_name_and_one_url(void **state)
{
	(void)state;
	const struct collateral_services services = {
		.pcs = "https://pcs", .kds = "https://kds", .root_crl = "https://root/crl.der"};
	for (size_t i = 0; i < ARRAY_COUNT(items); i++) {
		struct collateral_item item;
		char name[COLLATERAL_NAME_SIZE], url[COLLATERAL_URL_SIZE];
		assert_int_equal(item_parse(&item, items[i].name), CONCLAVE_OK);
		item_name(name, &item);
		assert_string_equal(name, items[i].name);
		assert_int_equal(item_url(url, &item, &services), CONCLAVE_OK);
		assert_string_equal(url, items[i].url);
	}
}

static void other_names_are_of_no_item(void **state)
{
	(void)state;
	static const char *const names[] = {"", "lock", "intel", "intel-", "intel-root-crl ",
		"intel-root-crl-", "intel-root-crl-00", "Intel-root-crl", "amd-root-crl",
		"amd-Milan-root-crl", "intel-vcek-chain", "intel-sgx-tcb-info",
		"intel-sgx-tcb-info-", "intel-sgx-tcb-info-00906ed5000",
		"intel-sgx-tcb-info-00906ED50000", "intel-sgx-tcb-info-00906ed50000.a1b2c3",
		"intel-sgx-tcb-info-00906ed5000g", "intel-sgx-tcb-info_00906ed50000",
		"amd-Turin-vcek-" CHIP "-0a000000000014d5",
		"amd-Milan-vcek-0123456789abcdef-010203040000004e",
		"amd-Turin-vcek-0123456789abcdef_010203040000004e", "amd-Milan-vlek",
		"../intel-root-crl"};
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct collateral_item item;
		if (item_parse(&item, names[i]) != CONCLAVE_ERROR_FORMAT)
			fail_msg("'%s' is taken for an item", names[i]);
	}
}

static void a_url_has_its_limit(void **state)
{
	(void)state;
	static char base[COLLATERAL_URL_SIZE];
	struct collateral_item item;
	char url[COLLATERAL_URL_SIZE];
	memset(base, 'a', sizeof(base) - 1);
	const struct collateral_services services = {.pcs = base, .kds = base};
	assert_int_equal(item_parse(&item, "intel-sgx-qe-identity"), CONCLAVE_OK);
	assert_int_equal(item_url(url, &item, &services), CONCLAVE_ERROR_LIMIT);
}

static void percent_encoding_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text, *decoded; /* NULL: refused */
	} table[] = {
		{"", ""},
		{"plain+text", "plain+text"},
		{"a%20b%0a%2B%2b", "a b\n++"},
		{"%", NULL},
		{"a%2", NULL},
		{"%g0", NULL},
		{"%%41", NULL},
		{"% 41", NULL},
	};
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		uint8_t space[64];
		struct writer out = writer_of((struct buffer){space, sizeof(space)});
		const char *wanted = table[i].decoded;
		enum conclave_error error = encoding_percent_decode(
			&out, bytes_of(table[i].text, strlen(table[i].text)));
		assert_int_equal(error, wanted != NULL ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT);
		if (wanted != NULL)
			assert_true(
				bytes_equal(writer_bytes(&out), bytes_of(wanted, strlen(wanted))));
	}
}

static void der_comes_in_every_form(void **state)
{
	(void)state;
	static const uint8_t der[] = {0x30, 0x03, 0x02, 0x01, 0x05};
	static const struct {
		struct bytes body;
		bool is_good;
	} table[] = {
		{LITERAL("\x30\x03\x02\x01\x05"), true},
		{LITERAL("\x30\x03\x02\x01\x05\0\0"), true},
		{LITERAL("3003020105"), true},
		{LITERAL("3003020105\r\n"), true},
		{LITERAL("-----BEGIN X509 CRL-----\nMAMCAQU=\n-----END X509 CRL-----\n"), true},
		{LITERAL(""), false},
		{LITERAL("300302010"), false},
		{LITERAL("300302010g"), false},
		{LITERAL("30030201"), false},
		{LITERAL("300302010500ff"), false},
		{LITERAL("\x30\x03\x02\x01"), false},
		{LITERAL("\x30\x03\x02\x01\x05\x01"), false},
		{LITERAL("-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n"),
			false},
		{LITERAL("-----BEGIN X509 CRL-----\nMAMCAQU=\n"), false},
		{LITERAL("<html>"), false},
	};
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		uint8_t space[128];
		struct buffer body = {space, table[i].body.len};
		memcpy(space, table[i].body.ptr, table[i].body.len);
		enum conclave_error error = encoding_to_der(&body, BYTES_LIT("X509 CRL"));
		assert_int_equal(error, table[i].is_good ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT);
		if (table[i].is_good)
			assert_true(bytes_equal(bytes_of(body.ptr, body.len), BYTES_OF(der)));
	}
}

/* What is written is read again, whatever its length leaves over in base64. */
static void pem_is_written_as_it_is_read(void **state)
{
	(void)state;
	for (size_t len = 3; len < 200; len++) {
		uint8_t der[256] = {0x30, 0x81, (uint8_t)(len - 3)}, text[1024];
		size_t head = 3;
		if (len == 130)
			continue; /* no element is that long */
		if (len - 2 < 0x80) {
			der[1] = (uint8_t)(len - 2);
			head = 2;
		}
		for (size_t i = head; i < len; i++)
			der[i] = (uint8_t)(i * 37);
		struct writer out = writer_of((struct buffer){text, sizeof(text)});
		assert_int_equal(
			encoding_write_pem(&out, "X509 CRL", bytes_of(der, len)), CONCLAVE_OK);
		struct buffer body = {text, out.len};
		assert_int_equal(encoding_to_der(&body, BYTES_LIT("X509 CRL")), CONCLAVE_OK);
		assert_true(bytes_equal(bytes_of(body.ptr, body.len), bytes_of(der, len)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_have_one_name_and_one_url),
		cmocka_unit_test(other_names_are_of_no_item),
		cmocka_unit_test(a_url_has_its_limit),
		cmocka_unit_test(percent_encoding_is_strict),
		cmocka_unit_test(der_comes_in_every_form),
		cmocka_unit_test(pem_is_written_as_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
