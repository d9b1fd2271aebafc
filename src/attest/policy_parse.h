/* Reading a policy's JSON by tables: every object has a table of the members it may have, and
 * whatever is not in the table is refused, for a member that is misspelt would otherwise ask for
 * nothing. */
#ifndef ATTEST_POLICY_PARSE_H
#define ATTEST_POLICY_PARSE_H

#include "attest/literal.h"
#include "attest/policy.h"
#include "base/check.h"

/* What is being read, and what it becomes part of. */
struct parse {
	struct policy *out;
	struct policy_platform *platform;
	struct policy_snp_tcb *snp_tcb; /* one for each product; then one of them */
	bool in_identity;		/* else rules are for all identities of the platform */
	struct policy_rule *rule;	/* the latest */
	uint64_t set;			/* what an array has named so far, one bit each */
	struct conclave_report *report;
};

struct member;
/* A value and where in the text it stands. */
struct place {
	const struct place *above;   /* NULL: the whole text */
	const struct member *member; /* of an element: its array's */
	bool is_element;
	size_t index;
	struct json_view value;
};

typedef enum conclave_error parse_value(struct parse *parse, const struct place *at);

struct member {
	struct bytes name;
	parse_value *parse;
	enum claim claim; /* that a rule is about */
	size_t size;	  /* in bytes, exactly or at most; of a number: the greatest */
	size_t offset;	  /* in what it is kept */
	const struct policy_names *names;
};
struct members {
	const struct member *list;
	size_t count; /* at most 64 */
};
#define MEMBERS(table) ((const struct members){table, ARRAY_COUNT(table)})
#define BIT(index) (UINT64_C(1) << (index))

/* -- saying what is wrong: each returns the error after which it is called -- */

enum conclave_error parse_refuse_format(
	const struct parse *parse, const struct place *at, struct bytes problem);
/* Well-formed, but no policy may say so. */
enum conclave_error parse_refuse_argument(
	const struct parse *parse, const struct place *at, struct bytes problem);
enum conclave_error parse_refuse_limit(
	const struct parse *parse, const struct place *at, struct bytes problem);
/* "wanted …, not …" */
enum conclave_error parse_refuse_value(
	const struct parse *parse, const struct place *at, struct bytes wanted);

/* -- values: each fills *out on success, and refuses anything else -- */

/* found: bit 1 << index of each member there was. */
enum conclave_error parse_object(uint64_t *found, struct parse *parse,
	const struct members *members, const struct place *at);
/* An array of at least one element, each given to `element`. */
enum conclave_error parse_array(struct parse *parse, const struct place *at, parse_value *element);
/* 0 to the member's size. */
enum conclave_error parse_integer(uint32_t *out, const struct parse *parse, const struct place *at);
/* One of the member's names; or an array of them, each once. */
enum conclave_error parse_name(uint64_t *out, const struct parse *parse, const struct place *at);
enum conclave_error parse_names(uint64_t *out, struct parse *parse, const struct place *at);
/* Hexadecimal text of `size` bytes, or of 1 to `size`; decoded into `space`, which is as large. */
enum conclave_error parse_hex(struct bytes *text, struct bytes *decoded, uint8_t *space,
	size_t size, bool is_exact, const struct parse *parse, const struct place *at);
/* A time that runs forward, in R3's notation. */
enum conclave_error parse_period(
	struct calendar_period *out, const struct parse *parse, const struct place *at);

/* -- rules: each is a parse_value that adds what its member demands -- */

enum conclave_error parse_add_rule(
	struct parse *parse, const struct policy_rule *rule, const struct place *at);
parse_value parse_measurement; /* what identifies: never zero */
parse_value parse_register;    /* the same, or the word "unextended" */
parse_value parse_data;	       /* what somebody chose: zeros are as good as anything else */
parse_value parse_blob;	       /* the same, of 1 to `size` bytes */
parse_value parse_number, parse_minimum;
parse_value parse_bits; /* {"required":[NAME…],"forbidden":[NAME…]} */
parse_value parse_mask; /* {"mask":HEX,"value":HEX}: eight bytes each, as quotes have them */

/* What makes an identity: all members of one of the sets in `enough`. */
struct identity_kind {
	struct members members;
	uint64_t enough[3];
	size_t enough_count;
	struct bytes wanted;
};
enum conclave_error parse_identity(
	struct parse *parse, const struct identity_kind *kind, const struct place *at);

#endif
