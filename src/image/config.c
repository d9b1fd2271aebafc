#include "image/config.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/frames.h"
#include "base/check.h"
#include "base/report.h"
#include "os/file.h"
#include "sgx/sgx.h"
#include "image/json_line.h"
#include "image/layout.h"

#define KIB 1024u
#define MIB (1024u * KIB)

/* Where an error is said to be: the file as the user named it, its text, and the key being read. */
struct source {
	const char *path, *text;
	struct conclave_report *report;
};

/* "path:line: " and a sentence about a key; every refusal of this file goes through here. */
#define REFUSE(source, error, outer, inner, ...)                                           \
	(refuse((source), (outer), (inner)), report_append((source)->report, __VA_ARGS__), \
		CONCLAVE_ERROR_##error)

static void refuse(const struct source *source, const char *outer, const char *inner)
{
	report_fill(source->report, "%s:%u: ", source->path, json_line(source->text, outer, inner));
}

__attribute__((format(printf, 2, 3))) static void report_append(
	struct conclave_report *report, const char *format, ...)
{
	if (report == NULL)
		return;
	size_t used = strlen(report->text);
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(report->text + used, sizeof(report->text) - used, format, arguments);
	va_end(arguments);
}

/* -- the keys -- */

/* A whole number; `unit` other than 1 makes it a size, which may be written "64k" or "16m". */
struct number_key {
	const char *outer, *inner; /* inner: the key within an object, or NULL */
	size_t offset;		   /* in struct build_config */
	uint64_t least, most, unit, standard;
};

#define FIELD(name) offsetof(struct build_config, name)

static const struct number_key number_keys[] = {
	{"product_id", NULL, FIELD(product_id), 0, UINT16_MAX, 1, 1},
	/* From 1: R3's revocation level is this less one. */
	{"security_version", NULL, FIELD(security_version), 1, UINT16_MAX, 1, 1},
	{"lanes", NULL, FIELD(lanes), 1, ABI_LANES_MAX, 1, 1},
	{"heap", NULL, FIELD(heap), 64 * KIB, ABI_GUEST_MEMORY_MAX, 64 * KIB, 16 * MIB},
	{"stack", NULL, FIELD(stack), ABI_STACK_SIZE_MIN, ABI_STACK_SIZE_MAX, 4 * KIB, 256 * KIB},
	{"limits", "fuel", FIELD(fuel), 0, INT64_MAX, 1, 0},
	{"limits", "window", FIELD(window), ABI_WINDOW_SIZE_MIN, ABI_WINDOW_SIZE_MAX, 4 * KIB, MIB},
	{"limits", "files", FIELD(files), LAYOUT_FILES_SIZE_MIN, ABI_FILES_SIZE_MAX, 4 * KIB, MIB},
	{"limits", "peers", FIELD(peers), 1, ABI_PEERS_MAX, 1, 1024},
};

static const char *const top_keys[] = {"name", "product_id", "security_version", "lanes", "heap",
	"stack", "console", "arguments", "environment", "guest", "padding", "aes", "limits"};
static const char *const limit_keys[] = {"fuel", "window", "files", "peers"};

static bool is_known(const char *key, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(key, known[i]) == 0)
			return true;
	}
	return false;
}

/* outer: NULL for the top level. */
static enum conclave_error check_keys(const struct source *source, json_t *object,
	const char *outer, const char *const *known, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (is_known(key, known, count))
			continue;
		enum conclave_error error = REFUSE(source, FORMAT, outer == NULL ? key : outer,
			outer == NULL ? NULL : key, "unknown key \"%s\"; there are:", key);
		for (size_t i = 0; i < count; i++)
			report_append(source->report, " %s", known[i]);
		return error;
	}
	return CONCLAVE_OK;
}

/* -- values -- */

bool build_config_size(uint64_t *out, const char *text)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || text[0] < '0' || text[0] > '9')
		return false;
	uint64_t unit = 1;
	if (*end == 'k' || *end == 'm' || *end == 'g') {
		unit = *end == 'k' ? KIB : *end == 'm' ? MIB : (uint64_t)MIB * KIB;
		end++;
	}
	return *end == 0 && !__builtin_mul_overflow((uint64_t)value, unit, out);
}

static enum conclave_error check_number(
	const struct source *source, const struct number_key *key, uint64_t value)
{
	const char *name = key->inner == NULL ? key->outer : key->inner;

	if (value < key->least || value > key->most)
		return REFUSE(source, LIMIT, key->outer, key->inner,
			"\"%s\" must be from %" PRIu64 " to %" PRIu64 ", got %" PRIu64, name,
			key->least, key->most, value);
	if (value % key->unit != 0)
		return REFUSE(source, LIMIT, key->outer, key->inner,
			"\"%s\" must be a multiple of %" PRIu64 " KiB, got %" PRIu64, name,
			key->unit / KIB, value);
	return CONCLAVE_OK;
}

