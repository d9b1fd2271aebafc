/* Streams into the runtime's own code: what a mail half read leaves behind, which is nothing, seen
 * from inside. T-17, T-20 and T-31 of the threat table; hostile/stream.c is the same from outside.
 */
#include "enclave_world.h"

#include "base/ct.h"
#include "enclave/guest.h"
#include "enclave/keys.h"
#include "enclave/measured.h"
#include "enclave/peers.h"
#include "mail/padding.h"

#define ROUTE 77u
#define BODY_MAX 200000u

static uint8_t body_space[BODY_MAX];

static struct bytes body_of(const char *what, size_t size)
{
	for (size_t i = 0; i < size; i++)
		body_space[i] = (uint8_t)(i * 13 + i / 251);
	body_space[0] = (uint8_t)what[0];
	return bytes_of(body_space, size);
}

static struct bytes seal(char name, uint64_t sequence, const char *what)
{
	return world_seal_long(name, "t", sequence, body_of(what, BODY_MAX));
}

static const struct world_answer *stream(struct bytes mail)
{
	struct entry_result result = world_stream(1, ROUTE, mail);
	assert_int_equal(result.status, ENTRY_OK);
	return world_answer(result);
}

static struct bytes cut(struct bytes mail)
{
	return bytes_of(mail.ptr, mail.len - 1);
}

static void assert_unreadable(const struct world_answer *answer)
{
	assert_int_equal(answer->frames[0].type, FRAME_REFUSED);
	assert_int_equal(load_u32le(answer->frames[0].payload.ptr), REFUSAL_UNREADABLE);
	assert_null(world_find(answer, FRAME_POST, 1));
}

static enum mail_refusal refusal(const struct world_answer *answer, char name)
{
	assert_int_equal(answer->frames[0].type, FRAME_POST);
	assert_int_equal(answer->frames[0].route, ROUTE);
	assert_int_equal(answer->frames[1].type, FRAME_REFUSED);
	assert_int_equal(load_u32le(answer->frames[1].payload.ptr), REFUSAL_NOT_HANDLED);
	return mail_refusal_read(world_open(name, answer->frames[0].payload).private_header);
}

static void assert_hash(const struct world_answer *answer, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 1; i < size; i++)
		hash = (hash ^ body_space[i]) * 0x100000001b3;
	struct mail mail = world_open('A', answer->frames[0].payload);
	assert_int_equal(answer->frames[0].route, ROUTE);
	assert_int_equal(load_u64le(mail.body.ptr), size - 1);
	assert_int_equal(load_u64le(mail.body.ptr + 8), hash);
	assert_non_null(world_find(answer, FRAME_ACK, 1));
}

static void assert_wiped(enum heap_part part)
{
	struct buffer space = heap_part(part);
	assert_true(ct_all_zero(space.ptr, space.len));
}

/* -- the right thing -- */

static void guest_reads_it_as_a_file(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	for (uint64_t i = 0; i < 3; i++)
		assert_hash(stream(seal('A', i, SAY_HASH)), BODY_MAX);
	assert_wiped(HEAP_STREAM);
}

/* The same import where the mail is whole. */
static void whole_mail_can_be_read_so_too(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal('A', "t", 0, body_of(SAY_HASH, 5000)));
	assert_hash(world_answer(world_turn()), 5000);
	assert_wiped(HEAP_STREAM);
}

static void guest_without_on_mail_gets_all_of_it_as_streams(void)
{
	world_guest_has_no_mail = true;
	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal('A', "t", 0, body_of(SAY_HASH, 5000)));
	assert_hash(world_answer(world_turn()), 5000);
	assert_hash(stream(seal('A', 1, SAY_HASH)), BODY_MAX);
}

/* It is read to its end all the same: else a sender could be refused for a mail that is none. */
static void guest_without_on_mail_stream_declines(void)
{
	world_guest_has_no_stream = true;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_unreadable(stream(cut(seal('A', 0, SAY_HASH))));
	assert_int_equal(refusal(stream(seal('A', 0, SAY_HASH)), 'A'), MAIL_REFUSAL_DECLINED);
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal('A', "t", 1, BYTES_LIT(SAY_REPLY)));
	assert_non_null(world_find(world_answer(world_turn()), FRAME_ACK, 1));
}

