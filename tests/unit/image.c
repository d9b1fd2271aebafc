/* The reader of images: what it finds in a good one, and that it refuses every bad one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/frames.h"
#include "image/layout.h"
#include "image_sample.h"

static struct sample sample;
static struct conclave_report report;

static int set_up(void **state)
{
	(void)state;
	sample_make(&sample);
	report.text[0] = 0;
	return 0;
}

static enum conclave_error parse(void)
{
	struct image image;
	return image_parse(&image, sample_bytes(&sample), &report);
}

static void assert_text(struct bytes got, const char *wanted)
{
	assert_true(bytes_equal(got, bytes_of(wanted, strlen(wanted))));
	assert_int_equal(got.ptr[got.len], 0);
}

static void a_good_image_is_read(void **state)
{
	struct image image;
	(void)state;
	assert_int_equal(image_parse(&image, sample_bytes(&sample), &report), CONCLAVE_OK);
	assert_ptr_equal(image.layout, sample.layout);
	assert_ptr_equal(image.config, sample.config);
	assert_ptr_equal(image.sigstruct, sample.sigstruct);
	assert_int_equal(image.sigstruct_offset, (uint8_t *)sample.sigstruct - sample.file);
	assert_int_equal(image.pages_count, 9);
	assert_text(image_config_text(&image, image.config->name), "sample");
	assert_text(image_argument(&image, 0), "one");
	assert_text(image_argument(&image, 1), "two");
	assert_text(image_environment(&image, 0), "A=b");
	assert_true(bytes_equal(image.imports, BYTES_LIT("conclave.log\n")));
	assert_true(image_is_signed(&image));
	assert_true(image_allows_debug(&image));
}

/* Every prefix: the reader must see that something is missing, and must not look past the end,
 * which a sanitizer watches. */
static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < sample.size; size++) {
		struct image image;
		uint8_t *copy = malloc(size + (size == 0));
		assert_non_null(copy);
		memcpy(copy, sample.file, size);
		enum conclave_error error = image_parse(&image, bytes_of(copy, size), &report);
		free(copy);
		assert_int_not_equal(error, CONCLAVE_OK);
	}
}

/* -- one lie at a time -- */

struct lie {
	const char *what;
	void (*tell)(void);
	enum conclave_error wanted;
};

static struct image_pages *run_at(uint64_t rva)
{
	for (size_t i = 0; i < sample.pages_count; i++)
		if (sample.pages[i].rva == rva)
			return &sample.pages[i];
	abort();
}

static Elf64_Ehdr *header(void)
{
	return (Elf64_Ehdr *)(void *)sample.file;
}

static Elf64_Shdr *sections(void)
{
	return (Elf64_Shdr *)(void *)(sample.file + SAMPLE_SECTIONS);
}

static struct config_text *texts(void)
{
	return (struct config_text *)(sample.config + 1);
}

/* A second layout and configuration among the constants, with another limit, and a section header
 * that points at them. Nothing that is measured changes by the header. */
static void tell_decoy(void)
{
	struct layout *decoy = (struct layout *)(void *)(sample.file + SAMPLE_PAGE + 0x800);
	struct config_header *config = (struct config_header *)(void *)(decoy + 1);

	*decoy = *sample.layout;
	decoy->config_rva = SAMPLE_PAGE + 0x900;
	memcpy(config, sample.config, sample.config->size);
	config->fuel = 1;
	sections()[2].sh_addr = sections()[2].sh_offset = SAMPLE_PAGE + 0x800;
}

#define LIE(name, statement)   \
	static void name(void) \
	{                      \
		statement;     \
	}

