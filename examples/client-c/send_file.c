/* send_file URL CONSTRAINT TOPIC < FILE: verify the enclave behind URL, send it a body of any size,
 * print what it replies. Nothing larger than 1 MiB is held in memory.
 *
 *   cc send_file.c $(pkg-config --cflags --libs conclave) -o send_file */
#include <conclave/client.h>

#include <stdio.h>

static enum conclave_error read_file(
	void *context, size_t *size, void *to, size_t room, struct conclave_report *report)
{
	FILE *file = context;
	*size = fread(to, 1, room, file);
	if (!ferror(file))
		return CONCLAVE_OK;
	snprintf(report->text, sizeof(report->text), "standard input cannot be read");
	return CONCLAVE_ERROR_IO;
}

/* For an enclave that has a new key by the time it gets the mail. */
static enum conclave_error rewind_file(void *context, struct conclave_report *report)
{
	if (fseek(context, 0, SEEK_SET) == 0)
		return CONCLAVE_OK;
	snprintf(report->text, sizeof(report->text), "a pipe comes only once: send it again");
	return CONCLAVE_ERROR_IO;
}

static bool show(void *context, uint64_t done)
{
	(void)context;
	fprintf(stderr, "\r%llu MiB", (unsigned long long)(done >> 20));
	return true;
}

int main(int argc, char **argv)
{
	struct conclave_report report = {""};
	struct conclave_client *client = NULL;
	struct conclave_mail reply = {0};
	const struct conclave_source body = {
		.context = stdin, .read = read_file, .rewind = rewind_file, .progress = show};
	if (argc != 4) {
		fprintf(stderr, "usage: send_file URL CONSTRAINT TOPIC < FILE\n");
		return 2;
	}
	const char *url = argv[1], *constraint = argv[2], *topic = argv[3];
	enum conclave_error error = conclave_client_new(&client, constraint, NULL, &report);
	if (error == CONCLAVE_OK)
		error = conclave_client_connect(client, url, &report);
	if (error == CONCLAVE_OK)
		error = conclave_client_send_stream(client, &reply, topic, &body, NULL, 0, &report);
	if (error != CONCLAVE_OK)
		fprintf(stderr, "\nsend_file: %s (%s)\n", report.text, conclave_error_name(error));
	else if (reply.topic != NULL)
		printf("reply: %s\n", reply.body);
	conclave_mail_free(&reply);
	conclave_client_free(client);
	return error == CONCLAVE_OK ? 0 : 1;
}
