#include "enclave/wasi.h"

#include "base/check.h"
#include "crypto/crypto.h"
#include "enclave/guest.h"

#define DESCRIPTORS 256u
#define PREOPENED 3u	     /* "/": the only directory a guest starts with */
#define PATH_SIZE_MAX 4096u  /* bounds the work of one lookup */
#define VECTORS_MAX 1024u    /* as IOV_MAX elsewhere */
#define RANDOM_MAX 0x100000u /* of one call: RDRAND is slow */
#define CONSOLE_MAX 0x10000u /* of one call: more is a short write */
#define LINE_SIZE 1024u	     /* longer lines are broken */
#define MAIL_PATH "dev/mail" /* below "/" */
#define OFFSET_MAX INT64_MAX /* an offset is a signed number to the guest */

enum { CLOCK_REALTIME, CLOCK_MONOTONIC };
enum { WHENCE_SET, WHENCE_CURRENT, WHENCE_END };
enum { FILETYPE_CHARACTER_DEVICE = 2 };
enum { FLAG_APPEND = 1, FLAGS_ALL = 0x1f };
enum {
	OPEN_FLAGS_ALL = FILES_OPEN_CREATE | FILES_OPEN_DIRECTORY | FILES_OPEN_EXCLUSIVE |
			 FILES_OPEN_TRUNCATE
};

/* The two rights that mean anything here; wasi-libc derives them from open's mode. */
#define RIGHT_READ (1ull << 1)
#define RIGHT_WRITE (1ull << 6)
#define RIGHTS_ALL 0x1fffffffull
#define RIGHTS_CONSOLE RIGHT_WRITE /* without SEEK and TELL: wasi-libc takes it for a terminal */

enum kind { KIND_CLOSED, KIND_INPUT, KIND_CONSOLE, KIND_TREE, KIND_MAIL };

struct descriptor {
	enum kind kind;
	uint16_t flags;
	uint64_t rights;
	uint64_t offset;
	struct files_handle handle; /* KIND_TREE */
	uint64_t mail;		    /* KIND_MAIL: the one that it reads */
};

/* Text of an unfinished line. */
struct line {
	size_t size; /* below LINE_SIZE */
	uint8_t text[LINE_SIZE];
};

static struct descriptor descriptors[DESCRIPTORS];
static struct line lines[PREOPENED]; /* of the standard descriptors */

static void line_flush(struct line *line)
{
	if (line->size != 0)
		console_write(bytes_of(line->text, line->size));
	line->size = 0;
}

void wasi_reset(void)
{
	/* The last words of a guest that trapped. */
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
		line_flush(&lines[i]);
	memset(descriptors, 0, sizeof(descriptors));
	descriptors[0] = (struct descriptor){.kind = KIND_INPUT, .rights = RIGHT_READ};
	descriptors[1] = (struct descriptor){.kind = KIND_CONSOLE, .rights = RIGHTS_CONSOLE};
	descriptors[2] = descriptors[1];
	descriptors[PREOPENED] = (struct descriptor){
		.kind = KIND_TREE, .rights = RIGHTS_ALL, .handle = files_root(guest_files())};
}

/* Copy a result out, whole. */
static void guest_put(uint32_t offset, const void *from, uint32_t size)
{
	memcpy(guest_range(offset, size), from, size);
}

/* -- arguments and environment: arrays of pointers to texts with a NUL -- */

typedef struct bytes text_at(uint32_t index);

static struct bytes argument_text(uint32_t index)
{
	return index == 0 ? config_text(config()->name) : config_argument(index - 1);
}

static uint32_t texts_get(text_at *text, uint32_t count, uint32_t pointers, uint32_t space)
{
	for (uint32_t i = 0; i < count; i++) {
		struct bytes from = text(i);
		guest_put(space, from.ptr, (uint32_t)from.len);
		guest_store_u8(space + (uint32_t)from.len, 0);
		guest_store_u32(pointers + 4 * i, space);
		space += (uint32_t)from.len + 1;
	}
	return WASI_OK;
}

static uint32_t texts_sizes(text_at *text, uint32_t count, uint32_t count_to, uint32_t size_to)
{
	uint32_t size = 0; /* below ABI_CONFIG_SIZE_MAX */
	for (uint32_t i = 0; i < count; i++)
		size += (uint32_t)text(i).len + 1;
	guest_store_u32(count_to, count);
	guest_store_u32(size_to, size);
	return WASI_OK;
}

