/* Where a host keeps mail and sealed state: one small table of functions, behind which sits SQLite
 * (sqlite/) or PostgreSQL.
 *
 * Mail that is too large to be held in memory is spooled: a file beside the database, written as it
 * arrives and read in pieces, with the same ids and the same promises as other mail.
 *
 * A turn is committed whole or not at all. Bytes are opaque; routes are the callers'
 * Correlation-IDs (1 to STORE_ROUTE_SIZE_MAX bytes). Thread rule: one store object may be used by
 * several threads; calls are serialised inside. docs/spec/host.md has the schema. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"

#define STORE_ROUTE_SIZE_MAX 256u
#define STORE_OWNER_SIZE_MAX 64u

struct store;
struct store_spool; /* a spooled mail that is still arriving; one thread at a time */

/* A reply or other post that leaves in this turn. */
struct store_post {
	uint64_t mail_id; /* the incoming mail in whose handling it was posted; 0: none */
	uint64_t route;	  /* store_route number */
	struct bytes mail;
};

/* All that one turn changes. */
struct store_turn {
	const struct store_post *posts;
	size_t posts_count;
	const uint64_t *done; /* mail ids acknowledged or refused */
	size_t done_count;
	uint64_t version;
	struct bytes delta; /* sealed; may be empty */
};

struct store_mail {
	uint64_t id, route;
	struct bytes mail; /* valid only in the callback */
	uint64_t spooled;  /* not 0: its size; it is in the spool, and `mail` is empty */
};

/* Every function: also MEMORY. After IO the caller cannot know what a power cut would leave: whole
 * turns in any case, but perhaps the one that failed. It should stop, and open the store again. */
struct store_ops {
	/* Tie a new store to its owner (at most STORE_OWNER_SIZE_MAX bytes), or check it. Errors:
	 * MISMATCH (it is another's), IO, LIMIT. */
	enum conclave_error (*claim)(struct store *store, struct bytes owner);
	/* The version of the last turn committed; 0 before the first. Errors: IO. */
	enum conclave_error (*version)(uint64_t *version, struct store *store);
	/* The number that stands for a route, stable for ever, never 0; made on first use when
	 * `create`. Errors: NOT_FOUND, IO, LIMIT. */
	enum conclave_error (*route)(
		uint64_t *number, struct store *store, struct bytes text, bool create);
	/* Keep an incoming mail; durable when this returns. Ids rise strictly, also over restarts.
	 * Errors: IO. */
	enum conclave_error (*put)(
		uint64_t *id, struct store *store, uint64_t route, struct bytes mail);
	/* Incoming mail not yet done with, ids above `after`, in order, until `each` returns false.
	 * `each` must not call the store. Errors: IO. */
	enum conclave_error (*pending)(struct store *store, uint64_t after,
		bool (*each)(void *context, const struct store_mail *mail), void *context);
	/* Bytes from `offset`, exactly out.len of them, of a mail that is not yet done with.
	 * Errors: NOT_FOUND, TRUNCATED (it ends before that; or it was spooled, and somebody was at
	 * the files), IO. */
	enum conclave_error (*read)(
		struct buffer out, struct store *store, uint64_t id, uint64_t offset);
	/* One transaction, durable when this returns. Errors: IO. */
	enum conclave_error (*commit)(struct store *store, const struct store_turn *turn);
	/* The oldest undelivered post of a route with an id above `after`, kept until removed. *id
	 * 0: none. mail is written to `out`. mail_id not 0: only posts made while that mail was
	 * handled. Errors: IO, SPACE. */
	enum conclave_error (*reply)(uint64_t *id, struct writer *out, struct store *store,
		uint64_t route, uint64_t mail_id, uint64_t after);
	/* It has reached its receiver. Errors: IO. Removing one that is not there is fine. */
	enum conclave_error (*remove)(struct store *store, uint64_t id);

	/* Spooled mail: begin, write its bytes in order, then put it as a mail or abandon it. What
	 * was not put when the process ends, however it ends, is gone. Errors: IO. */
	enum conclave_error (*spool_begin)(struct store_spool **out, struct store *store);
	enum conclave_error (*spool_write)(struct store_spool *spool, struct bytes piece);
	/* Bytes written so far. */
	uint64_t (*spool_written)(const struct store_spool *spool);
	/* As put. The spool object is gone after success, and to be abandoned after an error. */
	enum conclave_error (*spool_put)(uint64_t *id, struct store_spool *spool, uint64_t route);
	void (*spool_abandon)(struct store_spool *spool); /* NULL is fine */
	/* Bytes of all spooled mail, pending and arriving. */
	uint64_t (*spool_size)(struct store *store);

	/* What the last error IO was, in words for a log: "disk full". "" when there was none. */
	void (*trouble)(struct conclave_report *out, struct store *store);
	void (*close)(struct store *store);
};

struct store {
	const struct store_ops *ops;
};

/* SQLite, WAL, fully synced; made with mode 0600 when it is not there; the spool is the folder
 * PATH-spool, mode 0700. path ":memory:" keeps nothing, and its spool is a folder in $TMPDIR that
 * goes when it is closed. A store of an older schema is brought to this one. Errors: IO, FORMAT
 * (not a store), VERSION (made by a newer conclave), BUSY (another host uses it), MEMORY. report
 * may be NULL. */
enum conclave_error store_open_sqlite(
	struct store **out, const char *path, struct conclave_report *report);

#endif
