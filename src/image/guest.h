/* From a guest's sources to objects that can be linked into an image:
 *
 *   guest/ *.c --clang--> guest.wasm --wasm2c--> guest.c, tuned --gcc--> guest.o
 *                                    wasm_read --> glue.c        --gcc--> glue.o
 *
 * All of it happens in a work folder under names that are always the same, so that no path, user or
 * process leaves a trace in the result. */
#ifndef IMAGE_GUEST_H
#define IMAGE_GUEST_H

#include "image/config.h"
#include "os/file.h"
#include "image/tool.h"
#include "image/wasm.h"

/* Where a build takes place. Folders are absolute paths. */
struct workshop {
	char project[FILE_PATH_SIZE];
	char sdk[FILE_PATH_SIZE];
	char work[FILE_PATH_SIZE];
	bool debug; /* keep line tables for gdb; nothing measured depends on it */
	struct conclave_report *report;
};

/* Path of a file in the work folder. Errors: LIMIT. */
enum conclave_error workshop_path(
	char out[FILE_PATH_SIZE], const struct workshop *shop, const char *name);
/* Compile one C or assembly file of the work folder to an object there, as trusted code. fuel:
 * meter the guest. Errors: TOOL. */
enum conclave_error workshop_compile(
	const struct workshop *shop, const char *source, const char *object, bool fuel);

/* Make guest.o and glue.o in the work folder, and say what the module is. module points into
 * `wasm`, which the caller frees. Errors: TOOL, NOT_FOUND, wasm_read's, LIMIT (its memory at the
 * start is larger than "heap"). */
enum conclave_error guest_build(struct wasm_module *module, struct buffer *wasm,
	const struct workshop *shop, const struct build_config *config);

/* Exposed for tests: wasm2c's C with our macros and a FUEL at the head of each loop. Errors: TOOL
 * (not what wasm2c 1.0.39 writes), MEMORY. */
enum conclave_error guest_tune(
	struct buffer *out, struct bytes source, struct conclave_report *report);

#endif
