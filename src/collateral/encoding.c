#include "collateral/encoding.h"

#include <sodium.h>
#include <stdio.h>

#include "attest/der.h"
#include "attest/pem.h"
#include "base/check.h"
#include "base/hex.h"

#define PEM_LINE_BYTES 48u /* 64 characters: RFC 7468 §2 */

enum conclave_error encoding_percent_decode(struct writer *out, struct bytes text)
{
	struct reader reader = reader_of(text);
	while (reader.rest.len > 0) {
		uint8_t c = read_u8(&reader);
		if (c == '%')
			TRY(hex_decode((struct buffer){&c, 1}, read_bytes(&reader, 2)));
		write_u8(out, c);
	}
	return writer_end(out);
}

enum conclave_error encoding_to_der(struct buffer *body, struct bytes label)
{
	uint8_t decoded[ENCODING_DER_SIZE_MAX];
	struct writer space = writer_of((struct buffer){decoded, sizeof(decoded)});
	struct bytes der;
	TRY(pem_decode(&der, &space, bytes_of(body->ptr, body->len), label));
	struct reader reader = reader_of(der);
	(void)der_read_whole(&reader, DER_SEQUENCE);
	TRY(der_end(&reader));
	memmove(body->ptr, der.ptr, der.len); /* no form is shorter than what it stands for */
	body->len = der.len;
	return CONCLAVE_OK;
}

static void write_text(struct writer *out, const char *text)
{
	write_bytes(out, bytes_of(text, strlen(text)));
}

enum conclave_error encoding_write_pem(struct writer *out, const char *label, struct bytes der)
{
	char line[128];
	snprintf(line, sizeof(line), "-----BEGIN %s-----\n", label);
	write_text(out, line);
	for (size_t at = 0; at < der.len; at += PEM_LINE_BYTES) {
		struct bytes part = bytes_slice(der, at, PEM_LINE_BYTES);
		sodium_bin2base64(
			line, sizeof(line), part.ptr, part.len, sodium_base64_VARIANT_ORIGINAL);
		write_text(out, line);
		write_u8(out, '\n');
	}
	snprintf(line, sizeof(line), "-----END %s-----\n", label);
	write_text(out, line);
	return writer_end(out);
}
