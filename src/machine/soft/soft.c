#include "machine/soft/soft.h"

#include <stdlib.h>
#include <sys/auxv.h>

#include "base/report.h"
#include "machine/soft/quote.h"

#define HWCAP2_FSGSBASE 2u

static enum conclave_error quote_target(struct sgx_targetinfo *out, struct machine *machine)
{
	(void)machine;
	soft_quote_target(out);
	return CONCLAVE_OK;
}

static enum conclave_error quote(
	struct writer *out, struct machine *machine, const struct sgx_report *report)
{
	return soft_quote(out, &((const struct soft_machine *)machine)->state, report);
}

static void close_machine(struct machine *machine)
{
	struct soft_machine *soft = (struct soft_machine *)machine;
	if (soft == NULL)
		return;
	ASSERT(atomic_load(&soft->enclaves) == 0);
	soft_state_wipe(&soft->state);
	free(soft);
}

static const struct machine_ops ops = {
	.name = "soft",
	.create = soft_create,
	.add = soft_add,
	.init = soft_init,
	.enter = soft_enter,
	.resume = soft_resume,
	.destroy = soft_destroy,
	.range = soft_range,
	.quote_target = quote_target,
	.quote = quote,
	.close = close_machine,
};

enum conclave_error machine_open_soft(
	struct machine **out, const char *state_folder, struct conclave_report *report)
{
	TRY(crypto_init());
	soft_has_fsgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
	if (soft_take_signals() != CONCLAVE_OK) {
		report_fill(report, "soft machine: no real-time signal is free to interrupt with");
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	struct soft_machine *soft = calloc(1, sizeof(*soft));
	if (soft == NULL)
		return CONCLAVE_ERROR_MEMORY;
	soft->machine.ops = &ops;
	enum conclave_error error = soft_state_open(&soft->state, state_folder, report);
	if (error != CONCLAVE_OK) {
		free(soft);
		return error;
	}
	*out = &soft->machine;
	return CONCLAVE_OK;
}

enum conclave_error soft_set_cpusvn(
	struct machine *machine, const uint8_t cpusvn[16], struct conclave_report *report)
{
	struct soft_machine *soft = (struct soft_machine *)machine;
	if (atomic_load(&soft->enclaves) != 0)
		return CONCLAVE_ERROR_BUSY;
	TRY(soft_state_replace(&soft->state, "cpusvn", bytes_of(cpusvn, 16), report));
	memcpy(soft->state.cpu.cpusvn, cpusvn, 16);
	return CONCLAVE_OK;
}
