#include "collateral/item.h"

#include <ctype.h>
#include <stdio.h>

#include "base/check.h"
#include "base/hex.h"

#define VCEK_SIZE_MAX 4096u
#define CHAIN_SIZE_MAX 16384u
#define CRL_SIZE_MAX 16384u
#define JSON_SIZE_MAX 65536u

static const char *const families[] = {
	[COLLATERAL_INTEL] = "intel",
	[COLLATERAL_SIMULATION] = "simulation",
	[COLLATERAL_MILAN] = "amd-Milan",
	[COLLATERAL_GENOA] = "amd-Genoa",
	[COLLATERAL_TURIN] = "amd-Turin",
};

/* One row for each kind and variant. In a path, %s stands for the product or the FMSPC. */
static const struct row {
	enum collateral_kind kind;
	enum collateral_variant variant;
	const char *name, *path, *chain_header;
	size_t size_max;
} rows[] = {
	{COLLATERAL_PCK_CRL, COLLATERAL_PLAIN, "pck-crl-processor",
		"/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
		"SGX-PCK-CRL-Issuer-Chain", CRL_SIZE_MAX},
	{COLLATERAL_PCK_CRL, COLLATERAL_OTHER, "pck-crl-platform",
		"/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "SGX-PCK-CRL-Issuer-Chain",
		CRL_SIZE_MAX},
	{COLLATERAL_ROOT_CRL, COLLATERAL_PLAIN, "root-crl", "/sgx/certification/v4/rootcacrl", NULL,
		CRL_SIZE_MAX},
	{COLLATERAL_TCB_INFO, COLLATERAL_PLAIN, "sgx-tcb-info",
		"/sgx/certification/v4/tcb?fmspc=%s", "TCB-Info-Issuer-Chain", JSON_SIZE_MAX},
	{COLLATERAL_TCB_INFO, COLLATERAL_OTHER, "tdx-tcb-info",
		"/tdx/certification/v4/tcb?fmspc=%s", "TCB-Info-Issuer-Chain", JSON_SIZE_MAX},
	{COLLATERAL_QE_IDENTITY, COLLATERAL_PLAIN, "sgx-qe-identity",
		"/sgx/certification/v4/qe/identity", "SGX-Enclave-Identity-Issuer-Chain",
		JSON_SIZE_MAX},
	{COLLATERAL_QE_IDENTITY, COLLATERAL_OTHER, "tdx-qe-identity",
		"/tdx/certification/v4/qe/identity", "SGX-Enclave-Identity-Issuer-Chain",
		JSON_SIZE_MAX},
	{COLLATERAL_AMD_CHAIN, COLLATERAL_PLAIN, "vcek-chain", "/vcek/v1/%s/cert_chain", NULL,
		CHAIN_SIZE_MAX},
	{COLLATERAL_AMD_CHAIN, COLLATERAL_OTHER, "vlek-chain", "/vlek/v1/%s/cert_chain", NULL,
		CHAIN_SIZE_MAX},
	{COLLATERAL_AMD_CRL, COLLATERAL_PLAIN, "vcek-crl", "/vcek/v1/%s/crl", NULL, CRL_SIZE_MAX},
	{COLLATERAL_AMD_CRL, COLLATERAL_OTHER, "vlek-crl", "/vlek/v1/%s/crl", NULL, CRL_SIZE_MAX},
	{COLLATERAL_VCEK, COLLATERAL_PLAIN, "vcek", "/vcek/v1/%s/", NULL, VCEK_SIZE_MAX},
};

static const struct row *row_of(const struct collateral_item *item)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].kind == item->kind && rows[i].variant == item->variant)
			return &rows[i];
	__builtin_trap(); /* no item has another variant */
}

size_t item_chip_size(enum collateral_family family)
{
	return family == COLLATERAL_TURIN ? 8 : COLLATERAL_CHIP_SIZE_MAX;
}

static size_t subject_size(enum collateral_kind kind, enum collateral_family family)
{
	if (kind == COLLATERAL_TCB_INFO)
		return COLLATERAL_FMSPC_SIZE;
	return kind == COLLATERAL_VCEK ? item_chip_size(family) + COLLATERAL_TCB_SIZE : 0;
}

static struct bytes chip_of(const struct collateral_item *item)
{
	return bytes_of(item->subject, item->subject_size - COLLATERAL_TCB_SIZE);
}

static const uint8_t *tcb_of(const struct collateral_item *item)
{
	return item->subject + item->subject_size - COLLATERAL_TCB_SIZE;
}

/* Everything before the subject: "intel-sgx-tcb-info". */
static size_t write_stem(
	char out[COLLATERAL_NAME_SIZE], enum collateral_family family, const struct row *row)
{
	return (size_t)snprintf(out, COLLATERAL_NAME_SIZE, "%s-%s", families[family], row->name);
}

void item_name(char out[COLLATERAL_NAME_SIZE], const struct collateral_item *item)
{
	size_t len = write_stem(out, item->family, row_of(item));
	ASSERT(item->subject_size == subject_size(item->kind, item->family));
	if (item->kind == COLLATERAL_TCB_INFO) {
		out[len++] = '-';
		hex_encode(out + len, bytes_of(item->subject, item->subject_size));
	} else if (item->kind == COLLATERAL_VCEK) {
		out[len++] = '-';
		hex_encode(out + len, chip_of(item));
		len += 2 * chip_of(item).len;
		out[len++] = '-';
		hex_encode(out + len, bytes_of(tcb_of(item), COLLATERAL_TCB_SIZE));
	}
}

