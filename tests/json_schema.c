#include "json_schema.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool keyword(json_t *root, json_t *schema, json_t *argument, json_t *value);

static bool holds_always(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	(void)root, (void)schema, (void)argument, (void)value;
	return true;
}

static bool holds_ref(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	static const char prefix[] = "#/$defs/";
	const char *name = json_string_value(argument);
	(void)schema;
	if (name == NULL || strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		abort();
	json_t *definition =
		json_object_get(json_object_get(root, "$defs"), name + sizeof(prefix) - 1);
	if (definition == NULL) {
		fprintf(stderr, "the schema has no %s\n", name);
		abort();
	}
	return json_schema_accepts(root, definition, value);
}

static bool holds_type(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	static const struct {
		const char *name;
		json_type type;
	} types[] = {{"object", JSON_OBJECT}, {"array", JSON_ARRAY}, {"string", JSON_STRING},
		{"integer", JSON_INTEGER}};
	const char *name = json_string_value(argument);
	(void)root, (void)schema;
	if (strcmp(name, "boolean") == 0)
		return json_is_boolean(value);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(name, types[i].name) == 0)
			return json_typeof(value) == types[i].type;
	abort();
}

static bool holds_const(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	(void)root, (void)schema;
	return json_equal(argument, value);
}

static bool holds_enum(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	size_t i;
	json_t *one;
	(void)root, (void)schema;
	json_array_foreach(argument, i, one) if (json_equal(one, value)) return true;
	return false;
}

static bool holds_properties(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	const char *name;
	json_t *property;
	(void)schema;
	json_object_foreach(argument, name, property)
	{
		json_t *member = json_object_get(value, name);
		if (member != NULL && !json_schema_accepts(root, property, member))
			return false;
	}
	return true;
}

static bool holds_additional(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	const char *name;
	json_t *member;
	(void)root, (void)argument; /* false wherever we use it */
	json_object_foreach(value, name,
		member) if (json_object_get(json_object_get(schema, "properties"), name) ==
			    NULL) return false;
	return true;
}

static bool holds_required(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	size_t i;
	json_t *name;
	(void)root, (void)schema;
	json_array_foreach(argument, i,
		name) if (json_object_get(value, json_string_value(name)) == NULL) return false;
	return true;
}

static bool holds_items(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	size_t i;
	json_t *element;
	(void)schema;
	json_array_foreach(
		value, i, element) if (!json_schema_accepts(root, argument, element)) return false;
	return true;
}

static bool holds_unique(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	(void)root, (void)schema, (void)argument;
	for (size_t i = 0; i < json_array_size(value); i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(value, i), json_array_get(value, j)))
				return false;
	return true;
}

static bool holds_pattern(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	regex_t regex;
	(void)root, (void)schema;
	if (!json_is_string(value))
		return true;
	if (regcomp(&regex, json_string_value(argument), REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	bool matches = regexec(&regex, json_string_value(value), 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}

static bool holds_any(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	size_t i;
	json_t *one;
	(void)schema;
	json_array_foreach(argument, i, one) if (json_schema_accepts(root, one, value)) return true;
	return false;
}

static bool holds_all(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	size_t i;
	json_t *one;
	(void)schema;
	json_array_foreach(
		argument, i, one) if (!json_schema_accepts(root, one, value)) return false;
	return true;
}

static bool holds_not(json_t *root, json_t *schema, json_t *argument, json_t *value)
{
	(void)schema;
	return !json_schema_accepts(root, argument, value);
}

/* Sizes and limits; what the value is not made of has no limit. */
static bool holds_limit(const char *name, json_t *argument, json_t *value)
{
	json_int_t limit = json_integer_value(argument);
	if (strcmp(name, "minItems") == 0)
		return !json_is_array(value) || (json_int_t)json_array_size(value) >= limit;
	if (strcmp(name, "maxItems") == 0)
		return !json_is_array(value) || (json_int_t)json_array_size(value) <= limit;
	if (strcmp(name, "minProperties") == 0)
		return !json_is_object(value) || (json_int_t)json_object_size(value) >= limit;
	if (strcmp(name, "maxLength") == 0)
		return !json_is_string(value) || (json_int_t)json_string_length(value) <= limit;
	if (strcmp(name, "minimum") == 0)
		return !json_is_integer(value) || json_integer_value(value) >= limit;
	if (strcmp(name, "maximum") == 0)
		return !json_is_integer(value) || json_integer_value(value) <= limit;
	fprintf(stderr, "the schema uses \"%s\", which is not known here\n", name);
	abort();
}

static const struct {
	const char *name;
	keyword *holds;
} keywords[] = {
	{"$schema", holds_always},
	{"$defs", holds_always},
	{"title", holds_always},
	{"description", holds_always},
	{"$ref", holds_ref},
	{"type", holds_type},
	{"const", holds_const},
	{"enum", holds_enum},
	{"properties", holds_properties},
	{"additionalProperties", holds_additional},
	{"required", holds_required},
	{"items", holds_items},
	{"uniqueItems", holds_unique},
	{"pattern", holds_pattern},
	{"anyOf", holds_any},
	{"allOf", holds_all},
	{"not", holds_not},
};

bool json_schema_accepts(json_t *root, json_t *schema, json_t *value)
{
	const char *name;
	json_t *argument;
	json_object_foreach(schema, name, argument)
	{
		size_t i = 0, count = sizeof(keywords) / sizeof(keywords[0]);
		while (i < count && strcmp(keywords[i].name, name) != 0)
			i++;
		if (!(i < count ? keywords[i].holds(root, schema, argument, value)
				: holds_limit(name, argument, value)))
			return false;
	}
	return true;
}