uint32_t WASI(args_get)(WASI_SELF, uint32_t argv, uint32_t space)
{
	return texts_get(argument_text, config()->argument_count + 1, argv, space);
}

uint32_t WASI(args_sizes_get)(WASI_SELF, uint32_t count, uint32_t size)
{
	return texts_sizes(argument_text, config()->argument_count + 1, count, size);
}

uint32_t WASI(environ_get)(WASI_SELF, uint32_t environment, uint32_t space)
{
	return texts_get(config_environment, config()->environment_count, environment, space);
}

uint32_t WASI(environ_sizes_get)(WASI_SELF, uint32_t count, uint32_t size)
{
	return texts_sizes(config_environment, config()->environment_count, count, size);
}

/* -- clock, randomness, the end -- */

uint32_t WASI(clock_res_get)(WASI_SELF, uint32_t clock, uint32_t result)
{
	if (clock > CLOCK_MONOTONIC)
		return WASI_INVAL;
	guest_store_u64(result, 1);
	return WASI_OK;
}

/* Both clocks are the host's claim, which the runtime keeps from going back. */
uint32_t WASI(clock_time_get)(
	WASI_SELF, uint32_t clock, [[maybe_unused]] uint64_t precision, uint32_t result)
{
	if (clock > CLOCK_MONOTONIC)
		return WASI_INVAL;
	guest_store_u64(result, clock_now());
	return WASI_OK;
}

uint32_t WASI(random_get)(WASI_SELF, uint32_t ptr, uint32_t size)
{
	if (size > RANDOM_MAX)
		return WASI_INVAL;
	guest_pay((uint64_t)size * GUEST_FUEL_RANDOM);
	if (crypto_random((struct buffer){guest_range(ptr, size), size}) != CONCLAVE_OK)
		guest_trap(GUEST_TRAP_RANDOM);
	return WASI_OK;
}

uint32_t WASI(sched_yield)(WASI_SELF)
{
	return WASI_OK;
}

_Noreturn void WASI(proc_exit)(WASI_SELF, [[maybe_unused]] uint32_t code)
{
	guest_trap(GUEST_TRAP_EXIT);
}

/* -- descriptors -- */

/* NULL too when the mail it would read is over. */
static struct descriptor *descriptor_at(uint32_t fd)
{
	if (fd >= DESCRIPTORS || descriptors[fd].kind == KIND_CLOSED)
		return NULL;
	if (descriptors[fd].kind == KIND_MAIL && descriptors[fd].mail != mail_in_hand())
		return NULL;
	return &descriptors[fd];
}

/* An open descriptor of the file tree. */
static enum wasi_errno tree_at(struct descriptor **out, uint32_t fd)
{
	struct descriptor *descriptor = descriptor_at(fd);
	if (descriptor == NULL)
		return WASI_BADF;
	if (descriptor->kind != KIND_TREE)
		return WASI_SPIPE;
	*out = descriptor;
	return WASI_OK;
}

static enum wasi_errno descriptor_stat(struct files_stat *out, const struct descriptor *descriptor)
{
	if (descriptor->kind == KIND_TREE)
		return files_stat(out, guest_files(), descriptor->handle);
	*out = (struct files_stat){0};
	return WASI_OK;
}

/* What preview1 calls filestat: device, serial, type, links, size, three times (all zero). */
static void put_filestat(uint32_t result, const struct files_stat *stat)
{
	uint8_t filestat[64] = {0};
	store_u64le(filestat + 8, stat->serial);
	filestat[16] = stat->serial == 0 ? FILETYPE_CHARACTER_DEVICE : (uint8_t)stat->type;
	store_u64le(filestat + 24, 1);
	store_u64le(filestat + 32, stat->size);
	guest_put(result, filestat, sizeof(filestat));
}

uint32_t WASI(fd_close)(WASI_SELF, uint32_t fd)
{
	if (fd >= DESCRIPTORS || descriptors[fd].kind == KIND_CLOSED)
		return WASI_BADF;
	descriptors[fd] = (struct descriptor){0};
	return WASI_OK;
}

/* Files last as the turn does, whatever a guest asks for. */
uint32_t WASI(fd_sync)(WASI_SELF, uint32_t fd)
{
	return descriptor_at(fd) == NULL ? WASI_BADF : WASI_OK;
}

