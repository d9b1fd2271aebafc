/* A view of a string literal where C wants a constant: in the initialiser of a static table.
 * Elsewhere BYTES_LIT does. */
#ifndef ATTEST_LITERAL_H
#define ATTEST_LITERAL_H

#include "base/bytes.h"

#define LITERAL(text)                                           \
	{                                                       \
		(const uint8_t *)("" text ""), sizeof(text) - 1 \
	}

#endif
