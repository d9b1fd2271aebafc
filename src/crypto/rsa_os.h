/* RSA public keys through libcrypto: what rsa3072.c and rsa_verify.c share. */
#ifndef CRYPTO_RSA_OS_H
#define CRYPTO_RSA_OS_H

#include "crypto/crypto.h"
#include "crypto/libcrypto.h"

/* A libcrypto public key. modulus: may be NULL for want of memory. Errors: KEY (not odd, or not of
 * so many bits), MEMORY. */
enum conclave_error rsa_public_key(
	EVP_PKEY **out, const BIGNUM *modulus, int bits, unsigned exponent);

#endif
