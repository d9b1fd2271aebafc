/* One entry, one turn: what is legal when, and what comes of it (docs/spec/frames.md). */
#ifndef ENCLAVE_TURN_H
#define ENCLAVE_TURN_H

#include <stdint.h>

#include "abi/frames.h"

/* What EEXIT reports: RDI and RSI. */
struct entry_result {
	uint64_t status; /* enum entry_status */
	uint64_t size;	 /* bytes of the out window in use */
};

/* Run one entry with the registers the host chose. One caller at a time. */
struct entry_result turn_enter(uint64_t code, uint64_t a, uint64_t b);

#endif
