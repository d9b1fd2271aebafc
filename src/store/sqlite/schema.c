#include "store/sqlite/schema.h"

#include "base/check.h"
#include "base/report.h"

#define SCHEMA_VERSION 2
#define APPLICATION_ID 0x434c5331 /* "CLS1" */

/* Version 1, from which every store has come, and the step to each later version. */
static const char VERSION_1[] =
	"CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), owner BLOB, version INTEGER NOT "
	"NULL) STRICT;"
	"INSERT INTO meta VALUES (1, NULL, 0);"
	"CREATE TABLE route (number INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB NOT NULL UNIQUE) "
	"STRICT;"
	"CREATE TABLE mail (id INTEGER PRIMARY KEY AUTOINCREMENT, route INTEGER NOT NULL, mail "
	"BLOB NOT NULL) STRICT;"
	"CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, route INTEGER NOT NULL, mail_id "
	"INTEGER NOT NULL, mail BLOB NOT NULL) STRICT;"
	"CREATE INDEX post_route ON post (route, id);"
	"CREATE TABLE delta (turn INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, "
	"delta BLOB NOT NULL) STRICT;"
	"PRAGMA application_id = 0x434c5331;";
static const char VERSION_2[] = "ALTER TABLE mail ADD COLUMN spooled INTEGER NOT NULL DEFAULT 0;"
				"PRAGMA user_version = 2;";

enum conclave_error sqlite_error(int status)
{
	switch (status & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return CONCLAVE_OK;
	case SQLITE_NOMEM: return CONCLAVE_ERROR_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return CONCLAVE_ERROR_BUSY;
	case SQLITE_NOTADB: return CONCLAVE_ERROR_FORMAT;
	case SQLITE_TOOBIG: return CONCLAVE_ERROR_LIMIT;
	default: return CONCLAVE_ERROR_IO;
	}
}

enum conclave_error sqlite_execute(sqlite3 *db, const char *sql)
{
	return sqlite_error(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void statement_finalize(sqlite3_stmt **statement)
{
	(void)sqlite3_finalize(*statement);
}

static enum conclave_error number_of(uint64_t *out, sqlite3 *db, const char *sql)
{
	CLEANUP(statement_finalize) sqlite3_stmt *statement = NULL;
	TRY(sqlite_error(sqlite3_prepare_v2(db, sql, -1, &statement, NULL)));
	int status = sqlite3_step(statement);
	if (status != SQLITE_ROW)
		return status == SQLITE_DONE ? CONCLAVE_ERROR_IO : sqlite_error(status);
	*out = (uint64_t)sqlite3_column_int64(statement, 0);
	return CONCLAVE_OK;
}

/* What fails in the middle is undone when the database is closed. */
static enum conclave_error change(sqlite3 *db, const char *first, const char *then)
{
	TRY(sqlite_execute(db, "BEGIN IMMEDIATE"));
	TRY(sqlite_execute(db, first));
	TRY(sqlite_execute(db, then));
	return sqlite_execute(db, "COMMIT");
}

enum conclave_error schema_prepare(sqlite3 *db, struct conclave_report *report)
{
	uint64_t application, version, tables;
	TRY(number_of(&application, db, "PRAGMA application_id"));
	TRY(number_of(&version, db, "PRAGMA user_version"));
	TRY(number_of(&tables, db, "SELECT count(*) FROM sqlite_master"));
	if (application == 0 && version == 0 && tables == 0)
		return change(db, VERSION_1, VERSION_2);
	if (application != APPLICATION_ID) {
		report_fill(report, "a database, but not one of conclave's");
		return CONCLAVE_ERROR_FORMAT;
	}
	if (version == 1)
		return change(db, VERSION_2, "");
	if (version != SCHEMA_VERSION) {
		report_fill(report, "its schema has version %llu, this program knows %d",
			(unsigned long long)version, SCHEMA_VERSION);
		return CONCLAVE_ERROR_VERSION;
	}
	return CONCLAVE_OK;
}
