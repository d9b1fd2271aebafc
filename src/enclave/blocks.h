/* Blocks of 4 KiB in one region of enclave memory, and trees of them.
 *
 * They change in transactions: everything since the last blocks_keep can be undone, exactly and
 * without needing space, by blocks_undo. The one rule behind it: a block that is kept is never
 * written; what changes is copied to a free block first, up to its tree's root.
 *
 * Freestanding; the region is all the memory used. One thread at a time. */
#ifndef ENCLAVE_BLOCKS_H
#define ENCLAVE_BLOCKS_H

#include "base/bytes.h"

#define BLOCK_SIZE 4096u
#define BLOCKS_REGION_MIN (32u * BLOCK_SIZE)

#define INDEX_BITS 10u /* block numbers in an index block: 4096 / 4 */
#define INDEX_COUNT (1u << INDEX_BITS)

/* The caller's storage; the fields are blocks.c's, but for free_count. */
struct blocks {
	uint8_t *base;
	uint32_t count;
	uint32_t free_count; /* blocks in neither bitmap */
	uint32_t cursor;     /* where the search for a free block goes on */
	uint64_t *used;	     /* a bit for each block as it is now */
	uint64_t *kept;	     /* … as it was kept */
};

/* `depth` levels of index above the data; root 0 is empty. The caller keeps and undoes it. */
struct tree {
	uint32_t root, depth;
};

/* region: 8-byte aligned, at least BLOCKS_REGION_MIN. Nothing is kept yet. Errors: ARGUMENT. */
enum conclave_error blocks_init(struct blocks *blocks, struct buffer region);
void blocks_keep(struct blocks *blocks);
void blocks_undo(struct blocks *blocks);

/* Block number `at` of a tree, or NULL for one that was never written: zeros. */
uint8_t *tree_get(const struct blocks *blocks, struct tree tree, uint64_t at);
/* The same to be written: copies what is kept, makes what is missing. NULL: no space. `tree` lies
 * outside the blocks or in one that may be written. */
uint8_t *tree_own(struct blocks *blocks, struct tree *tree, uint64_t at);
/* Free the blocks from number `count` on of a tree that keeps some, count > 0. There is space for
 * one path of it. */
void tree_cut(struct blocks *blocks, struct tree *tree, uint64_t count);
/* Free all; it is empty then. */
void tree_free(struct blocks *blocks, struct tree *tree);

#endif