static void nothing_is_read_where_there_is_no_mail(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(mail_in_hand(), 0);
	assert_int_equal(mail_read(0, 100), 0);
	stream(seal('A', 0, SAY_HASH));
	assert_int_equal(mail_in_hand(), 0);
	assert_int_equal(mail_read(0, 100), 0);
}

/* -- what an unreadable one leaves -- */

/* A route is where replies go: a host that could change it by half a mail could misdirect them. */
static void route_is_as_before(void)
{
	static const uint8_t post[] = "p................................news for A";
	uint8_t body[sizeof(post)];
	struct x25519_public key = world_key('A');
	memcpy(body, post, sizeof(post));
	memcpy(body + 1, key.bytes, sizeof(key.bytes));

	assert_int_equal(world_start(), ENTRY_OK);
	world_put(FRAME_DELIVER, 1, 5, world_seal('A', "t", 0, BYTES_LIT(SAY_NOTHING)));
	assert_int_equal(world_turn().status, ENTRY_OK);
	assert_unreadable(stream(cut(seal('A', 1, SAY_COUNT_FIRST))));
	world_put(FRAME_DELIVER, 1, 6, world_seal('B', "t", 0, BYTES_OF(body)));
	const struct world_frame *posted = world_find(world_answer(world_turn()), FRAME_POST, 1);
	assert_int_equal(posted->route, 5);
	assert_int_equal(world_open('A', posted->payload).header.sequence, 0);
}

/* All places of the table; of one, all but the link that is stale between inputs. */
static void copy_places(struct peer *out)
{
	struct buffer table = heap_part(HEAP_PEERS);
	memcpy(out, table.ptr, table.len);
	for (size_t i = 0; i < table.len / sizeof(*out); i++)
		out[i].changed = 0;
}

/* Whoever writes, known or not, on any topic, and whomever the guest posts to while it reads: the
 * table is what it was, place by place, so that every chain of places is too. */
static void table_is_as_before(void)
{
	static struct peer before[LAYOUT_PAGE / sizeof(struct peer)], after[ARRAY_COUNT(before)];
	static const char *const topics[] = {"t", "news"};
	static uint64_t next[6][ARRAY_COUNT(topics)];
	unsigned posted = 0;

	assert_int_equal(world_start(), ENTRY_OK);
	assert_int_equal(heap_part(HEAP_PEERS).len, sizeof(before));
	for (unsigned i = 0; i < 400; i++) {
		uint8_t body[100] = SAY_ENVELOPE;
		unsigned from = i * 7 / 3 % 6, topic = i / 5 % 2;
		struct x25519_public to = world_key((char)('A' + i * i / 4 % 6));
		memcpy(body + 1, to.bytes, sizeof(to.bytes));
		struct bytes mail = world_seal_long((char)('A' + from), topics[topic],
			next[from][topic], bytes_of(body, sizeof(body)));
		copy_places(before);
		assert_unreadable(stream(cut(mail)));
		copy_places(after);
		assert_memory_equal(after, before, sizeof(before));
		if (i % 8 != 0)
			continue;
		const struct world_answer *answer = stream(mail);
		bool handled = world_find(answer, FRAME_ACK, 1) != NULL;
		next[from][topic] += handled ? 1 : 0;
		posted += handled && answer->count == 4 ? 1 : 0;
	}
	assert_true(posted > 10);
}

/* Somebody who has sent half a mail has not sent any: nothing can be posted to them. */
static void sender_is_not_known_by_it(void)
{
	uint8_t body[40] = "p";
	struct x25519_public key = world_key('A');
	memcpy(body + 1, key.bytes, sizeof(key.bytes));
	assert_int_equal(world_start(), ENTRY_OK);
	assert_unreadable(stream(cut(seal('A', 0, SAY_COUNT_FIRST))));
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal('B', "t", 0, BYTES_OF(body)));
	assert_int_equal(refusal(world_answer(world_turn()), 'B'), MAIL_REFUSAL_DECLINED);
}

