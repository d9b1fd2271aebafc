/* The part of wasi_snapshot_preview1 that makes sense inside: files in memory, the clock as the
 * host claims it, randomness, arguments and environment from the measured configuration, and text
 * for the console. Names and signatures are wasm2c's.
 *
 * Every argument is the guest's and may be anything. Work per call is bounded by what the guest
 * really has (its memory and its files), because fuel is not counted in here. */
#ifndef ENCLAVE_WASI_H
#define ENCLAVE_WASI_H

#include <stdint.h>

#include "enclave/files.h"

struct w2c_wasi__snapshot__preview1; /* never defined: there is one, and nothing in it */

#define WASI(name) w2c_wasi__snapshot__preview1_##name
#define WASI_SELF [[maybe_unused]] struct w2c_wasi__snapshot__preview1 *self

uint32_t WASI(args_get)(WASI_SELF, uint32_t argv, uint32_t space);
uint32_t WASI(args_sizes_get)(WASI_SELF, uint32_t count, uint32_t size);
uint32_t WASI(environ_get)(WASI_SELF, uint32_t environment, uint32_t space);
uint32_t WASI(environ_sizes_get)(WASI_SELF, uint32_t count, uint32_t size);
uint32_t WASI(clock_res_get)(WASI_SELF, uint32_t clock, uint32_t result);
uint32_t WASI(clock_time_get)(WASI_SELF, uint32_t clock, uint64_t precision, uint32_t result);
uint32_t WASI(random_get)(WASI_SELF, uint32_t ptr, uint32_t size);
uint32_t WASI(sched_yield)(WASI_SELF);
_Noreturn void WASI(proc_exit)(WASI_SELF, uint32_t code);

uint32_t WASI(fd_close)(WASI_SELF, uint32_t fd);
uint32_t WASI(fd_datasync)(WASI_SELF, uint32_t fd);
uint32_t WASI(fd_sync)(WASI_SELF, uint32_t fd);
uint32_t WASI(fd_fdstat_get)(WASI_SELF, uint32_t fd, uint32_t result);
uint32_t WASI(fd_fdstat_set_flags)(WASI_SELF, uint32_t fd, uint32_t flags);
uint32_t WASI(fd_filestat_get)(WASI_SELF, uint32_t fd, uint32_t result);
uint32_t WASI(fd_filestat_set_size)(WASI_SELF, uint32_t fd, uint64_t size);
uint32_t WASI(fd_prestat_get)(WASI_SELF, uint32_t fd, uint32_t result);
uint32_t WASI(fd_prestat_dir_name)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size);
uint32_t WASI(fd_read)(WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint32_t result);
uint32_t WASI(fd_write)(WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint32_t result);
uint32_t WASI(fd_pread)(
	WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint64_t offset, uint32_t result);
uint32_t WASI(fd_pwrite)(
	WASI_SELF, uint32_t fd, uint32_t vectors, uint32_t count, uint64_t offset, uint32_t result);
uint32_t WASI(fd_readdir)(
	WASI_SELF, uint32_t fd, uint32_t space, uint32_t size, uint64_t cookie, uint32_t result);
uint32_t WASI(fd_seek)(WASI_SELF, uint32_t fd, uint64_t offset, uint32_t whence, uint32_t result);
uint32_t WASI(fd_tell)(WASI_SELF, uint32_t fd, uint32_t result);

uint32_t WASI(path_create_directory)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size);
uint32_t WASI(path_filestat_get)(WASI_SELF, uint32_t fd, uint32_t lookup_flags, uint32_t path,
	uint32_t path_size, uint32_t result);
uint32_t WASI(path_open)(WASI_SELF, uint32_t fd, uint32_t lookup_flags, uint32_t path,
	uint32_t path_size, uint32_t open_flags, uint64_t rights, uint64_t rights_inheriting,
	uint32_t flags, uint32_t result);
uint32_t WASI(path_remove_directory)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size);
uint32_t WASI(path_rename)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size,
	uint32_t new_fd, uint32_t new_path, uint32_t new_path_size);
uint32_t WASI(path_unlink_file)(WASI_SELF, uint32_t fd, uint32_t path, uint32_t path_size);

#endif
