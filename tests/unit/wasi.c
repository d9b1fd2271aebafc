/* WASI's imports against a runtime of the test's own: what hostile and odd arguments do. What
 * wasi-libc makes of them is tested in a real image (e2e/wasi.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "crypto/crypto.h"
#include "enclave/guest.h"
#include "enclave/wasi.h"

#define MEMORY 0x20000u
#define REGION (64u * BLOCK_SIZE)

/* -- a runtime -- */

static uint8_t *memory; /* exactly as large as it is, for the address sanitizer to watch */
static uint8_t *region;
static struct files tree;
static jmp_buf trapped;
static bool may_trap;
static enum guest_trap trap_reason;
static char console[4096];
static size_t console_size;
static bool random_fails;
static struct config_header header = {.argument_count = 2, .environment_count = 1};

void guest_pay(uint64_t cost)
{
	(void)cost; /* without a limit */
}

uint8_t *guest_range(uint32_t offset, uint32_t size)
{
	if (offset > MEMORY || size > MEMORY - offset)
		guest_trap(GUEST_TRAP_MEMORY);
	return memory + offset;
}

struct bytes guest_bytes(uint32_t offset, uint32_t size)
{
	return bytes_of(guest_range(offset, size), size);
}

uint32_t guest_load_u32(uint32_t offset)
{
	return load_u32le(guest_range(offset, 4));
}

void guest_store_u8(uint32_t offset, uint8_t value)
{
	*guest_range(offset, 1) = value;
}

void guest_store_u32(uint32_t offset, uint32_t value)
{
	store_u32le(guest_range(offset, 4), value);
}

void guest_store_u64(uint32_t offset, uint64_t value)
{
	store_u64le(guest_range(offset, 8), value);
}

_Noreturn void guest_trap(enum guest_trap reason)
{
	trap_reason = reason;
	if (!may_trap)
		fail_msg("trapped: %d", reason);
	longjmp(trapped, 1);
}

const struct config_header *config(void)
{
	return &header;
}

struct bytes config_text(struct config_text text)
{
	(void)text;
	return BYTES_LIT("name");
}

struct bytes config_argument(uint32_t index)
{
	assert_in_range(index, 0, 1);
	return index == 0 ? BYTES_LIT("first") : BYTES_LIT("");
}

struct bytes config_environment(uint32_t index)
{
	assert_int_equal(index, 0);
	return BYTES_LIT("A=B");
}

uint64_t clock_now(void)
{
	return 42;
}

static struct bytes mail; /* what is left of it */
static uint64_t mail_number;

uint64_t mail_in_hand(void)
{
	return mail_number;
}

uint32_t mail_read(uint32_t ptr, uint32_t len)
{
	uint8_t *to = guest_range(ptr, len);
	struct bytes part = bytes_take(&mail, len);
	if (part.len != 0)
		memcpy(to, part.ptr, part.len);
	return (uint32_t)part.len;
}

void console_write(struct bytes text)
{
	if (text.len > sizeof(console) - console_size)
		text.len = sizeof(console) - console_size;
	memcpy(console + console_size, text.ptr, text.len);
	console_size += text.len;
}

struct files *guest_files(void)
{
	return &tree;
}

enum conclave_error crypto_random(struct buffer out)
{
	memset(out.ptr, 7, out.len);
	return random_fails ? CONCLAVE_ERROR_RANDOM : CONCLAVE_OK;
}

static int start(void **state)
{
	(void)state;
	memory = calloc(1, MEMORY);
	region = malloc(REGION);
	console_size = 0;
	random_fails = false;
	mail_number = 0;
	if (files_init(&tree, (struct buffer){region, REGION}) != CONCLAVE_OK)
		return 1;
	wasi_reset();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(memory);
	free(region);
	return 0;
}

