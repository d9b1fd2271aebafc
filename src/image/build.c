#include "image/build.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "image/link.h"
#include "image/sign.h"

#define PEM_SIZE_MAX 16384u

/* -- folders -- */

static enum conclave_error absolute(
	char out[FILE_PATH_SIZE], const char *path, struct conclave_report *report)
{
	char *real = realpath(path, NULL);
	if (real == NULL)
		return report_fill(report, "%.800s: %s", path, strerror(errno)),
		       CONCLAVE_ERROR_NOT_FOUND;
	enum conclave_error error = file_path(out, report, "%s", real);
	free(real);
	return error;
}

/* A folder of files, one level deep: all that a work folder ever is. */
static void remove_folder(const char *path)
{
	DIR *listing = opendir(path);
	if (listing == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		if (entry->d_type == DT_REG)
			(void)unlinkat(dirfd(listing), entry->d_name, 0);
	}
	closedir(listing);
	(void)rmdir(path);
}

/* Each build works in a folder of its own, so that two at once do not meet. */
static enum conclave_error workshop_open(
	struct workshop *shop, const struct build_options *options, struct conclave_report *report)
{
	char build[FILE_PATH_SIZE];

	shop->report = report;
	shop->debug = options->debug;
	TRY(absolute(shop->project, options->project, report));
	TRY(absolute(shop->sdk, options->sdk, report));
	TRY(file_path(build, report, "%s/build", shop->project));
	TRY(file_folder(build, 0755, report));
	TRY(file_path(shop->work, report, "%s/work-XXXXXX", build));
	if (mkdtemp(shop->work) == NULL)
		return report_fill(report, "%.800s: %s", shop->work, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	return CONCLAVE_OK;
}

static enum conclave_error workshop_close(struct workshop *shop, bool keep)
{
	char kept[FILE_PATH_SIZE];

	if (!keep) {
		remove_folder(shop->work);
		return CONCLAVE_OK;
	}
	TRY(file_path(kept, shop->report, "%s/build/intermediate", shop->project));
	remove_folder(kept);
	if (rename(shop->work, kept) != 0)
		return report_fill(shop->report, "%.800s: %s", kept, strerror(errno)),
		       CONCLAVE_ERROR_IO;
	return CONCLAVE_OK;
}

/* -- configuration -- */

static enum conclave_error read_config(struct build_config *config,
	const struct build_options *options, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];

	if (options->argument_count > CONFIG_TEXTS_MAX)
		return report_fill(report, "more than %u arguments", CONFIG_TEXTS_MAX),
		       CONCLAVE_ERROR_LIMIT;
	/* Named as the user would open it: "enclave.json" in the folder where they are. */
	if (strcmp(options->project, ".") == 0)
		TRY(file_path(path, report, "enclave.json"));
	else
		TRY(file_path(path, report, "%s/enclave.json", options->project));
	TRY(build_config_read(config, path, report));
	if (options->replace_arguments) {
		for (size_t i = 0; i < options->argument_count; i++)
			config->arguments[i] = options->arguments[i];
		config->argument_count = options->argument_count;
	}
	return image_check_room(config, report);
}

static enum conclave_error output_path(char out[FILE_PATH_SIZE],
	const struct build_options *options, const struct build_config *config,
	struct conclave_report *report)
{
	if (options->output != NULL)
		return file_path(out, report, "%s", options->output);
	if (strcmp(options->project, ".") == 0)
		return file_path(out, report, "build/%s.enclave", config->name);
	return file_path(out, report, "%s/build/%s.enclave", options->project, config->name);
}

/* -- building -- */

static enum conclave_error make_image(
	struct buffer *file, const struct workshop *shop, const struct build_config *config)
{
	CLEANUP(file_free) struct buffer wasm = {0};
	struct wasm_module module;

	TRY(guest_build(&module, &wasm, shop, config));
	TRY(image_link(file, shop, config, &module));
	return image_fill(*file, config, shop->report);
}

static enum conclave_error work(struct buffer *file, const struct build_options *options,
	const struct build_config *config, struct conclave_report *report)
{
	struct workshop shop = {0};

	TRY(workshop_open(&shop, options, report));
	enum conclave_error error = make_image(file, &shop, config);
	enum conclave_error closed = workshop_close(&shop, options->keep_intermediate);
	return error != CONCLAVE_OK ? error : closed;
}

