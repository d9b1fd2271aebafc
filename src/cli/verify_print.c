#include "cli/verify_print.h"

#include <stdio.h>

#include "attest/claims_words.h"
#include "attest/finding.h"
#include "attest/tcb.h"
#include "attest/words.h"
#include "base/check.h"
#include "cli/json.h"

/* -- values -- */

static void add_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

/* Text that somebody else wrote. */
static void add_bytes(json_t *object, const char *name, struct bytes text)
{
	json_t *value = json_stringn((const char *)text.ptr, text.len);
	json_object_set_new(object, name, value != NULL ? value : json_string("(not UTF-8)"));
}

static void add_number(json_t *object, const char *name, int64_t number)
{
	json_object_set_new(object, name, json_integer(number));
}

static void add_flag(json_t *object, const char *name, bool flag)
{
	json_object_set_new(object, name, json_boolean(flag));
}

/* A word of bits, most significant first. */
static void add_bits(json_t *object, const char *name, uint64_t bits)
{
	char text[sizeof("0x0123456789abcdef")];
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)bits);
	add_text(object, name, text);
}

/* The same as a quote has it, and as policies want it. */
static void add_word(json_t *object, const char *name, uint64_t bits)
{
	uint8_t bytes[sizeof(bits)];
	store_u64le(bytes, bits);
	cli_json_hex(object, name, BYTES_OF(bytes));
}

static json_t *add_object(json_t *object, const char *name)
{
	json_t *inner = json_object();
	json_object_set_new(object, name, inner);
	return inner;
}

/* -- what the evidence claims -- */

/* The names that policies have for them. */
static const struct {
	enum claim claim;
	const char *name;
} named_claims[] = {
	{CLAIM_MRENCLAVE, "mrenclave"},
	{CLAIM_MRSIGNER, "mrsigner"},
	{CLAIM_PRODUCT_ID, "product_id"},
	{CLAIM_SVN, "svn"},
	{CLAIM_MRTD, "mrtd"},
	{CLAIM_RTMR0, "rtmr0"},
	{CLAIM_RTMR1, "rtmr1"},
	{CLAIM_RTMR2, "rtmr2"},
	{CLAIM_RTMR3, "rtmr3"},
	{CLAIM_MRSEAM, "mrseam"},
	{CLAIM_MRSIGNERSEAM, "mrsignerseam"},
	{CLAIM_MRCONFIGID, "mrconfigid"},
	{CLAIM_MROWNER, "mrowner"},
	{CLAIM_MROWNERCONFIG, "mrownerconfig"},
	{CLAIM_MRSERVICETD, "mrservicetd"},
	{CLAIM_MEASUREMENT, "measurement"},
	{CLAIM_HOST_DATA, "host_data"},
	{CLAIM_ID_KEY_DIGEST, "id_key_digest"},
	{CLAIM_AUTHOR_KEY_DIGEST, "author_key_digest"},
	{CLAIM_FAMILY_ID, "family_id"},
	{CLAIM_IMAGE_ID, "image_id"},
	{CLAIM_GUEST_SVN, "guest_svn"},
	{CLAIM_VMPL, "vmpl"},
	{CLAIM_USER_DATA, "user_data"},
	{CLAIM_PUBLIC_KEY, "public_key"},
	{CLAIM_REPORT_DATA, "report_data"},
};

static void add_claims(json_t *object, const struct claims *claims)
{
	struct claim_value value;
	for (size_t i = 0; i < ARRAY_COUNT(named_claims); i++) {
		if (!claims_value(&value, claims, named_claims[i].claim))
			continue;
		if (value.known != 0)
			add_number(object, named_claims[i].name, (int64_t)value.number);
		else
			cli_json_hex(object, named_claims[i].name, value.bytes);
	}
}

static void add_words_of_bits(json_t *object, const struct claims *claims)
{
	struct claim_value value;
	if (claims_value(&value, claims, CLAIM_TD_ATTRIBUTES))
		add_word(object, "td_attributes", value.number);
	if (claims_value(&value, claims, CLAIM_XFAM))
		add_word(object, "xfam", value.number);
	if (claims_value(&value, claims, CLAIM_GUEST_POLICY))
		add_bits(object, "guest_policy", value.number);
	if (claims_value(&value, claims, CLAIM_PLATFORM_INFO))
		add_bits(object, "platform_info", value.number);
}

static void add_nitro(json_t *object, const struct nitro_claims *nitro)
{
	add_bytes(object, "module_id", nitro->module_id);
	if (nitro->nonce.ptr != NULL)
		cli_json_hex(object, "nonce", nitro->nonce);
	json_t *pcrs = add_object(object, "pcrs");
	for (unsigned i = 0; i < NITRO_PCR_COUNT; i++) {
		char name[sizeof("pcr31")];
		if (nitro->pcrs[i].len == 0)
			continue;
		snprintf(name, sizeof(name), "pcr%u", i % NITRO_PCR_COUNT);
		cli_json_hex(pcrs, name, nitro->pcrs[i]);
	}
}

