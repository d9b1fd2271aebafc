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

static enum conclave_error hex_to_der(struct buffer *body)
{
	size_t len = body->len;
	while (len > 0 && (body->ptr[len - 1] == '\n' || body->ptr[len - 1] == '\r'))
		len--;
	/* In place: the digits of a byte are read before the byte is written over them. */
	TRY(hex_decode((struct buffer){body->ptr, len / 2}, bytes_of(body->ptr, len)));
	body->len = len / 2;
	return CONCLAVE_OK;
}

static enum conclave_error pem_to_der(struct buffer *body, struct bytes label)
{
	uint8_t der_space[ENCODING_DER_SIZE_MAX];
	struct writer space = writer_of((struct buffer){der_space, sizeof(der_space)});
	struct reader reader = reader_of(bytes_of(body->ptr, body->len));
	struct bytes der;
	TRY(pem_next(&der, &space, &reader, label));
	if (!pem_at_end(&reader))
		return CONCLAVE_ERROR_FORMAT;
	memcpy(body->ptr, der.ptr, der.len); /* shorter than the PEM that it was read from */
	body->len = der.len;
	return CONCLAVE_OK;
}

enum conclave_error encoding_to_der(struct buffer *body, struct bytes label)
{
	if (body->len > 0 && body->ptr[0] == '-')
		TRY(pem_to_der(body, label));
	else if (body->len > 0 && body->ptr[0] != DER_SEQUENCE)
		TRY(hex_to_der(body));
	struct reader reader = reader_of(bytes_of(body->ptr, body->len));
	struct bytes der = der_read_whole(&reader, DER_SEQUENCE);
	if (reader.failed || !pem_at_end(&reader))
		return CONCLAVE_ERROR_FORMAT;
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
