/* A mail larger than the window, from the spool through the host into the enclave: how fast it is
 * opened there, and how fast a guest hashes it; against the same bytes hashed natively and copied,
 * and what it costs in memory. */
#include <semaphore.h>
#include <sys/resource.h>

#include "bench_host.h"

#define SIZE (256u << 20)
#define RUNS 3

/* -- the mail -- */

struct made {
	uint64_t at;
};

static enum conclave_error made_read(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *why)
{
	struct made *made = context;
	(void)why;
	*size = SIZE - made->at < room ? (size_t)(SIZE - made->at) : room;
	memset(to, (int)(made->at >> 16), *size);
	made->at += *size;
	return CONCLAVE_OK;
}

struct spooling {
	struct store *store;
	struct store_spool *spool;
};

static enum conclave_error spool_write(
	void *context, const void *data, size_t size, struct conclave_report *why)
{
	struct spooling *spooling = context;
	(void)why;
	return spooling->store->ops->spool_write(spooling->spool, bytes_of(data, size));
}

/* -- from the spool to its outcome -- */

struct outcome {
	sem_t done;
	enum host_outcome outcome;
};

static void on_done(void *context, uint64_t mail_id, uint64_t route, enum host_outcome outcome)
{
	struct outcome *out = context;
	(void)mail_id, (void)route;
	out->outcome = outcome;
	(void)sem_post(&out->done);
}

static double deliver(
	struct bench_host *bench, struct conclave_client *client, enum host_outcome wanted)
{
	struct spooling spooling = {.store = bench->store};
	struct made made = {0};
	struct outcome outcome;
	uint64_t id;
	const struct conclave_source source = {.context = &made, .read = made_read};
	(void)sem_init(&outcome.done, 0, 0);
	bench_check(bench->store->ops->spool_begin(&spooling.spool, bench->store), "spool");
	bench_check(conclave_client_seal_stream(client, "bench", &source, NULL, 0, spool_write,
			    &spooling, &bench_report),
		"seal");
	double start = bench_now();
	bench_check(host_deliver_spooled(&id, bench->host, BYTES_LIT("bench"), spooling.spool,
			    on_done, &outcome),
		"deliver");
	while (sem_wait(&outcome.done) != 0)
		;
	double seconds = bench_now() - start;
	if (outcome.outcome != wanted)
		bench_check(CONCLAVE_ERROR_INTERNAL, "an outcome");
	return seconds;
}

/* The best of some runs, in bytes per second. */
static double measure(const char *image, enum host_outcome wanted)
{
	static struct bench_host bench;
	double best = 0;
	bench_host_open(&bench, image);
	struct conclave_client *client = bench_client(&bench);
	for (int run = 0; run < RUNS; run++) {
		double rate = SIZE / deliver(&bench, client, wanted);
		if (rate > best)
			best = rate;
	}
	conclave_client_free(client);
	bench_host_close(&bench);
	return best;
}

/* -- the limits -- */

static uint8_t piece[1 << 20], copy[1 << 20];

static void hash_piece(void *context)
{
	sha256(context, BYTES_OF(piece));
}

static void copy_piece(void *context)
{
	(void)context;
	memcpy(copy, piece, sizeof(piece));
	__asm__ volatile("" : : "r"(copy) : "memory"); /* it is wanted */
}

int main(void)
{
	struct sha256 digest;
	struct rusage usage;
	bench_check(crypto_init(), "crypto");
	memset(piece, 1, sizeof(piece));
	double hashed = bench_rate(hash_piece, &digest, 1) * sizeof(piece);
	double copied = bench_rate(copy_piece, NULL, 1) * sizeof(piece);
	/* A guest that takes no streams: the mail is opened to its end all the same. */
	double opened = measure("echo.enclave", HOST_NOT_HANDLED);
	double digested = measure("digest.enclave", HOST_HANDLED);
	(void)getrusage(RUSAGE_SELF, &usage);
	bench_figure("host_stream", "opened", opened / 1e6, "MB/s", "higher", -1);
	bench_figure("host_stream", "opened_vs_memcpy", opened / copied, "ratio", "higher", -1);
	bench_figure("host_stream", "hashed_by_guest", digested / 1e6, "MB/s", "higher", -1);
	bench_figure("host_stream", "hashed_by_guest_vs_native_sha256", digested / hashed, "ratio",
		"higher", -1);
	bench_figure(
		"host_stream", "peak_memory", (double)usage.ru_maxrss / 1024, "MiB", "lower", 64);
	return 0;
}
