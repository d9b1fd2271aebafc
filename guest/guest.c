/* Between the application (conclave/guest.h) and the wall (abi.h). */
#include <conclave/guest.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"

#define LOG_SIZE 512

/* -- what an application leaves out -- */

__attribute__((weak)) int on_start(void)
{
	return 0;
}

__attribute__((weak)) int on_mail_stream(const struct conclave_mail *mail)
{
	(void)mail;
	return CONCLAVE_DECLINED;
}

__attribute__((weak)) int on_mail(const struct conclave_mail *mail)
{
	struct conclave_mail streamed = *mail;
	streamed.body = NULL;
	streamed.body_size = 0;
	return on_mail_stream(&streamed);
}

__attribute__((weak)) int on_call(const void *bytes, size_t size)
{
	(void)bytes, (void)size;
	return CONCLAVE_DECLINED;
}

__attribute__((weak)) void on_stop(void)
{
}

/* -- input -- */

/* A part of this input, with a NUL after it. Without memory for it the program ends: the input is
 * undone as after any failure. */
static char *input_part(size_t *size, enum abi_part part)
{
	size_t len = abi_input_size(part);
	char *out = malloc(len + 1);
	if (out == NULL)
		abort();
	abi_input_read(part, 0, out, len);
	out[len] = 0;
	if (size != NULL)
		*size = len;
	return out;
}

int32_t abi_on_start(void)
{
	return on_start();
}

/* body: malloc'ed, and freed here; NULL when the mail is read as a stream. */
static int handle_mail(
	int (*handler)(const struct conclave_mail *mail), char *body, size_t body_size)
{
	struct conclave_mail mail = {
		.sequence = abi_mail_sequence(), .body = body, .body_size = body_size};
	char *topic = input_part(NULL, ABI_PART_TOPIC);
	char *envelope = input_part(&mail.envelope_size, ABI_PART_ENVELOPE);

	abi_input_read(ABI_PART_SENDER, 0, mail.sender, sizeof(mail.sender));
	mail.topic = topic;
	mail.envelope = (const uint8_t *)envelope;
	int result = handler(&mail);
	free(topic);
	free(body);
	free(envelope);
	return result;
}

int32_t abi_on_mail(void)
{
	size_t size;
	char *body = input_part(&size, ABI_PART_BODY);
	return handle_mail(on_mail, body, size);
}

int32_t abi_on_mail_stream(void)
{
	return handle_mail(on_mail_stream, NULL, 0);
}

size_t conclave_mail_read(void *to, size_t size)
{
	return abi_mail_read(to, size);
}

int32_t abi_on_call(void)
{
	size_t size;
	char *bytes = input_part(&size, ABI_PART_BODY);
	int result = on_call(bytes, size);
	free(bytes);
	return result;
}

void abi_on_stop(void)
{
	on_stop();
}

/* -- output -- */

int conclave_reply(const void *body, size_t size)
{
	return (int)abi_reply(body, size, NULL, 0);
}

int conclave_reply_enveloped(
	const void *body, size_t size, const void *envelope, size_t envelope_size)
{
	return (int)abi_reply(body, size, envelope, envelope_size);
}

int conclave_post(
	const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic, const void *body, size_t size)
{
	return conclave_post_enveloped(key, topic, body, size, NULL, 0);
}

int conclave_post_enveloped(const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic,
	const void *body, size_t size, const void *envelope, size_t envelope_size)
{
	return (int)abi_post(key, topic, strlen(topic), body, size, envelope, envelope_size);
}

/* A text as printf makes it, malloc'ed. */
static int format_text(char **out, size_t *size, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return CONCLAVE_ERROR_FORMAT;
	char *text = malloc((size_t)len + 1);
	if (text == NULL)
		return CONCLAVE_ERROR_MEMORY;
	vsnprintf(text, (size_t)len + 1, format, arguments);
	*out = text;
	*size = (size_t)len;
	return CONCLAVE_OK;
}

int conclave_replyf(const char *format, ...)
{
	char *text = NULL;
	size_t size;
	va_list arguments;
	va_start(arguments, format);
	int error = format_text(&text, &size, format, arguments);
	va_end(arguments);
	if (error == CONCLAVE_OK)
		error = conclave_reply(text, size);
	free(text);
	return error;
}

int conclave_postf(const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic, const char *format, ...)
{
	char *text = NULL;
	size_t size;
	va_list arguments;
	va_start(arguments, format);
	int error = format_text(&text, &size, format, arguments);
	va_end(arguments);
	if (error == CONCLAVE_OK)
		error = conclave_post(key, topic, text, size);
	free(text);
	return error;
}

int conclave_answer(const void *bytes, size_t size)
{
	return (int)abi_answer(bytes, size);
}

int conclave_sign(uint8_t signature[CONCLAVE_SIGNATURE_SIZE], const void *bytes, size_t size)
{
	return (int)abi_sign(bytes, size, signature);
}

void conclave_log(const char *format, ...)
{
	char line[LOG_SIZE]; /* longer lines are cut */
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (len < 0)
		return;
	size_t size = strlen(line);
	line[size++] = '\n';
	(void)abi_log(line, size);
}

/* -- arguments -- */

#ifdef __wasm__
#include <wasi/api.h>

void abi_arguments(size_t *argc, char ***argv)
{
	static size_t count, size;
	static char **pointers;
	if (pointers == NULL) {
		if (__wasi_args_sizes_get(&count, &size) != 0)
			abort();
		pointers = malloc(count * sizeof(*pointers));
		char *space = malloc(size);
		if (pointers == NULL || space == NULL)
			abort();
		if (__wasi_args_get((uint8_t **)pointers, (uint8_t *)space) != 0)
			abort();
	}
	*argc = count;
	*argv = pointers;
}
#endif

size_t conclave_argument_count(void)
{
	size_t argc;
	char **argv;
	abi_arguments(&argc, &argv);
	return argc - 1;
}

const char *conclave_argument(size_t index)
{
	size_t argc;
	char **argv;
	abi_arguments(&argc, &argv);
	return index < argc - 1 ? argv[index + 1] : NULL;
}
