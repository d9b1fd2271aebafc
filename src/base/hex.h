/* Hexadecimal text, lower case out, any case in. Freestanding. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/bytes.h"

/* text: at least 2 * from.len + 1 chars; always terminated. Returns text. */
char *hex_encode(char *text, struct bytes from);
/* The same in upper case, as R3's tools print measurements. */
char *hex_encode_upper(char *text, struct bytes from);
/* Exactly out.len bytes from exactly 2 * out.len digits. Errors: FORMAT. */
enum conclave_error hex_decode(struct buffer out, struct bytes text);

#endif
