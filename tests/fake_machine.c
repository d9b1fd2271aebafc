#include "fake_machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "abi/frames.h"

struct machine_enclave {
	struct fake_machine *fake;
	uint8_t *arena;
	uint64_t version;
	bool started, dead;
	struct {
		uint64_t id, route, size, taken, sum;
		uint32_t asked; /* 0: nothing is streamed */
		unsigned questions;
		uint8_t line[64];
		size_t line_size;
	} stream;
};

const char *const fake_lies[] = {
	"more bytes than the window has",
	"a size near 2^64",
	"nothing at all",
	"half a header",
	"a payload beyond the end",
	"a payload of 4 GiB",
	"an unknown frame type",
	"a host's frame type",
	"a reserved field",
	"a gap that is not zero",
	"an answer for nobody",
	"two answers",
	"posts without an answer",
	"no answer",
	"deferring the first",
	"an acknowledgement with a payload",
	"a refusal of no known kind",
	"a refusal too short",
	"a RETURN for a mail",
	"a REPORTED for a mail",
	"a post without a route",
	"an empty post",
	"a post for somebody else's mail",
	"a COMMIT too short",
	"no COMMIT",
	"two COMMITs",
	"something after the COMMIT",
	"an unknown status",
	"a refusal of the frames",
};
const size_t fake_lies_count = sizeof(fake_lies) / sizeof(fake_lies[0]);

const char *const fake_question_lies[] = {
	"none",
	"for another mail",
	"with a route",
	"beyond the next byte",
	"for the same bytes again",
	"for a byte too many",
	"for a byte less than it can",
	"for nothing",
	"for 4 GiB",
	"with a reserved field",
	"with a payload too short",
	"with a payload too long",
	"with a frame behind it",
	"of another type",
	"without a frame",
	"after the last byte",
	"for nothing, after the last byte",
	"instead of it BUSY",
};
const size_t fake_question_lies_count = sizeof(fake_question_lies) / sizeof(fake_question_lies[0]);

static const struct machine_ops FAKE_OPS;

void fake_machine_init(struct fake_machine *fake)
{
	*fake = (struct fake_machine){.machine.ops = &FAKE_OPS};
	(void)sem_init(&fake->gate, 0, 0);
	(void)sem_init(&fake->at_gate, 0, 0);
}

const struct image *fake_image(uint8_t signer)
{
	static struct layout layout = {.magic = LAYOUT_MAGIC,
		.enclave_size = 0x100000,
		.lane_count = 1,
		.window_size = FAKE_WINDOW};
	static struct {
		struct config_header header;
		char name[8];
	} config = {{.magic = CONFIG_MAGIC, .name = {sizeof(config.header), 4}}, "fake"};
	static struct sgx_sigstruct sigstructs[256];
	static struct image images[256];
	sigstructs[signer].header[0] = 6;
	sigstructs[signer].exponent = 3;
	sigstructs[signer].modulus[0] = signer;
	sigstructs[signer].modulus[383] = 0x80;
	sigstructs[signer].isvprodid = 7;
	images[signer] = (struct image){.layout = &layout,
		.config = &config.header,
		.config_bytes = BYTES_OF(config),
		.sigstruct = &sigstructs[signer]};
	return &images[signer];
}

/* -- what loads it -- */

static enum conclave_error fake_create(struct machine_enclave **out, struct machine *machine,
	uint64_t size, uint32_t ssa_frame_pages, struct sgx_attributes attributes)
{
	(void)size, (void)ssa_frame_pages, (void)attributes;
	struct machine_enclave *enclave = calloc(1, sizeof(*enclave));
	if (enclave == NULL)
		return CONCLAVE_ERROR_MEMORY;
	enclave->fake = (struct fake_machine *)machine;
	enclave->fake->loads++;
	*out = enclave;
	return CONCLAVE_OK;
}

static enum conclave_error fake_add(struct machine_enclave *enclave, uint64_t rva,
	const uint8_t *data, uint64_t count, uint64_t flags, bool measured)
{
	(void)enclave, (void)rva, (void)data, (void)count, (void)flags, (void)measured;
	return CONCLAVE_OK;
}

static enum conclave_error fake_init(
	struct machine_enclave *enclave, const struct sgx_sigstruct *sigstruct)
{
	(void)enclave, (void)sigstruct;
	return CONCLAVE_OK;
}

