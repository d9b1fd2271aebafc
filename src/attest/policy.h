/* A policy: what evidence must say before anything is entrusted to what it speaks of. Written as
 * JSON (docs/spec/attestation-policy.md, docs/attestation-policy.schema.json) or, in short, as one
 * of R3's constraints. Pure, nothing is allocated.
 *
 * Nothing is taken to mean "anything": a platform that a policy does not name is refused, and so is
 * one of which it names no measurement and no signer. */
#ifndef ATTEST_POLICY_H
#define ATTEST_POLICY_H

#include "attest/calendar.h"
#include "attest/claims.h"
#include "attest/constraint.h"
#include "attest/json_view.h"

#define POLICY_SIZE_MAX JSON_VIEW_SIZE_MAX
/* R3's longest constraint makes 64 + 64 identities of 64 + 2 * 64 rules. */
#define POLICY_IDENTITIES_MAX 128u /* of one platform */
#define POLICY_RULES_MAX 512u
#define POLICY_COMMON_MAX 8u /* more than a platform's section has members that make rules */
#define POLICY_SKEW_MAX 86400u

enum policy_demand {
	POLICY_EQUAL,	 /* these very bytes */
	POLICY_IS,	 /* this number */
	POLICY_AT_LEAST, /* this number or a greater one */
	POLICY_BITS,	 /* number, in the bits of mask */
};

/* Bits by their names, one each. */
struct policy_name {
	struct bytes text;
	uint64_t value;
};
struct policy_names {
	const struct policy_name *list;
	size_t count;
};

/* One thing that is wanted of one claim. What the evidence does not claim meets no demand. */
struct policy_rule {
	struct bytes name; /* of the member of the policy */
	enum claim claim;
	enum policy_demand demand;
	struct bytes value; /* EQUAL */
	bool is_hex;	    /* value is hexadecimal text */
	uint64_t number, mask;
	const struct policy_names *names; /* BITS; NULL: they have none */
};

/* Some of a policy's rules. */
struct policy_rules {
	size_t first, count;
};

/* A set of TCB statuses: bit 1 << status. */
typedef uint32_t policy_statuses;

/* What a policy says of one platform. */
struct policy_platform {
	bool is_named;
	/* One of these must hold, and each of its rules with it… */
	struct policy_rules identities[POLICY_IDENTITIES_MAX];
	size_t identity_count;
	struct policy_rule common[POLICY_COMMON_MAX]; /* … and each of these. */
	size_t common_count;

	/* Intel's platforms. The first is of evidence in release mode, the second of other modes,
	 * where R3's constraints ask for nothing. */
	policy_statuses statuses, insecure_statuses;
	struct json_view advisories_allowed; /* an array of strings; empty: none */
	uint32_t min_tcb_evaluation_number;
	bool has_grace_period;
	struct calendar_period grace_period;
};

/* The least firmware of one product of AMD's. */
struct policy_snp_tcb {
	bool is_named;
	uint8_t least[CLAIMS_SNP_COMPONENT_COUNT];
};

struct policy_snp {
	/* By version (reported, committed, at launch) and product. A product that is not named
	 * where others are is refused. */
	struct policy_snp_tcb min_tcb[CLAIMS_SNP_TCB_COUNT][SNP_PRODUCT_COUNT];
	struct json_view vlek_clouds; /* an array of strings; empty: none */
	bool needs_crl;
};

/* Views point into the text it was read from, or into the constraint: which must live as long. */
struct policy {
	uint32_t modes; /* bit 1 << enum attest_mode */
	bool has_max_age;
	struct calendar_period max_age;
	bool counts_from_latest; /* max_age: R3's rule, by which one new part makes all new */
	uint32_t skew;		 /* seconds by which the caller's clock may be wrong */
	bool needs_nonce;
	struct policy_platform platforms[CLAIMS_PLATFORM_COUNT];
	struct policy_snp snp;
	uint32_t pcrs_allowed; /* bit 1 << index */
	struct policy_rule rules[POLICY_RULES_MAX];
	size_t rule_count;
};

/* The report (may be NULL) says which member is wrong, what was seen and what is wanted.
 * Errors: FORMAT, LIMIT, VERSION, ARGUMENT (well-formed, but it would accept nothing or what no
 * policy may accept). On an error *out is a policy that accepts nothing: it is too large to be
 * made elsewhere first. */
enum conclave_error policy_read(
	struct policy *out, struct bytes text, struct conclave_report *report);
/* Accepts what constraint_check accepts; constraint must have been validated. */
void policy_from_constraint(struct policy *out, const struct constraint *constraint);

#endif
