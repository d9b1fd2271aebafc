#include "image_sample.h"

#include <elf.h>

#include "image/layout.h"

enum { NONE, NAMES, LAYOUT, PAGES, SIGSTRUCT, IMPORTS, SECTIONS };

static const char *const names[SECTIONS] = {"", ".shstrtab", ".conclave.layout", ".conclave.pages",
	".conclave.sigstruct", ".conclave.imports"};

static void write_header(struct sample *sample)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)sample->file;
	*header = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			EV_CURRENT},
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_shoff = SAMPLE_SECTIONS,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SECTIONS,
		.e_shstrndx = NAMES,
	};
}

static Elf64_Shdr *section(struct sample *sample, size_t index)
{
	return (Elf64_Shdr *)(void *)(sample->file + SAMPLE_SECTIONS) + index;
}

/* Append `size` bytes as a section's contents; returns where they lie. */
static void *append(struct sample *sample, size_t index, size_t size)
{
	size_t offset = (sample->size + 7) / 8 * 8;
	section(sample, index)->sh_type = SHT_PROGBITS;
	section(sample, index)->sh_offset = offset;
	section(sample, index)->sh_size = size;
	sample->size = offset + size;
	return sample->file + offset;
}

static void write_names(struct sample *sample)
{
	char text[256] = "";
	size_t used = 1;

	for (size_t i = 1; i < SECTIONS; i++) {
		section(sample, i)->sh_name = (Elf64_Word)used;
		memcpy(text + used, names[i], strlen(names[i]) + 1);
		used += strlen(names[i]) + 1;
	}
	memcpy(append(sample, NAMES, used), text, used);
}

static uint32_t write_text(
	struct sample *sample, uint32_t at, struct config_text *text, const char *value)
{
	text->offset = at;
	text->size = (uint32_t)strlen(value);
	memcpy(sample->file + SAMPLE_CONFIG + at, value, text->size + 1);
	return at + text->size + 1;
}

static void write_config(struct sample *sample)
{
	struct config_header *config =
		(struct config_header *)(void *)(sample->file + SAMPLE_CONFIG);
	struct config_text *texts = (struct config_text *)(config + 1);
	uint32_t at = sizeof(*config) + 3 * sizeof(*texts);

	*config = (struct config_header){
		.magic = CONFIG_MAGIC,
		.flags = CONFIG_CONSOLE,
		.product_id = 7,
		.security_version = 3,
		.lanes = 1,
		.heap_pages = 2,
		.padding = CONFIG_PADDING_AVERAGE,
		.argument_count = 2,
		.environment_count = 1,
		.arguments = sizeof(*config),
		.environment = sizeof(*config) + 2 * sizeof(*texts),
	};
	at = write_text(sample, at, &config->name, "sample");
	at = write_text(sample, at, &texts[0], "one");
	at = write_text(sample, at, &texts[1], "two");
	at = write_text(sample, at, &texts[2], "A=b");
	config->size = at;
	sample->config = config;
}

static void write_layout(struct sample *sample)
{
	sample->layout = (struct layout *)(void *)(sample->file + SAMPLE_LAYOUT);
	*sample->layout = (struct layout){
		.config_rva = SAMPLE_CONFIG,
		.config_size = sample->config->size,
		.lane_count = 1,
		.stack_size = ABI_STACK_SIZE_MIN,
		.guest_size = 0x20000,
		.window_size = ABI_WINDOW_SIZE_MIN,
		.files_size = LAYOUT_FILES_SIZE_MIN,
		.peers_max = 1,
		.xfrm = SGX_XFRM_LEGACY,
	};
	layout_place(sample->layout, 3 * SGX_PAGE_SIZE);
	*section(sample, LAYOUT) = (Elf64_Shdr){
		.sh_name = section(sample, LAYOUT)->sh_name,
		.sh_type = SHT_PROGBITS,
		.sh_addr = SAMPLE_LAYOUT,
		.sh_offset = SAMPLE_LAYOUT,
		.sh_size = sizeof(struct layout),
	};
}

static void write_pages(struct sample *sample)
{
	struct image_pages runs[3 + LAYOUT_RUNS_MAX] = {
		{0x0000, 1, SAMPLE_PAGE, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_X, 1},
		{0x1000, 1, SAMPLE_PAGE, SGX_PAGE_REG | SGX_PAGE_R, 1},
		{0x2000, 1, IMAGE_ZERO_PAGES, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, 1},
	};
	size_t count = 3 + layout_runs(&runs[3], sample->layout, SAMPLE_PAGE);

	/* The lane page would lie in the page after the one of data, which is not there. */
	for (size_t i = 3; i < count; i++) {
		if (runs[i].file_offset != IMAGE_ZERO_PAGES)
			runs[i].file_offset = SAMPLE_PAGE;
	}
	sample->pages_count = count;
	sample->pages = append(sample, PAGES, count * sizeof(*runs));
	memcpy(sample->pages, runs, count * sizeof(*runs));
}

static void write_sigstruct(struct sample *sample)
{
	struct sgx_identity identity = {
		.attributes = {SGX_FLAG_MODE64BIT, SGX_XFRM_LEGACY},
		.attributemask = {~(uint64_t)SGX_FLAG_DEBUG, UINT64_MAX},
		.miscmask = UINT32_MAX,
		.isvprodid = 7,
		.isvsvn = 3,
		.date = 0x20000101,
	};
	struct image image;

	sample->sigstruct = append(sample, SIGSTRUCT, sizeof(struct sgx_sigstruct));
	if (image_parse(&image, sample_bytes(sample), NULL) == CONCLAVE_OK)
		image_measure(identity.mrenclave, &image);
	sgx_sigstruct_fill(sample->sigstruct, &identity);
	memset(sample->sigstruct->modulus, 0xff, sizeof(sample->sigstruct->modulus));
	memset(sample->sigstruct->signature, 0xff, sizeof(sample->sigstruct->signature));
}

void sample_make(struct sample *sample)
{
	static const char imports[] = "conclave.log\n";

	memset(sample, 0, sizeof(*sample));
	sample->size = SAMPLE_PAGE + SGX_PAGE_SIZE;
	write_header(sample);
	write_names(sample);
	write_config(sample);
	write_layout(sample);
	write_pages(sample);
	memcpy(append(sample, IMPORTS, sizeof(imports) - 1), imports, sizeof(imports) - 1);
	write_sigstruct(sample);
}

struct bytes sample_bytes(const struct sample *sample)
{
	return bytes_of(sample->file, sample->size);
}
