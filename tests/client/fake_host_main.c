/* fake_host PORT_FILE [sync]: serves a fake enclave until SIGTERM; SIGUSR1 gives the enclave a new
 * key. sync: does not know respond-async. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client/fake_host.h"

int main(int argc, char **argv)
{
	static struct fake_enclave enclave;
	struct loopback server;
	sigset_t signals;
	int signal = 0;
	ASSERT(argc == 2 || (argc == 3 && strcmp(argv[2], "sync") == 0));
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	fake_enclave_start(&enclave);
	enclave.knows_no_async = argc == 3;
	loopback_start(&server, fake_host_answer, &enclave);
	/* Renamed into place, so that whoever sees the file sees the whole number. */
	char beside[4096];
	snprintf(beside, sizeof(beside), "%s.new", argv[1]);
	FILE *file = fopen(beside, "w");
	ASSERT(file != NULL && fprintf(file, "%u\n", server.port) > 0 && fclose(file) == 0);
	ASSERT(rename(beside, argv[1]) == 0);
	/* Requests are answered by the other thread; the tests send signals only between them. */
	while (sigwait(&signals, &signal) == 0 && signal == SIGUSR1)
		fake_enclave_restart(&enclave);
	loopback_stop(&server);
	fake_enclave_stop(&enclave);
	return 0;
}