/* A figure that remembers does not remember its replies. */
static void padding_is_as_before(void)
{
	struct mail_draft draft = {.topic = BYTES_LIT("t"), .min_size = 1};
	world_padding = CONFIG_PADDING_LARGEST;
	assert_int_equal(world_start(), ENTRY_OK);
	assert_unreadable(stream(cut(seal('A', 0, SAY_COUNT_FIRST))));
	world_put(FRAME_DELIVER, 1, ROUTE, world_seal('A', "t", 0, BYTES_LIT(SAY_REPLY)));
	const struct world_frame *post = world_find(world_answer(world_turn()), FRAME_POST, 1);
	assert_int_equal(post->payload.len, mail_sealed_size(&draft));
}

static void memory_holds_nothing_of_it(void)
{
	static const char secret[] = "P secret 3d8f1b";
	assert_int_equal(world_start(), ENTRY_OK);
	struct bytes body = body_of(SAY_COUNT_FIRST, BODY_MAX);
	memcpy(body_space + 1, secret + 1, sizeof(secret) - 1);
	assert_unreadable(stream(cut(world_seal_long('A', "t", 0, body))));
	assert_wiped(HEAP_STREAM);
	struct bytes all = world_enclave(), guest = world_guest_memory();
	assert_null(memmem(all.ptr, all.len, secret + 1, sizeof(secret) - 2));
	assert_null(memmem(guest.ptr, guest.len, secret + 1, sizeof(secret) - 2));
}

/* The guest does not come back after it: the end of the enclave, and of its keys. */
static void guest_that_cannot_restart_fails_the_enclave(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	struct bytes mail = cut(seal('A', 0, SAY_COUNT_FIRST));
	world_guest_refuses = true;
	struct entry_result result = world_stream(1, ROUTE, mail);
	assert_int_equal(result.status, ENTRY_FAILED);
	assert_true(ct_all_zero(keys(), sizeof(struct keys)));
	assert_wiped(HEAP_STREAM);
	assert_int_equal(turn_enter(ENTRY_ANSWER, 40, 0).status, ENTRY_REFUSED_STATE);
}

/* -- while a question is open -- */

static unsigned questions;

static void try_everything_else(const struct world_ask *ask)
{
	const uint64_t arena = (uint64_t)(uintptr_t)world_arena;
	questions++;
	assert_int_equal(turn_enter(ENTRY_TURN, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(ENTRY_STOP, 0, 0).status, ENTRY_REFUSED_STATE);
	assert_int_equal(
		turn_enter(ENTRY_START, arena, sizeof(world_arena)).status, ENTRY_REFUSED_STATE);
	assert_int_equal(turn_enter(99, 0, 0).status, ENTRY_REFUSED_CODE);
	for (uint64_t size = 0; size < 100; size++)
		assert_int_equal(turn_enter(ENTRY_ANSWER, size, 0).status, ENTRY_REFUSED_FRAME);
	world_answer_honestly(ask);
}

static void only_its_answer_is_taken(void)
{
	assert_int_equal(world_start(), ENTRY_OK);
	world_asked = try_everything_else;
	assert_hash(stream(seal('A', 0, SAY_HASH)), BODY_MAX);
	assert_int_equal(questions, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(guest_reads_it_as_a_file),
		world_test(whole_mail_can_be_read_so_too),
		world_test(guest_without_on_mail_gets_all_of_it_as_streams),
		world_test(guest_without_on_mail_stream_declines),
		world_test(nothing_is_read_where_there_is_no_mail),
		world_test(route_is_as_before),
		world_test(table_is_as_before),
		world_test(sender_is_not_known_by_it),
		world_test(padding_is_as_before),
		world_test(memory_holds_nothing_of_it),
		world_test(guest_that_cannot_restart_fails_the_enclave),
		world_test(only_its_answer_is_taken),
	};
	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
