#include "host/instance.h"

#include <sched.h>
#include <sys/mman.h>

#include "abi/frames.h"
#include "base/check.h"
#include "base/report.h"
#include "host/frame.h"

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

/* How it came out of the entry, in words; only EEXIT with OK or a question is fine. */
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
	if (status == ENTRY_OK || status == ENTRY_ASKING)
		return CONCLAVE_OK;
	report_fill(report, "the enclave refused the entry: %s", status_text(status));
	return status == ENTRY_BUSY ? CONCLAVE_ERROR_BUSY : CONCLAVE_ERROR_CRASHED;
}

void instance_console_read(const struct instance_console *console, struct bytes frames)
{
	struct reader reader = reader_of(frames);
	struct frame frame;
	while (reader.rest.len > 0 && frame_read(&frame, &reader) == CONCLAVE_OK &&
		frame.type == FRAME_CONSOLE)
		if (console->text != NULL)
			console->text(console->context, frame.payload);
}

/* What the enclave says it left; used is any number it likes to give. */
static enum conclave_error out_window(struct bytes *frames, const struct instance *instance,
	uint64_t used, struct conclave_report *report)
{
	uint64_t window_size = instance->layout->window_size;
	if (used > window_size) {
		report_fill(report, "the enclave says it wrote %llu bytes into a window of %llu",
			(unsigned long long)used, (unsigned long long)window_size);
		return CONCLAVE_ERROR_CRASHED;
	}
	*frames = bytes_of(instance->arena + window_size, (size_t)used);
	return CONCLAVE_OK;
}

/* A failed entry may have left words of the guest that explain it. */
static enum conclave_error enter(struct instance_answer *out, struct instance *instance,
	uint32_t lane, struct machine_registers registers, uint32_t budget_ms,
	struct conclave_report *report)
{
	enum machine_exit exit;
	struct machine_exception exception = {0};
	struct bytes left = {0};
	TRY(instance->machine->ops->enter(&exit, &exception, instance->enclave,
		tcs_rva(instance, lane), &registers, budget_ms));
	if (exit == MACHINE_EXIT_EEXIT)
		TRY(out_window(&left, instance, registers.rsi, report));
	enum conclave_error error = judge(exit, &exception, registers.rdi, budget_ms, report);
	if (error != CONCLAVE_OK)
		instance_console_read(&instance->console, left);
	else
		*out = (struct instance_answer){left, registers.rdi == ENTRY_ASKING};
	return error;
}

static enum conclave_error start(struct instance *instance, struct conclave_report *report)
{
	struct instance_answer answer;
	struct machine_registers registers = {
		.rdi = ENTRY_START,
		.rsi = (uintptr_t)instance->arena,
		.rdx = arena_size(instance),
	};
	TRY(enter(&answer, instance, 0, registers, instance->budget_ms, report));
	instance_console_read(&instance->console, answer.frames);
	return CONCLAVE_OK;
}

enum conclave_error instance_open(struct instance *out, const struct image *image,
	struct machine *machine, bool debug, uint32_t budget_ms, struct instance_console console,
	struct conclave_report *report)
{
	struct instance instance = {.machine = machine,
		.layout = image->layout,
		.budget_ms = budget_ms,
		.console = console};
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
	struct instance_answer answer;
	struct machine_registers registers = {.rdi = ENTRY_STOP};
	if (instance->enclave != NULL &&
		enter(&answer, instance, lane, registers, instance->budget_ms, NULL) == CONCLAVE_OK)
		instance_console_read(&instance->console, answer.frames);
}

struct buffer instance_in_window(const struct instance *instance)
{
	return (struct buffer){instance->arena, (size_t)instance->layout->window_size};
}

/* Each request has the whole budget: strangers choose how many come together, and many that are
 * each within it must not look like one that hangs. */
static uint32_t turn_budget_ms(const struct instance *instance, size_t requests)
{
	uint64_t budget_ms = (uint64_t)instance->budget_ms * (requests > 0 ? requests : 1);
	return budget_ms < UINT32_MAX ? (uint32_t)budget_ms : UINT32_MAX;
}

enum conclave_error instance_turn(struct instance_answer *out, struct instance *instance,
	uint32_t lane, size_t in_size, size_t requests, struct conclave_report *report)
{
	struct machine_registers registers = {.rdi = ENTRY_TURN, .rsi = in_size};
	enum conclave_error error = CONCLAVE_ERROR_BUSY;
	for (int i = 0; i < BUSY_RETRIES_MAX && error == CONCLAVE_ERROR_BUSY; i++) {
		if (i > 0)
			(void)sched_yield();
		error = enter(
			out, instance, lane, registers, turn_budget_ms(instance, requests), report);
	}
	return error == CONCLAVE_OK ? CONCLAVE_OK : CONCLAVE_ERROR_CRASHED;
}

/* The lane that asked is the turn's: if it says BUSY, that is a lie. */
enum conclave_error instance_answer(struct instance_answer *out, struct instance *instance,
	uint32_t lane, size_t in_size, struct conclave_report *report)
{
	struct machine_registers registers = {.rdi = ENTRY_ANSWER, .rsi = in_size};
	enum conclave_error error =
		enter(out, instance, lane, registers, instance->budget_ms, report);
	return error == CONCLAVE_OK ? CONCLAVE_OK : CONCLAVE_ERROR_CRASHED;
}
