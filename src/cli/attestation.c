#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attest/calendar.h"
#include "attest/constraint.h"
#include "attest/json_view.h"
#include "attest/tcb.h"
#include "attest/words.h"
#include "base/check.h"
#include "base/report.h"
#include "cli/at.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/refresh.h"
#include "client/http.h"
#include "os/file.h"

static const char help[] =
	"conclave attestation: is this enclave what it says it is?\n"
	"\n"
	"usage: conclave attestation [options] URL|FILE|-\n"
	"       conclave attestation refresh [refresh options] [FILE|-]\n"
	"\n"
	"Downloads the attestation of the host at URL (http://… or https://…), or reads one from\n"
	"FILE, or from standard input; verifies everything in it (certificates, revocation lists,\n"
	"TCB info, identity of the quoting enclave, all signatures and dates, and that the\n"
	"enclave's keys are bound to it) and says in words what it proves. With a constraint it\n"
	"also says whether that is what you asked for.\n"
	"\n"
	"options:\n"
	"  -c, --constraint TEXT  what the enclave must be, e.g. \"S:5124… PROD:1 SEC:INSECURE\":\n"
	"                           C:HASH    code hash (MRENCLAVE); several: any of them\n"
	"                           S:HASH    code signer (MRSIGNER); several: any of them\n"
	"                           PROD:N    product id; goes with S\n"
	"                           REVOKE:N  at least this revocation level\n"
	"                           SEC:LEVEL INSECURE (exactly), STALE or SECURE (at least);\n"
	"                                     STALE when not given\n"
	"                           EXPIRE:P  no older than this period, e.g. P6M or P2W\n"
	"      --at TIME          judge as of this time: seconds since 1970, or\n"
	"                         2026-01-31T12:00:00Z; the present when not given\n"
	"      --fresh            (URL) have it made now: it must hold a random nonce that is "
	"sent\n"
	"                         with the question, so that an old one cannot be passed off\n"
	"      --json             print one JSON object instead of words\n"
	"      --save FILE        keep the attestation as it was received\n"
	"      --help             this page\n"
	"\n"
	"A simulation enclave proves nothing about the machine it runs on: it is always INSECURE,\n"
	"and only a constraint with SEC:INSECURE accepts it.\n"
	"\n"
	"refreshing:\n"
	"Whoever runs enclaves keeps what their quotes are judged by fresh. 'refresh' fetches the\n"
	"collateral of the evidence in FILE (an attestation, a quote of SGX or TDX, a report of\n"
	"SEV-SNP) from the vendor: revocation lists, TCB info, identity of the quoting enclave,\n"
	"the chip's certificate. It verifies all of it, keeps it in a cache until it is due\n"
	"again, and with -o writes the same evidence with it. Without FILE it renews whatever the\n"
	"cache holds. What cannot be renewed is used for as long as it is valid. Simulated\n"
	"platforms bring their collateral; no vendor serves it.\n"
	"\n"
	"refresh options:\n"
	"  -o, --output PATH      write the evidence with its new collateral: an attestation as "
	"the\n"
	"                         file PATH; for a quote or a report the folder PATH, which gets\n"
	"                         the collateral alone\n"
	"      --cache DIR        keep collateral here; $XDG_CACHE_HOME/conclave/collateral or\n"
	"                         ~/.cache/conclave/collateral when not given\n"
	"      --pcs-url URL      ask this PCS or PCCS instead of Intel's\n"
	"      --kds-url URL      ask this KDS instead of AMD's\n"
	"      --product NAME     Milan, Genoa or Turin: of SEV-SNP reports of version 2, which "
	"do\n"
	"                         not say\n"
	"      --json             print one JSON object instead of words\n"
	"\n"
	"exit codes: 0 genuine, and the constraint is met; 1 it could not be had or read; 2 wrong\n"
	"usage; 3 refused: not genuine, not valid at this time, or not what the constraint says.\n"
	"Refreshing: 0 all of it is at hand and valid; 1 something is missing or has expired; 3 "
	"the\n"
	"evidence is refused even so. Nothing is written unless it is 0.\n"
	"\n"
	"examples:\n"
	"  conclave attestation http://127.0.0.1:8080\n"
	"  conclave attestation -c \"C:4E06… SEC:SECURE\" https://auction.example\n"
	"  conclave attestation --fresh http://127.0.0.1:8080\n"
	"  conclave attestation --save evidence.bin --json https://auction.example\n"
	"  conclave attestation refresh -o fresh.bin evidence.bin\n"
	"  conclave attestation refresh --cache /var/cache/conclave --pcs-url "
	"https://pccs.example\n";

