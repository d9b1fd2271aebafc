/* @NAME@: greets whoever sends it a name, and counts. */
#include <conclave/guest.h>

#include <stdio.h>
#include <string.h>

/* The count lasts in a file: variables would be lost after a failure. */
static unsigned count_one_more(void)
{
	unsigned count = 0;
	FILE *file = fopen("count", "r");
	if (file != NULL) {
		if (fscanf(file, "%u", &count) != 1)
			count = 0;
		fclose(file);
	}
	count++;
	file = fopen("count", "w");
	if (file != NULL) {
		fprintf(file, "%u\n", count);
		fclose(file);
	}
	return count;
}

/* A mail. Whatever this does takes effect only if it returns 0. */
int on_mail(const struct conclave_mail *mail)
{
	if (strcmp(mail->topic, "hello") != 0)
		return CONCLAVE_DECLINED;
	unsigned count = count_one_more();
	conclave_log("greeting number %u", count);
	return conclave_replyf(
		"%s, %s! You are number %u.", conclave_argument(0), mail->body, count);
}

/* Bytes from the host itself ('conclave run'), which need not be true. */
int on_call(const void *bytes, size_t size)
{
	return conclave_answer(bytes, size);
}
