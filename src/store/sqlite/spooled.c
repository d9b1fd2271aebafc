/* Spooled mail: a file on its way in, then a row that says it is a mail. */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/report.h"
#include "store/lock.h"
#include "store/sqlite/sqlite.h"

struct store_spool {
	struct sqlite_store *store;
	struct spool_file file;
};

/* The error of something done to a file, with errno's words. The lock is not held. */
static enum conclave_error file_judge(struct sqlite_store *self, enum conclave_error error)
{
	int cause = errno;
	if (error != CONCLAVE_ERROR_IO)
		return error;
	LOCKED(&self->lock);
	report_fill(&self->trouble, "%.900s: %s", self->spool.path, strerror(cause));
	return error;
}

enum conclave_error sqlite_spool_begin(struct store_spool **out, struct store *store)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	enum conclave_error error;
	struct store_spool *spool = calloc(1, sizeof(*spool));
	if (spool == NULL)
		return CONCLAVE_ERROR_MEMORY;
	spool->store = self;
	{
		LOCKED(&self->lock);
		error = spool_create(&spool->file, &self->spool);
	}
	if (file_judge(self, error) != CONCLAVE_OK) {
		free(spool);
		return error;
	}
	*out = spool;
	return CONCLAVE_OK;
}

enum conclave_error sqlite_spool_write(struct store_spool *spool, struct bytes piece)
{
	return file_judge(spool->store, spool_append(&spool->file, piece));
}

uint64_t sqlite_spool_written(const struct store_spool *spool)
{
	return spool->file.size;
}

static void spool_free(struct store_spool *spool, bool is_kept)
{
	spool_end(&spool->file, is_kept);
	free(spool);
}

void sqlite_spool_abandon(struct store_spool *spool)
{
	if (spool != NULL)
		spool_free(spool, false);
}

/* The file has its mail's name, durably, before the row can be seen. */
static enum conclave_error spooled_add(
	uint64_t *id, struct sqlite_store *self, struct spool_file *file, uint64_t route)
{
	TRY(sqlite_mail_add(id, self, route, (struct bytes){0}, file->size));
	enum conclave_error error = spool_name(file, *id);
	if (error == CONCLAVE_ERROR_IO)
		report_fill(&self->trouble, "%.900s: %s", self->spool.path, strerror(errno));
	TRY(error);
	return sqlite_run(self, COMMIT);
}

enum conclave_error sqlite_spool_put(uint64_t *id, struct store_spool *spool, uint64_t route)
{
	struct sqlite_store *self = spool->store;
	uint64_t added;
	/* What takes long is done before the lock is taken. */
	TRY(file_judge(self, spool_sync(&spool->file)));
	LOCKED(&self->lock);
	TRY(sqlite_run(self, BEGIN));
	enum conclave_error error = spooled_add(&added, self, &spool->file, route);
	if (error != CONCLAVE_OK) {
		sqlite_roll_back(self);
		return error;
	}
	spool_free(spool, true);
	*id = added;
	return CONCLAVE_OK;
}

static void blob_close(sqlite3_blob **blob)
{
	(void)sqlite3_blob_close(*blob);
}

/* Of a mail that lies in its row. */
static enum conclave_error row_read(
	struct buffer out, struct sqlite_store *self, uint64_t id, uint64_t offset)
{
	CLEANUP(blob_close) sqlite3_blob *blob = NULL;
	LOCKED(&self->lock);
	int status =
		sqlite3_blob_open(self->db, "main", "mail", "mail", (sqlite3_int64)id, 0, &blob);
	if (status == SQLITE_ERROR) /* no such row */
		return CONCLAVE_ERROR_NOT_FOUND;
	TRY(sqlite_judge(self, status));
	uint64_t size = (uint64_t)sqlite3_blob_bytes(blob);
	if (offset > size || out.len > size - offset)
		return CONCLAVE_ERROR_TRUNCATED;
	return sqlite_judge(self, sqlite3_blob_read(blob, out.ptr, (int)out.len, (int)offset));
}

enum conclave_error sqlite_read(
	struct buffer out, struct store *store, uint64_t id, uint64_t offset)
{
	struct sqlite_store *self = (struct sqlite_store *)store;
	enum conclave_error error = spool_read(out, &self->spool, id, offset);
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		return row_read(out, self, id, offset);
	return file_judge(self, error);
}

uint64_t sqlite_spool_size(struct store *store)
{
	return atomic_load(&((struct sqlite_store *)store)->spool.size);
}
