#include "enclave/mailbox.h"

#include "enclave/files.h"
#include "enclave/guest.h"
#include "enclave/keys.h"
#include "enclave/measured.h"
#include "enclave/peers.h"
#include "mail/cache.h"
#include "mail/padding.h"

/* The input in hand. NULL between inputs, and while the guest starts or stops. */
struct input {
	uint64_t id, route;
	struct outbox *outbox;
	const struct mail *mail; /* NULL in a call */
	struct bytes call;
	struct writer *answer; /* NULL in a mail */
};
static const struct input *current;

#define REFUSED_SIZE 4u /* a REFUSED frame's payload; ACK has none */

/* What the mail key shares with the correspondents of late. A look-up walks over all of them, so
 * more would cost what they save. Ephemeral keys are not made ahead: there is no idle time in here,
 * an enclave runs only while somebody waits for it. */
#define CACHE_ENTRIES 64u
static struct mail_cache cache;
_Static_assert(CACHE_ENTRIES * sizeof(struct mail_cache_entry) <= LAYOUT_CACHE_SIZE, "they fit");

static void init_cache(void)
{
	void *entries = heap_part(HEAP_CACHE).ptr; /* page aligned */
	mail_cache_init(&cache, &keys()->mail, entries, CACHE_ENTRIES);
}

void mailbox_wipe(void)
{
	mail_cache_wipe(&cache);
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
	CLEANUP(x25519_secret_wipe) struct x25519_secret random;
	CLEANUP(x25519_pair_wipe) struct x25519_pair ephemeral;
	struct writer place;

	TRY(outbox_begin(&place, outbox, mail_sealed_size(draft)));
	TRY(crypto_random((struct buffer){random.bytes, sizeof(random.bytes)}));
	x25519_pair_init(&ephemeral, &random);
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

	if (envelope.len > MAIL_PROLOGUE_SIZE_MAX || body.len > room || answer_room() > room)
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
	case GUEST_TRAP_RANDOM: return MAIL_REFUSAL_TRAPPED;
	}
	return result.exists && result.value == 0 ? MAIL_REFUSAL_NONE : MAIL_REFUSAL_DECLINED;
}

/* Keep all effects of the input, or undo all: posts, numbers, padding, files; after a trap the
 * instance too. */
static enum conclave_error hand_over(
	enum mail_refusal *refusal, const struct input *input, enum guest_export to)
{
	size_t mark = outbox_mark(input->outbox);

	current = input;
	struct guest_result result = guest_call(to);
	current = NULL;

	*refusal = refusal_of(result);
	if (*refusal == MAIL_REFUSAL_NONE) {
		files_commit(guest_files());
		peers_keep();
		padding.kept = padding.now;
		return CONCLAVE_OK;
	}
	outbox_rewind(input->outbox, mark);
	peers_undo();
	padding.now = padding.kept;
	files_rollback(guest_files());
	if (result.trap == GUEST_TRAP_RANDOM)
		return CONCLAVE_ERROR_RANDOM;
	return result.trap == GUEST_TRAP_NONE ? CONCLAVE_OK : guest_start();
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

static enum conclave_error open_mail(struct mail *out, struct bytes sealed)
{
	TRY(mail_open_cached(out, heap_part(HEAP_PLAIN), &cache, sealed));
	TRY(mail_topic_check(out->header.topic)); /* or no answer could be sealed */
	return for_own_key(out->header.key_derivation) ? CONCLAVE_OK : CONCLAVE_ERROR_VERSION;
}

static enum conclave_error deliver(struct outbox *outbox, const struct frame *frame)
{
	struct mail mail;
	struct peer *peer;
	/* One answer for every way a mail can be unreadable: no oracle. */
	if (open_mail(&mail, frame->payload) != CONCLAVE_OK)
		return put_refused(outbox, frame, REFUSAL_UNREADABLE);

	enum mail_refusal refusal = admit(&peer, &mail, frame->header.route);
	if (refusal == MAIL_REFUSAL_NONE) {
		struct input input = {.id = frame->header.id,
			.route = frame->header.route,
			.outbox = outbox,
			.mail = &mail};
		TRY(hand_over(&refusal, &input, GUEST_ON_MAIL));
	}
	if (refusal != MAIL_REFUSAL_NONE)
		return refuse(outbox, frame, &mail, refusal);
	peer->unhandled = 0;
	return outbox_put(outbox, FRAME_ACK, frame->header.id, 0, (struct bytes){0});
}

enum conclave_error mailbox_deliver(struct outbox *outbox, const struct frame *frame)
{
	enum conclave_error error = deliver(outbox, frame);
	wipe(heap_part(HEAP_PLAIN).ptr,
		frame->payload.len); /* no plaintext is longer than its mail */
	return error;
}

/* -- local calls -- */

enum conclave_error mailbox_call(struct outbox *outbox, const struct frame *frame)
{
	enum mail_refusal refusal;
	struct writer answer = writer_of(heap_part(HEAP_ANSWER));
	struct input input = {.id = frame->header.id,
		.outbox = outbox,
		.call = frame->payload,
		.answer = &answer};

	write_u32le(&answer, 0);
	TRY(hand_over(&refusal, &input, GUEST_ON_CALL));
	uint8_t failed[4] = {1};
	enum conclave_error error = outbox_put(outbox, FRAME_RETURN, frame->header.id, 0,
		refusal == MAIL_REFUSAL_NONE ? writer_bytes(&answer) : BYTES_OF(failed));
	wipe(answer.ptr, answer.len);
	return error;
}
