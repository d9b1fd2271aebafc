#include "image/elf_file.h"

#include "base/check.h"

/* A table of `count` entries at `offset`, 8-byte aligned, wholly inside the file. */
static enum conclave_error table_at(
	const void **out, struct bytes file, uint64_t offset, uint64_t count, size_t entry_size)
{
	if (offset % 8 != 0)
		return CONCLAVE_ERROR_FORMAT;
	if (offset > file.len || count > (file.len - offset) / entry_size)
		return CONCLAVE_ERROR_TRUNCATED;
	*out = file.ptr + offset;
	return CONCLAVE_OK;
}

static bool header_fits(const Elf64_Ehdr *h)
{
	return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_type == ET_DYN &&
	       h->e_machine == EM_X86_64 && h->e_shentsize == sizeof(Elf64_Shdr) &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_shstrndx < h->e_shnum;
}

static enum conclave_error section_data(
	struct bytes *out, const struct elf_file *elf, const Elf64_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS)
		return CONCLAVE_ERROR_FORMAT;
	if (section->sh_offset > elf->file.len ||
		section->sh_size > elf->file.len - section->sh_offset)
		return CONCLAVE_ERROR_TRUNCATED;
	*out = bytes_of(elf->file.ptr + section->sh_offset, section->sh_size);
	return CONCLAVE_OK;
}

enum conclave_error elf_open(struct elf_file *out, struct bytes file)
{
	struct elf_file elf = {.file = file};
	const void *table;

	TRY(table_at(&table, file, 0, 1, sizeof(Elf64_Ehdr)));
	elf.header = table;
	if (!header_fits(elf.header))
		return CONCLAVE_ERROR_FORMAT;

	elf.sections_count = elf.header->e_shnum;
	TRY(table_at(&table, file, elf.header->e_shoff, elf.sections_count, sizeof(Elf64_Shdr)));
	elf.sections = table;
	elf.segments_count = elf.header->e_phnum;
	TRY(table_at(&table, file, elf.header->e_phoff, elf.segments_count, sizeof(Elf64_Phdr)));
	elf.segments = table;
	TRY(section_data(&elf.section_names, &elf, &elf.sections[elf.header->e_shstrndx]));
	*out = elf;
	return CONCLAVE_OK;
}

/* Whether the string table holds exactly `name` at `offset`, with its NUL. */
static bool name_is(struct bytes table, uint64_t offset, const char *name)
{
	size_t size = strlen(name) + 1;
	return offset <= table.len && size <= table.len - offset &&
	       memcmp(table.ptr + offset, name, size) == 0;
}

/* The one section header of that name. */
static enum conclave_error section_header(
	const Elf64_Shdr **out, const struct elf_file *elf, const char *name)
{
	const Elf64_Shdr *found = NULL;
	for (size_t i = 0; i < elf->sections_count; i++) {
		if (!name_is(elf->section_names, elf->sections[i].sh_name, name))
			continue;
		if (found != NULL)
			return CONCLAVE_ERROR_FORMAT;
		found = &elf->sections[i];
	}
	if (found == NULL)
		return CONCLAVE_ERROR_NOT_FOUND;
	*out = found;
	return CONCLAVE_OK;
}

enum conclave_error elf_section(
	struct elf_section *out, const struct elf_file *elf, const char *name)
{
	const Elf64_Shdr *header;
	TRY(section_header(&header, elf, name));

	struct elf_section section = {header->sh_addr, header->sh_offset, header->sh_flags, {0}};
	TRY(section_data(&section.data, elf, header));
	if (section.offset % 8 != 0 || section.data.len == 0)
		return CONCLAVE_ERROR_FORMAT;
	*out = section;
	return CONCLAVE_OK;
}

enum conclave_error elf_symbol(uint64_t *out, const struct elf_file *elf, const char *name)
{
	const Elf64_Shdr *header;
	struct elf_section symbols;
	struct bytes names;

	TRY(section_header(&header, elf, ".symtab"));
	if (header->sh_link >= elf->sections_count)
		return CONCLAVE_ERROR_FORMAT;
	TRY(elf_section(&symbols, elf, ".symtab"));
	TRY(section_data(&names, elf, &elf->sections[header->sh_link]));

	const Elf64_Sym *symbol = (const Elf64_Sym *)(const void *)symbols.data.ptr;
	for (size_t i = 0; i < symbols.data.len / sizeof(Elf64_Sym); i++) {
		if (!name_is(names, symbol[i].st_name, name))
			continue;
		*out = symbol[i].st_value;
		return CONCLAVE_OK;
	}
	return CONCLAVE_ERROR_NOT_FOUND;
}
