/* Azure's confidential VMs, on Milan, Genoa and TDX: the hardware's report, the runtime data and
 * the TPM's quote. Not ours: read from the folder of shared vectors, skipped without it. And one
 * lie at a time about each. */
#include "vectors/json.h"

#include "attest/quote.h"
#include "attest/snp.h"
#include "attest/vtpm.h"
#include "base/check.h"

struct sample {
	const char *folder, *name;
	const char *trusted; /* SNP: an item of the same product, for its chain */
	int64_t at;
	enum snp_product product;
	const char *nonce; /* in hexadecimal digits */
};

#define SNP "snp/azure-vtpm"
#define TDX "tdx/azure-vtpm"
#define CHALLENGE "6368616c6c656e6765"
static const struct sample samples[] = {
	{SNP, "evidence-v0", "virtee-milan", 1740000000, SNP_MILAN, CHALLENGE},
	{SNP, "evidence-v1", "virtee-milan", 1740000000, SNP_MILAN, CHALLENGE},
	{SNP, "evidence-v2", "virtee-milan", 1740000000, SNP_MILAN,
		("982f5c6e45df0ed3f10b6f60b02f0c8390e281300f3805e2279c16168cd6ae9a"
		 "a398f647caa2338748cd0fd9f5f819ef")},
	{SNP, "evidence-genoa", "ms-tav-genoa-v3", 1770429907, SNP_GENOA,
		("0218488bae25d2509232bf676f1a66a30d7372add909109b36016ef136f2938c"
		 "a05475f8b46094de6b64270ea35d950f")},
	{TDX, "evidence-v0", NULL, 0, 0, CHALLENGE},
	{TDX, "evidence-v1", NULL, 0, 0, CHALLENGE},
};

struct world {
	uint8_t blob[2600], leaf[2048], chain_pem[8192], chain[SNP_CHAIN_SIZE_MAX];
	uint8_t quote[512], signature[RSA2048_SIZE], report_data[64];
	struct vtpm_evidence evidence;
};

static struct bytes load(uint8_t *place, size_t size, const char *folder, const char *name)
{
	char item[512], path[4096];
	snprintf(item, sizeof(item), "evidence/%s/%s", folder, name);
	vectors_path(path, item);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	struct bytes loaded = bytes_of(place, fread(place, 1, size, file));
	fclose(file);
	assert_true(loaded.len != 0 && loaded.len < size + 1);
	return loaded;
}

static struct bytes load_part(
	uint8_t *place, size_t size, const struct sample *sample, const char *suffix)
{
	char name[64];
	snprintf(name, sizeof(name), "%s%s", sample->name, suffix);
	return load(place, size, sample->folder, name);
}

static void load_pcrs(struct sha256 pcrs[VTPM_PCR_COUNT], const struct sample *sample)
{
	char name[128];
	snprintf(name, sizeof(name), "evidence/%s/%s.pcrs.json", sample->folder, sample->name);
	json_t *values = vectors_load(name);
	assert_int_equal(json_array_size(values), VTPM_PCR_COUNT);
	for (size_t i = 0; i < VTPM_PCR_COUNT; i++) {
		const json_t *value = json_array_get(values, i);
		assert_int_equal(
			hex_decode((struct buffer){pcrs[i].bytes, 32},
				bytes_of(json_string_value(value), json_string_length(value))),
			CONCLAVE_OK);
	}
	json_decref(values);
}

/* The TD quote that was made from the TDREPORT within. It came without collateral: that such quotes
 * are genuine is for other tests to see. */
static void read_td_quote(struct world *world, const struct sample *sample)
{
	static uint8_t space[8192];
	struct quote quote;
	struct bytes loaded = load_part(space, sizeof(space), sample, ".td_quote.bin");
	assert_int_equal(quote_read_padded(&quote, loaded), CONCLAVE_OK);
	memcpy(world->report_data, quote.td_report.reportdata, sizeof(world->report_data));
}

