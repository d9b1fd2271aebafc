#include "cli/mail.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/check.h"
#include "cli/cli.h"
#include "cli/progress.h"

#define FIXED_SIZE_MAX 0x4000000u

static const char help[] =
	"conclave mail: exchange mail with an enclave.\n"
	"\n"
	"usage: conclave mail send --url URL --key FILE [OPTION]...\n"
	"       conclave mail poll --url URL --key FILE [OPTION]...\n"
	"       conclave mail seal --url URL --key FILE -o MAIL [OPTION]...\n"
	"       conclave mail post --url URL --key FILE [OPTION]... MAIL\n"
	"\n"
	"Each first downloads the attestation of the enclave behind the host at URL, verifies it,\n"
	"and checks it against the constraint; nothing is sent to an enclave that does not meet\n"
	"it. Mail is encrypted to that enclave, and proves to it who sent it; the host that\n"
	"carries it can neither read nor alter it.\n"
	"\n"
	"  send   send standard input, or a file, and print the enclave's reply\n"
	"  poll   print all mail that waits for this key, in order\n"
	"  seal   seal a mail as send would, but write it to a file instead of sending it\n"
	"  post   send such a file as it is, and print the enclave's reply\n"
	"\n"
	"Bodies have any size. Above 1 MiB they are sealed as they are read and sent, and a line "
	"on\n"
	"the terminal shows how far. What breaks that off leaves nothing: enclaves act on whole\n"
	"mails. If the enclave has a new key by then, a file is sealed again; a pipe is sent "
	"again.\n"
	"\n"
	"Mail is numbered for each topic, so that the enclave notices what a host drops, repeats\n"
	"or reorders, and this command what it does to replies: one that comes twice is dropped,\n"
	"one that does not come is told of. The numbers, the constraint and the padding are kept "
	"in\n"
	"a state file beside the key, encrypted. Commands with one key take turns.\n"
	"\n"
	"A reply that a broken connection or a full disk swallowed comes by poll.\n"
	"\n"
	"options:\n"
	"  --url URL          the host: http://127.0.0.1:8080\n"
	"  --key FILE         the private key, made by 'conclave keygen'\n"
	"  --constraint TEXT  which enclaves may have this mail, for instance\n"
	"                     'C:<MRENCLAVE> SEC:INSECURE' or 'S:<MRSIGNER> PROD:1 SEC:STALE';\n"
	"                     conclave-attestation(1) explains the language\n"
	"  --policy FILE      or so, in JSON, on any platform; not remembered "
	"(conclave-verify(1))\n"
	"  --fresh            have the enclave attested for this very command\n"
	"  --state FILE       where numbers are kept (default: the key's file name and .state)\n"
	"  --passphrase-file FILE\n"
	"                     encrypt the state under the first line of this file, instead of a\n"
	"                     key made of the private key\n"
	"  --topic TOPIC      letters, digits and '-' (default: default)\n"
	"  --envelope TEXT    bytes that the host can read, but not alter\n"
	"  --file FILE        the body (default: -, standard input)\n"
	"  --padding POLICY   what hides the size of bodies: average (of all on this topic so "
	"far,\n"
	"                     the default), largest (so far), powers (of two), fixed:N (multiples\n"
	"                     of N bytes), none; 'POLICY,shared' learns from all topics together\n"
	"  --no-wait          (send) do not wait for the enclave; the reply, or a refusal, comes "
	"by\n"
	"                     poll. Nobody tells if the enclave cannot decrypt the mail\n"
	"  --no-progress      do not show how far a large body is\n"
	"  -o, --output FILE  (seal) where the sealed mail goes; - is standard output\n"
	"  --wait SECONDS     (poll) wait until there is mail, at most so long\n"
	"  --json             print mail as JSON, one object in each line: topic, sequence,\n"
	"                     envelope, body; bytes that are no UTF-8 as envelope_hex, body_hex\n"
	"  --timeout SECONDS  the host's time for an exchange (default: 180); of a large body, "
	"for\n"
	"                     each 64 KiB, and for its answer, with 1 s more for each MiB\n"
	"  --help             this page\n"
	"\n"
	"A body is printed as it is. With poll, and on a terminal, a line's end follows if it has\n"
	"none.\n"
	"\n"
	"exit codes: 0 done; 1 it could not be done: the host cannot be reached, a file cannot be\n"
	"read, or --wait ended without mail; 2 wrong usage; 3 the attestation was refused, or the\n"
	"enclave refused the mail.\n"
	"\n"
	"examples:\n"
	"  conclave keygen -o alice.key\n"
	"  echo '{\"amount\": 1420}' | conclave mail send --url http://127.0.0.1:8080 \\\n"
	"    --key alice.key --constraint 'S:<MRSIGNER> PROD:1 SEC:INSECURE' --topic bid\n"
	"  conclave mail poll --url http://127.0.0.1:8080 --key alice.key --wait 60\n";

