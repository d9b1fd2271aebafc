#include "enclave/turn.h"

#include <stddef.h>

#include "base/check.h"
#include "enclave/boundary.h"
#include "enclave/console.h"
#include "enclave/keys.h"
#include "enclave/mailbox.h"
#include "enclave/measured.h"
#include "enclave/peers.h"

/* entry.S: leave with ENTRY_ASKING and so many bytes; returns when an entry has TURN_GOES_ON. */
void lane_ask(uint64_t size);

/* A life has one direction, but for ASKING, which is within a turn; the bits make sets of states.
 */
enum turn_state {
	STATE_NEW = 1,
	STATE_STARTED = 2,
	STATE_ASKING = 4,
	STATE_OVER = 8, /* stopped, or failed: nothing is legal any more */
};

static struct {
	enum turn_state state;
	struct arena arena;
	uint64_t version; /* of the last committed turn */
	struct {
		uint64_t id;
		size_t size;
	} question; /* while ASKING */
} life = {.state = STATE_NEW};

static struct entry_result refused(enum entry_status status)
{
	return (struct entry_result){.status = status};
}

/* Everything that was composed leaves now, in one piece. */
static struct entry_result publish(enum entry_status status, const struct outbox *outbox)
{
	arena_write(&life.arena, writer_bytes(&outbox->frames));
	return (struct entry_result){status, outbox->frames.len};
}

static void put_console(struct outbox *outbox, size_t reserved)
{
	size_t room = outbox_room(outbox) - reserved;
	if (room <= frame_room(0))
		return;
	struct bytes said = console_take((room - frame_room(0)) & ~(size_t)7);
	/* It fits: that is how much was taken. */
	if (said.len != 0)
		ASSERT(outbox_put(outbox, FRAME_CONSOLE, 0, 0, said) == CONCLAVE_OK);
}

/* The end, by order or by accident: keys go first. What the guest said may still help a developer.
 */
static struct entry_result end(enum entry_status status)
{
	struct outbox outbox;
	keys_wipe();
	mailbox_wipe();
	guest_wipe();
	life.state = STATE_OVER;
	outbox_init(&outbox, heap_part(HEAP_OUT));
	put_console(&outbox, 0);
	return publish(status, &outbox);
}

/* -- ENTRY_START -- */

static enum conclave_error start_parts(void)
{
	TRY(crypto_init());
	TRY(keys_init());
	console_init(keys()->debug);
	TRY(peers_init(heap_part(HEAP_PEERS), LAYOUT(peers_max)));
	TRY(mailbox_init());
	TRY(guest_init());
	return guest_start();
}

static struct entry_result start(uint64_t arena_address, uint64_t arena_size)
{
	struct outbox outbox;
	if (arena_accept(&life.arena, (struct untrusted){arena_address, arena_size}) != CONCLAVE_OK)
		return refused(ENTRY_REFUSED_ARENA);
	if (start_parts() != CONCLAVE_OK)
		return end(ENTRY_FAILED);
	life.state = STATE_STARTED;
	outbox_init(&outbox, heap_part(HEAP_OUT));
	put_console(&outbox, 0);
	return publish(ENTRY_OK, &outbox);
}

/* -- ENTRY_STOP -- */

static struct entry_result stop(uint64_t a, uint64_t b)
{
	if (a != 0 || b != 0)
		return refused(ENTRY_REFUSED_FRAME);
	(void)guest_call(GUEST_ON_STOP);
	return end(ENTRY_OK);
}

/* -- ENTRY_TURN -- */

static enum conclave_error answer_report(struct outbox *outbox, const struct frame *frame)
{
	struct sgx_targetinfo target;
	struct sgx_report report;
	struct frame_reported reported = {0};

	memcpy(&target, frame->payload.ptr, sizeof(target));
	keys_report(
		&report, &target, bytes_slice(frame->payload, sizeof(target), FRAME_NONCE_SIZE));
	memcpy(reported.report, &report, sizeof(reported.report));
	memcpy(reported.signing_key, keys()->signing_public.bytes, sizeof(reported.signing_key));
	memcpy(reported.encryption_key, keys()->mail_public.bytes, sizeof(reported.encryption_key));
	return outbox_put(outbox, FRAME_REPORTED, frame->header.id, 0, BYTES_OF(reported));
}

static enum conclave_error take_tick(struct outbox *outbox, const struct frame *frame)
{
	(void)outbox;
	clock_claim(load_u64le(frame->payload.ptr));
	return CONCLAVE_OK;
}

