/* How services write what we want as bytes: chains percent-encoded in headers, CRLs as DER, PEM or
 * hexadecimal. What is decoded is hostile. */
#ifndef COLLATERAL_ENCODING_H
#define COLLATERAL_ENCODING_H

#include "base/bytes.h"

#define ENCODING_DER_SIZE_MAX 16384u

/* RFC 3986 §2.1; a '+' is a '+', as PEM has them. out: as long as text at least. Errors: FORMAT,
 * SPACE. */
enum conclave_error encoding_percent_decode(struct writer *out, struct bytes text);
/* One DER element from any of its forms, in place: hexadecimal digits and PEM become what they
 * stand for, NUL bytes after DER go. label: of PEM. Errors: FORMAT, LIMIT
 * (not DER, and more than ENCODING_DER_SIZE_MAX). */
enum conclave_error encoding_to_der(struct buffer *body, struct bytes label);
/* DER as one block of PEM. Errors: SPACE. */
enum conclave_error encoding_write_pem(struct writer *out, const char *label, struct bytes der);

#endif