/* The call must trap for that reason. */
#define assert_traps(reason, call)                        \
	do {                                              \
		may_trap = true;                          \
		if (setjmp(trapped) == 0) {               \
			(void)(call);                     \
			fail_msg("did not trap: " #call); \
		}                                         \
		may_trap = false;                         \
		assert_int_equal(trap_reason, reason);    \
	} while (0)

/* -- helpers: places in the guest's memory -- */

enum { PATH = 0x100, RESULT = 0x400, VECTORS = 0x800, DATA = 0x1000 };

static uint32_t put_path(const char *path)
{
	memcpy(memory + PATH, path, strlen(path));
	return (uint32_t)strlen(path);
}

static uint32_t open_at(const char *path, uint32_t open_flags, uint64_t rights, uint32_t flags)
{
	uint32_t size = put_path(path);
	assert_int_equal(
		WASI(path_open)(NULL, 3, 0, PATH, size, open_flags, rights, 0, flags, RESULT),
		WASI_OK);
	return load_u32le(memory + RESULT);
}

#define READ (1u << 1)
#define WRITE (1u << 6)
#define SEEK (1u << 2)

static uint32_t vector(uint32_t ptr, uint32_t len)
{
	store_u32le(memory + VECTORS, ptr);
	store_u32le(memory + VECTORS + 4, len);
	return VECTORS;
}

static uint32_t write_text(uint32_t fd, const char *text)
{
	memcpy(memory + DATA, text, strlen(text));
	return WASI(fd_write)(NULL, fd, vector(DATA, (uint32_t)strlen(text)), 1, RESULT);
}

/* -- tests -- */

static void arguments_and_environment_are_the_measured_ones(void **state)
{
	(void)state;
	assert_int_equal(WASI(args_sizes_get)(NULL, 0x10, 0x14), WASI_OK);
	assert_int_equal(load_u32le(memory + 0x10), 3);
	assert_int_equal(load_u32le(memory + 0x14), 5 + 6 + 1);
	assert_int_equal(WASI(args_get)(NULL, 0x20, 0x40), WASI_OK);
	assert_memory_equal(memory + 0x40, "name\0first\0\0", 12);
	assert_int_equal(load_u32le(memory + 0x24), 0x45);
	assert_int_equal(load_u32le(memory + 0x28), 0x4b);
	assert_int_equal(WASI(environ_sizes_get)(NULL, 0x10, 0x14), WASI_OK);
	assert_int_equal(load_u32le(memory + 0x14), 4);
	assert_int_equal(WASI(environ_get)(NULL, 0x20, 0x40), WASI_OK);
	assert_memory_equal(memory + 0x40, "A=B", 4);
	assert_traps(GUEST_TRAP_MEMORY, WASI(args_get)(NULL, 0x20, MEMORY - 3));
	assert_traps(GUEST_TRAP_MEMORY, WASI(args_get)(NULL, MEMORY - 3, 0x20));
	assert_traps(GUEST_TRAP_MEMORY, WASI(args_sizes_get)(NULL, UINT32_MAX, 0));
}

static void clock_and_randomness(void **state)
{
	(void)state;
	assert_int_equal(WASI(clock_time_get)(NULL, 1, 0, RESULT), WASI_OK);
	assert_int_equal(load_u64le(memory + RESULT), 42);
	assert_int_equal(WASI(clock_time_get)(NULL, 2, 0, RESULT), WASI_INVAL);
	assert_int_equal(WASI(clock_res_get)(NULL, 7, RESULT), WASI_INVAL);
	assert_int_equal(WASI(random_get)(NULL, DATA, 16), WASI_OK);
	assert_int_equal(memory[DATA + 15], 7);
	assert_int_equal(WASI(random_get)(NULL, 0, UINT32_MAX), WASI_INVAL);
	assert_traps(GUEST_TRAP_MEMORY, WASI(random_get)(NULL, MEMORY - 8, 9));
	random_fails = true;
	assert_traps(GUEST_TRAP_RANDOM, WASI(random_get)(NULL, DATA, 1));
	assert_traps(GUEST_TRAP_EXIT, (WASI(proc_exit)(NULL, 0), 0));
}

static void console_gets_whole_lines(void **state)
{
	(void)state;
	assert_int_equal(write_text(1, "one "), WASI_OK);
	assert_int_equal(console_size, 0);
	assert_int_equal(write_text(2, "oops\n"), WASI_OK);
	assert_int_equal(write_text(1, "line\nand more"), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 13);
	assert_memory_equal(console, "oops\none line\n", console_size);
	/* What a guest said last is not lost with it. */
	wasi_reset();
	assert_memory_equal(console, "oops\none line\nand more", console_size);
	/* A line that never ends is cut, a text that is too long is written in part. */
	console_size = 0;
	memset(memory, 'x', MEMORY);
	assert_int_equal(WASI(fd_write)(NULL, 1, vector(0, MEMORY), 1, RESULT), WASI_OK);
	assert_in_range(load_u32le(memory + RESULT), 1, 0x10000);
	assert_int_equal(WASI(fd_read)(NULL, 0, vector(DATA, 10), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 0);
	assert_int_equal(WASI(fd_read)(NULL, 1, vector(DATA, 10), 1, RESULT), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_write)(NULL, 0, vector(DATA, 10), 1, RESULT), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_seek)(NULL, 1, 0, 0, RESULT), WASI_SPIPE);
}

