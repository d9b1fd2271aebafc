/* What was measured and what follows from it: the layout, the configuration, the heap's parts. The
 * only source of sizes and places; nothing here comes from the host. */
#ifndef ENCLAVE_MEASURED_H
#define ENCLAVE_MEASURED_H

#include "abi/config.h"
#include "abi/layout.h"
#include "base/bytes.h"

/* The enclave's first byte, by the linker script. */
extern uint8_t enclave_base[] __asm__("__image_base");

/* Filled in by the builder; in hosted tests, by the test. */
extern const volatile struct layout enclave_layout;

/* A copy of one field at a time: the compiler must not think that it knows the unpatched record. */
#define LAYOUT(field) (enclave_layout.field)

/* The heap's parts, in this order, each on a page boundary: layout_heap_size. */
enum heap_part {
	HEAP_IN,     /* the turn's frames, copied in */
	HEAP_OUT,    /* the turn's answer, composed here, copied out last */
	HEAP_PLAIN,  /* one opened mail */
	HEAP_ANSWER, /* what one call answers */
	HEAP_FILES,
	HEAP_PEERS,
	HEAP_CACHE,  /* what the mail key shares with whom */
	HEAP_STREAM, /* the reader of a mail that comes in pieces */
};
struct buffer heap_part(enum heap_part part);

#endif
