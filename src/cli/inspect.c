#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/check.h"
#include "base/hex.h"
#include "base/report.h"
#include "cli/cli.h"
#include "crypto/crypto.h"
#include "image/image.h"

static const char help[] =
	"conclave inspect: everything that is measured in an image, in words.\n"
	"\n"
	"usage: conclave inspect [--json] IMAGE\n"
	"\n"
	"Measures the image afresh, as the CPU will, and says whether the signature is for "
	"exactly\n"
	"that. Then shows what a user of this enclave relies on: who signed it and what the\n"
	"signature allows, its configuration with the guest's arguments, every run of pages with\n"
	"its permissions, and what the guest can ask of the runtime. Nothing else takes part in\n"
	"MRENCLAVE: an auditor who rebuilds the source to the same MRENCLAVE has seen it all.\n"
	"Instructions and symbols: the image is an ELF file, objdump -d and gdb read it.\n"
	"\n"
	"Pages that are not measured hold nothing that the enclave reads before it has zeroed\n"
	"them. A guard is a gap: touching it ends the enclave.\n"
	"\n"
	"options:\n"
	"      --json  the same as one JSON object\n"
	"      --help  this page\n"
	"\n"
	"exit codes: 0 shown; 1 it cannot be read or is no image; 2 wrong usage; 3 shown, but\n"
	"the signature is wrong or for another measurement. An image that waits for its signature\n"
	"is shown with 0.\n"
	"\n"
	"examples:\n"
	"  conclave inspect build/auction.enclave\n"
	"  conclave inspect --json build/auction.enclave | jq -r .mrenclave\n";

enum signature { SIGNATURE_NONE, SIGNATURE_VALID, SIGNATURE_INVALID, SIGNATURE_MISMATCH };

static const char *const signature_words[] = {
	[SIGNATURE_NONE] = "none yet: finish with conclave build --signature",
	[SIGNATURE_VALID] = "valid, for exactly this measurement",
	[SIGNATURE_INVALID] = "INVALID: EINIT will refuse this image",
	[SIGNATURE_MISMATCH] = "for ANOTHER MEASUREMENT: the image was altered after signing",
};

/* What is worked out, beside what the image says itself. */
struct findings {
	const struct image *image;
	char mrenclave[65], mrsigner[65];
	enum signature signature;
	uint64_t measured_pages, zeroed_pages;
};

static enum signature judge(const struct image *image, const uint8_t mrenclave[32])
{
	if (!image_is_signed(image))
		return SIGNATURE_NONE;
	if (sgx_sigstruct_verify(image->sigstruct) != CONCLAVE_OK)
		return SIGNATURE_INVALID;
	return memcmp(mrenclave, image->sigstruct->enclavehash, 32) == 0 ? SIGNATURE_VALID
									 : SIGNATURE_MISMATCH;
}

static void find(struct findings *out, const struct image *image)
{
	uint8_t mrenclave[32], mrsigner[32];

	*out = (struct findings){.image = image, .mrsigner = "-"};
	image_measure(mrenclave, image);
	hex_encode_upper(out->mrenclave, BYTES_OF(mrenclave));
	if (image_is_signed(image)) {
		sgx_mrsigner(mrsigner, image->sigstruct);
		hex_encode_upper(out->mrsigner, BYTES_OF(mrsigner));
	}
	out->signature = judge(image, mrenclave);
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		*(run->measured != 0 ? &out->measured_pages : &out->zeroed_pages) += run->count;
	}
}

/* -- words -- */

#define TEXT_SIZE 4096

/* Text from an image is somebody else's: nothing of it reaches a terminal unless it is printable
 * ASCII; the rest is shown as \xNN. Long texts are cut, and end in "...". */
static const char *printable(char out[TEXT_SIZE], struct bytes text)
{
	size_t used = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (used > TEXT_SIZE - 16) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		if (c >= 0x20 && c < 0x7f && c != '\\')
			out[used++] = (char)c;
		else
			used += (size_t)snprintf(out + used, 5, "\\x%02x", c);
	}
	out[used] = 0;
	return out;
}

static const char *permissions(uint64_t flags)
{
	if (flags == SGX_PAGE_TCS)
		return "tcs";
	if ((flags & SGX_PAGE_X) != 0)
		return "r-x";
	return (flags & SGX_PAGE_W) != 0 ? "rw-" : "r--";
}

/* What a run is for, from the layout. */
static const char *purpose(const struct layout *layout, const struct image_pages *run)
{
	uint64_t lanes_end = layout->lane_rva + layout->lane_count * layout->lane_stride;

	if (run->rva == layout->guest_rva)
		return "guest memory";
	if (run->rva == layout->heap_rva)
		return "runtime's heap";
	if (run->rva >= layout->lane_rva && run->rva < lanes_end) {
		uint64_t offset = (run->rva - layout->lane_rva) % layout->lane_stride;
		if (offset == layout->lane_stack)
			return "lane: stack";
		if (offset == layout->lane_ssa)
			return "lane: saved state";
		return offset == layout->lane_tcs ? "lane: entry" : "lane: its own page";
	}
	if ((run->flags & SGX_PAGE_X) != 0)
		return "code";
	if ((run->flags & SGX_PAGE_W) == 0)
		return "layout, configuration, constants";
	return run->file_offset == IMAGE_ZERO_PAGES ? "variables, zero" : "variables";
}

