#include <curl/curl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "attest/finding.h"
#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "cli/at.h"
#include "cli/cli.h"
#include "cli/verify_print.h"
#include "crypto/crypto.h"
#include "http/exchange.h"
#include "os/file.h"

static const char help[] =
	"conclave verify: may this be trusted?\n"
	"\n"
	"usage: conclave verify [options] FILE|URL|-\n"
	"\n"
	"Reads evidence of a trusted execution environment, of any kind: an SGX or TDX quote\n"
	"(versions 3 to 5), a report of AMD SEV-SNP (Milan, Genoa, Turin), an AWS Nitro document, "
	"or\n"
	"an EnclaveInstanceInfo as 'conclave serve' hands it out. Verifies every signature, date "
	"and\n"
	"revocation list up to the vendor's root, whose key is built in; says what it claims; and\n"
	"holds that against what you accept. Nothing is asked of any network, but for a URL "
	"itself.\n"
	"\n"
	"options:\n"
	"  -p, --policy FILE      what you accept, in JSON; its schema lies at\n"
	"                         share/doc/conclave/attestation-policy.schema.json\n"
	"  -c, --constraint TEXT  the same in one line, for SGX (see 'conclave attestation "
	"--help')\n"
	"      --nonce HEX        what the evidence must hold to be new: beside the keys of an\n"
	"                         EnclaveInstanceInfo, in a Nitro document, or as the report data "
	"of\n"
	"                         others, zeros behind it. A host is asked for it: 64 digits\n"
	"      --collateral DIR   what did not come with the evidence. Of Intel's: tcb_info.json,\n"
	"                         tcb_info_chain.pem, qe_identity.json, qe_identity_chain.pem,\n"
	"                         pck_crl.der, root_ca_crl.der, and where they are needed\n"
	"                         pck_chain.pem and pck_crl_chain.pem. Of AMD's: leaf.der (VCEK "
	"or\n"
	"                         VLEK), chain.pem, crl.der\n"
	"      --at TIME          judge as of this time: seconds since 1970, or\n"
	"                         2026-01-31T12:00:00Z; 'made': when a Nitro document says it\n"
	"                         was made, for archives; the present when not given\n"
	"      --json             print one JSON object instead of a table\n"
	"      --help             this page\n"
	"\n"
	"A URL is a host's (https://auction.example: its /attestation is read) or the evidence's "
	"own\n"
	"(https://auction.example/quote.bin).\n"
	"\n"
	"Without a policy or a constraint nothing is accepted: you learn what the evidence says, "
	"and\n"
	"that it is genuine.\n"
	"\n"
	"exit codes: 0 accepted; 1 it could not be had or is no evidence, or collateral is "
	"missing; 2\n"
	"wrong usage; 3 refused: not genuine, not valid at this time, or not what the policy "
	"accepts;\n"
	"4 genuine, and not refused, but something is left for you to judge: there are remarks, "
	"or\n"
	"there was no policy.\n"
	"\n"
	"examples:\n"
	"  conclave verify http://127.0.0.1:8080\n"
	"  conclave verify --policy policy.json --collateral collateral/ quote.bin\n"
	"  conclave verify --json --policy policy.json --nonce $nonce - <document.cbor\n";

#define EVIDENCE_SIZE_MAX INSTANCE_INFO_SIZE_MAX
#define PART_SIZE_MAX 0x40000u
#define NONCE_SIZE_MAX 512u
#define CONNECT_MS 10000
#define WHOLE_MS 30000

struct options {
	const char *source, *policy, *constraint, *collateral;
	bool as_json;
	bool at_made; /* as of when the document says it was made */
	int64_t at;
	struct bytes nonce; /* ptr NULL: none */
};

/* -- the policy -- */

/* What both kinds of policy point into. */
struct wanted {
	struct buffer text;
	struct constraint constraint;
	struct policy policy;
};

static enum conclave_error read_policy(
	struct wanted *out, const struct options *options, struct conclave_report *report)
{
	struct conclave_report why = {""};
	TRY(file_read(&out->text, options->policy, POLICY_SIZE_MAX, report));
	enum conclave_error error =
		policy_read(&out->policy, bytes_of(out->text.ptr, out->text.len), &why);
	if (error != CONCLAVE_OK)
		report_fill(report, "%.200s: %.800s", options->policy, why.text);
	return error;
}

static enum conclave_error read_constraint(
	struct wanted *out, const struct options *options, struct conclave_report *report)
{
	const char *text = options->constraint;
	TRY(constraint_parse(&out->constraint, bytes_of(text, strlen(text)), report));
	policy_from_constraint(&out->policy, &out->constraint);
	return CONCLAVE_OK;
}

/* -- the evidence -- */

