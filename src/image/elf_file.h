/* Reading an ELF file that may be hostile: headers are found and checked once, every view handed
 * out lies inside the file. Only what images need: 64-bit little-endian x86-64, type DYN. */
#ifndef IMAGE_ELF_FILE_H
#define IMAGE_ELF_FILE_H

#include <elf.h>

#include "base/bytes.h"

/* Points into `file`, which must outlive it and be 8-byte aligned. */
struct elf_file {
	struct bytes file;
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections;
	size_t sections_count;
	struct bytes section_names;
	const Elf64_Phdr *segments;
	size_t segments_count;
};

struct elf_section {
	uint64_t rva, offset, flags; /* SHF_* */
	struct bytes data;	     /* 8-byte aligned */
};

/* Errors: FORMAT, TRUNCATED. */
enum conclave_error elf_open(struct elf_file *out, struct bytes file);
/* The one section of that name. Errors: NOT_FOUND; FORMAT (two of that name, empty, no data in the
 * file, not 8-byte aligned); TRUNCATED. */
enum conclave_error elf_section(
	struct elf_section *out, const struct elf_file *elf, const char *name);
/* Value of the first symbol of that name in .symtab. Errors: NOT_FOUND, FORMAT, TRUNCATED. */
enum conclave_error elf_symbol(uint64_t *out, const struct elf_file *elf, const char *name);

#endif
