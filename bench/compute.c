/* What a guest computes, against the same C compiled natively by the same compiler at -O2: the
 * ratio of the times, kernel by kernel. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "compute/kernels.h"
#include "host/host.h"

#define ROUNDS 10u
#define TRIES 7

static void fail(const char *what)
{
	fprintf(stderr, "bench compute: %s\n", what);
	exit(1);
}

static uint64_t run_guest(struct host *host, unsigned kernel)
{
	uint8_t request[2] = {(uint8_t)kernel, ROUNDS};
	uint64_t sum;
	struct writer answer = writer_of((struct buffer){(uint8_t *)&sum, sizeof(sum)});
	if (host_call(&answer, host, BYTES_OF(request)) != CONCLAVE_OK || answer.len != sizeof(sum))
		fail("the guest did not answer");
	return sum;
}

/* The least of some times: what the machine can do when nothing else disturbs it. Both sides take
 * turns. */
static double ratio(struct host *host, unsigned kernel)
{
	double native = INFINITY, guest = INFINITY;
	for (int i = 0; i < TRIES; i++) {
		double start = bench_now();
		uint64_t expected = kernel_run(kernel, ROUNDS);
		double between = bench_now();
		uint64_t got = run_guest(host, kernel);
		double end = bench_now();
		if (got != expected)
			fail("guest and native disagree");
		native = fmin(native, between - start);
		guest = fmin(guest, end - between);
	}
	return native / guest;
}

int main(void)
{
	const char *folder = getenv("CONCLAVE_BUILD");
	char path[4096];
	struct conclave_report report = {""};
	struct image image;
	struct machine *machine;
	struct store *store;
	struct host *host;

	if (folder == NULL)
		fail("set CONCLAVE_BUILD (make bench does)");
	snprintf(path, sizeof(path), "%s/bench/compute.enclave", folder);
	if (image_open(&image, path, &report) != CONCLAVE_OK ||
		machine_open_soft(&machine, NULL, &report) != CONCLAVE_OK ||
		store_open_sqlite(&store, ":memory:", &report) != CONCLAVE_OK ||
		host_open(&host, &image, machine, store, &(struct host_options){.debug = true},
			&report) != CONCLAVE_OK)
		fail(report.text);

	double product = 1;
	for (unsigned kernel = 0; kernel < KERNEL_COUNT; kernel++) {
		char figure[64];
		double value = ratio(host, kernel);
		snprintf(figure, sizeof(figure), "guest_vs_native_%s", kernel_names[kernel]);
		bench_figure("compute", figure, value, "ratio", "higher", -1);
		product *= value;
	}
	bench_figure("compute", "guest_vs_native", pow(product, 1.0 / KERNEL_COUNT), "ratio",
		"higher", 0.75);

	host_close(host);
	store->ops->close(store);
	machine->ops->close(machine);
	image_close(&image);
	return 0;
}
