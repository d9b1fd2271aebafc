/* EREPORT and EGETKEY: SDM 3D, the two instructions' "Operation", field by field. The derivation
 * itself is Intel's secret; ours is AES-128-CMAC over the packed dependencies. */
#include "sgx/sgx.h"

/* Always in the key, whatever mask is asked for: INIT and DEBUG. A debug enclave never gets a
 * production enclave's key. */
#define REQUIRED_SEALING_MASK (SGX_FLAG_INIT | SGX_FLAG_DEBUG)
#define KEYPOLICY_KSS                                                                     \
	(SGX_KEYPOLICY_NOISVPRODID | SGX_KEYPOLICY_CONFIGID | SGX_KEYPOLICY_ISVFAMILYID | \
		SGX_KEYPOLICY_ISVEXTPRODID)
#define KEYPOLICY_KNOWN (SGX_KEYPOLICY_MRENCLAVE | SGX_KEYPOLICY_MRSIGNER | KEYPOLICY_KSS)

/* All that a key depends on, under the SDM's names; zero where a key does not depend on it. PADDING
 * is one constant for every key, so it separates none and is left out. Hashed as it lies. */
struct dependencies {
	uint8_t owner_epoch[16], cpusvn[16], isvfamilyid[16], isvextprodid[16];
	uint8_t mrenclave[32], mrsigner[32], keyid[32], configid[64];
	struct sgx_attributes attributes, attributesmask;
	uint32_t miscselect, miscmask;
	uint16_t keyname, isvprodid, isvsvn, configsvn, keypolicy;
	uint8_t label[6]; /* what else is under the root key will carry another */
};

_Static_assert(sizeof(struct dependencies) == 64 + 160 + 32 + 8 + 16, "no padding");

#define COPY(to, from) memcpy((to), (from), sizeof(to))

static void derive(struct aes128_key *key, const struct sgx_cpu *cpu, struct dependencies *on)
{
	CLEANUP(aes128_key_wipe) struct aes128_key root;
	struct aes_cmac derived;
	COPY(root.bytes, cpu->root_key);
	COPY(on->label, "sgxkey");
	aes128_cmac(&derived, &root, BYTES_OF(*on));
	COPY(key->bytes, derived.bytes);
	wipe(&derived, sizeof(derived));
}

/* REPORT keys belong to the enclave that checks, which EREPORT knows by its TARGETINFO. */
static void derive_report_key(struct aes128_key *key, const struct sgx_cpu *cpu,
	const struct sgx_targetinfo *target, const uint8_t keyid[32])
{
	struct dependencies on = {
		.keyname = SGX_KEY_REPORT,
		.attributes = target->attributes,
		.miscselect = target->miscselect,
		.configsvn = target->configsvn,
	};
	COPY(on.owner_epoch, cpu->owner_epoch);
	COPY(on.mrenclave, target->mrenclave);
	COPY(on.keyid, keyid);
	COPY(on.cpusvn, cpu->cpusvn);
	COPY(on.configid, target->configid);
	derive(key, cpu, &on);
}

static struct sgx_targetinfo target_of(const struct sgx_secs *secs)
{
	struct sgx_targetinfo target = {
		.attributes = secs->attributes,
		.configsvn = secs->configsvn,
		.miscselect = secs->miscselect,
	};
	COPY(target.mrenclave, secs->mrenclave);
	COPY(target.configid, secs->configid);
	return target;
}

/* -- EREPORT -- */

static void fill_body(struct sgx_report_body *body, const struct sgx_cpu *cpu,
	const struct sgx_secs *secs, const uint8_t reportdata[64])
{
	*body = (struct sgx_report_body){
		.miscselect = secs->miscselect,
		.attributes = secs->attributes,
		.isvprodid = secs->isvprodid,
		.isvsvn = secs->isvsvn,
		.configsvn = secs->configsvn,
	};
	COPY(body->cpusvn, cpu->cpusvn);
	COPY(body->isvextprodid, secs->isvextprodid);
	COPY(body->mrenclave, secs->mrenclave);
	COPY(body->mrsigner, secs->mrsigner);
	COPY(body->configid, secs->configid);
	COPY(body->isvfamilyid, secs->isvfamilyid);
	COPY(body->reportdata, reportdata);
}

void sgx_report_make(struct sgx_report *out, const struct sgx_cpu *cpu, const struct sgx_secs *secs,
	const struct sgx_targetinfo *target, const uint8_t reportdata[64])
{
	CLEANUP(aes128_key_wipe) struct aes128_key key;
	struct aes_cmac mac;
	fill_body(&out->body, cpu, secs, reportdata);
	COPY(out->keyid, cpu->report_keyid);
	derive_report_key(&key, cpu, target, out->keyid);
	aes128_cmac(&mac, &key, BYTES_OF(out->body)); /* not over the key id */
	COPY(out->mac, mac.bytes);
}

enum conclave_error sgx_report_verify(
	const struct sgx_cpu *cpu, const struct sgx_secs *secs, const struct sgx_report *report)
{
	CLEANUP(aes128_key_wipe) struct aes128_key key;
	struct aes_cmac mac;
	struct sgx_targetinfo target = target_of(secs);
	derive_report_key(&key, cpu, &target, report->keyid);
	aes128_cmac(&mac, &key, BYTES_OF(report->body));
	bool same = ct_equal(mac.bytes, report->mac, sizeof(mac.bytes));
	wipe(&mac, sizeof(mac));
	return same ? CONCLAVE_OK : CONCLAVE_ERROR_AUTH;
}