/* All that a host may ask for. */
static const struct frame_kind {
	uint32_t type;
	uint32_t size_min, size_max;
	bool input;  /* goes to the guest: may be deferred, never reordered */
	bool routed; /* header.route means something; elsewhere it is zero */
	enum conclave_error (*handle)(struct outbox *outbox, const struct frame *frame);
} kinds[] = {
	{FRAME_REPORT, 512, 512 + FRAME_NONCE_SIZE, false, false, answer_report},
	{FRAME_DELIVER, 1, ABI_WINDOW_SIZE_MAX, true, true, mailbox_deliver},
	{FRAME_CALL, 0, ABI_WINDOW_SIZE_MAX, true, false, mailbox_call},
	{FRAME_TICK, 8, 8, false, false, take_tick},
	{FRAME_STREAM, 8, 8, true, true, mailbox_stream},
};

static const struct frame_kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

/* The next frame of the private copy. False at the end, and when the reader failed. */
static bool next_frame(struct frame *frame, struct reader *reader)
{
	if (reader->failed || reader->rest.len == 0)
		return false;
	frame->header.type = read_u32le(reader);
	frame->header.size = read_u32le(reader);
	frame->header.id = read_u64le(reader);
	frame->header.route = read_u64le(reader);
	frame->header.reserved = read_u64le(reader);
	frame->payload = read_bytes(reader, frame->header.size);
	struct bytes gap = read_bytes(reader, (0 - (size_t)frame->header.size) & 7);
	for (size_t i = 0; i < gap.len; i++)
		if (gap.ptr[i] != 0)
			reader->failed = true;
	return !reader->failed;
}

static bool frame_legal(const struct frame *frame, const struct frame_kind *kind)
{
	if (kind == NULL || frame->header.size < kind->size_min ||
		frame->header.size > kind->size_max || frame->header.id == 0 ||
		frame->header.reserved != 0 || (!kind->routed && frame->header.route != 0))
		return false;
	switch (kind->type) {
	case FRAME_REPORT: return frame->header.size % FRAME_NONCE_SIZE == 0; /* all of a nonce */
	case FRAME_STREAM: return load_u64le(frame->payload.ptr) - 1 < INT64_MAX; /* not 0 */
	default: return true;
	}
}

/* The whole sequence is checked before any of it is acted on. What follows a STREAM would lie where
 * its pieces come in. */
static bool frames_legal(struct bytes frames)
{
	struct reader reader = reader_of(frames);
	struct frame frame;
	size_t count = 0, reports = 0;
	bool streamed = false;

	while (next_frame(&frame, &reader)) {
		if (streamed || !frame_legal(&frame, kind_of(frame.header.type)))
			return false;
		count++;
		reports += frame.header.type == FRAME_REPORT ? 1 : 0;
		streamed = frame.header.type == FRAME_STREAM;
	}
	return reader_end(&reader) == CONCLAVE_OK && reports <= 1 &&
	       count <= FRAME_REQUESTS_MAX(LAYOUT(window_size));
}

/* Kept free for what must fit whatever happens: COMMIT, REPORTED and one DEFERRED for each frame.
 * FRAME_REQUESTS_MAX is made so that this is never more than the half that is not quota. */
static size_t fixed_room(size_t frames_left)
{
	return frame_room(8) + frame_room(sizeof(struct frame_reported)) +
	       frames_left * frame_room(0);
}

/* A sealed refusal with the longest topic there is, and REFUSED. */
_Static_assert(FRAME_QUOTA(ABI_WINDOW_SIZE_MIN) > 600, "every input can be refused");
_Static_assert(ABI_CONSOLE_SIZE + 1024 < ABI_WINDOW_SIZE_MIN / 2, "what is said can be heard");

static enum conclave_error handle_input(struct outbox *outbox, const struct frame *frame,
	const struct frame_kind *kind, bool *deferring, size_t frames_left)
{
	const size_t quota = FRAME_QUOTA(LAYOUT(window_size));

	*deferring = *deferring || outbox_room(outbox) < quota + fixed_room(frames_left);
	if (*deferring)
		return outbox_put(outbox, FRAME_DEFERRED, frame->header.id, 0, (struct bytes){0});

	outbox->limit = outbox_mark(outbox) + quota;
	enum conclave_error error = kind->handle(outbox, frame);
	outbox->limit = outbox->frames.cap;
	return error;
}

static size_t count_frames(struct bytes frames)
{
	struct reader reader = reader_of(frames);
	struct frame frame;
	size_t count = 0;
	while (next_frame(&frame, &reader))
		count++;
	return count;
}

