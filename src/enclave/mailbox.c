#include "enclave/mailbox.h"

#include "enclave/files.h"
#include "enclave/guest.h"
#include "enclave/keys.h"
#include "enclave/measured.h"
#include "enclave/peers.h"
#include "enclave/stream.h"
#include "mail/opening.h"
#include "mail/padding.h"

/* The input in hand. NULL between inputs, and while the guest starts or stops. */
struct input {
	uint64_t id, route;
	struct outbox *outbox;
	const struct mail *mail; /* NULL in a call */
	bool streamed;		 /* the mail's body comes from stream.h */
	struct bytes unread;	 /* of the body, in hand */
	struct bytes call;
	struct writer *answer; /* NULL in a mail */
};
static struct input *current;
static uint64_t input_count; /* so far; names the one in hand */

#define REFUSED_SIZE 4u /* a REFUSED frame's payload; ACK has none */

/* What the mail key shares with the correspondents of late. A look-up walks over all of them, so
 * more would cost what they save. */
#define CACHE_ENTRIES 64u
static struct mail_cache cache;
_Static_assert(CACHE_ENTRIES * sizeof(struct mail_cache_entry) <= LAYOUT_CACHE_SIZE, "they fit");

/* Ephemeral keys, made in turns that bring no input, when nobody waits; each for one mail. One
 * saves half the multiplications of a reply to somebody known. */
#define STOCK_SIZE 32u
static struct x25519_pair stock_keys[STOCK_SIZE];
static struct ephemeral_stock stock = {.keys = stock_keys, .capacity = STOCK_SIZE};

static void init_cache(void)
{
	void *entries = heap_part(HEAP_CACHE).ptr; /* page aligned */
	mail_cache_init(&cache, &keys()->mail, entries, CACHE_ENTRIES);
}

void mailbox_wipe(void)
{
	mail_cache_wipe(&cache);
	ephemeral_stock_wipe(&stock);
}

/* At least so many. */
static enum conclave_error stock_up(size_t count)
{
	CLEANUP(x25519_secret_wipe) struct x25519_secret random;

	while (stock.count < count) {
		TRY(crypto_random((struct buffer){random.bytes, sizeof(random.bytes)}));
		TRY(ephemeral_put(&stock, &random));
	}
	return CONCLAVE_OK;
}

enum conclave_error mailbox_idle(void)
{
	return stock_up(STOCK_SIZE);
}

/* -- padding -- */

/* One figure for all destinations, because the host sees the length of every mail: kept apart, the
 * first reply to each would tell its size. As of now; as of the last input that was kept. */
static struct {
	struct padding now, kept;
} padding;

static enum conclave_error init_padding(void)
{
	switch (config()->padding) {
	case CONFIG_PADDING_NONE: padding.kept = padding_fixed(0); break;
	case CONFIG_PADDING_FIXED: padding.kept = padding_fixed(config()->padding_figure); break;
	case CONFIG_PADDING_LARGEST: padding.kept = padding_largest(); break;
	case CONFIG_PADDING_AVERAGE: padding.kept = padding_average(); break;
	case CONFIG_PADDING_POWERS: padding.kept = padding_powers(); break;
	default: return CONCLAVE_ERROR_FORMAT;
	}
	padding.now = padding.kept;
	return CONCLAVE_OK;
}

enum conclave_error mailbox_init(void)
{
	init_cache();
	return init_padding();
}

/* All of a POST but topic, envelope, body and the packets' 20 bytes in 65517; and REFUSED. */
#define POST_FIXED_SIZE 512u

/* The policy's figure for a draft, as far as there is room: padding alone never makes a mail fail.
 * What is taken off depends on nothing that the host does not see. */
static size_t padded_size(struct padding *policy, const struct mail_draft *draft, size_t room)
{
	size_t fixed = POST_FIXED_SIZE + draft->topic.len + draft->envelope.len;
	size_t most = room > fixed ? room - fixed : 0;
	uint64_t figure = padding_next(policy, draft->body.len);

	most -= most / 2048;
	return figure < most ? (size_t)figure : most;
}

/* -- sealing -- */

static enum conclave_error seal(struct outbox *outbox, uint64_t id, uint64_t route,
	const struct x25519_public *to, const struct mail_draft *draft)
{
	CLEANUP(x25519_pair_wipe) struct x25519_pair ephemeral;
	struct writer place;

	TRY(outbox_begin(&place, outbox, mail_sealed_size(draft)));
	TRY(stock_up(1));
	TRY(ephemeral_take(&ephemeral, &stock));
	TRY(mail_seal_cached(&place, draft, &cache, to, &ephemeral));
	return outbox_end(outbox, &place, FRAME_POST, id, route);
}