static void fake_destroy(struct machine_enclave *enclave)
{
	free(enclave);
}

static void fake_range(uint64_t *base, uint64_t *size, const struct machine_enclave *enclave)
{
	(void)enclave;
	*base = *size = 0;
}

static enum conclave_error fake_quote_target(struct sgx_targetinfo *out, struct machine *machine)
{
	(void)machine;
	memset(out, 0, sizeof(*out));
	return CONCLAVE_OK;
}

static enum conclave_error fake_quote(
	struct writer *out, struct machine *machine, const struct sgx_report *report)
{
	(void)machine, (void)report;
	write_bytes(out, BYTES_LIT("evidence"));
	return writer_end(out);
}

static void fake_close(struct machine *machine)
{
	(void)machine;
}

/* -- frames, written by hand: not by the code under test -- */

static void put(
	struct writer *out, uint32_t type, uint64_t id, uint64_t route, struct bytes payload)
{
	write_u32le(out, type);
	write_u32le(out, (uint32_t)payload.len);
	write_u64le(out, id);
	write_u64le(out, route);
	write_u64le(out, 0);
	write_bytes(out, payload);
	write_zeros(out, (8 - payload.len % 8) % 8);
}

static void put_refused(struct writer *out, uint64_t id, uint32_t why)
{
	uint8_t code[4];
	store_u32le(code, why);
	put(out, FRAME_REFUSED, id, 0, BYTES_OF(code));
}

static void put_commit(struct writer *out, uint64_t version)
{
	uint8_t payload[13];
	store_u64le(payload, version);
	memcpy(payload + 8, "delta", 5);
	put(out, FRAME_COMMIT, 0, 0, BYTES_OF(payload));
}

enum verdict { GO_ON, ASKING, FAULT, HANG, BUSY, FAILED, LIED };

struct mail {
	uint64_t id, route;
	struct bytes text;
};

/* The tail of a text that begins with a word; NULL ptr when it does not. */
static struct bytes after(struct bytes text, const char *word)
{
	size_t size = strlen(word);
	if (text.len < size || memcmp(text.ptr, word, size) != 0)
		return (struct bytes){0};
	return bytes_slice(text, size, SIZE_MAX);
}

static unsigned number(struct bytes text)
{
	unsigned value = 0;
	for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		value = value * 10 + (unsigned)(text.ptr[i] - '0');
	return value;
}

static const char *lie_of(struct bytes text)
{
	return fake_lies[number(text) % fake_lies_count];
}

static bool is_lie(const char *lie, const char *which)
{
	return strcmp(lie, which) == 0;
}

/* Frames that are wrong by themselves. False: this lie is of another kind. */
static bool lie_frames(struct writer *out, const struct mail *mail, const char *lie)
{
	uint64_t id = mail->id, route = mail->route;
	struct bytes text = BYTES_LIT("text"), none = {0};
	if (is_lie(lie, "an unknown frame type"))
		put(out, 99, id, 0, none);
	else if (is_lie(lie, "a host's frame type"))
		put(out, FRAME_DELIVER, id, 0, text);
	else if (is_lie(lie, "an answer for nobody"))
		put(out, FRAME_ACK, id + 1000, 0, none);
	else if (is_lie(lie, "two answers"))
		put(out, FRAME_ACK, id, 0, none), put(out, FRAME_ACK, id, 0, none);
	else if (is_lie(lie, "posts without an answer"))
		put(out, FRAME_POST, id, route, text);
	else if (is_lie(lie, "no answer"))
		;
	else if (is_lie(lie, "deferring the first"))
		put(out, FRAME_DEFERRED, id, 0, none);
	else if (is_lie(lie, "an acknowledgement with a payload"))
		put(out, FRAME_ACK, id, 0, text);
	else if (is_lie(lie, "a refusal of no known kind"))
		put_refused(out, id, 9);
	else if (is_lie(lie, "a refusal too short"))
		put(out, FRAME_REFUSED, id, 0, BYTES_LIT("\1"));
	else if (is_lie(lie, "a RETURN for a mail"))
		put(out, FRAME_RETURN, id, 0, BYTES_LIT("\0\0\0\0"));
	else if (is_lie(lie, "a REPORTED for a mail"))
		put(out, FRAME_REPORTED, id, 0, none);
	else if (is_lie(lie, "a post without a route"))
		put(out, FRAME_POST, id, 0, text), put(out, FRAME_ACK, id, 0, none);
	else if (is_lie(lie, "an empty post"))
		put(out, FRAME_POST, id, route, none), put(out, FRAME_ACK, id, 0, none);
	else if (is_lie(lie, "a post for somebody else's mail"))
		put(out, FRAME_POST, id + 1, route, text), put(out, FRAME_ACK, id, 0, none);
	else
		return false;
	put_commit(out, 1);
	return true;
}