static enum wasi_errno open_mail(uint32_t open_flags, uint64_t rights)
{
	return WASI(path_open)(
		NULL, 3, 0, PATH, put_path("dev/mail"), open_flags, rights, 0, 0, RESULT);
}

/* A stream: read through any number of descriptors, once; no other way to touch it. */
static void mail_is_a_file_that_is_read_once(void **state)
{
	(void)state;
	assert_int_equal(open_mail(0, READ), WASI_NOENT);
	mail_number = 5;
	mail = BYTES_LIT("a mail of some length");
	for (uint32_t flag = 1; flag <= 8; flag *= 2)
		assert_int_equal(open_mail(flag, READ), WASI_NOTCAPABLE);
	assert_int_equal(open_mail(0, READ | WRITE), WASI_NOTCAPABLE);
	uint32_t one = open_at("dev/mail", 0, READ | SEEK, 0);
	uint32_t two = open_at("dev/mail", 0, READ, 0);
	assert_int_not_equal(one, two);
	assert_int_equal(WASI(fd_read)(NULL, one, vector(DATA, 6), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 6);
	assert_memory_equal(memory + DATA, "a mail", 6);
	assert_int_equal(WASI(fd_seek)(NULL, one, 0, 0, RESULT), WASI_SPIPE);
	assert_int_equal(WASI(fd_tell)(NULL, one, RESULT), WASI_SPIPE);
	assert_int_equal(WASI(fd_pread)(NULL, one, vector(DATA, 1), 1, 0, RESULT), WASI_SPIPE);
	assert_int_equal(WASI(fd_readdir)(NULL, one, DATA, 64, 0, RESULT), WASI_SPIPE);
	assert_int_equal(write_text(one, "x"), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_filestat_get)(NULL, one, RESULT), WASI_OK);
	assert_int_equal(memory[RESULT + 16], 2); /* a device, of size 0 */
	assert_int_equal(load_u64le(memory + RESULT + 32), 0);
	assert_traps(GUEST_TRAP_MEMORY, WASI(fd_read)(NULL, one, vector(MEMORY - 1, 2), 1, RESULT));
	assert_int_equal(WASI(fd_read)(NULL, two, vector(DATA, 100), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 15);
	assert_memory_equal(memory + DATA, " of some length", 15);
	assert_int_equal(WASI(fd_read)(NULL, one, vector(DATA, 100), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 0);

	/* The next mail is not read through the last one's descriptors, which are still there. */
	mail_number = 6;
	mail = BYTES_LIT("next");
	assert_int_equal(WASI(fd_read)(NULL, one, vector(DATA, 1), 1, RESULT), WASI_BADF);
	assert_int_equal(WASI(fd_fdstat_get)(NULL, two, RESULT), WASI_BADF);
	uint32_t three = open_at("dev/mail", 0, READ, 0);
	assert_true(three != one && three != two);
	assert_int_equal(WASI(fd_close)(NULL, one), WASI_OK);
	assert_int_equal(WASI(fd_close)(NULL, one), WASI_BADF);
	assert_int_equal(open_at("dev/mail", 0, READ, 0), one);
	assert_int_equal(WASI(fd_read)(NULL, three, vector(DATA, 9), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 4);
	mail_number = 0;
	assert_int_equal(WASI(fd_read)(NULL, three, vector(DATA, 9), 1, RESULT), WASI_BADF);
}

static void rights_are_those_it_was_opened_with(void **state)
{
	(void)state;
	uint32_t fd = open_at("f", 1, WRITE, 0);
	assert_int_equal(write_text(fd, "abc"), WASI_OK);
	assert_int_equal(WASI(fd_read)(NULL, fd, vector(DATA, 1), 1, RESULT), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_pread)(NULL, fd, vector(DATA, 1), 1, 0, RESULT), WASI_NOTCAPABLE);
	fd = open_at("f", 0, READ, 0);
	assert_int_equal(write_text(fd, "abc"), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_pwrite)(NULL, fd, vector(DATA, 1), 1, 0, RESULT), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_filestat_set_size)(NULL, fd, 0), WASI_NOTCAPABLE);
	assert_int_equal(WASI(fd_filestat_set_size)(NULL, 1, 0), WASI_SPIPE);
}