/* What the frame that ends this input will need. */
static size_t answer_room(void)
{
	return current->answer == NULL ? frame_room(REFUSED_SIZE)
				       : frame_room(current->answer->len);
}

/* A post of the guest's. It must leave room for the answer that ends this input. */
static enum conclave_error post(uint64_t route, const struct x25519_public *to, struct bytes topic,
	struct bytes body, struct bytes envelope)
{
	struct peer *peer;
	struct mail_draft draft = {.topic = topic, .envelope = envelope, .body = body};
	struct padding policy = padding.now;
	size_t room = outbox_room(current->outbox);

	TRY(draft_check(&draft)); /* a post that cannot be sealed must not take a place */
	if (body.len > room || answer_room() > room)
		return CONCLAVE_ERROR_LIMIT;
	room -= answer_room();
	draft.min_size = padded_size(&policy, &draft, room);
	if (frame_room(mail_sealed_size(&draft)) > room)
		return CONCLAVE_ERROR_LIMIT;
	TRY(peers_get(&peer, to, topic));
	draft.sequence = peer->next_out;
	TRY(seal(current->outbox, current->id, route, to, &draft));
	peers_number(peer);
	padding.now = policy;
	return CONCLAVE_OK;
}

enum conclave_error mailbox_reply(struct bytes body, struct bytes envelope)
{
	if (current == NULL || current->mail == NULL)
		return CONCLAVE_ERROR_STATE;
	return post(current->route, &current->mail->sender, current->mail->header.topic, body,
		envelope);
}

enum conclave_error mailbox_post(const struct x25519_public *to, struct bytes topic,
	struct bytes body, struct bytes envelope)
{
	uint64_t route;

	if (current == NULL)
		return CONCLAVE_ERROR_STATE;
	TRY(mail_topic_check(topic));
	TRY(peers_route(&route, to));
	return post(route, to, topic, body, envelope);
}

enum conclave_error mailbox_answer(struct bytes from)
{
	if (current == NULL || current->answer == NULL)
		return CONCLAVE_ERROR_STATE;
	if (frame_room(current->answer->len + from.len) > outbox_room(current->outbox))
		return CONCLAVE_ERROR_LIMIT;
	write_bytes(current->answer, from);
	return CONCLAVE_OK;
}

/* Ed25519 reads its message twice and wants it in one piece: it is put together in whichever of the
 * two windows this input does not use. */
enum conclave_error mailbox_sign(struct ed25519_signature *out, struct bytes message)
{
	bool in_call = current != NULL && current->answer != NULL;
	struct writer whole = writer_of(heap_part(in_call ? HEAP_PLAIN : HEAP_ANSWER));

	write_bytes(&whole, BYTES_LIT("conclave guest signature\0"));
	write_bytes(&whole, message);
	if (writer_end(&whole) != CONCLAVE_OK)
		return CONCLAVE_ERROR_LIMIT;
	ed25519_sign(out, &keys()->signing, writer_bytes(&whole));
	wipe(whole.ptr, whole.len);
	return CONCLAVE_OK;
}

struct bytes mailbox_part(enum guest_part part)
{
	if (current == NULL)
		return (struct bytes){0};
	if (current->mail == NULL)
		return part == GUEST_PART_BODY ? current->call : (struct bytes){0};
	switch (part) {
	case GUEST_PART_BODY: return current->mail->body;
	case GUEST_PART_ENVELOPE: return current->mail->header.envelope;
	case GUEST_PART_TOPIC: return current->mail->header.topic;
	case GUEST_PART_SENDER: return BYTES_OF(current->mail->sender);
	}
	return (struct bytes){0};
}

uint64_t mailbox_sequence(void)
{
	return current == NULL || current->mail == NULL ? 0 : current->mail->header.sequence;
}

/* -- reading a mail as a file -- */

uint64_t mail_in_hand(void)
{
	return current == NULL || current->mail == NULL ? 0 : input_count;
}

/* A guest that reads what was altered, or has no end, is stopped: nothing it does would be kept. */
static void refill(void)
{
	if (stream_body(&current->unread) != CONCLAVE_OK)
		guest_trap(GUEST_TRAP_UNREADABLE);
}

uint32_t mail_read(uint32_t ptr, uint32_t len)
{
	uint32_t done = 0;

	guest_check(ptr, len);
	if (mail_in_hand() == 0)
		return 0;
	while (done < len) {
		if (current->unread.len == 0 && current->streamed)
			refill();
		struct bytes part = bytes_take(&current->unread, len - done);
		if (part.len == 0)
			break;
		memcpy(guest_range(ptr + done, (uint32_t)part.len), part.ptr, part.len);
		done += (uint32_t)part.len;
	}
	return done;
}