LIE(not_elf, sample.file[0] = 'X')
LIE(elf_32, header()->e_ident[EI_CLASS] = ELFCLASS32)
LIE(executable, header()->e_type = ET_EXEC)
LIE(other_cpu, header()->e_machine = EM_AARCH64)
LIE(sections_outside, header()->e_shoff = UINT64_MAX - 7)
LIE(sections_unaligned, header()->e_shoff += 4)
LIE(sections_without_names, header()->e_shstrndx = UINT16_MAX)
LIE(layout_missing, sections()[2].sh_name = 0)
LIE(layout_twice, sections()[0].sh_name = sections()[2].sh_name)
LIE(layout_elsewhere, sections()[2].sh_addr += 0x1000)
LIE(layout_decoy, tell_decoy())
LIE(layout_size, sections()[2].sh_size -= 8)
LIE(layout_unaligned, sections()[2].sh_offset += 4)
LIE(section_outside, sections()[4].sh_offset = UINT64_MAX - 7)
LIE(layout_version, sample.layout->magic++)
LIE(layout_reserved, sample.layout->reserved[11] = 1)
LIE(layout_lanes, sample.layout->lane_count = ABI_LANES_MAX + 1)
LIE(layout_size_wrong, sample.layout->enclave_size *= 2)
LIE(layout_stack, sample.layout->lane_stack += SGX_PAGE_SIZE)
LIE(layout_xfrm, sample.layout->xfrm = 7)
LIE(layout_guest, sample.layout->guest_size = 0)
LIE(layout_far, sample.layout->lane_rva = 1ull << 40)
LIE(pages_odd, sections()[3].sh_size -= 1)
LIE(page_overlap, run_at(0x2000)->rva = 0x1000)
LIE(page_none, run_at(0x2000)->count = 0)
LIE(page_unaligned, run_at(0x2000)->rva++)
LIE(page_outside, run_at(sample.layout->guest_rva)->count = UINT64_MAX / SGX_PAGE_SIZE)
LIE(page_far, run_at(sample.layout->guest_rva)->rva = sample.layout->enclave_size + 0x1000)
LIE(page_writable_code, run_at(0)->flags |= SGX_PAGE_W)
LIE(page_unreadable, run_at(0x2000)->flags = SGX_PAGE_REG | SGX_PAGE_W)
LIE(page_type, run_at(0x2000)->flags |= 0x400)
LIE(page_open_code, run_at(0)->measured = 0)
LIE(page_open_data, (run_at(0x2000)->measured = 0, run_at(0x2000)->file_offset = SAMPLE_PAGE))
LIE(page_measured_twice, run_at(0)->measured = 2)
LIE(page_data_outside, run_at(0)->file_offset = sample.size / 8 * 8)
LIE(page_data_unaligned, run_at(0)->file_offset += 1)
LIE(tcs_zero,
	run_at(sample.layout->lane_rva + sample.layout->lane_tcs)->file_offset = IMAGE_ZERO_PAGES)
LIE(page_open_variables, run_at(0x2000)->measured = 0)
LIE(page_open_stack, run_at(sample.layout->lane_rva + sample.layout->lane_stack)->measured = 0)
LIE(page_heap_short, run_at(sample.layout->heap_rva)->count--)
LIE(page_heap_measured, run_at(sample.layout->heap_rva)->measured = 1)
LIE(page_in_guard, run_at(sample.layout->heap_rva)->count++)
LIE(page_missing, sections()[3].sh_size -= sizeof(struct image_pages))
LIE(layout_writable, run_at(0x1000)->flags |= SGX_PAGE_W)
LIE(config_elsewhere, sample.layout->config_rva = 0x2000)
LIE(config_past_end, sample.layout->config_size = SGX_PAGE_SIZE)
LIE(config_short, sample.layout->config_size = sizeof(struct config_header) - 1)
LIE(config_unaligned, sample.layout->config_rva += 4)
LIE(config_magic, sample.config->magic++)
LIE(config_size, sample.config->size++)
LIE(config_flags, sample.config->flags |= 0x80000000u)
LIE(config_lanes, sample.config->lanes++)
LIE(config_heap, sample.config->heap_pages++)
LIE(config_heap_wraps, sample.config->heap_pages += 1ull << 48)
LIE(config_reserved, sample.config->reserved[5] = 1)
LIE(config_padding_none, sample.config->padding = 0)
LIE(config_padding_other, sample.config->padding = CONFIG_PADDING_POWERS + 1)
LIE(config_padding_figure, sample.config->padding_figure = 1)
LIE(config_padding_zero, sample.config->padding = CONFIG_PADDING_FIXED)
LIE(config_padding_large,
	(sample.config->padding = CONFIG_PADDING_FIXED,
		sample.config->padding_figure = FRAME_PADDING_MAX(ABI_WINDOW_SIZE_MIN) + 1))
LIE(config_name, sample.config->name.offset = UINT32_MAX)
LIE(config_name_path, ((uint8_t *)sample.config)[sample.config->name.offset + 2] = '/')
LIE(config_name_hidden, ((uint8_t *)sample.config)[sample.config->name.offset] = '.')
LIE(config_name_none,
	(sample.config->name.offset += sample.config->name.size, sample.config->name.size = 0))
