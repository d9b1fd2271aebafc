/* The texts of a finding, grown part by part in the space they have. Pure. */
#ifndef ATTEST_FINDING_H
#define ATTEST_FINDING_H

#include "base/bytes.h"

/* text: terminated; stays so. What is not printable ASCII becomes "?", what does not fit "...". */
void finding_add(char *text, size_t size, struct bytes part);
void finding_add_number(char *text, size_t size, int64_t number);
void finding_add_hex(char *text, size_t size, struct bytes from);
/* "2021-05-31T20:33:22Z"; beyond the calendar, "ever". */
void finding_add_time(char *text, size_t size, int64_t seconds);

#define ADD(text, part) finding_add(text, sizeof(text), part)
#define ADD_NUMBER(text, number) finding_add_number(text, sizeof(text), number)
#define ADD_HEX(text, from) finding_add_hex(text, sizeof(text), from)
#define ADD_TIME(text, seconds) finding_add_time(text, sizeof(text), seconds)

#endif
