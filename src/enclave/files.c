#include "enclave/files.h"

#include "base/check.h"

#define INDEX_BITS 10u /* block numbers in an index block: 4096 / 4 */
#define INDEX_COUNT (1u << INDEX_BITS)
/* The most blocks one removal copies: two paths in the node table (5), or one (3) and one in a file
 * down to its last block (3). */
#define REMOVAL 6u
/* Held back from everything that grows, so that a full tree can still be emptied: a write may end
 * in it with its last path (4 blocks), but not start there. */
#define RESERVE (2 * REMOVAL)
#define WORD_BITS 64u

struct node {
	uint64_t serial; /* 0: a free place */
	uint64_t size;
	uint32_t parent;
	struct files_tree content;
	uint8_t type; /* enum files_type */
	uint8_t name_size;
	uint8_t name[FILES_NAME_SIZE_MAX];
	uint8_t reserved[3];
};

#define NODES_PER_BLOCK (FILES_BLOCK_SIZE / sizeof(struct node))
#define ROOT 0u
#define NOWHERE UINT32_MAX /* no such node */

_Static_assert(sizeof(struct node) % 8 == 0, "nodes lie next to each other");
_Static_assert((uint64_t)FILES_BLOCK_SIZE << (2 * INDEX_BITS) == FILES_SIZE_MAX, "depth 2");

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

static uint8_t *block_at(const struct files *files, uint32_t block)
{
	return files->base + (size_t)block * FILES_BLOCK_SIZE;
}

static uint32_t *index_at(const struct files *files, uint32_t block)
{
	return (uint32_t *)(void *)block_at(files, block);
}

static void count_free(struct files *files)
{
	size_t words = bitmap_words(files->block_count);
	uint32_t taken = 0;
	for (size_t i = 0; i < words; i++)
		taken += (uint32_t)__builtin_popcountll(files->used[i] | files->kept[i]);
	/* Bits past the last block are set in `used` for ever. */
	files->free_count = (uint32_t)(words * WORD_BITS) - taken;
}

/* A free block of the tree as it is now and as it is committed; 0: none. */
static uint32_t block_allocate(struct files *files)
{
	if (files->free_count == 0)
		return 0;
	uint32_t words = (uint32_t)bitmap_words(files->block_count);
	while ((files->used[files->cursor] | files->kept[files->cursor]) == UINT64_MAX)
		files->cursor = (files->cursor + 1) % words;
	uint64_t taken = files->used[files->cursor] | files->kept[files->cursor];
	uint32_t block = files->cursor * WORD_BITS + (uint32_t)__builtin_ctzll(~taken);
	bit_set(files->used, block);
	files->free_count--;
	return block;
}

static void block_release(struct files *files, uint32_t block)
{
	bit_clear(files->used, block);
	if (!bit_get(files->kept, block))
		files->free_count++;
}

