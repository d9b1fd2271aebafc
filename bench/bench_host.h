/* A host with everything it needs, on an image that the build made, for benchmarks. */
#ifndef BENCH_BENCH_HOST_H
#define BENCH_BENCH_HOST_H

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <conclave/client.h>

#include "base/hex.h"
#include "bench.h"
#include "server/server.h"

struct bench_host {
	struct image image;
	struct machine *machine;
	struct store *store;
	struct host *host;
	struct server *server;
	char folder[4096], store_path[4200];
};

static struct conclave_report bench_report;

static inline void bench_check(enum conclave_error error, const char *what)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "bench: %s: %s %s\n", what, conclave_error_name(error), bench_report.text);
	exit(1);
}

/* image: "echo.enclave". */
static inline void bench_host_open(struct bench_host *out, const char *image)
{
	const char *build = getenv("CONCLAVE_BUILD");
	char image_path[4096], state[4200];
	if (build == NULL) {
		fputs("bench: set CONCLAVE_BUILD (make bench does)\n", stderr);
		exit(1);
	}
	(void)snprintf(image_path, sizeof(image_path), "%s/bench/%s", build, image);
	(void)snprintf(out->folder, sizeof(out->folder), "%s/bench/host-XXXXXX", build);
	if (mkdtemp(out->folder) == NULL)
		bench_check(CONCLAVE_ERROR_IO, out->folder);
	(void)snprintf(out->store_path, sizeof(out->store_path), "%s/mail.sqlite", out->folder);
	(void)snprintf(state, sizeof(state), "%s/bench/state", build);

	bench_check(crypto_init(), "crypto");
	bench_check(image_open(&out->image, image_path, &bench_report), image_path);
	bench_check(machine_open_soft(&out->machine, state, &bench_report), "machine");
	bench_check(
		store_open_sqlite(&out->store, out->store_path, &bench_report), out->store_path);
	const struct host_options options = {.debug = true, .budget_ms = 10000};
	bench_check(host_open(&out->host, &out->image, out->machine, out->store, &options,
			    &bench_report),
		"host");
	const struct server_options listen = {.listen = "127.0.0.1:0"};
	bench_check(
		server_open(&out->server, out->host, out->store, &listen, &bench_report), "server");
}

static inline void bench_host_close(struct bench_host *bench)
{
	char spool[4300];
	server_close(bench->server);
	host_close(bench->host);
	bench->store->ops->close(bench->store);
	bench->machine->ops->close(bench->machine);
	image_close(&bench->image);
	(void)snprintf(spool, sizeof(spool), "%s-spool", bench->store_path);
	(void)rmdir(spool);
	(void)unlink(bench->store_path);
	(void)rmdir(bench->folder);
}

static inline struct conclave_client *bench_client(const struct bench_host *bench)
{
	char hash[65], constraint[128], url[64];
	struct conclave_client *client;
	struct host_facts facts;
	host_facts(&facts, bench->host);
	(void)snprintf(constraint, sizeof(constraint), "C:%s SEC:INSECURE",
		hex_encode(hash, BYTES_OF(facts.mrenclave)));
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server_port(bench->server));
	bench_check(conclave_client_new(&client, constraint, NULL, &bench_report), "client");
	bench_check(conclave_client_connect(client, url, &bench_report), url);
	return client;
}

#endif
