/* enclave.json: what the author of an enclave decides, read, checked and encoded for the runtime.
 * docs/spec/enclave-json.md is the contract. */
#ifndef IMAGE_CONFIG_H
#define IMAGE_CONFIG_H

#include "abi/config.h"
#include "abi/layout.h"
#include "base/bytes.h"

#define CONFIG_TEXTS_MAX 256u /* arguments; environment entries; sources */
#define CONFIG_FILE_SIZE_MAX 0x100000u

struct config_variable {
	const char *name, *value;
};

/* All texts belong to `document`, but for arguments that the caller replaced. */
struct build_config {
	const char *name;
	uint64_t product_id, security_version;
	uint64_t lanes, heap, stack;
	uint64_t fuel, window, files, peers;
	enum config_padding padding;
	uint64_t padding_figure; /* 0 unless FIXED */
	bool console;
	bool vaes; /* AES by VAES, and so AVX-512 in XFRM */
	const char *arguments[CONFIG_TEXTS_MAX];
	size_t argument_count;
	struct config_variable environment[CONFIG_TEXTS_MAX];
	size_t environment_count;
	const char *sources[CONFIG_TEXTS_MAX]; /* none: every .c file in guest/ */
	size_t source_count;
	void *document;
};

/* "64k", "16m", "1g", or plain digits; nothing else. */
bool build_config_size(uint64_t *out, const char *text);
/* Read and check a file. report names file, line, key, the value seen and the value wanted.
 * Errors: NOT_FOUND, IO, FORMAT, LIMIT, MEMORY. */
enum conclave_error build_config_read(
	struct build_config *out, const char *path, struct conclave_report *report);
void build_config_free(struct build_config *config);
/* As the runtime reads it (abi/config.h). Errors: SPACE (a writer that is too small), LIMIT. */
enum conclave_error build_config_encode(struct writer *out, const struct build_config *config);
/* The decisions that a layout follows from. */
struct layout build_config_layout(const struct build_config *config);

#endif
