/* Included by the builder into wasm2c's output just before its first DEFINE_LOAD: replaces the
 * macros of wasm2c's prologue by ours. The code of each function stays as wasm2c wrote it.
 *
 * The guest's memory is a link-time array and its size a global of its own, so that the compiler
 * need not read either again after every store; the bounds check stays, explicit, on every access.
 * With GUEST_FUEL defined, every function and (by the builder's FUEL after each loop label) every
 * turn of a loop costs one unit, and so does every KiB that a bulk instruction works on. */
#ifndef GUEST_TUNE_H
#define GUEST_TUNE_H

#include <stdint.h>

/* A module may declare fifty thousand locals in one function: a frame that would step over the
 * guard below the stack. Touched page by page, it cannot. */
#ifndef __clang__
#pragma GCC optimize("stack-clash-protection")
#endif

#define GUEST_HIDDEN __attribute__((visibility("hidden")))

extern uint8_t guest_memory[] GUEST_HIDDEN;	/* placed by image.ld at layout.guest_rva */
extern uint64_t guest_memory_size GUEST_HIDDEN; /* bytes the guest has now */
extern uint64_t guest_stack_limit GUEST_HIDDEN; /* below it the stack is used up */
extern uint64_t guest_fuel GUEST_HIDDEN;	/* units left */
register uint64_t guest_stack_pointer __asm__("rsp");

#undef MEM_ADDR_MEMOP
#define MEM_ADDR_MEMOP(mem, addr, n) (&guest_memory[addr])

/* addr is below 2^33: the sum cannot wrap. */
#undef MEMCHECK_DEFAULT32
#define MEMCHECK_DEFAULT32(mem, addr, type)                                \
	if (UNLIKELY((addr) + (uint64_t)sizeof(type) > guest_memory_size)) \
		TRAP(OOB);

/* Forced reads only serve guard pages: here a load whose value is not used may vanish, its check
 * does not. */
#undef FORCE_READ_INT
#undef FORCE_READ_FLOAT
#define FORCE_READ_INT(value)
#define FORCE_READ_FLOAT(value)

#ifdef GUEST_FUEL
#define FUEL                                       \
	do {                                       \
		if (UNLIKELY(guest_fuel-- == 0)) { \
			guest_fuel = 0;            \
			TRAP(FUEL);                \
		}                                  \
	} while (0)
#else
#define FUEL \
	do { \
	} while (0)
#endif

/* Bulk instructions check their whole range at once, by this macro, and take time by its length. */
#ifdef GUEST_FUEL
#define FUEL_RANGE(len)                                           \
	do {                                                      \
		uint64_t cost = (uint64_t)(len) / GUEST_FUEL_RUN; \
		if (UNLIKELY(guest_fuel < cost)) {                \
			guest_fuel = 0;                           \
			TRAP(FUEL);                               \
		}                                                 \
		guest_fuel -= cost;                               \
	} while (0)
#else
#define FUEL_RANGE(len) \
	do {            \
	} while (0)
#endif

#undef RANGE_CHECK
#define RANGE_CHECK(mem, offset, len)                                          \
	do {                                                                   \
		uint64_t range_end;                                            \
		if (UNLIKELY(__builtin_add_overflow(                           \
			    (uint64_t)(offset), (uint64_t)(len), &range_end))) \
			TRAP(OOB);                                             \
		if (UNLIKELY(range_end > (mem)->size))                         \
			TRAP(OOB);                                             \
		FUEL_RANGE(len);                                               \
	} while (0);

#undef FUNC_PROLOGUE
#undef FUNC_EPILOGUE
#define FUNC_PROLOGUE                                                  \
	do {                                                           \
		if (UNLIKELY(guest_stack_pointer < guest_stack_limit)) \
			TRAP(EXHAUSTION);                              \
		FUEL;                                                  \
	} while (0)
#define FUNC_EPILOGUE \
	do {          \
	} while (0)

#endif
