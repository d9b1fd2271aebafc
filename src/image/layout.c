#include "image/layout.h"

#include "base/check.h"

#define SSA_SIZE (ABI_SSA_FRAMES * ABI_SSA_FRAME_PAGES * LAYOUT_PAGE)

#define GUEST_UNIT 0x10000u /* wasm's page */

static bool in_range(uint64_t value, uint64_t least, uint64_t most, uint64_t unit)
{
	return value >= least && value <= most && value % unit == 0;
}

enum conclave_error layout_check_decisions(const struct layout *l)
{
	bool fine =
		in_range(l->lane_count, 1, ABI_LANES_MAX, 1) &&
		in_range(l->stack_size, ABI_STACK_SIZE_MIN, ABI_STACK_SIZE_MAX, LAYOUT_PAGE) &&
		in_range(l->window_size, ABI_WINDOW_SIZE_MIN, ABI_WINDOW_SIZE_MAX, LAYOUT_PAGE) &&
		in_range(l->files_size, LAYOUT_FILES_SIZE_MIN, ABI_FILES_SIZE_MAX, LAYOUT_PAGE) &&
		in_range(l->peers_max, 1, ABI_PEERS_MAX, 1) &&
		in_range(l->guest_size, GUEST_UNIT, ABI_GUEST_MEMORY_MAX, GUEST_UNIT) &&
		(l->xfrm == SGX_XFRM_LEGACY || l->xfrm == SGX_XFRM_AVX512);
	return fine ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT;
}

static uint64_t power_of_two_above(uint64_t size)
{
	uint64_t power = LAYOUT_PAGE;
	while (power <= size)
		power *= 2;
	return power;
}

/* No sum here can overflow: with every decision in its range the whole stays below 2^35. */
void layout_place(struct layout *l, uint64_t image_end)
{
	l->magic = LAYOUT_MAGIC;
	l->lane_rva = image_end + LAYOUT_PAGE;
	l->lane_stack = LAYOUT_PAGE;
	l->lane_ssa = l->lane_stack + l->stack_size + LAYOUT_PAGE;
	l->lane_tcs = l->lane_ssa + SSA_SIZE;
	l->lane_page = l->lane_tcs + LAYOUT_PAGE;
	l->lane_stride = l->lane_page + LAYOUT_PAGE;
	l->heap_rva = l->lane_rva + l->lane_count * l->lane_stride + LAYOUT_PAGE;
	l->heap_size = layout_heap_size(l);
	l->guest_rva = l->heap_rva + l->heap_size + LAYOUT_PAGE;
	/* Strictly above, so that a guard always follows guest memory. */
	l->enclave_size = power_of_two_above(l->guest_rva + l->guest_size);
}

enum conclave_error layout_check(const struct layout *layout)
{
	if (layout->magic != LAYOUT_MAGIC)
		return CONCLAVE_ERROR_VERSION;
	TRY(layout_check_decisions(layout));
	if (!in_range(layout->lane_rva, LAYOUT_PAGE, LAYOUT_NEAR, LAYOUT_PAGE))
		return CONCLAVE_ERROR_LIMIT;

	struct layout placed = *layout;
	layout_place(&placed, layout->lane_rva - LAYOUT_PAGE);
	memset(placed.reserved, 0, sizeof(placed.reserved));
	if (memcmp(&placed, layout, sizeof(placed)) != 0)
		return CONCLAVE_ERROR_FORMAT;
	return layout->guest_rva <= LAYOUT_NEAR ? CONCLAVE_OK : CONCLAVE_ERROR_LIMIT;
}

static size_t lane_runs(struct image_pages runs[LAYOUT_RUNS_PER_LANE], const struct layout *l,
	uint64_t lane, uint64_t tcs_offset)
{
	const uint64_t writable = SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W;
	uint64_t block = l->lane_rva + lane * l->lane_stride;

	/* clang-format off */
	runs[0] = (struct image_pages){block + l->lane_stack, l->stack_size / LAYOUT_PAGE,
		IMAGE_ZERO_PAGES, writable, 1};
	runs[1] = (struct image_pages){block + l->lane_ssa, SSA_SIZE / LAYOUT_PAGE,
		IMAGE_ZERO_PAGES, writable, 1};
	runs[2] = (struct image_pages){block + l->lane_tcs, 1, tcs_offset, SGX_PAGE_TCS, 1};
	runs[3] = (struct image_pages){block + l->lane_page, 1, tcs_offset + LAYOUT_PAGE, writable, 1};
	/* clang-format on */
	return LAYOUT_RUNS_PER_LANE;
}

size_t layout_runs(
	struct image_pages runs[LAYOUT_RUNS_MAX], const struct layout *l, uint64_t lanes_offset)
{
	const uint64_t writable = SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W;
	size_t count = 0;

	for (uint64_t lane = 0; lane < l->lane_count; lane++)
		count += lane_runs(&runs[count], l, lane, lanes_offset + lane * LAYOUT_LANE_BYTES);
	runs[count++] = (struct image_pages){
		l->heap_rva, l->heap_size / LAYOUT_PAGE, IMAGE_ZERO_PAGES, writable, 0};
	runs[count++] = (struct image_pages){
		l->guest_rva, l->guest_size / LAYOUT_PAGE, IMAGE_ZERO_PAGES, writable, 0};
	return count;
}

void layout_write_lanes(uint8_t *out, const struct layout *l, uint64_t entry)
{
	for (uint64_t lane = 0; lane < l->lane_count; lane++) {
		uint64_t block = l->lane_rva + lane * l->lane_stride;
		struct sgx_tcs tcs = {
			.ossa = block + l->lane_ssa,
			.nssa = ABI_SSA_FRAMES,
			.oentry = entry,
			.ofs_base = block + l->lane_page,
			.ogs_base = block + l->lane_page,
			.fs_limit = UINT32_MAX, /* not looked at in 64-bit mode */
			.gs_limit = UINT32_MAX,
		};
		struct lane_page page = {
			.stack_top = block + l->lane_stack + l->stack_size,
			.index = lane,
		};
		memcpy(out, &tcs, sizeof(tcs));
		memcpy(out + LAYOUT_PAGE, &page, sizeof(page));
		out += LAYOUT_LANE_BYTES;
	}
}
