#include "cli/refresh.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "attest/attest.h"
#include "attest/calendar.h"
#include "attest/dcap.h"
#include "attest/evidence.h"
#include "attest/words.h"
#include "base/check.h"
#include "base/report.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "collateral/collateral.h"
#include "os/file.h"

struct options {
	const char *source; /* NULL: the whole cache */
	const char *output, *cache, *pcs_url, *kds_url;
	bool has_product, as_json;
	enum snp_product product;
};

/* One run of the verb. */
struct refresh {
	const struct options *options;
	struct collateral *collateral;
	int64_t now;
	json_t *items;		 /* with --json */
	size_t missing, expired; /* items that are not there, or not valid */
	struct conclave_report report;
};

static void refresh_free(struct refresh *refresh)
{
	collateral_close(refresh->collateral);
	json_decref(refresh->items);
}

static void free_bytes(uint8_t **data)
{
	free(*data);
}

/* -- what is printed -- */

static const char *time_text(char out[CALENDAR_TEXT_SIZE + 1], int64_t seconds)
{
	struct writer writer = writer_of((struct buffer){(uint8_t *)out, CALENDAR_TEXT_SIZE});
	calendar_write(&writer, seconds);
	out[writer.len] = '\0';
	return out;
}

static void print_words(const struct collateral_note *note, const char *name)
{
	char issued[CALENDAR_TEXT_SIZE + 1], until[CALENDAR_TEXT_SIZE + 1];
	printf("%-8s %s", collateral_state_text(note->state), name);
	if (note->state != COLLATERAL_MISSING)
		printf("\n         issued %s, valid until %s", time_text(issued, note->issued),
			time_text(until, note->valid_until));
	if (note->reason.text[0] != '\0')
		printf("\n         %s", note->reason.text);
	putchar('\n');
}

static void add_json(json_t *items, const struct collateral_note *note, const char *name)
{
	json_t *item = json_object();
	json_object_set_new(item, "name", json_string(name));
	json_object_set_new(item, "state", json_string(collateral_state_text(note->state)));
	if (note->state != COLLATERAL_MISSING) {
		cli_json_time(item, "issued", note->issued);
		cli_json_time(item, "valid_until", note->valid_until);
		cli_json_time(item, "renew", note->renew);
	}
	if (note->reason.text[0] != '\0')
		json_object_set_new(item, "reason", json_string(note->reason.text));
	json_array_append_new(items, item);
}

static void take_note(void *context, const struct collateral_note *note)
{
	struct refresh *refresh = context;
	char name[COLLATERAL_NAME_SIZE];
	item_name(name, &note->item);
	refresh->missing += note->state == COLLATERAL_MISSING;
	refresh->expired += note->state == COLLATERAL_EXPIRED;
	if (refresh->options->as_json)
		add_json(refresh->items, note, name);
	else
		print_words(note, name);
}

static int finish(struct refresh *refresh, enum conclave_error error, const char *written)
{
	if (refresh->options->as_json) {
		json_t *object = json_object();
		json_object_set(object, "items", refresh->items);
		json_object_set_new(object, "complete", json_boolean(error == CONCLAVE_OK));
		if (error != CONCLAVE_OK)
			json_object_set_new(object, "error",
				json_string(refresh->report.text[0] != '\0'
						    ? refresh->report.text
						    : conclave_error_text(error)));
		if (error == CONCLAVE_OK && written != NULL)
			json_object_set_new(object, "written", json_string(written));
		cli_json_print(object);
		json_decref(object);
	}
	if (error == CONCLAVE_OK)
		return CLI_OK;
	int exit_code = cli_fail("attestation", error, &refresh->report);
	/* An answer that was refused says nothing of the evidence. */
	return refresh->missing + refresh->expired > 0 ? CLI_FAILED : exit_code;
}

/* -- writing -- */

static enum conclave_error write_part(struct refresh *refresh, const char *name, struct bytes part)
{
	char path[FILE_PATH_SIZE];
	TRY(file_path(path, &refresh->report, "%s/%s", refresh->options->output, name));
	return file_write(path, part, 0644, &refresh->report);
}

struct named_part {
	const char *name;
	struct bytes part;
};

static enum conclave_error write_folder(
	struct refresh *refresh, const struct named_part *parts, size_t count)
{
	if (refresh->options->output == NULL)
		return CONCLAVE_OK;
	TRY(file_folder(refresh->options->output, 0755, &refresh->report));
	for (size_t i = 0; i < count; i++)
		if (parts[i].part.len > 0)
			TRY(write_part(refresh, parts[i].name, parts[i].part));
	return CONCLAVE_OK;
}

/* -- the three kinds of evidence -- */

/* That a part has expired is not the evidence's fault: it is said as what it is. */
static enum conclave_error check_expired(struct refresh *refresh)
{
	if (refresh->expired == 0)
		return CONCLAVE_OK;
	report_fill(&refresh->report,
		"%zu of the items are not valid any more and could not be renewed",
		refresh->expired);
	return CONCLAVE_ERROR_NOT_FOUND;
}

