#include "server/address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/report.h"

static enum conclave_error resolve(struct sockaddr_storage *out, const char *host, const char *port)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return CONCLAVE_ERROR_ARGUMENT;
	struct sockaddr_storage address = {0};
	memcpy(&address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	*out = address;
	return CONCLAVE_OK;
}

/* The part before the last colon, without the brackets of IPv6. */
static bool host_part(char host[64], const char *text, const char *colon)
{
	size_t size = (size_t)(colon - text);
	bool is_bracketed = size > 2 && text[0] == '[' && colon[-1] == ']';
	if (is_bracketed) {
		text++;
		size -= 2;
	}
	if (size == 0 || size >= 64 || (!is_bracketed && memchr(text, ':', size) != NULL))
		return false;
	memcpy(host, text, size);
	host[size] = '\0';
	return true;
}

/* getaddrinfo takes any number, and cuts it to 16 bits. */
static bool port_fits(const char *port)
{
	unsigned value = 0;
	if (*port == '\0' || strlen(port) > 5)
		return false;
	for (; *port >= '0' && *port <= '9'; port++)
		value = value * 10 + (unsigned)(*port - '0');
	return *port == '\0' && value <= 65535;
}

enum conclave_error address_parse(
	struct sockaddr_storage *out, const char *text, struct conclave_report *report)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	if (colon != NULL && host_part(host, text, colon) && port_fits(colon + 1) &&
		resolve(out, host, colon + 1) == CONCLAVE_OK)
		return CONCLAVE_OK;
	report_fill(report,
		"\"%s\" is not an address to listen on; write it as 127.0.0.1:8080 or [::1]:8080",
		text);
	return CONCLAVE_ERROR_ARGUMENT;
}