static void curl_free_handle(CURL *const *curl)
{
	curl_easy_cleanup(*curl);
}

static bool is_url(const char *source)
{
	return strncmp(source, "http://", 7) == 0 || strncmp(source, "https://", 8) == 0;
}

/* A host's URL has no path; its evidence lies at /attestation, and holds a nonce if it is asked to.
 * malloc'ed. */
static enum conclave_error find_url(char **out, bool *is_loopback, const char *text,
	struct bytes nonce, struct conclave_report *report)
{
	char hex[2 * NONCE_SIZE_MAX + 1];
	if (!http_url_is_base(is_loopback, text)) {
		report_fill(report,
			"'%.200s' is no URL of a host or of a file; one looks like "
			"http://127.0.0.1:8080",
			text);
		return CONCLAVE_ERROR_ARGUMENT;
	}
	const char *path = strchr(strstr(text, "://") + 3, '/');
	bool is_host = path == NULL || path[1] == '\0';
	int len = is_host && path != NULL ? (int)(path - text) : (int)strlen(text);
	bool asks = is_host && nonce.ptr != NULL;
	if (asprintf(out, "%.*s%s%s%s", len, text, is_host ? "/attestation" : "",
		    asks ? "?nonce=" : "", asks ? hex_encode(hex, nonce) : "") < 0)
		return CONCLAVE_ERROR_MEMORY;
	return CONCLAVE_OK;
}

static enum conclave_error download(
	struct buffer *out, const char *url, bool is_loopback, struct conclave_report *report)
{
	CLEANUP(curl_free_handle) CURL *curl = curl_easy_init();
	CLEANUP(http_response_free) struct http_response response = {.max = EVIDENCE_SIZE_MAX};
	const struct http_peer peer = {.name = url,
		.question = "is a host serving there?",
		.is_loopback = is_loopback,
		.connect_ms = CONNECT_MS,
		.whole_ms = WHOLE_MS};
	if (curl == NULL)
		return CONCLAVE_ERROR_MEMORY;
	TRY(http_exchange(&response, curl, &peer, url, report));
	if (response.status != 200) {
		report_fill(report, "%.300s: status %ld, where the evidence should be", url,
			response.status);
		return CONCLAVE_ERROR_NETWORK;
	}
	*out = (struct buffer){response.data, response.len};
	response.data = NULL;
	return CONCLAVE_OK;
}

static enum conclave_error fetch(
	struct buffer *out, const struct options *options, struct conclave_report *report)
{
	char *url = NULL;
	bool is_loopback = false;
	if (!is_url(options->source))
		return file_read(out, options->source, EVIDENCE_SIZE_MAX, report);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CONCLAVE_ERROR_INTERNAL;
	TRY(find_url(&url, &is_loopback, options->source, options->nonce, report));
	enum conclave_error error = download(out, url, is_loopback, report);
	free(url);
	return error;
}

static enum conclave_error detect(struct evidence *out, const char *source, struct buffer data,
	struct conclave_report *report)
{
	char hex[2 * 8 + 1];
	out->from = bytes_of(data.ptr, data.len);
	out->kind = evidence_detect(out->from);
	if (out->kind != EVIDENCE_UNKNOWN)
		return CONCLAVE_OK;
	if (data.len == 0) {
		report_fill(report, "%.200s: no evidence of any kind that is known: it is empty",
			source);
		return CONCLAVE_ERROR_FORMAT;
	}
	report_fill(report,
		"%.200s: no evidence of any kind that is known: %zu bytes that begin with %s; "
		"wanted "
		"a quote of SGX or TDX, an SNP report, a Nitro document or an EnclaveInstanceInfo, "
		"in "
		"binary",
		source, data.len, hex_encode(hex, bytes_slice(out->from, 0, 8)));
	return CONCLAVE_ERROR_FORMAT;
}

/* Only Nitro's documents have a date of their own. */
static enum conclave_error find_time(int64_t *out, const struct options *options,
	const struct evidence *evidence, struct conclave_report *report)
{
	*out = options->at;
	if (!options->at_made)
		return CONCLAVE_OK;
	if (evidence->kind == EVIDENCE_NITRO_DOCUMENT)
		return nitro_read_timestamp(out, evidence->from);
	report_fill(report, "--at made: %s does not say when it was made; give a time",
		evidence_kind_text(evidence->kind));
	return CONCLAVE_ERROR_ARGUMENT;
}

/* -- collateral -- */

