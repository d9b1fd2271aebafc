/* What is written is read back the same: evidence, quotes, and the platform's own DER. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "attest/pck.h"
#include "attest_forge.h"
#include "base/check.h"
#include "property/random.h"

#define ROUNDS 300

static uint8_t pool[1 << 16], part[1 << 16], whole[1 << 16];
static size_t pool_used;

static struct bytes random_bytes(size_t limit)
{
	uint8_t *place = pool + pool_used;
	size_t len = random_below(limit);
	random_fill(place, len);
	pool_used += len;
	return bytes_of(place, len);
}

static const struct {
	uint16_t version;
	enum quote_body body;
} quote_kinds[] = {
	{3, QUOTE_BODY_SGX},
	{4, QUOTE_BODY_SGX},
	{4, QUOTE_BODY_TD10},
	{5, QUOTE_BODY_SGX},
	{5, QUOTE_BODY_TD10},
	{5, QUOTE_BODY_TD15},
};

static void random_quote(struct quote *quote, size_t kind)
{
	random_fill(quote, sizeof(*quote));
	quote->body = quote_kinds[kind].body;
	quote->header = (struct quote_header){.version = quote_kinds[kind].version,
		.attestation_key_type = 2,
		.tee_type = quote->body == QUOTE_BODY_SGX ? QUOTE_TEE_SGX : QUOTE_TEE_TDX};
	memcpy(quote->header.qe_vendor, quote_intel_vendor, 16);
	random_fill(quote->header.user_data, sizeof(quote->header.user_data));
	quote->qe_auth = random_bytes(100);
	quote->certification = (enum quote_certification)(1 + random_below(QUOTE_PCK_CHAIN));
	quote->pck_chain = random_bytes(2000);
}

static size_t body_size(enum quote_body body)
{
	return body == QUOTE_BODY_SGX ? 384 : body == QUOTE_BODY_TD10 ? 584 : 648;
}

static struct bytes write_quote(const struct quote *quote)
{
	struct writer writer = writer_of((struct buffer){part, sizeof(part)});
	quote_write(&writer, quote);
	assert_int_equal(writer_end(&writer), CONCLAVE_OK);
	return writer_bytes(&writer);
}

static void quotes(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct quote quote, read;
		pool_used = 0;
		random_quote(&quote, random_below(sizeof(quote_kinds) / sizeof(quote_kinds[0])));
		struct bytes written = write_quote(&quote);
		assert_int_equal(quote_read(&read, written), CONCLAVE_OK);
		assert_memory_equal(&read.header, &quote.header, sizeof(quote.header));
		assert_int_equal(read.body, quote.body);
		assert_memory_equal(&read.report, &quote.report, body_size(quote.body));
		assert_int_equal(read.certification, quote.certification);
		assert_memory_equal(&read.signature, &quote.signature, 64);
		assert_memory_equal(&read.attestation_key, &quote.attestation_key, 64);
		assert_memory_equal(&read.qe_report, &quote.qe_report, sizeof(quote.qe_report));
		assert_memory_equal(&read.qe_signature, &quote.qe_signature, 64);
		assert_true(bytes_equal(read.qe_auth, quote.qe_auth));
		assert_true(bytes_equal(read.pck_chain, quote.pck_chain));
		size_t cut = random_below(written.len);
		assert_int_equal(
			quote_read(&read, bytes_slice(written, 0, cut)), CONCLAVE_ERROR_TRUNCATED);
	}
}

static struct bytes write_info(const struct instance_info *info, struct bytes attestation)
{
	struct writer writer = writer_of((struct buffer){whole, sizeof(whole)});
	assert_int_equal(instance_info_write(&writer, &info->signing_key, &info->encryption_key,
				 info->type, attestation),
		CONCLAVE_OK);
	return writer_bytes(&writer);
}

static void assert_same_keys(const struct instance_info *a, const struct instance_info *b)
{
	assert_memory_equal(&a->signing_key, &b->signing_key, 32);
	assert_memory_equal(&a->encryption_key, &b->encryption_key, 32);
	assert_int_equal(a->type, b->type);
}

static void dcap_infos(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		static uint8_t attestation[1 << 16];
		struct writer writer = writer_of((struct buffer){attestation, sizeof(attestation)});
		struct instance_info info, read;
		struct quote quote;
		pool_used = 0;
		random_fill(&info, sizeof(info));
		random_quote(&quote, 0);
		info.type = INSTANCE_INFO_DCAP;
		info.dcap.quote = write_quote(&quote);
		struct bytes *const parts[] = {&info.dcap.version, &info.dcap.pck_crl_issuer_chain,
			&info.dcap.root_ca_crl, &info.dcap.pck_crl,
			&info.dcap.tcb_info_issuer_chain, &info.dcap.tcb_info,
			&info.dcap.qe_identity_issuer_chain, &info.dcap.qe_identity};
		const struct bytes *const read_parts[] = {&read.dcap.version,
			&read.dcap.pck_crl_issuer_chain, &read.dcap.root_ca_crl, &read.dcap.pck_crl,
			&read.dcap.tcb_info_issuer_chain, &read.dcap.tcb_info,
			&read.dcap.qe_identity_issuer_chain, &read.dcap.qe_identity};
		for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
			*parts[i] = random_bytes(500);
		dcap_evidence_write(&writer, &info.dcap);
		struct bytes serialised = write_info(&info, writer_bytes(&writer));
		assert_int_equal(instance_info_read(&read, serialised), CONCLAVE_OK);
		assert_same_keys(&read, &info);
		assert_true(bytes_equal(read.dcap.quote, info.dcap.quote));
		for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
			assert_true(bytes_equal(*read_parts[i], *parts[i]));
	}
}

static void mock_infos(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct writer writer = writer_of((struct buffer){part, sizeof(part)});
		struct instance_info info, read;
		random_fill(&info, sizeof(info));
		info.type = INSTANCE_INFO_MOCK;
		info.mock.epoch_second = (int64_t)random_below(UINT32_MAX);
		info.mock.nanosecond = (uint32_t)random_below(1000000000);
		info.mock.is_simulation = random_below(2) == 1;
		mock_evidence_write(&writer, &info.mock);
		struct bytes serialised = write_info(&info, writer_bytes(&writer));
		assert_int_equal(instance_info_read(&read, serialised), CONCLAVE_OK);
		assert_same_keys(&read, &info);
		assert_int_equal(read.mock.epoch_second, info.mock.epoch_second);
		assert_int_equal(read.mock.nanosecond, info.mock.nanosecond);
		assert_int_equal(read.mock.is_simulation, info.mock.is_simulation);
		assert_memory_equal(&read.mock.report, &info.mock.report, sizeof(info.mock.report));
	}
}

/* The forms that R3 did not have, and the nonce behind any form. */
static void other_infos(void **state)
{
	static uint8_t attestation[1 << 16];
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct writer writer = writer_of((struct buffer){attestation, sizeof(attestation)});
		struct instance_info info, read;
		struct bytes parts[9], nonce;
		size_t count = round % 2 == 0 ? 9 : 5;
		pool_used = 0;
		random_fill(&info, sizeof(info));
		for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
			parts[i] = random_bytes(500);
		nonce = BYTES_LIT("");
		if (random_below(2) == 1) {
			static uint8_t chosen[INSTANCE_INFO_NONCE_SIZE];
			random_fill(chosen, sizeof(chosen));
			nonce = BYTES_OF(chosen);
		}
		if (count == 9) {
			info.type = INSTANCE_INFO_QUOTE;
			info.quoted = (struct quote_evidence){
				parts[0], {parts[1], parts[2], parts[3], parts[4], parts[5],
						  parts[6], parts[7], parts[8]}};
			quote_evidence_write(&writer, &info.quoted);
		} else {
			info.type = INSTANCE_INFO_SNP;
			info.snp = (struct snp_evidence){
				parts[0], parts[1], parts[2], parts[3], parts[4]};
			snp_evidence_write(&writer, &info.snp);
		}
		struct writer out = writer_of((struct buffer){whole, sizeof(whole)});
		assert_int_equal(instance_info_write(&out, &info.signing_key, &info.encryption_key,
					 info.type, writer_bytes(&writer)),
			CONCLAVE_OK);
		instance_info_write_nonce(&out, nonce);
		assert_int_equal(instance_info_read(&read, writer_bytes(&out)), CONCLAVE_OK);
		assert_same_keys(&read, &info);
		assert_true(bytes_equal(read.nonce, nonce));
		const struct bytes quoted[] = {read.quoted.quote, read.quoted.collateral.pck_chain,
			read.quoted.collateral.pck_crl_issuer_chain,
			read.quoted.collateral.root_ca_crl, read.quoted.collateral.pck_crl,
			read.quoted.collateral.tcb_info_issuer_chain,
			read.quoted.collateral.tcb_info,
			read.quoted.collateral.qe_identity_issuer_chain,
			read.quoted.collateral.qe_identity};
		const struct bytes snp[] = {read.snp.report, read.snp.leaf, read.snp.intermediate,
			read.snp.root, read.snp.crl};
		for (size_t i = 0; i < count; i++)
			assert_true(bytes_equal(count == 9 ? quoted[i] : snp[i], parts[i]));
	}
}

