/* What wasi-libc makes of the runtime's WASI: each check of a call is one word of its text; the
 * answer is "ok" or the first thing that was not as a C program expects. State is kept from one
 * call to the next on purpose: declined calls must be undone. */
#include <conclave/guest.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                   \
	do {                               \
		if (!(condition))          \
			return #condition; \
	} while (0)

static bool content_is(const char *path, const char *wanted)
{
	char got[4096];
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return false;
	size_t size = fread(got, 1, sizeof(got) - 1, file);
	fclose(file);
	got[size] = 0;
	return strcmp(got, wanted) == 0;
}

static bool put(const char *path, const char *mode, const char *content)
{
	FILE *file = fopen(path, mode);
	if (file == NULL)
		return false;
	bool written = fputs(content, file) >= 0;
	return fclose(file) == 0 && written;
}

static const char *check_stdio(void)
{
	char line[32];
	CHECK(put("text", "w", "first\n"));
	CHECK(put("/text", "a", "second\n"));
	CHECK(content_is("./text", "first\nsecond\n"));
	FILE *file = fopen("text", "r+");
	CHECK(file != NULL);
	CHECK(fgets(line, sizeof(line), file) != NULL && strcmp(line, "first\n") == 0);
	CHECK(ftell(file) == 6);
	CHECK(fseek(file, -3, SEEK_END) == 0 && fgetc(file) == 'n');
	CHECK(fseek(file, 0, SEEK_SET) == 0 && fputs("FIRST", file) >= 0);
	CHECK(fflush(file) == 0);
	rewind(file);
	CHECK(fgets(line, sizeof(line), file) != NULL && strcmp(line, "FIRST\n") == 0);
	CHECK(fclose(file) == 0);
	CHECK(fopen("absent", "r") == NULL && errno == ENOENT);
	CHECK(fopen("text", "wx") == NULL && errno == EEXIST);
	CHECK(fgetc(stdin) == EOF);
	CHECK(printf("printed %d\n", 42) == 11);
	CHECK(fprintf(stderr, "to standard %s\n", "error") == 18);
	return "ok";
}

static const char *check_descriptors(void)
{
	char space[16] = "";
	struct stat stat;
	int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd > 3);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(pread(fd, space, 4, 3) == 4 && memcmp(space, "3456", 4) == 0);
	CHECK(pwrite(fd, "xy", 2, 8192) == 2);
	CHECK(lseek(fd, 0, SEEK_CUR) == 10);
	CHECK(fstat(fd, &stat) == 0 && stat.st_size == 8194 && S_ISREG(stat.st_mode));
	CHECK(pread(fd, space, 16, 8190) == 4 && memcmp(space, "\0\0xy", 4) == 0);
	CHECK(ftruncate(fd, 5) == 0 && fsync(fd) == 0);
	CHECK(lseek(fd, 0, SEEK_END) == 5);
	CHECK(lseek(fd, -6, SEEK_END) == -1 && errno == EINVAL);
	CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
	fd = open("data", O_RDONLY);
	CHECK(write(fd, "x", 1) == -1 && ftruncate(fd, 1) == -1);
	CHECK(close(fd) == 0);
	CHECK(open("data", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
	CHECK(open("../data", O_RDONLY) == -1);
	CHECK(isatty(1) && !isatty(3));
	return "ok";
}

static const char *check_directories(void)
{
	char names[256] = "";
	struct stat stat_;
	struct dirent *entry;
	CHECK(mkdir("d", 0700) == 0 && mkdir("d/sub", 0700) == 0);
	CHECK(mkdir("d", 0700) == -1 && errno == EEXIST);
	for (char name[] = "d/a"; name[2] <= 'e'; name[2]++)
		CHECK(put(name, "w", name));
	DIR *directory = opendir("d");
	CHECK(directory != NULL);
	while ((entry = readdir(directory)) != NULL)
		strcat(strcat(names, entry->d_name), " ");
	CHECK(closedir(directory) == 0);
	CHECK(strcmp(names, "sub a b c d e ") == 0);
	CHECK(stat("d/sub", &stat_) == 0 && S_ISDIR(stat_.st_mode));
	CHECK(rename("d/a", "d/b") == 0 && content_is("d/b", "d/a"));
	CHECK(access("d/a", F_OK) == -1 && errno == ENOENT);
	CHECK(rename("d/b", "d/sub/b") == 0 && content_is("d/sub/b", "d/a"));
	CHECK(rmdir("d/sub") == -1 && errno == ENOTEMPTY);
	CHECK(unlink("d/sub") == -1);
	CHECK(unlink("d/sub/b") == 0 && rmdir("d/sub") == 0);
	CHECK(unlink("d/sub/b") == -1 && errno == ENOENT);
	for (char name[] = "d/c"; name[2] <= 'e'; name[2]++)
		CHECK(remove(name) == 0);
	CHECK(rmdir("d") == 0);
	return "ok";
}

/* More entries than one buffer of readdir holds. */
static const char *check_many(void)
{
	char name[64];
	bool seen[60] = {false};
	int number, count = 0;
	struct dirent *entry;
	CHECK(mkdir("many", 0700) == 0);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "many/%02d-with-a-name-that-takes-room-in-the-buffer",
			i);
		CHECK(put(name, "w", ""));
	}
	DIR *directory = opendir("many");
	while ((entry = readdir(directory)) != NULL) {
		CHECK(sscanf(entry->d_name, "%d-", &number) == 1 && number < 60 && !seen[number]);
		seen[number] = true;
		count++;
	}
	CHECK(closedir(directory) == 0 && count == 60);
	return "ok";
}