/* Bytes of an otherwise right answer that are changed afterwards. */
static void lie_bytes(struct writer *out, const struct mail *mail, const char *lie)
{
	size_t start = out->len;
	put(out, FRAME_POST, mail->id, mail->route, BYTES_LIT("text!"));
	uint8_t *post = out->ptr + start;
	put(out, FRAME_ACK, mail->id, 0, (struct bytes){0});
	if (is_lie(lie, "a COMMIT too short"))
		put(out, FRAME_COMMIT, 0, 0, BYTES_LIT("1234567"));
	else if (!is_lie(lie, "no COMMIT"))
		put_commit(out, 1);
	if (is_lie(lie, "two COMMITs"))
		put_commit(out, 2);
	else if (is_lie(lie, "something after the COMMIT"))
		write_u64le(out, 0);
	else if (is_lie(lie, "a payload beyond the end"))
		store_u32le(post + 4, FAKE_WINDOW);
	else if (is_lie(lie, "a payload of 4 GiB"))
		store_u32le(post + 4, UINT32_MAX);
	else if (is_lie(lie, "a reserved field"))
		post[24] = 1;
	else if (is_lie(lie, "a gap that is not zero"))
		post[32 + 5] = 1;
}

static void lie_registers(struct machine_registers *registers, const char *lie)
{
	if (is_lie(lie, "more bytes than the window has"))
		registers->rsi = FAKE_WINDOW + 8;
	else if (is_lie(lie, "a size near 2^64"))
		registers->rsi = UINT64_MAX - 7;
	else if (is_lie(lie, "nothing at all"))
		registers->rsi = 0;
	else if (is_lie(lie, "half a header"))
		registers->rsi = 16;
	else if (is_lie(lie, "an unknown status"))
		registers->rdi = 1000;
	else if (is_lie(lie, "a refusal of the frames"))
		registers->rdi = ENTRY_REFUSED_FRAME;
}

static bool fault_once(struct fake_machine *fake, struct bytes text)
{
	char copy[64] = "";
	memcpy(copy, text.ptr, text.len < 63 ? text.len : 63);
	for (size_t i = 0; i < fake->faulted_count; i++)
		if (strcmp(fake->faulted[i], copy) == 0)
			return false;
	if (fake->faulted_count < 16)
		memcpy(fake->faulted[fake->faulted_count++], copy, sizeof(copy));
	return true;
}

static enum verdict on_mail(struct machine_enclave *enclave, struct writer *out,
	const struct mail *mail, struct machine_registers *registers)
{
	struct fake_machine *fake = enclave->fake;
	struct bytes text = mail->text, rest, none = {0};
	if (fake->seen_count < FAKE_SEEN_MAX)
		fake->seen[fake->seen_count++] = mail->id;
	if ((rest = after(text, "lie ")).ptr != NULL) {
		const char *lie = lie_of(rest);
		if (!lie_frames(out, mail, lie))
			lie_bytes(out, mail, lie);
		registers->rsi = out->len;
		lie_registers(registers, lie);
		return LIED;
	}
	if (after(text, "faultonce").ptr != NULL && fault_once(fake, text))
		return FAULT;
	if (after(text, "fault").ptr != NULL && after(text, "faultonce").ptr == NULL)
		return FAULT;
	if (after(text, "hang").ptr != NULL)
		return HANG;
	if ((rest = after(text, "busy ")).ptr != NULL && fake->busy_seen++ < number(rest))
		return BUSY;
	if (after(text, "ask").ptr != NULL) {
		uint8_t question[16] = {[8] = 1};
		put(out, FRAME_ASK, mail->id, 0, BYTES_OF(question));
		return ASKING;
	}
	if ((rest = after(text, "say ")).ptr != NULL)
		put(out, FRAME_CONSOLE, 0, 0, rest);
	if ((rest = after(text, "sayno ")).ptr != NULL) {
		put(out, FRAME_CONSOLE, 0, 0, rest);
		return FAILED;
	}
	if ((rest = after(text, "gate ")).ptr != NULL) {
		(void)sem_post(&fake->at_gate);
		(void)sem_wait(&fake->gate);
		put(out, FRAME_POST, mail->id, mail->route, rest);
	}
	if ((rest = after(text, "echo ")).ptr != NULL || (rest = after(text, "twice ")).ptr != NULL)
		put(out, FRAME_POST, mail->id, mail->route, rest);
	if ((rest = after(text, "twice ")).ptr != NULL)
		put(out, FRAME_POST, mail->id, mail->route, rest);
	if (after(text, "unreadable").ptr != NULL) {
		put_refused(out, mail->id, REFUSAL_UNREADABLE);
		return GO_ON;
	}
	if (after(text, "decline").ptr != NULL) {
		put(out, FRAME_POST, mail->id, mail->route, BYTES_LIT("refusal"));
		put_refused(out, mail->id, REFUSAL_NOT_HANDLED);
		return GO_ON;
	}
	put(out, FRAME_ACK, mail->id, 0, none);
	return GO_ON;
}

