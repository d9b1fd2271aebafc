/* The SGX extension of a PCK certificate, 1.2.840.113741.1.13.1: which platform it speaks for and
 * how well patched that was (Intel SGX PCK Certificate and CRL Profile Specification). Pure. */
#ifndef ATTEST_PCK_H
#define ATTEST_PCK_H

#include "base/bytes.h"

/* The contents of its object identifier. */
#define PCK_OID "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01"

enum pck_sgx_type {
	PCK_SGX_UNKNOWN, /* not said */
	PCK_SGX_STANDARD,
	PCK_SGX_SCALABLE,
	PCK_SGX_SCALABLE_WITH_INTEGRITY,
};
/* What a multi-package platform says of its configuration; others say nothing. */
enum pck_answer { PCK_UNKNOWN, PCK_NO, PCK_YES };

struct pck_platform {
	uint8_t components[16]; /* TCB component SVNs */
	uint16_t pcesvn;
	uint8_t cpusvn[16];
	uint8_t pceid[2], fmspc[6], ppid[16];
	enum pck_sgx_type sgx_type;
	bool has_instance_id;
	uint8_t instance_id[16];	 /* of the platform, which may have several packages */
	enum pck_answer is_dynamic;	 /* packages may be added and replaced */
	enum pck_answer has_cached_keys; /* Intel's registration service holds the platform keys */
	enum pck_answer has_smt;	 /* simultaneous multithreading is on */
};

/* extension: the value of the extension. Errors: FORMAT. */
enum conclave_error pck_read(struct pck_platform *out, struct bytes extension);

#endif
