/* Evidence made to order: a whole SGX or TDX platform of the tests' own, every part of which can be
 * made wrong. Its keys are the published ones of the simulation.
 *
 *   struct forge forge;
 *   forge_init(&forge, FORGE_SIMULATION);
 *   forge.pck.not_after = 0;                         spoil something
 *   forge_make(&forge);                              sign it all
 *   attest_verify(&claims, &failed, &forge.info, &forge.roots, FORGE_NOW)
 *
 * After forge_make the parts of forge.info.dcap may be replaced as well. */
#ifndef TESTS_ATTEST_FORGE_H
#define TESTS_ATTEST_FORGE_H

#include "attest/attest.h"
#include "attest/chain.h"
#include "attest/quote.h"

#define FORGE_START INT64_C(1735689600) /* 2025-01-01T00:00:00Z */
#define FORGE_END INT64_C(1893456000)	/* 2030-01-01T00:00:00Z */
#define FORGE_NOW INT64_C(1800000000)

struct forge_certificate {
	struct bytes common_name, issuer_name;
	const struct p256_secret *key, *issuer_key;
	uint8_t serial;
	int64_t not_before, not_after;
	bool is_ca;
	int path_length; /* negative: none */
	uint8_t key_usage;
	bool has_sgx_extension;
	bool has_unknown_critical;
};

struct forge_crl {
	struct bytes issuer_name;
	const struct p256_secret *key;
	int64_t this_update, next_update;
	uint8_t revoked; /* a serial number; 0: none */
};

/* A signed JSON object; `text` may be edited with forge_replace. */
struct forge_json {
	char text[8192];
	const struct p256_secret *key;
};

enum forge_kind {
	FORGE_SIMULATION, /* under the simulation root */
	FORGE_INTEL,	  /* under Intel's names, with roots that take the simulation's key for
			     Intel's */
};

struct forge {
	const struct hierarchy *hierarchy;
	struct p256_public root_key;
	struct attest_roots roots;
	struct forge_certificate root, ca, pck, tcb_signing;
	struct forge_crl root_crl, pck_crl;
	uint8_t components[16], fmspc[6], pceid[2];
	uint16_t pcesvn;
	struct forge_json tcb_info, qe_identity;
	struct quote quote; /* header, report and QE report are filled in; signatures are made */
	bool keep_qe_report_data;
	const struct p256_secret *attestation_key, *qe_report_key;

	struct instance_info info; /* the result; its quote is of the version and body planned */
	struct quote_collateral collateral; /* the same parts; the PCK chain is in the quote */
	struct bytes pck_chain;
	uint8_t pool[1 << 16];
	size_t used;
};

void forge_init(struct forge *forge, enum forge_kind kind);
/* Plan a quote of another version or body than 3 and SGX. A TD runs under module version 1, SVN 5,
 * with TDX components of 4: UpToDate. */
void forge_plan_quote(struct forge *forge, uint16_t version, enum quote_body body);
void forge_make(struct forge *forge);
/* Replace the first `from` in the text of a JSON object. */
void forge_replace(struct forge_json *json, const char *from, const char *to);
/* Serialise the result; the bytes lie in the forge. */
struct bytes forge_serialise(struct forge *forge);
/* Parts alone, in DER, for tests of single readers. */
struct bytes forge_certificate_der(struct forge *forge, const struct forge_certificate *plan);
struct bytes forge_crl_der(struct forge *forge, const struct forge_crl *plan);

#endif