static const char *mode(const struct image *image)
{
	return image_allows_debug(image) ? "development: may run with DEBUG"
					 : "release: refuses DEBUG";
}

static struct bytes next_import(struct bytes *rest)
{
	const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
	size_t size = end == NULL ? rest->len : (size_t)(end - rest->ptr);
	struct bytes line = {rest->ptr, size};
	*rest = bytes_slice(*rest, size + 1, rest->len);
	return line;
}

/* -- as text -- */

static void print_identity(const struct findings *findings)
{
	const struct sgx_sigstruct *s = findings->image->sigstruct;

	printf("identity\n");
	printf("  MRENCLAVE   %s\n", findings->mrenclave);
	printf("  MRSIGNER    %s\n", findings->mrsigner);
	printf("  signature   %s\n", signature_words[findings->signature]);
	printf("  signed      product %u, security version %u, date %08" PRIx32 "\n", s->isvprodid,
		s->isvsvn, s->date);
	printf("  mode        %s\n", mode(findings->image));
	printf("  attributes  flags 0x%" PRIx64 " of mask 0x%" PRIx64 ", xfrm 0x%" PRIx64
	       " of mask 0x%" PRIx64 ", miscselect 0x%" PRIx32 " of mask 0x%" PRIx32 "\n",
		s->attributes.flags, s->attributemask.flags, s->attributes.xfrm,
		s->attributemask.xfrm, s->miscselect, s->miscmask);
}

static void print_limit(const char *name, uint64_t value, const char *unit)
{
	if (value == 0)
		printf("  %-11s no limit\n", name);
	else
		printf("  %-11s %" PRIu64 "%s\n", name, value, unit);
}

static const char *padding_word(const struct config_header *config)
{
	switch ((enum config_padding)config->padding) {
	case CONFIG_PADDING_NONE: return "none";
	case CONFIG_PADDING_FIXED: return "fixed";
	case CONFIG_PADDING_LARGEST: return "largest";
	case CONFIG_PADDING_AVERAGE: return "average";
	case CONFIG_PADDING_POWERS: return "powers";
	}
	return "unknown"; /* image_open refuses it */
}

static void print_padding(const struct config_header *config)
{
	printf("  padding     %s", padding_word(config));
	if (config->padding == CONFIG_PADDING_FIXED)
		printf(": to %" PRIu64 " bytes", config->padding_figure);
	printf("\n");
}

/* As enclave.json says it; XFRM follows from it. */
static const char *aes_word(const struct layout *layout)
{
	return layout->xfrm == SGX_XFRM_AVX512 ? "vaes" : "small";
}

static void print_configuration(const struct image *image)
{
	const struct config_header *config = image->config;
	const struct layout *layout = image->layout;
	char text[TEXT_SIZE];

	printf("\nconfiguration\n");
	printf("  name        %s\n", printable(text, image_config_text(image, config->name)));
	printf("  product     %u, security version %u\n", config->product_id,
		config->security_version);
	printf("  lanes       %" PRIu64 "%s\n", layout->lane_count,
		layout->lane_count == 1 ? ": locked, one call at a time" : "");
	print_limit("heap", layout->guest_size >> 10, " KiB at most");
	print_limit("stack", layout->stack_size >> 10, " KiB a lane");
	print_limit("window", layout->window_size >> 10, " KiB each way: the largest mail");
	print_limit("files", layout->files_size >> 10, " KiB");
	print_limit("peers", layout->peers_max, " senders and topics");
	print_limit("fuel", config->fuel, " units for each mail or call");
	print_padding(config);
	printf("  aes         %s\n", aes_word(layout));
	printf("  console     %s\n", (config->flags & CONFIG_CONSOLE) != 0
					     ? "yes, when it runs with DEBUG; never otherwise"
					     : "no");
	for (uint32_t i = 0; i < config->argument_count; i++)
		printf("  argument    %s\n", printable(text, image_argument(image, i)));
	for (uint32_t i = 0; i < config->environment_count; i++)
		printf("  environment %s\n", printable(text, image_environment(image, i)));
}

