/* The SGX extension of a PCK certificate, 1.2.840.113741.1.13.1: which platform it speaks for and
 * how well patched that was (Intel SGX PCK Certificate and CRL Profile Specification). Pure. */
#ifndef ATTEST_PCK_H
#define ATTEST_PCK_H

#include "base/bytes.h"

struct pck_platform {
	uint8_t components[16]; /* TCB component SVNs */
	uint16_t pcesvn;
	uint8_t cpusvn[16];
	uint8_t pceid[2], fmspc[6];
};

/* extension: the value of the extension. Errors: FORMAT. */
enum conclave_error pck_read(struct pck_platform *out, struct bytes extension);

#endif
