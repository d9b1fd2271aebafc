#include "client/replies.h"

/* Behind prologue length and prologue: the ephemeral key (docs/spec/mail.md). It is authenticated,
 * and no two encodings of one key are taken. */
uint64_t replies_mark(struct bytes sealed)
{
	struct reader reader = reader_of(sealed);
	(void)read_lp16(&reader);
	return read_u64be(&reader);
}

/* -- marks -- */

static size_t marks_held(const struct replies *replies)
{
	return replies->marks_count < REPLIES_WINDOW ? (size_t)replies->marks_count
						     : REPLIES_WINDOW;
}

bool replies_knows(const struct replies *replies, uint64_t mark)
{
	for (size_t i = 0; i < marks_held(replies); i++)
		if (replies->marks[i] == mark)
			return true;
	return false;
}

void replies_remember(struct replies *replies, uint64_t mark)
{
	replies->marks[replies->marks_count++ % REPLIES_WINDOW] = mark;
}

/* -- numbers -- */

static enum conclave_order advance(struct replies *replies, uint64_t sequence)
{
	uint64_t gap = sequence - replies->next;
	replies->arrived = gap + 1 < REPLIES_WINDOW ? replies->arrived << (gap + 1) : 0;
	replies->arrived |= 1;
	replies->next = sequence + 1;
	replies->missing += gap;
	return gap == 0 ? CONCLAVE_ORDER_NEXT : CONCLAVE_ORDER_GAP;
}

enum conclave_order replies_number(struct replies *replies, uint64_t sequence)
{
	if (!replies->heard) {
		replies->heard = true;
		replies->first = replies->next = sequence;
	}
	if (sequence >= replies->next)
		return advance(replies, sequence);
	uint64_t back = replies->next - 1 - sequence;
	if (back < REPLIES_WINDOW && (replies->arrived >> back & 1) == 0) {
		replies->arrived |= (uint64_t)1 << back;
		replies->missing -= sequence >= replies->first;
		return CONCLAVE_ORDER_LATE;
	}
	/* Another mail has had this number: the enclave began again, and with it the count. */
	replies->first = replies->next = replies->arrived = replies->missing = 0;
	(void)advance(replies, sequence);
	return CONCLAVE_ORDER_RESTART;
}

/* -- saved -- */

void replies_write(struct writer *out, const struct replies *replies)
{
	size_t held = marks_held(replies);
	write_u8(out, replies->heard);
	write_u64be(out, replies->first);
	write_u64be(out, replies->next);
	write_u64be(out, replies->arrived);
	write_u64be(out, replies->missing);
	write_u16be(out, (uint16_t)held);
	for (size_t i = 0; i < held; i++) /* the oldest first */
		write_u64be(
			out, replies->marks[(replies->marks_count - held + i) % REPLIES_WINDOW]);
}

/* What replies_number can leave behind: else its sums could wrap. */
static bool is_possible(const struct replies *replies)
{
	uint64_t span = replies->next - replies->first;
	if (!replies->heard)
		return replies->next == 0 && replies->first == 0 && replies->arrived == 0 &&
		       replies->missing == 0;
	uint64_t absent = 0;
	for (uint64_t back = 0; back < span && back < REPLIES_WINDOW; back++)
		absent += (replies->arrived >> back & 1) == 0;
	return replies->first < replies->next && replies->next <= (uint64_t)1 << 63 &&
	       (replies->arrived & 1) == 1 && replies->missing >= absent && replies->missing < span;
}

enum conclave_error replies_read(struct replies *out, struct reader *from)
{
	struct replies replies = {0};
	uint8_t heard = read_u8(from);
	replies.heard = heard == 1;
	replies.first = read_u64be(from);
	replies.next = read_u64be(from);
	replies.arrived = read_u64be(from);
	replies.missing = read_u64be(from);
	replies.marks_count = read_u16be(from);
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if (heard > 1 || replies.marks_count > REPLIES_WINDOW || !is_possible(&replies))
		return CONCLAVE_ERROR_FORMAT;
	for (uint64_t i = 0; i < replies.marks_count; i++)
		replies.marks[i] = read_u64be(from);
	if (from->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	*out = replies;
	return CONCLAVE_OK;
}
