/* What the builder reads of a guest module, and every module that it refuses. Modules are written
 * here byte by byte: WebAssembly core specification 1.0, chapter 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/check.h"
#include "image/wasm.h"

static struct conclave_report report;

/* A module in the making: its sections' contents as text literals, NULL for none. */
struct parts {
	struct bytes type, import, function, table, memory, export;
};

/* As BYTES_LIT, for objects that exist before the program runs. */
#define LITERAL(text)                                           \
	{                                                       \
		(const uint8_t *)("" text ""), sizeof(text) - 1 \
	}

/* Types 0: () -> i32; 1: () -> (); 2: (i32, i32) -> i32. Functions 0 and 1 are imported, 2 has type
 * 0 and 3 has type 1. */
static const struct parts good = {
	.type = LITERAL("\x03\x60\x00\x01\x7f\x60\x00\x00\x60\x02\x7f\x7f\x01\x7f"),
	.import = LITERAL("\x02"
			  "\x08"
			  "conclave"
			  "\x03"
			  "log"
			  "\x00\x02"
			  "\x16"
			  "wasi_snapshot_preview1"
			  "\x0a"
			  "random_get"
			  "\x00\x02"),
	.function = LITERAL("\x02\x00\x01"),
	.table = LITERAL("\x01\x70\x01\x05\x05"),
	.memory = LITERAL("\x01\x00\x02"),
	.export = LITERAL("\x03"
			  "\x06"
			  "memory"
			  "\x02\x00"
			  "\x10"
			  "conclave_on_mail"
			  "\x00\x02"
			  "\x0b"
			  "_initialize"
			  "\x00\x03"),
};

static void write_section(struct writer *out, uint8_t id, struct bytes body)
{
	if (body.len == 0)
		return;
	assert_true(body.len < 128);
	write_u8(out, id);
	write_u8(out, (uint8_t)body.len);
	write_bytes(out, body);
}

static struct bytes module_of(uint8_t space[1024], const struct parts *parts)
{
	struct writer out = writer_of((struct buffer){space, 1024});
	write_bytes(&out, BYTES_LIT("\0asm\1\0\0\0"));
	write_section(&out, 0, BYTES_LIT("\x04name"));
	write_section(&out, 1, parts->type);
	write_section(&out, 2, parts->import);
	write_section(&out, 3, parts->function);
	write_section(&out, 4, parts->table);
	write_section(&out, 5, parts->memory);
	write_section(&out, 7, parts->export);
	assert_int_equal(writer_end(&out), CONCLAVE_OK);
	return writer_bytes(&out);
}

static enum conclave_error read_parts(struct wasm_module *module, const struct parts *parts)
{
	uint8_t space[1024];
	report.text[0] = 0;
	return wasm_read(module, module_of(space, parts), &report);
}

static void a_good_module_is_read(void **state)
{
	uint8_t space[1024];
	struct wasm_module module;
	(void)state;

	assert_int_equal(wasm_read(&module, module_of(space, &good), &report), CONCLAVE_OK);
	assert_int_equal(module.import_count, 2);
	assert_int_equal(module.import_modules, 2);
	assert_true(bytes_equal(module.imports[1].name, BYTES_LIT("random_get")));
	assert_int_equal(module.memory_pages, 2);
	assert_int_equal(module.table_elements, 5);
	assert_true(module.exports[WASM_ON_MAIL] && module.exports[WASM_INITIALIZE]);
	assert_false(module.exports[WASM_ON_CALL] || module.exports[WASM_ON_STOP]);
}

static void no_imports_and_no_tables_are_fine(void **state)
{
	struct parts parts = good;
	struct wasm_module module;
	(void)state;
	parts.import = parts.table = (struct bytes){0};
	parts.export = BYTES_LIT("\x02\x06memory\x02\x00\x10"
				 "conclave_on_call\x00\x00");
	assert_int_equal(read_parts(&module, &parts), CONCLAVE_OK);
	assert_int_equal(module.import_modules + module.table_elements, 0);
	assert_true(module.exports[WASM_ON_CALL]);
}

static void every_truncation_is_refused(void **state)
{
	uint8_t space[1024];
	struct bytes whole = module_of(space, &good);
	(void)state;
	for (size_t size = 0; size < whole.len; size++) {
		struct wasm_module module;
		uint8_t *copy = malloc(size + (size == 0));
		assert_non_null(copy);
		memcpy(copy, whole.ptr, size);
		enum conclave_error error = wasm_read(&module, bytes_of(copy, size), &report);
		free(copy);
		assert_int_not_equal(error, CONCLAVE_OK);
	}
}

struct mistake {
	size_t part; /* offset in struct parts */
	struct bytes body;
	enum conclave_error error;
	const char *text;
};

#define ROW(name, body, error, text)                                                      \
	{                                                                                 \
		offsetof(struct parts, name), LITERAL(body), CONCLAVE_ERROR_##error, text \
	}

