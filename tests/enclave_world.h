/* A world for the runtime's pure parts on an operating system: an enclave-shaped piece of memory, a
 * CPU that reports and derives keys (src/sgx), an arena, clients that seal mail, and a guest that
 * does what a mail's first byte says.
 *
 * The runtime has one life per process: world_run forks for every scenario. */
#ifndef TESTS_ENCLAVE_WORLD_H
#define TESTS_ENCLAVE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi/config.h"
#include "abi/frames.h"
#include "crypto/crypto.h"
#include "enclave/turn.h"
#include "mail/mail.h"

#ifndef WORLD_WINDOW
#define WORLD_WINDOW 0x10000u
#endif
#define WORLD_PEERS 8u

/* What the guest does with an input, by its first byte. */
#define SAY_REPLY "r"	     /* replies with the input */
#define SAY_SHRUG "i"	     /* replies with the input, and does not look whether it could */
#define SAY_NOTHING "n"	     /* handles it */
#define SAY_DECLINE "d"	     /* replies, writes a file, then declines */
#define SAY_TRAP "t"	     /* replies, writes a file, then traps */
#define SAY_BIG "b"	     /* b + u32 LE: replies with that many bytes; declines when it cannot */
#define SAY_POST "p"	     /* p + key[32] + text: posts text to key on topic "news" */
#define SAY_COUNT "c"	     /* counts in its file and in its memory, replies "file memory" */
#define SAY_LOG "l"	     /* logs the input */
#define SAY_READ_OUTSIDE "o" /* asks the runtime to read outside its memory */
#define SAY_EXHAUST "x"	     /* runs out of fuel */
#define SAY_CLOCK "k"	     /* replies with the time, u64 LE */
#define SAY_SIGN "s"	     /* replies with its signature over the input */
#define SAY_RANDOM "R"	     /* replies with eight bytes of randomness; in a call, says nothing */
#define SAY_PARTS "a"	     /* replies "topic|envelope|sequence" */
#define SAY_ENVELOPE \
	"e" /* e + key[32] + u32 LE: posts to key on "news", an envelope so long; says how */
#define SAY_HASH "h" /* replies with size and FNV-1a of what mail_read gives behind the 'h' */

/* A streamed mail too, by its first byte: e and h as above; n and d without reading on; c and t
 * having read on, t a little only; P counts before it reads on. */
#define SAY_COUNT_FIRST "P"

/* Run one scenario in a process of its own; it must end well. */
void world_run(void (*scenario)(void));
struct world_scenario {
	void (*run)(void);
};
#define world_test(scenario)                                                           \
	{                                                                              \
#scenario, world_scenario_runner, NULL, NULL, &(struct world_scenario) \
		{                                                                      \
			scenario                                                       \
		}                                                                      \
	}
void world_scenario_runner(void **state);

/* The CPU's view, settable before START. */
extern struct sgx_cpu world_cpu;
extern struct sgx_secs world_secs;
extern bool world_guest_refuses;	  /* on_start returns 1 */
extern bool world_guest_has_no_mail;	  /* exports no on_mail */
extern bool world_guest_has_no_stream;	  /* exports no on_mail_stream */
extern enum config_padding world_padding; /* AVERAGE, the default */
extern uint64_t world_padding_figure;

/* The arena; in and out are its windows. */
extern uint8_t world_arena[2 * WORLD_WINDOW];
uint8_t *world_in(void);
uint8_t *world_out(void);
struct bytes world_enclave(void); /* its memory, to name addresses in it */
/* Fill heap and guest memory, before START, with copies of `pattern`. */
void world_plant(struct bytes pattern);
/* All of the guest's memory. */
struct bytes world_guest_memory(void);

enum entry_status world_start(void);
/* Frames for the next turn. */
void world_put(enum frame_type type, uint64_t id, uint64_t route, struct bytes payload);
/* Enter with them and forget them. */
struct entry_result world_turn(void);

/* A question that the enclave leaves with, and the host that answers it: called with each, it
 * returns when an answer was taken. By default it answers from world_streamed, honestly. */
struct world_ask {
	uint64_t id, offset;
	size_t size;
};
extern void (*world_asked)(const struct world_ask *ask);
extern struct bytes world_streamed;
void world_answer_honestly(const struct world_ask *ask);
/* An ANSWER of one PIECE. */
struct entry_result world_piece(uint64_t id, struct bytes bytes);
/* Have a mail streamed, as the last request of this turn. */
struct entry_result world_stream(uint64_t id, uint64_t route, struct bytes mail);

/* The frames that came out. */
struct world_frame {
	enum frame_type type;
	uint64_t id, route;
	struct bytes payload;
};
#define WORLD_FRAMES_MAX 4096
struct world_answer {
	size_t count;
	struct world_frame frames[WORLD_FRAMES_MAX];
};
/* Parse the out window; fails the test when it is not exactly well-formed frames, COMMIT last. */
const struct world_answer *world_answer(struct entry_result result);
/* The first frame of this type and id; NULL. */
const struct world_frame *world_find(
	const struct world_answer *answer, enum frame_type type, uint64_t id);

/* A client: its key is 32 times `name`. */
struct x25519_public world_key(char name);
/* Seal to the enclave's key. Static storage: valid until 64 more are sealed. */
struct bytes world_seal(char name, const char *topic, uint64_t sequence, struct bytes body);
/* The same of any length. Static storage: valid until the next. */
struct bytes world_seal_long(char name, const char *topic, uint64_t sequence, struct bytes body);
/* Seal what no honest client would: any header whatever. body below one packet. */
struct bytes world_seal_strange(char name, const struct mail_header *header, struct bytes body);
/* Open a POST as that client; fails the test when it is not for it or not from the enclave. */
struct mail world_open(char name, struct bytes sealed);
struct x25519_public world_enclave_key(void);

#endif