static void add_evidence(json_t *object, const struct verify_result *result)
{
	static const char *const modes[] = {"release", "debug", "simulation", "mock"};
	const struct claims *claims = &result->claims;
	json_t *evidence = add_object(object, "evidence");
	add_text(evidence, "kind", evidence_kind_text(result->kind));
	add_bytes(evidence, "platform", claims_platform_text(claims->platform));
	add_text(evidence, "mode", modes[claims->mode]);
	if (claims->platform == CLAIMS_SNP)
		add_number(evidence, "version", claims->snp.report.version);
	else if (claims->platform != CLAIMS_NITRO && claims->is_signed)
		add_number(evidence, "version", claims->quote.version);
	add_claims(evidence, claims);
	add_words_of_bits(evidence, claims);
	if (claims->platform == CLAIMS_NITRO)
		add_nitro(evidence, &claims->nitro);
	if (claims->has_keys) {
		cli_json_hex(evidence, "encryption_key", BYTES_OF(claims->encryption_key));
		cli_json_hex(evidence, "signing_key", BYTES_OF(claims->signing_key));
	}
}

/* -- who vouches for it -- */

static const char *answer_text(enum pck_answer answer)
{
	static const char *const texts[] = {
		[PCK_UNKNOWN] = "not said", [PCK_NO] = "no", [PCK_YES] = "yes"};
	return texts[answer];
}

static void add_intel_platform(json_t *object, const struct quote_claims *quote)
{
	json_t *platform = add_object(object, "signer");
	add_text(platform, "root",
		quote->is_simulation ? "Conclave Simulation SGX Root CA: its keys are public"
				     : "Intel SGX Root CA, by its pinned key");
	add_text(platform, "ca", quote->is_platform_ca ? "PCK Platform CA" : "PCK Processor CA");
	cli_json_hex(platform, "fmspc", BYTES_OF(quote->platform.fmspc));
	cli_json_hex(platform, "pce_id", BYTES_OF(quote->platform.pceid));
	cli_json_hex(platform, "ppid", BYTES_OF(quote->platform.ppid));
	add_text(platform, "smt", answer_text(quote->platform.has_smt));
	add_text(platform, "dynamic_platform", answer_text(quote->platform.is_dynamic));
	add_text(platform, "cached_keys", answer_text(quote->platform.has_cached_keys));
	add_number(platform, "qe_svn", quote->qe_report.isvsvn);
}

static void add_snp_platform(json_t *object, const struct snp_claims *snp)
{
	char root[32];
	json_t *platform = add_object(object, "signer");
	snprintf(root, sizeof(root), "ARK-%s, by its pinned key", snp_product_text(snp->product));
	add_text(platform, "root", root);
	add_text(platform, "key", snp->report.is_vlek ? "VLEK: a cloud's fleet" : "VCEK: one chip");
	if (snp->csp_id_size > 0)
		add_bytes(platform, "cloud", bytes_of(snp->csp_id, snp->csp_id_size));
	add_text(platform, "product", snp_product_text(snp->product));
	if (snp->report.is_chip_id_masked)
		add_text(platform, "chip_id", "masked");
	else
		cli_json_hex(platform, "chip_id", BYTES_OF(snp->report.chip_id));
	add_flag(platform, "crl", snp->has_crl);
}

static void add_signer(json_t *object, const struct claims *claims)
{
	if (!claims->is_signed) {
		add_text(object, "signer", "nobody");
		return;
	}
	switch (claims->platform) {
	case CLAIMS_SGX:
	case CLAIMS_TDX: add_intel_platform(object, &claims->quote); return;
	case CLAIMS_SNP: add_snp_platform(object, &claims->snp); return;
	case CLAIMS_NITRO:
		add_text(add_object(object, "signer"), "root",
			"aws.nitro-enclaves, by its pinned key");
		return;
	}
}

/* -- how well patched -- */

static void add_intel_tcb(json_t *object, const struct quote_claims *quote)
{
	json_t *tcb = add_object(object, "tcb"), *advisories = json_array();
	add_bytes(tcb, "status", tcb_status_text(quote->tcb_status));
	if (quote->current_tcb_status != quote->tcb_status)
		add_bytes(tcb, "status_after_relaunch", tcb_status_text(quote->current_tcb_status));
	cli_json_time(tcb, "fixed_up_to", quote->tcb_date);
	for (size_t i = 0; i < quote->advisories.count; i++) {
		struct bytes id = quote->advisories.ids[i];
		json_array_append_new(advisories, json_stringn((const char *)id.ptr, id.len));
	}
	json_object_set_new(tcb, "advisories", advisories);
	add_number(tcb, "evaluation_number", quote->tcb_evaluation_number);
	add_number(tcb, "qe_evaluation_number", quote->qe_evaluation_number);
	cli_json_time(tcb, "known_until", quote->known_until);
}

