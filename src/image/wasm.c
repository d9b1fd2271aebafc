#include "image/wasm.h"

#include "base/check.h"
#include "base/report.h"

#define TABLE_ELEMENTS_MAX 0x100000u /* 32 MiB of enclave memory */

/* -- what there is to import: abi/guest.h, and the part of WASI that makes sense here -- */

/* Types are written as parameters '>' results: i is i32, I is i64. */
struct importable {
	const char *module, *name, *type;
};

#define CONCLAVE "conclave"
#define WASI "wasi_snapshot_preview1"

static const struct importable importables[] = {
	{CONCLAVE, "input_size", "i>i"},
	{CONCLAVE, "input_read", "iiii>i"},
	{CONCLAVE, "mail_sequence", ">I"},
	{CONCLAVE, "mail_read", "ii>i"},
	{CONCLAVE, "reply", "iiii>i"},
	{CONCLAVE, "post", "iiiiiii>i"},
	{CONCLAVE, "answer", "ii>i"},
	{CONCLAVE, "sign", "iii>i"},
	{CONCLAVE, "log", "ii>i"},
	{WASI, "args_get", "ii>i"},
	{WASI, "args_sizes_get", "ii>i"},
	{WASI, "environ_get", "ii>i"},
	{WASI, "environ_sizes_get", "ii>i"},
	{WASI, "clock_res_get", "ii>i"},
	{WASI, "clock_time_get", "iIi>i"},
	{WASI, "fd_close", "i>i"},
	{WASI, "fd_datasync", "i>i"},
	{WASI, "fd_fdstat_get", "ii>i"},
	{WASI, "fd_fdstat_set_flags", "ii>i"},
	{WASI, "fd_filestat_get", "ii>i"},
	{WASI, "fd_filestat_set_size", "iI>i"},
	{WASI, "fd_pread", "iiiIi>i"},
	{WASI, "fd_prestat_get", "ii>i"},
	{WASI, "fd_prestat_dir_name", "iii>i"},
	{WASI, "fd_pwrite", "iiiIi>i"},
	{WASI, "fd_read", "iiii>i"},
	{WASI, "fd_readdir", "iiiIi>i"},
	{WASI, "fd_seek", "iIii>i"},
	{WASI, "fd_sync", "i>i"},
	{WASI, "fd_tell", "ii>i"},
	{WASI, "fd_write", "iiii>i"},
	{WASI, "path_create_directory", "iii>i"},
	{WASI, "path_filestat_get", "iiiii>i"},
	{WASI, "path_open", "iiiiiIIii>i"},
	{WASI, "path_remove_directory", "iii>i"},
	{WASI, "path_rename", "iiiiii>i"},
	{WASI, "path_unlink_file", "iii>i"},
	{WASI, "proc_exit", "i>"},
	{WASI, "random_get", "ii>i"},
	{WASI, "sched_yield", ">i"},
};

static const struct {
	const char *name, *type;
} exportables[WASM_EXPORTS] = {
	[WASM_INITIALIZE] = {"_initialize", ">"},
	[WASM_ON_START] = {"conclave_on_start", ">i"},
	[WASM_ON_MAIL] = {"conclave_on_mail", ">i"},
	[WASM_ON_MAIL_STREAM] = {"conclave_on_mail_stream", ">i"},
	[WASM_ON_CALL] = {"conclave_on_call", ">i"},
	[WASM_ON_STOP] = {"conclave_on_stop", ">"},
};

/* -- the binary format: WebAssembly core specification 1.0, chapter 5 -- */

enum section { TYPE = 1, IMPORT = 2, FUNCTION = 3, TABLE = 4, MEMORY = 5, EXPORT = 7, LAST = 13 };
enum kind { KIND_FUNCTION = 0, KIND_TABLE = 1, KIND_MEMORY = 2, KIND_GLOBAL = 3, KIND_TAG = 4 };

struct parse {
	struct bytes sections[LAST + 1];
	struct wasm_module *module;
	struct conclave_report *report;
	bool memory_exported;
};

