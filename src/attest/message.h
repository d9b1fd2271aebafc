/* Sentences for a conclave_report, made without stdio: this code also runs where there is none.
 * Every function takes NULL for a report that nobody wants; what does not fit is cut. */
#ifndef ATTEST_MESSAGE_H
#define ATTEST_MESSAGE_H

#include "base/bytes.h"

void message_begin(struct conclave_report *report, struct bytes text);
void message_add(struct conclave_report *report, struct bytes text);
void message_add_decimal(struct conclave_report *report, int64_t value);
/* Upper case, as R3 shows hashes. size: at most 64. */
void message_add_hash(struct conclave_report *report, const uint8_t *hash, size_t size);

void message_write_decimal(struct writer *out, int64_t value);

#endif
