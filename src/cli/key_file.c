#include "cli/key_file.h"

#include <stdlib.h>

#include <conclave/client.h>

#include "base/hex.h"
#include "base/report.h"
#include "cli/cli.h"

enum conclave_error key_file_write(struct writer *out, const struct x25519_secret *key)
{
	struct x25519_public public_key;
	char hex[2 * sizeof(key->bytes) + 1];
	conclave_key_public(public_key.bytes, key->bytes);
	write_bytes(out, BYTES_LIT("# Conclave private key: whoever reads it can read and send "
				   "this correspondent's mail.\n# Public key: "));
	hex_encode(hex, BYTES_OF(public_key.bytes));
	write_bytes(out, bytes_of(hex, sizeof(hex) - 1));
	write_u8(out, '\n');
	hex_encode(hex, BYTES_OF(key->bytes));
	write_bytes(out, bytes_of(hex, sizeof(hex) - 1));
	write_u8(out, '\n');
	wipe(hex, sizeof(hex));
	return writer_end(out);
}

/* The next line without its end; `text` moves past it. */
static struct bytes next_line(struct bytes *text)
{
	const uint8_t *end = memchr(text->ptr, '\n', text->len);
	size_t len = end == NULL ? text->len : (size_t)(end - text->ptr);
	struct bytes line = {text->ptr, len};
	*text = bytes_slice(*text, end == NULL ? len : len + 1, text->len);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

enum conclave_error key_file_parse(struct x25519_secret *out, struct bytes text)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret key = {0};
	size_t keys = 0;
	while (text.len > 0) {
		struct bytes line = next_line(&text);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		TRY(hex_decode((struct buffer){key.bytes, sizeof(key.bytes)}, line));
		keys++;
	}
	if (keys != 1)
		return CONCLAVE_ERROR_FORMAT;
	*out = key;
	return CONCLAVE_OK;
}

enum conclave_error key_file_read(
	struct x25519_secret *out, const char *path, struct conclave_report *report)
{
	uint8_t *text = NULL;
	size_t size = 0;
	enum conclave_error error = cli_read_file(&text, &size, path, KEY_FILE_SIZE_MAX, report);
	if (error == CONCLAVE_ERROR_NOT_FOUND)
		report_fill(report, "%s: no such key file; make one with: conclave keygen -o %s",
			path, path);
	if (error != CONCLAVE_OK)
		return error;
	error = key_file_parse(out, bytes_of(text, size));
	if (error != CONCLAVE_OK)
		report_fill(report,
			"%s: not a key file: one line of 64 hexadecimal digits is wanted, besides "
			"comments that begin with '#'",
			path);
	wipe(text, size);
	free(text);
	return error;
}
