/* From a client's send to the enclave's reply, through HTTP, store and enclave: how long one mail
 * takes, and how many go through from two clients; against the disk, which must be synced twice for
 * each. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <conclave/client.h>

#include "base/hex.h"
#include "bench.h"
#include "server/server.h"

#define SECONDS 3.0
#define SAMPLES_MAX 100000

static struct conclave_report report;

static void check(enum conclave_error error, const char *what)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "bench host: %s: %s %s\n", what, conclave_error_name(error), report.text);
	exit(1);
}

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
			check(CONCLAVE_ERROR_IO, path);
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
		check(conclave_client_send(sender->client, &reply, "default", body, sizeof(body),
			      NULL, 0, &report),
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

static void connect_sender(struct sender *sender, struct host *host, struct server *server)
{
	char hash[65], constraint[128], url[64];
	struct host_facts facts;
	host_facts(&facts, host);
	(void)snprintf(constraint, sizeof(constraint), "C:%s SEC:INSECURE",
		hex_encode(hash, BYTES_OF(facts.mrenclave)));
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server_port(server));
	check(conclave_client_new(&sender->client, constraint, NULL, &report), "client");
	check(conclave_client_connect(sender->client, url, &report), url);
}

static void measure(struct host *host, struct server *server, const char *folder)
{
	static struct sender senders[2];
	for (size_t i = 0; i < 2; i++)
		connect_sender(&senders[i], host, server);
	double sync = sync_seconds(folder);
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
	const char *build = getenv("CONCLAVE_BUILD");
	char image_path[4096], folder[4096], store_path[4200], state[4200];
	struct image image;
	struct machine *machine;
	struct store *store;
	struct host *host;
	struct server *server;
	if (build == NULL)
		return fputs("bench host: set CONCLAVE_BUILD (make bench does)\n", stderr), 1;
	(void)snprintf(image_path, sizeof(image_path), "%s/bench/echo.enclave", build);
	(void)snprintf(folder, sizeof(folder), "%s/bench/host-XXXXXX", build);
	if (mkdtemp(folder) == NULL)
		check(CONCLAVE_ERROR_IO, folder);
	(void)snprintf(store_path, sizeof(store_path), "%s/mail.sqlite", folder);
	(void)snprintf(state, sizeof(state), "%s/bench/state", build);

	check(crypto_init(), "crypto");
	check(image_open(&image, image_path, &report), image_path);
	check(machine_open_soft(&machine, state, &report), "machine");
	check(store_open_sqlite(&store, store_path, &report), store_path);
	const struct host_options options = {.debug = true, .budget_ms = 10000};
	check(host_open(&host, &image, machine, store, &options, &report), "host");
	const struct server_options listen = {.listen = "127.0.0.1:0"};
	check(server_open(&server, host, store, &listen, &report), "server");
	measure(host, server, folder);
	server_close(server);
	host_close(host);
	store->ops->close(store);
	machine->ops->close(machine);
	image_close(&image);
	(void)unlink(store_path);
	(void)rmdir(folder);
	return 0;
}
