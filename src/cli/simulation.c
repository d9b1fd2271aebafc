#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "cli/cli.h"
#include "machine/soft/rehearsal.h"

static const char help[] =
	"conclave simulation: rehearse what happens to real platforms.\n"
	"\n"
	"usage: conclave simulation [--state DIR]\n"
	"       conclave simulation [--state DIR] scenario NAME\n"
	"       conclave simulation [--state DIR] svn N\n"
	"\n"
	"The soft machine plays a processor and its vendor. A real vendor finds weaknesses: it\n"
	"publishes new TCB info, platforms without its update become OutOfDate, and clients that\n"
	"ask for better refuse them until their owners have updated the microcode. This is that,\n"
	"on a laptop: what clients, constraints, policies and operators do about it can be tried\n"
	"before it happens.\n"
	"\n"
	"  (nothing)      print the scenario this installation is in, and all there are\n"
	"  scenario NAME  what the vendor says from now on; a host that is running says it after\n"
	"                 its next attestation: send 'conclave serve' a SIGUSR1\n"
	"  svn N          the processor's security version, 1 to 255; a new installation has 2, "
	"and\n"
	"                 3 is the update that the scenarios of a TCB recovery want. Stop hosts\n"
	"                 first: a processor changes only while no enclave runs. An enclave has\n"
	"                 other keys afterwards\n"
	"\n"
	"options:\n"
	"  --state DIR    the soft machine's state folder (default: $CONCLAVE_STATE,\n"
	"                 $XDG_STATE_HOME/conclave or ~/.local/state/conclave)\n"
	"  --help         this page\n"
	"\n"
	"Whatever the scenario, a simulation is INSECURE: only its TCB status changes, and "
	"whether\n"
	"it is accepted at all.\n"
	"\n"
	"exit codes: 0 done; 1 it could not be done: no such scenario, or the folder cannot be\n"
	"written; 2 wrong usage.\n"
	"\n"
	"examples: a TCB recovery\n"
	"  conclave simulation scenario out-of-date   # the vendor publishes\n"
	"  pkill -USR1 conclave                       # the host attests again\n"
	"  conclave attestation http://127.0.0.1:8080 # OutOfDate, SIM-SA-00004\n"
	"  conclave simulation svn 3                  # the owner updates; then serve again\n";

static enum conclave_error show(struct soft_state *state, struct conclave_report *report)
{
	const struct simulation_scenario *current;
	TRY(rehearsal_scenario(&current, state, report));
	printf("%s\n\nsecurity version %u of %u; scenario:\n", state->folder,
		rehearsal_svn(&state->cpu), SIMULATION_SVN_MAX);
	for (size_t i = 0; i < SIMULATION_SCENARIOS; i++) {
		const struct simulation_scenario *scenario = &simulation_scenarios[i];
		printf("%s %-38s %s\n", scenario == current ? "*" : " ", scenario->name,
			scenario->summary);
	}
	return CONCLAVE_OK;
}

static int set_svn(struct soft_state *state, const char *text)
{
	struct conclave_report report = {""};
	char *end;
	unsigned long svn = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || svn < 1 || svn > UINT8_MAX)
		return cli_usage("simulation", "svn: 1 to 255, not '%s'", text);
	enum conclave_error error = rehearsal_set_svn(state, (uint8_t)svn, &report);
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("simulation", error, &report);
}

static int act(struct soft_state *state, int count, char **words)
{
	struct conclave_report report = {""};
	if (count == 2 && strcmp(words[0], "svn") == 0)
		return set_svn(state, words[1]);
	enum conclave_error error = CONCLAVE_OK;
	if (count == 0)
		error = show(state, &report);
	else if (count == 2 && strcmp(words[0], "scenario") == 0)
		error = rehearsal_set_scenario(state, words[1], &report);
	else
		return cli_usage("simulation", "scenario NAME, svn N, or nothing");
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("simulation", error, &report);
}

static int run(int argc, char **argv)
{
	enum { STATE = 256 };
	static const struct option names[] = {
		{"state", required_argument, NULL, STATE},
		{NULL, 0, NULL, 0},
	};
	struct conclave_report report = {""};
	CLEANUP(soft_state_wipe) struct soft_state state = {0};
	const char *folder = NULL;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
		switch (c) {
		case STATE: folder = optarg; break;
		case ':': return cli_usage("simulation", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("simulation", "unknown option '%s'", argv[optind - 1]);
		}
	}
	enum conclave_error error = crypto_init();
	if (error == CONCLAVE_OK)
		error = soft_state_open(&state, folder, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("simulation", error, &report);
	return act(&state, argc - optind, argv + optind);
}

const struct cli_verb cli_simulation = {
	.name = "simulation",
	.summary = "rehearse a TCB recovery on the simulated processor",
	.help = help,
	.run = run,
};
