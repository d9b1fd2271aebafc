/* Whole files, read and replaced: for everything that runs on an operating system. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/bytes.h"

/* malloc'ed; a NUL that is not counted follows the bytes. path "-": standard input.
 * Errors: NOT_FOUND, IO, LIMIT, MEMORY. */
enum conclave_error file_read(
	struct buffer *out, const char *path, size_t size_max, struct conclave_report *report);
/* For CLEANUP. */
void file_free(struct buffer *buffer);
/* Replace a file as one step: written beside it, synced, renamed over it. A device, a pipe or a
 * name for a descriptor is written to. Errors: IO. */
enum conclave_error file_write(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report);
/* The same, but never over a file that is there. Errors: EXISTS, IO. */
enum conclave_error file_create(
	const char *path, struct bytes data, unsigned mode, struct conclave_report *report);
/* Make a folder if there is none. Errors: IO. */
enum conclave_error file_folder(const char *path, unsigned mode, struct conclave_report *report);
/* snprintf into a path. Errors: LIMIT. */
#define FILE_PATH_SIZE 4096
enum conclave_error file_path(char out[FILE_PATH_SIZE], struct conclave_report *report,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
