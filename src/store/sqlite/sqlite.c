/* The store on SQLite: one file, one connection, one writer.
 *
 * WAL with synchronous=EXTRA: a transaction is durable when COMMIT returns (sqlite.org/pragma.html,
 * "synchronous"). locking_mode=EXCLUSIVE keeps a second host out for as long as this one lives, and
 * the kernel releases the lock however this one dies. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "store/lock.h"
#include "store/store.h"

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x434c5331 /* "CLS1" */

static const char SCHEMA[] =
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
	"PRAGMA application_id = 0x434c5331;"
	"PRAGMA user_version = 1;";

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	OWNER_GET,
	OWNER_SET,
	VERSION_GET,
	VERSION_SET,
	ROUTE_GET,
	ROUTE_ADD,
	MAIL_ADD,
	MAIL_DONE,
	MAIL_PENDING,
	POST_ADD,
	POST_NEXT,
	POST_REMOVE,
	DELTA_ADD,
	STATEMENT_COUNT
};

static const char *const STATEMENTS[STATEMENT_COUNT] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[OWNER_GET] = "SELECT owner FROM meta",
	[OWNER_SET] = "UPDATE meta SET owner = ?1",
	[VERSION_GET] = "SELECT version FROM meta",
	[VERSION_SET] = "UPDATE meta SET version = ?1",
	[ROUTE_GET] = "SELECT number FROM route WHERE text = ?1",
	[ROUTE_ADD] = "INSERT INTO route (text) VALUES (?1)",
	[MAIL_ADD] = "INSERT INTO mail (route, mail) VALUES (?1, ?2)",
	[MAIL_DONE] = "DELETE FROM mail WHERE id = ?1",
	[MAIL_PENDING] = "SELECT id, route, mail FROM mail WHERE id > ?1 ORDER BY id",
	[POST_ADD] = "INSERT INTO post (route, mail_id, mail) VALUES (?1, ?2, ?3)",
	[POST_NEXT] = ("SELECT id, mail FROM post WHERE route = ?1 AND (?2 = 0 OR mail_id = ?2)"
		       " AND id > ?3 ORDER BY id LIMIT 1"),
	[POST_REMOVE] = "DELETE FROM post WHERE id = ?1",
	[DELTA_ADD] = "INSERT INTO delta (version, delta) VALUES (?1, ?2)",
};

struct sqlite_store {
	struct store store;
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

static enum conclave_error error_of(int status)
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

/* -- one statement: bind, step, and always reset, so that none keeps a transaction open -- */

static void statement_end(sqlite3_stmt **statement)
{
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
}

#define STATEMENT(self, which) \
	CLEANUP(statement_end) sqlite3_stmt *statement = (self)->statements[which]

/* SQLite's integers are signed; ours keep their bits. A failed bind shows as a NULL, which every
 * column refuses. */
static void bind_number(sqlite3_stmt *statement, int index, uint64_t value)
{
	(void)sqlite3_bind_int64(statement, index, (sqlite3_int64)value);
}

static void bind_bytes(sqlite3_stmt *statement, int index, struct bytes value)
{
	/* A NULL pointer would bind NULL; an empty blob needs a place to point at. */
	(void)sqlite3_bind_blob64(statement, index, value.len > 0 ? value.ptr : (const uint8_t *)"",
		value.len, SQLITE_STATIC);
}

static uint64_t column_number(sqlite3_stmt *statement, int index)
{
	return (uint64_t)sqlite3_column_int64(statement, index);
}

static struct bytes column_bytes(sqlite3_stmt *statement, int index)
{
	const void *ptr = sqlite3_column_blob(statement, index);
	return bytes_of(ptr, ptr != NULL ? (size_t)sqlite3_column_bytes(statement, index) : 0);
}

static enum conclave_error run(struct sqlite_store *self, enum statement which)
{
	STATEMENT(self, which);
	return error_of(sqlite3_step(statement));
}

static enum conclave_error run_number(
	struct sqlite_store *self, enum statement which, uint64_t value)
{
	STATEMENT(self, which);
	bind_number(statement, 1, value);
	return error_of(sqlite3_step(statement));
}

/* -- the table: each of its functions holds the lock from its first line to its last -- */

static enum conclave_error sqlite_claim(struct store *store, struct bytes owner)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	if (owner.len == 0 || owner.len > STORE_OWNER_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	{
		STATEMENT(self, OWNER_GET);
		int status = sqlite3_step(statement);
		if (status != SQLITE_ROW)
			return status == SQLITE_DONE ? CONCLAVE_ERROR_IO : error_of(status);
		if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
			return bytes_equal(column_bytes(statement, 0), owner)
				       ? CONCLAVE_OK
				       : CONCLAVE_ERROR_MISMATCH;
	}
	STATEMENT(self, OWNER_SET);
	bind_bytes(statement, 1, owner);
	return error_of(sqlite3_step(statement));
}

static enum conclave_error sqlite_version(uint64_t *version, struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	STATEMENT(self, VERSION_GET);
	int status = sqlite3_step(statement);
	if (status != SQLITE_ROW)
		return status == SQLITE_DONE ? CONCLAVE_ERROR_IO : error_of(status);
	*version = column_number(statement, 0);
	return CONCLAVE_OK;
}

static enum conclave_error sqlite_route(
	uint64_t *number, struct store *store, struct bytes text, bool create)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	if (text.len == 0 || text.len > STORE_ROUTE_SIZE_MAX)
		return CONCLAVE_ERROR_LIMIT;
	{
		STATEMENT(self, ROUTE_GET);
		bind_bytes(statement, 1, text);
		int status = sqlite3_step(statement);
		if (status == SQLITE_ROW) {
			*number = column_number(statement, 0);
			return CONCLAVE_OK;
		}
		if (status != SQLITE_DONE)
			return error_of(status);
	}
	if (!create)
		return CONCLAVE_ERROR_NOT_FOUND;
	STATEMENT(self, ROUTE_ADD);
	bind_bytes(statement, 1, text);
	TRY(error_of(sqlite3_step(statement)));
	*number = (uint64_t)sqlite3_last_insert_rowid(self->db);
	return CONCLAVE_OK;
}

