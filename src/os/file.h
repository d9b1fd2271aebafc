/* Whole files, read and replaced: for everything that runs on an operating system. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/bytes.h"

#define FILE_PATH_SIZE 4096

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
/* A file that is written piece by piece, and takes its place whole or not at all, as with
 * file_write. path "-": standard output. Initialised with file -1 it may be closed without having
 * been opened. */
struct file_output {
	int file;
	const char *path;	     /* the caller's */
	char beside[FILE_PATH_SIZE]; /* "": written in place */
};
/* Errors: IO. */
enum conclave_error file_output_open(
	struct file_output *out, const char *path, unsigned mode, struct conclave_report *report);
enum conclave_error file_output_write(
	struct file_output *output, struct bytes data, struct conclave_report *report);
enum conclave_error file_output_end(struct file_output *output, struct conclave_report *report);
/* For CLEANUP: what has not ended is gone. */
void file_output_close(struct file_output *output);
/* Make a folder if there is none. Errors: IO. */
enum conclave_error file_folder(const char *path, unsigned mode, struct conclave_report *report);
/* snprintf into a path. Errors: LIMIT. */
enum conclave_error file_path(char out[FILE_PATH_SIZE], struct conclave_report *report,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
