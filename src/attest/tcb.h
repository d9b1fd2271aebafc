/* TCB info, versions 2 and 3, as Intel's PCS API v4 defines it: which patches a kind of platform
 * should have, and which TDX modules there are. Pure; views point into the JSON text. */
#ifndef ATTEST_TCB_H
#define ATTEST_TCB_H

#include "attest/pck.h"
#include "attest/quote.h"
#include "attest/tcb_level.h"

/* What a TDX module must be. */
struct tdx_module {
	uint8_t mrsigner[48], attributes[8];
	struct json_view levels; /* empty for version 0, whose patches are levels of the platform */
};

struct tcb_info {
	int64_t issue_date, next_update;
	int64_t latest_date; /* of all levels */
	uint32_t evaluation_number;
	uint8_t fmspc[6], pceid[2];
	enum quote_tee tee;
	bool has_component_list; /* version 3 */
	struct json_view levels;
	struct tdx_module module; /* TDX: version 0 */
	struct json_view modules; /* TDX: later versions; may be empty */
};
/* Every level is checked, not only the one that will match. Errors: FORMAT, VERSION (version, or an
 * id that is not this TEE's). */
enum conclave_error tcb_info_read(
	struct tcb_info *out, const struct json_view *object, enum quote_tee tee);
/* The first level that the platform reaches in all its components. tee_tcb_svn: of the TD; NULL for
 * SGX. Errors: TCB (none). */
enum conclave_error tcb_info_match(struct tcb_level *out, const struct tcb_info *info,
	const struct pck_platform *platform, const uint8_t tee_tcb_svn[16]);

/* The module of a TD, by its major version in tee_tcb_svn. Errors: MISMATCH (no such module). */
enum conclave_error tdx_module_find(
	struct tdx_module *out, const struct tcb_info *info, const uint8_t tee_tcb_svn[16]);
/* Whether a TD runs under that module. Errors: MISMATCH. */
enum conclave_error tdx_module_check(
	const struct tdx_module *module, const struct tdx_report_body *report);
/* The first level that the module reaches; only of a module that has levels. Errors: TCB (none). */
enum conclave_error tdx_module_match(
	struct tcb_level *out, const struct tdx_module *module, const uint8_t tee_tcb_svn[16]);
static inline bool tdx_module_has_levels(const uint8_t tee_tcb_svn[16])
{
	return tee_tcb_svn[1] > 0;
}

#endif