static enum conclave_error sqlite_put(
	uint64_t *id, struct store *store, uint64_t route, struct bytes mail)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	STATEMENT(self, MAIL_ADD);
	bind_number(statement, 1, route);
	bind_bytes(statement, 2, mail);
	TRY(error_of(sqlite3_step(statement)));
	*id = (uint64_t)sqlite3_last_insert_rowid(self->db);
	return CONCLAVE_OK;
}

static enum conclave_error sqlite_pending(struct store *store, uint64_t after,
	bool (*each)(void *context, const struct store_mail *mail), void *context)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	STATEMENT(self, MAIL_PENDING);
	bind_number(statement, 1, after);
	int status = sqlite3_step(statement);
	while (status == SQLITE_ROW) {
		struct store_mail mail = {column_number(statement, 0), column_number(statement, 1),
			column_bytes(statement, 2)};
		if (!each(context, &mail))
			return CONCLAVE_OK;
		status = sqlite3_step(statement);
	}
	return error_of(status);
}

static enum conclave_error post_add(struct sqlite_store *self, const struct store_post *post)
{
	STATEMENT(self, POST_ADD);
	bind_number(statement, 1, post->route);
	bind_number(statement, 2, post->mail_id);
	bind_bytes(statement, 3, post->mail);
	return error_of(sqlite3_step(statement));
}

static enum conclave_error delta_add(struct sqlite_store *self, const struct store_turn *turn)
{
	STATEMENT(self, DELTA_ADD);
	bind_number(statement, 1, turn->version);
	bind_bytes(statement, 2, turn->delta);
	return error_of(sqlite3_step(statement));
}

static enum conclave_error turn_write(struct sqlite_store *self, const struct store_turn *turn)
{
	for (size_t i = 0; i < turn->posts_count; i++)
		TRY(post_add(self, &turn->posts[i]));
	for (size_t i = 0; i < turn->done_count; i++)
		TRY(run_number(self, MAIL_DONE, turn->done[i]));
	if (turn->delta.len > 0)
		TRY(delta_add(self, turn));
	TRY(run_number(self, VERSION_SET, turn->version));
	return run(self, COMMIT);
}

static enum conclave_error sqlite_commit(struct store *store, const struct store_turn *turn)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	TRY(run(self, BEGIN));
	enum conclave_error error = turn_write(self, turn);
	/* Some errors have rolled back already (sqlite.org/lang_transaction.html §3.1). */
	if (error != CONCLAVE_OK && sqlite3_get_autocommit(self->db) == 0)
		(void)run(self, ROLLBACK);
	return error;
}

static enum conclave_error sqlite_reply(uint64_t *id, struct writer *out, struct store *store,
	uint64_t route, uint64_t mail_id, uint64_t after)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	STATEMENT(self, POST_NEXT);
	bind_number(statement, 1, route);
	bind_number(statement, 2, mail_id);
	bind_number(statement, 3, after);
	int status = sqlite3_step(statement);
	if (status == SQLITE_DONE) {
		*id = 0;
		return CONCLAVE_OK;
	}
	TRY(error_of(status));
	write_bytes(out, column_bytes(statement, 1));
	TRY(writer_end(out));
	*id = column_number(statement, 0);
	return CONCLAVE_OK;
}

