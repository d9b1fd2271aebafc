/* enclave.json: what is accepted, what it is encoded to, and the words for every mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "image/config.h"
#include "image/json_line.h"
#include "image/layout.h"

static struct conclave_report report;
static struct build_config config;
static char folder[] = "/tmp/conclave-config-XXXXXX";

static int set_up_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink("enclave.json");
	return rmdir(folder);
}

static enum conclave_error read_text(const char *text)
{
	FILE *file = fopen("enclave.json", "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	report.text[0] = 0;
	return build_config_read(&config, "enclave.json", &report);
}

static void a_name_is_enough(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"name\": \"a\"}"), CONCLAVE_OK);
	assert_string_equal(config.name, "a");
	assert_int_equal(config.product_id, 1);
	assert_int_equal(config.security_version, 1);
	assert_int_equal(config.lanes, 1);
	assert_int_equal(config.heap, 16 << 20);
	assert_int_equal(config.stack, 256 << 10);
	assert_int_equal(config.fuel, 0);
	assert_int_equal(config.window, 1 << 20);
	assert_int_equal(config.files, 1 << 20);
	assert_int_equal(config.peers, 1024);
	assert_false(config.console);
	assert_int_equal(config.argument_count + config.environment_count + config.source_count, 0);
	struct layout layout = build_config_layout(&config);
	assert_int_equal(layout_check_decisions(&layout), CONCLAVE_OK);
	assert_int_equal(layout.xfrm, SGX_XFRM_LEGACY);
	build_config_free(&config);
}

static const char everything[] =
	"{ \"name\": \"auction-2\", \"product_id\": 7, \"security_version\": 3, \"lanes\": 4,\n"
	"\"heap\": \"2m\", \"stack\": 65536, \"console\": true, \"arguments\": [\"one\", \"\"],\n"
	"\"environment\": {\"B\": \"2\", \"A\": \"=\"}, \"guest\": [\"guest/b.c\", "
	"\"guest/a.c\"],\n"
	"\"limits\": {\"fuel\": 9, \"window\": \"128k\", \"files\": \"1g\", \"peers\": 2},\n"
	"\"padding\": {\"fixed\": 1000}, \"aes\": \"vaes\" }";

static void every_key_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_text(everything), CONCLAVE_OK);
	assert_int_equal(config.heap, 2 << 20);
	assert_int_equal(config.stack, 65536);
	assert_int_equal(config.files, 1 << 30);
	assert_int_equal(config.fuel, 9);
	assert_true(config.console);
	assert_int_equal(config.padding, CONFIG_PADDING_FIXED);
	assert_int_equal(config.padding_figure, 1000);
	assert_int_equal(build_config_layout(&config).xfrm, SGX_XFRM_AVX512);
	assert_int_equal(config.source_count, 2);
	assert_string_equal(config.sources[0], "guest/b.c");
	/* The order of the file is the order of the enclave. */
	assert_string_equal(config.environment[0].name, "B");
	assert_string_equal(config.environment[1].value, "=");
	build_config_free(&config);
	assert_int_equal(read_text("{\"name\": \"a\", \"arguments\": \"one\"}"), CONCLAVE_OK);
	assert_int_equal(config.argument_count, 1);
	build_config_free(&config);
}

static void assert_text(const uint8_t *encoded, struct config_text text, const char *wanted)
{
	assert_int_equal(text.size, strlen(wanted));
	assert_string_equal((const char *)encoded + text.offset, wanted);
}

