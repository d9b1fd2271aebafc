#include "sgx/sgx.h"

/* Every instruction that measures feeds SHA-256 one 64-byte block: an eight-letter tag, then its
 * operands (SDM 3D, ECREATE, EADD and EEXTEND, "Operation"). */
#define BLOCK_SIZE 64
#define EXTEND_SIZE 256

static void update_block(
	struct sgx_measurement *measurement, const char tag[8], uint64_t first, uint64_t second)
{
	uint8_t block[BLOCK_SIZE] = {0};
	memcpy(block, tag, 8);
	store_u64le(block + 8, first);
	store_u64le(block + 16, second);
	sha256_update(&measurement->state, BYTES_OF(block));
}

void sgx_measure_create(
	struct sgx_measurement *measurement, uint32_t ssa_frame_pages, uint64_t enclave_size)
{
	/* SSAFRAMESIZE is four bytes and SIZE follows it unaligned, so the two do not fit
	 * update_block's words. */
	uint8_t block[BLOCK_SIZE] = "ECREATE";
	store_u32le(block + 8, ssa_frame_pages);
	store_u64le(block + 12, enclave_size);
	sha256_init(&measurement->state);
	sha256_update(&measurement->state, BYTES_OF(block));
}

/* The block holds the first 48 bytes of SECINFO: its flags, then zeros. */
void sgx_measure_add(struct sgx_measurement *measurement, uint64_t rva, uint64_t flags)
{
	update_block(measurement, "EADD\0\0\0", rva, flags);
}

void sgx_measure_extend(
	struct sgx_measurement *measurement, uint64_t rva, const uint8_t page[SGX_PAGE_SIZE])
{
	for (uint32_t offset = 0; offset < SGX_PAGE_SIZE; offset += EXTEND_SIZE) {
		update_block(measurement, "EEXTEND", rva + offset, 0);
		sha256_update(&measurement->state, bytes_of(page + offset, EXTEND_SIZE));
	}
}

void sgx_measure_final(uint8_t mrenclave[32], struct sgx_measurement *measurement)
{
	struct sha256 digest;
	sha256_final(&digest, &measurement->state);
	memcpy(mrenclave, digest.bytes, sizeof(digest.bytes));
}