LIE(config_name_long, sample.config->name.size = ABI_NAME_SIZE_MAX + 1)
LIE(config_arguments, sample.config->argument_count = UINT32_MAX)
LIE(config_arguments_at, sample.config->arguments = UINT32_MAX)
LIE(config_arguments_unaligned, sample.config->arguments += 2)
LIE(config_text_outside, texts()[0].size = UINT32_MAX)
LIE(config_text_open, texts()[0].size--)
LIE(config_text_nul, (texts()[0].size = 7))
LIE(config_text_overlaps, texts()[1] = texts()[0])
LIE(config_text_order, (texts()[0].offset += 4, texts()[1].offset -= 4))
LIE(config_variable, memcpy((uint8_t *)sample.config + texts()[2].offset, "=Ab", 3))
LIE(config_not_variable, memcpy((uint8_t *)sample.config + texts()[2].offset, "Abc", 3))
LIE(config_more, (sample.config->size++, sample.layout->config_size++))
LIE(config_environment, texts()[2].offset = sample.config->size)

#define ROW(name, error)                            \
	{                                           \
#name, name, CONCLAVE_ERROR_##error \
	}

static const struct lie lies[] = {ROW(not_elf, FORMAT), ROW(elf_32, FORMAT),
	ROW(executable, FORMAT), ROW(other_cpu, FORMAT), ROW(sections_outside, TRUNCATED),
	ROW(sections_unaligned, FORMAT), ROW(sections_without_names, FORMAT),
	ROW(layout_missing, FORMAT), ROW(layout_twice, FORMAT), ROW(layout_elsewhere, FORMAT),
	ROW(layout_decoy, FORMAT), ROW(layout_size, FORMAT), ROW(layout_unaligned, FORMAT),
	ROW(section_outside, TRUNCATED), ROW(layout_version, VERSION), ROW(layout_reserved, FORMAT),
	ROW(layout_lanes, LIMIT), ROW(layout_size_wrong, FORMAT), ROW(layout_stack, FORMAT),
	ROW(layout_xfrm, LIMIT), ROW(layout_guest, LIMIT), ROW(layout_far, LIMIT),
	ROW(pages_odd, FORMAT), ROW(page_overlap, FORMAT), ROW(page_none, FORMAT),
	ROW(page_unaligned, FORMAT), ROW(page_outside, FORMAT), ROW(page_far, FORMAT),
	ROW(page_writable_code, FORMAT), ROW(page_unreadable, FORMAT), ROW(page_type, FORMAT),
	ROW(page_open_code, FORMAT), ROW(page_open_data, FORMAT), ROW(page_measured_twice, FORMAT),
	ROW(page_data_outside, TRUNCATED), ROW(page_data_unaligned, FORMAT), ROW(tcs_zero, FORMAT),
	ROW(layout_writable, FORMAT), ROW(config_elsewhere, FORMAT), ROW(config_past_end, FORMAT),
	ROW(config_short, FORMAT), ROW(config_unaligned, FORMAT), ROW(config_magic, FORMAT),
	ROW(config_size, FORMAT), ROW(config_flags, FORMAT), ROW(config_lanes, FORMAT),
	ROW(config_heap, FORMAT), ROW(config_heap_wraps, FORMAT), ROW(config_reserved, FORMAT),
	ROW(config_padding_none, FORMAT), ROW(config_padding_other, FORMAT),
	ROW(config_padding_figure, FORMAT), ROW(config_padding_zero, FORMAT),
	ROW(config_padding_large, FORMAT), ROW(config_text_overlaps, FORMAT),
	ROW(config_text_order, FORMAT), ROW(config_variable, FORMAT),
	ROW(config_not_variable, FORMAT), ROW(config_more, FORMAT), ROW(config_name, FORMAT),
	ROW(config_name_long, FORMAT), ROW(config_arguments, FORMAT),
	ROW(config_arguments_at, FORMAT), ROW(config_arguments_unaligned, FORMAT),
	ROW(config_text_outside, FORMAT), ROW(config_text_open, FORMAT),
	ROW(config_text_nul, FORMAT), ROW(config_environment, FORMAT),
	ROW(page_open_variables, FORMAT), ROW(page_open_stack, FORMAT),
	ROW(page_heap_short, FORMAT), ROW(page_heap_measured, FORMAT), ROW(page_in_guard, FORMAT),
	ROW(page_missing, FORMAT), ROW(config_name_path, FORMAT), ROW(config_name_hidden, FORMAT),
	ROW(config_name_none, FORMAT)};

