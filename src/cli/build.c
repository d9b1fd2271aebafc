#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hex.h"
#include "cli/cli.h"
#include "crypto/crypto.h"
#include "image/build.h"

#define ARGUMENTS_MAX 256u
#define DATE_STANDARD "20000101"

static const char help[] =
	"conclave build: make an enclave image from a project.\n"
	"\n"
	"usage: conclave build [OPTION]... [DIR]\n"
	"\n"
	"Reads DIR/enclave.json (default DIR: the current folder), compiles the guest to\n"
	"WebAssembly and from there to machine code that cannot leave its memory, links it with\n"
	"the trusted runtime, lays out and measures every page, and signs the result. The same\n"
	"project, options, key and toolchain give the same bytes in any folder, as any user, on "
	"any\n"
	"day. The keys of enclave.json are explained in enclave.json(5).\n"
	"\n"
	"Prints one fact a line; the first word names it: image, MRENCLAVE (what the enclave is),\n"
	"MRSIGNER (who vouches for it), product, mode, enclave.\n"
	"\n"
	"options:\n"
	"  -o, --output FILE     where the image goes (default: DIR/build/NAME.enclave)\n"
	"  -a, --argument ARG    an argument for the guest, instead of those in enclave.json; may\n"
	"                        be repeated. Arguments are measured: another argument makes\n"
	"                        another MRENCLAVE\n"
	"      --keep-intermediate  leave what compilers made in DIR/build/intermediate\n"
	"      --debug           add line tables for gdb; MRENCLAVE stays the same\n"
	"      --help            this page\n"
	"\n"
	"signing (one of):\n"
	"      (nothing)         with the development key, made on first use in\n"
	"                        $XDG_CONFIG_HOME/conclave/development-key.pem. The image may run\n"
	"                        with the DEBUG attribute\n"
	"      --key KEY.pem     with your key; the image may still run with DEBUG\n"
	"      --release-key KEY.pem  with your key, for release: never with DEBUG\n"
	"      --signing-material OUT  not yet: write the 256 bytes to sign to OUT, for a key "
	"that\n"
	"                        is kept elsewhere. For release\n"
	"      --signature IN --public-key PUB.pem  finish that image with the signature\n"
	"      --date YYYYMMDD   the date in the signature (default: " DATE_STANDARD
	", so that builds\n"
	"                        can be repeated)\n"
	"Keys are RSA-3072 with exponent 3, as SGX wants: openssl genrsa -3 -out KEY.pem 3072\n"
	"\n"
	"exit codes: 0 done; 1 it could not be done, standard error says why; 2 wrong usage;\n"
	"3 the signature is not by that key over that image.\n"
	"\n"
	"examples:\n"
	"  conclave build examples/auction\n"
	"  conclave build --release-key company.pem -o auction.enclave examples/auction\n"
	"signing on another machine:\n"
	"  conclave build --signing-material to-sign examples/auction\n"
	"  openssl dgst -sha256 -sign company.pem -out signature to-sign\n"
	"  conclave build --signature signature --public-key company.pub.pem examples/auction\n";

enum build_option {
	ARGUMENT = 'a',
	OUTPUT = 'o',
	KEEP = 256,
	DEBUG_INFO,
	KEY,
	RELEASE_KEY,
	MATERIAL,
	SIGNATURE,
	PUBLIC_KEY,
	DATE,
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, OUTPUT},
	{"argument", required_argument, NULL, ARGUMENT},
	{"keep-intermediate", no_argument, NULL, KEEP},
	{"debug", no_argument, NULL, DEBUG_INFO},
	{"key", required_argument, NULL, KEY},
	{"release-key", required_argument, NULL, RELEASE_KEY},
	{"signing-material", required_argument, NULL, MATERIAL},
	{"signature", required_argument, NULL, SIGNATURE},
	{"public-key", required_argument, NULL, PUBLIC_KEY},
	{"date", required_argument, NULL, DATE},
	{0},
};

/* Eight digits that look like a date: decimal digits are BCD's digits. */
static bool parse_date(uint32_t *out, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 16);
	unsigned long month = value >> 8 & 0xff, day = value & 0xff;

	if (strlen(text) != 8 || strspn(text, "0123456789") != 8 || *end != 0 || month < 1 ||
		month > 0x12 || day < 1 || day > 0x31)
		return false;
	*out = (uint32_t)value;
	return true;
}