/* LEB128, at most 32 bits in at most 5 bytes. */
static uint32_t read_number(struct reader *reader)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		uint8_t byte = read_u8(reader);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			if (value > UINT32_MAX)
				reader->failed = true;
			return (uint32_t)value;
		}
	}
	reader->failed = true;
	return 0;
}

static struct bytes read_name(struct reader *reader)
{
	return read_bytes(reader, read_number(reader));
}

/* Flags, then the least, then the most if there is one. Flag bits above 1 are threads, 64-bit
 * memories and custom page sizes, which wasm2c is not asked to accept. */
static uint32_t read_limits(struct reader *reader)
{
	uint8_t flags = read_u8(reader);
	uint32_t least = read_number(reader);
	if ((flags & 1) != 0)
		(void)read_number(reader);
	if (flags > 1)
		reader->failed = true;
	return least;
}

/* What a module cannot hide from wasm2c need not be said twice: only that it was broken here. */
static enum conclave_error broken(const struct parse *parse, const char *where)
{
	report_fill(parse->report, "guest module: malformed %s section", where);
	return CONCLAVE_ERROR_FORMAT;
}

static bool is_text(struct bytes bytes, const char *text)
{
	return bytes_equal(bytes, bytes_of(text, strlen(text)));
}

/* -- types and functions, found by walking: modules are small and nothing need be stored -- */

static const char type_letters[] = {
	[0x7f - 0x7c] = 'i', [0x7e - 0x7c] = 'I', [0x7d - 0x7c] = 'f', [0x7c - 0x7c] = 'F'};

static void read_letters(char *out, size_t *used, size_t size, struct reader *reader)
{
	uint32_t count = read_number(reader);
	struct bytes types = read_bytes(reader, count);
	for (size_t i = 0; i < types.len; i++) {
		uint8_t type = types.ptr[i];
		if (*used < size)
			out[(*used)++] =
				type >= 0x7c && type <= 0x7f ? type_letters[type - 0x7c] : '?';
	}
}

#define TYPE_SIZE 32 /* longer ones are cut: they match nothing we know */

/* Type `index` in our letters; "" when there is none. */
static void type_text(char out[TYPE_SIZE], const struct parse *parse, uint32_t index)
{
	struct reader reader = reader_of(parse->sections[TYPE]);
	uint32_t count = read_number(&reader);
	size_t used = 0;

	for (uint32_t i = 0; i <= index && index < count && !reader.failed; i++) {
		used = 0;
		if (read_u8(&reader) != 0x60)
			reader.failed = true;
		read_letters(out, &used, TYPE_SIZE - 2, &reader);
		out[used++] = '>';
		read_letters(out, &used, TYPE_SIZE - 1, &reader);
	}
	out[reader.failed ? 0 : used] = 0;
}

/* The type of function `index`, which must be one that the module defines. */
static void function_type(char out[TYPE_SIZE], const struct parse *parse, uint32_t index)
{
	struct reader reader = reader_of(parse->sections[FUNCTION]);
	uint32_t count = read_number(&reader), type = 0;

	out[0] = 0;
	if (index < parse->module->import_count)
		return;
	index -= (uint32_t)parse->module->import_count;
	for (uint32_t i = 0; i <= index && index < count && !reader.failed; i++)
		type = read_number(&reader);
	if (index < count && !reader.failed)
		type_text(out, parse, type);
}

/* -- imports -- */

static const struct importable *find_importable(const struct wasm_import *import)
{
	for (size_t i = 0; i < ARRAY_COUNT(importables); i++) {
		if (is_text(import->module, importables[i].module) &&
			is_text(import->name, importables[i].name))
			return &importables[i];
	}
	return NULL;
}

static const char *remedy(const struct wasm_import *import)
{
	if (is_text(import->module, "env"))
		return "no library that was linked defines it: define it in the guest, or do not "
		       "use it";
	if (is_text(import->module, WASI))
		return "an enclave has no sockets, links, file times or other processes: do not "
		       "use them";
	return "a guest may import what docs/spec/image.md lists, from \"" CONCLAVE "\" and \"" WASI
	       "\"";
}

static int print_size(struct bytes text)
{
	return text.len > 200 ? 200 : (int)text.len;
}