/* -- streamed mail -- */

uint64_t fake_sum(uint64_t sum, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		sum = (sum ^ bytes.ptr[i]) * 0x100000001b3u;
	return sum;
}

static void put_question(struct writer *out, uint64_t id, uint64_t route, uint64_t offset,
	uint32_t size, uint32_t reserved)
{
	uint8_t payload[16];
	store_u64le(payload, offset);
	store_u32le(payload + 8, size);
	store_u32le(payload + 12, reserved);
	put(out, FRAME_ASK, id, route, BYTES_OF(payload));
}

static void lie_question(struct machine_enclave *enclave, struct writer *out, const char *lie)
{
	uint64_t id = enclave->stream.id, at = enclave->stream.taken;
	uint32_t size = enclave->stream.asked;
	struct bytes zeros = {(const uint8_t[24]){0}, 24};
	if (is_lie(lie, "for another mail"))
		put_question(out, id + 1, 0, at, size, 0);
	else if (is_lie(lie, "with a route"))
		put_question(out, id, 1, at, size, 0);
	else if (is_lie(lie, "beyond the next byte"))
		put_question(out, id, 0, at + 1, size, 0);
	else if (is_lie(lie, "for the same bytes again"))
		put_question(out, id, 0, at > 0 ? at - 1 : UINT64_MAX, size, 0);
	else if (is_lie(lie, "for a byte too many"))
		put_question(out, id, 0, at, size + 1, 0);
	else if (is_lie(lie, "for a byte less than it can"))
		put_question(out, id, 0, at, size - 1, 0);
	else if (is_lie(lie, "for nothing"))
		put_question(out, id, 0, at, 0, 0);
	else if (is_lie(lie, "for 4 GiB"))
		put_question(out, id, 0, at, UINT32_MAX, 0);
	else if (is_lie(lie, "with a reserved field"))
		put_question(out, id, 0, at, size, 1);
	else if (is_lie(lie, "with a payload too short"))
		put(out, FRAME_ASK, id, 0, bytes_slice(zeros, 0, 8));
	else if (is_lie(lie, "with a payload too long"))
		put(out, FRAME_ASK, id, 0, zeros);
	else if (is_lie(lie, "with a frame behind it"))
		put_question(out, id, 0, at, size, 0), put_commit(out, 1);
	else if (is_lie(lie, "of another type"))
		put(out, FRAME_ACK, id, 0, (struct bytes){0});
}

static bool lies_with(const struct fake_machine *fake, const char *which)
{
	return is_lie(fake_question_lies[fake->question_lie], which);
}

static bool lies_at_the_end(const struct fake_machine *fake)
{
	return lies_with(fake, "after the last byte") ||
	       lies_with(fake, "for nothing, after the last byte");
}

/* As much as a piece can have. */
static enum verdict ask(struct machine_enclave *enclave, struct writer *out)
{
	struct fake_machine *fake = enclave->fake;
	uint64_t rest = enclave->stream.size - enclave->stream.taken;
	uint64_t most = FRAME_PIECE_MAX(FAKE_WINDOW);
	enclave->stream.asked = (uint32_t)(rest < most ? rest : most);
	bool is_liar =
		fake->question_lie != 0 && fake->question_lie_at == enclave->stream.questions;
	if (is_liar && lies_with(fake, "instead of it BUSY"))
		return BUSY;
	if (is_liar && !lies_at_the_end(fake))
		lie_question(enclave, out, fake_question_lies[fake->question_lie]);
	else
		put_question(out, enclave->stream.id, 0, enclave->stream.taken,
			enclave->stream.asked, 0);
	enclave->stream.questions++;
	return ASKING;
}

