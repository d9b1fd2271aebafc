/* The address that a server listens on, as text. */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <sys/socket.h>

#include "base/bytes.h"

/* "127.0.0.1:8080" or "[::1]:8080"; numbers only: a name could mean somewhere else tomorrow.
 * Errors: ARGUMENT, with the remedy in report (may be NULL). */
enum conclave_error address_parse(
	struct sockaddr_storage *out, const char *text, struct conclave_report *report);

#endif