/* A block with the content of `block` (0: zeros) that may be written; 0: no space. */
static uint32_t block_own(struct files *files, uint32_t block)
{
	if (block != 0 && !bit_get(files->kept, block))
		return block;
	uint32_t fresh = block_allocate(files);
	if (fresh == 0)
		return 0;
	if (block == 0) {
		memset(block_at(files, fresh), 0, FILES_BLOCK_SIZE);
	} else {
		memcpy(block_at(files, fresh), block_at(files, block), FILES_BLOCK_SIZE);
		block_release(files, block);
	}
	return fresh;
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

/* Block number `at` of a tree, or NULL for one that was never written: zeros. */
static uint8_t *tree_get(const struct files *files, struct files_tree tree, uint64_t at)
{
	if (at >= tree_capacity(tree.depth))
		return NULL;
	uint32_t block = tree.root;
	for (uint32_t level = tree.depth; level > 0 && block != 0; level--)
		block = index_at(files, block)[tree_slot(at, level)];
	return block == 0 ? NULL : block_at(files, block);
}

/* The same to be written: copies what is committed, makes what is missing. NULL: no space. `tree`
 * lies outside the blocks or in one that may be written. */
static uint8_t *tree_own(struct files *files, struct files_tree *tree, uint64_t at)
{
	while (at >= tree_capacity(tree->depth)) {
		uint32_t top = tree->root == 0 ? 0 : block_own(files, 0);
		if (tree->root != 0 && top == 0)
			return NULL;
		if (top != 0)
			index_at(files, top)[0] = tree->root;
		tree->root = top;
		tree->depth++;
	}
	uint32_t *slot = &tree->root;
	for (uint32_t level = tree->depth;; level--) {
		uint32_t block = block_own(files, *slot);
		if (block == 0)
			return NULL;
		*slot = block;
		if (level == 0)
			return block_at(files, block);
		slot = &index_at(files, block)[tree_slot(at, level)];
	}
}

static void subtree_free(struct files *files, uint32_t block, uint32_t level)
{
	if (block == 0)
		return;
	for (uint32_t i = 0; level > 0 && i < INDEX_COUNT; i++)
		subtree_free(files, index_at(files, block)[i], level - 1);
	block_release(files, block);
}

/* Free the blocks from number `count` on of a tree that keeps some, count > 0. */
static void tree_cut(struct files *files, struct files_tree *tree, uint64_t count)
{
	if (count >= tree_capacity(tree->depth))
		return;
	/* Down the path of the last block kept, freeing all to the right of it. */
	uint32_t *slot = &tree->root;
	for (uint32_t level = tree->depth; level > 0 && *slot != 0; level--) {
		*slot = block_own(files, *slot);
		ASSERT(*slot != 0); /* REMOVAL covers a path */
		uint32_t *index = index_at(files, *slot);
		uint32_t last = tree_slot(count - 1, level);
		for (uint32_t i = last + 1; i < INDEX_COUNT; i++) {
			subtree_free(files, index[i], level - 1);
			index[i] = 0;
		}
		slot = &index[last];
	}
}

/* -- nodes -- */

static struct node *node_in(uint8_t *block, uint32_t number)
{
	return (struct node *)(void *)block + number % NODES_PER_BLOCK;
}

/* number < node_count */
static const struct node *node_get(const struct files *files, uint32_t number)
{
	return node_in(tree_get(files, files->now.nodes, number / NODES_PER_BLOCK), number);
}

static struct node *node_own(struct files *files, uint32_t number)
{
	uint8_t *block = tree_own(files, &files->now.nodes, number / NODES_PER_BLOCK);
	return block == NULL ? NULL : node_in(block, number);
}

/* The node of a handle, or NULL when it is gone. */
static const struct node *node_of(const struct files *files, struct files_handle handle)
{
	if (handle.node >= files->now.node_count)
		return NULL;
	const struct node *node = node_get(files, handle.node);
	return node->serial == handle.serial ? node : NULL;
}

static uint32_t node_find(const struct files *files, uint32_t parent, struct bytes name)
{
	for (uint32_t i = ROOT + 1; i < files->now.node_count; i++) {
		const struct node *node = node_get(files, i);
		if (node->serial != 0 && node->parent == parent &&
			bytes_equal(bytes_of(node->name, node->name_size), name))
			return i;
	}
	return NOWHERE;
}

static bool node_is_empty(const struct files *files, uint32_t number)
{
	for (uint32_t i = ROOT + 1; i < files->now.node_count; i++) {
		const struct node *node = node_get(files, i);
		if (node->serial != 0 && node->parent == number)
			return false;
	}
	return true;
}

static struct files_handle node_handle(const struct files *files, uint32_t number)
{
	return (struct files_handle){number, node_get(files, number)->serial};
}

static void node_name(struct node *node, uint32_t parent, struct bytes name)
{
	node->parent = parent;
	node->name_size = (uint8_t)name.len;
	memcpy(node->name, name.ptr, name.len);
}

static enum wasi_errno node_create(struct files_handle *out, struct files *files, uint32_t parent,
	struct bytes name, enum files_type type)
{
	uint32_t number = ROOT + 1;
	while (number < files->now.node_count && node_get(files, number)->serial != 0)
		number++;
	struct node *node = files->free_count > RESERVE ? node_own(files, number) : NULL;
	if (node == NULL)
		return WASI_NOSPC;
	if (number == files->now.node_count)
		files->now.node_count++;
	*node = (struct node){.serial = files->next_serial++, .type = (uint8_t)type};
	node_name(node, parent, name);
	*out = (struct files_handle){number, node->serial};
	return WASI_OK;
}

static enum wasi_errno node_remove(struct files *files, uint32_t number)
{
	struct node *node = node_own(files, number);
	if (node == NULL)
		return WASI_NOSPC;
	subtree_free(files, node->content.root, node->content.depth);
	*node = (struct node){0};
	return WASI_OK;
}

/* -- paths -- */

/* Where a path ends: a directory and the name in it. Name empty: the directory itself. */
struct place {
	uint32_t parent;
	struct bytes name;
	bool wants_directory; /* it ends with a slash or a dot */
};

/* Cut the next component off a path, and the slashes after it. */
static struct bytes path_component(bool *slash, struct bytes *path)
{
	size_t len = 0;
	while (len < path->len && path->ptr[len] != '/')
		len++;
	struct bytes component = bytes_slice(*path, 0, len);
	*slash = len < path->len;
	while (len < path->len && path->ptr[len] == '/')
		len++;
	*path = bytes_slice(*path, len, path->len);
	return component;
}

static enum wasi_errno path_check(struct bytes path)
{
	if (path.len == 0)
		return WASI_INVAL;
	if (path.ptr[0] == '/')
		return WASI_NOTCAPABLE;
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == 0)
			return WASI_ILSEQ;
	}
	return WASI_OK;
}

