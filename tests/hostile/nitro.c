/* Attestation documents that lie, one lie per row: each must be refused, at the check whose
 * business it is; and what is at the edge of that must not. T-41 (measurements), T-43 (algorithms),
 * T-45 (the nonce is told as it is), and what fortanix, fastcrypto, libsignal and qos test for. */
#include "hostile/nitro_world.h"

#include "attest/cbor.h"

/* -- the genuine one, and what is as good -- */

static void genuine_is_accepted(void **state)
{
	struct nitro_claims claims;
	int64_t timestamp;
	(void)state;
	nitro_forge_make(&forge);
	check_accepted("genuine", &claims);
	assert_true(bytes_equal(claims.module_id, BYTES_LIT("i-0-enc0-fed")));
	assert_int_equal(claims.timestamp_ms, NITRO_FORGE_NOW * 1000 + 321);
	assert_int_equal(nitro_read_timestamp(&timestamp, forge.document), CONCLAVE_OK);
	assert_int_equal(timestamp, NITRO_FORGE_NOW);
	for (size_t i = 0; i < NITRO_PCR_COUNT; i++)
		assert_int_equal(claims.pcrs[i].len, i < 16 ? 48 : 0);
	assert_int_equal(claims.pcrs[5].ptr[47], 6);
	assert_int_equal(claims.cabundle_count, 3);
	assert_true(bytes_equal(claims.public_key, BYTES_LIT("key")));
	assert_true(bytes_equal(claims.user_data, BYTES_LIT("user")));
	assert_true(bytes_equal(claims.nonce, BYTES_LIT("nonce")));
	assert_false(claims.is_debug);
	assert_int_equal(claims.validity.from, NITRO_FORGE_START);
	assert_int_equal(claims.validity.until, NITRO_FORGE_END);
}

static void tag_and_streaming_change_nothing(void **state)
{
	struct nitro_claims claims;
	(void)state;
	forge.is_streamed = true;
	forge.tag = BYTES_LIT("\xd2");
	nitro_forge_make(&forge);
	check_accepted("tagged and streamed", &claims);
	assert_int_equal(claims.pcrs[15].ptr[0], 16);
}

static void order_of_members_is_free(void **state)
{
	struct nitro_claims claims;
	(void)state;
	for (size_t i = 0; i < forge.member_count / 2; i++) {
		struct nitro_forge_member *a = &forge.members[i];
		struct nitro_forge_member *b = &forge.members[forge.member_count - 1 - i];
		struct nitro_forge_member c = *a;
		*a = *b;
		*b = c;
	}
	nitro_forge_make(&forge);
	check_accepted("in reverse", &claims);
}

/* -- values of single members -- */

struct value_case {
	const char *member;
	struct bytes value;
	enum conclave_error error;
	enum nitro_check check;
};

