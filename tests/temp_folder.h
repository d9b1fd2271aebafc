/* A folder of a test's own, gone when it ends. */
#ifndef TEMP_FOLDER_H
#define TEMP_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline int temp_folder_remove_one(
	const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status, (void)kind, (void)where;
	return remove(path);
}

static inline void temp_folder_make(char path[64])
{
	(void)snprintf(path, 64, "/tmp/conclave-test-XXXXXX");
	if (mkdtemp(path) == NULL)
		abort();
}

static inline void temp_folder_remove(const char *path)
{
	(void)nftw(path, temp_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
