#include "image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/frames.h"
#include "base/check.h"
#include "base/report.h"
#include "image/elf_file.h"
#include "image/layout.h"

/* -- parsing -- */

static enum conclave_error record(struct elf_section *out, const struct elf_file *elf,
	const char *name, struct conclave_report *report)
{
	enum conclave_error error = elf_section(out, elf, name);
	if (error == CONCLAVE_OK)
		return CONCLAVE_OK;
	report_fill(report, "section %s: %s", name, conclave_error_text(error));
	/* A file without our sections is no image, whatever else it may be. */
	return error == CONCLAVE_ERROR_NOT_FOUND ? CONCLAVE_ERROR_FORMAT : error;
}

/* A record that must have exactly one size. */
static enum conclave_error record_sized(struct elf_section *out, const struct elf_file *elf,
	const char *name, size_t size, struct conclave_report *report)
{
	struct elf_section section;
	TRY(record(&section, elf, name, report));
	if (section.data.len != size)
		return report_fill(report, "section %s: %zu bytes, must be %zu", name,
			       section.data.len, size),
		       CONCLAVE_ERROR_FORMAT;
	*out = section;
	return CONCLAVE_OK;
}

static bool page_flags_legal(const struct image_pages *run)
{
	const uint64_t r = SGX_PAGE_REG | SGX_PAGE_R, rw = r | SGX_PAGE_W, rx = r | SGX_PAGE_X;
	/* What is not measured is the host's to choose: it may only be plain memory. */
	if (run->measured == 0)
		return run->flags == rw && run->file_offset == IMAGE_ZERO_PAGES;
	return run->measured == 1 &&
	       (run->flags == r || run->flags == rw || run->flags == rx ||
		       (run->flags == SGX_PAGE_TCS && run->file_offset != IMAGE_ZERO_PAGES));
}

/* One run of the page plan, which must start at or after `next`, the end of the one before. */
static enum conclave_error check_run(
	const struct image *image, const struct image_pages *run, uint64_t next)
{
	uint64_t size = image->layout->enclave_size;

	if (run->rva % SGX_PAGE_SIZE != 0 || run->rva < next || run->rva > size)
		return CONCLAVE_ERROR_FORMAT;
	if (run->count == 0 || run->count > (size - run->rva) / SGX_PAGE_SIZE)
		return CONCLAVE_ERROR_FORMAT;
	if (!page_flags_legal(run))
		return CONCLAVE_ERROR_FORMAT;
	if (run->file_offset == IMAGE_ZERO_PAGES)
		return CONCLAVE_OK;
	if (run->file_offset % 8 != 0)
		return CONCLAVE_ERROR_FORMAT;
	if (run->file_offset > image->file.len ||
		run->count > (image->file.len - run->file_offset) / SGX_PAGE_SIZE)
		return CONCLAVE_ERROR_TRUNCATED;
	return CONCLAVE_OK;
}

static enum conclave_error check_pages(const struct image *image, struct conclave_report *report)
{
	uint64_t next = 0;
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		enum conclave_error error = check_run(image, run, next);
		if (error != CONCLAVE_OK)
			return report_fill(report, "page plan: run %zu at 0x%llx: %s", i,
				       (unsigned long long)run->rva, conclave_error_text(error)),
			       error;
		next = run->rva + run->count * SGX_PAGE_SIZE;
	}
	return CONCLAVE_OK;
}

static bool is_like(const struct image_pages *run, const struct image_pages *wanted)
{
	return run->rva == wanted->rva && run->count == wanted->count &&
	       run->flags == wanted->flags && run->measured == wanted->measured &&
	       (run->file_offset == IMAGE_ZERO_PAGES) == (wanted->file_offset == IMAGE_ZERO_PAGES);
}

/* What was linked has no gaps, ends where the layout says, and is measured throughout; everything
 * else is what the layout asks for, no page more or less: only heap and guest memory are open. */
