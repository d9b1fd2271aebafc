/* An EnclaveInstanceInfo of every kind of evidence: it is good for the keys and the nonce that the
 * evidence was made for, and for no others. T-40, T-42 and T-45 of the threat table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/appraisal.h"
#include "attest/evidence.h"
#include "attest_forge.h"
#include "base/check.h"
#include "nitro_forge.h"
#include "snp_forge.h"

static const uint8_t NONCE[INSTANCE_INFO_NONCE_SIZE] = {0x4e, 1, 2, 3};

/* One kind of evidence for what `info` says, and the roots it hangs under. */
struct kind {
	const char *name;
	enum instance_info_type type;
	enum claims_platform platform;
	void (*make)(struct writer *attestation, struct evidence_roots *roots,
		const struct instance_info *info);
};

static struct forge forge;
static struct snp_forge snp;
static struct nitro_forge nitro;
static uint8_t space[1 << 18], part[1 << 17];

static void bind(uint8_t data[64], const struct instance_info *info)
{
	instance_info_report_data(data, &info->signing_key, &info->encryption_key, info->nonce);
}

static void make_quote(struct writer *attestation, struct evidence_roots *roots,
	const struct instance_info *info, uint16_t version, enum quote_body body)
{
	forge_init(&forge, FORGE_INTEL);
	forge_plan_quote(&forge, version, body);
	bind(body == QUOTE_BODY_SGX ? forge.quote.report.reportdata
				    : forge.quote.td_report.reportdata,
		info);
	forge_make(&forge);
	const struct quote_evidence evidence = {forge.info.dcap.quote, forge.collateral};
	quote_evidence_write(attestation, &evidence);
	roots->intel = &forge.roots;
}

static void make_sgx_4(
	struct writer *attestation, struct evidence_roots *roots, const struct instance_info *info)
{
	make_quote(attestation, roots, info, 4, QUOTE_BODY_SGX);
}

static void make_td_1_5(
	struct writer *attestation, struct evidence_roots *roots, const struct instance_info *info)
{
	make_quote(attestation, roots, info, 5, QUOTE_BODY_TD15);
}

static void make_snp(
	struct writer *attestation, struct evidence_roots *roots, const struct instance_info *info)
{
	snp_forge_free(&snp);
	snp_forge_init(&snp, SNP_GENOA, false);
	bind(snp.report + 0x50, info);
	snp_forge_make(&snp);
	snp_evidence_write(attestation, &snp.evidence);
	roots->snp = &snp.roots;
}

static void make_nitro(
	struct writer *attestation, struct evidence_roots *roots, const struct instance_info *info)
{
	uint8_t data[64];
	bind(data, info);
	nitro_forge_free(&nitro);
	nitro_forge_init(&nitro);
	nitro_forge_set_bytes(&nitro, "user_data", BYTES_OF(data));
	nitro_forge_make(&nitro);
	write_bytes(attestation, nitro.document);
	roots->nitro = &nitro.root;
}

static const struct kind kinds[] = {
	{"SGX", INSTANCE_INFO_QUOTE, CLAIMS_SGX, make_sgx_4},
	{"TDX", INSTANCE_INFO_QUOTE, CLAIMS_TDX, make_td_1_5},
	{"SNP", INSTANCE_INFO_SNP, CLAIMS_SNP, make_snp},
	{"Nitro", INSTANCE_INFO_NITRO, CLAIMS_NITRO, make_nitro},
};

/* What a host might hand out: evidence made for one instance info, in another's clothes. */
static struct evidence dress(const struct instance_info *as, struct bytes attestation)
{
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	assert_int_equal(instance_info_write(&out, &as->signing_key, &as->encryption_key, as->type,
				 attestation),
		CONCLAVE_OK);
	instance_info_write_nonce(&out, as->nonce);
	return (struct evidence){.kind = EVIDENCE_INSTANCE_INFO, .from = writer_bytes(&out)};
}

static struct instance_info original(const struct kind *kind, bool with_nonce)
{
	struct instance_info info = {
		.type = kind->type, .nonce = with_nonce ? BYTES_OF(NONCE) : BYTES_LIT("")};
	memset(info.signing_key.bytes, 0xa1, sizeof(info.signing_key.bytes));
	memset(info.encryption_key.bytes, 0xb2, sizeof(info.encryption_key.bytes));
	return info;
}

static void each_kind_vouches_for_its_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_COUNT(kinds); i++) {
		const struct kind *kind = &kinds[i / 2];
		struct instance_info info = original(kind, i % 2 == 1);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0};
		struct evidence_refusal refusal = {"", false};
		struct claims claims;
		kind->make(&attestation, &roots, &info);
		struct evidence evidence = dress(&info, writer_bytes(&attestation));
		assert_int_equal(evidence_detect(evidence.from), EVIDENCE_INSTANCE_INFO);
		if (evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0) !=
			CONCLAVE_OK)
			fail_msg("%s: %s", kind->name, refusal.check);
		assert_int_equal(claims.platform, kind->platform);
		assert_true(claims.has_keys);
		assert_memory_equal(&claims.signing_key, &info.signing_key, 32);
		assert_memory_equal(&claims.encryption_key, &info.encryption_key, 32);
		assert_true(bytes_equal(claims.nonce, info.nonce));
	}
}

