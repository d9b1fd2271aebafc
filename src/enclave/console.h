/* What the guest says and what it believes of time. */
#ifndef ENCLAVE_CONSOLE_H
#define ENCLAVE_CONSOLE_H

#include "base/bytes.h"
#include "enclave/guest.h" /* console_write, clock_now */

/* Speak only in an enclave that runs with DEBUG and was configured to. */
void console_init(bool debug);
/* What was said since the last take, at most `room` bytes of it; the rest is dropped. */
struct bytes console_take(size_t room);

/* The host's claim of the time. */
void clock_claim(uint64_t nanoseconds);

#endif
