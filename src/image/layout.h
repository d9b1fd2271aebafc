/* Where everything lies in the enclave. A layout follows from a few decisions and from where the
 * linker's part ends; builder and parser share the one function that says how. */
#ifndef IMAGE_LAYOUT_H
#define IMAGE_LAYOUT_H

#include "abi/layout.h"
#include "image/image.h"

/* Everything before guest memory lies below this, so that code reaches it with 32-bit
 * displacements. */
#define LAYOUT_NEAR 0x70000000u
#define LAYOUT_FILES_SIZE_MIN 0x20000u /* what an empty file tree needs (src/enclave/files.h) */

/* Errors: LIMIT when a decision (lane_count, stack_size, window_size, files_size, peers_max,
 * guest_size) lies outside its range or is not a multiple of its unit. */
enum conclave_error layout_check_decisions(const struct layout *layout);
/* Fill every place and size that follows from the decisions and from `image_end`, the first page
 * after the linker's part (0 gives distances from it). Decisions must have been checked and
 * image_end must be below LAYOUT_NEAR. */
void layout_place(struct layout *layout, uint64_t image_end);
/* Whether a layout from a file is exactly what layout_place makes of it. Errors: FORMAT, LIMIT,
 * VERSION. */
enum conclave_error layout_check(const struct layout *layout);

/* The pages that follow from the layout, four runs for each lane and two for heap and guest memory.
 * lanes_offset: of the lanes' pages in the file (layout_write_lanes). */
#define LAYOUT_RUNS_PER_LANE 4u
#define LAYOUT_RUNS_MAX (LAYOUT_RUNS_PER_LANE * ABI_LANES_MAX + 2u)
size_t layout_runs(struct image_pages runs[LAYOUT_RUNS_MAX], const struct layout *layout,
	uint64_t lanes_offset);
/* TCS and lane page of each lane: lane_count * LAYOUT_LANE_BYTES bytes. entry: rva of the code that
 * EENTER jumps to. */
#define LAYOUT_LANE_BYTES (2u * LAYOUT_PAGE)
void layout_write_lanes(uint8_t *out, const struct layout *layout, uint64_t entry);

#endif