/* Step from a directory into one of its own; `name` must be one. */
static enum wasi_errno path_descend(uint32_t *at, const struct files *files, struct bytes name)
{
	uint32_t child = node_find(files, *at, name);
	if (child == NOWHERE)
		return WASI_NOENT;
	if (node_get(files, child)->type != FILES_DIRECTORY)
		return WASI_NOTDIR;
	*at = child;
	return WASI_OK;
}

static enum wasi_errno path_resolve(struct place *out, const struct files *files,
	struct files_handle directory, struct bytes path)
{
	const struct node *start = node_of(files, directory);
	if (start == NULL)
		return WASI_BADF;
	if (start->type != FILES_DIRECTORY)
		return WASI_NOTDIR;
	enum wasi_errno error = path_check(path);
	uint32_t at = directory.node, depth = 0;
	while (error == WASI_OK && path.len > 0) {
		bool slash;
		struct bytes name = path_component(&slash, &path);
		if (name.len > FILES_NAME_SIZE_MAX)
			return WASI_NAMETOOLONG;
		if (bytes_equal(name, BYTES_LIT("."))) {
			*out = (struct place){at, {name.ptr, 0}, true};
		} else if (bytes_equal(name, BYTES_LIT(".."))) {
			if (depth == 0)
				return WASI_NOTCAPABLE;
			depth--;
			at = node_get(files, at)->parent;
			*out = (struct place){at, {name.ptr, 0}, true};
		} else if (path.len == 0) {
			*out = (struct place){at, name, slash};
		} else {
			error = path_descend(&at, files, name);
			depth++;
		}
	}
	return error;
}

/* Resolve to a node; NOWHERE when only the last name does not exist. */
static enum wasi_errno path_find(uint32_t *out, struct place *place, const struct files *files,
	struct files_handle directory, struct bytes path)
{
	enum wasi_errno error = path_resolve(place, files, directory, path);
	if (error != WASI_OK)
		return error;
	uint32_t number = place->parent;
	if (place->name.len != 0)
		number = node_find(files, place->parent, place->name);
	if (number != NOWHERE && place->wants_directory &&
		node_get(files, number)->type != FILES_DIRECTORY)
		return WASI_NOTDIR;
	*out = number;
	return WASI_OK;
}

/* Resolve to a node that exists. */
static enum wasi_errno path_need(uint32_t *out, struct place *place, const struct files *files,
	struct files_handle directory, struct bytes path)
{
	enum wasi_errno error = path_find(out, place, files, directory, path);
	return error == WASI_OK && *out == NOWHERE ? WASI_NOENT : error;
}

/* -- the whole -- */