static enum conclave_error handle_frames(struct outbox *outbox, struct bytes frames)
{
	struct reader reader = reader_of(frames);
	struct frame frame;
	bool deferring = false, idle = true;
	size_t left = count_frames(frames);

	while (next_frame(&frame, &reader)) {
		const struct frame_kind *kind = kind_of(frame.header.type);
		left--;
		idle = idle && !kind->input;
		if (kind->input)
			TRY(handle_input(outbox, &frame, kind, &deferring, left));
		else
			TRY(kind->handle(outbox, &frame));
	}
	return idle ? mailbox_idle() : CONCLAVE_OK;
}

/* The last frame of every turn. The sealed delta will follow the version. */
static void put_commit(struct outbox *outbox)
{
	uint8_t version[8];
	store_u64le(version, ++life.version);
	ASSERT(outbox_put(outbox, FRAME_COMMIT, 0, 0, BYTES_OF(version)) == CONCLAVE_OK);
}

static struct entry_result turn(uint64_t size, uint64_t b)
{
	struct buffer in = heap_part(HEAP_IN);
	struct outbox outbox;

	if (b != 0 || size > in.len || size % 8 != 0)
		return refused(ENTRY_REFUSED_FRAME);
	arena_read(in.ptr, &life.arena, size);
	struct bytes frames = bytes_of(in.ptr, size);
	if (!frames_legal(frames))
		return refused(ENTRY_REFUSED_FRAME);

	outbox_init(&outbox, heap_part(HEAP_OUT));
	if (handle_frames(&outbox, frames) != CONCLAVE_OK)
		return end(ENTRY_FAILED);
	put_console(&outbox, frame_room(8));
	put_commit(&outbox);
	return publish(ENTRY_OK, &outbox);
}

/* -- ENTRY_ANSWER -- */

/* The turn's own answer waits in HEAP_OUT; the question goes out alone. */
struct bytes turn_ask(uint64_t id, uint64_t offset, size_t size)
{
	uint8_t space[sizeof(struct frame_header) + sizeof(struct frame_ask)];
	uint8_t ask[sizeof(struct frame_ask)] = {0};
	struct outbox outbox;

	ASSERT(size > 0 && size <= FRAME_PIECE_MAX(LAYOUT(window_size)));
	store_u64le(ask + offsetof(struct frame_ask, offset), offset);
	store_u32le(ask + offsetof(struct frame_ask, size), (uint32_t)size);
	outbox_init(&outbox, (struct buffer){space, sizeof(space)});
	ASSERT(outbox_put(&outbox, FRAME_ASK, id, 0, BYTES_OF(ask)) == CONCLAVE_OK);
	life.question.id = id;
	life.question.size = size;
	life.state = STATE_ASKING;
	lane_ask(publish(ENTRY_ASKING, &outbox).size);
	life.state = STATE_STARTED;
	return bytes_of(heap_part(HEAP_IN).ptr + sizeof(struct frame_header), size);
}

/* Exactly the piece that was asked for. Nothing of a question's turn is in HEAP_IN any more, so a
 * wrong answer, which is refused, has overwritten nothing. */
static struct entry_result answer(uint64_t size, uint64_t b)
{
	struct buffer in = heap_part(HEAP_IN);
	struct frame frame;

	if (b != 0 || size != frame_room(life.question.size))
		return refused(ENTRY_REFUSED_FRAME);
	arena_read(in.ptr, &life.arena, size);
	struct reader reader = reader_of(bytes_of(in.ptr, size));
	if (!next_frame(&frame, &reader) || reader_end(&reader) != CONCLAVE_OK ||
		frame.header.type != FRAME_PIECE || frame.header.size != life.question.size ||
		frame.header.id != life.question.id || frame.header.route != 0 ||
		frame.header.reserved != 0)
		return refused(ENTRY_REFUSED_FRAME);
	return (struct entry_result){.status = TURN_GOES_ON};
}

/* -- entries -- */

static const struct {
	uint64_t code;
	enum turn_state legal_in;
	struct entry_result (*enter)(uint64_t a, uint64_t b);
} entries[] = {
	{ENTRY_START, STATE_NEW, start},
	{ENTRY_TURN, STATE_STARTED, turn},
	{ENTRY_STOP, STATE_STARTED, stop},
	{ENTRY_ANSWER, STATE_ASKING, answer},
};

struct entry_result turn_enter(uint64_t code, uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < ARRAY_COUNT(entries); i++)
		if (entries[i].code == code)
			return (entries[i].legal_in & life.state) == 0
				       ? refused(ENTRY_REFUSED_STATE)
				       : entries[i].enter(a, b);
	return refused(ENTRY_REFUSED_CODE);
}
