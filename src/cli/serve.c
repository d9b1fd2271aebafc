#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/hosting.h"
#include "image/config.h"
#include "server/server.h"
#include "os/file.h"

static const char help[] =
	"conclave serve: host an enclave for clients over HTTP.\n"
	"\n"
	"usage: conclave serve [OPTION]... IMAGE\n"
	"\n"
	"Loads the image on this machine's soft machine and answers GET /attestation, POST\n"
	"/deliver-mail, POST /poll-mail and GET /health. Mail that was accepted and replies that\n"
	"were not fetched are kept in the data folder, and survive a crash or a restart. One host\n"
	"at a time uses a data folder, and a data folder serves the enclaves of one signer and\n"
	"product only.\n"
	"\n"
	"Prints the address and the measurement, then logs one line for each event on standard\n"
	"error. SIGINT or SIGTERM ends it: turns under way are finished first. SIGUSR1 has the\n"
	"enclave attested again, with collateral as it is now.\n"
	"\n"
	"options:\n"
	"      --listen ADDR:PORT  where to listen (default 127.0.0.1:8080; port 0: a free one)\n"
	"      --port-file FILE    write the port there once it listens, for scripts\n"
	"      --data DIR          the data folder (default: NAME.data, after the enclave's name)\n"
	"      --compat r3         serve R3 Conclave's own form of attestation for simulated\n"
	"                          enclaves, which R3's unmodified clients understand\n"
	"      --mail-max SIZE     the largest mail to take (default 8g; k, m and g are binary).\n"
	"                          What does not fit the enclave's window is spooled in the data\n"
	"                          folder and handed to the enclave in pieces, never held in\n"
	"                          memory\n"
	"      --spool-max SIZE    all mail in the spool together, arriving and waiting (default\n"
	"                          32g); who sends more is told to come again\n"
	"      --rate-min SIZE     end uploads that are slower than SIZE bytes a second after\n"
	"                          their first two minutes (default 32k)\n"
	"      --budget-ms N       an enclave that takes longer than N milliseconds for each of "
	"the\n"
	"                          mails (and pieces of a mail) it was given has crashed (default\n"
	"                          10000; 0: never)\n"
	"      --no-debug          without the DEBUG attribute: no console, and the only way for\n"
	"                          an image that is signed for release\n"
	"      --state DIR         where the soft machine keeps its keys (default:\n"
	"                          $CONCLAVE_STATE, else ~/.local/state/conclave)\n"
	"      --help              this page\n"
	"\n"
	"There is no TLS here: mail is sealed end to end. Put a proxy in front for anything else\n"
	"that a public server needs.\n"
	"\n"
	"exit codes: 0 stopped by a signal; 1 it could not start, or the enclave or the store\n"
	"failed for good; 2 wrong usage; 3 refused: the data folder is another enclave's, or the\n"
	"image may not run so.\n"
	"\n"
	"example:\n"
	"  conclave serve --listen 127.0.0.1:0 --port-file port build/my-enclave.enclave\n";

/* Long enough to tell a pause from the next mail of a conversation. */
#define IDLE_MS 50

struct options {
	struct hosting_options hosting;
	const char *port_file, *data;
	struct server_options server;
};

/* -- the log: one line, one write, whichever thread says it -- */

static void log_line(void *context, const char *line)
{
	char stamp[32];
	struct timespec now;
	struct tm utc;
	(void)context;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	(void)fprintf(stderr, "%s.%03ldZ %s\n", stamp, now.tv_nsec / 1000000, line);
}

/* The guest's text comes in pieces; its lines go out whole, from the host's one thread. */
static void console(void *context, struct bytes text)
{
	static char line[512] = "guest: ";
	static const size_t prefix = sizeof("guest: ") - 1;
	static size_t size = sizeof("guest: ") - 1;
	for (size_t i = 0; i < text.len; i++) {
		bool is_end = text.ptr[i] == '\n';
		if (!is_end)
			line[size++] = (char)text.ptr[i];
		if (!is_end && size < sizeof(line) - 1)
			continue;
		line[size] = '\0';
		log_line(context, line);
		size = prefix;
	}
}

/* -- opening -- */

