/* Prints enclaves and their measurements for sgx_measure.py. */
#include <inttypes.h>
#include <stdio.h>

#include "base/hex.h"
#include "sgx/sgx.h"

#define ENCLAVES 24
#define PAGES_MAX 6

struct page {
	uint64_t rva, flags;
	uint8_t fill;
	bool measured;
};

/* Numbers without a pattern, the same each time (Knuth's MMIX generator). */
static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static struct page choose_page(uint64_t *seed, uint64_t rva)
{
	static const uint64_t flags[] = {SGX_PAGE_TCS, SGX_PAGE_REG, SGX_PAGE_REG | SGX_PAGE_R,
		SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_W, SGX_PAGE_REG | SGX_PAGE_R | SGX_PAGE_X};
	return (struct page){rva, flags[next(seed) % ARRAY_COUNT(flags)], (uint8_t)next(seed),
		next(seed) % 3 != 0};
}

static void measure(struct sgx_measurement *measurement, const struct page *page)
{
	uint8_t data[SGX_PAGE_SIZE];
	memset(data, page->fill, sizeof(data));
	sgx_measure_add(measurement, page->rva, page->flags);
	if (page->measured)
		sgx_measure_extend(measurement, page->rva, data);
}

static void print_enclave(uint64_t *seed)
{
	struct page pages[PAGES_MAX];
	struct sgx_measurement measurement;
	uint8_t mrenclave[32];
	char text[2 * sizeof(mrenclave) + 1];
	uint32_t ssa_frame_pages = (uint32_t)(1 + next(seed) % 4);
	uint64_t size = 0x10000ull << next(seed) % 20;
	size_t count = next(seed) % (PAGES_MAX + 1);
	sgx_measure_create(&measurement, ssa_frame_pages, size);
	for (size_t i = 0; i < count; i++) {
		pages[i] = choose_page(seed, i * 2 * SGX_PAGE_SIZE);
		measure(&measurement, &pages[i]);
	}
	sgx_measure_final(mrenclave, &measurement);
	printf("%s %" PRIu32 " %" PRIu64, hex_encode(text, BYTES_OF(mrenclave)), ssa_frame_pages,
		size);
	for (size_t i = 0; i < count; i++)
		printf(" %" PRIu64 ":%" PRIu64 ":%u:%d", pages[i].rva, pages[i].flags,
			pages[i].fill, pages[i].measured);
	printf("\n");
}

int main(void)
{
	uint64_t seed = 20260101;
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	for (int i = 0; i < ENCLAVES; i++)
		print_enclave(&seed);
	return 0;
}