/* -- EGETKEY -- */

static bool raises_fault(const struct sgx_secs *secs, const struct sgx_keyrequest *request)
{
	if (request->reserved1 != 0 ||
		!ct_all_zero(request->reserved2, sizeof(request->reserved2)) ||
		(request->keypolicy & ~KEYPOLICY_KNOWN) != 0)
		return true;
	return (secs->attributes.flags & SGX_FLAG_KSS) == 0 &&
	       ((request->keypolicy & KEYPOLICY_KSS) != 0 || request->configsvn != 0);
}

/* The attribute without which a key is not given; 0: anybody may ask. */
static uint64_t attribute_for(uint16_t keyname)
{
	switch (keyname) {
	case SGX_KEY_EINITTOKEN: return SGX_FLAG_EINITTOKEN_KEY;
	case SGX_KEY_PROVISION:
	case SGX_KEY_PROVISION_SEAL: return SGX_FLAG_PROVISIONKEY;
	default: return 0;
	}
}

/* CPUSVN is opaque on hardware; here it is sixteen numbers, and older means none is larger. */
static bool is_beyond(const uint8_t asked[16], const uint8_t current[16])
{
	for (size_t i = 0; i < 16; i++)
		if (asked[i] > current[i])
			return true;
	return false;
}

static enum sgx_getkey_status check_versions(const struct sgx_cpu *cpu, const struct sgx_secs *secs,
	const struct sgx_keyrequest *request)
{
	if (is_beyond(request->cpusvn, cpu->cpusvn))
		return SGX_GETKEY_INVALID_CPUSVN;
	if (request->isvsvn > secs->isvsvn)
		return SGX_GETKEY_INVALID_ISVSVN;
	if (request->keyname == SGX_KEY_SEAL && request->configsvn > secs->configsvn)
		return SGX_GETKEY_INVALID_ISVSVN;
	return SGX_GETKEY_OK;
}

/* SEAL and PROVISION_SEAL choose by policy which identities they depend on. */
static void apply_policy(
	struct dependencies *on, const struct sgx_secs *secs, const struct sgx_keyrequest *request)
{
	uint16_t policy = request->keypolicy;
	on->keypolicy = policy;
	if ((policy & SGX_KEYPOLICY_MRENCLAVE) != 0 && request->keyname == SGX_KEY_SEAL)
		COPY(on->mrenclave, secs->mrenclave);
	if ((policy & SGX_KEYPOLICY_MRSIGNER) != 0)
		COPY(on->mrsigner, secs->mrsigner);
	if ((policy & SGX_KEYPOLICY_NOISVPRODID) != 0)
		on->isvprodid = 0;
	if ((policy & SGX_KEYPOLICY_ISVFAMILYID) != 0)
		COPY(on->isvfamilyid, secs->isvfamilyid);
	if ((policy & SGX_KEYPOLICY_ISVEXTPRODID) != 0)
		COPY(on->isvextprodid, secs->isvextprodid);
	if ((policy & SGX_KEYPOLICY_CONFIGID) != 0) {
		COPY(on->configid, secs->configid);
		on->configsvn = request->configsvn;
	}
}

static void depend(struct dependencies *on, const struct sgx_cpu *cpu, const struct sgx_secs *secs,
	const struct sgx_keyrequest *request)
{
	uint16_t name = request->keyname;
	*on = (struct dependencies){
		.keyname = name,
		.isvprodid = secs->isvprodid,
		.isvsvn = request->isvsvn,
		.attributes.flags = (request->attributemask.flags | REQUIRED_SEALING_MASK) &
				    secs->attributes.flags,
		.attributes.xfrm = request->attributemask.xfrm & secs->attributes.xfrm,
		.miscselect = request->miscmask & secs->miscselect,
	};
	COPY(on->cpusvn, request->cpusvn);
	if (name != SGX_KEY_EINITTOKEN) {
		on->attributesmask = request->attributemask;
		on->miscmask = ~request->miscmask;
	}
	if (name == SGX_KEY_SEAL || name == SGX_KEY_EINITTOKEN) {
		COPY(on->owner_epoch, cpu->owner_epoch);
		COPY(on->keyid, request->keyid);
	}
	if (name == SGX_KEY_SEAL || name == SGX_KEY_PROVISION_SEAL)
		apply_policy(on, secs, request);
	if (name != SGX_KEY_SEAL)
		COPY(on->mrsigner, secs->mrsigner);
}

enum sgx_getkey_status sgx_getkey(struct aes128_key *key, const struct sgx_cpu *cpu,
	const struct sgx_secs *secs, const struct sgx_keyrequest *request)
{
	struct dependencies on;
	if (raises_fault(secs, request))
		return SGX_GETKEY_FAULT;
	if (request->keyname > SGX_KEY_SEAL)
		return SGX_GETKEY_INVALID_KEYNAME;
	uint64_t attribute = attribute_for(request->keyname);
	if ((secs->attributes.flags & attribute) != attribute)
		return SGX_GETKEY_INVALID_ATTRIBUTE;
	if (request->keyname == SGX_KEY_REPORT) {
		struct sgx_targetinfo self = target_of(secs);
		derive_report_key(key, cpu, &self, request->keyid);
		return SGX_GETKEY_OK;
	}
	enum sgx_getkey_status status = check_versions(cpu, secs, request);
	if (status != SGX_GETKEY_OK)
		return status;
	depend(&on, cpu, secs, request);
	derive(key, cpu, &on);
	return SGX_GETKEY_OK;
}
