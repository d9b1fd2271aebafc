/* ECDSA P-384 through libcrypto: verifying only. */
#include <openssl/obj_mac.h>

#include "crypto/ecdsa_os.h"

static _Atomic(EVP_PKEY *) p384_parameters;
static const struct ecdsa_curve p384 = {SN_secp384r1, 48, EVP_sha384, &p384_parameters};

enum conclave_error p384_verify(
	const struct p384_public *key, struct bytes message, const struct p384_signature *signature)
{
	return p384_verify_pieces(key, message, BYTES_LIT(""), signature);
}

enum conclave_error p384_verify_pieces(const struct p384_public *key, struct bytes first,
	struct bytes rest, const struct p384_signature *signature)
{
	return ecdsa_verify(&p384, key->bytes, first, rest, signature->bytes);
}
