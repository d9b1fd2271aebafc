/* Host memory, as seen from inside: an address that cannot be dereferenced. boundary.c alone turns
 * one into bytes: it is proved once to lie wholly outside, copied in once and copied out last. */
#ifndef ENCLAVE_BOUNDARY_H
#define ENCLAVE_BOUNDARY_H

#include "base/bytes.h"

struct untrusted {
	uintptr_t addr;
	size_t len;
};

/* The arena that host and enclave share (abi/frames.h). */
struct arena {
	struct untrusted in, out; /* window_size bytes each */
};

/* Accept host memory of exactly two windows: page aligned, not at zero, in the lower half of the
 * address space, with no byte in the enclave's range. Errors: ARGUMENT. */
enum conclave_error arena_accept(struct arena *out, struct untrusted memory);
/* Copy the first `len` bytes of the in window to `to`; each is read once. len: a multiple of 8, at
 * most the window. */
void arena_read(uint8_t *to, const struct arena *arena, size_t len);
/* Copy `from` to the start of the out window. Its length is a multiple of 8, at most the window. */
void arena_write(const struct arena *arena, struct bytes from);

#endif