#define IMPORT_FORMAT "guest module: import %.*s.%.*s"
#define IMPORT_WORDS(import)                                                            \
	print_size((import)->module), (import)->module.ptr, print_size((import)->name), \
		(import)->name.ptr

static enum conclave_error check_import(
	const struct parse *parse, const struct wasm_import *import, uint32_t type)
{
	const struct importable *known = find_importable(import);
	char text[TYPE_SIZE];

	if (known == NULL)
		return report_fill(parse->report, IMPORT_FORMAT " does not exist; %s",
			       IMPORT_WORDS(import), remedy(import)),
		       CONCLAVE_ERROR_UNSUPPORTED;
	type_text(text, parse, type);
	if (strcmp(text, known->type) != 0)
		return report_fill(parse->report,
			       IMPORT_FORMAT " has type \"%s\", must be \"%s\" (i: i32, I: i64)",
			       IMPORT_WORDS(import), text, known->type),
		       CONCLAVE_ERROR_FORMAT;
	return CONCLAVE_OK;
}

static bool module_is_new(const struct wasm_module *module, const struct wasm_import *import)
{
	for (size_t i = 0; i < module->import_count; i++) {
		if (bytes_equal(module->imports[i].module, import->module))
			return false;
	}
	return true;
}

static enum conclave_error read_import(struct parse *parse, struct reader *reader)
{
	struct wasm_module *module = parse->module;
	struct wasm_import import = {0};

	import.module = read_name(reader);
	import.name = read_name(reader);
	uint8_t kind = read_u8(reader);
	if (reader->failed)
		return broken(parse, "import");
	if (kind == KIND_MEMORY)
		return report_fill(parse->report,
			       IMPORT_FORMAT ": a guest defines its memory itself; link it without "
					     "--import-memory",
			       IMPORT_WORDS(&import)),
		       CONCLAVE_ERROR_UNSUPPORTED;
	if (kind != KIND_FUNCTION)
		return report_fill(parse->report, IMPORT_FORMAT ": only functions can be imported",
			       IMPORT_WORDS(&import)),
		       CONCLAVE_ERROR_UNSUPPORTED;
	TRY(check_import(parse, &import, read_number(reader)));
	if (module->import_count == WASM_IMPORTS_MAX)
		return report_fill(parse->report, "guest module: more than %u imports",
			       WASM_IMPORTS_MAX),
		       CONCLAVE_ERROR_LIMIT;
	module->import_modules += module_is_new(module, &import);
	module->imports[module->import_count++] = import;
	return CONCLAVE_OK;
}

static enum conclave_error read_imports(struct parse *parse)
{
	struct reader reader = reader_of(parse->sections[IMPORT]);
	if (reader.rest.len == 0)
		return CONCLAVE_OK;
	uint32_t count = read_number(&reader);
	for (uint32_t i = 0; i < count && !reader.failed; i++)
		TRY(read_import(parse, &reader));
	return reader_end(&reader) == CONCLAVE_OK ? CONCLAVE_OK : broken(parse, "import");
}

/* -- tables, memory, exports -- */

static enum conclave_error read_tables(struct parse *parse)
{
	struct reader reader = reader_of(parse->sections[TABLE]);
	if (reader.rest.len == 0)
		return CONCLAVE_OK;
	uint32_t count = read_number(&reader);
	for (uint32_t i = 0; i < count && !reader.failed; i++) {
		if (read_u8(&reader) != 0x70)
			return report_fill(parse->report,
				       "guest module: tables may hold functions only"),
			       CONCLAVE_ERROR_UNSUPPORTED;
		parse->module->table_elements += read_limits(&reader);
		if (parse->module->table_elements > TABLE_ELEMENTS_MAX)
			return report_fill(parse->report,
				       "guest module: more than %u table elements",
				       TABLE_ELEMENTS_MAX),
			       CONCLAVE_ERROR_LIMIT;
	}
	return reader_end(&reader) == CONCLAVE_OK ? CONCLAVE_OK : broken(parse, "table");
}

static enum conclave_error read_memory(struct parse *parse)
{
	struct reader reader = reader_of(parse->sections[MEMORY]);
	uint32_t count = reader.rest.len == 0 ? 0 : read_number(&reader);