/* The ways in which one instance's evidence might serve another. */
static void other_signing_key(struct instance_info *info)
{
	info->signing_key.bytes[0] ^= 1;
}

static void other_encryption_key(struct instance_info *info)
{
	info->encryption_key.bytes[31] ^= 1;
}

static void keys_swapped(struct instance_info *info)
{
	struct instance_info before = *info;
	memcpy(info->signing_key.bytes, before.encryption_key.bytes, 32);
	memcpy(info->encryption_key.bytes, before.signing_key.bytes, 32);
}

static void nonce_cut_off(struct instance_info *info)
{
	info->nonce = BYTES_LIT("");
}

static void other_nonce(struct instance_info *info)
{
	static uint8_t nonce[INSTANCE_INFO_NONCE_SIZE];
	memcpy(nonce, NONCE, sizeof(nonce));
	nonce[31] ^= 1;
	info->nonce = BYTES_OF(nonce);
}

static void evidence_serves_nobody_else(void **state)
{
	static void (*const changes[])(struct instance_info * info) = {
		other_signing_key, other_encryption_key, keys_swapped, nonce_cut_off, other_nonce};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct instance_info info = original(&kinds[i], true);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0};
		kinds[i].make(&attestation, &roots, &info);
		for (size_t j = 0; j < ARRAY_COUNT(changes); j++) {
			struct instance_info other = info;
			struct evidence_refusal refusal;
			struct claims claims;
			changes[j](&other);
			struct evidence evidence = dress(&other, writer_bytes(&attestation));
			assert_int_equal(
				evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0),
				CONCLAVE_ERROR_MISMATCH);
			assert_string_equal(
				refusal.check, attest_check_text(ATTEST_CHECK_REPORT_DATA));
		}
	}
}

/* Evidence of one kind under the type of another, and under the vendors' own roots. */
static void kinds_do_not_pass_for_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct instance_info info = original(&kinds[i], false);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0}, vendors = {0};
		struct claims claims;
		kinds[i].make(&attestation, &roots, &info);
		struct evidence evidence = dress(&info, writer_bytes(&attestation));
		assert_int_not_equal(
			evidence_verify(&claims, NULL, &evidence, &vendors, FORGE_NOW, 0),
			CONCLAVE_OK);
		for (unsigned type = 0; type < 32; type++) {
			struct instance_info other = info;
			other.type = (enum instance_info_type)type;
			if (other.type == info.type)
				continue;
			evidence = dress(&other, writer_bytes(&attestation));
			assert_int_not_equal(
				evidence_verify(&claims, NULL, &evidence, &roots, FORGE_NOW, 0),
				CONCLAVE_OK);
		}
	}
}

/* Here lengths are said exactly: nothing that nobody signed hides behind a quote. */
static void quotes_are_not_padded(void **state)
{
	(void)state;
	for (size_t i = 0; kinds[i].type == INSTANCE_INFO_QUOTE; i++) {
		static uint8_t padded[QUOTE_SIZE_MAX];
		struct instance_info info = original(&kinds[i], false);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0};
		struct evidence_refusal refusal;
		struct claims claims;
		kinds[i].make(&attestation, &roots, &info);
		struct bytes quote = forge.info.dcap.quote;
		memset(padded, 0, sizeof(padded));
		memcpy(padded, quote.ptr, quote.len);
		const struct quote_evidence with_more = {
			bytes_of(padded, quote.len + 1), forge.collateral};
		attestation = writer_of((struct buffer){part, sizeof(part)});
		quote_evidence_write(&attestation, &with_more);
		struct evidence evidence = dress(&info, writer_bytes(&attestation));
		assert_int_equal(
			evidence_verify(&claims, &refusal, &evidence, &roots, FORGE_NOW, 0),
			CONCLAVE_ERROR_TRAILING);
		assert_string_equal(refusal.check, attest_check_text(ATTEST_CHECK_QUOTE_FORMAT));
	}
}

static void assert_read(enum conclave_error wanted, struct bytes serialised)
{
	struct instance_info read;
	assert_int_equal(instance_info_read(&read, serialised), wanted);
}

