/* Which X25519 public keys are refused, by both implementations alike. Pure. */
#ifndef CRYPTO_X25519_CHECK_H
#define CRYPTO_X25519_CHECK_H

#include "crypto/crypto.h"

/* Refuse a public key that is not canonical (bit 255 set, or not below p = 2^255 - 19) or whose
 * point has low order, zero included: with one, the shared secret is known to everybody, and a mail
 * made with no secret at all would look authenticated. The time does not depend on the key, because
 * a sender's key is a secret until its mail is authenticated. Errors: KEY. */
enum conclave_error x25519_check(const struct x25519_public *key);

#endif
