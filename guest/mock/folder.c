#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/conclave-mock-XXXXXX";
static char before[PATH_MAX]; /* where the test was */

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "mock: %s ", what);
	perror(path);
	exit(1);
}

static void copy_file(int from, int to, const char *name)
{
	char space[16384];
	ssize_t got;
	int in = openat(from, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		fail("cannot copy", name);
	while ((got = read(in, space, sizeof(space))) > 0) {
		if (write(out, space, (size_t)got) != got)
			fail("cannot write", name);
	}
	if (got < 0)
		fail("cannot read", name);
	close(in);
	close(out);
}

static int open_folder(int at, const char *name)
{
	int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		fail("cannot open", name);
	return folder;
}

static DIR *list_folder(int folder)
{
	DIR *list = fdopendir(open_folder(folder, "."));
	if (list == NULL)
		fail("cannot list", "a folder");
	return list;
}

/* The next entry, with its kind. */
static const char *next_name(bool *is_folder, DIR *list)
{
	struct dirent *entry;
	struct stat stat;
	do {
		entry = readdir(list);
	} while (entry != NULL &&
		 (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	if (entry == NULL)
		return NULL;
	if (fstatat(dirfd(list), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
		fail("cannot look at", entry->d_name);
	*is_folder = S_ISDIR(stat.st_mode);
	return entry->d_name;
}

static void copy_folder(int from, int to)
{
	bool is_folder;
	DIR *list = list_folder(from);
	for (const char *name; (name = next_name(&is_folder, list)) != NULL;) {
		if (!is_folder) {
			copy_file(from, to, name);
			continue;
		}
		if (mkdirat(to, name, 0700) != 0)
			fail("cannot make", name);
		int inner_from = open_folder(from, name), inner_to = open_folder(to, name);
		copy_folder(inner_from, inner_to);
		close(inner_from);
		close(inner_to);
	}
	closedir(list);
}

static void empty_folder(int at)
{
	bool is_folder;
	DIR *list = list_folder(at);
	for (const char *name; (name = next_name(&is_folder, list)) != NULL;) {
		if (is_folder) {
			int inner = open_folder(at, name);
			empty_folder(inner);
			close(inner);
		}
		if (unlinkat(at, name, is_folder ? AT_REMOVEDIR : 0) != 0)
			fail("cannot remove", name);
	}
	closedir(list);
}

static void mirror(const char *from_name, const char *to_name)
{
	int top = open_folder(AT_FDCWD, root);
	int from = open_folder(top, from_name), to = open_folder(top, to_name);
	empty_folder(to);
	copy_folder(from, to);
	close(from);
	close(to);
	close(top);
}

void folder_open(void)
{
	if (getcwd(before, sizeof(before)) == NULL || mkdtemp(root) == NULL)
		fail("cannot make", root);
	int top = open_folder(AT_FDCWD, root);
	if (mkdirat(top, "now", 0700) != 0 || mkdirat(top, "kept", 0700) != 0)
		fail("cannot make a folder in", root);
	close(top);
	if (chdir(root) != 0 || chdir("now") != 0)
		fail("cannot enter", root);
}

void folder_commit(void)
{
	mirror("now", "kept");
}

void folder_rollback(void)
{
	mirror("kept", "now");
}

void folder_close(void)
{
	if (chdir(before) != 0)
		fail("cannot go back to", before);
	int top = open_folder(AT_FDCWD, root);
	empty_folder(top);
	close(top);
	if (rmdir(root) != 0)
		fail("cannot remove", root);
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
}
