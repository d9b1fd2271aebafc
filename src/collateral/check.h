/* Whether an item is what it must be, by the code that clients verify with
 * (docs/spec/collateral.md §3). No I/O. */
#ifndef COLLATERAL_CHECK_H
#define COLLATERAL_CHECK_H

#include "attest/roots.h"
#include "attest/snp.h"
#include "collateral/item.h"

/* What an item is verified with. */
struct check_means {
	const struct attest_roots *roots;
	const struct snp_roots *snp_roots;
	struct bytes crl; /* the root's, DER, verified; empty when there is none at hand */
};

struct check_dates {
	int64_t issued;		/* issueDate, thisUpdate, notBefore: what must not go back */
	struct window validity; /* of all of it, the chain included */
};

/* Everything but the time. Errors: FORMAT, LIMIT, VERSION, SIGNATURE, KEY, MISMATCH (a chain of
 * another shape; something else than was asked for), UNTRUSTED, REVOKED, UNSUPPORTED. */
enum conclave_error check_item(struct check_dates *out, const struct collateral_item *item,
	struct bytes chain, struct bytes body, const struct check_means *means);
/* The half of it for AMD's items. */
enum conclave_error check_amd_item(struct check_dates *out, const struct collateral_item *item,
	struct bytes chain, struct bytes body, const struct check_means *means);

#endif
