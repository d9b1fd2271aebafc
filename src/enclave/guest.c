#include "enclave/guest.h"

#include "base/check.h"
#include "base/ct.h"
#include "enclave/files.h"
#include "enclave/guest_glue.h"
#include "enclave/measured.h"
#include "enclave/wasm/wasm-rt.h"

#define WASM_PAGE 0x10000u
/* Left for the deepest import (sealing a mail) and the largest frame of a guest's function. */
#define STACK_RESERVE 0x6000u

/* protect.S */
uint32_t guest_protect(void (*function)(void *), void *argument);
_Noreturn void guest_unwind(uint32_t reason);

/* Read by the guest's own code: wasm/guest_tune.h. */
extern uint8_t guest_memory[];
uint64_t guest_memory_size;
uint64_t guest_stack_limit;
uint64_t guest_fuel;

static uint64_t table_used; /* elements */
static struct files files;

struct files *guest_files(void)
{
	return &files;
}

/* -- what imports use -- */

_Noreturn void guest_trap(enum guest_trap reason)
{
	guest_unwind(reason);
}

void guest_pay(uint64_t cost)
{
	if (config()->fuel == 0)
		return;
	if (guest_fuel < cost) {
		guest_fuel = 0;
		guest_trap(GUEST_TRAP_FUEL);
	}
	guest_fuel -= cost;
}

void guest_check(uint32_t offset, uint32_t size)
{
	if (offset > guest_memory_size || size > guest_memory_size - offset)
		guest_trap(GUEST_TRAP_MEMORY);
}

uint8_t *guest_range(uint32_t offset, uint32_t size)
{
	guest_check(offset, size);
	guest_pay(1 + size / GUEST_FUEL_RUN);
	return guest_memory + offset;
}

struct bytes guest_bytes(uint32_t offset, uint32_t size)
{
	return bytes_of(guest_range(offset, size), size);
}

uint32_t guest_load_u32(uint32_t offset)
{
	return load_u32le(guest_range(offset, 4));
}

void guest_store_u8(uint32_t offset, uint8_t value)
{
	*guest_range(offset, 1) = value;
}

void guest_store_u32(uint32_t offset, uint32_t value)
{
	store_u32le(guest_range(offset, 4), value);
}

void guest_store_u64(uint32_t offset, uint64_t value)
{
	store_u64le(guest_range(offset, 8), value);
}

/* -- what wasm2c's code calls -- */

_Noreturn void wasm_rt_trap(wasm_rt_trap_t reason)
{
	static const uint8_t ours[] = {
		[WASM_RT_TRAP_NONE] = GUEST_TRAP_UNREACHABLE,
		[WASM_RT_TRAP_OOB] = GUEST_TRAP_MEMORY,
		[WASM_RT_TRAP_INT_OVERFLOW] = GUEST_TRAP_ARITHMETIC,
		[WASM_RT_TRAP_DIV_BY_ZERO] = GUEST_TRAP_ARITHMETIC,
		[WASM_RT_TRAP_INVALID_CONVERSION] = GUEST_TRAP_ARITHMETIC,
		[WASM_RT_TRAP_UNREACHABLE] = GUEST_TRAP_UNREACHABLE,
		[WASM_RT_TRAP_CALL_INDIRECT] = GUEST_TRAP_CALL,
		[WASM_RT_TRAP_NULL_REF] = GUEST_TRAP_CALL,
		[WASM_RT_TRAP_UNCAUGHT_EXCEPTION] = GUEST_TRAP_UNREACHABLE,
		[WASM_RT_TRAP_UNALIGNED] = GUEST_TRAP_MEMORY,
		[WASM_RT_TRAP_EXHAUSTION] = GUEST_TRAP_STACK,
		[WASM_RT_TRAP_FUEL] = GUEST_TRAP_FUEL,
	};
	ASSERT((size_t)reason < ARRAY_COUNT(ours));
	guest_trap((enum guest_trap)ours[reason]);
}

/* As many pages as the module, the configuration and the layout all allow. */
static uint64_t pages_allowed(const wasm_rt_memory_t *memory)
{
	uint64_t most = LAYOUT(guest_size) / WASM_PAGE;
	if (most > config()->heap_pages)
		most = config()->heap_pages;
	return most < memory->max_pages ? most : memory->max_pages;
}

/* New pages are zero, as WebAssembly promises: what lies in them is unmeasured, or an earlier
 * instance's. */
static void set_pages(wasm_rt_memory_t *memory, uint64_t pages)
{
	memset(guest_memory + memory->size, 0, pages * WASM_PAGE - memory->size);
	memory->pages = pages;
	memory->size = pages * WASM_PAGE;
	guest_memory_size = memory->size;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
	bool is64, uint32_t page_size)
{
	*memory = (wasm_rt_memory_t){
		.data = guest_memory, .max_pages = max_pages, .page_size = page_size};
	guest_memory_size = 0;
	if (is64 || page_size != WASM_PAGE || initial_pages > pages_allowed(memory))
		guest_trap(GUEST_TRAP_MEMORY);
	set_pages(memory, initial_pages);
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages)
{
	uint64_t before = memory->pages;
	if (pages > pages_allowed(memory) - before)
		return UINT32_MAX;
	set_pages(memory, before + pages);
	return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory)
{
	*memory = (wasm_rt_memory_t){0};
}