static enum verdict on_stream(
	struct machine_enclave *enclave, struct writer *out, const struct mail *mail)
{
	memset(&enclave->stream, 0, sizeof(enclave->stream));
	enclave->stream.id = mail->id;
	enclave->stream.route = mail->route;
	enclave->stream.size = load_u64le(mail->text.ptr);
	return out->len == 0 && mail->text.len == 8 ? ask(enclave, out) : FAILED;
}

static void piece_take(struct machine_enclave *enclave, struct bytes piece)
{
	struct fake_machine *fake = enclave->fake;
	size_t line_size = piece.len < 63 ? piece.len : 63;
	if (enclave->stream.taken == 0) {
		memcpy(enclave->stream.line, piece.ptr, line_size);
		enclave->stream.line_size = strcspn((const char *)enclave->stream.line, "\n");
	}
	enclave->stream.sum = fake_sum(enclave->stream.sum, piece);
	enclave->stream.taken += piece.len;
	enclave->stream.asked = 0;
	fake->pieces++;
	if (fake->gate_at_piece != 0 && fake->gate_at_piece == enclave->stream.questions) {
		(void)sem_post(&fake->at_gate);
		(void)sem_wait(&fake->gate);
	}
}

static enum verdict on_piece(struct machine_enclave *enclave, struct writer *out, size_t in_size,
	struct machine_registers *registers)
{
	struct reader in = reader_of(bytes_of(enclave->arena, in_size));
	uint32_t type = read_u32le(&in), size = read_u32le(&in);
	uint64_t id = read_u64le(&in), route = read_u64le(&in), reserved = read_u64le(&in);
	struct bytes piece = read_bytes(&in, size), gap = read_bytes(&in, (8 - size % 8) % 8);
	if (reader_end(&in) != CONCLAVE_OK || type != FRAME_PIECE ||
		size != enclave->stream.asked || id != enclave->stream.id || route != 0 ||
		reserved != 0 || !bytes_equal(gap, bytes_of("\0\0\0\0\0\0\0", gap.len)))
		return FAILED;
	piece_take(enclave, piece);
	if (enclave->stream.taken < enclave->stream.size)
		return ask(enclave, out);
	if (lies_at_the_end(enclave->fake)) {
		uint32_t some = lies_with(enclave->fake, "after the last byte");
		if (size == 0) { /* it was answered */
			put(out, FRAME_ACK, id, 0, piece);
			put_commit(out, ++enclave->version);
			return GO_ON;
		}
		put_question(out, id, 0, enclave->stream.taken, some, 0);
		return ASKING;
	}
	struct mail mail = {enclave->stream.id, enclave->stream.route,
		{enclave->stream.line, enclave->stream.line_size}};
	char sum[64];
	int length = snprintf(sum, sizeof(sum), "%llu %016llx",
		(unsigned long long)enclave->stream.size, (unsigned long long)enclave->stream.sum);
	if (after(mail.text, "sum").ptr != NULL)
		put(out, FRAME_POST, mail.id, mail.route, bytes_of(sum, (size_t)length));
	enum verdict verdict = on_mail(enclave, out, &mail, registers);
	if (verdict == GO_ON)
		put_commit(out, ++enclave->version);
	return verdict;
}

static enum verdict on_call(struct writer *out, const struct mail *call)
{
	uint8_t answer[FAKE_WINDOW / 2] = {0};
	if (after(call->text, "fault").ptr != NULL)
		return FAULT;
	if (after(call->text, "fail").ptr != NULL) {
		put(out, FRAME_RETURN, call->id, 0, BYTES_LIT("\1\0\0\0"));
		return GO_ON;
	}
	memcpy(answer + 4, call->text.ptr, call->text.len);
	put(out, FRAME_RETURN, call->id, 0, bytes_of(answer, 4 + call->text.len));
	return GO_ON;
}

static void put_reported(struct writer *out, uint64_t id)
{
	struct frame_reported reported = {.signing_key = {1}, .encryption_key = {2}};
	put(out, FRAME_REPORTED, id, 0, BYTES_OF(reported));
}