static enum conclave_error read_number_key(struct build_config *config, const struct source *source,
	const struct number_key *key, json_t *root)
{
	json_t *value = json_object_get(root, key->outer);
	const char *name = key->inner == NULL ? key->outer : key->inner;
	uint64_t number = key->standard;

	if (key->inner != NULL)
		value = json_object_get(value, key->inner);
	if (json_is_integer(value) && json_integer_value(value) < 0)
		return REFUSE(source, LIMIT, key->outer, key->inner,
			"\"%s\" must not be negative, got %" JSON_INTEGER_FORMAT, name,
			json_integer_value(value));
	if (json_is_integer(value))
		number = (uint64_t)json_integer_value(value);
	else if (value != NULL && (key->unit == 1 || !json_is_string(value) ||
					  !build_config_size(&number, json_string_value(value))))
		return REFUSE(source, FORMAT, key->outer, key->inner, "\"%s\" must be %s", name,
			key->unit == 1 ? "a whole number"
				       : "a number of bytes, or a text like \"64k\" or \"16m\"");
	TRY(check_number(source, key, number));
	memcpy((char *)config + key->offset, &number, sizeof(number));
	return CONCLAVE_OK;
}

static bool name_fits(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t size = strlen(name);
	return size >= 1 && size <= ABI_NAME_SIZE_MAX && strspn(name, letters) == size &&
	       name[0] != '.' && name[0] != '-';
}

static enum conclave_error read_name(
	struct build_config *config, const struct source *source, json_t *root)
{
	const char *name = json_string_value(json_object_get(root, "name"));
	if (name == NULL || !name_fits(name))
		return REFUSE(source, FORMAT, "name", NULL,
			"\"name\" must be a text of 1 to %u letters, digits, '.', '_' and '-', "
			"not beginning with '.' or '-'",
			ABI_NAME_SIZE_MAX);
	config->name = name;
	return CONCLAVE_OK;
}

static enum conclave_error read_console(
	struct build_config *config, const struct source *source, json_t *root)
{
	json_t *value = json_object_get(root, "console");
	if (value != NULL && !json_is_boolean(value))
		return REFUSE(source, FORMAT, "console", NULL, "\"console\" must be true or false");
	config->console = json_is_true(value);
	return CONCLAVE_OK;
}

static enum conclave_error read_aes(
	struct build_config *config, const struct source *source, json_t *root)
{
	json_t *value = json_object_get(root, "aes");
	const char *word = value == NULL ? "small" : json_string_value(value);

	config->vaes = word != NULL && strcmp(word, "vaes") == 0;
	if (word == NULL || (!config->vaes && strcmp(word, "small") != 0))
		return REFUSE(source, FORMAT, "aes", NULL, "\"aes\" must be \"small\" or \"vaes\"");
	return CONCLAVE_OK;
}

static enum conclave_error read_fixed_padding(
	struct build_config *config, const struct source *source, json_t *fixed)
{
	uint64_t most = FRAME_PADDING_MAX(config->window);
	json_int_t figure = json_integer_value(fixed);

	if (!json_is_integer(fixed) || figure < 1 || (uint64_t)figure > most)
		return REFUSE(source, LIMIT, "padding", "fixed",
			"\"fixed\" must be a number from 1 to %" PRIu64
			", a little less than half the window",
			most);
	config->padding = CONFIG_PADDING_FIXED;
	config->padding_figure = (uint64_t)figure;
	return CONCLAVE_OK;
}

/* One of four words, or {"fixed": bytes}. The window is known by now. */
static enum conclave_error read_padding(
	struct build_config *config, const struct source *source, json_t *root)
{
	static const struct {
		const char *word;
		enum config_padding padding;
	} words[] = {{"average", CONFIG_PADDING_AVERAGE}, {"largest", CONFIG_PADDING_LARGEST},
		{"powers", CONFIG_PADDING_POWERS}, {"none", CONFIG_PADDING_NONE}};
	json_t *value = json_object_get(root, "padding");
	json_t *fixed = json_object_get(value, "fixed");
	const char *word = value == NULL ? words[0].word : json_string_value(value);

	for (size_t i = 0; word != NULL && i < ARRAY_COUNT(words); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		config->padding = words[i].padding;
		return CONCLAVE_OK;
	}
	if (fixed != NULL && json_object_size(value) == 1)
		return read_fixed_padding(config, source, fixed);
	return REFUSE(source, FORMAT, "padding", NULL,
		"\"padding\" must be \"average\", \"largest\", \"powers\", \"none\" or "
		"{ \"fixed\": bytes }");
}

