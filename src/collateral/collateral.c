#include "collateral/collateral.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "collateral/gather.h"

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
	if (options->roots == NULL)
		collateral->options.roots = &attest_default_roots;
	if (options->snp_roots == NULL)
		collateral->options.snp_roots = &snp_default_roots;
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
	CLEANUP(cache_unlock) int lock = -1;
	gather_lock(&lock, collateral);
	TRY(cache_list(&items, &count, &collateral->cache, report));
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cache_entry_free) struct cache_entry entry = {0};
		enum conclave_error error = gather_one(&entry, collateral, &items[i], &from_cache,
			now, first == CONCLAVE_OK ? report : NULL);
		if (first == CONCLAVE_OK)
			first = error;
	}
	return first;
}