static enum verdict on_frames(struct machine_enclave *enclave, struct writer *out, size_t in_size,
	struct machine_registers *registers)
{
	struct reader in = reader_of(bytes_of(enclave->arena, in_size));
	unsigned handled = 0;
	while (in.rest.len > 0) {
		struct mail frame;
		uint32_t type = read_u32le(&in), size = read_u32le(&in);
		frame.id = read_u64le(&in);
		frame.route = read_u64le(&in);
		read_skip(&in, 8);
		frame.text = read_bytes(&in, size);
		read_skip(&in, (8 - size % 8) % 8);
		bool is_input = type == FRAME_DELIVER || type == FRAME_CALL;
		enum verdict verdict = GO_ON;
		if (in.failed || frame.id == 0)
			return FAILED;
		if (is_input && enclave->fake->requests_max != 0 &&
			handled++ >= enclave->fake->requests_max)
			put(out, FRAME_DEFERRED, frame.id, 0, (struct bytes){0});
		else if (type == FRAME_DELIVER)
			verdict = on_mail(enclave, out, &frame, registers);
		else if (type == FRAME_STREAM)
			verdict = on_stream(enclave, out, &frame);
		else if (type == FRAME_CALL)
			verdict = on_call(out, &frame);
		else if (type == FRAME_REPORT)
			put_reported(out, frame.id);
		else if (type == FRAME_TICK)
			enclave->fake->clock = load_u64le(frame.text.ptr);
		if (verdict != GO_ON)
			return verdict;
	}
	put_commit(out, ++enclave->version);
	return GO_ON;
}

static void on_start(struct machine_enclave *enclave, struct machine_registers *registers)
{
	struct fake_machine *fake = enclave->fake;
	bool fails = fake->starts_to_fail > 0;
	enclave->arena = (uint8_t *)registers->rsi;
	enclave->started = !fails;
	fake->starts_to_fail -= fails;
	*registers = (struct machine_registers){.rdi = fails ? ENTRY_FAILED : ENTRY_OK};
}

static enum conclave_error fake_enter(enum machine_exit *exit, struct machine_exception *exception,
	struct machine_enclave *enclave, uint64_t tcs_rva, struct machine_registers *registers,
	uint32_t budget_ms)
{
	(void)tcs_rva;
	*exit = MACHINE_EXIT_EEXIT;
	if (enclave->dead)
		return CONCLAVE_ERROR_STATE;
	if (registers->rdi == ENTRY_START)
		return on_start(enclave, registers), CONCLAVE_OK;
	if (registers->rdi == ENTRY_STOP || !enclave->started) {
		bool was_started = enclave->started;
		enclave->started = false;
		*registers = (struct machine_registers){
			.rdi = was_started ? ENTRY_OK : ENTRY_REFUSED_STATE};
		return CONCLAVE_OK;
	}
	struct writer out = writer_of((struct buffer){enclave->arena + FAKE_WINDOW, FAKE_WINDOW});
	size_t in_size = registers->rsi;
	bool is_answer = registers->rdi == ENTRY_ANSWER;
	enclave->fake->budget_ms = budget_ms;
	*registers = (struct machine_registers){.rdi = ENTRY_OK};
	enum verdict verdict = is_answer ? on_piece(enclave, &out, in_size, registers)
					 : on_frames(enclave, &out, in_size, registers);
	if (verdict != LIED)
		registers->rsi = out.len;
	switch (verdict) {
	case GO_ON:
	case LIED: break;
	case ASKING: registers->rdi = ENTRY_ASKING; break;
	case FAULT:
	case HANG:
		enclave->dead = true;
		*exit = verdict == FAULT ? MACHINE_EXIT_FAULT : MACHINE_EXIT_INTERRUPT;
		*exception = (struct machine_exception){.vector = 6, .rip = 0x1234};
		break;
	case BUSY: *registers = (struct machine_registers){.rdi = ENTRY_BUSY}; break;
	case FAILED: registers->rdi = ENTRY_FAILED; break;
	}
	return CONCLAVE_OK;
}

static const struct machine_ops FAKE_OPS = {
	.name = "fake",
	.create = fake_create,
	.add = fake_add,
	.init = fake_init,
	.enter = fake_enter,
	.resume = NULL,
	.destroy = fake_destroy,
	.range = fake_range,
	.quote_target = fake_quote_target,
	.quote = fake_quote,
	.close = fake_close,
};
