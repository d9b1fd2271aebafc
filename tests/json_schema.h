/* Whether a JSON value meets a JSON Schema: of draft 2020-12 as much as our own schemas use. A
 * keyword that is not known fails the test, lest it be taken for one that holds. For tests. */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <stdbool.h>

#include <jansson.h>

/* root: the whole schema, in which references are looked up; schema: the part that applies. */
bool json_schema_accepts(json_t *root, json_t *schema, json_t *value);

#endif
