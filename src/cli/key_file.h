/* Key files: a private key as one line of hexadecimal, after comment lines that begin with '#'. */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

#include "base/bytes.h"
#include "crypto/crypto.h"

#define KEY_FILE_SIZE_MAX 4096u

/* Errors: SPACE. */
enum conclave_error key_file_write(struct writer *out, const struct x25519_secret *key);
/* Errors: FORMAT (not exactly one key). */
enum conclave_error key_file_parse(struct x25519_secret *out, struct bytes text);
/* Errors: NOT_FOUND, IO, LIMIT, MEMORY, FORMAT. */
enum conclave_error key_file_read(
	struct x25519_secret *out, const char *path, struct conclave_report *report);

#endif
