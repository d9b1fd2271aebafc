#include "collateral/collateral.h"

#include <stdlib.h>

#include "attest/chain.h"
#include "base/check.h"
#include "base/report.h"
#include "collateral/refresh.h"

#define PCS_URL "https://api.trustedservices.intel.com"
#define KDS_URL "https://kdsintf.amd.com"
/* Intel's service does not serve it where a PCCS does. */
#define ROOT_CRL_URL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

#define CONNECT_MS 10000
#define WHOLE_MS 30000

const char *collateral_state_text(enum collateral_state state)
{
	switch (state) {
	case COLLATERAL_FRESH: return "fresh";
	case COLLATERAL_RENEWED: return "renewed";
	case COLLATERAL_KEPT: return "kept";
	case COLLATERAL_EXPIRED: return "expired";
	case COLLATERAL_MISSING: return "missing";
	}
	return "unknown";
}

/* -- opening and closing -- */

static enum conclave_error set_service(char **url, struct http_peer *peer, const char *wanted,
	const struct collateral_options *options, struct conclave_report *report)
{
	size_t len = strlen(wanted);
	*peer = (struct http_peer){.question = "is the service there?",
		.connect_ms = options->connect_ms != 0 ? options->connect_ms : CONNECT_MS,
		.whole_ms = options->whole_ms != 0 ? options->whole_ms : WHOLE_MS};
	if (!http_url_is_base(&peer->is_loopback, wanted)) {
		report_fill(report,
			"'%.200s' is not the base URL of a service; one looks like " PCS_URL,
			wanted);
		return CONCLAVE_ERROR_ARGUMENT;
	}
	while (len > 0 && wanted[len - 1] == '/')
		len--;
	*url = strndup(wanted, len);
	return *url != NULL ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
}

static enum conclave_error set_services(struct collateral *collateral,
	const struct collateral_options *options, struct conclave_report *report)
{
	const char *pcs = options->pcs_url != NULL ? options->pcs_url : PCS_URL;
	const char *kds = options->kds_url != NULL ? options->kds_url : KDS_URL;
	TRY(set_service(&collateral->pcs_url, &collateral->pcs, pcs, options, report));
	TRY(set_service(&collateral->kds_url, &collateral->kds, kds, options, report));
	collateral->services = (struct collateral_services){
		.pcs = collateral->pcs_url, .kds = collateral->kds_url};
	if (strcmp(collateral->pcs_url, PCS_URL) == 0)
		collateral->services.root_crl = ROOT_CRL_URL;
	return CONCLAVE_OK;
}

enum conclave_error collateral_open(struct collateral **out,
	const struct collateral_options *options, struct conclave_report *report)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CONCLAVE_ERROR_INTERNAL;
	struct collateral *collateral = calloc(1, sizeof(*collateral));
	if (collateral == NULL)
		return CONCLAVE_ERROR_MEMORY;
	collateral->options = *options;
	collateral->curl = curl_easy_init();
	enum conclave_error error = collateral->curl != NULL ? CONCLAVE_OK : CONCLAVE_ERROR_MEMORY;
	if (error == CONCLAVE_OK)
		error = set_services(collateral, options, report);
	if (error == CONCLAVE_OK)
		error = cache_open(&collateral->cache, options->folder, report);
	if (error != CONCLAVE_OK) {
		collateral_close(collateral);
		return error;
	}
	*out = collateral;
	return CONCLAVE_OK;
}

void collateral_close(struct collateral *collateral)
{
	if (collateral == NULL)
		return;
	if (collateral->curl != NULL)
		curl_easy_cleanup(collateral->curl);
	free(collateral->pcs_url);
	free(collateral->kds_url);
	free(collateral);
}

/* -- one item, with its note -- */

static enum conclave_error renew_one(struct cache_entry *out, struct collateral *collateral,
	const struct collateral_item *item, const struct refresh_means *means, int64_t now,
	struct conclave_report *report)
{
	struct collateral_note note;
	char name[COLLATERAL_NAME_SIZE];
	enum conclave_error error = refresh_item(out, &note, collateral, item, means, now);
	item_name(name, item);
	if (error != CONCLAVE_OK)
		report_fill(report, "%s is missing: %.800s", name,
			note.reason.text[0] != '\0' ? note.reason.text
						    : conclave_error_text(error));
	if (collateral->options.note != NULL)
		collateral->options.note(collateral->options.context, &note);
	return error;
}

/* A cache that cannot be locked cannot be written either, of which each note will speak; what is in
 * it can be used. */
static int lock_cache(const struct collateral *collateral)
{
	int lock = -1;
	return cache_lock(&lock, &collateral->cache, NULL) == CONCLAVE_OK ? lock : -1;
}

/* -- a quote -- */

/* Whose collateral a quote needs: by its PCK certificate, verified. */
struct platform {
	struct collateral_item pck_crl, root_crl, tcb_info, qe_identity;
};

static enum conclave_error find_family(enum collateral_family *out,
	const struct hierarchy **hierarchy, const struct x509_key *root,
	const struct attest_roots *roots)
{
	struct x509_key key = {.scheme = X509_P256_SHA256};
	if (roots->dcap != NULL)
		key.p256 = *roots->dcap;
	*out = COLLATERAL_INTEL;
	*hierarchy = &hierarchy_intel;
	if (roots->dcap != NULL && x509_key_equal(root, &key))
		return CONCLAVE_OK;
	if (roots->simulation == NULL)
		return CONCLAVE_ERROR_UNTRUSTED;
	key.p256 = *roots->simulation;
	*out = COLLATERAL_SIMULATION;
	*hierarchy = &hierarchy_simulation;
	return x509_key_equal(root, &key) ? CONCLAVE_OK : CONCLAVE_ERROR_UNTRUSTED;
}

