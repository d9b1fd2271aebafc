/* Signing: SIGSTRUCT of an image, by a key at hand or in two steps by a key that is elsewhere. */
#ifndef IMAGE_SIGN_H
#define IMAGE_SIGN_H

#include "os/file.h"
#include "image/image.h"

/* Who may sign, and what the signature allows. */
struct signing {
	const char *key; /* PEM file; NULL: the development key, made on first use */
	bool release;	 /* the signature forbids the DEBUG attribute */
	uint32_t date;	 /* BCD yyyymmdd */
};

/* Fill in all of SIGSTRUCT but key and signature: what will be signed. image must be parsed from
 * `file`. */
void image_identify(struct buffer file, const struct image *image, bool release, uint32_t date);
/* Sign with a key file. Errors: NOT_FOUND, IO, KEY, FORMAT, SIGNATURE. */
enum conclave_error image_sign(struct buffer file, const struct image *image,
	const struct signing *signing, struct conclave_report *report);
/* The 256 bytes to sign elsewhere: openssl dgst -sha256 -sign KEY.pem. */
void image_signing_material(uint8_t material[SGX_SIGNING_MATERIAL_SIZE], const struct image *image);
/* Put in what came back: a raw signature of 384 bytes, most significant byte first as OpenSSL
 * writes it, and the key's public half in PEM. Errors: FORMAT, KEY, SIGNATURE. */
enum conclave_error image_sign_offline(struct buffer file, const struct image *image,
	struct bytes signature, struct bytes public_key, struct conclave_report *report);

/* Path of the development key: $XDG_CONFIG_HOME/conclave/development-key.pem, else below
 * ~/.config. Errors: NOT_FOUND (no home), LIMIT. */
enum conclave_error development_key_path(char out[FILE_PATH_SIZE], struct conclave_report *report);

#endif