void wasm_rt_allocate_funcref_table(
	wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements)
{
	if (elements > guest_glue.table_elements - table_used)
		guest_trap(GUEST_TRAP_CALL);
	table->data = (wasm_rt_funcref_t *)guest_glue.tables + table_used;
	table->size = elements;
	table->max_size = max_elements;
	memset(table->data, 0, elements * sizeof(wasm_rt_funcref_t));
	table_used += elements;
}

/* The builder gives tables the room they start with: none ever grows. */
uint32_t wasm_rt_grow_funcref_table(
	wasm_rt_funcref_table_t *table, uint32_t delta, wasm_rt_funcref_t init)
{
	(void)init;
	return delta == 0 ? table->size : UINT32_MAX;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table)
{
	*table = (wasm_rt_funcref_table_t){0};
}

/* -- the guest's life -- */

static struct bytes words(enum guest_trap trap)
{
	switch (trap) {
	case GUEST_TRAP_NONE: break;
	case GUEST_TRAP_MEMORY: return BYTES_LIT("memory access out of bounds");
	case GUEST_TRAP_ARITHMETIC: return BYTES_LIT("division by zero or overflow");
	case GUEST_TRAP_UNREACHABLE: return BYTES_LIT("unreachable code");
	case GUEST_TRAP_CALL: return BYTES_LIT("bad indirect call");
	case GUEST_TRAP_STACK: return BYTES_LIT("stack exhausted");
	case GUEST_TRAP_FUEL: return BYTES_LIT("out of fuel");
	case GUEST_TRAP_EXIT: return BYTES_LIT("it called exit");
	case GUEST_TRAP_RANDOM: return BYTES_LIT("no randomness");
	case GUEST_TRAP_UNREADABLE: return BYTES_LIT("the rest of the mail is not authentic");
	}
	return BYTES_LIT("unknown reason");
}

void guest_refuel(void)
{
	guest_fuel = config()->fuel;
}

static enum guest_trap run(void (*function)(void *), void *argument)
{
	guest_refuel();
	enum guest_trap trap = (enum guest_trap)guest_protect(function, argument);
	if (trap != GUEST_TRAP_NONE) {
		console_write(BYTES_LIT("enclave: the guest was stopped: "));
		console_write(words(trap));
		console_write(BYTES_LIT("\n"));
	}
	return trap;
}

static void make_instance(void *unused)
{
	(void)unused;
	guest_glue.instantiate();
	if (guest_glue.initialize != NULL)
		guest_glue.initialize();
}

enum conclave_error guest_init(void)
{
	return files_init(&files, heap_part(HEAP_FILES));
}

void guest_set_stack(uint64_t lowest)
{
	guest_stack_limit = lowest + STACK_RESERVE;
}

enum conclave_error guest_start(void)
{
	table_used = 0;
	wasi_reset();
	enum guest_trap trap = run(make_instance, NULL);
	struct guest_result started = {.trap = trap};
	if (trap == GUEST_TRAP_NONE)
		started = guest_call(GUEST_ON_START);

	if (started.trap == GUEST_TRAP_NONE && started.value == 0) {
		files_commit(&files);
		return CONCLAVE_OK;
	}
	files_rollback(&files);
	return started.trap == GUEST_TRAP_RANDOM ? CONCLAVE_ERROR_RANDOM : CONCLAVE_ERROR_REFUSED;
}

static uint32_t stop(void)
{
	guest_glue.on_stop();
	return 0;
}

struct export_call {
	uint32_t (*function)(void);
	uint32_t value;
};

static void call_export(void *argument)
{
	struct export_call *call = argument;
	call->value = call->function();
}

struct guest_result guest_call(enum guest_export which)
{
	uint32_t (*const exports[])(void) = {
		[GUEST_ON_START] = guest_glue.on_start,
		[GUEST_ON_MAIL] =
			guest_glue.on_mail != NULL ? guest_glue.on_mail : guest_glue.on_mail_stream,
		[GUEST_ON_MAIL_STREAM] = guest_glue.on_mail_stream,
		[GUEST_ON_CALL] = guest_glue.on_call,
		[GUEST_ON_STOP] = guest_glue.on_stop == NULL ? NULL : stop,
	};
	struct export_call call = {.function = exports[which]};

	if (call.function == NULL)
		return (struct guest_result){.exists = false};
	enum guest_trap trap = run(call_export, &call);
	return (struct guest_result){
		.trap = trap,
		.value = trap == GUEST_TRAP_NONE ? call.value : 0,
		.exists = true,
	};
}

void guest_wipe(void)
{
	wipe(guest_memory, guest_memory_size);
}
