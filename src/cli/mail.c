#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <conclave/client.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/session.h"

#define BODY_SIZE_MAX 0x4000000u
#define WAIT_FIRST_MS 100
#define WAIT_MOST_MS 2000

static const char help[] =
	"conclave mail: exchange mail with an enclave.\n"
	"\n"
	"usage: conclave mail send --url URL --key FILE [--constraint TEXT] [OPTION]...\n"
	"       conclave mail poll --url URL --key FILE [--constraint TEXT] [OPTION]...\n"
	"       conclave mail seal --url URL --key FILE [--constraint TEXT] -o MAIL [OPTION]...\n"
	"       conclave mail post --url URL --key FILE [--constraint TEXT] MAIL\n"
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
	"Mail is numbered for each topic, so that the enclave notices what a host drops, repeats\n"
	"or reorders. The numbers go on from one command to the next in a state file beside the\n"
	"key. It holds the private key: keep it as secret. It remembers the constraint too, which\n"
	"is needed only the first time. Commands that send with one key take turns.\n"
	"\n"
	"options:\n"
	"  --url URL          the host: http://127.0.0.1:8080\n"
	"  --key FILE         the private key, made by 'conclave keygen'\n"
	"  --constraint TEXT  which enclaves may have this mail, for instance\n"
	"                     'C:<MRENCLAVE> SEC:INSECURE' or 'S:<MRSIGNER> PROD:1 SEC:STALE';\n"
	"                     conclave-attestation(1) explains the language\n"
	"  --state FILE       where numbers are kept (default: the key's file name and .state)\n"
	"  --topic TOPIC      letters, digits and '-' (default: default)\n"
	"  --envelope TEXT    bytes that the host can read, but not alter\n"
	"  --file FILE        the body (default: -, standard input)\n"
	"  -o, --output FILE  (seal) where the sealed mail goes; - is standard output\n"
	"  --wait SECONDS     (poll) wait until there is mail, at most so long\n"
	"  --json             print mail as JSON, one object in each line: topic, sequence,\n"
	"                     envelope, body; bytes that are no UTF-8 as envelope_hex, body_hex\n"
	"  --timeout SECONDS  give up an exchange with the host after so long (default: 180)\n"
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

struct options {
	struct session_options session;
	const char *topic, *envelope, *file, *output, *sealed;
	unsigned wait_s;
	bool json;
};

/* -- printing -- */

/* As text where it is text, else in hexadecimal under NAME_hex. */
static bool add_bytes(json_t *object, const char *name, struct bytes value)
{
	json_t *text = json_stringn((const char *)value.ptr, value.len);
	if (text != NULL)
		return json_object_set_new(object, name, text) == 0;
	char name_hex[32];
	snprintf(name_hex, sizeof(name_hex), "%s_hex", name);
	char *hex = malloc(2 * value.len + 1);
	bool added = hex != NULL && json_object_set_new(object, name_hex,
					    json_string(hex_encode(hex, value))) == 0;
	free(hex);
	return added;
}

static enum conclave_error print_json(const struct conclave_mail *mail)
{
	json_t *object = json_object();
	bool whole = object != NULL &&
		     add_bytes(object, "topic", bytes_of(mail->topic, strlen(mail->topic))) &&
		     json_object_set_new(
			     object, "sequence", json_integer((json_int_t)mail->sequence)) == 0 &&
		     add_bytes(object, "envelope", bytes_of(mail->envelope, mail->envelope_size)) &&
		     add_bytes(object, "body", bytes_of(mail->body, mail->body_size)) &&
		     json_dumpf(object, stdout, JSON_COMPACT) == 0;
	json_decref(object);
	if (!whole)
		return CONCLAVE_ERROR_MEMORY;
	putchar('\n');
	return CONCLAVE_OK;
}

