/* Run a fuzz target over its corpus: every file in the folders named, then every prefix of the
 * short ones. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_SIZE_MAX (16u << 20)
#define PREFIXES_SIZE_MAX 4096u

/* A copy of exactly the right size, so that a sanitizer sees every byte read past the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	uint8_t *data = malloc(FILE_SIZE_MAX);
	if (data == NULL)
		abort();
	size_t size = fread(data, 1, FILE_SIZE_MAX, file);
	fclose(file);
	run(data, size);
	for (size_t prefix = 0; size <= PREFIXES_SIZE_MAX && prefix < size; prefix++)
		run(data, prefix);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		if (folder == NULL) {
			perror(argv[i]);
			return 1;
		}
		for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
			char path[4096];
			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			if (replay(path) != 0)
				return 1;
			count++;
		}
		closedir(folder);
	}
	printf("%zu inputs replayed\n", count);
	return count > 0 ? 0 : 1;
}