static const struct value_case value_cases[] = {
	{"module_id", LITERAL("\x60"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
	{"module_id", LITERAL("\x41i"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
	{"module_id", LITERAL("\x61\xff"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
	{"module_id", LITERAL("\xf6"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
	{"module_id", LITERAL("\x7f\x61i\xff"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
	{"digest", LITERAL("\x66SHA256"), CONCLAVE_ERROR_VERSION, NITRO_CHECK_DIGEST},
	{"digest", LITERAL("\x66SHA512"), CONCLAVE_ERROR_VERSION, NITRO_CHECK_DIGEST},
	{"digest", LITERAL("\x66sha384"), CONCLAVE_ERROR_VERSION, NITRO_CHECK_DIGEST},
	{"digest", LITERAL("\x60"), CONCLAVE_ERROR_VERSION, NITRO_CHECK_DIGEST},
	{"digest", LITERAL("\x46SHA384"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_DIGEST},
	{"timestamp", LITERAL("\x00"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_TIMESTAMP},
	{"timestamp", LITERAL("\x20"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_TIMESTAMP},
	{"timestamp", LITERAL("\xf6"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_TIMESTAMP},
	{"timestamp", LITERAL("\x1b\x80\x00\x00\x00\x00\x00\x00\x00"), CONCLAVE_ERROR_FORMAT,
		NITRO_CHECK_TIMESTAMP}, /* 2^63 */
	{"timestamp", LITERAL("\x1b\x00\x00\x00\x00\x12\x34\x56\x78"), CONCLAVE_ERROR_FORMAT,
		NITRO_CHECK_TIMESTAMP}, /* in nine bytes where five do */
	/* The year 10000. */
	{"timestamp", LITERAL("\x1b\x00\x00\xe6\x77\xd2\x1f\xdc\x00"), CONCLAVE_ERROR_FORMAT,
		NITRO_CHECK_TIMESTAMP},
	{"timestamp", LITERAL("\xfb\x42\x78\x00\x00\x00\x00\x00\x00"), CONCLAVE_ERROR_FORMAT,
		NITRO_CHECK_TIMESTAMP},
	{"pcrs", LITERAL("\xa0"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS},
	{"pcrs", LITERAL("\x80"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS},
	{"pcrs", LITERAL("\xf6"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS},
	{"certificate", LITERAL("\x40"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CERTIFICATE},
	{"certificate", LITERAL("\xf6"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CERTIFICATE},
	{"certificate", LITERAL("\x43\x30\x01\x00"), CONCLAVE_ERROR_FORMAT,
		NITRO_CHECK_CERTIFICATE},
	{"cabundle", LITERAL("\x80"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\xf6"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\x81\x40"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\x81\x60"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\x81\x43\x30\x01\x00"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\x8b"), CONCLAVE_ERROR_LIMIT, NITRO_CHECK_CABUNDLE},
	{"cabundle", LITERAL("\x9f\xff"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_CABUNDLE},
	{"public_key", LITERAL("\x40"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PUBLIC_KEY},
	{"public_key", LITERAL("\x61k"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PUBLIC_KEY},
	{"public_key", LITERAL("\xf7"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PUBLIC_KEY},
	{"user_data", LITERAL("\xf4"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_USER_DATA},
	{"user_data", LITERAL("\x5f\x41u\xff"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_USER_DATA},
	{"nonce", LITERAL("\x00"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_NONCE},
	{"nonce", LITERAL("\x80"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_NONCE},
};

static void wrong_values_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(value_cases); i++) {
		const struct value_case *row = &value_cases[i];
		char name[64];
		snprintf(name, sizeof(name), "row %zu, %s", i, row->member);
		begin_again();
		nitro_forge_member(&forge, row->member)->value = row->value;
		nitro_forge_make(&forge);
		check_refused(name, row->error, row->check);
	}
}

struct size_case {
	const char *member;
	size_t size;
	enum conclave_error error;
	enum nitro_check check;
};

static const struct size_case size_cases[] = {
	{"public_key", 1, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"public_key", 1024, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"public_key", 1025, CONCLAVE_ERROR_LIMIT, NITRO_CHECK_PUBLIC_KEY},
	{"user_data", 0, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"user_data", 512, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"user_data", 513, CONCLAVE_ERROR_LIMIT, NITRO_CHECK_USER_DATA},
	{"nonce", 0, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"nonce", 512, CONCLAVE_OK, NITRO_CHECK_NONE},
	{"nonce", 513, CONCLAVE_ERROR_LIMIT, NITRO_CHECK_NONCE},
	{"certificate", 1025, CONCLAVE_ERROR_LIMIT, NITRO_CHECK_CERTIFICATE},
};

static void sizes_have_limits(void **state)
{
	static const uint8_t filling[1025];
	struct nitro_claims claims;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(size_cases); i++) {
		const struct size_case *row = &size_cases[i];
		begin_again();
		nitro_forge_set_bytes(&forge, row->member, bytes_of(filling, row->size));
		nitro_forge_make(&forge);
		if (row->error == CONCLAVE_OK)
			check_accepted(row->member, &claims);
		else
			check_refused(row->member, row->error, row->check);
	}
}

/* T-45: what was not given is told apart from what was given empty, and both from any value. */
static void nonce_is_told_as_it_is(void **state)
{
	struct nitro_claims claims;
	(void)state;
	nitro_forge_member(&forge, "nonce")->value = BYTES_LIT("\xf6");
	nitro_forge_make(&forge);
	check_accepted("null", &claims);
	assert_null(claims.nonce.ptr);

	begin_again();
	forge.member_count--; /* the last one */
	nitro_forge_make(&forge);
	check_accepted("absent", &claims);
	assert_null(claims.nonce.ptr);

	begin_again();
	nitro_forge_member(&forge, "nonce")->value = BYTES_LIT("\x40");
	nitro_forge_make(&forge);
	check_accepted("empty", &claims);
	assert_non_null(claims.nonce.ptr);
	assert_int_equal(claims.nonce.len, 0);
}

/* -- PCRs, T-41 -- */

struct pcr {
	uint8_t index, size;
};

/* Bytes of index and one. */
static void set_pcrs(const struct pcr *pcrs, size_t count)
{
	static uint8_t space[4096];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	cbor_write_head(&writer, CBOR_MAP, count);
	for (size_t i = 0; i < count; i++) {
		uint8_t value[255];
		memset(value, pcrs[i].index + 1, sizeof(value));
		cbor_write_head(&writer, CBOR_UNSIGNED, pcrs[i].index);
		cbor_write_bytes(&writer, bytes_of(value, pcrs[i].size));
	}
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	nitro_forge_member(&forge, "pcrs")->value = writer_bytes(&writer);
}

static void wrong_pcrs_are_refused(void **state)
{
	static const struct {
		const char *name;
		struct pcr pcrs[5];
		size_t count;
	} cases[] = {
		{"no PCR0", {{1, 48}, {2, 48}, {3, 48}}, 3},
		{"no PCR1", {{0, 48}, {2, 48}, {3, 48}}, 3},
		{"no PCR2", {{0, 48}, {1, 48}, {3, 48}}, 3},
		{"PCR0 twice", {{0, 48}, {0, 48}, {1, 48}, {2, 48}}, 4},
		{"PCR2 twice", {{0, 48}, {1, 48}, {2, 48}, {2, 48}}, 4},
		{"PCR31 twice", {{0, 48}, {1, 48}, {2, 48}, {31, 48}, {31, 32}}, 5},
		{"PCR32", {{0, 48}, {1, 48}, {2, 48}, {32, 48}}, 4},
		{"PCR255", {{0, 48}, {1, 48}, {2, 48}, {255, 48}}, 4},
		{"an empty PCR0", {{0, 0}, {1, 48}, {2, 48}}, 3},
		{"an empty PCR3", {{0, 48}, {1, 48}, {2, 48}, {3, 0}}, 4},
		{"31 bytes", {{0, 31}, {1, 48}, {2, 48}}, 3},
		{"33 bytes", {{0, 33}, {1, 48}, {2, 48}}, 3},
		{"47 bytes", {{0, 48}, {1, 47}, {2, 48}}, 3},
		{"49 bytes", {{0, 48}, {1, 48}, {2, 49}}, 3},
		{"65 bytes", {{0, 48}, {1, 48}, {2, 48}, {16, 65}}, 4},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		begin_again();
		set_pcrs(cases[i].pcrs, cases[i].count);
		nitro_forge_make(&forge);
		check_refused(cases[i].name, CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS);
	}
}

/* Indexes that are no numbers from 0, and values that are no bytes, after three good PCRs. */
static void wrong_pcr_types_are_refused(void **state)
{
	static const struct bytes members[] = {
		LITERAL("\x20\x58\x30"),				 /* -1 */
		LITERAL("\x61\x33\x58\x30"),				 /* "3" */
		LITERAL("\x41\x03\x58\x30"),				 /* h'03' */
		LITERAL("\x18\x03\x58\x30"),				 /* 3 in two bytes */
		LITERAL("\x1b\x00\x00\x00\x01\x00\x00\x00\x03\x58\x30"), /* 2^32 + 3 */
		LITERAL("\x03\x78\x30"),				 /* text */
		LITERAL("\x03\xf6\x58\x30"),				 /* null */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		static const struct pcr good[] = {{0, 48}, {1, 48}, {2, 48}, {3, 48}};
		static uint8_t space[512];
		char name[32];
		snprintf(name, sizeof(name), "case %zu", i);
		begin_again();
		set_pcrs(good, ARRAY_COUNT(good));
		struct bytes whole = nitro_forge_member(&forge, "pcrs")->value;
		struct writer writer = writer_of((struct buffer){space, sizeof(space)});
		write_bytes(&writer, bytes_slice(whole, 0, whole.len - 51)); /* but for PCR3 */
		write_bytes(&writer, members[i]);
		write_bytes(&writer, bytes_slice(whole, whole.len - 48, 48));
		nitro_forge_member(&forge, "pcrs")->value = writer_bytes(&writer);
		nitro_forge_make(&forge);
		check_refused(name, CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS);
	}
}

static void all_pcrs_are_told(void **state)
{
	struct nitro_claims claims;
	struct pcr pcrs[NITRO_PCR_COUNT + 1];
	(void)state;
	for (uint8_t i = 0; i < NITRO_PCR_COUNT; i++) /* from the last */
		pcrs[i] = (struct pcr){31 - i, i % 3 == 0 ? 32 : i % 3 == 1 ? 48 : 64};
	pcrs[NITRO_PCR_COUNT] = (struct pcr){31, 48};
	set_pcrs(pcrs, NITRO_PCR_COUNT);
	nitro_forge_make(&forge);
	check_accepted("32 PCRs", &claims);
	for (size_t i = 0; i < NITRO_PCR_COUNT; i++) {
		assert_int_equal(claims.pcrs[pcrs[i].index].len, pcrs[i].size);
		assert_int_equal(claims.pcrs[i].ptr[0], i + 1);
	}

	begin_again();
	set_pcrs(pcrs, NITRO_PCR_COUNT + 1);
	nitro_forge_make(&forge);
	check_refused("33 PCRs", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PCRS);
}

/* Any of the three tells, of any size; zeros elsewhere are usual. */
static void debug_is_a_claim(void **state)
{
	struct nitro_claims claims;
	(void)state;
	for (uint8_t zero = 0; zero < 4; zero++) {
		struct pcr pcrs[] = {{0, 48}, {1, 64}, {2, 32}, {3, 48}};
		begin_again();
		set_pcrs(pcrs, ARRAY_COUNT(pcrs));
		struct bytes value = nitro_forge_member(&forge, "pcrs")->value;
		const uint8_t mark = (uint8_t)(zero + 1);
		uint8_t *encoded = forge.pool + forge.used;
		forge.used += value.len;
		memcpy(encoded, value.ptr, value.len);
		uint8_t *first = memmem(encoded, value.len, (uint8_t[]){mark, mark, mark}, 3);
		assert_non_null(first);
		memset(first, 0, pcrs[zero].size);
		nitro_forge_member(&forge, "pcrs")->value = bytes_of(encoded, value.len);
		nitro_forge_make(&forge);
		check_accepted("zero", &claims);
		assert_int_equal(claims.is_debug, zero < 3);

		first[pcrs[zero].size - 1] = 1;
		forge.payload = (struct bytes){NULL, 0};
		nitro_forge_make(&forge);
		check_accepted("not quite zero", &claims);
		assert_false(claims.is_debug);
	}
}

/* -- the payload as a whole -- */

static void members_must_all_be_there(void **state)
{
	static const struct {
		const char *name;
		enum nitro_check check;
	} cases[] = {
		{"module_id", NITRO_CHECK_MODULE_ID},
		{"digest", NITRO_CHECK_DIGEST},
		{"timestamp", NITRO_CHECK_TIMESTAMP},
		{"pcrs", NITRO_CHECK_PCRS},
		{"certificate", NITRO_CHECK_CERTIFICATE},
		{"cabundle", NITRO_CHECK_CABUNDLE},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		begin_again();
		*nitro_forge_member(&forge, cases[i].name) = forge.members[--forge.member_count];
		nitro_forge_make(&forge);
		check_refused(cases[i].name, CONCLAVE_ERROR_FORMAT, cases[i].check);
	}
}

static void members_must_be_known_and_come_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < 9; i++) {
		begin_again();
		forge.members[forge.member_count++] = forge.members[i];
		nitro_forge_make(&forge);
		check_refused("twice", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD);

		begin_again(); /* in place of an optional one, so that the count fits */
		forge.members[7] = forge.members[i == 7 ? 8 : i];
		nitro_forge_make(&forge);
		check_refused("twice", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD);
	}
	begin_again();
	forge.members[7].name = "userdata";
	nitro_forge_make(&forge);
	check_refused("unknown", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD);
	begin_again(); /* an EC2 instance's */
	nitro_forge_member(&forge, "pcrs")->name = "nitrotpm_pcrs";
	nitro_forge_make(&forge);
	check_refused("a machine's", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD);
}

static void wrong_payloads_are_refused(void **state)
{
	static const uint8_t zeros[NITRO_PAYLOAD_SIZE_MAX + 1];
	static const struct {
		const char *name;
		struct bytes payload;
		enum conclave_error error;
		enum nitro_check check;
	} cases[] = {
		{"empty", {zeros, 0}, CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD},
		{"largest", {zeros, NITRO_PAYLOAD_SIZE_MAX}, CONCLAVE_ERROR_FORMAT,
			NITRO_CHECK_PAYLOAD},
		{"too large", {zeros, NITRO_PAYLOAD_SIZE_MAX + 1}, CONCLAVE_ERROR_LIMIT,
			NITRO_CHECK_PAYLOAD},
		{"a list", LITERAL("\x80"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD},
		{"no members", LITERAL("\xa0"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_MODULE_ID},
		{"no end", LITERAL("\xbf"), CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD},
		{"a number for a name", LITERAL("\xa1\x00\x00"), CONCLAVE_ERROR_FORMAT,
			NITRO_CHECK_PAYLOAD},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		begin_again();
		forge.payload = cases[i].payload;
		nitro_forge_make(&forge);
		check_refused(cases[i].name, cases[i].error, cases[i].check);
	}
}

static void payload_must_end(void **state)
{
	uint8_t longer[8192];
	(void)state;
	nitro_forge_make(&forge);
	struct bytes payload = forge.payload;
	memcpy(longer, payload.ptr, payload.len);
	longer[payload.len] = 0xa0;
	begin_again();
	forge.payload = bytes_of(longer, payload.len + 1);
	nitro_forge_make(&forge);
	check_refused("trailing", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_PAYLOAD);
}

/* -- the envelope -- */

static void other_algorithms_are_refused(void **state)
{
	static const struct bytes headers[] = {
		LITERAL("\xa1\x01\x26"),	     /* ES256 */
		LITERAL("\xa1\x01\x38\x23"),	     /* ES512 */
		LITERAL("\xa1\x01\x38\x24"),	     /* PS256 */
		LITERAL("\xa1\x01\x18\x22"),	     /* 34 */
		LITERAL("\xa1\x02\x38\x22"),	     /* crit, of the same value */
		LITERAL("\xa1\x20\x38\x22"),	     /* label -1 */
		LITERAL("\xa2\x01\x38\x22\x03\x00"), /* and a content type */
		LITERAL("\xa0"),
		LITERAL(""),
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(headers); i++) {
		char name[32];
		snprintf(name, sizeof(name), "header %zu", i);
		begin_again();
		forge.protected_header = headers[i];
		nitro_forge_make(&forge);
		check_refused(name, CONCLAVE_ERROR_VERSION, NITRO_CHECK_PROTECTED_HEADER);
	}
}

static void wrong_envelopes_are_refused(void **state)
{
	static const struct {
		const char *name;
		struct bytes tag, protected_header, unprotected_header;
	} cases[] = {
		{"another tag", LITERAL("\xd8\x62"), LITERAL("\xa1\x01\x38\x22"), LITERAL("\xa0")},
		{"two tags", LITERAL("\xd2\xd2"), LITERAL("\xa1\x01\x38\x22"), LITERAL("\xa0")},
		{"a long tag", LITERAL("\xd8\x12"), LITERAL("\xa1\x01\x38\x22"), LITERAL("\xa0")},
		{"the algorithm not protected", LITERAL(""), LITERAL(""),
			LITERAL("\xa1\x01\x38\x22")},
		{"an unprotected header", LITERAL(""), LITERAL("\xa1\x01\x38\x22"),
			LITERAL("\xa1\x04\x40")},
		{"the algorithm twice", LITERAL(""), LITERAL("\xa2\x01\x38\x22\x01\x38\x22"),
			LITERAL("\xa0")},
		{"the algorithm in a longer form", LITERAL(""), LITERAL("\xa1\x01\x39\x00\x22"),
			LITERAL("\xa0")},
		{"bytes after the header", LITERAL(""), LITERAL("\xa1\x01\x38\x22\x00"),
			LITERAL("\xa0")},
		{"null for a header", LITERAL(""), LITERAL("\xa1\x01\x38\x22"), LITERAL("\xf6")},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		begin_again();
		forge.tag = cases[i].tag;
		forge.protected_header = cases[i].protected_header;
		forge.unprotected_header = cases[i].unprotected_header;
		nitro_forge_make(&forge);
		check_refused(cases[i].name, CONCLAVE_ERROR_FORMAT, NITRO_CHECK_ENVELOPE);
	}
}

/* Put another signature at the end, of 96 bytes or not. */
static void replace_signature(struct bytes signature)
{
	struct writer writer = writer_of(
		(struct buffer){forge.pool + forge.used, sizeof(forge.pool) - forge.used});
	write_bytes(&writer, bytes_slice(forge.document, 0, forge.document.len - 98));
	cbor_write_bytes(&writer, signature);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	forge.used += writer.len;
	forge.document = writer_bytes(&writer);
}

static void wrong_signatures_are_refused(void **state)
{
	static const size_t sizes[] = {0, 48, 64, 95, 97, 104};
	static const uint8_t zeros[104];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		begin_again();
		nitro_forge_make(&forge);
		replace_signature(bytes_of(zeros, sizes[i]));
		check_refused("size", CONCLAVE_ERROR_FORMAT, NITRO_CHECK_SIGNATURE);
	}
	begin_again();
	nitro_forge_make(&forge);
	replace_signature(bytes_of(zeros, 96));
	check_refused("zeros", CONCLAVE_ERROR_SIGNATURE, NITRO_CHECK_SIGNATURE);
	for (size_t i = 1; i < NITRO_FORGE_KEYS; i++) {
		begin_again();
		forge.signer = forge.keys[i]; /* of an issuer, T-43 */
		nitro_forge_make(&forge);
		check_refused("another signer", CONCLAVE_ERROR_SIGNATURE, NITRO_CHECK_SIGNATURE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(genuine_is_accepted),
		TEST(tag_and_streaming_change_nothing),
		TEST(order_of_members_is_free),
		TEST(wrong_values_are_refused),
		TEST(sizes_have_limits),
		TEST(nonce_is_told_as_it_is),
		TEST(wrong_pcrs_are_refused),
		TEST(wrong_pcr_types_are_refused),
		TEST(all_pcrs_are_told),
		TEST(debug_is_a_claim),
		TEST(members_must_all_be_there),
		TEST(members_must_be_known_and_come_once),
		TEST(wrong_payloads_are_refused),
		TEST(payload_must_end),
		TEST(other_algorithms_are_refused),
		TEST(wrong_envelopes_are_refused),
		TEST(wrong_signatures_are_refused),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