uint32_t WASI(fd_datasync)(WASI_SELF, uint32_t fd)
{
	return descriptor_at(fd) == NULL ? WASI_BADF : WASI_OK;
}

uint32_t WASI(fd_fdstat_get)(WASI_SELF, uint32_t fd, uint32_t result)
{
	const struct descriptor *descriptor = descriptor_at(fd);
	struct files_stat stat;
	if (descriptor == NULL)
		return WASI_BADF;
	enum wasi_errno error = descriptor_stat(&stat, descriptor);
	if (error != WASI_OK)
		return error;
	uint8_t fdstat[24] = {0};
	fdstat[0] = stat.serial == 0 ? FILETYPE_CHARACTER_DEVICE : (uint8_t)stat.type;
	store_u16le(fdstat + 2, descriptor->flags);
	store_u64le(fdstat + 8, descriptor->rights);
	store_u64le(fdstat + 16, stat.type == FILES_DIRECTORY ? RIGHTS_ALL : 0);
	guest_put(result, fdstat, sizeof(fdstat));
	return WASI_OK;
}

uint32_t WASI(fd_fdstat_set_flags)(WASI_SELF, uint32_t fd, uint32_t flags)
{
	struct descriptor *descriptor = descriptor_at(fd);
	if (descriptor == NULL)
		return WASI_BADF;
	if ((flags & ~(uint32_t)FLAGS_ALL) != 0)
		return WASI_INVAL;
	descriptor->flags = (uint16_t)flags;
	return WASI_OK;
}

uint32_t WASI(fd_filestat_get)(WASI_SELF, uint32_t fd, uint32_t result)
{
	const struct descriptor *descriptor = descriptor_at(fd);
	struct files_stat stat;
	if (descriptor == NULL)
		return WASI_BADF;
	enum wasi_errno error = descriptor_stat(&stat, descriptor);
	if (error == WASI_OK)
		put_filestat(result, &stat);
	return error;
}

uint32_t WASI(fd_filestat_set_size)(WASI_SELF, uint32_t fd, uint64_t size)
{
	struct descriptor *descriptor;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error != WASI_OK)
		return error;
	if ((descriptor->rights & RIGHT_WRITE) == 0)
		return WASI_NOTCAPABLE;
	return files_resize(guest_files(), descriptor->handle, size);
}

uint32_t WASI(fd_prestat_get)(WASI_SELF, uint32_t fd, uint32_t result)
{
	if (fd != PREOPENED || descriptor_at(fd) == NULL)
		return WASI_BADF;
	guest_store_u32(result, 0); /* a directory */
	guest_store_u32(result + 4, 1);
	return WASI_OK;
}

uint32_t WASI(fd_prestat_dir_name)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size)
{
	if (fd != PREOPENED || descriptor_at(fd) == NULL)
		return WASI_BADF;
	if (path_size < 1)
		return WASI_NAMETOOLONG;
	guest_store_u8(path, '/');
	return WASI_OK;
}

static enum wasi_errno seek_base(
	uint64_t *out, const struct descriptor *descriptor, uint32_t whence)
{
	struct files_stat stat;
	enum wasi_errno error = files_stat(&stat, guest_files(), descriptor->handle);
	if (error != WASI_OK)
		return error;
	switch (whence) {
	case WHENCE_SET: *out = 0; return WASI_OK;
	case WHENCE_CURRENT: *out = descriptor->offset; return WASI_OK;
	case WHENCE_END: *out = stat.size; return WASI_OK;
	default: return WASI_INVAL;
	}
}

uint32_t WASI(fd_seek)(WASI_SELF, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t result)
{
	struct descriptor *descriptor;
	uint64_t base;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error == WASI_OK)
		error = seek_base(&base, descriptor, whence);
	if (error != WASI_OK)
		return error;
	/* base is at most OFFSET_MAX and offset a signed number: the sum cannot wrap around to a
	 * valid one. */
	uint64_t target = base + offset;
	if (target > OFFSET_MAX)
		return WASI_INVAL;
	descriptor->offset = target;
	guest_store_u64(result, target);
	return WASI_OK;
}

uint32_t WASI(fd_tell)(WASI_SELF, uint32_t fd, uint32_t result)
{
	struct descriptor *descriptor;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error == WASI_OK)
		guest_store_u64(result, descriptor->offset);
	return error;
}

