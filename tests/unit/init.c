/* conclave init: what it makes passes its own test, and what it refuses leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

static int init(const char *a, const char *b, const char *c)
{
	char *argv[] = {strdup("init"), a ? strdup(a) : NULL, b ? strdup(b) : NULL,
		c ? strdup(c) : NULL, NULL};
	int argc = 0;
	while (argv[argc] != NULL)
		argc++;
	optind = 0;
	int code = cli_init.run(argc, argv);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return code;
}

static size_t entries(void)
{
	FILE *list = popen("ls -A | wc -l", "r");
	size_t count;
	assert_int_equal(fscanf(list, "%zu", &count), 1);
	pclose(list);
	return count;
}

static int enter_folder(void **state)
{
	static char folder[] = "/tmp/conclave-init-XXXXXX";
	*state = folder;
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
	char command[64];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	return system(command);
}

static void new_project_passes_its_own_test(void **state)
{
	(void)state;
	assert_int_equal(init("my-enclave", NULL, NULL), CLI_OK);
	assert_int_equal(access("my-enclave/guest/my-enclave.c", R_OK), 0);
	assert_int_equal(access("my-enclave/client/hello.sh", X_OK), 0);
	assert_int_equal(system("! grep -rn '@NAME@' my-enclave"), 0);
	assert_int_equal(system("grep -q '\"name\": \"my-enclave\"' my-enclave/enclave.json"), 0);
	assert_int_equal(system("make -s -C my-enclave test"), 0);
	/* Its test can fail. */
	assert_int_equal(system("sed -i 's/count++/count += 2/' my-enclave/guest/my-enclave.c"), 0);
	assert_int_not_equal(system("make -s -C my-enclave test 2>/dev/null"), 0);
}

static void existing_target_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(mkdir("there", 0700), 0);
	assert_int_equal(init("there", NULL, NULL), CLI_FAILED);
	assert_int_equal(system("test -z \"$(ls -A there)\""), 0);
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_int_equal(init("link", NULL, NULL), CLI_FAILED);
}

static void failure_leaves_nothing(void **state)
{
	(void)state;
	size_t before = entries();
	assert_int_equal(init("no/such/folder", NULL, NULL), CLI_FAILED);
	assert_int_equal(setenv("CONCLAVE_SDK", "/nonexistent", 1), 0);
	assert_int_equal(init("fresh", NULL, NULL), CLI_FAILED);
	char sdk[4096];
	(void)snprintf(sdk, sizeof(sdk), "%s/share/conclave", getenv("CONCLAVE_BUILD"));
	assert_int_equal(setenv("CONCLAVE_SDK", sdk, 1), 0);
	assert_int_equal(entries(), before);
}

static void wrong_usage_is_told(void **state)
{
	(void)state;
	static const char *const bad[] = {"1st", "a b", "-x", "a.b", "", "..", "/",
		"a2345678901234567890123456789012345678901234567890123456789012345"};
	size_t before = entries();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(init("--", bad[i], NULL), CLI_USAGE);
	assert_int_equal(init(NULL, NULL, NULL), CLI_USAGE);
	assert_int_equal(init("one", "two", NULL), CLI_USAGE);
	assert_int_equal(init("--lang", "cobol", "fine"), CLI_USAGE);
	assert_int_equal(init("--nonsense", "fine", NULL), CLI_USAGE);
	assert_int_equal(entries(), before);
}

static void slashes_at_the_end_do_no_harm(void **state)
{
	(void)state;
	assert_int_equal(init("--lang", "c", "deep//"), CLI_OK);
	assert_int_equal(access("deep/guest/deep.c", R_OK), 0);
}

int main(void)
{
	char sdk[4096];
	(void)snprintf(sdk, sizeof(sdk), "%s/share/conclave", getenv("CONCLAVE_BUILD"));
	setenv("CONCLAVE_SDK", sdk, 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_project_passes_its_own_test),
		cmocka_unit_test(existing_target_is_left_alone),
		cmocka_unit_test(failure_leaves_nothing),
		cmocka_unit_test(wrong_usage_is_told),
		cmocka_unit_test(slashes_at_the_end_do_no_harm),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
