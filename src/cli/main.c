/* conclave(1). One row per verb; each verb is a file of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/cli.h"

static const struct cli_verb *const verbs[] = {
	&cli_init,
	&cli_build,
	&cli_inspect,
	&cli_run,
	&cli_serve,
	&cli_attestation,
	&cli_verify,
	&cli_keygen,
	&cli_mail,
	&cli_simulation,
};

static const char intro[] =
	"conclave: compute on data that nobody may see, not even the owner of the machine.\n"
	"\n"
	"usage: conclave VERB [OPTION]... [ARGUMENT]...\n"
	"       conclave help [VERB]\n"
	"       conclave --version\n"
	"\n";

static const char outro[] =
	"\n"
	"'conclave VERB --help' explains a verb, with examples. Exit codes: 0 done; 1 it could "
	"not\n"
	"be done, standard error says why; 2 the command line is wrong; 3 refused: an "
	"attestation,\n"
	"a constraint or an enclave said no; 4 done, but something is left for you to judge.\n";

static void print_overview(FILE *to)
{
	fputs(intro, to);
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		fprintf(to, "  %-12s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs(outro, to);
}

static const struct cli_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	fprintf(stderr, "conclave: there is no verb '%s'\nTry 'conclave --help'.\n", name);
	return CLI_USAGE;
}

/* Everywhere before a lone "--". */
static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		print_overview(stdout);
		return CLI_OK;
	}
	const struct cli_verb *verb = find_verb(argv[1]);
	if (verb == NULL)
		return unknown_verb(argv[1]);
	fputs(verb->help, stdout);
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_overview(stderr);
		return CLI_USAGE;
	}
	const char *name = argv[1];
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0) {
		puts("conclave " CONCLAVE_VERSION);
		return CLI_OK;
	}
	const struct cli_verb *verb = find_verb(name);
	if (verb == NULL)
		return unknown_verb(name);
	if (asks_help(argc - 1, argv + 1)) {
		fputs(verb->help, stdout);
		return CLI_OK;
	}
	return verb->run(argc - 1, argv + 1);
}

/* Else a file of ours would take the number of a standard stream that the caller has closed: the
 * key file would be sent as the body of a mail. Opened the wrong way round, so that using it still
 * fails. */
static void reserve_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A result that did not reach its reader (a full disk, a closed pipe) is a failure too. */
int main(int argc, char **argv)
{
	reserve_standard_streams();
	int exit_code = run(argc, argv);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return exit_code;
	fputs("conclave: standard output cannot be written\n", stderr);
	return exit_code == CLI_OK ? CLI_FAILED : exit_code;
}