static void the_encoding_is_what_the_runtime_reads(void **state)
{
	_Alignas(8) uint8_t encoded[1024];
	const struct config_header *header = (const struct config_header *)(const void *)encoded;
	struct writer writer = writer_of((struct buffer){encoded, sizeof(encoded)});
	(void)state;

	assert_int_equal(read_text(everything), CONCLAVE_OK);
	assert_int_equal(build_config_encode(&writer, &config), CONCLAVE_OK);
	assert_int_equal(header->magic, CONFIG_MAGIC);
	assert_int_equal(header->size, writer.len);
	assert_int_equal(header->flags, CONFIG_CONSOLE);
	assert_int_equal(header->product_id, 7);
	assert_int_equal(header->security_version, 3);
	assert_int_equal(header->lanes, 4);
	assert_int_equal(header->heap_pages, 32);
	assert_int_equal(header->fuel, 9);
	assert_int_equal(header->padding, CONFIG_PADDING_FIXED);
	assert_int_equal(header->padding_figure, 1000);
	assert_text(encoded, header->name, "auction-2");
	const struct config_text *texts = (const struct config_text *)(header + 1);
	assert_int_equal(header->arguments, sizeof(*header));
	assert_int_equal(header->environment, sizeof(*header) + 2 * sizeof(*texts));
	assert_text(encoded, texts[0], "one");
	assert_text(encoded, texts[1], "");
	assert_text(encoded, texts[2], "B=2");
	assert_text(encoded, texts[3], "A==");

	for (size_t size = 0; size < writer.len; size++) {
		struct writer small = writer_of((struct buffer){encoded, size});
		assert_int_equal(build_config_encode(&small, &config), CONCLAVE_ERROR_SPACE);
	}
	build_config_free(&config);
}

static void too_much_text_is_refused(void **state)
{
	struct writer measure = writer_measure();
	char *long_text = malloc(ABI_CONFIG_SIZE_MAX + 1);
	(void)state;

	assert_non_null(long_text);
	memset(long_text, 'x', ABI_CONFIG_SIZE_MAX);
	long_text[ABI_CONFIG_SIZE_MAX] = 0;
	assert_int_equal(read_text("{\"name\": \"a\", \"arguments\": [\"x\"]}"), CONCLAVE_OK);
	config.arguments[0] = long_text;
	assert_int_equal(build_config_encode(&measure, &config), CONCLAVE_ERROR_LIMIT);
	build_config_free(&config);
	free(long_text);
}

