#include "image/link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "image/elf_file.h"
#include "image/instructions.h"
#include "image/layout.h"

/* text, rodata, data, bss: image.ld asserts that none is empty. */
#define LINKED_RUNS 4u

static size_t run_count(const struct layout *layout)
{
	return LINKED_RUNS + layout->lane_count * LAYOUT_RUNS_PER_LANE + 2;
}

enum conclave_error image_check_room(
	const struct build_config *config, struct conclave_report *report)
{
	struct layout distances = build_config_layout(config);

	TRY(layout_check_decisions(&distances));
	layout_place(&distances, 0);
	if (distances.guest_rva < LAYOUT_NEAR)
		return CONCLAVE_OK;
	report_fill(report,
		"lanes, stacks and heap take %" PRIu64
		" MiB; together they must stay below %u MiB: lower \"lanes\", \"stack\", "
		"\"window\" or \"files\" in enclave.json",
		distances.guest_rva >> 20, LAYOUT_NEAR >> 20);
	return CONCLAVE_ERROR_LIMIT;
}

/* -- what the linker is given besides guest and runtime -- */

static enum conclave_error write_config(
	size_t *size, const struct workshop *shop, const struct build_config *config)
{
	char path[FILE_PATH_SIZE];
	struct buffer space = {malloc(ABI_CONFIG_SIZE_MAX), ABI_CONFIG_SIZE_MAX};
	struct writer writer = writer_of(space);

	if (space.ptr == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = build_config_encode(&writer, config);
	if (error == CONCLAVE_ERROR_LIMIT)
		report_fill(shop->report, "arguments and environment are larger than %u bytes",
			ABI_CONFIG_SIZE_MAX);
	if (error == CONCLAVE_OK)
		error = workshop_path(path, shop, "config.bin");
	if (error == CONCLAVE_OK)
		error = file_write(path, writer_bytes(&writer), 0644, shop->report);
	if (error == CONCLAVE_OK)
		*size = writer.len;
	free(space.ptr);
	return error;
}

/* One import a line; an empty line when there are none, since a section cannot be empty. */
static enum conclave_error write_imports(
	const struct workshop *shop, const struct wasm_module *module)
{
	uint8_t text[WASM_IMPORTS_MAX * 64];
	struct writer writer = writer_of((struct buffer){text, sizeof(text)});
	char path[FILE_PATH_SIZE];

	for (size_t i = 0; i < module->import_count; i++) {
		write_bytes(&writer, module->imports[i].module);
		write_u8(&writer, '.');
		write_bytes(&writer, module->imports[i].name);
		write_u8(&writer, '\n');
	}
	if (module->import_count == 0)
		write_u8(&writer, '\n');
	TRY(writer_end(&writer));
	TRY(workshop_path(path, shop, "imports.txt"));
	return file_write(path, writer_bytes(&writer), 0644, shop->report);
}

/* The places that image_fill writes into have their final size from the start. */
static enum conclave_error write_sections(const struct workshop *shop, const struct layout *layout)
{
	char path[FILE_PATH_SIZE], text[1024];
	int size = snprintf(text, sizeof(text),
		".section .conclave.config,\"a\",@progbits\n.balign 8\n.incbin \"config.bin\"\n"
		".section .conclave.lanes,\"\",@progbits\n.balign 4096\n.zero %" PRIu64 "\n"
		".section .conclave.pages,\"\",@progbits\n.balign 8\n.zero %zu\n"
		".section .conclave.sigstruct,\"\",@progbits\n.balign 8\n.zero %zu\n"
		".section .conclave.imports,\"\",@progbits\n.balign 8\n.incbin \"imports.txt\"\n",
		layout->lane_count * LAYOUT_LANE_BYTES,
		run_count(layout) * sizeof(struct image_pages), sizeof(struct sgx_sigstruct));

	TRY(workshop_path(path, shop, "sections.S"));
	TRY(file_write(path, bytes_of(text, (size_t)size), 0644, shop->report));
	return workshop_compile(shop, "sections.S", "sections.o", false);
}

/* -- linking -- */

static enum conclave_error run_linker(const struct workshop *shop,
	const struct build_config *config, const struct layout *distances)
{
	char script[FILE_PATH_SIZE], runtime[FILE_PATH_SIZE], distance[64];
	struct tool gcc = {0};

	TRY(file_path(script, shop->report, "-Wl,-T,%s/image.ld", shop->sdk));
	TRY(file_path(runtime, shop->report, "%s/%s", shop->sdk,
		config->vaes ? "runtime_vaes.o" : "runtime.o"));
	snprintf(distance, sizeof(distance), "-Wl,--defsym=conclave_guest_distance=%" PRIu64,
		distances->guest_rva);
	tool_add_all(&gcc, "gcc-12", "-nostdlib", "-static-pie", script, distance, "-Wl,-z,text",
		"-Wl,-z,norelro", "-Wl,-z,max-page-size=4096", "-Wl,-z,noexecstack",
		"-Wl,--no-dynamic-linker", "-Wl,--build-id=none", "-Wl,--hash-style=sysv",
		"-Wl,--no-undefined", runtime, "guest.o", "glue.o", "sections.o", "-o",
		"linked.elf");
	if (!shop->debug)
		tool_add(&gcc, "-Wl,--strip-debug");
	return tool_run(NULL, &gcc, shop->work, shop->report);
}

static enum conclave_error check_instructions(
	const struct workshop *shop, const struct build_config *config)
{
	CLEANUP(file_free) struct buffer disassembly = {0};
	struct tool objdump = {0};

	tool_add_all(&objdump, "objdump", "-d", "--no-show-raw-insn", "-j", ".text", "linked.elf");
	TRY(tool_run(&disassembly, &objdump, shop->work, shop->report));
	return instructions_check(
		bytes_of(disassembly.ptr, disassembly.len), config->vaes, shop->report);
}

enum conclave_error image_link(struct buffer *file, const struct workshop *shop,
	const struct build_config *config, const struct wasm_module *module)
{
	struct layout distances = build_config_layout(config);
	char path[FILE_PATH_SIZE];

	TRY(write_config(&distances.config_size, shop, config));
	TRY(write_imports(shop, module));
	TRY(write_sections(shop, &distances));
	layout_place(&distances, 0);
	TRY(run_linker(shop, config, &distances));
	TRY(check_instructions(shop, config));
	TRY(workshop_path(path, shop, "linked.elf"));
	return file_read(file, path, IMAGE_SIZE_MAX, shop->report);
}

/* -- filling in -- */

static enum conclave_error refuse(struct conclave_report *report, const char *what)
{
	report_fill(report, "the linked file %s", what);
	return CONCLAVE_ERROR_FORMAT;
}

/* -z text has kept the linker from anything else in read-only pages; this keeps it from asking for
 * a symbol at run time. */
static enum conclave_error check_relocations(
	const struct elf_file *elf, struct conclave_report *report)
{
	struct elf_section section;
	enum conclave_error error = elf_section(&section, elf, ".rela.dyn");
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		return CONCLAVE_OK;
	TRY(error);
	const Elf64_Rela *rela = (const Elf64_Rela *)(const void *)section.data.ptr;
	for (size_t i = 0; i < section.data.len / sizeof(*rela); i++) {
		if (ELF64_R_TYPE(rela[i].r_info) != R_X86_64_RELATIVE)
			return refuse(report, "needs relocations other than R_X86_64_RELATIVE");
	}
	return CONCLAVE_OK;
}

static bool whole_pages(const Elf64_Phdr *segment)
{
	return segment->p_vaddr % LAYOUT_PAGE == 0 && segment->p_offset % LAYOUT_PAGE == 0 &&
	       segment->p_filesz % LAYOUT_PAGE == 0 && segment->p_memsz % LAYOUT_PAGE == 0 &&
	       segment->p_memsz >= segment->p_filesz;
}

static uint64_t page_flags(const Elf64_Phdr *segment)
{
	uint64_t flags = SGX_PAGE_REG | SGX_PAGE_R;
	if ((segment->p_flags & PF_W) != 0)
		flags |= SGX_PAGE_W;
	if ((segment->p_flags & PF_X) != 0)
		flags |= SGX_PAGE_X;
	return flags;
}

/* The runs of what was linked: each loaded segment, and its zeros after it. */
static enum conclave_error linked_runs(struct image_pages runs[LINKED_RUNS],
	const struct elf_file *elf, struct conclave_report *report)
{
	struct image_pages found[2 * LINKED_RUNS];
	size_t count = 0;

	for (size_t i = 0; i < elf->segments_count && count < LINKED_RUNS; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		uint64_t flags = page_flags(segment);
		if (segment->p_type != PT_LOAD)
			continue;
		if (!whole_pages(segment))
			return refuse(report, "has a segment that is not whole pages");
		uint64_t data = segment->p_filesz / LAYOUT_PAGE;
		uint64_t zeros = segment->p_memsz / LAYOUT_PAGE - data;
		if (data > 0)
			found[count++] = (struct image_pages){
				segment->p_vaddr, data, segment->p_offset, flags, 1};
		if (zeros > 0)
			found[count++] = (struct image_pages){segment->p_vaddr + segment->p_filesz,
				zeros, IMAGE_ZERO_PAGES, flags, 1};
	}
	if (count != LINKED_RUNS)
		return refuse(report, "does not have text, rodata, data and bss");
	memcpy(runs, found, LINKED_RUNS * sizeof(*runs));
	return CONCLAVE_OK;
}

/* One of our sections, writable, of exactly `size` bytes. */
static enum conclave_error place_of(struct buffer *out, struct buffer file,
	const struct elf_file *elf, const char *name, uint64_t size, struct conclave_report *report)
{
	struct elf_section section;
	if (elf_section(&section, elf, name) != CONCLAVE_OK || section.data.len != size) {
		report_fill(
			report, "the linked file: section %s is not %" PRIu64 " bytes", name, size);
		return CONCLAVE_ERROR_FORMAT;
	}
	*out = (struct buffer){file.ptr + section.offset, size};
	return CONCLAVE_OK;
}

static enum conclave_error place_layout(struct layout *layout, const struct elf_file *elf,
	const struct build_config *config, struct conclave_report *report)
{
	uint64_t image_end, guest_memory;
	struct elf_section section;
	struct writer measure = writer_measure();

	*layout = build_config_layout(config);
	TRY(build_config_encode(&measure, config));
	TRY(elf_section(&section, elf, ".conclave.config"));
	layout->config_rva = section.rva;
	layout->config_size = measure.len;
	TRY(elf_symbol(&image_end, elf, "__image_end"));
	TRY(elf_symbol(&guest_memory, elf, "guest_memory"));
	if (image_end >= LAYOUT_NEAR)
		return refuse(report, "is too large");
	layout_place(layout, image_end);
	if (layout->guest_rva != guest_memory)
		return refuse(report, "has guest memory in another place than the layout");
	if (layout_check(layout) != CONCLAVE_OK)
		return refuse(report, "is too large");
	return CONCLAVE_OK;
}

enum conclave_error image_fill(
	struct buffer file, const struct build_config *config, struct conclave_report *report)
{
	struct image_pages runs[LINKED_RUNS + LAYOUT_RUNS_MAX];
	struct buffer record, lanes, pages;
	struct elf_file elf;
	struct layout layout;
	uint64_t entry;

	TRY(elf_open(&elf, bytes_of(file.ptr, file.len)));
	TRY(check_relocations(&elf, report));
	TRY(place_layout(&layout, &elf, config, report));
	TRY(elf_symbol(&entry, &elf, "enclave_entry"));
	TRY(place_of(&record, file, &elf, ".conclave.layout", sizeof(layout), report));
	TRY(place_of(&lanes, file, &elf, ".conclave.lanes", layout.lane_count * LAYOUT_LANE_BYTES,
		report));
	TRY(place_of(
		&pages, file, &elf, ".conclave.pages", run_count(&layout) * sizeof(*runs), report));
	TRY(linked_runs(runs, &elf, report));
	layout_runs(runs + LINKED_RUNS, &layout, (uint64_t)(lanes.ptr - file.ptr));

	memcpy(record.ptr, &layout, sizeof(layout));
	layout_write_lanes(lanes.ptr, &layout, entry);
	memcpy(pages.ptr, runs, pages.len);
	return CONCLAVE_OK;
}