static void add_snp_tcb(json_t *object, const struct snp_claims *snp)
{
	static const char *const names[] = {[CLAIMS_SNP_REPORTED] = "reported",
		[CLAIMS_SNP_COMMITTED] = "committed",
		[CLAIMS_SNP_LAUNCH] = "launch",
		[CLAIMS_SNP_CURRENT] = "current"};
	static const char *const components[] = {[CLAIMS_SNP_BOOT_LOADER] = "boot_loader",
		[CLAIMS_SNP_TEE] = "tee",
		[CLAIMS_SNP_FIRMWARE] = "snp",
		[CLAIMS_SNP_MICROCODE] = "microcode",
		[CLAIMS_SNP_FMC] = "fmc"};
	json_t *tcb = add_object(object, "tcb");
	for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
		json_t *one = add_object(tcb, names[i]);
		for (unsigned j = 0; j < ARRAY_COUNT(components); j++)
			if (j != CLAIMS_SNP_FMC || snp->product == SNP_TURIN)
				add_number(one, components[j],
					claims_snp_component(snp, (enum claims_snp_tcb)i,
						(enum claims_snp_component)j));
	}
}

static void add_tcb(json_t *object, const struct claims *claims)
{
	if (claims->platform == CLAIMS_SNP)
		add_snp_tcb(object, &claims->snp);
	else if (claims->platform != CLAIMS_NITRO && claims->is_signed)
		add_intel_tcb(object, &claims->quote);
}

/* -- what is made of it -- */

static void add_words(json_t *object, const struct verify_result *result)
{
	char text[CLAIMS_WORDS_SIZE];
	add_text(object, "level", attest_level_text(claims_level(&result->claims)));
	claims_reason(text, sizeof(text), &result->claims);
	add_text(object, "reason", text);
	claims_remedy(text, sizeof(text), &result->claims);
	if (text[0] != '\0')
		add_text(object, "remedy", text);
	claims_dates(text, sizeof(text), &result->claims, result->at);
	add_text(object, "dates", text);
}

static void add_validity(json_t *object, const struct verify_result *result)
{
	const struct claims *claims = &result->claims;
	json_t *validity = add_object(object, "validity");
	cli_json_time(validity, "verified_at", result->at);
	if (claims->is_signed) {
		cli_json_time(validity, "from", claims->validity.from);
		cli_json_time(validity, "until", claims->validity.until);
	}
	if (claims->has_date)
		cli_json_time(validity, "dated", claims->date);
}

static void add_findings(json_t *object, const struct appraisal *appraisal)
{
	json_t *findings = json_array();
	for (size_t i = 0; i < appraisal->count; i++) {
		const struct finding *finding = &appraisal->findings[i];
		json_t *one = json_object();
		add_text(one, "grade", finding->is_refusal ? "refusal" : "remark");
		add_text(one, "field", finding->field);
		add_text(one, "seen", finding->seen);
		add_text(one, "wanted", finding->wanted);
		add_text(one, "cure", finding->cure);
		json_array_append_new(findings, one);
	}
	json_object_set_new(object, "findings", findings);
	if (appraisal->omitted > 0)
		add_number(object, "findings_omitted", (int64_t)appraisal->omitted);
}

const char *verify_cure(const struct verify_result *result)
{
	switch ((int)result->error) {
	case CONCLAVE_ERROR_NOT_FOUND:
		/* What belongs to it is inside, and read from nowhere else. */
		return result->kind == EVIDENCE_INSTANCE_INFO
			       ? "ask its host for one that has it, or complete it with 'conclave "
				 "attestation refresh -o'"
			       : "give it with --collateral";
	case CONCLAVE_ERROR_VERSION:
		return "it is of a kind that cannot be verified here: get what 'conclave verify "
		       "--help' lists, and the collateral of this very kind of evidence";
	case CONCLAVE_ERROR_EXPIRED:
		return "get fresh evidence and collateral, or judge as of another time with --at";
	case CONCLAVE_ERROR_UNTRUSTED:
		return "no vendor vouches for it: trust nothing that it says";
	case CONCLAVE_ERROR_SIGNATURE:
	case CONCLAVE_ERROR_KEY:
		return "it was altered, or its parts are of different machines: get it again from "
		       "its source, or do not trust it";
	case CONCLAVE_ERROR_MISMATCH:
		return "its parts do not belong together: get the collateral of this very "
		       "platform, or do not trust it";
	case CONCLAVE_ERROR_REVOKED:
		return "its vendor has withdrawn it: do not trust this platform until it has new "
		       "certificates";
	case CONCLAVE_ERROR_TCB:
		return "the platform's owner must update it, or the collateral is older than the "
		       "platform: refresh it";
	default: return "get it again from its source, in binary and whole";
	}
}