static enum conclave_error verify_info(struct refresh *refresh, struct bytes serialised)
{
	const struct evidence evidence = {.kind = EVIDENCE_INSTANCE_INFO, .from = serialised};
	const struct evidence_roots vendors = {NULL, NULL, NULL};
	struct evidence_refusal refusal = {"", false};
	struct claims claims;
	enum conclave_error error =
		evidence_verify(&claims, &refusal, &evidence, &vendors, refresh->now, 0);
	if (error != CONCLAVE_OK)
		report_fill(&refresh->report, "the attestation is refused at %s: %s", refusal.check,
			conclave_error_text(error));
	return error;
}

/* Of reports that do not say. */
static const enum snp_product *refresh_product(const struct refresh *refresh)
{
	return refresh->options->has_product ? &refresh->options->product : NULL;
}

static enum conclave_error refresh_info(struct refresh *refresh, struct bytes evidence)
{
	CLEANUP(free_bytes) uint8_t *space = malloc(INSTANCE_INFO_SIZE_MAX);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer out = writer_of((struct buffer){space, INSTANCE_INFO_SIZE_MAX});
	TRY(collateral_staple(&out, refresh->collateral, evidence, refresh_product(refresh),
		refresh->now, &refresh->report));
	TRY(check_expired(refresh));
	TRY(verify_info(refresh, writer_bytes(&out)));
	if (refresh->options->output == NULL)
		return CONCLAVE_OK;
	return file_write(refresh->options->output, writer_bytes(&out), 0644, &refresh->report);
}

static enum conclave_error verify_quote(
	struct refresh *refresh, struct bytes evidence, const struct quote_collateral *parts)
{
	struct quote_claims claims;
	enum attest_check failed;
	enum conclave_error error = quote_verify(
		&claims, &failed, NULL, evidence, parts, &attest_default_roots, refresh->now);
	if (error != CONCLAVE_OK)
		attest_refusal(&refresh->report, error, failed);
	return error;
}

static enum conclave_error refresh_quote(struct refresh *refresh, struct bytes evidence)
{
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	TRY(collateral_of_quote(
		&found, refresh->collateral, evidence, refresh->now, &refresh->report));
	TRY(check_expired(refresh));
	TRY(verify_quote(refresh, evidence, &found.parts));
	const struct named_part parts[] = {
		{"pck_crl.der", found.parts.pck_crl},
		{"pck_crl_chain.pem", found.parts.pck_crl_issuer_chain},
		{"root_ca_crl.der", found.parts.root_ca_crl},
		{"tcb_info.json", found.parts.tcb_info},
		{"tcb_info_chain.pem", found.parts.tcb_info_issuer_chain},
		{"qe_identity.json", found.parts.qe_identity},
		{"qe_identity_chain.pem", found.parts.qe_identity_issuer_chain},
	};
	return write_folder(refresh, parts, ARRAY_COUNT(parts));
}

