/* Sends back what it gets; on topic "twice" twice, on topic "say" telling the console too, and on
 * topic "spin" never. */
#include <conclave/guest.h>

#include <string.h>

int on_mail(const struct conclave_mail *mail)
{
	if (strcmp(mail->topic, "spin") == 0)
		for (volatile unsigned i = 0;; i++)
			;
	if (strcmp(mail->topic, "say") == 0)
		conclave_log("said: %s", mail->body);
	if (strcmp(mail->topic, "twice") == 0 && conclave_reply(mail->body, mail->body_size) != 0)
		return CONCLAVE_DECLINED;
	return conclave_reply(mail->body, mail->body_size);
}

int on_call(const void *bytes, size_t size)
{
	return conclave_answer(bytes, size);
}
