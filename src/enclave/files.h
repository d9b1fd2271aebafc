/* The guest's files: a tree of directories and files in one region of enclave memory.
 *
 * What it holds changes in transactions: everything since the last files_commit can be undone,
 * exactly and without needing space, by files_rollback (blocks.h).
 *
 * A name lives in its node and a node in one table, so there are no hard links, and a lookup costs
 * time linear in the number of files. A file that is removed or replaced is gone at once: handles
 * to it give BADF. There are no times of change, because the only clock is the host's claim.
 *
 * Freestanding; the region is all the memory used. One thread at a time. */
#ifndef ENCLAVE_FILES_H
#define ENCLAVE_FILES_H

#include "enclave/blocks.h"

#define FILES_NAME_SIZE_MAX 255u
#define FILES_SIZE_MAX 0x100000000u /* of one file: what two levels of index reach */

/* What a guest is told: numbers of wasi_snapshot_preview1's errno. */
enum [[nodiscard]] wasi_errno{
	WASI_OK = 0,
	WASI_BADF = 8,
	WASI_EXIST = 20,
	WASI_FBIG = 22,
	WASI_ILSEQ = 25,
	WASI_INVAL = 28,
	WASI_ISDIR = 31,
	WASI_MFILE = 33,
	WASI_NAMETOOLONG = 37,
	WASI_NOENT = 44,
	WASI_NOSPC = 51,
	WASI_NOTDIR = 54,
	WASI_NOTEMPTY = 55,
	WASI_SPIPE = 70,
	WASI_NOTCAPABLE = 76,
};

enum files_type { FILES_DIRECTORY = 3, FILES_REGULAR = 4 }; /* as preview1's filetype */

/* All that a transaction changes outside the blocks. */
struct files_state {
	struct tree nodes;   /* the node table's blocks */
	uint32_t node_count; /* entries of the table, free ones included */
};

/* The caller's storage; the fields are files.c's. */
struct files {
	struct blocks blocks;
	struct files_state now, committed;
	uint64_t next_serial; /* never goes back, so that no two nodes ever share one */
};

/* A node, named. The serial number tells it from a later one in the same place. */
struct files_handle {
	uint32_t node;
	uint64_t serial;
};

struct files_stat {
	enum files_type type;
	uint64_t serial, size;
};

struct files_entry {
	enum files_type type;
	uint64_t serial;
	uint64_t next;	   /* the cookie to go on with */
	struct bytes name; /* valid until the next change */
};

/* region: 8-byte aligned, at least BLOCKS_REGION_MIN. An empty root directory is committed. Errors:
 * ARGUMENT. */
enum conclave_error files_init(struct files *files, struct buffer region);
void files_commit(struct files *files);
void files_rollback(struct files *files);
/* Bytes that could still be written, about. */
uint64_t files_space(const struct files *files);

struct files_handle files_root(const struct files *files);

enum files_open_flags {
	FILES_OPEN_CREATE = 1,
	FILES_OPEN_DIRECTORY = 2, /* must be one */
	FILES_OPEN_EXCLUSIVE = 4, /* with CREATE: must not exist */
	FILES_OPEN_TRUNCATE = 8,
};

/* Paths are relative to a directory and may not leave it: NOTCAPABLE. Errors of all that take one:
 * BADF (a handle whose node is gone), NOENT, NOTDIR, NOTCAPABLE (absolute, or above `directory`),
 * NAMETOOLONG, INVAL (empty, or "." where a name is needed), ILSEQ (a NUL). */

/* flags: enum files_open_flags. Errors: also EXIST, ISDIR (TRUNCATE), NOSPC. */
enum wasi_errno files_open(struct files_handle *out, struct files *files,
	struct files_handle directory, struct bytes path, unsigned flags);
/* Errors: also EXIST, NOSPC. */
enum wasi_errno files_make_directory(
	struct files *files, struct files_handle directory, struct bytes path);
/* Errors: also NOTEMPTY, INVAL (the root). */
enum wasi_errno files_remove_directory(
	struct files *files, struct files_handle directory, struct bytes path);
/* Errors: also ISDIR. */
enum wasi_errno files_unlink(struct files *files, struct files_handle directory, struct bytes path);
/* Replaces a file by a file and an empty directory by a directory. Errors: also ISDIR, NOTEMPTY,
 * INVAL (a directory into itself). */
enum wasi_errno files_rename(struct files *files, struct files_handle from_directory,
	struct bytes from, struct files_handle to_directory, struct bytes to);

/* Errors: BADF. */
enum wasi_errno files_stat(
	struct files_stat *out, const struct files *files, struct files_handle handle);
/* *count: bytes read; 0 at or after the end. Errors: BADF, ISDIR. */
enum wasi_errno files_read(size_t *count, const struct files *files, struct files_handle file,
	uint64_t offset, struct buffer out);
/* *count: bytes written; fewer than asked when space runs out. Errors: BADF, ISDIR, FBIG, NOSPC
 * (nothing was written). */
enum wasi_errno files_write(size_t *count, struct files *files, struct files_handle file,
	uint64_t offset, struct bytes from);
/* Grows with zeros. Errors: BADF, ISDIR, FBIG, NOSPC. */
enum wasi_errno files_resize(struct files *files, struct files_handle file, uint64_t size);
/* The first entry at or after a cookie (0: from the start). Entries made or removed meanwhile
 * neither hide nor repeat others. Errors: BADF, NOTDIR, NOENT (no more). */
enum wasi_errno files_next(struct files_entry *out, const struct files *files,
	struct files_handle directory, uint64_t cookie);

#endif
