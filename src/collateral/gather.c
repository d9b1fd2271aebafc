#include "collateral/gather.h"

#include "base/report.h"

void gather_lock(int *lock, const struct collateral *collateral)
{
	if (cache_lock(lock, &collateral->cache, NULL) != CONCLAVE_OK)
		*lock = -1;
}

enum conclave_error gather_one(struct cache_entry *out, struct collateral *collateral,
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

enum conclave_error gather_all(struct collateral *collateral, const struct wanted *wanted,
	size_t count, int64_t now, struct conclave_report *report)
{
	struct refresh_means means = {0};
	enum conclave_error first = CONCLAVE_OK;
	for (size_t i = 0; i < count; i++) {
		const struct cache_entry *entry = wanted[i].entry;
		enum conclave_error error = gather_one(wanted[i].entry, collateral, &wanted[i].item,
			&means, now, first == CONCLAVE_OK ? report : NULL);
		if (first == CONCLAVE_OK)
			first = error;
		if (i == 0)
			means.chain = item_is_amd(&wanted[i].item) ? entry->body : entry->chain;
		if (i == 1)
			means.crl = entry->body;
	}
	return first;
}
