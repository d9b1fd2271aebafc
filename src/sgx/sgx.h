/* The SGX architecture: structures, measurement, signing and key rules. Pure.
 *
 * Offsets and rules: Intel SDM volume 3D, chapters 35 to 38 (order number 332831). All numbers
 * little-endian. Structures are laid out exactly as the hardware reads them; every size is asserted
 * below. */
#ifndef SGX_SGX_H
#define SGX_SGX_H

#include "base/bytes.h"
#include "crypto/crypto.h"

#define SGX_PAGE_SIZE 4096u

/* ATTRIBUTES.FLAGS */
#define SGX_FLAG_INIT 0x01u
#define SGX_FLAG_DEBUG 0x02u
#define SGX_FLAG_MODE64BIT 0x04u
#define SGX_FLAG_PROVISIONKEY 0x10u
#define SGX_FLAG_EINITTOKEN_KEY 0x20u
#define SGX_FLAG_KSS 0x80u
/* ATTRIBUTES.XFRM: what an enclave may use and an asynchronous exit saves. x87 and SSE; and with
 * AVX and the three components of AVX-512. */
#define SGX_XFRM_LEGACY 0x03u
#define SGX_XFRM_AVX512 0xe7u

struct sgx_attributes {
	uint64_t flags, xfrm;
};

/* SECINFO.FLAGS */
#define SGX_PAGE_R 0x01u
#define SGX_PAGE_W 0x02u
#define SGX_PAGE_X 0x04u
#define SGX_PAGE_TCS 0x100u /* PAGE_TYPE 1; its permissions are always zero */
#define SGX_PAGE_REG 0x200u /* PAGE_TYPE 2 */

struct sgx_tcs {
	uint64_t state; /* the CPU's own; zero when added */
	uint64_t flags; /* bit 0 DBGOPTIN */
	uint64_t ossa;	/* offset of the SSA frames from the enclave's base */
	uint32_t cssa, nssa;
	uint64_t oentry;
	uint64_t aep;		     /* the CPU's own */
	uint64_t ofs_base, ogs_base; /* offsets of FS and GS from the enclave's base */
	uint32_t fs_limit, gs_limit;
	uint8_t reserved[4024];
};

/* The general registers in the last 184 bytes of an SSA frame. */
struct sgx_gprsgx {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, rip, ursp, urbp;
	uint32_t exit_info; /* bits 7:0 vector, 10:8 type (3 hardware, 6 software), 31 valid */
	uint32_t reserved;
	uint64_t fs_base, gs_base;
};

struct sgx_report_body { /* 384 */
	uint8_t cpusvn[16];
	uint32_t miscselect;
	uint8_t reserved1[12];
	uint8_t isvextprodid[16];
	struct sgx_attributes attributes;
	uint8_t mrenclave[32];
	uint8_t reserved2[32];
	uint8_t mrsigner[32];
	uint8_t reserved3[32];
	uint8_t configid[64];
	uint16_t isvprodid, isvsvn, configsvn;
	uint8_t reserved4[42];
	uint8_t isvfamilyid[16];
	uint8_t reportdata[64];
};

struct sgx_report { /* 432 */
	struct sgx_report_body body;
	uint8_t keyid[32];
	uint8_t mac[16];
};

struct sgx_targetinfo { /* 512 */
	uint8_t mrenclave[32];
	struct sgx_attributes attributes;
	uint8_t reserved1[2];
	uint16_t configsvn;
	uint32_t miscselect;
	uint8_t reserved2[8];
	uint8_t configid[64];
	uint8_t reserved3[384];
};

enum sgx_key_name {
	SGX_KEY_EINITTOKEN = 0,
	SGX_KEY_PROVISION = 1,
	SGX_KEY_PROVISION_SEAL = 2,
	SGX_KEY_REPORT = 3,
	SGX_KEY_SEAL = 4,
};

#define SGX_KEYPOLICY_MRENCLAVE 0x01u
#define SGX_KEYPOLICY_MRSIGNER 0x02u
#define SGX_KEYPOLICY_NOISVPRODID 0x04u
#define SGX_KEYPOLICY_CONFIGID 0x08u
#define SGX_KEYPOLICY_ISVFAMILYID 0x10u
#define SGX_KEYPOLICY_ISVEXTPRODID 0x20u

struct sgx_keyrequest { /* 512 */
	uint16_t keyname, keypolicy, isvsvn, reserved1;
	uint8_t cpusvn[16];
	struct sgx_attributes attributemask;
	uint8_t keyid[32];
	uint32_t miscmask;
	uint16_t configsvn;
	uint8_t reserved2[434];
};

/* What EGETKEY leaves in RAX (SDM 3D, EGETKEY, "Error codes"). */
enum sgx_getkey_status {
	SGX_GETKEY_OK = 0,
	SGX_GETKEY_INVALID_ATTRIBUTE = 2,
	SGX_GETKEY_INVALID_CPUSVN = 32,
	SGX_GETKEY_INVALID_ISVSVN = 64,
	SGX_GETKEY_INVALID_KEYNAME = 256,
	/* Not a status: reserved bits are set and the instruction raises #GP. Above all that RAX
	 * can hold. */
	SGX_GETKEY_FAULT = 0x10000,
};