static enum conclave_error print_mail(
	const struct conclave_mail *mail, const struct options *options, bool ends_line)
{
	if (options->json)
		return print_json(mail);
	fwrite(mail->body, 1, mail->body_size, stdout);
	bool ended = mail->body_size > 0 && mail->body[mail->body_size - 1] == '\n';
	if (ends_line && !ended)
		putchar('\n');
	return CONCLAVE_OK;
}

static enum conclave_error print_reply(
	const struct conclave_mail *reply, const struct options *options)
{
	if (reply->topic != NULL)
		return print_mail(reply, options, isatty(STDOUT_FILENO) == 1);
	fputs("conclave: mail: note: handled; there is no reply yet\n", stderr);
	return CONCLAVE_OK;
}

/* -- send and post -- */

static enum conclave_error read_body(
	struct buffer *out, const struct options *options, struct conclave_report *report)
{
	return cli_read_file(&out->ptr, &out->len, options->file, BODY_SIZE_MAX, report);
}

/* Numbers are kept whether it went well or not: a refused mail has used one. */
static enum conclave_error finish(const struct session *session, enum conclave_error error,
	struct conclave_mail *reply, const struct options *options, struct conclave_report *report)
{
	struct conclave_report saving = {""};
	enum conclave_error saved = session_save(session, &saving);
	if (error == CONCLAVE_OK) {
		error = print_reply(reply, options);
		conclave_mail_free(reply);
	}
	if (error == CONCLAVE_OK && saved != CONCLAVE_OK) {
		*report = saving;
		return saved;
	}
	return error;
}

static enum conclave_error send_mail(
	struct session *session, const struct options *options, struct conclave_report *report)
{
	struct buffer body = {0};
	struct conclave_mail reply = {0};
	TRY(read_body(&body, options, report));
	enum conclave_error error = conclave_client_send(session->client, &reply, options->topic,
		body.ptr, body.len, options->envelope, strlen(options->envelope), report);
	free(body.ptr);
	return finish(session, error, &reply, options, report);
}

static enum conclave_error post_mail(
	struct session *session, const struct options *options, struct conclave_report *report)
{
	struct buffer mail = {0};
	struct conclave_mail reply = {0};
	TRY(cli_read_file(&mail.ptr, &mail.len, options->sealed, BODY_SIZE_MAX, report));
	enum conclave_error error =
		conclave_client_post(session->client, &reply, mail.ptr, mail.len, report);
	free(mail.ptr);
	return finish(session, error, &reply, options, report);
}

/* -- seal -- */

/* The number is kept before the mail can leave: two mails never share one. */
static enum conclave_error seal_mail(
	struct session *session, const struct options *options, struct conclave_report *report)
{
	struct buffer body = {0};
	uint8_t *mail = NULL;
	size_t size = 0;
	TRY(read_body(&body, options, report));
	enum conclave_error error =
		conclave_client_seal(session->client, &mail, &size, options->topic, body.ptr,
			body.len, options->envelope, strlen(options->envelope), report);
	free(body.ptr);
	TRY(error);
	error = session_save(session, report);
	if (error == CONCLAVE_OK && strcmp(options->output, "-") == 0)
		fwrite(mail, 1, size, stdout);
	else if (error == CONCLAVE_OK)
		error = cli_write_file(options->output, bytes_of(mail, size), 0644, report);
	free(mail);
	return error;
}

/* -- poll -- */

struct poll_result {
	unsigned mails, refusals;
};

/* All that waits. A refusal is mail too: it is told, and the next one asked for. */
static enum conclave_error poll_all(struct poll_result *result, struct session *session,
	const struct options *options, struct conclave_report *report)
{
	for (;;) {
		struct conclave_mail mail = {0};
		enum conclave_error error = conclave_client_poll(session->client, &mail, report);
		if (error == CONCLAVE_ERROR_REFUSED) {
			cli_fail("mail", error, report);
			result->refusals++;
			continue;
		}
		TRY(error);
		if (mail.topic == NULL)
			return CONCLAVE_OK;
		error = print_mail(&mail, options, true);
		conclave_mail_free(&mail);
		TRY(error);
		result->mails++;
	}
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int64_t ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&time, NULL);
}

