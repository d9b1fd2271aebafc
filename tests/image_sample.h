/* A small image made by hand, for tests of the reader: an ELF file written here, byte by byte,
 * without the builder. One page of the file serves as the data of every page that has any. */
#ifndef TESTS_IMAGE_SAMPLE_H
#define TESTS_IMAGE_SAMPLE_H

#include "image/image.h"

#define SAMPLE_PAGE 0x1000u /* where the one page of data lies, in file and enclave */
#define SAMPLE_LAYOUT (SAMPLE_PAGE + 0x000u)
#define SAMPLE_CONFIG (SAMPLE_PAGE + 0x100u)
#define SAMPLE_SECTIONS 0x40u /* of the section headers */
#define SAMPLE_SIZE_MAX 0x4000u

struct sample {
	_Alignas(4096) uint8_t file[SAMPLE_SIZE_MAX];
	size_t size;
	/* Into the file. */
	struct layout *layout;
	struct config_header *config;
	struct image_pages *pages;
	size_t pages_count;
	struct sgx_sigstruct *sigstruct;
};

/* product 7, security version 3, one lane, arguments "one" and "two", environment "A=b", imports
 * "conclave.log"; SIGSTRUCT identified for the measurement but with a signature of all ones that is
 * not one. */
void sample_make(struct sample *sample);
struct bytes sample_bytes(const struct sample *sample);

#endif
