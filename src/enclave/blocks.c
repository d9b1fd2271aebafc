#include "enclave/blocks.h"

#include "base/check.h"

#define WORD_BITS 64u

/* -- blocks -- */

static bool bit_get(const uint64_t *bits, uint32_t at)
{
	return (bits[at / WORD_BITS] >> (at % WORD_BITS) & 1) != 0;
}

static void bit_set(uint64_t *bits, uint32_t at)
{
	bits[at / WORD_BITS] |= 1ull << (at % WORD_BITS);
}

static void bit_clear(uint64_t *bits, uint32_t at)
{
	bits[at / WORD_BITS] &= ~(1ull << (at % WORD_BITS));
}

static size_t bitmap_words(uint32_t block_count)
{
	return (block_count + WORD_BITS - 1) / WORD_BITS;
}

static uint8_t *block_at(const struct blocks *blocks, uint32_t block)
{
	return blocks->base + (size_t)block * BLOCK_SIZE;
}

static uint32_t *index_at(const struct blocks *blocks, uint32_t block)
{
	return (uint32_t *)(void *)block_at(blocks, block);
}

static void count_free(struct blocks *blocks)
{
	size_t words = bitmap_words(blocks->count);
	uint32_t taken = 0;
	for (size_t i = 0; i < words; i++)
		taken += (uint32_t)__builtin_popcountll(blocks->used[i] | blocks->kept[i]);
	/* Bits past the last block are set in `used` for ever. */
	blocks->free_count = (uint32_t)(words * WORD_BITS) - taken;
}

/* A block that is free now and as it was kept; 0: none. */
static uint32_t block_allocate(struct blocks *blocks)
{
	if (blocks->free_count == 0)
		return 0;
	uint32_t words = (uint32_t)bitmap_words(blocks->count);
	while ((blocks->used[blocks->cursor] | blocks->kept[blocks->cursor]) == UINT64_MAX)
		blocks->cursor = (blocks->cursor + 1) % words;
	uint64_t taken = blocks->used[blocks->cursor] | blocks->kept[blocks->cursor];
	uint32_t block = blocks->cursor * WORD_BITS + (uint32_t)__builtin_ctzll(~taken);
	bit_set(blocks->used, block);
	blocks->free_count--;
	return block;
}

static void block_release(struct blocks *blocks, uint32_t block)
{
	bit_clear(blocks->used, block);
	if (!bit_get(blocks->kept, block))
		blocks->free_count++;
}

/* A block with the content of `block` (0: zeros) that may be written; 0: no space. */
static uint32_t block_own(struct blocks *blocks, uint32_t block)
{
	if (block != 0 && !bit_get(blocks->kept, block))
		return block;
	uint32_t fresh = block_allocate(blocks);
	if (fresh == 0)
		return 0;
	if (block == 0) {
		memset(block_at(blocks, fresh), 0, BLOCK_SIZE);
	} else {
		memcpy(block_at(blocks, fresh), block_at(blocks, block), BLOCK_SIZE);
		block_release(blocks, block);
	}
	return fresh;
}

enum conclave_error blocks_init(struct blocks *blocks, struct buffer region)
{
	if ((uintptr_t)region.ptr % 8 != 0 || region.len < BLOCKS_REGION_MIN ||
		region.len / BLOCK_SIZE > UINT32_MAX / 2)
		return CONCLAVE_ERROR_ARGUMENT;
	uint32_t count = (uint32_t)(region.len / BLOCK_SIZE);
	size_t words = bitmap_words(count);
	size_t bitmaps = 2 * words * sizeof(uint64_t);
	*blocks = (struct blocks){
		.base = region.ptr,
		.count = count,
		.used = (uint64_t *)(void *)region.ptr,
		.kept = (uint64_t *)(void *)region.ptr + words,
	};
	memset(blocks->used, 0, bitmaps);
	/* The bitmaps' own blocks are always in use, and so is what lies past the end. Block 0 is
	 * among them: its number can mean "none". */
	for (uint32_t i = 0; i * (size_t)BLOCK_SIZE < bitmaps; i++)
		bit_set(blocks->used, i);
	for (uint32_t i = count; i < words * WORD_BITS; i++)
		bit_set(blocks->used, i);
	count_free(blocks);
	return CONCLAVE_OK;
}

void blocks_keep(struct blocks *blocks)
{
	memcpy(blocks->kept, blocks->used, bitmap_words(blocks->count) * sizeof(uint64_t));
	count_free(blocks);
}

void blocks_undo(struct blocks *blocks)
{
	memcpy(blocks->used, blocks->kept, bitmap_words(blocks->count) * sizeof(uint64_t));
	count_free(blocks);
}

/* -- trees of blocks -- */

static uint64_t tree_capacity(uint32_t depth)
{
	return 1ull << (INDEX_BITS * depth);
}

static uint32_t tree_slot(uint64_t at, uint32_t level)
{
	return (uint32_t)(at >> (INDEX_BITS * (level - 1))) % INDEX_COUNT;
}

uint8_t *tree_get(const struct blocks *blocks, struct tree tree, uint64_t at)
{
	if (at >= tree_capacity(tree.depth))
		return NULL;
	uint32_t block = tree.root;
	for (uint32_t level = tree.depth; level > 0 && block != 0; level--)
		block = index_at(blocks, block)[tree_slot(at, level)];
	return block == 0 ? NULL : block_at(blocks, block);
}

uint8_t *tree_own(struct blocks *blocks, struct tree *tree, uint64_t at)
{
	while (at >= tree_capacity(tree->depth)) {
		uint32_t top = tree->root == 0 ? 0 : block_own(blocks, 0);
		if (tree->root != 0 && top == 0)
			return NULL;
		if (top != 0)
			index_at(blocks, top)[0] = tree->root;
		tree->root = top;
		tree->depth++;
	}
	uint32_t *slot = &tree->root;
	for (uint32_t level = tree->depth;; level--) {
		uint32_t block = block_own(blocks, *slot);
		if (block == 0)
			return NULL;
		*slot = block;
		if (level == 0)
			return block_at(blocks, block);
		slot = &index_at(blocks, block)[tree_slot(at, level)];
	}
}

static void subtree_free(struct blocks *blocks, uint32_t block, uint32_t level)
{
	if (block == 0)
		return;
	for (uint32_t i = 0; level > 0 && i < INDEX_COUNT; i++)
		subtree_free(blocks, index_at(blocks, block)[i], level - 1);
	block_release(blocks, block);
}

void tree_cut(struct blocks *blocks, struct tree *tree, uint64_t count)
{
	if (count >= tree_capacity(tree->depth))
		return;
	/* Down the path of the last block kept, freeing all to the right of it. */
	uint32_t *slot = &tree->root;
	for (uint32_t level = tree->depth; level > 0 && *slot != 0; level--) {
		*slot = block_own(blocks, *slot);
		ASSERT(*slot != 0); /* as the caller has made sure */
		uint32_t *index = index_at(blocks, *slot);
		uint32_t last = tree_slot(count - 1, level);
		for (uint32_t i = last + 1; i < INDEX_COUNT; i++) {
			subtree_free(blocks, index[i], level - 1);
			index[i] = 0;
		}
		slot = &index[last];
	}
}

void tree_free(struct blocks *blocks, struct tree *tree)
{
	subtree_free(blocks, tree->root, tree->depth);
	*tree = (struct tree){0};
}
