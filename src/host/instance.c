#include "host/instance.h"

#include <sched.h>
#include <sys/mman.h>

#include "abi/frames.h"
#include "base/check.h"
#include "base/report.h"

/* Entries that find another lane in its turn, before that counts as hanging. */
#define BUSY_RETRIES_MAX 1000

static uint64_t tcs_rva(const struct instance *instance, uint32_t lane)
{
	const struct layout *layout = instance->layout;
	return layout->lane_rva + lane * layout->lane_stride + layout->lane_tcs;
}

static size_t arena_size(const struct instance *instance)
{
	return 2 * (size_t)instance->layout->window_size;
}

static const char *status_text(uint64_t status)
{
	switch (status) {
	case ENTRY_REFUSED_CODE: return "no such entry code";
	case ENTRY_REFUSED_STATE: return "not legal now";
	case ENTRY_REFUSED_ARENA: return "it does not accept the arena";
	case ENTRY_REFUSED_FRAME: return "it does not accept the frames";
	case ENTRY_BUSY: return "another lane is in its turn";
	case ENTRY_FAILED: return "it cannot go on: no memory, or the guest did not start";
	default: return "an unknown status";
	}
}

/* How it came out of the entry, in words; only EEXIT with OK is fine. */
static enum conclave_error judge(enum machine_exit exit, const struct machine_exception *exception,
	uint64_t status, uint32_t budget_ms, struct conclave_report *report)
{
	switch (exit) {
	case MACHINE_EXIT_FAULT:
		report_fill(report,
			"the enclave faulted: vector %u at offset 0x%llx, address 0x%llx",
			exception->vector, (unsigned long long)exception->rip,
			(unsigned long long)exception->address);
		return CONCLAVE_ERROR_CRASHED;
	case MACHINE_EXIT_INTERRUPT:
		report_fill(report, "the enclave overran its budget of %u ms", budget_ms);
		return CONCLAVE_ERROR_CRASHED;
	case MACHINE_EXIT_EEXIT: break;
	}
	if (status == ENTRY_OK)
		return CONCLAVE_OK;
	report_fill(report, "the enclave refused the entry: %s", status_text(status));
	return status == ENTRY_BUSY ? CONCLAVE_ERROR_BUSY : CONCLAVE_ERROR_CRASHED;
}

/* used: bytes of the out window; any number an enclave likes to give. */
static enum conclave_error enter(uint64_t *used, struct instance *instance, uint32_t lane,
	struct machine_registers registers, struct conclave_report *report)
{
	enum machine_exit exit;
	struct machine_exception exception = {0};
	TRY(instance->machine->ops->enter(&exit, &exception, instance->enclave,
		tcs_rva(instance, lane), &registers, instance->budget_ms));
	TRY(judge(exit, &exception, registers.rdi, instance->budget_ms, report));
	*used = registers.rsi;
	return CONCLAVE_OK;
}

static enum conclave_error start(struct instance *instance, struct conclave_report *report)
{
	uint64_t used;
	struct machine_registers registers = {
		.rdi = ENTRY_START,
		.rsi = (uintptr_t)instance->arena,
		.rdx = arena_size(instance),
	};
	return enter(&used, instance, 0, registers, report);
}

enum conclave_error instance_open(struct instance *out, const struct image *image,
	struct machine *machine, bool debug, uint32_t budget_ms, struct conclave_report *report)
{
	struct instance instance = {
		.machine = machine, .layout = image->layout, .budget_ms = budget_ms};
	TRY(image_load(&instance.enclave, machine, image, debug, report));
	instance.arena = mmap(NULL, arena_size(&instance), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (instance.arena == MAP_FAILED) {
		machine->ops->destroy(instance.enclave);
		return CONCLAVE_ERROR_MEMORY;
	}
	enum conclave_error error = start(&instance, report);
	if (error != CONCLAVE_OK) {
		instance_close(&instance);
		return error;
	}
	*out = instance;
	return CONCLAVE_OK;
}

void instance_close(struct instance *instance)
{
	if (instance->enclave == NULL)
		return;
	instance->machine->ops->destroy(instance->enclave);
	(void)munmap(instance->arena, arena_size(instance));
	*instance = (struct instance){0};
}

void instance_stop(struct instance *instance, uint32_t lane)
{
	uint64_t used;
	if (instance->enclave != NULL)
		(void)enter(
			&used, instance, lane, (struct machine_registers){.rdi = ENTRY_STOP}, NULL);
}

struct buffer instance_in_window(const struct instance *instance)
{
	return (struct buffer){instance->arena, (size_t)instance->layout->window_size};
}

enum conclave_error instance_turn(struct bytes *frames, struct instance *instance, uint32_t lane,
	size_t in_size, struct conclave_report *report)
{
	struct machine_registers registers = {.rdi = ENTRY_TURN, .rsi = in_size};
	enum conclave_error error = CONCLAVE_ERROR_BUSY;
	uint64_t used = 0;
	for (int i = 0; i < BUSY_RETRIES_MAX && error == CONCLAVE_ERROR_BUSY; i++) {
		if (i > 0)
			(void)sched_yield();
		error = enter(&used, instance, lane, registers, report);
	}
	if (error != CONCLAVE_OK)
		return CONCLAVE_ERROR_CRASHED;
	if (used > instance->layout->window_size) {
		report_fill(report, "the enclave says it wrote %llu bytes into a window of %llu",
			(unsigned long long)used,
			(unsigned long long)instance->layout->window_size);
		return CONCLAVE_ERROR_CRASHED;
	}
	*frames = bytes_of(instance->arena + instance->layout->window_size, (size_t)used);
	return CONCLAVE_OK;
}
