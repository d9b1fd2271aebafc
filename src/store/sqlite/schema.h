/* The tables of a store, and what becomes of older ones. docs/spec/host.md. */
#ifndef STORE_SQLITE_SCHEMA_H
#define STORE_SQLITE_SCHEMA_H

#include <sqlite3.h>

#include "base/bytes.h"

enum conclave_error sqlite_error(int status);
/* Statements without results, one after the other. Errors: as sqlite_error. */
enum conclave_error sqlite_execute(sqlite3 *db, const char *sql);
/* A new database gets the schema, one of an older version is brought to it, each in one
 * transaction; one from the future or of somebody else is refused. Errors: FORMAT, VERSION, IO. */
enum conclave_error schema_prepare(sqlite3 *db, struct conclave_report *report);

#endif