/* "-HEX", or "-HEX-HEX" with the TCB at the end. */
static enum conclave_error parse_subject(struct collateral_item *out, const char *text)
{
	size_t tcb_size = out->kind == COLLATERAL_VCEK ? COLLATERAL_TCB_SIZE : 0;
	size_t first_size = out->subject_size - tcb_size;
	size_t len = strlen(text);
	if (len != 1 + 2 * first_size + (tcb_size > 0 ? 1 + 2 * tcb_size : 0) || text[0] != '-')
		return CONCLAVE_ERROR_FORMAT;
	TRY(hex_decode(
		(struct buffer){out->subject, first_size}, bytes_of(text + 1, 2 * first_size)));
	if (tcb_size == 0)
		return CONCLAVE_OK;
	const char *tcb = text + 1 + 2 * first_size;
	if (tcb[0] != '-')
		return CONCLAVE_ERROR_FORMAT;
	return hex_decode((struct buffer){out->subject + first_size, tcb_size},
		bytes_of(tcb + 1, 2 * tcb_size));
}

static bool is_amd_family(enum collateral_family family)
{
	return family >= COLLATERAL_MILAN;
}

static enum conclave_error parse_as(struct collateral_item *out, const struct row *row,
	enum collateral_family family, const char *name)
{
	char again[COLLATERAL_NAME_SIZE];
	struct collateral_item item = {.kind = row->kind,
		.family = family,
		.variant = row->variant,
		.subject_size = subject_size(row->kind, family)};
	size_t len = write_stem(again, family, row);
	if (item_is_amd(&item) != is_amd_family(family) || strncmp(name, again, len) != 0)
		return CONCLAVE_ERROR_FORMAT;
	if (item.subject_size > 0)
		TRY(parse_subject(&item, name + len));
	/* One item, one name: not in upper case, nothing after it. */
	item_name(again, &item);
	if (strcmp(name, again) != 0)
		return CONCLAVE_ERROR_FORMAT;
	*out = item;
	return CONCLAVE_OK;
}

enum conclave_error item_parse(struct collateral_item *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		for (size_t family = 0; family < ARRAY_COUNT(families); family++)
			if (parse_as(out, &rows[i], (enum collateral_family)family, name) ==
				CONCLAVE_OK)
				return CONCLAVE_OK;
	return CONCLAVE_ERROR_FORMAT;
}

/* Which byte of a TCB version is which component: AMD 56860, TCB_VERSION; Turin has its own. */
static void write_vcek_query(char *out, size_t size, const struct collateral_item *item)
{
	char chip[2 * COLLATERAL_CHIP_SIZE_MAX + 1];
	const uint8_t *tcb = tcb_of(item);
	hex_encode(chip, chip_of(item));
	if (item->family == COLLATERAL_TURIN)
		snprintf(out, size,
			"%s?fmcSPL=%02u&blSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", chip,
			tcb[0], tcb[1], tcb[2], tcb[3], tcb[7]);
	else
		snprintf(out, size, "%s?blSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", chip,
			tcb[0], tcb[1], tcb[6], tcb[7]);
}

/* Where %s stands in a path, what does for this item. */
static const char *path_argument(
	char hex[2 * COLLATERAL_FMSPC_SIZE + 1], const struct collateral_item *item)
{
	if (item_is_amd(item))
		return families[item->family] + strlen("amd-");
	/* Upper case, as Intel's documentation has it. */
	return hex_encode_upper(hex, bytes_of(item->subject, item->subject_size));
}

enum conclave_error item_url(char out[COLLATERAL_URL_SIZE], const struct collateral_item *item,
	const struct collateral_services *services)
{
	char query[256] = "", hex[2 * COLLATERAL_SUBJECT_SIZE_MAX + 1];
	const struct row *row = row_of(item);
	const char *hole = strstr(row->path, "%s");
	int before = hole == NULL ? (int)strlen(row->path) : (int)(hole - row->path);
	const char *argument = hole == NULL ? "" : path_argument(hex, item);
	const char *base = item_is_amd(item) ? services->kds : services->pcs;
	if (item->kind == COLLATERAL_VCEK)
		write_vcek_query(query, sizeof(query), item);
	int len = item->kind == COLLATERAL_ROOT_CRL && services->root_crl != NULL
			  ? snprintf(out, COLLATERAL_URL_SIZE, "%s", services->root_crl)
			  : snprintf(out, COLLATERAL_URL_SIZE, "%s%.*s%s%s%s", base, before,
				    row->path, argument, hole == NULL ? "" : hole + 2, query);
	return len >= 0 && (size_t)len < COLLATERAL_URL_SIZE ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT;
}

const char *item_chain_header(const struct collateral_item *item)
{
	return row_of(item)->chain_header;
}

size_t item_size_max(const struct collateral_item *item)
{
	return row_of(item)->size_max;
}

bool item_is_der(const struct collateral_item *item)
{
	switch (item->kind) {
	case COLLATERAL_PCK_CRL:
	case COLLATERAL_ROOT_CRL:
	case COLLATERAL_AMD_CRL:
	case COLLATERAL_VCEK: return true;
	case COLLATERAL_TCB_INFO:
	case COLLATERAL_QE_IDENTITY:
	case COLLATERAL_AMD_CHAIN: break;
	}
	return false;
}