enum conclave_error files_init(struct files *files, struct buffer region)
{
	if ((uintptr_t)region.ptr % 8 != 0 || region.len < FILES_REGION_MIN ||
		region.len / FILES_BLOCK_SIZE > UINT32_MAX / 2)
		return CONCLAVE_ERROR_ARGUMENT;
	uint32_t block_count = (uint32_t)(region.len / FILES_BLOCK_SIZE);
	size_t words = bitmap_words(block_count);
	size_t bitmaps = 2 * words * sizeof(uint64_t);
	*files = (struct files){
		.base = region.ptr,
		.block_count = block_count,
		.used = (uint64_t *)(void *)region.ptr,
		.kept = (uint64_t *)(void *)region.ptr + words,
		.next_serial = 1,
	};
	memset(files->used, 0, bitmaps);
	/* The bitmaps' own blocks are always in use, and so is what lies past the end. Block 0 is
	 * among them: its number can mean "none". */
	for (uint32_t i = 0; i * (size_t)FILES_BLOCK_SIZE < bitmaps; i++)
		bit_set(files->used, i);
	for (uint32_t i = block_count; i < words * WORD_BITS; i++)
		bit_set(files->used, i);
	count_free(files);

	struct node *root = node_own(files, ROOT);
	ASSERT(root != NULL);
	*root = (struct node){
		.serial = files->next_serial++, .parent = ROOT, .type = FILES_DIRECTORY};
	files->now.node_count = 1;
	files_commit(files);
	return CONCLAVE_OK;
}

void files_commit(struct files *files)
{
	size_t size = bitmap_words(files->block_count) * sizeof(uint64_t);
	memcpy(files->kept, files->used, size);
	files->committed = files->now;
	count_free(files);
}

void files_rollback(struct files *files)
{
	size_t size = bitmap_words(files->block_count) * sizeof(uint64_t);
	memcpy(files->used, files->kept, size);
	files->now = files->committed;
	count_free(files);
}

uint64_t files_space(const struct files *files)
{
	uint32_t blocks = files->free_count > RESERVE ? files->free_count - RESERVE : 0;
	return (uint64_t)blocks * FILES_BLOCK_SIZE;
}

struct files_handle files_root(const struct files *files)
{
	return node_handle(files, ROOT);
}

/* -- names -- */

static enum wasi_errno open_existing(
	struct files_handle *out, struct files *files, uint32_t number, unsigned flags)
{
	if ((flags & FILES_OPEN_CREATE) != 0 && (flags & FILES_OPEN_EXCLUSIVE) != 0)
		return WASI_EXIST;
	bool is_directory = node_get(files, number)->type == FILES_DIRECTORY;
	if (!is_directory && (flags & FILES_OPEN_DIRECTORY) != 0)
		return WASI_NOTDIR;
	struct files_handle handle = node_handle(files, number);
	enum wasi_errno error = WASI_OK;
	if ((flags & FILES_OPEN_TRUNCATE) != 0)
		error = files_resize(files, handle, 0);
	if (error == WASI_OK)
		*out = handle;
	return error;
}

enum wasi_errno files_open(struct files_handle *out, struct files *files,
	struct files_handle directory, struct bytes path, unsigned flags)
{
	struct place place;
	uint32_t number;
	enum wasi_errno error = path_find(&number, &place, files, directory, path);
	if (error != WASI_OK)
		return error;
	if (number != NOWHERE)
		return open_existing(out, files, number, flags);
	if ((flags & FILES_OPEN_CREATE) == 0 || (flags & FILES_OPEN_DIRECTORY) != 0 ||
		place.wants_directory)
		return WASI_NOENT;
	return node_create(out, files, place.parent, place.name, FILES_REGULAR);
}

enum wasi_errno files_make_directory(
	struct files *files, struct files_handle directory, struct bytes path)
{
	struct place place;
	uint32_t number;
	struct files_handle made;
	enum wasi_errno error = path_find(&number, &place, files, directory, path);
	if (error != WASI_OK)
		return error;
	if (number != NOWHERE)
		return WASI_EXIST;
	return node_create(&made, files, place.parent, place.name, FILES_DIRECTORY);
}