#define CONNECT_MS 10000
#define WHOLE_MS 30000

struct options {
	const char *source, *constraint, *save;
	bool as_json, fresh;
	uint8_t nonce[CONCLAVE_NONCE_SIZE]; /* fresh */
	int64_t at;
};

static void free_bytes(uint8_t **data)
{
	free(*data);
}

static void close_transport(struct conclave_transport *transport)
{
	if (transport->close != NULL)
		transport->close(transport->context);
}

static bool is_url(const char *source)
{
	return strncmp(source, "http://", 7) == 0 || strncmp(source, "https://", 8) == 0;
}

static enum conclave_error fetch(
	uint8_t **out, size_t *size, const struct options *options, struct conclave_report *report)
{
	CLEANUP(close_transport) struct conclave_transport transport = {0};
	if (!is_url(options->source))
		return cli_read_file(out, size, options->source, INSTANCE_INFO_SIZE_MAX, report);
	TRY(http_transport_open(&transport, options->source, CONNECT_MS, WHOLE_MS, report));
	if (options->fresh)
		return transport.attestation_fresh(
			transport.context, out, size, options->nonce, report);
	return transport.attestation(transport.context, out, size, report);
}

/* R3's words and constraints are for these. */
static bool is_of_r3(const struct instance_info *info)
{
	return info->type == INSTANCE_INFO_DCAP || info->type == INSTANCE_INFO_MOCK;
}

static enum conclave_error verify(struct attest_claims *claims, struct bytes serialised,
	const struct options *options, struct conclave_report *report)
{
	struct instance_info info;
	enum attest_check failed = ATTEST_CHECK_FORMAT;
	enum conclave_error error = instance_info_read(&info, serialised);
	if (error == CONCLAVE_OK && !is_of_r3(&info)) {
		report_fill(report,
			"the attestation is not of a form that R3 has: 'conclave verify' judges "
			"it, and the policies of 'conclave mail' do");
		return CONCLAVE_ERROR_VERSION;
	}
	if (error == CONCLAVE_OK)
		error = attest_verify(claims, &failed, &info, &attest_default_roots, options->at);
	if (error != CONCLAVE_OK)
		attest_refusal(report, error, failed);
	if (error != CONCLAVE_OK || !options->fresh ||
		bytes_equal(info.nonce, BYTES_OF(options->nonce)))
		return error;
	report_fill(report, "it is not new: it does not hold the nonce that was sent");
	return CONCLAVE_ERROR_MISMATCH;
}

/* -- what is printed -- */

static json_t *advisories(const struct attest_claims *claims)
{
	const struct json_view lists[] = {{claims->platform_advisories}, {claims->qe_advisories}};
	json_t *array = json_array();
	for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
		struct json_view element;
		struct bytes id;
		for (struct reader ids = json_view_elements(&lists[i]);
			json_view_next(&element, &ids);)
			if (json_view_text(&id, &element) == CONCLAVE_OK)
				json_array_append_new(
					array, json_stringn((const char *)id.ptr, id.len));
	}
	return array;
}