/* -- signing -- */

static enum conclave_error write_material(
	const struct image *image, const char *path, struct conclave_report *report)
{
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE];
	image_signing_material(material, image);
	return file_write(path, BYTES_OF(material), 0644, report);
}

static enum conclave_error sign(struct buffer file, const struct image *image,
	const struct build_options *options, struct conclave_report *report)
{
	struct signing signing = {options->key, options->release, options->date};

	if (options->material == NULL)
		return image_sign(file, image, &signing, report);
	image_identify(file, image, true, options->date);
	return write_material(image, options->material, report);
}

static enum conclave_error finish(struct buffer file, const struct image *image,
	const struct build_options *options, struct conclave_report *report)
{
	CLEANUP(file_free) struct buffer signature = {0}, public_key = {0};

	TRY(file_read(&signature, options->signature, PEM_SIZE_MAX, report));
	TRY(file_read(&public_key, options->public_key, PEM_SIZE_MAX, report));
	return image_sign_offline(file, image, bytes_of(signature.ptr, signature.len),
		bytes_of(public_key.ptr, public_key.len), report);
}

/* -- the whole -- */

static void describe(struct build_result *result, const struct image *image)
{
	const struct layout *layout = image->layout;

	image_measure(result->mrenclave, image);
	result->is_signed = image_is_signed(image);
	if (result->is_signed)
		sgx_mrsigner(result->mrsigner, image->sigstruct);
	result->allows_debug = image_allows_debug(image);
	result->file_size = image->file.len;
	for (size_t i = 0; i < image->pages_count; i++)
		result->measured_size +=
			image->pages[i].measured * image->pages[i].count * SGX_PAGE_SIZE;
	result->enclave_size = layout->enclave_size;
	result->lanes = layout->lane_count;
	result->heap = layout->guest_size;
	result->stack = layout->stack_size;
	result->product_id = image->config->product_id;
	result->security_version = image->config->security_version;
}

/* A signature covers what SIGSTRUCT says of the pages. That these are the pages is for us to see:
 * in the second step the file comes from wherever it has been since the first. */
static enum conclave_error check_measurement(const uint8_t mrenclave[32],
	const struct sgx_sigstruct *sigstruct, struct conclave_report *report)
{
	if (memcmp(mrenclave, sigstruct->enclavehash, sizeof(sigstruct->enclavehash)) == 0)
		return CONCLAVE_OK;
	report_fill(report, "the signature is for another measurement: the image was altered since "
			    "its signing material was written");
	return CONCLAVE_ERROR_MISMATCH;
}

/* What was just built and signed is read again by the same parser that hosts use: no image leaves
 * this function that they would refuse. */
static enum conclave_error complete(struct build_result *result, struct buffer file,
	const struct build_options *options, struct conclave_report *report)
{
	struct image image;

	TRY(image_parse(&image, bytes_of(file.ptr, file.len), report));
	if (options->signature != NULL)
		TRY(finish(file, &image, options, report));
	else
		TRY(sign(file, &image, options, report));
	/* SIGSTRUCT was written to where the file said: nothing read before holds any more. */
	TRY(image_parse(&image, bytes_of(file.ptr, file.len), report));
	describe(result, &image);
	TRY(check_measurement(result->mrenclave, image.sigstruct, report));
	return file_write(result->path, image.file, 0644, report);
}

enum conclave_error build_image(struct build_result *out, const struct build_options *options,
	struct conclave_report *report)
{
	CLEANUP(build_config_free) struct build_config config = {0};
	CLEANUP(file_free) struct buffer file = {0};
	struct build_result result = {0};

	TRY(read_config(&config, options, report));
	TRY(output_path(result.path, options, &config, report));
	if (options->signature != NULL)
		TRY(file_read(&file, result.path, IMAGE_SIZE_MAX, report));
	else
		TRY(work(&file, options, &config, report));
	TRY(complete(&result, file, options, report));
	*out = result;
	return CONCLAVE_OK;
}