/* -- the command line -- */

struct command {
	const char *name;
	mail_command *run;
	bool takes_file, needs_output;
};

static const struct command commands[] = {
	{"send", run_send, false, false},
	{"poll", run_poll, false, false},
	{"seal", run_seal, false, true},
	{"post", run_post, true, false},
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool parse_seconds(unsigned *out, const char *text)
{
	char *end = NULL;
	unsigned long value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > 86400)
		return false;
	*out = (unsigned)value;
	return true;
}

enum {
	URL = 256,
	KEY,
	CONSTRAINT,
	POLICY,
	FRESH,
	STATE,
	TOPIC,
	ENVELOPE,
	BODY,
	WAIT,
	JSON,
	TIMEOUT,
	PADDING,
	PASSPHRASE,
	NO_WAIT,
	NO_PROGRESS
};

/* The name of a policy, or fixed:N; and maybe ",shared" behind it. */
static bool parse_padding(struct padding_option *out, const char *text)
{
	static const char *const names[] = {[CONCLAVE_PADDING_NONE] = "none",
		[CONCLAVE_PADDING_LARGEST] = "largest",
		[CONCLAVE_PADDING_AVERAGE] = "average",
		[CONCLAVE_PADDING_POWERS] = "powers"};
	size_t len = strcspn(text, ",");
	char *end = NULL;
	*out = (struct padding_option){.given = true, .shared = strcmp(text + len, ",shared") == 0};
	if (text[len] != '\0' && !out->shared)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (names[i] != NULL && strlen(names[i]) == len &&
			memcmp(names[i], text, len) == 0) {
			out->policy = (enum conclave_padding)i;
			return true;
		}
	if (strncmp(text, "fixed:", 6) != 0 || text[6] < '0' || text[6] > '9')
		return false;
	out->policy = CONCLAVE_PADDING_FIXED;
	out->size = strtoull(text + 6, &end, 10);
	return end == text + len && out->size >= 1 && out->size <= FIXED_SIZE_MAX;
}

/* Nothing is said when it went well. */
static int parse_option(struct mail_options *options, int option)
{
	unsigned seconds = 0;
	switch (option) {
	case URL: options->session.url = optarg; return CLI_OK;
	case KEY: options->session.key = optarg; return CLI_OK;
	case CONSTRAINT: options->session.constraint = optarg; return CLI_OK;
	case POLICY: options->session.policy = optarg; return CLI_OK;
	case FRESH: options->session.fresh = true; return CLI_OK;
	case STATE: options->session.state = optarg; return CLI_OK;
	case TOPIC: options->topic = optarg; return CLI_OK;
	case ENVELOPE: options->envelope = optarg; return CLI_OK;
	case BODY: options->file = optarg; return CLI_OK;
	case 'o': options->output = optarg; return CLI_OK;
	case JSON: options->json = true; return CLI_OK;
	case PADDING:
		if (parse_padding(&options->padding, optarg))
			return CLI_OK;
		return cli_usage("mail",
			"--padding: none, largest, average, powers or fixed:N (1 byte to 64 MiB), "
			"and maybe ',shared', not '%s'",
			optarg);
	case PASSPHRASE: options->session.passphrase_file = optarg; return CLI_OK;
	case NO_WAIT: options->no_wait = true; return CLI_OK;
	case NO_PROGRESS: options->no_progress = true; return CLI_OK;
	case WAIT:
		if (parse_seconds(&options->wait_s, optarg))
			return CLI_OK;
		return cli_usage("mail", "--wait: 0 to 86400 seconds, not '%s'", optarg);
	case TIMEOUT:
		if (parse_seconds(&seconds, optarg) && seconds > 0) {
			options->session.timeout_ms = seconds * 1000;
			return CLI_OK;
		}
		return cli_usage("mail", "--timeout: 1 to 86400 seconds, not '%s'", optarg);
	default: return cli_usage("mail", "unknown option");
	}
}

