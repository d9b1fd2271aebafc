/* A service of collateral for tests through the command line: `collateral_server FOLDER` makes a
 * platform that is valid for a month from now, writes its evidence to FOLDER (info, quote), then
 * where it serves the collateral to FOLDER/url, and prints the path of every request until it is
 * killed. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attest/calendar.h"
#include "base/check.h"
#include "collateral_service.h"
#include "os/file.h"

static void write_file(const char *folder, const char *name, struct bytes data)
{
	char path[FILE_PATH_SIZE];
	ASSERT(file_path(path, NULL, "%s/%s", folder, name) == CONCLAVE_OK);
	ASSERT(file_write(path, data, 0644, NULL) == CONCLAVE_OK);
}

static void make(struct forge *forge, int64_t until)
{
	char date[CALENDAR_TEXT_SIZE + 1] = "";
	struct writer writer = writer_of((struct buffer){(uint8_t *)date, CALENDAR_TEXT_SIZE});
	calendar_write(&writer, until);
	forge_init(forge, FORGE_SIMULATION);
	forge_replace(&forge->tcb_info, "2030-01-01T00:00:00Z", date);
	forge_replace(&forge->qe_identity, "2030-01-01T00:00:00Z", date);
	forge->root.not_after = forge->ca.not_after = forge->pck.not_after =
		forge->tcb_signing.not_after = until;
	forge->root_crl.next_update = forge->pck_crl.next_update = until;
	forge_make(forge);
}

int main(int argc, char **argv)
{
	static struct service service;
	static struct forge forge;
	ASSERT(argc == 2 && crypto_init() == CONCLAVE_OK);
	make(&forge, (int64_t)time(NULL) + 30 * 86400);
	service_start(&service);
	service_put_forge(&service, &forge);
	write_file(argv[1], "info", forge_serialise(&forge));
	write_file(argv[1], "quote", forge.info.dcap.quote);
	write_file(argv[1], "url", bytes_of(service.url, strlen(service.url)));
	for (;;) {
		char path[256] = "";
		while (sem_wait(&service.heard) != 0)
			;
		(void)sscanf(service.last_head, "GET %255s", path);
		(void)printf("%s\n", path);
		(void)fflush(stdout);
	}
}