enum wasi_errno files_remove_directory(
	struct files *files, struct files_handle directory, struct bytes path)
{
	struct place place;
	uint32_t number;
	enum wasi_errno error = path_need(&number, &place, files, directory, path);
	if (error != WASI_OK)
		return error;
	if (place.name.len == 0)
		return WASI_INVAL;
	if (node_get(files, number)->type != FILES_DIRECTORY)
		return WASI_NOTDIR;
	return node_is_empty(files, number) ? node_remove(files, number) : WASI_NOTEMPTY;
}

enum wasi_errno files_unlink(struct files *files, struct files_handle directory, struct bytes path)
{
	struct place place;
	uint32_t number;
	enum wasi_errno error = path_need(&number, &place, files, directory, path);
	if (error != WASI_OK)
		return error;
	if (node_get(files, number)->type == FILES_DIRECTORY)
		return WASI_ISDIR;
	return node_remove(files, number);
}

/* Whether `number` is `ancestor` or lies below it. */
static bool node_is_under(const struct files *files, uint32_t number, uint32_t ancestor)
{
	while (number != ancestor && number != ROOT)
		number = node_get(files, number)->parent;
	return number == ancestor;
}

/* Whether node `from` may take the place of node `over`. */
static enum wasi_errno replace_check(const struct files *files, uint32_t from, uint32_t over)
{
	bool from_directory = node_get(files, from)->type == FILES_DIRECTORY;
	bool over_directory = node_get(files, over)->type == FILES_DIRECTORY;
	if (from_directory && !over_directory)
		return WASI_NOTDIR;
	if (!from_directory && over_directory)
		return WASI_ISDIR;
	return over_directory && !node_is_empty(files, over) ? WASI_NOTEMPTY : WASI_OK;
}

/* Whether node `number` may be given the name `target`, which is node `over` so far. */
static enum wasi_errno rename_check(
	const struct files *files, uint32_t number, const struct place *target, uint32_t over)
{
	if (number == ROOT || target->name.len == 0 || node_is_under(files, target->parent, number))
		return WASI_INVAL;
	if (over != NOWHERE)
		return replace_check(files, number, over);
	bool is_directory = node_get(files, number)->type == FILES_DIRECTORY;
	return target->wants_directory && !is_directory ? WASI_NOTDIR : WASI_OK;
}

enum wasi_errno files_rename(struct files *files, struct files_handle from_directory,
	struct bytes from, struct files_handle to_directory, struct bytes to)
{
	struct place source, target;
	uint32_t number, over = NOWHERE;
	enum wasi_errno error = path_need(&number, &source, files, from_directory, from);
	if (error == WASI_OK && source.name.len == 0)
		error = WASI_INVAL;
	if (error == WASI_OK)
		error = path_find(&over, &target, files, to_directory, to);
	if (error == WASI_OK && over == number)
		return WASI_OK;
	if (error == WASI_OK)
		error = rename_check(files, number, &target, over);
	if (error == WASI_OK && files->free_count < REMOVAL)
		error = WASI_NOSPC;
	if (error == WASI_OK && over != NOWHERE)
		error = node_remove(files, over);
	if (error != WASI_OK)
		return error;
	struct node *node = node_own(files, number);
	ASSERT(node != NULL); /* REMOVAL covers both paths */
	node_name(node, target.parent, target.name);
	return WASI_OK;
}

/* -- content -- */

enum wasi_errno files_stat(
	struct files_stat *out, const struct files *files, struct files_handle handle)
{
	const struct node *node = node_of(files, handle);
	if (node == NULL)
		return WASI_BADF;
	*out = (struct files_stat){node->type, node->serial, node->size};
	return WASI_OK;
}

static enum wasi_errno file_check(const struct files *files, struct files_handle file)
{
	const struct node *node = node_of(files, file);
	if (node == NULL)
		return WASI_BADF;
	return node->type == FILES_DIRECTORY ? WASI_ISDIR : WASI_OK;
}

