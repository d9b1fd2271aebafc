/* The layout of an image in memory: one measured record that the builder writes, the runtime reads,
 * and the host knows from the image file. Both sides share this header and nothing else; sizes and
 * places come only from here, never from the host.
 *
 * Offsets (rva) are from the enclave's base. From low to high, each on a page boundary:
 *
 *   text | rodata | data | bss   what the linker made, all measured. First in rodata, read-only,
 *                                lie this record and the configuration; data, with .data.rel.ro
 *                                and the GOT, is writable: the runtime relocates itself
 *   guard
 *   lane 0 ... lane n-1          each: guard | stack | guard | SSA frames | TCS | lane page
 *   guard
 *   heap                         unmeasured, zeroed by the runtime before use
 *   guard
 *   guest memory                 unmeasured, zeroed by the runtime before use
 *   rest of the power of two     guard
 *
 * A guard is at least one page that is never added: touching it is a page fault. */
#ifndef ABI_LAYOUT_H
#define ABI_LAYOUT_H

#include <stdint.h>

#include "abi/limits.h"

#define LAYOUT_MAGIC 0x3154554f59414c43ull /* "CLAYOUT1" */
#define LAYOUT_PAGE 4096u

struct layout {
	uint64_t magic;
	uint64_t enclave_size;		  /* power of two */
	uint64_t config_rva, config_size; /* size: bytes used */
	uint64_t lane_rva, lane_stride;	  /* start of lane 0's block; distance between lanes */
	uint64_t lane_stack;		  /* offset in a lane's block of the stack's lowest byte */
	uint64_t stack_size;
	uint64_t lane_ssa, lane_tcs, lane_page; /* offsets in a lane's block */
	uint64_t lane_count;
	uint64_t heap_rva, heap_size;	/* size: layout_heap_size below */
	uint64_t guest_rva, guest_size; /* room for guest memory; a multiple of 64 KiB */
	uint64_t window_size;		/* bytes of each direction of the arena: in and out */
	uint64_t files_size;		/* part of the heap for the guest's files */
	uint64_t peers_max;
	uint64_t xfrm;	       /* of the attributes: what the CPU lets it use */
	uint64_t reserved[12]; /* zero */
};

_Static_assert(sizeof(struct layout) == 256, "the builder patches exactly this many bytes");

#define LAYOUT_WINDOWS 4u     /* in copy, out copy, opened mail, what a call answers */
#define LAYOUT_PEER_SIZE 512u /* room in the heap for one peer */
#define LAYOUT_CACHE_SIZE (2 * LAYOUT_PAGE)   /* what is shared with the correspondents of late */
#define LAYOUT_STREAM_SIZE (34 * LAYOUT_PAGE) /* one mail that is read as a stream */

static inline uint64_t layout_pages_up(uint64_t size)
{
	return (size + LAYOUT_PAGE - 1) / LAYOUT_PAGE * LAYOUT_PAGE;
}

/* The heap's parts, each on a page boundary: LAYOUT_WINDOWS windows, files, peers,
 * the cache of shared keys, the reader of a mail that comes in pieces. */
static inline uint64_t layout_heap_size(const struct layout *layout)
{
	return LAYOUT_WINDOWS * layout->window_size + layout->files_size +
	       layout_pages_up(layout->peers_max * LAYOUT_PEER_SIZE) + LAYOUT_CACHE_SIZE +
	       LAYOUT_STREAM_SIZE;
}

/* The lane page: what FS and GS point at inside. Its first words are read by EENTER's stub and by
 * compiler-made code. */
struct lane_page {
	uint64_t self;	    /* 0x00 its own address, by the psABI; filled at entry */
	uint64_t stack_top; /* 0x08 rva, measured */
	uint64_t index;	    /* 0x10 measured */
	uint64_t asking;    /* 0x18 where on the stack a turn waits for an answer; 0: none does */
	uint64_t reserved1;
	uint64_t canary; /* 0x28 where gcc's stack protector looks; filled at first entry */
	uint64_t host_rsp, host_rbp, host_return; /* 0x30 of the last entry; for its exit only */
	uint64_t reserved2[503];
};

_Static_assert(sizeof(struct lane_page) == LAYOUT_PAGE, "one page");

#endif
