/* `conclave build`: a project's folder becomes NAME.enclave. */
#ifndef IMAGE_BUILD_H
#define IMAGE_BUILD_H

#include "base/bytes.h"

struct build_options {
	const char *project; /* folder with enclave.json */
	const char *sdk;
	const char *output; /* NULL: build/NAME.enclave in the project */
	/* Instead of the arguments in enclave.json, when replace_arguments. */
	const char *const *arguments;
	size_t argument_count;
	bool replace_arguments;
	bool keep_intermediate; /* in build/intermediate */
	bool debug;		/* line tables for gdb */

	const char *key; /* PEM file; NULL: the development key */
	bool release;
	uint32_t date; /* BCD yyyymmdd */
	/* Signing elsewhere: the first step writes what is to be signed to a file; the second takes
	 * the image that the first made, and what came back. */
	const char *material;
	const char *signature, *public_key;
};

struct build_result {
	char path[4096];
	uint8_t mrenclave[32], mrsigner[32]; /* mrsigner: zero while unsigned */
	bool is_signed, allows_debug;
	uint64_t file_size;
	uint64_t measured_size; /* bytes of pages whose contents are measured */
	uint64_t enclave_size;
	uint64_t lanes, heap, stack;
	uint16_t product_id, security_version;
};

/* Errors: those of config.h, guest.h, link.h and sign.h; report says what, where, and the remedy.
 */
enum conclave_error build_image(struct build_result *out, const struct build_options *options,
	struct conclave_report *report);

#endif