static enum conclave_error poll_mail(
	struct session *session, const struct options *options, struct conclave_report *report)
{
	struct poll_result result = {0, 0};
	int64_t end = now_ms() + (int64_t)options->wait_s * 1000;
	for (int64_t pause = WAIT_FIRST_MS;; pause = pause < WAIT_MOST_MS ? 2 * pause : pause) {
		TRY(poll_all(&result, session, options, report));
		int64_t left = end - now_ms();
		if (result.mails > 0 || result.refusals > 0 || left <= 0)
			break;
		pause_ms(left < pause ? left : pause);
	}
	if (result.refusals > 0) {
		report_fill(report, "%u of the mails above are refusals", result.refusals);
		return CONCLAVE_ERROR_REFUSED;
	}
	if (result.mails == 0 && options->wait_s > 0) {
		report_fill(report, "no mail came within %u seconds", options->wait_s);
		return CONCLAVE_ERROR_TIMEOUT;
	}
	return CONCLAVE_OK;
}

/* -- the command line -- */

struct command {
	const char *name;
	enum conclave_error (*run)(struct session *session, const struct options *options,
		struct conclave_report *report);
	bool takes_file, reads_only, needs_output;
};

static const struct command commands[] = {
	{"send", send_mail, false, false, false},
	{"poll", poll_mail, false, true, false},
	{"seal", seal_mail, false, false, true},
	{"post", post_mail, true, false, false},
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

enum { URL = 256, KEY, CONSTRAINT, STATE, TOPIC, ENVELOPE, BODY, WAIT, JSON, TIMEOUT };

/* Nothing is said when it went well. */
static int parse_option(struct options *options, int option)
{
	unsigned seconds = 0;
	switch (option) {
	case URL: options->session.url = optarg; return CLI_OK;
	case KEY: options->session.key = optarg; return CLI_OK;
	case CONSTRAINT: options->session.constraint = optarg; return CLI_OK;
	case STATE: options->session.state = optarg; return CLI_OK;
	case TOPIC: options->topic = optarg; return CLI_OK;
	case ENVELOPE: options->envelope = optarg; return CLI_OK;
	case BODY: options->file = optarg; return CLI_OK;
	case 'o': options->output = optarg; return CLI_OK;
	case JSON: options->json = true; return CLI_OK;
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

static int parse(struct options *options, const struct command *command, int argc, char **argv)
{
	static const struct option names[] = {
		{"url", required_argument, NULL, URL},
		{"key", required_argument, NULL, KEY},
		{"constraint", required_argument, NULL, CONSTRAINT},
		{"state", required_argument, NULL, STATE},
		{"topic", required_argument, NULL, TOPIC},
		{"envelope", required_argument, NULL, ENVELOPE},
		{"file", required_argument, NULL, BODY},
		{"output", required_argument, NULL, 'o'},
		{"wait", required_argument, NULL, WAIT},
		{"json", no_argument, NULL, JSON},
		{"timeout", required_argument, NULL, TIMEOUT},
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

static int check(const struct options *options, const struct command *command)
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

static int run_command(const struct command *command, const struct options *options)
{
	struct conclave_report report = {""};
	struct session session;
	enum conclave_error error = session_open(&session, &options->session, &report);
	if (error == CONCLAVE_OK) {
		error = command->run(&session, options, &report);
		session_close(&session);
	}
	return error == CONCLAVE_OK ? CLI_OK : cli_fail("mail", error, &report);
}

static int run(int argc, char **argv)
{
	struct options options = {.topic = "default", .envelope = "", .file = "-"};
	if (argc < 2)
		return cli_usage("mail", "send, poll, seal or post?");
	const struct command *command = find_command(argv[1]);
	if (command == NULL)
		return cli_usage("mail", "there is no '%s'; send, poll, seal or post?", argv[1]);
	options.session.reads_only = command->reads_only;
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