static void add_refusal(json_t *object, const struct verify_result *result)
{
	add_text(object, "verdict", "refused");
	add_text(object, "kind", evidence_kind_text(result->kind));
	add_flag(object, "genuine", result->refusal.is_genuine);
	add_text(object, "check", result->refusal.check);
	add_text(object, "error", conclave_error_name(result->error));
	add_text(object, "reason", conclave_error_text(result->error));
	add_text(object, "cure", verify_cure(result));
	cli_json_time(object, "verified_at", result->at);
}

static void add_result(json_t *object, const struct verify_result *result)
{
	if (result->error != CONCLAVE_OK) {
		add_refusal(object, result);
		return;
	}
	if (result->policy == NULL) {
		add_text(object, "verdict", "not appraised");
		add_text(object, "note",
			"genuine, but no policy says whether it is what you want; give one with "
			"--policy");
	} else {
		add_text(object, "verdict", appraisal_verdict_text(result->appraisal.verdict));
	}
	add_words(object, result);
	add_evidence(object, result);
	add_signer(object, &result->claims);
	add_tcb(object, &result->claims);
	add_validity(object, result);
	if (result->policy != NULL) {
		add_text(object, "policy", result->policy);
		add_findings(object, &result->appraisal);
	}
}

/* -- as a table -- */

#define NAME_WIDTH 24
#define LINE_WIDTH 100

static void print_name(int indent, const char *name)
{
	printf("%*s%-*s ", indent, "", NAME_WIDTH - indent, name);
}

/* Words between spaces, in lines that begin under the first; what is not printable is not shown: it
 * may come from the evidence. */
static void print_wrapped(const char *text)
{
	int column = NAME_WIDTH + 1;
	while (*text != '\0') {
		int len = (int)strcspn(text, " ");
		if (column > NAME_WIDTH + 1 && column + 1 + len > LINE_WIDTH) {
			printf("\n%*s", NAME_WIDTH + 1, "");
			column = NAME_WIDTH + 1;
		} else if (column > NAME_WIDTH + 1) {
			putchar(' ');
			column++;
		}
		for (int i = 0; i < len; i++)
			putchar(text[i] > ' ' && text[i] <= '~' ? text[i] : '?');
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_list(json_t *array)
{
	char text[CLAIMS_WORDS_SIZE] = "";
	size_t i;
	json_t *element;
	json_array_foreach(array, i, element)
	{
		ADD(text, i == 0 ? BYTES_LIT("") : BYTES_LIT(", "));
		ADD(text, bytes_of(json_string_value(element), json_string_length(element)));
	}
	print_wrapped(i == 0 ? "none" : text);
}

static void print_members(json_t *object, int indent);

static void print_value(json_t *value, const char *name, int indent)
{
	if (json_is_object(value)) {
		printf("%*s%s\n", indent, "", name);
		print_members(value, indent + 2);
		return;
	}
	print_name(indent, name);
	if (json_is_string(value))
		print_wrapped(json_string_value(value));
	else if (json_is_integer(value))
		printf("%lld\n", (long long)json_integer_value(value));
	else if (json_is_array(value))
		print_list(value);
	else
		puts(json_is_true(value) ? "yes" : "no");
}

/* Objects in objects: our own, two deep at most. */
static void print_members(json_t *object, int indent)
{
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		if (strcmp(name, "findings") == 0 || strcmp(name, "grade") == 0)
			continue; /* printed by themselves */
		if (indent == 0 && json_is_object(value))
			putchar('\n');
		print_value(value, name, indent);
	}
}

static void print_findings(json_t *findings)
{
	size_t i;
	json_t *finding;
	json_array_foreach(findings, i, finding)
	{
		printf("\n%s\n", json_string_value(json_object_get(finding, "grade")));
		print_members(finding, 2);
	}
}

enum conclave_error verify_print(const struct verify_result *result, bool as_json)
{
	json_t *object = json_object();
	if (object == NULL)
		return CONCLAVE_ERROR_MEMORY;
	add_result(object, result);
	if (as_json) {
		cli_json_print(object);
	} else {
		print_members(object, 0);
		print_findings(json_object_get(object, "findings"));
	}
	json_decref(object);
	return CONCLAVE_OK;
}
