/* Where evidence of Intel's platforms may chain to. Keys, not certificates: Intel has issued
 * several roots with one key. */
#ifndef ATTEST_ROOTS_H
#define ATTEST_ROOTS_H

#include "crypto/crypto.h"

struct attest_roots {
	const struct p256_public *dcap;	      /* Intel SGX Root CA's key, which TDX shares */
	const struct p256_public *simulation; /* NULL: simulated evidence, signed or unsigned (type
						 2), is refused as UNTRUSTED */
};
/* Intel's pinned key and the published simulation key. */
extern const struct attest_roots attest_default_roots;

#endif
