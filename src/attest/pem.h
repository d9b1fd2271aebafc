/* PEM (RFC 7468), strictly: labels as written by Intel's services, base64 without a bit to spare,
 * nothing but line ends between blocks. Pure. */
#ifndef ATTEST_PEM_H
#define ATTEST_PEM_H

#include "base/bytes.h"

/* Whether only line ends and NUL bytes are left: Intel ends chains in quotes with a NUL. */
bool pem_at_end(const struct reader *pem);
/* Decode the next block, which must carry this label ("CERTIFICATE"), into `space`; der is a view
 * of it. Errors: FORMAT, SPACE. */
enum conclave_error pem_next(
	struct bytes *der, struct writer *space, struct reader *pem, struct bytes label);
/* One object however services hand it out: DER, PEM with this label, or DER in hexadecimal digits;
 * zero bytes may follow. der is a view of `from` or of `space`. Errors: FORMAT, LIMIT (more than
 * fits into `space`). */
enum conclave_error pem_decode(
	struct bytes *der, struct writer *space, struct bytes from, struct bytes label);

#endif