/* -- reading and writing through vectors of (pointer, length) -- */

/* A mail has no offsets: it is read on. */
static enum wasi_errno read_range(size_t *done, const struct descriptor *descriptor,
	uint64_t offset, uint32_t ptr, uint32_t len)
{
	if (descriptor->kind != KIND_MAIL)
		return files_read(done, guest_files(), descriptor->handle, offset,
			(struct buffer){guest_range(ptr, len), len});
	*done = mail_read(ptr, len);
	return WASI_OK;
}

/* Read at an offset until the end of the file or of the vectors. */
static enum wasi_errno vectors_read(uint32_t *total, const struct descriptor *descriptor,
	uint64_t offset, uint32_t vectors, uint32_t count)
{
	*total = 0;
	if (count > VECTORS_MAX)
		return WASI_INVAL;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t ptr = guest_load_u32(vectors + 8 * i);
		uint32_t len = guest_load_u32(vectors + 8 * i + 4);
		size_t done;
		enum wasi_errno error = read_range(&done, descriptor, offset + *total, ptr, len);
		if (error != WASI_OK)
			return error;
		/* A file is at most 2^32 bytes long: one byte less fits the count. */
		if (__builtin_add_overflow(*total, (uint32_t)done, total))
			return WASI_INVAL;
		if (done < len)
			break;
	}
	return WASI_OK;
}

static enum wasi_errno vectors_write(uint32_t *total, const struct descriptor *descriptor,
	uint64_t offset, uint32_t vectors, uint32_t count)
{
	*total = 0;
	if (count > VECTORS_MAX)
		return WASI_INVAL;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t ptr = guest_load_u32(vectors + 8 * i);
		uint32_t len = guest_load_u32(vectors + 8 * i + 4);
		size_t done;
		enum wasi_errno error = files_write(&done, guest_files(), descriptor->handle,
			offset + *total, guest_bytes(ptr, len));
		/* What was written before space ran out counts. */
		if (error != WASI_OK)
			return *total != 0 ? WASI_OK : error;
		*total += (uint32_t)done;
		if (done < len)
			break;
	}
	return WASI_OK;
}

static void line_write(struct line *line, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		line->text[line->size++] = text.ptr[i];
		if (text.ptr[i] == '\n' || line->size == LINE_SIZE)
			line_flush(line);
	}
}

static enum wasi_errno vectors_print(
	uint32_t *total, struct line *line, uint32_t vectors, uint32_t count)
{
	*total = 0;
	if (count > VECTORS_MAX)
		return WASI_INVAL;
	for (uint32_t i = 0; i < count && *total < CONSOLE_MAX; i++) {
		uint32_t ptr = guest_load_u32(vectors + 8 * i);
		uint32_t len = guest_load_u32(vectors + 8 * i + 4);
		struct bytes text = bytes_slice(guest_bytes(ptr, len), 0, CONSOLE_MAX - *total);
		guest_pay(text.len); /* byte by byte */
		line_write(line, text);
		*total += (uint32_t)text.len;
	}
	return WASI_OK;
}

uint32_t WASI(fd_read)(WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint32_t result)
{
	struct descriptor *descriptor = descriptor_at(fd);
	if (descriptor == NULL)
		return WASI_BADF;
	if ((descriptor->rights & RIGHT_READ) == 0)
		return WASI_NOTCAPABLE;
	uint32_t total = 0; /* standard input is always at its end */
	enum wasi_errno error = WASI_OK;
	if (descriptor->kind == KIND_TREE || descriptor->kind == KIND_MAIL)
		error = vectors_read(&total, descriptor, descriptor->offset, vectors, count);
	if (error != WASI_OK)
		return error;
	descriptor->offset += total;
	guest_store_u32(result, total);
	return WASI_OK;
}

uint32_t WASI(fd_pread)(
	WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint64_t offset, uint32_t result)
{
	struct descriptor *descriptor;
	uint32_t total = 0;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error != WASI_OK)
		return error;
	if ((descriptor->rights & RIGHT_READ) == 0)
		return WASI_NOTCAPABLE;
	if (offset > OFFSET_MAX)
		return WASI_INVAL;
	error = vectors_read(&total, descriptor, offset, vectors, count);
	if (error == WASI_OK)
		guest_store_u32(result, total);
	return error;
}