static int parse(struct mail_options *options, const struct command *command, int argc, char **argv)
{
	static const struct option names[] = {
		{"url", required_argument, NULL, URL},
		{"key", required_argument, NULL, KEY},
		{"constraint", required_argument, NULL, CONSTRAINT},
		{"policy", required_argument, NULL, POLICY},
		{"fresh", no_argument, NULL, FRESH},
		{"state", required_argument, NULL, STATE},
		{"topic", required_argument, NULL, TOPIC},
		{"envelope", required_argument, NULL, ENVELOPE},
		{"file", required_argument, NULL, BODY},
		{"output", required_argument, NULL, 'o'},
		{"wait", required_argument, NULL, WAIT},
		{"json", no_argument, NULL, JSON},
		{"timeout", required_argument, NULL, TIMEOUT},
		{"padding", required_argument, NULL, PADDING},
		{"passphrase-file", required_argument, NULL, PASSPHRASE},
		{"no-wait", no_argument, NULL, NO_WAIT},
		{"no-progress", no_argument, NULL, NO_PROGRESS},
		{NULL, 0, NULL, 0},
	};
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":o:", names, NULL)) != -1;) {
		if (c == ':')
			return cli_usage("mail", "%s needs a value", argv[optind - 1]);
		if (c == '?')
			return cli_usage("mail", "unknown option '%s'", argv[optind - 1]);
		int exit_code = parse_option(options, c);
		if (exit_code != CLI_OK)
			return exit_code;
	}
	if (command->takes_file && optind < argc)
		options->sealed = argv[optind++];
	if (optind < argc)
		return cli_usage("mail", "unexpected argument '%s'", argv[optind]);
	return CLI_OK;
}

static int check(const struct mail_options *options, const struct command *command)
{
	if (options->session.url == NULL)
		return cli_usage("mail", "%s: which host? --url is missing", command->name);
	if (options->session.key == NULL)
		return cli_usage("mail", "%s: who are you? --key is missing", command->name);
	if (command->needs_output && options->output == NULL)
		return cli_usage("mail", "%s: where to? -o FILE is missing", command->name);
	if (command->takes_file && options->sealed == NULL)
		return cli_usage(
			"mail", "%s: which sealed mail? its file is missing", command->name);
	return CLI_OK;
}

static int run_command(const struct command *command, const struct mail_options *options)
{
	struct conclave_report report = {""};
	struct session session;
	enum conclave_error error = session_open(&session, &options->session, &report);
	if (error == CONCLAVE_OK) {
		if (options->padding.given)
			error = conclave_client_set_padding(session.client, options->padding.policy,
				options->padding.size, options->padding.shared, &report);
		if (error == CONCLAVE_OK)
			error = command->run(&session, options, &report);
		session_close(&session);
	}
	if (error == CONCLAVE_ERROR_CANCELLED)
		progress_die();
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("mail", error, &report);
}

static int run(int argc, char **argv)
{
	struct mail_options options = {.topic = "default", .envelope = "", .file = "-"};
	if (argc < 2)
		return cli_usage("mail", "send, poll, seal or post?");
	const struct command *command = find_command(argv[1]);
	if (command == NULL)
		return cli_usage("mail", "there is no '%s'; send, poll, seal or post?", argv[1]);
	int exit_code = parse(&options, command, argc - 1, argv + 1);
	if (exit_code == CLI_OK)
		exit_code = check(&options, command);
	return exit_code == CLI_OK ? run_command(command, &options) : exit_code;
}

const struct cli_verb cli_mail = {
	.name = "mail",
	.summary = "send mail to an enclave, and read what it answers",
	.help = help,
	.run = run,
};