/* Evidence vouches for keys and nonce together; a nonce that is cut off, added or another one is
 * not the one it was made for. */
static void nonces_are_bound(void **state)
{
	uint8_t nonce[INSTANCE_INFO_NONCE_SIZE], other[INSTANCE_INFO_NONCE_SIZE], data[64];
	struct instance_info info;
	(void)state;
	random_fill(&info, sizeof(info));
	random_fill(nonce, sizeof(nonce));
	memcpy(other, nonce, sizeof(other));
	other[31] ^= 1;
	const struct bytes nonces[] = {BYTES_LIT(""), BYTES_OF(nonce), BYTES_OF(other)};
	for (size_t made = 0; made < ARRAY_COUNT(nonces); made++) {
		instance_info_report_data(
			data, &info.signing_key, &info.encryption_key, nonces[made]);
		for (size_t shown = 0; shown < ARRAY_COUNT(nonces); shown++) {
			info.nonce = nonces[shown];
			assert_int_equal(instance_info_check(&info, BYTES_OF(data)),
				made == shown ? CONCLAVE_OK : CONCLAVE_ERROR_MISMATCH);
		}
	}
}

/* Certificates of the forge's, which writes DER with other code than reads it. */
static void certificates(void **state)
{
	static struct forge forge;
	(void)state;
	for (int round = 0; round < 50; round++) {
		struct x509_certificate read;
		struct pck_platform platform;
		forge_init(&forge, FORGE_SIMULATION);
		random_fill(forge.components, sizeof(forge.components));
		random_fill(forge.fmspc, sizeof(forge.fmspc));
		random_fill(forge.pceid, sizeof(forge.pceid));
		forge.pcesvn = (uint16_t)random_next();
		forge.pck.serial = (uint8_t)random_next();
		forge.pck.not_before = (int64_t)random_below(4102444800);
		forge.pck.not_after = (int64_t)random_below(4102444800);
		struct bytes der = forge_certificate_der(&forge, &forge.pck);
		assert_int_equal(x509_read(&read, der), CONCLAVE_OK);
		assert_int_equal(read.serial.ptr[read.serial.len - 1], forge.pck.serial);
		assert_int_equal(read.not_before, forge.pck.not_before);
		assert_int_equal(read.not_after, forge.pck.not_after);
		assert_int_equal(pck_read(&platform, x509_extension(&read, BYTES_LIT(PCK_OID))),
			CONCLAVE_OK);
		assert_memory_equal(platform.components, forge.components, 16);
		assert_memory_equal(platform.fmspc, forge.fmspc, 6);
		assert_memory_equal(platform.pceid, forge.pceid, 2);
		assert_int_equal(platform.pcesvn, forge.pcesvn);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(dcap_infos),
		cmocka_unit_test(mock_infos),
		cmocka_unit_test(other_infos),
		cmocka_unit_test(nonces_are_bound),
		cmocka_unit_test(certificates),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	print_message("seed %llu\n", (unsigned long long)random_seed(20250101));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