static void every_lie_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		sample_make(&sample);
		lies[i].tell();
		report.text[0] = 0;
		enum conclave_error error = parse();
		if (error != lies[i].wanted || report.text[0] == 0)
			fail_msg("%s: %s, \"%s\"", lies[i].what, conclave_error_name(error),
				report.text);
	}
}

/* -- measuring -- */

static void measure(uint8_t mrenclave[32])
{
	struct image image;
	assert_int_equal(image_parse(&image, sample_bytes(&sample), &report), CONCLAVE_OK);
	image_measure(mrenclave, &image);
}

static void what_is_measured_changes_mrenclave(void **state)
{
	uint8_t before[32], after[32];
	struct image image;
	(void)state;
	measure(before);
	sample.file[SAMPLE_PAGE + SGX_PAGE_SIZE - 1] ^= 1; /* data */
	measure(after);
	assert_memory_not_equal(before, after, 32);

	sample_make(&sample);
	run_at(0x2000)->flags &= ~(uint64_t)SGX_PAGE_W; /* a permission */
	measure(after);
	assert_memory_not_equal(before, after, 32);

	/* Of what the reader would refuse: the page plan is changed behind its back. */
	sample_make(&sample);
	assert_int_equal(image_parse(&image, sample_bytes(&sample), &report), CONCLAVE_OK);
	run_at(sample.layout->heap_rva)->measured = 1; /* that it is measured */
	image_measure(after, &image);
	assert_memory_not_equal(before, after, 32);

	sample_make(&sample);
	run_at(sample.layout->heap_rva)->count--; /* a page less, though not measured */
	image_measure(after, &image);
	assert_memory_not_equal(before, after, 32);

	sample_make(&sample);
	sample.sigstruct->date++; /* not part of it */
	measure(after);
	assert_memory_equal(before, after, 32);
}

/* -- loading, on a machine that only writes down what it is told -- */

struct recorder {
	struct machine machine;
	uint64_t size, next_rva;
	struct sgx_attributes attributes;
	size_t added, destroyed;
	size_t fail_at; /* which add is refused; SIZE_MAX: none */
	enum conclave_error init_result;
	const struct sgx_sigstruct *sigstruct;
	const struct image *image;
};

static struct recorder recorder;

static enum conclave_error record_create(struct machine_enclave **out, struct machine *machine,
	uint64_t size, uint32_t ssa_frame_pages, struct sgx_attributes attributes)
{
	assert_ptr_equal(machine, &recorder.machine);
	assert_int_equal(ssa_frame_pages, ABI_SSA_FRAME_PAGES);
	recorder.size = size;
	recorder.attributes = attributes;
	*out = (struct machine_enclave *)&recorder;
	return CONCLAVE_OK;
}

static enum conclave_error record_add(struct machine_enclave *enclave, uint64_t rva,
	const uint8_t *data, uint64_t count, uint64_t flags, bool measured)
{
	const struct image_pages *run = &recorder.image->pages[recorder.added];
	assert_ptr_equal(enclave, &recorder);
	if (recorder.added++ == recorder.fail_at)
		return CONCLAVE_ERROR_MEMORY;
	assert_int_equal(rva, run->rva);
	assert_int_equal(count, run->count);
	assert_int_equal(flags, run->flags);
	assert_int_equal(measured, run->measured);
	if (run->file_offset == IMAGE_ZERO_PAGES)
		assert_null(data);
	else
		assert_ptr_equal(data, sample.file + run->file_offset);
	return CONCLAVE_OK;
}

static enum conclave_error record_init(
	struct machine_enclave *enclave, const struct sgx_sigstruct *sigstruct)
{
	assert_ptr_equal(enclave, &recorder);
	recorder.sigstruct = sigstruct;
	return recorder.init_result;
}

static void record_destroy(struct machine_enclave *enclave)
{
	assert_ptr_equal(enclave, &recorder);
	recorder.destroyed++;
}

static const struct machine_ops recording = {
	.name = "recorder",
	.create = record_create,
	.add = record_add,
	.init = record_init,
	.destroy = record_destroy,
};

static enum conclave_error load(bool debug)
{
	static struct image image;
	struct machine_enclave *enclave = NULL;

	assert_int_equal(image_parse(&image, sample_bytes(&sample), &report), CONCLAVE_OK);
	recorder.machine.ops = &recording;
	recorder.image = &image;
	report.text[0] = 0;
	enum conclave_error error = image_load(&enclave, &recorder.machine, &image, debug, &report);
	assert_int_equal(enclave != NULL, error == CONCLAVE_OK);
	assert_int_equal(report.text[0] != 0, error != CONCLAVE_OK);
	return error;
}