	if (!reader.failed && count != 1)
		return report_fill(parse->report,
			       "guest module: has %u memories, must have exactly one", count),
		       CONCLAVE_ERROR_UNSUPPORTED;
	parse->module->memory_pages = read_limits(&reader);
	return reader_end(&reader) == CONCLAVE_OK ? CONCLAVE_OK : broken(parse, "memory");
}

static enum conclave_error read_export(struct parse *parse, struct reader *reader)
{
	struct bytes name = read_name(reader);
	uint8_t kind = read_u8(reader);
	uint32_t index = read_number(reader);
	char text[TYPE_SIZE];

	parse->memory_exported |= kind == KIND_MEMORY && is_text(name, "memory");
	for (size_t i = 0; i < WASM_EXPORTS && !reader->failed; i++) {
		if (!is_text(name, exportables[i].name))
			continue;
		if (kind == KIND_FUNCTION)
			function_type(text, parse, index);
		if (kind != KIND_FUNCTION || strcmp(text, exportables[i].type) != 0)
			return report_fill(parse->report,
				       "guest module: export %s must be a function of its own "
				       "with type \"%s\" (i: i32)",
				       exportables[i].name, exportables[i].type),
			       CONCLAVE_ERROR_FORMAT;
		parse->module->exports[i] = true;
	}
	return CONCLAVE_OK;
}

static enum conclave_error read_exports(struct parse *parse)
{
	struct reader reader = reader_of(parse->sections[EXPORT]);
	uint32_t count = reader.rest.len == 0 ? 0 : read_number(&reader);
	for (uint32_t i = 0; i < count && !reader.failed; i++)
		TRY(read_export(parse, &reader));
	return reader_end(&reader) == CONCLAVE_OK ? CONCLAVE_OK : broken(parse, "export");
}

/* A module that nobody can call does nothing: most often a forgotten export. */
static enum conclave_error check_exports(const struct parse *parse)
{
	const bool *exports = parse->module->exports;

	if (!parse->memory_exported)
		return report_fill(parse->report, "guest module: does not export \"memory\""),
		       CONCLAVE_ERROR_UNSUPPORTED;
	if (!exports[WASM_ON_MAIL] && !exports[WASM_ON_MAIL_STREAM] && !exports[WASM_ON_CALL])
		return report_fill(parse->report,
			       "guest module: exports none of conclave_on_mail, "
			       "conclave_on_mail_stream and conclave_on_call, so nothing could "
			       "ever reach it"),
		       CONCLAVE_ERROR_UNSUPPORTED;
	return CONCLAVE_OK;
}

/* -- the module -- */

/* Sections in a table by number. Order and repetition are wasm2c's to judge; the first counts. */
static enum conclave_error find_sections(struct parse *parse, struct bytes file)
{
	struct reader reader = reader_of(file);

	if (read_u32be(&reader) != 0x0061736d)
		return report_fill(parse->report, "not a WebAssembly module"),
		       CONCLAVE_ERROR_FORMAT;
	if (read_u32le(&reader) != 1)
		return report_fill(parse->report,
			       "guest module: version must be 1 (a core module, not a component)"),
		       CONCLAVE_ERROR_VERSION;
	while (!reader.failed && reader.rest.len > 0) {
		uint8_t id = read_u8(&reader);
		struct bytes body = read_name(&reader);
		if (id >= TYPE && id <= LAST && parse->sections[id].len == 0)
			parse->sections[id] = body;
	}
	if (reader.failed)
		return report_fill(parse->report, "guest module: ends in the middle of a section"),
		       CONCLAVE_ERROR_TRUNCATED;
	return CONCLAVE_OK;
}

enum conclave_error wasm_read(
	struct wasm_module *out, struct bytes file, struct conclave_report *report)
{
	struct wasm_module module = {0};
	struct parse parse = {.module = &module, .report = report};

	TRY(find_sections(&parse, file));
	TRY(read_imports(&parse));
	TRY(read_tables(&parse));
	TRY(read_memory(&parse));
	TRY(read_exports(&parse));
	TRY(check_exports(&parse));
	*out = module;
	return CONCLAVE_OK;
}
