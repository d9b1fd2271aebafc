/* An image file that somebody else made: parsing, and everything that trusts what was parsed. */
#include <stdint.h>

#include "image/image.h"

#define PAGES_MAX 4096u /* measuring gigabytes would only slow the search down */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read every byte, so that a sanitizer sees those that are not there. */
static void touch(struct bytes bytes)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < bytes.len; i++)
		sum = (uint8_t)(sum + bytes.ptr[i]);
	__asm__ __volatile__("" : : "r"(sum));
}

static uint64_t pages_of(const struct image *image)
{
	uint64_t pages = 0;
	for (size_t i = 0; i < image->pages_count; i++)
		pages += image->pages[i].count;
	return pages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conclave_report report;
	struct image image;
	uint8_t mrenclave[32];

	if (image_parse(&image, bytes_of(data, size), &report) != CONCLAVE_OK)
		return 0;
	touch(image_config_text(&image, image.config->name));
	for (uint32_t i = 0; i < image.config->argument_count; i++)
		touch(image_argument(&image, i));
	for (uint32_t i = 0; i < image.config->environment_count; i++)
		touch(image_environment(&image, i));
	touch(image.imports);
	touch(bytes_of(image.sigstruct, sizeof(*image.sigstruct)));
	(void)image_is_signed(&image);
	(void)image_allows_debug(&image);
	if (pages_of(&image) <= PAGES_MAX)
		image_measure(mrenclave, &image);
	return 0;
}
