/* A hostile host in front of a real image on the soft machine: an image is built once per program
 * from tests/guests/hostile, and every register and byte it is entered with is the test's to
 * choose. */
#ifndef TESTS_HOSTILE_WORLD_H
#define TESTS_HOSTILE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi/frames.h"
#include "image/image.h"
#include "machine/machine.h"
#include "machine/soft/soft.h"
#include "mail/mail.h"

#define HOSTILE_WINDOW 0x10000u

/* For cmocka's group: build and open; remove what was made. */
/* With HOSTILE_VAES it ends the program, as skipped, where the processor has none. */
int hostile_setup(void **state);
int hostile_teardown(void **state);
/* For cmocka's tests: a fresh enclave, not started; destroyed after it. */
int hostile_load(void **state);
int hostile_unload(void **state);

extern struct image hostile_image;
extern struct machine *hostile_machine;
extern struct machine_enclave *hostile_enclave;
extern uint8_t *hostile_arena; /* 2 windows, page aligned; in, then out */

uint64_t hostile_tcs(unsigned lane);

struct hostile_result {
	enum machine_exit exit;
	struct machine_exception exception;
	uint64_t status, size; /* after EEXIT */
};
/* Enter like an honest host; no time limit. */
struct hostile_result hostile_enter(unsigned lane, uint64_t code, uint64_t a, uint64_t b);
/* START with the arena; it must work. */
void hostile_start(void);
/* Ask for the keys; needed before hostile_seal. Takes a turn. */
void hostile_learn_keys(void);

struct x25519_public hostile_enclave_key(void);

/* Frames for the next turn, at the start of the in window; their size. */
size_t hostile_put(enum frame_type type, uint64_t id, struct bytes payload);
size_t hostile_take_put(void);
/* A turn on lane 0 with what was put; it must end in OK. */
struct hostile_result hostile_turn(void);
/* The payload of the first answer of this type; fails the test when there is none. */
struct bytes hostile_answer(struct hostile_result result, enum frame_type type);
/* One call; what the guest answered, with its u32. */
struct bytes hostile_call(struct bytes input);
/* A mail from a client whose key is 32 times `name`, on topic "t". */
struct bytes hostile_seal(char name, uint64_t sequence, struct bytes body);
/* The same of any length; valid until the next. */
struct bytes hostile_seal_long(char name, uint64_t sequence, struct bytes body);

/* What an ENTRY_ASKING has asked for. */
struct hostile_ask {
	uint64_t id, offset;
	size_t size;
};
/* Fails the test when the out window holds anything else. */
struct hostile_ask hostile_asked(struct hostile_result result);
/* A turn on lane 0 with what was put and a STREAM, id 3, of so many bytes; how it left. */
struct hostile_result hostile_stream_begin(uint64_t size);
/* Answer with a PIECE; how it left. */
struct hostile_result hostile_piece(const struct hostile_ask *ask, struct bytes bytes);
/* Answer all questions honestly until it leaves otherwise. */
struct hostile_result hostile_stream_rest(struct hostile_result result, struct bytes mail);
/* All of it; it must end in OK. */
struct hostile_result hostile_stream(struct bytes mail);

/* A reply to that client, opened. */
struct mail hostile_open(char name, struct bytes sealed);

#endif