/* -- handing an input to the guest -- */

static enum mail_refusal refusal_of(struct guest_result result)
{
	switch (result.trap) {
	case GUEST_TRAP_NONE: break;
	case GUEST_TRAP_STACK:
	case GUEST_TRAP_FUEL: return MAIL_REFUSAL_EXHAUSTED;
	case GUEST_TRAP_MEMORY:
	case GUEST_TRAP_ARITHMETIC:
	case GUEST_TRAP_UNREACHABLE:
	case GUEST_TRAP_CALL:
	case GUEST_TRAP_EXIT:
	case GUEST_TRAP_UNREADABLE:
	case GUEST_TRAP_RANDOM: return MAIL_REFUSAL_TRAPPED;
	}
	return result.exists && result.value == 0 ? MAIL_REFUSAL_NONE : MAIL_REFUSAL_DECLINED;
}

static struct guest_result hand_over(struct input *input, enum guest_export to)
{
	current = input;
	input_count++;
	struct guest_result result = guest_call(to);
	current = NULL;
	return result;
}

/* All effects of an input: posts, numbers, padding, files. */
static void keep(void)
{
	files_commit(guest_files());
	peers_keep();
	padding.kept = padding.now;
}

/* The instance too, when it is not what it was. */
static enum conclave_error undo(struct outbox *outbox, size_t mark, bool start_afresh)
{
	outbox_rewind(outbox, mark);
	peers_undo();
	padding.now = padding.kept;
	files_rollback(guest_files());
	return start_afresh ? guest_start() : CONCLAVE_OK;
}

/* -- mail -- */

static enum conclave_error put_refused(
	struct outbox *outbox, const struct frame *frame, enum frame_refusal refusal)
{
	uint8_t code[REFUSED_SIZE];
	store_u32le(code, refusal);
	return outbox_put(outbox, FRAME_REFUSED, frame->header.id, 0, BYTES_OF(code));
}

/* Tell the sender why, under seal, and the host only that: padded like a reply without a body. It
 * does not count in the policy's figure, or a host could wear an average down with replays. */
static enum conclave_error refuse(struct outbox *outbox, const struct frame *frame,
	const struct mail *mail, enum mail_refusal reason)
{
	uint8_t private_header[MAIL_REFUSAL_SIZE];
	struct peer *peer = peers_find(&mail->sender, mail->header.topic);
	struct mail_draft draft = {
		.sequence = peer == NULL ? 0 : peers_number(peer),
		.topic = mail->header.topic,
		.private_header = BYTES_OF(private_header),
	};
	struct padding policy = padding.now;

	mail_refusal_write(private_header, reason);
	draft.min_size =
		padded_size(&policy, &draft, outbox_room(outbox) - frame_room(REFUSED_SIZE));
	TRY(seal(outbox, frame->header.id, frame->header.route, &mail->sender, &draft));
	peers_keep();
	return put_refused(outbox, frame, REFUSAL_NOT_HANDLED);
}

/* The next number; or once more the last, when that mail was not handled. The first since the
 * enclave started is taken as it is. Numbers are below 2^63. */
static bool in_order(const struct peer *peer, uint64_t sequence)
{
	return !peer->heard || sequence == peer->next_in ||
	       (peer->unhandled && sequence + 1 == peer->next_in);
}

/* A mail takes its place in its sender's order before the guest sees it, as one not handled: only
 * what follows hand_over changes that. */
static enum mail_refusal admit(struct peer **out, const struct mail *mail, uint64_t route)
{
	struct peer *peer;

	if (peers_get(&peer, &mail->sender, mail->header.topic) != CONCLAVE_OK)
		return MAIL_REFUSAL_LIMIT;
	if (!in_order(peer, mail->header.sequence))
		return MAIL_REFUSAL_SEQUENCE;
	peer->heard = 1;
	peer->next_in = mail->header.sequence + 1;
	peer->unhandled = 1;
	peers_set_route(&mail->sender, route);
	*out = peer;
	return MAIL_REFUSAL_NONE;
}

/* R3's key derivation header: absent, 18 bytes of an old form, or type 0 mean this enclave's own
 * key (docs/spec/mail.md). */
static bool for_own_key(struct bytes key_derivation)
{
	return key_derivation.len == 0 || key_derivation.len == 18 || key_derivation.ptr[0] == 0;
}

/* One mail, from its header to its answer. Of a stream nothing is kept before its last packet is
 * authentic: else not even its place in the order. */