static enum conclave_error sqlite_remove(struct store *store, uint64_t id)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	return run_number(self, POST_REMOVE, id);
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	if (self == NULL)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(self->statements[i]);
	(void)sqlite3_close(self->db);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct store_ops SQLITE_OPS = {
	.claim = sqlite_claim,
	.version = sqlite_version,
	.route = sqlite_route,
	.put = sqlite_put,
	.pending = sqlite_pending,
	.commit = sqlite_commit,
	.reply = sqlite_reply,
	.remove = sqlite_remove,
	.close = sqlite_close,
};

/* -- opening -- */

static enum conclave_error execute(struct sqlite_store *self, const char *sql)
{
	return error_of(sqlite3_exec(self->db, sql, NULL, NULL, NULL));
}

static void statement_finalize(sqlite3_stmt **statement)
{
	(void)sqlite3_finalize(*statement);
}

static enum conclave_error number_of(uint64_t *out, struct sqlite_store *self, const char *sql)
{
	CLEANUP(statement_finalize) sqlite3_stmt *statement = NULL;
	TRY(error_of(sqlite3_prepare_v2(self->db, sql, -1, &statement, NULL)));
	int status = sqlite3_step(statement);
	if (status != SQLITE_ROW)
		return status == SQLITE_DONE ? CONCLAVE_ERROR_IO : error_of(status);
	*out = column_number(statement, 0);
	return CONCLAVE_OK;
}

/* A new file gets the schema in one transaction; an old one must be ours and not from the future.
 */
static enum conclave_error schema_check(struct sqlite_store *self, struct conclave_report *report)
{
	uint64_t application, version, tables;
	TRY(number_of(&application, self, "PRAGMA application_id"));
	TRY(number_of(&version, self, "PRAGMA user_version"));
	TRY(number_of(&tables, self, "SELECT count(*) FROM sqlite_master"));
	if (application == 0 && version == 0 && tables == 0) {
		TRY(execute(self, "BEGIN IMMEDIATE"));
		TRY(execute(self, SCHEMA));
		return execute(self, "COMMIT");
	}
	if (application != APPLICATION_ID) {
		report_fill(report, "a database, but not one of conclave's");
		return CONCLAVE_ERROR_FORMAT;
	}
	if (version != SCHEMA_VERSION) {
		report_fill(report, "its schema has version %llu, this program knows %d",
			(unsigned long long)version, SCHEMA_VERSION);
		return CONCLAVE_ERROR_VERSION;
	}
	return CONCLAVE_OK;
}

static enum conclave_error statements_prepare(struct sqlite_store *self)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		TRY(error_of(sqlite3_prepare_v3(self->db, STATEMENTS[i], -1,
			SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL)));
	return CONCLAVE_OK;
}

/* Correlation-IDs are what fetches a client's mail: nobody else on this machine may read them.
 * SQLite would create with 0644; its WAL takes the mode of the file. O_EXCL also because opening
 * and closing a file of our own would drop the locks this process holds on it. */
static enum conclave_error file_create(const char *path, struct conclave_report *report)
{
	if (strcmp(path, ":memory:") == 0)
		return CONCLAVE_OK;
	int file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0 && errno != EEXIST) {
		report_fill(report, "%s: %s", path, strerror(errno));
		return CONCLAVE_ERROR_IO;
	}
	if (file >= 0)
		(void)close(file);
	return CONCLAVE_OK;
}

static enum conclave_error database_open(
	struct sqlite_store *self, const char *path, struct conclave_report *report)
{
	TRY(error_of(sqlite3_open_v2(path, &self->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)));
	/* EXTRA is FULL, and the folder is synced when the journal of the switch to WAL is removed:
	 * else a power cut much later may bring that journal back, which undoes everything. */
	TRY(execute(self, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA;"
			  "PRAGMA journal_mode = WAL"));
	TRY(schema_check(self, report));
	TRY(statements_prepare(self));
	/* Take the lock now: the first statement would, but its caller could not say so. */
	TRY(run(self, BEGIN));
	return run(self, COMMIT);
}

enum conclave_error store_open_sqlite(
	struct store **out, const char *path, struct conclave_report *report)
{
	struct conclave_report why = {""};
	TRY(file_create(path, report));
	struct sqlite_store *self = calloc(1, sizeof(*self));
	if (self == NULL)
		return CONCLAVE_ERROR_MEMORY;
	self->store.ops = &SQLITE_OPS;
	(void)pthread_mutex_init(&self->lock, NULL);
	enum conclave_error error = database_open(self, path, &why);
	if (error == CONCLAVE_OK) {
		*out = &self->store;
		return CONCLAVE_OK;
	}
	if (error == CONCLAVE_ERROR_BUSY)
		report_fill(report, "%s: another host uses this store; stop it first", path);
	else
		report_fill(report, "%.480s: %.480s", path,
			why.text[0] != '\0' ? why.text : sqlite3_errmsg(self->db));
	sqlite_close(&self->store);
	return error;
}
