/* client URL CONSTRAINT TOPIC TEXT: verify the enclave behind URL, send it one mail, print what it
 * replies.
 *
 *   cc client.c $(pkg-config --cflags --libs conclave) -o client */
#include <conclave/client.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct conclave_report report = {""};
	struct conclave_client *client = NULL;
	struct conclave_mail reply = {0};
	if (argc != 5) {
		fprintf(stderr, "usage: client URL CONSTRAINT TOPIC TEXT\n");
		return 2;
	}
	const char *url = argv[1], *constraint = argv[2], *topic = argv[3], *text = argv[4];
	enum conclave_error error = conclave_client_new(&client, constraint, NULL, &report);
	if (error == CONCLAVE_OK)
		error = conclave_client_connect(client, url, &report);
	if (error == CONCLAVE_OK) {
		printf("verified: %s\n", conclave_client_attestation(client)->summary);
		error = conclave_client_send(
			client, &reply, topic, text, strlen(text), NULL, 0, &report);
	}
	if (error != CONCLAVE_OK)
		fprintf(stderr, "client: %s (%s)\n", report.text, conclave_error_name(error));
	else if (reply.topic != NULL)
		printf("reply: %s\n", reply.body);
	conclave_mail_free(&reply);
	conclave_client_free(client);
	return error == CONCLAVE_OK ? 0 : 1;
}