/* The hardware's report within is genuine; its data goes to the world. */
static void verify_snp(struct world *world, const struct sample *sample)
{
	struct hcl hcl;
	struct snp_claims claims;
	enum snp_check failed;
	assert_int_equal(hcl_read(&hcl, world->evidence.blob), CONCLAVE_OK);
	assert_int_equal(hcl.hardware, HCL_SNP);
	struct snp_evidence evidence = {.report = hcl.hardware_report,
		.leaf = load_part(world->leaf, sizeof(world->leaf), sample, ".vcek.der")};
	struct writer space = writer_of((struct buffer){world->chain, sizeof(world->chain)});
	char trusted[64];
	snprintf(trusted, sizeof(trusted), "snp/%s", sample->trusted);
	struct bytes pem = load(world->chain_pem, sizeof(world->chain_pem), trusted, "chain.pem");
	assert_int_equal(snp_read_chain(&evidence, &space, pem), CONCLAVE_OK);
	enum conclave_error error = snp_verify(&claims, &failed, NULL, &evidence, NULL, sample->at);
	if (error != CONCLAVE_OK)
		fail_msg("%s: %s at %s", sample->name, conclave_error_name(error),
			snp_check_text(failed));
	assert_int_equal(claims.product, sample->product);
	memcpy(world->report_data, claims.report.report_data, sizeof(world->report_data));
}

static void load_world(struct world *world, const struct sample *sample)
{
	struct vtpm_evidence *evidence = &world->evidence;
	evidence->blob = load_part(world->blob, sizeof(world->blob), sample, ".hcl.bin");
	evidence->quote = load_part(world->quote, sizeof(world->quote), sample, ".tpm.msg");
	evidence->signature =
		load_part(world->signature, sizeof(world->signature), sample, ".tpm.sig");
	load_pcrs(evidence->pcrs, sample);
	if (sample->trusted != NULL)
		verify_snp(world, sample);
	else
		read_td_quote(world, sample);
}

static enum conclave_error verify(
	struct vtpm_claims *claims, enum vtpm_check *failed, const struct world *world)
{
	return vtpm_verify(claims, failed, &world->evidence, world->report_data);
}

static void genuine(void **state)
{
	static struct world world;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
		struct vtpm_claims claims;
		enum vtpm_check failed;
		uint8_t nonce[64];
		load_world(&world, &samples[i]);
		assert_int_equal(verify(&claims, &failed, &world), CONCLAVE_OK);
		assert_int_equal(failed, VTPM_CHECK_NONE);
		size_t nonce_size = strlen(samples[i].nonce) / 2;
		assert_int_equal(hex_decode((struct buffer){nonce, nonce_size},
					 bytes_of(samples[i].nonce, 2 * nonce_size)),
			CONCLAVE_OK);
		assert_true(bytes_equal(claims.quote.nonce, bytes_of(nonce, nonce_size)));
		assert_int_equal(claims.quote.selected, 0xffffff);
		assert_memory_equal(claims.pcrs, world.evidence.pcrs, sizeof(claims.pcrs));
		assert_int_equal(claims.quote.firmware_version, UINT64_C(0x2020031200120003));
		assert_int_equal(claims.hardware, samples[i].trusted != NULL ? HCL_SNP : HCL_TDX);
		assert_int_equal(claims.quote.signer.len, 34);
		assert_int_equal(claims.runtime_data.ptr[0], '{');
	}
}

/* A bit anywhere: in what the hardware signed that changes nothing here, for snp_verify refuses
 * it; everywhere else something of ours does. */
static void flipped(void **state)
{
	static struct world world;
	struct vtpm_claims claims;
	(void)state;
	load_world(&world, &samples[0]);
	const struct {
		uint8_t *ptr;
		size_t from, to;
	} parts[] = {
		{world.blob, 0, 12},  /* size of all, at 8, included */
		{world.blob, 20, 32}, /* reserved */
		{world.blob, 0x4c0, sizeof(world.blob)},
		{world.quote, 0, world.evidence.quote.len},
		{world.signature, 0, sizeof(world.signature)},
		{world.report_data, 0, sizeof(world.report_data)},
		{(uint8_t *)world.evidence.pcrs, 0, sizeof(world.evidence.pcrs)},
	};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		for (size_t at = parts[i].from; at < parts[i].to; at++) {
			uint8_t bit = (uint8_t)(1u << at % 8);
			/* Version 1 becomes 0, or 3 and more; 2 is as good. */
			if (parts[i].ptr == world.blob && at == 4)
				bit = 1;
			parts[i].ptr[at] ^= bit;
			assert_int_not_equal(verify(&claims, NULL, &world), CONCLAVE_OK);
			parts[i].ptr[at] ^= bit;
		}
	}
	assert_int_equal(verify(&claims, NULL, &world), CONCLAVE_OK);
}

