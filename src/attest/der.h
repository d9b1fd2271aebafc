/* Distinguished Encoding Rules (ITU-T X.690 §10), the part that X.509 needs. Pure.
 *
 * Built on the sticky reader: an element of another tag, a length that is not minimal or does not
 * fit, or bytes left where none may be, fail the reader; the caller asks once, with der_end.
 * A nested element is read between der_enter and der_leave. */
#ifndef ATTEST_DER_H
#define ATTEST_DER_H

#include "base/bytes.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* [0], constructed */
	DER_CONTEXT_3 = 0xa3,
};

/* Whether the next element has this tag. */
bool der_next_is(const struct reader *reader, enum der_tag tag);
/* The contents of the next element. */
struct bytes der_read(struct reader *reader, enum der_tag tag);
/* The next element, tag and length included. */
struct bytes der_read_whole(struct reader *reader, enum der_tag tag);
/* Any element, tag and length included. */
struct bytes der_read_any(struct reader *reader);

struct reader der_enter(struct reader *reader, enum der_tag tag);
/* Nothing may be left in `inner`. */
void der_leave(struct reader *reader, const struct reader *inner);

/* FALSE or TRUE as DER has them: 00 or ff. */
bool der_read_boolean(struct reader *reader);
/* The contents of an INTEGER that is not negative, without the leading zero of the sign. */
struct bytes der_read_integer(struct reader *reader);
/* An INTEGER from 0 to max. */
uint32_t der_read_number(struct reader *reader, uint32_t max);
/* A BIT STRING of whole bytes. */
struct bytes der_read_bit_string(struct reader *reader);
/* UTCTime up to 2049, GeneralizedTime after, with seconds and in UTC (RFC 5280 §4.1.2.5). */
int64_t der_read_time(struct reader *reader);
/* ECDSA-Sig-Value: SEQUENCE { r INTEGER, s INTEGER } (RFC 5480 §A); out: r || s, half each. */
void der_read_ecdsa_signature(struct reader *reader, struct buffer out);

/* Say that what was read is not what it must be. */
void der_fail(struct reader *reader);
/* Errors: FORMAT, also for bytes that are left. */
enum conclave_error der_end(const struct reader *reader);

#endif