static void loading_follows_the_page_plan(void **state)
{
	(void)state;
	recorder = (struct recorder){.fail_at = SIZE_MAX};
	assert_int_equal(load(false), CONCLAVE_OK);
	assert_int_equal(recorder.size, sample.layout->enclave_size);
	assert_int_equal(recorder.added, sample.pages_count);
	assert_ptr_equal(recorder.sigstruct, sample.sigstruct);
	assert_int_equal(recorder.attributes.flags, SGX_FLAG_MODE64BIT);
	assert_int_equal(recorder.attributes.xfrm, SGX_XFRM_LEGACY);
	assert_int_equal(recorder.destroyed, 0);

	recorder = (struct recorder){.fail_at = SIZE_MAX};
	assert_int_equal(load(true), CONCLAVE_OK);
	assert_int_equal(recorder.attributes.flags, SGX_FLAG_MODE64BIT | SGX_FLAG_DEBUG);
}

static void a_release_image_refuses_debug(void **state)
{
	(void)state;
	recorder = (struct recorder){.fail_at = SIZE_MAX};
	sample.sigstruct->attributemask.flags = UINT64_MAX;
	assert_int_equal(load(true), CONCLAVE_ERROR_DEBUG);
	assert_int_equal(recorder.size, 0);
	assert_int_equal(load(false), CONCLAVE_OK);
}

static void an_unsigned_image_is_not_loaded(void **state)
{
	(void)state;
	recorder = (struct recorder){.fail_at = SIZE_MAX};
	memset(sample.sigstruct->modulus, 0, sizeof(sample.sigstruct->modulus));
	assert_int_equal(load(false), CONCLAVE_ERROR_STATE);
	assert_int_equal(recorder.size, 0);
}

static void what_fails_is_destroyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sample.pages_count; i++) {
		recorder = (struct recorder){.fail_at = i};
		assert_int_equal(load(false), CONCLAVE_ERROR_MEMORY);
		assert_int_equal(recorder.destroyed, 1);
		assert_null(recorder.sigstruct);
	}
	recorder = (struct recorder){.fail_at = SIZE_MAX, .init_result = CONCLAVE_ERROR_MISMATCH};
	assert_int_equal(load(false), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(recorder.destroyed, 1);
	assert_non_null(strstr(report.text, "altered after it was signed"));
}

/* -- files -- */

static void a_file_is_read_once(void **state)
{
	char path[] = "/tmp/conclave-image-XXXXXX";
	struct image image;
	int file = mkstemp(path);
	(void)state;
	assert_true(file >= 0);
	assert_int_equal(write(file, sample.file, sample.size), (ssize_t)sample.size);
	assert_int_equal(image_open(&image, path, &report), CONCLAVE_OK);
	/* Whoever writes to the file now changes nothing that was checked. */
	assert_int_equal(pwrite(file, "XXXXXXXX", 8, SAMPLE_LAYOUT), 8);
	assert_int_equal(image.layout->magic, LAYOUT_MAGIC);
	image_close(&image);
	assert_null(image.file.ptr);

	assert_int_equal(image_open(&image, path, &report), CONCLAVE_ERROR_VERSION);
	assert_non_null(strstr(report.text, path));
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(image_open(&image, path, &report), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(ftruncate(file, (off_t)IMAGE_SIZE_MAX + 1), 0);
	assert_int_equal(image_open(&image, path, &report), CONCLAVE_ERROR_LIMIT);
	close(file);
	unlink(path);
	assert_int_equal(image_open(&image, path, &report), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(image_open(&image, "/", &report), CONCLAVE_ERROR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_image_is_read, set_up),
		cmocka_unit_test_setup(every_truncation_is_refused, set_up),
		cmocka_unit_test_setup(every_lie_is_refused, set_up),
		cmocka_unit_test_setup(what_is_measured_changes_mrenclave, set_up),
		cmocka_unit_test_setup(loading_follows_the_page_plan, set_up),
		cmocka_unit_test_setup(a_release_image_refuses_debug, set_up),
		cmocka_unit_test_setup(an_unsigned_image_is_not_loaded, set_up),
		cmocka_unit_test_setup(what_fails_is_destroyed, set_up),
		cmocka_unit_test_setup(a_file_is_read_once, set_up),
	};
	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