/* A list of texts, or one text for a list of one. */
static enum conclave_error read_texts(const char *texts[CONFIG_TEXTS_MAX], size_t *count,
	const struct source *source, json_t *root, const char *key)
{
	json_t *value = json_object_get(root, key), *item;
	size_t index;

	if (json_is_string(value)) {
		texts[0] = json_string_value(value);
		*count = 1;
		return CONCLAVE_OK;
	}
	if (value != NULL && !json_is_array(value))
		return REFUSE(source, FORMAT, key, NULL, "\"%s\" must be a list of texts", key);
	if (json_array_size(value) > CONFIG_TEXTS_MAX)
		return REFUSE(source, LIMIT, key, NULL,
			"\"%s\" may have at most %u entries, got %zu", key, CONFIG_TEXTS_MAX,
			json_array_size(value));
	json_array_foreach(value, index, item)
	{
		if (!json_is_string(item))
			return REFUSE(source, FORMAT, key, NULL,
				"entry %zu of \"%s\" must be a text", index + 1, key);
		texts[index] = json_string_value(item);
	}
	*count = json_array_size(value);
	return CONCLAVE_OK;
}

static enum conclave_error read_environment(
	struct build_config *config, const struct source *source, json_t *root)
{
	json_t *object = json_object_get(root, "environment"), *value;
	const char *name;

	if (object != NULL && !json_is_object(object))
		return REFUSE(source, FORMAT, "environment", NULL,
			"\"environment\" must be an object of texts");
	if (json_object_size(object) > CONFIG_TEXTS_MAX)
		return REFUSE(source, LIMIT, "environment", NULL,
			"\"environment\" may have at most %u entries, got %zu", CONFIG_TEXTS_MAX,
			json_object_size(object));
	json_object_foreach(object, name, value)
	{
		if (name[0] == 0 || strchr(name, '=') != NULL || !json_is_string(value))
			return REFUSE(source, FORMAT, "environment", name,
				"\"%s\" must be a name without '=' and have a text as its value",
				name);
		config->environment[config->environment_count++] =
			(struct config_variable){name, json_string_value(value)};
	}
	return CONCLAVE_OK;
}

/* A source is named from the project's folder and may not leave it. */
static enum conclave_error check_sources(
	const struct build_config *config, const struct source *source)
{
	for (size_t i = 0; i < config->source_count; i++) {
		const char *name = config->sources[i];
		size_t size = strlen(name);
		bool is_c = size > 2 && strcmp(name + size - 2, ".c") == 0;
		bool is_wasm = size > 5 && strcmp(name + size - 5, ".wasm") == 0;
		if (name[0] == '/' || name[0] == '-' || strstr(name, "..") != NULL)
			return REFUSE(source, FORMAT, "guest", NULL,
				"\"guest\": %s must lie in the project's folder", name);
		if (!is_c && !(is_wasm && config->source_count == 1))
			return REFUSE(source, FORMAT, "guest", NULL,
				"\"guest\": %s: wanted C sources (.c), or one module (.wasm)",
				name);
	}
	return CONCLAVE_OK;
}

static enum conclave_error read_keys(
	struct build_config *config, const struct source *source, json_t *root)
{
	json_t *limits = json_object_get(root, "limits");

	TRY(check_keys(source, root, NULL, top_keys, ARRAY_COUNT(top_keys)));
	if (limits != NULL && !json_is_object(limits))
		return REFUSE(source, FORMAT, "limits", NULL, "\"limits\" must be an object");
	TRY(check_keys(source, limits, "limits", limit_keys, ARRAY_COUNT(limit_keys)));
	TRY(read_name(config, source, root));
	TRY(read_console(config, source, root));
	for (size_t i = 0; i < ARRAY_COUNT(number_keys); i++)
		TRY(read_number_key(config, source, &number_keys[i], root));
	TRY(read_padding(config, source, root));
	TRY(read_aes(config, source, root));
	TRY(read_texts(config->arguments, &config->argument_count, source, root, "arguments"));
	TRY(read_environment(config, source, root));
	TRY(read_texts(config->sources, &config->source_count, source, root, "guest"));
	return check_sources(config, source);
}

/* -- the file -- */

static enum conclave_error parse(json_t **out, const struct source *source, size_t size)
{
	json_error_t trouble;
	json_t *root = json_loadb(source->text, size, JSON_REJECT_DUPLICATES, &trouble);
	if (root == NULL)
		return report_fill(source->report, "%s:%d: %s", source->path, trouble.line,
			       trouble.text),
		       CONCLAVE_ERROR_FORMAT;
	if (!json_is_object(root)) {
		json_decref(root);
		return report_fill(source->report, "%s:1: must be an object: { \"name\": ... }",
			       source->path),
		       CONCLAVE_ERROR_FORMAT;
	}
	*out = root;
	return CONCLAVE_OK;
}

