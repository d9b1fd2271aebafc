/* How long it takes to make an image, and to load one: pages added, measured, signature checked. */
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "image/image.h"

extern char **environ;

static void fail(const char *what)
{
	fprintf(stderr, "bench image: %s\n", what);
	exit(1);
}

static void build(char *conclave, char *project, char *out)
{
	char *arguments[] = {conclave, "build", project, "-o", out, NULL};
	posix_spawn_file_actions_t quiet;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", 1, 0);
	if (posix_spawn(&child, conclave, &quiet, NULL, arguments, environ) != 0 ||
		waitpid(child, &status, 0) != child || status != 0)
		fail("conclave build failed");
	posix_spawn_file_actions_destroy(&quiet);
}

struct loading {
	struct machine *machine;
	struct image image;
};

static void load(void *context)
{
	struct loading *loading = context;
	struct machine_enclave *enclave;
	struct conclave_report report = {""};
	if (image_load(&enclave, loading->machine, &loading->image, true, &report) != CONCLAVE_OK)
		fail(report.text);
	loading->machine->ops->destroy(enclave);
}

static void measure(void *context)
{
	struct loading *loading = context;
	uint8_t mrenclave[32];
	image_measure(mrenclave, &loading->image);
}

int main(void)
{
	const char *source = getenv("CONCLAVE_SOURCE"), *folder = getenv("CONCLAVE_BUILD");
	char conclave[4096], project[4096], out[] = "/tmp/bench-image-XXXXXX";
	struct conclave_report report = {""};
	struct loading loading;

	if (source == NULL || folder == NULL)
		fail("set CONCLAVE_SOURCE and CONCLAVE_BUILD (make bench does)");
	snprintf(conclave, sizeof(conclave), "%s/bin/conclave", folder);
	snprintf(project, sizeof(project), "%s/examples/auction", source);
	close(mkstemp(out));

	double start = bench_now();
	build(conclave, project, out);
	bench_figure("image", "build_auction", bench_now() - start, "s", "lower", -1);

	if (image_open(&loading.image, out, &report) != CONCLAVE_OK ||
		machine_open_soft(&loading.machine, NULL, &report) != CONCLAVE_OK)
		fail(report.text);
	double loads = bench_rate(load, &loading, 2), measures = bench_rate(measure, &loading, 1);
	bench_figure("image", "load_auction", 1000 / loads, "ms", "lower", -1);
	bench_figure("image", "load_vs_measure", measures / loads, "ratio", "lower", -1);
	loading.machine->ops->close(loading.machine);
	image_close(&loading.image);
	unlink(out);
	return 0;
}