/* What is being collected from the command line. */
struct command {
	struct build_options options;
	const char *arguments[ARGUMENTS_MAX];
};

/* CLI_OK, or the exit code after a complaint. */
static int take_option(struct command *command, int option)
{
	struct build_options *options = &command->options;

	switch (option) {
	case OUTPUT: options->output = optarg; return CLI_OK;
	case KEEP: options->keep_intermediate = true; return CLI_OK;
	case DEBUG_INFO: options->debug = true; return CLI_OK;
	case MATERIAL: options->material = optarg; return CLI_OK;
	case SIGNATURE: options->signature = optarg; return CLI_OK;
	case PUBLIC_KEY: options->public_key = optarg; return CLI_OK;
	case RELEASE_KEY:
	case KEY:
		if (options->key != NULL)
			return cli_usage("build", "one signing key, not two");
		options->key = optarg;
		options->release = option == RELEASE_KEY;
		return CLI_OK;
	case DATE:
		if (!parse_date(&options->date, optarg))
			return cli_usage("build", "--date %s: wanted YYYYMMDD", optarg);
		return CLI_OK;
	case ARGUMENT:
		if (options->argument_count == ARGUMENTS_MAX)
			return cli_usage("build", "more than %u arguments", ARGUMENTS_MAX);
		command->arguments[options->argument_count++] = optarg;
		options->replace_arguments = true;
		return CLI_OK;
	default: return cli_usage("build", "cannot understand these options");
	}
}

static int check(const struct build_options *options)
{
	if ((options->signature == NULL) != (options->public_key == NULL))
		return cli_usage("build", "--signature and --public-key belong together");
	if ((options->signature != NULL) + (options->material != NULL) + (options->key != NULL) > 1)
		return cli_usage("build", "sign with a key, or in two steps: not both at once");
	return CLI_OK;
}

static const char *mode(const struct build_result *result)
{
	if (!result->is_signed)
		return "unsigned: sign the material, then finish with --signature";
	return result->allows_debug ? "development: may run with DEBUG" : "release: refuses DEBUG";
}

static void print_result(const struct build_result *result)
{
	char mrenclave[65], mrsigner[65] = "-";

	hex_encode_upper(mrenclave, BYTES_OF(result->mrenclave));
	if (result->is_signed)
		hex_encode_upper(mrsigner, BYTES_OF(result->mrsigner));
	printf("image      %s\n", result->path);
	printf("MRENCLAVE  %s\n", mrenclave);
	printf("MRSIGNER   %s\n", mrsigner);
	printf("product    %u, security version %u\n", result->product_id,
		result->security_version);
	printf("mode       %s\n", mode(result));
	printf("enclave    %" PRIu64 " MiB: %" PRIu64 " KiB measured contents, %" PRIu64
	       " KiB guest memory, %" PRIu64 " lane%s\n",
		result->enclave_size >> 20, result->measured_size >> 10, result->heap >> 10,
		result->lanes, result->lanes == 1 ? "" : "s");
	printf("file       %" PRIu64 " KiB\n", result->file_size >> 10);
}

static int build(struct command *command)
{
	struct conclave_report report = {0};
	struct build_result result;

	command->options.arguments = command->arguments;
	enum conclave_error error = crypto_init();
	if (error == CONCLAVE_OK)
		error = cli_sdk_folder(&command->options.sdk, &report);
	if (error == CONCLAVE_OK)
		error = build_image(&result, &command->options, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("build", error, &report);
	print_result(&result);
	return CLI_OK;
}

static int run(int argc, char **argv)
{
	struct command command = {.options = {.project = "."}};
	int option, code;

	(void)parse_date(&command.options.date, DATE_STANDARD);
	while ((option = getopt_long(argc, argv, "o:a:", long_options, NULL)) != -1) {
		code = take_option(&command, option);
		if (code != CLI_OK)
			return code;
	}
	if (argc - optind > 1)
		return cli_usage("build", "one project at a time, got also %s", argv[optind + 1]);
	if (optind < argc)
		command.options.project = argv[optind];
	code = check(&command.options);
	return code == CLI_OK ? build(&command) : code;
}

const struct cli_verb cli_build = {
	.name = "build",
	.summary = "make an enclave image from a project",
	.help = help,
	.run = run,
};