#define PART(field) offsetof(struct evidence, field)
static const struct {
	const char *name;
	size_t offset;
} parts[] = {
	{"pck_chain.pem", PART(collateral.pck_chain)},
	{"pck_crl_chain.pem", PART(collateral.pck_crl_issuer_chain)},
	{"pck_crl.der", PART(collateral.pck_crl)},
	{"root_ca_crl.der", PART(collateral.root_ca_crl)},
	{"tcb_info.json", PART(collateral.tcb_info)},
	{"tcb_info_chain.pem", PART(collateral.tcb_info_issuer_chain)},
	{"qe_identity.json", PART(collateral.qe_identity)},
	{"qe_identity_chain.pem", PART(collateral.qe_identity_issuer_chain)},
	{"leaf.der", PART(snp.leaf)},
	{"crl.der", PART(snp.crl)},
};

struct collateral_files {
	struct buffer parts[ARRAY_COUNT(parts)], snp_chain;
	uint8_t snp_space[SNP_CHAIN_SIZE_MAX];
};

static void collateral_files_free(struct collateral_files *files)
{
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		file_free(&files->parts[i]);
	file_free(&files->snp_chain);
}

/* Which parts are needed the verifier knows best: what is not there is left empty. */
static enum conclave_error load_part(
	struct buffer *out, const char *folder, const char *name, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];
	TRY(file_path(path, report, "%s/%s", folder, name));
	enum conclave_error error = file_read(out, path, PART_SIZE_MAX, report);
	return error == CONCLAVE_ERROR_NOT_FOUND ? CONCLAVE_OK : error;
}

static enum conclave_error load_snp_chain(struct evidence *out, struct collateral_files *files,
	const char *folder, struct conclave_report *report)
{
	struct snp_evidence chain = {0};
	struct writer space =
		writer_of((struct buffer){files->snp_space, sizeof(files->snp_space)});
	TRY(load_part(&files->snp_chain, folder, "chain.pem", report));
	if (files->snp_chain.len == 0)
		return CONCLAVE_OK;
	enum conclave_error error = snp_read_chain(
		&chain, &space, bytes_of(files->snp_chain.ptr, files->snp_chain.len));
	if (error != CONCLAVE_OK) {
		report_fill(report,
			"%.500s/chain.pem: wanted the certificates ASK (or ASVK) and ARK of AMD's "
			"in "
			"PEM, and maybe the leaf: %s",
			folder, conclave_error_text(error));
		return error;
	}
	out->snp.intermediate = chain.intermediate;
	out->snp.root = chain.root;
	if (out->snp.leaf.len == 0)
		out->snp.leaf = chain.leaf;
	return CONCLAVE_OK;
}

static enum conclave_error load_collateral(struct evidence *out, struct collateral_files *files,
	const char *folder, struct conclave_report *report)
{
	struct stat status;
	if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode)) {
		report_fill(report, "--collateral: no folder at '%.500s'", folder);
		return CONCLAVE_ERROR_NOT_FOUND;
	}
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		TRY(load_part(&files->parts[i], folder, parts[i].name, report));
		*(struct bytes *)((uint8_t *)out + parts[i].offset) =
			bytes_of(files->parts[i].ptr, files->parts[i].len);
	}
	if (out->kind == EVIDENCE_SNP_REPORT)
		TRY(load_snp_chain(out, files, folder, report));
	return CONCLAVE_OK;
}

/* -- the verdict -- */

static void explain_refusal(struct conclave_report *report, const struct verify_result *result)
{
	char at[32] = "";
	ADD_TIME(at, result->at);
	const char *check = result->refusal.check, *cure = verify_cure(result);
	if (result->refusal.is_genuine)
		report_fill(report,
			"genuine, but not valid at %s: %s has expired or is not valid yet; %s", at,
			check, cure);
	else if (result->error == CONCLAVE_ERROR_NOT_FOUND)
		report_fill(report, "%s: it is missing; %s", check, cure);
	else
		report_fill(report, "refused at %s: %s; %s", check,
			conclave_error_text(result->error), cure);
}

static int refuse(const struct verify_result *result, bool as_json)
{
	struct conclave_report report = {""};
	explain_refusal(&report, result);
	if (as_json && verify_print(result, true) != CONCLAVE_OK)
		return cli_fail("verify", CONCLAVE_ERROR_MEMORY, NULL);
	cli_fail("verify", result->error, &report);
	return result->error == CONCLAVE_ERROR_NOT_FOUND ? CLI_FAILED : CLI_REFUSED;
}

static int exit_code(const struct verify_result *result)
{
	if (result->policy == NULL)
		return CLI_REMARKS;
	switch (result->appraisal.verdict) {
	case APPRAISAL_REFUSED: return CLI_REFUSED;
	case APPRAISAL_ACCEPTED_WITH_ADVISORIES: return CLI_REMARKS;
	case APPRAISAL_ACCEPTED: break;
	}
	return CLI_OK;
}