struct sgx_sigstruct {	     /* 1808 */
	uint8_t header[16];  /* 06000000E10000000000010000000000 */
	uint32_t vendor;     /* 0, or 0x8086 for Intel's */
	uint32_t date;	     /* BCD yyyymmdd */
	uint8_t header2[16]; /* 01010000600000006000000001000000 */
	uint32_t swdefined;
	uint8_t reserved1[84];
	uint8_t modulus[384];
	uint32_t exponent; /* 3 */
	uint8_t signature[384];
	uint32_t miscselect, miscmask;
	uint8_t reserved2[4];
	uint8_t isvfamilyid[16];
	struct sgx_attributes attributes, attributemask;
	uint8_t enclavehash[32];
	uint8_t reserved3[16];
	uint8_t isvextprodid[16];
	uint16_t isvprodid, isvsvn;
	uint8_t reserved4[12];
	uint8_t q1[384], q2[384];
};

_Static_assert(
	sizeof(struct sgx_tcs) == 4096 && sizeof(struct sgx_gprsgx) == 184, "SDM 3D 35.8, 35.9");
_Static_assert(
	sizeof(struct sgx_report_body) == 384 && sizeof(struct sgx_report) == 432, "SDM 3D 35.15");
_Static_assert(sizeof(struct sgx_targetinfo) == 512 && sizeof(struct sgx_keyrequest) == 512,
	"SDM 3D 35.16, 35.17");
_Static_assert(sizeof(struct sgx_sigstruct) == 1808, "SDM 3D 35.13");

/* -- measurement: MRENCLAVE as ECREATE, EADD and EEXTEND build it (SDM 3D 38.1 and the three
 * instructions) -- */

struct sgx_measurement {
	struct sha256_state state;
};
void sgx_measure_create(
	struct sgx_measurement *measurement, uint32_t ssa_frame_pages, uint64_t enclave_size);
/* flags: SGX_PAGE_* as in SECINFO. rva is the page's offset in the enclave. */
void sgx_measure_add(struct sgx_measurement *measurement, uint64_t rva, uint64_t flags);
/* All sixteen 256-byte blocks of one page. */
void sgx_measure_extend(
	struct sgx_measurement *measurement, uint64_t rva, const uint8_t page[SGX_PAGE_SIZE]);
void sgx_measure_final(uint8_t mrenclave[32], struct sgx_measurement *measurement);

/* -- SIGSTRUCT -- */

/* What a signer decides about an enclave. */
struct sgx_identity {
	uint8_t mrenclave[32];
	struct sgx_attributes attributes, attributemask;
	uint32_t miscselect, miscmask;
	uint16_t isvprodid, isvsvn;
	uint32_t date; /* BCD yyyymmdd */
};

#define SGX_SIGNING_MATERIAL_SIZE \
	256 /* the two signed parts, 128 bytes each: what `sgx_sign gendata` writes */

/* Everything but the key and the signature. */
void sgx_sigstruct_fill(struct sgx_sigstruct *out, const struct sgx_identity *identity);
/* The bytes that are signed. */
void sgx_sigstruct_material(
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], const struct sgx_sigstruct *sigstruct);
/* Put key and signature in, compute q1 and q2, and verify. Numbers little-endian. Errors:
 * SIGNATURE, KEY. (OS) */
enum conclave_error sgx_sigstruct_complete(
	struct sgx_sigstruct *sigstruct, const uint8_t modulus[384], const uint8_t signature[384]);
/* What EINIT checks of the structure itself: headers, exponent, q1, q2, signature. Errors: FORMAT,
 * SIGNATURE, KEY. (OS) */
enum conclave_error sgx_sigstruct_verify(const struct sgx_sigstruct *sigstruct);
/* MRSIGNER: SHA-256 of the little-endian modulus. */
void sgx_mrsigner(uint8_t mrsigner[32], const struct sgx_sigstruct *sigstruct);

/* -- what the CPU knows of an initialised enclave, and the keys it derives for it (OS: the soft
 * machine) -- */

struct sgx_cpu {
	uint8_t root_key[16]; /* stands for the fused keys; secret */
	uint8_t cpusvn[16];
	uint8_t owner_epoch[16];
	uint8_t report_keyid[32]; /* CR_REPORT_KEYID: drawn when the CPU starts */
};

struct sgx_secs { /* only what EREPORT, EGETKEY and EINIT look at */
	uint64_t size, base;
	uint32_t ssa_frame_pages, miscselect;
	struct sgx_attributes attributes;
	uint8_t mrenclave[32], mrsigner[32];
	uint16_t isvprodid, isvsvn, configsvn;
	uint8_t isvfamilyid[16], isvextprodid[16], configid[64];
};

/* EINIT's comparison of SIGSTRUCT with the enclave as built (secs.mrenclave, attributes,
 * miscselect); fills the identity fields of secs and sets the INIT attribute. SDM 3D EINIT. Errors:
 * FORMAT, SIGNATURE, KEY, MISMATCH (measurement), DEBUG (attributes & mask differ in DEBUG),
 * ARGUMENT (other attributes or MISCSELECT). */
enum conclave_error sgx_init(struct sgx_secs *secs, const struct sgx_sigstruct *sigstruct);
/* EREPORT: report on `secs`, for the enclave that `target` names. */
void sgx_report_make(struct sgx_report *out, const struct sgx_cpu *cpu, const struct sgx_secs *secs,
	const struct sgx_targetinfo *target, const uint8_t reportdata[64]);
/* EGETKEY, whole: every check and the derivation. key is written only when the status is OK. */
enum sgx_getkey_status sgx_getkey(struct aes128_key *key, const struct sgx_cpu *cpu,
	const struct sgx_secs *secs, const struct sgx_keyrequest *request);
/* Whether `report` was made on this CPU for the enclave described by `secs`. Errors: AUTH. */
enum conclave_error sgx_report_verify(
	const struct sgx_cpu *cpu, const struct sgx_secs *secs, const struct sgx_report *report);

#endif