static enum conclave_error find_platform(
	struct platform *out, struct bytes quoted, const struct attest_roots *roots)
{
	struct quote quote;
	struct chain chain;
	struct pck_platform pck;
	struct window window = WINDOW_ALWAYS;
	enum collateral_family family;
	const struct hierarchy *hierarchy;
	TRY(quote_read(&quote, quoted));
	TRY(chain_read(&chain, quote.pck_chain, 3));
	TRY(find_family(&family, &hierarchy, &chain_root(&chain)->key, roots));
	TRY(chain_verify(&window, &chain, CHAIN_PCK, hierarchy, NULL));
	TRY(pck_read(&pck, x509_extension(&chain.certificates[0], BYTES_LIT(PCK_OID))));
	bool is_platform_ca =
		bytes_equal(chain.certificates[1].subject.common_name, hierarchy->platform_ca);
	enum collateral_variant tee =
		quote.body == QUOTE_BODY_SGX ? COLLATERAL_PLAIN : COLLATERAL_OTHER;
	*out = (struct platform){
		.pck_crl = {COLLATERAL_PCK_CRL, family,
			is_platform_ca ? COLLATERAL_OTHER : COLLATERAL_PLAIN, {0}, 0},
		.root_crl = {COLLATERAL_ROOT_CRL, family, COLLATERAL_PLAIN, {0}, 0},
		.tcb_info = {COLLATERAL_TCB_INFO, family, tee, {0}, sizeof(pck.fmspc)},
		.qe_identity = {COLLATERAL_QE_IDENTITY, family, tee, {0}, 0},
	};
	memcpy(out->tcb_info.subject, pck.fmspc, sizeof(pck.fmspc));
	return CONCLAVE_OK;
}

void collateral_quote_free(struct collateral_quote *quote)
{
	cache_entry_free(&quote->pck_crl);
	cache_entry_free(&quote->root_crl);
	cache_entry_free(&quote->tcb_info);
	cache_entry_free(&quote->qe_identity);
}

static void fill_parts(struct collateral_quote *quote)
{
	quote->parts = (struct quote_collateral){
		.pck_crl_issuer_chain = quote->pck_crl.chain,
		.root_ca_crl = quote->root_crl.body,
		.pck_crl = quote->pck_crl.body,
		.tcb_info_issuer_chain = quote->tcb_info.chain,
		.tcb_info = quote->tcb_info.body,
		.qe_identity_issuer_chain = quote->qe_identity.chain,
		.qe_identity = quote->qe_identity.body,
	};
}

/* Every item is asked for, even when one before it is missing: the notes are to say all. */
static enum conclave_error gather(struct collateral_quote *quote, struct collateral *collateral,
	const struct platform *platform, int64_t now, struct conclave_report *report)
{
	struct refresh_means means = {0};
	struct {
		struct cache_entry *entry;
		const struct collateral_item *item;
	} const wanted[] = {
		{&quote->pck_crl, &platform->pck_crl},
		{&quote->root_crl, &platform->root_crl},
		{&quote->tcb_info, &platform->tcb_info},
		{&quote->qe_identity, &platform->qe_identity},
	};
	enum conclave_error first = CONCLAVE_OK;
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		enum conclave_error error = renew_one(wanted[i].entry, collateral, wanted[i].item,
			&means, now, first == CONCLAVE_OK ? report : NULL);
		if (first == CONCLAVE_OK)
			first = error;
		means = (struct refresh_means){quote->pck_crl.chain, quote->root_crl.body};
	}
	return first;
}

enum conclave_error collateral_of_quote(struct collateral_quote *out, struct collateral *collateral,
	struct bytes quote, int64_t now, struct conclave_report *report)
{
	CLEANUP(collateral_quote_free) struct collateral_quote found = {0};
	struct platform platform;
	enum conclave_error error = find_platform(&platform, quote, collateral->options.roots);
	if (error != CONCLAVE_OK) {
		report_fill(report, "the quote does not say whose collateral it needs: %s",
			conclave_error_text(error));
		return error;
	}
	CLEANUP(cache_unlock) int lock = lock_cache(collateral);
	TRY(gather(&found, collateral, &platform, now, report));
	fill_parts(&found);
	*out = found;
	found = (struct collateral_quote){0};
	return CONCLAVE_OK;
}

/* -- all of a cache -- */

static void free_items(struct collateral_item **items)
{
	free(*items);
}

enum conclave_error collateral_renew(
	struct collateral *collateral, int64_t now, struct conclave_report *report)
{
	static const struct refresh_means from_cache = {0};
	CLEANUP(free_items) struct collateral_item *items = NULL;
	size_t count = 0;
	enum conclave_error first = CONCLAVE_OK;
	CLEANUP(cache_unlock) int lock = lock_cache(collateral);
	TRY(cache_list(&items, &count, &collateral->cache, report));
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cache_entry_free) struct cache_entry entry = {0};
		enum conclave_error error = renew_one(&entry, collateral, &items[i], &from_cache,
			now, first == CONCLAVE_OK ? report : NULL);
		if (first == CONCLAVE_OK)
			first = error;
	}
	return first;
}
