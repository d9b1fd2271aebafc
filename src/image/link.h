/* From objects to an image: linking, checking what the linker made, and filling in what follows
 * from where it put things. */
#ifndef IMAGE_LINK_H
#define IMAGE_LINK_H

#include "image/guest.h"
#include "image/image.h"

/* Refuse, before anything is compiled, what could not be laid out. Errors: LIMIT. */
enum conclave_error image_check_room(
	const struct build_config *config, struct conclave_report *report);
/* The measured configuration and the list of imports as objects, with room for what image_fill
 * writes, linked with the guest and the runtime by image.ld; then refused if it holds an
 * instruction that enclaves do not have. file receives the ELF file (file_free).
 * Errors: TOOL, UNSUPPORTED, LIMIT, IO. */
enum conclave_error image_link(struct buffer *file, const struct workshop *shop,
	const struct build_config *config, const struct wasm_module *module);
/* Write layout, lanes and page plan into their places in a linked file. Errors: FORMAT (the linker
 * made something that we do not know), LIMIT. */
enum conclave_error image_fill(
	struct buffer file, const struct build_config *config, struct conclave_report *report);

#endif