/* R3's unsigned form: seconds, nanoseconds, report, simulation; and no byte more. */
static void mock_forms_are_exact(void **state)
{
	static const struct {
		int64_t second;
		uint32_t nanosecond;
		uint8_t is_simulation;
		size_t more;
		enum conclave_error wanted;
	} rows[] = {
		{FORGE_NOW, 999999999, 1, 0, CONCLAVE_OK},
		{FORGE_NOW, 1000000000, 1, 0, CONCLAVE_ERROR_FORMAT},
		{FORGE_NOW, 0, 2, 0, CONCLAVE_ERROR_FORMAT},
		{FORGE_NOW, 0, 0, 1, CONCLAVE_ERROR_TRAILING},
		{INT64_MAX, 0, 0, 0, CONCLAVE_ERROR_FORMAT},
		{INT64_MIN, 0, 0, 0, CONCLAVE_ERROR_FORMAT},
	};
	struct instance_info info = {.type = INSTANCE_INFO_MOCK};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t attestation[12 + sizeof(struct sgx_report_body) + 2] = {0};
		const size_t size = sizeof(attestation) - 1;
		struct writer begin = writer_of((struct buffer){attestation, 12});
		write_u64be(&begin, (uint64_t)rows[i].second);
		write_u32be(&begin, rows[i].nanosecond);
		attestation[size - 1] = rows[i].is_simulation;
		assert_read(rows[i].wanted,
			dress(&info, bytes_of(attestation, size + rows[i].more)).from);
		assert_read(CONCLAVE_ERROR_TRUNCATED,
			dress(&info, bytes_of(attestation, size - 1)).from);
	}
}

/* An attestation with a byte more or less than it says itself; keys of other lengths; too much of
 * it all. */
static void lengths_are_exact(void **state)
{
	static uint8_t huge[INSTANCE_INFO_SIZE_MAX + 1];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct instance_info info = original(&kinds[i], false);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0};
		kinds[i].make(&attestation, &roots, &info);
		if (info.type != INSTANCE_INFO_NITRO) { /* whose document has lengths of its own */
			part[attestation.len] = 0;
			assert_read(CONCLAVE_ERROR_TRAILING,
				dress(&info, bytes_of(part, attestation.len + 1)).from);
			assert_read(CONCLAVE_ERROR_TRUNCATED,
				dress(&info, bytes_of(part, attestation.len - 1)).from);
		}
		struct bytes whole = dress(&info, writer_bytes(&attestation)).from;
		memcpy(huge, whole.ptr, whole.len);
		assert_read(CONCLAVE_OK, bytes_of(huge, INSTANCE_INFO_SIZE_MAX));
		assert_read(CONCLAVE_ERROR_LIMIT, BYTES_OF(huge));

		/* The encryption key follows magic and the signing key's 44 bytes: 31 of it. */
		uint8_t *length = huge + 3 + 4 + 44;
		assert_int_equal(length[3], 32);
		memmove(length + 4, length + 5, whole.len);
		length[3] = 31;
		assert_read(CONCLAVE_ERROR_FORMAT, bytes_of(huge, whole.len - 1));
	}
}

/* T-45: who asked with a nonce takes no answer to another question. */
static void an_old_answer_is_refused(void **state)
{
	static struct policy policy;
	static struct finding findings[APPRAISAL_FINDINGS_MAX];
	static const char text[] =
		"{\"version\": 1, \"nonce_required\": true, \"snp\": {\"accept\": "
		"[{\"measurement\": \"%s\"}]}}";
	struct conclave_report report = {""};
	char whole[512], measurement[97];
	(void)state;
	for (unsigned with_nonce = 0; with_nonce < 2; with_nonce++) {
		struct instance_info info = original(&kinds[2], with_nonce == 1);
		struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
		struct evidence_roots roots = {0};
		struct appraisal appraisal;
		struct claims claims;
		make_snp(&attestation, &roots, &info);
		struct evidence evidence = dress(&info, writer_bytes(&attestation));
		assert_int_equal(evidence_verify(&claims, NULL, &evidence, &roots, FORGE_NOW, 0),
			CONCLAVE_OK);
		for (size_t i = 0; i < 48; i++)
			snprintf(measurement + 2 * i, 3, "%02x", snp.report[0x90 + i]);
		int size = snprintf(whole, sizeof(whole), text, measurement);
		if (policy_read(&policy, bytes_of(whole, (size_t)size), &report) != CONCLAVE_OK)
			fail_msg("%s", report.text);
		appraise(&appraisal, findings, ARRAY_COUNT(findings), &policy, &claims,
			BYTES_OF(NONCE), FORGE_NOW);
		assert_int_equal(appraisal.verdict != APPRAISAL_REFUSED, with_nonce);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_vouches_for_its_keys),
		cmocka_unit_test(evidence_serves_nobody_else),
		cmocka_unit_test(kinds_do_not_pass_for_each_other),
		cmocka_unit_test(quotes_are_not_padded),
		cmocka_unit_test(mock_forms_are_exact),
		cmocka_unit_test(lengths_are_exact),
		cmocka_unit_test(an_old_answer_is_refused),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
