/* An image file: NAME.enclave, an ordinary ELF file with our sections in it. docs/spec/image.md.
 *
 *   .conclave.layout     struct layout (abi/layout.h), first in the measured read-only pages
 *   .conclave.config     the measured configuration (abi/config.h), right behind it
 *   .conclave.lanes      not loaded by ELF: TCS and lane page of each lane
 *   .conclave.pages      not loaded: the page plan, an array of struct image_pages by rising rva
 *   .conclave.sigstruct  not loaded: SIGSTRUCT, 1808 bytes; modulus and signature are zero in an
 *                        image that waits for its signature
 *   .conclave.imports    not loaded: what the guest imports, "module.name\n" each
 *
 * The reader trusts nothing in the file: every offset and count is checked before use. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "abi/config.h"
#include "abi/layout.h"
#include "base/bytes.h"
#include "machine/machine.h"
#include "sgx/sgx.h"

/* A run of pages that are added alike. */
struct image_pages {
	uint64_t rva; /* page aligned */
	uint64_t count;
	uint64_t file_offset; /* of `count` pages of data in the file; IMAGE_ZERO_PAGES for zeros */
	uint64_t flags;	      /* SGX_PAGE_* */
	uint64_t measured;    /* 1: EADD and EEXTEND; 0: EADD only, and then writable zeros */
};

#define IMAGE_ZERO_PAGES UINT64_MAX
#define IMAGE_PAGE_RUNS_MAX 4096u
#define IMAGE_SIZE_MAX 0x20000000u /* 512 MiB of file */

/* A parsed image; points into `file`, which must outlive it. */
struct image {
	struct bytes file;
	const struct layout *layout;
	const struct config_header *config;
	struct bytes config_bytes;
	const struct image_pages *pages;
	size_t pages_count;
	const struct sgx_sigstruct *sigstruct;
	size_t sigstruct_offset; /* in the file */
	struct bytes imports;	 /* text, one import a line */
};

/* Errors: FORMAT, TRUNCATED, LIMIT, VERSION. report (may be NULL) says which part of the file. file
 * is 8-byte aligned. */
enum conclave_error image_parse(
	struct image *out, struct bytes file, struct conclave_report *report);
/* Read a file into memory of our own and parse it, so that whoever changes the file afterwards
 * changes nothing here. Errors: also IO, NOT_FOUND, MEMORY. image_close frees. */
enum conclave_error image_open(struct image *out, const char *path, struct conclave_report *report);
void image_close(struct image *image);
/* MRENCLAVE of what the page plan says, computed afresh. */
void image_measure(uint8_t mrenclave[32], const struct image *image);
/* Whether somebody has signed it; says nothing about whether the signature is right. */
bool image_is_signed(const struct image *image);
/* Whether its SIGSTRUCT lets it run with the DEBUG attribute. */
bool image_allows_debug(const struct image *image);
/* Put an image on a machine, up to and including EINIT. debug sets the DEBUG attribute.
 * Errors: as the machine's; DEBUG when a release-signed image is asked for DEBUG; STATE when it is
 * not signed. */
enum conclave_error image_load(struct machine_enclave **out, struct machine *machine,
	const struct image *image, bool debug, struct conclave_report *report);

/* The text of a configuration entry, NUL-terminated in place; image_parse has checked it. */
struct bytes image_config_text(const struct image *image, struct config_text text);
/* Entry `index` of the arguments or of the environment ("NAME=value"). index < the count is the
 * caller's duty. */
struct bytes image_argument(const struct image *image, uint32_t index);
struct bytes image_environment(const struct image *image, uint32_t index);

#endif
