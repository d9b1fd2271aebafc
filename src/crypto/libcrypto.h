/* Self-freeing objects of libcrypto: `CLEANUP(EVP_PKEY_cleanup) EVP_PKEY *key = NULL;`. Only for
 * the implementation on an operating system. */
#ifndef CRYPTO_LIBCRYPTO_H
#define CRYPTO_LIBCRYPTO_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define FREED_BY(type, function)                         \
	static inline void type##_cleanup(type **object) \
	{                                                \
		function(*object);                       \
	}

FREED_BY(BIGNUM, BN_clear_free)
FREED_BY(BIO, BIO_free_all)
FREED_BY(BN_CTX, BN_CTX_free)
FREED_BY(ECDSA_SIG, ECDSA_SIG_free)
FREED_BY(EC_GROUP, EC_GROUP_free)
FREED_BY(EC_POINT, EC_POINT_free)
FREED_BY(EVP_MD_CTX, EVP_MD_CTX_free)
FREED_BY(EVP_PKEY, EVP_PKEY_free)
FREED_BY(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
FREED_BY(OSSL_PARAM, OSSL_PARAM_free)
FREED_BY(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)

#endif
