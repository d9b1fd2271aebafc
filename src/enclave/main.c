/* What entry.S calls: one entry at a time, on this lane's stack, in an enclave that found its own
 * address. */
#include <elf.h>
#include <stddef.h>

#include "base/check.h"
#include "enclave/guest.h"
#include "enclave/measured.h"
#include "enclave/turn.h"

_Static_assert(ENTRY_REFUSED_STATE == 2 && ENTRY_FAILED == 6 && ENTRY_ASKING == 7,
	"entry.S has these numbers");
_Static_assert(offsetof(struct lane_page, stack_top) == 0x08 &&
		       offsetof(struct lane_page, asking) == 0x18 &&
		       offsetof(struct lane_page, canary) == 0x28 &&
		       offsetof(struct lane_page, host_rsp) == 0x30 &&
		       offsetof(struct lane_page, host_rbp) == 0x38 &&
		       offsetof(struct lane_page, host_return) == 0x40,
	"entry.S has these offsets");
_Static_assert(sizeof(struct entry_result) == 16, "entry.S pops two words");

const volatile struct layout enclave_layout
	__attribute__((section(".conclave.layout"), used)) = {.magic = LAYOUT_MAGIC};

/* From the linker script: R_X86_64_RELATIVE entries only; the builder refuses all others. */
extern const Elf64_Rela relocations[] __asm__("__rela_start");
extern const Elf64_Rela relocations_end[] __asm__("__rela_end");

static bool relocated;
static uint32_t turn_lock;

/* Pointers in initialised data are offsets until this has run: before it, no table of functions may
 * be used. */
static void relocate(void)
{
	size_t count = ((uintptr_t)relocations_end - (uintptr_t)relocations) / sizeof(Elf64_Rela);
	for (size_t i = 0; i < count; i++) {
		const Elf64_Rela *entry = &relocations[i];
		ASSERT(ELF64_R_TYPE(entry->r_info) == R_X86_64_RELATIVE);
		uint64_t value = (uint64_t)(uintptr_t)enclave_base + (uint64_t)entry->r_addend;
		memcpy(enclave_base + entry->r_offset, &value, sizeof(value));
	}
	relocated = true;
}

static uint8_t *this_lane(void)
{
	uint64_t index;
	__asm__("movq %%fs:0x10, %0" : "=r"(index));
	return enclave_base + LAYOUT(lane_rva) + index * LAYOUT(lane_stride);
}

bool enclave_main(struct entry_result *out, uint64_t code, uint64_t a, uint64_t b);

/* True: the turn that waits on this lane goes on, and there is no result yet.
 *
 * A second lane that comes while a turn runs, or waits for an answer, is sent away; an enclave that
 * crashed in its turn stays locked: nothing runs after a fault. */
bool enclave_main(struct entry_result *out, uint64_t code, uint64_t a, uint64_t b)
{
	uint8_t *lane = this_lane();
	struct lane_page *page = (void *)(lane + LAYOUT(lane_page));
	bool holds_lock = page->asking != 0;

	if (!holds_lock && __atomic_exchange_n(&turn_lock, 1, __ATOMIC_ACQUIRE) != 0) {
		*out = (struct entry_result){.status = ENTRY_BUSY};
		return false;
	}
	if (!relocated)
		relocate();
	page->self = (uint64_t)(uintptr_t)page; /* FS points there; its own address, by the psABI */
	guest_set_stack((uint64_t)(uintptr_t)(lane + LAYOUT(lane_stack)));
	*out = turn_enter(code, a, b);
	if (!holds_lock)
		__atomic_store_n(&turn_lock, 0, __ATOMIC_RELEASE);
	return out->status == TURN_GOES_ON;
}