static void print_json(const struct attest_claims *claims)
{
	struct bytes status = tcb_status_text(claims->tcb_status);
	char reason[1024];
	json_t *object = json_object();
	attest_reason(reason, sizeof(reason), claims);
	cli_json_hex(object, "code_hash", BYTES_OF(claims->report.mrenclave));
	cli_json_hex(object, "code_signer", BYTES_OF(claims->report.mrsigner));
	json_object_set_new(object, "product_id", json_integer(claims->product_id));
	json_object_set_new(object, "revocation_level", json_integer(claims->revocation_level));
	json_object_set_new(object, "mode", json_string(attest_mode_text(claims->mode)));
	json_object_set_new(object, "security", json_string(attest_level_text(claims->level)));
	json_object_set_new(object, "reason", json_string(reason));
	cli_json_hex(object, "encryption_key", BYTES_OF(claims->encryption_key));
	cli_json_hex(object, "signing_key", BYTES_OF(claims->signing_key));
	cli_json_time(object, "timestamp", claims->timestamp);
	if (claims->has_quote) {
		cli_json_time(object, "valid_until", claims->earliest_expiry);
		json_object_set_new(
			object, "tcb_status", json_stringn((const char *)status.ptr, status.len));
		json_object_set_new(object, "advisories", advisories(claims));
		cli_json_hex(object, "cpusvn", BYTES_OF(claims->report.cpusvn));
	}
	cli_json_print(object);
	json_decref(object);
}

static void print_words(const struct attest_claims *claims)
{
	char text[ATTEST_WORDS_SIZE];
	attest_words(text, sizeof(text), claims);
	puts(text);
}

static int check(
	const struct options *options, const struct constraint *constraint, struct bytes serialised)
{
	struct conclave_report report = {""};
	struct attest_claims claims;
	enum conclave_error error = verify(&claims, serialised, options, &report);
	if (error != CONCLAVE_OK) {
		cli_fail("attestation", error, &report);
		return CLI_REFUSED;
	}
	if (options->as_json)
		print_json(&claims);
	else
		print_words(&claims);
	if (constraint == NULL)
		return CLI_OK;
	error = constraint_check(constraint, &claims, options->at, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("attestation", error, &report);
	if (!options->as_json)
		puts("\nThe enclave meets the constraint.");
	return CLI_OK;
}

static int run_with(struct options *options)
{
	struct conclave_report report = {""};
	struct constraint constraint;
	CLEANUP(free_bytes) uint8_t *data = NULL;
	size_t size = 0;
	const char *text = options->constraint;
	if (text != NULL &&
		constraint_parse(&constraint, bytes_of(text, strlen(text)), &report) != CONCLAVE_OK)
		return cli_usage("attestation", "the constraint is wrong: %s", report.text);
	enum conclave_error error = crypto_init();
	if (error == CONCLAVE_OK)
		error = crypto_random((struct buffer){options->nonce, sizeof(options->nonce)});
	if (error == CONCLAVE_OK)
		error = fetch(&data, &size, options, &report);
	if (error == CONCLAVE_OK && options->save != NULL)
		error = file_write(options->save, bytes_of(data, size), 0644, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("attestation", error, &report);
	return check(options, text != NULL ? &constraint : NULL, bytes_of(data, size));
}

static int run(int argc, char **argv)
{
	enum { AT = 256, FRESH, JSON, SAVE };
	static const struct option names[] = {
		{"constraint", required_argument, NULL, 'c'},
		{"at", required_argument, NULL, AT},
		{"fresh", no_argument, NULL, FRESH},
		{"json", no_argument, NULL, JSON},
		{"save", required_argument, NULL, SAVE},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.at = (int64_t)time(NULL)};
	if (argc > 1 && strcmp(argv[1], "refresh") == 0)
		return refresh_run(argc - 1, argv + 1);
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":c:", names, NULL)) != -1;) {
		switch (c) {
		case 'c': options.constraint = optarg; break;
		case AT:
			if (!cli_parse_time(&options.at, optarg))
				return cli_usage("attestation", CLI_TIME_WANTED, optarg);
			break;
		case FRESH: options.fresh = true; break;
		case JSON: options.as_json = true; break;
		case SAVE: options.save = optarg; break;
		case ':': return cli_usage("attestation", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("attestation", "unknown option '%s'", argv[optind - 1]);
		}
	}
	if (optind + 1 != argc)
		return cli_usage("attestation", "give one URL or file");
	options.source = argv[optind];
	if (options.fresh && !is_url(options.source))
		return cli_usage("attestation", "--fresh needs a URL: a file was made before");
	return run_with(&options);
}

const struct cli_verb cli_attestation = {
	.name = "attestation",
	.summary = "download or read an attestation, verify it and explain it",
	.help = help,
	.run = run,
};