static int judge(const struct options *options, const struct wanted *wanted,
	const struct evidence *evidence, int64_t at)
{
	static struct finding findings[APPRAISAL_FINDINGS_MAX];
	const struct evidence_roots vendors = {NULL, NULL, NULL};
	struct verify_result result = {.kind = evidence->kind,
		.policy = options->policy != NULL ? options->policy : options->constraint,
		.at = at};
	result.error = evidence_verify(
		&result.claims, &result.refusal, evidence, &vendors, at, wanted->policy.skew);
	if (result.error != CONCLAVE_OK)
		return refuse(&result, options->as_json);
	if (result.policy != NULL)
		appraise(&result.appraisal, findings, ARRAY_COUNT(findings), &wanted->policy,
			&result.claims, options->nonce, at);
	enum conclave_error error = verify_print(&result, options->as_json);
	if (error != CONCLAVE_OK)
		return cli_fail("verify", error, NULL);
	return exit_code(&result);
}

static int run_with(const struct options *options)
{
	static struct wanted wanted;
	static struct collateral_files files;
	CLEANUP(file_free) struct buffer data = {NULL, 0};
	struct conclave_report report = {""};
	struct evidence evidence = {.kind = EVIDENCE_UNKNOWN};
	if (options->constraint != NULL &&
		read_constraint(&wanted, options, &report) != CONCLAVE_OK)
		return cli_usage("verify", "the constraint is wrong: %s", report.text);
	enum conclave_error error = crypto_init();
	if (error == CONCLAVE_OK && options->policy != NULL)
		error = read_policy(&wanted, options, &report);
	if (error == CONCLAVE_OK)
		error = fetch(&data, options, &report);
	if (error == CONCLAVE_OK)
		error = detect(&evidence, options->source, data, &report);
	if (error == CONCLAVE_OK && options->collateral != NULL)
		error = load_collateral(&evidence, &files, options->collateral, &report);
	int64_t at = 0;
	if (error == CONCLAVE_OK)
		error = find_time(&at, options, &evidence, &report);
	int code = CLI_FAILED;
	if (error != CONCLAVE_OK)
		cli_fail("verify", error, &report);
	else
		code = judge(options, &wanted, &evidence, at);
	collateral_files_free(&files);
	file_free(&wanted.text);
	return code;
}

/* -- the command line -- */

static bool parse_nonce(struct bytes *out, const char *text)
{
	static uint8_t nonce[NONCE_SIZE_MAX];
	struct bytes digits = bytes_of(text, strlen(text));
	struct buffer space = {nonce, digits.len / 2};
	if (digits.len == 0 || digits.len % 2 != 0 || space.len > sizeof(nonce) ||
		hex_decode(space, digits) != CONCLAVE_OK)
		return false;
	*out = bytes_of(space.ptr, space.len);
	return true;
}

static int finish(struct options *options, int argc, char **argv)
{
	if (options->policy != NULL && options->constraint != NULL)
		return cli_usage("verify", "give a policy or a constraint, not both");
	if (options->nonce.ptr != NULL && options->policy == NULL && options->constraint == NULL)
		return cli_usage("verify", "--nonce is held against a policy or a constraint: give "
					   "one");
	if (optind + 1 != argc)
		return cli_usage("verify", "give one file or URL");
	options->source = argv[optind];
	return run_with(options);
}

static int run(int argc, char **argv)
{
	enum { AT = 256, COLLATERAL, JSON, NONCE };
	static const struct option names[] = {
		{"policy", required_argument, NULL, 'p'},
		{"constraint", required_argument, NULL, 'c'},
		{"nonce", required_argument, NULL, NONCE},
		{"collateral", required_argument, NULL, COLLATERAL},
		{"at", required_argument, NULL, AT},
		{"json", no_argument, NULL, JSON},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.at = (int64_t)time(NULL)};
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":p:c:", names, NULL)) != -1;) {
		switch (c) {
		case 'p': options.policy = optarg; break;
		case 'c': options.constraint = optarg; break;
		case COLLATERAL: options.collateral = optarg; break;
		case JSON: options.as_json = true; break;
		case NONCE:
			if (!parse_nonce(&options.nonce, optarg))
				return cli_usage("verify",
					"--nonce takes 2 to 1024 hexadecimal digits, not '%s'",
					optarg);
			break;
		case AT:
			options.at_made = strcmp(optarg, "made") == 0;
			if (!options.at_made && !cli_parse_time(&options.at, optarg))
				return cli_usage("verify", CLI_TIME_WANTED, optarg);
			break;
		case ':': return cli_usage("verify", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("verify", "unknown option '%s'", argv[optind - 1]);
		}
	}
	return finish(&options, argc, argv);
}

const struct cli_verb cli_verify = {
	.name = "verify",
	.summary = "hold evidence of any kind against a policy",
	.help = help,
	.run = run,
};
