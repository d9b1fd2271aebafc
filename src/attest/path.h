/* A certification path (RFC 5280 §6), from a leaf that signs evidence to a root whose key is known
 * beforehand: what the verifiers of SEV-SNP and Nitro share. Pure. */
#ifndef ATTEST_PATH_H
#define ATTEST_PATH_H

#include "attest/memo.h"
#include "attest/window.h"
#include "attest/x509.h"

#define PATH_LENGTH_MAX 12u

/* Leaf first, root last, length from 1 to PATH_LENGTH_MAX; each issued by the next, the root by
 * itself. Checked: the root's key against root_key; names, CA bits, key usages, path lengths; that
 * the leaf is no CA, and that its key usage, if it has one, says digitalSignature; signatures.
 * window is narrowed to the validity of all. memo: NULL for none.
 * Errors: UNTRUSTED (another root key), MISMATCH, SIGNATURE, KEY. */
enum conclave_error path_verify(struct window *window, const struct x509_certificate *path,
	size_t length, const struct x509_key *root_key, struct memo *memo);

#endif
