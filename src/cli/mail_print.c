#include "cli/mail_print.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/hex.h"

/* As text where it is text, else in hexadecimal under NAME_hex. */
static bool add_bytes(json_t *object, const char *name, struct bytes value)
{
	json_t *text = json_stringn((const char *)value.ptr, value.len);
	if (text != NULL)
		return json_object_set_new(object, name, text) == 0;
	char name_hex[32];
	snprintf(name_hex, sizeof(name_hex), "%s_hex", name);
	char *hex = malloc(2 * value.len + 1);
	bool added = hex != NULL && json_object_set_new(object, name_hex,
					    json_string(hex_encode(hex, value))) == 0;
	free(hex);
	return added;
}

static enum conclave_error print_json(const struct conclave_mail *mail)
{
	json_t *object = json_object();
	bool whole = object != NULL &&
		     add_bytes(object, "topic", bytes_of(mail->topic, strlen(mail->topic))) &&
		     json_object_set_new(
			     object, "sequence", json_integer((json_int_t)mail->sequence)) == 0 &&
		     add_bytes(object, "envelope", bytes_of(mail->envelope, mail->envelope_size)) &&
		     add_bytes(object, "body", bytes_of(mail->body, mail->body_size)) &&
		     json_dumpf(object, stdout, JSON_COMPACT) == 0;
	json_decref(object);
	if (!whole)
		return ferror(stdout) != 0 ? CONCLAVE_ERROR_IO : CONCLAVE_ERROR_MEMORY;
	putchar('\n');
	return CONCLAVE_OK;
}

enum conclave_error mail_print(const struct conclave_mail *mail, bool as_json, bool ends_line)
{
	if (mail->order == CONCLAVE_ORDER_RESTART)
		fprintf(stderr,
			"conclave: mail: note: topic %s: the enclave numbers its replies from 0 "
			"again: it was restarted, or the host repeats a very old one\n",
			mail->topic);
	if (mail->is_rolled_back)
		fprintf(stderr,
			"conclave: mail: note: topic %s: the enclave does not know the state that "
			"this key saw last: the host has put back an older one, or dropped mail\n",
			mail->topic);
	if (as_json)
		return print_json(mail);
	fwrite(mail->body, 1, mail->body_size, stdout);
	bool ended = mail->body_size > 0 && mail->body[mail->body_size - 1] == '\n';
	if (ends_line && !ended)
		putchar('\n');
	return CONCLAVE_OK;
}
