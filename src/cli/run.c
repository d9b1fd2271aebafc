#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/hosting.h"

static const char help[] =
	"conclave run: load an image, ask its guest one thing, print what it answers.\n"
	"\n"
	"usage: conclave run [OPTION]... IMAGE\n"
	"\n"
	"For development: the enclave runs on this machine's soft machine, keeps nothing, and is\n"
	"gone when this ends. Bytes from standard input go to the guest's conclave_on_call, and\n"
	"what it answers goes to standard output. What it prints goes to standard error.\n"
	"\n"
	"options:\n"
	"      --text TEXT      send TEXT instead of standard input\n"
	"      --budget-ms N    interrupt an enclave that is inside longer than N milliseconds\n"
	"                       (default 10000; 0: never)\n"
	"      --no-debug       without the DEBUG attribute: no console, and the only way for an\n"
	"                       image that is signed for release\n"
	"      --state DIR      where the soft machine keeps its keys (default: $CONCLAVE_STATE,\n"
	"                       else ~/.local/state/conclave)\n"
	"      --help           this page\n"
	"\n"
	"exit codes: 0 it answered; 1 it could not be loaded, or crashed; 2 wrong usage; 3 the\n"
	"guest failed or answers no calls, or the image may not run so.\n"
	"\n"
	"example:\n"
	"  echo hello | conclave run build/my-enclave.enclave\n";

struct options {
	struct hosting_options hosting;
	const char *text;
};

static void free_bytes(uint8_t **ptr)
{
	free(*ptr);
}

static enum conclave_error input_read(uint8_t **out, size_t *size, const struct options *options,
	size_t size_max, struct conclave_report *report)
{
	if (options->text == NULL)
		return cli_read_file(out, size, "-", size_max, report);
	size_t length = strlen(options->text);
	uint8_t *copy = malloc(length + 1);
	if (copy == NULL)
		return CONCLAVE_ERROR_MEMORY;
	memcpy(copy, options->text, length);
	*out = copy;
	*size = length;
	return CONCLAVE_OK;
}

static void console(void *context, struct bytes text)
{
	(void)context;
	(void)fwrite(text.ptr, 1, text.len, stderr);
}

static enum conclave_error call(const struct options *options, struct conclave_report *report)
{
	CLEANUP(hosting_close) struct hosting hosting = {0};
	CLEANUP(free_bytes) uint8_t *input = NULL, *output = NULL;
	size_t input_size = 0;
	TRY(hosting_open(&hosting, &options->hosting, report));
	struct host_facts facts;
	host_facts(&facts, hosting.host);
	TRY(input_read(&input, &input_size, options, facts.mail_size_max, report));
	output = malloc(facts.mail_size_max);
	if (output == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer answer = writer_of((struct buffer){output, facts.mail_size_max});
	enum conclave_error error = host_call(&answer, hosting.host, bytes_of(input, input_size));
	if (error == CONCLAVE_ERROR_REFUSED)
		report_fill(report, "the guest failed, or it answers no calls");
	if (error == CONCLAVE_ERROR_CRASHED)
		report_fill(report,
			"the enclave crashed, or was not done within %" PRIu32
			" ms (--budget-ms; \"fuel\" in enclave.json ends a guest before that)",
			options->hosting.host.budget_ms);
	if (error == CONCLAVE_OK)
		(void)fwrite(answer.ptr, 1, answer.len, stdout);
	return error;
}

static int run(int argc, char **argv)
{
	enum { TEXT = 256, BUDGET, NO_DEBUG, STATE };
	static const struct option names[] = {
		{"text", required_argument, NULL, TEXT},
		{"budget-ms", required_argument, NULL, BUDGET},
		{"no-debug", no_argument, NULL, NO_DEBUG},
		{"state", required_argument, NULL, STATE},
		{NULL, 0, NULL, 0},
	};
	struct conclave_report report = {""};
	struct options options = {.hosting = {.store = ":memory:",
					  .host = {.debug = true,
						  .budget_ms = HOSTING_BUDGET_MS,
						  .console = console}}};
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
		switch (c) {
		case TEXT: options.text = optarg; break;
		case BUDGET:
			if (!hosting_number(&options.hosting.host.budget_ms, optarg))
				return cli_usage("run", "--budget-ms needs a number");
			break;
		case NO_DEBUG: options.hosting.host.debug = false; break;
		case STATE: options.hosting.state = optarg; break;
		case ':': return cli_usage("run", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("run", "unknown option '%s'", argv[optind - 1]);
		}
	}
	if (optind + 1 != argc)
		return cli_usage("run", "exactly one IMAGE is needed");
	options.hosting.image = argv[optind];
	enum conclave_error error = call(&options, &report);
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("run", error, &report);
}

const struct cli_verb cli_run = {
	.name = "run",
	.summary = "load an image and ask its guest one thing, for development",
	.help = help,
	.run = run,
};
