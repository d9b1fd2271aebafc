/* What a guest module asks for and offers, read from its WebAssembly binary: just the sections that
 * say so. wasm2c validates the module itself; this refuses, with the remedy, what would be valid
 * but cannot run in an enclave. docs/spec/image.md, "The guest". */
#ifndef IMAGE_WASM_H
#define IMAGE_WASM_H

#include "base/bytes.h"

/* In the order of struct guest_glue (src/enclave/guest_glue.h). */
enum wasm_export {
	WASM_INITIALIZE,
	WASM_ON_START,
	WASM_ON_MAIL,
	WASM_ON_MAIL_STREAM,
	WASM_ON_CALL,
	WASM_ON_STOP,
	WASM_EXPORTS,
};

#define WASM_IMPORTS_MAX 128u

struct wasm_import {
	struct bytes module, name; /* into the file */
};

struct wasm_module {
	struct wasm_import imports[WASM_IMPORTS_MAX];
	size_t import_count;
	size_t import_modules;	 /* distinct names among the imports' modules: 0, 1 or 2 */
	uint64_t memory_pages;	 /* at the start, of 64 KiB */
	uint64_t table_elements; /* at the start, of all funcref tables */
	bool exports[WASM_EXPORTS];
};

/* Errors: FORMAT, TRUNCATED, LIMIT, VERSION, UNSUPPORTED (an import or a feature that an enclave
 * does not have). report may be NULL. */
enum conclave_error wasm_read(
	struct wasm_module *out, struct bytes file, struct conclave_report *report);

#endif
