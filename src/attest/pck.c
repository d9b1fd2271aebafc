#include "attest/pck.h"

#include "attest/der.h"
#include "base/check.h"

/* The last arcs below PCK_OID. */
#define ARC_PPID 1
#define ARC_TCB 2
#define ARC_PCEID 3
#define ARC_FMSPC 4
#define ARC_SGX_TYPE 5
#define ARC_INSTANCE_ID 6
#define ARC_CONFIGURATION 7
#define ARC_PCESVN 17
#define ARC_CPUSVN 18

/* Enter the next SEQUENCE { OBJECT IDENTIFIER prefix.arc, value }; arc 0 for other identifiers. */
static struct reader enter_item(struct reader *items, uint8_t *arc, struct bytes prefix)
{
	struct reader item = der_enter(items, DER_SEQUENCE);
	struct bytes oid = der_read(&item, DER_OID);
	bool is_ours =
		oid.len == prefix.len + 1 && bytes_equal(bytes_slice(oid, 0, prefix.len), prefix);
	*arc = is_ours ? oid.ptr[prefix.len] : 0;
	return item;
}

static void read_octets(struct reader *item, void *out, size_t size)
{
	struct bytes value = der_read(item, DER_OCTET_STRING);
	if (value.len != size)
		der_fail(item);
	else
		memcpy(out, value.ptr, size);
}

/* Every one of the eighteen parts exactly once, in any order. */
static void read_tcb(struct reader *item, struct pck_platform *out)
{
	struct reader parts = der_enter(item, DER_SEQUENCE);
	uint32_t seen = 0;
	for (int i = 0; i < ARC_CPUSVN; i++) {
		uint8_t arc;
		struct reader part = enter_item(&parts, &arc, BYTES_LIT(PCK_OID "\x02"));
		if (arc >= 1 && arc <= 16)
			out->components[arc - 1] = (uint8_t)der_read_number(&part, UINT8_MAX);
		else if (arc == ARC_PCESVN)
			out->pcesvn = (uint16_t)der_read_number(&part, UINT16_MAX);
		else if (arc == ARC_CPUSVN)
			read_octets(&part, out->cpusvn, sizeof(out->cpusvn));
		else
			der_fail(&part);
		der_leave(&parts, &part);
		if (parts.failed || (seen & 1u << arc) != 0) {
			der_fail(&parts);
			break;
		}
		seen |= 1u << arc;
	}
	der_leave(item, &parts);
}

/* PlatformInstance, Configuration { DynamicPlatform, CachedKeys, SMTEnabled }: booleans, each at
 * most once. */
static void read_configuration(struct reader *item, struct pck_platform *out)
{
	enum pck_answer *const answers[] = {&out->is_dynamic, &out->has_cached_keys, &out->has_smt};
	struct reader parts = der_enter(item, DER_SEQUENCE);
	while (!parts.failed && parts.rest.len > 0) {
		uint8_t arc;
		struct reader part = enter_item(&parts, &arc, BYTES_LIT(PCK_OID "\x07"));
		bool is_set = der_read_boolean(&part);
		if (arc < 1 || arc > ARRAY_COUNT(answers) || *answers[arc - 1] != PCK_UNKNOWN)
			der_fail(&part);
		else
			*answers[arc - 1] = is_set ? PCK_YES : PCK_NO;
		der_leave(&parts, &part);
	}
	der_leave(item, &parts);
}

static void read_sgx_type(struct reader *item, struct pck_platform *out)
{
	struct reader value = der_enter(item, DER_ENUMERATED);
	uint8_t type = read_u8(&value);
	if (type > PCK_SGX_SCALABLE_WITH_INTEGRITY - PCK_SGX_STANDARD)
		der_fail(&value);
	else
		out->sgx_type = (enum pck_sgx_type)(PCK_SGX_STANDARD + type);
	der_leave(item, &value);
}

static void read_item(struct reader *item, uint8_t arc, struct pck_platform *out)
{
	switch (arc) {
	case ARC_PPID: read_octets(item, out->ppid, sizeof(out->ppid)); break;
	case ARC_TCB: read_tcb(item, out); break;
	case ARC_PCEID: read_octets(item, out->pceid, sizeof(out->pceid)); break;
	case ARC_FMSPC: read_octets(item, out->fmspc, sizeof(out->fmspc)); break;
	case ARC_SGX_TYPE: read_sgx_type(item, out); break;
	case ARC_INSTANCE_ID:
		read_octets(item, out->instance_id, sizeof(out->instance_id));
		out->has_instance_id = true;
		break;
	case ARC_CONFIGURATION: read_configuration(item, out); break;
	default: (void)der_read_any(item); /* later versions may say more */
	}
}

enum conclave_error pck_read(struct pck_platform *out, struct bytes extension)
{
	const uint32_t wanted = 1u << ARC_PPID | 1u << ARC_TCB | 1u << ARC_PCEID | 1u << ARC_FMSPC;
	struct reader whole = reader_of(extension);
	struct pck_platform platform = {0};
	struct reader items = der_enter(&whole, DER_SEQUENCE);
	uint32_t seen = 0;
	while (!items.failed && items.rest.len > 0) {
		uint8_t arc;
		struct reader item = enter_item(&items, &arc, BYTES_LIT(PCK_OID));
		uint32_t bit = arc <= ARC_CONFIGURATION ? 1u << arc : 0;
		if ((seen & bit & ~1u) != 0)
			der_fail(&item);
		seen |= bit;
		read_item(&item, arc, &platform);
		der_leave(&items, &item);
	}
	der_leave(&whole, &items);
	if (der_end(&whole) != CONCLAVE_OK || (seen & wanted) != wanted)
		return CONCLAVE_ERROR_FORMAT;
	*out = platform;
	return CONCLAVE_OK;
}