static void refused(const struct world *world, enum conclave_error error, enum vtpm_check check)
{
	struct vtpm_claims claims;
	enum vtpm_check failed;
	assert_int_equal(verify(&claims, &failed, world), error);
	assert_int_equal(failed, check);
}

/* Parts of one VM with parts of another: each signature holds, and they do not belong together. */
static void swapped(void **state)
{
	static struct world world, other;
	(void)state;
	load_world(&world, &samples[0]);
	load_world(&other, &samples[2]);
	const struct world whole = world;

	memcpy(world.report_data, other.report_data, sizeof(world.report_data));
	refused(&world, CONCLAVE_ERROR_MISMATCH, VTPM_CHECK_BINDING);
	world = whole;
	world.evidence.quote = other.evidence.quote;
	world.evidence.signature = other.evidence.signature;
	refused(&world, CONCLAVE_ERROR_SIGNATURE, VTPM_CHECK_SIGNATURE);
	world = whole;
	memcpy(world.evidence.pcrs, other.evidence.pcrs, sizeof(world.evidence.pcrs));
	refused(&world, CONCLAVE_ERROR_MISMATCH, VTPM_CHECK_PCRS);
}

/* Quotes that a TPM signed, or might have, for another purpose. */
static void quotes(void **state)
{
	static struct world world;
	struct vtpm_quote quote;
	static const struct {
		size_t at;
		uint8_t value;
		enum conclave_error wanted;
	} rows[] = {
		{0, 0xfe, CONCLAVE_ERROR_VERSION}, /* not made by the TPM */
		{5, 0x17, CONCLAVE_ERROR_VERSION}, /* a certified key */
		{43, 0x0a, CONCLAVE_ERROR_FORMAT}, /* a nonce of another size */
		{69, 0x02, CONCLAVE_ERROR_FORMAT}, /* neither safe nor unsafe */
		{81, 0x02, CONCLAVE_ERROR_FORMAT}, /* two selections */
		{83, 0x04, CONCLAVE_ERROR_FORMAT}, /* of SHA-1 */
		{84, 0x02, CONCLAVE_ERROR_FORMAT}, /* of 16 PCRs */
	};
	(void)state;
	load_world(&world, &samples[0]);
	assert_int_equal(vtpm_quote_read(&quote, world.evidence.quote), CONCLAVE_OK);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t was = world.quote[rows[i].at];
		world.quote[rows[i].at] = rows[i].value;
		assert_int_equal(vtpm_quote_read(&quote, world.evidence.quote), rows[i].wanted);
		world.quote[rows[i].at] = was;
	}
	for (size_t len = 0; len < world.evidence.quote.len; len++)
		assert_int_equal(vtpm_quote_read(&quote, bytes_slice(world.evidence.quote, 0, len)),
			CONCLAVE_ERROR_FORMAT);
}

static void cut(void **state)
{
	static struct world world;
	struct vtpm_claims claims;
	(void)state;
	load_world(&world, &samples[3]);
	struct hcl hcl;
	assert_int_equal(hcl_read(&hcl, world.evidence.blob), CONCLAVE_OK);
	size_t end = (size_t)(hcl.runtime_data.ptr - world.blob) + hcl.runtime_data.len;
	for (size_t len = 0; len < world.evidence.blob.len; len++) {
		struct bytes part = bytes_slice(world.evidence.blob, 0, len);
		assert_int_equal(
			hcl_read(&hcl, part), len < end ? CONCLAVE_ERROR_FORMAT : CONCLAVE_OK);
	}
	world.evidence.signature.len--;
	refused(&world, CONCLAVE_ERROR_SIGNATURE, VTPM_CHECK_SIGNATURE);
	world.evidence.signature.len++;
	assert_int_equal(verify(&claims, NULL, &world), CONCLAVE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(genuine),
		cmocka_unit_test(flipped),
		cmocka_unit_test(swapped),
		cmocka_unit_test(quotes),
		cmocka_unit_test(cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
