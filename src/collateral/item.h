/* Items of collateral: one signed thing each, with one name and one place where it is asked for
 * (docs/spec/collateral.md §1). */
#ifndef COLLATERAL_ITEM_H
#define COLLATERAL_ITEM_H

#include "base/bytes.h"

enum collateral_kind {
	COLLATERAL_PCK_CRL,
	COLLATERAL_ROOT_CRL,
	COLLATERAL_TCB_INFO,
	COLLATERAL_QE_IDENTITY,
	COLLATERAL_AMD_CHAIN,
	COLLATERAL_AMD_CRL,
	COLLATERAL_VCEK,
};

/* Who signs it, and for which processors. */
enum collateral_family {
	COLLATERAL_INTEL,
	COLLATERAL_SIMULATION,
	COLLATERAL_MILAN,
	COLLATERAL_GENOA,
	COLLATERAL_TURIN,
};

/* Two kinds of one thing: whose PCK CRL; which TEE's TCB info or QE identity; which AMD chain. */
enum collateral_variant {
	COLLATERAL_PLAIN, /* processor CA, SGX, VCEK */
	COLLATERAL_OTHER, /* platform CA, TDX, VLEK */
};

#define COLLATERAL_FMSPC_SIZE 6u
#define COLLATERAL_CHIP_SIZE_MAX 64u
#define COLLATERAL_TCB_SIZE 8u
/* What tells items of one kind apart: an FMSPC, or a chip id and a reported TCB. */
#define COLLATERAL_SUBJECT_SIZE_MAX (COLLATERAL_CHIP_SIZE_MAX + COLLATERAL_TCB_SIZE)

struct collateral_item {
	enum collateral_kind kind;
	enum collateral_family family;
	enum collateral_variant variant;
	uint8_t subject[COLLATERAL_SUBJECT_SIZE_MAX];
	size_t subject_size; /* 0 for kinds of which there is one */
};

/* Base URLs without a '/' at their end. */
struct collateral_services {
	const char *pcs, *kds, *root_crl; /* root_crl: a whole URL; NULL: the PCS serves it */
};

/* Room for any name and its NUL. */
#define COLLATERAL_NAME_SIZE 192u
#define COLLATERAL_URL_SIZE 1024u

/* "intel-sgx-tcb-info-00906ed50000". */
void item_name(char out[COLLATERAL_NAME_SIZE], const struct collateral_item *item);
/* The reverse. Errors: FORMAT (no item has this name). */
enum conclave_error item_parse(struct collateral_item *out, const char *name);
/* Errors: LIMIT (the base URL is too long). */
enum conclave_error item_url(char out[COLLATERAL_URL_SIZE], const struct collateral_item *item,
	const struct collateral_services *services);
/* How long chip ids are: on Turin 8 bytes. */
size_t item_chip_size(enum collateral_family family);
/* The header that brings the chain; NULL when none does. */
const char *item_chain_header(const struct collateral_item *item);
/* The largest body. */
size_t item_size_max(const struct collateral_item *item);
/* Whether its body is one DER element. */
bool item_is_der(const struct collateral_item *item);
static inline bool item_is_amd(const struct collateral_item *item)
{
	return item->kind >= COLLATERAL_AMD_CHAIN;
}

#endif