static bool plan_follows_layout(const struct image *image)
{
	struct image_pages wanted[LAYOUT_RUNS_MAX];
	size_t count = layout_runs(wanted, image->layout, 0);
	uint64_t next = 0;

	if (image->pages_count < count)
		return false;
	size_t linked = image->pages_count - count;
	for (size_t i = 0; i < linked; i++) {
		const struct image_pages *run = &image->pages[i];
		if (run->rva != next || run->measured == 0 || run->flags == SGX_PAGE_TCS)
			return false;
		next = run->rva + run->count * SGX_PAGE_SIZE;
	}
	for (size_t i = 0; i < count; i++)
		if (!is_like(&image->pages[linked + i], &wanted[i]))
			return false;
	return next == image->layout->lane_rva - LAYOUT_PAGE;
}

/* The bytes that will lie at `rva` in the enclave, if they are measured, read-only, and come from
 * the file. Empty otherwise. */
static struct bytes measured_at(const struct image *image, uint64_t rva, uint64_t size)
{
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		uint64_t run_size = run->count * SGX_PAGE_SIZE;
		if (rva < run->rva || rva - run->rva >= run_size)
			continue;
		if (run->measured == 0 || run->flags != (SGX_PAGE_REG | SGX_PAGE_R) ||
			run->file_offset == IMAGE_ZERO_PAGES || size > run_size - (rva - run->rva))
			break;
		return bytes_of(image->file.ptr + run->file_offset + (rva - run->rva), size);
	}
	return (struct bytes){0};
}

/* A configuration has one encoding: its texts lie in the order of their places and without holes,
 * to the end; so nothing can be measured that inspect does not show. */
static bool next_text(uint32_t *next, struct bytes config, struct config_text text)
{
	if (text.offset != *next || text.offset > config.len ||
		text.size >= config.len - text.offset ||
		memchr(config.ptr + text.offset, 0, text.size) != NULL ||
		config.ptr[text.offset + text.size] != 0)
		return false;
	*next += text.size + 1;
	return true;
}

/* NAME=value, with a name. */
static bool is_variable(struct bytes text)
{
	const uint8_t *sign = memchr(text.ptr, '=', text.len);
	return sign != NULL && sign != text.ptr;
}

static bool texts_fit(const struct config_header *config, struct bytes bytes)
{
	const uint32_t places = sizeof(*config), place_size = sizeof(struct config_text);
	const uint64_t count = (uint64_t)config->argument_count + config->environment_count;

	if (count > (bytes.len - places) / place_size || config->arguments != places ||
		config->environment != places + config->argument_count * place_size)
		return false;
	uint32_t next = places + (uint32_t)count * place_size;
	if (!next_text(&next, bytes, config->name))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct config_text text;
		memcpy(&text, bytes.ptr + places + i * place_size, place_size);
		if (!next_text(&next, bytes, text) ||
			(i >= config->argument_count &&
				!is_variable(bytes_of(bytes.ptr + text.offset, text.size))))
			return false;
	}
	return next == bytes.len;
}

static const struct config_text *text_array(const struct image *image, uint32_t offset)
{
	return (const struct config_text *)(const void *)(image->config_bytes.ptr + offset);
}

static bool padding_fits(const struct config_header *config, uint64_t window_size)
{
	if (config->padding == CONFIG_PADDING_FIXED)
		return config->padding_figure >= 1 &&
		       config->padding_figure <= FRAME_PADDING_MAX(window_size);
	return config->padding >= CONFIG_PADDING_NONE && config->padding <= CONFIG_PADDING_POWERS &&
	       config->padding_figure == 0;
}

/* As enclave.json has it. Hosts name folders after it: it must not lead out of the one they are in.
 */
static bool name_fits(struct bytes name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	for (size_t i = 0; i < name.len; i++)
		if (memchr(letters, name.ptr[i], sizeof(letters) - 1) == NULL)
			return false;
	return name.len >= 1 && name.len <= ABI_NAME_SIZE_MAX && name.ptr[0] != '.' &&
	       name.ptr[0] != '-';
}

