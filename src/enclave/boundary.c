#include "enclave/boundary.h"

#include "abi/layout.h"
#include "base/check.h"
#include "enclave/measured.h"

#define USER_SPACE_END (1ull << 47) /* an address above is not canonical, or the kernel's */

static bool wholly_outside(struct untrusted memory, uintptr_t base, size_t size)
{
	/* Neither sum wraps: all four are below 2^47. */
	return memory.addr + memory.len <= base || memory.addr >= base + size;
}

enum conclave_error arena_accept(struct arena *out, struct untrusted memory)
{
	const size_t window = LAYOUT(window_size);

	if (memory.len != 2 * window || memory.addr == 0 || memory.addr % LAYOUT_PAGE != 0)
		return CONCLAVE_ERROR_ARGUMENT;
	if (memory.addr >= USER_SPACE_END || memory.len > USER_SPACE_END - memory.addr)
		return CONCLAVE_ERROR_ARGUMENT;
	if (!wholly_outside(memory, (uintptr_t)enclave_base, LAYOUT(enclave_size)))
		return CONCLAVE_ERROR_ARGUMENT;
	out->in = (struct untrusted){memory.addr, window};
	out->out = (struct untrusted){memory.addr + window, window};
	return CONCLAVE_OK;
}

/* Aligned words of eight bytes, both ways: other accesses to memory outside may expose stale data
 * of the core's buffers (Intel SA-00615, INTEL-SA-00657). Volatile: exactly one access each, so
 * that what was validated is what is used. */

void arena_read(uint8_t *to, const struct arena *arena, size_t len)
{
	const volatile uint64_t *from = (const volatile uint64_t *)arena->in.addr;
	ASSERT(len <= arena->in.len && len % 8 == 0);
	for (size_t i = 0; i < len / 8; i++) {
		uint64_t word = from[i];
		memcpy(to + 8 * i, &word, 8);
	}
}

void arena_write(const struct arena *arena, struct bytes from)
{
	volatile uint64_t *to = (volatile uint64_t *)arena->out.addr;
	ASSERT(from.len <= arena->out.len && from.len % 8 == 0);
	for (size_t i = 0; i < from.len / 8; i++) {
		uint64_t word;
		memcpy(&word, from.ptr + 8 * i, 8);
		to[i] = word;
	}
}