enum wasi_errno files_read(size_t *count, const struct files *files, struct files_handle file,
	uint64_t offset, struct buffer out)
{
	enum wasi_errno error = file_check(files, file);
	if (error != WASI_OK)
		return error;
	const struct node *node = node_get(files, file.node);
	uint64_t left = offset < node->size ? node->size - offset : 0;
	size_t want = out.len < left ? out.len : (size_t)left;
	size_t done = 0;
	while (done < want) {
		size_t inside = (size_t)((offset + done) % FILES_BLOCK_SIZE);
		size_t part = FILES_BLOCK_SIZE - inside;
		if (part > want - done)
			part = want - done;
		const uint8_t *block =
			tree_get(files, node->content, (offset + done) / FILES_BLOCK_SIZE);
		if (block == NULL)
			memset(out.ptr + done, 0, part);
		else
			memcpy(out.ptr + done, block + inside, part);
		done += part;
	}
	*count = done;
	return WASI_OK;
}

enum wasi_errno files_write(size_t *count, struct files *files, struct files_handle file,
	uint64_t offset, struct bytes from)
{
	enum wasi_errno error = file_check(files, file);
	if (error != WASI_OK)
		return error;
	if (offset > FILES_SIZE_MAX || from.len > FILES_SIZE_MAX - offset)
		return WASI_FBIG;
	struct node *node = files->free_count > RESERVE ? node_own(files, file.node) : NULL;
	size_t done = 0;
	while (node != NULL && done < from.len && files->free_count > RESERVE) {
		size_t inside = (size_t)((offset + done) % FILES_BLOCK_SIZE);
		size_t part = FILES_BLOCK_SIZE - inside;
		if (part > from.len - done)
			part = from.len - done;
		/* Up to four blocks, which the reserve covers: a write may end in it, not start. */
		uint8_t *block =
			tree_own(files, &node->content, (offset + done) / FILES_BLOCK_SIZE);
		if (block == NULL)
			break;
		memcpy(block + inside, from.ptr + done, part);
		done += part;
	}
	if (done == 0 && from.len != 0)
		return WASI_NOSPC;
	if (done != 0 && offset + done > node->size)
		node->size = offset + done;
	*count = done;
	return WASI_OK;
}

/* Cut a file down to a size above 0. What is past the end is kept zero for when it grows again. */
static void file_shrink(struct files *files, struct node *node, uint64_t size)
{
	tree_cut(files, &node->content, (size + FILES_BLOCK_SIZE - 1) / FILES_BLOCK_SIZE);
	uint64_t last = size / FILES_BLOCK_SIZE;
	size_t inside = (size_t)(size % FILES_BLOCK_SIZE);
	if (inside == 0 || tree_get(files, node->content, last) == NULL)
		return;
	uint8_t *block = tree_own(files, &node->content, last);
	ASSERT(block != NULL); /* REMOVAL covers a path */
	memset(block + inside, 0, FILES_BLOCK_SIZE - inside);
}

enum wasi_errno files_resize(struct files *files, struct files_handle file, uint64_t size)
{
	enum wasi_errno error = file_check(files, file);
	if (error != WASI_OK)
		return error;
	if (size > FILES_SIZE_MAX)
		return WASI_FBIG;
	struct node *node = files->free_count < REMOVAL ? NULL : node_own(files, file.node);
	if (node == NULL)
		return WASI_NOSPC;
	if (size == 0) {
		subtree_free(files, node->content.root, node->content.depth);
		node->content = (struct files_tree){0, 0};
	} else if (size < node->size) {
		file_shrink(files, node, size);
	}
	node->size = size;
	return WASI_OK;
}

enum wasi_errno files_next(struct files_entry *out, const struct files *files,
	struct files_handle directory, uint64_t cookie)
{
	const struct node *parent = node_of(files, directory);
	if (parent == NULL)
		return WASI_BADF;
	if (parent->type != FILES_DIRECTORY)
		return WASI_NOTDIR;
	/* A cookie is a place in the node table: places do not move. */
	for (uint64_t i = cookie > ROOT ? cookie : ROOT + 1; i < files->now.node_count; i++) {
		const struct node *node = node_get(files, (uint32_t)i);
		if (node->serial == 0 || node->parent != directory.node)
			continue;
		*out = (struct files_entry){
			node->type, node->serial, i + 1, bytes_of(node->name, node->name_size)};
		return WASI_OK;
	}
	return WASI_NOENT;
}
