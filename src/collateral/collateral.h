/* Collateral: fetched from the vendors, verified, kept on disk, renewed before it expires
 * (docs/spec/collateral.md).
 *
 * Hosted: libcurl and a folder. Nothing here is trusted; clients verify all of it again.
 * Thread rule: one thread at a time for each struct collateral; any number of processes for each
 * folder. */
#ifndef COLLATERAL_COLLATERAL_H
#define COLLATERAL_COLLATERAL_H

#include "attest/dcap.h"
#include "attest/snp.h"
#include "collateral/cache.h"
#include "collateral/item.h"

struct collateral;

enum collateral_state {
	COLLATERAL_FRESH,   /* from the cache, not due */
	COLLATERAL_RENEWED, /* fetched, or confirmed, now */
	COLLATERAL_KEPT,    /* due, could not be renewed, still valid */
	COLLATERAL_EXPIRED, /* the same, and not valid now */
	COLLATERAL_MISSING,
};
/* "fresh". */
const char *collateral_state_text(enum collateral_state state);

/* What became of one item. */
struct collateral_note {
	struct collateral_item item;
	enum collateral_state state;
	int64_t issued, valid_until, renew; /* seconds since 1970; 0 when it is missing */
	struct conclave_report reason;	    /* of what went wrong, also for one that was renewed but
					       could not be kept; "" for nothing */
};

struct collateral_options {
	const char *folder;		   /* of the cache */
	const char *pcs_url, *kds_url;	   /* NULL: Intel's and AMD's own */
	const struct attest_roots *roots;  /* NULL: Intel's and the simulation's */
	const struct snp_roots *snp_roots; /* NULL: AMD's */
	long connect_ms, whole_ms;	   /* 0: 10 s, 30 s */
	/* Called for every item; NULL: nobody listens. */
	void (*note)(void *context, const struct collateral_note *note);
	void *context;
};

/* Asks nobody yet. Errors: ARGUMENT (a URL), LIMIT, IO, MEMORY. */
enum conclave_error collateral_open(struct collateral **out,
	const struct collateral_options *options, struct conclave_report *report);
/* NULL is fine. */
void collateral_close(struct collateral *collateral);

/* The collateral of one quote, with what owns it. */
struct collateral_quote {
	struct quote_collateral parts; /* CRLs are DER */
	struct cache_entry pck_crl, root_crl, tcb_info, qe_identity;
};
/* Renew what is due. now: seconds since 1970. The quote's PCK chain is verified, the quote is not;
 * each part is, but one may have expired: the notes say. Errors: those of reading the quote and its
 * chain; UNSUPPORTED (a simulated platform and no pcs_url); the first missing item's. */
enum conclave_error collateral_of_quote(struct collateral_quote *out, struct collateral *collateral,
	struct bytes quote, int64_t now, struct conclave_report *report);
/* For CLEANUP. */
void collateral_quote_free(struct collateral_quote *quote);

/* The certificates and the CRL that verify one report of SEV-SNP. */
struct collateral_report {
	struct cache_entry chain; /* its body: ASK or ASVK, and ARK, as PEM */
	struct cache_entry crl;	  /* its body: DER */
	struct cache_entry vcek;  /* its body: DER; empty for a report that a VLEK signed */
};
/* As collateral_of_quote, of a report that is not verified. product: of reports before version 3,
 * which do not say; NULL otherwise. Errors: those of reading the report; ARGUMENT (no product, or
 * another than the report's); UNSUPPORTED (the chip id is masked); the first missing item's. */
enum conclave_error collateral_of_report(struct collateral_report *out,
	struct collateral *collateral, struct bytes snp_report, const enum snp_product *product,
	int64_t now, struct conclave_report *report);
/* For CLEANUP. */
void collateral_report_free(struct collateral_report *report);

/* Renew what is due of all that the cache holds. Errors: IO, MEMORY, and the first missing or
 * expired item's; the others are renewed all the same. */
enum conclave_error collateral_renew(
	struct collateral *collateral, int64_t now, struct conclave_report *report);

/* A serialised EnclaveInstanceInfo with a quote or a report again, with the freshest collateral:
 * keys, nonce, quote and report stay as they are. product: as collateral_of_report. Errors: FORMAT,
 * TRUNCATED, VERSION (another type), LIMIT, SPACE, and as collateral_of_quote and
 * collateral_of_report. */
enum conclave_error collateral_staple(struct writer *out, struct collateral *collateral,
	struct bytes instance_info, const enum snp_product *product, int64_t now,
	struct conclave_report *report);

#endif
