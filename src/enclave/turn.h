/* One entry, one turn: what is legal when, and what comes of it (docs/spec/frames.md). A turn that
 * needs more of a mail than the window holds leaves with a question and goes on with the answer. */
#ifndef ENCLAVE_TURN_H
#define ENCLAVE_TURN_H

#include <stdint.h>

#include "abi/frames.h"
#include "base/bytes.h"

/* What EEXIT reports: RDI and RSI. */
struct entry_result {
	uint64_t status; /* enum entry_status */
	uint64_t size;	 /* bytes of the out window in use */
};

/* Not a status, and never leaves: this entry has brought the answer that a turn waits for. */
#define TURN_GOES_ON UINT64_MAX

/* Run one entry with the registers the host chose. One caller at a time; on the lane of a turn that
 * waits, below its frames. */
struct entry_result turn_enter(uint64_t code, uint64_t a, uint64_t b);

/* From within the turn's last input: ask for bytes [offset, offset + size) of its mail, and wait.
 * What comes is a private copy in HEAP_IN, valid until the next question. size: 1 to
 * FRAME_PIECE_MAX. */
struct bytes turn_ask(uint64_t id, uint64_t offset, size_t size);

#endif
