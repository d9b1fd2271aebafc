/* T-16 of the threat table, for the measured configuration: one encoding, decode and encode are
 * each other's inverse; and enclave.json that is too deep, too long or says a thing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "image/config.h"
#include "image_sample.h"
#include "temp_folder.h"

static struct sample sample;
static struct conclave_report report;

/* -- the encoding -- */

static const char *text_of(struct bytes text)
{
	return (const char *)text.ptr; /* a NUL follows */
}

static void split(struct config_variable *out, char space[256], struct bytes text)
{
	(void)snprintf(space, 256, "%s", text_of(text));
	char *sign = strchr(space, '=');
	assert_non_null(sign);
	*sign = 0;
	*out = (struct config_variable){space, sign + 1};
}

static void decode(struct build_config *out, char space[][256], const struct image *image)
{
	const struct config_header *config = image->config;

	*out = (struct build_config){
		.name = text_of(image_config_text(image, config->name)),
		.product_id = config->product_id,
		.security_version = config->security_version,
		.lanes = config->lanes,
		.heap = config->heap_pages << 16,
		.fuel = config->fuel,
		.padding = (enum config_padding)config->padding,
		.padding_figure = config->padding_figure,
		.console = (config->flags & CONFIG_CONSOLE) != 0,
		.argument_count = config->argument_count,
		.environment_count = config->environment_count,
	};
	assert_true(config->argument_count <= 4 && config->environment_count <= 4);
	for (uint32_t i = 0; i < config->argument_count; i++)
		out->arguments[i] = text_of(image_argument(image, i));
	for (uint32_t i = 0; i < config->environment_count; i++)
		split(&out->environment[i], space[i], image_environment(image, i));
}

/* Whether it is read at all; if so, encoding what was read gives the same bytes again. */
static bool is_its_own_encoding(void)
{
	struct image image;
	struct build_config config;
	char space[4][256];
	uint8_t encoded[1024];
	struct writer out = writer_of((struct buffer){encoded, sizeof(encoded)});

	if (image_parse(&image, sample_bytes(&sample), &report) != CONCLAVE_OK)
		return false;
	decode(&config, space, &image);
	assert_int_equal(build_config_encode(&out, &config), CONCLAVE_OK);
	if (!bytes_equal(writer_bytes(&out), image.config_bytes))
		fail_msg("read, but not written so");
	return true;
}

/* Each byte of the configuration takes each value. */
static void what_is_read_is_written_so(void **state)
{
	size_t read = 0, refused = 0;
	(void)state;
	sample_make(&sample);
	assert_true(is_its_own_encoding());
	uint8_t *bytes = (uint8_t *)sample.config;
	for (size_t at = 0; at < sample.layout->config_size; at++) {
		uint8_t good = bytes[at];
		for (unsigned value = 0; value < 256; value++) {
			bytes[at] = (uint8_t)value;
			if (is_its_own_encoding())
				read++;
			else
				refused++;
		}
		bytes[at] = good;
	}
	/* Free: product, version, fuel and what the texts say. */
	assert_true(read > 2000 && refused > 20000);
}

/* -- enclave.json -- */

static char folder[64];

static enum conclave_error read_text(const char *text)
{
	char path[96];
	struct build_config config;
	(void)snprintf(path, sizeof(path), "%s/enclave.json", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	enum conclave_error error = build_config_read(&config, path, &report);
	if (error == CONCLAVE_OK)
		build_config_free(&config);
	return error;
}

static void what_is_said_twice_is_refused(void **state)
{
	static const char *const texts[] = {
		"{\"name\": \"a\", \"name\": \"a\"}",
		"{\"name\": \"a\", \"environment\": {\"A\": \"1\", \"A\": \"1\"}}",
		"{\"name\": \"a\", \"limits\": {\"fuel\": 1, \"fuel\": 2}}",
		"{\"name\": \"a\", \"padding\": {\"fixed\": 1, \"fixed\": 1}}",
		"{\"name\": \"a\", \"limits\": {}, \"limits\": {}}",
		"{\"name\": \"a\"} {\"name\": \"b\"}",
		"{\"name\": \"a\\u0000b\"}",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_int_equal(read_text(texts[i]), CONCLAVE_ERROR_FORMAT);
}

static void what_is_too_deep_or_too_long_is_refused(void **state)
{
	static char text[CONFIG_FILE_SIZE_MAX + 64];
	(void)state;
	for (size_t depth = 1; depth < 400000; depth *= 7) {
		size_t used =
			(size_t)snprintf(text, sizeof(text), "{\"name\": \"a\", \"arguments\": ");
		memset(text + used, '[', depth);
		memset(text + used + depth, ']', depth);
		memcpy(text + used + 2 * depth, "}", 2);
		assert_int_equal(read_text(text), depth == 1 ? CONCLAVE_OK : CONCLAVE_ERROR_FORMAT);
	}
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "{\"name\": \"a\"}", 13);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(read_text(text), CONCLAVE_ERROR_LIMIT);
	text[CONFIG_FILE_SIZE_MAX] = 0;
	assert_int_equal(read_text(text), CONCLAVE_OK);
	assert_int_equal(read_text("{\"name\": \"a\", \"heap\": 1e400}"), CONCLAVE_ERROR_FORMAT);
	assert_int_equal(
		read_text("{\"name\": \"a\", \"limits\": {\"fuel\": 9223372036854775808}}"),
		CONCLAVE_ERROR_FORMAT);
}

static int set_up_folder(void **state)
{
	(void)state;
	temp_folder_make(folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_so),
		cmocka_unit_test(what_is_said_twice_is_refused),
		cmocka_unit_test(what_is_too_deep_or_too_long_is_refused),
	};
	return cmocka_run_group_tests_name("config", tests, set_up_folder, remove_folder);
}
