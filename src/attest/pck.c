#include "attest/pck.h"

#include "attest/der.h"
#include "base/check.h"

/* 1.2.840.113741.1.13.1; the last arcs follow. */
#define OID_SGX "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01"
#define ARC_TCB 2
#define ARC_PCEID 3
#define ARC_FMSPC 4
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
		struct reader part = enter_item(&parts, &arc, BYTES_LIT(OID_SGX "\x02"));
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

enum conclave_error pck_read(struct pck_platform *out, struct bytes extension)
{
	struct reader whole = reader_of(extension);
	struct pck_platform platform = {0};
	struct reader items = der_enter(&whole, DER_SEQUENCE);
	int tcbs = 0, pceids = 0, fmspcs = 0;
	while (!items.failed && items.rest.len > 0) {
		uint8_t arc;
		struct reader item = enter_item(&items, &arc, BYTES_LIT(OID_SGX));
		if (arc == ARC_TCB && tcbs++ == 0)
			read_tcb(&item, &platform);
		else if (arc == ARC_PCEID && pceids++ == 0)
			read_octets(&item, platform.pceid, sizeof(platform.pceid));
		else if (arc == ARC_FMSPC && fmspcs++ == 0)
			read_octets(&item, platform.fmspc, sizeof(platform.fmspc));
		else
			(void)der_read_any(&item); /* PPID, SGX type, instance, configuration */
		der_leave(&items, &item);
	}
	der_leave(&whole, &items);
	if (der_end(&whole) != CONCLAVE_OK || tcbs != 1 || pceids != 1 || fmspcs != 1)
		return CONCLAVE_ERROR_FORMAT;
	*out = platform;
	return CONCLAVE_OK;
}