static const char *check_environment(void)
{
	struct timespec first, second;
	unsigned char random[2][16];
	CHECK(conclave_argument_count() == 3);
	CHECK(strcmp(conclave_argument(0), "one") == 0 && *conclave_argument(1) == 0);
	CHECK(strcmp(conclave_argument(2), "three words here") == 0);
	CHECK(conclave_argument(3) == NULL);
	CHECK(strcmp(getenv("COLOUR"), "green") == 0 && *getenv("EMPTY") == 0);
	CHECK(getenv("HOME") == NULL);
	CHECK(getentropy(random[0], 16) == 0 && getentropy(random[1], 16) == 0);
	CHECK(memcmp(random[0], random[1], 16) != 0);
	CHECK(clock_gettime(CLOCK_REALTIME, &first) == 0 && first.tv_sec > 1500000000);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &second) == 0 && second.tv_sec >= first.tv_sec);
	return "ok";
}

static const char *check_full(void)
{
	static char block[4096];
	FILE *file = fopen("big", "w");
	CHECK(file != NULL);
	size_t blocks = 0;
	while (fwrite(block, sizeof(block), 1, file) == 1 && fflush(file) == 0)
		blocks++;
	CHECK(errno == ENOSPC && blocks > 30 && blocks < 64);
	fclose(file);
	CHECK(unlink("big") == 0);
	return "ok";
}

/* Append the body to a file, then end as the topic says; what is in the file is the reply. */
int on_mail(const struct conclave_mail *mail)
{
	static unsigned starts_seen; /* variables are a cache: zero again after a failure */
	char got[256];
	if (!put("diary", "a", mail->body))
		return CONCLAVE_DECLINED;
	starts_seen++;
	if (strcmp(mail->topic, "decline") == 0)
		return CONCLAVE_DECLINED;
	if (strcmp(mail->topic, "abort") == 0)
		abort();
	if (strcmp(mail->topic, "loop") == 0) {
		for (volatile unsigned i = 0;; i++)
			;
	}
	FILE *file = fopen("diary", "r");
	if (file == NULL)
		return CONCLAVE_DECLINED;
	size_t size = fread(got, 1, sizeof(got) - 1, file);
	fclose(file);
	got[size] = 0;
	return conclave_replyf("%s %u", got, starts_seen);
}

int on_call(const void *bytes, size_t size)
{
	static const struct {
		const char *name;
		const char *(*check)(void);
	} checks[] = {
		{"stdio", check_stdio},
		{"descriptors", check_descriptors},
		{"directories", check_directories},
		{"many", check_many},
		{"environment", check_environment},
		{"full", check_full},
	};
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strlen(checks[i].name) == size && memcmp(checks[i].name, bytes, size) == 0) {
			const char *result = checks[i].check();
			return conclave_answer(result, strlen(result));
		}
	}
	return CONCLAVE_DECLINED;
}
