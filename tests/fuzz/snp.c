/* A report of SEV-SNP with its certificates, each with a u16 length before it; and the same bytes
 * as a report, as a hypervisor's table and as PEM. Trusted is the key of tests/keys/rsa4096_a.pem,
 * so that the corpus gets past every signature. */
#include "attest/snp.h"
#include "base/check.h"

static const struct sha256 forged_root = {{0x42, 0x10, 0x71, 0x1d, 0x00, 0x6c, 0x4b, 0x8e, 0x64,
	0xcc, 0x08, 0xa1, 0xab, 0xa1, 0x88, 0xe7, 0xa7, 0x0d, 0x4f, 0x37, 0x0e, 0x07, 0x54, 0x39,
	0x5a, 0xf7, 0xc0, 0xea, 0xd6, 0x7e, 0xff, 0x36}};

static bool lies_within(struct bytes part, struct bytes whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

/* Claims are of one piece, whatever they say. */
static void check(const struct snp_claims *claims)
{
	const struct snp_report *report = &claims->report;
	ASSERT(report->version >= 2 && report->version <= 5);
	ASSERT(report->vmpl <= 3);
	ASSERT(claims->product < SNP_PRODUCT_COUNT);
	ASSERT(claims->csp_id_size <= SNP_CSP_ID_SIZE_MAX);
	ASSERT(report->is_vlek == (claims->csp_id_size != 0));
	ASSERT(claims->validity.from <= claims->validity.until);
}

static void verify(struct bytes from)
{
	struct reader reader = reader_of(from);
	struct snp_evidence evidence;
	evidence.report = read_lp16(&reader);
	evidence.leaf = read_lp16(&reader);
	evidence.intermediate = read_lp16(&reader);
	evidence.root = read_lp16(&reader);
	evidence.crl = read_lp16(&reader);
	struct snp_claims claims;
	enum snp_check failed;
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		struct snp_roots one = {0};
		one.keys[i] = forged_root;
		enum conclave_error error =
			snp_verify(&claims, &failed, NULL, &evidence, &one, 1800000000);
		ASSERT((error == CONCLAVE_OK) == (failed == SNP_CHECK_NONE));
		if (error == CONCLAVE_OK)
			check(&claims);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t space[SNP_CHAIN_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct bytes from = bytes_of(data, size);
	struct snp_report report;
	struct snp_evidence table = {0}, chain = {0};
	verify(from);
	(void)!snp_read_report(&report, from, SNP_TURIN);
	if (snp_read_certificate_table(&table, from) == CONCLAVE_OK) {
		ASSERT(lies_within(table.leaf, from));
		ASSERT(lies_within(table.intermediate, from));
		ASSERT(lies_within(table.root, from));
	}
	if (snp_read_chain(&chain, &writer, from) == CONCLAVE_OK)
		ASSERT(chain.leaf.len != 0 || chain.intermediate.len != 0 || chain.root.len != 0);
	return 0;
}
