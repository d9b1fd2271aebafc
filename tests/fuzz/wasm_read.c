/* A guest module that somebody else made. */
#include <stdint.h>
#include <stdlib.h>

#include "image/wasm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conclave_report report;
	struct wasm_module module;

	if (wasm_read(&module, bytes_of(data, size), &report) != CONCLAVE_OK)
		return 0;
	/* What is promised of a module that was accepted. */
	if (module.import_count > WASM_IMPORTS_MAX || module.import_modules > 2)
		abort();
	for (size_t i = 0; i < module.import_count; i++) {
		if (module.imports[i].name.ptr < data ||
			module.imports[i].name.ptr + module.imports[i].name.len > data + size)
			abort();
	}
	return 0;
}
