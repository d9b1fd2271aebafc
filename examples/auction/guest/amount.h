/* Amounts of money: whole units. */
#ifndef AMOUNT_H
#define AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMOUNT_MAX 1000000000000u /* ten to the 12 */
#define AMOUNT_TEXT_SIZE 32

/* Digits only, no sign, no leading zero, at most AMOUNT_MAX. false: it is not one. */
bool amount_read(uint64_t *out, const char *text, size_t size);
/* A bid: exactly {"amount": 1420}, with white space where JSON has it. */
bool amount_read_bid(uint64_t *out, const char *json, size_t size);
/* "1,420" into text, which it returns. */
const char *amount_write(char text[AMOUNT_TEXT_SIZE], uint64_t amount);

#endif
