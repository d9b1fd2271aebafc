/* The store on SQLite: one database, one connection, one writer; and the spool's files beside it.
 *
 * WAL with synchronous=EXTRA: a transaction is durable when COMMIT returns (sqlite.org/pragma.html,
 * "synchronous"). locking_mode=EXCLUSIVE keeps a second host out for as long as this one lives, and
 * the kernel releases the lock however this one dies. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"
#include "store/lock.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

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
	[MAIL_ADD] = "INSERT INTO mail (route, mail, spooled) VALUES (?1, ?2, ?3)",
	[MAIL_DONE] = "DELETE FROM mail WHERE id = ?1",
	[MAIL_PENDING] = "SELECT id, route, mail, spooled FROM mail WHERE id > ?1 ORDER BY id",
	[MAIL_SPOOLED] = "SELECT 1 FROM mail WHERE id = ?1 AND spooled <> 0",
	[POST_ADD] = "INSERT INTO post (route, mail_id, mail) VALUES (?1, ?2, ?3)",
	[POST_NEXT] = ("SELECT id, mail FROM post WHERE route = ?1 AND (?2 = 0 OR mail_id = ?2)"
		       " AND id > ?3 ORDER BY id LIMIT 1"),
	[POST_REMOVE] = "DELETE FROM post WHERE id = ?1",
	[DELTA_ADD] = "INSERT INTO delta (version, delta) VALUES (?1, ?2)",
};

/* The error of a step, whose words are kept. The lock is held. */
enum conclave_error sqlite_judge(struct sqlite_store *self, int status)
{
	enum conclave_error error = sqlite_error(status);
	if (error == CONCLAVE_ERROR_IO)
		report_fill(&self->trouble, "%s", sqlite3_errmsg(self->db));
	return error;
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

enum conclave_error sqlite_run(struct sqlite_store *self, enum statement which)
{
	STATEMENT(self, which);
	return sqlite_judge(self, sqlite3_step(statement));
}

static enum conclave_error run_number(
	struct sqlite_store *self, enum statement which, uint64_t value)
{
	STATEMENT(self, which);
	bind_number(statement, 1, value);
	return sqlite_judge(self, sqlite3_step(statement));
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
			return status == SQLITE_DONE ? CONCLAVE_ERROR_IO
						     : sqlite_judge(self, status);
		if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
			return bytes_equal(column_bytes(statement, 0), owner)
				       ? CONCLAVE_OK
				       : CONCLAVE_ERROR_MISMATCH;
	}
	STATEMENT(self, OWNER_SET);
	bind_bytes(statement, 1, owner);
	return sqlite_judge(self, sqlite3_step(statement));
}

static enum conclave_error sqlite_version(uint64_t *version, struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	STATEMENT(self, VERSION_GET);
	int status = sqlite3_step(statement);
	if (status != SQLITE_ROW)
		return status == SQLITE_DONE ? CONCLAVE_ERROR_IO : sqlite_judge(self, status);
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
			return sqlite_judge(self, status);
	}
	if (!create)
		return CONCLAVE_ERROR_NOT_FOUND;
	STATEMENT(self, ROUTE_ADD);
	bind_bytes(statement, 1, text);
	TRY(sqlite_judge(self, sqlite3_step(statement)));
	*number = (uint64_t)sqlite3_last_insert_rowid(self->db);
	return CONCLAVE_OK;
}

enum conclave_error sqlite_mail_add(uint64_t *id, struct sqlite_store *self, uint64_t route,
	struct bytes mail, uint64_t spooled)
{
	STATEMENT(self, MAIL_ADD);
	bind_number(statement, 1, route);
	bind_bytes(statement, 2, mail);
	bind_number(statement, 3, spooled);
	TRY(sqlite_judge(self, sqlite3_step(statement)));
	*id = (uint64_t)sqlite3_last_insert_rowid(self->db);
	return CONCLAVE_OK;
}

static enum conclave_error sqlite_put(
	uint64_t *id, struct store *store, uint64_t route, struct bytes mail)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	return sqlite_mail_add(id, self, route, mail, 0);
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
			column_bytes(statement, 2), column_number(statement, 3)};
		if (!each(context, &mail))
			return CONCLAVE_OK;
		status = sqlite3_step(statement);
	}
	return sqlite_judge(self, status);
}

