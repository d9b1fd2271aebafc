#include "enclave/files.h"

#include "base/check.h"

/* The most blocks one removal copies: two paths in the node table (5), or one (3) and one in a file
 * down to its last block (3). */
#define REMOVAL 6u
/* Held back from everything that grows, so that a full tree can still be emptied: a write may end
 * in it with its last path (4 blocks), but not start there. */
#define RESERVE (2 * REMOVAL)

struct node {
	uint64_t serial; /* 0: a free place */
	uint64_t size;
	uint32_t parent;
	struct tree content;
	uint8_t type; /* enum files_type */
	uint8_t name_size;
	uint8_t name[FILES_NAME_SIZE_MAX];
	uint8_t reserved[3];
};

#define NODES_PER_BLOCK (BLOCK_SIZE / sizeof(struct node))
#define ROOT 0u
#define NOWHERE UINT32_MAX /* no such node */

_Static_assert(sizeof(struct node) % 8 == 0, "nodes lie next to each other");
_Static_assert((uint64_t)BLOCK_SIZE << (2 * INDEX_BITS) == FILES_SIZE_MAX, "depth 2");

/* -- nodes -- */

static struct node *node_in(uint8_t *block, uint32_t number)
{
	return (struct node *)(void *)block + number % NODES_PER_BLOCK;
}

/* number < node_count */
static const struct node *node_get(const struct files *files, uint32_t number)
{
	return node_in(
		tree_get(&files->blocks, files->now.nodes, number / NODES_PER_BLOCK), number);
}

static struct node *node_own(struct files *files, uint32_t number)
{
	uint8_t *block = tree_own(&files->blocks, &files->now.nodes, number / NODES_PER_BLOCK);
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
	struct node *node = files->blocks.free_count > RESERVE ? node_own(files, number) : NULL;
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
	tree_free(&files->blocks, &node->content);
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
	struct blocks blocks;
	TRY(blocks_init(&blocks, region));
	*files = (struct files){.blocks = blocks, .next_serial = 1};
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
	blocks_keep(&files->blocks);
	files->committed = files->now;
}

void files_rollback(struct files *files)
{
	blocks_undo(&files->blocks);
	files->now = files->committed;
}

uint64_t files_space(const struct files *files)
{
	uint32_t count = files->blocks.free_count;
	return count > RESERVE ? (uint64_t)(count - RESERVE) * BLOCK_SIZE : 0;
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
	if (error == WASI_OK && files->blocks.free_count < REMOVAL)
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
		size_t inside = (size_t)((offset + done) % BLOCK_SIZE);
		size_t part = BLOCK_SIZE - inside;
		if (part > want - done)
			part = want - done;
		const uint8_t *block =
			tree_get(&files->blocks, node->content, (offset + done) / BLOCK_SIZE);
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
	struct node *node = files->blocks.free_count > RESERVE ? node_own(files, file.node) : NULL;
	size_t done = 0;
	while (node != NULL && done < from.len && files->blocks.free_count > RESERVE) {
		size_t inside = (size_t)((offset + done) % BLOCK_SIZE);
		size_t part = BLOCK_SIZE - inside;
		if (part > from.len - done)
			part = from.len - done;
		/* Up to four blocks, which the reserve covers: a write may end in it, not start. */
		uint8_t *block =
			tree_own(&files->blocks, &node->content, (offset + done) / BLOCK_SIZE);
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
	tree_cut(&files->blocks, &node->content, (size + BLOCK_SIZE - 1) / BLOCK_SIZE);
	uint64_t last = size / BLOCK_SIZE;
	size_t inside = (size_t)(size % BLOCK_SIZE);
	if (inside == 0 || tree_get(&files->blocks, node->content, last) == NULL)
		return;
	uint8_t *block = tree_own(&files->blocks, &node->content, last);
	ASSERT(block != NULL); /* REMOVAL covers a path */
	memset(block + inside, 0, BLOCK_SIZE - inside);
}

enum wasi_errno files_resize(struct files *files, struct files_handle file, uint64_t size)
{
	enum wasi_errno error = file_check(files, file);
	if (error != WASI_OK)
		return error;
	if (size > FILES_SIZE_MAX)
		return WASI_FBIG;
	struct node *node = files->blocks.free_count < REMOVAL ? NULL : node_own(files, file.node);
	if (node == NULL)
		return WASI_NOSPC;
	if (size == 0) {
		tree_free(&files->blocks, &node->content);
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