static enum conclave_error data_folder(char path[4096], const struct image *image,
	const struct options *options, struct conclave_report *report)
{
	char folder[2048];
	struct bytes name = image_config_text(image, image->config->name);
	int size = options->data != NULL ? snprintf(folder, sizeof(folder), "%s", options->data)
					 : snprintf(folder, sizeof(folder), "%.*s.data",
						   (int)name.len, (const char *)name.ptr);
	if (size < 0 || (size_t)size >= sizeof(folder)) {
		report_fill(report, "the name of the data folder is too long");
		return CONCLAVE_ERROR_LIMIT;
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		report_fill(report, "%.900s: %s", folder, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	(void)snprintf(path, 4096, "%s/mail.sqlite", folder);
	return CONCLAVE_OK;
}

static enum conclave_error announce(const struct options *options, struct hosting *hosting,
	const struct server *server, struct conclave_report *report)
{
	char measurement[65], signer[65], port[16];
	struct host_facts facts;
	host_facts(&facts, hosting->host);
	const char *colon = strrchr(options->server.listen, ':');
	printf("listening  http://%.*s:%u\n", (int)(colon - options->server.listen),
		options->server.listen, server_port(server));
	printf("MRENCLAVE  %s\n", hex_encode_upper(measurement, BYTES_OF(facts.mrenclave)));
	printf("MRSIGNER   %s\n", hex_encode_upper(signer, BYTES_OF(facts.mrsigner)));
	printf("product %u, security version %u, simulation%s\n", facts.product_id,
		facts.security_version, facts.debug ? " with DEBUG" : "");
	(void)fflush(stdout);
	if (options->port_file == NULL)
		return CONCLAVE_OK;
	int size = snprintf(port, sizeof(port), "%u\n", server_port(server));
	return file_write(options->port_file, bytes_of(port, (size_t)size), 0644, report);
}

/* -- serving -- */

static void signals_fill(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGUSR1);
}

static void attest_again(struct host *host)
{
	enum conclave_error error = host_attest(host);
	log_line(NULL, error == CONCLAVE_OK ? "attested again" : "could not be attested again");
}

/* Until a signal says stop. Errors: CRASHED when the host went down by itself. */
static enum conclave_error wait_for_end(struct hosting *hosting, struct conclave_report *report)
{
	const struct timespec second = {1, 0};
	struct host_facts facts;
	sigset_t set;
	signals_fill(&set);
	do {
		int signal = sigtimedwait(&set, NULL, &second);
		if (signal == SIGUSR1) {
			attest_again(hosting->host);
		} else if (signal > 0) {
			log_line(NULL, "stopping: turns under way are finished first");
			/* Who asks again does not want to wait. */
			(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
			return CONCLAVE_OK;
		}
		host_facts(&facts, hosting->host);
	} while (facts.up);
	report_fill(report, "the host went down; the log says why");
	return CONCLAVE_ERROR_CRASHED;
}

static enum conclave_error serve(struct options *options, struct conclave_report *report)
{
	CLEANUP(hosting_close) struct hosting hosting = {0};
	struct server *server;
	char store_path[4096];
	TRY(hosting_open_image(&hosting, options->hosting.image, report));
	TRY(data_folder(store_path, &hosting.image, options, report));
	options->hosting.store = store_path;
	TRY(hosting_open(&hosting, &options->hosting, report));
	TRY(server_open(&server, hosting.host, hosting.store, &options->server, report));
	enum conclave_error error = announce(options, &hosting, server, report);
	if (error == CONCLAVE_OK)
		error = wait_for_end(&hosting, report);
	server_close(server);
	return error;
}

/* -- the command line -- */

/* 0 would mean the default. */
static bool size_read(uint64_t *out, const char *text)
{
	return build_config_size(out, text) && *out != 0;
}

static int parse(struct options *options, int argc, char **argv)
{
	enum { LISTEN = 256, PORT_FILE, DATA, COMPAT, MAIL, SPOOL, RATE, BUDGET, NO_DEBUG, STATE };
	static const struct option names[] = {
		{"listen", required_argument, NULL, LISTEN},
		{"port-file", required_argument, NULL, PORT_FILE},
		{"data", required_argument, NULL, DATA},
		{"compat", required_argument, NULL, COMPAT},
		{"mail-max", required_argument, NULL, MAIL},
		{"spool-max", required_argument, NULL, SPOOL},
		{"rate-min", required_argument, NULL, RATE},
		{"budget-ms", required_argument, NULL, BUDGET},
		{"no-debug", no_argument, NULL, NO_DEBUG},
		{"state", required_argument, NULL, STATE},
		{NULL, 0, NULL, 0},
	};
	struct host_options *host = &options->hosting.host;
	struct server_options *server = &options->server;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
		switch (c) {
		case LISTEN: server->listen = optarg; break;
		case PORT_FILE: options->port_file = optarg; break;
		case DATA: options->data = optarg; break;
		case COMPAT:
			if (strcmp(optarg, "r3") != 0)
				return cli_usage("serve", "--compat knows only r3");
			host->evidence = HOST_EVIDENCE_R3;
			break;
		case MAIL:
			if (!size_read(&host->stream_size_max, optarg))
				return cli_usage("serve", "--mail-max needs a size, like 8g");
			break;
		case SPOOL:
			if (!size_read(&server->spool_size_max, optarg))
				return cli_usage("serve", "--spool-max needs a size, like 32g");
			break;
		case RATE:
			if (!size_read(&server->bytes_per_s, optarg))
				return cli_usage("serve", "--rate-min needs a size, like 32k");
			break;
		case BUDGET:
			if (!hosting_number(&host->budget_ms, optarg))
				return cli_usage("serve", "--budget-ms needs a number");
			break;
		case NO_DEBUG: host->debug = false; break;
		case STATE: options->hosting.state = optarg; break;
		case ':': return cli_usage("serve", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("serve", "unknown option '%s'", argv[optind - 1]);
		}
	}
	if (optind + 1 != argc)
		return cli_usage("serve", "exactly one IMAGE is needed");
	options->hosting.image = argv[optind];
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	struct conclave_report report = {""};
	struct options options = {.server = {.listen = "127.0.0.1:8080", .log = log_line},
		.hosting.host = {.debug = true,
			.budget_ms = HOSTING_BUDGET_MS,
			.idle_ms = IDLE_MS,
			.console = console,
			.log = log_line}};
	int usage = parse(&options, argc, argv);
	if (usage != CLI_OK)
		return usage;
	/* Before any thread exists, so that all inherit it: only wait_for_end takes them. */
	sigset_t set;
	signals_fill(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	enum conclave_error error = serve(&options, &report);
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("serve", error, &report);
}

const struct cli_verb cli_serve = {
	.name = "serve",
	.summary = "host an enclave for clients over HTTP",
	.help = help,
	.run = run,
};
