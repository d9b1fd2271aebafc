/* What runs while FS may still be the enclave's: no thread-local storage, no stack protector, no
 * sanitizer, no call to anything that might use one. CMakeLists.txt builds this file so. */
#include <ucontext.h>

#include "machine/soft/soft.h"

#define RANGES_MAX 256

/* Where enclaves lie: read in signal handlers and by tools/gdb, so without locks. An entry is free
 * when its size is zero; base is written before size, and size cleared first. */
struct soft_enclave_range {
	_Atomic uint64_t base, size;
};
struct soft_enclave_range soft_ranges[RANGES_MAX];
static atomic_size_t ranges_used; /* no entry from here on was ever taken */
uint8_t soft_has_fsgsbase;

enum conclave_error soft_register_range(uint64_t base, uint64_t size)
{
	for (size_t i = 0; i < RANGES_MAX; i++) {
		uint64_t free_base = 0;
		if (atomic_compare_exchange_strong(&soft_ranges[i].base, &free_base, base)) {
			size_t used = atomic_load(&ranges_used);
			while (used <= i &&
				!atomic_compare_exchange_weak(&ranges_used, &used, i + 1))
				;
			atomic_store(&soft_ranges[i].size, size);
			return CONCLAVE_OK;
		}
	}
	return CONCLAVE_ERROR_MEMORY; /* of ours: the table is full */
}

void soft_unregister_range(uint64_t base)
{
	for (size_t i = 0; i < RANGES_MAX; i++)
		if (atomic_load(&soft_ranges[i].base) == base) {
			atomic_store(&soft_ranges[i].size, 0);
			atomic_store(&soft_ranges[i].base, 0);
		}
}

static bool is_inside(uint64_t rip)
{
	size_t used = atomic_load_explicit(&ranges_used, memory_order_relaxed);
	for (size_t i = 0; i < used; i++)
		if (rip - atomic_load_explicit(&soft_ranges[i].base, memory_order_relaxed) <
			atomic_load_explicit(&soft_ranges[i].size, memory_order_relaxed))
			return true;
	return false;
}

static bool is_in_window(uint64_t rip)
{
	return rip - (uintptr_t)soft_window_begin <
	       (uintptr_t)(soft_window_end - soft_window_begin);
}

/* Whose signal is it? The context of the TCS that was inside, or SOFT_EARLY_*. Called by entry.S.
 */
uintptr_t soft_early(int signal, const siginfo_t *info, const ucontext_t *interrupted);
uintptr_t soft_early(int signal, const siginfo_t *info, const ucontext_t *interrupted)
{
	(void)signal;
	uint64_t rip = (uint64_t)interrupted->uc_mcontext.gregs[REG_RIP];
	if (is_inside(rip)) {
		/* Only soft_switch goes inside, after it made this the signal stack; its base says
		 * whose it is. */
		uintptr_t here = (uintptr_t)__builtin_frame_address(0);
		return *(uintptr_t *)(here & ~(uintptr_t)(SOFT_SIGNAL_STACK_SIZE - 1));
	}
	if (!is_in_window(rip))
		return SOFT_EARLY_FOREIGN;
	/* Half way in. The budget's signal comes again, and what others send must not be handled on
	 * the enclave's bases. A CPU exception here would be a defect of ours, and going back would
	 * repeat it for ever. */
	if (info->si_code > 0)
		__builtin_trap();
	return SOFT_EARLY_IGNORE;
}