static bool config_fits(const struct image *image, struct bytes bytes)
{
	const struct config_header *config = image->config;
	static const uint64_t zero[ARRAY_COUNT(config->reserved)];

	return config->magic == CONFIG_MAGIC && config->size == bytes.len &&
	       (config->flags & ~CONFIG_CONSOLE) == 0 &&
	       config->lanes == image->layout->lane_count &&
	       config->heap_pages == image->layout->guest_size / 0x10000u &&
	       padding_fits(config, image->layout->window_size) && texts_fit(config, bytes) &&
	       name_fits(image_config_text(image, config->name)) &&
	       memcmp(config->reserved, zero, sizeof(zero)) == 0;
}

/* Where the layout must be: at the start of the first read-only pages, and the configuration right
 * behind it. That place follows from what is measured. A section header does not: it could point
 * at a decoy among the guest's constants, and leave MRENCLAVE and signature as they are. */
static uint64_t layout_place_of(const struct image *image)
{
	for (size_t i = 0; i < image->pages_count; i++)
		if (image->pages[i].flags == (SGX_PAGE_REG | SGX_PAGE_R))
			return image->pages[i].rva;
	return UINT64_MAX;
}

/* The configuration is read where the enclave will read it: through the page plan. */
static enum conclave_error find_config(struct image *image, struct conclave_report *report)
{
	const struct layout *layout = image->layout;
	struct bytes bytes = {0};

	if (layout->config_size >= sizeof(struct config_header) &&
		layout->config_size <= ABI_CONFIG_SIZE_MAX &&
		layout->config_rva == layout_place_of(image) + sizeof(struct layout))
		bytes = measured_at(image, layout->config_rva, layout->config_size);
	if (bytes.len == 0)
		return report_fill(report, "configuration: not behind the layout, in measured "
					   "read-only memory"),
		       CONCLAVE_ERROR_FORMAT;
	image->config = (const struct config_header *)(const void *)bytes.ptr;
	image->config_bytes = bytes;
	if (!config_fits(image, bytes))
		return report_fill(report, "configuration: malformed"), CONCLAVE_ERROR_FORMAT;
	return CONCLAVE_OK;
}

static enum conclave_error find_layout(
	struct image *image, const struct elf_section *section, struct conclave_report *report)
{
	image->layout = (const struct layout *)(const void *)section->data.ptr;
	enum conclave_error error = layout_check(image->layout);
	if (error != CONCLAVE_OK)
		report_fill(report, "section .conclave.layout: %s", conclave_error_text(error));
	return error;
}

enum conclave_error image_parse(
	struct image *out, struct bytes file, struct conclave_report *report)
{
	struct image image = {.file = file};
	struct elf_file elf;
	struct elf_section layout, pages, sigstruct, imports;

	enum conclave_error error = elf_open(&elf, file);
	if (error != CONCLAVE_OK)
		return report_fill(
			       report, "not an ELF file of ours: %s", conclave_error_text(error)),
		       error;
	TRY(record_sized(&layout, &elf, ".conclave.layout", sizeof(struct layout), report));
	TRY(record_sized(
		&sigstruct, &elf, ".conclave.sigstruct", sizeof(struct sgx_sigstruct), report));
	TRY(record(&imports, &elf, ".conclave.imports", report));
	TRY(record(&pages, &elf, ".conclave.pages", report));
	if (pages.data.len % sizeof(struct image_pages) != 0)
		return report_fill(report, "section .conclave.pages: a broken entry"),
		       CONCLAVE_ERROR_FORMAT;

