#include "cli/hosting.h"

#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"

enum conclave_error hosting_open_image(
	struct hosting *out, const char *path, struct conclave_report *report)
{
	TRY(crypto_init());
	TRY(image_open(&out->image, path, report));
	out->has_image = true;
	return CONCLAVE_OK;
}

enum conclave_error hosting_open(
	struct hosting *out, const struct hosting_options *options, struct conclave_report *report)
{
	if (!out->has_image)
		TRY(hosting_open_image(out, options->image, report));
	if (options->host.debug && !image_allows_debug(&out->image)) {
		report_fill(report,
			"%s is signed for release and refuses the DEBUG attribute; "
			"add --no-debug",
			options->image);
		return CONCLAVE_ERROR_DEBUG;
	}
	TRY(machine_open_soft(&out->machine, options->state, report));
	TRY(store_open_sqlite(&out->store, options->store, report));
	return host_open(&out->host, &out->image, out->machine, out->store, &options->host, report);
}

void hosting_close(struct hosting *hosting)
{
	host_close(hosting->host);
	if (hosting->store != NULL)
		hosting->store->ops->close(hosting->store);
	if (hosting->machine != NULL)
		hosting->machine->ops->close(hosting->machine);
	if (hosting->has_image)
		image_close(&hosting->image);
	*hosting = (struct hosting){0};
}

bool hosting_number(uint32_t *out, const char *text)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}