static enum conclave_error handle_mail(const struct frame *frame, struct input *input)
{
	const struct mail *mail = input->mail;
	struct peers_before before;
	struct peer *peer;
	struct guest_result result = {0};
	size_t mark = outbox_mark(input->outbox);

	peers_save(&before, &mail->sender, mail->header.topic);
	enum mail_refusal refusal = admit(&peer, mail, input->route);
	if (refusal == MAIL_REFUSAL_NONE) {
		result = hand_over(input, input->streamed ? GUEST_ON_MAIL_STREAM : GUEST_ON_MAIL);
		refusal = refusal_of(result);
	}
	if (result.trap == GUEST_TRAP_RANDOM)
		return CONCLAVE_ERROR_RANDOM;
	bool readable = stream_end() == CONCLAVE_OK;
	if (refusal == MAIL_REFUSAL_NONE && readable) {
		keep();
		peer->unhandled = 0;
		return outbox_put(input->outbox, FRAME_ACK, input->id, 0, (struct bytes){0});
	}
	TRY(undo(input->outbox, mark,
		result.trap != GUEST_TRAP_NONE || (result.exists && !readable)));
	if (readable)
		return refuse(input->outbox, frame, mail, refusal);
	peers_restore(&before, &mail->sender, mail->header.topic);
	return put_refused(input->outbox, frame, REFUSAL_UNREADABLE);
}

/* What every mail must be to be answered at all. */
static enum conclave_error check_header(const struct mail *mail)
{
	TRY(mail_topic_check(mail->header.topic)); /* or no answer could be sealed */
	return for_own_key(mail->header.key_derivation) ? CONCLAVE_OK : CONCLAVE_ERROR_VERSION;
}

/* All of it is put together before anything is made of it. */
static enum conclave_error open_whole(struct mail *out, const struct frame *frame)
{
	struct stream_source source = {.here = frame->payload};
	struct writer body = writer_of(heap_part(HEAP_PLAIN));
	struct bytes part;

	TRY(stream_begin(out, &source, &cache));
	TRY(check_header(out));
	do {
		TRY(stream_body(&part));
		write_bytes(&body, part); /* it fits: no plaintext is longer than its mail */
	} while (part.len != 0);
	out->body = writer_bytes(&body);
	return CONCLAVE_OK;
}

static enum conclave_error open_stream(struct mail *out, const struct frame *frame)
{
	struct stream_source source = {
		.id = frame->header.id, .elsewhere = load_u64le(frame->payload.ptr)};
	TRY(stream_begin(out, &source, &cache));
	return check_header(out);
}

/* One answer for every way a mail can be unreadable: no oracle. */
static enum conclave_error take_mail(
	struct outbox *outbox, const struct frame *frame, bool streamed)
{
	struct mail mail;
	enum conclave_error error = streamed ? open_stream(&mail, frame) : open_whole(&mail, frame);
	if (error != CONCLAVE_OK)
		return put_refused(outbox, frame, REFUSAL_UNREADABLE);
	struct input input = {.id = frame->header.id,
		.route = frame->header.route,
		.outbox = outbox,
		.mail = &mail,
		.streamed = streamed,
		.unread = mail.body};
	return handle_mail(frame, &input);
}

enum conclave_error mailbox_deliver(struct outbox *outbox, const struct frame *frame)
{
	enum conclave_error error = take_mail(outbox, frame, false);
	wipe(heap_part(HEAP_PLAIN).ptr, frame->payload.len);
	stream_wipe();
	return error;
}

enum conclave_error mailbox_stream(struct outbox *outbox, const struct frame *frame)
{
	enum conclave_error error = take_mail(outbox, frame, true);
	stream_wipe();
	return error;
}

/* -- local calls -- */

enum conclave_error mailbox_call(struct outbox *outbox, const struct frame *frame)
{
	struct writer answer = writer_of(heap_part(HEAP_ANSWER));
	size_t mark = outbox_mark(outbox);
	struct input input = {.id = frame->header.id,
		.outbox = outbox,
		.call = frame->payload,
		.answer = &answer};

	write_u32le(&answer, 0);
	struct guest_result result = hand_over(&input, GUEST_ON_CALL);
	if (result.trap == GUEST_TRAP_RANDOM)
		return CONCLAVE_ERROR_RANDOM;
	bool answered = refusal_of(result) == MAIL_REFUSAL_NONE;
	if (answered)
		keep();
	else
		TRY(undo(outbox, mark, result.trap != GUEST_TRAP_NONE));
	uint8_t failed[4] = {1};
	enum conclave_error error = outbox_put(outbox, FRAME_RETURN, frame->header.id, 0,
		answered ? writer_bytes(&answer) : BYTES_OF(failed));
	wipe(answer.ptr, answer.len);
	return error;
}
