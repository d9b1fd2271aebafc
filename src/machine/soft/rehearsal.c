#include "machine/soft/rehearsal.h"

#include "base/check.h"
#include "base/report.h"

#define FILE_NAME "collateral"

static const struct simulation_scenario *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(simulation_scenarios); i++)
		if (strcmp(simulation_scenarios[i].name, name) == 0)
			return &simulation_scenarios[i];
	return NULL;
}

enum conclave_error rehearsal_scenario(const struct simulation_scenario **out,
	const struct soft_state *state, struct conclave_report *report)
{
	char word[SOFT_WORD_SIZE];
	const struct simulation_scenario *scenario = &simulation_scenarios[0];
	enum conclave_error error = soft_state_word(word, state, FILE_NAME, report);
	if (error != CONCLAVE_ERROR_NOT_FOUND) {
		TRY(error);
		scenario = find(word);
	}
	if (scenario == NULL) {
		report_fill(report,
			"soft machine: %.500s/" FILE_NAME " holds '%s', which is no scenario; "
			"'conclave simulation' lists them",
			state->folder, word);
		return CONCLAVE_ERROR_FORMAT;
	}
	*out = scenario;
	return CONCLAVE_OK;
}

enum conclave_error rehearsal_set_scenario(
	const struct soft_state *state, const char *name, struct conclave_report *report)
{
	if (find(name) == NULL) {
		report_fill(report, "there is no scenario '%s'; 'conclave simulation' lists them",
			name);
		return CONCLAVE_ERROR_NOT_FOUND;
	}
	return soft_state_replace_word(state, FILE_NAME, name, report);
}

uint8_t rehearsal_svn(const struct sgx_cpu *cpu)
{
	uint8_t least = SIMULATION_SVN_MAX;
	for (size_t i = 0; i < sizeof(cpu->cpusvn); i++)
		if (cpu->cpusvn[i] < least)
			least = cpu->cpusvn[i];
	return least == 0 ? 1 : least;
}

enum conclave_error rehearsal_set_svn(
	struct soft_state *state, uint8_t svn, struct conclave_report *report)
{
	memset(state->cpu.cpusvn, svn, sizeof(state->cpu.cpusvn));
	return soft_state_replace(state, "cpusvn", BYTES_OF(state->cpu.cpusvn), report);
}
