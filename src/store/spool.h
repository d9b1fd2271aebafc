/* The files of spooled mail: a folder beside the database, with one file for each mail, named by
 * its id, and one for each that is still arriving, named otherwise.
 *
 * A file is its mail's only once the database says so: spool_sweep removes the others. Nothing here
 * is locked; what fails with IO leaves its cause in errno. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <limits.h>
#include <stdatomic.h>

#include "base/bytes.h"

#define SPOOL_NAME_SIZE 32

struct spool {
	char path[PATH_MAX];
	bool is_temporary;
	int folder;		   /* -1: not made yet */
	uint64_t arrivals;	   /* files begun so far */
	atomic_uint_fast64_t size; /* bytes of all files */
};

/* One file that is being written. */
struct spool_file {
	struct spool *spool;
	int fd;
	char name[SPOOL_NAME_SIZE];
	uint64_t size;
};

/* The spool of a database; nothing is made before the first file is. Errors: IO, LIMIT (the path).
 */
enum conclave_error spool_open(struct spool *out, const char *database);
/* Remove every file that is not a kept mail's. Errors: IO, and those of is_kept. */
enum conclave_error spool_sweep(struct spool *spool,
	enum conclave_error (*is_kept)(bool *out, void *context, uint64_t id), void *context);
/* A temporary spool goes with its files. */
void spool_close(struct spool *spool);

/* Errors of all: IO. */
enum conclave_error spool_create(struct spool_file *out, struct spool *spool);
/* Written out as it comes, so that the sync at the end is short. Also IO (ENOSPC) while 128 MiB of
 * the disk are not free: they are the database's. */
enum conclave_error spool_append(struct spool_file *file, struct bytes piece);
/* Durable under the name that it has. */
enum conclave_error spool_sync(struct spool_file *file);
/* From now on, durably, the file of mail `id`. */
enum conclave_error spool_name(struct spool_file *file, uint64_t id);
/* Close it; unless it is kept, it is removed too. */
void spool_end(struct spool_file *file, bool is_kept);

/* Errors: NOT_FOUND, TRUNCATED, IO. */
enum conclave_error spool_read(
	struct buffer out, const struct spool *spool, uint64_t id, uint64_t offset);
/* There may be none. A file that cannot be removed is swept away later. */
void spool_remove(struct spool *spool, uint64_t id);

#endif
