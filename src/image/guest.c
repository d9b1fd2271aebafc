#include "image/guest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"

#define WASM_SIZE_MAX 0x8000000u /* 128 MiB */
#define C_SIZE_MAX 0x20000000u
#define WASM_PAGE 0x10000u
/* Bytes of machine stack for one function of the guest: with a thousand arguments pushed below it
 * (8000 bytes, as many as WebAssembly has) less than STACK_RESERVE of src/enclave/guest.c. */
#define FRAME_MAX "12288"

/* Compilers by version: another one would give another measurement. */
#define CLANG "clang-14"
#define GCC "gcc-12"

enum conclave_error workshop_path(
	char out[FILE_PATH_SIZE], const struct workshop *shop, const char *name)
{
	return file_path(out, shop->report, "%s/%s", shop->work, name);
}

/* -- C sources, in an order that does not depend on the file system -- */

struct sources {
	char *names[CONFIG_TEXTS_MAX]; /* malloc'ed */
	size_t count;
};

static void sources_free(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		free(sources->names[i]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_c(const char *name)
{
	size_t size = strlen(name);
	return name[0] != '.' && size > 2 && strcmp(name + size - 2, ".c") == 0;
}

/* Add prefix/NAME for every C file of a folder. */
static enum conclave_error sources_add(struct sources *sources, const char *folder,
	const char *prefix, struct conclave_report *report)
{
	DIR *listing = opendir(folder);
	if (listing == NULL)
		return report_fill(report, "%s: %s", folder, strerror(errno)),
		       CONCLAVE_ERROR_NOT_FOUND;
	size_t first = sources->count;
	enum conclave_error error = CONCLAVE_OK;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL && error == CONCLAVE_OK;) {
		if (!is_c(entry->d_name))
			continue;
		if (sources->count == CONFIG_TEXTS_MAX)
			error = CONCLAVE_ERROR_LIMIT;
		else if (asprintf(&sources->names[sources->count], "%s/%s", prefix, entry->d_name) <
			 0)
			error = CONCLAVE_ERROR_MEMORY;
		else
			sources->count++;
	}
	closedir(listing);
	qsort(&sources->names[first], sources->count - first, sizeof(char *), by_name);
	return error;
}

/* The author's sources, then the SDK's. */
static enum conclave_error sources_find(
	struct sources *sources, const struct workshop *shop, const struct build_config *config)
{
	char folder[FILE_PATH_SIZE];

	TRY(file_path(folder, shop->report, "%s/guest", shop->project));
	if (config->source_count == 0)
		TRY(sources_add(sources, folder, "guest", shop->report));
	for (size_t i = 0; i < config->source_count; i++) {
		sources->names[i] = strdup(config->sources[i]);
		if (sources->names[i] == NULL)
			return CONCLAVE_ERROR_MEMORY;
		sources->count++;
	}
	if (sources->count == 0)
		return report_fill(shop->report,
			       "%.800s: no C sources there; write one, or name them in \"guest\" "
			       "of "
			       "enclave.json",
			       folder),
		       CONCLAVE_ERROR_NOT_FOUND;
	TRY(file_path(folder, shop->report, "%s/guest", shop->sdk));
	return sources_add(sources, folder, folder, shop->report);
}

/* -- sources to wasm -- */

static enum conclave_error compile_to_wasm(const struct workshop *shop,
	const struct build_config *config, const char *wasm, const struct sources *sources)
{
	char stack[64], include[FILE_PATH_SIZE + 16], prefix[FILE_PATH_SIZE + 32];
	struct tool clang = {.is_heard = true}; /* its warnings are about the author's code */

	snprintf(stack, sizeof(stack), "-Wl,-z,stack-size=%llu", (unsigned long long)config->stack);
	snprintf(include, sizeof(include), "-I%s/guest/include", shop->sdk);
	snprintf(prefix, sizeof(prefix), "-ffile-prefix-map=%s=sdk", shop->sdk);
	/* The stack below everything else: what overflows it leaves the memory, and traps. */
	tool_add_all(&clang, CLANG, "--target=wasm32-wasi", "-std=gnu2x", "-O2", "-Wall",
		"-mexec-model=reactor", "-Wl,--stack-first", stack, "-Wl,--strip-debug", include,
		prefix, "-o", wasm);
	for (size_t i = 0; i < sources->count; i++)
		tool_add(&clang, sources->names[i]);
	return tool_run(NULL, &clang, shop->project, shop->report);
}

static bool is_module(const struct build_config *config)
{
	size_t size = config->source_count == 1 ? strlen(config->sources[0]) : 0;
	return size > 5 && strcmp(config->sources[0] + size - 5, ".wasm") == 0;
}

/* guest.wasm in the work folder, compiled or as the author made it. */
static enum conclave_error make_wasm(
	struct buffer *wasm, const struct workshop *shop, const struct build_config *config)
{
	CLEANUP(sources_free) struct sources sources = {0};
	char path[FILE_PATH_SIZE], given[FILE_PATH_SIZE];

	TRY(workshop_path(path, shop, "guest.wasm"));
	if (is_module(config)) {
		TRY(file_path(given, shop->report, "%s/%s", shop->project, config->sources[0]));
		TRY(file_read(wasm, given, WASM_SIZE_MAX, shop->report));
		return file_write(path, bytes_of(wasm->ptr, wasm->len), 0644, shop->report);
	}
	TRY(sources_find(&sources, shop, config));
	TRY(compile_to_wasm(shop, config, path, &sources));
	return file_read(wasm, path, WASM_SIZE_MAX, shop->report);
}

/* -- wasm to C -- */

/* Features that the runtime's wasm-rt.h has no counterpart for are switched off, so that wasm2c
 * itself names the place where a module uses one. */
static enum conclave_error translate(const struct workshop *shop)
{
	char wasm2c[FILE_PATH_SIZE];
	struct tool node = {0};

	TRY(file_path(wasm2c, shop->report, "%s/wabt/bin/wasm2c", shop->sdk));
	tool_add_all(&node, "node", wasm2c, "guest.wasm", "--module-name=guest", "--disable-simd",
		"--output=guest.c");
	return tool_run(NULL, &node, shop->work, shop->report);
}

static bool is_name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* A loop's label as wasm2c writes it: "  var_L12: ". Where the module's author has called a local
 * "L12", it is another name: "  var_L12_0: ". So every name counts, but not what a block ends with:
 * "  var_B3:;". No jump goes back to that. */
static bool is_loop_label(struct bytes line)
{
	size_t at = 0;

	while (at < line.len && line.ptr[at] == ' ')
		at++;
	if (!bytes_equal(bytes_slice(line, at, 4), BYTES_LIT("var_")))
		return false;
	while (at < line.len && is_name_byte(line.ptr[at]))
		at++;
	if (at == line.len || line.ptr[at] != ':')
		return false;
	return at + 1 == line.len || line.ptr[at + 1] != ';';
}

static bool starts_with(struct bytes line, const char *text)
{
	size_t size = strlen(text);
	return line.len >= size && memcmp(line.ptr, text, size) == 0;
}

/* The next line with its newline, taken from `rest`. */
static struct bytes take_line(struct bytes *rest)
{
	const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
	size_t size = end == NULL ? rest->len : (size_t)(end - rest->ptr) + 1;
	struct bytes line = {rest->ptr, size};
	*rest = bytes_slice(*rest, size, rest->len);
	return line;
}

static enum conclave_error write_tuned(struct writer *out, struct bytes source)
{
	bool included = false;
	while (source.len > 0) {
		struct bytes line = take_line(&source);
		if (!included && starts_with(line, "DEFINE_LOAD(")) {
			write_bytes(out, BYTES_LIT("#include \"guest_tune.h\"\n"));
			included = true;
		}
		write_bytes(out, line);
		if (is_loop_label(line))
			write_bytes(out, BYTES_LIT("FUEL;\n"));
	}
	return included ? writer_end(out) : CONCLAVE_ERROR_TOOL;
}

enum conclave_error guest_tune(
	struct buffer *out, struct bytes source, struct conclave_report *report)
{
	struct writer measure = writer_measure();
	if (write_tuned(&measure, source) != CONCLAVE_OK)
		return report_fill(report, "guest.c is not what wasm2c 1.0.39 writes: no line "
					   "begins with DEFINE_LOAD("),
		       CONCLAVE_ERROR_TOOL;

	struct buffer buffer = {malloc(measure.len), measure.len};
	if (buffer.ptr == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer writer = writer_of(buffer);
	enum conclave_error error = write_tuned(&writer, source);
	if (error != CONCLAVE_OK)
		file_free(&buffer);
	else
		*out = buffer;
	return error;
}

static enum conclave_error tune(const struct workshop *shop)
{
	CLEANUP(file_free) struct buffer source = {0}, tuned = {0};
	char path[FILE_PATH_SIZE];

	TRY(workshop_path(path, shop, "guest.c"));
	TRY(file_read(&source, path, C_SIZE_MAX, shop->report));
	TRY(guest_tune(&tuned, bytes_of(source.ptr, source.len), shop->report));
	return file_write(path, bytes_of(tuned.ptr, tuned.len), 0644, shop->report);
}

/* -- the glue: which exports there are, for the runtime (src/enclave/guest_glue.h) -- */

static const struct {
	const char *field, *function, *result;
} glue_exports[WASM_EXPORTS] = {
	[WASM_INITIALIZE] = {"initialize", "w2c_guest_0x5Finitialize", "void"},
	[WASM_ON_START] = {"on_start", "w2c_guest_conclave_on_start", "uint32_t"},
	[WASM_ON_MAIL] = {"on_mail", "w2c_guest_conclave_on_mail", "uint32_t"},
	[WASM_ON_MAIL_STREAM] = {"on_mail_stream", "w2c_guest_conclave_on_mail_stream", "uint32_t"},
	[WASM_ON_CALL] = {"on_call", "w2c_guest_conclave_on_call", "uint32_t"},
	[WASM_ON_STOP] = {"on_stop", "w2c_guest_conclave_on_stop", "void"},
};

static void print_glue_functions(FILE *out, const struct wasm_module *module)
{
	fputs("static void instantiate(void)\n{\n"
	      "\tmemset(&instance, 0, sizeof(instance));\n"
	      "\twasm2c_guest_instantiate(&instance",
		out);
	for (size_t i = 0; i < module->import_modules; i++)
		fputs(", NULL", out);
	fputs(");\n}\n\n", out);
	for (size_t i = 0; i < WASM_EXPORTS; i++) {
		if (module->exports[i])
			fprintf(out, "static %s %s(void)\n{\n\treturn %s(&instance);\n}\n\n",
				glue_exports[i].result, glue_exports[i].field,
				glue_exports[i].function);
	}
}

static void print_glue(FILE *out, const struct wasm_module *module)
{
	fputs("/* Written by conclave build: see guest_glue.h. */\n"
	      "#include \"guest.h\"\n#include \"guest_glue.h\"\n\n"
	      "static w2c_guest instance;\n",
		out);
	/* A module without tables still needs an object here: C has no array of none. */
	fprintf(out, "static wasm_rt_funcref_t tables[%llu];\n\n",
		(unsigned long long)(module->table_elements > 0 ? module->table_elements : 1));
	print_glue_functions(out, module);
	fputs("const struct guest_glue guest_glue = {\n\t.instantiate = instantiate,\n", out);
	for (size_t i = 0; i < WASM_EXPORTS; i++) {
		if (module->exports[i])
			fprintf(out, "\t.%s = %s,\n", glue_exports[i].field, glue_exports[i].field);
	}
	fprintf(out, "\t.tables = tables,\n\t.table_elements = %llu,\n};\n",
		(unsigned long long)module->table_elements);
}

static enum conclave_error write_glue(const struct workshop *shop, const struct wasm_module *module)
{
	char path[FILE_PATH_SIZE];
	char *text = NULL;
	size_t size = 0;

	TRY(workshop_path(path, shop, "glue.c"));
	FILE *stream = open_memstream(&text, &size);
	if (stream == NULL)
		return CONCLAVE_ERROR_MEMORY;
	print_glue(stream, module);
	enum conclave_error error = fclose(stream) == 0 ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
	if (error == CONCLAVE_OK)
		error = file_write(path, bytes_of(text, size), 0644, shop->report);
	free(text);
	return error;
}

/* -- C to objects -- */

/* Split the build's flags of trusted code, in place, and add each. */
static void add_flags(struct tool *tool, char *flags)
{
	char *rest = flags;
	for (char *flag; (flag = strsep(&rest, " ")) != NULL;) {
		if (*flag != 0)
			tool_add(tool, flag);
	}
}

enum conclave_error workshop_compile(
	const struct workshop *shop, const char *source, const char *object, bool fuel)
{
	char flags[] = CONCLAVE_TRUSTED_FLAGS_TEXT;
	char include[FILE_PATH_SIZE + 16], prefix[FILE_PATH_SIZE + 32];
	struct tool gcc = {0};

	snprintf(include, sizeof(include), "-I%s/wasm", shop->sdk);
	snprintf(prefix, sizeof(prefix), "-ffile-prefix-map=%s=.", shop->work);
	tool_add(&gcc, GCC);
	add_flags(&gcc, flags);
	/* Not our code to be warned of, but for one thing: a frame that does not fit what guest.c
	 * keeps free below the stack limit would reach the guard page, and end the enclave, before
	 * its function has looked at the limit. It holds no keys, and every access it makes is
	 * checked: it needs no canaries, and its registers no scrubbing. */
	tool_add_all(&gcc, ("-Werror=frame-larger-than=" FRAME_MAX), "-fno-stack-protector",
		"-fzero-call-used-regs=skip", include, "-I.", prefix);
	if (fuel)
		tool_add(&gcc, "-DGUEST_FUEL");
	if (shop->debug)
		tool_add(&gcc, "-g");
	tool_add_all(&gcc, "-c", source, "-o", object);
	return tool_run(NULL, &gcc, shop->work, shop->report);
}

static enum conclave_error check_memory(const struct workshop *shop,
	const struct build_config *config, const struct wasm_module *module)
{
	if (module->memory_pages <= config->heap / WASM_PAGE)
		return CONCLAVE_OK;
	report_fill(shop->report,
		"the guest needs %llu KiB of memory at its start, \"heap\" in enclave.json is %llu "
		"KiB: raise it",
		(unsigned long long)module->memory_pages * (WASM_PAGE / 1024),
		(unsigned long long)config->heap / 1024);
	return CONCLAVE_ERROR_LIMIT;
}

enum conclave_error guest_build(struct wasm_module *module, struct buffer *wasm,
	const struct workshop *shop, const struct build_config *config)
{
	TRY(make_wasm(wasm, shop, config));
	TRY(wasm_read(module, bytes_of(wasm->ptr, wasm->len), shop->report));
	TRY(check_memory(shop, config, module));
	TRY(translate(shop));
	TRY(tune(shop));
	TRY(write_glue(shop, module));
	TRY(workshop_compile(shop, "guest.c", "guest.o", config->fuel != 0));
	return workshop_compile(shop, "glue.c", "glue.o", false);
}