static const struct {
	const char *json;
	enum conclave_error error;
	const char *text;
} mistakes[] = {
	{"{\n\t\"name\": \"a\",\n\t\"heap\": 100000\n}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:3: \"heap\" must be a multiple of 64 KiB, got 100000"},
	{"{\"name\": \"a\", \"heap\": \"100\"}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:1: \"heap\" must be from 65536 to 4294967296, got 100"},
	{"{\"name\": \"a\", \"heap\": \"16 m\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"heap\" must be a number of bytes, or a text like \"64k\" or "
		"\"16m\""},
	{"{\"name\": \"a\", \"heap\": \"99999999999999999999\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"heap\" must be a number"},
	{"{\"name\": \"a\", \"heap\": \"18446744073709551615k\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"heap\" must be a number"},
	{"{\"name\": \"a\", \"heap\": -1}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:1: \"heap\" must not be negative, got -1"},
	{"{\"name\": \"a\", \"lanes\": \"1\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"lanes\" must be a whole number"},
	{"{\"name\": \"a\", \"lanes\": 1.5}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"lanes\" must be a whole number"},
	{"{\"name\": \"a\",\n\n \"lanes\": 65}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:3: \"lanes\" must be from 1 to 64, got 65"},
	{"{\"name\": \"a\", \"security_version\": 0}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:1: \"security_version\" must be from 1 to 65535, got 0"},
	{"{\"name\": \"a\",\n\"limits\": {\n \"peers\": 1,\n \"fuel\": []}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:4: \"fuel\" must be a whole number"},
	{"{\"name\": \"a\",\n\"limits\": {\n \"pears\": 1}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:3: unknown key \"pears\"; there are: fuel window files peers"},
	{"{\"name\": \"a\", \"limits\": 1}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"limits\" must be an object"},
	{"{\"name\": \"a\",\n\"haep\": 1}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: unknown key \"haep\"; there are: name product_id"},
	{"{\"name\": \"a\",\n\n\"name\": \"b\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:3: duplicate object key"},
	{"{\"name\": \"a\",\n}", CONCLAVE_ERROR_FORMAT, "enclave.json:2: "},
	{"[]", CONCLAVE_ERROR_FORMAT, "enclave.json:1: must be an object"},
	{"", CONCLAVE_ERROR_FORMAT, "enclave.json:"},
	{"{}", CONCLAVE_ERROR_FORMAT, "enclave.json:1: \"name\" must be a text of 1 to 64"},
	{"{\n\"name\": \"a/b\"}", CONCLAVE_ERROR_FORMAT, "enclave.json:2: \"name\" must be"},
	{"{\"name\": \"-a\"}", CONCLAVE_ERROR_FORMAT, "enclave.json:1: \"name\" must be"},
	{"{\"name\": \"..\"}", CONCLAVE_ERROR_FORMAT, "enclave.json:1: \"name\" must be"},
	{"{\"name\": \"a\", \"console\": 1}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"console\" must be true or false"},
	{"{\"name\": \"a\",\n\"arguments\": [\"x\", 1]}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: entry 2 of \"arguments\" must be a text"},
	{"{\"name\": \"a\", \"arguments\": {}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"arguments\" must be a list of texts"},
	{"{\"name\": \"a\", \"arguments\": [\"a\\u0000b\"]}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: "},
	{"{\"name\": \"a\", \"environment\": []}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"environment\" must be an object of texts"},
	{"{\"name\": \"a\", \"environment\": {\n\"A\": 1}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: \"A\" must be a name without '='"},
	{"{\"name\": \"a\", \"environment\": {\n\"A=\": \"\"}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: \"A=\" must be a name without '='"},
	{"{\"name\": \"a\", \"guest\": \"../x.c\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"guest\": ../x.c must lie in the project's folder"},
	{"{\"name\": \"a\", \"guest\": \"-x.c\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"guest\": -x.c must lie in the project's folder"},
	{"{\"name\": \"a\", \"guest\": \"x.rs\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"guest\": x.rs: wanted C sources (.c), or one module (.wasm)"},
	{"{\"name\": \"a\", \"guest\": [\"x.wasm\", \"y.c\"]}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"guest\": x.wasm: wanted C sources"},
	{"{\"name\": \"a\",\n\"padding\": \"big\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: \"padding\" must be \"average\", \"largest\", \"powers\", "
		"\"none\" or { \"fixed\": bytes }"},
	{"{\"name\": \"a\",\n\"aes\": \"fast\"}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:2: \"aes\" must be \"small\" or \"vaes\""},
	{"{\"name\": \"a\", \"aes\": 1}", CONCLAVE_ERROR_FORMAT, "enclave.json:1: \"aes\" must be"},
	{"{\"name\": \"a\", \"padding\": 100}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"padding\" must be"},
	{"{\"name\": \"a\", \"padding\": {}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"padding\" must be"},
	{"{\"name\": \"a\", \"padding\": {\"fixed\": 1, \"more\": 2}}", CONCLAVE_ERROR_FORMAT,
		"enclave.json:1: \"padding\" must be"},
	{"{\"name\": \"a\", \"padding\": {\n\"fixed\": 0}}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:2: \"fixed\" must be a number from 1 to 522752, a little less than "
		"half"},
	{"{\"name\": \"a\", \"padding\": {\"fixed\": -1}}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:1: \"fixed\" must be a number from 1"},
	{"{\"name\": \"a\", \"padding\": {\"fixed\": \"1k\"}}", CONCLAVE_ERROR_LIMIT,
		"enclave.json:1: \"fixed\" must be a number from 1"},
	{"{\"name\": \"a\", \"padding\": {\"fixed\": 31713},\n \"limits\": {\"window\": \"64k\"}}",
		CONCLAVE_ERROR_LIMIT, "enclave.json:1: \"fixed\" must be a number from 1 to 31712"},
};