static enum wasi_errno tree_write(
	uint32_t *total, struct descriptor *descriptor, uint32_t vectors, uint32_t count)
{
	struct files_stat stat;
	enum wasi_errno error = files_stat(&stat, guest_files(), descriptor->handle);
	if (error != WASI_OK)
		return error;
	uint64_t offset = descriptor->offset;
	if ((descriptor->flags & FLAG_APPEND) != 0)
		offset = stat.size;
	error = vectors_write(total, descriptor, offset, vectors, count);
	if (error == WASI_OK)
		descriptor->offset = offset + *total;
	return error;
}

uint32_t WASI(fd_write)(WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint32_t result)
{
	struct descriptor *descriptor = descriptor_at(fd);
	if (descriptor == NULL)
		return WASI_BADF;
	if ((descriptor->rights & RIGHT_WRITE) == 0)
		return WASI_NOTCAPABLE;
	uint32_t total;
	enum wasi_errno error;
	if (descriptor->kind == KIND_CONSOLE)
		error = vectors_print(&total, &lines[fd], vectors, count);
	else
		error = tree_write(&total, descriptor, vectors, count);
	if (error == WASI_OK)
		guest_store_u32(result, total);
	return error;
}

uint32_t WASI(fd_pwrite)(
	WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint64_t offset, uint32_t result)
{
	struct descriptor *descriptor;
	uint32_t total = 0;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error != WASI_OK)
		return error;
	if ((descriptor->rights & RIGHT_WRITE) == 0)
		return WASI_NOTCAPABLE;
	if (offset > OFFSET_MAX)
		return WASI_INVAL;
	error = vectors_write(&total, descriptor, offset, vectors, count);
	if (error == WASI_OK)
		guest_store_u32(result, total);
	return error;
}

/* What preview1 calls dirent: next cookie, serial, name size, type; then the name. */
static void dirent_write(struct writer *out, const struct files_entry *entry)
{
	write_u64le(out, entry->next);
	write_u64le(out, entry->serial);
	write_u32le(out, (uint32_t)entry->name.len);
	write_u32le(out, (uint32_t)entry->type);
	write_bytes(out, entry->name);
}

/* Fills the space; the last entry may be cut off, which tells the guest to ask again from there. */
uint32_t WASI(fd_readdir)(
	WASI_SELF, uint32_t fd, uint32_t space, uint32_t size, uint64_t cookie, uint32_t result)
{
	struct descriptor *descriptor;
	struct files_entry entry;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error != WASI_OK)
		return error;
	guest_pay(guest_files()->now.node_count);
	uint8_t *out = guest_range(space, size);
	uint32_t done = 0;
	while (done < size) {
		uint8_t record[24 + FILES_NAME_SIZE_MAX];
		struct writer writer = writer_of((struct buffer){record, sizeof(record)});
		error = files_next(&entry, guest_files(), descriptor->handle, cookie);
		if (error == WASI_NOENT)
			break;
		if (error != WASI_OK)
			return error;
		dirent_write(&writer, &entry);
		struct bytes part = bytes_slice(writer_bytes(&writer), 0, size - done);
		memcpy(out + done, part.ptr, part.len);
		done += (uint32_t)part.len;
		cookie = entry.next;
	}
	guest_store_u32(result, done);
	return WASI_OK;
}

/* -- paths -- */

/* Each name is looked for among all nodes; the last may be made, or found empty: once more. */
static void pay_lookup(struct bytes path)
{
	uint64_t names = 2;
	for (size_t i = 0; i < path.len; i++)
		names += path.ptr[i] == '/' ? 1 : 0;
	guest_pay(names * guest_files()->now.node_count);
}

/* A directory descriptor and a path below it. */
static enum wasi_errno path_at(struct files_handle *directory, struct bytes *out, uint32_t fd,
	uint32_t path, uint32_t size)
{
	struct descriptor *descriptor;
	enum wasi_errno error = tree_at(&descriptor, fd);
	if (error != WASI_OK)
		return error == WASI_SPIPE ? WASI_NOTDIR : error;
	if (size > PATH_SIZE_MAX)
		return WASI_NAMETOOLONG;
	*directory = descriptor->handle;
	*out = guest_bytes(path, size);
	pay_lookup(*out);
	return WASI_OK;
}

