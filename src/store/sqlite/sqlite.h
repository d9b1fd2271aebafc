/* The inside of the store on SQLite: what its files share. */
#ifndef STORE_SQLITE_SQLITE_H
#define STORE_SQLITE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "store/spool.h"
#include "store/store.h"

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
	MAIL_SPOOLED,
	POST_ADD,
	POST_NEXT,
	POST_REMOVE,
	DELTA_ADD,
	STATEMENT_COUNT
};

struct sqlite_store {
	struct store store;
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct spool spool;
	struct conclave_report trouble;
};

/* The lock is held by who calls these. Errors: as sqlite_error, whose words are kept. */
enum conclave_error sqlite_judge(struct sqlite_store *self, int status);
enum conclave_error sqlite_run(struct sqlite_store *self, enum statement which);
/* End a transaction that failed. */
void sqlite_roll_back(struct sqlite_store *self);
enum conclave_error sqlite_mail_add(uint64_t *id, struct sqlite_store *self, uint64_t route,
	struct bytes mail, uint64_t spooled);

/* Spooled mail, for the store's table. */
enum conclave_error sqlite_spool_begin(struct store_spool **out, struct store *store);
enum conclave_error sqlite_spool_write(struct store_spool *spool, struct bytes piece);
uint64_t sqlite_spool_written(const struct store_spool *spool);
enum conclave_error sqlite_spool_put(uint64_t *id, struct store_spool *spool, uint64_t route);
void sqlite_spool_abandon(struct store_spool *spool);
enum conclave_error sqlite_read(
	struct buffer out, struct store *store, uint64_t id, uint64_t offset);
uint64_t sqlite_spool_size(struct store *store);

#endif
