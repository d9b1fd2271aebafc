/* conclave(1): a table of verbs, one file each. A verb parses its own arguments with getopt_long,
 * speaks results on standard output and troubles on standard error, and returns an exit code.
 * `--help` is answered by main before the verb runs. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/bytes.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,	 /* it could not be done; standard error says what, where and the remedy */
	CLI_USAGE = 2,	 /* the command line is wrong */
	CLI_REFUSED = 3, /* an attestation, a constraint or an enclave said no */
	CLI_REMARKS = 4, /* done, and nothing said no, but something is left to judge */
};

struct cli_verb {
	const char *name;
	const char *summary; /* one line for `conclave --help` */
	const char *help;    /* a page worth reading: synopsis, options, exit codes, examples */
	int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

extern const struct cli_verb cli_attestation, cli_build, cli_init, cli_inspect, cli_keygen,
	cli_mail, cli_run, cli_serve, cli_simulation, cli_verify;

/* Print "conclave: VERB: text" (report's text, or the error's own when it is empty) and give the
 * exit code that fits the error: CLI_REFUSED when policy or cryptography said no, else CLI_FAILED.
 */
int cli_fail(const char *verb, enum conclave_error error, const struct conclave_report *report);
/* "conclave: VERB: text\nTry 'conclave VERB --help'." Returns CLI_USAGE. */
int cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A whole file (or standard input for "-"), malloc'ed. Errors: NOT_FOUND, IO, LIMIT, MEMORY. */
enum conclave_error cli_read_file(uint8_t **out, size_t *size, const char *path, size_t size_max,
	struct conclave_report *report);
/* Where the SDK lies: $CONCLAVE_SDK, else ../share/conclave beside the executable. Static storage.
 * Errors: NOT_FOUND. */
enum conclave_error cli_sdk_folder(const char **out, struct conclave_report *report);

#endif