static uint32_t free_descriptor(void)
{
	uint32_t fd = PREOPENED + 1;
	while (fd < DESCRIPTORS && descriptors[fd].kind != KIND_CLOSED)
		fd++;
	return fd;
}

uint32_t WASI(path_create_directory)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size)
{
	struct files_handle directory;
	struct bytes name;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	return error != WASI_OK ? error : files_make_directory(guest_files(), directory, name);
}

/* There are no links to follow: the lookup flags mean nothing here. */
uint32_t WASI(path_filestat_get)(WASI_SELF, uint32_t fd, [[maybe_unused]] uint32_t lookup_flags,
	uint32_t path, uint32_t path_size, uint32_t result)
{
	struct files_handle directory, file;
	struct bytes name;
	struct files_stat stat;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	if (error == WASI_OK)
		error = files_open(&file, guest_files(), directory, name, 0);
	if (error != WASI_OK)
		return error;
	error = files_stat(&stat, guest_files(), file);
	if (error == WASI_OK)
		put_filestat(result, &stat);
	return error;
}

/* The mail in hand, as a file that can only be read, once, from its start to its end. It hides a
 * file of that name. */
static bool names_mail(uint32_t fd, struct bytes path)
{
	return fd == PREOPENED && mail_in_hand() != 0 && bytes_equal(path, BYTES_LIT(MAIL_PATH));
}

static enum wasi_errno open_mail(
	struct descriptor *out, uint32_t open_flags, uint64_t rights, uint32_t flags)
{
	if (open_flags != 0 || (rights & RIGHT_WRITE) != 0)
		return WASI_NOTCAPABLE;
	*out = (struct descriptor){.kind = KIND_MAIL,
		.flags = (uint16_t)flags,
		.rights = RIGHT_READ,
		.mail = mail_in_hand()};
	return WASI_OK;
}

static enum wasi_errno open_tree(struct descriptor *out, struct files_handle directory,
	struct bytes name, uint32_t open_flags, uint64_t rights, uint32_t flags)
{
	struct files_handle file;
	enum wasi_errno error = files_open(&file, guest_files(), directory, name, open_flags);
	if (error == WASI_OK)
		*out = (struct descriptor){.kind = KIND_TREE,
			.flags = (uint16_t)flags,
			.rights = rights & RIGHTS_ALL,
			.handle = file};
	return error;
}

uint32_t WASI(path_open)(WASI_SELF, uint32_t fd, [[maybe_unused]] uint32_t lookup_flags,
	uint32_t path, uint32_t path_size, uint32_t open_flags, uint64_t rights,
	[[maybe_unused]] uint64_t rights_inheriting, uint32_t flags, uint32_t result)
{
	struct files_handle directory;
	struct bytes name;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	if (error != WASI_OK)
		return error;
	if ((open_flags & ~(uint32_t)OPEN_FLAGS_ALL) != 0 || (flags & ~(uint32_t)FLAGS_ALL) != 0)
		return WASI_INVAL;
	uint32_t opened = free_descriptor();
	if (opened == DESCRIPTORS)
		return WASI_MFILE;
	struct descriptor *place = &descriptors[opened];
	error = names_mail(fd, name) ? open_mail(place, open_flags, rights, flags)
				     : open_tree(place, directory, name, open_flags, rights, flags);
	if (error == WASI_OK)
		guest_store_u32(result, opened);
	return error;
}

uint32_t WASI(path_remove_directory)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size)
{
	struct files_handle directory;
	struct bytes name;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	return error != WASI_OK ? error : files_remove_directory(guest_files(), directory, name);
}

uint32_t WASI(path_rename)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size,
	uint32_t new_fd, uint32_t new_path, uint32_t new_path_size)
{
	struct files_handle directory, new_directory;
	struct bytes name, new_name;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	if (error == WASI_OK)
		error = path_at(&new_directory, &new_name, new_fd, new_path, new_path_size);
	if (error != WASI_OK)
		return error;
	return files_rename(guest_files(), directory, name, new_directory, new_name);
}

uint32_t WASI(path_unlink_file)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size)
{
	struct files_handle directory;
	struct bytes name;
	enum wasi_errno error = path_at(&directory, &name, fd, path, path_size);
	return error != WASI_OK ? error : files_unlink(guest_files(), directory, name);
}
