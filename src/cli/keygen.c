#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include <conclave/client.h>

#include "base/hex.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/key_file.h"
#include "os/file.h"

static const char help[] =
	"conclave keygen: make a private key, and print its public key.\n"
	"\n"
	"usage: conclave keygen [-o FILE] [--force] [--public FILE]\n"
	"       conclave keygen --show FILE\n"
	"\n"
	"A correspondent of an enclave is known to it by a public key. The private key is written\n"
	"to a file that only its owner may read (mode 0600); the public key, 64 hexadecimal\n"
	"digits, goes to standard output. Give the public key to whoever must recognise you; the\n"
	"private key to nobody. 'conclave mail' keeps its numbering of mail beside it, in\n"
	"FILE.state.\n"
	"\n"
	"Use one key for each enclave you talk to: a key used with two enclaves tells their hosts\n"
	"that it is the same person.\n"
	"\n"
	"options:\n"
	"  -o, --output FILE  where the private key goes (default: conclave.key)\n"
	"      --force        replace FILE when it exists; mail sealed for the old key can then\n"
	"                     never be opened again\n"
	"      --public FILE  write the public key to FILE too (mode 0644)\n"
	"      --show FILE    make nothing: print the public key of the private key in FILE\n"
	"      --help         this page\n"
	"\n"
	"file format: lines that begin with '#' are comments; one line holds the 32 bytes of the\n"
	"X25519 private key as 64 hexadecimal digits.\n"
	"\n"
	"exit codes: 0 done; 1 the file exists, or cannot be written or read; 2 wrong usage.\n"
	"\n"
	"example:\n"
	"  conclave keygen -o alice.key --public alice.pub\n";

struct options {
	const char *output, *public_output, *show;
	bool force;
};

static int print_public(const struct x25519_secret *key, const char *also)
{
	struct conclave_report report = {""};
	struct x25519_public public_key;
	char line[2 * sizeof(public_key.bytes) + 2];
	conclave_key_public(public_key.bytes, key->bytes);
	hex_encode(line, BYTES_OF(public_key.bytes));
	line[2 * sizeof(public_key.bytes)] = '\n';
	struct bytes text = {(const uint8_t *)line, sizeof(line) - 1};
	if (also != NULL) {
		enum conclave_error error = file_write(also, text, 0644, &report);
		if (error != CONCLAVE_OK)
			return cli_fail("keygen", error, &report);
	}
	fwrite(text.ptr, 1, text.len, stdout);
	return CLI_OK;
}

static int show(const struct options *options)
{
	struct conclave_report report = {""};
	CLEANUP(x25519_secret_wipe) struct x25519_secret key;
	enum conclave_error error = key_file_read(&key, options->show, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("keygen", error, &report);
	return print_public(&key, options->public_output);
}

static int generate(const struct options *options)
{
	struct conclave_report report = {""};
	CLEANUP(x25519_secret_wipe) struct x25519_secret key;
	enum conclave_error error = conclave_key_generate(key.bytes);
	if (error != CONCLAVE_OK)
		return cli_fail("keygen", error, NULL);
	uint8_t space[512];
	struct writer text = writer_of((struct buffer){space, sizeof(space)});
	error = key_file_write(&text, &key);
	if (error == CONCLAVE_OK && options->force)
		error = file_write(options->output, writer_bytes(&text), 0600, &report);
	else if (error == CONCLAVE_OK)
		error = file_create(options->output, writer_bytes(&text), 0600, &report);
	wipe(space, sizeof(space));
	if (error == CONCLAVE_ERROR_EXISTS)
		report_fill(&report,
			"%s exists already; choose another name with -o, see its public key with "
			"--show, or replace it for good with --force",
			options->output);
	if (error != CONCLAVE_OK)
		return cli_fail("keygen", error, &report);
	return print_public(&key, options->public_output);
}

static int run(int argc, char **argv)
{
	enum { FORCE = 256, PUBLIC, SHOW };
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'},
		{"force", no_argument, NULL, FORCE},
		{"public", required_argument, NULL, PUBLIC},
		{"show", required_argument, NULL, SHOW},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.output = "conclave.key"};
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":o:", names, NULL)) != -1;) {
		switch (c) {
		case 'o': options.output = optarg; break;
		case FORCE: options.force = true; break;
		case PUBLIC: options.public_output = optarg; break;
		case SHOW: options.show = optarg; break;
		case ':': return cli_usage("keygen", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("keygen", "unknown option '%s'", argv[optind - 1]);
		}
	}
	if (optind < argc)
		return cli_usage("keygen", "unexpected argument '%s'", argv[optind]);
	return options.show != NULL ? show(&options) : generate(&options);
}

const struct cli_verb cli_keygen = {
	.name = "keygen",
	.summary = "make a private key, and print its public key",
	.help = help,
	.run = run,
};
