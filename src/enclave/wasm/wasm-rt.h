/* The runtime that wasm2c's C code expects, in our terms: a replacement for wabt's header of this
 * name (wabt 1.0.39). One linear memory, which is the static array `guest_memory`; explicit checks;
 * no signals, no allocation. */
#ifndef WASM_RT_H_
#define WASM_RT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WABT_BIG_ENDIAN 0
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
#define WASM_RT_STACK_DEPTH_COUNT 0
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
#define WASM_RT_NO_THREADS 1

#define GUEST_FUEL_RUN 1024 /* bytes, or elements of a table, for one unit of fuel */

#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define wasm_rt_memcpy(to, from, n) __builtin_memcpy(to, from, n)
#define wasm_rt_unreachable __builtin_unreachable

/* The words that follow WASM_RT_TRAP_ in generated code. */
typedef enum {
	WASM_RT_TRAP_NONE,
	WASM_RT_TRAP_OOB,
	WASM_RT_TRAP_INT_OVERFLOW,
	WASM_RT_TRAP_DIV_BY_ZERO,
	WASM_RT_TRAP_INVALID_CONVERSION,
	WASM_RT_TRAP_UNREACHABLE,
	WASM_RT_TRAP_CALL_INDIRECT,
	WASM_RT_TRAP_NULL_REF,
	WASM_RT_TRAP_UNCAUGHT_EXCEPTION,
	WASM_RT_TRAP_UNALIGNED,
	WASM_RT_TRAP_EXHAUSTION,
	WASM_RT_TRAP_FUEL,
} wasm_rt_trap_t;

typedef enum {
	WASM_RT_I32,
	WASM_RT_I64,
	WASM_RT_F32,
	WASM_RT_F64,
	WASM_RT_V128,
	WASM_RT_FUNCREF,
	WASM_RT_EXTERNREF,
	WASM_RT_EXNREF,
} wasm_rt_type_t;

typedef void (*wasm_rt_function_ptr_t)(void);
typedef struct {
	void (*fn)(void **instance_ptr, void *tail_call_stack, void *next);
} wasm_rt_tailcallee_t;
typedef const char *wasm_rt_func_type_t;

typedef struct {
	wasm_rt_func_type_t func_type;
	wasm_rt_function_ptr_t func;
	wasm_rt_tailcallee_t func_tailcallee;
	void *module_instance;
} wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;

#define wasm_rt_funcref_null_value ((wasm_rt_funcref_t){NULL, NULL, {NULL}, NULL})
#define wasm_rt_externref_null_value ((wasm_rt_externref_t){NULL})

typedef struct {
	uint8_t *data; /* guest_memory */
	uint32_t page_size;
	uint64_t pages, max_pages, size; /* size is also in guest_memory_size */
	bool is64;
} wasm_rt_memory_t;

typedef struct {
	wasm_rt_funcref_t *data;
	uint32_t max_size, size;
} wasm_rt_funcref_table_t;
typedef struct {
	wasm_rt_externref_t *data;
	uint32_t max_size, size;
} wasm_rt_externref_table_t;

/* All of these are in src/enclave/guest.c. */
_Noreturn void wasm_rt_trap(wasm_rt_trap_t reason);
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
	bool is64, uint32_t page_size);
/* The old size in pages, or all ones. */
uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages);
void wasm_rt_free_memory(wasm_rt_memory_t *memory);
void wasm_rt_allocate_funcref_table(
	wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements);
uint32_t wasm_rt_grow_funcref_table(
	wasm_rt_funcref_table_t *table, uint32_t delta, wasm_rt_funcref_t init);
void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table);

static inline bool wasm_rt_is_initialized(void)
{
	return true;
}

#endif
