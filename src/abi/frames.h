/* All that is ever said between host and enclave. docs/spec/frames.md is the contract; this is its
 * numbers.
 *
 * Host and enclave share one arena of host memory, named once at ENTRY_START and proved then to lie
 * wholly outside the enclave:
 *
 *   arena = in window (host → enclave) | out window (enclave → host)
 *           layout.window_size bytes each
 *
 * An entry says how many bytes of the in window hold frames. The enclave copies them in once, acts
 * on its copy, and copies its own frames out last. Frames carry lengths, never addresses. No call
 * nests: an entry runs to its exit, or pauses at a question (a piece of a mail too large for the
 * window), and until that is answered the enclave takes nothing else. */
#ifndef ABI_FRAMES_H
#define ABI_FRAMES_H

#include <stdint.h>

#include "abi/limits.h"

/* EENTER: RDI = enum entry_code, RSI and RDX as said; EEXIT: RDI = enum entry_status, RSI = bytes
 * of the out window in use. */
enum entry_code {
	ENTRY_START = 1, /* RSI = arena address (page aligned), RDX = arena size (2 * window_size).
			    Legal once, first. No frames in; CONSOLE at most out. */
	ENTRY_TURN = 2,	 /* RSI = bytes of frames in the in window, RDX = 0. Legal after START,
			    before STOP. */
	ENTRY_STOP = 3,	 /* RSI = RDX = 0. The guest is told, keys are wiped; nothing is legal
			    afterwards. CONSOLE at most out. */
	ENTRY_ANSWER =
		4, /* RSI = bytes of the in window: one PIECE, RDX = 0. Legal on the lane whose
		      last entry ended ASKING, where nothing else is; the turn goes on. */
};

enum entry_status {
	ENTRY_OK = 0,
	ENTRY_REFUSED_CODE = 1,	 /* no such entry code */
	ENTRY_REFUSED_STATE = 2, /* not legal now */
	ENTRY_REFUSED_ARENA = 3, /* the arena named is not acceptable */
	ENTRY_REFUSED_FRAME = 4, /* malformed frames; nothing was done */
	ENTRY_BUSY = 5,		 /* another lane is in its turn; try again */
	ENTRY_FAILED = 6, /* the enclave cannot go on: no randomness, or the guest does not start */
	ENTRY_ASKING =
		7, /* not the end of the turn: the out window holds one ASK and nothing else */
};

struct frame_header {
	uint32_t type;	/* enum frame_type */
	uint32_t size;	/* of the payload; the next frame starts at the next multiple of 8, the gap
			   is zero */
	uint64_t id;	/* a request's number, chosen by the host, not zero; answers carry it */
	uint64_t route; /* DELIVER and POST: where replies to this sender go; opaque to the enclave
			 */
	uint64_t reserved; /* zero */
};

_Static_assert(sizeof(struct frame_header) == 32, "no padding crosses the line");

enum frame_type {
	/* host → enclave */
	FRAME_REPORT = 1,  /* payload TARGETINFO 512, or also a nonce of FRAME_NONCE_SIZE; one in a
			      turn.  Answer: REPORTED */
	FRAME_DELIVER = 2, /* payload one mail. Answer: any POSTs, then one ACK or one REFUSED */
	FRAME_CALL = 3,	   /* payload bytes for the guest. Answer: any POSTs, then one RETURN */
	FRAME_TICK = 4,	   /* payload u64 LE: the host's clock, nanoseconds since 1970: a claim. No
			      answer */
	FRAME_STREAM = 5,  /* payload u64 LE: the size of one mail, which is asked for in pieces;
			      last of its turn. Answer: as DELIVER's */
	FRAME_PIECE = 6,   /* only with ENTRY_ANSWER, id the ASK's: payload exactly the bytes asked
			      for */

	/* enclave → host */
	FRAME_REPORTED = 64, /* payload struct frame_reported */
	FRAME_POST = 65,     /* payload one mail; id: the request in whose handling it was posted;
				route: where it goes */
	FRAME_ACK = 66,	     /* that mail is done with and may be forgotten; empty payload */
	FRAME_REFUSED = 67,  /* that mail was refused; payload u32 LE enum frame_refusal. It may be
				forgotten too */
	FRAME_RETURN = 68,  /* payload: u32 LE 0 and what the guest answered, or u32 LE 1 alone when
			       it failed */
	FRAME_CONSOLE = 69, /* text from the guest; only with DEBUG */
	FRAME_COMMIT = 70,  /* last of every turn: payload u64 LE version, then the sealed delta
			       (empty until the sealed log exists) */
	FRAME_DEFERRED = 71, /* DELIVER, STREAM or CALL: not begun, for want of room; present it
				again, in the same order. Empty payload */
	FRAME_ASK = 72, /* only with ENTRY_ASKING: payload struct frame_ask; id: the STREAM's */
};

/* Bytes [offset, offset + size) of a STREAM's mail; they follow those of the question before. */
struct frame_ask {
	uint64_t offset;
	uint32_t size;	   /* 1 to FRAME_PIECE_MAX */
	uint32_t reserved; /* zero */
};
#define FRAME_PIECE_MAX(window_size) ((window_size) - sizeof(struct frame_header))

/* Room in the out window. One DELIVER or CALL may put out at most half of it, its answer included,
 * whatever else is in the turn: a guest sees the same limit every day. It is begun only while that
 * much is left; otherwise it and every later DELIVER and CALL of the turn is answered DEFERRED,
 * which always fits, because a turn has at most FRAME_REQUESTS_MAX frames. The first is never
 * deferred. */
#define FRAME_QUOTA(window_size) ((window_size) / 2)
#define FRAME_REQUESTS_MAX(window_size) (((window_size) / 2 - 2048) / sizeof(struct frame_header))

/* The largest figure that a reply without an envelope can always be padded to: the rest of the
 * quota is for its topic and headers, its packets' 20 bytes in 65517, and the answer. */
#define FRAME_PADDING_MAX(window_size) \
	(FRAME_QUOTA(window_size) - FRAME_QUOTA(window_size) / 1024 - 1024)

/* All that a host learns of a refusal. */
enum frame_refusal {
	REFUSAL_UNREADABLE =
		1, /* malformed, altered, or for another key: one code for all of them */
	REFUSAL_NOT_HANDLED =
		2, /* authentic, but not handled; its sender has been told why in a sealed POST */
};

/* Somebody's who wants to know that a report is new. */
#define FRAME_NONCE_SIZE 32u

struct frame_reported {
	uint8_t report[432];
	uint8_t signing_key[32];    /* Ed25519 */
	uint8_t encryption_key[32]; /* X25519 */
	uint8_t reserved[16];
};

_Static_assert(sizeof(struct frame_reported) == 512, "one size");

#endif
