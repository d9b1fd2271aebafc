/* The state folder: who may read it, how it is made, what is said when it cannot be. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/tiny.h"

static char path_text[512];

static const char *path_of(const char *name)
{
	snprintf(path_text, sizeof(path_text), "%s/%s", tiny_folder(), name);
	return path_text;
}

static void put_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static unsigned mode_of(const char *name)
{
	struct stat info;
	assert_int_equal(stat(path_of(name), &info), 0);
	return info.st_mode & 07777;
}

static void it_is_for_its_owner_alone(void **state)
{
	(void)state;
	mode_t before = umask(0);
	rmdir(tiny_folder());
	struct machine *machine = tiny_open_machine();
	assert_int_equal(mode_of("."), 0700);
	assert_int_equal(mode_of("root-key"), 0600);
	assert_int_equal(mode_of("owner-epoch"), 0600);
	assert_int_equal(mode_of("cpusvn"), 0600);
	tiny_close_machine(machine);
	umask(before);
}

static void folders_on_the_way_are_made(void **state)
{
	(void)state;
	char deep[600];
	struct soft_state soft;
	struct conclave_report report;
	snprintf(deep, sizeof(deep), "%s/a/b/", tiny_folder());
	assert_int_equal(soft_state_open(&soft, deep, &report), CONCLAVE_OK);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b/root-key"), 0600);
	soft_state_wipe(&soft);
	unlink(path_of("a/b/root-key"));
	unlink(path_of("a/b/owner-epoch"));
	unlink(path_of("a/b/cpusvn"));
	rmdir(path_of("a/b"));
	rmdir(path_of("a"));
}

static void the_environment_names_it(void **state)
{
	(void)state;
	struct soft_state soft;
	assert_int_equal(setenv("CONCLAVE_STATE", tiny_folder(), 1), 0);
	assert_int_equal(soft_state_open(&soft, NULL, NULL), CONCLAVE_OK);
	assert_string_equal(soft.folder, tiny_folder());
	soft_state_wipe(&soft);
	unsetenv("CONCLAVE_STATE");
	assert_int_equal(setenv("XDG_STATE_HOME", tiny_folder(), 1), 0);
	assert_int_equal(soft_state_open(&soft, NULL, NULL), CONCLAVE_OK);
	assert_string_equal(soft.folder, path_of("conclave"));
	soft_state_wipe(&soft);
	unsetenv("XDG_STATE_HOME");
	unlink(path_of("conclave/root-key"));
	unlink(path_of("conclave/owner-epoch"));
	unlink(path_of("conclave/cpusvn"));
	rmdir(path_of("conclave"));
	tiny_close_machine(tiny_open_machine());
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	struct soft_state soft;
	struct conclave_report report;
	static const char *const wrong[] = {"", "12\n", "0g0102030405060708090a0b0c0d0e0f\n",
		"000102030405060708090a0b0c0d0e0f00\n", "000102030405060708090a0b0c0d0e0f\n\n",
		" 00102030405060708090a0b0c0d0e0f\n"};
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		put_file("cpusvn", wrong[i]);
		report.text[0] = '\0';
		assert_int_equal(
			soft_state_open(&soft, tiny_folder(), &report), CONCLAVE_ERROR_FORMAT);
		assert_non_null(strstr(report.text, path_of("cpusvn")));
		assert_non_null(strstr(report.text, "32 hexadecimal digits"));
	}
	unlink(path_of("cpusvn"));
	put_file("file", "");
	assert_int_equal(soft_state_open(&soft, path_of("file"), &report), CONCLAVE_ERROR_IO);
	assert_non_null(strstr(report.text, path_of("file")));
	assert_int_equal(
		soft_state_open(&soft, path_of("file/deeper"), &report), CONCLAVE_ERROR_IO);
	assert_non_null(strstr(report.text, path_of("file")));
	unlink(path_of("file"));
	tiny_close_machine(tiny_open_machine());
}

static void a_written_cpusvn_is_used(void **state)
{
	(void)state;
	struct soft_state soft;
	put_file("cpusvn", "000102030405060708090A0b0c0d0e0f"); /* no newline, mixed case */
	assert_int_equal(soft_state_open(&soft, tiny_folder(), NULL), CONCLAVE_OK);
	for (uint8_t i = 0; i < 16; i++)
		assert_int_equal(soft.cpu.cpusvn[i], i);
	soft_state_wipe(&soft);
	tiny_close_machine(tiny_open_machine());
}

/* -- several processes start at once and must agree -- */

static void child(int out)
{
	struct soft_state soft;
	if (soft_state_open(&soft, tiny_folder(), NULL) != CONCLAVE_OK ||
		write(out, soft.cpu.root_key, 16) != 16)
		_exit(1);
	_exit(0);
}

static void processes_agree_on_one_key(void **state)
{
	(void)state;
	enum { CHILDREN = 8 };
	int ends[2], status;
	uint8_t first[16], key[16];
	(void)tiny_folder();
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			child(ends[1]);
	for (int i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(read(ends[0], first, sizeof(first)), sizeof(first));
	for (int i = 1; i < CHILDREN; i++) {
		assert_int_equal(read(ends[0], key, sizeof(key)), sizeof(key));
		assert_memory_equal(key, first, sizeof(key));
	}
	close(ends[0]);
	close(ends[1]);
	tiny_close_machine(tiny_open_machine()); /* and left nothing else behind */
}

static int prepare(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : 1;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(it_is_for_its_owner_alone),
	cmocka_unit_test(folders_on_the_way_are_made),
	cmocka_unit_test(the_environment_names_it),
	cmocka_unit_test(what_is_wrong_is_named),
	cmocka_unit_test(a_written_cpusvn_is_used),
	cmocka_unit_test(processes_agree_on_one_key),
};

int main(void)
{
	return cmocka_run_group_tests(tests, prepare, NULL);
}