/* A report that a VLEK signed comes with it, or is not verified here. */
static enum conclave_error verify_snp(
	struct refresh *refresh, struct bytes evidence, const struct collateral_report *found)
{
	uint8_t space[SNP_CHAIN_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	struct snp_evidence parts = {
		.report = evidence, .leaf = found->vcek.body, .crl = found->crl.body};
	struct snp_claims claims;
	enum snp_check failed = SNP_CHECK_NONE;
	if (found->vcek.body.len == 0)
		return CONCLAVE_OK;
	TRY(snp_read_chain(&parts, &writer, found->chain.body));
	enum conclave_error error = snp_verify(&claims, &failed, NULL, &parts, NULL, refresh->now);
	if (error != CONCLAVE_OK)
		report_fill(&refresh->report, "the report is refused at %s: %s",
			snp_check_text(failed), conclave_error_text(error));
	return error;
}

static enum conclave_error refresh_snp(struct refresh *refresh, struct bytes evidence)
{
	CLEANUP(collateral_report_free) struct collateral_report found = {0};
	TRY(collateral_of_report(&found, refresh->collateral, evidence, refresh_product(refresh),
		refresh->now, &refresh->report));
	TRY(check_expired(refresh));
	TRY(verify_snp(refresh, evidence, &found));
	const struct named_part parts[] = {
		{"chain.pem", found.chain.body},
		{"crl.der", found.crl.body},
		{"leaf.der", found.vcek.body},
	};
	return write_folder(refresh, parts, ARRAY_COUNT(parts));
}

/* -- the verb -- */

static enum conclave_error refresh_evidence(struct refresh *refresh)
{
	CLEANUP(free_bytes) uint8_t *data = NULL;
	size_t size = 0;
	TRY(cli_read_file(
		&data, &size, refresh->options->source, INSTANCE_INFO_SIZE_MAX, &refresh->report));
	struct bytes evidence = bytes_of(data, size);
	switch (evidence_detect(evidence)) {
	case EVIDENCE_INSTANCE_INFO: return refresh_info(refresh, evidence);
	case EVIDENCE_QUOTE: return refresh_quote(refresh, evidence);
	/* Certificates that came with it give way to those that are fetched. */
	case EVIDENCE_SNP_REPORT:
		return refresh_snp(refresh, bytes_slice(evidence, 0, SNP_REPORT_SIZE));
	case EVIDENCE_NITRO_DOCUMENT:
		report_fill(&refresh->report,
			"%s has with it all that it takes to verify it: there is nothing to "
			"refresh",
			evidence_kind_text(EVIDENCE_NITRO_DOCUMENT));
		return CONCLAVE_ERROR_VERSION;
	case EVIDENCE_UNKNOWN: break;
	}
	report_fill(&refresh->report,
		"%.200s: no evidence of any kind that is known; wanted an EnclaveInstanceInfo, a "
		"quote of SGX or TDX, or an SNP report, in binary",
		refresh->options->source);
	return CONCLAVE_ERROR_FORMAT;
}

static enum conclave_error refresh_cache(struct refresh *refresh)
{
	TRY(collateral_renew(refresh->collateral, refresh->now, &refresh->report));
	return check_expired(refresh);
}

/* $XDG_CACHE_HOME/conclave/collateral, else ~/.cache/conclave/collateral; but for the last, the
 * folders are made. */
static enum conclave_error default_cache(char out[FILE_PATH_SIZE], struct conclave_report *report)
{
	char folder[FILE_PATH_SIZE];
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (base != NULL && base[0] == '/') {
		TRY(file_path(folder, report, "%s", base));
	} else if (home != NULL && home[0] == '/') {
		TRY(file_path(folder, report, "%s/.cache", home));
	} else {
		report_fill(report, "no HOME to keep collateral under; give --cache DIR");
		return CONCLAVE_ERROR_NOT_FOUND;
	}
	TRY(file_folder(folder, 0700, report));
	TRY(file_path(out, report, "%s/conclave", folder));
	TRY(file_folder(out, 0700, report));
	return file_path(out, report, "%s/conclave/collateral", folder);
}

static enum conclave_error open_collateral(struct refresh *refresh)
{
	char folder[FILE_PATH_SIZE];
	struct collateral_options options = {
		.folder = refresh->options->cache,
		.pcs_url = refresh->options->pcs_url,
		.kds_url = refresh->options->kds_url,
		.note = take_note,
		.context = refresh,
	};
	TRY(crypto_init());
	if (options.folder == NULL) {
		TRY(default_cache(folder, &refresh->report));
		options.folder = folder;
	}
	return collateral_open(&refresh->collateral, &options, &refresh->report);
}

static int run_with(const struct options *options)
{
	CLEANUP(refresh_free)
	struct refresh refresh = {
		.options = options, .now = (int64_t)time(NULL), .items = json_array()};
	enum conclave_error error = open_collateral(&refresh);
	if (error == CONCLAVE_ERROR_ARGUMENT)
		return cli_usage("attestation", "%s", refresh.report.text);
	if (error == CONCLAVE_OK)
		error = options->source != NULL ? refresh_evidence(&refresh)
						: refresh_cache(&refresh);
	return finish(&refresh, error, options->source != NULL ? options->output : NULL);
}

static bool parse_product(struct options *options, const char *text)
{
	for (unsigned i = 0; i < SNP_PRODUCT_COUNT; i++)
		if (strcasecmp(text, snp_product_text((enum snp_product)i)) == 0) {
			options->product = (enum snp_product)i;
			options->has_product = true;
			return true;
		}
	return false;
}

static int check_usage(struct options *options, int argc, char **argv)
{
	if (optind + 1 < argc)
		return cli_usage("attestation", "refresh takes one file");
	options->source = optind < argc ? argv[optind] : NULL;
	if (options->source == NULL && options->output != NULL)
		return cli_usage("attestation", "-o needs a FILE whose evidence to write");
	return CLI_OK;
}

int refresh_run(int argc, char **argv)
{
	enum { CACHE = 256, PCS_URL, KDS_URL, PRODUCT, JSON };
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'},
		{"cache", required_argument, NULL, CACHE},
		{"pcs-url", required_argument, NULL, PCS_URL},
		{"kds-url", required_argument, NULL, KDS_URL},
		{"product", required_argument, NULL, PRODUCT},
		{"json", no_argument, NULL, JSON},
		{NULL, 0, NULL, 0},
	};
	struct options options = {0};
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":o:", names, NULL)) != -1;) {
		switch (c) {
		case 'o': options.output = optarg; break;
		case CACHE: options.cache = optarg; break;
		case PCS_URL: options.pcs_url = optarg; break;
		case KDS_URL: options.kds_url = optarg; break;
		case PRODUCT:
			if (!parse_product(&options, optarg))
				return cli_usage("attestation",
					"--product takes Milan, Genoa or Turin, not '%s'", optarg);
			break;
		case JSON: options.as_json = true; break;
		case ':': return cli_usage("attestation", "%s needs a value", argv[optind - 1]);
		default: return cli_usage("attestation", "unknown option '%s'", argv[optind - 1]);
		}
	}
	int usage = check_usage(&options, argc, argv);
	return usage != CLI_OK ? usage : run_with(&options);
}
