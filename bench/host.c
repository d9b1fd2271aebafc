/* From a client's send to the enclave's reply, through HTTP, store and enclave: how long one mail
 * takes, and how many go through from two clients; against the disk, which must be synced twice for
 * each. */
#include <fcntl.h>
#include <pthread.h>

#include "bench_host.h"

#define SECONDS 3.0
#define SAMPLES_MAX 100000

/* -- the limit: what a disk takes to keep a little -- */

static double sync_seconds(const char *folder)
{
	char path[4200], page[4096] = {0};
	(void)snprintf(path, sizeof(path), "%s/sync", folder);
	int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	double start = bench_now();
	unsigned count = 0;
	for (; bench_now() - start < 0.5; count++)
		if (write(file, page, sizeof(page)) != sizeof(page) || fsync(file) != 0)
			bench_check(CONCLAVE_ERROR_IO, path);
	double seconds = (bench_now() - start) / count;
	(void)close(file);
	(void)unlink(path);
	return seconds;
}

/* -- clients -- */

struct sender {
	pthread_t thread;
	struct conclave_client *client;
	double until;
	size_t count;
	double seconds[SAMPLES_MAX];
};

static void *send_all(void *context)
{
	struct sender *sender = context;
	static const char body[100] = "a mail of a hundred bytes";
	while (sender->count < SAMPLES_MAX) {
		struct conclave_mail reply;
		double start = bench_now();
		if (start >= sender->until)
			return NULL;
		bench_check(conclave_client_send(sender->client, &reply, "default", body,
				    sizeof(body), NULL, 0, &bench_report),
			"send");
		sender->seconds[sender->count++] = bench_now() - start;
		conclave_mail_free(&reply);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Mails per second of so many clients at once; the first one's times stay sorted in it. */
static double run(struct sender *senders, size_t count)
{
	double start = bench_now();
	size_t total = 0;
	for (size_t i = 0; i < count; i++) {
		senders[i].count = 0;
		senders[i].until = start + SECONDS;
		if (pthread_create(&senders[i].thread, NULL, send_all, &senders[i]) != 0)
			exit(1);
	}
	for (size_t i = 0; i < count; i++) {
		(void)pthread_join(senders[i].thread, NULL);
		total += senders[i].count;
	}
	double seconds = bench_now() - start;
	qsort(senders[0].seconds, senders[0].count, sizeof(double), compare);
	return (double)total / seconds;
}

static void measure(const struct bench_host *bench)
{
	static struct sender senders[2];
	for (size_t i = 0; i < 2; i++)
		senders[i].client = bench_client(bench);
	double sync = sync_seconds(bench->folder);
	double alone = run(senders, 1);
	double median = senders[0].seconds[senders[0].count / 2];
	double late = senders[0].seconds[senders[0].count * 99 / 100];
	double together = run(senders, 2);
	bench_figure("host", "deliver_to_reply_median", median * 1000, "ms", "lower", -1);
	bench_figure("host", "deliver_to_reply_99th", late * 1000, "ms", "lower", -1);
	bench_figure(
		"host", "two_syncs_vs_deliver_to_reply", 2 * sync / median, "ratio", "higher", -1);
	bench_figure("host", "mails_per_second_one_client", alone, "1/s", "higher", -1);
	bench_figure("host", "mails_per_second_two_clients", together, "1/s", "higher", -1);
	for (size_t i = 0; i < 2; i++)
		conclave_client_free(senders[i].client);
}

int main(void)
{
	struct bench_host bench;
	bench_host_open(&bench, "echo.enclave");
	measure(&bench);
	bench_host_close(&bench);
	return 0;
}