enum conclave_error build_config_read(
	struct build_config *out, const char *path, struct conclave_report *report)
{
	CLEANUP(file_free) struct buffer text = {0};
	TRY(file_read(&text, path, CONFIG_FILE_SIZE_MAX, report));

	struct source source = {path, (const char *)text.ptr, report};
	struct build_config config = {0};
	json_t *root;
	TRY(parse(&root, &source, text.len));
	enum conclave_error error = read_keys(&config, &source, root);
	if (error != CONCLAVE_OK) {
		json_decref(root);
		return error;
	}
	config.document = root;
	*out = config;
	return CONCLAVE_OK;
}

void build_config_free(struct build_config *config)
{
	json_decref(config->document);
	*config = (struct build_config){0};
}

/* -- encoding: header | argument places | environment places | texts -- */

/* Both parts of the encoding: where each text lies, and the texts, which follow all the places. */
struct encoder {
	struct writer *out;
	uint32_t next; /* offset of the next text */
};

static struct config_text place(struct encoder *encoder, size_t size)
{
	struct config_text text = {encoder->next, (uint32_t)size};
	encoder->next += text.size + 1;
	return text;
}

static void write_place(struct encoder *encoder, size_t size)
{
	struct config_text text = place(encoder, size);
	write_u32le(encoder->out, text.offset);
	write_u32le(encoder->out, text.size);
}

static size_t variable_size(const struct config_variable *variable)
{
	return strlen(variable->name) + 1 + strlen(variable->value);
}

static void write_text(struct writer *out, const char *text)
{
	write_bytes(out, bytes_of(text, strlen(text) + 1));
}

static void write_texts(struct writer *out, const struct build_config *config)
{
	write_text(out, config->name);
	for (size_t i = 0; i < config->argument_count; i++)
		write_text(out, config->arguments[i]);
	for (size_t i = 0; i < config->environment_count; i++) {
		const struct config_variable *variable = &config->environment[i];
		write_bytes(out, bytes_of(variable->name, strlen(variable->name)));
		write_u8(out, '=');
		write_text(out, variable->value);
	}
}

/* Also bounds every sum of this file: the sizes below fit 32 bits when this does. */
static enum conclave_error encoded_size(uint32_t *out, const struct build_config *config)
{
	struct writer measure = writer_measure();
	write_zeros(&measure, sizeof(struct config_header));
	write_zeros(&measure,
		(config->argument_count + config->environment_count) * sizeof(struct config_text));
	write_texts(&measure, config);
	if (measure.len > ABI_CONFIG_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	*out = (uint32_t)measure.len;
	return CONCLAVE_OK;
}

enum conclave_error build_config_encode(struct writer *out, const struct build_config *config)
{
	uint32_t size;
	TRY(encoded_size(&size, config));

	uint32_t arguments = sizeof(struct config_header);
	uint32_t environment =
		arguments + (uint32_t)(config->argument_count * sizeof(struct config_text));
	struct encoder encoder = {out,
		environment + (uint32_t)(config->environment_count * sizeof(struct config_text))};
	struct config_header header = {
		.magic = CONFIG_MAGIC,
		.size = size,
		.flags = config->console ? CONFIG_CONSOLE : 0,
		.product_id = (uint16_t)config->product_id,
		.security_version = (uint16_t)config->security_version,
		.lanes = (uint32_t)config->lanes,
		.heap_pages = config->heap / (64 * KIB),
		.fuel = config->fuel,
		.argument_count = (uint32_t)config->argument_count,
		.environment_count = (uint32_t)config->environment_count,
		.arguments = arguments,
		.environment = environment,
		.padding = config->padding,
		.padding_figure = config->padding_figure,
		.name = place(&encoder, strlen(config->name)),
	};
	write_bytes(out, BYTES_OF(header));
	for (size_t i = 0; i < config->argument_count; i++)
		write_place(&encoder, strlen(config->arguments[i]));
	for (size_t i = 0; i < config->environment_count; i++)
		write_place(&encoder, variable_size(&config->environment[i]));
	write_texts(out, config);
	return writer_end(out);
}

struct layout build_config_layout(const struct build_config *config)
{
	return (struct layout){
		.lane_count = config->lanes,
		.stack_size = config->stack,
		.guest_size = config->heap,
		.window_size = config->window,
		.files_size = config->files,
		.peers_max = config->peers,
		.xfrm = config->vaes ? SGX_XFRM_AVX512 : SGX_XFRM_LEGACY,
	};
}