static void print_pages(const struct findings *findings)
{
	const struct image *image = findings->image;

	printf("\npages       %" PRIu64 " KiB of contents measured, %" PRIu64
	       " KiB zeroed by the runtime, in a range of %" PRIu64 " MiB\n",
		findings->measured_pages * 4, findings->zeroed_pages * 4,
		image->layout->enclave_size >> 20);
	printf("  at           pages     may  contents  what\n");
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		printf("  0x%09" PRIx64 "  %-8" PRIu64 "  %s  %-8s  %s\n", run->rva, run->count,
			permissions(run->flags), run->measured != 0 ? "measured" : "open",
			purpose(image->layout, run));
	}
}

static void print_imports(const struct image *image)
{
	char text[TEXT_SIZE];

	printf("\nthe guest imports (as the builder recorded it: not measured)\n");
	for (struct bytes rest = image->imports; rest.len > 0;) {
		struct bytes line = next_import(&rest);
		printf("  %s\n", line.len == 0 ? "nothing" : printable(text, line));
	}
}

static void print_text(const struct findings *findings)
{
	print_identity(findings);
	print_configuration(findings->image);
	print_pages(findings);
	print_imports(findings->image);
}

/* -- as JSON -- */

static json_t *json_of(struct bytes from)
{
	char text[TEXT_SIZE];
	return json_string(printable(text, from));
}

static json_t *json_number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *json_configuration(const struct image *image)
{
	const struct config_header *config = image->config;
	const struct layout *layout = image->layout;
	json_t *arguments = json_array(), *environment = json_array();

	for (uint32_t i = 0; i < config->argument_count; i++)
		json_array_append_new(arguments, json_of(image_argument(image, i)));
	for (uint32_t i = 0; i < config->environment_count; i++)
		json_array_append_new(environment, json_of(image_environment(image, i)));
	return json_pack(
		"{s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:b, s:o, s:o}",
		"name", json_of(image_config_text(image, config->name)), "product_id",
		config->product_id, "security_version", config->security_version, "lanes",
		json_number(layout->lane_count), "heap", json_number(layout->guest_size), "stack",
		json_number(layout->stack_size), "window", json_number(layout->window_size),
		"files", json_number(layout->files_size), "peers", json_number(layout->peers_max),
		"fuel", json_number(config->fuel), "padding", padding_word(config),
		"padding_figure", json_number(config->padding_figure), "aes", aes_word(layout),
		"console", (config->flags & CONFIG_CONSOLE) != 0, "arguments", arguments,
		"environment", environment);
}

static json_t *json_pages(const struct image *image)
{
	json_t *pages = json_array();
	for (size_t i = 0; i < image->pages_count; i++) {
		const struct image_pages *run = &image->pages[i];
		json_array_append_new(
			pages, json_pack("{s:o, s:o, s:s, s:b, s:s}", "rva", json_number(run->rva),
				       "count", json_number(run->count), "permissions",
				       permissions(run->flags), "measured", run->measured != 0,
				       "purpose", purpose(image->layout, run)));
	}
	return pages;
}

static json_t *json_imports(const struct image *image)
{
	json_t *imports = json_array();
	for (struct bytes rest = image->imports; rest.len > 0;) {
		struct bytes line = next_import(&rest);
		if (line.len > 0)
			json_array_append_new(imports, json_of(line));
	}
	return imports;
}

static int print_json(const struct findings *findings)
{
	static const char *const signatures[] = {"none", "valid", "invalid", "mismatch"};
	const struct image *image = findings->image;
	const struct sgx_sigstruct *s = image->sigstruct;
	json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:o, s:o, s:o, s:o}",
		"mrenclave", findings->mrenclave, "mrsigner", findings->mrsigner, "signature",
		signatures[findings->signature], "product_id", s->isvprodid, "security_version",
		s->isvsvn, "allows_debug", image_allows_debug(image), "enclave_size",
		json_number(image->layout->enclave_size), "configuration",
		json_configuration(image), "pages", json_pages(image), "imports",
		json_imports(image));

	if (object == NULL)
		return cli_fail("inspect", CONCLAVE_ERROR_MEMORY, NULL);
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
	return CLI_OK;
}

static int inspect(const char *path, bool as_json)
{
	CLEANUP(image_close) struct image image = {0};
	struct conclave_report report = {0};
	struct findings findings;

	enum conclave_error error = crypto_init();
	if (error == CONCLAVE_OK)
		error = image_open(&image, path, &report);
	if (error != CONCLAVE_OK)
		return cli_fail("inspect", error, &report);
	find(&findings, &image);
	int code = CLI_OK;
	if (as_json)
		code = print_json(&findings);
	else
		print_text(&findings);
	if (code == CLI_OK && findings.signature >= SIGNATURE_INVALID)
		code = CLI_REFUSED;
	return code;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	bool as_json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'j')
			return cli_usage("inspect", "cannot understand these options");
		as_json = true;
	}
	if (argc - optind != 1)
		return cli_usage("inspect", "one image, please");
	return inspect(argv[optind], as_json);
}

const struct cli_verb cli_inspect = {
	.name = "inspect",
	.summary = "show everything that is measured in an image",
	.help = help,
	.run = run,
};