static enum conclave_error post_add(struct sqlite_store *self, const struct store_post *post)
{
	STATEMENT(self, POST_ADD);
	bind_number(statement, 1, post->route);
	bind_number(statement, 2, post->mail_id);
	bind_bytes(statement, 3, post->mail);
	return sqlite_judge(self, sqlite3_step(statement));
}

static enum conclave_error delta_add(struct sqlite_store *self, const struct store_turn *turn)
{
	STATEMENT(self, DELTA_ADD);
	bind_number(statement, 1, turn->version);
	bind_bytes(statement, 2, turn->delta);
	return sqlite_judge(self, sqlite3_step(statement));
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
	return sqlite_run(self, COMMIT);
}

/* Some errors have rolled back already (sqlite.org/lang_transaction.html §3.1). */
void sqlite_roll_back(struct sqlite_store *self)
{
	if (sqlite3_get_autocommit(self->db) == 0)
		(void)sqlite_run(self, ROLLBACK);
}

static enum conclave_error sqlite_commit(struct store *store, const struct store_turn *turn)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	TRY(sqlite_run(self, BEGIN));
	enum conclave_error error = turn_write(self, turn);
	if (error != CONCLAVE_OK)
		sqlite_roll_back(self);
	/* Files go after their rows: what a power cut brings back is swept away at the next start.
	 */
	for (size_t i = 0; i < turn->done_count && error == CONCLAVE_OK; i++)
		spool_remove(&self->spool, turn->done[i]);
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
	TRY(sqlite_judge(self, status));
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

static void sqlite_trouble(struct conclave_report *out, struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	LOCKED(&self->lock);
	*out = self->trouble;
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	if (self == NULL)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(self->statements[i]);
	(void)sqlite3_close(self->db);
	spool_close(&self->spool);
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
	.spool_begin = sqlite_spool_begin,
	.spool_write = sqlite_spool_write,
	.spool_written = sqlite_spool_written,
	.spool_put = sqlite_spool_put,
	.spool_abandon = sqlite_spool_abandon,
	.read = sqlite_read,
	.spool_size = sqlite_spool_size,
	.trouble = sqlite_trouble,
	.close = sqlite_close,
};

/* -- opening -- */

static enum conclave_error statements_prepare(struct sqlite_store *self)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		TRY(sqlite_error(sqlite3_prepare_v3(self->db, STATEMENTS[i], -1,
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
	TRY(sqlite_error(sqlite3_open_v2(path, &self->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)));
	/* EXTRA is FULL, and the folder is synced when the journal of the switch to WAL is removed:
	 * else a power cut much later may bring that journal back, which undoes everything. */
	TRY(sqlite_execute(self->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA;"
				     "PRAGMA journal_mode = WAL"));
	TRY(schema_prepare(self->db, report));
	TRY(statements_prepare(self));
	/* Take the lock now: the first statement would, but its caller could not say so. */
	TRY(sqlite_run(self, BEGIN));
	return sqlite_run(self, COMMIT);
}

static enum conclave_error is_spooled(bool *out, void *context, uint64_t id)
{
	struct sqlite_store *self = context;
	STATEMENT(self, MAIL_SPOOLED);
	bind_number(statement, 1, id);
	int status = sqlite3_step(statement);
	*out = status == SQLITE_ROW;
	return sqlite_judge(self, status);
}

/* Under the database's lock: another host's files must not be swept away. */
static enum conclave_error spool_prepare(
	struct sqlite_store *self, const char *path, struct conclave_report *report)
{
	enum conclave_error error = spool_open(&self->spool, path);
	if (error == CONCLAVE_OK)
		error = spool_sweep(&self->spool, is_spooled, self);
	if (error != CONCLAVE_OK)
		report_fill(report, "its spool: %s", strerror(errno));
	return error;
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
	self->spool.folder = -1;
	(void)pthread_mutex_init(&self->lock, NULL);
	enum conclave_error error = database_open(self, path, &why);
	if (error == CONCLAVE_OK)
		error = spool_prepare(self, path, &why);
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