static void every_mistake_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(mistakes); i++) {
		enum conclave_error error = read_text(mistakes[i].json);
		if (error != mistakes[i].error || strstr(report.text, mistakes[i].text) == NULL)
			fail_msg("%s\n gave %s, \"%s\"\n not \"%s\"", mistakes[i].json,
				conclave_error_name(error), report.text, mistakes[i].text);
	}
}

static void paddings_are_read(void **state)
{
	static const struct {
		const char *json;
		enum config_padding padding;
		uint64_t figure;
	} cases[] = {
		{"{\"name\": \"a\"}", CONFIG_PADDING_AVERAGE, 0},
		{"{\"name\": \"a\", \"padding\": \"average\"}", CONFIG_PADDING_AVERAGE, 0},
		{"{\"name\": \"a\", \"padding\": \"largest\"}", CONFIG_PADDING_LARGEST, 0},
		{"{\"name\": \"a\", \"padding\": \"powers\"}", CONFIG_PADDING_POWERS, 0},
		{"{\"name\": \"a\", \"padding\": \"none\"}", CONFIG_PADDING_NONE, 0},
		{"{\"name\": \"a\", \"padding\": {\"fixed\": 1}}", CONFIG_PADDING_FIXED, 1},
		{"{\"name\": \"a\", \"padding\": {\"fixed\": 31712},"
		 " \"limits\": {\"window\": \"64k\"}}",
			CONFIG_PADDING_FIXED, 31712},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(read_text(cases[i].json), CONCLAVE_OK);
		assert_int_equal(config.padding, cases[i].padding);
		assert_int_equal(config.padding_figure, cases[i].figure);
		build_config_free(&config);
	}
}

static void too_many_entries_are_refused(void **state)
{
	char text[8192] = "{\"name\": \"a\", \"arguments\": [";
	(void)state;
	for (unsigned i = 0; i <= CONFIG_TEXTS_MAX; i++)
		strcat(text, i == 0 ? "\"x\"" : ",\"x\"");
	strcat(text, "]}");
	assert_int_equal(read_text(text), CONCLAVE_ERROR_LIMIT);
	assert_non_null(strstr(report.text, "at most 256 entries, got 257"));
}

static void no_file_is_named(void **state)
{
	(void)state;
	assert_int_equal(build_config_read(&config, "nowhere/enclave.json", &report),
		CONCLAVE_ERROR_NOT_FOUND);
	assert_string_equal(report.text, "nowhere/enclave.json: No such file or directory");
}

static void lines_are_found(void **state)
{
	static const char text[] = "{\n \"a\": \"}\\\"\\n{\",\n \"b\": [1, {\"c\": 2}, [],\n {}],\n"
				   " \"c\" : {\n \"x\": {\"d\": 1},\n \"d\"\n:3 } }";
	(void)state;
	assert_int_equal(json_line(text, "a", NULL), 2);
	assert_int_equal(json_line(text, "b", NULL), 3);
	assert_int_equal(json_line(text, "c", NULL), 5);
	assert_int_equal(json_line(text, "c", "d"), 7);
	assert_int_equal(json_line(text, "c", "none"), 5);
	assert_int_equal(json_line(text, "none", NULL), 1);
	assert_int_equal(json_line("", "a", NULL), 1);
	assert_int_equal(json_line("{\"a", "a", NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_enough),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(the_encoding_is_what_the_runtime_reads),
		cmocka_unit_test(too_much_text_is_refused),
		cmocka_unit_test(every_mistake_is_named),
		cmocka_unit_test(paddings_are_read),
		cmocka_unit_test(too_many_entries_are_refused),
		cmocka_unit_test(no_file_is_named),
		cmocka_unit_test(lines_are_found),
	};
	return cmocka_run_group_tests_name("build_config", tests, set_up_folder, remove_folder);
}
