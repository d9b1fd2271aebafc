/* The collateral of reports of SEV-SNP. */
#include "base/check.h"
#include "base/report.h"
#include "collateral/gather.h"

static const enum collateral_family families[SNP_PRODUCT_COUNT] = {
	[SNP_MILAN] = COLLATERAL_MILAN,
	[SNP_GENOA] = COLLATERAL_GENOA,
	[SNP_TURIN] = COLLATERAL_TURIN,
};

/* From version 3 on a report says its product, and no other can be read from it. */
static enum conclave_error read_report(struct snp_report *out, enum snp_product *product,
	struct bytes from, const enum snp_product *wanted, struct conclave_report *report)
{
	enum conclave_error error = CONCLAVE_OK;
	for (size_t i = 0; i < SNP_PRODUCT_COUNT; i++) {
		*product = wanted != NULL ? *wanted : (enum snp_product)i;
		error = snp_read_report(out, from, *product);
		if (error == CONCLAVE_OK && !out->has_cpuid && wanted == NULL)
			return report_fill(report,
				       "a report of version %u does not say which "
				       "product it is of; name it: Milan, Genoa or Turin",
				       out->version),
			       CONCLAVE_ERROR_ARGUMENT;
		if (error != CONCLAVE_ERROR_MISMATCH)
			break;
	}
	if (error == CONCLAVE_OK)
		return CONCLAVE_OK;
	report_fill(report, "the report does not say whose collateral it needs: %s",
		conclave_error_text(error));
	return error == CONCLAVE_ERROR_MISMATCH ? CONCLAVE_ERROR_ARGUMENT : error;
}

static void set_subject(struct collateral_item *item, const struct snp_report *report)
{
	size_t chip_size = item_chip_size(item->family);
	memcpy(item->subject, report->chip_id, chip_size);
	store_u64le(item->subject + chip_size, report->reported_tcb.raw);
	item->subject_size = chip_size + COLLATERAL_TCB_SIZE;
}

void collateral_report_free(struct collateral_report *report)
{
	cache_entry_free(&report->chain);
	cache_entry_free(&report->crl);
	cache_entry_free(&report->vcek);
}

enum conclave_error collateral_of_report(struct collateral_report *out,
	struct collateral *collateral, struct bytes snp_report,
	const enum snp_product *wanted_product, int64_t now, struct conclave_report *report)
{
	CLEANUP(collateral_report_free) struct collateral_report found = {0};
	struct snp_report read;
	enum snp_product product;
	TRY(read_report(&read, &product, snp_report, wanted_product, report));
	if (!read.is_vlek && read.is_chip_id_masked) {
		report_fill(report, "the report's chip id is masked: nobody can tell whose "
				    "certificate it needs");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	enum collateral_variant variant = read.is_vlek ? COLLATERAL_OTHER : COLLATERAL_PLAIN;
	enum collateral_family family = families[product];
	struct wanted wanted[] = {
		{&found.chain, {COLLATERAL_AMD_CHAIN, family, variant, {0}, 0}},
		{&found.crl, {COLLATERAL_AMD_CRL, family, variant, {0}, 0}},
		{&found.vcek, {COLLATERAL_VCEK, family, COLLATERAL_PLAIN, {0}, 0}},
	};
	set_subject(&wanted[2].item, &read);
	CLEANUP(cache_unlock) int lock = -1;
	gather_lock(&lock, collateral);
	TRY(gather_all(
		collateral, wanted, ARRAY_COUNT(wanted) - (read.is_vlek ? 1 : 0), now, report));
	*out = found;
	found = (struct collateral_report){0};
	return CONCLAVE_OK;
}