static void appending_goes_to_the_end(void **state)
{
	(void)state;
	uint32_t fd = open_at("f", 1, READ | WRITE, 1);
	assert_int_equal(write_text(fd, "abc"), WASI_OK);
	assert_int_equal(WASI(fd_seek)(NULL, fd, 0, 0, RESULT), WASI_OK);
	assert_int_equal(write_text(fd, "def"), WASI_OK);
	assert_int_equal(WASI(fd_pread)(NULL, fd, vector(DATA, 10), 1, 0, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 6);
	assert_memory_equal(memory + DATA, "abcdef", 6);
	assert_int_equal(WASI(fd_fdstat_set_flags)(NULL, fd, 0), WASI_OK);
	assert_int_equal(WASI(fd_fdstat_set_flags)(NULL, fd, 0x20), WASI_INVAL);
	assert_int_equal(WASI(fd_seek)(NULL, fd, 0, 0, RESULT), WASI_OK);
	assert_int_equal(write_text(fd, "X"), WASI_OK);
	assert_int_equal(WASI(fd_tell)(NULL, fd, RESULT), WASI_OK);
	assert_int_equal(load_u64le(memory + RESULT), 1);
}

static void offsets_do_not_wrap(void **state)
{
	(void)state;
	uint32_t fd = open_at("f", 1, READ | WRITE | SEEK, 0);
	assert_int_equal(write_text(fd, "abc"), WASI_OK);
	assert_int_equal(WASI(fd_seek)(NULL, fd, (uint64_t)-4, 1, RESULT), WASI_INVAL);
	assert_int_equal(WASI(fd_seek)(NULL, fd, (uint64_t)-3, 1, RESULT), WASI_OK);
	assert_int_equal(WASI(fd_seek)(NULL, fd, INT64_MAX, 0, RESULT), WASI_OK);
	assert_int_equal(WASI(fd_seek)(NULL, fd, 1, 1, RESULT), WASI_INVAL);
	assert_int_equal(WASI(fd_seek)(NULL, fd, INT64_MAX, 1, RESULT), WASI_INVAL);
	assert_int_equal(WASI(fd_seek)(NULL, fd, 0, 3, RESULT), WASI_INVAL);
	assert_int_equal(write_text(fd, "abc"), WASI_FBIG);
	assert_int_equal(WASI(fd_read)(NULL, fd, vector(DATA, 4), 1, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 0);
	assert_int_equal(
		WASI(fd_pread)(NULL, fd, vector(DATA, 4), 1, UINT64_MAX, RESULT), WASI_INVAL);
	assert_int_equal(
		WASI(fd_pwrite)(NULL, fd, vector(DATA, 4), 1, UINT64_MAX, RESULT), WASI_INVAL);
}

static void vectors_stay_inside(void **state)
{
	(void)state;
	uint32_t fd = open_at("f", 1, READ | WRITE, 0);
	assert_int_equal(write_text(fd, "abc"), WASI_OK);
	assert_traps(
		GUEST_TRAP_MEMORY, WASI(fd_pread)(NULL, fd, vector(MEMORY - 4, 5), 1, 0, RESULT));
	assert_traps(GUEST_TRAP_MEMORY,
		WASI(fd_pwrite)(NULL, fd, vector(UINT32_MAX, UINT32_MAX), 1, 0, RESULT));
	assert_traps(GUEST_TRAP_MEMORY, WASI(fd_pread)(NULL, fd, MEMORY - 4, 1, 0, RESULT));
	assert_traps(
		GUEST_TRAP_MEMORY, WASI(fd_pread)(NULL, fd, vector(DATA, 1), 1, 0, MEMORY - 3));
	assert_int_equal(WASI(fd_write)(NULL, fd, VECTORS, 1025, RESULT), WASI_INVAL);
	assert_int_equal(WASI(fd_write)(NULL, 1, VECTORS, UINT32_MAX, RESULT), WASI_INVAL);
}

static void descriptors_run_out_and_come_back(void **state)
{
	(void)state;
	uint32_t last = 0, size = put_path("f");
	uint32_t error;
	(void)open_at("f", 1, READ, 0);
	do {
		last = load_u32le(memory + RESULT);
		error = WASI(path_open)(NULL, 3, 0, PATH, size, 0, READ, 0, 0, RESULT);
	} while (error == WASI_OK);
	assert_int_equal(error, WASI_MFILE);
	assert_int_equal(last, 255);
	assert_int_equal(WASI(fd_close)(NULL, 100), WASI_OK);
	assert_int_equal(WASI(fd_close)(NULL, 100), WASI_BADF);
	assert_int_equal(open_at("f", 0, READ, 0), 100);
	assert_int_equal(WASI(fd_close)(NULL, 256), WASI_BADF);
	assert_int_equal(WASI(fd_close)(NULL, UINT32_MAX), WASI_BADF);
	wasi_reset();
	assert_int_equal(WASI(fd_close)(NULL, 100), WASI_BADF);
}

static void stat_and_prestat(void **state)
{
	(void)state;
	assert_int_equal(WASI(fd_prestat_get)(NULL, 3, RESULT), WASI_OK);
	assert_memory_equal(memory + RESULT, "\0\0\0\0\1\0\0\0", 8);
	assert_int_equal(WASI(fd_prestat_get)(NULL, 4, RESULT), WASI_BADF);
	assert_int_equal(WASI(fd_prestat_dir_name)(NULL, 3, DATA, 1), WASI_OK);
	assert_int_equal(memory[DATA], '/');
	assert_int_equal(WASI(fd_prestat_dir_name)(NULL, 3, DATA, 0), WASI_NAMETOOLONG);
	assert_int_equal(WASI(fd_fdstat_get)(NULL, 1, RESULT), WASI_OK);
	assert_int_equal(memory[RESULT], 2);
	assert_int_equal(WASI(fd_fdstat_get)(NULL, 3, RESULT), WASI_OK);
	assert_int_equal(memory[RESULT], FILES_DIRECTORY);
	uint32_t fd = open_at("f", 1, READ | WRITE, 0);
	assert_int_equal(write_text(fd, "abc"), WASI_OK);
	assert_int_equal(WASI(fd_filestat_get)(NULL, fd, RESULT), WASI_OK);
	assert_int_equal(memory[RESULT + 16], FILES_REGULAR);
	assert_int_equal(load_u64le(memory + RESULT + 32), 3);
	uint32_t size = put_path("absent");
	assert_int_equal(WASI(path_filestat_get)(NULL, 3, 0, PATH, size, RESULT), WASI_NOENT);
	assert_int_equal(WASI(path_filestat_get)(NULL, 1, 0, PATH, size, RESULT), WASI_NOTDIR);
	assert_int_equal(WASI(path_filestat_get)(NULL, 3, 0, 0, 4097, RESULT), WASI_NAMETOOLONG);
	assert_traps(GUEST_TRAP_MEMORY, WASI(path_filestat_get)(NULL, 3, 0, MEMORY - 4, 5, RESULT));
}

static void listing_is_cut_where_the_space_ends(void **state)
{
	(void)state;
	(void)open_at("abcdef", 1, READ, 0);
	(void)open_at("second", 1, READ, 0);
	memset(memory + DATA, 0xee, 100);
	assert_int_equal(WASI(fd_readdir)(NULL, 3, DATA, 40, 0, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 40);
	assert_int_equal(memory[DATA + 40], 0xee);
	assert_int_equal(load_u32le(memory + DATA + 16), 6);
	assert_memory_equal(memory + DATA + 24, "abcdef", 6);
	uint64_t next = load_u64le(memory + DATA);
	assert_int_equal(WASI(fd_readdir)(NULL, 3, DATA, 100, next, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 30);
	assert_memory_equal(memory + DATA + 24, "second", 6);
	assert_int_equal(WASI(fd_readdir)(NULL, 3, DATA, 100, UINT64_MAX, RESULT), WASI_OK);
	assert_int_equal(load_u32le(memory + RESULT), 0);
	assert_traps(GUEST_TRAP_MEMORY, WASI(fd_readdir)(NULL, 3, MEMORY - 10, 11, 0, RESULT));
}

/* Any call with any arguments ends, by an errno or a trap, and touches nothing of the runtime. */

static uint64_t random_state = 1;

static uint32_t any(void)
{
	static const uint32_t edges[] = {0, 1, 2, 3, 4, 5, 24, 255, 256, 1024, 4096, PATH, RESULT,
		VECTORS, DATA, MEMORY - 8, MEMORY, MEMORY + 1, 0x7fffffff, 0x80000000, UINT32_MAX};
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	uint32_t drawn = (uint32_t)(random_state >> 33);
	return drawn % 4 == 0 ? drawn : edges[drawn % ARRAY_COUNT(edges)];
}

static uint64_t any64(void)
{
	uint64_t high = any() % 3 == 0 ? any() : 0;
	return high << 32 | any();
}

static void call_any(uint32_t which)
{
	uint32_t a = any(), b = any(), c = any(), d = any(), e = any(), f = any();
	uint64_t x = any64(), y = any64();
	/* Mostly a descriptor that may be open. */
	uint32_t fd = a % 9 == 8 ? a : a % 9;
	switch (which % 27) {
	case 0: (void)WASI(args_get)(NULL, a, b); break;
	case 1: (void)WASI(args_sizes_get)(NULL, a, b); break;
	case 2: (void)WASI(environ_get)(NULL, a, b); break;
	case 3: (void)WASI(clock_time_get)(NULL, a % 4, x, b); break;
	case 4: (void)WASI(random_get)(NULL, a, b); break;
	case 5: (void)WASI(fd_close)(NULL, fd); break;
	case 6: (void)WASI(fd_sync)(NULL, fd); break;
	case 7: (void)WASI(fd_fdstat_get)(NULL, fd, b); break;
	case 8: (void)WASI(fd_fdstat_set_flags)(NULL, fd, b); break;
	case 9: (void)WASI(fd_filestat_get)(NULL, fd, b); break;
	case 10: (void)WASI(fd_filestat_set_size)(NULL, fd, x); break;
	case 11: (void)WASI(fd_prestat_get)(NULL, fd, b); break;
	case 12: (void)WASI(fd_prestat_dir_name)(NULL, fd, b, c); break;
	case 13: (void)WASI(fd_read)(NULL, fd, b, c, d); break;
	case 14: (void)WASI(fd_write)(NULL, fd, b, c, d); break;
	case 15: (void)WASI(fd_pread)(NULL, fd, b, c, x, d); break;
	case 16: (void)WASI(fd_pwrite)(NULL, fd, b, c, x, d); break;
	case 17: (void)WASI(fd_readdir)(NULL, fd, b, c, x, d); break;
	case 18: (void)WASI(fd_seek)(NULL, fd, x, b % 4, c); break;
	case 19: (void)WASI(fd_tell)(NULL, fd, b); break;
	case 20: (void)WASI(path_create_directory)(NULL, 3, PATH + a % 8, b % 8); break;
	case 21: (void)WASI(path_filestat_get)(NULL, a, b, c, d, e); break;
	case 22:
		(void)WASI(path_open)(NULL, 3, a, PATH + b % 8, c % 8, d % 16, x, y, e % 32, f);
		break;
	case 23: (void)WASI(path_remove_directory)(NULL, 3, PATH + a % 8, b % 8); break;
	case 24:
		(void)WASI(path_rename)(NULL, 3, PATH + a % 8, b % 8, 3, PATH + c % 8, d % 8);
		break;
	case 25: (void)WASI(path_unlink_file)(NULL, 3, PATH + a % 8, b % 8); break;
	default: (void)WASI(path_open)(NULL, a, b, c, d, e, x, y, f, b); break;
	}
}

static void anything_goes(void **state)
{
	(void)state;
	static volatile unsigned traps, calls;
	may_trap = true;
	for (calls = 0; calls < 200000; calls++) {
		memcpy(memory + PATH, "a/b/../c./a", 11);
		if (setjmp(trapped) == 0)
			call_any(any() + calls);
		else
			traps++;
		if (calls % 64 == 0 && any() % 2 == 0)
			files_rollback(&tree);
		else if (calls % 64 == 0)
			files_commit(&tree);
		if (calls % 4096 == 0)
			wasi_reset();
	}
	may_trap = false;
	assert_in_range(traps, 1000, calls - 1000);
	/* The tree still works. */
	wasi_reset();
	assert_int_equal(write_text(open_at("zz", 1, WRITE, 0), "abc"), WASI_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(arguments_and_environment_are_the_measured_ones),
		TEST(clock_and_randomness),
		TEST(console_gets_whole_lines),
		TEST(mail_is_a_file_that_is_read_once),
		TEST(rights_are_those_it_was_opened_with),
		TEST(appending_goes_to_the_end),
		TEST(offsets_do_not_wrap),
		TEST(vectors_stay_inside),
		TEST(descriptors_run_out_and_come_back),
		TEST(stat_and_prestat),
		TEST(listing_is_cut_where_the_space_ends),
		TEST(anything_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
