/* Text of a guest, made safe for an operator's terminal. Pure. */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include "base/bytes.h"

/* The most that one byte of text becomes. */
#define CONSOLE_GROWTH 4u

/* Newline, tab, printable ASCII and well-formed UTF-8 above U+00A0 pass; every other byte, and the
 * characters that reorder a line (Unicode's bidirectional controls), become \xNN: a guest must not
 * move the cursor, rename the window or hide what it printed. out: CONSOLE_GROWTH * text.len. */
void console_clean(struct writer *out, struct bytes text);

#endif