	TRY(find_layout(&image, &layout, report));
	image.pages = (const struct image_pages *)(const void *)pages.data.ptr;
	image.pages_count = pages.data.len / sizeof(struct image_pages);
	if (image.pages_count > IMAGE_PAGE_RUNS_MAX)
		return report_fill(report, "page plan: more than %u runs", IMAGE_PAGE_RUNS_MAX),
		       CONCLAVE_ERROR_LIMIT;
	TRY(check_pages(&image, report));
	if (!plan_follows_layout(&image))
		return report_fill(report, "page plan: not the pages that the layout asks for"),
		       CONCLAVE_ERROR_FORMAT;
	/* What we show of the layout must be what the enclave will see of it. */
	if (layout.rva != layout_place_of(&image) ||
		measured_at(&image, layout.rva, layout.data.len).ptr != layout.data.ptr)
		return report_fill(report, "layout: not at the start of measured read-only memory"),
		       CONCLAVE_ERROR_FORMAT;
	TRY(find_config(&image, report));
	image.sigstruct = (const struct sgx_sigstruct *)(const void *)sigstruct.data.ptr;
	image.sigstruct_offset = sigstruct.offset;
	image.imports = imports.data;
	*out = image;
	return CONCLAVE_OK;
}

struct bytes image_config_text(const struct image *image, struct config_text text)
{
	return bytes_of(image->config_bytes.ptr + text.offset, text.size);
}

struct bytes image_argument(const struct image *image, uint32_t index)
{
	return image_config_text(image, text_array(image, image->config->arguments)[index]);
}

struct bytes image_environment(const struct image *image, uint32_t index)
{
	return image_config_text(image, text_array(image, image->config->environment)[index]);
}

bool image_is_signed(const struct image *image)
{
	return !ct_all_zero(image->sigstruct->modulus, sizeof(image->sigstruct->modulus));
}

bool image_allows_debug(const struct image *image)
{
	return (image->sigstruct->attributemask.flags & SGX_FLAG_DEBUG) == 0 ||
	       (image->sigstruct->attributes.flags & SGX_FLAG_DEBUG) != 0;
}

/* -- files -- */

static enum conclave_error read_whole(struct buffer out, int file)
{
	for (size_t done = 0; done < out.len;) {
		ssize_t got = read(file, out.ptr + done, out.len - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return CONCLAVE_ERROR_IO;
		if (got == 0) /* shrank under us */
			return CONCLAVE_ERROR_TRUNCATED;
		done += (size_t)got;
	}
	return CONCLAVE_OK;
}

/* The whole file in pages of our own, which nobody can change. */
static enum conclave_error slurp(struct bytes *out, int file)
{
	struct stat facts;
	if (fstat(file, &facts) != 0)
		return CONCLAVE_ERROR_IO;
	if (!S_ISREG(facts.st_mode) || facts.st_size == 0)
		return CONCLAVE_ERROR_FORMAT;
	if (facts.st_size > (off_t)IMAGE_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;

	size_t size = (size_t)facts.st_size;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return CONCLAVE_ERROR_MEMORY;
	enum conclave_error error = read_whole((struct buffer){memory, size}, file);
	if (error != CONCLAVE_OK)
		munmap(memory, size);
	else
		*out = bytes_of(memory, size);
	return error;
}

enum conclave_error image_open(struct image *out, const char *path, struct conclave_report *report)
{
	struct conclave_report reason = {0};
	struct bytes bytes = {0};

	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		report_fill(report, "%s: %s", path, strerror(errno));
		return errno == ENOENT ? CONCLAVE_ERROR_NOT_FOUND : CONCLAVE_ERROR_IO;
	}
	enum conclave_error error = slurp(&bytes, file);
	close(file);
	if (error != CONCLAVE_OK)
		return report_fill(report, "%s: %s", path, conclave_error_text(error)), error;