static const struct mistake mistakes[] = {
	ROW(import,
		"\x01\x03"
		"env\x03"
		"foo\x00\x02",
		UNSUPPORTED,
		"import env.foo does not exist; no library that was linked defines it"),
	ROW(import, "\x01\x16wasi_snapshot_preview1\x0bsock_accept\x00\x02", UNSUPPORTED,
		"import wasi_snapshot_preview1.sock_accept does not exist; an enclave has no "
		"sockets"),
	ROW(import, "\x01\x01x\x01y\x00\x02", UNSUPPORTED, "a guest may import what"),
	ROW(import,
		"\x01\x08"
		"conclave\x03log\x00\x00",
		FORMAT, "import conclave.log has type \">i\", must be \"ii>i\""),
	ROW(import,
		"\x01\x08"
		"conclave\x03log\x00\x07",
		FORMAT, "import conclave.log has type \"\", must be"),
	ROW(import,
		"\x01\x03"
		"env\x06memory\x02\x00\x01",
		UNSUPPORTED, "a guest defines its memory itself; link it without --import-memory"),
	ROW(import,
		"\x01\x03"
		"env\x03tab\x01\x70\x00\x01",
		UNSUPPORTED, "only functions can be imported"),
	ROW(import,
		"\x01\x03"
		"env\x03glo\x03\x7f\x00",
		UNSUPPORTED, "only functions can be imported"),
	ROW(import,
		"\x7f\x08"
		"conclave\x03log\x00\x02",
		FORMAT, "malformed import section"),
	ROW(import, "\x00\x00", FORMAT, "malformed import section"),
	ROW(table, "\x01\x6f\x00\x01", UNSUPPORTED, "tables may hold functions only"),
	ROW(table, "\x01\x70\x00\x81\x80\xc0\x00", LIMIT, "more than 1048576 table elements"),
	ROW(table, "\x02\x70\x00\x80\x80\x40\x70\x00\x01", LIMIT, "table elements"),
	ROW(memory, "\x02\x00\x01\x00\x01", UNSUPPORTED, "has 2 memories, must have exactly one"),
	ROW(memory, "\x00", UNSUPPORTED, "has 0 memories"),
	ROW(memory, "", UNSUPPORTED, "has 0 memories"),
	ROW(memory, "\x01\x03\x01\x01", FORMAT, "malformed memory section"),
	ROW(memory, "\x01\x04\x01", FORMAT, "malformed memory section"),
	ROW(memory, "\x01\x00\xff\xff\xff\xff\x1f", FORMAT, "malformed memory section"),
	ROW(memory, "\x01\x00\x80\x80\x80\x80\x80\x00", FORMAT, "malformed memory section"),
	ROW(export,
		"\x01\x10"
		"conclave_on_mail\x00\x02",
		UNSUPPORTED, "does not export \"memory\""),
	ROW(export, "\x01\x06memory\x02\x00", UNSUPPORTED,
		"exports none of conclave_on_mail, conclave_on_mail_stream"),
	ROW(export,
		"\x01\x10"
		"conclave_on_mail\x00\x03",
		FORMAT, "export conclave_on_mail must be a function of its own with type \">i\""),
	ROW(export,
		"\x01\x10"
		"conclave_on_mail\x00\x00",
		FORMAT, "a function of its own"),
	ROW(export,
		"\x01\x10"
		"conclave_on_mail\x00\x09",
		FORMAT, "a function of its own"),
	ROW(export,
		"\x01\x10"
		"conclave_on_mail\x03\x00",
		FORMAT, "a function of its own"),
	ROW(export, "\x01\x06mem", FORMAT, "malformed export section"),
};

static void every_mistake_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(mistakes); i++) {
		struct parts parts = good;
		struct wasm_module module;
		memcpy((char *)&parts + mistakes[i].part, &mistakes[i].body, sizeof(struct bytes));
		enum conclave_error error = read_parts(&module, &parts);
		if (error != mistakes[i].error || strstr(report.text, mistakes[i].text) == NULL)
			fail_msg("row %zu: %s, \"%s\" instead of \"%s\"", i,
				conclave_error_name(error), report.text, mistakes[i].text);
	}
}

static void other_files_are_named(void **state)
{
	struct wasm_module module;
	(void)state;
	assert_int_equal(wasm_read(&module,
				 BYTES_LIT("\x7f"
					   "ELF...."),
				 &report),
		CONCLAVE_ERROR_FORMAT);
	assert_string_equal(report.text, "not a WebAssembly module");
	assert_int_equal(
		wasm_read(&module, BYTES_LIT("\0asm\x0d\0\1\0"), &report), CONCLAVE_ERROR_VERSION);
	assert_non_null(strstr(report.text, "not a component"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_module_is_read),
		cmocka_unit_test(no_imports_and_no_tables_are_fine),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_mistake_is_named),
		cmocka_unit_test(other_files_are_named),
	};
	return cmocka_run_group_tests_name("wasm", tests, NULL, NULL);
}
