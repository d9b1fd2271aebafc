/* ECDSA over either curve through libcrypto: what p256_os.c and p384_os.c share. */
#ifndef CRYPTO_ECDSA_OS_H
#define CRYPTO_ECDSA_OS_H

#include "crypto/crypto.h"
#include "crypto/libcrypto.h"

/* A curve, and the hash that goes with it: no other pair exists here. */
struct ecdsa_curve {
	const char *group; /* libcrypto's name */
	size_t number_size;
	const EVP_MD *(*hash)(void);
	_Atomic(EVP_PKEY *) *parameters; /* of the curve alone, once they were needed */
};

/* A libcrypto key object. point: x || y; secret: NULL for a public key. Errors: KEY (no such
 * point), MEMORY. */
enum conclave_error ecdsa_key(EVP_PKEY **out, const struct ecdsa_curve *curve, const uint8_t *point,
	const BIGNUM *secret);
/* point: x || y; first and rest: the message, in two pieces; signature: r || s. Errors: KEY,
 * SIGNATURE, MEMORY. */
enum conclave_error ecdsa_verify(const struct ecdsa_curve *curve, const uint8_t *point,
	struct bytes first, struct bytes rest, const uint8_t *signature);

#endif