	error = image_parse(out, bytes, &reason);
	if (error != CONCLAVE_OK) {
		munmap((void *)(uintptr_t)bytes.ptr, bytes.len);
		report_fill(report, "%s: not an enclave image: %.900s", path, reason.text);
	}
	return error;
}

void image_close(struct image *image)
{
	if (image->file.ptr != NULL)
		munmap((void *)(uintptr_t)image->file.ptr, image->file.len);
	*image = (struct image){0};
}

/* -- measuring and loading: the same walk over the page plan -- */

static const uint8_t *run_data(const struct image *image, const struct image_pages *run)
{
	return run->file_offset == IMAGE_ZERO_PAGES ? NULL : image->file.ptr + run->file_offset;
}

static void measure_run(struct sgx_measurement *measurement, const struct image *image,
	const struct image_pages *run)
{
	static const uint8_t zeros[SGX_PAGE_SIZE];
	const uint8_t *data = run_data(image, run);

	for (uint64_t page = 0; page < run->count; page++) {
		uint64_t rva = run->rva + page * SGX_PAGE_SIZE;
		sgx_measure_add(measurement, rva, run->flags);
		if (run->measured != 0)
			sgx_measure_extend(measurement, rva,
				data == NULL ? zeros : data + page * SGX_PAGE_SIZE);
	}
}

void image_measure(uint8_t mrenclave[32], const struct image *image)
{
	struct sgx_measurement measurement;

	sgx_measure_create(&measurement, ABI_SSA_FRAME_PAGES, image->layout->enclave_size);
	for (size_t i = 0; i < image->pages_count; i++)
		measure_run(&measurement, image, &image->pages[i]);
	sgx_measure_final(mrenclave, &measurement);
}

static enum conclave_error load_pages(struct machine_enclave *enclave, struct machine *machine,
	const struct image *image, struct conclave_report *report)
{
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		enum conclave_error error = machine->ops->add(enclave, run->rva,
			run_data(image, run), run->count, run->flags, run->measured != 0);
		if (error != CONCLAVE_OK)
			return report_fill(report,
				       "the machine refused the pages at 0x%llx (%llu of them): %s",
				       (unsigned long long)run->rva, (unsigned long long)run->count,
				       conclave_error_text(error)),
			       error;
	}
	return CONCLAVE_OK;
}

static enum conclave_error load_into(struct machine_enclave *enclave, struct machine *machine,
	const struct image *image, struct conclave_report *report)
{
	TRY(load_pages(enclave, machine, image, report));
	enum conclave_error error = machine->ops->init(enclave, image->sigstruct);
	if (error == CONCLAVE_ERROR_MISMATCH)
		report_fill(report, "EINIT: the signature is for another measurement; the image "
				    "was altered after it was signed");
	else if (error != CONCLAVE_OK)
		report_fill(report, "EINIT: %s", conclave_error_text(error));
	return error;
}

enum conclave_error image_load(struct machine_enclave **out, struct machine *machine,
	const struct image *image, bool debug, struct conclave_report *report)
{
	struct sgx_attributes attributes = {SGX_FLAG_MODE64BIT, image->layout->xfrm};
	struct machine_enclave *enclave;

	if (!image_is_signed(image))
		return report_fill(report, "the image is not signed yet; finish it with "
					   "`conclave build --signature`"),
		       CONCLAVE_ERROR_STATE;
	if (debug && !image_allows_debug(image))
		return report_fill(report, "this image is signed for release and refuses to run "
					   "with the DEBUG attribute"),
		       CONCLAVE_ERROR_DEBUG;
	if (debug)
		attributes.flags |= SGX_FLAG_DEBUG;

	enum conclave_error error = machine->ops->create(
		&enclave, machine, image->layout->enclave_size, ABI_SSA_FRAME_PAGES, attributes);
	if (error == CONCLAVE_ERROR_UNSUPPORTED)
		return report_fill(report, "the enclave wants what this machine does not have: "
					   "AVX-512 and VAES (\"aes\" in enclave.json)"),
		       error;
	if (error != CONCLAVE_OK)
		return report_fill(report, "no room for an enclave of %llu bytes: %s",
			       (unsigned long long)image->layout->enclave_size,
			       conclave_error_text(error)),
		       error;
	error = load_into(enclave, machine, image, report);
	if (error != CONCLAVE_OK)
		machine->ops->destroy(enclave);
	else
		*out = enclave;
	return error;
}
